/* explain: where a segment's numbers come from. */
#include "synstep/explain.h"

#include <inttypes.h>
#include <string.h>

#include "explain_parts.h"
#include "foresee.h"
#include "ladder_parts.h"
#include "synstep/message.h"

/* One number of a segment that is to be sent. */
struct number {
    const struct ss_explain_next *next;
    enum ss_field field;
    enum ss_side side; /* whose stream it counts */
    struct ss_seq seq;
    const char *symbol;
};

/* "seq = J+1 = 4191057389", or the number alone while it has no letter. */
static void begin(struct ss_text *text, const char *name, struct ss_seq seq, const char *symbol)
{
    bool letters = symbol[0] && strchr("JKMN", symbol[0]);
    ss_text_clear(text);
    ss_text_add(text, "%s = %s%s%" PRIu32, name, letters ? symbol : "", letters ? " = " : "",
                seq.value);
}

/* What the step says of the field last; NULL: nothing. */
static const struct ss_field_value *said(const struct ss_explain_next *next, enum ss_field field)
{
    const struct ss_segment_step *segment = &next->step->segment;
    for (size_t i = segment->field_count; i > 0; i--)
        if (segment->fields[i - 1].field == field)
            return &segment->fields[i - 1];
    return NULL;
}

/* Whether the name that the field is to give a value to has none yet. */
static bool binds(const struct ss_explain_next *next, const struct ss_field_value *field)
{
    uint32_t value;
    return field->value.kind == SS_VALUE_BIND &&
           !ss_player_name(next->player, field->value.low.terms[0].name, &value);
}

/* ": line 6 says seq=J+2", with SND.NXT or RCV.NXT beside it where that is another number. */
static void add_said(struct ss_text *text, const struct number *number,
                     const struct ss_field_value *field, bool usual_known, struct ss_seq usual)
{
    const struct ss_explain_next *next = number->next;
    bool by_hand = strcmp(field->place.file, next->step->place.file) != 0;
    const char *name = number->side == SS_SIDE_A ? "SND.NXT" : "RCV.NXT";
    if (by_hand)
        ss_text_add(text, ": set by hand, %s=", ss_field_text(field->field));
    else
        ss_text_add(text, ": line %u says %s=", field->place.line, ss_field_text(field->field));
    ss_explain_add_expression(text, next->scenario, &field->value.low);
    if (usual_known && ss_seq_equal(usual, number->seq))
        ss_text_add(text, ", which is %s", name);
    else if (usual_known)
        ss_text_add(text, ", though %s is %" PRIu32, name, usual.value);
}

static void add_drawn(struct ss_text *text, const struct ss_explain_next *next,
                      const struct ss_field_value *field)
{
    ss_text_add(text, ": drawn at random, as nothing was sent before (RFC 9293 3.4.1)");
    if (field)
        ss_text_add(text, "; from now on %s is this number",
                    next->scenario->names[field->value.low.terms[0].name]);
}

static void explain_seq(struct ss_ladder *ladder, const struct number *number, uint8_t flags,
                        const struct ss_verify *after)
{
    const struct ss_explain_next *next = number->next;
    const struct ss_field_value *field = said(next, SS_FIELD_SEQ);
    struct ss_player_tcb own = ss_player_tcb(next->player);
    bool syn = flags & SS_TCP_SYN, open = !field || binds(next, field);
    struct ss_text text;
    begin(&text, "seq", number->seq, number->symbol);
    if (!open)
        add_said(&text, number, field, own.snd_nxt_known && !syn, own.snd_nxt);
    else if (!own.snd_nxt_known)
        add_drawn(&text, next, field);
    else if (syn)
        ss_text_add(&text, ": the number of our SYN, which is sent again (RFC 9293 3.8.1)");
    else
        ss_text_add(&text, ": SND.NXT, the next number to send (RFC 9293 3.3.1)");
    ss_explain_add_sum(&text, after, SS_SIDE_A, number->seq);
    ss_explain_write(ladder, SS_PLAIN, text.octets);
}

static void explain_ack(struct ss_ladder *ladder, const struct number *number, uint8_t flags,
                        const struct ss_verify *after)
{
    const struct ss_explain_next *next = number->next;
    const struct ss_field_value *field = said(next, SS_FIELD_ACK);
    struct ss_player_tcb own = ss_player_tcb(next->player);
    struct ss_text text;
    begin(&text, "ack", number->seq, number->symbol);
    if (!(flags & SS_TCP_ACK)) {
        ss_text_add(&text, ": nobody reads it, as the flag ACK is not set (RFC 9293 3.1)");
    } else {
        if (field && !binds(next, field))
            add_said(&text, number, field, own.rcv_nxt_known, own.rcv_nxt);
        else if (own.rcv_nxt_known)
            ss_text_add(&text, ": RCV.NXT, the next number expected: all before it has come "
                               "(RFC 9293 3.4)");
        else
            ss_text_add(&text, ": nothing has come that could be acknowledged");
        ss_explain_add_sum(&text, after, SS_SIDE_B, number->seq);
    }
    ss_explain_write(ladder, SS_PLAIN, text.octets);
}

void ss_explain_next(struct ss_ladder *ladder, const struct ss_explain_next *next)
{
    struct ss_event_segment segment;
    struct ss_verify after;
    ss_foresee(ss_player_tcb(next->player).verify, next->link, next->octets, next->length, &segment,
               &after);
    ss_ladder_begin_block(ladder, false);
    if (segment.packet.transport != SS_TRANSPORT_TCP) {
        struct ss_message message;
        bool other = ss_message_read(&segment.packet, &message);
        ss_explain_write(ladder, other ? SS_PLAIN : SS_WARN,
                         other ? "it is no TCP segment: it has no number of the stream"
                               : "no TCP header can be found in it");
        return;
    }
    const struct ss_tcp_header *tcp = &segment.packet.tcp;
    struct number seq = {next, SS_FIELD_SEQ, SS_SIDE_A, tcp->seq, segment.seq_symbol};
    struct number ack = {next, SS_FIELD_ACK, SS_SIDE_B, tcp->ack, segment.ack_symbol};
    explain_seq(ladder, &seq, tcp->flags, &after);
    explain_ack(ladder, &ack, tcp->flags, &after);
    ss_explain_write(ladder, SS_DIM, "sent so, the checks would say:");
    ss_explain_write_verdicts(ladder, &segment);
}

/* --- a segment that is in the trace ---------------------------------------------------------- */

/* What a number in the seq field numbers. */
static const char *word_seq(const struct ss_packet *packet)
{
    if (packet->tcp.flags & SS_TCP_SYN)
        return "the number of its SYN, drawn by its sender (RFC 9293 3.4.1)";
    if (packet->payload_length > 0)
        return "the number of its first octet (RFC 9293 3.4)";
    if (packet->tcp.flags & SS_TCP_FIN)
        return "the number of its FIN, which counts one (RFC 9293 3.4)";
    if (packet->tcp.flags & SS_TCP_RST)
        return "where its receiver has to expect it (RFC 5961 3.2)";
    return "what its sender will send next; the segment itself takes no number (RFC 9293 3.4)";
}

static void explain_numbers(struct ss_ladder *ladder, const struct ss_verify *verify,
                            const struct ss_event_segment *segment)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    struct ss_text text;
    begin(&text, "seq", tcp->seq, segment->seq_symbol);
    ss_text_add(&text, ": %s", word_seq(&segment->packet));
    ss_explain_add_sum(&text, verify, segment->from, tcp->seq);
    ss_explain_write(ladder, SS_PLAIN, text.octets);
    if (!(tcp->flags & SS_TCP_ACK))
        return;
    begin(&text, "ack", tcp->ack, segment->ack_symbol);
    ss_text_add(&text, ": the next number that its sender expects: all before it has come "
                       "(RFC 9293 3.4)");
    ss_explain_add_sum(&text, verify, ss_side_other(segment->from), tcp->ack);
    ss_explain_write(ladder, SS_PLAIN, text.octets);
}

void ss_explain_segment(struct ss_ladder *ladder, const struct ss_player *player,
                        const struct ss_event_segment *segment)
{
    ss_ladder_begin_block(ladder, false);
    ss_ladder_write_name(ladder, segment);
    if (segment->packet.transport == SS_TRANSPORT_TCP)
        explain_numbers(ladder, ss_player_tcb(player).verify, segment);
    ss_explain_write_verdicts(ladder, segment);
}
