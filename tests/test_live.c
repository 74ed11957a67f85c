/*
 * test_live: frames of a loopback, of a veth pair, of a tunnel and of all interfaces: each once, as
 * it was on the wire, with what only the kernel knows of it.
 */
#include "synstep/live.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdlib.h>

#include "far.h"
#include "frames.h"
#include "synstep/bytes.h"
#include "synstep/unwrap.h"

enum { PORT = 4000, IP = 14, UDP = 8, V4 = 20, PATIENCE_US = FAR_PATIENCE_S * 1000000 };

static struct ss_live *live;
static struct ss_frame_filter *filter;
static struct ss_capture_frame frame_;

static void listen_on(struct ss_live_options options, const char *expression)
{
    struct ss_problem problem = {0};
    if (expression)
        must(ss_frame_filter_open(expression, &filter, &problem) == SS_OK, "%s", problem.text);
    options.filter = filter;
    must(ss_live_open(&options, &live, &problem) == SS_OK, "%s", problem.text);
}

static const struct ss_capture_frame *next(void)
{
    struct ss_problem problem = {0};
    must(ss_live_next(live, PATIENCE_US, &frame_, &problem) == SS_OK, "%s", problem.text);
    return &frame_;
}

static void expect_no_more(void)
{
    struct ss_problem problem = {0};
    must(ss_live_next(live, 0, &frame_, &problem) == SS_TIMED_OUT, "%s", problem.text);
}

static void end(void)
{
    ss_live_close(live);
    ss_frame_filter_close(filter);
    ss_live_close(NULL);
}

/* A datagram over the loopback, which nobody reads. */
static void say(int socket, const void *octets, size_t length)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    must(sendto(socket, octets, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length);
}

static int speaker(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    must(made >= 0 && bind(made, (struct sockaddr *)&at, sizeof at) == 0);
    return made;
}

/* As it leaves and as it arrives: once. */
PRIVATE_TEST(test_live_loopback_shows_each_frame_once)
{
    static const char *const names[] = {"lo", "any"};
    must(private_enter());
    listen_on((struct ss_live_options){.interface = names[index]}, index ? "udp port 4000" : NULL);
    must(ss_live_linktype(live) == (index ? SS_LINKTYPE_COOKED_2 : SS_LINKTYPE_ETHERNET));
    int talk = speaker();
    for (char i = 0; i < 3; i++)
        say(talk, &i, 1);
    for (uint64_t i = 0; i < 3; i++) {
        const struct ss_capture_frame *frame = next();
        must(frame->number == i + 1 && frame->length > 0 && frame->missing_bytes == 0);
        must(frame->octets[frame->length - 1] == i);
        must(frame->time_us <= ss_live_now_us() && frame->time_us + PATIENCE_US > ss_live_now_us());
        must(frame->time_ns / 1000 == frame->time_us);
        must(frame->linktype == ss_live_linktype(live));
        must(frame->whole_length == (index ? 20 : IP) + V4 + UDP + 1);
    }
    expect_no_more();
    must(ss_live_lost(live) == 0 && !ss_live_is_lossy(live));
    end();
}

/* The header of a cooked frame, field by field (LINKTYPE_LINUX_SLL2). */
PRIVATE_TEST(test_live_any_tells_interface_and_direction)
{
    struct ss_hosts hosts = {.far_namespace = -1};
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    listen_on((struct ss_live_options){.interface = "any"}, "outbound and udp");
    struct sockaddr_storage to = far_sockaddr(4, 1, PORT);
    must(sendto(speaker(), "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1);
    const uint8_t *header = next()->whole;
    must(ss_bytes_get16(header) == ETH_P_IP);
    must(ss_bytes_get32(header + 4) == if_nametoindex("near0"));
    must(ss_bytes_get16(header + 8) == 1 && header[10] == PACKET_OUTGOING);
    must(frame_.octets == header + 20 && frame_.octets[0] == 0x45 && frame_.link == SS_LINK_IP);
    end();
}

/* Whole frames out of one host's interface. */
static int packet_socket(int made, const char *interface)
{
    struct ifreq request = {0};
    strcpy(request.ifr_name, interface);
    must(made >= 0 && ioctl(made, SIOCGIFINDEX, &request) == 0);
    struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_ifindex = request.ifr_ifindex};
    must(bind(made, (struct sockaddr *)&where, sizeof where) == 0);
    return made;
}

/* Tagged and not: the kernel takes tags out. */
PRIVATE_TEST(test_live_tags_stand_where_they_were_on_the_wire)
{
    static const uint8_t tag[] = {0x81, 0, 0x20, 7};
    static const char *const expressions[] = {"vlan 7 and udp port 4000", "udp port 4000", NULL};
    struct ss_hosts hosts = {.far_namespace = -1};
    struct ss_problem problem;
    uint8_t plain[60] = {[12] = 8, [IP] = 0x45}, tagged[64];
    plain[IP + 3] = 46; /* IPv4's length */
    plain[IP + 8] = 64;
    plain[IP + 9] = 17;
    ss_bytes_put16(plain + IP + V4 + 2, PORT);
    ss_bytes_put16(plain + IP + V4 + 4, 26);
    memcpy(tagged, plain, 12);
    memcpy(tagged + 12, tag, 4);
    memcpy(tagged + 16, plain + 12, 48);
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    int far = packet_socket(far_socket(&hosts, AF_PACKET, SOCK_RAW, 0), "far0");
    listen_on((struct ss_live_options){.interface = "near0"}, expressions[index]);
    must(send(far, tagged, sizeof tagged, 0) == sizeof tagged);
    must(send(far, plain, sizeof plain, 0) == sizeof plain);
    bool wants_tagged = index != 1, wants_plain = index != 0;
    if (index == 2) /* without a filter there is the kernels' own talk between */
        while (next()->whole_length != sizeof tagged || memcmp(frame_.whole + 12, tag, 4) != 0)
            continue;
    else if (wants_tagged)
        must(next()->whole_length == sizeof tagged);
    if (wants_tagged)
        must(memcmp(frame_.whole, tagged, sizeof tagged) == 0);
    if (wants_plain && index == 1)
        must(next()->whole_length == sizeof plain && memcmp(frame_.whole, plain, 60) == 0);
    if (index != 2)
        expect_no_more();
    end();
}

/* The same wrong checksum: as it is, left to the card, and as it is over a cable. */
PRIVATE_TEST(test_live_checksum_left_to_the_card_is_told)
{
    enum { PLAIN, LEFT, CABLE };
    struct {
        struct virtio_net_hdr header;
        uint8_t octets[sizeof frame_v4_data];
    } made = {
        .header = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = IP + V4, .csum_offset = 16}};
    struct ss_hosts hosts = {.far_namespace = -1};
    struct ss_problem problem;
    int left = index == LEFT;
    memcpy(made.octets, frame_v4_data, sizeof made.octets);
    made.octets[IP + V4 + 16] ^= 0x55;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    listen_on((struct ss_live_options){.interface = index == CABLE ? "near0" : "lo"}, "tcp");
    const void *sent = left ? (const void *)&made : made.octets;
    ssize_t length = (ssize_t)(left ? sizeof made : sizeof made.octets);
    int out = index == CABLE ? packet_socket(far_socket(&hosts, AF_PACKET, SOCK_RAW, 0), "far0")
                             : packet_socket(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "lo");
    must(!left || setsockopt(out, SOL_PACKET, PACKET_VNET_HDR, &left, sizeof left) == 0);
    must(send(out, sent, (size_t)length, 0) == length);
    struct ss_fragments *fragments = ss_fragments_new();
    struct ss_unwrapped unwrapped;
    ss_unwrap(fragments, next(), &unwrapped);
    must(frame_.card_sums == (index == LEFT));
    must(unwrapped.packet.transport_checksum == (left ? SS_CHECKSUM_OFFLOADED : SS_CHECKSUM_BAD));
    ss_fragments_free(fragments);
    end();
}

enum { COUNT = 1500 /* frames of 60,000 octets: more than there is room for */ };

/* The kernel has the filter: what is not wanted takes no room. */
PRIVATE_TEST(test_live_unwanted_frames_take_no_room)
{
    static uint8_t octets[60000];
    must(private_enter());
    listen_on((struct ss_live_options){.interface = "lo"}, "udp and less 100");
    int talk = speaker();
    for (int i = 0; i < COUNT; i++)
        say(talk, octets, sizeof octets);
    say(talk, octets, 1);
    must(next()->number == 1 && frame_.whole_length < 100);
    expect_no_more();
    must(ss_live_lost(live) == 0);
    end();
}

/* What is there and what was lost is all. */
PRIVATE_TEST(test_live_frames_without_room_are_counted)
{
    static uint8_t octets[60000];
    uint64_t seen = 0;
    struct ss_problem problem;
    must(private_enter());
    listen_on((struct ss_live_options){.interface = "lo"}, "udp");
    int talk = speaker();
    for (int i = 0; i < COUNT; i++)
        say(talk, octets, sizeof octets);
    while (ss_live_next(live, 0, &frame_, &problem) == SS_OK)
        seen++;
    uint64_t lost = ss_live_lost(live);
    must(lost > 0 && seen + lost == COUNT, "%" PRIu64 " and %" PRIu64, seen, lost);
    must(!ss_live_is_lossy(live)); /* none came after those */
    say(talk, octets, 1);
    (void)next();
    must(ss_live_is_lossy(live) && ss_live_lost(live) == lost);
    end();
}

static volatile sig_atomic_t stopped = 1;

/* What came before is taken all the same; after that nothing is waited for. */
PRIVATE_TEST(test_live_is_over_when_told_to_stop_or_its_time_has_passed)
{
    struct ss_problem problem = {0};
    must(private_enter());
    listen_on((struct ss_live_options){.interface = "lo",
                                       .stop = index ? NULL : &stopped,
                                       .lasts_us = index ? 1 : 0},
              "udp");
    int talk = speaker();
    for (int i = 0; i < 200; i++)
        say(talk, "x", 1);
    for (uint64_t i = 0; i < 200; i++)
        must(next()->number == i + 1);
    must(ss_live_next(live, PATIENCE_US, &frame_, &problem) == SS_INTERRUPTED);
    say(talk, "x", 1);
    must(ss_live_next(live, PATIENCE_US, &frame_, &problem) == SS_INTERRUPTED);
    end();
}

/* Where /dev/net/tun is not to be had there is none. */
PRIVATE_TEST(test_live_tunnel_gives_raw_ip_until_it_is_gone)
{
    struct ss_problem problem = {0};
    struct ifreq request = {.ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI};
    must(private_enter());
    int tunnel = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (tunnel < 0)
        return;
    must(ioctl(tunnel, TUNSETIFF, &request) == 0);
    must(ss_live_open(&(struct ss_live_options){.interface = "tun0"}, &live, &problem) == SS_USAGE);
    must(strstr(problem.text, "tun0 is down"), "%s", problem.text);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    must(ioctl(speaker(), SIOCSIFFLAGS, &request) == 0);
    listen_on((struct ss_live_options){.interface = "tun0"}, "tcp port 8888");
    must(ss_live_linktype(live) == SS_LINKTYPE_RAW);
    size_t length = sizeof frame_v4_syn - IP;
    must(write(tunnel, frame_v4_syn + IP, length) == (ssize_t)length);
    must(next()->length == length && frame_.octets == frame_.whole);
    must(memcmp(frame_.whole, frame_v4_syn + IP, length) == 0);
    close(tunnel);
    must(ss_live_next(live, 1, &frame_, &problem) == SS_UNREADABLE);
    must(strstr(problem.text, "tun0 is gone"), "%s", problem.text);
    end();
}

PRIVATE_TEST(test_live_unknown_interface_is_told)
{
    struct ss_problem problem = {0};
    must(private_enter());
    must(ss_live_find("lo", &problem) == SS_OK && ss_live_find("any", &problem) == SS_OK);
    must(ss_live_find("l0", &problem) == SS_USAGE);
    must(strstr(problem.text, "'l0'; did you mean lo?"), "%s", problem.text);
    must(ss_live_find("a-name-as-long-as-none-is", &problem) == SS_USAGE);
    must(ss_live_open(&(struct ss_live_options){.interface = "l0"}, &live, &problem) == SS_USAGE);
    must(!live);
}

PRIVATE_TEST(test_live_without_the_privilege_is_forbidden)
{
    struct ss_problem problem = {0};
    must(private_enter());
    private_become_ordinary();
    must(ss_live_open(&(struct ss_live_options){.interface = "lo"}, &live, &problem) ==
         SS_FORBIDDEN);
    must(strstr(problem.text, "capturing on lo is not permitted"), "%s", problem.text);
}

static Suite *live_suite(void)
{
    Suite *suite = suite_create("live");
    TCase *tcase = tcase_create("live");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_live_loopback_shows_each_frame_once, 0, 2);
    tcase_add_test(tcase, test_live_any_tells_interface_and_direction);
    tcase_add_loop_test(tcase, test_live_tags_stand_where_they_were_on_the_wire, 0, 3);
    tcase_add_loop_test(tcase, test_live_checksum_left_to_the_card_is_told, 0, 3);
    tcase_add_test(tcase, test_live_unwanted_frames_take_no_room);
    tcase_add_test(tcase, test_live_frames_without_room_are_counted);
    tcase_add_loop_test(tcase, test_live_is_over_when_told_to_stop_or_its_time_has_passed, 0, 2);
    tcase_add_test(tcase, test_live_tunnel_gives_raw_ip_until_it_is_gone);
    tcase_add_test(tcase, test_live_unknown_interface_is_told);
    tcase_add_test(tcase, test_live_without_the_privilege_is_forbidden);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return private_main(live_suite);
}
