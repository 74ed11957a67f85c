/*
 * test_verify: whole connections: each segment's verdicts, states and symbols.
 */
#include "verify_bench.h"

static void expect_symbol(const struct bench *bench, enum ss_side sender, int64_t offset,
                          const char *wanted)
{
    char text[SS_SEQ_TEXT_SIZE];
    ss_verify_symbol(&bench->verify, sender, ss_seq_from(bench->isn[sender] + (uint32_t)offset),
                     text);
    ck_assert_str_eq(text, wanted);
}

/* The textbook's connection: nothing but checks that hold. */
START_TEST(test_verify_normal_connection_holds_all_checks)
{
    struct bench bench = bench_round(_i);
    expect_states(&bench, "CLOSED", "LISTEN");
    feed(&bench, "", .from = A, .flags = SYN);
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    expect_numbers(&bench, "synack_ack", 1, 1);
    expect_states(&bench, "ESTABLISHED", "SYN-RECEIVED");
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    expect_numbers(&bench, "handshake_seq", 1, 1);
    expect_numbers(&bench, "handshake_ack", 1, 1);
    expect_states(&bench, "ESTABLISHED", "ESTABLISHED");
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = PSH | ACK,
         .seq = 1, .ack = 1, .payload = 5);
    expect_numbers(&bench, "seq_is_snd_nxt", 1, 1);
    expect_numbers(&bench, "data_in_window", 1001, 6);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 6);
    expect_numbers(&bench, "ack_is_rcv_nxt", 6, 6);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = PSH | ACK,
         .seq = 1, .ack = 6, .payload = 5);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 6, .ack = 6);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 6,
         .ack = 6);
    expect_states(&bench, "FIN-WAIT-1", "CLOSE-WAIT");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 6, .ack = 7);
    expect_numbers(&bench, "fin_ack", 7, 7);
    expect_states(&bench, "FIN-WAIT-2", "CLOSE-WAIT");
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = FIN | ACK, .seq = 6,
         .ack = 7);
    expect_states(&bench, "TIME-WAIT", "LAST-ACK");
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = A, .flags = ACK, .seq = 7, .ack = 7);
    expect_states(&bench, "TIME-WAIT", "CLOSED");
    ck_assert_uint_eq(bench.verify.packets, 11);
    ck_assert_uint_eq(bench.verify.sides[A].payload_bytes, 5);
}
END_TEST

START_TEST(test_verify_symbol_follows_the_textbook)
{
    struct bench bench = bench_round(_i);
    char text[SS_SEQ_TEXT_SIZE];
    ss_verify_symbol(&bench.verify, A, ss_seq_from(4000000000), text);
    ck_assert_str_eq(text, "4000000000");
    ss_verify_symbol(&bench.verify, B, ss_seq_from(0), text);
    ck_assert_str_eq(text, "0");
    bench_open_and_send(&bench);
    expect_symbol(&bench, A, 0, "J");
    expect_symbol(&bench, A, 1, "J+1");
    expect_symbol(&bench, A, -500, "J-500");
    expect_symbol(&bench, A, 999999, "J+999999");
    expect_symbol(&bench, B, 1, "K+1");
    bench_feed(&bench, (struct bench_segment){.from = A, .flags = FIN | ACK, .seq = 11, .ack = 1});
    expect_symbol(&bench, A, 10, "J+10");
    expect_symbol(&bench, A, 11, "M");
    expect_symbol(&bench, A, 12, "M+1");
    bench_feed(&bench, (struct bench_segment){.from = B, .flags = FIN | ACK, .seq = 1, .ack = 12});
    expect_symbol(&bench, B, 0, "K");
    expect_symbol(&bench, B, 1, "N");
    expect_symbol(&bench, B, 2, "N+1");
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *tcase = tcase_create("connections");
    bench_rounds(tcase, test_verify_normal_connection_holds_all_checks);
    bench_rounds(tcase, test_verify_symbol_follows_the_textbook);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
