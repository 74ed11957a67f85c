/*
 * endpoint_acknowledge: the ACK field of a segment in a synchronized state (RFC 9293 section
 * 3.10.7.4, fifth; RFC 5961 section 5).
 */
#include "endpoint_internal.h"

/* snd_una moves to `ack`, which lies after it and not past snd_max. */
static void move_snd_una(struct ss_endpoint *endpoint, struct ss_seq ack, uint64_t now_us)
{
    uint32_t numbers = ss_seq_distance(endpoint->snd_una, ack);
    bool with_fin = endpoint->fin_sent && ss_seq_equal(ack, endpoint->snd_max);
    endpoint->acknowledged += numbers - (with_fin ? 1 : 0);
    endpoint->snd_una = ack;
    if (ss_seq_before(endpoint->snd_nxt, ack))
        endpoint->snd_nxt = ack;
    ss_endpoint_timers_acknowledged(endpoint, now_us);
    ss_endpoint_congestion_progress(endpoint, numbers);
}

/*
 * RFC 9293 section 3.10.7.4: not from a segment older than the last one that told the window.
 * DEVIATION: one that acknowledges more than any before is never older, whatever its SEG.SEQ: it
 * may be a retransmission. By the RFC's letter its window would be left out while snd_una moves,
 * and with it a right edge that the peer has never told.
 */
static void update_window(struct ss_endpoint *endpoint, const struct ss_segment *segment)
{
    bool newer = ss_seq_after(segment->ack, endpoint->snd_una) ||
                 ss_seq_before(endpoint->snd_wl1, segment->seq) ||
                 (ss_seq_equal(endpoint->snd_wl1, segment->seq) &&
                  ss_seq_at_or_before(endpoint->snd_wl2, segment->ack));
    if (!newer)
        return;
    endpoint->snd_wnd = (uint32_t)segment->window << endpoint->snd_wind_shift;
    endpoint->snd_wl1 = segment->seq;
    endpoint->snd_wl2 = segment->ack;
    endpoint->max_snd_wnd = ss_endpoint_max(endpoint->max_snd_wnd, endpoint->snd_wnd);
}

/* RFC 5681 section 2, "duplicate acknowledgment". A probe's answer is none. */
static bool is_duplicate(const struct ss_endpoint *endpoint, const struct ss_segment *segment)
{
    return ss_seq_equal(segment->ack, endpoint->snd_una) && segment->payload_length == 0 &&
           (segment->flags & (SS_TCP_SYN | SS_TCP_FIN)) == 0 &&
           endpoint->retransmit_at != SS_ENDPOINT_NO_DEADLINE &&
           (uint32_t)segment->window << endpoint->snd_wind_shift == endpoint->snd_wnd;
}

/* RFC 5961 section 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT, or it may be a blind guess. */
static bool plausible(struct ss_endpoint *endpoint, struct ss_seq ack, uint64_t now_us,
                      enum ss_endpoint_verdict *verdict)
{
    struct ss_seq oldest = ss_seq_subtract(endpoint->snd_una, endpoint->max_snd_wnd);
    if (ss_seq_between(oldest, ack, endpoint->snd_max))
        return true;
    bool old = ss_seq_before(ack, endpoint->snd_una);
    *verdict = old ? SS_ENDPOINT_CHALLENGED : SS_ENDPOINT_BAD_ACK;
    ss_endpoint_challenge(endpoint, now_us);
    return false;
}

bool ss_endpoint_take_ack(struct ss_endpoint *endpoint, const struct ss_segment *segment,
                          uint64_t now_us, enum ss_endpoint_verdict *verdict)
{
    if (!plausible(endpoint, segment->ack, now_us, verdict))
        return false;
    if (ss_seq_before(segment->ack, endpoint->snd_una))
        return true; /* An old duplicate: its text may be new all the same. */
    if (is_duplicate(endpoint, segment))
        ss_endpoint_congestion_duplicate(endpoint);
    update_window(endpoint, segment);
    if (ss_seq_after(segment->ack, endpoint->snd_una))
        move_snd_una(endpoint, segment->ack, now_us);
    /* RFC 9293 section 3.8.6.1: never given up while it answers, however long its window is shut.
     */
    if (endpoint->retransmit_at == SS_ENDPOINT_NO_DEADLINE || endpoint->snd_wnd == 0)
        endpoint->retransmitted = 0;
    return true;
}
