/* test_player_hand: what only somebody who steps by hand does: losing, doubling and holding back
 * drafts, being slower than the peer's timers, leaving in the middle. */
#include "stepped.h"

#define DATA                                                                                       \
    "let J = 4294967295\n"                                                                         \
    "> SYN seq=J mss=1460\n"                                                                       \
    "< SYN,ACK seq=K ack=J+1\n"                                                                    \
    "> ACK\n"                                                                                      \
    "> PSH,ACK \"one\"\n"                                                                          \
    "> PSH,ACK \"two\"\n"

enum { OPENED = 4 }; /* steps of DATA until the connection stands */

static struct stepped stepped;

static void begin(const char *text, size_t count)
{
    stepped_open(&stepped, 4, 80, text);
    stepped_go(&stepped, count);
}

/* The next step, with that fate. */
static enum ss_status send_as(enum ss_fate fate)
{
    struct ss_draft draft;
    ck_assert_int_eq(ss_player_draft(stepped.player, &draft, &stepped.problem), SS_OK);
    draft.fate = fate;
    enum ss_status status = ss_player_advance(stepped.player, &draft, &stepped.problem);
    ss_draft_clear(&draft);
    return status;
}

static void listen_for(uint64_t span_us)
{
    ck_assert_int_eq(
        ss_player_listen(stepped.player, ss_wire_now_us(stepped.wire) + span_us, &stepped.problem),
        SS_OK);
}

static uint32_t peer_rcv_nxt(void)
{
    static struct ss_far_answer answer;
    struct ss_far_command look = {.verb = SS_FAR_LOOK};
    ck_assert_int_eq(ss_far_command(stepped.far, &look, &answer, &stepped.problem), SS_OK);
    ck_assert(answer.numbers_known);
    return answer.rcv_nxt.value;
}

/* The last note told; "" for none. */
static const char *last_note(void)
{
    for (size_t i = ss_trace_count(stepped.trace); i > 0; i--)
        if (ss_trace_at(stepped.trace, i - 1)->kind == SS_EVENT_NOTE)
            return ss_trace_at(stepped.trace, i - 1)->note.text;
    return "";
}

static void expect_segment(uint32_t n, enum ss_side from, uint8_t flags, uint32_t seq)
{
    const struct ss_event_segment *segment = stepped_segment(&stepped, n);
    ck_assert_int_eq(segment->from, from);
    ck_assert_uint_eq(segment->packet.tcp.flags, flags);
    ck_assert_uint_eq(segment->packet.tcp.seq.value, seq);
}

START_TEST(test_player_hand_a_lost_draft_counts_as_sent_and_never_arrives)
{
    begin(DATA, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DROPPED), SS_OK);
    ck_assert_int_eq(stepped_segment(&stepped, 4)->fate, SS_FATE_DROPPED);
    ck_assert_uint_eq(ss_player_tcb(stepped.player).snd_nxt.value, 3);
    listen_for(1000);
    ck_assert_uint_eq(peer_rcv_nxt(), 0);
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_a_doubled_draft_arrives_twice)
{
    begin(DATA, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DUPLICATED), SS_OK);
    ck_assert_int_eq(stepped_segment(&stepped, 4)->fate, SS_FATE_DUPLICATED);
    listen_for(1000);
    ck_assert_uint_eq(peer_rcv_nxt(), 3);
    expect_segment(5, SS_SIDE_B, SS_TCP_PSH | SS_TCP_ACK, 5001); /* the echo */
    expect_segment(6, SS_SIDE_B, SS_TCP_ACK, 5004);              /* the answer to the second */
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_what_is_held_goes_when_it_is_released)
{
    begin(DATA, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DELAYED), SS_OK);
    ck_assert_int_eq(send_as(SS_FATE_DELAYED), SS_OK);
    ck_assert_uint_eq(ss_player_held(stepped.player), 2);
    ck_assert_int_eq(stepped_segment(&stepped, 5)->fate, SS_FATE_DELAYED);
    expect_segment(5, SS_SIDE_A, SS_TCP_PSH | SS_TCP_ACK, 3);
    listen_for(600000000);
    ck_assert_uint_eq(peer_rcv_nxt(), 0);
    ck_assert_int_eq(ss_player_release(stepped.player, &stepped.problem), SS_OK);
    ck_assert_str_eq(last_note(), "segment 5, held back so far, goes");
    ck_assert_uint_eq(ss_player_held(stepped.player), 0);
    listen_for(1000);
    ck_assert_uint_eq(peer_rcv_nxt(), 6);
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_what_is_never_released_never_goes)
{
    begin(DATA, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DELAYED), SS_OK);
    struct ss_far *far = stepped.far;
    (void)ss_player_finish(stepped.player, SS_OK, &stepped.problem);
    ck_assert_str_eq(last_note(), "1 segment held back never went");
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(stepped.wire, ss_wire_now_us(stepped.wire) + 1000, &arrival,
                                     &stepped.problem),
                     SS_TIMED_OUT);
    stepped.far = far;
    ck_assert_uint_eq(peer_rcv_nxt(), 0);
    stepped.player = ss_player_new(&stepped.options, stepped.wire, stepped.trace);
    stepped_close(&stepped);
}
END_TEST

/* `drop >` is for the next frame that is left to its fate. */
START_TEST(test_player_hand_a_fate_given_by_hand_leaves_what_was_ordered)
{
    begin(DATA, OPENED);
    const struct ss_step *order = stepped_read(&stepped, "drop >", false);
    ck_assert_int_eq(ss_player_insert(stepped.player, order, NULL, &stepped.problem), SS_OK);
    ck_assert_int_eq(send_as(SS_FATE_DUPLICATED), SS_OK);
    ck_assert_int_eq(send_as(SS_FATE_DELIVERED), SS_OK);
    ck_assert_int_eq(stepped_segment(&stepped, 4)->fate, SS_FATE_DUPLICATED);
    ck_assert_int_eq(stepped_segment(&stepped, 5)->fate, SS_FATE_DROPPED);
    stepped_close(&stepped);
}
END_TEST

/* The SYN/ACK comes a second time while its first is looked at. */
#define SLOW                                                                                       \
    "> SYN seq=J\n"                                                                                \
    "wait 1500ms\n"                                                                                \
    "< SYN,ACK seq=K\n"                                                                            \
    "> ACK\n"                                                                                      \
    "> PSH,ACK \"hello\"\n"                                                                        \
    "< PSH,ACK \"hello\"\n"

static void play_slowly(bool by_hand, size_t count)
{
    begin(SLOW, 0);
    (void)ss_player_finish(stepped.player, SS_OK, &stepped.problem);
    stepped.options.by_hand = by_hand;
    stepped.player = ss_player_new(&stepped.options, stepped.wire, stepped.trace);
    stepped_go(&stepped, count);
}

START_TEST(test_player_hand_a_repetition_is_passed_over)
{
    play_slowly(true, 6);
    expect_segment(3, SS_SIDE_B, SS_TCP_SYN | SS_TCP_ACK, 5000);
    ck_assert_uint_eq(ss_player_tcb(stepped.player).rcv_nxt.value, 5006);
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_without_a_hand_a_repetition_is_not_what_is_expected)
{
    play_slowly(false, 5);
    ck_assert_int_eq(ss_player_advance(stepped.player, NULL, &stepped.problem), SS_CHECK_FAILED);
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_a_repetition_that_is_expected_is_taken)
{
    play_slowly(true, 4);
    const struct ss_step *again = stepped_read(&stepped, "< SYN,ACK seq=K", false);
    ck_assert_int_eq(ss_player_insert(stepped.player, again, NULL, &stepped.problem), SS_OK);
    stepped_close(&stepped);
}
END_TEST

/* New data are no repetition. */
START_TEST(test_player_hand_what_is_new_is_not_passed_over)
{
    play_slowly(true, 5);
    const struct ss_step *other = stepped_read(&stepped, "< RST", false);
    ck_assert_int_eq(ss_player_insert(stepped.player, other, NULL, &stepped.problem),
                     SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(stepped.problem.text, "segment 6 came")); /* the echo */
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_player_hand_an_ack_that_repeats_nothing_is_not_passed_over)
{
    begin(DATA, 0);
    (void)ss_player_finish(stepped.player, SS_OK, &stepped.problem);
    stepped.options.by_hand = true;
    stepped.player = ss_player_new(&stepped.options, stepped.wire, stepped.trace);
    stepped_go(&stepped, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DUPLICATED), SS_OK);
    const struct ss_step *echo = stepped_read(&stepped, "< PSH,ACK \"one\"", false);
    ck_assert_int_eq(ss_player_insert(stepped.player, echo, NULL, &stepped.problem), SS_OK);
    const struct ss_step *other = stepped_read(&stepped, "< RST", false);
    ck_assert_int_eq(ss_player_insert(stepped.player, other, NULL, &stepped.problem),
                     SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(stepped.problem.text, "segment 6 came"));
    stepped_close(&stepped);
}
END_TEST

/* How it was left: what was sent last, from the end. */
static void leave(void)
{
    ss_problem_set(&stepped.problem, SS_INTERRUPTED, "left");
    (void)ss_player_finish(stepped.player, SS_INTERRUPTED, &stepped.problem);
}

static void close_left(void)
{
    stepped.player = ss_player_new(&stepped.options, stepped.wire, stepped.trace);
    stepped_close(&stepped);
}

START_TEST(test_player_hand_an_answer_that_no_step_took_is_reset)
{
    begin(DATA, 2);
    listen_for(1000);
    leave();
    expect_segment(3, SS_SIDE_A, SS_TCP_RST, 0);
    close_left();
}
END_TEST

START_TEST(test_player_hand_leaving_after_a_loss_resets_where_the_peer_is)
{
    begin(DATA, OPENED);
    ck_assert_int_eq(send_as(SS_FATE_DROPPED), SS_OK);
    leave();
    expect_segment(5, SS_SIDE_A, SS_TCP_RST | SS_TCP_ACK, 3);
    expect_segment(6, SS_SIDE_A, SS_TCP_RST | SS_TCP_ACK, 0);
    close_left();
}
END_TEST

START_TEST(test_player_hand_leaving_with_nothing_lost_resets_once)
{
    begin(DATA, OPENED);
    leave();
    expect_segment(4, SS_SIDE_A, SS_TCP_RST | SS_TCP_ACK, 0);
    ck_assert_int_eq(ss_trace_at(stepped.trace, ss_trace_count(stepped.trace) - 1)->kind,
                     SS_EVENT_END);
    ck_assert_uint_eq(ss_trace_at(stepped.trace, ss_trace_count(stepped.trace) - 1)->end.segments,
                      4);
    close_left();
}
END_TEST

START_TEST(test_player_hand_a_step_by_itself_is_checked_like_the_scenarios)
{
    begin(DATA, OPENED);
    stepped.options.raw = true;
    const struct ss_step *step = stepped_read(&stepped, "> ACK ip.checksum=1", false);
    ck_assert_int_eq(ss_player_check_step(&stepped.options, step, &stepped.problem), SS_USAGE);
    step = stepped_read(&stepped, "> ACK checksum=1", false);
    ck_assert_int_eq(ss_player_check_step(&stepped.options, step, &stepped.problem), SS_OK);
    stepped_close(&stepped);
}
END_TEST

static Suite *player_hand_suite(void)
{
    Suite *suite = suite_create("player_hand");
    TCase *tests = tcase_create("player_hand");
    tcase_add_test(tests, test_player_hand_a_lost_draft_counts_as_sent_and_never_arrives);
    tcase_add_test(tests, test_player_hand_a_doubled_draft_arrives_twice);
    tcase_add_test(tests, test_player_hand_what_is_held_goes_when_it_is_released);
    tcase_add_test(tests, test_player_hand_what_is_never_released_never_goes);
    tcase_add_test(tests, test_player_hand_a_fate_given_by_hand_leaves_what_was_ordered);
    tcase_add_test(tests, test_player_hand_a_repetition_is_passed_over);
    tcase_add_test(tests, test_player_hand_without_a_hand_a_repetition_is_not_what_is_expected);
    tcase_add_test(tests, test_player_hand_a_repetition_that_is_expected_is_taken);
    tcase_add_test(tests, test_player_hand_what_is_new_is_not_passed_over);
    tcase_add_test(tests, test_player_hand_an_ack_that_repeats_nothing_is_not_passed_over);
    tcase_add_test(tests, test_player_hand_an_answer_that_no_step_took_is_reset);
    tcase_add_test(tests, test_player_hand_leaving_after_a_loss_resets_where_the_peer_is);
    tcase_add_test(tests, test_player_hand_leaving_with_nothing_lost_resets_once);
    tcase_add_test(tests, test_player_hand_a_step_by_itself_is_checked_like_the_scenarios);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(player_hand_suite());
}
