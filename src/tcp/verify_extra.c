/*
 * verify_extra: the memory of a busy connection: its rings of segments. The runs beyond gaps are in
 * verify_runs.
 */
#include "synstep/verify_extra.h"

#include "verify_internal.h"

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
    if (given.oldest_open - ring->oldest < given.oldest - ring->oldest)
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
