/*
 * test_verify_corners: where two rules meet, and the least that each condition of a rule decides.
 */
#include "../src/tcp/verify_internal.h"
#include "verify_bench.h"

START_TEST(test_verify_window_of_a_repeated_synack_is_not_scaled)
{
    struct bench bench = bench_round(_i);
    struct bench_segment synack = {.from = B, .flags = SYN | ACK, .ack = 1, .shift = 8};
    bench_feed(&bench, (struct bench_segment){.from = A, .flags = SYN, .shift = 8});
    bench_feed(&bench, synack);
    struct ss_packet packet = bench_packet(&bench, &synack);
    ck_assert_uint_eq(ss_verify_window_bytes(&bench.verify, B, &packet), 1000);
    packet.tcp.flags = ACK;
    ck_assert_uint_eq(ss_verify_window_bytes(&bench.verify, B, &packet), 128000);
}
END_TEST

START_TEST(test_verify_dropped_first_segment_leaves_the_connection_new)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late !ack_flag_missing", .from = A, .flags = PSH, .seq = 9,
         .payload = 4);
    feed(&bench, "", .from = B, .flags = SYN);
    feed(&bench, "synack_ack", .from = A, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = B, .flags = ACK, .seq = 1, .ack = 1);
    ck_assert(!bench.verify.late);
}
END_TEST

START_TEST(test_verify_late_synack_lets_its_offers_and_data_pass)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = B, .flags = SYN | ACK, .ack = 1, .shift = 3);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 4);
}
END_TEST

START_TEST(test_verify_fin_beside_a_syn_takes_no_number)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "?flags_contradict", .from = A, .flags = SYN | FIN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 2);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_third_segment_at_the_syns_number_opens_nothing)
{
    for (uint32_t payload = 0; payload < 2; payload++) {
        struct bench bench = bench_round(_i);
        feed(&bench, "", .from = A, .flags = SYN);
        feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
        feed(&bench, "!handshake_seq_not_isn_plus_1 handshake_ack", .from = A, .flags = ACK,
             .seq = 0, .ack = 1, .payload = payload);
        expect_states(&bench, "ESTABLISHED", "SYN-RECEIVED");
        feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    }
}
END_TEST

START_TEST(test_verify_octet_into_a_closed_window_is_a_probe_only_at_snd_nxt)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ~window_full ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 1, .ack = 1, .payload = 1000);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~zero_window", .from = B, .flags = ACK, .seq = 1,
         .ack = 1001, .window = -1);
    feed(&bench, "~spurious_retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 500, .ack = 1, .payload = 1);
    bench = bench_round(_i); /* where no window is known, there is none to probe */
    feed(&bench, "~capture_starts_late", .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 1);
    feed(&bench, "seq_is_snd_nxt", .from = A, .flags = ACK, .seq = 2, .ack = 1, .payload = 1);
}
END_TEST

START_TEST(test_verify_third_segment_may_leave_a_probe_unacknowledged)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .window = -1);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "!data_before_established seq_is_snd_nxt ~zero_window_probe ack_is_rcv_nxt",
         .from = B, .flags = ACK, .seq = 1, .ack = 1, .payload = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_late_capture_knows_no_largest_window)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = A, .flags = ACK, .seq = 9000, .ack = 700);
    feed(&bench, "ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 700, .ack = 9000);
    feed(&bench, "seq_is_snd_nxt !ack_regressed", .from = B, .flags = ACK, .seq = 700, .ack = 2000);
}
END_TEST

START_TEST(test_verify_third_segment_of_a_simultaneous_open_is_no_duplicate)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~simultaneous_open", .from = B, .flags = SYN);
    feed(&bench, "synack_seq synack_ack", .from = A, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = B, .flags = ACK, .seq = 1, .ack = 1);
}
END_TEST

/* An end that opened actively has no LISTEN to go back to. */
START_TEST(test_verify_rst_in_a_simultaneous_open_closes_both)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~simultaneous_open", .from = B, .flags = SYN);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 1);
    expect_states(&bench, "CLOSED", "CLOSED");
}
END_TEST

START_TEST(test_verify_good_third_segment_forgets_the_refused_one)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq !handshake_ack_not_isn_plus_1", .from = A, .flags = ACK, .seq = 1,
         .ack = 6);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "rst_exact", .from = B, .flags = RST, .seq = 1);
    expect_states(&bench, "CLOSED", "CLOSED");
}
END_TEST

START_TEST(test_verify_refused_streams_gaps_are_forgotten)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 9);
    feed(&bench, "!data_before_established ~lost_segment !ack_of_unsent", .from = B, .flags = ACK,
         .seq = 11, .ack = 9, .payload = 3);
    bench.isn[B] -= 10;
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 20);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 21);
}
END_TEST

START_TEST(test_verify_fast_retransmission_starts_at_the_hole)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 10);
    for (int i = 0; i < 2; i++)
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 1);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 5,
         .ack = 1, .payload = 6);
}
END_TEST

/* Seen beyond the gap once already: however soon, it is sent again. */
START_TEST(test_verify_quick_repetition_beyond_a_gap_is_a_retransmission)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    for (int i = 0; i < 2; i++)
        feed(&bench,
             i ? "~retransmission data_in_window ack_is_rcv_nxt"
               : "~lost_segment data_in_window ack_is_rcv_nxt",
             .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 10);
    feed(&bench, "~retransmission ~retransmitted_too_early data_in_window ack_is_rcv_nxt",
         .from = A, .flags = ACK, .seq = 13, .ack = 1, .payload = 4, .after_us = 1);
    feed(&bench, "~out_of_order data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 9,
         .ack = 1, .payload = 4, .after_us = 1);
}
END_TEST

START_TEST(test_verify_repeated_fin_with_a_newer_ack_is_a_retransmission)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ~ack_partial", .from = B, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 5);
    feed(&bench, "~retransmission ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 6);
}
END_TEST

START_TEST(test_verify_keep_alive_octet_after_the_fin_is_no_data)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 1);
}
END_TEST

START_TEST(test_verify_moved_fin_does_not_move_m)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt !fin_moved ack_is_rcv_nxt", .from = A, .flags = FIN | ACK,
         .seq = 2, .ack = 1);
    ck_assert_uint_eq(bench.verify.sides[A].fin.value, bench.isn[A] + 1);
}
END_TEST

/* The data had been sent before they were repeated with a FIN: their ACK may have crossed it. */
START_TEST(test_verify_fin_with_repeated_data_may_be_crossed)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = FIN | ACK,
         .seq = 1, .ack = 1, .payload = 10, .after_us = 9000);
    feed(&bench, "seq_is_snd_nxt ~ack_partial ~karn_ambiguous", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
}
END_TEST

/* RFC 9293 section 3.10.7.4: windows are not taken from segments older than the last one. */
START_TEST(test_verify_smaller_window_of_an_older_segment_is_no_shrinking)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .payload = 5);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .payload = 5, .window = 500);
}
END_TEST

START_TEST(test_verify_largest_window_is_remembered)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 900);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 901,
         .window = 200);
    feed(&bench, "seq_is_snd_nxt !ack_regressed", .from = B, .flags = ACK, .seq = 1, .ack = 101,
         .window = 200);
}
END_TEST

START_TEST(test_verify_older_segment_does_not_age_the_newer_ones)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .id = 50, .stamp = 0);
    feed(&bench, "seq_is_snd_nxt ~ack_regressed", .from = B, .flags = ACK, .seq = 1, .ack = 3,
         .id = 40);
    feed(&bench, "seq_is_snd_nxt ~ack_regressed", .from = B, .flags = ACK, .seq = 1, .ack = 5,
         .id = 45);
}
END_TEST

START_TEST(test_verify_runs_that_touch_are_one)
{
    struct bench bench = bench_round(_i);
    const int64_t starts[] = {11, 41, 31, 21};
    const size_t counts[] = {1, 2, 2, 1};
    bench_open(&bench);
    for (size_t i = 0; i < 4; i++) {
        bench_feed(&bench, (struct bench_segment){
                               .from = A, .flags = ACK, .seq = starts[i], .ack = 1, .payload = 10});
        ck_assert_uint_eq(bench.room.extra.sides[A].run_count, counts[i]);
    }
    ck_assert_uint_eq(bench.room.extra.sides[A].runs[0].start.value, bench.isn[A] + 11);
    ck_assert_uint_eq(bench.room.extra.sides[A].runs[0].end.value, bench.isn[A] + 51);
}
END_TEST

/* Nearer runs matter first: the furthest gives way to them. */
START_TEST(test_verify_nearer_run_drives_out_the_furthest)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    for (int i = 0; i < SS_VERIFY_RUNS_MAX; i++)
        bench_feed(&bench,
                   (struct bench_segment){
                       .from = A, .flags = ACK, .seq = 101 + 20 * i, .ack = 1, .payload = 10});
    bench_feed(&bench,
               (struct bench_segment){.from = A, .flags = ACK, .seq = 51, .ack = 1, .payload = 10});
    ck_assert_uint_eq(bench.room.extra.sides[A].run_count, SS_VERIFY_RUNS_MAX);
    bench_feed(&bench,
               (struct bench_segment){.from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 50});
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 61);
}
END_TEST

/* No list overflows; what is wrong drives out what only held. */
/* All that B acknowledges is refused: no ACK is known, and 0 stands for none. */
START_TEST(test_verify_fast_retransmission_needs_a_known_ack)
{
    const int64_t zero = -(int64_t)bench_bases[_i % BENCH_BASES];
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = A, .flags = ACK, .seq = zero, .ack = 1,
         .payload = 10);
    for (int i = 0; i < 4; i++)
        bench_feed(&bench,
                   (struct bench_segment){.from = B, .flags = ACK, .seq = 1, .ack = zero + 5000});
    ck_assert_ptr_nonnull(bench_verdict(&bench, "ack_of_unsent"));
    feed(&bench, "~retransmission ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = zero, .ack = 1,
         .payload = 10, .after_us = 5000);
}
END_TEST

START_TEST(test_verify_full_list_keeps_what_is_wrong)
{
    struct ss_verdicts verdicts = {0};
    struct ss_verify_case c = {.verdicts = &verdicts, .wishes = SS_WISH_HELD};
    ss_verify_say(&c, SS_RULE_ACK_IS_RCV_NXT, ss_verify_nothing());
    while (verdicts.count < SS_VERDICTS_MAX)
        ss_verify_say(&c, SS_RULE_RETRANSMISSION, ss_verify_nothing());
    ss_verify_say(&c, SS_RULE_ACK_OF_UNSENT, ss_verify_nothing());
    ck_assert_uint_eq(verdicts.count, SS_VERDICTS_MAX);
    ck_assert_int_eq(verdicts.list[0].rule, SS_RULE_ACK_OF_UNSENT);
    ss_verify_say(&c, SS_RULE_FIN_MOVED, ss_verify_nothing());
    ck_assert_int_eq(verdicts.list[0].rule, SS_RULE_ACK_OF_UNSENT);
    ck_assert_int_eq(verdicts.list[SS_VERDICTS_MAX - 1].rule, SS_RULE_RETRANSMISSION);
    ck_assert_int_eq(ss_verdicts_worst(&verdicts), SS_VERDICT_VIOLATION);
}
END_TEST

static void add_stream_corners(TCase *tcase)
{
    bench_rounds(tcase, test_verify_fast_retransmission_starts_at_the_hole);
    bench_rounds(tcase, test_verify_fast_retransmission_needs_a_known_ack);
    bench_rounds(tcase, test_verify_quick_repetition_beyond_a_gap_is_a_retransmission);
    bench_rounds(tcase, test_verify_repeated_fin_with_a_newer_ack_is_a_retransmission);
    bench_rounds(tcase, test_verify_keep_alive_octet_after_the_fin_is_no_data);
    bench_rounds(tcase, test_verify_moved_fin_does_not_move_m);
    bench_rounds(tcase, test_verify_fin_with_repeated_data_may_be_crossed);
    bench_rounds(tcase, test_verify_smaller_window_of_an_older_segment_is_no_shrinking);
    bench_rounds(tcase, test_verify_largest_window_is_remembered);
    bench_rounds(tcase, test_verify_older_segment_does_not_age_the_newer_ones);
    bench_rounds(tcase, test_verify_runs_that_touch_are_one);
    bench_rounds(tcase, test_verify_nearer_run_drives_out_the_furthest);
}

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_corners");
    TCase *tcase = tcase_create("corners");
    bench_rounds(tcase, test_verify_window_of_a_repeated_synack_is_not_scaled);
    bench_rounds(tcase, test_verify_dropped_first_segment_leaves_the_connection_new);
    bench_rounds(tcase, test_verify_late_synack_lets_its_offers_and_data_pass);
    bench_rounds(tcase, test_verify_fin_beside_a_syn_takes_no_number);
    bench_rounds(tcase, test_verify_third_segment_at_the_syns_number_opens_nothing);
    bench_rounds(tcase, test_verify_octet_into_a_closed_window_is_a_probe_only_at_snd_nxt);
    bench_rounds(tcase, test_verify_third_segment_may_leave_a_probe_unacknowledged);
    bench_rounds(tcase, test_verify_late_capture_knows_no_largest_window);
    bench_rounds(tcase, test_verify_third_segment_of_a_simultaneous_open_is_no_duplicate);
    bench_rounds(tcase, test_verify_rst_in_a_simultaneous_open_closes_both);
    bench_rounds(tcase, test_verify_good_third_segment_forgets_the_refused_one);
    bench_rounds(tcase, test_verify_refused_streams_gaps_are_forgotten);
    add_stream_corners(tcase);
    tcase_add_test(tcase, test_verify_full_list_keeps_what_is_wrong);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
