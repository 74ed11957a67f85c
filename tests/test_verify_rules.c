/*
 * test_verify_rules: the rules on repeated octets, the retransmission timer, captures that lack
 * packets, and on header octets that mean nothing.
 */
#include "synstep/bytes.h"
#include "verify_bench.h"

#define STAMPED_DATA "seq_is_snd_nxt data_in_window ack_is_rcv_nxt"

/* --- the same numbers, other octets -------------------------------------------------------------
 */

/* Gives A's segment these octets and judges it; the line without what held. */
static void feed_octets(struct bench *bench, int64_t seq, const char *octets, uint32_t wishes,
                        char line[BENCH_LINE_SIZE])
{
    struct bench_segment s = {.from = A, .flags = ACK, .seq = seq, .ack = 1};
    s.payload = (uint32_t)strlen(octets);
    struct ss_packet packet = bench_packet(bench, &s);
    packet.frame = (const uint8_t *)octets;
    packet.frame_length = strlen(octets);
    bench->now_us += 9000 + bench->now_us; /* so that each time is twice the one before */
    ss_verify_judge(&bench->verify,
                    &(struct ss_verify_input){.packet = &packet,
                                              .time_us = bench->now_us,
                                              .extra = &bench->room.extra,
                                              .wishes = wishes,
                                              .from = A},
                    &bench->verdicts, &bench->analysis);
    bench_line(&bench->verdicts, line);
}

static void expect_octets(struct bench *bench, int64_t seq, const char *octets, uint32_t wishes,
                          const char *expected)
{
    char line[BENCH_LINE_SIZE];
    feed_octets(bench, seq, octets, wishes, line);
    ck_assert_str_eq(line, expected);
}

START_TEST(test_verify_other_octets_under_the_same_numbers_conflict)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    expect_octets(&bench, 1, "hello", SS_WISH_DIGEST, "");
    expect_octets(&bench, 6, "world", SS_WISH_DIGEST, "");
    expect_octets(&bench, 1, "hello", SS_WISH_DIGEST, "~retransmission");
    expect_octets(&bench, 1, "hallo", SS_WISH_DIGEST, "~retransmission !conflicting_overlap");
    const struct ss_verdict *verdict = bench_verdict(&bench, "conflicting_overlap");
    ck_assert_uint_ne(verdict->expected, verdict->actual);
    ck_assert_uint_eq(bench.analysis.flags, SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_OVERLAP |
                                                SS_ANALYSIS_OVERLAP_CONFLICT);
    /* A digest tells only of the same numbers as a whole. */
    expect_octets(&bench, 1, "hellx", 0, "~retransmission");
    expect_octets(&bench, 1, "hel", SS_WISH_DIGEST, "~retransmission");
}
END_TEST

START_TEST(test_verify_octets_are_compared_where_frames_stay)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    expect_octets(&bench, 1, "hello", SS_WISH_FRAMES_STAY, "");
    expect_octets(&bench, 6, "world", SS_WISH_FRAMES_STAY, "");
    expect_octets(&bench, 4, "lowor", SS_WISH_FRAMES_STAY, "~retransmission");
    expect_octets(&bench, 4, "lowar", SS_WISH_FRAMES_STAY, "~retransmission !conflicting_overlap");
    const struct ss_verdict *verdict = bench_verdict(&bench, "conflicting_overlap");
    ck_assert_uint_eq(verdict->expected, 'o');
    ck_assert_uint_eq(verdict->actual, 'a');
    expect_octets(&bench, 8, "rld and more", SS_WISH_FRAMES_STAY, "~retransmission");
}
END_TEST

/* Every octet and every length that a digest takes in its stride counts. (One octet at SND.NXT - 1
 * would be a keep-alive.) */
START_TEST(test_verify_each_changed_octet_changes_the_digest)
{
    char octets[101] = {0}, changed[101] = {0};
    memset(octets, 'x', 100);
    for (size_t length = 2; length <= 100; length += check_is_slow() ? 13 : 1) {
        for (size_t at = 0; at < length; at += check_is_slow() ? 7 : 1) {
            struct bench bench = bench_of(7, 8);
            char line[BENCH_LINE_SIZE];
            bench_open(&bench);
            memcpy(changed, octets, sizeof(changed));
            changed[length] = octets[length] = '\0';
            changed[at] = 'y';
            feed_octets(&bench, 1, octets, SS_WISH_DIGEST, line);
            feed_octets(&bench, 1, changed, SS_WISH_DIGEST, line);
            ck_assert_str_eq(line, "~retransmission !conflicting_overlap");
            octets[length] = 'x';
        }
    }
}
END_TEST

/* With room for 32 segments an end, the 33rd drives out the first. */
START_TEST(test_verify_octets_are_forgotten_when_the_ring_is_full)
{
    struct bench bench = bench_round(_i);
    char line[BENCH_LINE_SIZE];
    bench_open(&bench);
    for (int i = 0; i < SS_VERIFY_ROOM_SEGMENTS + 1; i++)
        feed_octets(&bench, 1 + 5 * i, "hello", SS_WISH_DIGEST, line);
    ck_assert(ss_verify_extra_is_full(&bench.room.extra, A));
    expect_octets(&bench, 6, "hallo", SS_WISH_DIGEST, "~retransmission !conflicting_overlap");
    expect_octets(&bench, 1, "hallo", SS_WISH_DIGEST, "~retransmission");
}
END_TEST

/* --- the retransmission timer -------------------------------------------------------------------
 */

enum { SECOND_US = 1000000 };

static void feed_timeout(struct bench *bench, uint64_t after_us, const char *line)
{
    char expected[BENCH_LINE_SIZE];
    snprintf(expected, sizeof expected, "~retransmission%s data_in_window ack_is_rcv_nxt", line);
    feed(bench, expected, .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10,
         .after_us = after_us);
}

START_TEST(test_verify_timeout_has_to_double)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, STAMPED_DATA, .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10);
    feed_timeout(&bench, SECOND_US, "");
    feed_timeout(&bench, SECOND_US, ""); /* the first may have been started again by an ACK */
    feed_timeout(&bench, 2 * SECOND_US, "");
    feed_timeout(&bench, 4 * SECOND_US * 9 / 10, "");
    feed_timeout(&bench, 3 * SECOND_US, " ?rto_not_doubled");
    const struct ss_verdict *verdict = bench_verdict(&bench, "rto_not_doubled");
    ck_assert_uint_eq(verdict->expected, 7200);
    ck_assert_uint_eq(verdict->actual, 3000);
    feed_timeout(&bench, 60 * SECOND_US, "");
    feed_timeout(&bench, 60 * SECOND_US, "");
    /* Once acknowledged the next one begins anew. */
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~karn_ambiguous", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
    feed(&bench, STAMPED_DATA, .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 10);
    feed(&bench, "~retransmission data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
         .seq = 11, .ack = 1, .payload = 10, .after_us = SECOND_US);
}
END_TEST

START_TEST(test_verify_syn_timeout_has_to_double)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~retransmission", .from = A, .flags = SYN, .after_us = SECOND_US);
    feed(&bench, "~retransmission", .from = A, .flags = SYN, .after_us = 2 * SECOND_US);
    feed(&bench, "~retransmission ?rto_not_doubled", .from = A, .flags = SYN,
         .after_us = 2 * SECOND_US);
    struct bench other = bench_round(_i);
    feed(&other, "", .from = A, .flags = SYN);
    feed(&other, "~retransmission", .from = A, .flags = SYN, .after_us = SECOND_US);
    feed(&other, "~retransmission ?rto_not_doubled", .from = A, .flags = SYN,
         .after_us = SECOND_US);
}
END_TEST

START_TEST(test_verify_repetition_before_any_ack_can_have_come_is_too_early)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench); /* B's SYN was acknowledged after 100 us, so was A's */
    feed(&bench, STAMPED_DATA, .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10);
    feed_timeout(&bench, 99, " ~retransmitted_too_early");
    const struct ss_verdict *verdict = bench_verdict(&bench, "retransmitted_too_early");
    ck_assert_uint_eq(verdict->expected, 100);
    ck_assert_uint_eq(verdict->actual, 99);
    feed_timeout(&bench, 100, "");
}
END_TEST

/* --- captures that lack packets -----------------------------------------------------------------
 */

/* An ACK of what was not seen is a violation; in a capture that may lack packets only once. */
START_TEST(test_verify_ack_of_unseen_data_is_believed_the_second_time)
{
    struct bench strict = bench_round(_i), lossy = bench_round(_i);
    lossy.wishes = SS_WISH_LOSSY;
    bench_open_and_send(&strict);
    bench_open_and_send(&lossy);
    for (int i = 0; i < 2; i++)
        feed(&strict, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = ACK, .seq = 1,
             .ack = 21 + i);
    feed(&lossy, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = ACK, .seq = 1, .ack = 21);
    feed(&lossy, "seq_is_snd_nxt ~ack_lost_segment", .from = B, .flags = ACK, .seq = 1, .ack = 31);
    feed(&lossy, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 31,
         .ack = 1, .payload = 10);
    feed(&lossy, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 41);
}
END_TEST

/* Of the server nothing was captured. */
START_TEST(test_verify_capture_of_one_direction_has_no_violation)
{
    struct bench bench = bench_round(_i);
    bench.wishes = SS_WISH_LOSSY;
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "~synack_not_seen seq_is_snd_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1, .ack = 1,
         .payload = 5);
    feed(&bench, "seq_is_snd_nxt ~ack_lost_segment", .from = A, .flags = ACK, .seq = 6, .ack = 101);
    feed(&bench, "seq_is_snd_nxt ~ack_lost_segment", .from = A, .flags = ACK, .seq = 6, .ack = 301);
}
END_TEST

/* --- octets that mean nothing -------------------------------------------------------------------
 */

static void feed_header(struct bench *bench, const uint8_t *header, size_t length, uint16_t urgent,
                        uint8_t flags, const char *line)
{
    struct bench_segment s = {.from = A, .flags = (uint8_t)(ACK | flags), .seq = 1, .ack = 1};
    struct ss_packet packet = bench_packet(bench, &s);
    char actual[BENCH_LINE_SIZE];
    packet.frame = header;
    packet.frame_length = packet.payload_offset = length;
    packet.tcp.offset_words = (uint8_t)(length / 4);
    packet.tcp.urgent = urgent;
    const struct ss_verify_input input = {
        .packet = &packet, .time_us = bench->now_us, .extra = &bench->room.extra, .from = A};
    ss_verify_judge(&bench->verify, &input, &bench->verdicts, &bench->analysis);
    bench_line(&bench->verdicts, actual);
    ck_assert_int_eq(strncmp(actual, line, strlen(line)), 0);
}

START_TEST(test_verify_octets_after_the_end_of_options_are_a_warning)
{
    uint8_t header[28] = {0};
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    header[20] = SS_TCP_OPTION_NOP;
    feed_header(&bench, header, 28, 0, 0, "~out_of_order");
    for (size_t at = 22; at < 28; at++) {
        header[at] = 1;
        feed_header(&bench, header, 28, 0, 0, "?options_after_end");
        ck_assert_uint_eq(bench.analysis.flags, SS_ANALYSIS_OPTIONS_AFTER_END);
        header[at] = 0;
    }
}
END_TEST

START_TEST(test_verify_urgent_pointer_without_its_flag_is_noted)
{
    uint8_t header[20] = {0};
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed_header(&bench, header, 20, 1, 0, "~urgent_without_flag");
    ck_assert_uint_eq(bench.analysis.flags, SS_ANALYSIS_URGENT_WITHOUT_FLAG);
    feed_header(&bench, header, 20, 1, SS_TCP_URG, "~out_of_order");
}
END_TEST

START_TEST(test_verify_window_shift_over_14_is_taken_as_14)
{
    const int most = SS_TCP_WINDOW_SHIFT_MAX;
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .shift = most + 1);
    ck_assert_uint_eq(bench.analysis.flags, 0);
    struct bench over = bench_round(_i);
    feed(&over, "!window_shift_over_14", .from = A, .flags = SYN, .shift = most + 2);
    ck_assert_uint_eq(over.analysis.flags, SS_ANALYSIS_SHIFT_OVER_14);
    ck_assert_uint_eq(over.verify.sides[A].shift, most);
}
END_TEST

static void add_octets(Suite *suite)
{
    TCase *tcase = tcase_create("octets");
    bench_rounds(tcase, test_verify_other_octets_under_the_same_numbers_conflict);
    bench_rounds(tcase, test_verify_octets_are_compared_where_frames_stay);
    tcase_add_test(tcase, test_verify_each_changed_octet_changes_the_digest);
    bench_rounds(tcase, test_verify_octets_are_forgotten_when_the_ring_is_full);
    bench_rounds(tcase, test_verify_octets_after_the_end_of_options_are_a_warning);
    bench_rounds(tcase, test_verify_urgent_pointer_without_its_flag_is_noted);
    bench_rounds(tcase, test_verify_window_shift_over_14_is_taken_as_14);
    suite_add_tcase(suite, tcase);
}

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_rules");
    add_octets(suite);
    TCase *tcase = tcase_create("lossy");
    bench_rounds(tcase, test_verify_ack_of_unseen_data_is_believed_the_second_time);
    bench_rounds(tcase, test_verify_capture_of_one_direction_has_no_violation);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("timer");
    bench_rounds(tcase, test_verify_timeout_has_to_double);
    bench_rounds(tcase, test_verify_syn_timeout_has_to_double);
    bench_rounds(tcase, test_verify_repetition_before_any_ack_can_have_come_is_too_early);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
