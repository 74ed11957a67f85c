/*
 * verify_timer: what an end's repetitions say of its retransmission timer (RFC 6298).
 */
#include "verify_internal.h"

enum {
    TOLERANCE = 8,             /* an eighth: clocks are coarse, captures late */
    LONGEST_US = 60 * 1000000, /* section 2.5: the interval may stay there */
    MILLISECOND_US = 1000,
};

static struct ss_verify_pair milliseconds(uint64_t expected_us, uint64_t actual_us)
{
    return ss_verify_counted((uint32_t)(expected_us / MILLISECOND_US),
                             (uint32_t)(actual_us / MILLISECOND_US));
}

static bool is_same_timeout(const struct ss_verify_case *c)
{
    const struct ss_verify_extra_side *extra = c->sender_extra;
    return extra->backing_off && ss_seq_equal(extra->backoff_seq, c->seq);
}

/* Section 5.5: RTO <- RTO * 2 each time it expires. */
static void judge_doubling(struct ss_verify_case *c)
{
    const struct ss_verify_extra_side *extra = c->sender_extra;
    if (!is_same_timeout(c) || !extra->interval_known)
        return;
    uint64_t interval_us = c->time_us - extra->backoff_us, doubled_us = extra->interval_us * 2;
    if (interval_us >= LONGEST_US || interval_us + interval_us / TOLERANCE >= doubled_us)
        return;
    ss_verify_say(c, SS_RULE_RTO_NOT_DOUBLED, milliseconds(doubled_us, interval_us));
}

/* Section 2: the timer is longer than a round trip; no ACK ever came sooner than the shortest. */
static void judge_too_early(struct ss_verify_case *c)
{
    const struct ss_verify_segment *before =
        ss_verify_ring_newest_with(&c->sender_extra->ring, c->seq);
    if (!before || c->time_us - before->time_us >= c->sender->rtt_min_us)
        return;
    ss_verify_say(
        c, SS_RULE_RETRANSMITTED_TOO_EARLY,
        ss_verify_counted(c->sender->rtt_min_us, (uint32_t)(c->time_us - before->time_us)));
}

void ss_verify_judge_timer(struct ss_verify_case *c)
{
    c->repeats = true;
    c->timed_out = true;
    if (!c->sender_extra)
        return;
    judge_doubling(c);
    judge_too_early(c);
}

/* Section 3: an ACK of what was sent twice measures nothing, unless timestamps tell them apart. */
void ss_verify_judge_karn(struct ss_verify_case *c)
{
    bool moves = !c->sender->ack_known || ss_seq_after(c->ack_number, c->sender->ack);
    if (!moves || c->packet->options.has_timestamps || c->ack_place != SS_ACK_IN_RANGE || c->rst)
        return;
    if (c->acked && c->acked->repeated)
        ss_verify_say(c, SS_RULE_KARN_AMBIGUOUS, ss_verify_acked(c, c->ack_number, c->ack_number));
}
