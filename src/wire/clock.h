/*
 * clock: the machine's clocks in microseconds. The only place that reads them for the live wires.
 */
#ifndef SS_WIRE_CLOCK_H
#define SS_WIRE_CLOCK_H

#include <stdint.h>

/* Since some instant that does not change; never goes back, and nobody can set it. */
uint64_t ss_clock_monotonic_us(void);

/* Since 1970, UTC. May be set by hand, forwards and back. */
uint64_t ss_clock_realtime_us(void);

#endif
