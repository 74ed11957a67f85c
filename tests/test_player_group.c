/* test_player_group: segments that may come or not (<?), and groups in any order ({ }). */
#include "player_support.h"

/* --- <? -----------------------------------------------------------------------------------------
 */

/* A server's answer to "hello": an ACK and the echo, or the echo alone. */
static struct stage *answered(uint32_t base, const char *rest)
{
    char text[512];
    snprintf(text, sizeof(text),
             "param J\n"
             "> SYN      seq=J\n"
             "< SYN,ACK  seq=K ack=J+1\n"
             "> PSH,ACK  \"hello\"\n"
             "<? ACK     seq=K+1 ack=J+6\n"
             "%s",
             rest);
    struct stage *stage = set_stage(4, base, text);
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    return stage;
}

static const char before_answer[] = "@0 > SYN seq=0\n"
                                    "@200 < SYN,ACK seq=500 ack=1\n"
                                    "@200 held line=3 n=2 checks=4\n"
                                    "@200 > PSH,ACK seq=1 ack=501 size=5\n";

static void expect_answered(struct stage *stage, enum ss_status status, const char *story)
{
    char whole[1024];
    snprintf(whole, sizeof(whole), "%s%s", before_answer, story);
    expect_played(stage, status, whole);
    strike(stage);
}

static const char echo_expected[] = "< PSH,ACK  seq=K+1 ack=J+6 \"hello\"\n";

START_TEST(test_player_optional_comes_before_what_must_come)
{
    struct stage *stage = answered(bases[_i], echo_expected);
    say_after(stage, 2, segment(stage, A, 501, 6));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "hello"));
    expect_answered(stage, SS_OK,
                    "@400 < ACK seq=501 ack=6\n"
                    "@400 held line=5 n=4 checks=4\n"
                    "@400 < PSH,ACK seq=501 ack=6 size=5\n"
                    "@400 held line=6 n=5 checks=4\n");
}
END_TEST

START_TEST(test_player_optional_does_not_come)
{
    struct stage *stage = answered(bases[_i], echo_expected);
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "hello"));
    expect_answered(stage, SS_OK,
                    "@400 < PSH,ACK seq=501 ack=6 size=5\n"
                    "@400 held line=6 n=4 checks=4\n");
}
END_TEST

/* Once what must come has come, it is too late. */
START_TEST(test_player_optional_comes_too_late)
{
    struct stage *stage = answered(1000, "< PSH,ACK \"hello\"\n< FIN,ACK\n");
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "hello"));
    say_after(stage, 2, segment(stage, A, 501, 6));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "flags: ACK, not FIN,ACK\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_optional_comes_once_only)
{
    struct stage *stage = answered(1000, "< PSH,ACK \"hello\"\n");
    say_after(stage, 2, segment(stage, A, 501, 6));
    say_after(stage, 2, segment(stage, A, 501, 6));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "flags: ACK, not PSH,ACK\n"
                                         "payload: 0 octets, not 5 octets \"hello\"\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_optional_that_is_another_is_what_came)
{
    struct stage *stage = answered(1000, "< PSH,ACK \"hello\"\n");
    say_after(stage, 2, segment(stage, A, 501, 5));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "failed line=6 n=4 checks=2 "));
    strike(stage);
}
END_TEST

/* The end of the time is that of what must come, from when it began to be waited for. */
START_TEST(test_player_optional_that_came_gives_no_more_time)
{
    struct stage *stage = answered(1000, "< PSH,ACK \"hello\" within 5ms\n");
    say_at(stage, 3100, segment(stage, A, 501, 6));
    say_at(stage, 5200, with_text(segment(stage, P | A, 501, 6), "hello"));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@3200 held line=5 n=4"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@5200 failed line=6 checks=1 (nothing"));
    strike(stage);
}
END_TEST

START_TEST(test_player_optional_is_pending_through_what_is_sent)
{
    struct stage *stage = answered(bases[_i], "> PSH,ACK seq=J+6 \"more\"\n"
                                              "wait 1ms\n"
                                              "<? ACK ack=J+10\n"
                                              "> ACK\n"
                                              "< PSH,ACK \"both\"\n");
    say_after(stage, 2, segment(stage, A, 501, 6));
    say_after(stage, 3, segment(stage, A, 501, 10));
    say_after(stage, 4, with_text(segment(stage, P | A, 501, 10), "both"));
    expect_answered(stage, SS_OK,
                    "@200 > PSH,ACK seq=6 ack=501 size=4\n"
                    "@400 < ACK seq=501 ack=6\n"
                    "@400 < ACK seq=501 ack=10\n"
                    "@1200 held line=7\n"
                    "@1200 > ACK seq=10 ack=501\n"
                    "@1200 held line=5 n=5 checks=4\n"
                    "@1200 held line=8 n=6 checks=3\n"
                    "@1400 < PSH,ACK seq=501 ack=10 size=4\n"
                    "@1400 held line=10 n=8 checks=2\n");
}
END_TEST

/* Of several each may come, and in any order. */
START_TEST(test_player_optional_ones_come_in_any_order)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "<? ACK ack=J+1\n"
                                    "<? ACK ack=J+2\n"
                                    "<? ACK ack=J+3\n"
                                    "< SYN,ACK\n");
    say_after(stage, 1, segment(stage, A, 500, 2));
    say_after(stage, 1, segment(stage, A, 500, 3));
    say_after(stage, 1, segment(stage, A, 500, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    (void)play(stage);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "held line=4 n=2 checks=3\n"));
    ck_assert_ptr_nonnull(strstr(story, "held line=5 n=3 checks=3\n"));
    ck_assert_ptr_nonnull(strstr(story, "held line=3 n=4 checks=3\n"));
    ck_assert_ptr_nonnull(strstr(story, "held line=6 n=5 checks=2\n"));
    strike(stage);
}
END_TEST

/* What must come goes before what may. */
START_TEST(test_player_optional_gives_way_to_the_same_that_must_come)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n<? SYN,ACK\n< SYN,ACK\n<! SYN,ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=2\n"
                  "@200200 held line=4 checks=1\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_optional_no_more_than_16_at_once)
{
    char text[512] = "> SYN seq=0\n";
    for (int i = 0; i < 16; i++)
        strcat(text, "<? ACK\n");
    strcat(text, "< SYN,ACK\n");
    struct stage *stage = set_stage(4, 0, text);
    for (int i = 0; i < 16; i++)
        say_after(stage, 1, segment(stage, A, 500, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=18 n=18 checks=2\n"));
    strike(stage);
    stage = set_stage(4, 0, strcat(text, "<? ACK\n"));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_OK); /* the first 16 are gone by then */
    strike(stage);
    memcpy(strstr(text, "< SYN,ACK"), "<? ACK   ", 9);
    stage = set_stage(4, 0, text);
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text, "test.step:18: more than 16 optional segments before one "
                                          "that must come");
    strike(stage);
}
END_TEST

/* With <* nothing is awaited before it. */
START_TEST(test_player_optional_is_over_with_a_skipping_one)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n<? ACK\n<* SYN,ACK\n< FIN,ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 1, segment(stage, A, 501, 1));
    say_after(stage, 1, segment(stage, F | A, 501, 1));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "flags: ACK, not FIN,ACK\n");
    strike(stage);
}
END_TEST

/* --- groups -------------------------------------------------------------------------------------
 */

static struct stage *grouped(uint32_t base, const char *members)
{
    char text[512];
    snprintf(text, sizeof(text),
             "param J\n"
             "> SYN seq=J\n"
             "< SYN,ACK seq=K\n"
             "> PSH,ACK \"hello\"\n"
             "{\n"
             "%s"
             "}\n"
             "> ACK\n",
             members);
    struct stage *stage = set_stage(4, base, text);
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    return stage;
}

static const char three[] = "< ACK seq=K+1 ack=J+6\n"
                            "< PSH,ACK seq=K+1 \"one\"\n"
                            "< PSH,ACK seq=K+4 \"two\"\n";

START_TEST(test_player_group_comes_in_any_order)
{
    static const unsigned char orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                               {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < 6; i++) {
        struct stage *stage = grouped(bases[_i], three);
        struct ss_craft members[] = {segment(stage, A, 501, 6),
                                     with_text(segment(stage, P | A, 501, 6), "one"),
                                     with_text(segment(stage, P | A, 504, 6), "two")};
        for (size_t j = 0; j < 3; j++)
            say_after(stage, 2, members[orders[i][j]]);
        ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
        const char *story = tell_story(stage);
        for (size_t j = 0; j < 3; j++) {
            char held[64];
            snprintf(held, sizeof(held), "@400 held line=%u n=%zu checks=", 6U + orders[i][j],
                     4 + j);
            ck_assert_ptr_nonnull(strstr(story, held));
        }
        ck_assert_ptr_nonnull(strstr(story, "@400 > ACK seq=6 ack=507\n"));
        strike(stage);
    }
}
END_TEST

START_TEST(test_player_group_waits_for_the_last_of_them)
{
    struct stage *stage = grouped(bases[_i], three);
    say_at(stage, 9000, with_text(segment(stage, P | A, 504, 6), "two"));
    say_at(stage, 19000, segment(stage, A, 501, 6));
    say_at(stage, 29000, with_text(segment(stage, P | A, 501, 6), "one"));
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@29100 > ACK seq=6 ack=507\n"));
    strike(stage);
}
END_TEST

START_TEST(test_player_group_optional_member_may_come_or_not)
{
    static const char members[] = "<? ACK ack=J+6\n< PSH,ACK \"one\"\n<? FIN,ACK\n< RST\n";
    struct stage *stage = grouped(1000, members);
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "one"));
    say_after(stage, 2, segment(stage, A, 504, 6));
    say_after(stage, 2, segment(stage, R, 504, 0));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "held line=7 n=4"));
    ck_assert_ptr_nonnull(strstr(story, "held line=6 n=5"));
    ck_assert_ptr_nonnull(strstr(story, "held line=9 n=6"));
    strike(stage);
    stage = grouped(1000, members);
    say_after(stage, 2, segment(stage, R, 501, 0));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "one"));
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=9 n=4"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=7 n=5"));
    strike(stage);
}
END_TEST

/* It waits for nothing, then; and they are no longer awaited after it. */
START_TEST(test_player_group_of_optional_ones_only_is_over_at_once)
{
    struct stage *stage = grouped(1000, "<? ACK ack=J+6\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@200 > ACK seq=6 ack=501\n"));
    strike(stage);
}
END_TEST

START_TEST(test_player_group_member_that_is_there_twice_must_come_twice)
{
    static const char members[] = "< ACK ack=J+6\n< ACK ack=J+6\n";
    struct stage *stage = grouped(1000, members);
    say_after(stage, 2, segment(stage, A, 501, 6));
    say_after(stage, 2, segment(stage, A, 501, 6));
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=6 n=4"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=7 n=5"));
    strike(stage);
    stage = grouped(1000, members);
    say_after(stage, 2, segment(stage, A, 501, 6));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:7: expected '< ACK ack=J+6', but nothing came in 2 s");
    strike(stage);
}
END_TEST

/* The member that it differs least from is told: of equals the first that has not come. */
START_TEST(test_player_group_wrong_segment_is_held_against_the_nearest_member)
{
    static const struct {
        uint8_t flags;
        uint32_t seq;
        const char *text;
        const char *said;
        const char *differences;
    } wrongs[] = {
        {P | A, 504, "twO", "failed line=8 n=5 checks=3 ",
         "payload: 3 octets \"twO\", not 3 octets \"two\"\n"},
        {P | A, 502, "one", "failed line=7 n=5 checks=3 ", "seq: K+2 = 1502, not K+1 = 1501\n"},
        {F, 999, "", "failed line=7 n=5 checks=3 ",
         "flags: FIN, not PSH,ACK\n"
         "seq: K+499 = 1999, not K+1 = 1501\n"
         "payload: 0 octets, not 3 octets \"one\"\n"},
        {A, 501, "", "failed line=7 n=5 checks=3 ",
         "flags: ACK, not PSH,ACK\n"
         "payload: 0 octets, not 3 octets \"one\"\n"},
    };
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        struct stage *stage = grouped(1000, three);
        say_after(stage, 2, segment(stage, A, 501, 6));
        say_after(stage, 2,
                  with_text(segment(stage, wrongs[i].flags, wrongs[i].seq, 6), wrongs[i].text));
        ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
        ck_assert_str_eq(differences(stage), wrongs[i].differences);
        ck_assert_ptr_nonnull(strstr(tell_story(stage), wrongs[i].said));
        strike(stage);
    }
}
END_TEST

/* Of those that must come: an optional one has no time of its own. */
START_TEST(test_player_group_lasts_as_long_as_its_most_patient_member)
{
    struct stage *stage = grouped(1000, "< ACK ack=J+6 within 1ms\n"
                                        "<? RST\n"
                                        "< PSH,ACK \"one\" within 3ms\n"
                                        "< FIN,ACK within 2ms\n");
    say_at(stage, 400, segment(stage, A, 501, 6));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(
        strstr(tell_story(stage), "@3200 failed line=8 checks=1 (nothing came in 3 ms)\n"));
    ck_assert_str_eq(stage->problem.text, "test.step:8: expected '< PSH,ACK \"one\" within 3ms', "
                                          "but nothing came in 3 ms");
    strike(stage);
    stage = set_stage(4, 0, "{\n< ACK within 2ms\n< FIN within 1ms\n}\n< RST within 9ms\n");
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 2000);
    strike(stage);
    stage = set_stage(4, 0, "{\n< ACK within 0us\n}\n");
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 0);
    strike(stage);
}
END_TEST

/* What may come before the group may come in its midst, and no longer after it. */
START_TEST(test_player_group_takes_what_is_optional_before_it)
{
    char text[512];
    snprintf(text, sizeof(text), "%s%s%s",
             "param J\n> SYN seq=J\n< SYN,ACK seq=K\n> PSH,ACK \"hello\"\n<? ACK ack=J+6\n"
             "<? ACK ack=J+5\n{\n",
             "< PSH,ACK \"one\"\n< PSH,ACK \"two\"\n", "}\n< FIN,ACK\n");
    struct stage *stage = set_stage(4, 1000, text);
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 6), "one"));
    say_after(stage, 2, segment(stage, A, 504, 6));
    say_after(stage, 2, with_text(segment(stage, P | A, 504, 6), "two"));
    say_after(stage, 2, segment(stage, A, 507, 5));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "held line=5 n=5"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "failed line=11 n=7"));
    strike(stage);
}
END_TEST

static Suite *player_group_suite(void)
{
    Suite *suite = suite_create("player_group");
    TCase *optional = tcase_create("optional");
    tcase_add_loop_test(optional, test_player_optional_comes_before_what_must_come, 0, BASES);
    tcase_add_loop_test(optional, test_player_optional_does_not_come, 0, BASES);
    tcase_add_test(optional, test_player_optional_comes_too_late);
    tcase_add_test(optional, test_player_optional_comes_once_only);
    tcase_add_test(optional, test_player_optional_that_is_another_is_what_came);
    tcase_add_test(optional, test_player_optional_that_came_gives_no_more_time);
    tcase_add_loop_test(optional, test_player_optional_is_pending_through_what_is_sent, 0, BASES);
    tcase_add_loop_test(optional, test_player_optional_ones_come_in_any_order, 0, BASES);
    tcase_add_test(optional, test_player_optional_gives_way_to_the_same_that_must_come);
    tcase_add_test(optional, test_player_optional_no_more_than_16_at_once);
    tcase_add_test(optional, test_player_optional_is_over_with_a_skipping_one);
    suite_add_tcase(suite, optional);
    TCase *group = tcase_create("group");
    tcase_add_loop_test(group, test_player_group_comes_in_any_order, 0, BASES);
    tcase_add_loop_test(group, test_player_group_waits_for_the_last_of_them, 0, BASES);
    tcase_add_test(group, test_player_group_optional_member_may_come_or_not);
    tcase_add_test(group, test_player_group_of_optional_ones_only_is_over_at_once);
    tcase_add_test(group, test_player_group_member_that_is_there_twice_must_come_twice);
    tcase_add_test(group, test_player_group_wrong_segment_is_held_against_the_nearest_member);
    tcase_add_test(group, test_player_group_lasts_as_long_as_its_most_patient_member);
    tcase_add_test(group, test_player_group_takes_what_is_optional_before_it);
    suite_add_tcase(suite, group);
    return suite;
}

int main(void)
{
    return check_main(player_group_suite());
}
