/* test_series: what a value's text makes of the n-th packet, and what it refuses. */
#include "check_main.h"

#include <string.h>

#include "synstep/series.h"

static struct ss_series_names names;
static struct ss_problem problem;

static size_t field_of(enum ss_layer_kind kind, const char *name)
{
    size_t field = 0;
    ck_assert_msg(ss_layer_field_from_name(kind, name, &field), "%s", name);
    return field;
}

static struct ss_series made(enum ss_layer_kind kind, const char *name, const char *text)
{
    struct ss_series series = {0};
    enum ss_status status =
        ss_series_read(text, kind, field_of(kind, name), &names, &series, &problem);
    ck_assert_msg(status == SS_OK, "%s=%s: %s", name, text, problem.text);
    return series;
}

static uint32_t number(const struct ss_series *series, uint64_t value, uint64_t packet)
{
    struct ss_layer layer = ss_layer_new(series->layer);
    const struct ss_series_at at = {.value = value, .packet = packet, .seed = 7};
    ss_series_put(series, &at, &layer);
    ck_assert(ss_layer_is_set(&layer, series->field));
    return ss_layer_get(&layer, series->field);
}

/* The only value of a text. */
static uint32_t one(enum ss_layer_kind kind, const char *name, const char *text)
{
    struct ss_series series = made(kind, name, text);
    ck_assert_uint_eq(series.count, 1);
    uint32_t value = number(&series, 0, 0);
    ss_series_free(&series);
    return value;
}

static void refused(enum ss_layer_kind kind, const char *name, const char *text, const char *says)
{
    struct ss_series series = {0};
    enum ss_status status =
        ss_series_read(text, kind, field_of(kind, name), &names, &series, &problem);
    ck_assert_msg(status == SS_USAGE, "%s=%s is taken", name, text);
    ck_assert_msg(strstr(problem.text, says), "'%s' is not in: %s", says, problem.text);
    ck_assert_ptr_null(series.items);
}

static void anew(void)
{
    names = (struct ss_series_names){.random = ss_random_seeded(5)};
}

START_TEST(test_series_number_is_itself)
{
    ck_assert_uint_eq(one(SS_LAYER_TCP, "dport", "80"), 80);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "dport", "0xffff"), 65535);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "dport", "080"), 80);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "seq", "4294967295"), UINT32_MAX);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "seq", "-1"), UINT32_MAX);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "seq", "2*3+4-5"), 5);
    ck_assert_uint_eq(one(SS_LAYER_IP, "df", "1"), 1);
}
END_TEST

START_TEST(test_series_names_of_values_and_flags_are_numbers)
{
    ck_assert_uint_eq(one(SS_LAYER_ICMP, "type", "echo-reply"), 0);
    ck_assert_uint_eq(one(SS_LAYER_IP, "protocol", "udp"), 17);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "flags", "SYN+ACK"), 0x12);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "flags", "fin+Psh"), 9);
    ck_assert_int_eq(ss_series_let(&names, "F=18", &problem), SS_OK);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "flags", "F"), 0x12);
}
END_TEST

START_TEST(test_series_addresses_are_octets)
{
    struct ss_series series = made(SS_LAYER_ETHER, "dst", "02:00:00:00:0a:01");
    struct ss_layer layer = ss_layer_new(SS_LAYER_ETHER);
    uint8_t octets[6];
    ss_series_put(&series, &(struct ss_series_at){0}, &layer);
    ss_layer_get_octets(&layer, 0, octets);
    ck_assert_mem_eq(octets, "\x02\0\0\0\x0a\x01", 6);
    ss_series_free(&series);
    ck_assert_uint_eq(one(SS_LAYER_IP, "src", "10.0.0.1"), 0x0a000001);
    struct ss_series range = made(SS_LAYER_IP, "src", "10.0.0.254-10.0.1.1");
    ck_assert_uint_eq(range.count, 4);
    ck_assert_uint_eq(number(&range, 3, 0), 0x0a000101);
    ss_series_free(&range);
    struct ss_series counted = made(SS_LAYER_IP, "src", "255.255.255.254+i,10.0.0.1+256*i+1");
    ck_assert_uint_eq(counted.count, 2);
    ck_assert_uint_eq(number(&counted, 0, 1), UINT32_MAX);
    ck_assert_uint_eq(number(&counted, 0, 3), 1);
    ck_assert_uint_eq(number(&counted, 1, 2), 0x0a000202);
    ss_series_free(&counted);
}
END_TEST

START_TEST(test_series_lists_and_ranges_have_their_values_in_order)
{
    static const uint32_t expected[] = {1, 5, 6, 7, 1024, 1025, 9};
    struct ss_series series = made(SS_LAYER_TCP, "dport", "1,5-7,1024..1025,9");
    ck_assert_uint_eq(series.count, 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_uint_eq(number(&series, i, 99), expected[i]);
    ss_series_free(&series);
}
END_TEST

/* Of 32 bits, numbers go around: at the bases 0, 2^31-1, 2^31 and 2^32-1. */
START_TEST(test_series_counter_counts_packets_and_wraps)
{
    static const uint32_t bases[] = {0, INT32_MAX, 0x80000000, UINT32_MAX};
    static const char *const texts[] = {"1460*i", "2147483647+1460*i", "0x80000000+i*1460",
                                        "4294967295+1460*i"};
    for (size_t i = 0; i < 4; i++) {
        struct ss_series series = made(SS_LAYER_TCP, "seq", texts[i]);
        ck_assert_uint_eq(series.count, 1);
        for (uint32_t n = 0; n < 4; n++)
            ck_assert_uint_eq(number(&series, 0, n), bases[i] + 1460 * n);
        ss_series_free(&series);
    }
    struct ss_series around = made(SS_LAYER_TCP, "seq", "4294967294..1");
    ck_assert_uint_eq(around.count, 4);
    ck_assert_uint_eq(number(&around, 3, 0), 1);
    ss_series_free(&around);
    struct ss_series port = made(SS_LAYER_TCP, "sport", "65534+i");
    ck_assert_uint_eq(number(&port, 0, 3), 1);
    ss_series_free(&port);
}
END_TEST

START_TEST(test_series_capital_letter_is_one_number_for_all)
{
    uint32_t j = one(SS_LAYER_TCP, "seq", "J");
    ck_assert_uint_eq(one(SS_LAYER_TCP, "ack", "J+1"), j + 1);
    ck_assert_uint_ne(one(SS_LAYER_TCP, "seq", "K"), j);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "sport", "J"), j & 0xffff);
    ck_assert_int_eq(ss_series_let(&names, "n=3", &problem), SS_OK);
    ck_assert_int_eq(ss_series_let(&names, "m=n*2", &problem), SS_OK);
    ck_assert_uint_eq(one(SS_LAYER_TCP, "seq", "m+n"), 9);
}
END_TEST

START_TEST(test_series_random_is_the_same_for_a_packet_and_another_for_the_next)
{
    struct ss_series series = made(SS_LAYER_TCP, "seq", "random");
    ck_assert_uint_eq(number(&series, 0, 5), number(&series, 0, 5));
    ck_assert_uint_ne(number(&series, 0, 5), number(&series, 0, 6));
    ss_series_free(&series);
    struct ss_series bits = made(SS_LAYER_IP, "ecn", "random");
    for (uint64_t n = 0; n < 100; n++)
        ck_assert_uint_le(number(&bits, 0, n), 3);
    ss_series_free(&bits);
}
END_TEST

START_TEST(test_series_refuses_what_its_bits_cannot_hold)
{
    refused(SS_LAYER_TCP, "dport", "65536", "tcp dport has 16 bits: 0 to 65535, not 65536");
    refused(SS_LAYER_IP, "df", "2", "1 bit: 0 to 1");
    refused(SS_LAYER_IP, "ttl", "1-256", "0 to 255");
    refused(SS_LAYER_IP, "ttl", "-1", "0 to 255");
    refused(SS_LAYER_TCP, "seq", "4294967296", "too large");
    refused(SS_LAYER_TCP, "dport", "9-1", "backwards");
}
END_TEST

START_TEST(test_series_refuses_what_is_no_value)
{
    refused(SS_LAYER_TCP, "dport", "", "tcp dport takes");
    refused(SS_LAYER_TCP, "dport", "1,,2", "tcp dport takes");
    refused(SS_LAYER_TCP, "dport", "http", "'http' is not known");
    refused(SS_LAYER_TCP, "dport", "80x", "no number");
    refused(SS_LAYER_TCP, "dport", "80 ", "not understood");
    refused(SS_LAYER_TCP, "dport", "80+", "expected");
    refused(SS_LAYER_TCP, "seq", "i*i", "one side of *");
    refused(SS_LAYER_TCP, "seq", "1..i", "a range has no i");
    refused(SS_LAYER_IP, "src", "10.0.0", "an address such as 10.0.0.1");
    refused(SS_LAYER_IP, "src", "10.0.0.1+Q", "an address such as 10.0.0.1");
    refused(SS_LAYER_IP, "src", "10.0.0.1+", "expected");
    refused(SS_LAYER_TCP, "flags", "SYN+FOO", "'FOO' is no flag; there are FIN SYN");
    refused(SS_LAYER_TCP, "flags", "S", "'S' is no flag");
    refused(SS_LAYER_ICMP, "type", "ecko", "icmp type has no name 'ecko'; did you mean echo?");
    refused(SS_LAYER_ETHER, "type", "app", "did you mean arp?");
    refused(SS_LAYER_ARP, "op", "zzzzzzzz", "'zzzzzzzz' is not known");
    refused(SS_LAYER_IP6, "src", "10.0.0.1", "an address such as fd00::1");
    refused(SS_LAYER_ETHER, "src", "02:00", "02:00:00:00:00:01");
    ck_assert_int_eq(ss_series_let(&names, "i=5", &problem), SS_USAGE);
    ck_assert_int_eq(ss_series_let(&names, "J", &problem), SS_USAGE);
    ck_assert_int_eq(ss_series_let(&names, "J=i", &problem), SS_USAGE);
    ck_assert_int_eq(ss_series_let(&names, "J=5", &problem), SS_OK);
    ck_assert_int_eq(ss_series_let(&names, "J=5", &problem), SS_USAGE);
}
END_TEST

static Suite *series_suite(void)
{
    Suite *suite = suite_create("series");
    TCase *tcase = tcase_create("series");
    tcase_add_checked_fixture(tcase, anew, NULL);
    tcase_add_test(tcase, test_series_number_is_itself);
    tcase_add_test(tcase, test_series_names_of_values_and_flags_are_numbers);
    tcase_add_test(tcase, test_series_addresses_are_octets);
    tcase_add_test(tcase, test_series_lists_and_ranges_have_their_values_in_order);
    tcase_add_test(tcase, test_series_counter_counts_packets_and_wraps);
    tcase_add_test(tcase, test_series_capital_letter_is_one_number_for_all);
    tcase_add_test(tcase, test_series_random_is_the_same_for_a_packet_and_another_for_the_next);
    tcase_add_test(tcase, test_series_refuses_what_its_bits_cannot_hold);
    tcase_add_test(tcase, test_series_refuses_what_is_no_value);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(series_suite());
}
