/* test_raw_rewrites: what raw(7) says that the kernel overwrites is found before it is sent. */
#include "check_main.h"

#include <string.h>

#include "synstep/raw.h"

/* RFC 791's example of a header: version 4, IHL 5, 21 octets, one of data; its checksum by hand. */
static const uint8_t good[21] = {0x45, 0,  0, 21, 0, 111, 0, 0, 123, 1, 0x2b,
                                 0x77, 10, 0, 0,  1, 10,  0, 0, 2,   0};

static struct ss_problem problem;

static enum ss_status check(size_t at, uint8_t value, size_t length)
{
    uint8_t octets[64] = {0};
    memcpy(octets, good, sizeof(good));
    octets[at] = value;
    return ss_raw_check(4, octets, length, &problem);
}

static void refused(size_t at, uint8_t value, const char *says)
{
    ck_assert_int_eq(check(at, value, sizeof(good)), SS_USAGE);
    ck_assert_msg(strstr(problem.text, says), "'%s' is not in: %s", says, problem.text);
}

START_TEST(test_raw_rewrites_a_right_header_passes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 20; i += 2)
        sum += (uint32_t)good[i] << 8 | good[i + 1];
    ck_assert_uint_eq((sum & 0xffff) + (sum >> 16), 0xffff);
    ck_assert_int_eq(check(0, 0x45, sizeof(good)), SS_OK);
}
END_TEST

START_TEST(test_raw_rewrites_length_checksum_id_and_source_are_named)
{
    refused(3, 22, "ip.length");
    refused(10, 0x32, "ip.checksum");
    refused(5, 0, "ip.id");
    refused(0, 0x46, "ip.ihl");
    uint8_t octets[21];
    memcpy(octets, good, sizeof(octets));
    memset(octets + 12, 0, 4);
    ck_assert_int_eq(ss_raw_check(4, octets, sizeof(octets), &problem), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "ip.src"));
}
END_TEST

/* raw_send_hdrinc() leaves a header that says to be shorter than 20 octets as it is. */
START_TEST(test_raw_rewrites_short_headers_are_left_alone_short_datagrams_refused)
{
    ck_assert_int_eq(check(0, 0x44, sizeof(good)), SS_OK);
    for (size_t length = 0; length < 20; length++)
        ck_assert_int_eq(ss_raw_check(4, good, length, &problem), SS_USAGE);
    uint8_t v6[40] = {0};
    ck_assert_int_eq(ss_raw_check(6, v6, 40, &problem), SS_OK);
    ck_assert_int_eq(ss_raw_check(6, v6, 39, &problem), SS_USAGE);
}
END_TEST

static Suite *raw_rewrites_suite(void)
{
    Suite *suite = suite_create("raw_rewrites");
    TCase *tcase = tcase_create("raw_rewrites");
    tcase_add_test(tcase, test_raw_rewrites_a_right_header_passes);
    tcase_add_test(tcase, test_raw_rewrites_length_checksum_id_and_source_are_named);
    tcase_add_test(tcase, test_raw_rewrites_short_headers_are_left_alone_short_datagrams_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(raw_rewrites_suite());
}
