/*
 * test_bytes: big-endian reading and writing, and a cursor that stays within its bounds.
 */
#include "check_main.h"
#include "exact.h"
#include "synstep/bytes.h"

/* The internet's order is most significant octet first (RFC 1700, "Data Notation"). */
static const uint8_t one_to_eight[] = {1, 2, 3, 4, 5, 6, 7, 8};

START_TEST(test_bytes_get_reads_most_significant_octet_first)
{
    ck_assert_uint_eq(ss_bytes_get16(one_to_eight), 0x0102);
    ck_assert_uint_eq(ss_bytes_get32(one_to_eight), 0x01020304);
    static const uint8_t high[] = {0xff, 0xfe, 0xfd, 0xfc};
    ck_assert_uint_eq(ss_bytes_get16(high), 0xfffe);
    ck_assert_uint_eq(ss_bytes_get32(high), 0xfffefdfc);
}
END_TEST

START_TEST(test_bytes_get_works_at_any_alignment)
{
    ck_assert_uint_eq(ss_bytes_get16(one_to_eight + 1), 0x0203);
    ck_assert_uint_eq(ss_bytes_get32(one_to_eight + 1), 0x02030405);
    ck_assert_uint_eq(ss_bytes_get32(one_to_eight + 3), 0x04050607);
}
END_TEST

START_TEST(test_bytes_put_writes_its_octets_and_no_others)
{
    uint8_t octets[8] = {0};
    ss_bytes_put16(octets + 1, 0xabcd);
    static const uint8_t after16[8] = {0, 0xab, 0xcd};
    ck_assert_mem_eq(octets, after16, 8);
    ss_bytes_put32(octets + 3, 0x89abcdef);
    static const uint8_t after32[8] = {0, 0xab, 0xcd, 0x89, 0xab, 0xcd, 0xef};
    ck_assert_mem_eq(octets, after32, 8);
}
END_TEST

START_TEST(test_bytes_cursor_takes_in_order)
{
    struct ss_cursor cursor = ss_cursor_over(one_to_eight, sizeof one_to_eight);
    ck_assert_uint_eq(ss_cursor_take8(&cursor), 1);
    ck_assert_uint_eq(ss_cursor_take16(&cursor), 0x0203);
    ck_assert_uint_eq(ss_cursor_take32(&cursor), 0x04050607);
    ck_assert_uint_eq(ss_cursor_left(&cursor), 1);
    ck_assert_ptr_eq(ss_cursor_take(&cursor, 1), one_to_eight + 7);
    ck_assert(!cursor.short_);
    ck_assert_uint_eq(ss_cursor_left(&cursor), 0);
}
END_TEST

/* Reads an octet, two and four out of `length`; whether the cursor says that they were there. */
static bool takes_seven(const uint8_t *octets, size_t length)
{
    struct ss_cursor cursor = ss_cursor_over(octets, length);
    uint8_t first = ss_cursor_take8(&cursor);
    uint16_t second = ss_cursor_take16(&cursor);
    uint32_t third = ss_cursor_take32(&cursor);
    ck_assert_uint_eq(first, length >= 1 ? 1 : 0);
    ck_assert_uint_eq(second, length >= 3 ? 0x0203 : 0);
    ck_assert_uint_eq(third, length >= 7 ? 0x04050607 : 0);
    return !cursor.short_;
}

START_TEST(test_bytes_cursor_cut_at_every_length_gives_zeros)
{
    for (size_t length = 0; length <= sizeof one_to_eight; length++) {
        struct exact copy = exact_copy(one_to_eight, length);
        ck_assert(takes_seven(copy.octets, length) == (length >= 7));
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_bytes_cursor_short_read_consumes_nothing_and_stays_known)
{
    struct ss_cursor cursor = ss_cursor_over(one_to_eight, 3);
    ck_assert_ptr_null(ss_cursor_take(&cursor, 4));
    ck_assert(cursor.short_);
    ck_assert_uint_eq(ss_cursor_left(&cursor), 3);
    ck_assert_uint_eq(ss_cursor_take16(&cursor), 0x0102);
    ck_assert(cursor.short_);
    ck_assert_ptr_null(ss_cursor_take(&cursor, SIZE_MAX));
}
END_TEST

START_TEST(test_bytes_cursor_over_nothing_is_empty)
{
    struct ss_cursor cursor = ss_cursor_over(NULL, 0);
    ck_assert_uint_eq(ss_cursor_left(&cursor), 0);
    ck_assert_uint_eq(ss_cursor_take8(&cursor), 0);
    ck_assert(cursor.short_);
}
END_TEST

static Suite *bytes_suite(void)
{
    Suite *suite = suite_create("bytes");
    TCase *order = tcase_create("order");
    tcase_add_test(order, test_bytes_get_reads_most_significant_octet_first);
    tcase_add_test(order, test_bytes_get_works_at_any_alignment);
    tcase_add_test(order, test_bytes_put_writes_its_octets_and_no_others);
    suite_add_tcase(suite, order);
    TCase *cursor = tcase_create("cursor");
    tcase_add_test(cursor, test_bytes_cursor_takes_in_order);
    tcase_add_test(cursor, test_bytes_cursor_cut_at_every_length_gives_zeros);
    tcase_add_test(cursor, test_bytes_cursor_short_read_consumes_nothing_and_stays_known);
    tcase_add_test(cursor, test_bytes_cursor_over_nothing_is_empty);
    suite_add_tcase(suite, cursor);
    return suite;
}

int main(void)
{
    return check_main(bytes_suite());
}
