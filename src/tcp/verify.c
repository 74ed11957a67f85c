/*
 * verify: the way in: a packet is observed, judged by each family of rules, then taken into
 * account.
 */
#include "verify_internal.h"

uint16_t ss_verify_default_mss(uint8_t version)
{
    enum { IPV4 = 536, IPV6 = 1220 }; /* RFC 9293 section 3.7.1 */
    return version == 6 ? IPV6 : IPV4;
}

static void assume_mss(struct ss_verify *verify, uint8_t version)
{
    verify->sides[SS_SIDE_A].mss = ss_verify_default_mss(version);
    verify->sides[SS_SIDE_B].mss = ss_verify_default_mss(version);
}

void ss_verify_init(struct ss_verify *verify)
{
    *verify = (struct ss_verify){0};
    verify->sides[SS_SIDE_A].state = SS_TCP_CLOSED;
    verify->sides[SS_SIDE_B].state = SS_TCP_LISTEN;
    assume_mss(verify, 4);
}

bool ss_verify_is_first(const struct ss_verify *verify)
{
    return verify->sides[SS_SIDE_A].segments == 0 && verify->sides[SS_SIDE_B].segments == 0;
}

bool ss_verify_windows_scaled(const struct ss_verify *verify)
{
    return verify->sides[SS_SIDE_A].shift_offered && verify->sides[SS_SIDE_B].shift_offered;
}

uint32_t ss_verify_window_bytes(const struct ss_verify *verify, enum ss_side from,
                                const struct ss_packet *packet)
{
    uint32_t window = packet->tcp.window;
    if ((packet->tcp.flags & SS_TCP_SYN) || !ss_verify_windows_scaled(verify))
        return window;
    return window << verify->sides[from].shift;
}

/* Whether an end is at a point from which a new connection may begin on the same ports. */
static bool is_over(const struct ss_verify_side *side)
{
    return side->reset || side->state == SS_TCP_CLOSED || side->state == SS_TCP_LISTEN ||
           side->state == SS_TCP_TIME_WAIT;
}

/* With the old ISN it may be an old duplicate as long as an end still waits for those. */
bool ss_verify_begins_anew(const struct ss_verify *verify, enum ss_side from,
                           const struct ss_packet *packet)
{
    const struct ss_verify_side *sender = &verify->sides[from];
    const struct ss_verify_side *receiver = &verify->sides[ss_side_other(from)];
    uint8_t kind = packet->tcp.flags & (SS_TCP_SYN | SS_TCP_ACK | SS_TCP_RST);
    if (kind != SS_TCP_SYN || ss_verify_is_first(verify))
        return false;
    if (sender->isn_known && ss_seq_equal(sender->isn, packet->tcp.seq))
        return sender->reset || receiver->reset || receiver->state == SS_TCP_CLOSED;
    if (!sender->next_known && !receiver->reset) /* its first word */
        return false;
    return is_over(sender) || is_over(receiver) || !receiver->next_known;
}

/* Starts anew with the opener's view: the other end listens. Only the count of packets goes on. */
static void restart(struct ss_verify *verify, struct ss_verify_extra *extra, enum ss_side opener)
{
    uint64_t packets = verify->packets;
    ss_verify_init(verify);
    for (int side = SS_SIDE_A; extra && side <= SS_SIDE_B; side++)
        ss_verify_extra_forget(&extra->sides[side]);
    verify->packets = packets;
    verify->sides[opener].state = SS_TCP_CLOSED;
    verify->sides[ss_side_other(opener)].state = SS_TCP_LISTEN;
}

static void judge(struct ss_verify_case *c)
{
    ss_verify_observe(c);
    ss_verify_judge_options(c);
    ss_verify_judge_handshake(c);
    ss_verify_judge_reset(c);
    ss_verify_judge_timestamps(c);
    ss_verify_judge_stream(c);
    ss_verify_judge_ack(c);
    ss_verify_judge_karn(c);
    ss_verify_judge_sack(c);
}

static struct ss_verify_case case_of(const struct ss_verify *verify,
                                     const struct ss_verify_input *input,
                                     struct ss_verdicts *verdicts)
{
    struct ss_verify_extra *extra = input->extra;
    return (struct ss_verify_case){
        .verify = verify,
        .packet = input->packet,
        .extra = extra,
        .sender_extra = extra ? &extra->sides[input->from] : NULL,
        .receiver_extra = extra ? &extra->sides[ss_side_other(input->from)] : NULL,
        .verdicts = verdicts,
        .time_us = input->time_us,
        .frame = input->frame,
        .wishes = input->wishes,
        .from = input->from,
    };
}

/* The long way: all facts, all judges, then the update. */
static void judge_and_update(struct ss_verify *verify, struct ss_verify_case *c,
                             struct ss_verify_analysis *analysis)
{
    const struct ss_verify_side *sender = &verify->sides[c->from];
    c->reused = ss_verify_begins_anew(verify, c->from, c->packet);
    c->old_isn = sender->isn_known ? sender->isn : c->packet->tcp.seq;
    if (c->reused)
        restart(verify, c->extra, c->from);
    if (ss_verify_is_first(verify))
        assume_mss(verify, c->packet->version);
    judge(c);
    if (analysis)
        ss_verify_analyse(c, analysis);
    ss_verify_update(verify, c);
}

void ss_verify_long(struct ss_verify *verify, const struct ss_verify_input *input,
                    struct ss_verdicts *verdicts, struct ss_verify_analysis *analysis)
{
    struct ss_verify_case c = case_of(verify, input, verdicts);
    judge_and_update(verify, &c, analysis);
}

void ss_verify_packet(struct ss_verify *verify, struct ss_verify_extra *extra, enum ss_side from,
                      const struct ss_packet *packet, uint64_t time_us,
                      struct ss_verdicts *verdicts)
{
    const struct ss_verify_input input = {
        .packet = packet,
        .time_us = time_us,
        .extra = extra,
        .frame = (uint32_t)(verify->packets + 1),
        .wishes = SS_WISH_HELD | SS_WISH_DIGEST,
        .from = from,
    };
    ss_verify_judge(verify, &input, verdicts, NULL);
}

enum ss_verdict_level ss_verdicts_worst(const struct ss_verdicts *verdicts)
{
    enum ss_verdict_level worst = SS_VERDICT_HELD;
    for (size_t i = 0; i < verdicts->count; i++)
        if (verdicts->list[i].level > worst)
            worst = verdicts->list[i].level;
    return worst;
}
