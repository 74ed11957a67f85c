/*
 * test_flows: packets of a capture find their connection; those that are over are told, and their
 * places used again, so that memory does not grow with the file.
 */
#include "synstep/flows.h"
#include "synstep/random.h"
#include "transcript_bench.h"

enum { TOLD_MAX = 64, MINUTE_US = 60 * 1000 * 1000 };

static struct {
    struct bench bench;
    struct ss_flows *flows;
    struct ss_flow_packet taken;
    uint32_t told[TOLD_MAX]; /* the numbers of those that are over */
    size_t told_count;
    struct ss_flow last; /* the newest of them */
} it;

static void hear(void *context, const struct ss_flow *flow)
{
    (void)context;
    if (it.told_count < TOLD_MAX)
        it.told[it.told_count] = flow->number;
    it.told_count++;
    it.last = *flow;
}

static void begin_flows(void)
{
    memset(&it, 0, sizeof(it));
    it.bench = bench_of(5, 0xfffffffe, 4, A);
    it.flows = ss_flows_new(&(struct ss_flows_options){.counted = true, .over = hear});
    ck_assert_ptr_nonnull(it.flows);
}

static void end_flows(void)
{
    ss_flows_free(it.flows);
    bench_close(&it.bench);
}

static uint32_t said(struct bench_segment segment)
{
    static uint8_t octets[70000];
    struct ss_packet packet;
    size_t length = bench_build(&it.bench, &segment, octets, sizeof(octets));
    it.bench.time_us += segment.after_us ? segment.after_us : 1000;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert_int_eq(ss_flows_take(it.flows, &packet, ++it.bench.frame, it.bench.time_us,
                                   SS_WISH_DIGEST, &it.taken),
                     SS_OK);
    return it.taken.flow->number;
}

#define one(from_, flags_, seq_, ack_, ...)                                                        \
    said((struct bench_segment){                                                                   \
        .from = from_, .flags = flags_, .seq = seq_, .ack = ack_, __VA_ARGS__})

static void ports(uint16_t a, uint16_t b)
{
    it.bench.ends[A].port = a;
    it.bench.ends[B].port = b;
}

static void whole_connection(void)
{
    one(A, SYN, 0, 0, );
    one(B, SYN | ACK, 0, 1, );
    one(A, ACK, 1, 1, );
    one(A, PSH | ACK, 1, 1, .size = 100);
    one(B, ACK, 1, 101, );
    one(A, FIN | ACK, 101, 1, );
    one(B, FIN | ACK, 1, 102, );
    one(A, ACK, 102, 2, );
}

START_TEST(test_flows_both_ways_are_one)
{
    ck_assert_uint_eq(one(A, SYN, 0, 0, ), 1);
    ck_assert_uint_eq(one(B, SYN | ACK, 0, 1, ), 1);
    ck_assert_int_eq(it.taken.from, B);
    ck_assert_uint_eq(it.taken.verdicts.list[it.taken.verdicts.count - 1].level, 1); /* no MSS */
    ports(8888, 40001); /* the ports swapped, not the hosts */
    ck_assert_uint_eq(one(A, SYN, 0, 0, ), 2);
    ck_assert_uint_eq(it.told_count, 0);
}
END_TEST

START_TEST(test_flows_thousands_are_all_found_again)
{
    const uint16_t count = 5000;
    for (uint16_t i = 0; i < count; i++) {
        ports((uint16_t)(1000 + i), 8888);
        ck_assert_uint_eq(one(A, SYN, 0, 0, ), i + 1U);
    }
    for (uint16_t i = 0; i < count; i++) {
        ports((uint16_t)(1000 + i), 8888);
        ck_assert_uint_eq(one(B, SYN | ACK, 0, 1, ), i + 1U);
        ck_assert_int_eq(it.taken.from, B);
    }
    ss_flows_finish(it.flows);
    ck_assert_uint_eq(it.told_count, count);
    for (uint32_t i = 0; i < TOLD_MAX; i++)
        ck_assert_uint_eq(it.told[i], i + 1);
}
END_TEST

START_TEST(test_flows_that_begin_late_are_told)
{
    one(B, PSH | ACK, 7, 9, .text = "late");
    ck_assert(it.taken.flow->late);
    ck_assert_int_eq(it.taken.from, A); /* seen first */
    ports(40002, 8888);
    one(B, SYN | ACK, 0, 1, );
    ck_assert(it.taken.flow->late);
    ck_assert_int_eq(it.taken.from, B); /* whoever answers a SYN did not send it */
}
END_TEST

START_TEST(test_flows_ports_used_again_close_out_the_old_one)
{
    whole_connection();
    ck_assert_uint_eq(one(A, SYN, 77777, 0, ), 2);
    ck_assert(it.taken.analysis.flags & SS_ANALYSIS_REUSED_PORTS);
    ck_assert_uint_eq(it.told_count, 1);
    ck_assert_uint_eq(it.last.number, 1);
    ck_assert_int_eq(ss_flow_end(&it.last), SS_CONNECTION_CLOSED);
    ck_assert_uint_eq(one(B, SYN | ACK, 9, 77778, ), 2);
    ck_assert_uint_eq(it.taken.flow->sides[A].retransmitted, 0);
}
END_TEST

START_TEST(test_flows_ports_used_again_by_the_other_end_change_sides)
{
    whole_connection();
    ck_assert_uint_eq(one(B, SYN, 5000, 0, ), 2);
    ck_assert_int_eq(it.taken.from, A);
    ck_assert(it.taken.analysis.flags & SS_ANALYSIS_REUSED_PORTS);
    ck_assert(ss_socket_address_equal(&it.taken.flow->ends[A], &it.bench.ends[B]));
    ck_assert_uint_eq(it.told_count, 1);
    ck_assert_uint_eq(one(A, SYN | ACK, 70000, 5001, ), 2);
    ck_assert_int_eq(it.taken.from, B);
}
END_TEST

/*
 * Nothing of the old one is left on either side: its sequence numbers, FINs and options would make
 * the new one's segments old duplicates, overlaps or out of window.
 */
START_TEST(test_flows_ports_used_again_by_the_other_end_are_judged_anew)
{
    const struct ss_verify_side *sides = NULL;
    it.bench.isn[A] = bench_bases[_i];
    it.bench.isn[B] = bench_bases[_i] + 4000; /* the new one begins where the old one was */
    whole_connection();
    ck_assert_uint_eq(one(B, SYN, 50, 0, BENCH_MSS), 2);
    ck_assert_uint_eq(ss_verdicts_worst(&it.taken.verdicts), SS_VERDICT_HELD);
    sides = it.taken.flow->verify.sides;
    ck_assert_uint_eq(sides[A].segments, 1);
    ck_assert_uint_eq(sides[B].segments, 0);
    ck_assert(!sides[A].fin_known && !sides[B].fin_known && !sides[B].isn_known);
    ck_assert_uint_eq(sides[A].isn.value, it.bench.isn[B] + 50);
    one(A, SYN | ACK, 50, 51, BENCH_MSS);
    one(B, ACK, 51, 51, );
    one(B, PSH | ACK, 51, 51, .size = 100);
    ck_assert_uint_eq(ss_verdicts_worst(&it.taken.verdicts), SS_VERDICT_HELD);
    one(A, PSH | ACK, 51, 151, .size = 7);
    ck_assert_uint_eq(ss_verdicts_worst(&it.taken.verdicts), SS_VERDICT_HELD);
    ck_assert_uint_eq(it.taken.analysis.flags, 0);
    ck_assert_uint_eq(ss_flow_unique_bytes(it.taken.flow, A), 100);
    ck_assert_uint_eq(ss_flow_unique_bytes(it.taken.flow, B), 7);
    ck_assert_int_eq(ss_flow_end(it.taken.flow), SS_CONNECTION_OPEN);
}
END_TEST

START_TEST(test_flows_damaged_or_intruding_syn_begins_nothing)
{
    one(A, SYN, 0, 0, );
    one(B, SYN | ACK, 0, 1, );
    one(A, ACK, 1, 1, );
    ck_assert_uint_eq(one(A, SYN, 77777, 0, ), 1);
    one(A, RST | ACK, 1, 1, );
    ck_assert_uint_eq(one(A, SYN, 77777, 0, .damaged = true), 1);
}
END_TEST

START_TEST(test_flows_one_port_to_many_is_many)
{
    ports(40001, 1);
    one(A, SYN, 0, 0, );
    ports(40001, 2);
    ck_assert_uint_eq(one(A, SYN, 0, 0, ), 2);
    ports(2, 40001);
    ck_assert_uint_eq(one(A, SYN, 0, 0, ), 3);
}
END_TEST

START_TEST(test_flows_the_same_ports_over_ipv6_are_others)
{
    struct bench other = bench_of(1, 2, 6, A);
    one(A, SYN, 0, 0, );
    it.bench.ends[A].address = other.ends[A].address;
    it.bench.ends[B].address = other.ends[B].address;
    it.bench.version = 6;
    ck_assert_uint_eq(one(A, SYN, 0, 0, ), 2);
    bench_close(&other);
}
END_TEST

static enum ss_connection_end stands(void)
{
    return ss_flow_end(it.taken.flow);
}

START_TEST(test_flows_closed_is_told)
{
    one(A, SYN, 0, 0, );
    ck_assert_int_eq(stands(), SS_CONNECTION_UNANSWERED);
    one(B, SYN | ACK, 0, 1, );
    ck_assert_int_eq(stands(), SS_CONNECTION_HALF_OPEN);
    one(A, ACK, 1, 1, );
    ck_assert_int_eq(stands(), SS_CONNECTION_OPEN);
    one(A, FIN | ACK, 1, 1, );
    ck_assert_int_eq(stands(), SS_CONNECTION_HALF_CLOSED);
    one(B, FIN | ACK, 1, 2, );
    ck_assert_int_eq(stands(), SS_CONNECTION_CLOSED);
}
END_TEST

START_TEST(test_flows_reset_is_told)
{
    one(A, SYN, 0, 0, );
    one(B, SYN | ACK, 0, 1, );
    one(A, ACK, 1, 1, );
    one(_i == 0 ? A : B, RST | ACK, 1, 1, );
    ck_assert_int_eq(stands(), _i == 0 ? SS_CONNECTION_RESET_A : SS_CONNECTION_RESET_B);
}
END_TEST

START_TEST(test_flows_refused_is_told)
{
    one(A, SYN, 0, 0, );
    one(B, RST | ACK, 0, it.bench.isn[A] + 1LL, .absolute = true);
    ck_assert_int_eq(stands(), SS_CONNECTION_REFUSED);
}
END_TEST

/* Nothing but SYN/ACKs; of one whose SYN was missed B speaks on, so that A must have answered. */
START_TEST(test_flows_half_open_needs_no_syn)
{
    one(B, SYN | ACK, 0, 1, );
    ck_assert_int_eq(stands(), SS_CONNECTION_HALF_OPEN);
    one(B, SYN | ACK, 0, 1, .after_us = 1000000);
    ck_assert_int_eq(stands(), SS_CONNECTION_HALF_OPEN);
    one(B, PSH | ACK, 1, 1, .text = "hello");
    ck_assert_int_eq(stands(), SS_CONNECTION_OPEN);
}
END_TEST

START_TEST(test_flows_every_end_has_its_words)
{
    static const char *const texts[] = {
        "still open",          "closed",  "half-open", "half-closed", "reset by the client",
        "reset by the server", "refused", "no answer"};
    for (int i = SS_CONNECTION_OPEN; i <= SS_CONNECTION_UNANSWERED; i++)
        ck_assert_str_eq(ss_connection_end_text((enum ss_connection_end)i), texts[i]);
    ss_flows_free(NULL);
}
END_TEST

/* Each is over long before the next thousand: their places are used again. */
START_TEST(test_flows_that_ended_give_their_places_back)
{
    const uint32_t count = check_is_slow() ? 300 : 3000;
    for (uint32_t i = 0; i < count; i++) {
        ports((uint16_t)(1000 + i), 8888);
        whole_connection();
        it.bench.time_us += MINUTE_US / 10;
    }
    ck_assert_uint_eq(ss_flows_count(it.flows).begun, count);
    ck_assert_uint_lt(ss_flows_count(it.flows).places, 40);
    ck_assert_uint_gt(it.told_count, count - 40);
    ss_flows_finish(it.flows);
    ck_assert_uint_eq(it.told_count, count);
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 0);
}
END_TEST

START_TEST(test_flows_that_stand_are_never_closed_out_for_being_quiet)
{
    one(A, SYN, 0, 0, );
    one(B, SYN | ACK, 0, 1, );
    one(A, ACK, 1, 1, );
    for (uint16_t i = 0; i < 100; i++) {
        ports((uint16_t)(1000 + i), 8888);
        one(A, SYN, 0, 0, .after_us = 2 * MINUTE_US);
    }
    ports(40001, 8888);
    ck_assert_uint_eq(one(A, PSH | ACK, 1, 1, .size = 3), 1);
    ck_assert_uint_eq(it.told_count, 0);
    ck_assert_uint_eq(it.taken.flow->idle_max_ms, 100 * 120 * 1000 + 1);
}
END_TEST

START_TEST(test_flows_tally)
{
    one(A, SYN, 0, 0, );
    one(B, SYN | ACK, 0, 1, );
    one(A, ACK, 1, 1, );
    one(A, PSH | ACK, 1, 1, .size = 100);
    one(B, ACK, 1, 101, .after_us = 7000);
    one(A, PSH | ACK, 101, 1, .size = 30);
    one(A, PSH | ACK, 101, 1, .size = 30, .after_us = 300000);
    one(B, ACK, 1, 131, .window = 500);
    for (int i = 0; i < 3; i++)
        one(B, ACK, 1, 131, .window = 500);
    const struct ss_flow_side *a = &it.taken.flow->sides[A], *b = &it.taken.flow->sides[B];
    ck_assert_uint_eq(a->retransmitted, 1);
    ck_assert_uint_eq(a->retransmitted_bytes, 30);
    ck_assert_uint_eq(a->segment_min, 30);
    ck_assert_uint_eq(a->segment_max, 100);
    ck_assert_uint_eq(b->duplicate_acks, 3);
    ck_assert_uint_eq(b->triple_duplicates, 1);
    ck_assert_uint_eq(b->window_min, 500);
    ck_assert_uint_eq(a->rtt_count, 2); /* the SYN and the first data; Karn forbids the rest */
    ck_assert_uint_eq(a->rtt_max_us, 7000);
    ck_assert(a->rtt_mean_us > 3999 && a->rtt_mean_us < 4001);
    ck_assert_uint_eq(ss_flow_unique_bytes(it.taken.flow, A), 130);
    ck_assert_uint_eq(it.taken.flow->idle_max_ms, 300);
}
END_TEST

#define stamped(from_, flags_, seq_, ack_, ...)                                                    \
    one(from_, flags_, seq_, ack_, .options = stamp, .options_length = (size_t)_i * 12, __VA_ARGS__)

/*
 * An ACK that waited for what fills a gap measures how long that took, and no round trip; with
 * timestamps (round 1) and without.
 */
START_TEST(test_flows_ack_after_a_loss_measures_no_round_trip)
{
    static const char stamp[] = "\1\1\10\12\0\0\0\1\0\0\0\1";
    stamped(A, SYN, 0, 0, );
    stamped(B, SYN | ACK, 0, 1, );
    stamped(A, ACK, 1, 1, );
    stamped(A, PSH | ACK, 1, 1, .size = 10);
    stamped(A, PSH | ACK, 11, 1, .size = 10);
    stamped(B, ACK, 1, 1, );
    stamped(A, PSH | ACK, 1, 1, .size = 10, .after_us = 900000);
    stamped(B, ACK, 1, 21, ); /* the second was under way once, for 902 ms */
    ck_assert_uint_eq(it.taken.analysis.acks_frame, 5);
    ck_assert(!it.taken.analysis.ack_measures);
    ck_assert_uint_eq(it.taken.flow->sides[A].rtt_count, 1);
    stamped(A, PSH | ACK, 21, 1, .size = 10);
    stamped(A, PSH | ACK, 21, 1, .size = 10, .after_us = 300000);
    stamped(B, ACK, 1, 31, ); /* this one twice */
    ck_assert_uint_eq(it.taken.flow->sides[A].rtt_count, 1);
    stamped(A, PSH | ACK, 31, 1, .size = 10);
    stamped(B, ACK, 1, 41, .after_us = 5000);
    ck_assert_uint_eq(it.taken.flow->sides[A].rtt_count, 2);
    ck_assert_uint_eq(it.taken.flow->sides[A].rtt_max_us, 5000);
}
END_TEST

/* Once each, when a second has passed; what comes later is still theirs, and told by nobody. */
START_TEST(test_flows_that_ended_are_told_to_who_watches)
{
    const uint64_t second_us = 1000 * 1000;
    one(A, SYN, 0, 0, );
    ports(40002, 8888);
    whole_connection();
    ss_flows_tell_ended(it.flows, it.bench.time_us + second_us);
    ck_assert_uint_eq(it.told_count, 0);
    ss_flows_tell_ended(it.flows, it.bench.time_us + second_us + 1);
    ss_flows_tell_ended(it.flows, it.bench.time_us + 2 * second_us);
    ck_assert_uint_eq(it.told_count, 1);
    ck_assert_uint_eq(it.told[0], 2);
    ck_assert_uint_eq(one(B, FIN | ACK, 1, 102, .after_us = 3 * second_us), 2);
    ck_assert_uint_eq(one(A, SYN, 70000, 0, ), 3); /* the ports used again: not told once more */
    ck_assert_uint_eq(it.told_count, 1);
    one(A, RST, 70001, 0, );
    ss_flows_finish(it.flows);
    ck_assert_uint_eq(it.told_count, 3);
    ck_assert_uint_eq(it.told[1], 1);
    ck_assert_uint_eq(it.told[2], 3);
}
END_TEST

/* Any octets, of a few hosts and ports so that they meet: nothing breaks, all are told once. */
START_TEST(test_flows_any_packets)
{
    const uint32_t count = check_is_slow() ? 2000 : 100000;
    struct ss_random random = ss_random_seeded(1);
    uint8_t octets[80];
    for (uint32_t i = 0; i < count; i++) {
        struct ss_packet packet;
        it.bench.ends[A].port = (uint16_t)ss_random_below(&random, 300);
        const struct bench_segment any = {.from = (enum ss_side)ss_random_below(&random, 2),
                                          .flags = (uint8_t)ss_random_below(&random, 64),
                                          .seq = ss_random_below(&random, 40),
                                          .ack = ss_random_below(&random, 40),
                                          .size = ss_random_below(&random, 20)};
        size_t length = bench_build(&it.bench, &any, octets, sizeof(octets));
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        it.bench.time_us += ss_random_below(&random, 3) ? 10 : MINUTE_US;
        ck_assert_int_eq(
            ss_flows_take(it.flows, &packet, i + 1, it.bench.time_us, SS_WISH_DIGEST, &it.taken),
            SS_OK);
    }
    ss_flows_finish(it.flows);
    ck_assert_uint_eq(it.told_count, ss_flows_count(it.flows).begun);
}
END_TEST

static Suite *flows_suite(void)
{
    Suite *suite = suite_create("flows");
    TCase *tcase = tcase_create("flows");
    tcase_add_checked_fixture(tcase, begin_flows, end_flows);
    tcase_add_test(tcase, test_flows_both_ways_are_one);
    tcase_add_test(tcase, test_flows_thousands_are_all_found_again);
    tcase_add_test(tcase, test_flows_that_begin_late_are_told);
    tcase_add_test(tcase, test_flows_ports_used_again_close_out_the_old_one);
    tcase_add_test(tcase, test_flows_ports_used_again_by_the_other_end_change_sides);
    tcase_add_loop_test(tcase, test_flows_ports_used_again_by_the_other_end_are_judged_anew, 0,
                        BENCH_BASES);
    tcase_add_test(tcase, test_flows_one_port_to_many_is_many);
    tcase_add_test(tcase, test_flows_the_same_ports_over_ipv6_are_others);
    tcase_add_test(tcase, test_flows_closed_is_told);
    tcase_add_loop_test(tcase, test_flows_reset_is_told, 0, 2);
    tcase_add_test(tcase, test_flows_refused_is_told);
    tcase_add_test(tcase, test_flows_half_open_needs_no_syn);
    tcase_add_test(tcase, test_flows_every_end_has_its_words);
    tcase_add_test(tcase, test_flows_damaged_or_intruding_syn_begins_nothing);
    tcase_add_test(tcase, test_flows_that_ended_give_their_places_back);
    tcase_add_test(tcase, test_flows_that_stand_are_never_closed_out_for_being_quiet);
    tcase_add_test(tcase, test_flows_that_ended_are_told_to_who_watches);
    tcase_add_test(tcase, test_flows_tally);
    tcase_add_loop_test(tcase, test_flows_ack_after_a_loss_measures_no_round_trip, 0, 2);
    tcase_add_test(tcase, test_flows_any_packets);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(flows_suite());
}
