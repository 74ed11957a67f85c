/* test_bounds_ip: whatever could lead a datagram past its target is refused outside private hosts,
 * however deep it lies; what only looks like it passes. */
#include "check_main.h"
#include "synstep/bounds.h"
#include "synstep/bytes.h"

#include <string.h>

enum { ROOM = 512, LATER = 0x2001, MORE = 0x2000, LAST = 0x0001 /* of IPv4's fragment word */ };

static struct ss_problem problem;
static uint8_t octets[ROOM];
static size_t length;

static const uint8_t own4[] = {192, 0, 2, 1}, target4[] = {192, 0, 2, 2}, other4[] = {192, 0, 2, 3};
static const uint8_t own6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
static const uint8_t target6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 2};
static const uint8_t other6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 3};

static void add(const void *bytes, size_t count)
{
    ck_assert_uint_le(length + count, ROOM);
    memcpy(octets + length, bytes, count);
    length += count;
}

/* An IPv4 header; the lengths in it count for nothing here. */
static void add_ipv4(uint8_t protocol, uint16_t fragment, const uint8_t *from, const uint8_t *to)
{
    uint8_t header[20] = {0x45, [8] = 64, [9] = protocol};
    ss_bytes_put16(header + 6, fragment);
    memcpy(header + 12, from, 4);
    memcpy(header + 16, to, 4);
    add(header, sizeof header);
}

static void add_ipv6(uint8_t next, const uint8_t *from, const uint8_t *to)
{
    uint8_t header[40] = {0x60, [6] = next, [7] = 64};
    memcpy(header + 8, from, 16);
    memcpy(header + 24, to, 16);
    add(header, sizeof header);
}

/* An extension header of 8 octets whose second to fourth are given. */
static void add_extension(uint8_t next, uint8_t second, uint8_t third, uint8_t fourth)
{
    const uint8_t header[8] = {next, second, third, fourth};
    add(header, sizeof header);
}

static void add_zeros(size_t count)
{
    static const uint8_t zeros[ROOM] = {0};
    add(zeros, count);
}

static enum ss_status judge(uint8_t version, enum ss_bounds_place place)
{
    const struct ss_bounds bounds = {
        .place = place,
        .source = version == 6 ? ss_address_v6(own6) : ss_address_v4(own4),
        .target = version == 6 ? ss_address_v6(target6) : ss_address_v4(target4),
        .count = 1,
    };
    problem.text[0] = '\0';
    return ss_bounds_datagram(&bounds, octets, length, &problem);
}

static void expect_refused(uint8_t version, const char *words)
{
    ck_assert_int_eq(judge(version, SS_BOUNDS_OUTSIDE), SS_USAGE);
    ck_assert_msg(strstr(problem.text, words), "'%s' is not in: %s", words, problem.text);
    ck_assert_int_eq(judge(version, SS_BOUNDS_LOOPBACK), SS_USAGE);
    ck_assert_int_eq(judge(version, SS_BOUNDS_PRIVATE), SS_OK);
    length = 0;
}

static void expect_passed(uint8_t version)
{
    ck_assert_msg(judge(version, SS_BOUNDS_OUTSIDE) == SS_OK, "%s", problem.text);
    length = 0;
}

/* --- source routes ------------------------------------------------------------------------------
 */

/* A header with options, in words of four octets. */
static void add_options(const uint8_t *options, size_t count)
{
    size_t at = length;
    add_ipv4(6, 0, own4, target4);
    octets[at] = (uint8_t)(0x45 + count / 4);
    add(options, count);
}

START_TEST(test_bounds_ip_source_route_is_refused_wherever_it_stands)
{
    static const uint8_t kinds[] = {131, 137};
    for (size_t i = 0; i < 2; i++) {
        const uint8_t first[] = {kinds[i], 7, 4, 192, 0, 2, 3, 0};
        const uint8_t behind_padding[] = {1, kinds[i], 7, 4, 192, 0, 2, 3};
        const uint8_t behind_another[] = {7, 3, 4, 1, kinds[i], 3, 4, 0};
        const uint8_t cut[] = {1, 1, 1, kinds[i]};
        add_options(first, 8);
        expect_refused(4, "source route");
        add_options(behind_padding, 8);
        expect_refused(4, "source route");
        add_options(behind_another, 8);
        expect_refused(4, "source route");
        add_options(cut, 4);
        expect_refused(4, "source route");
    }
}
END_TEST

/* The number within another option, or behind the last, is none. */
START_TEST(test_bounds_ip_other_options_pass)
{
    static const uint8_t within[] = {7, 7, 4, 131, 137, 131, 137, 0};
    static const uint8_t behind[] = {0, 131, 7, 4};
    static const uint8_t endless[] = {7, 0, 131, 7};
    static const uint8_t beyond[] = {7, 90, 131, 7};
    add_options(within, 8);
    expect_passed(4);
    add_options(behind, 4);
    expect_passed(4);
    add_options(endless, 4);
    expect_passed(4);
    add_options(beyond, 4);
    expect_passed(4);
}
END_TEST

/* --- tunnels ------------------------------------------------------------------------------------
 */

START_TEST(test_bounds_ip_tunnel_to_another_is_refused_at_any_depth)
{
    for (int depth = 1; depth <= 8; depth++) {
        for (int i = 0; i < depth; i++)
            add_ipv4(4, 0, own4, target4);
        add_ipv4(6, 0, own4, other4);
        expect_refused(4, "192.0.2.3 is not the target");
    }
    add_ipv6(41, own6, target6);
    add_ipv6(6, own6, other6);
    expect_refused(6, "2001:db8::3 is not the target");
    add_ipv6(60, own6, target6);
    add_extension(41, 0, 1, 4);
    add_ipv6(6, own6, other6);
    expect_refused(6, "2001:db8::3 is not the target");
}
END_TEST

/* No address of the one version is the target's of the other. */
START_TEST(test_bounds_ip_tunnel_of_the_other_version_is_refused)
{
    add_ipv4(41, 0, own4, target4);
    add_ipv6(6, own6, target6);
    expect_refused(4, "is not the target");
    add_ipv6(4, own6, target6);
    add_ipv4(6, 0, own4, target4);
    expect_refused(6, "is not the target");
}
END_TEST

START_TEST(test_bounds_ip_tunnel_to_the_target_itself_passes)
{
    add_ipv4(4, 0, own4, target4);
    add_ipv4(6, 0, own4, target4);
    expect_passed(4);
    add_ipv6(41, own6, target6);
    add_ipv6(6, own6, target6);
    expect_passed(6);
}
END_TEST

START_TEST(test_bounds_ip_tunnel_from_another_is_refused)
{
    add_ipv4(4, 0, own4, target4);
    add_ipv4(6, 0, other4, target4);
    expect_refused(4, "--spoof");
}
END_TEST

START_TEST(test_bounds_ip_tunnel_whose_inside_is_cut_off_is_refused)
{
    for (size_t inside = 0; inside < 20; inside++) {
        add_ipv4(4, 0, own4, target4);
        add_zeros(inside);
        expect_refused(4, "no whole IP header");
    }
}
END_TEST

START_TEST(test_bounds_ip_tunnel_in_fragments_is_refused)
{
    static const uint16_t fragments[] = {MORE, LATER, LAST};
    for (size_t i = 0; i < 3; i++) {
        add_ipv4(4, fragments[i], own4, target4);
        add_ipv4(6, 0, own4, target4);
        expect_refused(4, "in fragments");
    }
    add_ipv6(44, own6, target6);
    add_extension(41, 0, 0, 1);
    add_ipv6(6, own6, target6);
    expect_refused(6, "in fragments");
}
END_TEST

START_TEST(test_bounds_ip_tunnel_that_cannot_be_looked_into_is_refused)
{
    static const uint8_t dark[] = {47, 55, 94, 97, 98, 115, 137};
    for (size_t i = 0; i < sizeof dark; i++) {
        add_ipv4(dark[i], 0, own4, target4);
        add_zeros(40);
        expect_refused(4, "cannot be looked into");
        add_ipv6(0, own6, target6);
        add_extension(dark[i], 0, 1, 4);
        add_zeros(40);
        expect_refused(6, "cannot be looked into");
    }
}
END_TEST

/* RFC 4302: an authentication header counts four octets, and two more. */
START_TEST(test_bounds_ip_authentication_header_is_looked_behind)
{
    uint8_t authentication[24] = {4, 4};
    add_ipv4(51, 0, own4, target4);
    add(authentication, sizeof authentication);
    add_ipv4(6, 0, own4, other4);
    expect_refused(4, "is not the target");
    authentication[0] = 6;
    add_ipv4(51, 0, own4, target4);
    add(authentication, sizeof authentication);
    expect_passed(4);
}
END_TEST

/* --- routing headers and fragments of IPv6 ------------------------------------------------------
 */

START_TEST(test_bounds_ip_routing_header_is_refused_while_segments_are_left)
{
    for (int type = 0; type <= 4; type++) {
        add_ipv6(43, own6, target6);
        add_extension(6, 0, (uint8_t)type, 1);
        expect_refused(6, "routing header");
        add_ipv6(60, own6, target6);
        add_extension(0, 0, 1, 4);
        add_extension(43, 0, 1, 4);
        add_extension(6, 2, (uint8_t)type, 255);
        add_zeros(16);
        expect_refused(6, "routing header");
        add_ipv6(43, own6, target6);
        add_extension(6, 0, (uint8_t)type, 0);
        expect_passed(6);
    }
}
END_TEST

/* What the first fragment does not show, the second could. */
START_TEST(test_bounds_ip_first_fragment_must_hold_all_headers)
{
    add_ipv6(44, own6, target6);
    add_extension(60, 0, 0, 1);
    add_extension(43, 0, 1, 4);
    expect_refused(6, "within its headers");
    add_ipv6(44, own6, target6);
    add_extension(60, 0, 0, 1);
    add_extension(6, 1, 1, 4);
    expect_refused(6, "within its headers");
    add_ipv6(44, own6, target6);
    add_extension(60, 0, 0, 1);
    add_extension(6, 0, 1, 4);
    expect_passed(6);
    add_ipv6(44, own6, target6);
    add_extension(6, 0, 0, 1);
    expect_passed(6);
}
END_TEST

START_TEST(test_bounds_ip_routing_header_before_a_later_fragment_is_refused)
{
    add_ipv6(43, own6, target6);
    add_extension(44, 0, 0, 1);
    add_extension(6, 0, 0, 8);
    expect_refused(6, "routing header");
    add_ipv6(44, own6, target6);
    add_extension(6, 0, 0, 8);
    add_zeros(16);
    expect_passed(6);
}
END_TEST

/* Cut anywhere it is never let through on account of what is missing. */
START_TEST(test_bounds_ip_truncated_anywhere_never_reads_on)
{
    add_ipv6(0, own6, target6);
    add_extension(60, 0, 1, 4);
    add_extension(41, 1, 1, 4);
    add_zeros(8);
    add_ipv6(6, own6, other6);
    size_t whole = length, headers = 40 + 8 + 16;
    for (size_t cut = 0; cut <= whole; cut++) {
        uint8_t *exact = malloc(cut + 1);
        const struct ss_bounds bounds = {.place = SS_BOUNDS_OUTSIDE,
                                         .source = ss_address_v6(own6),
                                         .target = ss_address_v6(target6)};
        memcpy(exact + 1, octets, cut);
        enum ss_status status = ss_bounds_datagram(&bounds, exact + 1, cut, &problem);
        ck_assert_int_eq(status, cut >= 40 && cut < headers ? SS_OK : SS_USAGE);
        free(exact);
    }
    length = 0;
}
END_TEST

static Suite *bounds_ip_suite(void)
{
    Suite *suite = suite_create("bounds_ip");
    TCase *tcase = tcase_create("datagrams");
    tcase_add_test(tcase, test_bounds_ip_source_route_is_refused_wherever_it_stands);
    tcase_add_test(tcase, test_bounds_ip_other_options_pass);
    tcase_add_test(tcase, test_bounds_ip_tunnel_to_another_is_refused_at_any_depth);
    tcase_add_test(tcase, test_bounds_ip_tunnel_of_the_other_version_is_refused);
    tcase_add_test(tcase, test_bounds_ip_tunnel_to_the_target_itself_passes);
    tcase_add_test(tcase, test_bounds_ip_tunnel_from_another_is_refused);
    tcase_add_test(tcase, test_bounds_ip_tunnel_whose_inside_is_cut_off_is_refused);
    tcase_add_test(tcase, test_bounds_ip_tunnel_in_fragments_is_refused);
    tcase_add_test(tcase, test_bounds_ip_tunnel_that_cannot_be_looked_into_is_refused);
    tcase_add_test(tcase, test_bounds_ip_authentication_header_is_looked_behind);
    tcase_add_test(tcase, test_bounds_ip_routing_header_is_refused_while_segments_are_left);
    tcase_add_test(tcase, test_bounds_ip_first_fragment_must_hold_all_headers);
    tcase_add_test(tcase, test_bounds_ip_routing_header_before_a_later_fragment_is_refused);
    tcase_add_test(tcase, test_bounds_ip_truncated_anywhere_never_reads_on);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(bounds_ip_suite());
}
