/* test_endpoint_timer: RFC 6298's numbers, Karn's rule, probes of a closed window, giving up. */
#include "endpoint_support.h"

START_TEST(test_endpoint_lost_syn_is_sent_at_doubled_intervals)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    uint64_t interval = SECOND;
    for (int i = 0; i < 8; i++) {
        expect_deadline_in(&bench, interval);
        expect_unacknowledging(&bench, SYN, 0);
        ck_assert(bench.out.options.has_mss);
        expect_nothing(&bench);
        interval = interval * 2 > 60 * SECOND ? 60 * SECOND : interval * 2;
    }
    ck_assert_uint_eq(interval, 60 * SECOND);
    expect_deadline_in(&bench, interval);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_GAVE_UP);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_lost_syn_ack_is_sent_again)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, SYN | ACK, 0, 1, 0);
    expect_nothing(&bench);
    expect_deadline_in(&bench, 2 * SECOND);
    expect(&bench, SYN | ACK, 0, 1, 0);
    arrive(&bench, ACK, 1, 1, 0);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_lost_data_is_given_up_with_a_reset)
{
    struct bench bench = bench_at(_i);
    bench.options.retransmissions = 2;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, 1, 10);
    for (uint64_t i = 0; i < 2; i++) {
        expect_deadline_in(&bench, SECOND << i);
        expect(&bench, PSH | ACK, 1, 1, 10);
    }
    expect_deadline_in(&bench, 4 * SECOND);
    expect_unacknowledging(&bench, RST, 11);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_GAVE_UP);
}
END_TEST

START_TEST(test_endpoint_progress_starts_the_count_of_retransmissions_anew)
{
    struct bench bench = bench_at(_i);
    bench.options.retransmissions = 1;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 3000);
    for (int64_t i = 0; i < 3; i++)
        expect(&bench, i < 2 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    for (int64_t i = 0; i < 3; i++) {
        bench.now = ss_endpoint_deadline(&bench.endpoint);
        expect(&bench, i < 2 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
        expect_nothing(&bench);
        arrive(&bench, ACK, 1, 1001 + 1000 * i, 0);
        while (ss_endpoint_send(&bench.endpoint, bench.now, &bench.out))
            ck_assert_uint_eq(bench.out.payload_length, 1000);
    }
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 3000);
    expect_state(&bench, SS_TCP_ESTABLISHED);
}
END_TEST

/* RFC 6298 section 2, with its numbers worked by hand: R = 400 ms, then R' = 800 ms. */
START_TEST(test_endpoint_rto_follows_round_trip_times)
{
    struct bench bench = bench_at(_i);
    bench.options.rto_min_us = 1;
    connect_out(&bench);
    bench.now += 400000;
    arrive(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, 400000);
    ck_assert_uint_eq(bench.endpoint.rttvar_us, 200000);
    ck_assert_uint_eq(bench.endpoint.rto_us, 1200000);
    expect(&bench, ACK, 1, 1, 0);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, 1, 10);
    ck_assert_uint_eq(ss_endpoint_deadline(&bench.endpoint), bench.now + 1200000);
    bench.now += 800000;
    arrive(&bench, ACK, 1, 11, 0);
    ck_assert_uint_eq(bench.endpoint.rttvar_us, 250000); /* 3/4 * 200 + 1/4 * |400 - 800| */
    ck_assert_uint_eq(bench.endpoint.srtt_us, 450000);   /* 7/8 * 400 + 1/8 * 800 */
    ck_assert_uint_eq(bench.endpoint.rto_us, 1450000);   /* 450 + 4 * 250 */
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 11, 1, 10);
    bench.now += 50000;
    arrive(&bench, ACK, 1, 21, 0);
    ck_assert_uint_eq(bench.endpoint.rttvar_us, 287500); /* 3/4 * 250 + 1/4 * |450 - 50| */
    ck_assert_uint_eq(bench.endpoint.srtt_us, 400000);   /* 7/8 * 450 + 1/8 * 50 */
    ck_assert_uint_eq(bench.endpoint.rto_us, 1550000);
}
END_TEST

START_TEST(test_endpoint_rto_stays_within_its_bounds)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    bench.now += 100;
    arrive(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, 100);
    ck_assert_uint_eq(bench.endpoint.rto_us, SECOND);
    bench = bench_at(_i);
    bench.options.rto_max_us = 2 * SECOND;
    bench.options.rto_initial_us = 2 * SECOND;
    connect_out(&bench);
    bench.now += 2 * SECOND - 1;
    arrive(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, 2 * SECOND - 1);
    ck_assert_uint_eq(bench.endpoint.rto_us, 2 * SECOND);
}
END_TEST

/* Karn: what was sent twice is not timed; the doubled RTO stays until something else is. */
START_TEST(test_endpoint_retransmission_is_not_timed)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    uint64_t srtt = bench.endpoint.srtt_us;
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, 1, 10);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, PSH | ACK, 1, 1, 10);
    bench.now += 300000;
    arrive(&bench, ACK, 1, 11, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, srtt);
    ck_assert_uint_eq(bench.endpoint.rto_us, 2 * SECOND);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 11, 1, 10);
    ck_assert_uint_eq(ss_endpoint_deadline(&bench.endpoint), bench.now + 2 * SECOND);
    bench.now += 800000;
    arrive(&bench, ACK, 1, 21, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, (7 * srtt + 800000) / 8);
    ck_assert_uint_eq(bench.endpoint.rto_us, SECOND);
}
END_TEST

START_TEST(test_endpoint_fast_retransmission_is_not_timed)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    uint64_t srtt = bench.endpoint.srtt_us;
    ss_endpoint_write(&bench.endpoint, 4000);
    for (int64_t i = 0; i < 4; i++)
        expect(&bench, i < 3 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    for (int i = 0; i < 3; i++)
        arrive(&bench, ACK, 1, 1, 0);
    expect(&bench, ACK, 1, 1, 1000);
    bench.now += 700000;
    arrive(&bench, ACK, 1, 4001, 0);
    ck_assert_uint_eq(bench.endpoint.srtt_us, srtt);
}
END_TEST

START_TEST(test_endpoint_retransmitted_syn_is_not_timed)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    expect_deadline_in(&bench, SECOND);
    expect_unacknowledging(&bench, SYN, 0);
    bench.now += 100;
    arrive(&bench, SYN | ACK, 0, 1, 0);
    ck_assert(!bench.endpoint.rtt_known);
    expect(&bench, ACK, 1, 1, 0);
    /* RFC 6298 section 5.7: 3 s when data begins; RFC 5681 section 3.1: one segment. */
    ss_endpoint_write(&bench.endpoint, 5000);
    expect(&bench, ACK, 1, 1, 1000);
    expect_nothing(&bench);
    ck_assert_uint_eq(ss_endpoint_deadline(&bench.endpoint), bench.now + 3 * SECOND);
}
END_TEST

/* RFC 6298 section 5.1 to 5.3. */
START_TEST(test_endpoint_timer_runs_from_the_last_progress)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 2000);
    expect(&bench, ACK, 1, 1, 1000);
    uint64_t first = bench.now;
    bench.now += 300000;
    expect(&bench, PSH | ACK, 1001, 1, 1000);
    ck_assert_uint_eq(ss_endpoint_deadline(&bench.endpoint), first + SECOND);
    bench.now += 300000;
    arrive(&bench, ACK, 1, 1001, 0);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, PSH | ACK, 1001, 1, 1000);
    arrive(&bench, ACK, 1, 2001, 0);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_timeout_goes_back_and_slowly_forward)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 4000);
    ss_endpoint_close(&bench.endpoint);
    for (int64_t i = 0; i < 4; i++)
        expect(&bench, i < 3 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    expect(&bench, FIN | ACK, 4001, 1, 0);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, ACK, 1, 1, 1000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 1001, 0);
    expect(&bench, ACK, 1001, 1, 1000);
    expect(&bench, ACK, 2001, 1, 1000);
    expect_nothing(&bench);
    /* Text meanwhile is acknowledged with the highest number, not with the one gone back to. */
    arrive(&bench, ACK, 1, 1001, 5);
    expect(&bench, ACK, 4002, 6, 0);
    arrive(&bench, ACK, 6, 3001, 0);
    expect(&bench, PSH | ACK, 3001, 6, 1000);
    expect(&bench, FIN | ACK, 4001, 6, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
    arrive(&bench, ACK, 6, 4002, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
}
END_TEST

START_TEST(test_endpoint_late_ack_of_everything_ends_going_back)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 3000);
    for (int64_t i = 0; i < 3; i++)
        expect(&bench, i < 2 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    bench.now += SECOND;
    expect(&bench, ACK, 1, 1, 1000);
    arrive(&bench, ACK, 1, 3001, 0);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
    ck_assert_uint_eq(bench.endpoint.snd_nxt.value, from_j(&bench, 3001).value);
}
END_TEST

START_TEST(test_endpoint_closed_window_is_probed_at_growing_intervals)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 0;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect_nothing(&bench);
    uint64_t interval = SECOND;
    for (int i = 0; i < 20; i++) { /* far more than 8: it answers, so it is never given up */
        expect_deadline_in(&bench, interval);
        expect(&bench, ACK, 1, 1, 1);
        ck_assert_uint_eq(bench.out.stream_offset, 0);
        expect_nothing(&bench);
        arrive(&bench, ACK, 1, 1, 0);
        expect_nothing(&bench);
        interval = interval * 2 > 60 * SECOND ? 60 * SECOND : interval * 2;
    }
    bench.peer_window = 100;
    arrive(&bench, ACK, 1, 1, 0);
    expect(&bench, PSH | ACK, 1, 1, 10);
    expect_nothing(&bench);
    ck_assert_uint_eq(ss_endpoint_deadline(&bench.endpoint), bench.now + SECOND);
}
END_TEST

START_TEST(test_endpoint_probe_that_was_taken_counts)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 0;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect_nothing(&bench);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, ACK, 1, 1, 1);
    bench.peer_window = 100;
    arrive(&bench, ACK, 1, 2, 0);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 1);
    expect(&bench, PSH | ACK, 2, 1, 9);
    ck_assert_uint_eq(bench.out.stream_offset, 1);
}
END_TEST

START_TEST(test_endpoint_unanswered_probes_are_given_up)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 0;
    bench.options.retransmissions = 3;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect_nothing(&bench);
    for (uint64_t i = 0; i < 3; i++) {
        expect_deadline_in(&bench, SECOND << i);
        expect(&bench, ACK, 1, 1, 1);
        expect_nothing(&bench);
    }
    expect_deadline_in(&bench, 8 * SECOND);
    expect_unacknowledging(&bench, RST, 2);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_GAVE_UP);
}
END_TEST

START_TEST(test_endpoint_fin_probes_a_closed_window)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 0;
    establish(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, FIN | ACK, 1, 1, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 1, 0);
    expect_deadline_in(&bench, 2 * SECOND);
    expect(&bench, FIN | ACK, 1, 1, 0);
    bench.peer_window = 1;
    arrive(&bench, ACK, 1, 1, 0);
    expect(&bench, FIN | ACK, 1, 1, 0);
    arrive(&bench, ACK, 1, 2, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

/* While a probe is out, our ACKs carry the number that the peer expects next. */
START_TEST(test_endpoint_ack_beside_a_refused_probe_keeps_the_number)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 0;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect_nothing(&bench);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, ACK, 1, 1, 1);
    arrive(&bench, PSH | ACK, 1, 1, 5);
    expect(&bench, ACK, 1, 6, 0);
    expect_nothing(&bench);
}
END_TEST

/* RFC 9293 section 3.8.6: a peer that takes its window back. */
START_TEST(test_endpoint_shrunk_window_does_not_stop_retransmission)
{
    struct bench bench = bench_at(_i);
    bench.options.retransmissions = 3;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 3000);
    for (int64_t i = 0; i < 3; i++)
        expect(&bench, i < 2 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    bench.peer_window = 0;
    arrive(&bench, ACK, 1, 1001, 0);
    expect_nothing(&bench);
    for (int i = 0; i < 10; i++) { /* it answers: it is not given up */
        bench.now = ss_endpoint_deadline(&bench.endpoint);
        expect(&bench, ACK, 1001, 1, 1000);
        expect_nothing(&bench);
        arrive(&bench, ACK, 1, 1001, 0);
        expect_nothing(&bench);
    }
    bench.peer_window = 2000;
    arrive(&bench, ACK, 1, 2001, 0);
    expect(&bench, PSH | ACK, 2001, 1, 1000);
    arrive(&bench, ACK, 1, 3001, 0);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_time_wait_of_no_length_ends_at_once)
{
    struct bench bench = bench_at(_i);
    bench.options.time_wait_us = 0;
    establish(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, FIN | ACK, 1, 1, 0);
    arrive(&bench, FIN | ACK, 1, 2, 0);
    expect_state(&bench, SS_TCP_TIME_WAIT);
    expect(&bench, ACK, 2, 2, 0);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
}
END_TEST

START_TEST(test_endpoint_options_of_zero_do_no_harm)
{
    struct bench bench = bench_at(_i);
    bench.options = (struct ss_endpoint_options){.isn = ss_seq_from(bench.j)};
    connect_out(&bench);
    ck_assert_uint_gt(ss_endpoint_deadline(&bench.endpoint), bench.now);
    bench.now = ss_endpoint_deadline(&bench.endpoint);
    expect_nothing(&bench);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_GAVE_UP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_timer");
    TCase *tcase = tcase_create("timer");
    add_at_wraps(tcase, test_endpoint_lost_syn_is_sent_at_doubled_intervals);
    add_at_wraps(tcase, test_endpoint_lost_syn_ack_is_sent_again);
    add_at_wraps(tcase, test_endpoint_lost_data_is_given_up_with_a_reset);
    add_at_wraps(tcase, test_endpoint_progress_starts_the_count_of_retransmissions_anew);
    add_at_wraps(tcase, test_endpoint_rto_follows_round_trip_times);
    add_at_wraps(tcase, test_endpoint_rto_stays_within_its_bounds);
    add_at_wraps(tcase, test_endpoint_retransmission_is_not_timed);
    add_at_wraps(tcase, test_endpoint_fast_retransmission_is_not_timed);
    add_at_wraps(tcase, test_endpoint_retransmitted_syn_is_not_timed);
    add_at_wraps(tcase, test_endpoint_timer_runs_from_the_last_progress);
    add_at_wraps(tcase, test_endpoint_timeout_goes_back_and_slowly_forward);
    add_at_wraps(tcase, test_endpoint_late_ack_of_everything_ends_going_back);
    add_at_wraps(tcase, test_endpoint_closed_window_is_probed_at_growing_intervals);
    add_at_wraps(tcase, test_endpoint_probe_that_was_taken_counts);
    add_at_wraps(tcase, test_endpoint_unanswered_probes_are_given_up);
    add_at_wraps(tcase, test_endpoint_fin_probes_a_closed_window);
    add_at_wraps(tcase, test_endpoint_ack_beside_a_refused_probe_keeps_the_number);
    add_at_wraps(tcase, test_endpoint_shrunk_window_does_not_stop_retransmission);
    add_at_wraps(tcase, test_endpoint_time_wait_of_no_length_ends_at_once);
    add_at_wraps(tcase, test_endpoint_options_of_zero_do_no_harm);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
