/*
 * test_isn: hosts whose ISNs can be foretold are told of, each way at each base; random ones and
 * those of RFC 6528 are not, and by chance each way is right as often as it is said to be.
 */
#include "synstep/isn.h"

#include "check_main.h"
#include "synstep/random.h"

enum { BASES = 4, SECOND_US = 1000000 };

static const uint32_t bases[BASES] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                      UINT32_C(0xffffffff)};

struct hosted {
    struct ss_isn_host host;
    struct ss_isn_found found;
    uint64_t time_us;
    uint32_t ends;
    uint32_t told_at; /* which one was told of; 0: none */
    uint32_t count;
};

static void choose(struct hosted *hosted, uint32_t isn, uint32_t ends)
{
    const struct ss_isn_choice choice = {hosted->time_us, ss_seq_from(isn), ends};
    hosted->count++;
    if (!ss_isn_take(&hosted->host, &choice, &hosted->found))
        return;
    ck_assert_uint_eq(hosted->told_at, 0); /* once */
    hosted->told_at = hosted->count;
}

/* Between two ends that were not seen before. */
static void choose_anew(struct hosted *hosted, uint32_t isn)
{
    choose(hosted, isn, ++hosted->ends);
}

START_TEST(test_isn_constant_is_told_of_once)
{
    struct hosted hosted = {.time_us = 5};
    for (int i = 0; i < 40; i++) {
        choose_anew(&hosted, bases[_i]);
        hosted.time_us += 1000;
    }
    ck_assert_uint_eq(hosted.told_at, SS_ISN_RUN + 1);
    ck_assert_int_eq(hosted.found.pattern, SS_ISN_CONSTANT);
    ck_assert_uint_eq(hosted.found.miss, 0);
    ck_assert_uint_eq(hosted.found.count, SS_ISN_RUN + 1);
}
END_TEST

/* 64,000 for each connection (4.3BSD), a step back, and one of half the numbers. */
START_TEST(test_isn_steps_are_told_of_however_long)
{
    const uint32_t steps[] = {64000, UINT32_C(0xffffff00), UINT32_C(0x80000000), 1};
    for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
        struct ss_random random = ss_random_seeded(s);
        struct hosted hosted = {.time_us = 0};
        for (uint32_t i = 0; i < 20; i++) {
            choose_anew(&hosted, bases[_i] + i * steps[s]);
            hosted.time_us += ss_random_below(&random, 100 * SECOND_US);
        }
        ck_assert_uint_ge(hosted.told_at, SS_ISN_RUN + 1);
        ck_assert_uint_le(hosted.told_at, SS_ISN_RUN + 2);
        ck_assert_int_eq(hosted.found.pattern, SS_ISN_STEP);
        ck_assert_uint_eq(hosted.found.step, steps[s]);
        ck_assert_uint_eq(hosted.found.miss, 0);
    }
}
END_TEST

START_TEST(test_isn_small_random_steps_are_told_of)
{
    struct ss_random random = ss_random_seeded(7);
    struct hosted hosted = {.time_us = 0};
    uint32_t isn = bases[_i], longest = 0;
    for (uint32_t i = 0; i < SS_ISN_RUN + 1; i++) {
        uint32_t step = i == 0 ? 0 : ss_random_below(&random, 1 << 24);
        longest = step > longest ? step : longest;
        choose_anew(&hosted, isn += step);
        hosted.time_us += ss_random_below(&random, 100 * SECOND_US);
    }
    ck_assert_uint_eq(hosted.told_at, SS_ISN_RUN + 1);
    ck_assert_uint_le(hosted.found.miss, longest);
}
END_TEST

/* A clock from which `jitter_us` at most pass until the SYN is seen; pauses up to `pause_us`. */
static struct hosted clocked(uint32_t base, uint32_t rate, uint32_t pause_us, uint32_t jitter_us)
{
    struct ss_random random = ss_random_seeded(rate);
    struct hosted hosted = {.time_us = 0};
    uint64_t now_us = UINT64_C(1700000000000000);
    for (int i = 0; i < 60; i++) {
        uint64_t went = now_us / SECOND_US * rate + now_us % SECOND_US * rate / SECOND_US;
        hosted.time_us = now_us + ss_random_below(&random, jitter_us);
        choose_anew(&hosted, base + (uint32_t)went);
        now_us += jitter_us + ss_random_below(&random, pause_us);
    }
    return hosted;
}

START_TEST(test_isn_clock_is_told_of_with_its_rate)
{
    const uint32_t rates[] = {250000, 1000000, 15625000, 128000};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        struct hosted hosted = clocked(bases[_i], rates[r], UINT32_C(4000000000), 200);
        ck_assert_uint_eq(hosted.told_at, SS_ISN_RUN + 1);
        ck_assert_int_eq(hosted.found.pattern, SS_ISN_CLOCK);
        ck_assert_uint_eq(hosted.found.per_second, rates[r]);
        ck_assert_uint_le(hosted.found.miss, 2 * 200 * (rates[r] / 10000) / 100 + 2);
    }
}
END_TEST

/* A rate that is none of the known ones. */
START_TEST(test_isn_clock_of_any_rate_is_told_of)
{
    struct hosted hosted = clocked(bases[_i], 3000000, 30 * SECOND_US, 1);
    ck_assert_uint_ne(hosted.told_at, 0);
    ck_assert_int_eq(hosted.found.pattern, SS_ISN_CLOCK);
    ck_assert_uint_ge(hosted.found.per_second, 2999990);
    ck_assert_uint_le(hosted.found.per_second, 3000010);
}
END_TEST

/* 128,000 a second and 64,000 more for each connection, of which some are not seen. */
START_TEST(test_isn_clock_that_also_steps_is_told_of)
{
    struct ss_random random = ss_random_seeded(3);
    struct hosted hosted = {.time_us = 0};
    uint32_t connections = 0;
    for (int i = 0; i < 20; i++) {
        connections += 1 + ss_random_below(&random, 20);
        choose_anew(&hosted,
                    bases[_i] + (uint32_t)(hosted.time_us * 128 / 1000) + connections * 64000);
        hosted.time_us += ss_random_below(&random, 1000 * SECOND_US);
    }
    ck_assert_uint_eq(hosted.told_at, SS_ISN_RUN + 1);
}
END_TEST

START_TEST(test_isn_of_a_few_connections_says_nothing)
{
    struct hosted hosted = {.time_us = 0};
    for (int i = 0; i < SS_ISN_RUN; i++)
        choose_anew(&hosted, bases[_i]);
    ck_assert_uint_eq(hosted.told_at, 0);
}
END_TEST

/* One that cannot be foretold between them begins the count anew. */
START_TEST(test_isn_run_has_to_be_without_a_break)
{
    struct hosted hosted = {.time_us = 0};
    for (uint32_t i = 0; i < 40; i++) /* no step of these is like another */
        choose_anew(&hosted, i % 6 == 5 ? bases[_i] + (i * i << 20) + 0x40000000 : bases[_i]);
    ck_assert_uint_eq(hosted.told_at, 0);
}
END_TEST

START_TEST(test_isn_that_is_sent_again_counts_once)
{
    struct hosted hosted = {.time_us = 0};
    for (int i = 0; i < 30; i++)
        choose(&hosted, bases[_i], 1);
    ck_assert_uint_eq(hosted.told_at, 0);
    ck_assert_uint_eq(hosted.host.count, 1);
}
END_TEST

/* --- what must not be told of -------------------------------------------------------------------
 */

START_TEST(test_isn_random_numbers_are_not_told_of)
{
    uint32_t right[SS_ISN_WAYS] = {0};
    const uint32_t seeds = check_is_slow() ? 40 : 400, connections = 1000;
    for (uint32_t seed = 0; seed < seeds; seed++) {
        struct ss_random random = ss_random_seeded(seed);
        struct hosted hosted = {.time_us = 0};
        for (uint32_t i = 0; i < connections; i++) {
            choose_anew(&hosted, ss_random_next32(&random));
            hosted.time_us += 1 + ss_random_below(&random, 10 * SECOND_US);
            for (int way = 0; way < SS_ISN_WAYS; way++)
                right[way] += hosted.host.run[way] > 0;
        }
        ck_assert_uint_eq(hosted.told_at, 0);
    }
    /* Once in 256: six standard deviations, and what the first two of each seed cannot be. */
    for (int way = 0; way < SS_ISN_WAYS; way++) {
        double tries = (double)seeds * connections, off = right[way] - tries / 256;
        ck_assert(off * off < 36 * tries / 256 + 2.0 * seeds);
    }
}
END_TEST

/* RFC 6528: M + F(ends), with ports that are used again in turn, faster or slower than M goes. */
START_TEST(test_isn_as_rfc_6528_has_it_is_not_told_of)
{
    const uint32_t step = check_is_slow() ? 7 : 1;
    for (uint32_t turns = 1; turns <= 40; turns += step)
        for (uint32_t seed = 0; seed < 20; seed += step) {
            struct ss_random random = ss_random_seeded(seed * 100 + turns);
            struct hosted hosted = {.time_us = 0};
            uint32_t secret[41];
            for (uint32_t i = 0; i < turns; i++)
                secret[i] = ss_random_next32(&random);
            for (uint32_t i = 0; i < 10 * turns + 100; i++) {
                uint32_t m = (uint32_t)(hosted.time_us / 4) + bases[_i];
                choose(&hosted, m + secret[i % turns], i % turns);
                hosted.time_us += seed % 2 ? 1000 : ss_random_below(&random, 10 * SECOND_US);
            }
            ck_assert_uint_eq(hosted.told_at, 0);
        }
}
END_TEST

/* A clock that goes back, and times at both ends of what they can be. */
START_TEST(test_isn_times_may_be_anything)
{
    const uint64_t times[] = {0, UINT64_MAX, 1, UINT64_MAX - 1, 0, UINT64_C(1) << 40, 5};
    struct hosted hosted = {.time_us = 0};
    for (size_t i = 0; i < 70; i++) {
        hosted.time_us = times[i % 7];
        choose_anew(&hosted, bases[_i] + (uint32_t)(i * i * 0x12345678));
    }
    ck_assert_uint_eq(hosted.told_at, 0);
    hosted.host.count = UINT32_MAX - 3;
    for (int i = 0; i < 20; i++)
        choose_anew(&hosted, bases[_i]);
    ck_assert_int_eq(hosted.found.pattern, SS_ISN_CONSTANT);
}
END_TEST

START_TEST(test_isn_patterns_have_names)
{
    ck_assert_str_eq(ss_isn_pattern_name(SS_ISN_CONSTANT), "constant");
    ck_assert_str_eq(ss_isn_pattern_name(SS_ISN_NEAR), "near");
    ck_assert_str_eq(ss_isn_pattern_name(SS_ISN_STEP), "step");
    ck_assert_str_eq(ss_isn_pattern_name(SS_ISN_CLOCK), "clock");
}
END_TEST

static void add_told(TCase *tcase)
{
    tcase_add_loop_test(tcase, test_isn_constant_is_told_of_once, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_steps_are_told_of_however_long, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_small_random_steps_are_told_of, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_clock_is_told_of_with_its_rate, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_clock_of_any_rate_is_told_of, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_clock_that_also_steps_is_told_of, 0, BASES);
}

static void add_untold(TCase *tcase)
{
    tcase_add_loop_test(tcase, test_isn_of_a_few_connections_says_nothing, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_run_has_to_be_without_a_break, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_that_is_sent_again_counts_once, 0, BASES);
    tcase_add_test(tcase, test_isn_random_numbers_are_not_told_of);
    tcase_add_loop_test(tcase, test_isn_as_rfc_6528_has_it_is_not_told_of, 0, BASES);
    tcase_add_loop_test(tcase, test_isn_times_may_be_anything, 0, BASES);
    tcase_add_test(tcase, test_isn_patterns_have_names);
}

static Suite *isn_suite(void)
{
    Suite *suite = suite_create("isn");
    TCase *tcase = tcase_create("told");
    add_told(tcase);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("untold");
    add_untold(tcase);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(isn_suite());
}
