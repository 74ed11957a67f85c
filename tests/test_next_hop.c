/* test_next_hop: whose Ethernet address a frame needs, told by the kernel or by the neighbour
 * itself. What we ask must be, octet for octet, what Linux asks. */
#include <net/if_arp.h>
#include <net/route.h>

#include "../src/wire/neighbour.h"
#include "exact.h"
#include "frame_bench.h"
#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/next_hop.h"
#include "synstep/privilege.h"

enum { HEADER = 14, ARP_BYTES = 28, ADVERTISED_BYTES = HEADER + 40 + 32 };

static const uint8_t versions[] = {4, 6};
static const uint8_t own[] = {2, 0, 0, 0, 0, 1};
static const uint8_t theirs[] = {2, 0, 0, 0, 0, 0x5a};

static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_route route;
static struct ss_next_hop *hop;
static struct ss_ethernet_ends ends;
static uint8_t near_card[6], far_card[6];
static int far; /* all that far0 gets */

static void begin(uint8_t version)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    struct ss_address peer = ss_hosts_address(1, version);
    must(ss_route_to(&peer, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    far = frame_far_socket(&hosts, ETH_P_ALL);
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    frame_card(any, "near0", near_card);
    close(any);
    frame_card(far, "far0", far_card);
}

static void find(void)
{
    struct ss_problem problem;
    must(ss_next_hop_open(&route, NULL, &hop, &problem) == SS_OK, "%s", problem.text);
    must(ss_privilege_drop(NULL) == SS_OK);
    must(ss_next_hop_find(hop, &ends, &problem) == SS_OK, "%s", problem.text);
}

static void expect_ends(const uint8_t near[6], const uint8_t far_one[6])
{
    must(memcmp(ends.own, near, 6) == 0 && memcmp(ends.next_hop, far_one, 6) == 0);
}

/* Whether a frame asks for a neighbour. */
static bool is_question(const uint8_t *frame, size_t length)
{
    uint16_t type = ss_bytes_get16(frame + 12);
    return (type == 0x0806 && length >= HEADER + 8 && frame[HEADER + 7] == 1) ||
           (type == 0x86dd && length > HEADER + 40 && frame[HEADER + 40] == 135);
}

/* The next frame by which the near host asks; 0 when none is there. */
static size_t question_at_far(uint8_t frame[FRAME_ROOM], int flags)
{
    for (;;) {
        ssize_t length = recv(far, frame, FRAME_ROOM, flags);
        if (length < HEADER)
            return 0;
        if (memcmp(frame + 6, near_card, 6) == 0 && is_question(frame, (size_t)length))
            return (size_t)length;
    }
}

/* --- looking up and asking ---------------------------------------------------------------------
 */

PRIVATE_TEST(test_next_hop_neighbour_is_asked_once)
{
    uint8_t frame[FRAME_ROOM];
    begin(versions[index]);
    find();
    expect_ends(near_card, far_card);
    must(memcmp(ss_next_hop_own(hop), near_card, 6) == 0);
    must(question_at_far(frame, MSG_DONTWAIT) > 0);
    must(ss_next_hop_find(hop, &ends, NULL) == SS_OK);
    must(question_at_far(frame, MSG_DONTWAIT) == 0, "it was asked again");
    ss_next_hop_close(hop);
}

/* The far kernel's entry is permanent and wrong on purpose: it must come from there. */
PRIVATE_TEST(test_next_hop_kernel_that_knows_is_believed)
{
    uint8_t frame[FRAME_ROOM];
    struct arpreq entry = {.arp_flags = ATF_PERM | ATF_COM, .arp_dev = "near0"};
    struct sockaddr_in *address = (struct sockaddr_in *)&entry.arp_pa;
    begin(4);
    address->sin_family = AF_INET;
    memcpy(&address->sin_addr, route.peer.octets, 4);
    entry.arp_ha.sa_family = ARPHRD_ETHER;
    memcpy(entry.arp_ha.sa_data, theirs, 6);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSARP, &entry) == 0);
    find();
    expect_ends(near_card, theirs);
    must(question_at_far(frame, MSG_DONTWAIT) == 0);
}

static void add_route_v4(const struct ss_address *to)
{
    struct rtentry entry = {.rt_flags = RTF_UP | RTF_GATEWAY | RTF_HOST};
    struct sockaddr_storage gateway = far_sockaddr(4, 1, 0), target = far_sockaddr(4, 1, 0);
    memcpy(&((struct sockaddr_in *)&target)->sin_addr, to->octets, 4);
    memcpy(&entry.rt_dst, &target, sizeof entry.rt_dst);
    memcpy(&entry.rt_gateway, &gateway, sizeof entry.rt_gateway);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCADDRT, &entry) == 0);
}

/* Valgrind takes the argument of this ioctl for the longer one of IPv4. */
static void add_route_v6(const struct ss_address *to)
{
    union {
        struct in6_rtmsg v6;
        struct rtentry v4;
    } entry;
    struct ss_address gateway = ss_hosts_address(1, 6);
    memset(&entry, 0, sizeof entry);
    entry.v6.rtmsg_dst_len = 128;
    entry.v6.rtmsg_metric = 1;
    entry.v6.rtmsg_flags = RTF_UP | RTF_GATEWAY | RTF_HOST;
    entry.v6.rtmsg_ifindex = (int)route.interface_index;
    memcpy(&entry.v6.rtmsg_dst, to->octets, 16);
    memcpy(&entry.v6.rtmsg_gateway, gateway.octets, 16);
    must(ioctl(socket(AF_INET6, SOCK_DGRAM, 0), SIOCADDRT, &entry) == 0);
}

/* The gateway is asked for its own address: nobody on the link has the target's. */
PRIVATE_TEST(test_next_hop_of_a_target_beyond_a_gateway_is_the_gateway)
{
    struct ss_address beyond = versions[index] == 4
                                   ? ss_address_v4((const uint8_t[]){198, 51, 100, 1})
                                   : ss_address_v6((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, 1});
    begin(versions[index]);
    if (versions[index] == 4)
        add_route_v4(&beyond);
    else
        add_route_v6(&beyond);
    must(ss_route_to(&beyond, NULL, NULL, &route, NULL) == SS_OK);
    find();
    expect_ends(near_card, far_card);
}

PRIVATE_TEST(test_next_hop_on_loopback_is_zero)
{
    static const uint8_t zeros[6] = {0};
    struct ss_address self = versions[index] == 4 ? ss_address_v4((const uint8_t[]){127, 0, 0, 1})
                                                  : ss_address_v6((const uint8_t[16]){[15] = 1});
    must(private_enter());
    must(ss_route_to(&self, NULL, NULL, &route, NULL) == SS_OK);
    find();
    expect_ends(zeros, zeros);
}

/* The kernel puts its own address for that of whom it may not ask; so do its own programs' frames.
 */
PRIVATE_TEST(test_next_hop_on_an_interface_without_arp_is_the_kernels)
{
    struct ifreq request = {.ifr_name = "near0", .ifr_flags = IFF_UP | IFF_NOARP};
    struct sockaddr_storage to = far_sockaddr(versions[index], 1, 9);
    uint8_t frame[FRAME_ROOM];
    begin(versions[index]);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &request) == 0);
    int sender = socket(far_family(versions[index]), SOCK_DGRAM, 0);
    must(sendto(sender, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1);
    do
        must(recv(far, frame, sizeof frame, 0) > HEADER);
    while (memcmp(frame + 6, near_card, 6) != 0 || (frame[0] & 1) != 0);
    find();
    expect_ends(near_card, frame);
}

/* Three questions, and then one line. */
PRIVATE_TEST(test_next_hop_that_nobody_has_is_told)
{
    struct ss_problem problem;
    uint8_t frame[FRAME_ROOM];
    size_t asked = 0;
    begin(4);
    route.peer.octets[3] = 77;
    must(ss_next_hop_open(&route, NULL, &hop, &problem) == SS_OK, "%s", problem.text);
    must(ss_next_hop_find(hop, &ends, &problem) == SS_TIMED_OUT);
    must(strstr(problem.text, "near0") && strstr(problem.text, "10.0.0.77"), "%s", problem.text);
    while (question_at_far(frame, MSG_DONTWAIT) > 0)
        asked++;
    must(asked == 3, "%zu", asked);
}

PRIVATE_TEST(test_next_hop_without_privilege_is_forbidden)
{
    struct ss_problem problem;
    begin(4);
    must(ss_privilege_drop(NULL) == SS_OK);
    must(ss_next_hop_open(&route, NULL, &hop, &problem) == SS_FORBIDDEN && !hop);
}

static volatile sig_atomic_t stopped = 1;

PRIVATE_TEST(test_next_hop_stops_when_it_is_told_to)
{
    struct ss_problem problem;
    begin(4);
    route.peer.octets[3] = 77;
    must(ss_next_hop_open(&route, &stopped, &hop, &problem) == SS_OK, "%s", problem.text);
    must(ss_next_hop_find(hop, &ends, &problem) == SS_INTERRUPTED);
}

/* --- what is asked -----------------------------------------------------------------------------
 */

/* Linux asks the same, in the same octets, when one of its own programs sends something. */
PRIVATE_TEST(test_next_hop_asks_as_linux_does)
{
    uint8_t ours[FRAME_ROOM], kernels[FRAME_ROOM];
    struct sockaddr_storage to = far_sockaddr(versions[index], 1, 9);
    begin(versions[index]);
    find();
    size_t length = question_at_far(ours, 0);
    int sender = socket(far_family(versions[index]), SOCK_DGRAM, 0);
    must(sendto(sender, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1);
    must(question_at_far(kernels, 0) == length && memcmp(ours, kernels, length) == 0);
}

/* --- what is believed --------------------------------------------------------------------------
 */

static struct ss_neighbour_question question_of(uint8_t version)
{
    struct ss_neighbour_question question = {.local = ss_hosts_address(0, version),
                                             .asked = ss_hosts_address(1, version)};
    memcpy(question.own, own, 6);
    return question;
}

static struct frame reply(void)
{
    struct frame frame = {.length = HEADER + ARP_BYTES};
    static const uint8_t octets[HEADER + ARP_BYTES] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0,  0, 0, 0x5a, 8, 6,           /* to us */
        0, 1, 8, 0, 6, 4, 0, 2, 2,  0, 0, 0,    0, 0x5a, 10, 0, /* a reply, its sender */
        0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1,
    };
    memcpy(frame.octets, octets, sizeof octets);
    return frame;
}

static void seal(struct frame *frame)
{
    uint8_t *ip = frame->octets + HEADER, *message = ip + 40;
    struct ss_address source = ss_address_v6(ip + 8), destination = ss_address_v6(ip + 24);
    ss_bytes_put16(message + 2, 0);
    ss_checksum_sum sum = ss_checksum_pseudo(&source, &destination, 58, 32);
    ss_bytes_put16(message + 2, ss_checksum_finish(ss_checksum_add(sum, message, 32)));
}

static struct frame advertisement(void)
{
    struct frame frame = {.length = ADVERTISED_BYTES};
    uint8_t *ip = frame.octets + HEADER, *message = ip + 40;
    memcpy(frame.octets, own, 6);
    memcpy(frame.octets + 6, theirs, 6);
    ss_bytes_put16(frame.octets + 12, 0x86dd);
    ip[0] = 0x60;
    ip[5] = 32;
    ip[6] = 58;
    ip[7] = 255;
    memcpy(ip + 8, ss_hosts_address(1, 6).octets, 16);
    memcpy(ip + 24, ss_hosts_address(0, 6).octets, 16);
    message[0] = 136;
    message[4] = 0x60; /* solicited, override */
    memcpy(message + 8, ss_hosts_address(1, 6).octets, 16);
    message[24] = 2;
    message[25] = 1;
    memcpy(message + 26, theirs, 6);
    seal(&frame);
    return frame;
}

static bool believes(uint8_t version, const struct frame *frame, size_t length)
{
    struct ss_neighbour_question question = question_of(version);
    uint8_t found[6] = {0};
    struct exact exact = exact_copy(frame->octets, length);
    bool answer = ss_neighbour_answer(&question, exact.octets, length, found);
    exact_free(exact);
    ck_assert(!answer || memcmp(found, theirs, 6) == 0);
    return answer;
}

START_TEST(test_next_hop_answer_is_believed_whole_and_not_truncated)
{
    struct frame frame = versions[_i] == 4 ? reply() : advertisement();
    ck_assert(believes(versions[_i], &frame, frame.length));
    for (size_t length = 0; length < frame.length; length++)
        ck_assert(!believes(versions[_i], &frame, length));
}
END_TEST

START_TEST(test_next_hop_answer_of_the_other_version_is_not_believed)
{
    struct frame frame = versions[_i] == 4 ? reply() : advertisement();
    ck_assert(!believes(versions[1 - _i], &frame, frame.length));
}
END_TEST

/* One octet of the frame that makes it none. */
struct wrong {
    size_t at;
    uint8_t octet;
};

static const struct wrong wrong_replies[] = {
    {12, 0x81},                        /* EtherType */
    {HEADER + 1, 6},                   /* hardware type */
    {HEADER + 3, 1},                   /* protocol type */
    {HEADER + 4, 8},                   /* lengths */
    {HEADER + 5, 16}, {HEADER + 7, 1}, /* a request */
    {HEADER + 17, 3},                  /* another's address */
    {HEADER + 8, 3},                   /* a group's Ethernet address */
};

START_TEST(test_next_hop_reply_that_is_none_is_not_believed)
{
    struct frame frame = reply();
    frame.octets[wrong_replies[_i].at] = wrong_replies[_i].octet;
    ck_assert(!believes(4, &frame, frame.length));
}
END_TEST

static const struct wrong wrong_advertisements[] = {
    {12, 0x81},         /* EtherType */
    {HEADER + 6, 17},   /* another protocol */
    {HEADER + 7, 254},  /* it came through a router */
    {HEADER + 40, 135}, /* a solicitation */
    {HEADER + 41, 1},   /* a code */
    {HEADER + 63, 3},   /* another's address */
    {HEADER + 64, 1},   /* the source's option */
    {HEADER + 65, 0},   /* an option of no length */
    {HEADER + 65, 2},   /* an option beyond the end */
    {HEADER + 66, 3},   /* a group's Ethernet address */
};

START_TEST(test_next_hop_advertisement_that_is_none_is_not_believed)
{
    struct frame frame = advertisement();
    frame.octets[wrong_advertisements[_i].at] = wrong_advertisements[_i].octet;
    seal(&frame);
    ck_assert(!believes(6, &frame, frame.length));
}
END_TEST

START_TEST(test_next_hop_advertisement_with_a_bad_checksum_is_not_believed)
{
    struct frame frame = advertisement();
    frame.octets[HEADER + 43] ^= 1;
    ck_assert(!believes(6, &frame, frame.length));
}
END_TEST

START_TEST(test_next_hop_advertisement_whose_length_lies_is_not_believed)
{
    static const uint16_t lengths[] = {0, 23, 33, 0xffff};
    struct frame frame = advertisement();
    ss_bytes_put16(frame.octets + HEADER + 4, lengths[_i]);
    ck_assert(!believes(6, &frame, frame.length));
}
END_TEST

static void add_answers(TCase *answers)
{
    enum {
        REPLIES = sizeof wrong_replies / sizeof wrong_replies[0],
        ADVERTISEMENTS = sizeof wrong_advertisements / sizeof wrong_advertisements[0],
    };
    tcase_add_loop_test(answers, test_next_hop_answer_is_believed_whole_and_not_truncated, 0, 2);
    tcase_add_loop_test(answers, test_next_hop_answer_of_the_other_version_is_not_believed, 0, 2);
    tcase_add_loop_test(answers, test_next_hop_reply_that_is_none_is_not_believed, 0, REPLIES);
    tcase_add_loop_test(answers, test_next_hop_advertisement_that_is_none_is_not_believed, 0,
                        ADVERTISEMENTS);
    tcase_add_test(answers, test_next_hop_advertisement_with_a_bad_checksum_is_not_believed);
    tcase_add_loop_test(answers, test_next_hop_advertisement_whose_length_lies_is_not_believed, 0,
                        4);
}

static Suite *next_hop_suite(void)
{
    Suite *suite = suite_create("next_hop");
    TCase *asking = tcase_create("asking"), *answers = tcase_create("answers");
    tcase_set_timeout(asking, 60);
    tcase_add_loop_test(asking, test_next_hop_neighbour_is_asked_once, 0, 2);
    tcase_add_test(asking, test_next_hop_kernel_that_knows_is_believed);
    tcase_add_loop_test(asking, test_next_hop_of_a_target_beyond_a_gateway_is_the_gateway, 0, 2);
    tcase_add_loop_test(asking, test_next_hop_on_loopback_is_zero, 0, 2);
    tcase_add_loop_test(asking, test_next_hop_on_an_interface_without_arp_is_the_kernels, 0, 2);
    tcase_add_test(asking, test_next_hop_that_nobody_has_is_told);
    tcase_add_test(asking, test_next_hop_without_privilege_is_forbidden);
    tcase_add_test(asking, test_next_hop_stops_when_it_is_told_to);
    tcase_add_loop_test(asking, test_next_hop_asks_as_linux_does, 0, 2);
    add_answers(answers);
    suite_add_tcase(suite, asking);
    suite_add_tcase(suite, answers);
    return suite;
}

int main(void)
{
    return private_main(next_hop_suite);
}
