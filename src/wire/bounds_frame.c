/*
 * bounds_frame: what an Ethernet frame may carry and between which cards, where it could reach
 * others than ourselves.
 */
#include <string.h>

#include "bounds_parts.h"
#include "synstep/bytes.h"

enum {
    TAG_BYTES = 4,
    ETHERTYPE_SERVICE_TAG = 0x88a8, /* IEEE 802.1ad */
    ETHERTYPE_OLD_TAG = 0x9100,     /* what was used for that before */
    ARP_BYTES = 28,
};

static const uint8_t everybody[SS_ETHERNET_ADDRESS_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static bool is_card(const uint8_t *octets, const uint8_t *card)
{
    return memcmp(octets, card, SS_ETHERNET_ADDRESS_BYTES) == 0;
}

/* --- cards --------------------------------------------------------------------------------------
 */

static enum ss_status foreign_card(const char *which, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "%s is not the Ethernet address that this host sends from: outside "
                          "private hosts a foreign one needs 'synstep send --spoof'",
                          which);
}

/* On loopback nobody looks at them, and nothing gets out. */
static enum ss_status check_cards(const struct ss_bounds *bounds, const uint8_t *frame, bool arp,
                                  struct ss_problem *problem)
{
    if (bounds->place == SS_BOUNDS_LOOPBACK || !bounds->ends_known)
        return SS_OK;
    if (!bounds->spoof && !is_card(frame + SS_ETHERNET_ADDRESS_BYTES, bounds->ends.own))
        return foreign_card("ether.src", problem);
    if (is_card(frame, bounds->ends.next_hop) || (arp && is_card(frame, everybody)))
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "ether.dst is not the Ethernet address of the way to the target: outside "
                          "private hosts frames go only there");
}

/* --- ARP ----------------------------------------------------------------------------------------
 */

static enum ss_status arp_refused(const char *what, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "%s: outside private hosts ARP may only ask for the target's Ethernet "
                          "address",
                          what);
}

/* RFC 826: a request for the target, in our own name. */
static enum ss_status check_arp(const struct ss_bounds *bounds, const uint8_t *arp, size_t length,
                                struct ss_problem *problem)
{
    static const uint8_t request[] = {0, 1, 8, 0, SS_ETHERNET_ADDRESS_BYTES, 4, 0, 1};
    if (length < ARP_BYTES)
        return arp_refused("no whole ARP message", problem);
    if (memcmp(arp, request, sizeof request) != 0)
        return arp_refused("no ARP request of Ethernet and IPv4", problem);
    struct ss_address sender = ss_address_v4(arp + 14), asked = ss_address_v4(arp + 24);
    if (!ss_address_equal(&asked, &bounds->target))
        return arp_refused("arp.tpa is another address", problem);
    if (bounds->spoof)
        return SS_OK;
    if (!ss_address_equal(&sender, &bounds->source))
        return ss_problem_set(problem, SS_USAGE,
                              "arp.spa is not the address that this host sends from: outside "
                              "private hosts a foreign one needs 'synstep send --spoof'");
    if (bounds->place == SS_BOUNDS_OUTSIDE && bounds->ends_known &&
        !is_card(arp + 8, bounds->ends.own))
        return foreign_card("arp.sha", problem);
    return SS_OK;
}

/* --- the frame ----------------------------------------------------------------------------------
 */

static bool is_tag(uint16_t type)
{
    return type == SS_ETHERTYPE_VLAN || type == ETHERTYPE_SERVICE_TAG || type == ETHERTYPE_OLD_TAG;
}

/* Where the EtherType of what is carried stands, behind all tags; 0: nowhere. */
static size_t type_offset(const uint8_t *frame, size_t length)
{
    size_t at = SS_ETHERNET_HEADER_BYTES - 2;
    while (at + 2 <= length && is_tag(ss_bytes_get16(frame + at)))
        at += TAG_BYTES;
    return at + 2 <= length ? at : 0;
}

static enum ss_status check_frame(const struct ss_bounds *bounds, const uint8_t *frame,
                                  size_t length, struct ss_problem *problem)
{
    size_t at = type_offset(frame, length);
    if (at == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets does not say what it carries: outside private "
                              "hosts that must be IP or ARP",
                              length);
    uint16_t type = ss_bytes_get16(frame + at);
    const uint8_t *carried = frame + at + 2;
    length -= at + 2;
    enum ss_status status = check_cards(bounds, frame, type == SS_ETHERTYPE_ARP, problem);
    if (status != SS_OK)
        return status;
    if (type == SS_ETHERTYPE_IPV4)
        return bounds_ip(bounds, 4, carried, length, problem);
    if (type == SS_ETHERTYPE_IPV6)
        return bounds_ip(bounds, 6, carried, length, problem);
    if (type == SS_ETHERTYPE_ARP)
        return check_arp(bounds, carried, length, problem);
    return ss_problem_set(problem, SS_USAGE,
                          "EtherType 0x%04x: outside private hosts frames carry only IP and ARP",
                          type);
}

enum ss_status ss_bounds_datagram(const struct ss_bounds *bounds, const uint8_t *octets,
                                  size_t length, struct ss_problem *problem)
{
    if (bounds->place == SS_BOUNDS_PRIVATE)
        return SS_OK;
    if (bounds->link == SS_LINK_ETHERNET)
        return check_frame(bounds, octets, length, problem);
    return bounds_ip(bounds, bounds->target.version, octets, length, problem);
}
