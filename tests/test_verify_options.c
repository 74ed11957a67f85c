/*
 * test_verify_options: the rules on what the options of later segments say: timestamps and SACK.
 */
#include "verify_bench.h"

#define STAMPED_DATA "seq_is_snd_nxt data_in_window ack_is_rcv_nxt"

/* --- timestamps ---------------------------------------------------------------------------------
 */

/* Both SYNs carry timestamps, around a base where they go around. */
static uint32_t open_stamped(struct bench *bench, int round)
{
    uint32_t base = bench_bases[round % BENCH_BASES] - 1;
    base = base ? base : 1; /* the bench's 0 is no stamp */
    feed(bench, "", .from = A, .flags = SYN, .stamp = base);
    feed(bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1, .stamp = 900);
    feed(bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1,
         .stamp = base + 4);
    return base;
}

START_TEST(test_verify_segment_without_agreed_timestamps_is_a_violation)
{
    struct bench bench = bench_round(_i);
    open_stamped(&bench, _i);
    feed(&bench, "!timestamp_missing " STAMPED_DATA, .from = A, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 5);
    feed(&bench, "rst_exact", .from = A, .flags = RST, .seq = 6);
}
END_TEST

START_TEST(test_verify_timestamps_of_one_end_alone_may_be_missing)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .stamp = 5);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
}
END_TEST

/* A's clock goes back: sure when the id says that the segment is newer, open without, explained by
 * an older id. Its receiver drops it in any case. */
START_TEST(test_verify_timestamp_that_goes_back_is_judged_by_its_id)
{
    const struct {
        int id;
        bool no_id;
        const char *line;
    } cases[] = {
        {900, false, "!timestamp_regressed ?paws_rejected " STAMPED_DATA},
        {0, true, "?timestamp_regressed ?paws_rejected " STAMPED_DATA},
        {1, false, "?paws_rejected " STAMPED_DATA},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        uint32_t base = open_stamped(&bench, _i);
        struct bench_segment late = {.from = A,
                                     .flags = ACK,
                                     .seq = 1,
                                     .ack = 1,
                                     .payload = 5,
                                     .stamp = base + 3,
                                     .id = cases[i].id,
                                     .no_id = cases[i].no_id};
        char line[BENCH_LINE_SIZE];
        bench_feed(&bench, late);
        bench_line(&bench.verdicts, line);
        ck_assert_str_eq(line, cases[i].line);
        const struct ss_verdict *verdict = bench_verdict(&bench, "paws_rejected");
        ck_assert_uint_eq(verdict->expected, base + 4);
        ck_assert_uint_eq(verdict->actual, base + 3);
    }
}
END_TEST

/* RFC 7323 section 5.5: a clock may have gone around in 24 days; TS.Recent is then too old. */
START_TEST(test_verify_timestamp_after_24_days_is_not_held_against_a_segment)
{
    const uint64_t day_us = UINT64_C(24) * 3600 * 1000000;
    struct bench bench = bench_round(_i);
    uint32_t base = open_stamped(&bench, _i);
    feed(&bench, "?timestamp_regressed " STAMPED_DATA, .from = A, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 5, .stamp = base + 3, .no_id = true, .after_us = 24 * day_us + 1);
}
END_TEST

/* RFC 7323 section 4.3: TS.Recent is not taken from beyond the last ACK, so that data that fill a
 * gap are not rejected. */
START_TEST(test_verify_late_segment_that_fills_a_gap_is_not_rejected)
{
    struct bench bench = bench_round(_i);
    uint32_t base = open_stamped(&bench, _i);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 10, .stamp = base + 9);
    feed(&bench, "~out_of_order data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10, .stamp = base + 8);
}
END_TEST

START_TEST(test_verify_echo_of_what_was_not_sent_is_a_violation)
{
    struct bench bench = bench_round(_i);
    uint32_t base = open_stamped(&bench, _i);
    const uint32_t never = UINT32_C(0x40000000);
    feed(&bench, "!timestamp_echo_unknown seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B,
         .flags = ACK, .seq = 1, .ack = 1, .payload = 5, .stamp = 901, .echo = base + never);
    const struct ss_verdict *verdict = bench_verdict(&bench, "timestamp_echo_unknown");
    ck_assert_uint_eq(verdict->expected, base + 4);
    ck_assert_uint_eq(verdict->actual, base + never);
    feed(&bench, "!timestamp_echo_unknown seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B,
         .flags = ACK, .seq = 6, .ack = 1, .payload = 5, .stamp = 901, .echo = base - never);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 5, .stamp = 901, .echo = base + 2);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 2,
         .ack = 16, .payload = 5, .stamp = base + 5);
    feed(&bench, "?timestamp_echo_unknown seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B,
         .flags = ACK, .seq = 16, .ack = 1, .stamp = 902, .echo = base + 6);
}
END_TEST

/* Timestamps tell which of both was answered (RFC 7323 section 4.1). */
START_TEST(test_verify_ack_with_timestamps_is_not_ambiguous)
{
    struct bench bench = bench_round(_i);
    uint32_t base = open_stamped(&bench, _i);
    feed(&bench, STAMPED_DATA, .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10,
         .stamp = base + 5);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10, .stamp = base + 6, .after_us = 1000000);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 11,
         .stamp = 901);
}
END_TEST

/* --- SACK ---------------------------------------------------------------------------------------
 */

static struct ss_tcp_options blocks(const struct bench *bench, size_t count, const int64_t edges[])
{
    struct ss_tcp_options options = {.sack_count = (uint8_t)count};
    for (size_t i = 0; i < count; i++) {
        options.sack[i].left = ss_seq_from(bench->isn[A] + (uint32_t)edges[2 * i]);
        options.sack[i].right = ss_seq_from(bench->isn[A] + (uint32_t)edges[2 * i + 1]);
    }
    return options;
}

/* A sent 1 to 100 of which B lacks 11 to 20; both permit SACK. */
static void open_with_gap(struct bench *bench)
{
    const struct ss_tcp_options permitted = {.sack_permitted = true};
    feed(bench, "", .from = A, .flags = SYN, .options = &permitted);
    feed(bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1, .options = &permitted);
    feed(bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 100);
}

START_TEST(test_verify_sack_blocks_are_judged_one_by_one)
{
    const struct {
        size_t count;
        int64_t edges[6];
        const char *line;
    } cases[] = {
        {1, {21, 101}, ""},
        {2, {51, 101, 21, 31}, ""},
        {1, {21, 102}, " !sack_outside"},
        {1, {21, 21}, " !sack_outside"},
        {1, {31, 21}, " !sack_outside"},
        {1, {6, 21}, " !sack_below_ack"},
        {2, {21, 31, 6, 9}, " !sack_below_ack"},
        {2, {21, 31, 10, 12}, " !sack_below_ack"},
        {1, {1, 11}, " ~dsack"},
        {2, {1, 6, 21, 31}, " ~dsack"},
        {2, {21, 31, 21, 101}, " ~dsack"},
        {3, {1, 6, 21, 31, 41, 120}, " ~dsack !sack_outside"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        char line[BENCH_LINE_SIZE];
        open_with_gap(&bench);
        struct ss_tcp_options options = blocks(&bench, cases[i].count, cases[i].edges);
        bench_feed(&bench, (struct bench_segment){
                               .from = B, .flags = ACK, .seq = 1, .ack = 11, .options = &options});
        bench_line(&bench.verdicts, line);
        ck_assert_int_eq(strncmp(line, "seq_is_snd_nxt ~ack_partial", 27), 0);
        ck_assert_str_eq(line + 27, cases[i].line);
    }
}
END_TEST

START_TEST(test_verify_sack_outside_tells_the_edges)
{
    const int64_t edges[] = {21, 102};
    struct bench bench = bench_round(_i);
    open_with_gap(&bench);
    struct ss_tcp_options options = blocks(&bench, 1, edges);
    bench_feed(&bench, (struct bench_segment){
                           .from = B, .flags = ACK, .seq = 1, .ack = 11, .options = &options});
    expect_numbers(&bench, "sack_outside", 101, 102);
}
END_TEST

START_TEST(test_verify_sack_that_was_not_permitted_is_a_violation)
{
    const int64_t edges[] = {6, 11};
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    struct ss_tcp_options options = blocks(&bench, 1, edges);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack !option_not_allowed_here ~dsack",
         .from = B, .flags = ACK, .seq = 1, .ack = 11, .options = &options);
}
END_TEST

static void add_timestamps(Suite *suite)
{
    TCase *tcase = tcase_create("timestamps");
    bench_rounds(tcase, test_verify_segment_without_agreed_timestamps_is_a_violation);
    bench_rounds(tcase, test_verify_timestamps_of_one_end_alone_may_be_missing);
    bench_rounds(tcase, test_verify_timestamp_that_goes_back_is_judged_by_its_id);
    bench_rounds(tcase, test_verify_timestamp_after_24_days_is_not_held_against_a_segment);
    bench_rounds(tcase, test_verify_late_segment_that_fills_a_gap_is_not_rejected);
    bench_rounds(tcase, test_verify_echo_of_what_was_not_sent_is_a_violation);
    bench_rounds(tcase, test_verify_ack_with_timestamps_is_not_ambiguous);
    suite_add_tcase(suite, tcase);
}

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_options");
    add_timestamps(suite);
    TCase *tcase = tcase_create("sack");
    bench_rounds(tcase, test_verify_sack_blocks_are_judged_one_by_one);
    bench_rounds(tcase, test_verify_sack_outside_tells_the_edges);
    bench_rounds(tcase, test_verify_sack_that_was_not_permitted_is_a_violation);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
