/*
 * test_checksum: the RFCs' worked examples, real packets, and a plain model at every alignment.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/checksum.h"
#include "synstep/random.h"

/* RFC 1071 section 3: the words 0001 f203 f4f5 f6f7 add up to ddf0 and two carries. */
static const uint8_t rfc_1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

START_TEST(test_checksum_rfc_1071_example)
{
    ss_checksum_sum sum = ss_checksum_add(0, rfc_1071, sizeof rfc_1071);
    ck_assert_uint_eq(ss_checksum_fold(sum), 0xddf2);
    ck_assert_uint_eq(ss_checksum_finish(sum), 0x220d);
}
END_TEST

/* The same section adds the same octets in two parts that begin at even offsets. */
START_TEST(test_checksum_rfc_1071_example_in_parts)
{
    for (size_t cut = 0; cut <= sizeof rfc_1071; cut += 2) {
        ss_checksum_sum sum = ss_checksum_add(0, rfc_1071, cut);
        sum = ss_checksum_add(sum, rfc_1071 + cut, sizeof rfc_1071 - cut);
        ck_assert_uint_eq(ss_checksum_fold(sum), 0xddf2);
    }
}
END_TEST

/*
 * RFC 1624 section 4: a field changes from 5555 to 3285 in a header whose other octets add up to
 * cd7a: the checksum goes from dd2f to 0000 (and not ffff, as RFC 1141 would have it).
 */
START_TEST(test_checksum_rfc_1624_example)
{
    static const uint8_t before[] = {0xcd, 0x7a, 0x55, 0x55};
    static const uint8_t after[] = {0xcd, 0x7a, 0x32, 0x85};
    ck_assert_uint_eq(ss_checksum_finish(ss_checksum_add(0, before, 4)), 0xdd2f);
    ck_assert_uint_eq(ss_checksum_finish(ss_checksum_add(0, after, 4)), 0x0000);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, after, 4)), 0xffff);
}
END_TEST

START_TEST(test_checksum_of_nothing_and_of_zeros_is_positive_zero)
{
    static const uint8_t zeros[64] = {0};
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, zeros, 0)), 0);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, zeros, sizeof zeros)), 0);
    ck_assert_uint_eq(ss_checksum_finish(0), 0xffff);
}
END_TEST

/* Octet by octet, as the RFC defines it. */
static uint16_t model_fold(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += i % 2 == 0 ? (uint32_t)octets[i] << 8 : octets[i];
        if (sum > 0xffff)
            sum -= 0xffff;
    }
    return (uint16_t)sum;
}

/* `model`, so far over `length` octets, with one more. */
static uint16_t model_add(uint16_t model, uint8_t octet, size_t length)
{
    uint32_t sum = model + (length % 2 == 0 ? (uint32_t)octet << 8 : octet);
    return (uint16_t)(sum > 0xffff ? sum - 0xffff : sum);
}

/* Random octets; every third with ones above, which make carries. */
START_TEST(test_checksum_every_alignment_and_length_equals_the_model)
{
    enum { ALIGNMENTS = 32, LENGTH_MAX = 2000 };
    static uint8_t octets[ALIGNMENTS + LENGTH_MAX];
    size_t step = check_is_slow() ? 7 : 1;
    struct ss_random random = ss_random_seeded(5);
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(ss_random_next32(&random) | (i % 3 == 0 ? 0xf0 : 0));
    for (size_t offset = 0; offset < ALIGNMENTS; offset += step) {
        uint16_t model = 0;
        for (size_t length = 0; length <= LENGTH_MAX; length++) {
            ss_checksum_sum sum = ss_checksum_add(0, octets + offset, length);
            ck_assert_msg(ss_checksum_fold(sum) == model, "%zu octets at %zu", length, offset);
            model = model_add(model, octets[offset + length % LENGTH_MAX], length);
        }
    }
}
END_TEST

/* What is lost in one chain of carries shows only with ones in all others' places, too. */
START_TEST(test_checksum_of_ones_at_every_length_equals_the_model)
{
    static uint8_t ones[2000];
    memset(ones, 0xff, sizeof ones);
    for (size_t length = 0; length <= sizeof ones; length++)
        ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, ones, length)), length == 0 ? 0
                                                                              : length % 2 == 0
                                                                                  ? 0xffff
                                                                                  : 0xff00);
}
END_TEST

START_TEST(test_checksum_reads_nothing_past_the_end)
{
    uint8_t octets[80];
    memset(octets, 0xff, sizeof octets);
    for (size_t length = 0; length <= sizeof octets; length++) {
        struct exact copy = exact_copy(octets, length);
        ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, copy.octets, length)),
                          model_fold(octets, length));
        exact_free(copy);
    }
}
END_TEST

/* All ones is where carries are lost: FFFF is its sum at any even length, with FF00 when odd. */
START_TEST(test_checksum_carries_are_kept_in_the_largest_datagram)
{
    static uint8_t octets[65535];
    memset(octets, 0xff, sizeof octets);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, octets, 65534)), 0xffff);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, octets, 65535)), 0xff00);
    ck_assert_uint_eq(
        ss_checksum_fold(ss_checksum_add(0x123456789abcdef0, octets, 65534)),
        model_fold((const uint8_t[]){0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}, 8));
}
END_TEST

START_TEST(test_checksum_fold_of_extreme_sums)
{
    ck_assert_uint_eq(ss_checksum_fold(0), 0);
    ck_assert_uint_eq(ss_checksum_fold(0xffff), 0xffff);
    ck_assert_uint_eq(ss_checksum_fold(0x10000), 1);
    ck_assert_uint_eq(ss_checksum_fold(0x1fffe), 0xffff);
    ck_assert_uint_eq(ss_checksum_fold(UINT64_MAX), 0xffff);
    ck_assert_uint_eq(ss_checksum_fold(UINT64_MAX - 1), 0xfffe);
    ck_assert_uint_eq(ss_checksum_fold(UINT64_C(0x00010000ffffffff)), 0x0001);
}
END_TEST

/* Linux's own headers and segments: including the field, everything adds up to FFFF. */
START_TEST(test_checksum_kernel_ipv4_packets_add_up)
{
    const uint8_t *ip = frame_v4_data + 14;
    struct ss_address source = ss_address_v4(ip + 12);
    struct ss_address destination = ss_address_v4(ip + 16);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(0, ip, 20)), 0xffff);
    size_t length = sizeof frame_v4_data - 34;
    ss_checksum_sum pseudo = ss_checksum_pseudo(&source, &destination, 6, (uint32_t)length);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(pseudo, ip + 20, length)), 0xffff);
}
END_TEST

START_TEST(test_checksum_kernel_ipv6_packets_add_up)
{
    const uint8_t *ip = frame_v6_data + 14;
    struct ss_address source = ss_address_v6(ip + 8);
    struct ss_address destination = ss_address_v6(ip + 24);
    size_t length = sizeof frame_v6_data - 54;
    ss_checksum_sum pseudo = ss_checksum_pseudo(&source, &destination, 6, (uint32_t)length);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_add(pseudo, ip + 40, length)), 0xffff);
}
END_TEST

/* tcpdump: "cksum 0xfe29 (incorrect -> 0xffb4)": what Linux left for the card to finish. */
START_TEST(test_checksum_folded_pseudo_header_is_what_linux_leaves_to_the_card)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    struct ss_address address = ss_address_v4(loopback);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_pseudo(&address, &address, 6, 33)), 0xfe29);
    static const uint8_t one[16] = {[15] = 1};
    address = ss_address_v6(one);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_pseudo(&address, &address, 6, 33)), 0x0029);
}
END_TEST

/* RFC 8200 section 8.1: the length is 32 bits wide. */
START_TEST(test_checksum_pseudo_counts_the_upper_half_of_the_length)
{
    static const uint8_t one[16] = {[15] = 1};
    struct ss_address address = ss_address_v6(one);
    ck_assert_uint_eq(ss_checksum_fold(ss_checksum_pseudo(&address, &address, 6, 0x00030005)),
                      1 + 1 + 6 + 3 + 5);
}
END_TEST

static Suite *checksum_suite(void)
{
    Suite *suite = suite_create("checksum");
    TCase *examples = tcase_create("examples");
    tcase_add_test(examples, test_checksum_rfc_1071_example);
    tcase_add_test(examples, test_checksum_rfc_1071_example_in_parts);
    tcase_add_test(examples, test_checksum_rfc_1624_example);
    tcase_add_test(examples, test_checksum_kernel_ipv4_packets_add_up);
    tcase_add_test(examples, test_checksum_kernel_ipv6_packets_add_up);
    tcase_add_test(examples, test_checksum_folded_pseudo_header_is_what_linux_leaves_to_the_card);
    suite_add_tcase(suite, examples);
    TCase *sums = tcase_create("sums");
    tcase_add_test(sums, test_checksum_of_nothing_and_of_zeros_is_positive_zero);
    tcase_add_test(sums, test_checksum_every_alignment_and_length_equals_the_model);
    tcase_add_test(sums, test_checksum_of_ones_at_every_length_equals_the_model);
    tcase_add_test(sums, test_checksum_reads_nothing_past_the_end);
    tcase_add_test(sums, test_checksum_carries_are_kept_in_the_largest_datagram);
    tcase_add_test(sums, test_checksum_fold_of_extreme_sums);
    tcase_add_test(sums, test_checksum_pseudo_counts_the_upper_half_of_the_length);
    suite_add_tcase(suite, sums);
    return suite;
}

int main(void)
{
    return check_main(checksum_suite());
}
