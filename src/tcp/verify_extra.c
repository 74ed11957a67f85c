/*
 * verify_extra: the memory of a busy connection: its rings of segments. The runs beyond gaps are in
 * verify_runs.
 */
#include "synstep/verify_extra.h"

#include "verify_internal.h"

/* Counts go around at 2^32; what they count lies at most a ring's size apart. */
static bool is_past(uint32_t count, uint32_t other)
{
    return (int32_t)(count - other) > 0;
}

void ss_verify_extra_init(struct ss_verify_extra *extra)
{
    *extra = (struct ss_verify_extra){0};
}

void ss_verify_room_init(struct ss_verify_room *room)
{
    ss_verify_extra_init(&room->extra);
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        ss_verify_extra_give(&room->extra, (enum ss_side)side, room->segments[side],
                             SS_VERIFY_ROOM_SEGMENTS);
}

void ss_verify_extra_forget(struct ss_verify_extra_side *extra)
{
    struct ss_verify_ring ring = {.segments = extra->ring.segments, .size = extra->ring.size};
    *extra = (struct ss_verify_extra_side){.ring = ring};
}

static struct ss_verify_segment *place(const struct ss_verify_ring *ring, uint32_t index)
{
    return &ring->segments[index & (ring->size - 1)];
}

static uint32_t held(const struct ss_verify_ring *ring)
{
    return ring->newest - ring->oldest;
}

void ss_verify_extra_give(struct ss_verify_extra *extra, enum ss_side side,
                          struct ss_verify_segment *segments, uint32_t size)
{
    struct ss_verify_ring *ring = &extra->sides[side].ring;
    struct ss_verify_ring given = *ring;
    given.segments = segments;
    given.size = segments ? size : 0;
    if (held(ring) > given.size)
        given.oldest = ring->newest - given.size;
    if (is_past(given.oldest, given.oldest_open))
        given.oldest_open = given.oldest;
    for (uint32_t i = given.oldest; i != given.newest; i++)
        *place(&given, i) = *place(ring, i);
    *ring = given;
}

bool ss_verify_extra_is_full(const struct ss_verify_extra *extra, enum ss_side side)
{
    const struct ss_verify_ring *ring = &extra->sides[side].ring;
    return ring->newest - ring->oldest_open >= ring->size;
}

static bool is_side_idle(const struct ss_verify_extra_side *extra)
{
    return extra->run_count == 0 && extra->ring.newest == extra->ring.oldest_open &&
           !extra->backing_off;
}

bool ss_verify_extra_is_idle(const struct ss_verify_extra *extra)
{
    return is_side_idle(&extra->sides[SS_SIDE_A]) && is_side_idle(&extra->sides[SS_SIDE_B]);
}

static void pass_acknowledged(struct ss_verify_ring *ring)
{
    while (ring->oldest_open != ring->newest && place(ring, ring->oldest_open)->acked)
        ring->oldest_open++;
}

static void make_place(struct ss_verify_ring *ring)
{
    if (held(ring) < ring->size)
        return;
    ring->oldest++;
    if (!is_past(ring->oldest, ring->oldest_open))
        return;
    ring->oldest_open = ring->oldest;
    pass_acknowledged(ring);
}

void ss_verify_ring_push(struct ss_verify_ring *ring, const struct ss_verify_segment *segment)
{
    if (ring->size == 0)
        return;
    bool first = held(ring) == 0;
    make_place(ring);
    *place(ring, ring->newest) = *segment;
    ring->newest++;
    if (!first && ss_seq_before(segment->seq, place(ring, ring->newest - 2)->end))
        ring->disordered_end = ring->newest;
    else if (!is_past(ring->disordered_end, ring->oldest_open))
        ring->disordered_end = ring->oldest_open;
}

/* Whether those from `index` on end later one after the other. */
static bool is_ordered_from(const struct ss_verify_ring *ring, uint32_t index)
{
    return !is_past(ring->disordered_end, index);
}

void ss_verify_ring_acknowledge(struct ss_verify_ring *ring, struct ss_seq ack)
{
    for (uint32_t i = ring->oldest_open; i != ring->newest; i++) {
        struct ss_verify_segment *segment = place(ring, i);
        if (ss_seq_at_or_before(segment->end, ack))
            segment->acked = true;
        else if (is_ordered_from(ring, i))
            break;
    }
    pass_acknowledged(ring);
}

const struct ss_verify_segment *ss_verify_ring_ending_at(const struct ss_verify_ring *ring,
                                                         struct ss_seq ack)
{
    for (uint32_t i = ring->oldest_open; i != ring->newest; i++) {
        const struct ss_verify_segment *segment = place(ring, i);
        if (!segment->acked && ss_seq_equal(segment->end, ack))
            return segment;
        if (ss_seq_after(segment->end, ack) && is_ordered_from(ring, i))
            return NULL;
    }
    return NULL;
}

bool ss_verify_ring_measures(const struct ss_verify_ring *ring,
                             const struct ss_verify_segment *acked)
{
    if (acked->repeated)
        return false;
    if (is_ordered_from(ring, ring->oldest_open))
        return true;
    for (uint32_t i = ring->newest; place(ring, i - 1) != acked; i--)
        if (!place(ring, i - 1)->acked && ss_seq_at_or_before(place(ring, i - 1)->end, acked->end))
            return false;
    return true;
}

const struct ss_verify_segment *ss_verify_ring_eldest_open(const struct ss_verify_ring *ring)
{
    return ring->oldest_open != ring->newest ? place(ring, ring->oldest_open) : NULL;
}

static bool holds(const struct ss_verify_segment *segment, struct ss_seq seq)
{
    return ss_seq_at_or_before(segment->seq, seq) && ss_seq_after(segment->end, seq);
}

const struct ss_verify_segment *ss_verify_ring_eldest_with(const struct ss_verify_ring *ring,
                                                           struct ss_seq seq)
{
    for (uint32_t i = ring->oldest; i != ring->newest; i++)
        if (holds(place(ring, i), seq))
            return place(ring, i);
    return NULL;
}

void ss_verify_widen(struct ss_verify_run *span, struct ss_verify_run by)
{
    if (ss_seq_before(by.start, span->start))
        span->start = by.start;
    if (ss_seq_after(by.end, span->end))
        span->end = by.end;
}

/* What of a segment is not acknowledged. */
static struct ss_verify_run open_part(const struct ss_verify_segment *segment,
                                      const struct ss_verify_side *receiver)
{
    bool partly = receiver->said_known && ss_seq_after(receiver->said, segment->seq) &&
                  ss_seq_before(receiver->said, segment->end);
    return (struct ss_verify_run){partly ? receiver->said : segment->seq, segment->end};
}

void ss_verify_ring_widen(const struct ss_verify_ring *ring, const struct ss_verify_side *receiver,
                          struct ss_verify_run *span)
{
    uint32_t first = ring->oldest_open;
    if (first == ring->newest)
        return;
    ss_verify_widen(span, open_part(place(ring, first), receiver));
    if (is_ordered_from(ring, first)) /* what lies between does not reach further */
        first = ring->newest - 1;
    for (uint32_t i = first; i != ring->newest; i++)
        if (!place(ring, i)->acked)
            ss_verify_widen(span, open_part(place(ring, i), receiver));
}

const struct ss_verify_segment *ss_verify_ring_newest_with(const struct ss_verify_ring *ring,
                                                           struct ss_seq seq)
{
    for (uint32_t i = ring->newest; i != ring->oldest; i--) {
        if (holds(place(ring, i - 1), seq))
            return place(ring, i - 1);
    }
    return NULL;
}

void ss_verify_ring_mark_repeated(struct ss_verify_ring *ring, struct ss_verify_run run)
{
    for (uint32_t i = ring->oldest_open; i != ring->newest; i++) {
        struct ss_verify_segment *segment = place(ring, i);
        if (ss_seq_before(segment->seq, run.end) && ss_seq_after(segment->end, run.start))
            segment->repeated = true;
    }
}

const struct ss_verify_segment *ss_verify_ring_next(const struct ss_verify_ring *ring,
                                                    uint32_t *index)
{
    if (*index >= held(ring))
        return NULL;
    return place(ring, ring->newest - ++*index);
}
