/*
 * endpoint_send: what goes out next, one segment at a time.
 *
 * In this order: answers; SYN; what is to be sent again; an ACK that must be a segment of its own
 * (the handshake's third, a duplicate, a challenge); data, on which any other ACK owed rides; that
 * ACK alone, when no data may go; FIN; a probe. So a FIN never carries data and never the first ACK
 * of what came before it: each of the textbook's steps is one segment.
 */
#include "endpoint_internal.h"

static void carry_ack(struct ss_endpoint *endpoint, struct ss_segment *segment)
{
    segment->flags |= SS_TCP_ACK;
    segment->ack = endpoint->rcv_nxt;
    endpoint->ack_wanted = false;
    endpoint->ack_alone = false;
}

/* The ACK and the window, which every segment carries once there is something to acknowledge. */
static void acknowledge(struct ss_endpoint *endpoint, struct ss_segment *segment)
{
    carry_ack(endpoint, segment);
    segment->window = ss_endpoint_offer_window(endpoint);
}

static struct ss_seq end_of(const struct ss_segment *segment)
{
    uint32_t length =
        ss_seq_segment_length(segment->payload_length, (segment->flags & SS_TCP_SYN) != 0,
                              (segment->flags & SS_TCP_FIN) != 0);
    return ss_seq_add(segment->seq, length);
}

static void raise_snd_max(struct ss_endpoint *endpoint, struct ss_seq end)
{
    if (ss_seq_after(end, endpoint->snd_max))
        endpoint->snd_max = end;
}

/* A segment with a length goes out: timers and send variables. */
static void note_sent(struct ss_endpoint *endpoint, const struct ss_segment *segment,
                      uint64_t now_us)
{
    struct ss_seq end = end_of(segment);
    ss_endpoint_timers_sent(endpoint, segment->seq, end, now_us);
    raise_snd_max(endpoint, end);
    if (ss_seq_after(end, endpoint->snd_nxt))
        endpoint->snd_nxt = end;
}

static bool take_answer(struct ss_endpoint *endpoint, struct ss_segment *segment)
{
    if (endpoint->answer_count == 0)
        return false;
    *segment = endpoint->answers[0];
    endpoint->answer_count--;
    for (size_t i = 0; i < endpoint->answer_count; i++)
        endpoint->answers[i] = endpoint->answers[i + 1];
    return true;
}

/*
 * A pure ACK carries snd_max, the RFC's SND.NXT, also while older octets are sent again. But a
 * probe's octet may have been refused: then its number is still the next one.
 */
static bool send_ack(struct ss_endpoint *endpoint, struct ss_segment *segment)
{
    bool probing = endpoint->retransmit_at == SS_ENDPOINT_NO_DEADLINE;
    *segment = (struct ss_segment){.seq = probing ? endpoint->snd_nxt : endpoint->snd_max};
    acknowledge(endpoint, segment);
    return true;
}

static bool send_syn(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    if (!ss_seq_equal(endpoint->snd_nxt, endpoint->iss))
        return endpoint->ack_wanted && send_ack(endpoint, segment);
    bool answering = endpoint->state == SS_TCP_SYN_RECEIVED;
    *segment = (struct ss_segment){.seq = endpoint->iss, .flags = SS_TCP_SYN};
    segment->options.has_mss = true;
    segment->options.mss = endpoint->options.mss;
    /* RFC 7323 section 2.2: in a SYN,ACK only when the SYN had it. */
    uint8_t shift = ss_endpoint_own_shift(endpoint);
    segment->options.has_window_shift = shift > 0 && (!answering || endpoint->rcv_wind_shift > 0);
    segment->options.window_shift = segment->options.has_window_shift ? shift : 0;
    if (answering)
        carry_ack(endpoint, segment);
    /* RFC 7323 section 2.2: the window of a segment with SYN is never scaled. */
    segment->window = (uint16_t)ss_endpoint_first_window(endpoint);
    note_sent(endpoint, segment, now_us);
    return true;
}

/* Where in the stream `seq`, not before snd_una, lies. */
static uint64_t stream_offset(const struct ss_endpoint *endpoint, struct ss_seq seq)
{
    return endpoint->acknowledged + ss_seq_distance(endpoint->snd_una, seq);
}

uint64_t ss_endpoint_unsent(const struct ss_endpoint *endpoint)
{
    uint64_t next = stream_offset(endpoint, endpoint->snd_nxt);
    return endpoint->written > next ? endpoint->written - next : 0;
}

/* A FIN waits for nothing but its turn. */
static bool fin_is_next(const struct ss_endpoint *endpoint)
{
    return endpoint->fin_wanted && stream_offset(endpoint, endpoint->snd_nxt) == endpoint->written;
}

/* What `limit` octets from snd_una leave beyond snd_nxt; a window that was shrunk leaves nothing.
 */
static uint32_t usable(const struct ss_endpoint *endpoint, uint32_t limit)
{
    uint32_t outstanding = ss_seq_distance(endpoint->snd_una, endpoint->snd_nxt);
    return limit > outstanding ? limit - outstanding : 0;
}

/* The most that one segment may carry now. */
static uint32_t fitting(const struct ss_endpoint *endpoint)
{
    uint32_t limit = ss_endpoint_min(endpoint->snd_wnd, endpoint->cwnd);
    uint32_t room = ss_endpoint_min(usable(endpoint, limit), endpoint->snd_mss);
    return ss_endpoint_min(ss_endpoint_unsent(endpoint), room);
}

/*
 * RFC 9293 section 3.8.6.2.1, silly window avoidance, without Nagle's part: a full segment, all
 * there is (every write counts as pushed), or half the largest window seen.
 */
static uint32_t worth_sending(const struct ss_endpoint *endpoint)
{
    uint32_t length = fitting(endpoint);
    bool worth = length == endpoint->snd_mss || length == ss_endpoint_unsent(endpoint) ||
                 length >= (endpoint->max_snd_wnd + 1) / 2;
    return worth ? length : 0;
}

static struct ss_segment data_at(const struct ss_endpoint *endpoint, struct ss_seq seq,
                                 uint32_t length)
{
    uint64_t offset = stream_offset(endpoint, seq);
    bool last = offset + length == endpoint->written;
    return (struct ss_segment){.seq = seq,
                               .flags = last ? SS_TCP_PSH : 0,
                               .payload_length = length,
                               .stream_offset = offset};
}

static bool send_data(struct ss_endpoint *endpoint, uint32_t length, uint64_t now_us,
                      struct ss_segment *segment)
{
    if (length == 0)
        return false;
    *segment = data_at(endpoint, endpoint->snd_nxt, length);
    acknowledge(endpoint, segment);
    note_sent(endpoint, segment, now_us);
    return true;
}

/* The state that the first FIN leads to (section 3.10.4). */
static void fin_goes_out(struct ss_endpoint *endpoint, struct ss_seq seq,
                         struct ss_segment *segment)
{
    *segment = (struct ss_segment){.seq = seq, .flags = SS_TCP_FIN};
    acknowledge(endpoint, segment);
    endpoint->fin_sent = true;
    if (endpoint->state == SS_TCP_ESTABLISHED)
        endpoint->state = SS_TCP_FIN_WAIT_1;
    else if (endpoint->state == SS_TCP_CLOSE_WAIT)
        endpoint->state = SS_TCP_LAST_ACK;
}

/* A FIN has a sequence number, and so it needs room in the peer's window. */
static bool send_fin(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    if (!fin_is_next(endpoint) || usable(endpoint, endpoint->snd_wnd) == 0)
        return false;
    fin_goes_out(endpoint, endpoint->snd_nxt, segment);
    note_sent(endpoint, segment, now_us);
    return true;
}

/*
 * The segment at snd_una again, whatever the windows say now: it was inside the peer's window when
 * it first went out (section 3.8.6, a window that was shrunk).
 */
static bool send_again(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    endpoint->retransmit_wanted = false;
    uint32_t outstanding = ss_seq_distance(endpoint->snd_una, endpoint->snd_max);
    if (outstanding == 0)
        return false;
    uint32_t octets = outstanding - (endpoint->fin_sent ? 1 : 0);
    if (octets > 0) {
        *segment = data_at(endpoint, endpoint->snd_una, ss_endpoint_min(octets, endpoint->snd_mss));
        acknowledge(endpoint, segment);
    } else {
        fin_goes_out(endpoint, endpoint->snd_una, segment);
    }
    note_sent(endpoint, segment, now_us);
    return true;
}

/*
 * Section 3.8.6.1: one octet, or the FIN, into a closed window. snd_nxt stays, since the peer will
 * most likely refuse it; snd_max counts it, so that an ACK of it is no surprise.
 */
static void probe_closed_window(struct ss_endpoint *endpoint, struct ss_segment *segment)
{
    if (fin_is_next(endpoint)) {
        fin_goes_out(endpoint, endpoint->snd_nxt, segment);
    } else {
        *segment = data_at(endpoint, endpoint->snd_nxt, 1);
        acknowledge(endpoint, segment);
    }
    raise_snd_max(endpoint, end_of(segment));
    endpoint->probes++;
    endpoint->retransmitted++;
}

static bool send_probe(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    if (!endpoint->probe_wanted)
        return false;
    endpoint->probe_wanted = false;
    /* Section 3.8.6.2.1, the override time-out: a small piece, rather than wait for ever. */
    if (send_data(endpoint, fitting(endpoint), now_us, segment))
        return true;
    if (ss_endpoint_unsent(endpoint) == 0 && !fin_is_next(endpoint))
        return false;
    probe_closed_window(endpoint, segment);
    return true;
}

/* States in which our side of the stream may still have something to say. */
static bool send_stream(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    if (endpoint->retransmit_wanted && send_again(endpoint, now_us, segment))
        return true;
    if (endpoint->ack_alone)
        return send_ack(endpoint, segment);
    if (send_data(endpoint, worth_sending(endpoint), now_us, segment))
        return true;
    if (endpoint->ack_wanted)
        return send_ack(endpoint, segment);
    if (send_fin(endpoint, now_us, segment))
        return true;
    bool sent = send_probe(endpoint, now_us, segment);
    bool waiting = ss_endpoint_unsent(endpoint) > 0 || fin_is_next(endpoint);
    ss_endpoint_timers_persist(endpoint, waiting, now_us);
    return sent;
}

bool ss_endpoint_send(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment)
{
    ss_endpoint_timers_run(endpoint, now_us);
    if (take_answer(endpoint, segment))
        return true;
    switch (endpoint->state) {
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
        return false;
    case SS_TCP_SYN_SENT:
    case SS_TCP_SYN_RECEIVED:
        return send_syn(endpoint, now_us, segment);
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
        return send_stream(endpoint, now_us, segment);
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_TIME_WAIT:
        return endpoint->ack_wanted && send_ack(endpoint, segment);
    }
    return false;
}
