/*
 * verify_stream: whether a segment's own numbers, data and FIN are what its sender may send next
 * (RFC 9293 sections 3.4, 3.6, 3.8 and 3.10.7.4).
 */
#include "verify_internal.h"

enum {
    FAST_RETRANSMISSION_US = 20000, /* after the last ACK, as capture analysers take it */
    REORDERING_US = 3000,           /* where no round trip is known */
    DUPLICATE_ACKS = 2,
};

/* Data while the sender's state still queues them (RFC 9293 section 3.10.2); RFC 7413 lets them. */
static void judge_data_before_established(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (c->payload == 0 || c->verify->late || ss_verify_is_first(c->verify) || c->half_open)
        return;
    bool early = sender->state == SS_TCP_LISTEN || sender->state == SS_TCP_SYN_SENT ||
                 sender->state == SS_TCP_SYN_RECEIVED;
    if (early && !sender->fast_open && !c->receiver->fast_open)
        ss_verify_say(c, SS_RULE_DATA_BEFORE_ESTABLISHED, ss_verify_counted(0, c->payload));
}

static void judge_half_open(struct ss_verify_case *c)
{
    if (c->half_open)
        ss_verify_say(c, SS_RULE_HALF_OPEN, ss_verify_acked(c, c->receiver->next, c->ack_number));
}

static void judge_synack_not_seen(struct ss_verify_case *c)
{
    if (c->sender->syn_sent && !c->receiver->next_known && c->ack && c->payload == 0)
        ss_verify_say(c, SS_RULE_SYNACK_NOT_SEEN, ss_verify_nothing());
}

static void judge_data_and_reset(struct ss_verify_case *c)
{
    if (c->payload > 0 && c->sender->reset)
        ss_verify_say(c, SS_RULE_DATA_AFTER_RESET, ss_verify_counted(0, c->payload));
    else if (c->payload > 0 && c->receiver->reset)
        ss_verify_say(c, SS_RULE_DATA_TO_CLOSED, ss_verify_counted(0, c->payload));
}

static void judge_ack_flag(struct ss_verify_case *c)
{
    if (!c->ack)
        ss_verify_say(c, SS_RULE_ACK_FLAG_MISSING, ss_verify_nothing());
}

/* The third segment's number: J+1. One that lies ahead may follow data that were missed. */
static void judge_handshake_seq(struct ss_verify_case *c)
{
    struct ss_verify_pair pair = ss_verify_sent(c, c->third_seq, c->seq);
    bool explained = ss_seq_after(c->seq, c->third_seq) && !c->dropped;
    if (ss_seq_equal(c->seq, c->third_seq))
        ss_verify_say(c, SS_RULE_HANDSHAKE_SEQ, pair);
    else if (explained && c->payload > 0)
        ss_verify_say(c, SS_RULE_LOST_SEGMENT, pair);
    else
        ss_verify_say_at(c, SS_RULE_HANDSHAKE_SEQ_NOT_ISN_PLUS_1,
                         explained ? SS_VERDICT_WARNING : SS_VERDICT_VIOLATION, pair);
}

static bool is_spurious(const struct ss_verify_case *c)
{
    return c->payload > 0 && c->receiver->ack_known &&
           ss_seq_at_or_before(c->end, c->receiver->ack);
}

static bool is_fast(const struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    return receiver->duplicate_acks >= DUPLICATE_ACKS && receiver->ack_known &&
           ss_seq_equal(c->seq, receiver->ack) &&
           c->time_us - receiver->ack_us <= FAST_RETRANSMISSION_US;
}

/* New octets from further back, too soon to be a repetition: another way was faster. */
static bool is_reordered(const struct ss_verify_case *c)
{
    uint64_t limit_us =
        c->verify->initial_rtt_known ? c->verify->initial_rtt_us : (uint64_t)REORDERING_US;
    return !ss_verify_was_seen(c->sender, c->sender_extra,
                               (struct ss_verify_run){c->seq, c->end}) &&
           c->time_us - c->sender->next_us <= limit_us;
}

/* What a segment from before SND.NXT is. */
static enum ss_rule repetition_of(const struct ss_verify_case *c)
{
    if (c->length == 0)
        return SS_RULE_OUT_OF_ORDER;
    if (is_spurious(c))
        return SS_RULE_SPURIOUS_RETRANSMISSION;
    if (is_fast(c))
        return SS_RULE_FAST_RETRANSMISSION;
    return is_reordered(c) ? SS_RULE_OUT_OF_ORDER : SS_RULE_RETRANSMISSION;
}

/* A segment at the FIN's own number that acknowledges more than the FIN did was sent after it. */
static bool forgets_fin(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    return sender->fin_known && !c->fin && c->length == 0 && ss_seq_equal(c->seq, sender->fin) &&
           sender->ack_known && ss_seq_after(c->ack_number, sender->ack);
}

static void judge_repetition(struct ss_verify_case *c, struct ss_verify_pair pair)
{
    enum ss_rule rule = repetition_of(c);
    ss_verify_say(c, rule, pair);
    c->repeats = rule != SS_RULE_OUT_OF_ORDER;
    if (rule == SS_RULE_RETRANSMISSION)
        ss_verify_judge_timer(c);
    ss_verify_judge_overlap(c);
}

static void judge_back(struct ss_verify_case *c)
{
    struct ss_verify_pair pair = ss_verify_sent(c, c->sender->next, c->seq);
    if (c->keep_alive)
        ss_verify_say(c, SS_RULE_KEEP_ALIVE, pair);
    else if (forgets_fin(c))
        ss_verify_say(c, SS_RULE_FIN_NOT_COUNTED, pair);
    else
        judge_repetition(c, pair);
}

/* SEG.SEQ = SND.NXT, or what else it is. */
static void judge_place(struct ss_verify_case *c)
{
    struct ss_verify_pair pair = ss_verify_sent(c, c->sender->next, c->seq);
    if (c->unacceptable)
        return;
    switch (c->place) {
    case SS_PLACE_UNKNOWN:
        return;
    case SS_PLACE_NEXT:
        ss_verify_say(c, SS_RULE_SEQ_IS_SND_NXT, pair);
        if (c->zero_window_probe)
            ss_verify_say(c, SS_RULE_ZERO_WINDOW_PROBE, pair);
        c->repeats = c->zero_window_probe && c->sender->probing; /* SND.NXT has not moved for it */
        return;
    case SS_PLACE_BACK:
        judge_back(c);
        return;
    case SS_PLACE_AHEAD:
        ss_verify_say(c, SS_RULE_LOST_SEGMENT, pair);
        return;
    }
}

/* Data beyond the window have a rule of their own, and the third segment, too. */
static void judge_acceptability(struct ss_verify_case *c)
{
    if (c->unacceptable && !c->third && (c->before_stream || !c->beyond_window))
        ss_verify_say(c, SS_RULE_SEGMENT_UNACCEPTABLE, ss_verify_sent(c, c->sender->next, c->seq));
}

static void judge_window(struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    if (c->payload == 0 || !receiver->edge_known || !receiver->ack_known || c->keep_alive ||
        c->zero_window_probe || c->before_stream)
        return;
    ss_verify_say(c, c->beyond_window ? SS_RULE_DATA_BEYOND_WINDOW : SS_RULE_DATA_IN_WINDOW,
                  ss_verify_sent(c, receiver->edge, c->data_end));
    if (ss_seq_equal(c->data_end, receiver->edge))
        ss_verify_say(c, SS_RULE_WINDOW_FULL, ss_verify_sent(c, receiver->edge, c->data_end));
}

static void judge_fin(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!sender->fin_known)
        return;
    if (c->payload > 0 && !c->keep_alive && ss_seq_after(c->data_end, sender->fin))
        ss_verify_say(c, SS_RULE_DATA_AFTER_FIN, ss_verify_sent(c, sender->fin, c->data_end));
    if (c->fin && !ss_seq_equal(c->data_end, sender->fin))
        ss_verify_say(c, SS_RULE_FIN_MOVED, ss_verify_sent(c, sender->fin, c->data_end));
}

/* Data to an end whose FIN they acknowledge: the connection is half closed, and used. */
static void judge_half_close(struct ss_verify_case *c)
{
    const struct ss_verify_side *closed = c->receiver;
    if (!c->verify->half_close && c->payload > 0 && closed->fin_known &&
        c->ack_place == SS_ACK_IN_RANGE && ss_seq_after(c->ack_number, closed->fin) &&
        c->place == SS_PLACE_NEXT)
        ss_verify_say(c, SS_RULE_HALF_CLOSE, ss_verify_counted(0, c->payload));
}

static void judge_simultaneous_close(struct ss_verify_case *c)
{
    const struct ss_verify_side *closed = c->receiver;
    if (c->fin && !c->sender->fin_known && closed->fin_known && c->ack &&
        ss_seq_at_or_before(c->ack_number, closed->fin))
        ss_verify_say(c, SS_RULE_SIMULTANEOUS_CLOSE,
                      ss_verify_acked(c, closed->fin, c->ack_number));
}

typedef void rule(struct ss_verify_case *c);

/* In the order of RFC 9293 section 3.10.7.4: state, numbers, window, then the FIN. */
static rule *const stream_rules[] = {
    judge_data_before_established,
    judge_half_open,
    judge_synack_not_seen,
    judge_data_and_reset,
    judge_ack_flag,
    judge_acceptability,
    judge_window,
    judge_fin,
    judge_half_close,
    judge_simultaneous_close,
};

enum { NUMBER_RULES_AFTER = 6 }; /* the segment's number itself comes after acceptability */

void ss_verify_judge_stream(struct ss_verify_case *c)
{
    if (c->syn || c->rst)
        return;
    for (size_t i = 0; i < sizeof stream_rules / sizeof stream_rules[0]; i++) {
        if (i == NUMBER_RULES_AFTER)
            (c->third ? judge_handshake_seq : judge_place)(c);
        stream_rules[i](c);
    }
}
