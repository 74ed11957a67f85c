/*
 * test_verify_reset: RSTs of every kind, SYNs on a connection that stands, and what follows.
 */
#include "verify_bench.h"

/* RFC 9293 section 3.10.7.1: the number is 0 whatever J and K are. */
START_TEST(test_verify_refusal_of_a_syn_is_seq_0_and_acks_it)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "refusal_seq refusal_ack", .from = B, .flags = RST | ACK, .ack = 1,
         .is_absolute = true);
    expect_numbers(&bench, "refusal_ack", 1, 1);
    expect_states(&bench, "CLOSED", "CLOSED");
    feed(&bench, "~reused_ports", .from = A, .flags = SYN);
    feed(&bench, "refusal_seq refusal_ack", .from = B, .flags = RST | ACK, .ack = 1,
         .is_absolute = true);
}
END_TEST

START_TEST(test_verify_refusal_acks_the_data_of_the_syn_too)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~syn_carries_data", .from = A, .flags = SYN, .payload = 7);
    feed(&bench, "refusal_seq refusal_ack", .from = B, .flags = RST | ACK, .ack = 8,
         .is_absolute = true);
}
END_TEST

START_TEST(test_verify_refusal_with_wrong_numbers_is_a_violation)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!refusal_seq_not_0 !refusal_ack_not_isn_plus_1", .from = B, .flags = RST | ACK,
         .ack = 2, .is_absolute = true, .absolute_seq = 1);
    expect_numbers(&bench, "refusal_ack_not_isn_plus_1", 1, 2);
    ck_assert_uint_eq(bench_verdict(&bench, "refusal_seq_not_0")->actual, 1);
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
    feed(&bench, "refusal_seq !refusal_ack_not_isn_plus_1", .from = B, .flags = RST,
         .is_absolute = true);
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
}
END_TEST

START_TEST(test_verify_exact_rst_ends_the_connection)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 11);
    expect_numbers(&bench, "rst_exact", 11, 11);
    expect_states(&bench, "CLOSED", "CLOSED");
    ck_assert(bench.verify.sides[A].reset);
    ck_assert(!bench.verify.sides[B].reset);
    feed(&bench, "!data_after_reset seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 11, .ack = 1, .payload = 4);
    feed(&bench, "?data_to_closed seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B,
         .flags = ACK, .seq = 1, .ack = 15, .payload = 6);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 15); /* <SEQ=SEG.ACK> */
}
END_TEST

/* While data are in flight the receiver may stand at its last ack or at their end. */
START_TEST(test_verify_rst_at_the_last_ack_is_exact)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 20);
    feed(&bench, "rst_exact", .from = A, .flags = RST | ACK, .seq = 11, .ack = 1);
    expect_states(&bench, "CLOSED", "CLOSED");
}
END_TEST

START_TEST(test_verify_rst_in_the_window_is_challenged)
{
    const int64_t in_window[] = {12, 500, 1010};
    for (size_t i = 0; i < sizeof in_window / sizeof in_window[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        feed(&bench, "?rst_in_window", .from = A, .flags = RST, .seq = in_window[i]);
        expect_numbers(&bench, "rst_in_window", 11, in_window[i]);
        expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~challenge_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 11);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 11);
        feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 11);
        expect_states(&bench, "CLOSED", "CLOSED");
    }
}
END_TEST

START_TEST(test_verify_rst_outside_the_window_is_dropped)
{
    const int64_t outside[] = {10, 1, -500, 1011, 100000, INT64_C(0x8000000b)};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        feed(&bench, "?rst_out_of_window", .from = A, .flags = RST, .seq = outside[i]);
        expect_numbers(&bench, "rst_out_of_window", 11, outside[i]);
        expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 11);
    }
}
END_TEST

START_TEST(test_verify_rst_with_nothing_known_is_not_judged)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "~capture_starts_late ~rst_not_judged", .from = B, .flags = RST, .seq = 40);
    expect_states(&bench, "CLOSED", "CLOSED");
}
END_TEST

/* A kernel that knows nothing of the crafted connection answers the SYN/ACK with a RST. */
START_TEST(test_verify_rst_to_a_right_synack_sends_the_listener_back)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 1);
    expect_states(&bench, "CLOSED", "LISTEN");
}
END_TEST

START_TEST(test_verify_syn_on_a_standing_connection_is_challenged)
{
    const struct {
        int64_t seq;
        const char *line;
    } cases[] = {
        {11, "?syn_in_window"},
        {500, "?syn_in_window"},
        {5000, "?syn_out_of_window"},
        {-7, "?syn_out_of_window"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        feed(&bench, cases[i].line, .from = A, .flags = SYN, .seq = cases[i].seq);
        expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~challenge_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 11);
        feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 11, .ack = 1, .payload = 1);
    }
}
END_TEST

START_TEST(test_verify_old_duplicate_syn_is_challenged_too)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "~retransmission", .from = A, .flags = SYN);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~challenge_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_reset");
    TCase *tcase = tcase_create("reset");
    bench_rounds(tcase, test_verify_refusal_of_a_syn_is_seq_0_and_acks_it);
    bench_rounds(tcase, test_verify_refusal_acks_the_data_of_the_syn_too);
    bench_rounds(tcase, test_verify_refusal_with_wrong_numbers_is_a_violation);
    bench_rounds(tcase, test_verify_exact_rst_ends_the_connection);
    bench_rounds(tcase, test_verify_rst_at_the_last_ack_is_exact);
    bench_rounds(tcase, test_verify_rst_in_the_window_is_challenged);
    bench_rounds(tcase, test_verify_rst_outside_the_window_is_dropped);
    bench_rounds(tcase, test_verify_rst_with_nothing_known_is_not_judged);
    bench_rounds(tcase, test_verify_rst_to_a_right_synack_sends_the_listener_back);
    bench_rounds(tcase, test_verify_syn_on_a_standing_connection_is_challenged);
    bench_rounds(tcase, test_verify_old_duplicate_syn_is_challenged_too);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
