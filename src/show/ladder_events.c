/*
 * ladder_events: all that is no segment: the heading, the witness, notes, and the closing line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ladder_parts.h"

enum { GAP = 2 };

/* Where a text of `width` columns begins so that it stands over `column`, within the line. */
static size_t centre(const struct ss_lines *lines, size_t column, size_t width)
{
    size_t begin = column > width / 2 ? column - width / 2 : 0;
    return begin + width > lines->columns ? lines->columns - width : begin;
}

/* A name over each lifeline; on two lines when they would touch. */
static void write_heading(struct ss_lines *lines, const char *left, const char *right)
{
    size_t left_width = ss_lines_width(left), right_width = ss_lines_width(right);
    size_t left_at = centre(lines, SS_LINES_LEFT, left_width);
    size_t right_at = centre(lines, lines->right, right_width);
    ss_lines_clear(lines);
    ss_lines_put(lines, left_at, left);
    if (left_at + left_width + GAP > right_at) {
        ss_lines_print(lines);
        ss_lines_clear(lines);
    }
    ss_lines_put(lines, right_at, right);
    ss_lines_print(lines);
}

static void write_sentence(struct ss_lines *lines, const char *style, const char *sentence)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, sentence);
    ss_lines_paragraph(lines, style, text.octets);
}

/* Where it happens, and J when it is known already: not when the peer opens. */
static void write_where(struct ss_lines *lines, const struct ss_event_start *start)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, start->where);
    if (start->isn_known)
        ss_text_add(&text, "%sJ = %" PRIu32 " (0x%08" PRIx32 ")", text.length ? "; " : "",
                    start->isn.value, start->isn.value);
    ss_lines_paragraph(lines, SS_DIM, text.octets);
}

void ss_ladder_show_start(struct ss_ladder *ladder, const struct ss_event_start *start)
{
    struct ss_lines *lines = &ladder->lines;
    char local[SS_SOCKET_ADDRESS_TEXT_SIZE + 1] = SS_LOCAL;
    char peer[SS_SOCKET_ADDRESS_TEXT_SIZE + 1] = SS_PEER;
    ss_socket_address_format(local + 1, &start->local);
    ss_socket_address_format(peer + 1, &start->peer);
    if (start->title[0])
        write_sentence(lines, SS_STRONG, start->title);
    write_where(lines, start);
    ss_lines_clear(lines);
    ss_lines_print(lines);
    write_heading(lines, SS_STRONG "synstep", SS_STRONG "the peer");
    write_heading(lines, local, peer);
    ladder->tight = true;
}

/* "rcv_nxt 3735928560 = J+1" with its mark; a wrong one says what it should be. */
static void write_witness_number(struct ss_ladder *ladder, const char *name, struct ss_seq actual,
                                 struct ss_seq expected, const char *symbol, const char *style)
{
    bool ok = ss_seq_equal(actual, expected);
    const char *mark = ss_lines_mark(&ladder->lines, ok);
    struct ss_text text;
    ss_text_clear(&text);
    if (ok)
        ss_text_add(&text, SS_DIM "%s " SS_PLAIN "%" PRIu32, name, actual.value);
    else
        ss_text_add(&text, "%s " SS_BAD "%s %" PRIu32 ", expected %" PRIu32, mark, name,
                    actual.value, expected.value);
    if (symbol[0])
        ss_text_add(&text, SS_DIM " = %s%s", style, symbol);
    if (ok)
        ss_text_add(&text, " %s", mark);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

static void write_witness_state(struct ss_ladder *ladder, const struct ss_event_witness *witness)
{
    bool ok = witness->state_checked[witness->actual.state];
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, SS_BAD "%s %s", ss_lines_mark(&ladder->lines, false),
                ss_tcp_state_text(witness->actual.state));
    if (!ok)
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    const char *before = SS_BAD ", expected ";
    for (int state = 0; !ok && state < SS_TCP_STATES; state++)
        if (witness->state_checked[state]) {
            ss_text_clear(&text);
            ss_text_add(&text, "%s%s", before, ss_tcp_state_text((enum ss_tcp_state)state));
            ss_lines_piece(&ladder->lines, 0, text.octets);
            before = " " SS_BAD "or ";
        }
}

static void write_testimony(struct ss_ladder *ladder, const struct ss_event_witness *witness)
{
    ss_lines_break(&ladder->lines, 0);
    switch (witness->actual.answer) {
    case SS_WITNESS_ANSWERED:
        write_witness_state(ladder, witness);
        write_witness_number(ladder, "rcv_nxt", witness->actual.rcv_nxt, witness->rcv_nxt,
                             witness->rcv_nxt_symbol, SS_LOCAL);
        write_witness_number(ladder, "write_seq", witness->actual.write_seq, witness->write_seq,
                             witness->write_seq_symbol, SS_PEER);
        break;
    case SS_WITNESS_NONE:
        ss_lines_sentence(&ladder->lines, SS_BAD, "it has accepted no connection from us");
        break;
    case SS_WITNESS_DENIED:
        ss_lines_sentence(&ladder->lines, SS_WARN, "it may not be asked (CAP_NET_ADMIN)");
        break;
    }
}

/* Beside the peer's lifeline: its state when that is right, or that something is not. */
static void queue_testimony(struct ss_lines *lines, const struct ss_event_witness *witness)
{
    bool right = witness->actual.answer == SS_WITNESS_ANSWERED &&
                 witness->state_checked[witness->actual.state];
    struct ss_text text;
    ss_text_clear(&text);
    if (right)
        ss_text_add(&text, "%s " SS_PEER "%s", ss_lines_mark(lines, true),
                    ss_tcp_state_text(witness->actual.state));
    if (!witness->ok && right)
        ss_lines_margin(lines, SS_LINES_AT_RIGHT, text.octets);
    if (!witness->ok) {
        ss_text_clear(&text);
        ss_text_add(&text, "%s differs", ss_lines_mark(lines, false));
    }
    ss_lines_margin(lines, SS_LINES_AT_RIGHT, text.octets);
}

void ss_ladder_show_witness(struct ss_ladder *ladder, const struct ss_event_witness *witness)
{
    struct ss_lines *lines = &ladder->lines;
    struct ss_text text;
    ss_ladder_begin_block(ladder, false);
    queue_testimony(lines, witness);
    ss_lines_begin(lines, SS_DIM SS_GLYPH_LINE, SS_PEER SS_GLYPH_WITNESS);
    ss_text_clear(&text);
    ss_text_add_sentence(&text, witness->moment);
    ss_lines_sentence(lines, SS_PEER, "the peer's kernel");
    ss_lines_sentence(lines, SS_DIM, text.octets);
    write_testimony(ladder, witness);
    ss_lines_finish(lines);
}

void ss_ladder_show_note(struct ss_ladder *ladder, const struct ss_event_note *note)
{
    struct ss_lines *lines = &ladder->lines;
    const char *style = note->warning ? SS_WARN : SS_PLAIN;
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, note->text);
    ss_ladder_begin_block(ladder, false);
    ss_lines_piece(lines, 0, note->warning ? SS_WARN "!" : SS_PLAIN SS_GLYPH_BULLET);
    lines->indent = 2;
    ss_lines_sentence(lines, style, text.octets);
    ss_lines_finish(lines);
}

static void write_numbers(struct ss_lines *lines, const struct ss_event_end *end)
{
    static const char letters[] = "JKMN";
    struct ss_text text;
    ss_text_clear(&text);
    for (int i = 0; i < 4; i++)
        if (end->number_known[i])
            ss_text_add(&text, "%s%s%c" SS_DIM " = " SS_PLAIN "%" PRIu32, text.length ? "   " : "",
                        i % 2 ? SS_PEER : SS_LOCAL, letters[i], end->number[i].value);
    if (text.length == 0)
        return;
    ss_lines_clear(lines);
    ss_lines_put(lines, 0, text.octets);
    ss_lines_print(lines);
}

/* What came of it all, in two or three words. */
static const char *word_outcome(const struct ss_event_end *end)
{
    if (end->ok)
        return "all held";
    return end->checks ? "all held, but it broke off" : "it broke off";
}

static void word_end(const struct ss_ladder *ladder, struct ss_text *text,
                     const struct ss_event_end *end)
{
    const char *what = ladder->has_datagrams ? "packet" : "segment";
    char duration[SS_DURATION_TEXT_SIZE];
    ss_text_format_duration(duration, end->duration_us, sizeof(duration));
    ss_text_clear(text);
    ss_text_add(text, "%" PRIu32 " %s%s, %" PRIu32 " check%s: ", end->segments, what,
                end->segments == 1 ? "" : "s", end->checks, end->checks == 1 ? "" : "s");
    if (end->failed)
        ss_text_add(text, "%" PRIu32 " FAILED", end->failed);
    else
        ss_text_add(text, "%s", word_outcome(end));
    if (end->ok)
        ss_text_add(text, " (%s)", duration);
    else
        ss_text_add(text, ": ");
    if (!end->ok)
        ss_text_add_sentence(text, end->text[0] ? end->text : ss_status_text(end->status));
}

void ss_ladder_show_end(struct ss_ladder *ladder, const struct ss_event_end *end)
{
    struct ss_lines *lines = &ladder->lines;
    struct ss_text text;
    if (!ladder->options.quiet) {
        ss_lines_space(lines);
        write_numbers(lines, end);
    }
    word_end(ladder, &text, end);
    ss_lines_paragraph(lines, end->ok ? SS_GOOD : SS_BAD, text.octets);
}
