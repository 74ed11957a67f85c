/*
 * endpoint_invariants: what must hold of an endpoint whatever has arrived, and of every segment
 * that it sends.
 */
#ifndef SS_TESTS_ENDPOINT_INVARIANTS_H
#define SS_TESTS_ENDPOINT_INVARIANTS_H

#include "two_ends.h"

/* Kept beside an endpoint: the furthest right edge it was told, by the RFC's own sum. */
struct peer_view {
    bool known;
    struct ss_seq edge;
    bool told;            /* it has itself told an edge */
    struct ss_seq offers; /* the furthest one */
};

static inline bool is_synchronized(const struct ss_endpoint *endpoint)
{
    return endpoint->state != SS_TCP_CLOSED && endpoint->state != SS_TCP_LISTEN &&
           endpoint->state != SS_TCP_SYN_SENT && endpoint->state != SS_TCP_SYN_RECEIVED;
}

static inline void expect_runs_apart(const struct ss_endpoint *endpoint)
{
    uint32_t after = 0;
    must(endpoint->run_count <= SS_ENDPOINT_HOLES_MAX, "%zu runs", endpoint->run_count);
    for (size_t i = 0; i < endpoint->run_count; i++) {
        uint32_t start = ss_seq_distance(endpoint->rcv_nxt, endpoint->runs[i].start);
        uint32_t end = ss_seq_distance(endpoint->rcv_nxt, endpoint->runs[i].end);
        must(start > after && end > start && end <= endpoint->rcv_wnd,
             "run %zu [%u, %u) after %u in a window of %u", i, start, end, after,
             endpoint->rcv_wnd);
        after = end;
    }
}

static inline void expect_invariants(const struct ss_endpoint *endpoint)
{
    uint32_t to_next = ss_seq_distance(endpoint->snd_una, endpoint->snd_nxt);
    uint32_t to_max = ss_seq_distance(endpoint->snd_una, endpoint->snd_max);
    must(to_next <= to_max && to_max <= UINT32_C(0x7fffffff), "una, nxt +%u, max +%u", to_next,
         to_max);
    must(endpoint->acknowledged <= endpoint->written, "more acknowledged than written");
    must(endpoint->consumed <= endpoint->received, "more read than received");
    must(ss_endpoint_readable(endpoint) + endpoint->rcv_wnd <= endpoint->options.receive_buffer,
         "%lu octets wait and %u are offered", (unsigned long)ss_endpoint_readable(endpoint),
         endpoint->rcv_wnd);
    must(!endpoint->fin_sent || endpoint->fin_wanted, "a FIN nobody wanted");
    must(endpoint->snd_mss > 0, "no segment size");
    must(endpoint->answer_count <= SS_ENDPOINT_ANSWERS_MAX, "too many answers");
    expect_runs_apart(endpoint);
    if (is_synchronized(endpoint)) {
        uint32_t span = ss_seq_distance(ss_seq_add(endpoint->iss, 1), endpoint->snd_una);
        bool fin_done = endpoint->fin_sent && ss_seq_equal(endpoint->snd_una, endpoint->snd_max);
        must(span == (uint32_t)endpoint->acknowledged + (fin_done ? 1 : 0),
             "%u numbers acknowledged", span);
        span = ss_seq_distance(ss_seq_add(endpoint->irs, 1), endpoint->rcv_nxt);
        must(span == (uint32_t)endpoint->received + (endpoint->fin_received ? 1 : 0),
             "%u numbers received", span);
        must(endpoint->cwnd >= endpoint->snd_mss, "cwnd %u", endpoint->cwnd);
    }
    bool outstanding = to_max > 0;
    must(!outstanding || !is_synchronized(endpoint) ||
             ss_endpoint_deadline(endpoint) != SS_ENDPOINT_NO_DEADLINE || endpoint->probe_wanted ||
             endpoint->state == SS_TCP_CLOSED,
         "octets outstanding and no timer in %s", ss_tcp_state_text(endpoint->state));
}

/* `segment` reached `endpoint`: how far may it send from now on? */
static inline void note_told(struct peer_view *view, const struct ss_endpoint *endpoint,
                             const struct ss_segment *segment)
{
    if ((segment->flags & (SS_TCP_ACK | SS_TCP_SYN)) == 0 || (segment->flags & SS_TCP_RST))
        return;
    uint8_t shift = segment->flags & SS_TCP_SYN ? 0 : endpoint->snd_wind_shift;
    struct ss_seq ack = segment->flags & SS_TCP_ACK ? segment->ack : ss_seq_add(endpoint->iss, 1);
    struct ss_seq edge = ss_seq_add(ack, (uint32_t)segment->window << shift);
    bool sane = ss_seq_between(endpoint->iss, ack, endpoint->snd_max);
    if (sane && (!view->known || ss_seq_after(edge, view->edge))) {
        view->known = true;
        view->edge = edge;
    }
}

/* What goes out lies inside the widest window told, but for SYN and the one number of a probe. */
static inline void expect_inside_window(struct peer_view *view, const struct ss_endpoint *endpoint,
                                        const struct ss_segment *segment)
{
    bool syn = (segment->flags & SS_TCP_SYN) != 0;
    bool fin = (segment->flags & SS_TCP_FIN) != 0;
    uint32_t length = ss_seq_segment_length(segment->payload_length, syn, fin);
    struct ss_seq end = ss_seq_add(segment->seq, length);
    if (segment->flags & SS_TCP_RST)
        return;
    must(segment->payload_length <= endpoint->snd_mss, "a segment of %u octets",
         segment->payload_length);
    must(segment->stream_offset + segment->payload_length <= endpoint->written,
         "octets nobody wrote");
    if (length > 1 && !syn)
        must(view->known && ss_seq_at_or_before(end, view->edge), "up to %u, told %u", end.value,
             view->edge.value);
    if (length == 1 && !syn && view->known)
        must(ss_seq_at_or_before(segment->seq, view->edge), "a probe far beyond");
    if ((segment->flags & SS_TCP_ACK) == 0 || syn)
        return;
    /* The right edge never moves left, but for less than one step of the scale. */
    struct ss_seq offers =
        ss_seq_add(segment->ack, (uint32_t)segment->window << endpoint->rcv_wind_shift);
    struct ss_seq least =
        ss_seq_subtract(view->offers, (UINT32_C(1) << endpoint->rcv_wind_shift) - 1);
    must(!view->told || ss_seq_at_or_after(offers, least), "the edge moves left to %u from %u",
         offers.value, view->offers.value);
    if (!view->told || ss_seq_after(offers, view->offers))
        view->offers = offers;
    view->told = true;
}

#endif
