/*
 * verify_sack: selective acknowledgments (RFC 2018, RFC 2883).
 */
#include "verify_internal.h"

static const struct ss_tcp_sack_block *block(const struct ss_verify_case *c, size_t index)
{
    return &c->packet->options.sack[index];
}

/* RFC 2018 section 2: only to an end whose SYN said that it takes them. */
static void judge_permission(struct ss_verify_case *c)
{
    if (c->receiver->syn_seen && !c->receiver->sack_permitted)
        ss_verify_say(c, SS_RULE_OPTION_NOT_ALLOWED_HERE, ss_verify_nothing());
}

static bool is_empty(const struct ss_tcp_sack_block *one)
{
    return !ss_seq_before(one->left, one->right);
}

static bool is_inside(const struct ss_tcp_sack_block *inner, const struct ss_tcp_sack_block *outer)
{
    return ss_seq_at_or_after(inner->left, outer->left) &&
           ss_seq_at_or_before(inner->right, outer->right);
}

/* RFC 2883 section 4: the first block lies below the ACK, or in the second block. */
static bool is_duplicate_report(const struct ss_verify_case *c)
{
    const struct ss_tcp_sack_block *first = block(c, 0);
    if (is_empty(first))
        return false;
    return ss_seq_at_or_before(first->right, c->ack_number) ||
           (c->packet->options.sack_count > 1 && is_inside(first, block(c, 1)));
}

/* A block holds what was sent: it ends after its beginning, and not beyond SND.NXT. */
static void judge_block(struct ss_verify_case *c, const struct ss_tcp_sack_block *one)
{
    const struct ss_verify_side *sent = c->receiver;
    if (is_empty(one))
        ss_verify_say(c, SS_RULE_SACK_OUTSIDE,
                      ss_verify_acked(c, ss_seq_add(one->left, 1), one->right));
    else if (sent->next_known && ss_seq_after(one->right, sent->next))
        ss_verify_say(c, SS_RULE_SACK_OUTSIDE, ss_verify_acked(c, sent->next, one->right));
    else if (ss_seq_before(one->left, c->ack_number))
        ss_verify_say(c, SS_RULE_SACK_BELOW_ACK, ss_verify_acked(c, c->ack_number, one->left));
}

uint32_t ss_verify_sacked(const struct ss_verify_case *c)
{
    size_t count = c->packet->options.sack_count;
    uint32_t octets = 0;
    if (count == 0 || c->syn || c->rst || !c->ack)
        return 0;
    for (size_t i = is_duplicate_report(c) ? 1 : 0; i < count; i++)
        if (!is_empty(block(c, i)) && ss_seq_at_or_after(block(c, i)->left, c->ack_number))
            octets += ss_seq_distance(block(c, i)->left, block(c, i)->right);
    return octets;
}

void ss_verify_judge_sack(struct ss_verify_case *c)
{
    size_t count = c->packet->options.sack_count, from = 0;
    if (count == 0 || c->syn || c->rst || !c->ack)
        return;
    judge_permission(c);
    if (is_duplicate_report(c)) {
        ss_verify_say(c, SS_RULE_DSACK, ss_verify_acked(c, c->ack_number, block(c, 0)->left));
        from = 1;
    }
    for (size_t i = from; i < count; i++)
        judge_block(c, block(c, i));
}
