/* test_endpoint_data: text in order, ahead, twice and beyond; what is sent and sent again. */
#include "endpoint_support.h"

/* The last arrival's text: stream offset, octets skipped, octets kept. */
#define expect_delivery(bench, at, skipped, kept)                                                  \
    do {                                                                                           \
        ck_assert_uint_eq((bench)->delivery.length, kept);                                         \
        ck_assert_uint_eq((bench)->delivery.offset, at);                                           \
        ck_assert_uint_eq((bench)->delivery.skip, skipped);                                        \
    } while (0)

START_TEST(test_endpoint_text_in_order_is_acknowledged_at_once)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 10), SS_ENDPOINT_ACCEPTED);
    expect_delivery(&bench, 0, 0, 10);
    expect(&bench, ACK, 1, 11, 0);
    ck_assert_int_eq(arrive(&bench, PSH | ACK, 11, 1, 20), SS_ENDPOINT_ACCEPTED);
    expect_delivery(&bench, 10, 0, 20);
    expect(&bench, ACK, 1, 31, 0);
    expect_nothing(&bench);
    ck_assert_uint_eq(ss_endpoint_readable(&bench.endpoint), 30);
    ss_endpoint_read(&bench.endpoint, 25);
    ck_assert_uint_eq(ss_endpoint_readable(&bench.endpoint), 5);
}
END_TEST

START_TEST(test_endpoint_old_text_is_not_delivered_twice)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, 1, 1, 10);
    expect(&bench, ACK, 1, 11, 0);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 10), SS_ENDPOINT_UNACCEPTABLE);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect(&bench, ACK, 1, 11, 0);
    /* Partly old: only the new part. */
    ck_assert_int_eq(arrive(&bench, ACK, 6, 1, 10), SS_ENDPOINT_ACCEPTED);
    expect_delivery(&bench, 10, 5, 5);
    expect(&bench, ACK, 1, 16, 0);
    expect_nothing(&bench);
    ck_assert_uint_eq(bench.endpoint.received, 15);
}
END_TEST

START_TEST(test_endpoint_text_ahead_of_a_hole_waits_for_it)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 101, 1, 100), SS_ENDPOINT_ACCEPTED);
    expect_delivery(&bench, 100, 0, 100);
    expect(&bench, ACK, 1, 1, 0);
    ck_assert_uint_eq(ss_endpoint_readable(&bench.endpoint), 0);
    arrive(&bench, ACK, 301, 1, 100);
    expect_delivery(&bench, 300, 0, 100);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, ACK, 1, 1, 100);
    expect_delivery(&bench, 0, 0, 100);
    expect(&bench, ACK, 1, 201, 0);
    ck_assert_uint_eq(ss_endpoint_readable(&bench.endpoint), 200);
    arrive(&bench, ACK, 201, 1, 100);
    expect(&bench, ACK, 1, 401, 0);
    ck_assert_uint_eq(ss_endpoint_readable(&bench.endpoint), 400);
    ck_assert_uint_eq(bench.endpoint.run_count, 0);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_runs_that_touch_become_one)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, 101, 1, 100);
    arrive(&bench, ACK, 301, 1, 100);
    arrive(&bench, ACK, 501, 1, 100);
    ck_assert_uint_eq(bench.endpoint.run_count, 3);
    arrive(&bench, ACK, 201, 1, 100); /* between the first two, touching both */
    expect_delivery(&bench, 200, 0, 100);
    ck_assert_uint_eq(bench.endpoint.run_count, 2);
    arrive(&bench, ACK, 51, 1, 100); /* over the first one's start */
    expect_delivery(&bench, 50, 0, 50);
    ck_assert_uint_eq(bench.endpoint.run_count, 2);
    arrive(&bench, ACK, 551, 1, 150); /* over the second one's end */
    expect_delivery(&bench, 600, 50, 100);
    ck_assert_uint_eq(bench.endpoint.runs[0].start.value, from_k(&bench, 51).value);
    ck_assert_uint_eq(bench.endpoint.runs[0].end.value, from_k(&bench, 401).value);
    ck_assert_uint_eq(bench.endpoint.runs[1].start.value, from_k(&bench, 501).value);
    ck_assert_uint_eq(bench.endpoint.runs[1].end.value, from_k(&bench, 701).value);
    arrive(&bench, ACK, 1, 1, 1000); /* over everything */
    ck_assert_uint_eq(bench.endpoint.run_count, 0);
    ck_assert_uint_eq(bench.endpoint.received, 1000);
    expect_delivery(&bench, 0, 0, 1000);
    expect(&bench, ACK, 1, 1001, 0);
}
END_TEST

START_TEST(test_endpoint_run_known_already_is_not_delivered_again)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, 101, 1, 100);
    arrive(&bench, ACK, 101, 1, 100);
    ck_assert_uint_eq(bench.delivery.length, 0);
    arrive(&bench, ACK, 120, 1, 10);
    ck_assert_uint_eq(bench.delivery.length, 0);
    ck_assert_uint_eq(bench.endpoint.run_count, 1);
    arrive(&bench, ACK, 1, 1, 150); /* the hole, and half of what is known */
    expect_delivery(&bench, 0, 0, 100);
    ck_assert_uint_eq(bench.endpoint.received, 200);
}
END_TEST

START_TEST(test_endpoint_full_run_table_drops_and_recovers)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    for (int64_t i = 1; i <= SS_ENDPOINT_HOLES_MAX; i++)
        arrive(&bench, ACK, 1 + 20 * i, 1, 10);
    ck_assert_uint_eq(bench.endpoint.run_count, SS_ENDPOINT_HOLES_MAX);
    const int64_t at = 1 + 20 * (SS_ENDPOINT_HOLES_MAX + 1);
    arrive(&bench, ACK, at, 1, 10);
    ck_assert_uint_eq(bench.delivery.length, 0);
    ck_assert_uint_eq(bench.endpoint.run_count, SS_ENDPOINT_HOLES_MAX);
    arrive(&bench, ACK, at - 10, 1, 10); /* touches the last run: needs no place */
    ck_assert_uint_eq(bench.delivery.length, 10);
    ck_assert_uint_eq(bench.endpoint.run_count, SS_ENDPOINT_HOLES_MAX);
    arrive(&bench, ACK, 1, 1, 20); /* in order: needs none either */
    expect(&bench, ACK, 1, 31, 0);
    for (int64_t i = 1; i <= SS_ENDPOINT_HOLES_MAX; i++)
        arrive(&bench, ACK, 11 + 20 * i, 1, 10);
    expect(&bench, ACK, 1, at, 0);
    ck_assert_uint_eq(bench.endpoint.run_count, 0);
    ck_assert_uint_eq(bench.endpoint.received, (uint64_t)at - 1);
}
END_TEST

START_TEST(test_endpoint_text_beyond_the_window_is_cut_off)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, BUFFER - 4, 1, 10); /* the last five octets of the window */
    expect_delivery(&bench, BUFFER - 5, 0, 5);
    expect(&bench, ACK, 1, 1, 0);
    ck_assert_int_eq(arrive(&bench, ACK, BUFFER + 1, 1, 10), SS_ENDPOINT_UNACCEPTABLE);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect(&bench, ACK, 1, 1, 0);
    /* From before to beyond: the RFC's table 6 looks at the first and the last octet only. */
    ck_assert_int_eq(arrive(&bench, ACK, -9, 1, BUFFER + 11), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 1, 1, 0);
    arrive(&bench, ACK, -9, 1, BUFFER + 10);
    expect_delivery(&bench, 0, 10, BUFFER - 5);
    expect_window(&bench, ACK, 1, BUFFER + 1, 0, 0);
    ck_assert_uint_eq(bench.endpoint.received, BUFFER);
}
END_TEST

START_TEST(test_endpoint_data_is_split_by_mss_and_pushed_at_its_end)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 2500);
    expect(&bench, ACK, 1, 1, 1000);
    ck_assert_uint_eq(bench.out.stream_offset, 0);
    expect(&bench, ACK, 1001, 1, 1000);
    ck_assert_uint_eq(bench.out.stream_offset, 1000);
    expect(&bench, PSH | ACK, 2001, 1, 500);
    ck_assert_uint_eq(bench.out.stream_offset, 2000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 1501, 0);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 1500);
    arrive(&bench, ACK, 1, 2501, 0);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 2500);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_ack_rides_on_data_that_may_go)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, PSH | ACK, 1, 1, 10);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, 11, 10);
    expect_nothing(&bench);
    /* A duplicate ACK does not: it would not count as one (RFC 5681 section 2). */
    arrive(&bench, PSH | ACK, 31, 11, 10);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, ACK, 11, 11, 0);
    expect(&bench, PSH | ACK, 11, 11, 10);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_initial_window_and_slow_start_bound_what_is_sent)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 100000);
    for (int64_t i = 0; i < 4; i++) /* RFC 5681: 4 segments when SMSS <= 1095 */
        expect(&bench, ACK, 1 + 1000 * i, 1, 1000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 1001, 0); /* one out, one more for slow start */
    expect(&bench, ACK, 4001, 1, 1000);
    expect(&bench, ACK, 5001, 1, 1000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 6001, 0); /* grows by one segment, however much it acknowledges */
    for (int64_t i = 0; i < 6; i++)
        expect(&bench, ACK, 6001 + 1000 * i, 1, 1000);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_initial_window_follows_the_segment_size)
{
    const struct {
        uint16_t mss;
        unsigned segments;
    } cases[] = {{1095, 4}, {1096, 3}, {2190, 3}, {2191, 2}, {8000, 2}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench = bench_at(_i);
        bench.options.mss = cases[i].mss;
        bench.peer_options.mss = cases[i].mss;
        establish(&bench);
        ss_endpoint_write(&bench.endpoint, 100000);
        for (unsigned n = 0; n < cases[i].segments; n++)
            expect(&bench, ACK, 1 + (int64_t)n * cases[i].mss, 1, cases[i].mss);
        expect_nothing(&bench);
    }
}
END_TEST

/* Six segments out, `acked` octets of them acknowledged, then three duplicate ACKs. */
static void lose_first(struct bench *bench)
{
    establish(bench);
    ss_endpoint_write(&bench->endpoint, 6000);
    for (int64_t i = 0; i < 4; i++)
        expect(bench, ACK, 1 + 1000 * i, 1, 1000);
    arrive(bench, ACK, 1, 1001, 0);
    expect(bench, ACK, 4001, 1, 1000);
    expect(bench, PSH | ACK, 5001, 1, 1000);
    for (int i = 0; i < 2; i++) {
        arrive(bench, ACK, 1, 1001, 0);
        expect_nothing(bench);
    }
    arrive(bench, ACK, 1, 1001, 0);
}

START_TEST(test_endpoint_third_duplicate_ack_retransmits_at_once)
{
    struct bench bench = bench_at(_i);
    lose_first(&bench);
    expect(&bench, ACK, 1001, 1, 1000);
    ck_assert_uint_eq(bench.out.stream_offset, 1000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 1001, 0); /* the fourth does it no more */
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 6001, 0);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
    /* ssthresh = max(5000 / 2, 2 * 1000); out of recovery with min(ssthresh, flight + SMSS). */
    ck_assert_uint_eq(bench.endpoint.ssthresh, 2500);
    ck_assert_uint_eq(bench.endpoint.cwnd, 2000);
}
END_TEST

START_TEST(test_endpoint_partial_ack_in_recovery_retransmits_the_next)
{
    struct bench bench = bench_at(_i);
    lose_first(&bench);
    expect(&bench, ACK, 1001, 1, 1000);
    arrive(&bench, ACK, 1, 3001, 0);
    expect(&bench, ACK, 3001, 1, 1000);
    expect_nothing(&bench);
    arrive(&bench, ACK, 1, 6001, 0);
    expect_nothing(&bench);
    ck_assert(!bench.endpoint.recovering);
}
END_TEST

START_TEST(test_endpoint_what_is_no_duplicate_ack_does_not_count)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 4000);
    for (int64_t i = 0; i < 4; i++)
        expect(&bench, i < 3 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    for (int64_t i = 0; i < 5; i++) { /* text, and another window each */
        arrive(&bench, ACK, 1 + i, 1, 1);
        expect(&bench, ACK, 4001, 2 + i, 0);
        bench.peer_window += 7;
        arrive(&bench, ACK, 2 + i, 1, 0);
        expect_nothing(&bench);
    }
    ck_assert_uint_eq(bench.endpoint.duplicate_acks, 0);
    arrive(&bench, ACK, 6, 4001, 0);
    for (int i = 0; i < 5; i++) { /* nothing outstanding */
        arrive(&bench, ACK, 6, 4001, 0);
        expect_nothing(&bench);
    }
    ck_assert_uint_eq(bench.endpoint.duplicate_acks, 0);
}
END_TEST

START_TEST(test_endpoint_duplicates_of_what_a_timeout_sent_again_mean_no_loss)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 4000);
    for (int64_t i = 0; i < 4; i++)
        expect(&bench, i < 3 ? ACK : PSH | ACK, 1 + 1000 * i, 1, 1000);
    bench.now += SECOND;
    expect(&bench, ACK, 1, 1, 1000);
    expect_nothing(&bench); /* slow start from one segment */
    arrive(&bench, ACK, 1, 2001, 0);
    expect(&bench, ACK, 2001, 1, 1000);
    expect(&bench, PSH | ACK, 3001, 1, 1000);
    for (int i = 0; i < 5; i++) {
        arrive(&bench, ACK, 1, 2001, 0);
        expect_nothing(&bench);
    }
}
END_TEST

/* RFC 5681 section 3.1: past ssthresh one segment per window, SMSS * SMSS / cwnd per ACK. */
START_TEST(test_endpoint_congestion_avoidance_grows_slowly)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 50000);
    for (int64_t i = 0; i < 4; i++)
        expect(&bench, ACK, 1 + 1000 * i, 1, 1000);
    bench.now += SECOND;
    expect(&bench, ACK, 1, 1, 1000); /* ssthresh = max(4000 / 2, 2 * 1000), cwnd = 1000 */
    arrive(&bench, ACK, 1, 1001, 0);
    ck_assert_uint_eq(bench.endpoint.cwnd, 2000);
    arrive(&bench, ACK, 1, 2001, 0);
    ck_assert_uint_eq(bench.endpoint.cwnd, 2500); /* 2000 + 1000 * 1000 / 2000 */
    arrive(&bench, ACK, 1, 3001, 0);
    ck_assert_uint_eq(bench.endpoint.cwnd, 2900); /* 2500 + 1000 * 1000 / 2500 */
}
END_TEST

/* After more than 2^31 octets without a loss a loss is still noticed. */
START_TEST(test_endpoint_fast_retransmission_works_after_half_the_number_space)
{
    struct bench bench = bench_at(_i);
    bench.options.mss = bench.peer_options.mss = 65000;
    bench.options.receive_buffer = 100000;
    bench.peer_options.has_window_shift = true;
    bench.peer_options.window_shift = 14;
    establish(&bench);
    arrive(&bench, ACK, 1, 1, 0); /* the first window that is scaled */
    int64_t sent = 1;
    for (int turn = 0; turn < 36000; turn++) {
        ss_endpoint_write(&bench.endpoint, 65000);
        if (!ss_endpoint_send(&bench.endpoint, bench.now, &bench.out))
            ck_abort_msg("nothing sent in turn %d", turn);
        sent += 65000;
        arrive(&bench, ACK, 1, sent, 0);
    }
    ck_assert_int_gt(sent, INT64_C(0x80000000) + 100000000);
    ss_endpoint_write(&bench.endpoint, 130000);
    expect(&bench, ACK, sent, 1, 65000);
    expect(&bench, PSH | ACK, sent + 65000, 1, 65000);
    for (int i = 0; i < 3; i++)
        arrive(&bench, ACK, 1, sent, 0);
    expect(&bench, ACK, sent, 1, 65000);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_old_ack_still_brings_text)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, 1, 10);
    arrive(&bench, ACK, 1, 11, 0);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 5), SS_ENDPOINT_ACCEPTED);
    expect_delivery(&bench, 0, 0, 5);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 10);
    expect(&bench, ACK, 11, 6, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_data");
    TCase *tcase = tcase_create("data");
    add_at_wraps(tcase, test_endpoint_text_in_order_is_acknowledged_at_once);
    add_at_wraps(tcase, test_endpoint_old_text_is_not_delivered_twice);
    add_at_wraps(tcase, test_endpoint_text_ahead_of_a_hole_waits_for_it);
    add_at_wraps(tcase, test_endpoint_runs_that_touch_become_one);
    add_at_wraps(tcase, test_endpoint_run_known_already_is_not_delivered_again);
    add_at_wraps(tcase, test_endpoint_full_run_table_drops_and_recovers);
    add_at_wraps(tcase, test_endpoint_text_beyond_the_window_is_cut_off);
    add_at_wraps(tcase, test_endpoint_data_is_split_by_mss_and_pushed_at_its_end);
    add_at_wraps(tcase, test_endpoint_ack_rides_on_data_that_may_go);
    add_at_wraps(tcase, test_endpoint_initial_window_and_slow_start_bound_what_is_sent);
    add_at_wraps(tcase, test_endpoint_initial_window_follows_the_segment_size);
    add_at_wraps(tcase, test_endpoint_third_duplicate_ack_retransmits_at_once);
    add_at_wraps(tcase, test_endpoint_partial_ack_in_recovery_retransmits_the_next);
    add_at_wraps(tcase, test_endpoint_what_is_no_duplicate_ack_does_not_count);
    add_at_wraps(tcase, test_endpoint_duplicates_of_what_a_timeout_sent_again_mean_no_loss);
    add_at_wraps(tcase, test_endpoint_congestion_avoidance_grows_slowly);
    add_at_wraps(tcase, test_endpoint_fast_retransmission_works_after_half_the_number_space);
    add_at_wraps(tcase, test_endpoint_old_ack_still_brings_text);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
