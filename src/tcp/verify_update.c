/*
 * verify_update: takes a judged packet into account: what its sender has sent, acknowledged and
 * offered. Only here and in verify_state is the state written.
 */
#include "verify_internal.h"

/* NULL when the caller gave no extra block. */
static struct ss_verify_extra_side *extra_of(const struct ss_verify_case *c, enum ss_side side)
{
    return c->extra ? &c->extra->sides[side] : NULL;
}

/* The first number of a stream whose SYN was not seen. What was acknowledged of it lies before. */
static void begin_stream(struct ss_verify_side *sender, const struct ss_verify_side *receiver,
                         struct ss_seq first)
{
    if (receiver->ack_known && ss_seq_after(receiver->ack, first))
        first = receiver->ack;
    sender->next = first;
    sender->contiguous = first;
    sender->next_known = true;
    sender->contiguous_known = true;
    sender->sent = 0;
}

static void advance(struct ss_verify_side *sender, struct ss_seq end)
{
    if (!ss_seq_after(end, sender->next))
        return;
    sender->sent += ss_seq_distance(sender->next, end);
    sender->next = end;
    sender->probing = false;
}

static void update_fin(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    if (!c->fin || sender->fin_known)
        return;
    sender->fin_known = true;
    sender->fin = c->data_end;
    sender->fin_with_data =
        c->payload > 0 && c->sender->next_known && ss_seq_after(c->data_end, c->sender->next);
}

static void update_stream(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    const struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    if (!sender->next_known)
        begin_stream(sender, receiver, c->seq);
    update_fin(sender, c);
    if (c->zero_window_probe) {
        sender->probing = true;
        return;
    }
    advance(sender, c->end);
    ss_verify_see(sender, extra_of(c, c->from), (struct ss_verify_run){c->seq, c->end});
}

/* What a SYN's options say, of which the window's scale counts only when both ends offer one. */
static void update_syn_options(struct ss_verify_side *sender, const struct ss_packet *packet)
{
    const struct ss_tcp_options *options = &packet->options;
    sender->syn_seen = true;
    sender->shift_offered = options->has_window_shift;
    sender->shift = options->window_shift > SS_TCP_WINDOW_SHIFT_MAX ? SS_TCP_WINDOW_SHIFT_MAX
                                                                    : options->window_shift;
    sender->timestamps_sent = options->has_timestamps;
    sender->sack_permitted = options->sack_permitted;
    sender->fast_open = options->has_fast_open;
    sender->mss = options->has_mss ? options->mss : ss_verify_default_mss(packet->version);
}

static void update_syn(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    if (c->ack)
        sender->synack_sent = true;
    else
        sender->syn_sent = true;
    if (sender->isn_known && ss_seq_equal(sender->isn, c->seq))
        return;
    sender->isn_known = true;
    sender->isn = c->seq;
    sender->syn_payload = c->payload;
    sender->next_known = true;
    sender->next = c->end;
    sender->sent = c->length;
    sender->contiguous_known = true;
    sender->contiguous = c->end;
    sender->fin_known = false; /* what an end said of an older connection is over */
    sender->probing = false;
    sender->seen_known = false; /* ss_verify_update_seen takes the SYN itself */
    if (c->extra)
        ss_verify_extra_forget(&c->extra->sides[c->from]);
    update_syn_options(sender, c->packet);
}

/* The ISN that a SYN/ACK or the third segment acknowledges, when its SYN was missed. */
static void infer_other_isn(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *other = &verify->sides[ss_side_other(c->from)];
    bool synack = c->syn && c->ack;
    bool third = c->sender->syn_sent && c->plain && c->ack && c->payload == 0;
    if (other->next_known || c->rst || !(synack || third))
        return;
    other->isn_known = true;
    other->isn = ss_seq_subtract(c->ack_number, 1);
    other->next_known = true;
    other->next = c->ack_number;
    other->contiguous_known = true;
    other->contiguous = c->ack_number;
    other->sent = 1;
}

/* How long the ACK took, where that is a round trip (RFC 6298 section 3). */
static void measure(struct ss_verify_side *acked, const struct ss_verify_ring *ring,
                    const struct ss_verify_case *c)
{
    const struct ss_verify_segment *segment = c->acked;
    if (!segment || !ss_verify_ring_measures(ring, segment) ||
        c->time_us - segment->time_us >= UINT32_MAX)
        return;
    uint32_t rtt_us = (uint32_t)(c->time_us - segment->time_us);
    if (rtt_us > 0 && (acked->rtt_min_us == 0 || rtt_us < acked->rtt_min_us))
        acked->rtt_min_us = rtt_us;
}

void ss_verify_settle_acked(struct ss_verify_side *acked, const struct ss_verify_case *c)
{
    struct ss_verify_extra_side *extra = extra_of(c, ss_side_other(c->from));
    if (!extra)
        return;
    measure(acked, &extra->ring, c);
    ss_verify_ring_acknowledge(&extra->ring, c->ack_number);
    if (extra->backing_off && ss_seq_after(c->ack_number, extra->backoff_seq))
        extra->backing_off = false;
}

/* The octet that a probe sent counts as sent once it is acknowledged. */
static void update_acked(struct ss_verify_side *acked, const struct ss_verify_case *c)
{
    ss_verify_settle_acked(acked, c);
    if (!acked->next_known)
        return;
    if (acked->probing &&
        ss_seq_after(c->ack_number, acked->next)) /* the probe's octet was taken */
        acked->seen = acked->reach = c->ack_number;
    advance(acked, c->ack_number);
    if (ss_seq_after(c->ack_number, acked->contiguous)) {
        acked->contiguous = c->ack_number;
        ss_verify_absorb_runs(acked, extra_of(c, ss_side_other(c->from)));
    }
}

static void update_ack(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    sender->ack_known = true;
    sender->ack = c->ack_number;
    sender->refused_ack_known = false;
    update_acked(&verify->sides[ss_side_other(c->from)], c);
}

/* The window, and with an acknowledgment the right edge; unknown where a scale was missed. */
void ss_verify_update_window(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    bool scale_known = verify->sides[SS_SIDE_A].syn_seen && verify->sides[SS_SIDE_B].syn_seen;
    if (c->window_bytes > sender->window_max)
        sender->window_max = c->window_bytes;
    if (!c->ack || !scale_known)
        return;
    struct ss_seq edge = ss_seq_add(c->ack_number, c->window_bytes);
    if (!sender->edge_known || ss_seq_after(edge, sender->edge))
        sender->edge = edge;
    sender->edge_known = true;
}

static bool ack_is_taken(const struct ss_verify_case *c)
{
    if (c->syn)
        return c->ack && (!c->receiver->isn_known || ss_verify_synack_ack_right(c));
    return c->ack_place == SS_ACK_IN_RANGE || c->ack_place == SS_ACK_UNKNOWN;
}

/* An acknowledgment that the other end has to refuse with a RST of that number. */
static void update_refused(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    bool early = c->syn || c->third || c->half_open;
    if (!c->ack || !early)
        return;
    sender->refused_ack_known = true;
    sender->refused_ack = c->ack_number;
}

/* A segment that timed out: when, and how long after the time before (RFC 6298 section 5). */
static void update_backoff(struct ss_verify_extra_side *extra, const struct ss_verify_case *c)
{
    const struct ss_verify_segment *first = NULL;
    bool again = extra->backing_off && ss_seq_equal(extra->backoff_seq, c->seq);
    if (!again && c->syn) /* nothing else can have started a SYN's timer */
        first = ss_verify_ring_newest_with(&extra->ring, c->seq);
    extra->interval_known = again || first;
    if (extra->interval_known)
        extra->interval_us = c->time_us - (again ? extra->backoff_us : first->time_us);
    extra->backing_off = true;
    extra->backoff_seq = c->seq;
    extra->backoff_us = c->time_us;
}

/* What takes up sequence numbers is remembered until it is acknowledged, and as room is. */
void ss_verify_remember(const struct ss_verify_case *c)
{
    struct ss_verify_extra_side *extra = extra_of(c, c->from);
    if (!extra || c->length == 0)
        return;
    if (c->timed_out)
        update_backoff(extra, c);
    if (c->repeats)
        ss_verify_ring_mark_repeated(&extra->ring, (struct ss_verify_run){c->seq, c->end});
    if (extra->ring.size > 0) {
        struct ss_verify_segment segment = ss_verify_segment_of(c);
        ss_verify_ring_push(&extra->ring, &segment);
    }
}

void ss_verify_update_pushed(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    if (c->payload == 0 || ss_verify_is_uncounted(c))
        return;
    sender->pushed = ss_verify_pushed(c);
    sender->push_last = c->packet->tcp.flags & SS_TCP_PSH;
}

static void update_claim(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    if (c->syn || c->ack_place != SS_ACK_UNSENT || !ss_seq_after(c->ack_number, c->receiver->next))
        return;
    sender->claim_known = true;
    sender->claim = c->ack_number;
    struct ss_verify_extra_side *extra = extra_of(c, ss_side_other(c->from));
    if (extra) /* as analysers count, nothing of it is in flight any more */
        ss_verify_ring_acknowledge(&extra->ring, c->ack_number);
}

static void update_numbers(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    if (c->syn)
        update_syn(sender, c);
    ss_verify_remember(c);
    ss_verify_update_pushed(sender, c);
    infer_other_isn(verify, c);
    if (!c->syn)
        update_stream(verify, c);
    if (ack_is_taken(c)) {
        update_ack(verify, c);
        sender->handshake_done = sender->handshake_done || !c->syn;
    } else {
        update_refused(sender, c);
        update_claim(sender, c);
    }
    if (ack_is_taken(c) || !c->ack)
        ss_verify_update_window(verify, c);
}

/* RFC 5961 sections 3.2, 4.2 and 5.2: what is answered by an ACK that only says where it stands. */
static bool is_challenged(const struct ss_verify_case *c)
{
    return c->reset_kind == SS_RESET_IN_WINDOW || c->syn_kind == SS_SYN_INTRUDING ||
           c->syn_kind == SS_SYN_REPEATED || c->ack_place == SS_ACK_OUTSIDE_5961;
}

/*
 * RFC 7323 section 4.3: the other end keeps a TSval that is not older than the one it has, of a
 * segment that begins at or before the last ACK it sent; of the SYN in any case.
 */
static void update_recent(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    uint32_t stamp = c->packet->options.timestamp_value;
    bool covers =
        c->syn || (c->receiver->ack_known && ss_seq_at_or_before(c->seq, c->receiver->ack));
    bool older =
        sender->recent_known && ss_seq_before(ss_seq_from(stamp), ss_seq_from(sender->recent));
    if (c->dropped || c->rst || !covers || older)
        return;
    sender->recent_known = true;
    sender->recent = stamp;
    sender->recent_us = c->time_us;
}

void ss_verify_update_marks(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    if (c->extra)
        c->extra->sides[c->from].sacked = ss_verify_sacked(c);
    if (packet->options.has_timestamps)
        update_recent(sender, c);
    if (c->age == SS_AGE_OLDER)
        return;
    if (packet->options.has_timestamps) {
        if (!sender->timestamp_known || c->syn)
            sender->timestamp_first = packet->options.timestamp_value;
        sender->timestamp_known = true;
        sender->timestamp = packet->options.timestamp_value;
    }
    if (packet->version == 4 && packet->ipv4.id != 0) {
        sender->ip_id_known = true;
        sender->ip_id = packet->ipv4.id;
    }
}

static void update_turns(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    sender->segments++;
    sender->payload_bytes += c->payload;
    sender->unanswered++;
    receiver->unanswered = 0;
    ss_verify_update_seen(sender, receiver, c);
    if (c->ack)
        receiver->uncounted = false;
    sender->challenge_due = false;
    receiver->challenge_due = receiver->challenge_due || is_challenged(c);
    sender->last = SS_LAST_PLAIN;
    if (c->keep_alive)
        sender->last = SS_LAST_KEEP_ALIVE;
    else if (c->zero_window_probe)
        sender->last = SS_LAST_ZERO_WINDOW_PROBE;
    ss_verify_update_marks(sender, c);
}

static void update_times(struct ss_verify *verify, const struct ss_verify_case *c)
{
    bool again = c->syn_kind == SS_SYN_REPEATED && !c->sender->handshake_done;
    if (c->syn_kind == SS_SYN_FIRST || again)
        verify->opened_us = c->time_us;
    if (c->answers_synack && !verify->initial_rtt_known) {
        verify->initial_rtt_known = true;
        verify->initial_rtt_us = c->time_us - verify->opened_us;
    }
}

static bool is_half_closed(const struct ss_verify_case *c)
{
    const struct ss_verify_side *closed = c->receiver;
    return c->payload > 0 && closed->fin_known && c->ack_place == SS_ACK_IN_RANGE &&
           ss_seq_after(c->ack_number, closed->fin) && c->place == SS_PLACE_NEXT;
}

static bool is_simultaneous_close(const struct ss_verify_case *c)
{
    return c->fin && !c->sender->fin_known && c->receiver->fin_known && c->ack &&
           ss_seq_at_or_before(c->ack_number, c->receiver->fin);
}

static void update_completeness(struct ss_verify *verify, const struct ss_verify_case *c)
{
    verify->completeness |= ss_verify_part(c);
    if (verify->closer != SS_CLOSED_BY_NONE || c->dropped)
        return;
    if ((c->fin && !c->syn) || ss_verify_reset_counts(c))
        verify->closer = c->from == SS_SIDE_A ? SS_CLOSED_BY_A : SS_CLOSED_BY_B;
}

static void update_connection(struct ss_verify *verify, const struct ss_verify_case *c)
{
    update_completeness(verify, c);
    bool first = ss_verify_is_first(verify);
    if (first && (!c->syn || c->ack))
        verify->late = true;
    else if (c->syn_kind == SS_SYN_FIRST)
        verify->late = false;
    if (c->syn_kind == SS_SYN_CROSSING)
        verify->simultaneous_open = true;
    if (c->dropped || c->syn || c->rst)
        return;
    verify->simultaneous_close = verify->simultaneous_close || is_simultaneous_close(c);
    verify->half_close = verify->half_close || is_half_closed(c);
}

void ss_verify_update(struct ss_verify *verify, const struct ss_verify_case *judged)
{
    /* The facts point at the state before; a copy of both ends keeps them true meanwhile. */
    const struct ss_verify before = *verify;
    struct ss_verify_case c = *judged;
    c.verify = &before;
    c.sender = &before.sides[c.from];
    c.receiver = &before.sides[ss_side_other(c.from)];
    update_connection(verify, &c);
    update_times(verify, &c);
    if (!c.dropped && !c.rst)
        update_numbers(verify, &c);
    else if (c.half_open)
        update_refused(&verify->sides[c.from], &c);
    update_turns(verify, &c);
    ss_verify_update_states(verify, &c);
}
