/* test_link: whole frames between two private hosts: nothing rewritten on the way out, each answer
 * delivered once on the way in. */
#include <fcntl.h>
#include <linux/if_tun.h>

#include "frame_bench.h"
#include "synstep/bytes.h"
#include "synstep/link.h"
#include "synstep/privilege.h"

enum { HEADER = 14, PATIENCE_US = FAR_PATIENCE_S * 1000000, ECHO_REPLY = 0, ECHO_REPLY_V6 = 129 };

static const uint8_t versions[] = {4, 6};

static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_route route;
static struct ss_wire *wire;
static uint8_t near_card[6], far_card[6];
static int far; /* a socket of the far host: all that far0 gets of the version's protocol */

static void open_wire(enum ss_link_hear hear)
{
    struct ss_problem problem;
    const struct ss_link_options options = {.route = route, .hear = hear};
    must(ss_link_open(&options, &wire, &problem) == SS_OK, "%s", problem.text);
}

static void begin(uint8_t version, enum ss_link_hear hear)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    struct ss_address peer = ss_hosts_address(1, version);
    must(ss_route_to(&peer, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    far = frame_far_socket(&hosts, version == 4 ? ETH_P_IP : ETH_P_IPV6);
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    frame_card(any, "near0", near_card);
    close(any);
    frame_card(far, "far0", far_card);
    open_wire(hear);
}

static void send_frame(const struct frame *frame)
{
    struct ss_problem problem;
    must(ss_wire_send(wire, frame->octets, frame->length, NULL, &problem) == SS_OK &&
             ss_wire_flush(wire, &problem) == SS_OK,
         "%s", problem.text);
}

/* An echo request from the near host to the far one, number `seq`. */
static struct frame echo(uint16_t seq)
{
    struct ss_stack stack;
    (void)frame_begin(&stack, near_card, far_card, &route.local, &route.peer);
    struct ss_layer *message =
        frame_add(&stack, route.peer.version == 6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP);
    frame_number(message, "id", 77);
    frame_number(message, "seq", seq);
    return frame_build(&stack);
}

static struct ss_arrival receive(void)
{
    struct ss_arrival arrival;
    struct ss_problem problem = {0};
    uint64_t deadline_us = ss_wire_now_us(wire) + PATIENCE_US;
    must(ss_wire_receive(wire, deadline_us, &arrival, &problem) == SS_OK, "%s", problem.text);
    must(arrival.fate == SS_FATE_DELIVERED && arrival.time_us <= ss_wire_now_us(wire));
    return arrival;
}

static void expect_nothing(void)
{
    struct ss_arrival none;
    must(ss_wire_receive(wire, 0, &none, NULL) == SS_TIMED_OUT);
}

/* From the far card to ours, with the answer to echo request `seq` in it. */
static void expect_reply(const struct ss_arrival *arrival, size_t tags, uint16_t seq)
{
    bool v6 = route.peer.version == 6;
    const uint8_t *message = arrival->octets + HEADER + tags * 4 + (v6 ? 40 : 20);
    must(arrival->length >= HEADER + tags * 4 + (v6 ? 48 : 28));
    must(memcmp(arrival->octets, near_card, 6) == 0 &&
         memcmp(arrival->octets + 6, far_card, 6) == 0);
    must(ss_bytes_get16(arrival->octets + 12 + tags * 4) == (v6 ? 0x86dd : 0x0800));
    must(message[0] == (v6 ? ECHO_REPLY_V6 : ECHO_REPLY), "%u", message[0]);
    must(ss_bytes_get16(message + 6) == seq, "%u", ss_bytes_get16(message + 6));
}

/* Nothing lies between the replies: not one of them twice, and not what we sent ourselves. */
PRIVATE_TEST(test_link_private_hosts_deliver_each_reply_once)
{
    begin(versions[index], SS_LINK_HEAR_PEER);
    for (uint16_t seq = 1; seq <= 3; seq++) {
        struct frame request = echo(seq);
        send_frame(&request);
    }
    for (uint16_t seq = 1; seq <= 3; seq++) {
        struct ss_arrival arrival = receive();
        expect_reply(&arrival, 0, seq);
    }
    expect_nothing();
    ss_wire_close(wire);
}

/* The kernels' own talk, of groups and of neighbours, is to groups. */
static void expect_at_far(const struct frame *frame)
{
    uint8_t got[FRAME_ROOM];
    ssize_t length;
    do
        length = recv(far, got, sizeof got, 0);
    while (length > HEADER && memcmp(got, far_card, 6) != 0);
    must(length == (ssize_t)frame->length && memcmp(got, frame->octets, frame->length) == 0,
         "%zd octets", length);
}

/* All that the raw wire's kernel would rewrite, and what no kernel would send. */
PRIVATE_TEST(test_link_frames_arrive_octet_for_octet)
{
    begin(4, SS_LINK_HEAR_NOTHING);
    struct frame frame = echo(1);
    uint8_t *ip = frame.octets + HEADER;
    send_frame(&frame);
    expect_at_far(&frame);
    ss_bytes_put16(ip + 2, 9999); /* total length */
    ss_bytes_put16(ip + 4, 0);    /* identification */
    ss_bytes_put16(ip + 10, 1);   /* header checksum */
    ss_bytes_put32(ip + 12, 0);   /* source */
    send_frame(&frame);
    expect_at_far(&frame);
    frame.length = HEADER + 3; /* less than an IP header */
    send_frame(&frame);
    expect_at_far(&frame);
}

static struct frame arp_request(void)
{
    static const uint8_t everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ss_stack stack = {.count = 0};
    struct ss_layer *ether = frame_add(&stack, SS_LAYER_ETHER);
    frame_put(ether, "dst", everybody);
    frame_put(ether, "src", near_card);
    struct ss_layer *arp = frame_add(&stack, SS_LAYER_ARP);
    frame_put(arp, "sha", near_card);
    frame_put(arp, "spa", route.local.octets);
    frame_put(arp, "tpa", route.peer.octets);
    return frame_build(&stack);
}

static void expect_arp_reply(const struct ss_arrival *arrival)
{
    static const uint8_t form[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2};
    must(arrival->length >= HEADER + 28);
    must(memcmp(arrival->octets + 12, form, sizeof form) == 0);
    must(memcmp(arrival->octets + HEADER + 8, far_card, 6) == 0);
    must(memcmp(arrival->octets + HEADER + 14, route.peer.octets, 4) == 0);
}

PRIVATE_TEST(test_link_arp_reply_is_delivered_where_it_is_wanted)
{
    static const enum ss_link_hear wanted[] = {SS_LINK_HEAR_PEER_AND_ARP, SS_LINK_HEAR_NEIGHBOUR,
                                               SS_LINK_HEAR_ANY_ARP};
    begin(4, wanted[index]);
    struct frame request = arp_request();
    send_frame(&request);
    struct ss_arrival arrival = receive();
    expect_arp_reply(&arrival);
    expect_nothing();
}

/* The echo's reply is the fence behind which nothing else may be. */
PRIVATE_TEST(test_link_arp_is_not_delivered_where_it_is_not_wanted)
{
    begin(4, SS_LINK_HEAR_PEER);
    struct frame request = arp_request(), fence = echo(5);
    send_frame(&request);
    send_frame(&fence);
    struct ss_arrival arrival = receive();
    expect_reply(&arrival, 0, 5);
    expect_nothing();
}

PRIVATE_TEST(test_link_datagrams_are_not_delivered_to_who_asks_for_a_neighbour)
{
    begin(versions[index], SS_LINK_HEAR_NEIGHBOUR);
    struct frame request = echo(1);
    send_frame(&request);
    expect_at_far(&request);
    expect_nothing();
}

/* A frame that the far host's card sends, as it is. */
static void far_send(const struct frame *frame)
{
    must(send(far, frame->octets, frame->length, 0) == (ssize_t)frame->length);
}

/* An echo reply of somebody to the near host, behind `tags` VLAN tags. */
static struct frame reply_of(const struct ss_address *somebody, size_t tags, uint16_t seq)
{
    struct ss_stack stack = {.count = 0};
    struct ss_layer *ether = frame_add(&stack, SS_LAYER_ETHER);
    frame_put(ether, "dst", near_card);
    frame_put(ether, "src", far_card);
    for (size_t i = 0; i < tags; i++)
        frame_number(frame_add(&stack, SS_LAYER_VLAN), "vid", 42);
    struct ss_layer *ip = frame_add(&stack, SS_LAYER_IP);
    frame_put(ip, "src", somebody->octets);
    frame_put(ip, "dst", route.local.octets);
    struct ss_layer *message = frame_add(&stack, SS_LAYER_ICMP);
    frame_number(message, "type", ECHO_REPLY);
    frame_number(message, "seq", seq);
    return frame_build(&stack);
}

/* The kernel takes the tag out of what it shows; it must be back where it was. */
PRIVATE_TEST(test_link_tagged_frame_is_delivered_with_its_tag)
{
    begin(4, SS_LINK_HEAR_PEER);
    struct frame tagged = reply_of(&route.peer, 1, 9);
    far_send(&tagged);
    struct ss_arrival arrival = receive();
    must(arrival.length == tagged.length &&
         memcmp(arrival.octets, tagged.octets, tagged.length) == 0);
    expect_reply(&arrival, 1, 9);
}

PRIVATE_TEST(test_link_datagram_of_another_host_is_not_delivered)
{
    static const uint8_t stranger[] = {10, 0, 0, 3};
    struct ss_address other = ss_address_v4(stranger);
    begin(4, SS_LINK_HEAR_PEER_AND_ARP);
    struct frame strange = reply_of(&other, 0, 1), ours = reply_of(&route.peer, 0, 2);
    far_send(&strange);
    far_send(&ours);
    struct ss_arrival arrival = receive();
    expect_reply(&arrival, 0, 2);
    expect_nothing();
}

/* Whoever answers for somebody else is heard by those who ask for anybody; a datagram is the fence.
 */
PRIVATE_TEST(test_link_arp_of_others_is_delivered_where_it_is_wanted)
{
    static const enum ss_link_hear wanted[] = {SS_LINK_HEAR_ANY_ARP, SS_LINK_HEAR_PEER_AND_ARP};
    begin(4, wanted[index]);
    struct frame proxy = arp_request(), fence = reply_of(&route.peer, 0, 6);
    memcpy(proxy.octets, near_card, sizeof near_card);
    memcpy(proxy.octets + 6, far_card, sizeof far_card);
    proxy.octets[HEADER + 7] = 2;
    proxy.octets[HEADER + 17] = 77;
    far_send(&proxy);
    far_send(&fence);
    struct ss_arrival arrival = receive();
    if (wanted[index] == SS_LINK_HEAR_ANY_ARP) {
        must(arrival.length == proxy.length &&
             memcmp(arrival.octets, proxy.octets, proxy.length) == 0);
        arrival = receive();
    }
    expect_reply(&arrival, 0, 6);
    expect_nothing();
}

/* There every frame leaves and arrives; it comes in once, and IPv6 answers it. */
PRIVATE_TEST(test_link_loopback_delivers_each_frame_once)
{
    struct ss_problem problem;
    struct ss_address self = ss_address_v6((const uint8_t[16]){[15] = 1});
    must(private_enter());
    must(ss_route_to(&self, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    open_wire(SS_LINK_HEAR_PEER_AND_ARP);
    struct frame request = echo(3);
    send_frame(&request);
    struct ss_arrival arrival = receive();
    must(arrival.length == request.length &&
         memcmp(arrival.octets, request.octets, request.length) == 0);
    arrival = receive();
    expect_reply(&arrival, 0, 3);
    expect_nothing();
}

PRIVATE_TEST(test_link_needs_no_privilege_after_the_opening)
{
    begin(4, SS_LINK_HEAR_PEER);
    must(ss_privilege_drop(NULL) == SS_OK);
    struct frame request = echo(4);
    send_frame(&request);
    struct ss_arrival arrival = receive();
    expect_reply(&arrival, 0, 4);
}

PRIVATE_TEST(test_link_without_privilege_is_forbidden)
{
    static const enum ss_link_hear hears[] = {SS_LINK_HEAR_PEER, SS_LINK_HEAR_NOTHING};
    struct ss_problem problem;
    struct ss_link_options options = {.hear = hears[index]};
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    must(private_enter());
    must(ss_route_to(&loopback, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_privilege_drop(NULL) == SS_OK);
    must(ss_link_open(&options, &wire, &problem) == SS_FORBIDDEN);
    must(strstr(problem.text, "sudo") && strstr(problem.text, "setcap"), "%s", problem.text);
    must(wire == NULL);
}

static void expect_refused(const struct frame *frame, size_t length, const char *words)
{
    struct ss_problem problem;
    must(ss_wire_send(wire, frame->octets, length, NULL, &problem) == SS_USAGE);
    must(strstr(problem.text, words), "%s", problem.text);
}

PRIVATE_TEST(test_link_frame_that_cannot_pass_is_refused)
{
    begin(4, SS_LINK_HEAR_NOTHING);
    struct frame frame = echo(1);
    expect_refused(&frame, 1515, "MTU is 1500");
    expect_refused(&frame, 13, "no whole Ethernet header");
    frame.length = 1514;
    send_frame(&frame);
    expect_at_far(&frame);
}

static void take_down(const char *name)
{
    struct ifreq request = {0};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strcpy(request.ifr_name, name);
    must(ioctl(any, SIOCSIFFLAGS, &request) == 0);
    close(any);
}

PRIVATE_TEST(test_link_interface_that_is_down_is_told)
{
    struct ss_problem problem;
    begin(4, SS_LINK_HEAR_NOTHING);
    struct frame frame = echo(1);
    struct ss_link_options options = {.route = route, .hear = SS_LINK_HEAR_NOTHING};
    struct ss_wire *second = NULL;
    take_down("near0");
    must(ss_wire_send(wire, frame.octets, frame.length, NULL, &problem) == SS_OK);
    must(ss_wire_flush(wire, &problem) == SS_IO);
    must(strstr(problem.text, "ip link set near0 up"), "%s", problem.text);
    must(ss_link_open(&options, &second, &problem) == SS_IO && !second);
    must(strstr(problem.text, "ip link set near0 up"), "%s", problem.text);
}

PRIVATE_TEST(test_link_without_interface_is_refused)
{
    struct ss_problem problem;
    struct ss_link_options options = {.route.interface = "no-such0"};
    must(private_enter());
    must(ss_link_open(&options, &wire, &problem) == SS_USAGE && !wire);
    must(strstr(problem.text, "no-such0"), "%s", problem.text);
}

/* A tunnel has no Ethernet header to fill in. Where /dev/net/tun is not to be had there is none. */
PRIVATE_TEST(test_link_interface_without_ethernet_is_refused)
{
    struct ss_problem problem;
    struct ss_link_options options = {.route.interface = "tun0"};
    struct ifreq request = {.ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    must(private_enter());
    int tunnel = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (tunnel < 0)
        return;
    must(ioctl(tunnel, TUNSETIFF, &request) == 0);
    must(ss_link_open(&options, &wire, &problem) == SS_USAGE && !wire);
    must(strstr(problem.text, "tun0") && strstr(problem.text, "raw wire"), "%s", problem.text);
}

PRIVATE_TEST(test_link_card_is_what_the_kernel_says)
{
    struct ss_problem problem;
    struct ss_link_card card;
    struct ifreq request = {.ifr_name = "near0", .ifr_mtu = 1400};
    begin(4, SS_LINK_HEAR_NOTHING);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFMTU, &request) == 0);
    must(ss_link_card("near0", &card, &problem) == SS_OK, "%s", problem.text);
    must(memcmp(card.address, near_card, 6) == 0 && card.mtu == 1400, "%u", card.mtu);
    must(ss_link_card("no-such0", &card, &problem) == SS_USAGE);
}

static volatile sig_atomic_t stopped = 1;

PRIVATE_TEST(test_link_stops_when_it_is_told_to)
{
    struct ss_arrival none;
    begin(4, SS_LINK_HEAR_NOTHING);
    ss_wire_close(wire);
    const struct ss_link_options options = {
        .route = route, .hear = SS_LINK_HEAR_PEER, .stop = &stopped};
    must(ss_link_open(&options, &wire, NULL) == SS_OK);
    must(ss_wire_receive(wire, UINT64_MAX, &none, NULL) == SS_INTERRUPTED);
}

static Suite *link_suite(void)
{
    Suite *suite = suite_create("link");
    TCase *frames = tcase_create("frames");
    tcase_set_timeout(frames, 60);
    tcase_add_loop_test(frames, test_link_private_hosts_deliver_each_reply_once, 0, 2);
    tcase_add_test(frames, test_link_frames_arrive_octet_for_octet);
    tcase_add_loop_test(frames, test_link_arp_reply_is_delivered_where_it_is_wanted, 0, 3);
    tcase_add_loop_test(frames, test_link_arp_of_others_is_delivered_where_it_is_wanted, 0, 2);
    tcase_add_test(frames, test_link_arp_is_not_delivered_where_it_is_not_wanted);
    tcase_add_loop_test(frames, test_link_datagrams_are_not_delivered_to_who_asks_for_a_neighbour,
                        0, 2);
    tcase_add_test(frames, test_link_tagged_frame_is_delivered_with_its_tag);
    tcase_add_test(frames, test_link_datagram_of_another_host_is_not_delivered);
    tcase_add_test(frames, test_link_loopback_delivers_each_frame_once);
    tcase_add_test(frames, test_link_needs_no_privilege_after_the_opening);
    tcase_add_loop_test(frames, test_link_without_privilege_is_forbidden, 0, 2);
    tcase_add_test(frames, test_link_frame_that_cannot_pass_is_refused);
    tcase_add_test(frames, test_link_interface_that_is_down_is_told);
    tcase_add_test(frames, test_link_without_interface_is_refused);
    tcase_add_test(frames, test_link_interface_without_ethernet_is_refused);
    tcase_add_test(frames, test_link_card_is_what_the_kernel_says);
    tcase_add_test(frames, test_link_stops_when_it_is_told_to);
    suite_add_tcase(suite, frames);
    return suite;
}

int main(void)
{
    return private_main(link_suite);
}
