/* test_raw_hostile: what else may come in beside the replies: garbage, cut frames, errors of
 * routers, extension headers. Injected from the far host below its IP. */
#include <linux/if_packet.h>

#include "far.h"
#include "synstep/mute.h"
#include "synstep/raw.h"

enum { LOCAL_PORT = 40000, PEER_PORT = 8888, PATIENCE_US = FAR_PATIENCE_S * 1000000 };

static const uint8_t versions[] = {4, 6};

/* SYN,ACK from 10.0.0.2:8888 to 10.0.0.1:40000, seq 1, ack 2, laid out by hand after RFC 791 and
 * RFC 9293; its TCP checksum is left 0. */
static const uint8_t syn_ack_v4[40] = {0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06,
                                       0x26, 0xce, 0x0a, 0x00, 0x00, 0x02, 0x0a, 0x00, 0x00, 0x01,
                                       0x22, 0xb8, 0x9c, 0x40, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
                                       0x00, 0x02, 0x50, 0x12, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00};

/* The same between fd00::2 and fd00::1. */
static const uint8_t syn_ack_v6[60] = {
    0x60, 0x00, 0x00, 0x00, 0x00, 0x14, 0x06, 0x40, 0xfd, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xfd, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x22, 0xb8, 0x9c, 0x40, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x50, 0x12, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00};

static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_wire *wire;
static uint8_t version;
static int injector;
static struct sockaddr_ll cable;

static void open_injector(void)
{
    struct ifreq request = {.ifr_name = "far0"};
    injector = far_socket(&hosts, AF_PACKET, SOCK_DGRAM, 0);
    must(ioctl(injector, SIOCGIFINDEX, &request) == 0);
    cable = (struct sockaddr_ll){.sll_family = AF_PACKET,
                                 .sll_ifindex = request.ifr_ifindex,
                                 .sll_protocol = htons(version == 4 ? ETH_P_IP : ETH_P_IPV6),
                                 .sll_halen = 6};
    memset(cable.sll_addr, 0xff, 6);
}

static void begin(uint8_t with_version)
{
    struct ss_mute mute;
    struct ss_raw_options options = {.local_port = LOCAL_PORT, .peer_port = PEER_PORT};
    version = with_version;
    must(ss_hosts_open(&hosts, NULL) == SS_OK);
    struct ss_address near = ss_hosts_address(0, version);
    struct ss_address far = ss_hosts_address(1, version);
    must(ss_route_to(&far, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_mute_open(&mute, &near, LOCAL_PORT, 0, NULL) == SS_OK);
    must(ss_raw_open(&options, &wire, NULL) == SS_OK);
    open_injector();
}

static void inject(const uint8_t *octets, size_t length)
{
    must(sendto(injector, octets, length, 0, (struct sockaddr *)&cable, sizeof cable) ==
         (ssize_t)length);
}

/* The good one, marked by its sequence number: the fence behind all that was injected before. */
static void inject_syn_ack(uint8_t mark)
{
    uint8_t octets[60];
    size_t length = version == 4 ? sizeof syn_ack_v4 : sizeof syn_ack_v6;
    memcpy(octets, version == 4 ? syn_ack_v4 : syn_ack_v6, length);
    octets[length - 20 + 7] = mark;
    inject(octets, length);
}

/* The next arrival, with its view. */
static struct ss_packet next(void)
{
    struct ss_arrival arrival;
    struct ss_packet packet;
    struct ss_problem problem = {0};
    must(ss_wire_receive(wire, ss_wire_now_us(wire) + PATIENCE_US, &arrival, &problem) == SS_OK,
         "%s", problem.text);
    ss_packet_decode(SS_LINK_IP, arrival.octets, arrival.length, &packet);
    return packet;
}

/* Takes arrivals up to the fence marked `mark`; returns how many came before it. */
static size_t until_fence(uint8_t mark)
{
    for (size_t before = 0;; before++) {
        struct ss_packet packet = next();
        if (packet.faults == 0 && packet.transport == SS_TRANSPORT_TCP &&
            packet.tcp.seq.value == mark)
            return before;
    }
}

PRIVATE_TEST(test_raw_cut_frames_do_no_harm)
{
    begin(versions[index]);
    const uint8_t *whole = version == 4 ? syn_ack_v4 : syn_ack_v6;
    size_t length = version == 4 ? sizeof syn_ack_v4 : sizeof syn_ack_v6;
    for (size_t cut = 1; cut < length; cut++)
        inject(whole, cut);
    inject_syn_ack(77);
    for (;;) {
        struct ss_packet packet = next();
        if (packet.tcp.seq.value == 77)
            break;
        must(packet.faults != 0, "a cut frame was taken for a whole one");
    }
}

PRIVATE_TEST(test_raw_garbage_does_no_harm)
{
    uint8_t octets[1500];
    uint32_t state = 1;
    begin(versions[index]);
    for (size_t each = 0; each < 300; each++) {
        for (size_t at = 0; at < sizeof octets; at++) {
            state = state * 1664525 + 1013904223;
            octets[at] = (uint8_t)(state >> 24);
        }
        /* Every other one has a head that the filter lets pass. */
        if (each % 2 == 0)
            memcpy(octets, version == 4 ? syn_ack_v4 : syn_ack_v6, version == 4 ? 24 : 44);
        inject(octets, 1 + (each * 5) % sizeof octets);
    }
    inject_syn_ack(77);
    must(until_fence(77) >= 100, "the garbage did not come so far");
    must(ss_wire_receive(wire, 0, &(struct ss_arrival){0}, NULL) == SS_TIMED_OUT);
}

/* RFC 792: destination unreachable is an error, an echo request is none. */
PRIVATE_TEST(test_raw_errors_of_routers_are_delivered)
{
    uint8_t octets[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 10, 0, 0, 1};
    begin(4);
    octets[20] = 8;
    inject(octets, sizeof octets);
    octets[20] = 3;
    inject(octets, sizeof octets);
    inject_syn_ack(77);
    struct ss_packet packet = next();
    must(packet.transport == SS_TRANSPORT_ICMP && packet.icmp.type == 3);
    must(until_fence(77) == 0);
}

/* RFC 4443: types below 128 are errors; 128 is an echo request, 136 an advertisement. */
PRIVATE_TEST(test_raw_errors_of_ipv6_routers_are_delivered)
{
    static const uint8_t types[] = {128, 136, 1};
    uint8_t octets[48] = {0x60, 0, 0, 0, 0, 8, 58, 255, 0x20, 0x01, 0x0d, 0xb8};
    begin(6);
    memcpy(octets + 24, syn_ack_v6 + 24, 16);
    for (size_t each = 0; each < sizeof types; each++) {
        octets[40] = types[each];
        inject(octets, sizeof octets);
    }
    inject_syn_ack(77);
    struct ss_packet packet = next();
    must(packet.transport == SS_TRANSPORT_ICMP && packet.icmp.type == 1);
    must(until_fence(77) == 0);
}

/* A hop-by-hop header of 8 octets before the TCP header (RFC 8200 section 4.3). */
PRIVATE_TEST(test_raw_tcp_behind_extension_headers_is_delivered)
{
    uint8_t octets[68];
    begin(6);
    memcpy(octets, syn_ack_v6, 40);
    octets[5] = 28;
    octets[6] = 0;
    memcpy(octets + 40, (const uint8_t[]){6, 0, 1, 4, 0, 0, 0, 0}, 8);
    memcpy(octets + 48, syn_ack_v6 + 40, 20);
    inject(octets, sizeof octets);
    octets[49] ^= 1; /* another port: not ours */
    inject(octets, sizeof octets);
    inject_syn_ack(77);
    struct ss_packet packet = next();
    must(packet.transport == SS_TRANSPORT_TCP && packet.tcp.seq.value == 1);
    must(packet.transport_offset == 48);
    must(until_fence(77) == 0);
}

static Suite *raw_hostile_suite(void)
{
    Suite *suite = suite_create("raw_hostile");
    TCase *cases = tcase_create("raw_hostile");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_raw_cut_frames_do_no_harm, 0, 2);
    tcase_add_loop_test(cases, test_raw_garbage_does_no_harm, 0, 2);
    tcase_add_test(cases, test_raw_errors_of_routers_are_delivered);
    tcase_add_test(cases, test_raw_errors_of_ipv6_routers_are_delivered);
    tcase_add_test(cases, test_raw_tcp_behind_extension_headers_is_delivered);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(raw_hostile_suite);
}
