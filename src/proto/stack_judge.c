/* stack_judge: what no standard permits a sender, each with its clause. */
#include <string.h>

#include "stack_judge_parts.h"
#include "stack_parts.h"
#include "synstep/address.h"
#include "synstep/way.h"

void ss_judge_wrong(const struct ss_judging *judging, bool wrong, const char *text)
{
    struct ss_stack_faults *faults = judging->faults;
    if (wrong && faults->count < SS_STACK_FAULTS_MAX)
        faults->list[faults->count++] = (struct ss_stack_fault){
            .layer = judging->i, .kind = judging->layer->kind, .text = text};
}

uint32_t ss_judge_says(const struct ss_judging *judging, const char *name)
{
    size_t field = 0;
    (void)ss_layer_field_from_name(judging->layer->kind, name, &field);
    return ss_layer_get(judging->layer, field);
}

/* How many octets lie between the end of this layer and the end of what its lengths take in. */
static size_t carried_bytes(const struct ss_judging *judging)
{
    size_t begin = judging->stack->offset[judging->i] + ss_layer_bytes(judging->layer) +
                   judging->layer->rest_length;
    return judging->stack->end > begin ? judging->stack->end - begin : 0;
}

static const struct ss_layer *before(const struct ss_judging *judging)
{
    return judging->i > 0 ? judging->layer - 1 : NULL;
}

/* --- the link -----------------------------------------------------------------------------------
 */

static void judge_ether(const struct ss_judging *judging)
{
    enum { LENGTH_MOST = 1500, TYPE_LEAST = 1536 };
    uint32_t type = ss_judge_says(judging, "type");
    ss_judge_wrong(judging, judging->layer->fixed[6] & 1,
                   "its source is a group of cards (IEEE 802.3)");
    ss_judge_wrong(judging, type > LENGTH_MOST && type < TYPE_LEAST,
                   "its type is neither a length nor a type (IEEE 802.3)");
}

static void judge_arp(const struct ss_judging *judging)
{
    ss_judge_wrong(judging, ss_judge_says(judging, "htype") == 0,
                   "its hardware type 0 is reserved (RFC 5494)");
    ss_judge_wrong(judging, ss_judge_says(judging, "op") == 0,
                   "its operation 0 is reserved (RFC 5494)");
    ss_judge_wrong(judging, judging->layer->fixed[8] & 1,
                   "its sender is a group of cards (RFC 1812 3.3.2)");
}

/* --- IP -----------------------------------------------------------------------------------------
 */

/* A fragment, `offset` in units of 8 octets, `more` after it. */
static void judge_fragment(const struct ss_judging *judging, uint32_t offset, bool more,
                           size_t bytes)
{
    ss_judge_wrong(judging, more && bytes % 8 != 0,
                   "it is not the last fragment, but no multiple of 8 octets long (RFC 791 3.2)");
    ss_judge_wrong(judging, offset * (size_t)8 + bytes > UINT16_MAX,
                   "the fragment ends beyond octet 65,535 (RFC 791 3.2)");
}

/* RFC 1122 section 3.2.1.3: neither a group nor everybody sends. */
static void judge_ip(const struct ss_judging *judging)
{
    const uint8_t *source = judging->layer->fixed + 12;
    static const uint8_t everybody[4] = {255, 255, 255, 255};
    ss_judge_wrong(judging, ss_judge_says(judging, "rf"), "its reserved flag is set (RFC 791 3.1)");
    ss_judge_wrong(judging, ss_judge_says(judging, "ttl") == 0,
                   "time to live 0: no one may send it (RFC 1122 3.2.1.7)");
    ss_judge_wrong(judging, source[0] >> 4 == 14,
                   "its source is a multicast group (RFC 1122 3.2.1.3)");
    ss_judge_wrong(judging, memcmp(source, everybody, 4) == 0,
                   "its source is the broadcast address (RFC 1122 3.2.1.3)");
    if (ss_judge_says(judging, "mf") || ss_judge_says(judging, "offset"))
        judge_fragment(judging, ss_judge_says(judging, "offset"), ss_judge_says(judging, "mf"),
                       carried_bytes(judging));
    ss_judge_ip_options(judging);
}

static void judge_ip6(const struct ss_judging *judging)
{
    struct ss_address none = {.version = 6};
    struct ss_address destination = ss_address_v6(judging->layer->fixed + 24);
    ss_judge_wrong(judging, judging->layer->fixed[8] == 0xff,
                   "its source is a multicast group (RFC 4291 2.7)");
    ss_judge_wrong(judging, ss_address_equal(&destination, &none),
                   "its destination is the unspecified address (RFC 4291 2.5.2)");
}

static void judge_hop(const struct ss_judging *judging)
{
    ss_judge_wrong(judging, !before(judging) || before(judging)->kind != SS_LAYER_IP6,
                   "hop-by-hop options stand right behind the IPv6 header alone (RFC 8200 4.1)");
    ss_judge_ip6_options(judging);
}

static void judge_route(const struct ss_judging *judging)
{
    enum { SEGMENTS = 4, MOBILE = 2, RESERVED = 4, ADDRESS = 16 };
    uint32_t type = ss_judge_says(judging, "type"), stations = ss_judge_says(judging, "left");
    size_t room = judging->layer->rest_length;
    room = room < RESERVED ? 0 : (room - RESERVED) / ADDRESS;
    ss_judge_wrong(judging, type == 0, "routing type 0 is forbidden (RFC 5095)");
    ss_judge_wrong(judging, (type == 0 || type == MOBILE || type == SEGMENTS) && stations > room,
                   "more stations are left than it has addresses (RFC 8200 4.4)");
    ss_judge_wrong(judging, type == MOBILE && room != 1, "type 2 has one address (RFC 6275 6.4.1)");
}

static void judge_frag(const struct ss_judging *judging)
{
    ss_judge_wrong(judging,
                   ss_judge_says(judging, "reserved") != 0 || ss_judge_says(judging, "res") != 0,
                   "its reserved bits are set (RFC 8200 4.5)");
    if (ss_judge_says(judging, "more") || ss_judge_says(judging, "offset"))
        judge_fragment(judging, ss_judge_says(judging, "offset"), ss_judge_says(judging, "more"),
                       carried_bytes(judging));
}

/* --- what IP carries ----------------------------------------------------------------------------
 */

static const struct ss_layer *carrier_of(const struct ss_judging *judging)
{
    int carrier = ss_stack_carrier(judging->stack, judging->i);
    return carrier < 0 ? NULL : &judging->stack->layers[carrier];
}

static bool is_over(const struct ss_judging *judging, enum ss_layer_kind kind)
{
    const struct ss_layer *carrier = carrier_of(judging);
    return carrier && carrier->kind == kind;
}

/* RFC 8200 section 8.1; RFC 6936 lets tunnels alone do without. */
static void judge_udp(const struct ss_judging *judging)
{
    size_t here = judging->ends - judging->stack->offset[judging->i];
    ss_judge_wrong(judging, ss_judge_says(judging, "dport") == 0,
                   "its destination port 0 is reserved (RFC 6335 6)");
    ss_judge_wrong(judging,
                   ss_judge_says(judging, "checksum") == 0 && is_over(judging, SS_LAYER_IP6),
                   "no checksum, which IPv6 demands (RFC 8200 8.1)");
    ss_judge_wrong(
        judging,
        judging->ends && !judging->fragment && ss_judge_says(judging, "length") >= 8 &&
            ss_judge_says(judging, "length") < here,
        "its length is less than what IP carries (RFC 768; RFC 9868 alone has a use for it)");
}

static void judge_icmp(const struct ss_judging *judging)
{
    uint32_t type = ss_judge_says(judging, "type");
    ss_judge_wrong(judging, (type == 0 || type == 8) && ss_judge_says(judging, "code") != 0,
                   "an echo has code 0 (RFC 792)");
    ss_judge_wrong(judging, is_over(judging, SS_LAYER_IP6), "ICMP goes over IPv4 alone (RFC 792)");
}

/* The way of an IGMP or ICMPv6 message that is carried by IP; false: it has none of its own. */
static bool way_of(const struct ss_judging *judging, struct ss_way *way)
{
    bool more = judging->i + 1 < judging->stack->count && judging->layer[1].kind == SS_LAYER_RAW;
    const uint8_t *behind = more ? judging->layer[1].rest : NULL;
    return carrier_of(judging) &&
           ss_way_of(judging->layer, behind, more ? judging->layer[1].rest_length : 0, way);
}

/* Among the hop-by-hop options between the IPv6 header and this. */
static bool has_alert(const struct ss_judging *judging)
{
    const struct ss_layer *layer = carrier_of(judging);
    if (layer->kind == SS_LAYER_IP)
        return ss_way_has_alert(4, layer->rest, layer->rest_length);
    while (++layer < judging->layer)
        if (layer->kind == SS_LAYER_HOP && ss_way_has_alert(6, layer->rest, layer->rest_length))
            return true;
    return false;
}

static void judge_way6(const struct ss_judging *judging)
{
    enum { QUERY = 130, HOP_LIMIT = 7, SOURCE = 8 };
    const struct ss_layer *ip = carrier_of(judging);
    struct ss_way way;
    if (!way_of(judging, &way) || ip->kind != SS_LAYER_IP6)
        return;
    struct ss_address source = ss_address_v6(ip->fixed + SOURCE), none = {.version = 6};
    bool link = ss_address_is_link_local(&source);
    bool unknown = ss_address_equal(&source, &none) && ss_judge_says(judging, "type") != QUERY;
    ss_judge_wrong(judging, !way.alert && ip->fixed[HOP_LIMIT] != way.hops,
                   "its hop limit is not 255: it may come from afar (RFC 4861 6.1, 7.1, 8.1)");
    ss_judge_wrong(judging, way.alert && ip->fixed[HOP_LIMIT] != way.hops,
                   "MLD goes with a hop limit of 1 (RFC 3810 5)");
    ss_judge_wrong(judging, way.alert && !has_alert(judging),
                   "MLD goes with a router alert among hop-by-hop options (RFC 3810 5)");
    ss_judge_wrong(
        judging, way.alert && !link && !unknown,
        "MLD comes from an address of the link, fe80:: and on (RFC 3810 5.1.14, 5.2.13)");
}

static void judge_icmp6(const struct ss_judging *judging)
{
    uint32_t type = ss_judge_says(judging, "type");
    ss_judge_wrong(judging, (type == 128 || type == 129) && ss_judge_says(judging, "code") != 0,
                   "an echo has code 0 (RFC 4443 4.1)");
    ss_judge_wrong(judging, is_over(judging, SS_LAYER_IP),
                   "ICMPv6 goes over IPv6 alone (RFC 4443 1)");
    judge_way6(judging);
}

/* RFC 2236 section 2.4: a query of all groups alone names none. */
static void judge_igmp(const struct ss_judging *judging)
{
    enum { QUERY = 0x11, REPORT_1 = 0x12, REPORT_2 = 0x16, LEAVE = 0x17, TTL = 8 };
    uint32_t type = ss_judge_says(judging, "type"), group = ss_judge_says(judging, "group");
    bool of_group =
        type == REPORT_1 || type == REPORT_2 || type == LEAVE || (type == QUERY && group != 0);
    const struct ss_layer *ip = carrier_of(judging);
    struct ss_way way;
    ss_judge_wrong(judging, of_group && group >> 28 != 14,
                   "its group is no multicast address (RFC 2236 2.4)");
    ss_judge_wrong(judging, ip && ip->kind == SS_LAYER_IP && ip->fixed[TTL] != 1,
                   "IGMP goes with a time to live of 1 (RFC 2236 2)");
    ss_judge_wrong(judging, way_of(judging, &way) && way.alert && !has_alert(judging),
                   "IGMP goes with a router alert among IP's options (RFC 2236 2)");
}

static void judge_layer(const struct ss_judging *judging)
{
    switch (judging->layer->kind) {
    case SS_LAYER_ETHER:
        judge_ether(judging);
        break;
    case SS_LAYER_VLAN:
        ss_judge_wrong(judging, ss_judge_says(judging, "vid") == 4095,
                       "VLAN 4095 is reserved (IEEE 802.1Q)");
        break;
    case SS_LAYER_ARP:
        judge_arp(judging);
        break;
    case SS_LAYER_IP:
        judge_ip(judging);
        break;
    case SS_LAYER_IP6:
        judge_ip6(judging);
        break;
    case SS_LAYER_HOP:
        judge_hop(judging);
        break;
    case SS_LAYER_ROUTE:
        judge_route(judging);
        break;
    case SS_LAYER_FRAG:
        judge_frag(judging);
        break;
    case SS_LAYER_DEST:
        ss_judge_ip6_options(judging);
        break;
    case SS_LAYER_TCP:
        ss_judge_tcp(judging);
        break;
    case SS_LAYER_UDP:
        judge_udp(judging);
        break;
    case SS_LAYER_ICMP:
        judge_icmp(judging);
        break;
    case SS_LAYER_ICMP6:
        judge_icmp6(judging);
        break;
    case SS_LAYER_IGMP:
        judge_igmp(judging);
        break;
    case SS_LAYER_RAW:
        break;
    }
}

/* What IP says of where it ends, for layers that have a length of their own. */
static void note_carrier(struct ss_judging *judging, size_t length)
{
    const struct ss_layer *layer = judging->layer;
    size_t offset = judging->stack->offset[judging->i];
    size_t said = 0;
    if (layer->kind == SS_LAYER_IP)
        said = offset + ss_judge_says(judging, "length");
    else if (layer->kind == SS_LAYER_IP6)
        said = offset + 40 + ss_judge_says(judging, "length");
    else if (layer->kind == SS_LAYER_FRAG)
        judging->fragment |= ss_judge_says(judging, "more") != 0;
    else
        return;
    if (layer->kind == SS_LAYER_FRAG)
        return;
    judging->ends = said <= length && said > offset ? said : 0;
    judging->fragment = layer->kind == SS_LAYER_IP && ss_judge_says(judging, "mf") != 0;
}

void ss_stack_judge(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                    struct ss_stack_faults *faults)
{
    struct ss_judging judging = {.stack = stack, .faults = faults};
    for (size_t i = 0; i < stack->quoted; i++) {
        struct ss_stack_checksum checksum;
        judging.i = i;
        judging.layer = &stack->layers[i];
        note_carrier(&judging, length);
        judge_layer(&judging);
        ss_judge_wrong(&judging,
                       ss_stack_checksum(stack, frame, length, i, &checksum) &&
                           checksum.state == SS_CHECKSUM_BAD,
                       "its checksum is wrong");
    }
}

/* --- guessing -----------------------------------------------------------------------------------
 */

/* Checksums that are right decide; what is wrong counts against. */
static int sense_of(enum ss_link link, const uint8_t *frame, size_t length)
{
    enum { RIGHT = 8, WRONG = -2, LEADS_NOWHERE = -6 };
    struct ss_stack stack;
    struct ss_stack_faults faults;
    struct ss_stack_checksum checksum;
    ss_stack_dissect(link, frame, length, &stack, &faults);
    ss_stack_judge(&stack, frame, length, &faults);
    int sense = WRONG * (int)faults.count;
    for (size_t i = 0; i < stack.quoted; i++) {
        sense += stack.layers[i].kind != SS_LAYER_RAW;
        if (ss_stack_checksum(&stack, frame, length, i, &checksum))
            sense += checksum.state == SS_CHECKSUM_GOOD ? RIGHT : 0;
    }
    /* Any octets can be a link header: one behind which nothing known begins says nothing. */
    if (link == SS_LINK_ETHERNET && (stack.count < 2 || stack.layers[1].kind == SS_LAYER_RAW))
        sense += LEADS_NOWHERE;
    return sense;
}

enum ss_link ss_stack_guess(const uint8_t *frame, size_t length)
{
    bool ip = length > 0 && (frame[0] >> 4 == 4 || frame[0] >> 4 == 6);
    if (!ip)
        return SS_LINK_ETHERNET;
    int as_ip = sense_of(SS_LINK_IP, frame, length);
    return as_ip >= sense_of(SS_LINK_ETHERNET, frame, length) ? SS_LINK_IP : SS_LINK_ETHERNET;
}
