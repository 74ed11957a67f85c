/*
 * status: what every fallible function returns, and where the words for the user go.
 */
#ifndef SYNSTEP_STATUS_H
#define SYNSTEP_STATUS_H

#include <stdbool.h>

enum ss_status {
    SS_OK,
    SS_USAGE,        /* the caller's or user's values cannot be: exit status 2 */
    SS_UNREADABLE,   /* a file cannot be read or is not what it should be: exit status 2 */
    SS_FORBIDDEN,    /* this machine does not permit it: exit status 3 */
    SS_NO_SPACE,     /* a caller's buffer or a disk is full */
    SS_IO,           /* a system call failed for another reason */
    SS_TIMED_OUT,    /* no answer within the time given */
    SS_REFUSED,      /* the peer answered RST */
    SS_INTERRUPTED,  /* the user asked to stop */
    SS_CHECK_FAILED, /* it went to its end, but some number was not what it must be */
};

enum { SS_PROBLEM_TEXT_SIZE = 320 };

/*
 * The words for the user, in caller-supplied storage: one line that says what, where, and what to
 * do. Set by the function that knows; functions on the way up pass it through.
 */
struct ss_problem {
    enum ss_status status;
    char text[SS_PROBLEM_TEXT_SIZE];
};

/* The status in a word or two ("not permitted"), static storage. */
const char *ss_status_text(enum ss_status status);

/*
 * Records `status` and a printf-style line in `problem` (NULL: nowhere) and returns `status`, so
 * that a failing path reads `return ss_problem_set(problem, SS_IO, "…", …);`. Cut when too long.
 */
enum ss_status ss_problem_set(struct ss_problem *problem, enum ss_status status, const char *format,
                              ...) __attribute__((format(printf, 3, 4)));

/* The process's exit status for a run that ended with `status`: 0, 1, 2 or 3. */
int ss_status_exit(enum ss_status status);

#endif
