/*
 * test_frame_filter: expressions over Linux's own frames behind every link header that is read, and
 * what is said of an expression that cannot be asked.
 */
#include "synstep/frame_filter.h"

#include "changed.h"
#include "exact.h"
#include "frames.h"

enum { ETHERNET = 1, IP = 14 };

/* What stands before an IPv4 datagram. */
static const struct {
    uint32_t linktype;
    size_t length;
    const char *octets;
} links[] = {
    {0, 4, "\x02\0\0\0"},
    {0, 4, "\0\0\0\x02"},
    {1, 14, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"},
    {9, 4, "\xff\x03\0\x21"},
    {9, 1, "\x21"},
    {12, 0, ""},
    {14, 0, ""},
    {50, 4, "\xff\x03\0\x21"},
    {50, 4, "\x0f\0\x08\0"},
    {51, 8, "\x11\0\0\x07\0\x3e\0\x21"},
    {101, 0, ""},
    {104, 4, "\x0f\0\x08\0"},
    {108, 4, "\0\0\0\x02"},
    {113, 16, "\0\0\0\x01\0\x06\x02\0\0\0\0\x01\0\0\x08\0"},
    {166, 4, "\x01\x03\0\x21"},
    {204, 5, "\x01\xff\x03\0\x21"},
    {228, 0, ""},
    {276, 20, "\x08\0\0\0\0\0\0\x01\0\x01\0\x06\x02\0\0\0\0\x01\0\0"},
};

enum { LINKS = sizeof(links) / sizeof(links[0]) };

static struct ss_frame_filter *opened(const char *expression)
{
    struct ss_frame_filter *filter = NULL;
    struct ss_problem problem = {0};
    ck_assert_msg(ss_frame_filter_open(expression, &filter, &problem) == SS_OK, "%s: %s",
                  expression, problem.text);
    return filter;
}

/* A frame of that link type around a datagram. */
static struct changed framed(size_t link, const uint8_t *datagram, size_t length)
{
    struct changed made = copy_of(datagram, length);
    insert(&made, 0, (const uint8_t *)links[link].octets, links[link].length);
    return made;
}

static enum ss_status judged(struct ss_frame_filter *filter, uint32_t linktype,
                             const struct changed *made, bool *wanted, struct ss_problem *problem)
{
    struct exact copy = exact_copy(made->octets, made->length);
    struct ss_capture_frame frame = {
        .linktype = linktype, .whole = copy.octets, .whole_length = made->length};
    struct ss_cursor cursor = ss_cursor_over(frame.whole, frame.whole_length);
    bool passed = ss_linktype_pass(linktype, &cursor, &frame.link) && !cursor.short_;
    frame.octets = cursor.at;
    frame.length = passed ? ss_cursor_left(&cursor) : 0;
    enum ss_status status = ss_frame_filter_judge(filter, &frame, wanted, problem);
    exact_free(copy);
    return status;
}

static bool wants(struct ss_frame_filter *filter, uint32_t linktype, const struct changed *made)
{
    struct ss_problem problem = {0};
    bool wanted = false;
    ck_assert_msg(judged(filter, linktype, made, &wanted, &problem) == SS_OK, "%s", problem.text);
    return wanted;
}

/* 10.0.0.1.40001 > 10.0.0.2.8888, SYN, 60 octets: the same behind every header. */
START_TEST(test_frame_filter_sees_ip_behind_every_link)
{
    static const struct {
        const char *expression;
        bool wanted;
    } rows[] = {
        {"tcp port 8888", true},
        {"src port 40001 and dst host 10.0.0.2", true},
        {"tcp[tcpflags] = tcp-syn", true},
        {"ip", true},
        {"", true},
        {"ip6 or udp", false},
        {"not tcp", false},
        {"port 80", false},
    };
    struct changed made = framed((size_t)_i, frame_v4_syn + IP, sizeof frame_v4_syn - IP);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ss_frame_filter *filter = opened(rows[i].expression);
        ck_assert_msg(wants(filter, links[_i].linktype, &made) == rows[i].wanted, "%s on %u",
                      rows[i].expression, links[_i].linktype);
        ss_frame_filter_close(filter);
    }
}
END_TEST

/* Cut anywhere it reaches no octet beyond (ASan and valgrind watch the copy), and what it can see
 * decides. */
START_TEST(test_frame_filter_cut_frames)
{
    struct ss_frame_filter *filter = opened("tcp dst port 8888");
    struct changed made = framed((size_t)_i, frame_v4_syn + IP, sizeof frame_v4_syn - IP);
    size_t needed = links[_i].length + 24, whole = made.length;
    for (made.length = 0; made.length <= whole; made.length++)
        ck_assert_int_eq(wants(filter, links[_i].linktype, &made), made.length >= needed);
    ss_frame_filter_close(filter);
}
END_TEST

/* The one that has no Ethernet header cannot be asked for one, and that is said once it is met. */
START_TEST(test_frame_filter_not_for_a_link_is_told)
{
    struct ss_frame_filter *filter = opened("ether src 2:0:0:0:0:1");
    struct changed made = framed((size_t)_i, frame_v4_syn + IP, sizeof frame_v4_syn - IP);
    struct ss_problem problem = {0};
    bool wanted = false;
    enum ss_status status = judged(filter, links[_i].linktype, &made, &wanted, &problem);
    if (links[_i].linktype == ETHERNET) {
        ck_assert(wanted);
    } else {
        ck_assert_int_eq(status, SS_UNREADABLE);
        ck_assert(!wanted);
        ck_assert_msg(strstr(problem.text, ss_linktype_name(links[_i].linktype)) &&
                          strstr(problem.text, "ether src"),
                      "%s", problem.text);
    }
    ss_frame_filter_close(filter);
}
END_TEST

/* Only Linux cooked frames know a direction: right for some is right. */
START_TEST(test_frame_filter_for_some_links_is_opened)
{
    struct ss_frame_filter *filter = opened("inbound and tcp");
    struct changed made = copy_of(frame_v4_syn, sizeof frame_v4_syn);
    struct ss_problem problem = {0};
    bool wanted = false;
    ck_assert_int_eq(judged(filter, ETHERNET, &made, &wanted, &problem), SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, "direction"), "%s", problem.text);
    made = framed(13, frame_v4_syn + IP, sizeof frame_v4_syn - IP);
    ck_assert_uint_eq(links[13].linktype, 113);
    ck_assert(wants(filter, 113, &made));
    made.octets[1] = 4; /* PACKET_OUTGOING */
    ck_assert(!wants(filter, 113, &made));
    ss_frame_filter_close(filter);
}
END_TEST

START_TEST(test_frame_filter_tags_are_seen_as_they_stand)
{
    static const uint8_t tag[] = {0x81, 0, 0, 7};
    struct changed made = copy_of(frame_v4_syn, sizeof frame_v4_syn);
    struct ss_frame_filter *plain = opened("tcp"), *tagged = opened("vlan 7 and tcp");
    ck_assert(wants(plain, ETHERNET, &made));
    ck_assert(!wants(tagged, ETHERNET, &made));
    insert(&made, 12, tag, sizeof tag);
    ck_assert(!wants(plain, ETHERNET, &made));
    ck_assert(wants(tagged, ETHERNET, &made));
    ss_frame_filter_close(plain);
    ss_frame_filter_close(tagged);
}
END_TEST

/* The length is the frame's on the wire, not what was kept of it. */
START_TEST(test_frame_filter_length_is_that_of_the_wire)
{
    struct ss_frame_filter *filter = opened("greater 1000");
    struct ss_capture_frame frame = {.linktype = ETHERNET,
                                     .whole = frame_v4_syn,
                                     .whole_length = sizeof frame_v4_syn,
                                     .octets = frame_v4_syn,
                                     .length = sizeof frame_v4_syn,
                                     .missing_bytes = 1000 - sizeof frame_v4_syn};
    bool wanted = false;
    ck_assert_int_eq(ss_frame_filter_judge(filter, &frame, &wanted, NULL), SS_OK);
    ck_assert(wanted);
    frame.missing_bytes--;
    ck_assert_int_eq(ss_frame_filter_judge(filter, &frame, &wanted, NULL), SS_OK);
    ck_assert(!wanted);
    ss_frame_filter_close(filter);
}
END_TEST

START_TEST(test_frame_filter_unread_link_is_not_wanted)
{
    struct ss_frame_filter *filter = opened("ether src 2:0:0:0:0:1");
    struct changed made = copy_of(frame_v4_syn, sizeof frame_v4_syn);
    ck_assert(wants(filter, ETHERNET, &made));
    ck_assert(!wants(filter, 147, &made));
    ss_frame_filter_close(filter);
}
END_TEST

START_TEST(test_frame_filter_that_cannot_be_read_is_told)
{
    static const char *const wrong[] = {
        "tcp port", "(", "port 70000", "tcp and or udp", "host 10.0.0.300.1.1", "ip[0"};
    struct ss_frame_filter *filter = NULL;
    struct ss_problem problem = {0};
    ck_assert_int_eq(ss_frame_filter_open(wrong[_i], &filter, &problem), SS_USAGE);
    ck_assert_ptr_null(filter);
    ck_assert_msg(strstr(problem.text, wrong[_i]) && strstr(problem.text, "cannot be read: "), "%s",
                  problem.text);
    ss_frame_filter_close(NULL);
}
END_TEST

static Suite *frame_filter_suite(void)
{
    Suite *suite = suite_create("frame_filter");
    TCase *tcase = tcase_create("frame_filter");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_frame_filter_sees_ip_behind_every_link, 0, LINKS);
    tcase_add_loop_test(tcase, test_frame_filter_cut_frames, 0, LINKS);
    tcase_add_loop_test(tcase, test_frame_filter_not_for_a_link_is_told, 0, LINKS);
    tcase_add_test(tcase, test_frame_filter_for_some_links_is_opened);
    tcase_add_test(tcase, test_frame_filter_tags_are_seen_as_they_stand);
    tcase_add_test(tcase, test_frame_filter_length_is_that_of_the_wire);
    tcase_add_test(tcase, test_frame_filter_unread_link_is_not_wanted);
    tcase_add_loop_test(tcase, test_frame_filter_that_cannot_be_read_is_told, 0, 5);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(frame_filter_suite());
}
