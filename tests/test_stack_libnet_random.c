/*
 * test_stack_libnet_random: 10,000 random frames of each kind of layer that libnet has a builder
 * for equal what those builders make. IPv6 extension headers are not among them: libnet's checksums
 * know nothing of those.
 *
 * LIBNET_NONE opens no socket, so that no privilege is needed.
 */
#include <libnet.h>

#include "check_main.h"
#include "random_stack.h"
#include "stack_support.h"

enum { ROUNDS = 10000, ROUNDS_SLOW = 40 };

static struct random_stack made;
static uint8_t frame[RANDOM_FRAME_MAX];
static libnet_t *libnet;

/* Each assertion that holds is a call of the kernel's: only those that fail are made. */
static void done(libnet_ptag_t tag)
{
    if (tag == -1)
        ck_abort_msg("%s", libnet_geterror(libnet));
}

static size_t number_of(const struct ss_layer *layer, const char *name)
{
    size_t field = 0;
    if (!ss_layer_field_from_name(layer->kind, name, &field))
        ck_abort_msg("no field %s", name);
    return field;
}

static uint32_t says(const struct ss_layer *layer, const char *name)
{
    return ss_layer_get(layer, number_of(layer, name));
}

/* libnet takes IPv4 addresses as they lie in memory. */
static uint32_t in_memory(const struct ss_layer *layer, const char *field)
{
    uint32_t number;
    uint8_t octets[4];
    ss_layer_get_octets(layer, number_of(layer, field), octets);
    memcpy(&number, octets, 4);
    return number;
}

static struct libnet_in6_addr address_in(const struct ss_layer *layer, const char *field)
{
    struct libnet_in6_addr address;
    ss_layer_get_octets(layer, number_of(layer, field), (uint8_t *)&address);
    return address;
}

/* --- what IP carries ----------------------------------------------------------------------------
 */

/* What stands behind a layer in the frame. */
struct behind {
    uint8_t *octets; /* NULL: nothing */
    uint32_t length;
    uint16_t whole; /* with the layer itself */
};

static uint16_t take16(const struct ss_layer *layer, const char *field)
{
    return (uint16_t)says(layer, field);
}

static uint8_t take8(const struct ss_layer *layer, const char *field)
{
    return (uint8_t)says(layer, field);
}

static void their_tcp(const struct ss_layer *tcp, const struct behind *behind)
{
    if (tcp->rest_length > 0)
        done(libnet_build_tcp_options(tcp->rest, (uint32_t)tcp->rest_length, libnet, 0));
    done(libnet_build_tcp(take16(tcp, "sport"), take16(tcp, "dport"), says(tcp, "seq"),
                          says(tcp, "ack"), take8(tcp, "flags"), take16(tcp, "window"), 0,
                          take16(tcp, "urgent"), behind->whole, behind->octets, behind->length,
                          libnet, 0));
}

static void their_icmp(const struct ss_layer *icmp, const struct behind *behind)
{
    uint8_t type = take8(icmp, "type"), code = take8(icmp, "code");
    if (type == 3)
        done(libnet_build_icmpv4_unreach(type, code, 0, behind->octets, behind->length, libnet, 0));
    else if (type == 13 || type == 14)
        done(libnet_build_icmpv4_timestamp(type, code, 0, take16(icmp, "id"), take16(icmp, "seq"),
                                           says(icmp, "originate"), says(icmp, "receive"),
                                           says(icmp, "transmit"), NULL, 0, libnet, 0));
    else
        done(libnet_build_icmpv4_echo(type, code, 0, take16(icmp, "id"), take16(icmp, "seq"),
                                      behind->octets, behind->length, libnet, 0));
}

static void their_icmp6(const struct ss_layer *icmp, const struct behind *behind)
{
    uint8_t type = take8(icmp, "type"), code = take8(icmp, "code");
    if (type == 1)
        done(libnet_build_icmpv6_unreach(type, code, 0, behind->octets, behind->length, libnet, 0));
    else if (type == 135)
        done(libnet_build_icmpv6_ndp_nsol(type, code, 0, address_in(icmp, "target"), NULL, 0,
                                          libnet, 0));
    else if (type == 136)
        done(libnet_build_icmpv6_ndp_nadv(type, code, 0, says(icmp, "rest"),
                                          address_in(icmp, "target"), NULL, 0, libnet, 0));
    else
        done(libnet_build_icmpv6_echo(type, code, 0, take16(icmp, "id"), take16(icmp, "seq"),
                                      behind->octets, behind->length, libnet, 0));
}

/* Of version 3's queries libnet knows the first 8 octets. */
static void their_igmp(const struct ss_layer *igmp)
{
    done(libnet_build_igmp(take8(igmp, "type"), take8(igmp, "maxresp"), 0, in_memory(igmp, "group"),
                           igmp->more ? igmp->fixed + 8 : NULL, igmp->more, libnet, 0));
}

static void their_carried(const struct ss_layer *layer, const struct behind *behind)
{
    if (layer->kind == SS_LAYER_TCP)
        their_tcp(layer, behind);
    else if (layer->kind == SS_LAYER_UDP)
        done(libnet_build_udp(take16(layer, "sport"), take16(layer, "dport"), behind->whole, 0,
                              behind->octets, behind->length, libnet, 0));
    else if (layer->kind == SS_LAYER_ICMP)
        their_icmp(layer, behind);
    else if (layer->kind == SS_LAYER_ICMP6)
        their_icmp6(layer, behind);
    else
        their_igmp(layer);
}

/* --- what carries it ----------------------------------------------------------------------------
 */

static void their_ip(const struct ss_layer *ip)
{
    uint16_t fragment = (uint16_t)(says(ip, "df") << 14);
    if (ip->rest_length > 0)
        done(libnet_build_ipv4_options(ip->rest, (uint32_t)ip->rest_length, libnet, 0));
    done(libnet_build_ipv4(take16(ip, "length"), take8(ip, "tos"), take16(ip, "id"), fragment,
                           take8(ip, "ttl"), take8(ip, "protocol"), 0, in_memory(ip, "src"),
                           in_memory(ip, "dst"), NULL, 0, libnet, 0));
}

static void their_ip6(const struct ss_layer *ip)
{
    done(libnet_build_ipv6(take8(ip, "class"), says(ip, "flow"), take16(ip, "length"),
                           take8(ip, "next"), take8(ip, "hop"), address_in(ip, "src"),
                           address_in(ip, "dst"), NULL, 0, libnet, 0));
}

static void their_arp(const struct ss_layer *arp)
{
    const uint8_t *fixed = arp->fixed;
    done(libnet_build_arp(take16(arp, "htype"), take16(arp, "ptype"), 6, 4, take16(arp, "op"),
                          fixed + 8, fixed + 14, fixed + 18, fixed + 24, NULL, 0, libnet, 0));
}

static void their_link(const struct ss_layer *ether, const struct ss_layer *vlan)
{
    if (vlan)
        done(libnet_build_802_1q(ether->fixed, ether->fixed + 6, ETHERTYPE_VLAN, take8(vlan, "pcp"),
                                 take8(vlan, "dei"), take16(vlan, "vid"), take16(vlan, "type"),
                                 NULL, 0, libnet, 0));
    else
        done(libnet_build_ethernet(ether->fixed, ether->fixed + 6, take16(ether, "type"), NULL, 0,
                                   libnet, 0));
}

/* --- both ---------------------------------------------------------------------------------------
 */

/* From the innermost outward, as libnet wants it; what an error quotes is octets. */
static void build_theirs(const struct ss_stack *stack, size_t length)
{
    size_t network = 1;
    while (stack->layers[network].kind == SS_LAYER_VLAN)
        network++;
    const struct ss_layer *ip = &stack->layers[network], *carried = ip + 1;
    if (ip->kind == SS_LAYER_ARP) {
        their_arp(ip);
    } else {
        size_t begin = stack->offset[network + 1];
        size_t end = begin + ss_layer_bytes(carried) + carried->rest_length;
        struct behind behind = {.whole = (uint16_t)(length - begin)};
        behind.length = (uint32_t)(length - end);
        behind.octets = behind.length > 0 ? frame + end : NULL;
        their_carried(carried, &behind);
        if (ip->kind == SS_LAYER_IP)
            their_ip(ip);
        else
            their_ip6(ip);
    }
    their_link(stack->layers, network > 1 ? &stack->layers[1] : NULL);
}

static bool is_for_libnet(const struct ss_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->layers[i].kind >= SS_LAYER_HOP && stack->layers[i].kind <= SS_LAYER_DEST)
            return false;
    return true;
}

static const enum ss_layer_kind kinds[] = {
    SS_LAYER_ETHER, SS_LAYER_VLAN, SS_LAYER_ARP,  SS_LAYER_IP,    SS_LAYER_IP6,
    SS_LAYER_TCP,   SS_LAYER_UDP,  SS_LAYER_ICMP, SS_LAYER_ICMP6, SS_LAYER_IGMP,
};

/* libnet 1.1.6 puts the flow label's last octet into the middle one, too: here they are the same.
 */
static void even_flow(struct ss_stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->layers[i].kind == SS_LAYER_IP6) {
            uint32_t flow = says(&stack->layers[i], "flow");
            ss_layer_put(&stack->layers[i], number_of(&stack->layers[i], "flow"),
                         (flow & 0xf00ff) | (flow & 0xff) << 8);
        }
}

static void compare(enum ss_layer_kind kind)
{
    uint8_t *theirs = NULL;
    uint32_t their_length = 0;
    do
        random_make(&made, kind);
    while (!is_for_libnet(&made.stack));
    even_flow(&made.stack);
    size_t length = build(&made.stack, frame, sizeof frame);
    build_theirs(&made.stack, length);
    if (libnet_pblock_coalesce(libnet, &theirs, &their_length) != 1)
        ck_abort_msg("%s", libnet_geterror(libnet));
    for (size_t i = 0; i < length || i < their_length; i++)
        if (i >= length || i >= their_length || frame[i] != theirs[i])
            ck_abort_msg("%s: octet %zu of %zu is not libnet's", ss_layer_table(kind)->name, i,
                         length);
    free(theirs);
    libnet_clear_packet(libnet);
}

START_TEST(test_stack_libnet_random_frames_are_the_same)
{
    char problem[LIBNET_ERRBUF_SIZE];
    libnet = libnet_init(LIBNET_NONE, NULL, problem);
    ck_assert_msg(libnet != NULL, "libnet_init: %s", problem);
    made.random = ss_random_seeded(500 + (uint64_t)_i);
    for (int round = check_is_slow() ? ROUNDS_SLOW : ROUNDS; round > 0; round--)
        compare(kinds[_i]);
    libnet_destroy(libnet);
}
END_TEST

static Suite *stack_libnet_random_suite(void)
{
    Suite *suite = suite_create("stack_libnet_random");
    TCase *equal = tcase_create("equal");
    tcase_set_timeout(equal, 120);
    tcase_add_loop_test(equal, test_stack_libnet_random_frames_are_the_same, 0,
                        (int)(sizeof kinds / sizeof kinds[0]));
    suite_add_tcase(suite, equal);
    return suite;
}

int main(void)
{
    return check_main(stack_libnet_random_suite());
}
