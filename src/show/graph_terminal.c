/* graph_terminal: a panel for each stream, the legend, and the first findings. */
#include "synstep/graph_terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph_axis.h"
#include "graph_canvas.h"
#include "graph_words.h"

enum {
    COLUMNS_MIN = 60,
    COLUMNS_MAX = 240,
    MARGIN = 9,      /* for the numbers and the axis */
    ROWS_OTHER = 14, /* lines beside the panels' */
    ROWS_USUAL = 40,
    ROWS_MIN = 5,
    ROWS_MAX = 28,
    QUIET = 20, /* as many times less is sent there */
    COLUMNS_FOR_TICK = 10,
    ROWS_FOR_TICK = 3,
    FINDINGS_TOLD = 8,
};

/* Before what each stands. */
enum rank {
    RANK_NOTE = 1,
    RANK_PROBE,
    RANK_LATE,
    RANK_AGAIN,
    RANK_MARK,
    RANK_CONTROL,
    RANK_WARNING,
    RANK_VIOLATION
};

struct drawing {
    const struct ss_graph_terminal *terminal;
    const struct ss_graph *graph;
    const struct ss_graph_stream *stream;
    struct graph_canvas canvas;
    struct graph_axis time;
    struct graph_axis octets;
    bool edge_beyond;
    enum ss_side side;
};

static double across(const struct drawing *drawing, uint64_t time_us)
{
    return graph_axis_part(&drawing->time, (int64_t)time_us);
}

static double up(const struct drawing *drawing, int64_t number)
{
    return graph_axis_part(&drawing->octets, number);
}

/* --- what is in a panel -------------------------------------------------------------------------
 */

/* From an answer to the next one, or to the end. */
static void draw_answers(struct drawing *drawing)
{
    const struct ss_graph_list *list = &drawing->stream->answers;
    const struct ss_graph_answer *answers = ss_graph_answers(drawing->stream);
    for (size_t i = 0; i < list->count; i++) {
        const struct ss_graph_answer *next = &answers[i + 1 < list->count ? i + 1 : i];
        uint64_t until = i + 1 < list->count ? next->time_us : drawing->graph->last_us;
        double x0 = across(drawing, answers[i].time_us), x1 = across(drawing, until);
        graph_canvas_line(&drawing->canvas, GRAPH_LINE_ACK, x0, up(drawing, answers[i].ack), x1,
                          up(drawing, next->ack));
        graph_canvas_line(&drawing->canvas, GRAPH_LINE_EDGE, x0, up(drawing, answers[i].edge), x1,
                          up(drawing, next->edge));
    }
}

static void draw_new(struct drawing *drawing)
{
    const struct ss_graph_piece *pieces = ss_graph_pieces(drawing->stream, SS_GRAPH_NEW);
    double width = (double)(drawing->canvas.columns * GRAPH_DOTS_ACROSS);
    double height = (double)(drawing->canvas.rows * GRAPH_DOTS_DOWN);
    for (size_t i = 0; i < drawing->stream->pieces[SS_GRAPH_NEW].count; i++)
        graph_canvas_dots(&drawing->canvas, across(drawing, pieces[i].begin_us) * width,
                          up(drawing, pieces[i].low) * height,
                          across(drawing, pieces[i].end_us) * width,
                          up(drawing, pieces[i].high) * height);
}

static void draw_sack(struct drawing *drawing)
{
    const struct ss_graph_piece *pieces = ss_graph_pieces(drawing->stream, SS_GRAPH_SACK);
    for (size_t i = 0; i < drawing->stream->pieces[SS_GRAPH_SACK].count; i++)
        graph_canvas_shade(&drawing->canvas, across(drawing, pieces[i].begin_us),
                           up(drawing, pieces[i].low), up(drawing, pieces[i].high));
}

/* In the middle of what it brings. */
static void draw_letters(struct drawing *drawing, enum ss_graph_kind kind, const char *letter,
                         enum graph_style style, enum rank rank)
{
    const struct ss_graph_piece *pieces = ss_graph_pieces(drawing->stream, kind);
    for (size_t i = 0; i < drawing->stream->pieces[kind].count; i++)
        graph_canvas_letter(&drawing->canvas, across(drawing, pieces[i].begin_us),
                            (up(drawing, pieces[i].low) + up(drawing, pieces[i].high)) / 2, letter,
                            style, rank, false);
}

static void draw_marks(struct drawing *drawing)
{
    const struct ss_graph_mark *marks = ss_graph_marks(drawing->stream);
    for (size_t i = 0; i < drawing->stream->marks.count; i++) {
        bool control = marks[i].kind <= SS_GRAPH_RST;
        graph_canvas_letter(&drawing->canvas, across(drawing, marks[i].time_us),
                            up(drawing, marks[i].at),
                            graph_mark_letter(marks[i].kind, drawing->side, drawing->stream),
                            GRAPH_MARKED, control ? RANK_CONTROL : RANK_MARK, true);
    }
}

static enum graph_style style_of(enum ss_verdict_level level)
{
    switch (level) {
    case SS_VERDICT_VIOLATION:
        return GRAPH_VIOLATION;
    case SS_VERDICT_WARNING:
        return GRAPH_WARNING;
    case SS_VERDICT_NOTE:
    case SS_VERDICT_HELD:
        return GRAPH_STRONG;
    }
    return GRAPH_STRONG;
}

static enum rank rank_of(enum ss_verdict_level level)
{
    if (level == SS_VERDICT_VIOLATION)
        return RANK_VIOLATION;
    return level == SS_VERDICT_WARNING ? RANK_WARNING : RANK_NOTE;
}

static const char *letter_of(const struct ss_graph_terminal *terminal, enum ss_verdict_level level)
{
    if (level == SS_VERDICT_VIOLATION)
        return terminal->ascii ? "x" : "✗";
    return level == SS_VERDICT_WARNING ? "!" : "i";
}

static void draw_findings(struct drawing *drawing)
{
    const struct ss_graph_finding *findings = ss_graph_findings(drawing->stream);
    for (size_t i = 0; i < drawing->stream->findings.count; i++)
        graph_canvas_letter(&drawing->canvas, across(drawing, findings[i].time_us),
                            up(drawing, findings[i].at),
                            letter_of(drawing->terminal, findings[i].level),
                            style_of(findings[i].level), rank_of(findings[i].level), true);
}

static void draw(struct drawing *drawing)
{
    draw_answers(drawing);
    draw_sack(drawing);
    draw_new(drawing);
    draw_letters(drawing, SS_GRAPH_PROBE, "P", GRAPH_MARKED, RANK_PROBE);
    draw_letters(drawing, SS_GRAPH_LATE, "O", GRAPH_WARNING, RANK_LATE);
    draw_letters(drawing, SS_GRAPH_AGAIN, "R", GRAPH_REPEATED, RANK_AGAIN);
    draw_marks(drawing);
    draw_findings(drawing);
}

/* --- around a panel -----------------------------------------------------------------------------
 */

/* The number that stands at this row; false for none. */
static bool tick_at(const struct drawing *drawing, size_t row, int64_t *number)
{
    double rows = (double)drawing->canvas.rows;
    for (*number = graph_axis_first(&drawing->octets); *number <= drawing->octets.high;
         *number += drawing->octets.step) {
        if (lround(floor(up(drawing, *number) * rows)) == (long)(drawing->canvas.rows - 1 - row))
            return true;
    }
    return false;
}

static void print_rows(const struct drawing *drawing)
{
    const struct ss_graph_terminal *terminal = drawing->terminal;
    for (size_t row = 0; row < drawing->canvas.rows; row++) {
        char label[GRAPH_LABEL_SIZE] = "";
        int64_t number;
        bool tick = tick_at(drawing, row, &number);
        if (tick)
            graph_axis_label(label, &drawing->octets, number);
        fprintf(terminal->out, "%*s ", MARGIN - 2, label);
        graph_canvas_style(&drawing->canvas, GRAPH_DIM, terminal->out);
        fputs(terminal->ascii ? (tick ? "+" : "|") : tick ? "┤" : "│", terminal->out);
        graph_canvas_style(&drawing->canvas, GRAPH_PLAIN, terminal->out);
        graph_canvas_print(&drawing->canvas, row, terminal->out);
        putc('\n', terminal->out);
    }
}

static size_t column_of(const struct drawing *drawing, int64_t time_us)
{
    double columns = (double)drawing->canvas.columns;
    double column = floor(graph_axis_part(&drawing->time, time_us) * columns);
    return column >= columns ? drawing->canvas.columns - 1 : (size_t)column;
}

static void print_rule(const struct drawing *drawing)
{
    const struct ss_graph_terminal *terminal = drawing->terminal;
    int64_t tick = graph_axis_first(&drawing->time);
    fprintf(terminal->out, "%*s", MARGIN - 1, "");
    graph_canvas_style(&drawing->canvas, GRAPH_DIM, terminal->out);
    fputs(terminal->ascii ? "+" : "└", terminal->out);
    for (size_t column = 0; column < drawing->canvas.columns; column++) {
        bool here = tick <= drawing->time.high && column_of(drawing, tick) == column;
        if (here)
            tick += drawing->time.step;
        fputs(terminal->ascii ? (here ? "+" : "-") : here ? "┬" : "─", terminal->out);
    }
    graph_canvas_style(&drawing->canvas, GRAPH_PLAIN, terminal->out);
    putc('\n', terminal->out);
}

/* Letters of a text in UTF-8. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((uint8_t)*text & 0xc0) != 0x80;
    return width;
}

/* Under its tick, or nowhere. */
static void print_times(const struct drawing *drawing)
{
    const struct ss_graph_terminal *terminal = drawing->terminal;
    size_t at = 0, end = drawing->canvas.columns + MARGIN;
    for (int64_t tick = graph_axis_first(&drawing->time); tick <= drawing->time.high;
         tick += drawing->time.step) {
        char label[GRAPH_LABEL_SIZE];
        graph_axis_label(label, &drawing->time, tick);
        size_t width = width_of(label), middle = MARGIN + column_of(drawing, tick);
        size_t begin = middle - width / 2;
        if (begin < at + (at > 0) || begin + width > end)
            continue;
        fprintf(terminal->out, "%*s%s", (int)(begin - at), "", label);
        at = begin + width;
    }
    putc('\n', terminal->out);
}

/* A sentence from column `at` on, its further lines indented; ended by no line feed. */
static void print_words(const struct drawing *drawing, const char *text, size_t at)
{
    enum { INDENT = 2 };
    size_t columns = drawing->canvas.columns + MARGIN;
    for (bool begun = false; *text; begun = true) {
        size_t word = strcspn(text, " ");
        bool breaks = begun && at + 1 + word > columns;
        fputs(breaks ? "\n  " : begun ? " " : "", drawing->terminal->out);
        fprintf(drawing->terminal->out, "%.*s", (int)word, text);
        at = (breaks ? INDENT : at + begun) + word;
        text += word;
        text += strspn(text, " ");
    }
}

static void print_sentence(const struct drawing *drawing, const char *text, size_t at)
{
    print_words(drawing, text, at);
    putc('\n', drawing->terminal->out);
}

static void print_head(const struct drawing *drawing)
{
    char text[GRAPH_HEAD_SIZE];
    graph_head(text, drawing->graph, drawing->side);
    graph_canvas_style(&drawing->canvas, GRAPH_STRONG, drawing->terminal->out);
    print_words(drawing, text, 0);
    graph_canvas_style(&drawing->canvas, GRAPH_PLAIN, drawing->terminal->out);
    putc('\n', drawing->terminal->out);
}

/* --- panels -------------------------------------------------------------------------------------
 */

static unsigned held(unsigned value, unsigned least, unsigned most)
{
    return value < least ? least : value > most ? most : value;
}

/* A direction in which hardly anything goes has the smaller part. */
static unsigned rows_of(const struct ss_graph_terminal *terminal, const struct ss_graph *graph,
                        enum ss_side side)
{
    uint64_t own = graph->streams[side].bytes;
    uint64_t other = graph->streams[ss_side_other(side)].bytes;
    unsigned rows = terminal->rows ? terminal->rows : ROWS_USUAL;
    rows = rows > ROWS_OTHER ? rows - ROWS_OTHER : 0;
    rows = own * QUIET < other ? rows / 4 : other * QUIET < own ? rows - rows / 4 : rows / 2;
    return held(rows, ROWS_MIN, ROWS_MAX);
}

static struct drawing drawing_of(const struct ss_graph_terminal *terminal,
                                 const struct ss_graph *graph)
{
    struct drawing drawing = {.terminal = terminal, .graph = graph};
    drawing.canvas.color = terminal->color;
    drawing.canvas.ascii = terminal->ascii;
    drawing.canvas.columns = held(terminal->columns, COLUMNS_MIN, COLUMNS_MAX) - MARGIN;
    drawing.time = graph_axis_time(
        graph->last_us, (unsigned)drawing.canvas.columns / COLUMNS_FOR_TICK, terminal->ascii);
    return drawing;
}

static bool print_panel(struct drawing drawing, enum ss_side side)
{
    unsigned rows = rows_of(drawing.terminal, drawing.graph, side);
    drawing.side = side;
    drawing.stream = &drawing.graph->streams[side];
    drawing.octets =
        graph_axis_octets(drawing.stream, rows / ROWS_FOR_TICK + 1, &drawing.edge_beyond);
    if (!graph_canvas_init(&drawing.canvas, drawing.canvas.columns, rows))
        return false;
    draw(&drawing);
    print_head(&drawing);
    print_rows(&drawing);
    print_rule(&drawing);
    print_times(&drawing);
    graph_canvas_free(&drawing.canvas);
    return true;
}

/* --- below --------------------------------------------------------------------------------------
 */

struct entry {
    enum graph_style style;
    const char *unicode;
    const char *ascii;
    const char *words;
};

/* What each of them stands for, in the order of graph_present. */
static const struct entry entries[GRAPH_PRESENTS] = {
    [GRAPH_HAS_NEW] = {GRAPH_DATA, "⣿", "#", "data"},
    [GRAPH_HAS_AGAIN] = {GRAPH_REPEATED, "R", "R", "retransmitted"},
    [GRAPH_HAS_LATE] = {GRAPH_WARNING, "O", "O", "out of order"},
    [GRAPH_HAS_PROBE] = {GRAPH_MARKED, "P", "P", "probe"},
    [GRAPH_HAS_SACK] = {GRAPH_SACKED, "░", ":", "SACK"},
    [GRAPH_HAS_ACK] = {GRAPH_ACK, "╭─", "+-", "acknowledged"},
    [GRAPH_HAS_EDGE] = {GRAPH_EDGE, "┄┄", "..", "window's edge"},
    [GRAPH_HAS_SYN] = {GRAPH_MARKED, "J K", "J K", "SYN"},
    [GRAPH_HAS_FIN] = {GRAPH_MARKED, "M N", "M N", "FIN"},
    [GRAPH_HAS_RST] = {GRAPH_MARKED, "*", "*", "RST"},
    [GRAPH_HAS_ZERO] = {GRAPH_MARKED, "Z", "Z", "window 0"},
    [GRAPH_HAS_DUPLICATE] = {GRAPH_MARKED, "3", "3", "third duplicate ACK"},
    [GRAPH_HAS_VIOLATION] = {GRAPH_VIOLATION, "✗", "x", "violation"},
    [GRAPH_HAS_WARNING] = {GRAPH_WARNING, "!", "!", "warning"},
    [GRAPH_HAS_NOTE] = {GRAPH_STRONG, "i", "i", "note"},
};

static void print_legend(const struct drawing *drawing)
{
    const struct ss_graph_terminal *terminal = drawing->terminal;
    bool present[GRAPH_PRESENTS];
    size_t at = 0;
    graph_present(drawing->graph, present);
    for (int i = 0; i < GRAPH_PRESENTS; i++) {
        const char *sign = terminal->ascii ? entries[i].ascii : entries[i].unicode;
        size_t width = width_of(sign) + 1 + width_of(entries[i].words);
        if (!present[i])
            continue;
        bool breaks = at > 0 && at + 3 + width > drawing->canvas.columns + MARGIN;
        fputs(at == 0 ? "" : breaks ? "\n" : "   ", terminal->out);
        at = (at == 0 || breaks ? 0 : at + 3) + width;
        graph_canvas_style(&drawing->canvas, entries[i].style, terminal->out);
        fputs(sign, terminal->out);
        graph_canvas_style(&drawing->canvas, GRAPH_PLAIN, terminal->out);
        fprintf(terminal->out, " %s", entries[i].words);
    }
    putc('\n', terminal->out);
}

static void print_finding(const struct drawing *drawing, const struct graph_told *told)
{
    const struct ss_graph_finding *finding = told->first;
    char text[SS_GRAPH_TEXT_SIZE + 96];
    graph_canvas_style(&drawing->canvas, style_of(finding->level), drawing->terminal->out);
    fputs(letter_of(drawing->terminal, finding->level), drawing->terminal->out);
    graph_canvas_style(&drawing->canvas, GRAPH_PLAIN, drawing->terminal->out);
    putc(' ', drawing->terminal->out);
    graph_finding_words(text, sizeof(text), told);
    print_sentence(drawing, text, 2);
}

/* The first by each rule. */
static void print_findings(const struct drawing *drawing)
{
    struct graph_told told[FINDINGS_TOLD];
    size_t more, count = graph_tell(drawing->graph, told, FINDINGS_TOLD, &more);
    for (size_t i = 0; i < count; i++)
        print_finding(drawing, &told[i]);
    if (more > 0)
        fprintf(drawing->terminal->out, "and %zu more, by other rules\n", more);
}

bool ss_graph_terminal_draw(const struct ss_graph_terminal *terminal, const struct ss_graph *graph)
{
    struct drawing drawing = drawing_of(terminal, graph);
    char text[GRAPH_NOTE_SIZE];
    graph_title(text, graph, terminal->file);
    print_sentence(&drawing, text, 0);
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        if (!graph->streams[side].known)
            continue;
        putc('\n', terminal->out);
        if (!print_panel(drawing, (enum ss_side)side))
            return false;
    }
    putc('\n', terminal->out);
    print_legend(&drawing);
    for (unsigned note = 0; graph_note(text, graph, note); note++)
        if (text[0])
            print_sentence(&drawing, text, 0);
    print_findings(&drawing);
    return true;
}
