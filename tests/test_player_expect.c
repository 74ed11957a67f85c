/* test_player_expect: what comes, in time or not, in turn or not: <, <*, <! and after. */
#include "player_support.h"

/* --- < ------------------------------------------------------------------------------------------
 */

START_TEST(test_player_expect_holds_in_turn)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN     seq=J\n"
                                    "< SYN,ACK seq=K ack=J+1\n"
                                    "> ACK     seq=J+1 ack=K+1\n"
                                    "< PSH,ACK seq=K+1 ack=J+1 \"one\"\n"
                                    "< PSH,ACK seq=K+4 ack=J+1 \"two\"\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 1), "one"));
    say_after(stage, 2, with_text(segment(stage, P | A, 504, 1), "two"));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=4\n"
                  "@200 > ACK seq=1 ack=501\n"
                  "@400 < PSH,ACK seq=501 ack=1 size=3\n"
                  "@400 held line=5 n=4 checks=4\n"
                  "@400 < PSH,ACK seq=504 ack=1 size=3\n"
                  "@400 held line=6 n=5 checks=4\n");
    strike(stage);
}
END_TEST

/* Two wait, one is taken, and two more come before the next is. */
START_TEST(test_player_expect_takes_what_waits_in_the_order_in_which_it_came)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "wait 1ms\n"
                                    "< SYN,ACK seq=J+501\n"
                                    "wait 5ms\n"
                                    "< SYN,ACK seq=J+502\n"
                                    "< SYN,ACK seq=J+503\n"
                                    "< SYN,ACK seq=J+504\n");
    for (uint32_t i = 1; i <= 2; i++)
        say_after(stage, 1, segment(stage, S | A, 500 + i, 1));
    for (uint32_t i = 3; i <= 4; i++)
        say_at(stage, 1000 * i, segment(stage, S | A, 500 + i, 1));
    (void)play(stage);
    for (unsigned i = 1; i <= 4; i++) {
        char held[64];
        snprintf(held, sizeof(held), "held line=%u n=%u checks=3\n", i == 1 ? 4 : 4 + i, 1 + i);
        ck_assert_ptr_nonnull(strstr(tell_story(stage), held));
    }
    strike(stage);
}
END_TEST

START_TEST(test_player_expect_nothing_came_in_its_time)
{
    static const struct {
        const char *within;
        uint64_t us;
        const char *said;
    } times[] = {
        {"", 2000000, "nothing came in 2 s"},
        {"within 200ms", 200000, "nothing came in 200 ms"},
        {"within 1ms", 1000, "nothing came in 1 ms"},
        {"within 999us", 999, "nothing came in 999 us"},
        {"within 999999us", 999999, "nothing came in 999.999 ms"},
        {"within 1500ms", 1500000, "nothing came in 1.5 s"},
        {"within 1s", 1000000, "nothing came in 1 s"},
        {"within 1min", 60000000, "nothing came in 60 s"},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[128], story[256];
        snprintf(text, sizeof(text), "> SYN seq=0\n< SYN,ACK %s\n", times[i].within);
        struct stage *stage = set_stage(4, 0, text);
        snprintf(story, sizeof(story), "@0 > SYN seq=0\n@%" PRIu64 " failed line=2 checks=1 (%s)\n",
                 times[i].us, times[i].said);
        expect_played(stage, SS_CHECK_FAILED, story);
        snprintf(story, sizeof(story), "test.step:2: expected '< SYN,ACK%s%s', but %s",
                 times[i].within[0] ? " " : "", times[i].within, times[i].said);
        ck_assert_str_eq(stage->problem.text, story);
        ck_assert_uint_eq(end_of(stage)->failed, 1);
        ck_assert_int_eq(stage->problem.status, SS_CHECK_FAILED);
        strike(stage);
    }
}
END_TEST

/* A segment that comes at the very end of the time still holds; one that comes later does not. */
START_TEST(test_player_expect_time_ends_to_the_microsecond)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n< SYN,ACK within 5ms\n");
    say_at(stage, 5000 - LATENCY_US, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@5000 < SYN,ACK seq=500 ack=1\n"
                  "@5000 held line=2 n=2 checks=2\n");
    strike(stage);
    stage = set_stage(4, 0, "> SYN seq=0\n< SYN,ACK within 5ms\n");
    say_at(stage, 5001 - LATENCY_US, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_CHECK_FAILED,
                  "@0 > SYN seq=0\n"
                  "@5000 failed line=2 checks=1 (nothing came in 5 ms)\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_expect_another_segment_came)
{
    struct stage *stage = set_stage(4, 1000,
                                    "param J\n"
                                    "> SYN     seq=J\n"
                                    "< SYN,ACK seq=K ack=J+1\n"
                                    "< ACK     seq=K+1 ack=J+1\n");
    say_after(stage, 1, segment(stage, R | A, 0, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(
        stage, SS_CHECK_FAILED,
        "@0 > SYN seq=0\n"
        "@200 < RST,ACK seq=0 ack=1 violation:refusal_seq_not_0\n"
        "@200 failed line=3 n=2 checks=4 (RST,ACK seq J = 1000 ack J+1 = 1001, 0 octets)\n"
        "  flags: RST,ACK, not SYN,ACK\n");
    ck_assert_str_eq(stage->problem.text,
                     "test.step:3: expected '< SYN,ACK seq=K ack=J+1', but segment 2 came: flags: "
                     "expected SYN,ACK, got RST,ACK");
    strike(stage);
}
END_TEST

START_TEST(test_player_expect_words_of_another_segment)
{
    struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J\n< SYN,ACK\n");
    say_after(stage, 1, with_text(segment(stage, P, 500, 0), "x"));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "checks=2 (PSH seq J+500 = 1500, 1 octet)\n"));
    strike(stage);
}
END_TEST

/* --- <* -----------------------------------------------------------------------------------------
 */

START_TEST(test_player_expect_skipping_takes_in_what_it_passes_over)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN     seq=J\n"
                                    "< SYN,ACK seq=K\n"
                                    "> ACK\n"
                                    "<* ACK    seq=K+9\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 1), "one"));
    say_after(stage, 2, with_text(segment(stage, P | A, 504, 1), "other"));
    say_after(stage, 2, segment(stage, A, 509, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=3\n"
                  "@200 > ACK seq=1 ack=501\n"
                  "@400 < PSH,ACK seq=501 ack=1 size=3\n"
                  "@400 < PSH,ACK seq=504 ack=1 size=5\n"
                  "@400 < ACK seq=509 ack=1\n"
                  "@400 held line=5 n=6 checks=3\n"
                  "@400 > ACK seq=1 ack=509\n");
    strike(stage);
}
END_TEST

/* Its time is not begun anew by what it passes over. */
START_TEST(test_player_expect_skipping_waits_no_longer_than_it_says)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n<* SYN,ACK within 5ms\n");
    say_at(stage, 3000, segment(stage, A, 7, 1));
    say_at(stage, 4000, segment(stage, A, 8, 1));
    say_at(stage, 6000, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:2: expected '<* SYN,ACK within 5ms', but nothing came in 5 ms");
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@5000 failed line=2 checks=1 (nothing"));
    strike(stage);
}
END_TEST

/* --- <! -----------------------------------------------------------------------------------------
 */

START_TEST(test_player_expect_not_holds_when_its_time_is_over)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "<! SYN,ACK seq=J+501 within 1ms\n"
                                    "<! RST\n"
                                    "< SYN,ACK seq=K\n"
                                    "< SYN,ACK seq=K\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@1000 held line=3 checks=1\n"
                  "@201000 held line=4 checks=1\n"
                  "@201000 held line=5 n=2 checks=3\n"
                  "@201000 held line=6 n=3 checks=3\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_expect_not_fails_by_what_comes_or_waits)
{
    struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J\n<! RST within 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 1, segment(stage, R, 501, 0));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage),
                                 "@200 failed line=3 n=3 checks=1 (RST seq J+501 = 1501, 0 "
                                 "octets)\n"));
    ck_assert_str_eq(stage->problem.text,
                     "test.step:3: segment 3 must not come: RST seq J+501 = 1501, 0 octets");
    ck_assert_uint_eq(end_of(stage)->failed, 1);
    strike(stage);
}
END_TEST

/* The same, the segment being there before the step begins. */
START_TEST(test_player_expect_not_looks_at_what_waits)
{
    struct stage *stage = set_stage(
        4, 1000, "param J\n> SYN seq=J\nwait 2ms\n<! ACK within 1ms\n<! SYN,ACK within 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_CHECK_FAILED,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@2000 held line=3\n"
                  "@3000 held line=4 checks=1\n"
                  "@3000 failed line=5 n=2 checks=1 (SYN,ACK seq J+500 = 1500 ack J+1 = 1001, 0 "
                  "octets)\n"
                  "@3000 > RST seq=1\n");
    strike(stage);
}
END_TEST

/* --- after --------------------------------------------------------------------------------------
 */

/* The answer to a SYN sent at 0 comes at `came_us`; whether `after` held. */
static bool holds_after(const char *after, uint64_t came_us, bool simulated)
{
    char text[128];
    snprintf(text, sizeof(text), "> SYN seq=0\n< SYN,ACK %s\n", after);
    struct stage *stage = set_stage(4, 0, text);
    stage->options.simulated = simulated;
    say_at(stage, came_us - LATENCY_US, segment(stage, S | A, 500, 1));
    enum ss_status status = play(stage);
    ck_assert(status == SS_OK || status == SS_CHECK_FAILED);
    strike(stage);
    return status == SS_OK;
}

START_TEST(test_player_expect_after_is_exact_at_both_edges_of_its_tolerance)
{
    ck_assert(holds_after("after 5ms", 5000, true));
    ck_assert(!holds_after("after 5ms", 4999, true));
    ck_assert(!holds_after("after 5ms", 5001, true));
    ck_assert(holds_after("after 5ms +-1ms", 4000, true));
    ck_assert(holds_after("after 5ms +-1ms", 6000, true));
    ck_assert(!holds_after("after 5ms +-1ms", 3999, true));
    ck_assert(!holds_after("after 5ms +-1ms", 6001, true));
    ck_assert(holds_after("after 5ms +-1us", 4999, true));
    ck_assert(!holds_after("after 5ms +-1us", 4998, true));
    ck_assert(holds_after("after 0us +-200us", 200, true));
    ck_assert(!holds_after("after 0us +-200us", 201, true));
}
END_TEST

START_TEST(test_player_expect_after_is_not_judged_on_a_live_wire)
{
    ck_assert(holds_after("after 5ms", 4999, false));
    ck_assert(holds_after("after 5ms", 50000, false));
    ck_assert(!holds_after("after 5ms", 2000001, false));
}
END_TEST

START_TEST(test_player_expect_after_is_told)
{
    struct stage *stage =
        set_stage(4, 0, "> SYN seq=0\n< SYN,ACK after 1500us +-1us\n> ACK\n< ACK after 1s\n");
    say_at(stage, 1400, segment(stage, S | A, 500, 1));
    say_at(stage, 1400 + 999999, segment(stage, A, 501, 1));
    expect_played(stage, SS_CHECK_FAILED,
                  "@0 > SYN seq=0\n"
                  "@1500 < SYN,ACK seq=500 ack=1\n"
                  "@1500 held line=2 n=2 checks=3\n"
                  "@1500 > ACK seq=1 ack=501\n"
                  "@1001499 < ACK seq=501 ack=1\n"
                  "@1001499 failed line=4 n=4 checks=3 (ACK seq 501 ack 1, 0 octets)\n"
                  "  after: 999.999 ms, not 1 s\n"
                  "@1001499 > RST,ACK seq=1 ack=501\n");
    strike(stage);
}
END_TEST

/* What it counts from: each step that takes time, and none that does not. */
START_TEST(test_player_expect_after_counts_from_the_step_before)
{
    static const struct {
        const char *steps; /* between the handshake, over at 200, and what comes at 10000 */
        const char *after;
    } times[] = {
        {"", "after 9800us"},
        {"let X = 5\nset window = 9\ndrop >\n", "after 9800us"},
        {"wait 800us\n", "after 9ms"},
        {"wait 800us\n> ACK\n", "after 9ms"},
        {"<! RST within 4800us\n", "after 5ms"},
        {"<? RST\n", "after 9800us"},
        {"wait 12ms\n", "after 0us"},
        {"wait 800us\n<? FIN\n> ACK\n", "after 9ms"},
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "> SYN seq=0\n< SYN,ACK\n%s< ACK %s\n", times[i].steps,
                 times[i].after);
        struct stage *stage = set_stage(4, 0, text);
        say_after(stage, 1, segment(stage, S | A, 500, 1));
        say_at(stage, 10000 - LATENCY_US, segment(stage, A, 501, 1));
        ck_assert_msg(play(stage) == SS_OK, "%s: %s", times[i].steps, stage->problem.text);
        strike(stage);
    }
}
END_TEST

/* A segment that waited is taken as of when it came; what is sent then is sent then. */
START_TEST(test_player_expect_after_counts_from_a_segment_sent_late)
{
    struct stage *stage = set_stage(
        4, 0, "> SYN seq=0\nwait 5ms\n< SYN,ACK\n< ACK after 100us\n> ACK\n< FIN,ACK after 2ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_at(stage, 200, segment(stage, A, 501, 1));
    say_at(stage, 6900, segment(stage, F | A, 501, 1));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    strike(stage);
}
END_TEST

/* Before any step it counts from the beginning, whatever the wire's clock says then. */
START_TEST(test_player_expect_after_counts_from_the_beginning)
{
    struct stage *stage = set_stage(4, 0, "< SYN after 3ms\n");
    struct ss_arrival arrival;
    say_at(stage, 7900, segment(stage, S, 500, 0));
    ck_assert_int_eq(ss_wire_receive(stage->wire, 5000, &arrival, NULL), SS_TIMED_OUT);
    expect_played(stage, SS_OK,
                  "@3000 < SYN seq=500\n"
                  "@3000 held line=1 n=1 checks=3\n");
    strike(stage);
}
END_TEST

/* What <* passes over is no step. */
START_TEST(test_player_expect_after_counts_past_what_is_skipped)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n<* SYN,ACK after 5ms\n");
    say_at(stage, 1000, segment(stage, A, 7, 1));
    say_at(stage, 2000, segment(stage, S | A, 400, 1));
    say_at(stage, 5000 - LATENCY_US, segment(stage, S | A, 500, 1));
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@5000 held line=2 n=4 checks=3\n"));
    strike(stage);
}
END_TEST

static Suite *player_expect_suite(void)
{
    Suite *suite = suite_create("player_expect");
    TCase *turn = tcase_create("turn");
    tcase_add_loop_test(turn, test_player_expect_holds_in_turn, 0, BASES);
    tcase_add_loop_test(turn, test_player_expect_takes_what_waits_in_the_order_in_which_it_came, 0,
                        BASES);
    tcase_add_test(turn, test_player_expect_nothing_came_in_its_time);
    tcase_add_test(turn, test_player_expect_time_ends_to_the_microsecond);
    tcase_add_test(turn, test_player_expect_another_segment_came);
    tcase_add_test(turn, test_player_expect_words_of_another_segment);
    tcase_add_loop_test(turn, test_player_expect_skipping_takes_in_what_it_passes_over, 0, BASES);
    tcase_add_test(turn, test_player_expect_skipping_waits_no_longer_than_it_says);
    tcase_add_loop_test(turn, test_player_expect_not_holds_when_its_time_is_over, 0, BASES);
    tcase_add_test(turn, test_player_expect_not_fails_by_what_comes_or_waits);
    tcase_add_test(turn, test_player_expect_not_looks_at_what_waits);
    suite_add_tcase(suite, turn);
    TCase *after = tcase_create("after");
    tcase_add_test(after, test_player_expect_after_is_exact_at_both_edges_of_its_tolerance);
    tcase_add_test(after, test_player_expect_after_is_not_judged_on_a_live_wire);
    tcase_add_test(after, test_player_expect_after_is_told);
    tcase_add_test(after, test_player_expect_after_counts_from_the_step_before);
    tcase_add_test(after, test_player_expect_after_counts_from_a_segment_sent_late);
    tcase_add_test(after, test_player_expect_after_counts_from_the_beginning);
    tcase_add_test(after, test_player_expect_after_counts_past_what_is_skipped);
    suite_add_tcase(suite, after);
    return suite;
}

int main(void)
{
    return check_main(player_expect_suite());
}
