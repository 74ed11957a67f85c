/* test_packet_wire: frames cross between two private hosts as they are, in order, each once. */
#include <linux/if_packet.h>
#include <sys/ioctl.h>

#include "far.h"
#include "synstep/bytes.h"
#include "synstep/packet_wire.h"
#include "synstep/privilege.h"

enum { HEADER = 14, TYPE = 0x88b5 /* IEEE 802: local experiments */, ROOM = 2048 };

static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_wire *wire;
static int capture = -1;

/* Every frame of our type that the far host gets. */
static int capture_frames(void)
{
    struct timeval patience = {.tv_sec = FAR_PATIENCE_S};
    int bytes = 8 << 20;
    int made = far_socket(&hosts, AF_PACKET, SOCK_RAW, htons(TYPE));
    must(setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    (void)setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    return made;
}

static void begin(void)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    capture = capture_frames();
    must(ss_packet_wire_open("near0", &wire, &problem) == SS_OK, "%s", problem.text);
}

/* To everybody, with a number in it. */
static void fill(uint8_t *frame, size_t length, uint32_t number)
{
    memset(frame, 0xff, 6);
    memset(frame + 6, 0x02, 6);
    ss_bytes_put16(frame + 12, TYPE);
    memset(frame + HEADER, (int)(number & 0xff), length - HEADER);
    ss_bytes_put32(frame + HEADER, number);
}

static void send_frame(size_t length, uint32_t number)
{
    struct ss_problem problem;
    uint8_t frame[ROOM];
    fill(frame, length, number);
    must(ss_wire_send(wire, frame, length, NULL, &problem) == SS_OK, "%s", problem.text);
}

static void expect_frame(size_t length, uint32_t number)
{
    uint8_t frame[ROOM], expected[ROOM];
    fill(expected, length, number);
    ssize_t got = recv(capture, frame, sizeof frame, 0);
    must(got == (ssize_t)length && memcmp(frame, expected, length) == 0, "%u: %zd", number, got);
}

static void expect_nothing(void)
{
    uint8_t frame[ROOM];
    must(recv(capture, frame, sizeof frame, MSG_DONTWAIT) < 0 && errno == EAGAIN);
}

/* Some hundred of all lengths: several batches, the last not full. */
PRIVATE_TEST(test_packet_wire_frames_arrive_in_order_octet_for_octet)
{
    enum { FRAMES = 301 };
    struct ss_problem problem;
    begin();
    for (uint32_t i = 0; i < FRAMES; i++)
        send_frame(60 + i * 4, i);
    must(ss_wire_flush(wire, &problem) == SS_OK, "%s", problem.text);
    for (uint32_t i = 0; i < FRAMES; i++)
        expect_frame(60 + i * 4, i);
    expect_nothing();
    ss_wire_close(wire);
}

/* 64 wait; the 65th sends them on their way and waits itself. */
PRIVATE_TEST(test_packet_wire_gathers_sixty_four)
{
    begin();
    for (uint32_t i = 0; i < 64; i++)
        send_frame(60, i);
    expect_nothing();
    send_frame(60, 64);
    for (uint32_t i = 0; i < 64; i++)
        expect_frame(60, i);
    expect_nothing();
    must(ss_wire_receive(wire, UINT64_MAX, &(struct ss_arrival){0}, NULL) == SS_TIMED_OUT);
    expect_frame(60, 64);
}

PRIVATE_TEST(test_packet_wire_needs_no_privilege_after_the_opening)
{
    begin();
    must(ss_privilege_drop(NULL) == SS_OK);
    send_frame(60, 1);
    must(ss_wire_flush(wire, NULL) == SS_OK);
    expect_frame(60, 1);
}

static void expect_refused(size_t length, const char *words)
{
    struct ss_problem problem;
    uint8_t frame[ROOM];
    fill(frame, ROOM, 0);
    must(ss_wire_send(wire, frame, length, NULL, &problem) == SS_USAGE);
    must(strstr(problem.text, words), "%s", problem.text);
}

PRIVATE_TEST(test_packet_wire_frame_that_cannot_be_is_refused_alone)
{
    begin();
    send_frame(1514, 1);
    expect_refused(1515, "near0");
    expect_refused(13, "13");
    expect_refused(0, "header");
    send_frame(18, 2);
    must(ss_wire_flush(wire, NULL) == SS_OK);
    expect_frame(1514, 1);
    expect_frame(18, 2);
    expect_nothing();
}

/* A VLAN's tag comes on top of the MTU. */
PRIVATE_TEST(test_packet_wire_tag_is_not_counted)
{
    struct ss_problem problem;
    uint8_t frame[ROOM];
    begin();
    fill(frame, ROOM, 1);
    ss_bytes_put16(frame + 12, 0x8100);
    must(ss_wire_send(wire, frame, 1519, NULL, &problem) == SS_USAGE);
    must(ss_wire_send(wire, frame, 1518, NULL, &problem) == SS_OK);
    must(ss_wire_flush(wire, &problem) == SS_OK, "%s", problem.text);
}

static void set_up(const char *name, bool up)
{
    struct ifreq request = {0};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strcpy(request.ifr_name, name);
    must(ioctl(any, SIOCGIFFLAGS, &request) == 0);
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    must(ioctl(any, SIOCSIFFLAGS, &request) == 0);
    close(any);
}

/* Told at the flush; what was gathered is lost, and does not come later. */
PRIVATE_TEST(test_packet_wire_interface_that_went_down_is_told)
{
    struct ss_problem problem;
    begin();
    send_frame(60, 1);
    set_up("near0", false);
    must(ss_wire_flush(wire, &problem) == SS_IO);
    must(strstr(problem.text, "near0") && strstr(problem.text, "ip link"), "%s", problem.text);
    set_up("near0", true);
    must(ss_wire_flush(wire, &problem) == SS_OK, "%s", problem.text);
    expect_nothing();
}

PRIVATE_TEST(test_packet_wire_without_interface_or_privilege_is_refused)
{
    struct ss_problem problem;
    must(private_enter());
    must(ss_packet_wire_open("no-such0", &wire, &problem) == SS_USAGE);
    must(strstr(problem.text, "no-such0"), "%s", problem.text);
    must(ss_packet_wire_open("a-name-that-is-too-long", &wire, &problem) == SS_USAGE);
    must(ss_privilege_drop(NULL) == SS_OK);
    must(ss_packet_wire_open("lo", &wire, &problem) == SS_FORBIDDEN);
    must(strstr(problem.text, "setcap") && wire == NULL, "%s", problem.text);
}

static Suite *packet_wire_suite(void)
{
    Suite *suite = suite_create("packet_wire");
    TCase *frames = tcase_create("frames");
    tcase_set_timeout(frames, 60);
    tcase_add_test(frames, test_packet_wire_frames_arrive_in_order_octet_for_octet);
    tcase_add_test(frames, test_packet_wire_gathers_sixty_four);
    tcase_add_test(frames, test_packet_wire_needs_no_privilege_after_the_opening);
    tcase_add_test(frames, test_packet_wire_frame_that_cannot_be_is_refused_alone);
    tcase_add_test(frames, test_packet_wire_tag_is_not_counted);
    tcase_add_test(frames, test_packet_wire_interface_that_went_down_is_told);
    tcase_add_test(frames, test_packet_wire_without_interface_or_privilege_is_refused);
    suite_add_tcase(suite, frames);
    return suite;
}

int main(void)
{
    return private_main(packet_wire_suite);
}
