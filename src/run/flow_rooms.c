/* flow_rooms: slabs of rooms, a list of the free ones, and a hand that goes round when none is. */
#include "flow_rooms.h"

#include <stdlib.h>

bool flow_rooms_init(struct flow_rooms *rooms, uint32_t most)
{
    *rooms = (struct flow_rooms){.most = most};
    rooms->slabs = calloc(most / FLOW_ROOMS_SLAB + 1, sizeof(struct flow_room *));
    return rooms->slabs != NULL;
}

void flow_rooms_free(struct flow_rooms *rooms)
{
    for (uint32_t i = 0; rooms->slabs && i < rooms->count; i += FLOW_ROOMS_SLAB)
        free(rooms->slabs[i / FLOW_ROOMS_SLAB]);
    free(rooms->slabs);
}

struct flow_room *flow_rooms_at(const struct flow_rooms *rooms, uint16_t number)
{
    uint32_t index = number - 1U;
    return &rooms->slabs[index / FLOW_ROOMS_SLAB][index % FLOW_ROOMS_SLAB];
}

void flow_rooms_give_back(struct flow_rooms *rooms, uint16_t number)
{
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
    return *slab ? (uint16_t)++rooms->count : 0;
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
    ss_verify_room_init(&room->block);
    room->flow = flow;
    return number;
}
