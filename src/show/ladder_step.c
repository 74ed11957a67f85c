/*
 * ladder_step: a scenario's steps: what held is one terse line, what did not is told field by
 * field.
 */
#include <stdio.h>
#include <string.h>

#include "ladder_parts.h"
#include "mismatch.h"

enum { GAP = 2, INDENT = 2 };

/* Left of the lines, the line of the text that says it. */
static void queue_place(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    char text[SS_LINES_MARGIN_SIZE];
    snprintf(text, sizeof(text), SS_DIM "line %u", step->line);
    ss_lines_margin(&ladder->lines, SS_LINES_AT_LEFT, text);
}

/* Right of them, that something is not as it should be; a peer that did as told gets its mark. */
static void queue_outcome(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "%s", ss_lines_mark(&ladder->lines, step->ok));
    if (!step->ok && step->mismatch_count > 0 && step->checks > 0)
        ss_text_add(&text, " %zu of %u", step->mismatch_count, step->checks);
    else if (!step->ok && !ladder->options.ascii)
        ss_text_add(&text, " failed");
    if (!step->ok || step->kind == SS_EVENT_STEP_PEER)
        ss_lines_margin(&ladder->lines, SS_LINES_AT_RIGHT, text.octets);
}

/* What stands before the statement; the peer's own begin at its lifeline instead. */
static const char *mark_of(const struct ss_ladder *ladder, const struct ss_event_step *step)
{
    switch (step->kind) {
    case SS_EVENT_STEP_EXPECT:
        return ss_lines_mark(&ladder->lines, step->ok);
    case SS_EVENT_STEP_PEER:
        return step->ok ? "" : ss_lines_mark(&ladder->lines, false);
    case SS_EVENT_STEP_OTHER:
        return step->ok ? SS_PLAIN SS_GLYPH_BULLET : ss_lines_mark(&ladder->lines, false);
    }
    return "";
}

static const char *style_of(const struct ss_event_step *step)
{
    if (!step->ok)
        return SS_STRONG;
    return step->kind == SS_EVENT_STEP_PEER ? SS_PEER : SS_DIM;
}

/* The statement; the segment that held, when it does not stand right above; an included file. */
static void write_statement(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    const char *main_file = ladder->options.file, *mark = mark_of(ladder, step);
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "%s%s%s", mark, mark[0] ? " " : "", style_of(step));
    ss_text_add_sentence(&text, step->text);
    ss_lines_piece(&ladder->lines, 0, text.octets);
    ladder->lines.indent = INDENT;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "(segment %u)", step->n);
    if (step->ok && step->n > 0 && ladder->after_step)
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    if (!main_file || strcmp(main_file, step->file) == 0)
        return;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "(");
    ss_text_add_sentence(&text, step->file);
    ss_text_add(&text, ")");
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

/* What came of it, on the statement's line where there is room. */
static void write_answer(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "%s", step->ok ? SS_PLAIN : SS_BAD);
    if (!step->ok && step->n > 0)
        ss_text_add(&text, "segment %u: ", step->n);
    ss_text_add_sentence(&text, step->answer);
    if (!step->ok)
        ss_lines_break(&ladder->lines, INDENT);
    if (ss_mismatch_lacks_answer(step))
        ss_lines_piece(&ladder->lines, GAP, text.octets);
}

static void write_row(struct ss_ladder *ladder, const struct ss_mismatch_columns *columns,
                      const struct ss_mismatch *cells, const char *const styles[3])
{
    struct ss_text row;
    ss_mismatch_word(&row, columns, cells, styles);
    ss_lines_break(&ladder->lines, INDENT);
    ss_lines_piece(&ladder->lines, 0, row.octets);
}

static void write_table(struct ss_ladder *ladder, const struct ss_event_step *step,
                        const struct ss_mismatch_columns *columns)
{
    static const char *const quiet[3] = {SS_PLAIN, SS_DIM, SS_DIM};
    static const char *const loud[3] = {SS_PLAIN, SS_STRONG, SS_BAD};
    write_row(ladder, columns, &ss_mismatch_heading, quiet);
    for (size_t i = 0; i < step->mismatch_count; i++)
        write_row(ladder, columns, &step->mismatches[i], loud);
}

static void write_value(struct ss_ladder *ladder, const char *what, const char *style,
                        const char *value)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, SS_PLAIN "%s %s", what, style);
    ss_text_add_sentence(&text, value);
    ss_lines_break(&ladder->lines, 2 * INDENT);
    ss_lines_piece(&ladder->lines, 0, text.octets);
}

/* Where two columns are too narrow: the values below each other. */
static void write_stack(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    for (size_t i = 0; i < step->mismatch_count; i++) {
        const struct ss_mismatch *mismatch = &step->mismatches[i];
        struct ss_text name;
        ss_text_clear(&name);
        ss_text_add_sentence(&name, mismatch->name);
        ss_lines_break(&ladder->lines, INDENT);
        ss_lines_piece(&ladder->lines, 0, name.octets);
        write_value(ladder, "expected", SS_STRONG, mismatch->expected);
        write_value(ladder, "actual  ", SS_BAD, mismatch->actual);
    }
}

static void write_mismatches(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    struct ss_mismatch_columns columns = ss_mismatch_measure(step);
    if (step->mismatch_count == 0)
        return;
    if (INDENT + ss_mismatch_width(&columns) <= ss_lines_room(&ladder->lines))
        write_table(ladder, step, &columns);
    else
        write_stack(ladder, step);
}

/* Right below the segment that an expectation was held against; other steps keep together. */
static void begin_block(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    bool below = step->kind == SS_EVENT_STEP_EXPECT && step->n > 0 && step->n == ladder->last_n;
    if (!below && !ladder->after_step)
        ss_ladder_begin_block(ladder, false);
    ladder->after_step = !below;
    ladder->tight = ladder->tight && step->ok;
}

void ss_ladder_show_step(struct ss_ladder *ladder, const struct ss_event_step *step)
{
    bool peer = step->kind == SS_EVENT_STEP_PEER;
    begin_block(ladder, step);
    queue_place(ladder, step);
    queue_outcome(ladder, step);
    ss_lines_begin(&ladder->lines, SS_DIM SS_GLYPH_LINE,
                   peer ? SS_PEER SS_GLYPH_WITNESS : SS_DIM SS_GLYPH_LINE);
    write_statement(ladder, step);
    write_answer(ladder, step);
    write_mismatches(ladder, step);
    ss_lines_finish(&ladder->lines);
}
