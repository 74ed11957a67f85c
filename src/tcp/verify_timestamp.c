/*
 * verify_timestamp: the timestamps option (RFC 7323 sections 3 to 5).
 */
#include "verify_internal.h"

#define TIMESTAMPS_AGE_US (UINT64_C(24) * 24 * 3600 * 1000000) /* RFC 7323 section 5.5 */

static struct ss_verify_pair counted_stamps(uint32_t expected, uint32_t actual)
{
    return ss_verify_counted(expected, actual);
}

static bool is_before(uint32_t stamp, uint32_t other)
{
    return ss_seq_before(ss_seq_from(stamp), ss_seq_from(other));
}

/* Once both SYNs carried it, every segment but a RST has to (section 3.2). */
static void judge_missing(struct ss_verify_case *c)
{
    if (!c->packet->options.has_timestamps && !c->rst && !c->syn && c->sender->timestamps_sent &&
        c->receiver->timestamps_sent && c->receiver->syn_seen)
        ss_verify_say(c, SS_RULE_TIMESTAMP_MISSING, ss_verify_nothing());
}

/* Section 5.3 R1: what the receiver drops as a duplicate of long ago. */
static void judge_paws(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    uint32_t stamp = c->packet->options.timestamp_value;
    if (!sender->recent_known || c->rst || c->syn || !is_before(stamp, sender->recent) ||
        c->time_us - sender->recent_us > TIMESTAMPS_AGE_US)
        return;
    ss_verify_say(c, SS_RULE_PAWS_REJECTED, counted_stamps(sender->recent, stamp));
}

/* Section 4.1: the clock never goes back. What came late may have an earlier one: its id is older,
 * or its ack goes back, too. */
static void judge_regressed(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    uint32_t stamp = c->packet->options.timestamp_value;
    if (!sender->timestamp_known || c->rst || c->syn || c->place != SS_PLACE_NEXT ||
        !is_before(stamp, sender->timestamp) || c->id_age == SS_AGE_OLDER ||
        c->ack_place == SS_ACK_REGRESSED)
        return;
    ss_verify_say_at(c, SS_RULE_TIMESTAMP_REGRESSED,
                     c->id_age == SS_AGE_NEWER ? SS_VERDICT_VIOLATION : SS_VERDICT_WARNING,
                     counted_stamps(sender->timestamp, stamp));
}

/* Whether all that the other end sent was seen here. */
static bool is_whole(const struct ss_verify_case *c)
{
    const struct ss_verify_side *other = c->receiver;
    return !c->verify->late && other->syn_seen && c->ack_place != SS_ACK_UNSENT &&
           ss_seq_equal(other->contiguous, other->next);
}

/* Section 3.2: TSecr echoes a TSval of the other end: none that is newer than all, none before. */
static void judge_echo(struct ss_verify_case *c)
{
    const struct ss_verify_side *other = c->receiver;
    uint32_t echo = c->packet->options.timestamp_echo;
    if (!c->ack || c->rst || !other->timestamp_known)
        return;
    bool early = other->syn_seen && is_before(echo, other->timestamp_first) &&
                 !is_before(other->timestamp, other->timestamp_first);
    if (!early && !is_before(other->timestamp, echo))
        return;
    ss_verify_say_at(c, SS_RULE_TIMESTAMP_ECHO_UNKNOWN,
                     is_whole(c) ? SS_VERDICT_VIOLATION : SS_VERDICT_WARNING,
                     counted_stamps(other->timestamp, echo));
}

void ss_verify_judge_timestamps(struct ss_verify_case *c)
{
    judge_missing(c);
    if (!c->packet->options.has_timestamps)
        return;
    judge_regressed(c);
    judge_paws(c);
    judge_echo(c);
}
