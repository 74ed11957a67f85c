/*
 * test_verify_ack: acknowledgments and windows.
 */
#include "verify_bench.h"

START_TEST(test_verify_ack_of_what_was_never_sent_is_a_violation)
{
    const int64_t wrong[] = {12, 500, 100000, INT64_C(0x8000000b)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        feed(&bench, "seq_is_snd_nxt !ack_of_unsent", .from = B, .flags = ACK, .seq = 1,
             .ack = wrong[i]);
        expect_numbers(&bench, "ack_of_unsent", 11, wrong[i]);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK,
             .seq = 1, .ack = 11);
    }
}
END_TEST

START_TEST(test_verify_ack_over_a_gap_is_noted_and_closes_it)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "~lost_segment data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt ~ack_lost_segment", .from = B, .flags = ACK, .seq = 1, .ack = 15);
    expect_numbers(&bench, "ack_lost_segment", 1, 15);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 21);
}
END_TEST

START_TEST(test_verify_ack_of_less_than_was_seen_is_partial)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt data_in_window ~ack_partial", .from = B, .flags = ACK, .seq = 1,
         .ack = 4, .payload = 2);
    expect_numbers(&bench, "ack_partial", 11, 4);
}
END_TEST

/* B's later segment says less than an earlier one; the IPv4 id or the timestamp tells the order. */
START_TEST(test_verify_ack_that_goes_back_is_judged_by_its_age)
{
    const struct {
        struct bench_segment segment;
        const char *line;
    } cases[] = {
        {{.id = 900}, "seq_is_snd_nxt !ack_regressed"},
        {{.id = 2}, "seq_is_snd_nxt ~ack_regressed"},
        {{.id = 1}, "seq_is_snd_nxt ~ack_regressed"},
        {{.no_id = true}, "seq_is_snd_nxt ?ack_regressed"},
        {{.id = 900, .stamp = 49}, "?paws_rejected seq_is_snd_nxt ~ack_regressed"},
        {{.id = 1, .stamp = 51}, "seq_is_snd_nxt !ack_regressed"},
        {{.id = 900, .stamp = 50}, "seq_is_snd_nxt !ack_regressed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        struct bench_segment segment = cases[i].segment;
        char line[BENCH_LINE_SIZE];
        bench_open(&bench);
        feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
             .seq = 1, .ack = 1, .payload = 10);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 11,
             .id = 2, .stamp = 50);
        segment.from = B;
        segment.flags = ACK;
        segment.seq = 1;
        segment.ack = 5;
        bench_feed(&bench, segment);
        bench_line(&bench.verdicts, line);
        ck_assert_str_eq(line, cases[i].line);
        expect_numbers(&bench, "ack_regressed", 11, 5);
    }
}
END_TEST

/* The id's 16 bits go around: 3 comes after 65,533. */
START_TEST(test_verify_ip_id_that_went_around_is_newer)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    for (int id = 0x3000; id <= 0xfffd; id += 0x3000)
        bench_feed(&bench,
                   (struct bench_segment){.from = B, .flags = ACK, .seq = 1, .ack = 11, .id = id});
    bench_feed(&bench,
               (struct bench_segment){.from = B, .flags = ACK, .seq = 1, .ack = 11, .id = 0xfffd});
    feed(&bench, "seq_is_snd_nxt !ack_regressed", .from = B, .flags = ACK, .seq = 1, .ack = 5,
         .id = 3);
}
END_TEST

START_TEST(test_verify_old_segment_with_an_old_ack_is_no_violation)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .payload = 5);
    feed(&bench, "~out_of_order ~ack_regressed", .from = B, .flags = ACK, .seq = 1, .ack = 1,
         .no_id = true);
}
END_TEST

START_TEST(test_verify_ack_far_below_the_window_is_outside_the_5961_range)
{
    for (int far = 0; far < 2; far++) {
        struct bench bench = bench_round(_i);
        bench_open(&bench);
        for (int i = 0; i < 3; i++) {
            feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK,
                 .seq = 1 + 900 * i, .ack = 1, .payload = 900);
            feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
                 .ack = 901 + 900 * i);
        }
        feed(&bench,
             far ? "seq_is_snd_nxt !ack_outside_5961_range" : "seq_is_snd_nxt !ack_regressed",
             .from = B, .flags = ACK, .seq = 1, .ack = 2701 - 1000 - far);
        if (far) /* section 5.2: it is answered */
            feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~challenge_ack", .from = A, .flags = ACK,
                 .seq = 2701, .ack = 1);
    }
}
END_TEST

START_TEST(test_verify_duplicate_acks_need_the_same_numbers_and_window)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = B, .flags = ACK, .seq = 1,
         .ack = 11);
    ck_assert_uint_eq(bench.verify.sides[B].duplicate_acks, 1);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~window_update", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .window = 1500);
    expect_numbers(&bench, "window_update", 1000, 1500);
    ck_assert_uint_eq(bench.verify.sides[B].duplicate_acks, 1);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .payload = 4, .window = 1500);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 5, .payload = 4);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 5, .ack = 15,
         .window = 1500);
    ck_assert_uint_eq(bench.verify.sides[B].duplicate_acks, 0);
}
END_TEST

START_TEST(test_verify_handshake_ack_at_any_isn_is_no_duplicate)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    ck_assert_ptr_null(bench_verdict(&bench, "duplicate_ack"));
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~duplicate_ack", .from = A, .flags = ACK, .seq = 1,
         .ack = 1);
}
END_TEST

START_TEST(test_verify_window_that_shrinks_is_a_warning)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench); /* the edge stands at 1011 */
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 11,
         .ack = 1, .payload = 100);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 111,
         .window = 900);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ?window_shrunk", .from = B, .flags = ACK, .seq = 1,
         .ack = 111, .window = 899);
    expect_numbers(&bench, "window_shrunk", 1011, 1010);
    /* What was once offered may still be used. */
    feed(&bench, "seq_is_snd_nxt data_in_window ~window_full ack_is_rcv_nxt", .from = A,
         .flags = ACK, .seq = 111, .ack = 1, .payload = 900);
}
END_TEST

/* RFC 7323 section 2.4: less than one unit of the scale is rounding, not shrinking. */
START_TEST(test_verify_rounding_of_a_scaled_window_is_no_shrinking)
{
    for (int units = 0; units < 2; units++) {
        struct bench bench = bench_round(_i);
        bench_feed(&bench, (struct bench_segment){.from = A, .flags = SYN, .shift = 8});
        bench_feed(&bench,
                   (struct bench_segment){
                       .from = B, .flags = SYN | ACK, .ack = 1, .shift = 8, .window = 1407});
        feed(&bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
        /* 1407 in the SYN/ACK were octets: 10 units and 127 of the next. */
        feed(&bench,
             units ? "seq_is_snd_nxt data_in_window ack_is_rcv_nxt ?window_shrunk"
                   : "seq_is_snd_nxt data_in_window ack_is_rcv_nxt",
             .from = B, .flags = ACK, .seq = 1, .ack = 1, .payload = 1, .window = units ? 9 : 10);
    }
}
END_TEST

START_TEST(test_verify_zero_window_is_noted_in_every_segment)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt ~zero_window ?window_shrunk",
         .from = B, .flags = ACK, .seq = 1, .ack = 11, .payload = 5, .window = -1);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~zero_window", .from = B, .flags = ACK, .seq = 6,
         .ack = 11, .window = -1);
}
END_TEST

START_TEST(test_verify_window_that_comes_back_in_part_has_not_shrunk_again)
{
    struct bench bench = bench_round(_i);
    bench_open_and_send(&bench); /* the edge stands at 1011 */
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ?window_shrunk", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .window = 500);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ~window_update", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .window = 700);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt ?window_shrunk", .from = B, .flags = ACK, .seq = 1,
         .ack = 11, .window = 699);
    expect_numbers(&bench, "window_shrunk", 1011, 710);
}
END_TEST

/* The FIN came with data that were new: whoever has those has it. */
START_TEST(test_verify_ack_of_the_data_without_their_fin_is_a_violation)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = FIN | ACK,
         .seq = 1, .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt !fin_ack_missing", .from = B, .flags = ACK, .seq = 1, .ack = 11,
         .no_id = true);
    expect_numbers(&bench, "fin_ack_missing", 12, 11);
    feed(&bench, "seq_is_snd_nxt fin_ack", .from = B, .flags = ACK, .seq = 1, .ack = 12);
}
END_TEST

/* A lone FIN answered by nothing new: certain only if nothing else can have called the ACK forth.
 */
START_TEST(test_verify_repeated_ack_after_a_lone_fin_misses_it)
{
    const struct {
        bool probe_first, no_id;
        int id;
        const char *line;
    } cases[] = {
        {false, false, 0, "seq_is_snd_nxt !fin_ack_missing ~duplicate_ack"},
        {false, true, 0, "seq_is_snd_nxt ?fin_ack_missing ~duplicate_ack"},
        {false, false, 2, "seq_is_snd_nxt ~ack_partial ~duplicate_ack"},
        {true, false, 0, "seq_is_snd_nxt ?fin_ack_missing ~duplicate_ack"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_round(_i);
        bench_open_and_send(&bench);
        if (cases[i].probe_first)
            feed(&bench, "~keep_alive ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 10,
                 .ack = 1);
        feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
             .ack = 1);
        feed(&bench, cases[i].line, .from = B, .flags = ACK, .seq = 1, .ack = 11,
             .no_id = cases[i].no_id, .id = cases[i].id);
    }
}
END_TEST

/* Data on their way when the FIN was sent acknowledge less, and rightly. */
START_TEST(test_verify_ack_that_crossed_the_fin_is_partial)
{
    struct bench bench = bench_round(_i);
    bench_open(&bench);
    feed(&bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = ACK, .seq = 1,
         .ack = 1, .payload = 10);
    feed(&bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = A, .flags = FIN | ACK, .seq = 11,
         .ack = 1);
    feed(&bench, "seq_is_snd_nxt ~ack_partial", .from = B, .flags = ACK, .seq = 1, .ack = 11);
    expect_numbers(&bench, "ack_partial", 12, 11);
    expect_states(&bench, "FIN-WAIT-1", "CLOSE-WAIT");
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_ack");
    TCase *tcase = tcase_create("ack");
    bench_rounds(tcase, test_verify_ack_of_what_was_never_sent_is_a_violation);
    bench_rounds(tcase, test_verify_ack_over_a_gap_is_noted_and_closes_it);
    bench_rounds(tcase, test_verify_ack_of_less_than_was_seen_is_partial);
    bench_rounds(tcase, test_verify_ack_that_goes_back_is_judged_by_its_age);
    bench_rounds(tcase, test_verify_ip_id_that_went_around_is_newer);
    bench_rounds(tcase, test_verify_old_segment_with_an_old_ack_is_no_violation);
    bench_rounds(tcase, test_verify_ack_far_below_the_window_is_outside_the_5961_range);
    bench_rounds(tcase, test_verify_duplicate_acks_need_the_same_numbers_and_window);
    bench_rounds(tcase, test_verify_handshake_ack_at_any_isn_is_no_duplicate);
    bench_rounds(tcase, test_verify_window_that_shrinks_is_a_warning);
    bench_rounds(tcase, test_verify_rounding_of_a_scaled_window_is_no_shrinking);
    bench_rounds(tcase, test_verify_window_that_comes_back_in_part_has_not_shrunk_again);
    bench_rounds(tcase, test_verify_zero_window_is_noted_in_every_segment);
    bench_rounds(tcase, test_verify_ack_of_the_data_without_their_fin_is_a_violation);
    bench_rounds(tcase, test_verify_repeated_ack_after_a_lone_fin_misses_it);
    bench_rounds(tcase, test_verify_ack_that_crossed_the_fin_is_partial);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
