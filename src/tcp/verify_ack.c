/*
 * verify_ack: whether a segment's acknowledgment and window are what its sender may say (RFC 9293
 * sections 3.4, 3.8.6 and 3.10.7.4, RFC 5961 section 5.2).
 */
#include "verify_internal.h"

static struct ss_verify_pair next_and_ack(const struct ss_verify_case *c)
{
    return ss_verify_acked(c, c->receiver->next, c->ack_number);
}

/* How sure it is that an ACK that went back was sent after the one it contradicts. */
static enum ss_verdict_level regression_level(const struct ss_verify_case *c)
{
    if (c->place == SS_PLACE_BACK) /* both its numbers are from before: an older segment */
        return SS_VERDICT_NOTE;
    switch (c->age) {
    case SS_AGE_OLDER:
        return SS_VERDICT_NOTE;
    case SS_AGE_UNKNOWN:
        return SS_VERDICT_WARNING;
    case SS_AGE_NEWER:
        return SS_VERDICT_VIOLATION;
    }
    return SS_VERDICT_VIOLATION;
}

/*
 * The FIN's data but not the FIN. What was sent before the FIN arrived may say so; not what answers
 * a FIN that came with new data, nor what a lone FIN alone can have called forth.
 */
static bool judge_fin_ack_missing(struct ss_verify_case *c)
{
    const struct ss_verify_side *closed = c->receiver;
    if (!closed->fin_known || !ss_seq_equal(c->ack_number, closed->fin))
        return false;
    struct ss_verify_pair pair = ss_verify_acked(c, ss_seq_add(closed->fin, 1), c->ack_number);
    bool repeated = c->same_ack && c->packet->tcp.window == c->sender->window;
    if (closed->fin_with_data) {
        ss_verify_say(c, SS_RULE_FIN_ACK_MISSING, pair);
        return true;
    }
    if (!repeated || c->age == SS_AGE_OLDER)
        return false;
    bool sure = closed->unanswered == 1 && c->age == SS_AGE_NEWER;
    ss_verify_say_at(c, SS_RULE_FIN_ACK_MISSING, sure ? SS_VERDICT_VIOLATION : SS_VERDICT_WARNING,
                     pair);
    return true;
}

/* Whether it is the first to acknowledge the other end's FIN. */
static bool is_first_fin_ack(const struct ss_verify_case *c)
{
    const struct ss_verify_side *closed = c->receiver;
    return closed->fin_known && ss_seq_equal(c->ack_number, ss_seq_add(closed->fin, 1)) &&
           !(c->sender->ack_known && ss_seq_equal(c->sender->ack, c->ack_number));
}

static void judge_ack_in_range(struct ss_verify_case *c)
{
    const struct ss_verify_side *acked = c->receiver;
    struct ss_verify_pair pair = ss_verify_acked(c, acked->contiguous, c->ack_number);
    if (is_first_fin_ack(c))
        ss_verify_say(c, SS_RULE_FIN_ACK, ss_verify_acked(c, c->ack_number, c->ack_number));
    else if (ss_seq_equal(c->ack_number, acked->contiguous))
        ss_verify_say(c, SS_RULE_ACK_IS_RCV_NXT, pair);
    else if (ss_seq_after(c->ack_number, acked->contiguous) && !acked->probing)
        ss_verify_say(c, SS_RULE_ACK_LOST_SEGMENT, pair);
    else if (ss_seq_after(c->ack_number, acked->contiguous))
        ss_verify_say(c, SS_RULE_ACK_IS_RCV_NXT, ss_verify_acked(c, c->ack_number, c->ack_number));
    else if (!judge_fin_ack_missing(c))
        ss_verify_say(c, SS_RULE_ACK_PARTIAL, pair);
}

/* The third segment acknowledges K+1; more only when data came right behind the SYN/ACK. */
static void judge_handshake_ack(struct ss_verify_case *c)
{
    struct ss_seq expected = ss_seq_add(c->receiver->isn, 1);
    struct ss_verify_pair pair = ss_verify_acked(c, expected, c->ack_number);
    if (ss_seq_equal(c->ack_number, expected))
        ss_verify_say(c, SS_RULE_HANDSHAKE_ACK, pair);
    else if (c->ack_place != SS_ACK_IN_RANGE)
        ss_verify_say(c, SS_RULE_HANDSHAKE_ACK_NOT_ISN_PLUS_1, pair);
    else
        judge_ack_in_range(c);
}

static void judge_number(struct ss_verify_case *c)
{
    struct ss_verify_pair last = ss_verify_acked(c, c->sender->ack, c->ack_number);
    switch (c->ack_place) {
    case SS_ACK_NONE:
    case SS_ACK_UNKNOWN:
        return;
    case SS_ACK_IN_RANGE:
        judge_ack_in_range(c);
        return;
    case SS_ACK_REGRESSED:
        ss_verify_say_at(c, SS_RULE_ACK_REGRESSED, regression_level(c), last);
        return;
    case SS_ACK_OUTSIDE_5961:
        ss_verify_say(c, SS_RULE_ACK_OUTSIDE_5961_RANGE, last);
        return;
    case SS_ACK_UNSENT:
        ss_verify_say(c, SS_RULE_ACK_OF_UNSENT, next_and_ack(c));
        return;
    }
}

/* What a segment is that says nothing new but its window. */
static enum ss_rule repetition_of(const struct ss_verify_case *c)
{
    if (c->packet->tcp.window != c->sender->window)
        return c->packet->tcp.window == 0 ? SS_RULE_ZERO_WINDOW : SS_RULE_WINDOW_UPDATE;
    if (c->sender->challenge_due)
        return SS_RULE_CHALLENGE_ACK;
    switch ((enum ss_verify_last)c->receiver->last) {
    case SS_LAST_KEEP_ALIVE:
        return SS_RULE_KEEP_ALIVE_ACK;
    case SS_LAST_ZERO_WINDOW_PROBE:
        return SS_RULE_ZERO_WINDOW_PROBE_ACK;
    case SS_LAST_PLAIN:
        return SS_RULE_DUPLICATE_ACK;
    }
    return SS_RULE_DUPLICATE_ACK;
}

/* The window that an end offered last, octets. */
static uint32_t last_window(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    bool scaled = sender->handshake_done && ss_verify_windows_scaled(c->verify);
    return (uint32_t)sender->window << (scaled ? sender->shift : 0);
}

bool ss_verify_is_smaller_offer(const struct ss_verify_case *c)
{
    return c->window_bytes < last_window(c);
}

static void judge_repetition(struct ss_verify_case *c)
{
    enum ss_rule rule = repetition_of(c);
    if (rule == SS_RULE_WINDOW_UPDATE && ss_verify_is_smaller_offer(c)) /* it shrinks, see below */
        return;
    bool closed = c->packet->tcp.window == 0; /* which is said apart */
    if (!c->same_ack || (closed && (rule == SS_RULE_ZERO_WINDOW || rule == SS_RULE_DUPLICATE_ACK)))
        return;
    ss_verify_say(c, rule,
                  rule == SS_RULE_WINDOW_UPDATE
                      ? ss_verify_counted(c->sender->window, c->packet->tcp.window)
                      : ss_verify_acked(c, c->sender->ack, c->ack_number));
}

static void judge_zero_window(struct ss_verify_case *c)
{
    if (c->plain && c->packet->tcp.window == 0)
        ss_verify_say(c, SS_RULE_ZERO_WINDOW, ss_verify_nothing());
}

uint32_t ss_verify_window_unit(const struct ss_verify_case *c)
{
    return ss_verify_windows_scaled(c->verify) ? UINT32_C(1) << c->sender->shift : 1;
}

/* The right edge that the sender offered last. */
static struct ss_seq last_edge(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    bool scaled = ss_verify_windows_scaled(c->verify) && sender->handshake_done;
    return ss_seq_add(sender->ack, (uint32_t)sender->window << (scaled ? sender->shift : 0));
}

/*
 * RFC 9293 section 3.8.6: the right edge should not move left. A window that is scaled is rounded
 * down to its unit (RFC 7323 section 2.4): less than one unit of the furthest edge is no shrinking.
 * An edge that stays where it was, or comes part of the way back, has not moved left again.
 */
static void judge_shrinking(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!sender->edge_known || c->ack_place != SS_ACK_IN_RANGE || c->place == SS_PLACE_BACK)
        return;
    struct ss_seq edge = ss_seq_add(c->ack_number, c->window_bytes);
    bool moved = !sender->ack_known || !sender->window_known || ss_seq_before(edge, last_edge(c));
    if (moved && ss_seq_before(edge, sender->edge) &&
        ss_seq_distance(edge, sender->edge) >= ss_verify_window_unit(c))
        ss_verify_say(c, SS_RULE_WINDOW_SHRUNK, ss_verify_acked(c, sender->edge, edge));
}

void ss_verify_judge_ack(struct ss_verify_case *c)
{
    if (c->syn || c->rst || !c->ack || c->half_open || (c->dropped && !c->third))
        return;
    if (c->third)
        judge_handshake_ack(c);
    else
        judge_number(c);
    judge_repetition(c);
    judge_zero_window(c);
    judge_shrinking(c);
}
