/* test_player_finish: how a run ends that is broken off: nobody is left half-open, and why is told.
 */
#include "player_support.h"

/* --- who is left half-open ----------------------------------------------------------------------
 */

static const char no_such[] = "< FIN within 1ms\n"; /* which never comes */

/* Plays `text`, which ends in what does not come; the last line of the story. */
static const char *last_line(struct stage *stage, enum ss_status status)
{
    enum ss_status actual = play(stage);
    ck_assert_msg(actual == status, "%s", stage->problem.text);
    const char *story = tell_story(stage);
    const char *last = story;
    for (const char *at = story; *at; at++)
        if (at[0] == '\n' && at[1])
            last = at + 1;
    return last;
}

static struct stage *broken(uint32_t base, const char *steps)
{
    char text[512];
    snprintf(text, sizeof(text), "param J\n%s%s", steps, no_such);
    return set_stage(4, base, text);
}

START_TEST(test_player_finish_broken_off_half_open_the_peer_gets_a_reset)
{
    struct stage *stage =
        broken(bases[_i], "> SYN seq=J\n< SYN,ACK\n> ACK\n> PSH,ACK \"hello\"\n< ACK size 3\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, with_text(segment(stage, A, 501, 6), "abc"));
    ck_assert_str_eq(last_line(stage, SS_CHECK_FAILED), "@1400 > RST,ACK seq=6 ack=504\n");
    ck_assert_str_eq(stage->problem.text,
                     "test.step:7: expected '< FIN within 1ms', but nothing came in 1 ms");
    ck_assert_uint_eq(end_of(stage)->segments, 6);
    struct ss_arrival arrival;
    (void)ss_wire_receive(stage->wire, 2000, &arrival, NULL);
    const uint8_t *octets = heard(stage, 4, 40);
    ck_assert_uint_eq(ss_bytes_get16(octets + 4), FIRST_ID + 3);
    ck_assert_uint_eq(ss_bytes_get16(octets + 22), 8888);
    strike(stage);
}
END_TEST

START_TEST(test_player_finish_broken_off_nobody_gets_a_reset_who_holds_nothing)
{
    struct stage *stage = broken(bases[_i], "> SYN seq=J\n");
    ck_assert_str_eq(last_line(stage, SS_CHECK_FAILED),
                     "@1000 failed line=3 checks=1 (nothing came in 1 ms)\n");
    strike(stage);
    stage = broken(bases[_i], "");
    ck_assert_str_eq(last_line(stage, SS_CHECK_FAILED),
                     "@1000 failed line=2 checks=1 (nothing came in 1 ms)\n");
    strike(stage);
    /* The peer has reset it; so have we. */
    stage = broken(bases[_i], "> SYN seq=J\n< SYN,ACK\n> ACK\n< RST\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, segment(stage, R, 501, 0));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=6"));
    strike(stage);
    stage = broken(bases[_i], "> SYN seq=J\n< SYN,ACK\n> ACK\n> RST\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=6"));
    strike(stage);
    stage = broken(bases[_i], "> SYN seq=J\n< RST,ACK\n");
    say_after(stage, 1, segment(stage, R | A, (uint32_t)-bases[_i], 1));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=4"));
    strike(stage);
}
END_TEST

/* Both closed: the peer that closed last is CLOSED, the one that closed first in TIME-WAIT. */
START_TEST(test_player_finish_broken_off_after_a_close_nobody_gets_a_reset)
{
    struct stage *stage =
        broken(bases[_i], "> SYN seq=J\n< SYN,ACK\n> ACK\n> FIN,ACK\n< FIN,ACK\n> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, segment(stage, F | A, 501, 2));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=8"));
    strike(stage);
    stage = broken(bases[_i], "> SYN seq=J\n< SYN,ACK\n> ACK\n< FIN,ACK\n> FIN,ACK\n< ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, segment(stage, F | A, 501, 1));
    say_after(stage, 3, segment(stage, A, 502, 2));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=8"));
    strike(stage);
}
END_TEST

/* The peer began, and we never answered: its number is known, ours is not. */
START_TEST(test_player_finish_broken_off_before_we_sent_anything)
{
    struct stage *stage = broken(bases[_i], "< SYN\n");
    say_at(stage, 100, segment(stage, S, 500, 0));
    ck_assert_ptr_nonnull(strstr(last_line(stage, SS_CHECK_FAILED), "failed line=3"));
    strike(stage);
}
END_TEST

/* Somebody else's server is left alone also when all went well; our own peer needs no care. */
START_TEST(test_player_finish_foreign_server_is_not_left_half_open)
{
    static const char text[] = "param J\n> SYN seq=J\n< SYN,ACK\n> ACK\n";
    for (int far = 0; far < 2; far++)
        for (int simulated = 0; simulated < 2; simulated++) {
            struct stage *stage = set_stage(4, bases[_i], text);
            say_after(stage, 1, segment(stage, S | A, 500, 1));
            stage->options.far = far ? &stage->far : NULL;
            stage->options.simulated = simulated;
            ck_assert_str_eq(last_line(stage, SS_OK), far || simulated
                                                          ? "@200 > ACK seq=1 ack=501\n"
                                                          : "@200 > RST,ACK seq=1 ack=501\n");
            strike(stage);
        }
}
END_TEST

/* --- a wire that has enough ---------------------------------------------------------------------
 */

static struct ss_wire_operations changed;

static enum ss_status stop(struct ss_wire *wire, uint64_t deadline_us, struct ss_arrival *arrival,
                           struct ss_problem *problem)
{
    (void)wire, (void)deadline_us, (void)arrival;
    return ss_problem_set(problem, SS_INTERRUPTED, "enough");
}

static enum ss_status cut(struct ss_wire *wire, struct ss_problem *problem)
{
    (void)wire;
    return ss_problem_set(problem, SS_IO, "the wire is cut");
}

static enum ss_status refuse(struct ss_wire *wire, const uint8_t *octets, size_t length,
                             enum ss_fate *fate, struct ss_problem *problem)
{
    (void)wire, (void)octets, (void)length, (void)fate;
    return ss_problem_set(problem, SS_FORBIDDEN, "not over this wire");
}

/* Plays on a wire of which one operation is another. */
static enum ss_status play_changed(struct stage *stage, const struct ss_wire_operations *others)
{
    const struct ss_wire_operations *usual = stage->wire->operations;
    changed = *usual;
    if (others->receive)
        changed.receive = others->receive;
    if (others->flush)
        changed.flush = others->flush;
    if (others->send)
        changed.send = others->send;
    stage->wire->operations = &changed;
    enum ss_status status = play(stage);
    stage->wire->operations = usual;
    return status;
}

START_TEST(test_player_finish_interrupted_says_where_and_why)
{
    static const char *const steps[] = {"< SYN,ACK", "<* SYN,ACK",      "<! SYN,ACK",
                                        "wait 1s",   "{\n< SYN,ACK\n}", "peer accept"};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "> SYN seq=0\n%s\n> ACK\n", steps[i]);
        struct stage *stage = set_stage(4, 0, text);
        ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.receive = stop}),
                         SS_INTERRUPTED);
        ck_assert_str_eq(stage->problem.text, "test.step:2: enough, after 1 segment");
        ck_assert_int_eq(end_of(stage)->status, SS_INTERRUPTED);
        ck_assert_str_eq(end_of(stage)->text, stage->problem.text);
        ck_assert_uint_eq(end_of(stage)->segments, 1);
        expect_story(stage, "@0 > SYN seq=0\n");
        strike(stage);
    }
}
END_TEST

static enum ss_status stop_at_length(struct ss_wire *wire, uint64_t deadline_us,
                                     struct ss_arrival *arrival, struct ss_problem *problem)
{
    (void)wire, (void)deadline_us, (void)arrival;
    return ss_problem_set(problem, SS_INTERRUPTED, "%0300d", 0);
}

/* What is too long is cut, and not what stands around it. */
START_TEST(test_player_finish_interrupted_by_many_words)
{
    char said[SS_PROBLEM_TEXT_SIZE + 1];
    struct stage *stage = set_stage(4, 0, "wait 1s\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.receive = stop_at_length}),
                     SS_INTERRUPTED);
    snprintf(said, sizeof(said), "test.step:1: %099d, after 0 segments", 0);
    ck_assert_str_eq(stage->problem.text, said);
    strike(stage);
    stage = set_stage(4, 0, "delay > 1s\n> SYN seq=0\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.receive = stop_at_length}),
                     SS_INTERRUPTED);
    snprintf(said, sizeof(said), "%0279d, after 1 segment", 0);
    ck_assert_str_eq(stage->problem.text, said);
    strike(stage);
}
END_TEST

START_TEST(test_player_finish_wire_that_fails_ends_the_run)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.flush = cut}), SS_IO);
    ck_assert_str_eq(stage->problem.text, "the wire is cut");
    ck_assert_str_eq(end_of(stage)->text, "the wire is cut");
    strike(stage);
    /* What went wrong before is what is told. */
    stage = set_stage(4, 0, "< SYN within 1ms\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.flush = cut}),
                     SS_CHECK_FAILED);
    ck_assert_str_eq(end_of(stage)->text,
                     "test.step:1: expected '< SYN within 1ms', but nothing came in 1 ms");
    strike(stage);
    stage = set_stage(4, 0, "> SYN seq=0\n> ACK\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.send = refuse}),
                     SS_FORBIDDEN);
    ck_assert_str_eq(stage->problem.text, "test.step:1: not over this wire");
    expect_story(stage, "");
    strike(stage);
    stage = set_stage(4, 0, "duplicate >\ndelay > 1ms\n> SYN seq=0\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.send = refuse}),
                     SS_FORBIDDEN);
    strike(stage);
    stage = set_stage(4, 0, "delay > 1ms\n> SYN seq=0\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.send = refuse}),
                     SS_FORBIDDEN);
    ck_assert_int_eq(end_of(stage)->status, SS_FORBIDDEN);
    strike(stage);
    stage = set_stage(4, 0, "delay > 1ms\n> SYN seq=0\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.receive = stop}),
                     SS_INTERRUPTED);
    ck_assert_str_eq(stage->problem.text, "enough, after 1 segment");
    strike(stage);
    stage = set_stage(4, 0, "delay > 1ms\n> SYN seq=0\nwait 2ms\n");
    ck_assert_int_eq(play_changed(stage, &(struct ss_wire_operations){.send = refuse}),
                     SS_FORBIDDEN);
    expect_story(stage, "@0 held line=1\n@0 > SYN seq=0 delayed\n");
    strike(stage);
}
END_TEST

static Suite *player_finish_suite(void)
{
    Suite *suite = suite_create("player_finish");
    TCase *end = tcase_create("end");
    tcase_add_loop_test(end, test_player_finish_broken_off_half_open_the_peer_gets_a_reset, 0,
                        BASES);
    tcase_add_loop_test(end, test_player_finish_broken_off_nobody_gets_a_reset_who_holds_nothing, 0,
                        BASES);
    tcase_add_loop_test(end, test_player_finish_broken_off_after_a_close_nobody_gets_a_reset, 0,
                        BASES);
    tcase_add_loop_test(end, test_player_finish_broken_off_before_we_sent_anything, 0, BASES);
    tcase_add_loop_test(end, test_player_finish_foreign_server_is_not_left_half_open, 0, BASES);
    tcase_add_test(end, test_player_finish_interrupted_says_where_and_why);
    tcase_add_test(end, test_player_finish_interrupted_by_many_words);
    tcase_add_test(end, test_player_finish_wire_that_fails_ends_the_run);
    suite_add_tcase(suite, end);
    return suite;
}

int main(void)
{
    return check_main(player_finish_suite());
}
