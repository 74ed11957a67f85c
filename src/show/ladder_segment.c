/*
 * ladder_segment: one segment: its arrow, its margins, its numbers.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ladder_parts.h"

enum {
    PAYLOAD_SHOWN_MAX = 40, /* octets of a payload that is shown as text */
    NUMBER_COLUMN = 22,     /* so wide, seq and ack stand in columns: "seq 4294967295 = J+1 +" */
    GAP = 2,
};

static void queue_state(struct ss_ladder *ladder, enum ss_side side, enum ss_tcp_state state)
{
    char text[SS_LINES_MARGIN_SIZE];
    snprintf(text, sizeof(text), "%s%s", ss_ladder_style(side), ss_tcp_state_text(state));
    ss_lines_margin(&ladder->lines, side == SS_SIDE_A ? SS_LINES_AT_LEFT : SS_LINES_AT_RIGHT, text);
    ladder->states[side] = state;
}

static bool queue_changes(struct ss_ladder *ladder, const enum ss_tcp_state states[2])
{
    bool changed = false;
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        if (!ladder->states_known || ladder->states[side] != states[side]) {
            queue_state(ladder, (enum ss_side)side, states[side]);
            changed = true;
        }
    ladder->states_known = true;
    return changed;
}

/* The number and the time; on two lines when both are long. */
static void queue_number_and_time(struct ss_ladder *ladder, uint32_t n, uint64_t time_us)
{
    enum { WIDTH = SS_LINES_MARGIN_WIDTH, TIME_WIDTH = 10 };
    char number[16], time[SS_DURATION_TEXT_SIZE], text[SS_LINES_MARGIN_SIZE];
    int digits = snprintf(number, sizeof(number), "%3" PRIu32, n);
    bool together = digits + 1 + TIME_WIDTH <= WIDTH;
    ss_text_format_duration(time, time_us, together ? TIME_WIDTH : WIDTH);
    snprintf(text, sizeof(text), "%s" SS_DIM "%*s", number, together ? WIDTH - digits : 0,
             together ? time : "");
    ss_lines_margin(&ladder->lines, SS_LINES_AT_LEFT, text);
    snprintf(text, sizeof(text), SS_DIM "%s", time);
    if (!together)
        ss_lines_margin(&ladder->lines, SS_LINES_AT_LEFT, text);
}

static void queue_outcome(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    struct ss_text text;
    char fate[SS_LINES_MARGIN_SIZE];
    snprintf(fate, sizeof(fate), SS_WARN "%s", ss_text_fate(segment->fate));
    if (segment->fate != SS_FATE_DELIVERED)
        ss_lines_margin(&ladder->lines, SS_LINES_AT_RIGHT, fate);
    ss_ladder_summarise_checks(ladder, &segment->verdicts, &text);
    if (text.length)
        ss_lines_margin(&ladder->lines, SS_LINES_AT_RIGHT, text.octets);
}

/* The window stands beside the end that offers it. */
static void queue_window(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    char text[SS_LINES_MARGIN_SIZE];
    snprintf(text, sizeof(text), SS_DIM "win " SS_PLAIN "%" PRIu32, segment->window_bytes);
    if (segment->packet.transport == SS_TRANSPORT_TCP)
        ss_lines_margin(&ladder->lines,
                        segment->from == SS_SIDE_A ? SS_LINES_AT_LEFT : SS_LINES_AT_RIGHT, text);
}

/* The mark of what was checked of a number: "" when nothing was. */
static const char *mark_of(const struct ss_ladder *ladder, const struct ss_verdicts *verdicts,
                           enum ss_verdict_numbers numbers, struct ss_seq seq)
{
    const char *mark = "";
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct ss_verdict *verdict = &verdicts->list[i];
        if (verdict->numbers != numbers || verdict->actual != seq.value)
            continue;
        if (verdict->level == SS_VERDICT_VIOLATION)
            return ss_lines_mark(&ladder->lines, false);
        if (verdict->level == SS_VERDICT_HELD)
            mark = ss_lines_mark(&ladder->lines, true);
    }
    return mark;
}

/*
 * "seq 3735928559 = J" and its mark; `sender` is whose stream the number counts. ASCII marks are
 * words: without spaces around the equals sign there is room for them.
 */
static void word_number(struct ss_text *text, const struct ss_ladder *ladder,
                        const struct ss_event_segment *segment, enum ss_side sender, bool symbol)
{
    bool own = sender == segment->from;
    struct ss_seq seq = own ? segment->packet.tcp.seq : segment->packet.tcp.ack;
    const char *letters = own ? segment->seq_symbol : segment->ack_symbol;
    const char *mark = mark_of(ladder, &segment->verdicts,
                               sender == SS_SIDE_A ? SS_NUMBERS_SEQ_A : SS_NUMBERS_SEQ_B, seq);
    ss_text_clear(text);
    ss_text_add(text, SS_DIM "%s " SS_PLAIN "%" PRIu32, own ? "seq" : "ack", seq.value);
    if (symbol && isalpha((unsigned char)letters[0]))
        ss_text_add(text, SS_DIM "%s%s%s", ladder->options.ascii ? "=" : " = ",
                    ss_ladder_style(sender), letters);
    if (mark[0])
        ss_text_add(text, " %s", mark);
}

void ss_ladder_word_octets(struct ss_text *text, const uint8_t *octets, size_t length)
{
    ss_text_clear(text);
    if (length == 0 || length > PAYLOAD_SHOWN_MAX)
        return;
    ss_text_add(text, "\"");
    ss_text_add_escaped(text, octets, length);
    ss_text_add(text, "\"");
}

void ss_ladder_word_payload(struct ss_text *text, const struct ss_packet *packet)
{
    ss_ladder_word_octets(text, ss_packet_payload(packet), packet->payload_length);
}

static void pad(struct ss_text *text)
{
    size_t width = ss_lines_width(text->octets);
    if (width < NUMBER_COLUMN)
        ss_text_add(text, "%*s", (int)(NUMBER_COLUMN - width), "");
}

/*
 * Seq and ack on one line: in columns where there is room, without the letters that the arrow
 * bears where there is little.
 */
static void write_seq_and_ack(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    enum ss_side from = segment->from, to = ss_side_other(from);
    bool has_ack = segment->packet.tcp.flags & SS_TCP_ACK;
    bool spare = !ss_ladder_arrow_bears_seq(&segment->packet);
    size_t room = ss_lines_room(&ladder->lines) - GAP;
    struct ss_text seq, ack;
    word_number(&seq, ladder, segment, from, true);
    word_number(&ack, ladder, segment, to, true);
    size_t ack_width = has_ack ? ss_lines_width(ack.octets) : 0;
    if (ss_lines_width(seq.octets) + ack_width > room) {
        word_number(&seq, ladder, segment, from, spare || !has_ack);
        word_number(&ack, ladder, segment, to, false);
    } else if (NUMBER_COLUMN + ack_width <= room) {
        pad(&seq);
    }
    ss_lines_piece(&ladder->lines, GAP, seq.octets);
    if (has_ack)
        ss_lines_piece(&ladder->lines, GAP, ack.octets);
}

static void write_options(struct ss_ladder *ladder, const struct ss_tcp_options *options)
{
    char text[SS_TCP_OPTIONS_TEXT_SIZE];
    ss_tcp_options_format(text, options);
    if (!text[0])
        return;
    ss_lines_break(&ladder->lines, 0);
    ss_lines_sentence(&ladder->lines, SS_PLAIN, text);
}

static void write_tcp(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                      bool payload_shown)
{
    struct ss_text payload;
    write_seq_and_ack(ladder, segment);
    write_options(ladder, &segment->packet.options);
    ss_ladder_word_payload(&payload, &segment->packet);
    ss_lines_break(&ladder->lines, 0);
    if (!payload_shown)
        ss_lines_piece(&ladder->lines, GAP, payload.octets);
}

static void write_icmp(struct ss_ladder *ladder, const struct ss_packet *packet)
{
    struct ss_socket_address source, destination;
    struct ss_seq seq;
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "type " SS_PLAIN "%u" SS_DIM "  code " SS_PLAIN "%u",
                (unsigned)packet->icmp.type, (unsigned)packet->icmp.code);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
    if (!ss_packet_quoted(packet, &source, &destination, &seq))
        return;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "about the segment with seq " SS_PLAIN "%" PRIu32, seq.value);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

static void write_datagram(struct ss_ladder *ladder, const struct ss_packet *packet,
                           bool payload_shown)
{
    struct ss_text payload;
    ss_ladder_write_datagram(ladder, packet);
    ss_ladder_word_datagram(&payload, packet);
    ss_lines_break(&ladder->lines, 0);
    if (!payload_shown)
        ss_lines_piece(&ladder->lines, GAP, payload.octets);
    ss_lines_break(&ladder->lines, 0);
}

void ss_ladder_write_numbers(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                             bool payload_shown)
{
    const struct ss_packet *packet = &segment->packet;
    if (segment->is_datagram) {
        write_datagram(ladder, packet, payload_shown);
        return;
    }
    switch (packet->transport) {
    case SS_TRANSPORT_TCP:
        write_tcp(ladder, segment, payload_shown);
        break;
    case SS_TRANSPORT_ICMP:
        write_icmp(ladder, packet);
        break;
    case SS_TRANSPORT_NONE:
        break;
    }
    const char *fault = ss_packet_fault_text(packet->faults);
    ss_lines_break(&ladder->lines, 0);
    if (fault)
        ss_lines_sentence(&ladder->lines, SS_WARN, fault);
}

void ss_ladder_write_name(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    struct ss_text text;
    ss_tcp_flags_format(flags, segment->packet.tcp.flags);
    bool tcp = segment->packet.transport == SS_TRANSPORT_TCP;
    ss_text_clear(&text);
    ss_text_add(&text, "segment %" PRIu32 ": %s from %s", segment->n,
                tcp ? flags : ss_ladder_name_datagram(&segment->packet),
                segment->from == SS_SIDE_A ? "synstep" : "the peer");
    ss_lines_paragraph(&ladder->lines, SS_STRONG, text.octets);
}

bool ss_ladder_is_plain(const struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    const struct ss_packet *packet = &segment->packet;
    enum { SPECIAL = SS_TCP_SYN | SS_TCP_FIN | SS_TCP_RST | SS_TCP_URG };
    if (ladder->options.headers || packet->transport != SS_TRANSPORT_TCP || packet->faults ||
        (packet->tcp.flags & SPECIAL) || segment->fate != SS_FATE_DELIVERED)
        return false;
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        if (segment->state_after[side] != ladder->states[side])
            return false;
    for (size_t i = 0; i < segment->verdicts.count; i++)
        if (segment->verdicts.list[i].level >= SS_VERDICT_WARNING ||
            !ss_ladder_is_cited(ladder, ss_rule_name(segment->verdicts.list[i].rule)))
            return false;
    return true;
}

void ss_ladder_show_segment(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                            uint64_t time_us)
{
    if (!segment->is_datagram && queue_changes(ladder, segment->state_before)) {
        ss_ladder_begin_block(ladder, false);
        ss_lines_finish(&ladder->lines);
    }
    bool plain = ss_ladder_is_plain(ladder, segment);
    ss_ladder_begin_block(ladder, plain);
    queue_number_and_time(ladder, segment->n, time_us);
    queue_outcome(ladder, segment);
    if (!segment->is_datagram)
        queue_changes(ladder, segment->state_after);
    queue_window(ladder, segment);
    bool payload_shown = ss_ladder_draw_arrow(ladder, segment);
    ss_ladder_write_numbers(ladder, segment, payload_shown);
    ss_ladder_write_checks(ladder, segment);
    ss_lines_finish(&ladder->lines);
    ladder->last_n = segment->n;
    if (ladder->options.headers)
        ss_ladder_write_headers(ladder, segment);
}
