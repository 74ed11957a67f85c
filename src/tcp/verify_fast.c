/*
 * verify_fast: the short way for most packets: the next data in order, or an ACK that moves, of a
 * connection that stands. Each condition rules out what some rule of the long way could say; what
 * remains is said here. tests/test_verify_fast.c holds both against each other.
 */
#include "verify_internal.h"

enum { OFFSET_WORDS_PLAIN = 5, MARKS = SS_TCP_PSH | SS_TCP_ECE | SS_TCP_CWR };

/* ACK and marks only, no option but timestamps, nothing stray. */
static bool is_plain_packet(const struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    const struct ss_tcp_options *options = &packet->options;
    return (packet->tcp.flags & ~MARKS) == SS_TCP_ACK && packet->tcp.window != 0 &&
           packet->tcp.urgent == 0 && !options->has_mss && !options->has_window_shift &&
           !options->sack_permitted && options->sack_count == 0 && !options->malformed &&
           (packet->tcp.offset_words <= OFFSET_WORDS_PLAIN || !ss_verify_has_options_after_end(c));
}

static bool is_settled(const struct ss_verify_side *side)
{
    return side->state == SS_TCP_ESTABLISHED && side->handshake_done && side->next_known &&
           side->contiguous_known && side->seen_known && side->said_known && side->ack_known &&
           side->window_known && !side->fin_known && !side->reset && !side->probing;
}

/* The next number, everything before it seen; an ACK of what was seen; one of both is new. */
static bool goes_on(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender, *receiver = c->receiver;
    uint32_t moved = ss_seq_distance(sender->ack, c->ack_number);
    return ss_seq_equal(c->seq, sender->next) && ss_seq_equal(c->seq, sender->seen) &&
           ss_seq_equal(c->seq, sender->reach) &&
           ss_seq_at_or_before(c->ack_number, receiver->reach) &&
           ss_seq_at_or_before(receiver->said, c->seq) && ss_seq_equal(sender->said, sender->ack) &&
           ss_seq_equal(sender->contiguous, sender->next) &&
           moved <= ss_seq_distance(sender->ack, receiver->next) &&
           ss_seq_at_or_before(c->ack_number, receiver->contiguous) &&
           (moved > 0 || c->payload > 0);
}

/* Data end before the right edge, a window was open; the sender's own edge does not move left. */
static bool is_within_windows(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender, *receiver = c->receiver;
    struct ss_seq edge = ss_seq_add(c->ack_number, c->window_bytes);
    bool fits =
        c->payload == 0 ||
        (receiver->window != 0 && (!receiver->edge_known || ss_seq_before(c->end, receiver->edge)));
    bool left = sender->edge_known && ss_seq_before(edge, sender->edge) &&
                ss_seq_distance(edge, sender->edge) >= ss_verify_window_unit(c);
    return fits && !left;
}

static bool is_before(uint32_t stamp, uint32_t other)
{
    return ss_seq_before(ss_seq_from(stamp), ss_seq_from(other));
}

/* There when agreed, not going back, echoing what was sent. */
static bool has_right_timestamps(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender, *receiver = c->receiver;
    const struct ss_tcp_options *options = &c->packet->options;
    if (!options->has_timestamps)
        return !sender->timestamps_sent || !receiver->timestamps_sent;
    if (sender->timestamp_known && is_before(options->timestamp_value, sender->timestamp))
        return false;
    if (sender->recent_known && is_before(options->timestamp_value, sender->recent))
        return false;
    return !receiver->timestamp_known ||
           (!is_before(receiver->timestamp, options->timestamp_echo) &&
            !is_before(options->timestamp_echo, receiver->timestamp_first));
}

/* Finds the facts that are needed. */
static bool is_fast(struct ss_verify_case *c)
{
    if (!is_plain_packet(c))
        return false;
    ss_verify_observe_header(c);
    if (!is_settled(c->sender) || !is_settled(c->receiver) || !goes_on(c) ||
        !is_within_windows(c) || !has_right_timestamps(c))
        return false;
    ss_verify_find_acked(c);
    if (c->acked && c->acked->repeated) /* karn_ambiguous */
        return false;
    ss_verify_observe_age(c);
    return true;
}

static void say(struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    struct ss_verify_pair acked = ss_verify_acked(c, receiver->contiguous, c->ack_number);
    bool all = ss_seq_equal(c->ack_number, receiver->contiguous);
    if (all && !(c->wishes & SS_WISH_HELD))
        return;
    ss_verify_say(c, SS_RULE_SEQ_IS_SND_NXT, ss_verify_sent(c, c->seq, c->seq));
    if (c->payload > 0 && receiver->edge_known)
        ss_verify_say(c, SS_RULE_DATA_IN_WINDOW, ss_verify_sent(c, receiver->edge, c->data_end));
    ss_verify_say(c, all ? SS_RULE_ACK_IS_RCV_NXT : SS_RULE_ACK_PARTIAL, acked);
}

static void update_data(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    if (c->payload == 0)
        return;
    ss_verify_remember(c);
    ss_verify_update_pushed(sender, c);
    sender->sent += c->payload;
    sender->next = c->end;
    sender->next_us = c->time_us;
    sender->next_frame = c->frame;
    sender->contiguous = c->end;
    sender->seen = c->end;
    sender->reach = c->end;
    sender->payload_bytes += c->payload;
}

static void update_ack(struct ss_verify_side *sender, struct ss_verify_side *receiver,
                       const struct ss_verify_case *c)
{
    if (!ss_seq_equal(sender->ack, c->ack_number)) {
        sender->duplicate_acks = 0;
        sender->ack_frame = c->frame;
    }
    sender->ack = c->ack_number;
    sender->said = c->ack_number;
    sender->ack_us = c->time_us;
    sender->refused_ack_known = false;
    ss_verify_settle_acked(receiver, c);
}

static void update(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    verify->completeness |= ss_verify_part(c);
    update_data(sender, c);
    update_ack(sender, receiver, c);
    sender->window = c->packet->tcp.window;
    ss_verify_update_window(verify, c);
    sender->segments++;
    sender->unanswered++;
    receiver->unanswered = 0;
    receiver->uncounted = false;
    sender->challenge_due = false;
    sender->last = sender->last_flag = SS_LAST_PLAIN;
    ss_verify_update_marks(sender, c);
}

void ss_verify_begin(struct ss_verify_case *c, const struct ss_verify *verify,
                     const struct ss_verify_input *input, struct ss_verdicts *verdicts)
{
    struct ss_verify_extra *extra = input->extra;
    c->verify = verify;
    c->packet = input->packet;
    c->extra = extra;
    c->sender_extra = extra ? &extra->sides[input->from] : NULL;
    c->receiver_extra = extra ? &extra->sides[ss_side_other(input->from)] : NULL;
    c->acked = NULL;
    c->verdicts = verdicts;
    c->time_us = input->time_us;
    c->frame = input->frame;
    c->wishes = input->wishes;
    c->from = input->from;
    c->third = c->answers_synack = c->keep_alive = c->dropped = c->repeats = c->timed_out = false;
    c->place = SS_PLACE_NEXT;
}

bool ss_verify_fast(struct ss_verify *verify, struct ss_verify_case *c,
                    struct ss_verify_analysis *analysis)
{
    if (!is_fast(c))
        return false;
    say(c);
    if (analysis)
        ss_verify_analyse_plain(c, analysis);
    update(verify, c);
    return true;
}

void ss_verify_judge(struct ss_verify *verify, const struct ss_verify_input *input,
                     struct ss_verdicts *verdicts, struct ss_verify_analysis *analysis)
{
    struct ss_verify_case c; /* not cleared: begin sets what integrity and the short way need */
    ss_verify_begin(&c, verify, input, verdicts);
    verdicts->count = 0;
    if (analysis)
        *analysis = (struct ss_verify_analysis){0};
    if (ss_verify_judge_integrity(&c) && !ss_verify_fast(verify, &c, analysis))
        ss_verify_long(verify, input, verdicts, analysis);
    verify->packets++;
}
