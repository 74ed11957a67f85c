/*
 * verify_reset: what a RST's numbers have to be (RFC 9293 sections 3.5.2 and 3.10.7, RFC 5961
 * section 3.2).
 */
#include "verify_internal.h"

/* What a SYN's refusal acknowledges: SEG.SEQ + SEG.LEN of the SYN. */
static struct ss_seq refusal_ack(const struct ss_verify_case *c)
{
    return ss_seq_add(ss_seq_add(c->receiver->isn, 1), c->receiver->syn_payload);
}

/* RFC 9293 section 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. */
static void judge_refusal(struct ss_verify_case *c)
{
    struct ss_seq zero = ss_seq_from(0);
    bool seq_right = ss_seq_equal(c->seq, zero);
    bool ack_right = c->ack && ss_seq_equal(c->ack_number, refusal_ack(c));
    ss_verify_say(c, seq_right ? SS_RULE_REFUSAL_SEQ : SS_RULE_REFUSAL_SEQ_NOT_0,
                  ss_verify_sent(c, zero, c->seq));
    ss_verify_say(c, ack_right ? SS_RULE_REFUSAL_ACK : SS_RULE_REFUSAL_ACK_NOT_ISN_PLUS_1,
                  ss_verify_acked(c, refusal_ack(c), c->ack_number));
}

/* RFC 9293 sections 3.10.7.2 to 3.10.7.4: <SEQ=SEG.ACK><CTL=RST>. */
static void judge_answer(struct ss_verify_case *c)
{
    struct ss_seq expected = c->receiver->refused_ack;
    ss_verify_say(c,
                  ss_seq_equal(c->seq, expected) ? SS_RULE_RST_SEQ_IS_SEG_ACK
                                                 : SS_RULE_RST_SEQ_NOT_SEG_ACK,
                  ss_verify_sent(c, expected, c->seq));
}

/* The receiver's RCV.NXT as far as it shows. */
static struct ss_seq receiver_next(const struct ss_verify_case *c)
{
    return c->sender->contiguous_known ? c->sender->contiguous : c->receiver->ack;
}

bool ss_verify_reset_counts(const struct ss_verify_case *c)
{
    switch (c->reset_kind) {
    case SS_RESET_REFUSAL:
        return c->ack && ss_seq_equal(c->ack_number, refusal_ack(c));
    case SS_RESET_EXACT:
    case SS_RESET_UNKNOWN:
        return true;
    case SS_RESET_NONE:
    case SS_RESET_ANSWER: /* its sender goes on waiting for what is acceptable */
    case SS_RESET_IN_WINDOW:
    case SS_RESET_OUT_OF_WINDOW:
        return false;
    }
    return false;
}

void ss_verify_judge_reset(struct ss_verify_case *c)
{
    struct ss_verify_pair pair = ss_verify_sent(c, receiver_next(c), c->seq);
    switch (c->reset_kind) {
    case SS_RESET_NONE:
        return;
    case SS_RESET_REFUSAL:
        judge_refusal(c);
        return;
    case SS_RESET_ANSWER:
        judge_answer(c);
        return;
    case SS_RESET_EXACT: /* the number it hits: RCV.NXT, or the last ack while data are in flight */
        ss_verify_say(c, SS_RULE_RST_EXACT, ss_verify_sent(c, c->seq, c->seq));
        return;
    case SS_RESET_IN_WINDOW:
        ss_verify_say(c, SS_RULE_RST_IN_WINDOW, pair);
        return;
    case SS_RESET_OUT_OF_WINDOW:
        ss_verify_say(c, SS_RULE_RST_OUT_OF_WINDOW, pair);
        return;
    case SS_RESET_UNKNOWN:
        ss_verify_say(c, SS_RULE_RST_NOT_JUDGED, ss_verify_nothing());
        return;
    }
}
