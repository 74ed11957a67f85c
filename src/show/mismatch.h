/*
 * mismatch: expected and actual values side by side.
 */
#ifndef SYNSTEP_SHOW_MISMATCH_H
#define SYNSTEP_SHOW_MISMATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "synstep/trace.h"
#include "text.h"

/* Whether the step's answer has to be told: not when it is one of the actual values. */
bool ss_mismatch_lacks_answer(const struct ss_event_step *step);

/* The columns of the table of what differs in a step. */
struct ss_mismatch_columns {
    size_t name;
    size_t expected;
    size_t actual;
};

struct ss_mismatch_columns ss_mismatch_measure(const struct ss_event_step *step);

/* Of the whole table. */
size_t ss_mismatch_width(const struct ss_mismatch_columns *columns);

/* The row above all others. */
extern const struct ss_mismatch ss_mismatch_heading;

/* A row; each of its cells is begun by its style, "" for none. */
void ss_mismatch_word(struct ss_text *row, const struct ss_mismatch_columns *columns,
                      const struct ss_mismatch *cells, const char *const styles[3]);

#endif
