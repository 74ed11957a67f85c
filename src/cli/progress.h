/*
 * progress: one line on a terminal that says how far a long work is, written over itself, and gone
 * in the end. What is quick shows none.
 */
#ifndef SYNSTEP_CLI_PROGRESS_H
#define SYNSTEP_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PROGRESS_AFTER_US = 2000000 }; /* of a series: what takes less is not worth a line */

/* Nothing is shown while `out` is NULL. Times are microseconds of one clock. */
struct progress {
    FILE *out;
    uint64_t began_us;
    uint64_t after_us; /* so long nothing is shown */
    uint64_t told_us;  /* when it was shown last; 0: not yet */
    bool shown;        /* it stands there */
};

/* Standard error, when that is a terminal and it is wanted; else NULL. */
FILE *progress_terminal(bool wanted);

/* The clock, for whoever has no other. */
uint64_t progress_now_us(void);

/* Whether it is time to show something, ten times a second. */
bool progress_is_due(const struct progress *progress, uint64_t now_us);

/* A bar of what is done of `whole`, which may be 0: not known, no bar; then words, as printf's. */
void progress_show(struct progress *progress, uint64_t now_us, uint64_t done, uint64_t whole,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Octets: "[####    ] 12 %  82 of 690 MB, 400 MB/s". */
void progress_show_octets(struct progress *progress, uint64_t now_us, uint64_t done,
                          uint64_t whole);

/* Takes it away, until it is shown again: before anything else is written, and in the end. */
void progress_clear(struct progress *progress);

#endif
