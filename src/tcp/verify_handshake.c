/*
 * verify_handshake: the rules of SYN and SYN/ACK, and of where a connection begins
 * (RFC 9293 section 3.5).
 */
#include "verify_internal.h"

/* Whether the ACK covers the SYN and no more than fast open let it carry (RFC 7413 section 4.2.2).
 */
bool ss_verify_synack_ack_right(const struct ss_verify_case *c)
{
    const struct ss_verify_side *opener = c->receiver;
    uint32_t extra = opener->fast_open ? opener->syn_payload : 0;
    return ss_seq_distance(ss_seq_add(opener->isn, 1), c->ack_number) <= extra;
}

static void judge_start(struct ss_verify_case *c)
{
    bool synack = c->syn && c->ack;
    if (ss_verify_is_first(c->verify) && (!c->syn || synack))
        ss_verify_say(c, SS_RULE_CAPTURE_STARTS_LATE, ss_verify_nothing());
    if (c->reused)
        ss_verify_say(c, SS_RULE_REUSED_PORTS, ss_verify_sent(c, c->old_isn, c->seq));
}

static void judge_flags(struct ss_verify_case *c)
{
    if (c->syn && (c->fin || c->rst))
        ss_verify_say(c, SS_RULE_FLAGS_CONTRADICT, ss_verify_nothing());
}

static void judge_syn_kind(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    switch (c->syn_kind) {
    case SS_SYN_NONE:
    case SS_SYN_FIRST:
        return;
    case SS_SYN_CROSSING:
        ss_verify_say(c, SS_RULE_SIMULTANEOUS_OPEN, ss_verify_nothing());
        return;
    case SS_SYN_REPEATED:
        ss_verify_say(c, SS_RULE_RETRANSMISSION, ss_verify_sent(c, sender->next, c->seq));
        ss_verify_judge_timer(c);
        return;
    case SS_SYN_INTRUDING:
        ss_verify_say(c, c->unacceptable ? SS_RULE_SYN_OUT_OF_WINDOW : SS_RULE_SYN_IN_WINDOW,
                      ss_verify_sent(c, sender->next, c->seq));
        return;
    }
}

static void judge_syn_contents(struct ss_verify_case *c)
{
    if (!c->packet->options.has_mss)
        ss_verify_say(c, SS_RULE_MSS_MISSING, ss_verify_nothing());
    if (c->payload > 0)
        ss_verify_say(
            c, c->packet->options.has_fast_open ? SS_RULE_FAST_OPEN_DATA : SS_RULE_SYN_CARRIES_DATA,
            ss_verify_counted(0, c->payload));
}

/* The SYN/ACK's own number: new, or the same as in what this end sent before. */
static void judge_synack_seq(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!sender->isn_known)
        return;
    if (!ss_seq_equal(sender->isn, c->seq)) {
        if (c->dropped)
            ss_verify_say(c, SS_RULE_ISN_CHANGED, ss_verify_sent(c, sender->isn, c->seq));
    } else if (sender->synack_sent) {
        ss_verify_say(c, SS_RULE_RETRANSMISSION, ss_verify_sent(c, sender->next, c->seq));
        ss_verify_judge_timer(c);
    } else {
        ss_verify_say(c, SS_RULE_SYNACK_SEQ, ss_verify_sent(c, sender->isn, c->seq));
    }
}

/* ACK = J+1; with fast open, up to the end of the data that the SYN carried. */
static void judge_synack_ack(struct ss_verify_case *c)
{
    const struct ss_verify_side *opener = c->receiver;
    if (!opener->isn_known)
        return;
    struct ss_seq expected = ss_seq_add(opener->isn, 1);
    struct ss_verify_pair pair = ss_verify_acked(c, expected, c->ack_number);
    if (!ss_verify_synack_ack_right(c))
        ss_verify_say(c, SS_RULE_SYNACK_ACK_NOT_ISN_PLUS_1, pair);
    else if (ss_seq_equal(c->ack_number, expected))
        ss_verify_say(c, SS_RULE_SYNACK_ACK, pair);
    else
        ss_verify_say(c, SS_RULE_FAST_OPEN_ACK,
                      ss_verify_acked(c, ss_seq_add(expected, opener->syn_payload), c->ack_number));
}

void ss_verify_judge_handshake(struct ss_verify_case *c)
{
    judge_start(c);
    judge_flags(c);
    if (!c->syn || c->rst)
        return;
    judge_syn_kind(c);
    if (c->ack) {
        judge_synack_seq(c);
        judge_synack_ack(c);
    }
    judge_syn_contents(c);
}
