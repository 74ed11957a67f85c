/* probe_link: the Ethernet header of a probe, and whose cards stand in it. */
#include <string.h>

#include "probe_parts.h"

enum ss_status ss_probe_frame(struct ss_probe *probe, struct ss_problem *problem)
{
    if (ss_probe_link(probe) == SS_LINK_ETHERNET)
        return SS_OK;
    enum ss_status status = probe_insert(probe, 0, SS_LAYER_ETHER, problem);
    if (status != SS_OK)
        return status;
    probe->link_bytes = SS_ETHERNET_HEADER_BYTES;
    probe_fast_renew(probe);
    return SS_OK;
}

bool ss_probe_is_given(const struct ss_probe *probe, enum ss_layer_kind kind, const char *field)
{
    size_t index;
    int at = probe_find(probe, kind);
    return at >= 0 && ss_layer_field_from_name(kind, field, &index) &&
           probe_is_given(probe, (size_t)at, index);
}

/* A request, as far as the first frame tells. */
static bool asks_everybody(const struct ss_probe *probe)
{
    size_t operation;
    int at = probe_find(probe, SS_LAYER_ARP);
    if (at < 0 || !ss_layer_field_from_name(SS_LAYER_ARP, "op", &operation))
        return false;
    for (size_t i = 0; i < probe->value_count; i++)
        if (probe->values[i].layer == (size_t)at && probe->values[i].series.field == operation)
            return probe->values[i].series.items[0].first == 1;
    return true; /* the usual operation */
}

bool ss_probe_needs_next_hop(const struct ss_probe *probe)
{
    return !ss_probe_is_given(probe, SS_LAYER_ETHER, "dst") && !asks_everybody(probe);
}

/*
 * Groups have Ethernet addresses of their own: RFC 1112 section 6.4, RFC 2464 section 7; and so has
 * everybody (RFC 919 section 7). False: the destination is one host.
 */
static bool group_card(const struct ss_layer *ip, uint8_t card[SS_ETHERNET_ADDRESS_BYTES])
{
    enum { IPV4_DESTINATION = 16, IPV6_DESTINATION = 24 };
    const uint8_t *to =
        ip->fixed + (ip->kind == SS_LAYER_IP6 ? IPV6_DESTINATION : IPV4_DESTINATION);
    static const uint8_t everybody[SS_ETHERNET_ADDRESS_BYTES] = {0xff, 0xff, 0xff,
                                                                 0xff, 0xff, 0xff};
    if (ip->kind == SS_LAYER_IP6 && to[0] == 0xff) {
        const uint8_t group[] = {0x33, 0x33, to[12], to[13], to[14], to[15]};
        memcpy(card, group, sizeof(group));
        return true;
    }
    if (ip->kind == SS_LAYER_IP && (to[0] & 0xf0) == 0xe0) {
        const uint8_t group[] = {0x01, 0x00, 0x5e, to[1] & 0x7f, to[2], to[3]};
        memcpy(card, group, sizeof(group));
        return true;
    }
    if (ip->kind != SS_LAYER_IP || memcmp(to, everybody, 4) != 0)
        return false;
    memcpy(card, everybody, sizeof(everybody));
    return true;
}

void probe_put_group(const struct ss_probe *probe, struct ss_stack *stack)
{
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES];
    size_t at = 1, destination = probe->fields.ether_dst;
    if (stack->layers[0].kind != SS_LAYER_ETHER || probe_is_given(probe, 0, destination))
        return;
    while (at < stack->count && stack->layers[at].kind == SS_LAYER_VLAN)
        at++;
    if (at < stack->count && group_card(&stack->layers[at], card))
        ss_layer_put_octets(&stack->layers[0], destination, card);
}

/* What the words give is put over it when the frame is built. */
static void put_card(struct ss_probe *probe, enum ss_layer_kind kind, const char *field,
                     const uint8_t *card)
{
    size_t index;
    int at = probe_find(probe, kind);
    if (at >= 0 && ss_layer_field_from_name(kind, field, &index))
        ss_layer_put_octets(&probe->stack.layers[at], index, card);
}

void ss_probe_put_ends(struct ss_probe *probe, const struct ss_ethernet_ends *ends)
{
    uint8_t everybody[SS_ETHERNET_ADDRESS_BYTES];
    memset(everybody, 0xff, sizeof(everybody));
    put_card(probe, SS_LAYER_ETHER, "src", ends->own);
    put_card(probe, SS_LAYER_ETHER, "dst", asks_everybody(probe) ? everybody : ends->next_hop);
    put_card(probe, SS_LAYER_ARP, "sha", ends->own);
    probe_fast_renew(probe);
}
