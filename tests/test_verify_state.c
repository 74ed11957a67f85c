/*
 * test_verify_state: the two ends' states through every way of closing (RFC 9293 section 3.6).
 */
#include "verify_bench.h"

/* RFC 9293 section 3.6, figure 13. */
START_TEST(test_verify_simultaneous_close_goes_through_closing)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    expect_states(&bench, "FIN-WAIT-1", "CLOSE-WAIT");
    feed(&bench, "seq_is_snd_nxt ~simultaneous_close ~ack_partial", .from = B, .flags = FIN | ACK,
         .seq = 1, .ack = 1);
    expect_numbers(&bench, "simultaneous_close", 1, 1);
    expect_states(&bench, "CLOSING", "CLOSING");
    ck_assert(bench.verify.simultaneous_close);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = ACK, .seq = 2, .ack = 2);
    expect_states(&bench, "CLOSING", "TIME-WAIT");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 2, .ack = 2);
    expect_states(&bench, "TIME-WAIT", "TIME-WAIT");
}
END_TEST

START_TEST(test_verify_close_in_three_segments_is_not_simultaneous)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    expect_states(&bench, "CLOSE-WAIT", "FIN-WAIT-1");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = FIN | ACK, .seq = 1, .ack = 2);
    expect_states(&bench, "LAST-ACK", "TIME-WAIT");
    ck_assert(!bench.verify.simultaneous_close);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 2, .ack = 2);
    expect_states(&bench, "CLOSED", "TIME-WAIT");
    feed(&bench, "~retransmission ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 2);
    expect_states(&bench, "CLOSED", "TIME-WAIT");
}
END_TEST

START_TEST(test_verify_half_close_is_recognised_once)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ~half_close fin_ack", .from = B, .flags = ACK,
         .seq = 1, .ack = 2, .payload = 30);
    expect_states(&bench, "FIN-WAIT-2", "CLOSE-WAIT");
    ck_assert(bench.verify.half_close);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 2, .ack = 31);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 31,
         .ack = 2, .payload = 30);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = FIN | ACK,
         .seq = 61, .ack = 2, .payload = 9);
    expect_states(&bench, "TIME-WAIT", "LAST-ACK");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = ACK, .seq = 2, .ack = 71);
    expect_states(&bench, "TIME-WAIT", "CLOSED");
}
END_TEST

START_TEST(test_verify_data_that_crossed_the_fin_are_no_half_close)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ~ack_partial", .from = B, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 30);
    ck_assert(!bench.verify.half_close);
}
END_TEST

/* A FIN beyond a gap has arrived only when the gap is filled. */
START_TEST(test_verify_fin_beyond_a_gap_waits)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "~lost_segment ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    expect_states(&bench, "FIN-WAIT-1", "ESTABLISHED");
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10, .after_us = 9000);
    expect_states(&bench, "FIN-WAIT-1", "CLOSE-WAIT");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 1, .ack = 12);
    expect_states(&bench, "FIN-WAIT-2", "CLOSE-WAIT");
}
END_TEST

START_TEST(test_verify_fin_whose_loss_only_the_ack_denies_arrives_with_it)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "~lost_segment ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 1, .ack = 12);
    expect_states(&bench, "FIN-WAIT-2", "CLOSE-WAIT");
}
END_TEST

START_TEST(test_verify_fin_of_a_late_capture_closes)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = A, .flags = FIN | ACK, .seq = 900, .ack = 700);
    expect_states(&bench, "FIN-WAIT-1", "CLOSE-WAIT");
    feed(&bench, "fin_ack", .from = B, .flags = FIN | ACK, .seq = 700, .ack = 901);
    expect_states(&bench, "TIME-WAIT", "LAST-ACK");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = ACK, .seq = 901, .ack = 701);
    expect_states(&bench, "TIME-WAIT", "CLOSED");
}
END_TEST

/* What the receiver drops moves no state. */
START_TEST(test_verify_fin_outside_the_window_closes_nothing)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "!segment_unacceptable", .from = A, .flags = FIN | ACK, .seq = 90000, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    ck_assert(!bench.verify.sides[A].fin_known);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_state");
    TCase *tcase = tcase_create("state");
    bench_rounds(tcase, test_verify_simultaneous_close_goes_through_closing);
    bench_rounds(tcase, test_verify_close_in_three_segments_is_not_simultaneous);
    bench_rounds(tcase, test_verify_half_close_is_recognised_once);
    bench_rounds(tcase, test_verify_data_that_crossed_the_fin_are_no_half_close);
    bench_rounds(tcase, test_verify_fin_beyond_a_gap_waits);
    bench_rounds(tcase, test_verify_fin_whose_loss_only_the_ack_denies_arrives_with_it);
    bench_rounds(tcase, test_verify_fin_of_a_late_capture_closes);
    bench_rounds(tcase, test_verify_fin_outside_the_window_closes_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
