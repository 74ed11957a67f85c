/* flows: a chained table of connections in slabs, rooms for the busy ones, and a slow hand. */
#include "synstep/flows.h"

#include <stdlib.h>
#include <string.h>

#include "flow_rooms.h"
#include "flow_tally.h"

enum {
    SLAB = 1024,
    BUCKETS_FIRST = 1024,
    SWEPT_EACH = 4, /* places looked at for each new connection */
    CACHE_LINE = 64,
    CROWD = 16, /* of which one gives way when all are taken */
};

/* No place: indices are told + 1 in `next` and in buckets. */
enum { NONE = 0 };

struct ss_flows {
    struct ss_flows_options options;
    struct ss_flow **slabs;
    struct ss_flow_side **sides; /* by slab; what both ends of each did */
    uint32_t places;             /* made so far */
    uint32_t free;               /* the first free one, + 1 */
    uint32_t hand;
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
    struct flow_rooms rooms;
    struct ss_flows_count count;
};

static struct ss_flow *at(const struct ss_flows *flows, uint32_t index)
{
    return &flows->slabs[index / SLAB][index % SLAB];
}

static uint32_t slab_count(const struct ss_flows *flows)
{
    return (flows->options.most + SLAB - 1) / SLAB;
}

static uint32_t at_most(uint32_t wished, uint32_t bound)
{
    return wished > 0 && wished < bound ? wished : bound;
}

struct ss_flows *ss_flows_new(const struct ss_flows_options *options)
{
    struct ss_flows *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->options = *options;
    made->options.most = at_most(options->most, SS_FLOWS_MAX);
    made->options.rooms = at_most(options->rooms, SS_FLOWS_ROOMS_MAX);
    made->bucket_count = BUCKETS_FIRST;
    made->buckets = calloc(BUCKETS_FIRST, sizeof(uint32_t));
    made->slabs = calloc(slab_count(made), sizeof(struct ss_flow *));
    made->sides = calloc(slab_count(made), sizeof(struct ss_flow_side *));
    if (flow_rooms_init(&made->rooms, made->options.rooms) && made->buckets && made->slabs &&
        made->sides)
        return made;
    ss_flows_free(made);
    return NULL;
}

void ss_flows_free(struct ss_flows *flows)
{
    if (!flows)
        return;
    for (uint32_t i = 0; flows->slabs && flows->sides && i < slab_count(flows); i++) {
        free(flows->slabs[i]);
        free(flows->sides[i]);
    }
    flow_rooms_free(&flows->rooms);
    free(flows->slabs);
    free(flows->sides);
    free(flows->buckets);
    free(flows);
}

struct ss_flows_count ss_flows_count(const struct ss_flows *flows)
{
    return flows->count;
}

uint64_t ss_flow_stream_bytes(const struct ss_flow *flow, enum ss_side side)
{
    const struct ss_verify_side *sent = &flow->verify.sides[side];
    uint64_t controls = (sent->isn_known ? 1U : 0U) + (sent->fin_known ? 1U : 0U);
    return sent->sent > controls ? sent->sent - controls : 0;
}

/* --- finding ------------------------------------------------------------------------------------
 */

/* Odd numbers with their bits all over; a multiplication by one mixes upward. */
static uint64_t mix(uint64_t value)
{
    value *= UINT64_C(0x9e3779b97f4a7c15);
    return value ^ (value >> 32);
}

static uint64_t hash_end(const struct ss_socket_address *end)
{
    uint64_t halves[2];
    memcpy(halves, end->address.octets, sizeof(halves));
    return mix(mix(halves[0] ^ end->port) + halves[1]);
}

/* The same for both directions. */
static uint32_t bucket_of(const struct ss_flows *flows, const struct ss_socket_address ends[2])
{
    return (uint32_t)mix(hash_end(&ends[0]) + hash_end(&ends[1])) & (flows->bucket_count - 1);
}

static bool is_between(const struct ss_flow *flow, const struct ss_socket_address ends[2],
                       enum ss_side *from)
{
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        if (flow->ends[side].port == ends[0].port && flow->ends[1 - side].port == ends[1].port &&
            ss_socket_address_equal(&flow->ends[side], &ends[0]) &&
            ss_socket_address_equal(&flow->ends[1 - side], &ends[1])) {
            *from = (enum ss_side)side;
            return true;
        }
    return false;
}

/* Thousands of connections that speak in turns are in no cache: all lines are asked for at once. */
static void fetch(const void *object, size_t size)
{
    for (size_t at_octet = 0; at_octet < size; at_octet += CACHE_LINE)
        __builtin_prefetch((const char *)object + at_octet, 1);
}

/* Its index + 1. */
static uint32_t find(const struct ss_flows *flows, const struct ss_socket_address ends[2],
                     enum ss_side *from)
{
    uint32_t found = flows->buckets[bucket_of(flows, ends)];
    if (found != NONE)
        fetch(at(flows, found - 1), sizeof(struct ss_flow));
    while (found != NONE && !is_between(at(flows, found - 1), ends, from))
        found = at(flows, found - 1)->next;
    if (found != NONE && at(flows, found - 1)->room)
        fetch(flow_rooms_at(&flows->rooms, at(flows, found - 1)->room),
              sizeof(struct ss_verify_extra));
    return found;
}

/* --- closing out --------------------------------------------------------------------------------
 */

static void tell(const struct ss_flows *flows, struct ss_flow *flow)
{
    if (flows->options.over && !flow->told)
        flows->options.over(flows->options.context, flow);
    flow->told = true;
}

static void leave_room(struct ss_flows *flows, struct ss_flow *flow)
{
    if (flow->room)
        flow_rooms_give_back(&flows->rooms, flow->room);
    flow->room = 0;
}

static void unlink_flow(struct ss_flows *flows, uint32_t index)
{
    uint32_t *place = &flows->buckets[bucket_of(flows, at(flows, index)->ends)];
    while (*place != index + 1)
        place = &at(flows, *place - 1)->next;
    *place = at(flows, index)->next;
}

static void close_out(struct ss_flows *flows, uint32_t index)
{
    struct ss_flow *flow = at(flows, index);
    tell(flows, flow);
    leave_room(flows, flow);
    unlink_flow(flows, index);
    flow->live = false;
    flow->next = flows->free;
    flows->free = index + 1;
}

/* A RST that counts, or both FINs. */
static bool has_ended(const struct ss_verify *verify)
{
    const struct ss_verify_side *sides = verify->sides;
    return sides[0].reset || sides[1].reset || (sides[0].fin_known && sides[1].fin_known);
}

static void sweep(struct ss_flows *flows, uint64_t time_us)
{
    for (uint32_t i = 0; i < SWEPT_EACH && flows->places > 0; i++) {
        flows->hand = (flows->hand + 1) % flows->places;
        struct ss_flow *flow = at(flows, flows->hand);
        if (flow->live && has_ended(&flow->verify) && time_us > flow->last_us &&
            time_us - flow->last_us > SS_FLOWS_QUIET_US)
            close_out(flows, flows->hand);
    }
}

void ss_flows_tell_ended(struct ss_flows *flows, uint64_t time_us)
{
    for (uint32_t i = 0; i < flows->places; i++) {
        struct ss_flow *flow = at(flows, i);
        if (flow->live && has_ended(&flow->verify) && time_us > flow->last_us &&
            time_us - flow->last_us > SS_FLOWS_TELL_US)
            tell(flows, flow);
    }
}

/* All places are taken: of some, the one that was quiet for longest gives way. */
static void crowd_out(struct ss_flows *flows)
{
    uint32_t quietest = flows->hand;
    for (uint32_t i = 0; i < CROWD; i++) {
        flows->hand = (flows->hand + 1) % flows->places;
        if (at(flows, flows->hand)->last_us < at(flows, quietest)->last_us)
            quietest = flows->hand;
    }
    if (!has_ended(&at(flows, quietest)->verify))
        flows->count.crowded_out++;
    close_out(flows, quietest);
}

/* --- beginning ----------------------------------------------------------------------------------
 */

static void link_flow(struct ss_flows *flows, uint32_t index)
{
    uint32_t *bucket = &flows->buckets[bucket_of(flows, at(flows, index)->ends)];
    at(flows, index)->next = *bucket;
    *bucket = index + 1;
}

/* One or two places for each bucket. */
static bool spread(struct ss_flows *flows)
{
    if (flows->places < 2 * flows->bucket_count)
        return true;
    uint32_t *buckets = calloc(2 * (size_t)flows->bucket_count, sizeof(uint32_t));
    if (!buckets)
        return false;
    free(flows->buckets);
    flows->buckets = buckets;
    flows->bucket_count *= 2;
    for (uint32_t i = 0; i < flows->places; i++)
        if (at(flows, i)->live)
            link_flow(flows, i);
    return true;
}

static bool make_slab(struct ss_flows *flows, uint32_t slab)
{
    size_t places = at_most(flows->options.most - slab * SLAB, SLAB);
    if (!flows->slabs[slab])
        flows->slabs[slab] = malloc(places * sizeof(struct ss_flow));
    if (flows->options.counted && !flows->sides[slab])
        flows->sides[slab] = malloc(places * sizeof(struct ss_flow_side[2]));
    return flows->slabs[slab] && (flows->sides[slab] || !flows->options.counted);
}

/* One more at the end. */
static bool make_place(struct ss_flows *flows)
{
    uint32_t index = flows->places;
    if (!spread(flows) || !make_slab(flows, index / SLAB))
        return false;
    struct ss_flow *flow = at(flows, index);
    flow->sides = flows->options.counted ? &flows->sides[index / SLAB][2 * (index % SLAB)] : NULL;
    flow->live = false;
    flow->next = flows->free;
    flows->free = ++flows->places;
    flows->count.places = flows->places;
    return true;
}

static uint32_t take_place(struct ss_flows *flows, uint64_t time_us)
{
    sweep(flows, time_us);
    if (flows->free == NONE && flows->places == flows->options.most)
        crowd_out(flows);
    if (flows->free == NONE && !make_place(flows))
        return NONE;
    uint32_t taken = flows->free;
    flows->free = at(flows, taken - 1)->next;
    return taken;
}

/* Whose SYN it is: an answer to one is sent by the other end (RFC 9293 section 3.5). */
static enum ss_side sender_of_first(const struct ss_packet *packet)
{
    const uint8_t answer = SS_TCP_SYN | SS_TCP_ACK;
    return (packet->tcp.flags & answer) == answer ? SS_SIDE_B : SS_SIDE_A;
}

/* Its verify is left as it is. */
static void begin(struct ss_flows *flows, struct ss_flow *flow, const struct ss_packet *packet,
                  const struct ss_socket_address ends[2], enum ss_side from)
{
    flow->ends[from] = ends[0];
    flow->ends[ss_side_other(from)] = ends[1];
    flow->late = from == SS_SIDE_B || !(packet->tcp.flags & SS_TCP_SYN);
    flow->number = (uint32_t)++flows->count.begun;
    flow_tally_begin(flow);
    flow->told = false;
}

static uint32_t add(struct ss_flows *flows, const struct ss_packet *packet, uint64_t time_us,
                    const struct ss_socket_address ends[2], enum ss_side *from)
{
    uint32_t place = take_place(flows, time_us);
    if (place == NONE)
        return NONE;
    struct ss_flow *flow = at(flows, place - 1);
    *from = sender_of_first(packet);
    begin(flows, flow, packet, ends, *from);
    ss_verify_init(&flow->verify);
    flow->room = 0;
    flow->live = true;
    link_flow(flows, place - 1);
    return place;
}

/*
 * A SYN on the ports of a connection that is over. Whoever opened that one is known to verify,
 * which then judges anew by itself; when the other end opens, the letters change sides, and true is
 * returned if its number is another than before.
 */
static bool begin_anew(struct ss_flows *flows, struct ss_flow *flow, const struct ss_packet *packet,
                       const struct ss_socket_address ends[2], enum ss_side *from)
{
    const struct ss_verify_side *opener = &flow->verify.sides[*from];
    bool changes = *from == SS_SIDE_B;
    bool other = opener->isn_known && !ss_seq_equal(opener->isn, packet->tcp.seq);
    tell(flows, flow);
    leave_room(flows, flow);
    if (changes)
        ss_verify_init(&flow->verify);
    *from = SS_SIDE_A;
    begin(flows, flow, packet, ends, SS_SIDE_A);
    return changes && other;
}

/* --- taking in ----------------------------------------------------------------------------------
 */

/* Where the next segment of each end goes, and the one whose ACK may come. */
static void fetch_segments(const struct flow_room *room)
{
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        const struct ss_verify_ring *ring = &room->block.extra.sides[side].ring;
        __builtin_prefetch(&ring->segments[ring->newest & (ring->size - 1)], 1);
        __builtin_prefetch(&ring->segments[ring->oldest_open & (ring->size - 1)], 1);
    }
}

/* What is remembered of it; NULL for one that has nothing to be remembered. */
static struct ss_verify_extra *extra_of(struct ss_flows *flows, struct ss_flow *flow,
                                        uint32_t index, const struct ss_packet *packet,
                                        enum ss_side from)
{
    uint32_t robbed;
    bool taken = false, numbered = ss_packet_segment_length(packet) > 0;
    if (!flow->room && numbered)
        flow->room = flow_rooms_take(&flows->rooms, index, &robbed, &taken);
    if (taken) {
        at(flows, robbed)->room = 0;
        flows->count.robbed++;
    }
    if (!flow->room)
        return NULL;
    struct flow_room *room = flow_rooms_at(&flows->rooms, flow->room);
    room->touched = true;
    if (numbered)
        flow_rooms_grow(&flows->rooms, room, from);
    fetch_segments(room);
    return &room->block.extra;
}

enum ss_status ss_flows_take(struct ss_flows *flows, const struct ss_packet *packet, uint64_t frame,
                             uint64_t time_us, uint32_t wishes, struct ss_flow_packet *taken)
{
    const struct ss_socket_address ends[2] = {
        {packet->source, packet->tcp.source_port},
        {packet->destination, packet->tcp.destination_port},
    };
    bool reused = false;
    uint32_t place = find(flows, ends, &taken->from);
    if (place == NONE)
        place = add(flows, packet, time_us, ends, &taken->from);
    else if (packet->transport_checksum != SS_CHECKSUM_BAD &&
             ss_verify_begins_anew(&at(flows, place - 1)->verify, taken->from, packet))
        reused = begin_anew(flows, at(flows, place - 1), packet, ends, &taken->from);
    if (place == NONE)
        return SS_IO;
    struct ss_flow *flow = at(flows, place - 1);
    const struct ss_verify_input input = {
        .packet = packet,
        .time_us = time_us,
        .extra = extra_of(flows, flow, place - 1, packet, taken->from),
        .frame = (uint32_t)frame,
        .wishes = wishes,
        .from = taken->from,
    };
    ss_verify_judge(&flow->verify, &input, &taken->verdicts, &taken->analysis);
    if (reused) /* verify itself knows nothing of the old one */
        taken->analysis.flags |= SS_ANALYSIS_REUSED_PORTS;
    flow_tally_count(flow, packet, time_us, taken);
    if (input.extra && has_ended(&flow->verify) && ss_verify_extra_is_idle(input.extra))
        leave_room(flows, flow);
    taken->flow = flow;
    return SS_OK;
}

/* --- the end ------------------------------------------------------------------------------------
 */

struct numbered {
    uint32_t number;
    uint32_t index;
};

static int by_number(const void *a, const void *b)
{
    const struct numbered *one = a, *other = b;
    return one->number < other->number ? -1 : one->number > other->number;
}

void ss_flows_finish(struct ss_flows *flows)
{
    uint32_t count = 0;
    struct numbered *order = calloc((size_t)flows->places + 1, sizeof(*order));
    for (uint32_t i = 0; i < flows->places; i++)
        if (!at(flows, i)->live)
            continue;
        else if (order)
            order[count++] = (struct numbered){at(flows, i)->number, i};
        else
            close_out(flows, i); /* out of memory: in the order of their places */
    if (order)
        qsort(order, count, sizeof(*order), by_number);
    for (uint32_t i = 0; i < count; i++)
        close_out(flows, order[i].index);
    free(order);
}
