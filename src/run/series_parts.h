/* series_parts: what the files of series share. Private to src/run. */
#ifndef SYNSTEP_RUN_SERIES_PARTS_H
#define SYNSTEP_RUN_SERIES_PARTS_H

#include "synstep/series.h"

/* A sum that `i` may have a part in: base + step * i, modulo 2^32. */
struct linear {
    uint32_t base;
    uint32_t step;
    bool random; /* a random number has part in it */
};

/* Where names come from: those of the series, and the flags of TCP for its field `flags`. */
struct expression_names {
    struct ss_series_names *names;
    bool flags;
};

/*
 * Reads all of `text` as an expression of the language of synstep-scenario(5), tightly written.
 * `what` names the field in the problem.
 */
enum ss_status ss_series_expression(const char *text, const char *what,
                                    const struct expression_names *names, struct linear *sum,
                                    struct ss_problem *problem);

/* What a name stands for that is known already; false when it is not. */
bool ss_series_known(const struct ss_series_names *names, const char *name, struct linear *sum);

#endif
