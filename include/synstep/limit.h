/*
 * limit: a wire for no longer than a given time: then whoever waits for a datagram is interrupted.
 */
#ifndef SYNSTEP_LIMIT_H
#define SYNSTEP_LIMIT_H

#include <stdint.h>

#include "synstep/status.h"
#include "synstep/wire.h"

/*
 * Wraps `inner`, which it owns from then on, for `limit_us` from now by its clock: from there on
 * receiving gives SS_INTERRUPTED; sending still works, so that a connection can be reset. SS_IO
 * when out of memory (`inner` stays the caller's).
 */
enum ss_status ss_limit_open(struct ss_wire *inner, uint64_t limit_us, struct ss_wire **wire,
                             struct ss_problem *problem);

#endif
