/*
 * test_verify_handshake: SYN, SYN/ACK, the third segment, and where a connection begins.
 */
#include "verify_bench.h"

/* Everything a SYN/ACK may acknowledge wrongly (RFC 9293 section 3.10.7.3). */
START_TEST(test_verify_synack_with_wrong_ack_is_a_violation)
{
    const int64_t wrong[] = {0, 2, -500, 100000, INT64_C(0x80000001)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bench bench = bench_round(_i);
        feed(&bench, "", .from = A, .flags = SYN);
        feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = wrong[i]);
        expect_numbers(&bench, "synack_ack_not_isn_plus_1", 1, wrong[i]);
        expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
        feed(&bench, "rst_seq_is_seg_ack", .from = A, .flags = RST, .seq = wrong[i]);
        expect_states(&bench, "SYN-SENT", "LISTEN");
    }
}
END_TEST

START_TEST(test_verify_rst_to_wrong_synack_with_another_seq_is_a_violation)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 2);
    feed(&bench, "!rst_seq_not_seg_ack", .from = A, .flags = RST, .seq = 1);
    expect_numbers(&bench, "rst_seq_not_seg_ack", 2, 1);
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
}
END_TEST

/* The refused SYN/ACK does not bind K: the right one may come with another. */
START_TEST(test_verify_right_synack_after_a_refused_one_opens)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 9);
    feed(&bench, "!data_before_established ~lost_segment !ack_of_unsent", .from = B, .flags = ACK,
         .seq = 11, .ack = 9, .payload = 3);
    feed(&bench, "rst_seq_is_seg_ack", .from = A, .flags = RST, .seq = 9);
    feed(&bench, "~retransmission", .from = A, .flags = SYN);
    bench.isn[B] += 77777;
    feed(&bench, "synack_ack ~karn_ambiguous", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 5);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_new_synack_forgets_the_refused_ones_stream)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 9);
    feed(&bench, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = FIN | ACK, .seq = 1,
         .ack = 9);
    bench.isn[B] -= 10;
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 20);
}
END_TEST

START_TEST(test_verify_fast_open_data_in_synack_ack_hold)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~fast_open_data", .from = A, .flags = SYN, .payload = 20, .fast_open = true);
    feed(&bench, "fast_open_ack", .from = B, .flags = SYN | ACK, .ack = 21);
    expect_numbers(&bench, "fast_open_ack", 21, 21);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 21, .ack = 1);
}
END_TEST

/* Without the option the SYN's data wait: nothing but J+1 may be acknowledged. */
START_TEST(test_verify_syn_data_without_fast_open_are_not_acknowledged)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~syn_carries_data", .from = A, .flags = SYN, .payload = 20);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 21);
    bench = bench_round(_i);
    feed(&bench, "~fast_open_data", .from = A, .flags = SYN, .payload = 20, .fast_open = true);
    feed(&bench, "!synack_ack_not_isn_plus_1", .from = B, .flags = SYN | ACK, .ack = 22);
    bench = bench_round(_i);
    feed(&bench, "~fast_open_data", .from = A, .flags = SYN, .payload = 20, .fast_open = true);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq data_in_window handshake_ack", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 20);
}
END_TEST

START_TEST(test_verify_third_segment_with_wrong_ack_is_a_violation)
{
    const int64_t wrong[] = {0, 6, -500, INT64_C(0x80000001)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bench bench = bench_round(_i);
        feed(&bench, "", .from = A, .flags = SYN);
        feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
        feed(&bench, "handshake_seq !handshake_ack_not_isn_plus_1", .from = A, .flags = ACK,
             .seq = 1, .ack = wrong[i]);
        expect_numbers(&bench, "handshake_ack_not_isn_plus_1", 1, wrong[i]);
        expect_states(&bench, "ESTABLISHED", "SYN-RECEIVED");
        feed(&bench, "rst_seq_is_seg_ack", .from = B, .flags = RST, .seq = wrong[i]);
        expect_states(&bench, "CLOSED", "SYN-RECEIVED");
    }
}
END_TEST

START_TEST(test_verify_third_segment_with_wrong_seq_is_told)
{
    const struct {
        int64_t seq;
        uint32_t payload;
        const char *line;
    } cases[] = {
        {0, 0, "!handshake_seq_not_isn_plus_1 handshake_ack"},
        {0, 5, "!handshake_seq_not_isn_plus_1 handshake_ack"},
        {-500, 0, "!handshake_seq_not_isn_plus_1 handshake_ack"},
        {5, 0, "?handshake_seq_not_isn_plus_1 handshake_ack"},
        {5, 5, "~lost_segment data_in_window handshake_ack"},
        {5000, 0, "!handshake_seq_not_isn_plus_1 handshake_ack"},
        {INT64_C(0x80000001), 0, "!handshake_seq_not_isn_plus_1 handshake_ack"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        feed(&bench, "", .from = A, .flags = SYN);
        feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
        feed(&bench, cases[i].line, .from = A, .flags = ACK, .seq = cases[i].seq, .ack = 1,
             .payload = cases[i].payload);
    }
}
END_TEST

START_TEST(test_verify_lost_third_segment_is_made_good_by_data)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq data_in_window handshake_ack", .from = A, .flags = PSH | ACK,
         .seq = 1, .ack = 1, .payload = 10);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    feed(&bench, "~out_of_order ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1);
}
END_TEST

START_TEST(test_verify_repeated_syn_and_synack_are_retransmissions)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~retransmission", .from = A, .flags = SYN);
    feed(&bench, "synack_ack ~karn_ambiguous", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "~retransmission synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack ~karn_ambiguous", .from = A, .flags = ACK, .seq = 1,
         .ack = 1);
    feed(&bench, "~retransmission synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = A, .flags = ACK, .seq = 1,
         .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_second_synack_with_another_isn_is_a_warning)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "?isn_changed synack_ack", .from = B, .flags = SYN | ACK, .seq = 700, .ack = 1);
    expect_numbers(&bench, "isn_changed", 0, 700);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 1);
}
END_TEST

START_TEST(test_verify_syn_without_mss_is_noted)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~mss_missing", .from = A, .flags = SYN, .no_mss = true);
    ck_assert_uint_eq(bench.verify.sides[A].mss, 536);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    ck_assert_uint_eq(bench.verify.sides[B].mss, 1460);
}
END_TEST

START_TEST(test_verify_ipv6_syn_without_mss_means_1220)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~mss_missing", .from = A, .flags = SYN, .no_mss = true, .version = 6);
    ck_assert_uint_eq(bench.verify.sides[A].mss, 1220);
    feed(&bench, "synack_ack ~mss_missing", .from = B, .flags = SYN | ACK, .ack = 1, .no_mss = true,
         .version = 6);
    ck_assert_uint_eq(bench.verify.sides[B].mss, 1220);
}
END_TEST

/* What is assumed of an end whose SYN was not seen, and is no longer once it is. */
START_TEST(test_verify_mss_before_any_syn_is_that_of_the_ip_version)
{
    static const uint16_t assumed[] = {[4] = 536, [6] = 1220};
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct bench bench = bench_round(_i);
        feed(&bench, "~capture_starts_late", .from = B, .flags = SYN | ACK, .ack = 1,
             .version = version);
        ck_assert_uint_eq(bench.verify.sides[A].mss, assumed[version]);
        ck_assert_uint_eq(bench.verify.sides[B].mss, 1460);
    }
}
END_TEST

START_TEST(test_verify_syn_with_fin_or_rst_is_a_warning)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "?flags_contradict", .from = A, .flags = SYN | FIN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "?flags_contradict rst_exact", .from = A, .flags = SYN | RST, .seq = 1);
}
END_TEST

START_TEST(test_verify_data_before_the_handshake_are_a_violation)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!data_before_established seq_is_snd_nxt", .from = A, .flags = PSH | ACK, .seq = 1,
         .ack = 1, .payload = 4);
    bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "!data_before_established seq_is_snd_nxt ack_is_rcv_nxt", .from = B,
         .flags = PSH | ACK, .seq = 1, .ack = 1, .payload = 4);
}
END_TEST

START_TEST(test_verify_fast_open_lets_the_server_speak_early)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~fast_open_data", .from = A, .flags = SYN, .payload = 20, .fast_open = true);
    feed(&bench, "fast_open_ack", .from = B, .flags = SYN | ACK, .ack = 21);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 21,
         .payload = 30);
    feed(&bench, "handshake_seq ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 21, .ack = 31);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_capture_that_starts_late_takes_numbers_as_known)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = A, .flags = PSH | ACK, .seq = 5000, .ack = 700,
         .payload = 100);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    feed(&bench, "ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 900, .ack = 5100);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 5100, .ack = 900);
    feed(&bench, "~retransmission ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 4000, .ack = 900,
         .payload = 1101, .after_us = 9000);
    feed(&bench, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = ACK, .seq = 900, .ack = 5102);
}
END_TEST

/* What was acknowledged before the stream was seen must have been sent. */
START_TEST(test_verify_late_capture_with_an_old_first_segment_keeps_acks_in_range)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late", .from = A, .flags = ACK, .seq = 5000, .ack = 700);
    feed(&bench, "ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 300, .ack = 5000, .payload = 9);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = A, .flags = ACK,
         .seq = 5000, .ack = 700);
}
END_TEST

START_TEST(test_verify_capture_that_starts_with_synack_infers_j)
{
    struct bench bench = bench_round(_i);
    char text[SS_SEQ_TEXT_SIZE];
    feed(&bench, "~capture_starts_late", .from = B, .flags = SYN | ACK, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "SYN-RECEIVED");
    ss_verify_symbol(&bench.verify, A, ss_seq_from(bench.isn[A] + 7), text);
    ck_assert_str_eq(text, "J+7");
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_missed_synack_is_noted)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~synack_not_seen seq_is_snd_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 3);
}
END_TEST

START_TEST(test_verify_reused_ports_start_anew)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 1);
    bench.isn[A] += 123456;
    bench.isn[B] += 654321;
    feed(&bench, "~reused_ports", .from = A, .flags = SYN);
    expect_numbers(&bench, "reused_ports", -123456, 0);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(bench.verify.packets, 7);
}
END_TEST

static void close_all(struct bench *bench)
{
    bench_open(bench);
    feed(bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 1, .ack = 1);
    feed(bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = FIN | ACK, .seq = 1, .ack = 2);
    feed(bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = ACK, .seq = 2, .ack = 2);
    expect_states(bench, "TIME-WAIT", "CLOSED");
}

START_TEST(test_verify_reused_ports_after_a_close_may_even_keep_the_isn)
{
    struct bench bench = bench_round(_i);
    close_all(&bench);
    feed(&bench, "~reused_ports", .from = A, .flags = SYN);
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
    bench = bench_round(_i);
    close_all(&bench);
    bench.isn[B] += 5000;
    feed(&bench, "~reused_ports", .from = B, .flags = SYN); /* the other end opens now */
    expect_states(&bench, "SYN-RECEIVED", "SYN-SENT");
    bench.isn[A] += 5000;
    feed(&bench, "synack_ack", .from = A, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = B, .flags = ACK, .seq = 1, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
}
END_TEST

START_TEST(test_verify_unanswered_syn_with_another_isn_is_a_new_attempt)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    bench.isn[A] += 99;
    feed(&bench, "~reused_ports", .from = A, .flags = SYN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
}
END_TEST

/* RFC 9293 section 3.5.1, figure 9: the crashed end opens anew, the other still has a connection.
 */
START_TEST(test_verify_half_open_connection_is_discovered)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .seq = 100);
    feed(&bench, "~half_open", .from = B, .flags = FIN | ACK, .seq = 300, .ack = 9000);
    feed(&bench, "rst_seq_is_seg_ack", .from = A, .flags = RST, .seq = 9000);
    expect_numbers(&bench, "rst_seq_is_seg_ack", 9000, 9000);
    feed(&bench, "~retransmission", .from = A, .flags = SYN, .seq = 100);
    bench.isn[A] += 100;
    feed(&bench, "synack_ack ~karn_ambiguous", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = PSH | ACK,
         .seq = 1, .ack = 1, .payload = 400);
}
END_TEST

/* RFC 9293 section 3.5, figure 7. */
START_TEST(test_verify_simultaneous_open_is_recognised)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~simultaneous_open", .from = B, .flags = SYN);
    expect_states(&bench, "SYN-RECEIVED", "SYN-RECEIVED");
    feed(&bench, "synack_seq synack_ack", .from = A, .flags = SYN | ACK, .ack = 1);
    expect_states(&bench, "SYN-RECEIVED", "ESTABLISHED");
    feed(&bench, "synack_seq synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    ck_assert(bench.verify.simultaneous_open);
    feed(&bench, "handshake_seq data_in_window handshake_ack", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 8);
    feed(&bench, "handshake_seq ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 9);
}
END_TEST

START_TEST(test_verify_simultaneous_synack_with_another_isn_is_a_warning)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~simultaneous_open", .from = B, .flags = SYN);
    feed(&bench, "?isn_changed synack_ack", .from = A, .flags = SYN | ACK, .seq = 1, .ack = 1);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_handshake");
    TCase *tcase = tcase_create("handshake");
    bench_rounds(tcase, test_verify_synack_with_wrong_ack_is_a_violation);
    bench_rounds(tcase, test_verify_rst_to_wrong_synack_with_another_seq_is_a_violation);
    bench_rounds(tcase, test_verify_right_synack_after_a_refused_one_opens);
    bench_rounds(tcase, test_verify_new_synack_forgets_the_refused_ones_stream);
    bench_rounds(tcase, test_verify_fast_open_data_in_synack_ack_hold);
    bench_rounds(tcase, test_verify_syn_data_without_fast_open_are_not_acknowledged);
    bench_rounds(tcase, test_verify_third_segment_with_wrong_ack_is_a_violation);
    bench_rounds(tcase, test_verify_third_segment_with_wrong_seq_is_told);
    bench_rounds(tcase, test_verify_lost_third_segment_is_made_good_by_data);
    bench_rounds(tcase, test_verify_repeated_syn_and_synack_are_retransmissions);
    bench_rounds(tcase, test_verify_second_synack_with_another_isn_is_a_warning);
    bench_rounds(tcase, test_verify_syn_without_mss_is_noted);
    bench_rounds(tcase, test_verify_ipv6_syn_without_mss_means_1220);
    bench_rounds(tcase, test_verify_mss_before_any_syn_is_that_of_the_ip_version);
    bench_rounds(tcase, test_verify_syn_with_fin_or_rst_is_a_warning);
    bench_rounds(tcase, test_verify_data_before_the_handshake_are_a_violation);
    bench_rounds(tcase, test_verify_fast_open_lets_the_server_speak_early);
    bench_rounds(tcase, test_verify_capture_that_starts_late_takes_numbers_as_known);
    bench_rounds(tcase, test_verify_late_capture_with_an_old_first_segment_keeps_acks_in_range);
    bench_rounds(tcase, test_verify_capture_that_starts_with_synack_infers_j);
    bench_rounds(tcase, test_verify_missed_synack_is_noted);
    bench_rounds(tcase, test_verify_reused_ports_start_anew);
    bench_rounds(tcase, test_verify_reused_ports_after_a_close_may_even_keep_the_isn);
    bench_rounds(tcase, test_verify_unanswered_syn_with_another_isn_is_a_new_attempt);
    bench_rounds(tcase, test_verify_half_open_connection_is_discovered);
    bench_rounds(tcase, test_verify_simultaneous_open_is_recognised);
    bench_rounds(tcase, test_verify_simultaneous_synack_with_another_isn_is_a_warning);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
