/*
 * forbidden: the words for a machine that does not permit what was asked, with the way that would.
 */
#ifndef SS_WIRE_FORBIDDEN_H
#define SS_WIRE_FORBIDDEN_H

#include "synstep/status.h"

/* Namespaces were refused with `error` (errno). SS_FORBIDDEN. */
enum ss_status ss_forbidden_namespaces(int error, struct ss_problem *problem);

/* A raw or packet socket was refused. SS_FORBIDDEN. */
enum ss_status ss_forbidden_raw(const char *detail, struct ss_problem *problem);

#endif
