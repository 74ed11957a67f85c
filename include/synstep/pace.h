/*
 * pace: a wire that never sends more than so many datagrams in any second: the bound toward targets
 * outside private hosts and loopback.
 */
#ifndef SYNSTEP_PACE_H
#define SYNSTEP_PACE_H

#include <stdint.h>

#include "synstep/status.h"
#include "synstep/wire.h"

enum { SS_PACE_PER_SECOND_MAX = 1000 };

/*
 * Wraps `inner`, which it owns from then on: at most `per_second` sends begin in any span of one
 * second of the wire's clock; further ones wait. 1 to SS_PACE_PER_SECOND_MAX (else SS_USAGE).
 */
enum ss_status ss_pace_open(struct ss_wire *inner, uint32_t per_second, struct ss_wire **wire,
                            struct ss_problem *problem);

#endif
