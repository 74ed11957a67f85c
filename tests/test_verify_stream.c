/*
 * test_verify_stream: a segment's own number, its data, the window they must fit in, and the FIN.
 */
#include "verify_bench.h"

START_TEST(test_verify_repeated_data_are_a_retransmission)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
    expect_numbers(&bench, "retransmission", 11, 1);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 5,
         .ack = 1, .payload = 20, .after_us = 9000);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~karn_ambiguous", .from = B, .flags = ACK, .seq = 1,
         .ack = 25);
}
END_TEST

START_TEST(test_verify_repetition_of_acknowledged_data_is_spurious)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "~spurious_retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 1, .ack = 1, .payload = 10);
    expect_numbers(&bench, "spurious_retransmission", 11, 1);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 11, .after_us = 9000);
}
END_TEST

START_TEST(test_verify_gap_is_a_lost_segment_and_is_filled_by_a_retransmission)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 10);
    expect_numbers(&bench, "lost_segment", 1, 11);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 31,
         .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10, .after_us = 200001);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 21);
    expect_numbers(&bench, "ack_is_rcv_nxt", 21, 21);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 21, .ack = 1, .payload = 10, .after_us = 200001);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 41);
}
END_TEST

/* What fills a gap sooner than a round trip took another way; later it was sent again. */
START_TEST(test_verify_late_arrival_within_a_round_trip_is_out_of_order)
{
    for (int late = 0; late < 2; late++) {
        struct bench bench = bench_round(_i);
        bench_open(&bench); /* 200 us from SYN to the third segment */
        feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 11, .ack = 1, .payload = 10);
        feed(&bench,
             late ? "~retransmission data_in_window ack_is_rcv_nxt"
                  : "~out_of_order data_in_window ack_is_rcv_nxt",
             .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10,
             .after_us = late ? 201 : 200);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 21);
    }
}
END_TEST

START_TEST(test_verify_repetition_after_two_duplicate_acks_is_fast)
{
    for (int wait = 0; wait < 2; wait++) {
        struct bench bench = bench_round(_i);
        bench_open(&bench);
        feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 11, .ack = 1, .payload = 10);
        for (int i = 0; i < 2; i++)
            feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK,
                 .seq = 1, .ack = 1);
        feed(&bench,
             wait ? "~retransmission data_in_window ack_is_rcv_nxt"
                  : "~fast_retransmission data_in_window ack_is_rcv_nxt",
             .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10,
             .after_us = wait ? 20001 : 20000);
    }
}
END_TEST

START_TEST(test_verify_keep_alive_and_its_answer_are_noted)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 10, .ack = 1);
    expect_numbers(&bench, "keep_alive", 11, 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~keep_alive_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
    feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 10, .ack = 1,
         .payload = 1);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~keep_alive_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
    /* An end that has sent nothing yet probes with its ISN. */
    feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 0, .ack = 11);
    feed(&bench, "~spurious_retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 9, .ack = 1, .payload = 2);
}
END_TEST

START_TEST(test_verify_zero_window_probe_does_not_move_snd_nxt_until_taken)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ~window_full ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 1, .ack = 1, .payload = 1000);
    expect_numbers(&bench, "window_full", 1001, 1001);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~zero_window", .from = B, .flags = ACK, .seq = 1,
         .ack = 1001, .window = -1);
    for (int i = 0; i < 2; i++) {
        feed(&bench, "seq_is_snd_nxt ~zero_window_probe ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 1001, .ack = 1, .payload = 1);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~zero_window_probe_ack ~zero_window", .from = B,
             .flags = ACK, .seq = 1, .ack = 1001, .window = -1);
    }
    feed(&bench, "seq_is_snd_nxt ~zero_window_probe ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 1001, .ack = 1, .payload = 1);
    /* Sent three times: no time is measured by it (RFC 6298 section 3). */
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~karn_ambiguous", .from = B, .flags = ACK, .seq = 1,
         .ack = 1002);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 1002, .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = ACK, .seq = 1, .ack = 1013);
}
END_TEST

START_TEST(test_verify_data_beyond_the_window_are_a_violation)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench); /* B's right edge is 11 + 1000 */
    feed(&bench, "seq_is_snd_nxt !data_beyond_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 11, .ack = 1, .payload = 1001);
    expect_numbers(&bench, "data_beyond_window", 1011, 1012);
    bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "!data_beyond_window", .from = A, .flags = ACK, .seq = 5000, .ack = 1,
         .payload = 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~window_update", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .window = 2000);
}
END_TEST

START_TEST(test_verify_number_of_no_stream_is_unacceptable)
{
    const int64_t wrong[] = {0, -500, 1012, 100000, INT64_C(0x8000000b)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        feed(&bench, "!segment_unacceptable", .from = A, .flags = ACK, .seq = wrong[i], .ack = 1);
        expect_numbers(&bench, "segment_unacceptable", 11, wrong[i]);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = A, .flags = ACK,
             .seq = 11, .ack = 1);
    }
}
END_TEST

/* RFC 9293 section 3.10.7.4, table 6: by the segment's length and the window, each 0 or more. B's
 * window is 11 to 1010; or closed at 1011, when it has taken all. */
START_TEST(test_verify_acceptability_has_four_cases)
{
    const struct {
        bool closed;
        int64_t seq;
        uint32_t payload;
        const char *line;
    } cases[] = {
        {true, 1011, 0, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack"},
        {true, 1012, 0, "!segment_unacceptable"},
        {true, 1009, 0, "~out_of_order ack_is_rcv_nxt"},
        {true, 1011, 1, "seq_is_snd_nxt ~zero_window_probe ack_is_rcv_nxt"},
        {true, 1011, 2, "seq_is_snd_nxt !data_beyond_window ack_is_rcv_nxt"},
        {true, 1012, 1, "!data_beyond_window"},
        {false, 1010, 0, "~lost_segment ack_is_rcv_nxt"},
        {false, 1012, 0, "!segment_unacceptable"},
        {false, 1010, 1, "~lost_segment data_in_window ~window_full ack_is_rcv_nxt"},
        {false, 1010, 2, "~lost_segment !data_beyond_window ack_is_rcv_nxt"},
        {false, 1, 11, "~retransmission data_in_window ack_is_rcv_nxt"},
        {false, 1012, 1, "!data_beyond_window"},
        {false, 0, 1, "!segment_unacceptable"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        if (cases[i].closed) {
            bench_feed(&bench, (struct bench_segment){
                                   .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 1000});
            bench_feed(&bench, (struct bench_segment){
                                   .from = B, .flags = ACK, .seq = 1, .ack = 1011, .window = -1});
        }
        feed(&bench, cases[i].line, .from = A, .flags = ACK, .seq = cases[i].seq, .ack = 1,
             .payload = cases[i].payload, .after_us = 9000);
    }
}
END_TEST

/* A window filled to the brim: what follows stands at the edge itself, and is no fault. */
START_TEST(test_verify_empty_segment_at_the_right_edge_is_taken)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "~lost_segment ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1011, .ack = 1);
}
END_TEST

START_TEST(test_verify_data_before_the_stream_are_unacceptable_even_when_they_reach_into_it)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "!segment_unacceptable", .from = A, .flags = ACK, .seq = 0, .ack = 1,
         .payload = 100);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
}
END_TEST

START_TEST(test_verify_segment_without_ack_flag_is_dropped)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "!ack_flag_missing seq_is_snd_nxt data_in_window", .from = A, .flags = PSH,
         .seq = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
}
END_TEST

START_TEST(test_verify_windows_are_scaled_only_when_both_syns_agree)
{
    const struct {
        int a, b;
        uint32_t bytes;
    } cases[] = {{8, 4, 128000}, {8, 0, 1000}, {0, 4, 1000}, {1, 1, 1000}, {15, 1, 16384000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_feed(&bench, (struct bench_segment){.from = A, .flags = SYN, .shift = cases[i].a});
        bench_feed(&bench, (struct bench_segment){
                               .from = B, .flags = SYN | ACK, .ack = 1, .shift = cases[i].b});
        ck_assert_uint_eq(bench.verify.sides[B].window_max, 1000);
        bench_feed(&bench, (struct bench_segment){.from = A, .flags = ACK, .seq = 1, .ack = 1});
        ck_assert_uint_eq(bench.verify.sides[A].window_max, cases[i].bytes);
        ck_assert_uint_eq(
            ss_seq_distance(ss_seq_from(bench.isn[B] + 1), bench.verify.sides[A].edge),
            cases[i].bytes);
    }
}
END_TEST

START_TEST(test_verify_data_after_the_fin_are_a_violation)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window !data_after_fin ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 12, .ack = 1, .payload = 3);
    bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "~retransmission data_in_window !data_after_fin ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 11, .ack = 1, .payload = 3, .after_us = 9000);
    expect_numbers(&bench, "data_after_fin", 11, 14);
    feed(&bench, "~spurious_retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 1, .ack = 1, .payload = 10);
}
END_TEST

START_TEST(test_verify_fin_at_another_number_is_a_violation)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "~retransmission ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt !fin_moved ack_is_rcv_nxt", .from = A, .flags = FIN | ACK,
         .seq = 12, .ack = 1);
    expect_numbers(&bench, "fin_moved", 11, 12);
}
END_TEST

/* The FIN takes a number. One that acknowledges more than the FIN did was sent after it. */
START_TEST(test_verify_number_that_forgets_the_fin_is_a_violation)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = FIN | ACK, .seq = 1, .ack = 12);
    feed(&bench, "!fin_not_counted fin_ack", .from = A, .flags = ACK, .seq = 11, .ack = 2);
    expect_numbers(&bench, "fin_not_counted", 12, 11);
}
END_TEST

START_TEST(test_verify_keep_alive_after_the_fin_is_no_forgotten_fin)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11, .ack = 1);
}
END_TEST

/* Several times around 2^32: 4,000 segments of 4 MiB are 16 GiB. */
START_TEST(test_verify_long_stream_stays_right_across_many_wraps)
{
    enum { STEP = 4 << 20, COUNT = 4000 };
    struct bench bench = bench_round(_i);
    char text[SS_SEQ_TEXT_SIZE];
    bench_feed(&bench, (struct bench_segment){.from = A, .flags = SYN, .shift = 15});
    bench_feed(&bench, (struct bench_segment){
                           .from = B, .flags = SYN | ACK, .ack = 1, .shift = 15, .window = 65535});
    bench_feed(&bench, (struct bench_segment){.from = A, .flags = ACK, .seq = 1, .ack = 1});
    int64_t at = 1;
    for (int i = 0; i < COUNT; i++, at += STEP) {
        bench_feed(&bench, (struct bench_segment){
                               .from = B, .flags = ACK, .seq = 1, .ack = at, .window = 65535});
        ck_assert_int_le(ss_verdicts_worst(&bench.verdicts), SS_VERDICT_NOTE);
        feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = at, .ack = 1, .payload = STEP);
    }
    ck_assert_uint_eq(bench.verify.sides[A].sent, (uint64_t)COUNT * STEP + 1);
    ss_verify_symbol(&bench.verify, A, ss_seq_from(bench.isn[A] + (uint32_t)at), text);
    ck_assert_str_eq(text, "J+16777216001");
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = at - 10, .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = at,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 1, .ack = at + 1,
         .window = 65535);
}
END_TEST

/* More gaps than are remembered: nothing breaks, and acknowledgments bring all up to date. */
START_TEST(test_verify_more_gaps_than_runs_recover_by_acknowledgments)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    for (int i = 0; i < 2 * SS_VERIFY_RUNS_MAX; i++)
        feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 11 + 20 * i, .ack = 1, .payload = 10);
    ck_assert_uint_eq(bench.room.extra.sides[A].run_count, SS_VERIFY_RUNS_MAX);
    for (int i = 0; i < 2 * SS_VERIFY_RUNS_MAX; i++)
        bench_feed(&bench, (struct bench_segment){.from = A,
                                                  .flags = ACK,
                                                  .seq = 1 + 20 * i,
                                                  .ack = 1,
                                                  .payload = 10,
                                                  .after_us = 9000});
    feed(&bench, "seq_is_snd_nxt ~ack_lost_segment", .from = B, .flags = ACK, .seq = 1, .ack = 641);
    ck_assert_uint_eq(bench.room.extra.sides[A].run_count, 0);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 641, .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 651);
}
END_TEST

/* Runs that arrive in every order join to one stretch. */
START_TEST(test_verify_runs_in_any_order_join)
{
    for (unsigned order = 0; order < 120; order++) {
        struct bench bench = bench_round(_i);
        unsigned left[5] = {0, 1, 2, 3, 4};
        unsigned code = order;
        bench_open(&bench);
        for (unsigned n = 5; n > 0; n--) {
            unsigned pick = code % n;
            code /= n;
            bench_feed(&bench, (struct bench_segment){.from = A,
                                                      .flags = ACK,
                                                      .seq = 1 + 10 * left[pick],
                                                      .ack = 1,
                                                      .payload = 10 + (order % 3) * 5});
            memmove(left + pick, left + pick + 1, (n - pick - 1) * sizeof left[0]);
        }
        bench_feed(&bench, (struct bench_segment){
                               .from = B, .flags = ACK, .seq = 1, .ack = 51 + (order % 3) * 5});
        ck_assert_ptr_nonnull(bench_verdict(&bench, "ack_is_rcv_nxt"));
        ck_assert_uint_eq(bench.room.extra.sides[A].run_count, 0);
    }
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_stream");
    TCase *tcase = tcase_create("stream");
    bench_rounds(tcase, test_verify_repeated_data_are_a_retransmission);
    bench_rounds(tcase, test_verify_repetition_of_acknowledged_data_is_spurious);
    bench_rounds(tcase, test_verify_gap_is_a_lost_segment_and_is_filled_by_a_retransmission);
    bench_rounds(tcase, test_verify_late_arrival_within_a_round_trip_is_out_of_order);
    bench_rounds(tcase, test_verify_repetition_after_two_duplicate_acks_is_fast);
    bench_rounds(tcase, test_verify_keep_alive_and_its_answer_are_noted);
    bench_rounds(tcase, test_verify_zero_window_probe_does_not_move_snd_nxt_until_taken);
    bench_rounds(tcase, test_verify_data_beyond_the_window_are_a_violation);
    bench_rounds(tcase, test_verify_number_of_no_stream_is_unacceptable);
    bench_rounds(tcase, test_verify_acceptability_has_four_cases);
    bench_rounds(tcase, test_verify_empty_segment_at_the_right_edge_is_taken);
    bench_rounds(tcase,
                 test_verify_data_before_the_stream_are_unacceptable_even_when_they_reach_into_it);
    bench_rounds(tcase, test_verify_segment_without_ack_flag_is_dropped);
    bench_rounds(tcase, test_verify_windows_are_scaled_only_when_both_syns_agree);
    bench_rounds(tcase, test_verify_data_after_the_fin_are_a_violation);
    bench_rounds(tcase, test_verify_fin_at_another_number_is_a_violation);
    bench_rounds(tcase, test_verify_number_that_forgets_the_fin_is_a_violation);
    bench_rounds(tcase, test_verify_keep_alive_after_the_fin_is_no_forgotten_fin);
    if (check_is_slow())
        tcase_add_test(tcase, test_verify_long_stream_stays_right_across_many_wraps);
    else
        bench_rounds(tcase, test_verify_long_stream_stays_right_across_many_wraps);
    bench_rounds(tcase, test_verify_more_gaps_than_runs_recover_by_acknowledgments);
    bench_rounds(tcase, test_verify_runs_in_any_order_join);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
