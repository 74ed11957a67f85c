/*
 * await: waits until a capture hears something, its time is over, or a signal asks to stop.
 */
#ifndef SS_WIRE_AWAIT_H
#define SS_WIRE_AWAIT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture.h"
#include "synstep/status.h"
#include "synstep/wire.h"

/*
 * The next arrival until `deadline_us` of the monotonic clock; of a capture that is not open only
 * time passes. `stop` is set by the caller's handler of SIGINT, SIGTERM and SIGHUP, which are let
 * in here, whether or not the caller blocks them elsewhere; NULL: no way to stop.
 */
enum ss_status ss_await(struct ss_capture *capture, const volatile sig_atomic_t *stop,
                        uint64_t deadline_us, struct ss_arrival *arrival,
                        struct ss_problem *problem);

/* Sleeps until the socket has a frame, one of those signals comes, or `wait_us` have passed. */
void ss_await_frame(int socket, const volatile sig_atomic_t *stop, uint64_t wait_us);

/* Whether `stop` is set, a signal that is pending let in first. */
bool ss_await_must_stop(const volatile sig_atomic_t *stop);

#endif
