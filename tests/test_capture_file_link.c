/*
 * test_capture_file_link: what each link type puts before the IP header (pcap-linktype(7)) is
 * passed.
 */
#include "exact.h"
#include "made_capture.h"

/* --- link types (pcap-linktype(7)) --------------------------------------------------------------
 */

static const struct {
    uint32_t link;
    size_t length;
    uint8_t header[24];
    bool v6;
} links[] = {
    {101, 0, {0}, false},                                                  /* raw IP */
    {101, 0, {0}, true},                                                   /* raw IP */
    {12, 0, {0}, false},                                                   /* raw IP, of old */
    {228, 0, {0}, false},                                                  /* raw IPv4 */
    {229, 0, {0}, true},                                                   /* raw IPv6 */
    {0, 4, {2, 0, 0, 0}, false},                                           /* BSD loopback */
    {0, 4, {0, 0, 0, 2}, false},                                           /* the other order */
    {0, 4, {0, 0, 0, 10}, true},                                           /* Linux's AF_INET6 */
    {0, 4, {24, 0, 0, 0}, true},                                           /* NetBSD's */
    {0, 4, {28, 0, 0, 0}, true},                                           /* FreeBSD's */
    {0, 4, {30, 0, 0, 0}, true},                                           /* Darwin's */
    {108, 4, {0, 0, 0, 2}, false},                                         /* OpenBSD loopback */
    {113, 16, {0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, false},    /* Linux cooked */
    {113, 16, {0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 134, 221}, true}, /* 0x86dd */
    {113, 20, {[14] = 0x81, 0, 0, 7, 8, 0}, false},                        /* one VLAN tag */
    {113, 24, {[14] = 0x88, 0xa8, 0, 7, 0x81, 0, 0, 7, 8, 0}, false},      /* two of them */
    {276, 20, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}, false},                /* Linux cooked 2 */
    {276, 20, {134, 221, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}, true},
    {276, 24, {129, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, [22] = 8, 0}, false}, /* a tag behind it */
    {14, 0, {0}, true},                                                    /* raw IP, OpenBSD's */
    {9, 2, {0, 0x21}, false},                                              /* PPP */
    {9, 4, {0xff, 3, 0, 0x57}, true},                                      /* as in HDLC */
    {9, 1, {0x21}, false},                                                 /* RFC 1661 6.5 */
    {9, 3, {0xff, 3, 0x57}, true},
    {50, 4, {0xff, 3, 0, 0x21}, false},
    {50, 4, {0x0f, 0, 8, 0}, false}, /* Cisco's HDLC */
    {50, 4, {0x8f, 0, 134, 221}, true},
    {104, 4, {0x0f, 0, 8, 0}, false},
    {51, 8, {0x11, 0, 0, 1, 0, 62, 0, 0x21}, false}, /* RFC 2516 4 */
    {51, 7, {0x11, 0, 0, 1, 0, 61, 0x57}, true},
    {166, 4, {1, 3, 0, 0x21}, false},
    {204, 3, {1, 0, 0x57}, true},
    {204, 5, {0, 0xff, 3, 0, 0x21}, false},
    {113, 24, {[14] = 0x88, 0x64, 0x11, 0, 0, 1, 0, 62, 0, 0x21}, false}, /* PPPoE */
};

enum { LINKS = sizeof(links) / sizeof(links[0]) };

static void put_link_frame(struct made *made, int which)
{
    uint8_t octets[200];
    const uint8_t *frame = links[which].v6 ? frame_v6_syn : frame_v4_syn;
    size_t length =
        (links[which].v6 ? sizeof(frame_v6_syn) : sizeof(frame_v4_syn)) - ETHERNET_BYTES;
    memcpy(octets, links[which].header, links[which].length);
    memcpy(octets + links[which].length, frame + ETHERNET_BYTES, length);
    pcap_frame(made, octets, links[which].length + length);
}

START_TEST(test_capture_file_link_header_is_passed)
{
    struct made made = pcap_of(true, 0xa1b2c3d4, links[_i].link);
    put_link_frame(&made, _i);
    struct ss_capture_file *file = opened(&made);
    if (links[_i].v6)
        expect_frame(file, 1, frame_v6_syn + ETHERNET_BYTES, sizeof(frame_v6_syn) - ETHERNET_BYTES);
    else
        expect_frame(file, 1, frame_v4_syn + ETHERNET_BYTES, sizeof(frame_v4_syn) - ETHERNET_BYTES);
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_vlan_tag_of_ethernet_is_left_to_packet)
{
    struct made made = pcap_of(true, 0xa1b2c3d4, ETHERNET);
    uint8_t tagged[sizeof(frame_v4_syn) + 4];
    memcpy(tagged, frame_v4_syn, 12);
    memcpy(tagged + 12, (const uint8_t[]){0x81, 0, 0, 7}, 4);
    memcpy(tagged + 16, frame_v4_syn + 12, sizeof(frame_v4_syn) - 12);
    pcap_frame(&made, tagged, sizeof(tagged));
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, tagged, sizeof(tagged));
    expect_end(file);
}
END_TEST

/* At each length of each link's frames; never a read past what is there. */
START_TEST(test_capture_file_link_header_cut_anywhere_is_no_ip)
{
    for (size_t kept = 0; kept < links[_i].length; kept++) {
        struct exact copy = exact_copy(links[_i].header, kept);
        struct ss_cursor cursor = ss_cursor_over(copy.octets, kept);
        enum ss_link link;
        ck_assert(!ss_linktype_pass(links[_i].link, &cursor, &link) || cursor.short_);
        exact_free(copy);
        struct made made = pcap_of(true, 0xa1b2c3d4, links[_i].link);
        struct ss_capture_frame frame;
        pcap_frame(&made, links[_i].header, kept);
        struct ss_capture_file *file = opened(&made);
        ck_assert(ss_capture_file_next(file, &frame));
        ck_assert_uint_eq(frame.length, 0);
        expect_end(file);
    }
}
END_TEST

START_TEST(test_capture_file_other_protocol_is_no_ip)
{
    static const struct {
        uint32_t link;
        uint8_t header[20];
    } others[] = {
        {113, {[14] = 0x08, 0x06}}, /* ARP */
        {276, {0x08, 0x06}},
        {0, {7, 0, 0, 0}},
        {0, {2, 0, 1, 0}},
        {0, {2, 0, 0, 2}},
        {0, {0, 0, 0, 0}},
        {9, {0xc0, 0x21}},                     /* LCP */
        {51, {0x11, 9, 0, 0, 0, 20, 0, 0x21}}, /* PPPoE's discovery */
        {51, {0x12, 0, 0, 0, 0, 20, 0, 0x21}},
        {50, {0x0f, 0, 0x80, 0x35}}, /* Cisco's keepalive */
    };
    struct made made = pcap_of(true, 0xa1b2c3d4, others[_i].link);
    struct ss_capture_frame frame;
    struct ss_packet packet;
    uint8_t octets[60] = {0};
    memcpy(octets, others[_i].header, 20);
    pcap_frame(&made, octets, sizeof(octets));
    struct ss_capture_file *file = opened(&made);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.length, 0);
    ss_packet_decode(frame.link, frame.octets, frame.length, &packet);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_NONE);
    expect_end(file);
}
END_TEST

static Suite *capture_file_link_suite(void)
{
    Suite *suite = suite_create("capture_file_link");
    TCase *tests = tcase_create("capture_file_link");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, remove_file);
    tcase_add_loop_test(tests, test_capture_file_link_header_is_passed, 0, LINKS);
    tcase_add_test(tests, test_capture_file_vlan_tag_of_ethernet_is_left_to_packet);
    tcase_add_loop_test(tests, test_capture_file_link_header_cut_anywhere_is_no_ip, 0, LINKS);
    tcase_add_loop_test(tests, test_capture_file_other_protocol_is_no_ip, 0, 10);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(capture_file_link_suite());
}
