/* test_endpoint_window: the window offered, the window obeyed, and their scale (RFC 7323). */
#include "endpoint_support.h"

/* Fills the buffer with segments of 1000; each ACK tells what is left. */
static void fill(struct bench *bench)
{
    for (int64_t at = 0; at < BUFFER; at += 1000) {
        arrive(bench, ACK, at + 1, 1, 1000);
        expect_window(bench, ACK, 1, at + 1001, 0, (uint64_t)(BUFFER - at - 1000));
    }
    expect_nothing(bench);
}

START_TEST(test_endpoint_window_falls_as_octets_wait_to_be_read)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ck_assert_uint_eq(bench.endpoint.rcv_wnd, 0);
    ck_assert_uint_eq(bench.endpoint.rcv_adv.value, from_k(&bench, BUFFER + 1).value);
}
END_TEST

START_TEST(test_endpoint_closed_window_refuses_text_but_takes_the_ack)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ss_endpoint_write(&bench.endpoint, 10);
    expect(&bench, PSH | ACK, 1, BUFFER + 1, 10);
    ck_assert_int_eq(arrive(&bench, ACK, BUFFER + 1, 11, 1), SS_ENDPOINT_UNACCEPTABLE);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect_window(&bench, ACK, 11, BUFFER + 1, 0, 0);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 10);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, BUFFER + 1, 11, 0), SS_ENDPOINT_ACCEPTED);
    ck_assert_int_eq(arrive(&bench, RST, BUFFER + 1, 0, 0), SS_ENDPOINT_ENDED);
}
END_TEST

/* The last step to CLOSED, though our window is shut and the peer probes it. */
START_TEST(test_endpoint_ack_of_our_fin_on_a_probe_counts)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect(&bench, FIN | ACK, 1, BUFFER + 1, 0);
    arrive(&bench, ACK, BUFFER + 1, 2, 1);
    expect_state(&bench, SS_TCP_FIN_WAIT_2);
    expect_window(&bench, ACK, 2, BUFFER + 1, 0, 0);
}
END_TEST

START_TEST(test_endpoint_bad_ack_on_a_probe_does_not_count)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, BUFFER + 1, 5, 1), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 1, BUFFER + 1, 0);
    expect_nothing(&bench);
    ck_assert_uint_eq(bench.endpoint.snd_una.value, from_j(&bench, 1).value);
}
END_TEST

START_TEST(test_endpoint_window_that_was_shut_opens_with_an_update)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ss_endpoint_read(&bench.endpoint, 999); /* less than min(buffer / 2, MSS): silly */
    expect_nothing(&bench);
    ss_endpoint_read(&bench.endpoint, 1);
    expect_window(&bench, ACK, 1, BUFFER + 1, 0, 1000);
    expect_nothing(&bench);
    ss_endpoint_read(&bench.endpoint, 4999); /* it can send: no need to tell it at once */
    expect_nothing(&bench);
    ss_endpoint_read(&bench.endpoint, 1); /* half the buffer */
    expect_window(&bench, ACK, 1, BUFFER + 1, 0, 6000);
    expect_nothing(&bench);
}
END_TEST

/* RFC 9293 section 3.8.6.2.2: the right edge stands until it can move by a segment. */
START_TEST(test_endpoint_right_edge_stands_until_a_segment_is_free)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    arrive(&bench, ACK, 1, 1, 1000);
    ss_endpoint_read(&bench.endpoint, 999);
    expect_window(&bench, ACK, 1, 1001, 0, BUFFER - 1000);
    arrive(&bench, ACK, 1001, 1, 10);
    ss_endpoint_read(&bench.endpoint, 1);
    expect_window(&bench, ACK, 1, 1011, 0, BUFFER - 10);
}
END_TEST

START_TEST(test_endpoint_tiny_buffer_moves_by_its_half)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 10;
    establish(&bench);
    arrive(&bench, ACK, 1, 1, 10);
    expect_window(&bench, ACK, 1, 11, 0, 0);
    ss_endpoint_read(&bench.endpoint, 4);
    expect_nothing(&bench);
    ss_endpoint_read(&bench.endpoint, 1);
    expect_window(&bench, ACK, 1, 11, 0, 5);
    ss_endpoint_read(&bench.endpoint, 5);
    expect_window(&bench, ACK, 1, 11, 0, 10);
}
END_TEST

START_TEST(test_endpoint_window_is_not_updated_when_nothing_can_come)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    fill(&bench);
    ss_endpoint_read(&bench.endpoint, BUFFER);
    expect_window(&bench, ACK, 1, BUFFER + 1, 0, BUFFER);
    for (int64_t at = BUFFER; at < 2 * BUFFER - 1000; at += 1000)
        arrive(&bench, ACK, at + 1, 1, 1000);
    arrive(&bench, FIN | ACK, 2 * BUFFER - 1000 + 1, 1, 999);
    expect_window(&bench, ACK, 1, 2 * BUFFER + 1, 0, 0);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    ss_endpoint_read(&bench.endpoint, BUFFER - 1);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_peer_window_bounds_what_is_sent)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 2500;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 2500);
    ss_endpoint_write(&bench.endpoint, 500);
    expect(&bench, ACK, 1, 1, 1000);
    expect(&bench, ACK, 1001, 1, 1000);
    expect_nothing(&bench); /* 500 of 1000: neither all, nor a segment, nor half of 2500 */
    arrive(&bench, ACK, 1, 1001, 0);
    expect(&bench, PSH | ACK, 2001, 1, 1000);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_half_the_largest_window_is_worth_sending)
{
    struct bench bench = bench_at(_i);
    bench.peer_window = 300;
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 900);
    expect(&bench, ACK, 1, 1, 300);
    bench.peer_window = 149;
    arrive(&bench, ACK, 1, 301, 0);
    expect_nothing(&bench);
    bench.peer_window = 150;
    arrive(&bench, ACK, 1, 301, 0);
    expect(&bench, ACK, 301, 1, 150);
    /* What stays too small goes out when the override timer says so. */
    bench.peer_window = 100;
    arrive(&bench, ACK, 1, 451, 0);
    expect_nothing(&bench);
    expect_deadline_in(&bench, SECOND);
    expect(&bench, ACK, 451, 1, 100);
    expect_nothing(&bench);
}
END_TEST

/* RFC 9293 section 3.10.7.4: only a segment not older than the last one changes the window. */
START_TEST(test_endpoint_old_segment_does_not_change_the_window)
{
    struct bench bench = bench_at(_i);
    establish(&bench);
    ss_endpoint_write(&bench.endpoint, 20);
    expect(&bench, PSH | ACK, 1, 1, 20);
    bench.peer_window = 700;
    arrive(&bench, ACK, 1, 11, 5);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, 700);
    expect(&bench, ACK, 21, 6, 0);
    arrive(&bench, ACK, 16, 11, 5);
    expect(&bench, ACK, 21, 6, 0);
    bench.peer_window = 600; /* SEG.SEQ before SND.WL1 */
    arrive(&bench, ACK, 6, 11, 5);
    expect(&bench, ACK, 21, 11, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, 700);
    bench.peer_window = 500;
    arrive(&bench, ACK, 16, 11, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, 500);
    bench.peer_window = 400; /* the same SEG.SEQ, an older SEG.ACK */
    arrive(&bench, ACK, 16, 10, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, 500);
    bench.peer_window = 300; /* an older SEG.SEQ, but it acknowledges more */
    arrive(&bench, ACK, 11, 21, 5);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, 300);
    ck_assert_uint_eq(ss_endpoint_acknowledged(&bench.endpoint), 20);
}
END_TEST

/* A buffer over 65,535 needs a scale: 200,000 >> 2 = 50,000. */
START_TEST(test_endpoint_large_buffer_offers_a_scale)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 200000;
    bench.peer_options.has_window_shift = true;
    bench.peer_options.window_shift = 7;
    start(&bench);
    ss_endpoint_connect(&bench.endpoint);
    expect_unacknowledging(&bench, SYN, 0);
    ck_assert_uint_eq(bench.out.window, 65535);
    ck_assert(bench.out.options.has_window_shift);
    ck_assert_uint_eq(bench.out.options.window_shift, 2);
    arrive(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW); /* on a SYN never scaled */
    expect_window(&bench, ACK, 1, 1, 0, 50000);
    ck_assert(!bench.out.options.has_window_shift);
    arrive(&bench, ACK, 1, 1, 1000);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW << 7);
    expect_window(&bench, ACK, 1, 1001, 0, 49750);
}
END_TEST

START_TEST(test_endpoint_scale_counts_only_when_both_offer_it)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 200000;
    establish(&bench);
    ck_assert_uint_eq(bench.out.window, 65535);
    arrive(&bench, ACK, 1, 1, 1000);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW);
    expect_window(&bench, ACK, 1, 1001, 0, 65535);

    bench = bench_at(_i);
    bench.peer_options.has_window_shift = true;
    bench.peer_options.window_shift = 7;
    half_open(&bench);
    ck_assert(!bench.out.options.has_window_shift);
    arrive(&bench, ACK, 1, 1, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW);
}
END_TEST

/* 65,535 octets is the most that needs no scale: then the peer's is not used either. */
START_TEST(test_endpoint_largest_plain_window_offers_no_scale)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 65535;
    bench.peer_options.has_window_shift = true;
    bench.peer_options.window_shift = 7;
    connect_out(&bench);
    ck_assert(!bench.out.options.has_window_shift);
    arrive(&bench, SYN | ACK, 0, 1, 0);
    expect_window(&bench, ACK, 1, 1, 0, 65535);
    arrive(&bench, ACK, 1, 1, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW);
    bench.options.receive_buffer = 65536;
    connect_out(&bench);
    ck_assert(bench.out.options.has_window_shift);
    ck_assert_uint_eq(bench.out.options.window_shift, 1);
}
END_TEST

START_TEST(test_endpoint_syn_ack_answers_a_scale_with_a_scale)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 1000000;
    bench.peer_options.has_window_shift = true;
    bench.peer_options.window_shift = 15; /* RFC 7323 section 2.3: counts as 14 */
    start(&bench);
    ss_endpoint_listen(&bench.endpoint);
    arrive(&bench, SYN, 0, 0, 0);
    expect_window(&bench, SYN | ACK, 0, 1, 0, 65535);
    ck_assert(bench.out.options.has_window_shift);
    ck_assert_uint_eq(bench.out.options.window_shift, 4);
    arrive(&bench, ACK, 1, 1, 0);
    ck_assert_uint_eq(bench.endpoint.snd_wnd, PEER_WINDOW << 14);
    arrive(&bench, ACK, 1, 1, 8);
    expect_window(&bench, ACK, 1, 9, 0, 62499); /* (1,000,000 - 8) >> 4 */

    bench.peer_options.has_window_shift = false;
    half_open(&bench);
    ck_assert(!bench.out.options.has_window_shift);
}
END_TEST

/* A standing edge off the scale's steps is rounded up while the buffer holds it (RFC 7323 2.4). */
START_TEST(test_endpoint_scaled_edge_never_moves_left_while_there_is_room)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 16000000; /* shift 8: steps of 256 */
    bench.peer_options.has_window_shift = true;
    establish(&bench);
    ck_assert_uint_eq(bench.endpoint.rcv_wind_shift, 8);
    struct ss_seq edge = bench.endpoint.rcv_adv;
    for (int64_t i = 0; i < (check_is_slow() ? 600 : 3000); i++) {
        arrive(&bench, ACK, 1 + i, 1, 1);
        ss_endpoint_read(&bench.endpoint, 1);
        expect(&bench, ACK, 1, 2 + i, 0);
        struct ss_seq told = ss_seq_add(bench.out.ack, (uint32_t)bench.out.window << 8);
        ck_assert(ss_seq_at_or_after(told, edge));
        edge = told;
    }
}
END_TEST

/* Nobody reads: what is told never exceeds the buffer, and what was told once is still taken. */
START_TEST(test_endpoint_scaled_window_never_exceeds_the_buffer)
{
    struct bench bench = bench_at(_i);
    bench.options.receive_buffer = 16000000;
    bench.peer_options.has_window_shift = true;
    establish(&bench);
    uint64_t taken = 0;
    while (bench.endpoint.rcv_wnd > 0) {
        arrive(&bench, ACK, (int64_t)taken + 1, 1, 60001);
        taken += bench.delivery.length;
        ck_assert(ss_endpoint_send(&bench.endpoint, bench.now, &bench.out));
        ck_assert_uint_le(taken + ((uint64_t)bench.out.window << 8), 16000000);
    }
    ck_assert_uint_eq(taken, 16000000);
    ck_assert_uint_eq(bench.out.window, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_window");
    TCase *tcase = tcase_create("window");
    add_at_wraps(tcase, test_endpoint_window_falls_as_octets_wait_to_be_read);
    add_at_wraps(tcase, test_endpoint_closed_window_refuses_text_but_takes_the_ack);
    add_at_wraps(tcase, test_endpoint_ack_of_our_fin_on_a_probe_counts);
    add_at_wraps(tcase, test_endpoint_bad_ack_on_a_probe_does_not_count);
    add_at_wraps(tcase, test_endpoint_window_that_was_shut_opens_with_an_update);
    add_at_wraps(tcase, test_endpoint_right_edge_stands_until_a_segment_is_free);
    add_at_wraps(tcase, test_endpoint_tiny_buffer_moves_by_its_half);
    add_at_wraps(tcase, test_endpoint_window_is_not_updated_when_nothing_can_come);
    add_at_wraps(tcase, test_endpoint_peer_window_bounds_what_is_sent);
    add_at_wraps(tcase, test_endpoint_half_the_largest_window_is_worth_sending);
    add_at_wraps(tcase, test_endpoint_old_segment_does_not_change_the_window);
    add_at_wraps(tcase, test_endpoint_large_buffer_offers_a_scale);
    add_at_wraps(tcase, test_endpoint_scale_counts_only_when_both_offer_it);
    add_at_wraps(tcase, test_endpoint_largest_plain_window_offers_no_scale);
    add_at_wraps(tcase, test_endpoint_syn_ack_answers_a_scale_with_a_scale);
    add_at_wraps(tcase, test_endpoint_scaled_edge_never_moves_left_while_there_is_room);
    add_at_wraps(tcase, test_endpoint_scaled_window_never_exceeds_the_buffer);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
