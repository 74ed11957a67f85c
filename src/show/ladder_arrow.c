/*
 * ladder_arrow: the arrow of a segment, with what it carries in the textbook's words.
 */
#include <string.h>

#include "ladder_parts.h"

enum { SHAFT_MIN = 3 };

bool ss_ladder_arrow_bears_seq(const struct ss_packet *packet)
{
    return packet->tcp.flags != SS_TCP_ACK || packet->payload_length > 0;
}

/* Flags other than ACK, with the seq that they stand on: "SYN J", "PSH J+1". */
static void label_seq(struct ss_text *label, const struct ss_event_segment *segment)
{
    uint8_t flags = segment->packet.tcp.flags;
    uint8_t others = flags & (uint8_t)~SS_TCP_ACK;
    char text[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(text, others);
    if (others)
        ss_text_add(label, "%s %s", text, segment->seq_symbol);
    else if (segment->packet.payload_length > 0)
        ss_text_add(label, "data %s", segment->seq_symbol);
    else if (!(flags & SS_TCP_ACK))
        ss_text_add(label, "no flags %s", segment->seq_symbol);
}

/* As the textbook draws it: "SYN K, ACK J+1", and what it carries. */
static void label_tcp(struct ss_text *label, const struct ss_event_segment *segment)
{
    size_t octets = segment->packet.payload_length;
    label_seq(label, segment);
    if (segment->packet.tcp.flags & SS_TCP_ACK)
        ss_text_add(label, "%sACK %s", label->length ? ", " : "", segment->ack_symbol);
    if (octets > 0)
        ss_text_add(label, ", %zu octet%s", octets, octets == 1 ? "" : "s");
}

static void label_icmp(struct ss_text *label, const struct ss_packet *packet)
{
    ss_text_add(label, "ICMP%s %s", packet->version == 6 ? "v6" : "",
                ss_icmp_text(packet->version, packet->icmp.type, packet->icmp.code));
}

static void label_other(struct ss_text *label, const struct ss_packet *packet)
{
    if (packet->fragment)
        ss_text_add(label, "fragment");
    else if (packet->faults)
        ss_text_add(label, "malformed");
    else
        ss_text_add(label, "protocol %u", (unsigned)packet->protocol);
}

/* A small payload, where there is room for it. */
static bool add_payload(struct ss_text *label, const struct ss_event_segment *segment, size_t room)
{
    struct ss_text text;
    if (segment->is_datagram)
        ss_ladder_word_datagram(&text, &segment->packet);
    else
        ss_ladder_word_payload(&text, &segment->packet);
    bool fits = text.length > 0 && ss_lines_width(label->octets) + 1 + text.length <= room;
    if (fits)
        ss_text_add(label, SS_PLAIN " %s", text.octets);
    return fits;
}

/* The label; only the flags when `room` columns are too few for the symbols too. */
static void make_label(struct ss_text *label, const struct ss_event_segment *segment, size_t room)
{
    ss_text_clear(label);
    if (segment->is_datagram) {
        ss_ladder_label_datagram(label, &segment->packet);
        if (ss_lines_width(label->octets) <= room)
            return;
        ss_text_clear(label);
        ss_text_add(label, "%s", ss_ladder_name_datagram(&segment->packet));
        return;
    }
    switch (segment->packet.transport) {
    case SS_TRANSPORT_TCP:
        label_tcp(label, segment);
        break;
    case SS_TRANSPORT_ICMP:
        label_icmp(label, &segment->packet);
        break;
    case SS_TRANSPORT_NONE:
        label_other(label, &segment->packet);
        break;
    }
    if (label->length <= room)
        return;
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(flags, segment->packet.tcp.flags);
    ss_text_clear(label);
    ss_text_add(label, "%s", segment->packet.transport == SS_TRANSPORT_TCP ? flags : "ICMP");
}

static char shaft_of(enum ss_fate fate)
{
    switch (fate) {
    case SS_FATE_DELIVERED:
    case SS_FATE_DROPPED:
        return SS_GLYPH_DASH[0];
    case SS_FATE_DUPLICATED:
        return SS_GLYPH_DOUBLE[0];
    case SS_FATE_DELAYED:
        return SS_GLYPH_DOTTED[0];
    case SS_FATE_CORRUPTED:
        return SS_GLYPH_WAVE[0];
    }
    return SS_GLYPH_DASH[0];
}

/* Columns [begin, end) between the lifelines: one that was lost gets only four fifths of the way.
 */
struct span {
    size_t begin;
    size_t end;
};

static struct span span_of(const struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    struct span span = {SS_LINES_LEFT + 1, ladder->lines.right};
    size_t lost = segment->fate == SS_FATE_DROPPED ? (span.end - span.begin) / 5 : 0;
    if (segment->from == SS_SIDE_A)
        span.end -= lost;
    else
        span.begin += lost;
    return span;
}

static void draw_shaft(struct ss_lines *lines, struct span span, const char *style, char shaft)
{
    char cell[] = {style[0], shaft, '\0'};
    for (size_t column = span.begin; column < span.end; column++)
        ss_lines_put(lines, column, cell);
}

static void draw_head(struct ss_lines *lines, struct span span, const char *style,
                      const struct ss_event_segment *segment)
{
    bool rightward = segment->from == SS_SIDE_A;
    const char *head = rightward ? SS_GLYPH_HEAD_RIGHT : SS_GLYPH_HEAD_LEFT;
    if (segment->fate == SS_FATE_DROPPED) {
        head = SS_GLYPH_LOST;
        style = SS_BAD;
    }
    char cell[] = {style[0], head[0], '\0'};
    ss_lines_put(lines, rightward ? span.end - 1 : span.begin, cell);
}

static void draw_label(struct ss_lines *lines, struct span span, const struct ss_text *label)
{
    struct ss_text words;
    ss_text_clear(&words);
    ss_text_add(&words, SS_STRONG " %s ", label->octets);
    size_t width = ss_lines_width(words.octets);
    ss_lines_put(lines, span.begin + (span.end - span.begin - width) / 2, words.octets);
}

bool ss_ladder_draw_arrow(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    struct ss_lines *lines = &ladder->lines;
    bool rightward = segment->from == SS_SIDE_A;
    struct span span = span_of(ladder, segment);
    struct ss_text label;
    size_t room = span.end - span.begin - 2 - (size_t)2 * SHAFT_MIN;
    make_label(&label, segment, room);
    bool payload_shown = add_payload(&label, segment, room);
    ss_lines_begin(lines, rightward ? SS_DIM SS_GLYPH_LEAVE_RIGHT : SS_DIM SS_GLYPH_LINE,
                   rightward ? SS_DIM SS_GLYPH_LINE : SS_DIM SS_GLYPH_LEAVE_LEFT);
    draw_shaft(lines, span, ss_ladder_style(segment->from), shaft_of(segment->fate));
    draw_label(lines, span, &label);
    draw_head(lines, span, ss_ladder_style(segment->from), segment);
    ss_lines_break(lines, 0);
    return payload_shown;
}
