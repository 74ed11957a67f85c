/* test_player: a scenario from its start to its end: what is told of it, and what comes that
 * belongs to no step. */
#include "player_support.h"

#include "frames.h"

/* --- start and end ------------------------------------------------------------------------------
 */

START_TEST(test_player_start_says_who_and_what)
{
    struct stage *stage = set_stage(6, 0, "title \"A scenario\"\nwait 1ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    const struct ss_event *event = ss_trace_at(stage->trace, 0);
    ck_assert_int_eq(event->kind, SS_EVENT_START);
    ck_assert_uint_eq(event->time_us, 0);
    ck_assert_str_eq(event->start.title, "A scenario");
    ck_assert_str_eq(event->start.where, "nowhere");
    ck_assert(ss_socket_address_equal(&event->start.local, &near_v6));
    ck_assert(ss_socket_address_equal(&event->start.peer, &far_v6));
    ck_assert(!event->start.isn_known);
    ck_assert_uint_eq(event->start.epoch_us, 0); /* of a virtual clock */
    ck_assert_uint_eq(ss_trace_count(stage->trace), 3);
    strike(stage);
}
END_TEST

START_TEST(test_player_end_counts_what_was_compared)
{
    struct stage *stage = set_stage(4, 0,
                                    "drop >\n"
                                    "> SYN seq=0 \"x\"\n"
                                    "peer accept\n"
                                    "<! ACK within 1ms\n"
                                    "wait 1s\n"
                                    "peer expect state CLOSED within 1ms\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.state_known = true, .state = SS_TCP_LISTEN});
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    const struct ss_event_end *end = end_of(stage);
    ck_assert(!end->ok);
    ck_assert_int_eq(end->status, SS_CHECK_FAILED);
    ck_assert_str_eq(end->text, "test.step:6: 'peer expect state CLOSED within 1ms': expected "
                                "CLOSED, got LISTEN");
    ck_assert_str_eq(end->text, stage->problem.text);
    ck_assert_uint_eq(end->segments, 1);
    ck_assert_uint_eq(end->checks, 3);
    ck_assert_uint_eq(end->failed, 1);
    strike(stage);
}
END_TEST

static const char whole_connection[] = "param J\n"
                                       "> SYN      seq=J\n"
                                       "< SYN,ACK  seq=K ack=J+1\n"
                                       "> ACK\n"
                                       "wait 10ms\n"
                                       "> FIN,ACK  seq=M\n"
                                       "< FIN,ACK  seq=N ack=M+1\n"
                                       "> ACK      seq=M+1 ack=N+1\n";

static struct stage *whole(uint32_t base)
{
    struct stage *stage = set_stage(4, base, whole_connection);
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, segment(stage, F | A, 501, 2));
    return stage;
}

START_TEST(test_player_end_of_what_held_has_all_numbers)
{
    struct stage *stage = whole(bases[_i]);
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=4\n"
                  "@200 > ACK seq=1 ack=501\n"
                  "@10200 held line=5\n"
                  "@10200 > FIN,ACK seq=1 ack=501\n"
                  "@10400 < FIN,ACK seq=501 ack=2\n"
                  "@10400 held line=7 n=5 checks=4\n"
                  "@10400 > ACK seq=2 ack=502\n");
    const struct ss_event_end *end = end_of(stage);
    const uint32_t numbers[4] = {0, 500, 1, 501};
    ck_assert(end->ok);
    ck_assert_str_eq(end->text, "");
    ck_assert_uint_eq(end->failed, 0);
    ck_assert_uint_eq(end->segments, 6);
    ck_assert_uint_eq(end->checks, checks_in(stage));
    ck_assert_uint_gt(end->checks, 8 + 12);
    ck_assert_uint_eq(end->duration_us, 10400);
    for (int i = 0; i < 4; i++) {
        ck_assert(end->number_known[i]);
        ck_assert_uint_eq(end->number[i].value, bases[_i] + numbers[i]);
    }
    strike(stage);
}
END_TEST

/* Every statement but those that send and let, in its own words, with its kind and place. */
START_TEST(test_player_step_is_told_as_it_is_written)
{
    static const struct {
        int kind;
        bool ok;
        unsigned line;
        const char *text;
    } told[] = {
        {SS_EVENT_STEP_OTHER, true, 3, "drop <"},
        {SS_EVENT_STEP_OTHER, true, 4, "set window = 5"},
        {SS_EVENT_STEP_EXPECT, true, 5, "< ACK within 1ms"},
        {SS_EVENT_STEP_OTHER, true, 6, "wait 1ms"},
        {SS_EVENT_STEP_PEER, true, 7, "peer accept"},
        {SS_EVENT_STEP_EXPECT, true, 8, "<! RST within 1ms"},
        {SS_EVENT_STEP_EXPECT, true, 9, "<* FIN"},
        {SS_EVENT_STEP_PEER, false, 10, "peer accept within 1ms"},
        {SS_EVENT_STEP_EXPECT, false, 11, "< FIN within 1ms"},
        {SS_EVENT_STEP_EXPECT, false, 12, "<! PSH within 1ms"},
        {SS_EVENT_STEP_EXPECT, false, 13, "< SYN"},
    };
    struct stage *stage = set_stage(4, 0,
                                    "> SYN seq=1 # no step that is told\n"
                                    "let X = 1\n"
                                    "drop <    # the RST\n"
                                    "  set window = 5\n"
                                    "< ACK within 1ms\n"
                                    "wait 1ms\n"
                                    "peer accept\n"
                                    "<! RST within 1ms\n"
                                    "<* FIN\n"
                                    "peer accept within 1ms\n"
                                    "< FIN within 1ms\n"
                                    "<! PSH within 1ms\n"
                                    "< SYN\n");
    say_after(stage, 1, segment(stage, R, 0, 0));
    say_after(stage, 1, segment(stage, A, 500, 2));
    say_after(stage, 1, segment(stage, F, 500, 0));
    say_at(stage, 5500, segment(stage, P, 501, 0));
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_FAILED, .error = "EINVAL"});
    begin(stage);
    while (ss_player_next(stage->player))
        (void)ss_player_advance(stage->player, NULL, &stage->problem);
    (void)finish(stage, SS_CHECK_FAILED);
    size_t n = 0;
    for (size_t i = 0; i < ss_trace_count(stage->trace); i++) {
        const struct ss_event *event = ss_trace_at(stage->trace, i);
        if (event->kind != SS_EVENT_STEP)
            continue;
        ck_assert_uint_lt(n, sizeof(told) / sizeof(told[0]));
        ck_assert_str_eq(event->step.text, told[n].text);
        ck_assert_int_eq((int)event->step.kind, told[n].kind);
        ck_assert_uint_eq(event->step.line, told[n].line);
        ck_assert_str_eq(event->step.file, "test.step");
        ck_assert_int_eq(event->step.ok, told[n].ok);
        n++;
    }
    ck_assert_uint_eq(n, sizeof(told) / sizeof(told[0]));
    strike(stage);
}
END_TEST

START_TEST(test_player_let_works_out_expressions)
{
    struct stage *stage = set_stage(4, 0,
                                    "param J\n"
                                    "let X = 3*J - 2 + 0x10\n"
                                    "let Y = J - X - 1\n"
                                    "let X = X + Y\n"
                                    "> SYN seq=X ack=Y\n"
                                    "wait 1ms\n");
    ss_scenario_free(stage->scenario);
    stage->base = bases[_i];
    stage->options.scenario = stage->scenario = parse_based(
        "param J\nlet X = 3*J - 2 + 0x10\nlet Y = J - X - 1\nlet X = X + Y\n> SYN seq=X ack=Y\n"
        "wait 1ms\n",
        bases[_i]);
    expect_played(stage, SS_OK, "@0 > SYN seq=-1\n@1000 held line=6\n");
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 24), bases[_i] - 1);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 28), 0 - 2 * bases[_i] - 15);
    strike(stage);
}
END_TEST

START_TEST(test_player_wait_lets_exactly_so_much_time_go_by)
{
    struct stage *stage = set_stage(4, 0, "wait 1us\nwait 0us\nwait 1min\n");
    expect_played(stage, SS_OK,
                  "@1 held line=1\n"
                  "@1 held line=2\n"
                  "@60000001 held line=3\n");
    strike(stage);
}
END_TEST

/* --- whoever breaks a rule ----------------------------------------------------------------------
 */

START_TEST(test_player_rules_that_we_break_are_warnings)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J wscale=15\n"
                                    "< SYN,ACK seq=K ack=J+1\n"
                                    "> ACK ack=K+2\n"
                                    "> ACK corrupt=tcp.checksum\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0 warning:window_shift_over_14\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=4\n"
                  "@200 > ACK seq=1 ack=502 warning:handshake_ack_not_isn_plus_1\n"
                  "@200 > ACK seq=1 ack=501 warning:bad_checksum\n");
    ck_assert(end_of(stage)->ok);
    ck_assert_uint_eq(end_of(stage)->failed, 0);
    strike(stage);
}
END_TEST

START_TEST(test_player_rule_that_the_peer_breaks_fails_the_run)
{
    struct stage *stage =
        set_stage(4, bases[_i], "param J\n> SYN seq=J\n< SYN,ACK\n> RST seq=J+2\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    expect_played(stage, SS_CHECK_FAILED,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=2 violation:synack_ack_not_isn_plus_1\n"
                  "@200 held line=3 n=2 checks=2\n"
                  "@200 > RST seq=2\n");
    const struct ss_event_end *end = end_of(stage);
    char said[256];
    snprintf(said, sizeof(said),
             "1 of %u checks failed; the first: segment 2: synack_ack_not_isn_plus_1: expected "
             "%" PRIu32 ", got %" PRIu32 " (RFC 9293 3.10.7.2)",
             checks_in(stage), bases[_i] + 1, bases[_i] + 2);
    ck_assert_str_eq(stage->problem.text, said);
    ck_assert_str_eq(end->text, said);
    ck_assert_int_eq(end->status, SS_CHECK_FAILED);
    ck_assert_uint_eq(end->failed, 1);
    strike(stage);
}
END_TEST

/* --- what belongs to no step --------------------------------------------------------------------
 */

enum { ETHERNET = 14 };

/* An ICMP error that quotes 10.0.0.1:40003 or fd00::1:40004. */
START_TEST(test_player_icmp_error_is_shown_and_is_no_segment)
{
    bool v4 = _i == 0;
    struct stage *stage = set_stage(v4 ? 4 : 6, 0, "> SYN seq=0\ndrop <\n< SYN,ACK within 5ms\n");
    stage->options.local.port = v4 ? 40003 : 40004;
    if (v4)
        say_octets(stage, frame_v4_unreachable + ETHERNET, sizeof frame_v4_unreachable - ETHERNET)
            ->after = 1;
    else
        say_octets(stage, frame_v6_unreachable + ETHERNET, sizeof frame_v6_unreachable - ETHERNET)
            ->after = 1;
    say_after(stage, 1, segment(stage, A, 7, 7));
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@0 held line=2\n"
                  "@200 < icmp unjudged\n"
                  "@200 < ACK seq=7 ack=7 dropped unjudged\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=4 checks=2\n");
    strike(stage);
}
END_TEST

/* The same to another port of ours is nobody's. */
START_TEST(test_player_icmp_error_for_others_is_ignored)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\nwait 1ms\n");
    say_octets(stage, frame_v4_unreachable + ETHERNET, sizeof frame_v4_unreachable - ETHERNET)
        ->after = 1;
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@1000 held line=2\n"
                  "@1000 note: 1 other or malformed frames were ignored\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_frames_for_others_are_ignored_and_counted)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\ndrop <\n< SYN,ACK\n");
    struct ss_craft others[6];
    for (size_t i = 0; i < 6; i++)
        others[i] = segment(stage, S | A, 500, 1);
    others[0].tcp.destination_port++;
    others[1].ipv4.destination.octets[3]++;
    others[2].ipv4.source.octets[3]++;
    others[3].ipv4.more_fragments = true;
    others[4].ipv4.protocol = 17;
    others[4].verbatim = SS_CRAFT_IPV4_PROTOCOL;
    others[5].ipv4.fragment_offset_words = 1;
    for (size_t i = 0; i < 6; i++)
        say_after(stage, 1, others[i]);
    say_octets(stage, (const uint8_t *)"garbage", 7)->after = 1;
    say_after(stage, 1, segment(stage, A, 7, 7));
    /* Its source port may be another: a scenario may speak to several. */
    struct ss_craft elsewhere = segment(stage, S | A, 500, 1);
    elsewhere.tcp.source_port++;
    say_after(stage, 1, elsewhere);
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@0 held line=2\n"
                                                    "@200 < ACK seq=7 ack=7 dropped unjudged\n"
                                                    "@200 < SYN,ACK seq=500 ack=1"));
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@200 held line=3 n=3 checks=2\n"
                                                    "@200 note: 7 other or malformed frames were "
                                                    "ignored\n"));
    strike(stage);
}
END_TEST

/* What nobody waited for at the end is in the trace all the same, if it was there. */
START_TEST(test_player_segment_that_no_step_takes_is_told)
{
    struct stage *stage = set_stage(4, bases[_i], "param J\n> SYN seq=J\nwait 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@1000 held line=3\n");
    strike(stage);
}
END_TEST

static Suite *player_suite(void)
{
    Suite *suite = suite_create("player");
    TCase *life = tcase_create("life");
    tcase_add_test(life, test_player_start_says_who_and_what);
    tcase_add_test(life, test_player_end_counts_what_was_compared);
    tcase_add_loop_test(life, test_player_end_of_what_held_has_all_numbers, 0, BASES);
    tcase_add_test(life, test_player_step_is_told_as_it_is_written);
    tcase_add_loop_test(life, test_player_let_works_out_expressions, 0, BASES);
    tcase_add_test(life, test_player_wait_lets_exactly_so_much_time_go_by);
    tcase_add_loop_test(life, test_player_rules_that_we_break_are_warnings, 0, BASES);
    tcase_add_loop_test(life, test_player_rule_that_the_peer_breaks_fails_the_run, 0, BASES);
    suite_add_tcase(suite, life);
    TCase *others = tcase_create("others");
    tcase_add_loop_test(others, test_player_icmp_error_is_shown_and_is_no_segment, 0, 2);
    tcase_add_test(others, test_player_icmp_error_for_others_is_ignored);
    tcase_add_test(others, test_player_frames_for_others_are_ignored_and_counted);
    tcase_add_loop_test(others, test_player_segment_that_no_step_takes_is_told, 0, BASES);
    suite_add_tcase(suite, others);
    return suite;
}

int main(void)
{
    return check_main(player_suite());
}
