/*
 * await: looks for a while, then sleeps.
 */
#include "await.h"

#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <time.h>

#include "clock.h"

enum {
    LOOK_US = 50,                     /* how long to look for a frame before going to sleep */
    WAIT_US_MAX = 1000 * 1000 * 1000, /* of one ppoll; the loop around it waits on */
};

/* The signals that ask to stop. */
static sigset_t stopping_signals(void)
{
    sigset_t stopping;
    (void)sigemptyset(&stopping);
    (void)sigaddset(&stopping, SIGINT);
    (void)sigaddset(&stopping, SIGTERM);
    (void)sigaddset(&stopping, SIGHUP);
    return stopping;
}

/*
 * Who blocks those signals outside our waits would wait long while frames keep coming: there is no
 * wait then. So a pending one is let in here, too, and its handler sets `stop`.
 */
static void let_pending_in(void)
{
    sigset_t stopping = stopping_signals(), pending, wanted, before;
    if (sigpending(&pending) != 0 || sigandset(&wanted, &pending, &stopping) != 0 ||
        sigisemptyset(&wanted))
        return;
    (void)pthread_sigmask(SIG_UNBLOCK, &stopping, &before);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool ss_await_must_stop(const volatile sig_atomic_t *stop)
{
    if (stop && !*stop)
        let_pending_in();
    return stop && *stop;
}

/*
 * Those that ask to stop are let in by ppoll only, so that one which comes between the look at
 * `stop` and the wait still ends the wait.
 */
void ss_await_frame(int socket, const volatile sig_atomic_t *stop, uint64_t wait_us)
{
    struct pollfd frame = {.fd = socket, .events = POLLIN};
    sigset_t stopping = stopping_signals(), before, waiting;
    if (wait_us > WAIT_US_MAX)
        wait_us = WAIT_US_MAX;
    struct timespec span = {.tv_sec = (time_t)(wait_us / 1000000),
                            .tv_nsec = (long)(wait_us % 1000000) * 1000};
    if (!stop) {
        (void)ppoll(&frame, 1, &span, NULL);
        return;
    }
    (void)pthread_sigmask(SIG_BLOCK, &stopping, &before);
    waiting = before;
    (void)sigdelset(&waiting, SIGINT);
    (void)sigdelset(&waiting, SIGTERM);
    (void)sigdelset(&waiting, SIGHUP);
    if (!ss_await_must_stop(stop))
        (void)ppoll(&frame, 1, &span, &waiting);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Looks once, and again until `until_us`; whoever shares the processor has it in between. */
static enum ss_status look(struct ss_capture *capture, uint64_t until_us,
                           struct ss_arrival *arrival, struct ss_problem *problem)
{
    for (;;) {
        enum ss_status status = SS_TIMED_OUT;
        if (capture->socket >= 0)
            status = ss_capture_next(capture, arrival, problem);
        if (status != SS_TIMED_OUT || ss_clock_monotonic_us() >= until_us)
            return status;
        (void)sched_yield();
    }
}

/*
 * Looks before it waits: a kernel answers a segment within the very call that sends it, and a
 * program on this machine sooner than going to sleep and being woken would take.
 */
enum ss_status ss_await(struct ss_capture *capture, const volatile sig_atomic_t *stop,
                        uint64_t deadline_us, struct ss_arrival *arrival,
                        struct ss_problem *problem)
{
    uint64_t until_us = ss_clock_monotonic_us() + LOOK_US;
    if (until_us > deadline_us)
        until_us = deadline_us;
    for (;;) {
        if (ss_await_must_stop(stop))
            return ss_problem_set(problem, SS_INTERRUPTED, "interrupted");
        enum ss_status status = look(capture, until_us, arrival, problem);
        if (status != SS_TIMED_OUT)
            return status;
        uint64_t now_us = ss_clock_monotonic_us();
        if (now_us >= deadline_us)
            return SS_TIMED_OUT;
        ss_await_frame(capture->socket, stop, deadline_us - now_us);
    }
}
