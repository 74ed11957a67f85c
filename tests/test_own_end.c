/* test_own_end: SND.NXT and RCV.NXT of the crafted end, at every base where they may wrap. */
#include "../src/run/own_end.h"

#include "check_main.h"

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
enum { BASES = sizeof(bases) / sizeof(bases[0]) };

static struct ss_seq at(int base, uint32_t offset)
{
    return ss_seq_from(bases[base] + offset);
}

START_TEST(test_own_end_segments_in_turn_move_snd_nxt)
{
    struct own_end own = {0};
    own_end_sent(&own, true, at(_i, 0), 1);
    ck_assert(own.snd_known);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 1).value);
    own_end_sent(&own, false, at(_i, 1), 0);
    own_end_sent(&own, false, at(_i, 1), 5);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_sent(&own, false, at(_i, 6), 1); /* FIN */
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 7).value);
}
END_TEST

START_TEST(test_own_end_repeated_syn_moves_nothing_and_another_begins_anew)
{
    struct own_end own = {0};
    own_end_sent(&own, true, at(_i, 0), 1);
    own_end_sent(&own, false, at(_i, 1), 5);
    own_end_sent(&own, true, at(_i, 0), 1);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_sent(&own, true, at(_i, 1000), 1);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 1001).value);
    ck_assert_uint_eq(own.iss.value, at(_i, 1000).value);
}
END_TEST

START_TEST(test_own_end_repetition_and_what_is_odd_move_nothing)
{
    struct own_end own = {0};
    own_end_sent(&own, true, at(_i, 0), 1);
    own_end_sent(&own, false, at(_i, 1), 5);
    own_end_sent(&own, false, at(_i, 1), 5);
    own_end_sent(&own, false, at(_i, 70000), 3);
    own_end_sent(&own, false, at(_i, 0x80000010U), 3);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
}
END_TEST

START_TEST(test_own_end_what_was_sent_out_of_turn_counts_once_acknowledged)
{
    struct own_end own = {0};
    own_end_sent(&own, true, at(_i, 0), 1);
    own_end_sent(&own, false, at(_i, 6), 5);
    own_end_sent(&own, false, at(_i, 1), 5);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_acknowledged(&own, at(_i, 6));
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_acknowledged(&own, at(_i, 12)); /* never sent */
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_acknowledged(&own, at(_i, 11));
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 11).value);
    own_end_acknowledged(&own, at(_i, 1)); /* an old one */
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 11).value);
}
END_TEST

START_TEST(test_own_end_gap_holds_rcv_nxt_until_it_is_filled)
{
    struct own_end own = {0};
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 11), 5);
    own_end_received(&own, false, at(_i, 6), 5);
    own_end_received(&own, false, at(_i, 20), 1);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 1).value);
    own_end_received(&own, false, at(_i, 1), 7); /* overlaps the next */
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 16).value);
    own_end_received(&own, false, at(_i, 16), 4);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 21).value);
    ck_assert_uint_eq(own.run_count, 0);
}
END_TEST

START_TEST(test_own_end_more_than_fills_a_gap_does_not_go_back_to_its_end)
{
    struct own_end own = {0};
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 11), 5);
    own_end_received(&own, false, at(_i, 1), 30);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 31).value);
    ck_assert_uint_eq(own.run_count, 0);
}
END_TEST

START_TEST(test_own_end_what_came_ahead_of_an_old_connection_is_forgotten)
{
    struct own_end own = {0};
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 1011), 5);
    own_end_received(&own, true, at(_i, 1000), 1);
    own_end_received(&own, false, at(_i, 1001), 10);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 1011).value);
}
END_TEST

START_TEST(test_own_end_old_octets_and_repeated_syn_leave_rcv_nxt)
{
    struct own_end own = {0};
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 1), 5);
    own_end_received(&own, false, at(_i, 1), 5);
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 6), 0);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 6).value);
    own_end_received(&own, true, at(_i, 500), 1);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 501).value);
}
END_TEST

START_TEST(test_own_end_first_segment_without_syn_is_taken_as_it_comes)
{
    struct own_end own = {0};
    own_end_received(&own, false, at(_i, 9), 3);
    ck_assert(own.rcv_known);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 12).value);
    own_end_sent(&own, false, at(_i, 9), 3);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 12).value);
}
END_TEST

START_TEST(test_own_end_more_gaps_than_fit_lose_the_newest_only)
{
    struct own_end own = {0};
    own_end_received(&own, true, at(_i, 0), 1);
    for (uint32_t i = 0; i < OWN_END_RUNS_MAX + 5; i++)
        own_end_received(&own, false, at(_i, 10 + 10 * i), 5);
    ck_assert_uint_eq(own.run_count, OWN_END_RUNS_MAX);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 1).value);
    own_end_received(&own, false, at(_i, 1), 10);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 15).value);
}
END_TEST

START_TEST(test_own_end_number_set_before_the_syn_is_the_first_number)
{
    struct own_end own = {0};
    own_end_set_snd_nxt(&own, at(_i, 5));
    ck_assert(own.snd_known);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 5).value);
    ck_assert_uint_eq(own.iss.value, at(_i, 5).value);
    own_end_sent(&own, true, at(_i, 5), 1);
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 6).value);
    own_end_set_rcv_nxt(&own, at(_i, 5));
    ck_assert(own.rcv_known);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 5).value);
    own_end_received(&own, true, ss_seq_from(0), 1); /* anew, though its number is 0 */
    ck_assert_uint_eq(own.rcv_nxt.value, 1);
}
END_TEST

START_TEST(test_own_end_number_set_in_the_midst_keeps_the_first_one)
{
    struct own_end own = {0};
    own_end_sent(&own, true, at(_i, 0), 1);
    own_end_sent(&own, false, at(_i, 1), 50);
    own_end_set_snd_nxt(&own, at(_i, 30));
    ck_assert_uint_eq(own.iss.value, at(_i, 0).value);
    own_end_acknowledged(&own, at(_i, 51)); /* sent, but taken back */
    ck_assert_uint_eq(own.snd_nxt.value, at(_i, 30).value);
    own_end_received(&own, true, at(_i, 0), 1);
    own_end_received(&own, false, at(_i, 11), 5);
    own_end_set_rcv_nxt(&own, at(_i, 6));
    own_end_received(&own, false, at(_i, 6), 5); /* the gap is forgotten */
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 11).value);
    own_end_received(&own, true, at(_i, 0), 1);
    ck_assert_uint_eq(own.rcv_nxt.value, at(_i, 11).value);
}
END_TEST

static Suite *own_end_suite(void)
{
    Suite *suite = suite_create("own_end");
    TCase *tcase = tcase_create("numbers");
    tcase_add_loop_test(tcase, test_own_end_segments_in_turn_move_snd_nxt, 0, BASES);
    tcase_add_loop_test(tcase, test_own_end_repeated_syn_moves_nothing_and_another_begins_anew, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_repetition_and_what_is_odd_move_nothing, 0, BASES);
    tcase_add_loop_test(tcase, test_own_end_what_was_sent_out_of_turn_counts_once_acknowledged, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_gap_holds_rcv_nxt_until_it_is_filled, 0, BASES);
    tcase_add_loop_test(tcase, test_own_end_more_than_fills_a_gap_does_not_go_back_to_its_end, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_what_came_ahead_of_an_old_connection_is_forgotten, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_old_octets_and_repeated_syn_leave_rcv_nxt, 0, BASES);
    tcase_add_loop_test(tcase, test_own_end_first_segment_without_syn_is_taken_as_it_comes, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_more_gaps_than_fit_lose_the_newest_only, 0, BASES);
    tcase_add_loop_test(tcase, test_own_end_number_set_before_the_syn_is_the_first_number, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_own_end_number_set_in_the_midst_keeps_the_first_one, 0, BASES);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(own_end_suite());
}
