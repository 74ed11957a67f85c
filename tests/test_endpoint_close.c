/* test_endpoint_close: FINs in every order (RFC 9293 section 3.6), and what comes after them. */
#include "endpoint_support.h"

START_TEST(test_endpoint_active_close_walks_to_time_wait)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect_state(&bench, SS_TCP_ESTABLISHED); /* until the FIN goes out */
    expect(&bench, FIN | ACK, 1, 1, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 1, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_TIME_WAIT);
    expect(&bench, ACK, 2, 2, 0);
    expect_nothing(&bench);
    expect_deadline_in(&bench, 240 * SECOND);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    ck_assert(bench.endpoint.fin_received);
}
END_TEST

START_TEST(test_endpoint_passive_close_walks_to_closed)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 1, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 2, 0);
    expect_nothing(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, FIN | ACK, 1, 2, 0);
    expect_state(&bench, SS_TCP_LAST_ACK);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 2, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_fin_with_ack_of_ours_goes_straight_to_time_wait)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_FIN_WAIT_1);
    arrive(&bench, FIN | ACK, 1, 2, 0);
    expect_state(&bench, SS_TCP_TIME_WAIT);
    expect(&bench, ACK, 2, 2, 0);
}
END_TEST

/* RFC 9293 section 3.6, figure 13. */
START_TEST(test_endpoint_simultaneous_close_goes_through_closing)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_FIN_WAIT_1);
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 1, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_CLOSING);
    expect(&bench, ACK, 2, 2, 0);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 2, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_CLOSING);
    ck_assert_int_eq(arrive(&bench, ACK, 2, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_TIME_WAIT);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_half_close_still_receives)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_FIN_WAIT_2);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 2, 30), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, 30);
    expect(&bench, ACK, 2, 31, 0);
    arrive(&bench, FIN | ACK, 31, 2, 0);
    expect(&bench, ACK, 2, 32, 0);
    expect_state(&bench, SS_TCP_TIME_WAIT);
}
END_TEST

START_TEST(test_endpoint_fin_wait_1_still_receives)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_FIN_WAIT_1);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 30), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, 30);
    expect(&bench, ACK, 2, 31, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
}
END_TEST

START_TEST(test_endpoint_close_wait_still_sends)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_CLOSE_WAIT);
    ss_endpoint_write(&bench.endpoint, 1500);
    expect(&bench, ACK, 1, 2, 1000);
    expect(&bench, PSH | ACK, 1001, 2, 500);
    ss_endpoint_close(&bench.endpoint);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, FIN | ACK, 1501, 2, 0);
    expect_nothing(&bench);
    arrive(&bench, ACK, 2, 1501, 0);
    expect_state(&bench, SS_TCP_LAST_ACK);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 1500);
    arrive(&bench, ACK, 2, 1502, 0);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 1500);
}
END_TEST

START_TEST(test_endpoint_ack_of_data_goes_out_before_the_fin)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, PSH | ACK, 1, 1, 20);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, ACK, 1, 21, 0);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect(&bench, FIN | ACK, 1, 21, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
}
END_TEST

START_TEST(test_endpoint_ack_of_fin_goes_out_before_our_own)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, FIN | ACK, 1, 1, 0);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, ACK, 1, 2, 0);
    expect(&bench, FIN | ACK, 1, 2, 0);
}
END_TEST

START_TEST(test_endpoint_data_with_fin_is_one_acknowledgement)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, PSH | FIN | ACK, 1, 1, 20);
    ck_assert_uint_eq(bench.delivery.length, 20);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 22, 0);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_fin_ahead_of_a_hole_waits)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 11, 1, 5), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.offset, 10);
    ck_assert_uint_eq(bench.delivery.length, 5);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, ACK, 1, 1, 10);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 17, 0);
    ck_assert_uint_eq(bench.endpoint.received, 15);
}
END_TEST

START_TEST(test_endpoint_bare_fin_ahead_of_a_hole_waits)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_FIN_WAIT_2);
    arrive(&bench, FIN | ACK, 11, 2, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
    expect(&bench, ACK, 2, 1, 0);
    arrive(&bench, ACK, 1, 2, 10);
    expect_state(&bench, SS_TCP_TIME_WAIT);
    expect(&bench, ACK, 2, 12, 0);
}
END_TEST

START_TEST(test_endpoint_text_past_the_fin_is_cut_off)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, FIN | ACK, 11, 1, 0);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, ACK, 1, 1, 50);
    ck_assert_uint_eq(bench.delivery.length, 10);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 12, 0);
    ck_assert_uint_eq(bench.endpoint.received, 10);
}
END_TEST

START_TEST(test_endpoint_fin_below_known_text_is_not_believed)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, 11, 1, 10);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, FIN | ACK, 15, 1, 0);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, ACK, 1, 1, 10);
    expect(&bench, ACK, 1, 21, 0);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    arrive(&bench, FIN | ACK, 21, 1, 0);
    expect(&bench, ACK, 1, 22, 0);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
}
END_TEST

START_TEST(test_endpoint_fin_beyond_the_window_is_not_taken)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    for (int64_t at = 1; at < BUFFER; at += 1000) {
        arrive(&bench, at + 1000 > BUFFER ? FIN | ACK : ACK, at, 1, 1000);
        expect(&bench, ACK, 1, at + 1000, 0);
    }
    ck_assert_uint_eq(bench.out.window, 0);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    ss_endpoint_read(&bench.endpoint, BUFFER);
    expect_window(&bench, ACK, 1, BUFFER + 1, 0, BUFFER);
    arrive(&bench, FIN | ACK, BUFFER + 1, 1, 0);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
}
END_TEST

START_TEST(test_endpoint_text_after_the_fin_is_ignored)
{
    const enum ss_tcp_state states[] = {SS_TCP_CLOSE_WAIT, SS_TCP_CLOSING, SS_TCP_LAST_ACK,
                                        SS_TCP_TIME_WAIT};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct bench bench = bench_at(_i);
        reach(&bench, states[i]);
        arrive(&bench, ACK, 2, 1, 10);
        ck_assert_uint_eq(bench.delivery.length, 0);
        ck_assert_uint_eq(bench.endpoint.rcv_nxt.value, from_k(&bench, 2).value);
        expect_nothing(&bench);
        expect_state(&bench, states[i]);
    }
}
END_TEST

START_TEST(test_endpoint_fin_again_is_acknowledged_again)
{
    const enum ss_tcp_state states[] = {SS_TCP_CLOSE_WAIT, SS_TCP_CLOSING, SS_TCP_LAST_ACK};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct bench bench = bench_at(_i);
        reach(&bench, states[i]);
        ck_assert_int_eq(arrive(&bench, FIN | ACK, 1, 1, 0), SS_ENDPOINT_UNACCEPTABLE);
        expect(&bench, ACK, states[i] == SS_TCP_CLOSE_WAIT ? 1 : 2, 2, 0);
        expect_nothing(&bench);
        expect_state(&bench, states[i]);
    }
}
END_TEST

START_TEST(test_endpoint_fin_again_in_time_wait_starts_it_anew)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_TIME_WAIT);
    bench.now += 100 * SECOND;
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 1, 2, 0), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 2, 2, 0);
    expect_nothing(&bench);
    bench.now += 5 * SECOND;
    /* Something else that is old does not. */
    ck_assert_int_eq(arrive(&bench, ACK, 0, 2, 0), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 2, 2, 0);
    ck_assert_int_eq(arrive(&bench, ACK, 2, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect_deadline_in(&bench, 235 * SECOND);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
}
END_TEST

START_TEST(test_endpoint_another_fin_in_time_wait_starts_it_anew)
{
    struct bench bench = bench_at(_i);
    reach(&bench, SS_TCP_TIME_WAIT);
    bench.now += 100 * SECOND;
    ck_assert_int_eq(arrive(&bench, FIN | ACK, 2, 2, 0), SS_ENDPOINT_ACCEPTED);
    expect(&bench, ACK, 2, 2, 0);
    expect_deadline_in(&bench, 240 * SECOND);
}
END_TEST

START_TEST(test_endpoint_lost_fin_is_sent_again)
{
    const enum ss_tcp_state states[] = {SS_TCP_FIN_WAIT_1, SS_TCP_CLOSING, SS_TCP_LAST_ACK};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct bench bench = bench_at(_i);
        reach(&bench, states[i]);
        expect_deadline_in(&bench, SECOND);
        expect(&bench, FIN | ACK, 1, states[i] == SS_TCP_FIN_WAIT_1 ? 1 : 2, 0);
        expect_nothing(&bench);
        expect_state(&bench, states[i]);
        expect_deadline_in(&bench, 2 * SECOND);
    }
}
END_TEST

START_TEST(test_endpoint_fin_waits_for_data_and_window)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 1500;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 3000);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, ACK, 1, 1, 1000);
    expect_nothing(&bench); /* 500 would be a silly piece: 2000 wait and half of 1500 is more */
    expect_state(&bench, SS_TCP_ESTABLISHED);
    bench.peer_window = 2000;
    arrive(&bench, ACK, 1, 1001, 0);
    expect(&bench, ACK, 1001, 1, 1000);
    expect(&bench, PSH | ACK, 2001, 1, 1000);
    expect_nothing(&bench); /* the FIN has no room */
    expect_state(&bench, SS_TCP_ESTABLISHED);
    bench.peer_window = 1001;
    arrive(&bench, ACK, 1, 2001, 0);
    expect(&bench, FIN | ACK, 3001, 1, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
}
END_TEST

START_TEST(test_endpoint_ack_of_data_alone_does_not_leave_fin_wait_1)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, PSH | ACK, 1, 1, 10);
    expect(&bench, FIN | ACK, 11, 1, 0);
    arrive(&bench, ACK, 1, 11, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
    arrive(&bench, ACK, 1, 12, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_close");
    TCase *tcase = tcase_create("close");
    add_at_wraps(tcase, test_endpoint_active_close_walks_to_time_wait);
    add_at_wraps(tcase, test_endpoint_passive_close_walks_to_closed);
    add_at_wraps(tcase, test_endpoint_fin_with_ack_of_ours_goes_straight_to_time_wait);
    add_at_wraps(tcase, test_endpoint_simultaneous_close_goes_through_closing);
    add_at_wraps(tcase, test_endpoint_half_close_still_receives);
    add_at_wraps(tcase, test_endpoint_fin_wait_1_still_receives);
    add_at_wraps(tcase, test_endpoint_close_wait_still_sends);
    add_at_wraps(tcase, test_endpoint_ack_of_data_goes_out_before_the_fin);
    add_at_wraps(tcase, test_endpoint_ack_of_fin_goes_out_before_our_own);
    add_at_wraps(tcase, test_endpoint_data_with_fin_is_one_acknowledgement);
    add_at_wraps(tcase, test_endpoint_fin_ahead_of_a_hole_waits);
    add_at_wraps(tcase, test_endpoint_bare_fin_ahead_of_a_hole_waits);
    add_at_wraps(tcase, test_endpoint_text_past_the_fin_is_cut_off);
    add_at_wraps(tcase, test_endpoint_fin_below_known_text_is_not_believed);
    add_at_wraps(tcase, test_endpoint_fin_beyond_the_window_is_not_taken);
    add_at_wraps(tcase, test_endpoint_text_after_the_fin_is_ignored);
    add_at_wraps(tcase, test_endpoint_fin_again_is_acknowledged_again);
    add_at_wraps(tcase, test_endpoint_fin_again_in_time_wait_starts_it_anew);
    add_at_wraps(tcase, test_endpoint_another_fin_in_time_wait_starts_it_anew);
    add_at_wraps(tcase, test_endpoint_lost_fin_is_sent_again);
    add_at_wraps(tcase, test_endpoint_fin_waits_for_data_and_window);
    add_at_wraps(tcase, test_endpoint_ack_of_data_alone_does_not_leave_fin_wait_1);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
