/* flow_rooms: slabs of rooms, a list of the free ones, and a hand that goes round when none is. */
#include "flow_rooms.h"

#include <stdlib.h>

#include "synstep/flows.h"

bool flow_rooms_init(struct flow_rooms *rooms, uint32_t most)
{
    *rooms = (struct flow_rooms){.most = most};
    rooms->slabs = calloc(most / FLOW_ROOMS_SLAB + 1, sizeof(struct flow_room *));
    return rooms->slabs != NULL;
}

struct flow_room *flow_rooms_at(const struct flow_rooms *rooms, uint16_t number)
{
    uint32_t index = number - 1U;
    return &rooms->slabs[index / FLOW_ROOMS_SLAB][index % FLOW_ROOMS_SLAB];
}

static size_t ring_bytes(const struct flow_room *room, enum ss_side side)
{
    return room->block.extra.sides[side].ring.size * sizeof(struct ss_verify_segment);
}

/* Before the block is begun anew: the rings still lie there. */
static void let_go(struct flow_rooms *rooms, struct flow_room *room)
{
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        if (!room->grown[side])
            continue;
        rooms->grown_bytes -= ring_bytes(room, (enum ss_side)side);
        free(room->grown[side]);
        room->grown[side] = NULL;
    }
}

void flow_rooms_free(struct flow_rooms *rooms)
{
    for (uint32_t i = 0; rooms->slabs && i < rooms->count; i++)
        let_go(rooms, flow_rooms_at(rooms, (uint16_t)(i + 1)));
    for (uint32_t i = 0; rooms->slabs && i < rooms->count; i += FLOW_ROOMS_SLAB)
        free(rooms->slabs[i / FLOW_ROOMS_SLAB]);
    free(rooms->slabs);
}

void flow_rooms_grow(struct flow_rooms *rooms, struct flow_room *room, enum ss_side side)
{
    struct ss_verify_extra *extra = &room->block.extra;
    size_t old = ring_bytes(room, side);
    uint32_t size = 2 * extra->sides[side].ring.size;
    if (!ss_verify_extra_is_full(extra, side) || size > FLOW_RING_MAX ||
        rooms->grown_bytes + 2 * old > SS_FLOWS_GROWN_BYTES_MAX)
        return;
    struct ss_verify_segment *more = malloc(2 * old);
    if (!more)
        return;
    ss_verify_extra_give(extra, side, more, size);
    rooms->grown_bytes += 2 * old - (room->grown[side] ? old : 0);
    free(room->grown[side]);
    room->grown[side] = more;
}

void flow_rooms_give_back(struct flow_rooms *rooms, uint16_t number)
{
    let_go(rooms, flow_rooms_at(rooms, number));
    flow_rooms_at(rooms, number)->next = rooms->free;
    rooms->free = number;
}

/* A new one at the end; 0 when that is as many as may be, or out of memory. */
static uint16_t make(struct flow_rooms *rooms)
{
    if (rooms->count == rooms->most)
        return 0;
    uint32_t left = rooms->most - rooms->count;
    struct flow_room **slab = &rooms->slabs[rooms->count / FLOW_ROOMS_SLAB];
    if (!*slab)
        *slab =
            malloc((left < FLOW_ROOMS_SLAB ? left : FLOW_ROOMS_SLAB) * sizeof(struct flow_room));
    if (!*slab)
        return 0;
    struct flow_room *made = &(*slab)[rooms->count % FLOW_ROOMS_SLAB];
    made->grown[SS_SIDE_A] = made->grown[SS_SIDE_B] = NULL;
    return (uint16_t)++rooms->count;
}

/* The first that was not used since the hand passed it last: twice around is far enough. */
static uint16_t rob(struct flow_rooms *rooms)
{
    for (uint32_t i = 0; i < 2 * rooms->count; i++) {
        uint16_t number = (uint16_t)(rooms->hand + 1);
        struct flow_room *room = flow_rooms_at(rooms, number);
        rooms->hand = (rooms->hand + 1) % rooms->count;
        if (!room->touched)
            return number;
        room->touched = false;
    }
    return 0;
}

uint16_t flow_rooms_take(struct flow_rooms *rooms, uint32_t flow, uint32_t *robbed, bool *taken)
{
    uint16_t number = rooms->free;
    *taken = false;
    if (number)
        rooms->free = flow_rooms_at(rooms, number)->next;
    else
        number = make(rooms);
    if (!number && rooms->count > 0) {
        number = rob(rooms);
        *taken = true;
        *robbed = flow_rooms_at(rooms, number)->flow;
    }
    if (!number)
        return 0;
    struct flow_room *room = flow_rooms_at(rooms, number);
    let_go(rooms, room);
    ss_verify_room_init(&room->block);
    room->flow = flow;
    return number;
}
