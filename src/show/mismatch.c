/*
 * mismatch: measuring and wording the rows.
 */
#include "mismatch.h"

#include <string.h>

enum { GAP = 2 };

const struct ss_mismatch ss_mismatch_heading = {"", "expected", "actual"};

bool ss_mismatch_lacks_answer(const struct ss_event_step *step)
{
    for (size_t i = 0; i < step->mismatch_count; i++)
        if (strcmp(step->mismatches[i].actual, step->answer) == 0)
            return false;
    return step->answer[0] != '\0';
}

static void widen(size_t *column, const char *sentence)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, sentence);
    if (text.length > *column)
        *column = text.length;
}

static void widen_all(struct ss_mismatch_columns *columns, const struct ss_mismatch *cells)
{
    widen(&columns->name, cells->name);
    widen(&columns->expected, cells->expected);
    widen(&columns->actual, cells->actual);
}

struct ss_mismatch_columns ss_mismatch_measure(const struct ss_event_step *step)
{
    struct ss_mismatch_columns columns = {0, 0, 0};
    widen_all(&columns, &ss_mismatch_heading);
    for (size_t i = 0; i < step->mismatch_count; i++)
        widen_all(&columns, &step->mismatches[i]);
    return columns;
}

size_t ss_mismatch_width(const struct ss_mismatch_columns *columns)
{
    return columns->name + GAP + columns->expected + GAP + columns->actual;
}

/* Appends a sentence in its style, and spaces up to `width`. */
static void add_cell(struct ss_text *row, const char *style, const char *sentence, size_t width)
{
    ss_text_add(row, "%s", style);
    size_t before = row->length;
    ss_text_add_sentence(row, sentence);
    size_t taken = row->length - before;
    ss_text_add(row, "%*s", (int)(width > taken ? width - taken : 0), "");
}

void ss_mismatch_word(struct ss_text *row, const struct ss_mismatch_columns *columns,
                      const struct ss_mismatch *cells, const char *const styles[3])
{
    ss_text_clear(row);
    add_cell(row, styles[0], cells->name, columns->name + GAP);
    add_cell(row, styles[1], cells->expected, columns->expected + GAP);
    add_cell(row, styles[2], cells->actual, 0);
}
