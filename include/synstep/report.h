/*
 * report: what came of a suite of scenarios: lines for people, TAP version 14, JSON Lines
 * (synstep-json(5)), JUnit XML. All text is printed as printable ASCII.
 */
#ifndef SYNSTEP_REPORT_H
#define SYNSTEP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "synstep/trace.h"

enum ss_outcome {
    SS_OUTCOME_PASSED,
    SS_OUTCOME_FAILED,
    SS_OUTCOME_SKIPPED,
};

/* What came of one scenario; all that it points to is borrowed. */
struct ss_result {
    const char *file;  /* as the user wrote it */
    const char *title; /* "" when it has none */
    enum ss_outcome outcome;
    const char *text;                 /* why it failed or was skipped, in one line; "" */
    const struct ss_event_step *step; /* the first that did not hold; NULL: none */
    uint64_t duration_us;
    uint64_t seed; /* of its random numbers */
};

enum ss_report_format {
    SS_REPORT_LINES,
    SS_REPORT_TAP,
    SS_REPORT_JSON,
};

/* The caller's; all of it but the counts is set by him. Trouble with `out` is left in it. */
struct ss_report {
    FILE *out;
    enum ss_report_format format;
    unsigned columns; /* LINES: of the terminal; 80 in a pipe */
    bool color;       /* LINES */
    bool quiet;       /* LINES: only the last one */
    size_t passed;
    size_t failed;
    size_t skipped;
    bool lacking; /* something could not be told, out of memory */
};

/* Before the first of `count` results. */
void ss_report_begin(struct ss_report *report, size_t count);

/* The next result. */
void ss_report_tell(struct ss_report *report, const struct ss_result *result);

/* After the last one. `broken_off` says why it was the last when more were to come, or is NULL. */
void ss_report_end(struct ss_report *report, const char *broken_off);

/* All results as one JUnit XML document. */
void ss_report_junit(FILE *out, const struct ss_result *results, size_t count);

#endif
