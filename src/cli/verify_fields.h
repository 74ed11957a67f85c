/*
 * verify_fields: `synstep verify --fields`: a row for each frame, tabs between.
 */
#ifndef SYNSTEP_CLI_VERIFY_FIELDS_H
#define SYNSTEP_CLI_VERIFY_FIELDS_H

#include "verify_seen.h"

/* Names with commas between. "list" prints all names and exits. SS_USAGE names the nearest. */
enum ss_status verify_fields_read(const char *text, struct verify_options *options,
                                  struct ss_problem *problem);

void verify_fields_print(const struct verify_options *options, const struct verify_seen *seen);

#endif
