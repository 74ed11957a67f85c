/* test_player_harm: drop, duplicate and delay, of what leaves and of what comes. */
#include "player_support.h"

#include "synstep/impair.h"

/* Lets what is still on the wire come to its end. */
static void let_pass(struct stage *stage)
{
    struct ss_arrival arrival;
    uint64_t until_us = ss_wire_now_us(stage->wire) + 10 * LATENCY_US;
    while (ss_wire_receive(stage->wire, until_us, &arrival, NULL) == SS_OK)
        continue;
}

/* The n-th datagram that the far host heard has this number, and came at that time. */
static void expect_heard(const struct stage *stage, size_t n, uint64_t time_us, uint32_t seq)
{
    ck_assert_uint_le(n, stage->heard_count);
    ck_assert_uint_eq(stage->heard[n - 1].time_us, time_us);
    ck_assert_uint_eq(ss_bytes_get32(stage->heard[n - 1].octets + 24), stage->base + seq);
}

/* --- what leaves --------------------------------------------------------------------------------
 */

START_TEST(test_player_harm_dropped_segment_is_sent_all_the_same)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "drop >\n"
                                    "> SYN seq=J window=W\n"
                                    "> RST window=W-1\n"
                                    "wait 1ms\n");
    expect_played(stage, SS_OK,
                  "@0 held line=2\n"
                  "@0 > SYN seq=0 dropped unjudged\n"
                  "@0 > RST seq=1\n"
                  "@1000 held line=5\n");
    ck_assert_uint_eq(stage->heard_count, 1);
    expect_heard(stage, 1, 100, 1);
    ck_assert_uint_eq(ss_bytes_get16(stage->heard[0].octets + 4), FIRST_ID + 1);
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_duplicated_segment_leaves_twice)
{
    struct stage *stage =
        set_stage(4, bases[_i], "param J\nduplicate >\n> SYN seq=J\n> ACK\nwait 1ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@0 > SYN seq=0 duplicated\n@0 > ACK seq=1"));
    ck_assert_uint_eq(stage->heard_count, 3);
    expect_heard(stage, 1, 100, 0);
    expect_heard(stage, 2, 100, 0);
    expect_heard(stage, 3, 100, 1);
    ck_assert_uint_eq(end_of(stage)->segments, 2);
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_delayed_segment_is_overtaken)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "delay > 5ms\n"
                                    "> SYN seq=J\n"
                                    "> ACK\n"
                                    "wait 5ms\n"
                                    "> PSH,ACK \"x\"\n"
                                    "wait 1ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@0 > SYN seq=0 delayed\n"));
    ck_assert_uint_eq(stage->heard_count, 3);
    expect_heard(stage, 1, 100, 1);
    expect_heard(stage, 2, 5100, 0);
    expect_heard(stage, 3, 5100, 1);
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_in_a_row_falls_on_one_segment_each)
{
    struct stage *stage = set_stage(4, 0,
                                    "delay > 3ms\n"
                                    "delay > 1ms\n"
                                    "drop >\n"
                                    "duplicate >\n"
                                    "drop >\n"
                                    "> SYN seq=1\n"
                                    "> SYN seq=2\n"
                                    "> SYN seq=3\n"
                                    "> SYN seq=4\n"
                                    "> SYN seq=5\n"
                                    "> SYN seq=6\n"
                                    "wait 10ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(stage->heard_count, 5);
    expect_heard(stage, 1, 100, 4);
    expect_heard(stage, 2, 100, 4);
    expect_heard(stage, 3, 100, 6);
    expect_heard(stage, 4, 1100, 2);
    expect_heard(stage, 5, 3100, 1);
    strike(stage);
}
END_TEST

/* Whatever the order in which they were sent; of those due at once the first goes first. */
START_TEST(test_player_harm_delayed_segments_go_as_they_are_due)
{
    struct stage *stage = set_stage(4, 0,
                                    "delay > 2ms\n"
                                    "delay > 4ms\n"
                                    "delay > 3ms\n"
                                    "delay > 2ms\n"
                                    "delay > 1ms\n"
                                    "> SYN seq=1\n"
                                    "> SYN seq=2\n"
                                    "> SYN seq=3\n"
                                    "> SYN seq=4\n"
                                    "> SYN seq=5\n"
                                    "wait 10ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(stage->heard_count, 5);
    expect_heard(stage, 1, 1100, 5);
    expect_heard(stage, 2, 2100, 1);
    expect_heard(stage, 3, 2100, 4);
    expect_heard(stage, 4, 3100, 3);
    expect_heard(stage, 5, 4100, 2);
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_of_one_direction_leaves_the_other_alone)
{
    struct stage *stage = set_stage(4, 0, "drop <\n> SYN seq=1\nwait 1ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(stage->heard_count, 1);
    strike(stage);
    stage = set_stage(4, 0, "> SYN seq=1\ndrop >\n< SYN,ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    ck_assert_int_eq(play(stage), SS_OK);
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_is_ordered_for_16_at_most)
{
    for (int way = 0; way < 2; way++) {
        char text[512] = "";
        for (int i = 0; i < 16; i++)
            strcat(text, way ? "drop >\n" : "drop <\n");
        strcat(text, "> SYN seq=1\nwait 1ms\n");
        struct stage *stage = set_stage(4, 0, text);
        say_at(stage, 500, segment(stage, S | A, 500, 2));
        ck_assert_int_eq(play(stage), SS_OK);
        ck_assert_uint_eq(stage->heard_count, way ? 0 : 1);
        ck_assert_ptr_nonnull(strstr(tell_story(stage), " dropped"));
        strike(stage);
        memcpy(strstr(text, "> SYN seq=1"), way ? "drop >     " : "drop <     ", 11);
        stage = set_stage(4, 0, text);
        ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
        ck_assert_str_eq(stage->problem.text,
                         "test.step:17: harm is ordered already for the next 16 frames");
        strike(stage);
    }
}
END_TEST

/* Two that are due at different times both go, in that order; the clock goes on till then. */
START_TEST(test_player_harm_delayed_at_the_end_still_goes)
{
    struct stage *stage =
        set_stage(4, bases[_i], "param J\ndelay > 7ms\ndelay > 5ms\n> SYN seq=J\n> ACK\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 7000);
    let_pass(stage);
    ck_assert_uint_eq(stage->heard_count, 2);
    expect_heard(stage, 1, 5100, 1);
    expect_heard(stage, 2, 7100, 0);
    strike(stage);
}
END_TEST

/* A run that is broken off leaves it where it is; the RST, though, is not harmed. */
START_TEST(test_player_harm_ends_with_a_run_that_is_broken_off)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "delay > 50ms\n"
                                    "> ACK\n"
                                    "drop >\n"
                                    "< FIN,ACK within 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 1200);
    let_pass(stage);
    ck_assert_uint_eq(stage->heard_count, 2);
    expect_heard(stage, 2, 1300, 1);
    ck_assert_uint_eq(stage->heard[1].octets[33], R | A);
    strike(stage);
}
END_TEST

/* --- what comes ---------------------------------------------------------------------------------
 */

START_TEST(test_player_harm_dropped_arrival_never_came)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "drop <\n"
                                    "< SYN,ACK seq=K\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 400, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@0 held line=3\n"
                  "@200 < SYN,ACK seq=400 ack=1 dropped unjudged\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=4 n=3 checks=3\n"
                  "@200 > ACK seq=1 ack=501\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_duplicated_arrival_comes_twice)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "duplicate <\n"
                                    "< SYN,ACK seq=K\n"
                                    "< SYN,ACK seq=K\n"
                                    "< ACK\n"
                                    "<! ACK within 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 1, segment(stage, A, 501, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@0 held line=3\n"
                  "@200 < SYN,ACK seq=500 ack=1 duplicated\n"
                  "@200 < SYN,ACK seq=500 ack=1 duplicated\n"
                  "@200 held line=4 n=2 checks=3\n"
                  "@200 held line=5 n=3 checks=3\n"
                  "@200 < ACK seq=501 ack=1\n"
                  "@200 held line=6 n=4 checks=2\n"
                  "@1200 held line=7 checks=1\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_delayed_arrival_is_overtaken)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "delay < 5ms\n"
                                    "delay < 2ms\n"
                                    "< SYN,ACK seq=J+700\n"
                                    "< SYN,ACK seq=J+600\n"
                                    "< SYN,ACK seq=J+500 after 3ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 1, segment(stage, S | A, 600, 1));
    say_after(stage, 1, segment(stage, S | A, 700, 1));
    (void)play(stage);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "@200 < SYN,ACK seq=700 ack=1\n@200 held line=5 n=2"));
    ck_assert_ptr_nonnull(strstr(story, "@2200 < SYN,ACK seq=600 ack=1 delayed "));
    ck_assert_ptr_nonnull(strstr(story, "@2200 held line=6 n=3"));
    ck_assert_ptr_nonnull(strstr(story, "@5200 < SYN,ACK seq=500 ack=1 delayed "));
    ck_assert_ptr_nonnull(strstr(story, "@5200 held line=7 n=4"));
    strike(stage);
}
END_TEST

/* It is there at the very end of a time, as one that is not delayed would be. */
START_TEST(test_player_harm_delayed_arrival_is_there_when_it_is_due)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\ndelay < 4800us\n< SYN,ACK within 5ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=1\n"
                  "@0 held line=2\n"
                  "@5000 < SYN,ACK seq=500 ack=2 delayed\n"
                  "@5000 held line=3 n=2 checks=2\n");
    strike(stage);
    stage = set_stage(4, 0, "> SYN seq=1\ndelay < 4801us\n< SYN,ACK within 5ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    strike(stage);
}
END_TEST

/* What comes in the meantime does not let it wait longer, and a wait does not pass it by. */
START_TEST(test_player_harm_delayed_arrival_comes_in_the_midst_of_a_wait)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\ndelay < 2ms\nwait 10ms\n<* ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    say_at(stage, 1000, segment(stage, A, 501, 2));
    say_at(stage, 3000, segment(stage, A, 501, 2));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@1100 < ACK seq=501 ack=2\n"
                                                    "@2200 < SYN,ACK seq=500 ack=2 delayed\n"
                                                    "@3100 < ACK"));
    strike(stage);
}
END_TEST

START_TEST(test_player_harm_delayed_arrival_at_the_end_is_still_told)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\ndelay < 50ms\nwait 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=1\n"
                  "@0 held line=2\n"
                  "@1000 held line=3\n"
                  "@50200 < SYN,ACK seq=500 ack=2 delayed\n");
    strike(stage);
}
END_TEST

/* --- harm that the wire does --------------------------------------------------------------------
 */

static enum ss_status play_impaired(struct stage *stage, const char *harm)
{
    struct ss_impair_plan plan;
    struct ss_wire *outer = NULL;
    ck_assert_int_eq(ss_impair_parse(harm, &plan, NULL), SS_OK);
    ck_assert_int_eq(ss_impair_open(stage->wire, &plan, &outer, NULL), SS_OK);
    stage->wire = outer;
    return play(stage);
}

START_TEST(test_player_harm_by_the_wire_is_told)
{
    struct stage *stage = set_stage(4, 0,
                                    "> SYN seq=1\n"
                                    "> SYN seq=1\n"
                                    "> SYN seq=1\n"
                                    "< SYN,ACK seq=501\n"
                                    "< SYN,ACK seq=503\n"
                                    "< SYN,ACK seq=503\n");
    for (uint32_t i = 0; i < 4; i++)
        say_after(stage, 3, segment(stage, S | A, 500 + i, 2));
    (void)play_impaired(stage, "drop:1,dup:2,drop:4,corrupt:6,dup:7");
    ck_assert_ptr_nonnull(strstr(tell_story(stage),
                                 "@0 > SYN seq=1 dropped unjudged\n"
                                 "@0 > SYN seq=1 duplicated\n"
                                 "@0 > SYN seq=1\n"
                                 "@200 < SYN,ACK seq=500 ack=2 dropped unjudged\n"
                                 "@200 < SYN,ACK seq=501 ack=2\n"
                                 "@200 held line=4 n=5 checks=3\n"
                                 "@200 < SYN,ACK seq=502 ack=2 corrupted "
                                 "unjudged\n"
                                 "@200 < SYN,ACK seq=503 ack=2"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=5 n=7"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@200 < SYN,ACK seq=503 ack=2 duplicated"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=6 n=8"));
    strike(stage);
}
END_TEST

static Suite *player_harm_suite(void)
{
    Suite *suite = suite_create("player_harm");
    TCase *leaving = tcase_create("leaving");
    tcase_add_loop_test(leaving, test_player_harm_dropped_segment_is_sent_all_the_same, 0, BASES);
    tcase_add_loop_test(leaving, test_player_harm_duplicated_segment_leaves_twice, 0, BASES);
    tcase_add_loop_test(leaving, test_player_harm_delayed_segment_is_overtaken, 0, BASES);
    tcase_add_test(leaving, test_player_harm_in_a_row_falls_on_one_segment_each);
    tcase_add_test(leaving, test_player_harm_delayed_segments_go_as_they_are_due);
    tcase_add_test(leaving, test_player_harm_of_one_direction_leaves_the_other_alone);
    tcase_add_test(leaving, test_player_harm_is_ordered_for_16_at_most);
    tcase_add_loop_test(leaving, test_player_harm_delayed_at_the_end_still_goes, 0, BASES);
    tcase_add_loop_test(leaving, test_player_harm_ends_with_a_run_that_is_broken_off, 0, BASES);
    suite_add_tcase(suite, leaving);
    TCase *arriving = tcase_create("arriving");
    tcase_add_loop_test(arriving, test_player_harm_dropped_arrival_never_came, 0, BASES);
    tcase_add_loop_test(arriving, test_player_harm_duplicated_arrival_comes_twice, 0, BASES);
    tcase_add_loop_test(arriving, test_player_harm_delayed_arrival_is_overtaken, 0, BASES);
    tcase_add_test(arriving, test_player_harm_delayed_arrival_is_there_when_it_is_due);
    tcase_add_test(arriving, test_player_harm_delayed_arrival_comes_in_the_midst_of_a_wait);
    tcase_add_test(arriving, test_player_harm_delayed_arrival_at_the_end_is_still_told);
    tcase_add_test(arriving, test_player_harm_by_the_wire_is_told);
    suite_add_tcase(suite, arriving);
    return suite;
}

int main(void)
{
    return check_main(player_harm_suite());
}
