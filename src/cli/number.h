/*
 * number: numbers as people type them.
 */
#ifndef SYNSTEP_CLI_NUMBER_H
#define SYNSTEP_CLI_NUMBER_H

#include <stdint.h>

#include "synstep/status.h"

/*
 * A whole number, decimal or 0x…, from `least` to `most`. `what` names it in the problem
 * ("--mss"). SS_USAGE with the range and what was typed; `value` untouched.
 */
enum ss_status number_read(const char *what, const char *text, int64_t least, int64_t most,
                           int64_t *value, struct ss_problem *problem);

/* Seconds with a fraction ("2.5") to microseconds, from 1 ms to an hour. */
enum ss_status number_read_seconds(const char *what, const char *text, uint64_t *microseconds,
                                   struct ss_problem *problem);

#endif
