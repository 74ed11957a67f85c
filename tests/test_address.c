/*
 * test_address: text against the C library's inet_ntop and RFC 5952's own examples; kinds.
 */
#include <arpa/inet.h>
#include <string.h>

#include "check_main.h"
#include "synstep/address.h"
#include "synstep/random.h"

static struct ss_address v6_from(const char *text)
{
    uint8_t octets[16];
    ck_assert_msg(inet_pton(AF_INET6, text, octets) == 1, "%s", text);
    return ss_address_v6(octets);
}

static struct ss_address v4_from(const char *text)
{
    uint8_t octets[4];
    ck_assert_msg(inet_pton(AF_INET, text, octets) == 1, "%s", text);
    return ss_address_v4(octets);
}

static void check_against_inet_ntop(const struct ss_address *address)
{
    char expected[INET6_ADDRSTRLEN];
    char text[SS_ADDRESS_TEXT_SIZE];
    int family = address->version == 4 ? AF_INET : AF_INET6;
    ck_assert_ptr_nonnull(inet_ntop(family, address->octets, expected, sizeof expected));
    ss_address_format(text, address);
    ck_assert_str_eq(text, expected);
}

/* As given, and as RFC 5952 wants it. */
struct rewriting {
    const char *given;
    const char *canonical;
};

/* Sections 2.1 to 2.3, 4.1 to 4.3 and 5, and the cases between them. */
static const struct rewriting rewritings[] = {
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"},
    {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"},
    {"2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"},
    {"2001:db8:0:0:0::1", "2001:db8::1"},
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
    {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
    {"0:0:1:0:0:1:0:0", "::1:0:0:1:0:0"},
    {"1:0:0:0:0:0:0:0", "1::"},
    {"0:0:0:0:0:0:0:0", "::"},
    {"0:0:0:0:0:0:0:1", "::1"},
    {"0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1"},
    {"1:1:1:1:1:1:1:0", "1:1:1:1:1:1:1:0"},
    {"1:1:1:1:1:1:0:0", "1:1:1:1:1:1::"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"::ffff:0:0", "::ffff:0.0.0.0"},
    {"::192.0.2.1", "::192.0.2.1"},
    {"::ffff:0:192.0.2.1", "::ffff:0:c000:201"},
    {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
    {"FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

START_TEST(test_address_format_is_canonical)
{
    for (size_t i = 0; i < sizeof rewritings / sizeof rewritings[0]; i++) {
        struct ss_address address = v6_from(rewritings[i].given);
        char text[SS_ADDRESS_TEXT_SIZE];
        ss_address_format(text, &address);
        ck_assert_str_eq(text, rewritings[i].canonical);
        check_against_inet_ntop(&address);
    }
}
END_TEST

START_TEST(test_address_format_every_pattern_of_zero_groups_equals_inet_ntop)
{
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        uint8_t octets[16] = {0};
        for (size_t group = 0; group < 8; group++)
            octets[2 * group + 1] = (pattern >> group & 1) != 0 ? 0xab : 0;
        struct ss_address address = ss_address_v6(octets);
        check_against_inet_ntop(&address);
        memset(octets + 10, 0xff, 2);
        address = ss_address_v6(octets);
        check_against_inet_ntop(&address);
    }
}
END_TEST

START_TEST(test_address_format_random_equals_inet_ntop)
{
    struct ss_random random = ss_random_seeded(3);
    int rounds = check_is_slow() ? 2000 : 100000;
    for (int i = 0; i < rounds; i++) {
        uint8_t octets[16];
        for (size_t j = 0; j < sizeof octets; j++) {
            uint32_t draw = ss_random_next32(&random);
            octets[j] = (draw & 0x300) == 0 ? (uint8_t)draw : 0; /* many zeros: many runs */
        }
        struct ss_address address = ss_address_v6(octets);
        check_against_inet_ntop(&address);
        address = ss_address_v4(octets);
        check_against_inet_ntop(&address);
    }
}
END_TEST

START_TEST(test_address_format_longest_texts_fit)
{
    struct ss_socket_address longest = {
        .address = v6_from("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), .port = 65535};
    char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(text, &longest);
    ck_assert_str_eq(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    longest.address = v6_from("::ffff:255.255.255.255");
    ss_socket_address_format(text, &longest);
    ck_assert_str_eq(text, "[::ffff:255.255.255.255]:65535");
}
END_TEST

START_TEST(test_address_format_with_port)
{
    struct ss_socket_address end = {.address = v4_from("10.0.0.1"), .port = 80};
    char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(text, &end);
    ck_assert_str_eq(text, "10.0.0.1:80");
    end.address = v6_from("fd00::1");
    end.port = 0;
    ss_socket_address_format(text, &end);
    ck_assert_str_eq(text, "[fd00::1]:0");
}
END_TEST

START_TEST(test_address_none_has_no_octets_and_a_name)
{
    struct ss_address none = {0};
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, &none);
    ck_assert_str_eq(text, "none");
    ck_assert_uint_eq(ss_address_length(&none), 0);
    ck_assert(!ss_address_is_loopback(&none));
    ck_assert(!ss_address_is_link_local(&none));
    struct ss_address other = {0};
    ck_assert(ss_address_equal(&none, &other));
}
END_TEST

START_TEST(test_address_equal_looks_at_version_and_every_octet)
{
    uint8_t octets[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct ss_address v4 = ss_address_v4(octets);
    struct ss_address v6 = ss_address_v6(octets);
    ck_assert_uint_eq(ss_address_length(&v4), 4);
    ck_assert_uint_eq(ss_address_length(&v6), 16);
    ck_assert(!ss_address_equal(&v4, &v6));
    for (size_t i = 0; i < 16; i++) {
        struct ss_address changed = v6;
        changed.octets[i] ^= 0x80;
        ck_assert(!ss_address_equal(&v6, &changed));
        changed = v4;
        changed.octets[i] ^= 1;
        /* Octets behind an IPv4 address are no part of it. */
        ck_assert(ss_address_equal(&v4, &changed) == (i >= 4));
    }
}
END_TEST

START_TEST(test_address_socket_equal_looks_at_the_port_too)
{
    struct ss_socket_address one = {.address = v4_from("192.0.2.1"), .port = 80};
    struct ss_socket_address other = one;
    ck_assert(ss_socket_address_equal(&one, &other));
    other.port = 81;
    ck_assert(!ss_socket_address_equal(&one, &other));
    other = one;
    other.address = v4_from("192.0.2.2");
    ck_assert(!ss_socket_address_equal(&one, &other));
}
END_TEST

struct kind {
    const char *text;
    bool loopback;
    bool link_local;
};

/* RFC 1122 section 3.2.1.3; RFC 4291 sections 2.5.3 and 2.5.6. */
static const struct kind kinds_v4[] = {
    {"127.0.0.1", true, false},        {"127.255.255.255", true, false},
    {"126.255.255.255", false, false}, {"128.0.0.0", false, false},
    {"169.254.0.1", false, false},
};
static const struct kind kinds_v6[] = {
    {"::1", true, false},      {"::", false, false},      {"::2", false, false},
    {"100::1", false, false},  {"fe80::1", false, true},  {"febf:ffff::1", false, true},
    {"fec0::1", false, false}, {"fe7f::1", false, false}, {"ff80::1", false, false},
};

static void check_kind(const struct ss_address *address, const struct kind *kind)
{
    ck_assert_msg(ss_address_is_loopback(address) == kind->loopback, "%s", kind->text);
    ck_assert_msg(ss_address_is_link_local(address) == kind->link_local, "%s", kind->text);
}

START_TEST(test_address_kinds_end_where_the_rfcs_say)
{
    for (size_t i = 0; i < sizeof kinds_v4 / sizeof kinds_v4[0]; i++) {
        struct ss_address address = v4_from(kinds_v4[i].text);
        check_kind(&address, &kinds_v4[i]);
    }
    for (size_t i = 0; i < sizeof kinds_v6 / sizeof kinds_v6[0]; i++) {
        struct ss_address address = v6_from(kinds_v6[i].text);
        check_kind(&address, &kinds_v6[i]);
    }
}
END_TEST

static Suite *address_suite(void)
{
    Suite *suite = suite_create("address");
    TCase *text = tcase_create("text");
    tcase_add_test(text, test_address_format_is_canonical);
    tcase_add_test(text, test_address_format_every_pattern_of_zero_groups_equals_inet_ntop);
    tcase_add_test(text, test_address_format_random_equals_inet_ntop);
    tcase_add_test(text, test_address_format_longest_texts_fit);
    tcase_add_test(text, test_address_format_with_port);
    suite_add_tcase(suite, text);
    TCase *values = tcase_create("values");
    tcase_add_test(values, test_address_none_has_no_octets_and_a_name);
    tcase_add_test(values, test_address_equal_looks_at_version_and_every_octet);
    tcase_add_test(values, test_address_socket_equal_looks_at_the_port_too);
    tcase_add_test(values, test_address_kinds_end_where_the_rfcs_say);
    suite_add_tcase(suite, values);
    return suite;
}

int main(void)
{
    return check_main(address_suite());
}
