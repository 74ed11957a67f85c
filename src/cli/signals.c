/* signals: handlers, and the one place that waits for them. */
#include "signals.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

enum { STOPPING = sizeof(stopping) / sizeof(stopping[0]) };

/* Handlers have no other way to tell. */
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* Only so that it interrupts a wait, or is taken at all. */
static void on_other(int number)
{
    (void)number;
}

static sigset_t set_of(const int *numbers, size_t count)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        sigaddset(&set, numbers[i]);
    return set;
}

void signals_ignore_pipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

const volatile sig_atomic_t *signals_heed(void)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigset_t blocked = set_of(stopping, STOPPING);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < STOPPING; i++)
        if (sigaction(stopping[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(stopping[i], &action, NULL);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signals_ignore_pipe();
    return &stop;
}

void signals_leave_to_writer(void)
{
    struct sigaction action = {.sa_handler = on_other, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    struct sigaction before;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL);
}

void signals_heed_children(void)
{
    struct sigaction action = {.sa_handler = on_other, .sa_flags = SA_NOCLDSTOP};
    sigset_t child = set_of((const int[]){SIGCHLD}, 1);
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
    sigprocmask(SIG_BLOCK, &child, NULL);
}

void signals_heed_parent(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t child = set_of((const int[]){SIGCHLD}, 1);
    sigemptyset(&action.sa_mask);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &child, NULL);
}

void signals_await(uint64_t span_us)
{
    const struct timespec span = {.tv_sec = (time_t)(span_us / 1000000),
                                  .tv_nsec = (long)(span_us % 1000000) * 1000};
    sigset_t waiting;
    sigprocmask(SIG_BLOCK, NULL, &waiting);
    for (size_t i = 0; i < STOPPING; i++)
        sigdelset(&waiting, stopping[i]);
    sigdelset(&waiting, SIGCHLD);
    (void)ppoll(NULL, 0, &span, &waiting);
}
