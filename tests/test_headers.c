/*
 * test_headers: every field of every header, in order, none left out, whatever the octets.
 */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "synstep/headers.h"
#include "synstep/random.h"

/* The lines of a visit as text: "layer offset+length name=value (meaning)". */
struct visited {
    size_t count;
    char lines[80][256];
    struct ss_field_line fields[80];
};

static struct visited visited;

static void note(void *context, const struct ss_field_line *field)
{
    struct visited *all = context;
    ck_assert_uint_lt(all->count, 80);
    snprintf(all->lines[all->count], sizeof(all->lines[0]), "%s %zu+%zu %s=%s%s%s%s", field->layer,
             field->offset, field->length, field->name, field->value, field->meaning[0] ? " (" : "",
             field->meaning, field->meaning[0] ? ")" : "");
    all->fields[all->count++] = *field;
}

static void visit(const uint8_t *octets, size_t length)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    visited.count = 0;
    ss_headers_visit(&packet, note, &visited);
}

static void expect_lines(const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count && i < visited.count; i++)
        ck_assert_str_eq(visited.lines[i], lines[i]);
    ck_assert_uint_eq(visited.count, count);
}

#define EXPECT(...)                                                                                \
    do {                                                                                           \
        static const char *const lines[] = {__VA_ARGS__};                                          \
        expect_lines(lines, sizeof(lines) / sizeof(lines[0]));                                     \
    } while (0)

/*
 * A SYN as Linux lays out its options, its checksum zeroed. What tcpdump -vv (4.99.3) reads in it:
 * tos 0x10, ttl 64, id 1, flags [DF], length 60, 192.168.1.7.52044 > 192.168.1.1.80: Flags [S],
 * cksum 0x0000 (incorrect -> 0x9509), seq 305419896, win 64240,
 * options [mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7], length 0
 */
static const uint8_t linux_syn[] = {
    0x45, 0x10, 0x00, 0x3c, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0xb7, 0x52, 0xc0, 0xa8, 0x01,
    0x07, 0xc0, 0xa8, 0x01, 0x01, 0xcb, 0x4c, 0x00, 0x50, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
    0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04,
    0x02, 0x08, 0x0a, 0x00, 0x00, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x07,
};

START_TEST(test_headers_syn_shows_each_field_and_option)
{
    visit(linux_syn, sizeof(linux_syn));
    EXPECT("IPv4 0+1 Version=4", "IPv4 0+1 IHL=5 (20 octets)", "IPv4 1+1 DSCP=4",
           "IPv4 1+1 ECN=0 (not ECN-capable)", "IPv4 2+2 Total Length=60",
           "IPv4 4+2 Identification=1", "IPv4 6+1 Reserved Flag=0", "IPv4 6+1 Don't Fragment=1",
           "IPv4 6+1 More Fragments=0", "IPv4 6+2 Fragment Offset=0 (octet 0)",
           "IPv4 8+1 Time to Live=64", "IPv4 9+1 Protocol=6 (TCP)",
           "IPv4 10+2 Header Checksum=0xb752 (right)", "IPv4 12+4 Source Address=192.168.1.7",
           "IPv4 16+4 Destination Address=192.168.1.1", "TCP 20+2 Source Port=52044",
           "TCP 22+2 Destination Port=80", "TCP 24+4 Sequence Number=305419896",
           "TCP 28+4 Acknowledgment Number=0 (unused (no ACK))",
           "TCP 32+1 Data Offset=10 (40 octets)", "TCP 32+1 Reserved=0",
           "TCP 33+1 Control Bits=0x02 (SYN)", "TCP 34+2 Window=64240",
           "TCP 36+2 Checksum=0x0000 (WRONG: should be 0x9509)", "TCP 38+2 Urgent Pointer=0",
           "TCP option 40+4 Maximum Segment Size=1460",
           "TCP option 44+2 SACK Permitted=", "TCP option 46+6 Timestamp Value=100",
           "TCP option 52+4 Timestamp Echo Reply=0",
           "TCP option 56+1 No-Operation=", "TCP option 57+3 Window Scale=7 (window times 128)");
}
END_TEST

/* IPv4 with options: record route of one hop, no-operation (RFC 791 section 3.1). */
START_TEST(test_headers_ipv4_options_are_shown_raw)
{
    uint8_t octets[28] = {0x47, 0, 0, 28, [8] = 64, [9] = 17, [20] = 7, 7, 4, 10, 0, 0, 9, 1};
    visit(octets, sizeof(octets));
    ck_assert_uint_eq(visited.count, 17);
    ck_assert_str_eq(visited.lines[11], "IPv4 9+1 Protocol=17 (UDP)");
    ck_assert_str_eq(visited.lines[15], "IPv4 option 20+7 Record Route=07 07 04 0a 00 00 09");
    ck_assert_str_eq(visited.lines[16], "IPv4 option 27+1 No Operation=01");
}
END_TEST

START_TEST(test_headers_ipv4_option_past_the_end_is_named_wrong)
{
    uint8_t octets[24] = {0x46, 0, 0, 24, [8] = 64, [9] = 17, [20] = 68, 9, 4, 10};
    visit(octets, sizeof(octets));
    ck_assert_str_eq(visited.lines[15], "IPv4 option 20+4 Timestamp=44 09 04 0a (length WRONG)");
    octets[21] = 5;
    visit(octets, sizeof(octets));
    ck_assert_str_eq(visited.lines[15], "IPv4 option 20+4 Timestamp=44 05 04 0a (length WRONG)");
    octets[21] = 0;
    visit(octets, sizeof(octets));
    ck_assert_str_eq(visited.lines[15], "IPv4 option 20+4 Timestamp=44 00 04 0a (length WRONG)");
}
END_TEST

/* RFC 8200 section 4: an atomic fragment's header, whose second octet means nothing, then
 * destination options, then TCP. */
START_TEST(test_headers_ipv6_extensions_are_shown_field_by_field)
{
    uint8_t octets[76] = {0x6a, 0xb1, 0x23, 0x45, 0, 36, 44, 1};
    static const uint8_t extensions[] = {60, 1, 0, 0, 0, 0, 0, 9, 6, 0, 1, 4, 0, 0, 0, 0};
    memcpy(octets + 40, extensions, sizeof(extensions));
    octets[56 + 12] = 0x50;
    visit(octets, sizeof(octets));
    ck_assert_str_eq(visited.lines[0], "IPv6 0+1 Version=6");
    ck_assert_str_eq(visited.lines[1], "IPv6 0+2 Traffic Class=0xab (congestion experienced)");
    ck_assert_str_eq(visited.lines[2], "IPv6 1+3 Flow Label=0x12345");
    ck_assert_str_eq(visited.lines[3], "IPv6 4+2 Payload Length=36");
    ck_assert_str_eq(visited.lines[4], "IPv6 6+1 Next Header=44 (fragment header)");
    ck_assert_str_eq(visited.lines[5], "IPv6 7+1 Hop Limit=1");
    ck_assert_str_eq(visited.lines[6], "IPv6 8+16 Source Address=::");
    ck_assert_str_eq(visited.lines[7], "IPv6 24+16 Destination Address=::");
    ck_assert_str_eq(visited.lines[8], "fragment header 40+1 Next Header=60 (destination options)");
    ck_assert_str_eq(visited.lines[9], "fragment header 41+1 Reserved=1 (must be 0)");
    ck_assert_str_eq(visited.lines[13], "fragment header 44+4 Identification=0x00000009");
    ck_assert_str_eq(visited.lines[14], "destination options 48+1 Next Header=6 (TCP)");
    ck_assert_str_eq(visited.lines[15], "destination options 49+1 Hdr Ext Len=0 (8 octets)");
    ck_assert_str_eq(visited.lines[16], "destination options 50+6 PadN=01 04 00 00 00 00");
    ck_assert_str_eq(visited.lines[17], "TCP 56+2 Source Port=0");
}
END_TEST

/* A TCP header with `length` octets of options, otherwise zeros. */
static void visit_options(const uint8_t *options, size_t length)
{
    uint8_t octets[80] = {0x45, [8] = 64, [9] = 6};
    octets[3] = (uint8_t)(40 + length);
    octets[32] = (uint8_t)((5 + length / 4) << 4);
    memcpy(octets + 40, options, length);
    visit(octets, 40 + length);
}

START_TEST(test_headers_unknown_and_malformed_options_are_shown_raw)
{
    static const uint8_t unknown[] = {253, 6, 0xde, 0xad, 0xbe, 0xef, 2, 3, 9, 0, 0, 7};
    visit_options(unknown, sizeof(unknown));
    ck_assert_uint_eq(visited.count, 29);
    ck_assert_str_eq(visited.lines[25], "TCP option 40+6 Kind 253=fd 06 de ad be ef (unknown)");
    ck_assert_str_eq(visited.lines[26],
                     "TCP option 46+3 Maximum Segment Size=02 03 09 (length WRONG)");
    ck_assert_str_eq(visited.lines[27], "TCP option 49+1 End of Option List=");
    ck_assert_str_eq(visited.lines[28], "TCP option 50+2 Padding=00 07");
    static const uint8_t past[] = {1, 8, 10, 0};
    visit_options(past, sizeof(past));
    ck_assert_str_eq(visited.lines[26], "TCP option 41+3 Unreadable=08 0a 00 (length WRONG)");
}
END_TEST

START_TEST(test_headers_sack_blocks_and_fast_open_are_shown)
{
    static const uint8_t sack[] = {1, 1, 5, 10, 0xff, 0xff, 0xff, 0xff,
                                   0, 0, 0, 9,  34,   4,    0xab, 0xcd};
    visit_options(sack, sizeof(sack));
    ck_assert_str_eq(visited.lines[27], "TCP option 42+2 SACK=1 block");
    ck_assert_str_eq(visited.lines[28],
                     "TCP option 44+8 SACK Block=4294967295 to 9 (the second is not in it)");
    ck_assert_str_eq(visited.lines[29], "TCP option 52+4 Fast Open Cookie=22 04 ab cd");
}
END_TEST

START_TEST(test_headers_icmp_and_payload_are_shown)
{
    static const uint8_t octets[] = {0x45, 0, 0, 31, 0, 0, 0,    0,    64, 1, 0, 0, 10,  0,   0, 1,
                                     10,   0, 0, 2,  3, 3, 0x98, 0x8b, 0,  0, 0, 7, 'a', '"', 0};
    visit(octets, sizeof(octets));
    ck_assert_uint_eq(visited.count, 20);
    ck_assert_str_eq(visited.lines[15], "ICMP 20+1 Type=3 (unreachable)");
    ck_assert_str_eq(visited.lines[16], "ICMP 21+1 Code=3 (port unreachable)");
    ck_assert_str_eq(visited.lines[18], "ICMP 24+4 Rest of Header=0x00000007");
    ck_assert_str_eq(visited.lines[19], "payload 28+3 Payload=3 octets (\"a\\\"\\x00\")");
}
END_TEST

START_TEST(test_headers_frame_without_ip_shows_nothing)
{
    visit((const uint8_t *)"\x15garbage", 8);
    ck_assert_uint_eq(visited.count, 0);
    visit(NULL, 0);
    ck_assert_uint_eq(visited.count, 0);
}
END_TEST

/* Offsets never go back, and every octet that was read stands in some field. */
static void expect_cover(size_t end)
{
    size_t covered = 0, before = 0;
    for (size_t i = 0; i < visited.count; i++) {
        const struct ss_field_line *field = &visited.fields[i];
        ck_assert_uint_ge(field->offset, before);
        ck_assert_msg(field->offset <= covered, "octet %zu stands in no field", covered);
        before = field->offset;
        if (field->offset + field->length > covered)
            covered = field->offset + field->length;
    }
    ck_assert_uint_le(covered, end);
}

START_TEST(test_headers_every_truncated_length_stays_inside)
{
    for (size_t length = 0; length <= sizeof(linux_syn); length++) {
        uint8_t octets[sizeof(linux_syn)];
        memcpy(octets, linux_syn, length);
        octets[length > 3 ? 3 : 0] = length > 3 ? (uint8_t)length : octets[0];
        visit(octets, length);
        expect_cover(length);
    }
}
END_TEST

START_TEST(test_headers_any_octets_are_covered_in_order)
{
    struct ss_random random = ss_random_seeded(7);
    for (int i = 0; i < 2000; i++) {
        uint8_t octets[100];
        size_t length = ss_random_below(&random, sizeof(octets) + 1);
        for (size_t at = 0; at < length; at++)
            octets[at] = (uint8_t)ss_random_next32(&random);
        if (length > 6 && i % 4) {
            octets[0] = i % 2 ? 0x60 : (uint8_t)(0x45 + ss_random_below(&random, 4));
            octets[2] = octets[4] = 0;
            octets[6] = i % 2 ? 6 : 0;
        }
        if (length > 9 && i % 3)
            octets[9] = 6;
        visit(octets, length);
        expect_cover(length);
    }
}
END_TEST

static Suite *headers_suite(void)
{
    Suite *suite = suite_create("headers");
    TCase *fields = tcase_create("fields");
    tcase_add_test(fields, test_headers_syn_shows_each_field_and_option);
    tcase_add_test(fields, test_headers_ipv4_options_are_shown_raw);
    tcase_add_test(fields, test_headers_ipv4_option_past_the_end_is_named_wrong);
    tcase_add_test(fields, test_headers_ipv6_extensions_are_shown_field_by_field);
    tcase_add_test(fields, test_headers_unknown_and_malformed_options_are_shown_raw);
    tcase_add_test(fields, test_headers_sack_blocks_and_fast_open_are_shown);
    tcase_add_test(fields, test_headers_icmp_and_payload_are_shown);
    suite_add_tcase(suite, fields);
    TCase *any = tcase_create("any octets");
    tcase_add_test(any, test_headers_frame_without_ip_shows_nothing);
    tcase_add_test(any, test_headers_every_truncated_length_stays_inside);
    tcase_add_test(any, test_headers_any_octets_are_covered_in_order);
    suite_add_tcase(suite, any);
    return suite;
}

int main(void)
{
    return check_main(headers_suite());
}
