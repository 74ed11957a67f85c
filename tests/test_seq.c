/*
 * test_seq: order, distance, windows and the acceptability table at every base, and the notation.
 */
#include "check_main.h"
#include "synstep/seq.h"

#if defined(__SANITIZE_ADDRESS__)
enum { UNDER_SANITIZER = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { UNDER_SANITIZER = 1 };
#else
enum { UNDER_SANITIZER = 0 };
#endif
#else
enum { UNDER_SANITIZER = 0 };
#endif

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};

enum { BASES = sizeof bases / sizeof bases[0] };

static const int64_t HALF = INT64_C(1) << 31;

/* Plain order on numbers that never wrap; `forward` is how far the one lies before the other. */
static enum ss_seq_order model_order(int64_t forward)
{
    if (forward == HALF)
        return SS_SEQ_OPPOSITE;
    if (forward == 0)
        return SS_SEQ_EQUAL;
    return forward > 0 ? SS_SEQ_AFTER : SS_SEQ_BEFORE;
}

/* How many answers about `seq`, `forward` octets after `base`, differ from the model's. */
static unsigned wrong_answers(struct ss_seq base, struct ss_seq seq, int64_t forward)
{
    enum ss_seq_order order = model_order(forward);
    uint64_t round = forward < 0 ? (uint64_t)(forward + 2 * HALF) : (uint64_t)forward;
    bool before = order == SS_SEQ_BEFORE;
    bool after = order == SS_SEQ_AFTER;
    bool equal = order == SS_SEQ_EQUAL;
    return (unsigned)(ss_seq_compare(seq, base) != order) +
           (unsigned)(ss_seq_distance(base, seq) != round) +
           (unsigned)(ss_seq_before(seq, base) != before) +
           (unsigned)(ss_seq_after(seq, base) != after) +
           (unsigned)(ss_seq_equal(seq, base) != equal) +
           (unsigned)(ss_seq_at_or_before(seq, base) != (before || equal)) +
           (unsigned)(ss_seq_at_or_after(seq, base) != (after || equal));
}

/* The sum is done in 64 bits and cut to 32 by the machine: not by the module under test. */
static struct ss_seq model_seq(uint32_t base, int64_t forward)
{
    return ss_seq_from((uint32_t)((uint64_t)base + (uint64_t)forward));
}

/*
 * Wrong distances and orders among all of `first` to `last` octets forward, which stand in the
 * order `expected`. Sampled at a stride of no common factor with 2^32 under a sanitizer or
 * valgrind; else every single one.
 */
static uint64_t wrong_in_range(uint32_t base, uint64_t first, uint64_t last,
                               enum ss_seq_order expected)
{
    uint64_t step = UNDER_SANITIZER || check_is_slow() ? 20011 : 1;
    uint64_t wrong = 0;
    for (uint64_t forward = first; forward <= last; forward += step) {
        struct ss_seq seq = ss_seq_from((uint32_t)(base + forward));
        wrong += ss_seq_distance(ss_seq_from(base), seq) != forward;
        wrong += ss_seq_compare(seq, ss_seq_from(base)) != expected;
    }
    return wrong;
}

START_TEST(test_seq_all_distances_agree_with_64_bit_model)
{
    const uint64_t half = (uint64_t)HALF;
    ck_assert_uint_eq(wrong_in_range(bases[_i], 0, 0, SS_SEQ_EQUAL), 0);
    ck_assert_uint_eq(wrong_in_range(bases[_i], 1, half - 1, SS_SEQ_AFTER), 0);
    ck_assert_uint_eq(wrong_in_range(bases[_i], half, half, SS_SEQ_OPPOSITE), 0);
    ck_assert_uint_eq(wrong_in_range(bases[_i], half + 1, 2 * half - 1, SS_SEQ_BEFORE), 0);
}
END_TEST

START_TEST(test_seq_edge_distances_agree_with_64_bit_model)
{
    static const int64_t edges[] = {-2147483647, -2147483646, -65536, -2,         -1,        0, 1,
                                    2,           65535,       65536,  2147483646, 2147483647};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        ck_assert_uint_eq(
            wrong_answers(ss_seq_from(bases[_i]), model_seq(bases[_i], edges[i]), edges[i]), 0);
    ck_assert_uint_eq(wrong_answers(ss_seq_from(bases[_i]), model_seq(bases[_i], HALF), HALF), 0);
}
END_TEST

START_TEST(test_seq_opposite_is_seen_so_from_both_sides)
{
    struct ss_seq here = ss_seq_from(bases[_i]);
    struct ss_seq there = ss_seq_from(bases[_i] ^ 0x80000000U);
    ck_assert_int_eq(ss_seq_compare(here, there), SS_SEQ_OPPOSITE);
    ck_assert_int_eq(ss_seq_compare(there, here), SS_SEQ_OPPOSITE);
    ck_assert(!ss_seq_before(here, there) && !ss_seq_after(here, there));
}
END_TEST

START_TEST(test_seq_add_and_subtract_wrap)
{
    static const uint32_t counts[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct ss_seq base = ss_seq_from(bases[_i]);
        struct ss_seq sum = ss_seq_add(base, counts[i]);
        ck_assert_uint_eq(sum.value, ((uint64_t)bases[_i] + counts[i]) % (UINT64_C(1) << 32));
        ck_assert_uint_eq(ss_seq_subtract(sum, counts[i]).value, bases[_i]);
        ck_assert_uint_eq(ss_seq_distance(base, sum), counts[i]);
    }
}
END_TEST

START_TEST(test_seq_window_holds_its_size_and_no_more)
{
    static const uint32_t sizes[] = {0, 1, 2, 65535, 0x7fffffff, 0x80000000, 0xffffffff};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct ss_seq start = ss_seq_from(bases[_i]);
        uint32_t size = sizes[i];
        ck_assert(ss_seq_in_window(start, size, start) == (size > 0));
        ck_assert(ss_seq_in_window(start, size, model_seq(bases[_i], (int64_t)size - 1)) ==
                  (size > 0));
        ck_assert(!ss_seq_in_window(start, size, model_seq(bases[_i], size)));
        ck_assert(!ss_seq_in_window(start, size, model_seq(bases[_i], -1)));
    }
}
END_TEST

START_TEST(test_seq_between_includes_both_ends)
{
    struct ss_seq low = ss_seq_from(bases[_i]);
    static const uint32_t spans[] = {0, 1, 1000, 0x80000000, 0xfffffffe};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct ss_seq high = model_seq(bases[_i], spans[i]);
        ck_assert(ss_seq_between(low, low, high));
        ck_assert(ss_seq_between(low, high, high));
        ck_assert(!ss_seq_between(low, model_seq(bases[_i], -1), high));
        ck_assert(!ss_seq_between(low, model_seq(bases[_i], (int64_t)spans[i] + 1), high));
    }
}
END_TEST

START_TEST(test_seq_segment_length_counts_syn_and_fin)
{
    ck_assert_uint_eq(ss_seq_segment_length(0, false, false), 0);
    ck_assert_uint_eq(ss_seq_segment_length(0, true, false), 1);
    ck_assert_uint_eq(ss_seq_segment_length(5, false, true), 6);
    ck_assert_uint_eq(ss_seq_segment_length(5, true, true), 7);
}
END_TEST

/* One row: RCV.WND, where the segment begins relative to RCV.NXT, its length, the answer. */
struct acceptability {
    uint32_t rcv_wnd;
    int64_t begins;
    uint32_t segment_length;
    bool acceptable;
};

/* Worked by hand from table 6 of RFC 9293. */
static const struct acceptability table_6[] = {
    {0, 0, 0, true},     {0, 1, 0, false},      {0, -1, 0, false},    {0, 0, 1, false},
    {0, -1, 2, false},   {10, 0, 0, true},      {10, 9, 0, true},     {10, 10, 0, false},
    {10, -1, 0, false},  {10, 0, 1, true},      {10, 9, 1, true},     {10, 10, 1, false},
    {10, -1, 1, false},  {10, -1, 2, true},     {10, -5, 5, false},   {10, -5, 6, true},
    {10, 9, 1000, true}, {10, -5, 15, true},    {10, -5, 16, false},  {10, -1, 12, false},
    {1, 0, 1, true},     {0xffffffff, 0, 1, 1}, {65535, 65534, 1, 1}, {65535, 65535, 1, 0},
};

START_TEST(test_seq_acceptable_follows_table_6)
{
    for (size_t i = 0; i < sizeof table_6 / sizeof table_6[0]; i++) {
        const struct acceptability *row = &table_6[i];
        bool acceptable = ss_seq_acceptable(ss_seq_from(bases[_i]), row->rcv_wnd,
                                            model_seq(bases[_i], row->begins), row->segment_length);
        ck_assert_msg(acceptable == row->acceptable, "row %zu at base %u", i, bases[_i]);
    }
}
END_TEST

static void check_format(uint32_t base, int64_t forward, const char *expected)
{
    char text[SS_SEQ_TEXT_SIZE];
    ss_seq_format(text, model_seq(base, forward), expected[0], ss_seq_from(base));
    ck_assert_str_eq(text, expected);
}

START_TEST(test_seq_format_writes_as_the_textbook)
{
    check_format(bases[_i], 0, "J");
    check_format(bases[_i], 1, "J+1");
    check_format(bases[_i], 2147483647, "K+2147483647");
    check_format(bases[_i], -1, "M-1");
    check_format(bases[_i], -500, "J-500");
    check_format(bases[_i], -2147483647, "N-2147483647");
    check_format(bases[_i], HALF, "J-2147483648");
}
END_TEST

static Suite *seq_suite(void)
{
    Suite *suite = suite_create("seq");
    TCase *bases_case = tcase_create("bases");
    tcase_add_loop_test(bases_case, test_seq_edge_distances_agree_with_64_bit_model, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_opposite_is_seen_so_from_both_sides, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_add_and_subtract_wrap, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_window_holds_its_size_and_no_more, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_between_includes_both_ends, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_acceptable_follows_table_6, 0, BASES);
    tcase_add_loop_test(bases_case, test_seq_format_writes_as_the_textbook, 0, BASES);
    tcase_add_test(bases_case, test_seq_segment_length_counts_syn_and_fin);
    suite_add_tcase(suite, bases_case);
    TCase *exhaustive = tcase_create("exhaustive");
    tcase_set_timeout(exhaustive, 300);
    tcase_add_loop_test(exhaustive, test_seq_all_distances_agree_with_64_bit_model, 0, BASES);
    suite_add_tcase(suite, exhaustive);
    return suite;
}

int main(void)
{
    return check_main(seq_suite());
}
