/* test_player_hold: a draft's own fate, segments held back until they are released, and the
 * repetitions that somebody who steps by hand passes over. */
#include "player_support.h"

/* The next step, a SEND, with that fate. */
static enum ss_status advance_as(struct stage *stage, enum ss_fate fate)
{
    struct ss_draft draft;
    ck_assert_int_eq(ss_player_draft(stage->player, &draft, &stage->problem), SS_OK);
    draft.fate = fate;
    enum ss_status status = ss_player_advance(stage->player, &draft, &stage->problem);
    ss_draft_clear(&draft);
    return status;
}

static void listen_until(struct stage *stage, uint64_t until_us)
{
    ck_assert_int_eq(ss_player_listen(stage->player, until_us, &stage->problem), SS_OK);
}

static void expect_heard(const struct stage *stage, size_t n, uint64_t time_us, uint32_t seq)
{
    ck_assert_uint_le(n, stage->heard_count);
    ck_assert_uint_eq(stage->heard[n - 1].time_us, time_us);
    ck_assert_uint_eq(ss_bytes_get32(stage->heard[n - 1].octets + 24), stage->base + seq);
}

/* --- fates --------------------------------------------------------------------------------------
 */

START_TEST(test_player_hold_fate_of_a_draft_leaves_what_is_ordered)
{
    struct stage *stage = set_stage(
        4, bases[_i], "param J\ndrop >\n> SYN seq=J\n> PSH \"a\"\n> PSH \"b\"\n> PSH \"c\"\n");
    begin(stage);
    advance(stage);
    advance(stage);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DUPLICATED), SS_OK);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DROPPED), SS_OK);
    advance(stage);
    advance(stage);
    listen_until(stage, 1000);
    ck_assert_uint_eq(stage->heard_count, 3);
    expect_heard(stage, 1, 100, 0);
    expect_heard(stage, 2, 100, 0);
    expect_heard(stage, 3, 100, 3);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "> SYN seq=0 duplicated\n"
                                        "@0 > PSH seq=1 size=1 dropped unjudged\n"
                                        "@0 > PSH seq=2 size=1 dropped unjudged\n"
                                        "@0 > PSH seq=3 size=1"));
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

/* However long it takes, and behind what was sent since. */
START_TEST(test_player_hold_goes_when_it_is_released_in_the_order_of_sending)
{
    struct stage *stage =
        set_stage(4, bases[_i], "param J\n> SYN seq=J\n> PSH \"a\"\n> PSH \"b\"\nwait 1min\n");
    begin(stage);
    ck_assert_uint_eq(ss_player_held(stage->player), 0);
    ck_assert_int_eq(ss_player_release(stage->player, &stage->problem), SS_OK);
    advance(stage);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DELAYED), SS_OK);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DELAYED), SS_OK);
    advance(stage);
    advance(stage);
    ck_assert_uint_eq(stage->heard_count, 1);
    ck_assert_uint_eq(ss_player_held(stage->player), 2);
    ck_assert_uint_eq(ss_player_tcb(stage->player).snd_nxt.value, bases[_i] + 3);
    ck_assert_int_eq(ss_player_release(stage->player, &stage->problem), SS_OK);
    ck_assert_uint_eq(ss_player_held(stage->player), 0);
    listen_until(stage, 61000000);
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    ck_assert_uint_eq(stage->heard_count, 3);
    expect_heard(stage, 1, 100, 2);
    expect_heard(stage, 2, 60000100, 0);
    expect_heard(stage, 3, 60000100, 1);
    ck_assert_ptr_nonnull(strstr(tell_story(stage),
                                 "@60000000 note: segment 1, held back so far, goes\n"
                                 "@60000000 note: segment 2, held back so far, goes\n"));
    strike(stage);
}
END_TEST

START_TEST(test_player_hold_never_goes_when_it_is_never_released)
{
    for (unsigned count = 1; count <= 2; count++) {
        struct stage *stage = set_stage(4, 0, "> SYN seq=1\n> ACK\n");
        begin(stage);
        for (unsigned i = 0; i < count; i++)
            ck_assert_int_eq(advance_as(stage, SS_FATE_DELAYED), SS_OK);
        ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
        ck_assert_ptr_nonnull(strstr(tell_story(stage), count == 1
                                                            ? "note: 1 segment held back never went"
                                                            : "note: 2 segments held back never"));
        struct ss_arrival arrival;
        (void)ss_wire_receive(stage->wire, 1000, &arrival, NULL);
        ck_assert_uint_eq(stage->heard_count, 0);
        strike(stage);
    }
}
END_TEST

static struct ss_wire_operations changed;

static enum ss_status refuse(struct ss_wire *wire, const uint8_t *octets, size_t length,
                             enum ss_fate *fate, struct ss_problem *problem)
{
    (void)wire, (void)octets, (void)length, (void)fate;
    return ss_problem_set(problem, SS_FORBIDDEN, "not over this wire");
}

START_TEST(test_player_hold_that_the_wire_refuses_is_told)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\n> ACK\n");
    const struct ss_wire_operations *usual = stage->wire->operations;
    begin(stage);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DELAYED), SS_OK);
    ck_assert_int_eq(advance_as(stage, SS_FATE_DELAYED), SS_OK);
    changed = *usual;
    changed.send = refuse;
    stage->wire->operations = &changed;
    ck_assert_int_eq(ss_player_release(stage->player, &stage->problem), SS_FORBIDDEN);
    ck_assert_str_eq(stage->problem.text, "not over this wire");
    ck_assert_uint_eq(ss_player_held(stage->player), 1);
    ck_assert_ptr_null(strstr(tell_story(stage), "note"));
    stage->wire->operations = usual;
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

/* --- what a draft becomes -----------------------------------------------------------------------
 */

START_TEST(test_player_hold_draft_is_built_as_it_will_go)
{
    uint8_t octets[64];
    size_t length = 77;
    struct ss_draft draft;
    struct stage *stage = set_stage(
        4, 0, "> SYN seq=5 \"hello\" corrupt=ip.checksum corrupt=tcp.checksum\nwait 1ms\n");
    begin(stage);
    ck_assert_int_eq(ss_player_draft(stage->player, &draft, &stage->problem), SS_OK);
    ck_assert_int_eq(ss_draft_build(&draft, octets, 44, &length), SS_NO_SPACE);
    ck_assert_uint_eq(length, 77);
    ck_assert_int_eq(ss_draft_build(&draft, octets, 45, &length), SS_OK);
    ck_assert_uint_eq(length, 45);
    draft.craft.options_length = 41;
    ck_assert_int_eq(ss_draft_build(&draft, octets, 64, &length), SS_USAGE);
    ss_draft_clear(&draft);
    advance(stage);
    advance(stage);
    ck_assert_mem_eq(heard(stage, 1, 45), octets, 45);
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

/* --- repetitions --------------------------------------------------------------------------------
 */

/* After SYN,ACK (500) and "abc" (501 to 503) were taken in; what comes then, and whether `< FIN`
 * passes it over. */
static const struct {
    const char *what;
    uint8_t flags;
    uint32_t seq;
    const char *text;
    bool passed;
} arrivals[] = {
    {"all of it again", P | A, 501, "abc", true},
    {"its end", P | A, 503, "c", true},
    {"the SYN,ACK again", S | A, 500, "", true},
    {"a probe without data", A, 503, "", true},
    {"an old ACK", A, 400, "", true},
    {"the next ACK", A, 504, "", false},
    {"new data", P | A, 504, "d", false},
    {"data beyond a gap", P | A, 505, "e", false},
    {"old data and new", P | A, 501, "abcd", false},
    {"a SYN of another connection", S, 499, "", false},
};

enum { ARRIVALS = sizeof(arrivals) / sizeof(arrivals[0]) };

static struct stage *repeating(int i, const char *step, bool by_hand)
{
    char text[256];
    snprintf(text, sizeof(text),
             "param J\n> SYN seq=J\n< SYN,ACK\n> ACK\n< PSH,ACK \"abc\"\n> ACK\n%s\n", step);
    struct stage *stage = set_stage(4, bases[i / ARRIVALS], text);
    stage->options.by_hand = by_hand;
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, P | A, 501, 1), "abc"));
    say_after(stage, 3,
              with_text(segment(stage, arrivals[i % ARRIVALS].flags, arrivals[i % ARRIVALS].seq, 1),
                        arrivals[i % ARRIVALS].text));
    say_after(stage, 3, segment(stage, F | A, 504, 1));
    return stage;
}

static void expect_passed(struct stage *stage, int i, bool passed)
{
    (void)play(stage);
    bool was = strstr(tell_story(stage), " n=7") && !strstr(tell_story(stage), "failed");
    ck_assert_msg(was == passed, "%s: %s", arrivals[i % ARRIVALS].what, tell_story(stage));
    strike(stage);
}

START_TEST(test_player_hold_by_hand_a_repetition_is_passed_over_and_nothing_else)
{
    bool passed = arrivals[_i % ARRIVALS].passed;
    expect_passed(repeating(_i, "< FIN,ACK seq=J+504", true), _i, passed);
    expect_passed(repeating(_i, "{\n< FIN,ACK seq=J+504\n}", true), _i, passed);
    expect_passed(repeating(_i, "< FIN,ACK seq=J+504", false), _i, false);
    expect_passed(repeating(_i, "{\n< FIN,ACK seq=J+504\n}", false), _i, false);
}
END_TEST

/* Nothing is a repetition before anything was taken in. */
START_TEST(test_player_hold_by_hand_the_first_that_comes_repeats_nothing)
{
    struct stage *stage = set_stage(4, bases[_i], "param J\n> SYN seq=J\n< SYN,ACK\n");
    stage->options.by_hand = true;
    say_after(stage, 1, segment(stage, A, (uint32_t)-bases[_i] - 5, 1));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "failed line=3 n=2"));
    strike(stage);
}
END_TEST

/* --- leaving ------------------------------------------------------------------------------------
 */

/* What was lost the peer does not count: the RST goes to both numbers. */
START_TEST(test_player_hold_leaving_after_a_loss_resets_where_either_end_is)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "drop >\n"
                                    "> PSH,ACK \"lost\"\n"
                                    "< RST within 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@1200 > RST,ACK seq=5 ack=501"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@1200 > RST,ACK seq=1 ack=501"));
    ck_assert_uint_eq(end_of(stage)->segments, 5);
    strike(stage);
}
END_TEST

static Suite *player_hold_suite(void)
{
    Suite *suite = suite_create("player_hold");
    TCase *tcase = tcase_create("hold");
    tcase_add_loop_test(tcase, test_player_hold_fate_of_a_draft_leaves_what_is_ordered, 0, BASES);
    tcase_add_loop_test(tcase, test_player_hold_goes_when_it_is_released_in_the_order_of_sending, 0,
                        BASES);
    tcase_add_test(tcase, test_player_hold_never_goes_when_it_is_never_released);
    tcase_add_test(tcase, test_player_hold_that_the_wire_refuses_is_told);
    tcase_add_test(tcase, test_player_hold_draft_is_built_as_it_will_go);
    tcase_add_loop_test(tcase,
                        test_player_hold_by_hand_a_repetition_is_passed_over_and_nothing_else, 0,
                        BASES * ARRIVALS);
    tcase_add_loop_test(tcase, test_player_hold_by_hand_the_first_that_comes_repeats_nothing, 0,
                        BASES);
    tcase_add_loop_test(tcase, test_player_hold_leaving_after_a_loss_resets_where_either_end_is, 0,
                        BASES);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_hold_suite());
}
