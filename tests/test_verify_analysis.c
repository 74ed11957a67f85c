/*
 * test_verify_analysis: a packet in the words of capture analysers: each flag by its rule, each
 * number, and what the reference (tshark 4.0.17) says wrongly, at every wrap.
 */
#include "synstep/verify_analysis.h"

#include "verify_bench.h"

struct analysed {
    struct bench bench;
    struct ss_verify_analysis told;
    uint32_t frame;
};

static struct analysed analysed_round(int round)
{
    struct analysed a = {.bench = bench_round(round)};
    return a;
}

static void tell(struct analysed *a, struct bench_segment segment)
{
    struct bench *bench = &a->bench;
    struct ss_packet packet = bench_packet(bench, &segment);
    if (!bench->has_room)
        ss_verify_room_init(&bench->room);
    bench->has_room = true;
    bench->now_us += segment.after_us ? segment.after_us : 100;
    const struct ss_verify_input input = {.packet = &packet,
                                          .time_us = bench->now_us,
                                          .extra = &bench->room.extra,
                                          .frame = ++a->frame,
                                          .from = segment.from};
    ss_verify_judge(&bench->verify, &input, &bench->verdicts, &a->told);
}

static void flags_line(uint32_t flags, char line[BENCH_LINE_SIZE])
{
    size_t at = 0;
    line[0] = '\0';
    for (unsigned bit = 0; bit < SS_ANALYSIS_FLAGS; bit++)
        if (flags >> bit & 1)
            at += (size_t)snprintf(line + at, BENCH_LINE_SIZE - at, "%s%s", at ? " " : "",
                                   ss_analysis_name(bit));
}

/* Feeds a segment and compares all its flags. */
#define flags(a, line, ...)                                                                        \
    do {                                                                                           \
        char actual_[BENCH_LINE_SIZE];                                                             \
        tell(a, (struct bench_segment){__VA_ARGS__});                                              \
        flags_line((a)->told.flags, actual_);                                                      \
        ck_assert_str_eq(actual_, line);                                                           \
    } while (0)

/* Frames 1 to 3: a round trip of 2,000 us. */
static void open_analysed(struct analysed *a)
{
    flags(a, "", .from = A, .flags = SYN, .shift = 3);
    flags(a, "", .from = B, .flags = SYN | ACK, .ack = 1, .shift = 3, .after_us = 1500);
    flags(a, "", .from = A, .flags = ACK, .seq = 1, .ack = 1, .after_us = 500);
}

static void send_analysed(struct analysed *a, int64_t seq, uint32_t payload, const char *line)
{
    flags(a, line, .from = A, .flags = ACK, .seq = seq, .ack = 1, .payload = payload);
}

static void ack_analysed(struct analysed *a, int64_t ack, const char *line)
{
    flags(a, line, .from = B, .flags = ACK, .seq = 1, .ack = ack);
}

START_TEST(test_analysis_names_are_all_there)
{
    for (unsigned bit = 0; bit < SS_ANALYSIS_FLAGS; bit++)
        ck_assert_uint_gt(strlen(ss_analysis_name(bit)), 0);
    ck_assert_str_eq(ss_analysis_name(SS_ANALYSIS_FLAGS), "");
}
END_TEST

START_TEST(test_analysis_numbers_of_data_and_their_ack)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    ck_assert_uint_eq(a.told.initial_rtt_us, 2000);
    ck_assert_uint_eq(a.told.acks_frame, 2);
    ck_assert_uint_eq(a.told.ack_rtt_us, 500);
    ck_assert_uint_eq(a.told.completeness, 7);
    send_analysed(&a, 1, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 10);
    ck_assert_uint_eq(a.told.push_bytes_sent, 10);
    ck_assert_uint_eq(a.told.completeness, 15);
    flags(&a, "", .from = A, .flags = PSH | ACK, .seq = 11, .ack = 1, .payload = 20);
    ck_assert_uint_eq(a.told.bytes_in_flight, 30);
    ck_assert_uint_eq(a.told.push_bytes_sent, 30);
    send_analysed(&a, 31, 5, "");
    ck_assert_uint_eq(a.told.push_bytes_sent, 5);
    ack_analysed(&a, 31, "");
    ck_assert_uint_eq(a.told.acks_frame, 5);
    ck_assert_uint_eq(a.told.ack_rtt_us, 200);
    send_analysed(&a, 36, 5, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 10);
    ack_analysed(&a, 33, ""); /* no segment ends there */
    ck_assert_uint_eq(a.told.acks_frame, 0);
}
END_TEST

START_TEST(test_analysis_duplicate_acks_are_counted_from_their_first)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 11, ""); /* frame 5 */
    for (uint32_t i = 1; i <= 3; i++) {
        ack_analysed(&a, 11, "duplicate_ack");
        ck_assert_uint_eq(a.told.duplicate_ack_count, i);
        ck_assert_uint_eq(a.told.duplicate_ack_frame, 5);
    }
    send_analysed(&a, 11, 10, "");
    ack_analysed(&a, 21, "");
    ack_analysed(&a, 21, "duplicate_ack");
    ck_assert_uint_eq(a.told.duplicate_ack_count, 1);
    ck_assert_uint_eq(a.told.duplicate_ack_frame, 10);
}
END_TEST

/* The timer counts from the eldest without an ACK; the frame that is repeated is another. */
START_TEST(test_analysis_retransmission_tells_the_time_and_the_frame)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");  /* frame 4 */
    send_analysed(&a, 11, 10, ""); /* frame 5 */
    flags(&a, "retransmission overlap", .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 10,
          .after_us = 300000);
    ck_assert_uint_eq(a.told.rto_frame, 4);
    ck_assert_uint_eq(a.told.rto_us, 300100);
    ck_assert_uint_eq(a.told.repeats_frame, 5);
    ck_assert_uint_eq(a.told.bytes_in_flight, 20);
    ack_analysed(&a, 21, "");
    flags(&a, "spurious_retransmission overlap", .from = A, .flags = ACK, .seq = 1, .ack = 1,
          .payload = 10);
    ck_assert_uint_eq(a.told.rto_frame, 0);
    ck_assert_uint_eq(a.told.bytes_in_flight, 10);
}
END_TEST

/* Fast within 20 ms of the last ACK; out of order within the initial RTT, not ending at nx. */
START_TEST(test_analysis_limits_of_fast_and_out_of_order)
{
    const struct {
        uint64_t after_us;
        int acks;
        const char *line;
    } cases[] = {
        {100, 2, "fast_retransmission"}, {19999, 2, "fast_retransmission"},
        {20000, 2, "retransmission"},    {100, 1, "out_of_order"},
        {1899, 0, "out_of_order"},       {1900, 0, "retransmission"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct analysed a = analysed_round(_i);
        char line[BENCH_LINE_SIZE];
        open_analysed(&a);
        send_analysed(&a, 1, 10, "");
        ack_analysed(&a, 11, "");
        send_analysed(&a, 21, 10, "lost_segment");
        ck_assert_uint_eq(a.told.bytes_in_flight, 0); /* not known */
        ack_analysed(&a, 11, "duplicate_ack");
        for (int n = 1; n < cases[i].acks; n++)
            ack_analysed(&a, 11, "duplicate_ack");
        tell(&a, (struct bench_segment){.from = A,
                                        .flags = ACK,
                                        .seq = 11,
                                        .ack = 1,
                                        .payload = 10,
                                        .after_us = cases[i].after_us});
        flags_line(a.told.flags, line); /* it fills the gap: no octet of it overlaps */
        ck_assert_str_eq(line, cases[i].line);
    }
}
END_TEST

START_TEST(test_analysis_probes_keep_alives_and_windows)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 11, "");
    flags(&a, "keep_alive", .from = A, .flags = ACK, .seq = 10, .ack = 1, .payload = 1);
    ack_analysed(&a, 11, "keep_alive_ack");
    flags(&a, "keep_alive", .from = A, .flags = ACK, .seq = 10, .ack = 1);
    ack_analysed(&a, 11, "keep_alive_ack");
    flags(&a, "window_update", .from = B, .flags = ACK, .seq = 1, .ack = 11, .window = 1001);
    flags(&a, "window_full", .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 4 * 1001);
    flags(&a, "zero_window", .from = B, .flags = ACK, .seq = 1, .ack = 4015, .window = -1);
    send_analysed(&a, 4015, 1, "zero_window_probe");
    flags(&a, "zero_window zero_window_probe_ack", .from = B, .flags = ACK, .seq = 1, .ack = 4015,
          .window = -1);
    flags(&a, "window_update", .from = B, .flags = ACK, .seq = 1, .ack = 4015, .window = 5);
}
END_TEST

START_TEST(test_analysis_new_syn_on_known_ports_reuses_them)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    flags(&a, "", .from = B, .flags = RST, .seq = 1);
    ck_assert_uint_eq(a.told.completeness, 39);
    flags(&a, "reused_ports", .from = A, .flags = SYN, .seq = 70000);
    struct analysed b = analysed_round(_i);
    open_analysed(&b);
    flags(&b, "retransmission", .from = A, .flags = SYN, .after_us = 9000);
    flags(&b, "reused_ports", .from = A, .flags = SYN, .seq = 70000);
}
END_TEST

START_TEST(test_analysis_ack_of_what_was_not_seen)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    send_analysed(&a, 21, 10, "lost_segment");
    ack_analysed(&a, 31, "ack_lost_segment");
    ack_analysed(&a, 41, "ack_lost_segment");
    ack_analysed(&a, 51, ""); /* said once */
}
END_TEST

/* Captured after its ACK, it stands at F.nx. */
START_TEST(test_analysis_octets_acknowledged_before_they_are_seen_are_spurious)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 21, "ack_lost_segment");
    send_analysed(&a, 11, 10, "spurious_retransmission");
    ck_assert_uint_eq(a.told.bytes_in_flight, 10); /* what came before is no longer */
    send_analysed(&a, 21, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 20);
}
END_TEST

/* After a FIN, with a newer ACK than that had, it repeats SND.NXT - 1 all the same. */
START_TEST(test_analysis_answer_to_any_keep_alive_is_one)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    flags(&a, "", .from = A, .flags = FIN | ACK, .seq = 1, .ack = 1);
    flags(&a, "", .from = B, .flags = ACK, .seq = 1, .ack = 2, .payload = 10);
    flags(&a, "keep_alive", .from = A, .flags = ACK, .seq = 1, .ack = 11, .payload = 1);
    flags(&a, "keep_alive_ack", .from = B, .flags = ACK, .seq = 11, .ack = 2);
    flags(&a, "keep_alive_ack", .from = B, .flags = ACK, .seq = 11, .ack = 2);
}
END_TEST

START_TEST(test_analysis_rst_acknowledges_what_was_not_seen)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    flags(&a, "ack_lost_segment", .from = B, .flags = RST | ACK, .seq = 1, .ack = 12);
}
END_TEST

/* --- where the reference is wrong ---------------------------------------------------------------
 */

/* A server's ISN of 2^32-1 makes the handshake's ACK a duplicate there; all bases are tried. */
START_TEST(test_analysis_handshake_ack_is_no_duplicate)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
}
END_TEST

/* Octets that end at 0: a retransmission, a gap, an unseen ACK right after go unreported there. */
START_TEST(test_analysis_octets_that_end_at_zero_are_as_others)
{
    struct analysed a = {.bench = bench_of((uint32_t)-11, bench_bases[_i])};
    open_analysed(&a);
    send_analysed(&a, 1, 10, ""); /* ends at 0 */
    flags(&a, "retransmission overlap", .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10,
          .after_us = 9000);
    struct analysed b = {.bench = bench_of((uint32_t)-11, bench_bases[_i])};
    open_analysed(&b);
    send_analysed(&b, 1, 10, "");
    send_analysed(&b, 12, 10, "lost_segment");
    struct analysed c = {.bench = bench_of((uint32_t)-11, bench_bases[_i])};
    open_analysed(&c);
    send_analysed(&c, 1, 10, "");
    ack_analysed(&c, 12, "ack_lost_segment");
}
END_TEST

START_TEST(test_analysis_simultaneous_open_repeats_nothing)
{
    struct analysed a = analysed_round(_i);
    flags(&a, "", .from = A, .flags = SYN);
    flags(&a, "", .from = B, .flags = SYN);
    flags(&a, "", .from = A, .flags = SYN | ACK, .ack = 1);
    flags(&a, "", .from = B, .flags = SYN | ACK, .ack = 1);
    flags(&a, "retransmission", .from = B, .flags = SYN | ACK, .ack = 1, .after_us = 9000);
}
END_TEST

START_TEST(test_analysis_challenge_ack_is_no_duplicate)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 11, "");
    flags(&a, "", .from = A, .flags = RST, .seq = 20);
    ack_analysed(&a, 11, "");
    ack_analysed(&a, 11, "duplicate_ack");
    ck_assert_uint_eq(a.told.duplicate_ack_count, 1);
}
END_TEST

START_TEST(test_analysis_shrinking_window_is_no_update)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 11, "");
    flags(&a, "", .from = B, .flags = ACK, .seq = 1, .ack = 11, .window = 999);
    flags(&a, "window_update", .from = B, .flags = ACK, .seq = 1, .ack = 11, .window = 1000);
}
END_TEST

START_TEST(test_analysis_synack_of_too_much_acknowledges_no_lost_segment)
{
    struct analysed a = analysed_round(_i);
    flags(&a, "", .from = A, .flags = SYN);
    flags(&a, "", .from = B, .flags = SYN | ACK, .ack = 2);
    ck_assert_ptr_nonnull(bench_verdict(&a.bench, "synack_ack_not_isn_plus_1"));
}
END_TEST

/* A segment without data by the other end, then data: the unseen ACK after them goes untold there.
 */
START_TEST(test_analysis_duplicate_ack_hides_no_lost_segment)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    send_analysed(&a, 11, 0, "duplicate_ack");
    send_analysed(&a, 11, 10, "");
    ack_analysed(&a, 31, "ack_lost_segment");
}
END_TEST

/* The octet of a probe that was taken lies before what is sent next. */
START_TEST(test_analysis_data_after_a_taken_probe_follow_without_a_gap)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    flags(&a, "zero_window", .from = B, .flags = ACK, .seq = 1, .ack = 1, .window = -1);
    send_analysed(&a, 1, 1, "zero_window_probe");
    ack_analysed(&a, 2, "");
    send_analysed(&a, 2, 10, "");
}
END_TEST

START_TEST(test_analysis_initial_rtt_begins_with_the_last_syn)
{
    struct analysed a = analysed_round(_i);
    flags(&a, "", .from = A, .flags = SYN);
    flags(&a, "retransmission", .from = A, .flags = SYN, .after_us = 1000000);
    flags(&a, "", .from = B, .flags = SYN | ACK, .ack = 1, .after_us = 1500);
    flags(&a, "", .from = A, .flags = ACK, .seq = 1, .ack = 1, .after_us = 500);
    ck_assert_uint_eq(a.told.initial_rtt_us, 2000);
    ck_assert_uint_eq(a.bench.verify.initial_rtt_us, 2000);
}
END_TEST

/* A SYN and a FIN have a number each, and are no octets. */
START_TEST(test_analysis_syn_and_fin_are_no_octets_in_flight)
{
    struct analysed a = analysed_round(_i);
    flags(&a, "", .from = A, .flags = SYN, .payload = 5, .fast_open = true);
    ck_assert_uint_eq(a.told.bytes_in_flight, 5);
    ck_assert_uint_eq(a.told.completeness, 1 + 8);
    a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 1, 10, "");
    flags(&a, "", .from = A, .flags = FIN | ACK, .seq = 11, .ack = 1, .payload = 5);
    ck_assert_uint_eq(a.told.bytes_in_flight, 15);
    ck_assert_uint_eq(a.told.completeness, 7 + 8 + 16);
}
END_TEST

/* RFC 2018; a report of what came twice (RFC 2883) acknowledges nothing more. */
START_TEST(test_analysis_what_is_acknowledged_selectively_is_not_in_flight)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    for (int n = 0; n < 4; n++)
        send_analysed(&a, 1 + 10 * n, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 40);
    flags(&a, "duplicate_ack", .from = B, .flags = ACK, .seq = 1, .ack = 1, .sack_count = 2,
          .sack = {21, 31, 11, 16});
    send_analysed(&a, 41, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 50 - 15);
    flags(&a, "", .from = B, .flags = ACK, .seq = 1, .ack = 31, .sack_count = 1, .sack = {21, 31});
    send_analysed(&a, 51, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 30);
}
END_TEST

/* The ring holds the last 32 segments; what is older is in flight all the same. */
START_TEST(test_analysis_more_segments_than_are_remembered_are_in_flight)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    for (int n = 0; n < 90; n++)
        send_analysed(&a, 1 + 10 * n, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 900);
    ack_analysed(&a, 501, "");
    send_analysed(&a, 901, 10, "");
    ck_assert_uint_eq(a.told.bytes_in_flight, 410);
}
END_TEST

/* An open one is driven out, and the next in the ring is acknowledged: it is not the eldest. */
START_TEST(test_analysis_eldest_open_segment_is_never_one_that_was_acknowledged)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    send_analysed(&a, 11, 10, "lost_segment");
    flags(&a, "out_of_order", .from = A, .flags = ACK, .seq = 1, .ack = 1, .payload = 10);
    ack_analysed(&a, 11, "");
    for (int n = 0; n < SS_VERIFY_ROOM_SEGMENTS - 1; n++)
        send_analysed(&a, 21 + 10 * n, 10, "");
    flags(&a, "retransmission overlap", .from = A, .flags = ACK, .seq = 11, .ack = 1, .payload = 10,
          .after_us = 300000);
    ck_assert_uint_eq(a.told.rto_frame, 7);
}
END_TEST

START_TEST(test_analysis_fin_beside_a_syn_counts_for_nothing)
{
    struct analysed a = analysed_round(_i);
    flags(&a, "", .from = A, .flags = SYN | FIN);
    ck_assert_uint_eq(a.told.completeness, 1);
}
END_TEST

/* It is answered by a challenge ACK (RFC 5961 section 4), and its number is none of the stream. */
START_TEST(test_analysis_intruding_syn_leaves_what_was_seen)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    flags(&a, "reused_ports", .from = A, .flags = SYN, .seq = 500);
    ack_analysed(&a, 1, "");
    send_analysed(&a, 1, 10, "");
    ack_analysed(&a, 11, "");
}
END_TEST

START_TEST(test_analysis_first_fin_or_reset_tells_who_closed)
{
    struct analysed a = analysed_round(_i);
    open_analysed(&a);
    ck_assert_int_eq(a.bench.verify.closer, SS_CLOSED_BY_NONE);
    flags(&a, "", .from = A, .flags = RST, .seq = 20); /* answered by a challenge ACK */
    ck_assert_int_eq(a.bench.verify.closer, SS_CLOSED_BY_NONE);
    flags(&a, "", .from = B, .flags = FIN | ACK, .seq = 1, .ack = 1);
    ck_assert_int_eq(a.bench.verify.closer, SS_CLOSED_BY_B);
    flags(&a, "", .from = A, .flags = FIN | ACK, .seq = 1, .ack = 2);
    ck_assert_int_eq(a.bench.verify.closer, SS_CLOSED_BY_B);
    ck_assert_uint_eq(a.told.completeness, 7 + 16 + 32);
}
END_TEST

/* --- the block that the caller gives ------------------------------------------------------------
 */

START_TEST(test_verify_extra_is_idle_when_all_is_acknowledged)
{
    struct analysed a = analysed_round(_i);
    const struct ss_verify_extra *extra = &a.bench.room.extra;
    open_analysed(&a);
    ck_assert(ss_verify_extra_is_idle(extra));
    send_analysed(&a, 1, 10, "");
    ck_assert(!ss_verify_extra_is_idle(extra));
    send_analysed(&a, 21, 10, "lost_segment");
    ack_analysed(&a, 11, "");
    ck_assert(!ss_verify_extra_is_idle(extra));
    ack_analysed(&a, 31, "ack_lost_segment");
    ck_assert(ss_verify_extra_is_idle(extra));
}
END_TEST

/* A larger ring, and a smaller one, take over the newest. */
START_TEST(test_verify_extra_ring_grows_and_shrinks)
{
    struct ss_verify_segment large[64], small[2];
    struct analysed a = analysed_round(_i);
    struct ss_verify_extra *extra = &a.bench.room.extra;
    open_analysed(&a); /* frame 1 is A's SYN */
    for (int i = 0; i < SS_VERIFY_ROOM_SEGMENTS; i++)
        send_analysed(&a, 1 + 10 * i, 10, "");
    ck_assert(ss_verify_extra_is_full(extra, A));
    ss_verify_extra_give(extra, A, large, 64);
    ck_assert(!ss_verify_extra_is_full(extra, A));
    send_analysed(&a, 321, 10, "");
    ack_analysed(&a, 11, "");
    ck_assert_uint_eq(a.told.acks_frame, 4);
    ss_verify_extra_give(extra, A, small, 2);
    ck_assert_uint_eq(extra->sides[A].ring.newest - extra->sides[A].ring.oldest_open, 2);
    ack_analysed(&a, 21, "");
    ck_assert_uint_eq(a.told.acks_frame, 0); /* forgotten */
    ack_analysed(&a, 331, "");
    ck_assert_uint_eq(a.told.acks_frame, 36);
    ss_verify_extra_give(extra, A, NULL, 0);
    send_analysed(&a, 331, 10, "");
    ack_analysed(&a, 341, "");
    ck_assert_uint_eq(a.told.acks_frame, 0);
}
END_TEST

static void add_rules(TCase *tcase)
{
    tcase_add_test(tcase, test_analysis_names_are_all_there);
    bench_rounds(tcase, test_analysis_numbers_of_data_and_their_ack);
    bench_rounds(tcase, test_analysis_duplicate_acks_are_counted_from_their_first);
    bench_rounds(tcase, test_analysis_retransmission_tells_the_time_and_the_frame);
    bench_rounds(tcase, test_analysis_limits_of_fast_and_out_of_order);
    bench_rounds(tcase, test_analysis_probes_keep_alives_and_windows);
    bench_rounds(tcase, test_analysis_new_syn_on_known_ports_reuses_them);
    bench_rounds(tcase, test_analysis_ack_of_what_was_not_seen);
    bench_rounds(tcase, test_analysis_octets_acknowledged_before_they_are_seen_are_spurious);
    bench_rounds(tcase, test_analysis_answer_to_any_keep_alive_is_one);
    bench_rounds(tcase, test_analysis_rst_acknowledges_what_was_not_seen);
}

static void add_faults(TCase *tcase)
{
    bench_rounds(tcase, test_analysis_handshake_ack_is_no_duplicate);
    tcase_add_loop_test(tcase, test_analysis_octets_that_end_at_zero_are_as_others, 0, BENCH_BASES);
    bench_rounds(tcase, test_analysis_simultaneous_open_repeats_nothing);
    bench_rounds(tcase, test_analysis_challenge_ack_is_no_duplicate);
    bench_rounds(tcase, test_analysis_shrinking_window_is_no_update);
    bench_rounds(tcase, test_analysis_synack_of_too_much_acknowledges_no_lost_segment);
    bench_rounds(tcase, test_analysis_duplicate_ack_hides_no_lost_segment);
    bench_rounds(tcase, test_analysis_data_after_a_taken_probe_follow_without_a_gap);
    bench_rounds(tcase, test_analysis_initial_rtt_begins_with_the_last_syn);
    bench_rounds(tcase, test_analysis_syn_and_fin_are_no_octets_in_flight);
    bench_rounds(tcase, test_analysis_what_is_acknowledged_selectively_is_not_in_flight);
    bench_rounds(tcase, test_analysis_more_segments_than_are_remembered_are_in_flight);
    bench_rounds(tcase, test_analysis_eldest_open_segment_is_never_one_that_was_acknowledged);
    bench_rounds(tcase, test_analysis_fin_beside_a_syn_counts_for_nothing);
    bench_rounds(tcase, test_analysis_intruding_syn_leaves_what_was_seen);
    bench_rounds(tcase, test_analysis_first_fin_or_reset_tells_who_closed);
    bench_rounds(tcase, test_verify_extra_is_idle_when_all_is_acknowledged);
    bench_rounds(tcase, test_verify_extra_ring_grows_and_shrinks);
}

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_analysis");
    TCase *tcase = tcase_create("rules");
    add_rules(tcase);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("faults");
    add_faults(tcase);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
