/*
 * test_icmp: the header, which messages are errors, and each message in words.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/icmp.h"

START_TEST(test_icmp_decode_reads_linuxs_errors)
{
    struct ss_icmp_header header;
    ck_assert(ss_icmp_decode(frame_v4_unreachable + 34, 8, &header));
    ck_assert_uint_eq(header.type, 3);
    ck_assert_uint_eq(header.code, 1);
    ck_assert_str_eq(ss_icmp_text(4, header.type, header.code), "host unreachable");
    ck_assert(ss_icmp_decode(frame_v6_unreachable + 54, 8, &header));
    ck_assert_uint_eq(header.type, 1);
    ck_assert_uint_eq(header.code, 0);
    ck_assert_str_eq(ss_icmp_text(6, header.type, header.code), "no route to destination");
}
END_TEST

/* RFC 792's drawing of "fragmentation needed" with RFC 1191's next-hop MTU of 1492. */
static const uint8_t too_big[] = {3, 4, 0xab, 0xcd, 0, 0, 0x05, 0xd4};

START_TEST(test_icmp_decode_and_encode_agree_with_the_drawing)
{
    struct ss_icmp_header header;
    ck_assert(ss_icmp_decode(too_big, sizeof too_big, &header));
    ck_assert_uint_eq(header.checksum, 0xabcd);
    ck_assert_uint_eq(header.rest, 1492);
    uint8_t octets[SS_ICMP_HEADER_BYTES];
    ss_icmp_encode(&header, octets);
    ck_assert_mem_eq(octets, too_big, sizeof too_big);
}
END_TEST

START_TEST(test_icmp_decode_cut_leaves_the_header_untouched)
{
    for (size_t length = 0; length <= sizeof too_big; length++) {
        struct exact copy = exact_copy(too_big, length);
        struct ss_icmp_header header = {.rest = 4711};
        bool whole = ss_icmp_decode(copy.octets, length, &header);
        ck_assert(whole == (length == sizeof too_big));
        ck_assert_uint_eq(header.rest, whole ? 1492 : 4711);
        exact_free(copy);
    }
}
END_TEST

/* RFC 1122 section 3.2.2 lists them. */
START_TEST(test_icmp_errors_of_version_4)
{
    for (unsigned type = 0; type < 256; type++) {
        bool error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
        ck_assert(ss_icmp_is_error(4, (uint8_t)type) == error);
    }
}
END_TEST

/* RFC 4443 section 2.1: errors have a zero in the high-order bit. */
START_TEST(test_icmp_errors_of_version_6)
{
    for (unsigned type = 0; type < 256; type++)
        ck_assert(ss_icmp_is_error(6, (uint8_t)type) == (type < 128));
    ck_assert(!ss_icmp_is_error(0, 3));
}
END_TEST

struct words {
    uint8_t version;
    uint8_t type;
    uint8_t code;
    const char *text;
};

static const struct words words[] = {
    {4, 0, 0, "echo reply"},
    {4, 3, 0, "network unreachable"},
    {4, 3, 3, "port unreachable"},
    {4, 3, 4, "fragmentation needed"},
    {4, 3, 13, "communication administratively prohibited"},
    {4, 3, 200, "destination unreachable"},
    {4, 5, 1, "redirect"},
    {4, 8, 0, "echo request"},
    {4, 11, 0, "time to live exceeded"},
    {4, 11, 1, "fragment reassembly time exceeded"},
    {4, 12, 0, "parameter problem"},
    {4, 128, 0, "unknown ICMP message"},
    {6, 1, 1, "communication administratively prohibited"},
    {6, 1, 4, "port unreachable"},
    {6, 1, 99, "destination unreachable"},
    {6, 2, 0, "packet too big"},
    {6, 3, 0, "hop limit exceeded"},
    {6, 4, 1, "unrecognized next header"},
    {6, 128, 0, "echo request"},
    {6, 135, 0, "neighbor solicitation"},
    {6, 8, 0, "unknown ICMP message"},
};

START_TEST(test_icmp_text_says_what_the_rfcs_say)
{
    const struct words *row = &words[_i];
    ck_assert_str_eq(ss_icmp_text(row->version, row->type, row->code), row->text);
}
END_TEST

START_TEST(test_icmp_text_is_there_for_every_message)
{
    for (unsigned all = 0; all < 65536; all += check_is_slow() ? 17 : 1) {
        ck_assert_ptr_nonnull(ss_icmp_text(4, (uint8_t)(all >> 8), (uint8_t)all));
        ck_assert_ptr_nonnull(ss_icmp_text(6, (uint8_t)(all >> 8), (uint8_t)all));
    }
}
END_TEST

static Suite *icmp_suite(void)
{
    Suite *suite = suite_create("icmp");
    TCase *header = tcase_create("header");
    tcase_add_test(header, test_icmp_decode_reads_linuxs_errors);
    tcase_add_test(header, test_icmp_decode_and_encode_agree_with_the_drawing);
    tcase_add_test(header, test_icmp_decode_cut_leaves_the_header_untouched);
    suite_add_tcase(suite, header);
    TCase *meaning = tcase_create("meaning");
    tcase_add_test(meaning, test_icmp_errors_of_version_4);
    tcase_add_test(meaning, test_icmp_errors_of_version_6);
    tcase_add_loop_test(meaning, test_icmp_text_says_what_the_rfcs_say, 0,
                        sizeof words / sizeof words[0]);
    tcase_add_test(meaning, test_icmp_text_is_there_for_every_message);
    suite_add_tcase(suite, meaning);
    return suite;
}

int main(void)
{
    return check_main(icmp_suite());
}
