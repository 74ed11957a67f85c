/*
 * test_stack_libnet: built stacks equal what libnet's builders make, which share no code with ours.
 *
 * LIBNET_NONE opens no socket, so that no privilege is needed.
 */
#include <libnet.h>

#include "check_main.h"
#include "stack_support.h"

static const uint8_t near_card[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t far_card[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t v4_near[4] = {192, 0, 2, 1};
static const uint8_t v4_far[4] = {198, 51, 100, 2};
static const uint8_t v6_near[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t v6_far[16] = {0x20, 0x01, 0x0d, 0xb8, [8] = 0xff, [15] = 2};
static const char odd[] = "hello";
static const char even[] = "segments";

static const uint8_t *octets_of(const char *text)
{
    return (const uint8_t *)text;
}

static uint32_t length_of(const char *text)
{
    return text ? (uint32_t)strlen(text) : 0;
}

/* --- ours ---------------------------------------------------------------------------------------
 */

static void our_ether(struct ss_stack *stack)
{
    struct ss_layer *ether = lay(stack, SS_LAYER_ETHER);
    put_octets(ether, "dst", far_card);
    put_octets(ether, "src", near_card);
}

static void our_ip(struct ss_stack *stack)
{
    struct ss_layer *ip = lay(stack, SS_LAYER_IP);
    put(ip, "tos", 0x10);
    put(ip, "id", 4711);
    put_octets(ip, "src", v4_near);
    put_octets(ip, "dst", v4_far);
}

static void our_ip6(struct ss_stack *stack)
{
    struct ss_layer *ip = lay(stack, SS_LAYER_IP6);
    put(ip, "hop", 7);
    put_octets(ip, "src", v6_near);
    put_octets(ip, "dst", v6_far);
}

static void our_udp(struct ss_stack *stack, const char *text)
{
    struct ss_layer *udp = lay(stack, SS_LAYER_UDP);
    put(udp, "sport", 40000);
    put(udp, "dport", 53);
    lay_text(stack, text);
}

/* --- libnet's: the innermost first --------------------------------------------------------------
 */

static void done(libnet_ptag_t tag)
{
    ck_assert_int_ne(tag, -1);
}

static void their_udp(libnet_t *libnet, const char *text)
{
    done(libnet_build_udp(40000, 53, (uint16_t)(LIBNET_UDP_H + length_of(text)), 0, octets_of(text),
                          length_of(text), libnet, 0));
}

static void their_ip(libnet_t *libnet, size_t length, uint8_t protocol)
{
    uint32_t source, destination; /* libnet takes IPv4 addresses as they lie in memory */
    memcpy(&source, v4_near, 4);
    memcpy(&destination, v4_far, 4);
    done(libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + length), 0x10, 4711, IP_DF, 64, protocol, 0,
                           source, destination, NULL, 0, libnet, 0));
}

static void their_ip6(libnet_t *libnet, size_t length, uint8_t next)
{
    struct libnet_in6_addr source, destination;
    memcpy(&source, v6_near, 16);
    memcpy(&destination, v6_far, 16);
    done(libnet_build_ipv6(0, 0, (uint16_t)length, next, 7, source, destination, NULL, 0, libnet,
                           0));
}

static void their_ether(libnet_t *libnet, uint16_t type)
{
    done(libnet_build_ethernet(far_card, near_card, type, NULL, 0, libnet, 0));
}

/* --- pairs --------------------------------------------------------------------------------------
 */

static void pair_arp(struct ss_stack *stack, libnet_t *libnet)
{
    static const uint8_t nobody[6];
    our_ether(stack);
    struct ss_layer *arp = lay(stack, SS_LAYER_ARP);
    put(arp, "op", ARPOP_REQUEST);
    put_octets(arp, "sha", near_card);
    put_octets(arp, "spa", v4_near);
    put_octets(arp, "tpa", v4_far);
    done(libnet_build_arp(ARPHRD_ETHER, ETHERTYPE_IP, 6, 4, ARPOP_REQUEST, near_card, v4_near,
                          nobody, v4_far, NULL, 0, libnet, 0));
    their_ether(libnet, ETHERTYPE_ARP);
}

static void pair_vlan(struct ss_stack *stack, libnet_t *libnet)
{
    our_ether(stack);
    struct ss_layer *vlan = lay(stack, SS_LAYER_VLAN);
    put(vlan, "pcp", 5);
    put(vlan, "dei", 1);
    put(vlan, "vid", 4094);
    our_ip(stack);
    our_udp(stack, odd);
    their_udp(libnet, odd);
    their_ip(libnet, LIBNET_UDP_H + length_of(odd), IPPROTO_UDP);
    done(libnet_build_802_1q(far_card, near_card, ETHERTYPE_VLAN, 5, 1, 4094, ETHERTYPE_IP, NULL, 0,
                             libnet, 0));
}

static void pair_udp(struct ss_stack *stack, libnet_t *libnet)
{
    our_ether(stack);
    our_ip(stack);
    our_udp(stack, even);
    their_udp(libnet, even);
    their_ip(libnet, LIBNET_UDP_H + length_of(even), IPPROTO_UDP);
    their_ether(libnet, ETHERTYPE_IP);
}

static void pair_udp6(struct ss_stack *stack, libnet_t *libnet)
{
    our_ether(stack);
    our_ip6(stack);
    our_udp(stack, odd);
    their_udp(libnet, odd);
    their_ip6(libnet, LIBNET_UDP_H + length_of(odd), IPPROTO_UDP);
    their_ether(libnet, ETHERTYPE_IPV6);
}

static void our_tcp(struct ss_stack *stack, const void *options, size_t length)
{
    struct ss_layer *tcp = lay(stack, SS_LAYER_TCP);
    put(tcp, "sport", 40000);
    put(tcp, "dport", 80);
    put(tcp, "seq", 0xfffffffe);
    put(tcp, "ack", 0x80000000);
    put(tcp, "flags", 0xda);
    put(tcp, "window", 1024);
    put(tcp, "urgent", 3);
    carry(tcp, options, length);
    lay_text(stack, odd);
}

static size_t their_tcp(libnet_t *libnet, const uint8_t *options, uint32_t length)
{
    if (length > 0)
        done(libnet_build_tcp_options(options, length, libnet, 0));
    size_t whole = LIBNET_TCP_H + length + length_of(odd);
    done(libnet_build_tcp(40000, 80, 0xfffffffe, 0x80000000, 0xda, 1024, 0, 3, (uint16_t)whole,
                          octets_of(odd), length_of(odd), libnet, 0));
    return whole;
}

static void pair_tcp(struct ss_stack *stack, libnet_t *libnet)
{
    static const uint8_t options[] = {2, 4, 5, 0xb4, 1, 3, 3, 7};
    our_ip(stack);
    our_tcp(stack, options, sizeof options);
    their_ip(libnet, their_tcp(libnet, options, sizeof options), IPPROTO_TCP);
}

static void pair_tcp6(struct ss_stack *stack, libnet_t *libnet)
{
    our_ip6(stack);
    our_tcp(stack, NULL, 0);
    their_ip6(libnet, their_tcp(libnet, NULL, 0), IPPROTO_TCP);
}

/* Options that libnet pads too, both of them with zeros. */
static void pair_ip_options(struct ss_stack *stack, libnet_t *libnet)
{
    static const uint8_t options[] = {7, 7, 4, 0, 0, 0, 0};
    our_ip(stack);
    carry(&stack->layers[0], options, sizeof options);
    our_udp(stack, odd);
    their_udp(libnet, odd);
    done(libnet_build_ipv4_options(options, sizeof options, libnet, 0));
    their_ip(libnet, 8 + LIBNET_UDP_H + length_of(odd), IPPROTO_UDP);
}

static void pair_echo(struct ss_stack *stack, libnet_t *libnet)
{
    our_ip(stack);
    struct ss_layer *icmp = lay(stack, SS_LAYER_ICMP);
    put(icmp, "id", 0x1234);
    put(icmp, "seq", 9);
    lay_text(stack, odd);
    done(libnet_build_icmpv4_echo(ICMP_ECHO, 0, 0, 0x1234, 9, octets_of(odd), length_of(odd),
                                  libnet, 0));
    their_ip(libnet, LIBNET_ICMPV4_ECHO_H + length_of(odd), IPPROTO_ICMP);
}

static void pair_unreachable(struct ss_stack *stack, libnet_t *libnet)
{
    our_ip(stack);
    struct ss_layer *icmp = lay(stack, SS_LAYER_ICMP);
    put(icmp, "type", ICMP_UNREACH);
    put(icmp, "code", ICMP_UNREACH_PORT);
    lay_text(stack, even);
    done(libnet_build_icmpv4_unreach(ICMP_UNREACH, ICMP_UNREACH_PORT, 0, octets_of(even),
                                     length_of(even), libnet, 0));
    their_ip(libnet, LIBNET_ICMPV4_UNREACH_H + length_of(even), IPPROTO_ICMP);
}

static void pair_echo6(struct ss_stack *stack, libnet_t *libnet)
{
    our_ip6(stack);
    struct ss_layer *icmp = lay(stack, SS_LAYER_ICMP6);
    put(icmp, "id", 0x1234);
    put(icmp, "seq", 9);
    lay_text(stack, odd);
    done(libnet_build_icmpv6_echo(ICMP6_ECHO, 0, 0, 0x1234, 9, (uint8_t *)(uintptr_t)odd,
                                  length_of(odd), libnet, 0));
    their_ip6(libnet, LIBNET_ICMPV6_ECHO_H + length_of(odd), IPPROTO_ICMP6);
}

static void pair_igmp(struct ss_stack *stack, libnet_t *libnet)
{
    static const uint8_t group[4] = {239, 1, 2, 3};
    uint32_t number;
    memcpy(&number, group, 4);
    our_ip(stack);
    struct ss_layer *igmp = lay(stack, SS_LAYER_IGMP);
    put(igmp, "maxresp", 100);
    put_octets(igmp, "group", group);
    done(libnet_build_igmp(0x16, 100, 0, number, NULL, 0, libnet, 0));
    their_ip(libnet, LIBNET_IGMP_H, IPPROTO_IGMP);
}

struct pair {
    const char *name;
    void (*give)(struct ss_stack *stack, libnet_t *libnet);
};

static const struct pair pairs[] = {
    {"arp", pair_arp},
    {"vlan", pair_vlan},
    {"udp", pair_udp},
    {"udp over IPv6", pair_udp6},
    {"tcp with options", pair_tcp},
    {"tcp over IPv6", pair_tcp6},
    {"IPv4 options", pair_ip_options},
    {"icmp echo", pair_echo},
    {"icmp unreachable", pair_unreachable},
    {"icmp6 echo", pair_echo6},
    {"igmp", pair_igmp},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0] };

START_TEST(test_stack_libnet_builds_the_same)
{
    char problem[LIBNET_ERRBUF_SIZE];
    struct ss_stack stack = {.count = 0};
    uint8_t ours[200], *theirs = NULL;
    uint32_t their_length = 0;
    libnet_t *libnet = libnet_init(LIBNET_NONE, NULL, problem);
    ck_assert_msg(libnet != NULL, "libnet_init: %s", problem);
    pairs[_i].give(&stack, libnet);
    ck_assert_msg(libnet_pblock_coalesce(libnet, &theirs, &their_length) == 1, "%s",
                  libnet_geterror(libnet));
    size_t length = build(&stack, ours, sizeof ours);
    ck_assert_uint_eq(length, their_length);
    ck_assert_msg(memcmp(ours, theirs, length) == 0, "%s", pairs[_i].name);
    free(theirs);
    libnet_destroy(libnet);
}
END_TEST

static Suite *stack_libnet_suite(void)
{
    Suite *suite = suite_create("stack_libnet");
    TCase *equal = tcase_create("equal");
    tcase_add_loop_test(equal, test_stack_libnet_builds_the_same, 0, PAIRS);
    suite_add_tcase(suite, equal);
    return suite;
}

int main(void)
{
    return check_main(stack_libnet_suite());
}
