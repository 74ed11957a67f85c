/* test_player_step: a scenario stepped through by hand: drafts, edits, steps passed over and steps
 * put in. */
#include "player_support.h"

/* --- which step comes next ----------------------------------------------------------------------
 */

START_TEST(test_player_step_next_goes_through_them_all)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\nwait 1ms\n");
    begin(stage);
    ck_assert_ptr_eq(ss_player_next(stage->player), &stage->scenario->steps[0]);
    advance(stage);
    ck_assert_ptr_eq(ss_player_next(stage->player), &stage->scenario->steps[1]);
    advance(stage);
    ck_assert_ptr_null(ss_player_next(stage->player));
    ss_player_skip(stage->player);
    ck_assert_ptr_null(ss_player_next(stage->player));
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    ck_assert_uint_eq(end_of(stage)->segments, 1);
    strike(stage);
}
END_TEST

START_TEST(test_player_step_skip_passes_over_a_step_or_a_whole_group)
{
    struct stage *stage = set_stage(4, 0,
                                    "> SYN seq=1\n"
                                    "{\n"
                                    "< ACK\n"
                                    "< FIN\n"
                                    "}\n"
                                    "wait 1ms\n");
    begin(stage);
    ss_player_skip(stage->player);
    ck_assert_int_eq(ss_player_next(stage->player)->kind, SS_STEP_GROUP);
    ss_player_skip(stage->player);
    ck_assert_int_eq(ss_player_next(stage->player)->kind, SS_STEP_WAIT);
    advance(stage);
    ck_assert_ptr_null(ss_player_next(stage->player));
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    expect_story(stage, "@1000 held line=6\n");
    strike(stage);
}
END_TEST

/* Also a step that failed is behind us. */
START_TEST(test_player_step_that_failed_is_passed)
{
    struct stage *stage = set_stage(4, 0, "< ACK within 1ms\nwait 1ms\n");
    begin(stage);
    ck_assert_int_eq(ss_player_advance(stage->player, NULL, &stage->problem), SS_CHECK_FAILED);
    ck_assert_int_eq(ss_player_next(stage->player)->kind, SS_STEP_WAIT);
    advance(stage);
    ck_assert_int_eq(finish(stage, SS_OK), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "1 of 1 checks failed; the first: line 1: nothing came in 1 ms");
    strike(stage);
}
END_TEST

/* --- drafts -------------------------------------------------------------------------------------
 */

static void draft_next(struct stage *stage, struct ss_draft *draft)
{
    enum ss_status status = ss_player_draft(stage->player, draft, &stage->problem);
    ck_assert_msg(status == SS_OK, "%s", stage->problem.text);
}

START_TEST(test_player_step_draft_is_what_will_go)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J+3 window=7 mss=1460 size 30 corrupt=tcp.checksum\n"
                                    "wait 1ms\n");
    begin(stage);
    advance(stage);
    struct ss_draft draft;
    draft_next(stage, &draft);
    ck_assert_uint_eq(draft.craft.version, 4);
    ck_assert_uint_eq(draft.craft.ipv4.id, FIRST_ID);
    ck_assert_uint_eq(draft.craft.tcp.flags, S);
    ck_assert_uint_eq(draft.craft.tcp.seq.value, bases[_i] + 3);
    ck_assert_uint_eq(draft.craft.tcp.window, 7);
    ck_assert_uint_eq(draft.craft.tcp.source_port, 49152);
    ck_assert_uint_eq(draft.craft.tcp.destination_port, 8888);
    ck_assert_uint_eq(draft.craft.options_length, 4);
    ck_assert_mem_eq(draft.craft.options, "\x02\x04\x05\xb4", 4);
    ck_assert_uint_eq(draft.craft.payload_length, 30);
    ck_assert_mem_eq(draft.craft.payload, "abcdefghijklmnopqrstuvwxyzabcd", 30);
    ck_assert_uint_eq(draft.corrupt, SS_CORRUPT_TCP_CHECKSUM);
    ss_draft_clear(&draft);
    ck_assert_ptr_null(draft.payload);
    ss_draft_clear(&draft);
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    strike(stage);
}
END_TEST

START_TEST(test_player_step_draft_changes_nothing)
{
    struct ss_random random = ss_random_seeded(SEED);
    uint32_t first = ss_random_next32(&random), value;
    struct stage *stage = set_stage(4, 0, "drop >\n> SYN seq=M window=W \"x\"\n> ACK\n");
    begin(stage);
    advance(stage);
    for (int i = 0; i < 3; i++) {
        struct ss_draft draft;
        draft_next(stage, &draft);
        ck_assert_uint_eq(draft.craft.tcp.seq.value, first);
        ck_assert_uint_eq(draft.craft.ipv4.id, FIRST_ID);
        ss_draft_clear(&draft);
    }
    ck_assert(!ss_player_tcb(stage->player).snd_nxt_known);
    ck_assert(!ss_player_name(stage->player, 0, &value));
    ck_assert_uint_eq(ss_trace_count(stage->trace), 2);
    ck_assert_ptr_eq(ss_player_next(stage->player), &stage->scenario->steps[1]);
    advance(stage);
    ck_assert(ss_player_name(stage->player, 0, &value));
    ck_assert_uint_eq(value, first);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), " dropped"));
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    strike(stage);
}
END_TEST

/* What is edited leaves in place of what the step says, and is what names become. */
START_TEST(test_player_step_edited_draft_leaves)
{
    struct stage *stage =
        set_stage(4, bases[_i], "param J\n> SYN seq=M \"x\"\n> ACK seq=M+1\nwait 1ms\n");
    begin(stage);
    advance(stage);
    struct ss_draft draft;
    draft_next(stage, &draft);
    draft.craft.tcp.seq = ss_seq_from(bases[_i] + 70);
    draft.craft.tcp.flags = S | U;
    draft.craft.payload = (const uint8_t *)"edited";
    draft.craft.payload_length = 6;
    draft.options[0] = 1;
    draft.craft.options_length = 1;
    draft.corrupt = SS_CORRUPT_IP_CHECKSUM;
    ck_assert_int_eq(ss_player_advance(stage->player, &draft, &stage->problem), SS_OK);
    ss_draft_clear(&draft);
    advance(stage);
    advance(stage);
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    const uint8_t *octets = heard(stage, 1, 50);
    ck_assert_uint_eq(ss_bytes_get32(octets + 24), bases[_i] + 70);
    ck_assert_uint_eq(octets[33], S | U);
    ck_assert_uint_eq(octets[40], 1);
    ck_assert_mem_eq(octets + 44, "edited", 6);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 24), bases[_i] + 71);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "bad_ip_checksum"));
    strike(stage);
}
END_TEST

START_TEST(test_player_step_draft_that_cannot_be_is_told_and_not_sent)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\n");
    begin(stage);
    struct ss_draft draft;
    draft_next(stage, &draft);
    draft.craft.options_length = 41;
    ck_assert_int_eq(ss_player_advance(stage->player, &draft, &stage->problem), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(stage->problem.text, "does not fit a datagram"));
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    ck_assert_uint_eq(end_of(stage)->segments, 0);
    strike(stage);
}
END_TEST

/* --- numbers not known --------------------------------------------------------------------------
 */

/* The step that makes K known is passed over; what `step` says then. */
static void expect_unknown(const char *step, enum ss_status status, const char *said)
{
    char text[128];
    snprintf(text, sizeof(text), "> SYN seq=1\n< SYN,ACK seq=K\n%s\n", step);
    struct stage *stage = set_stage(4, 0, text);
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    begin(stage);
    advance(stage);
    ss_player_skip(stage->player);
    ck_assert_int_eq(ss_player_advance(stage->player, NULL, &stage->problem), status);
    if (said)
        ck_assert_str_eq(stage->problem.text, said);
    (void)finish(stage, SS_OK);
    strike(stage);
}

START_TEST(test_player_step_that_needs_a_number_not_known_yet)
{
    expect_unknown("> ACK ack=K+1", SS_CHECK_FAILED,
                   "test.step:3: ack needs a number not known yet");
    expect_unknown("> ACK ts=1,K", SS_CHECK_FAILED,
                   "test.step:3: a TCP option needs a number not known yet");
    expect_unknown("> ACK sack=K..5", SS_CHECK_FAILED,
                   "test.step:3: a SACK block needs a number not known yet");
    expect_unknown("> ACK sack=1..2,5..K", SS_CHECK_FAILED,
                   "test.step:3: a SACK block needs a number not known yet");
    expect_unknown("let X = K", SS_CHECK_FAILED, "test.step:3: a number in it is not known yet");
    expect_unknown("set rcv_nxt = 2*K+1", SS_CHECK_FAILED,
                   "test.step:3: a number in it is not known yet");
    expect_unknown("< SYN,ACK seq=K", SS_CHECK_FAILED,
                   "test.step:3: expected '< SYN,ACK seq=K', but segment 2 came: seq: expected a "
                   "number not known yet, got 500");
    expect_unknown("< SYN,ACK seq=5..K", SS_CHECK_FAILED,
                   "test.step:3: expected '< SYN,ACK seq=5..K', but segment 2 came: seq: expected "
                   "5 to a number not known yet, got 500");
    expect_unknown("<! SYN,ACK seq=K within 1ms", SS_OK, NULL);
}
END_TEST

/* Nobody has checked that a step is for this version of IP. */
START_TEST(test_player_step_that_speaks_of_the_other_version_does_not_hold)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\n< SYN,ACK ip6.flow=0 source=fd00::1\n");
    say_after(stage, 1, segment(stage, S | A, 500, 2));
    begin(stage);
    advance(stage);
    ck_assert_int_eq(ss_player_advance(stage->player, NULL, &stage->problem), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "ip6.flow: not in this IP version, not there\n"
                                         "source: 10.0.0.2, not fd00::1\n");
    (void)finish(stage, SS_CHECK_FAILED);
    strike(stage);
}
END_TEST

/* A name that was to be bound, and is known already, holds. */
START_TEST(test_player_step_that_is_performed_again_compares_what_it_bound)
{
    struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=M\n< SYN,ACK seq=K mss=O\n");
    static const uint8_t mss[] = {2, 4, 5, 0xb4}, other[] = {2, 4, 5, 0xb5};
    say_after(stage, 1, with_options(segment(stage, S | A, 500, 1), mss, 4));
    say_after(stage, 1, with_options(segment(stage, S | A, 501, 1), other, 4));
    begin(stage);
    const struct ss_step *steps = stage->scenario->steps;
    for (int i = 0; i < 3; i++)
        advance(stage);
    ck_assert_int_eq(ss_player_insert(stage->player, &steps[2], NULL, &stage->problem),
                     SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "seq: K+1 = 1501, not K = 1500\n"
                                         "mss: 1461, not O = 1460\n");
    struct ss_draft draft;
    ck_assert_int_eq(ss_player_draft_of(stage->player, &steps[1], &draft, &stage->problem), SS_OK);
    uint32_t m;
    ck_assert(
        ss_player_name(stage->player, steps[1].segment.fields[0].value.low.terms[0].name, &m));
    ck_assert_uint_eq(draft.craft.tcp.seq.value, m);
    ss_draft_clear(&draft);
    (void)finish(stage, SS_CHECK_FAILED);
    strike(stage);
}
END_TEST

/* --- steps put in -------------------------------------------------------------------------------
 */

static struct ss_scenario *extras[8]; /* the trace borrows from them */
static size_t extra_count;

static enum ss_status put_in(struct stage *stage, const char *text)
{
    struct ss_diagnostics diagnostics;
    struct ss_scenario **extra = &extras[extra_count++];
    ck_assert_int_eq(ss_scenario_parse_step(stage->scenario, text, false, extra, &diagnostics),
                     SS_OK);
    return ss_player_insert(stage->player, &(*extra)->steps[0], NULL, &stage->problem);
}

static void strike_with_extras(struct stage *stage)
{
    strike(stage);
    while (extra_count > 0)
        ss_scenario_free(extras[--extra_count]);
}

START_TEST(test_player_step_put_in_leaves_the_next_the_next)
{
    struct stage *stage = set_stage(4, bases[_i], "param J\n> SYN seq=J\n< SYN,ACK\n> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, segment(stage, A, 501, 1));
    begin(stage);
    advance(stage);
    advance(stage);
    advance(stage);
    ck_assert_int_eq(put_in(stage, "> PSH,ACK seq=J+9 \"odd\""), SS_OK);
    ck_assert_int_eq(put_in(stage, "wait 1ms"), SS_OK);
    ck_assert_int_eq(put_in(stage, "let J = J+1"), SS_OK);
    ck_assert_int_eq(ss_player_next(stage->player)->segment.flags, A);
    ck_assert_int_eq(put_in(stage, "> PSH,ACK seq=J"), SS_OK);
    advance(stage);
    ck_assert_int_eq(put_in(stage, "< ACK seq=J+500 within 1ms"), SS_OK);
    ck_assert_int_eq(finish(stage, SS_OK), SS_OK);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "> PSH,ACK seq=9 ack=501 size=3"));
    ck_assert_ptr_nonnull(strstr(story, "@1200 held line=1 of input\n"));
    ck_assert_ptr_nonnull(strstr(story, "@1200 > PSH,ACK seq=1 ack=501"));
    ck_assert_ptr_nonnull(strstr(story, "@1200 > ACK seq=1 ack=501"));
    strike_with_extras(stage);
}
END_TEST

/* --- options that no text says ------------------------------------------------------------------
 */

/* One SEND with such options. */
static struct ss_step send_with(struct ss_option_value *options, size_t count)
{
    return (struct ss_step){
        .kind = SS_STEP_SEND,
        .place = {.file = "by hand", .line = 1},
        .text = "",
        .segment = {.flags = S, .flags_given = true, .option_count = count, .options = options}};
}

START_TEST(test_player_step_options_over_40_octets_are_told)
{
    struct ss_option_value options[14];
    struct stage *stage = set_stage(4, 0, "let J = 1\n");
    struct ss_draft draft;
    begin(stage);
    for (size_t i = 0; i < 14; i++)
        options[i] =
            (struct ss_option_value){.form = SS_OPTION_VALUE, .kind = SS_TCP_OPTION_WINDOW_SCALE};
    options[13].kind = SS_TCP_OPTION_NOP;
    struct ss_step step = send_with(options, 14);
    ck_assert_int_eq(ss_player_draft_of(stage->player, &step, &draft, &stage->problem), SS_OK);
    ck_assert_uint_eq(draft.craft.options_length, 40);
    ss_draft_clear(&draft);
    options[13].kind = SS_TCP_OPTION_SACK_PERMITTED;
    ck_assert_int_eq(ss_player_draft_of(stage->player, &step, &draft, &stage->problem), SS_USAGE);
    ck_assert_str_eq(stage->problem.text,
                     "by hand:1: these TCP options exceed the 40 octets that a "
                     "header has for them");
    ss_draft_clear(&draft);
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

/* --- listening, and what is known ---------------------------------------------------------------
 */

START_TEST(test_player_step_listen_takes_in_and_consumes_nothing)
{
    struct stage *stage = set_stage(4, bases[_i], "param J\n> SYN seq=J\n< SYN,ACK seq=K\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    begin(stage);
    advance(stage);
    advance(stage);
    ck_assert_int_eq(ss_player_listen(stage->player, 199, &stage->problem), SS_OK);
    ck_assert_uint_eq(ss_trace_count(stage->trace), 2);
    ck_assert_int_eq(ss_player_listen(stage->player, 300, &stage->problem), SS_OK);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 300);
    ck_assert_uint_eq(ss_trace_count(stage->trace), 3);
    ck_assert_int_eq(ss_player_listen(stage->player, 0, &stage->problem), SS_OK);
    ck_assert_uint_eq(ss_wire_now_us(stage->wire), 300);
    ck_assert(!ss_player_tcb(stage->player).rcv_nxt_known);
    advance(stage);
    expect_story(stage, "@0 > SYN seq=0\n"
                        "@200 < SYN,ACK seq=500 ack=1\n"
                        "@300 held line=3 n=2 checks=3\n");
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

START_TEST(test_player_step_tells_what_is_known)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n> SYN seq=J\n< SYN,ACK seq=K\n"
                                    "set window = 9\nlet X = J+K\n");
    uint32_t value = 77;
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    begin(stage);
    struct ss_player_tcb tcb = ss_player_tcb(stage->player);
    ck_assert(!tcb.snd_nxt_known);
    ck_assert(!tcb.rcv_nxt_known);
    ck_assert_uint_eq(tcb.window, 64240);
    const struct ss_expression *sum = &stage->scenario->steps[4].let.value;
    ck_assert(!ss_player_evaluate(stage->player, sum, &value));
    ck_assert_uint_eq(value, 77);
    advance(stage);
    ck_assert(!ss_player_evaluate(stage->player, sum, &value));
    advance(stage);
    advance(stage);
    advance(stage);
    ck_assert(ss_player_evaluate(stage->player, sum, &value));
    ck_assert_uint_eq(value, 2 * bases[_i] + 500);
    tcb = ss_player_tcb(stage->player);
    ck_assert(tcb.snd_nxt_known);
    ck_assert(tcb.rcv_nxt_known);
    ck_assert_uint_eq(tcb.snd_nxt.value, bases[_i] + 1);
    ck_assert_uint_eq(tcb.rcv_nxt.value, bases[_i] + 501);
    ck_assert_uint_eq(tcb.window, 9);
    ck_assert_int_eq(tcb.verify->sides[SS_SIDE_B].state, SS_TCP_SYN_RECEIVED);
    ck_assert(tcb.verify->sides[SS_SIDE_A].isn_known);
    ck_assert_uint_eq(tcb.verify->sides[SS_SIDE_A].isn.value, bases[_i]);
    (void)finish(stage, SS_OK);
    strike(stage);
}
END_TEST

static Suite *player_step_suite(void)
{
    Suite *suite = suite_create("player_step");
    TCase *tcase = tcase_create("steps");
    tcase_add_test(tcase, test_player_step_next_goes_through_them_all);
    tcase_add_test(tcase, test_player_step_skip_passes_over_a_step_or_a_whole_group);
    tcase_add_test(tcase, test_player_step_that_failed_is_passed);
    tcase_add_loop_test(tcase, test_player_step_draft_is_what_will_go, 0, BASES);
    tcase_add_test(tcase, test_player_step_draft_changes_nothing);
    tcase_add_loop_test(tcase, test_player_step_edited_draft_leaves, 0, BASES);
    tcase_add_test(tcase, test_player_step_draft_that_cannot_be_is_told_and_not_sent);
    tcase_add_test(tcase, test_player_step_that_needs_a_number_not_known_yet);
    tcase_add_test(tcase, test_player_step_that_speaks_of_the_other_version_does_not_hold);
    tcase_add_test(tcase, test_player_step_that_is_performed_again_compares_what_it_bound);
    tcase_add_loop_test(tcase, test_player_step_put_in_leaves_the_next_the_next, 0, BASES);
    tcase_add_test(tcase, test_player_step_options_over_40_octets_are_told);
    tcase_add_loop_test(tcase, test_player_step_listen_takes_in_and_consumes_nothing, 0, BASES);
    tcase_add_loop_test(tcase, test_player_step_tells_what_is_known, 0, BASES);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_step_suite());
}
