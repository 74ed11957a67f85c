/*
 * endpoint_reassembly: the segment text and the FIN (RFC 9293 section 3.10.7.4, seventh and
 * eighth), in order or ahead of rcv_nxt.
 *
 * Runs are kept in order, apart from each other, all after rcv_nxt and inside the window; so
 * distances from rcv_nxt order them.
 */
#include <string.h>

#include "endpoint_internal.h"

/* How far `seq` lies ahead of rcv_nxt. */
static uint32_t ahead(const struct ss_endpoint *endpoint, struct ss_seq seq)
{
    return ss_seq_distance(endpoint->rcv_nxt, seq);
}

/* The part of a segment's text that lies in the window, not past the peer's FIN. */
static struct ss_endpoint_run text_in_window(const struct ss_endpoint *endpoint,
                                             const struct ss_segment *segment)
{
    struct ss_endpoint_run text = {segment->seq, ss_seq_add(segment->seq, segment->payload_length)};
    struct ss_seq edge = ss_seq_add(endpoint->rcv_nxt, endpoint->rcv_wnd);
    if (endpoint->fin_seen_ahead && ss_seq_before(endpoint->fin_ahead, edge))
        edge = endpoint->fin_ahead;
    if (ss_seq_before(text.start, endpoint->rcv_nxt))
        text.start = endpoint->rcv_nxt;
    if (ss_seq_after(text.end, edge))
        text.end = edge;
    return text;
}

/* Leaves out what of both ends of `text` is already here, ahead of rcv_nxt. */
static void leave_out_known(const struct ss_endpoint *endpoint, struct ss_endpoint_run *text)
{
    for (size_t i = 0; i < endpoint->run_count; i++) {
        const struct ss_endpoint_run *run = &endpoint->runs[i];
        if (ss_seq_between(run->start, text->start, run->end))
            text->start = run->end;
        if (ss_seq_between(run->start, text->end, run->end))
            text->end = run->start;
    }
}

static void remove_runs(struct ss_endpoint *endpoint, size_t first, size_t count)
{
    size_t after = endpoint->run_count - first - count;
    memmove(&endpoint->runs[first], &endpoint->runs[first + count],
            after * sizeof endpoint->runs[0]);
    endpoint->run_count -= count;
}

/* rcv_nxt moves to `end`; the window's right edge stands. */
static void advance(struct ss_endpoint *endpoint, struct ss_seq end)
{
    uint32_t count = ahead(endpoint, end);
    endpoint->rcv_nxt = end;
    endpoint->rcv_wnd -= count;
    endpoint->received += count;
}

/* In-order text up to `end`, and the runs that it reaches. */
static void take_in_order(struct ss_endpoint *endpoint, struct ss_seq end)
{
    while (endpoint->run_count > 0 &&
           ahead(endpoint, endpoint->runs[0].start) <= ahead(endpoint, end)) {
        if (ahead(endpoint, endpoint->runs[0].end) > ahead(endpoint, end))
            end = endpoint->runs[0].end;
        remove_runs(endpoint, 0, 1);
    }
    advance(endpoint, end);
}

/* Puts a run at its place, joined with those that it touches. False when the table is full. */
static bool keep_run(struct ss_endpoint *endpoint, struct ss_endpoint_run run)
{
    size_t first = 0;
    while (first < endpoint->run_count &&
           ahead(endpoint, endpoint->runs[first].end) < ahead(endpoint, run.start))
        first++;
    size_t touched = 0;
    for (; first + touched < endpoint->run_count; touched++) {
        const struct ss_endpoint_run *other = &endpoint->runs[first + touched];
        if (ahead(endpoint, other->start) > ahead(endpoint, run.end))
            break;
        if (ahead(endpoint, other->start) < ahead(endpoint, run.start))
            run.start = other->start;
        if (ahead(endpoint, other->end) > ahead(endpoint, run.end))
            run.end = other->end;
    }
    if (touched == 0) {
        if (endpoint->run_count == SS_ENDPOINT_HOLES_MAX)
            return false;
        memmove(&endpoint->runs[first + 1], &endpoint->runs[first],
                (endpoint->run_count - first) * sizeof endpoint->runs[0]);
        endpoint->run_count++;
    } else {
        remove_runs(endpoint, first + 1, touched - 1);
    }
    endpoint->runs[first] = run;
    return true;
}

void ss_endpoint_take_text(struct ss_endpoint *endpoint, const struct ss_segment *segment,
                           struct ss_endpoint_delivery *delivery)
{
    struct ss_endpoint_run text = text_in_window(endpoint, segment);
    if (!ss_seq_before(text.start, text.end))
        return;
    struct ss_endpoint_run fresh = text;
    leave_out_known(endpoint, &fresh);
    uint64_t offset = endpoint->received + ahead(endpoint, fresh.start);
    if (ss_seq_equal(text.start, endpoint->rcv_nxt))
        take_in_order(endpoint, text.end);
    else if (!keep_run(endpoint, text))
        return; /* No place to note it: as if it had been lost, the peer sends it again. */
    if (!ss_seq_before(fresh.start, fresh.end))
        return;
    delivery->offset = offset;
    delivery->skip = ss_seq_distance(segment->seq, fresh.start);
    delivery->length = ss_seq_distance(fresh.start, fresh.end);
}

/* A FIN is not believed when octets beyond it have come: one of the two is not the peer's. */
static bool contradicted(const struct ss_endpoint *endpoint, struct ss_seq fin)
{
    if (endpoint->run_count == 0)
        return false;
    struct ss_seq last = endpoint->runs[endpoint->run_count - 1].end;
    return ahead(endpoint, last) > ahead(endpoint, fin);
}

void ss_endpoint_note_fin(struct ss_endpoint *endpoint, const struct ss_segment *segment)
{
    struct ss_seq fin = ss_seq_add(segment->seq, segment->payload_length);
    if (endpoint->fin_seen_ahead || !ss_seq_in_window(endpoint->rcv_nxt, endpoint->rcv_wnd, fin) ||
        contradicted(endpoint, fin))
        return;
    endpoint->fin_seen_ahead = true;
    endpoint->fin_ahead = fin;
}

bool ss_endpoint_step_over_fin(struct ss_endpoint *endpoint)
{
    if (!endpoint->fin_seen_ahead || !ss_seq_equal(endpoint->rcv_nxt, endpoint->fin_ahead))
        return false;
    endpoint->fin_seen_ahead = false;
    endpoint->fin_received = true;
    endpoint->rcv_nxt = ss_seq_add(endpoint->rcv_nxt, 1);
    endpoint->rcv_wnd -= 1;
    return true;
}
