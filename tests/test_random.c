/*
 * test_random: the generator against published numbers, and draws without bias.
 */
#include "check_main.h"
#include "synstep/random.h"

/*
 * SplitMix64's outputs for the seed 1234567, as Rosetta Code's task "Pseudo-random
 * numbers/Splitmix64" demands them of every implementation: ours gives their upper halves.
 */
static const uint64_t published_1234567[] = {
    UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),  UINT64_C(9817491932198370423),
    UINT64_C(4593380528125082431), UINT64_C(16408922859458223821),
};

/* The same for the seed 0: what Java's SplittableRandom(0).nextLong() gives. */
static const uint64_t published_0[] = {
    UINT64_C(0xe220a8397b1dcdaf),
    UINT64_C(0x6e789e6aa1b965f4),
    UINT64_C(0x06c45d188009454f),
    UINT64_C(0xf88bb8a8724c81ec),
};

static void check_stream(uint64_t seed, const uint64_t *published, size_t count)
{
    struct ss_random random = ss_random_seeded(seed);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(ss_random_next32(&random), published[i] >> 32);
}

START_TEST(test_random_next_gives_the_published_numbers)
{
    check_stream(1234567, published_1234567, 5);
    check_stream(0, published_0, 4);
}
END_TEST

START_TEST(test_random_streams_do_not_share_state)
{
    struct ss_random one = ss_random_seeded(0);
    struct ss_random other = ss_random_seeded(1234567);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(ss_random_next32(&one), published_0[i] >> 32);
        ck_assert_uint_eq(ss_random_next32(&other), published_1234567[i] >> 32);
    }
}
END_TEST

START_TEST(test_random_below_stays_below_and_reaches_every_number)
{
    struct ss_random random = ss_random_seeded(7);
    int draws = check_is_slow() ? 1000 : 2000; /* one of 64 is missed once in 10^5 times */
    for (uint32_t bound = 1; bound <= 64; bound++) {
        uint64_t reached = 0;
        for (int i = 0; i < draws; i++) {
            uint32_t number = ss_random_below(&random, bound);
            ck_assert_uint_lt(number, bound);
            reached |= UINT64_C(1) << number;
        }
        ck_assert_uint_eq(reached, bound == 64 ? UINT64_MAX : (UINT64_C(1) << bound) - 1);
    }
}
END_TEST

START_TEST(test_random_below_largest_bound_stays_below)
{
    struct ss_random random = ss_random_seeded(9);
    int rounds = check_is_slow() ? 2000 : 100000;
    for (int i = 0; i < rounds; i++)
        ck_assert_uint_lt(ss_random_below(&random, UINT32_MAX), UINT32_MAX);
}
END_TEST

/*
 * With the bound 3 * 2^30, 2^32 numbers do not share out evenly: taking them modulo the bound, or
 * multiplying without drawing again, would give some residues half of all draws and not a third.
 */
START_TEST(test_random_below_has_no_bias)
{
    struct ss_random random = ss_random_seeded(11);
    uint32_t third = check_is_slow() ? 10000 : 100000;
    uint32_t allowed = check_is_slow() ? 653 : 2064;
    uint32_t thirds[3] = {0};
    uint32_t residues[3] = {0};
    for (uint32_t i = 0; i < 3 * third; i++) {
        uint32_t number = ss_random_below(&random, UINT32_C(3) << 30);
        thirds[number >> 30]++;
        residues[number % 3]++;
    }
    for (int i = 0; i < 3; i++) {
        /* Eight standard deviations; bias would be a quarter off. */
        ck_assert_uint_ge(thirds[i], third - allowed);
        ck_assert_uint_le(thirds[i], third + allowed);
        ck_assert_uint_ge(residues[i], third - allowed);
        ck_assert_uint_le(residues[i], third + allowed);
    }
}
END_TEST

static Suite *random_suite(void)
{
    Suite *suite = suite_create("random");
    TCase *numbers = tcase_create("numbers");
    tcase_add_test(numbers, test_random_next_gives_the_published_numbers);
    tcase_add_test(numbers, test_random_streams_do_not_share_state);
    tcase_add_test(numbers, test_random_below_stays_below_and_reaches_every_number);
    tcase_add_test(numbers, test_random_below_largest_bound_stays_below);
    tcase_add_test(numbers, test_random_below_has_no_bias);
    suite_add_tcase(suite, numbers);
    return suite;
}

int main(void)
{
    return check_main(random_suite());
}
