/*
 * flow_rooms: rooms for what verify remembers of busy connections: a bounded pool, from which the
 * one that was quiet takes leave first. Private to src/run.
 */
#ifndef SYNSTEP_RUN_FLOW_ROOMS_H
#define SYNSTEP_RUN_FLOW_ROOMS_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/verify_extra.h"

enum {
    FLOW_ROOMS_SLAB = 64,
    FLOW_RING_MAX = 1024, /* segments of an end */
};

struct flow_room {
    struct ss_verify_room block;
    uint32_t flow;                      /* whose it is */
    uint16_t next;                      /* free: the next one's index + 1 */
    bool touched;                       /* since the hand passed */
    struct ss_verify_segment *grown[2]; /* rings that outgrew those in the block; NULL: none */
};

struct flow_rooms {
    struct flow_room **slabs;
    uint32_t count; /* made so far */
    uint32_t most;
    uint32_t hand;
    uint16_t free; /* index + 1 of the first; 0: none */
    size_t grown_bytes;
};

/* SS_FLOWS_ROOMS_MAX or less; false when out of memory. */
bool flow_rooms_init(struct flow_rooms *rooms, uint32_t most);
void flow_rooms_free(struct flow_rooms *rooms);

/* The room of that number (index + 1). */
struct flow_room *flow_rooms_at(const struct flow_rooms *rooms, uint16_t number);

/*
 * An empty room for a flow; its number, or 0: none can be had. When it was taken from another flow,
 * `robbed` gets that one and true is set.
 */
uint16_t flow_rooms_take(struct flow_rooms *rooms, uint32_t flow, uint32_t *robbed, bool *taken);

void flow_rooms_give_back(struct flow_rooms *rooms, uint16_t number);

/*
 * Makes an end's ring larger when its next segment would drive out one that is not acknowledged:
 * many that are under way at once are all remembered, up to FLOW_RING_MAX of an end, and
 * SS_FLOWS_GROWN_BYTES_MAX in all. Out of memory, it stays as it is.
 */
void flow_rooms_grow(struct flow_rooms *rooms, struct flow_room *room, enum ss_side side);

#endif
