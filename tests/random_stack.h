/* random_stack: legal frames at random, each with a layer of the kind that is asked for. Ports are
 * those that no other protocol claims, so that nobody reads more into the payload. */
#ifndef SS_TESTS_RANDOM_STACK_H
#define SS_TESTS_RANDOM_STACK_H

#include <stdlib.h>
#include <string.h>

#include "synstep/random.h"
#include "synstep/stack.h"
#include "synstep/tcp_option.h"

enum { RANDOM_OCTETS = 512, RANDOM_FRAME_MAX = 2048 };

/* A stack under way, and where the octets of its layers are kept. */
struct random_stack {
    struct ss_random random;
    enum ss_layer_kind wanted;
    struct ss_stack stack;
    size_t used;
    uint8_t octets[RANDOM_OCTETS];
};

static inline uint32_t random_below(struct random_stack *made, uint32_t bound)
{
    return ss_random_below(&made->random, bound);
}

/* True for the layer that is wanted, and for any other once in `every`. */
static inline bool random_wants(struct random_stack *made, enum ss_layer_kind kind, uint32_t every)
{
    return made->wanted == kind || random_below(made, every) == 0;
}

static inline struct ss_layer *random_add(struct random_stack *made, enum ss_layer_kind kind)
{
    struct ss_layer *layer = &made->stack.layers[made->stack.count++];
    *layer = ss_layer_new(kind);
    return layer;
}

static inline void random_put(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    if (!ss_layer_field_from_name(layer->kind, name, &field))
        abort();
    ss_layer_put(layer, field, value);
}

static inline void random_put_octets(struct ss_layer *layer, const char *name,
                                     const uint8_t *octets)
{
    size_t field;
    if (!ss_layer_field_from_name(layer->kind, name, &field))
        abort();
    ss_layer_put_octets(layer, field, octets);
}

/* Octets that live as long as the stack. */
static inline uint8_t *random_keep(struct random_stack *made, size_t length)
{
    uint8_t *kept = made->octets + made->used;
    made->used += length;
    if (made->used > RANDOM_OCTETS)
        abort();
    for (size_t i = 0; i < length; i++)
        kept[i] = (uint8_t)ss_random_next32(&made->random);
    return kept;
}

static inline void random_rest(struct ss_layer *layer, const uint8_t *octets, size_t length)
{
    layer->rest = octets;
    layer->rest_length = length;
}

static inline void random_payload(struct random_stack *made)
{
    size_t length = random_below(made, 3) ? random_below(made, 40) : 0;
    if (length > 0)
        random_rest(random_add(made, SS_LAYER_RAW), random_keep(made, length), length);
}

static inline void random_ether(struct random_stack *made)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_ETHER);
    uint8_t *card = random_keep(made, 6);
    random_put_octets(layer, "dst", card);
    card[0] &= 0xfe; /* a group sends nothing */
    random_put_octets(layer, "src", card);
    if (!random_wants(made, SS_LAYER_VLAN, 5))
        return;
    layer = random_add(made, SS_LAYER_VLAN);
    random_put(layer, "pcp", random_below(made, 8));
    random_put(layer, "vid", 1 + random_below(made, 4094));
}

static inline void random_arp(struct random_stack *made)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_ARP);
    uint8_t *octets = random_keep(made, 12);
    octets[0] &= 0xfe;
    octets[6] = octets[7] = 10;
    random_put(layer, "op", 1 + random_below(made, 2));
    random_put_octets(layer, "sha", octets);
    random_put_octets(layer, "tha", octets);
    random_put_octets(layer, "spa", octets + 6);
    random_put_octets(layer, "tpa", octets + 7);
}

/* Record route with room for one address; router alert; no-operations. */
static inline void random_ip_options(struct random_stack *made, struct ss_layer *layer)
{
    static const uint8_t options[] = {7, 7, 4, 0, 0, 0, 0, 1, 148, 4, 0, 0};
    if (made->wanted == SS_LAYER_IGMP) /* RFC 2236 section 2 */
        random_rest(layer, options + 8, 4);
    else if (random_below(made, 3) == 0)
        random_rest(layer, options, random_below(made, 2) ? 8 : 12);
}

static inline void random_ip(struct random_stack *made)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_IP);
    uint8_t *ends = random_keep(made, 8);
    ends[0] = ends[4] = 10;
    random_put(layer, "tos", random_below(made, 256));
    random_put(layer, "id", random_below(made, 65536));
    random_put(layer, "df", random_below(made, 2));
    random_put(layer, "ttl", made->wanted == SS_LAYER_IGMP ? 1 : 1 + random_below(made, 255));
    random_put_octets(layer, "src", ends);
    random_put_octets(layer, "dst", ends + 4);
    random_ip_options(made, layer);
}

static inline uint8_t *random_v6(struct random_stack *made)
{
    static const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8};
    uint8_t *address = random_keep(made, 16);
    memcpy(address, prefix, sizeof prefix);
    return address;
}

/* Padding alone, a router alert, or a padding of odd length before another (RFC 8200 4.2). */
static inline void random_options(struct random_stack *made, enum ss_layer_kind kind)
{
    static const uint8_t alert[] = {5, 2, 0, 0, 1, 0};
    static const uint8_t padding[] = {0, 1, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct ss_layer *layer = random_add(made, kind);
    if (kind == SS_LAYER_HOP && random_below(made, 2))
        random_rest(layer, alert, sizeof alert);
    else if (random_below(made, 2))
        random_rest(layer, padding, sizeof padding);
    else
        random_rest(layer, padding + 1, 0);
}

/* Type 2 with its one station, or type 4 with up to three: `ip` goes to the one that is next. */
static inline void random_route(struct random_stack *made, struct ss_layer *ip)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_ROUTE);
    bool mobile = random_below(made, 2);
    uint32_t stations = mobile ? 1 : 1 + random_below(made, 3);
    uint32_t left = mobile ? 1 : random_below(made, stations);
    uint8_t *rest = random_keep(made, 4);
    memset(rest, 0, 4);
    if (!mobile)
        rest[0] = (uint8_t)(stations - 1);
    for (uint32_t i = 0; i < stations; i++)
        (void)random_v6(made);
    random_put(layer, "type", mobile ? 2 : 4);
    random_put(layer, "left", left);
    if (!mobile)
        random_put_octets(ip, "dst", rest + 4 + 16 * (size_t)left);
    random_rest(layer, rest, 4 + 16 * (size_t)stations);
}

/* Not `routed` in a quotation: Wireshark does not follow a routing header there. */
static inline void random_ip6(struct random_stack *made, bool routed)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_IP6);
    random_put(layer, "class", random_below(made, 256));
    random_put(layer, "flow", random_below(made, 1 << 20));
    random_put(layer, "hop", 1 + random_below(made, 255));
    random_put_octets(layer, "src", random_v6(made));
    random_put_octets(layer, "dst", random_v6(made));
    if (random_wants(made, SS_LAYER_HOP, 8))
        random_options(made, SS_LAYER_HOP);
    if (routed && random_wants(made, SS_LAYER_ROUTE, 8))
        random_route(made, layer);
    if (random_wants(made, SS_LAYER_FRAG, 8))
        random_put(random_add(made, SS_LAYER_FRAG), "id", ss_random_next32(&made->random));
    if (random_wants(made, SS_LAYER_DEST, 8))
        random_options(made, SS_LAYER_DEST);
}

static inline void random_tcp_options(struct random_stack *made, struct ss_layer *layer, bool syn)
{
    struct ss_tcp_options options = {.has_mss = syn && random_below(made, 2), .mss = 1460};
    options.sack_permitted = syn && random_below(made, 2);
    options.has_window_shift = syn && random_below(made, 2);
    options.window_shift = (uint8_t)random_below(made, 15);
    options.has_timestamps = random_below(made, 2);
    options.timestamp_value = ss_random_next32(&made->random);
    uint8_t *octets = random_keep(made, SS_TCP_OPTIONS_BYTES_MAX);
    random_rest(layer, octets, ss_tcp_options_encode(&options, octets));
}

static inline void random_tcp(struct random_stack *made)
{
    static const uint8_t flags[] = {0x02, 0xc2, 0x12, 0x10, 0x18, 0x11, 0x19, 0x04, 0x14, 0x30};
    struct ss_layer *layer = random_add(made, SS_LAYER_TCP);
    uint8_t chosen = flags[random_below(made, sizeof flags)];
    random_put(layer, "sport", 49152 + random_below(made, 16384));
    random_put(layer, "dport", 49152 + random_below(made, 16384));
    random_put(layer, "seq", ss_random_next32(&made->random));
    random_put(layer, "ack", chosen & 0x10 ? ss_random_next32(&made->random) : 0);
    random_put(layer, "flags", chosen);
    random_put(layer, "window", random_below(made, 65536));
    random_put(layer, "urgent", chosen & 0x20 ? 1 : 0);
    random_tcp_options(made, layer, chosen & 0x02);
}

static inline void random_udp(struct random_stack *made)
{
    struct ss_layer *layer = random_add(made, SS_LAYER_UDP);
    random_put(layer, "sport", 49152 + random_below(made, 16384));
    random_put(layer, "dport", 49152 + random_below(made, 16384));
}

/* What has fields behind the first 8 octets, and nothing behind those. */
static inline void random_icmp_long(struct random_stack *made, struct ss_layer *layer)
{
    struct ss_layer *ip = made->stack.layers;
    bool ask = random_below(made, 2);
    if (layer->kind == SS_LAYER_ICMP) {
        random_put(layer, "type", ask ? 13 : 14);
        random_put(layer, "id", random_below(made, 65536));
        random_put(layer, "originate", random_below(made, 86400000));
        random_put(layer, "receive", ask ? 0 : random_below(made, 86400000));
        random_put(layer, "transmit", ask ? 0 : random_below(made, 86400000));
        return;
    }
    while (ip->kind != SS_LAYER_IP6)
        ip++;
    random_put(ip, "hop", 255); /* RFC 4861 section 7.1 */
    random_put(layer, "type", ask ? 135 : 136);
    random_put_octets(layer, "target", random_v6(made));
    if (!ask)
        random_put(layer, "override", random_below(made, 2));
}

/* Whether something may follow. An echo, or an error that quotes a whole UDP datagram. */
static inline bool random_icmp(struct random_stack *made, bool v6)
{
    struct ss_layer *layer = random_add(made, v6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP);
    if (random_below(made, 4) == 0) {
        random_icmp_long(made, layer);
        return false;
    }
    if (random_below(made, 2)) {
        random_put(layer, "type", v6 ? 128 + random_below(made, 2) : 8 * random_below(made, 2));
        random_put(layer, "id", random_below(made, 65536));
        random_put(layer, "seq", random_below(made, 65536));
        return true;
    }
    enum ss_layer_kind wanted = made->wanted;
    made->wanted = SS_LAYER_UDP;
    random_put(layer, "type", v6 ? 1 : 3);
    random_put(layer, "code", v6 ? 4 : 3);
    if (v6)
        random_ip6(made, false);
    else
        random_ip(made);
    random_udp(made);
    made->wanted = wanted;
    return true;
}

static inline void random_igmp(struct random_stack *made)
{
    static const uint8_t types[] = {0x11, 0x12, 0x16, 0x17};
    struct ss_layer *layer = random_add(made, SS_LAYER_IGMP);
    uint8_t *group = random_keep(made, 4);
    group[0] = 239;
    random_put(layer, "type", types[random_below(made, 4)]);
    random_put_octets(layer, "group", group);
    if (layer->fixed[0] == 0x11 && random_below(made, 2)) {
        random_put(layer, "qrv", random_below(made, 8));
        random_put(layer, "qqic", random_below(made, 256));
        random_put(layer, "sources", 0);
    }
}

/* What is wanted, if IP carries it; else any. */
static inline enum ss_layer_kind random_carried(struct random_stack *made, bool v6)
{
    const enum ss_layer_kind kinds[] = {SS_LAYER_TCP, SS_LAYER_UDP,
                                        v6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP};
    if (made->wanted == SS_LAYER_TCP || made->wanted == SS_LAYER_UDP ||
        made->wanted == SS_LAYER_ICMP || made->wanted == SS_LAYER_ICMP6 ||
        made->wanted == SS_LAYER_IGMP)
        return made->wanted;
    return kinds[random_below(made, 3)];
}

static inline void random_transport(struct random_stack *made, bool v6)
{
    enum ss_layer_kind kind = random_carried(made, v6);
    if (kind == SS_LAYER_IGMP) {
        random_igmp(made);
        return;
    }
    if (kind == SS_LAYER_TCP)
        random_tcp(made);
    else if (kind == SS_LAYER_UDP)
        random_udp(made);
    else if (!random_icmp(made, v6))
        return;
    random_payload(made);
}

static inline bool random_is_v6(struct random_stack *made)
{
    switch (made->wanted) {
    case SS_LAYER_IP:
    case SS_LAYER_ICMP:
    case SS_LAYER_IGMP:
        return false;
    case SS_LAYER_IP6:
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_FRAG:
    case SS_LAYER_DEST:
    case SS_LAYER_ICMP6:
        return true;
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
    case SS_LAYER_ARP:
    case SS_LAYER_TCP:
    case SS_LAYER_UDP:
    case SS_LAYER_RAW:
        return random_below(made, 2);
    }
    return false;
}

/* Lays a stack's layers; it is not built yet. The generator goes on from `made->random`. */
static inline void random_make(struct random_stack *made, enum ss_layer_kind wanted)
{
    made->wanted = wanted;
    made->used = 0;
    made->stack.count = 0;
    random_ether(made);
    if (wanted == SS_LAYER_ARP) {
        random_arp(made);
        return;
    }
    bool v6 = random_is_v6(made);
    if (v6)
        random_ip6(made, true);
    else
        random_ip(made);
    random_transport(made, v6);
}

#endif
