/*
 * send_progress: a bar on standard error, where that is a terminal, of what takes more than two
 * seconds.
 */
#ifndef SYNSTEP_CLI_SEND_PROGRESS_H
#define SYNSTEP_CLI_SEND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct send_progress {
    const char *what;  /* "checking": borrowed */
    bool silent;       /* no terminal, or nobody is to be told */
    uint64_t began_us; /* by the clock that only goes forward */
    uint64_t told_us;  /* 0: not yet */
};

/* Begins now. */
struct send_progress send_progress_new(const char *what, bool silent);

/* So many are done of so many; shown ten times a second at most, however often it is called. */
void send_progress_show(struct send_progress *progress, uint64_t done, uint64_t count);

/* Takes the bar away. */
void send_progress_end(const struct send_progress *progress);

#endif
