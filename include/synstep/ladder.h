/*
 * ladder: the run as people read it: two ends, arrows between, numbers beside them.
 */
#ifndef SYNSTEP_LADDER_H
#define SYNSTEP_LADDER_H

#include <stdbool.h>
#include <stdio.h>

#include "synstep/trace.h"

struct ss_ladder_options {
    FILE *out;        /* the caller's; never closed here */
    unsigned columns; /* of the terminal; 80 or more is fitted, less is taken as 80 */
    bool color;
    bool ascii;       /* no character above 0x7e */
    bool headers;     /* -v: each header field by field below its segment */
    bool quiet;       /* only the closing line */
    const char *file; /* the scenario's: steps of other files are told with theirs; NULL: none */
};

struct ss_ladder;

/* NULL when out of memory. */
struct ss_ladder *ss_ladder_open(const struct ss_ladder_options *options);
struct ss_sink ss_ladder_sink(struct ss_ladder *ladder);

/* From now on it writes there: a run that is played again up to some moment is not shown again. */
void ss_ladder_redirect(struct ss_ladder *ladder, FILE *out);
void ss_ladder_close(struct ss_ladder *ladder);

#endif
