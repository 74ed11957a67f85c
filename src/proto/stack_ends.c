/* stack_ends: between which two addresses a layer goes, for its pseudo-header. */
#include <string.h>

#include "stack_parts.h"

enum { PROTOCOL_RESERVED = 255 };

uint32_t ss_stack_protocol(enum ss_layer_kind kind)
{
    switch (kind) {
    case SS_LAYER_IP:
        return 4;
    case SS_LAYER_IP6:
        return 41;
    case SS_LAYER_HOP:
        return 0;
    case SS_LAYER_ROUTE:
        return 43;
    case SS_LAYER_FRAG:
        return 44;
    case SS_LAYER_DEST:
        return 60;
    case SS_LAYER_TCP:
        return 6;
    case SS_LAYER_UDP:
        return 17;
    case SS_LAYER_ICMP:
        return 1;
    case SS_LAYER_ICMP6:
        return 58;
    case SS_LAYER_IGMP:
        return 2;
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
    case SS_LAYER_ARP:
    case SS_LAYER_RAW:
        return PROTOCOL_RESERVED;
    }
    return PROTOCOL_RESERVED;
}

int ss_stack_carrier(const struct ss_stack *stack, size_t i)
{
    while (i-- > 0)
        if (stack->layers[i].kind == SS_LAYER_IP || stack->layers[i].kind == SS_LAYER_IP6)
            return (int)i;
    return -1;
}

/*
 * The address that a routing header leads to at last; NULL when it leads nowhere more. Types 0
 * (RFC 8200's own, forbidden by RFC 5095) and 2 (RFC 6275) have it last, type 4 (RFC 8754) first;
 * no other has its addresses whole.
 */
static const uint8_t *last_station(const struct ss_layer *route)
{
    enum { TYPE = 2, LEFT = 3, SEGMENTS = 4, MOBILE = 2, ADDRESS = 16, RESERVED = 4 };
    uint8_t type = route->fixed[TYPE];
    if (route->fixed[LEFT] == 0 || route->rest_length < RESERVED + ADDRESS)
        return NULL;
    size_t count = (route->rest_length - RESERVED) / ADDRESS;
    if (type == SEGMENTS)
        return route->rest + RESERVED;
    return type == 0 || type == MOBILE ? route->rest + RESERVED + (count - 1) * ADDRESS : NULL;
}

bool ss_stack_ends(const struct ss_stack *stack, size_t i, struct ss_address *source,
                   struct ss_address *destination)
{
    int carrier = ss_stack_carrier(stack, i);
    if (carrier < 0)
        return false;
    const struct ss_layer *ip = &stack->layers[carrier];
    if (ip->kind == SS_LAYER_IP) {
        *source = ss_address_v4(ip->fixed + 12);
        *destination = ss_address_v4(ip->fixed + 16);
        return true;
    }
    *source = ss_address_v6(ip->fixed + 8);
    *destination = ss_address_v6(ip->fixed + 24);
    for (size_t j = (size_t)carrier + 1; j < i; j++) {
        bool routed = stack->layers[j].kind == SS_LAYER_ROUTE;
        const uint8_t *last = routed ? last_station(&stack->layers[j]) : NULL;
        if (last)
            *destination = ss_address_v6(last);
    }
    return true;
}
