/* test_endpoint_reset: RST, SYN and doubtful ACKs in synchronized states (RFC 5961), and ABORT. */
#include "endpoint_support.h"

enum { SYNCHRONIZED = 7 };

static const enum ss_tcp_state synchronized[SYNCHRONIZED] = {
    SS_TCP_ESTABLISHED, SS_TCP_FIN_WAIT_1, SS_TCP_FIN_WAIT_2, SS_TCP_CLOSE_WAIT,
    SS_TCP_CLOSING,     SS_TCP_LAST_ACK,   SS_TCP_TIME_WAIT,
};

/* Our next number in a state that `reach` has led to, from J. */
static int64_t our_next(enum ss_tcp_state state)
{
    return state == SS_TCP_ESTABLISHED || state == SS_TCP_CLOSE_WAIT ? 1 : 2;
}

/* The peer's next number, from K. */
static int64_t peer_next(enum ss_tcp_state state)
{
    bool before_fin =
        state == SS_TCP_ESTABLISHED || state == SS_TCP_FIN_WAIT_1 || state == SS_TCP_FIN_WAIT_2;
    return before_fin ? 1 : 2;
}

static bool is_after_both_fins(enum ss_tcp_state state)
{
    return state == SS_TCP_CLOSING || state == SS_TCP_LAST_ACK || state == SS_TCP_TIME_WAIT;
}

START_TEST(test_endpoint_exact_rst_ends_every_synchronized_state)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        reach(&bench, synchronized[i]);
        ck_assert_int_eq(arrive(&bench, RST, peer_next(synchronized[i]), 12345, 0),
                         SS_ENDPOINT_ENDED);
        expect_state(&bench, SS_TCP_CLOSED);
        ck_assert_int_eq(bench.endpoint.failure, is_after_both_fins(synchronized[i])
                                                     ? SS_ENDPOINT_NO_FAILURE
                                                     : SS_ENDPOINT_RESET);
        expect_nothing(&bench);
        expect_no_deadline(&bench);
    }
}
END_TEST

START_TEST(test_endpoint_rst_elsewhere_in_the_window_is_challenged)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        enum ss_tcp_state state = synchronized[i];
        reach(&bench, state);
        int64_t last = (int64_t)bench.endpoint.rcv_wnd - 1;
        ck_assert_int_eq(arrive(&bench, RST, peer_next(state) + 1, 0, 0), SS_ENDPOINT_CHALLENGED);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        ck_assert_int_eq(arrive(&bench, RST | ACK, peer_next(state) + last, 0, 0),
                         SS_ENDPOINT_CHALLENGED);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        expect_nothing(&bench);
        expect_state(&bench, state);
    }
}
END_TEST

START_TEST(test_endpoint_rst_outside_the_window_is_dropped)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        enum ss_tcp_state state = synchronized[i];
        reach(&bench, state);
        int64_t edge = (int64_t)bench.endpoint.rcv_wnd + peer_next(state);
        ck_assert_int_eq(arrive(&bench, RST, peer_next(state) - 1, 0, 0), SS_ENDPOINT_IGNORED);
        ck_assert_int_eq(arrive(&bench, RST, edge, 0, 0), SS_ENDPOINT_IGNORED);
        ck_assert_int_eq(arrive(&bench, RST, edge + 0x7fffffff, 0, 0), SS_ENDPOINT_IGNORED);
        expect_nothing(&bench);
        expect_state(&bench, state);
    }
}
END_TEST

START_TEST(test_endpoint_syn_is_challenged)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        enum ss_tcp_state state = synchronized[i];
        reach(&bench, state);
        ck_assert_int_eq(arrive(&bench, SYN, peer_next(state), 0, 0), SS_ENDPOINT_CHALLENGED);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        ck_assert_int_eq(arrive(&bench, SYN | ACK, peer_next(state) + 9, our_next(state), 0),
                         SS_ENDPOINT_CHALLENGED);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        /* Out of the window the first step answers already. */
        ck_assert_int_eq(arrive(&bench, SYN, peer_next(state) - 100, 0, 0),
                         SS_ENDPOINT_UNACCEPTABLE);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        expect_nothing(&bench);
        expect_state(&bench, state);
    }
}
END_TEST

/* The peer did not get our third segment and repeats its SYN,ACK. */
START_TEST(test_endpoint_syn_ack_again_is_acknowledged_again)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, SYN | ACK, 0, 1, 0), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 1, 1, 0);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_ESTABLISHED);
}
END_TEST

START_TEST(test_endpoint_ack_of_the_unsent_is_answered_and_dropped)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        enum ss_tcp_state state = synchronized[i];
        reach(&bench, state);
        ck_assert_int_eq(arrive(&bench, ACK, peer_next(state), our_next(state) + 1, 9),
                         SS_ENDPOINT_BAD_ACK);
        ck_assert_uint_eq(bench.delivery.length, 0);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        ck_assert_int_eq(arrive(&bench, ACK, peer_next(state), our_next(state) + 0x7fffffff, 0),
                         SS_ENDPOINT_BAD_ACK);
        expect(&bench, ACK, our_next(state), peer_next(state), 0);
        expect_nothing(&bench);
        expect_state(&bench, state);
    }
}
END_TEST

/* RFC 5961 section 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK. */
START_TEST(test_endpoint_ack_older_than_the_window_is_challenged)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1 - PEER_WINDOW - 1, 9), SS_ENDPOINT_CHALLENGED);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect(&bench, ACK, 1, 1, 0);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1 - PEER_WINDOW, 9), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, 9);
    expect(&bench, ACK, 1, 10, 0);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_segment_without_ack_is_ignored)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, FIN | PSH, 1, 1, 9), SS_ENDPOINT_IGNORED);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_ESTABLISHED);
}
END_TEST

/* RFC 5961 section 7: ten a second here. */
START_TEST(test_endpoint_challenges_are_limited_per_second)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    for (int second = 0; second < 3; second++) {
        for (int i = 0; i < 10; i++) {
            ck_assert_int_eq(arrive(&bench, SYN, 5, 0, 0), SS_ENDPOINT_CHALLENGED);
            expect(&bench, ACK, 1, 1, 0);
        }
        ck_assert_int_eq(arrive(&bench, SYN, 5, 0, 0), SS_ENDPOINT_CHALLENGED);
        ck_assert_int_eq(arrive(&bench, RST, 5, 0, 0), SS_ENDPOINT_CHALLENGED);
        ck_assert_int_eq(arrive(&bench, ACK, 1, 7, 0), SS_ENDPOINT_BAD_ACK);
        ck_assert_int_eq(arrive(&bench, ACK, 0, 1, 0), SS_ENDPOINT_UNACCEPTABLE);
        bench.now += SECOND - 1;
        ck_assert_int_eq(arrive(&bench, RST, 5, 0, 0), SS_ENDPOINT_CHALLENGED);
        expect_nothing(&bench);
        bench.now += 1;
    }
    /* What has a length is retransmitted by an honest peer, and always answered. */
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(arrive(&bench, ACK, 0, 1, 1), SS_ENDPOINT_UNACCEPTABLE);
        expect(&bench, ACK, 1, 1, 0);
    }
}
END_TEST

START_TEST(test_endpoint_abort_resets_where_the_peer_may_hold_a_connection)
{
    for (int i = 0; i < SYNCHRONIZED; i++) {
        struct bench bench = bench_at(_i);
        reach(&bench, synchronized[i]);
        ss_endpoint_abort(&bench.endpoint);
        expect_state(&bench, SS_TCP_CLOSED);
        ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_ABORTED);
        if (!is_after_both_fins(synchronized[i]))
            expect_unacknowledging(&bench, RST, our_next(synchronized[i]));
        expect_nothing(&bench);
        expect_no_deadline(&bench);
    }
}
END_TEST

START_TEST(test_endpoint_abort_with_data_outstanding_resets_after_it)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 300);
    expect(&bench, PSH | ACK, 1, 1, 300);
    ss_endpoint_abort(&bench.endpoint);
    expect_unacknowledging(&bench, RST, 301);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_abort_before_a_connection_sends_nothing)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    ss_endpoint_abort(&bench.endpoint);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    ss_endpoint_listen(&bench.endpoint);
    ss_endpoint_abort(&bench.endpoint);
    expect_nothing(&bench);
    connect_out(&bench);
    ss_endpoint_abort(&bench.endpoint);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_ABORTED);
    expect_nothing(&bench);
    half_open(&bench);
    ss_endpoint_abort(&bench.endpoint);
    expect_unacknowledging(&bench, RST, 1);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_answers_nobody_takes_are_not_heaped_up)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(arrive(&bench, ACK, 0, i, 0), SS_ENDPOINT_NO_CONNECTION);
    for (int i = 0; i < SS_ENDPOINT_ANSWERS_MAX; i++)
        expect_unacknowledging(&bench, RST, i);
    expect_nothing(&bench);
}
END_TEST

/* RFC 9293 section 3.5.1, figure 10: one end has forgotten the connection and opens it anew. */
START_TEST(test_endpoint_half_open_connection_is_discovered)
{
    struct bench old = bench_at(_i);
    establish(&old);
    struct ss_endpoint_options options = ss_endpoint_defaults(from_k(&old, 400));
    struct ss_endpoint anew;
    struct ss_endpoint_delivery delivery;
    struct ss_segment segment;
    ss_endpoint_init(&anew, &options);
    ss_endpoint_connect(&anew);
    ck_assert(ss_endpoint_send(&anew, 0, &segment));
    ck_assert_int_eq(put_in(&old, &segment), SS_ENDPOINT_CHALLENGED);
    expect(&old, ACK, 1, 1, 0);
    ck_assert_int_eq(ss_endpoint_receive(&anew, &old.out, 0, &delivery), SS_ENDPOINT_BAD_ACK);
    ck_assert(ss_endpoint_send(&anew, 0, &segment));
    ck_assert_uint_eq(segment.flags, RST);
    ck_assert_uint_eq(segment.seq.value, from_k(&old, 1).value);
    ck_assert_int_eq(put_in(&old, &segment), SS_ENDPOINT_ENDED);
    expect_state(&old, SS_TCP_CLOSED);
    ck_assert_int_eq(old.endpoint.failure, SS_ENDPOINT_RESET);
}
END_TEST

START_TEST(test_endpoint_impossible_payload_length_is_ignored)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 65536), SS_ENDPOINT_IGNORED);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 0xffffffff), SS_ENDPOINT_IGNORED);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 65535), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, BUFFER);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_reset");
    TCase *tcase = tcase_create("reset");
    add_at_wraps(tcase, test_endpoint_exact_rst_ends_every_synchronized_state);
    add_at_wraps(tcase, test_endpoint_rst_elsewhere_in_the_window_is_challenged);
    add_at_wraps(tcase, test_endpoint_rst_outside_the_window_is_dropped);
    add_at_wraps(tcase, test_endpoint_syn_is_challenged);
    add_at_wraps(tcase, test_endpoint_syn_ack_again_is_acknowledged_again);
    add_at_wraps(tcase, test_endpoint_ack_of_the_unsent_is_answered_and_dropped);
    add_at_wraps(tcase, test_endpoint_ack_older_than_the_window_is_challenged);
    add_at_wraps(tcase, test_endpoint_segment_without_ack_is_ignored);
    add_at_wraps(tcase, test_endpoint_challenges_are_limited_per_second);
    add_at_wraps(tcase, test_endpoint_abort_resets_where_the_peer_may_hold_a_connection);
    add_at_wraps(tcase, test_endpoint_abort_with_data_outstanding_resets_after_it);
    add_at_wraps(tcase, test_endpoint_abort_before_a_connection_sends_nothing);
    add_at_wraps(tcase, test_endpoint_answers_nobody_takes_are_not_heaped_up);
    add_at_wraps(tcase, test_endpoint_half_open_connection_is_discovered);
    add_at_wraps(tcase, test_endpoint_impossible_payload_length_is_ignored);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
