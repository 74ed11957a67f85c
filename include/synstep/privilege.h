/*
 * privilege: capabilities effective only around the calls that need them (libcap), and gone for
 * good before the first reply is parsed.
 */
#ifndef SYNSTEP_PRIVILEGE_H
#define SYNSTEP_PRIVILEGE_H

#include <stdbool.h>

#include "synstep/status.h"

/* At the start of main: clears the effective set, keeping what is permitted for ss_privilege_raise.
 */
void ss_privilege_lower(void);

/* Makes all permitted capabilities effective, for the few calls that follow. */
void ss_privilege_raise(void);

/* Whether CAP_NET_RAW is permitted here (in this user namespace). */
bool ss_privilege_has_net_raw(void);

/*
 * Gives up every capability in every set, for good, and sets no_new_privs. SS_IO, with the reason,
 * when the kernel would not: then the caller must not go on.
 */
enum ss_status ss_privilege_drop(struct ss_problem *problem);

#endif
