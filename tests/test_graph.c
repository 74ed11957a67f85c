/*
 * test_graph: places in a stream are right over any number of wraps; what is what; bounded lists.
 */
#include "graph_bench.h"

enum { BASES = 4 };

static const uint32_t bases[BASES] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                      UINT32_C(0xffffffff)};

static void begin_round(int round)
{
    begin_graph(bases[round % BASES], bases[round / BASES]);
}

static const struct ss_graph_stream *of(int side)
{
    return &it.graph.streams[side];
}

static void expect_piece(int side, enum ss_graph_kind kind, size_t index, int64_t low, int64_t high,
                         uint64_t frame)
{
    ck_assert_uint_lt(index, of(side)->pieces[kind].count);
    const struct ss_graph_piece *piece = &ss_graph_pieces(of(side), kind)[index];
    ck_assert_int_eq(piece->low, low);
    ck_assert_int_eq(piece->high, high);
    ck_assert_uint_eq(piece->frame, frame);
}

static void expect_answer(int side, size_t index, int64_t ack, int64_t edge)
{
    ck_assert_uint_lt(index, of(side)->answers.count);
    ck_assert_int_eq(ss_graph_answers(of(side))[index].ack, ack);
    ck_assert_int_eq(ss_graph_answers(of(side))[index].edge, edge);
}

static void expect_mark(int side, size_t index, enum ss_graph_mark_kind kind, int64_t at)
{
    ck_assert_uint_lt(index, of(side)->marks.count);
    ck_assert_int_eq(ss_graph_marks(of(side))[index].kind, kind);
    ck_assert_int_eq(ss_graph_marks(of(side))[index].at, at);
}

/* --- places -------------------------------------------------------------------------------------
 */

START_TEST(test_graph_places_count_from_the_initial_numbers)
{
    begin_round(_i);
    shake_hands();
    one(A, ACK, 1, 1, .payload = 100);
    one(B, ACK, 1, 101, .payload = 1000);
    ck_assert(of(A)->isn_known && of(B)->isn_known);
    expect_mark(A, 0, SS_GRAPH_SYN, 0);
    expect_mark(B, 0, SS_GRAPH_SYN, 0);
    expect_piece(A, SS_GRAPH_NEW, 0, 1, 101, 4);
    expect_piece(B, SS_GRAPH_NEW, 0, 1, 1001, 5);
    expect_answer(A, 0, 1, 1 + GRAPH_WINDOW);
    expect_answer(A, 1, 101, 101 + GRAPH_WINDOW);
    ck_assert_int_eq(of(B)->low, 0);
    ck_assert_int_eq(of(B)->high, 1001);
    ck_assert_uint_eq(it.graph.packets, 5);
    ck_assert_uint_eq(it.graph.last_us, 23000);
    ck_assert_uint_eq(of(A)->end.port, 4001);
    end_graph();
}
END_TEST

/* 20 GB: four wraps and more, at each of which nothing jumps; most of it was not captured. */
START_TEST(test_graph_places_are_right_over_many_wraps)
{
    const int64_t whole = INT64_C(20000000000), step = 50000000;
    const uint32_t payload = 65000;
    begin_round(_i);
    one(A, SYN, 0, 0, .shift = 15);
    one(B, SYN | ACK, 0, 1, .shift = 15);
    one(A, ACK, 1, 1);
    for (int64_t at = 1; at < whole; at += step) {
        one(B, ACK, at, 1, .payload = payload);
        one(A, ACK, 1, at + payload);
        ck_assert_int_eq(of(B)->high, at + payload);
        expect_answer(B, of(B)->answers.count - 1, of(B)->high, of(B)->high + (GRAPH_WINDOW << 14));
    }
    ck_assert_int_ge(of(B)->high, whole - step);
    ck_assert_int_eq(of(A)->high, 1);
    end_graph();
}
END_TEST

START_TEST(test_graph_without_a_syn_counts_from_what_is_seen_first)
{
    begin_round(_i);
    one(A, ACK, 5000, 700, .payload = 10);
    one(B, ACK, 700, 5010);
    one(A, ACK, 4000, 700, .payload = 1000); /* comes late */
    ck_assert(!of(A)->isn_known && of(A)->known && of(B)->known);
    expect_piece(A, SS_GRAPH_NEW, 0, 0, 10, 1);
    ck_assert_int_eq(of(A)->low, -1000);
    ck_assert_int_eq(of(A)->high, 10);
    ck_assert_int_eq(of(B)->high, 0);
    end_graph();
}
END_TEST

/* A number from nowhere must not stretch the picture, nor move what comes after. */
START_TEST(test_graph_what_is_convicted_far_away_moves_nothing)
{
    begin_round(_i);
    shake_hands();
    one(B, ACK, 1, 1, .payload = 100);
    one(A, ACK, 1, INT64_C(1500000000)); /* acknowledges what nobody sent */
    ck_assert_int_eq(ss_verdicts_worst(&it.taken.verdicts), SS_VERDICT_VIOLATION);
    one(B, RST, INT64_C(1200000000), 0);
    one(B, ACK, 101, 1, .payload = 100);
    expect_piece(B, SS_GRAPH_NEW, 1, 101, 201, 7);
    ck_assert_int_eq(of(B)->high, 201);
    ck_assert_int_eq(of(B)->edge_high, 1 + GRAPH_WINDOW);
    ck_assert_int_eq(ss_graph_answers(of(B))[of(B)->answers.count - 1].ack, 1);
    end_graph();
}
END_TEST

/* --- kinds --------------------------------------------------------------------------------------
 */

START_TEST(test_graph_tells_what_is_what)
{
    begin_round(_i);
    whole_story();
    ck_assert_uint_eq(of(B)->pieces[SS_GRAPH_NEW].count, 8);
    ck_assert_uint_eq(of(B)->pieces[SS_GRAPH_AGAIN].count, 1);
    ck_assert_uint_eq(of(B)->again, 1);
    expect_piece(B, SS_GRAPH_AGAIN, 0, 2921, 4381, 15);
    ck_assert_uint_eq(of(B)->pieces[SS_GRAPH_SACK].count, 3);
    expect_piece(B, SS_GRAPH_SACK, 1, 4381, 7301, 12);
    expect_mark(B, 0, SS_GRAPH_SYN, 0);
    expect_mark(B, 1, SS_GRAPH_DUPLICATE_ACK, 2921);
    expect_mark(B, 2, SS_GRAPH_ZERO_WINDOW, 10221);
    expect_mark(B, 3, SS_GRAPH_FIN, 11681);
    expect_mark(A, 1, SS_GRAPH_FIN, 301);
    ck_assert_uint_eq(of(B)->segments, 11);
    ck_assert_uint_eq(of(B)->bytes, 9 * 1460);
    ck_assert_uint_eq(of(B)->left_out, 0);
    end_graph();
}
END_TEST

/* A block that was told is not told again. */
START_TEST(test_graph_blocks_are_drawn_once)
{
    begin_round(_i);
    shake_hands();
    one(B, ACK, 1, 1, .payload = 100);
    one(B, ACK, 201, 1, .payload = 100);
    for (int i = 0; i < 3; i++)
        one(A, ACK, 1, 101, .sack_count = 1, .sack = {201, 301});
    one(A, ACK, 1, 101, .sack_count = 2, .sack = {401, 501, 201, 301});
    one(A, ACK, 1, 101, .sack_count = 1, .sack = {501, 501}); /* of nothing */
    ck_assert_uint_eq(of(B)->pieces[SS_GRAPH_SACK].count, 2);
    expect_piece(B, SS_GRAPH_SACK, 1, 401, 501, 9);
    end_graph();
}
END_TEST

START_TEST(test_graph_findings_stand_where_their_number_is)
{
    begin_round(_i);
    shake_hands();
    one(A, ACK, 1, 7);
    find(SS_VERDICT_VIOLATION, SS_NUMBERS_SEQ_B, 7, "of B's stream");
    find(SS_VERDICT_WARNING, SS_NUMBERS_CHECKSUM, 7, "of the segment");
    ck_assert_uint_eq(of(B)->findings.count, 1);
    ck_assert_int_eq(ss_graph_findings(of(B))[0].at, 7);
    ck_assert_str_eq(ss_graph_findings(of(B))[0].text, "of B's stream");
    ck_assert_uint_eq(ss_graph_findings(of(B))[0].frame, 4);
    ck_assert_int_eq(ss_graph_findings(of(A))[0].at, 1);
    ck_assert_uint_eq(ss_graph_findings(of(A))[0].time_us, 22000);
    end_graph();
}
END_TEST

/* A clock that goes back does not make time negative. */
START_TEST(test_graph_time_that_goes_back_is_held)
{
    begin_graph(0, 0);
    one(A, SYN, 0, 0);
    it.time_us -= 500000;
    one(B, SYN | ACK, 0, 1);
    ck_assert_uint_eq(ss_graph_marks(of(B))[0].time_us, 0);
    ck_assert_uint_eq(it.graph.last_us, 0);
    end_graph();
}
END_TEST

/* --- bounds -------------------------------------------------------------------------------------
 */

/* As flows would have told of a packet, which takes longer by far under valgrind. */
static void told(int side, int64_t seq, int64_t ack, uint32_t payload, uint32_t flags)
{
    it.taken.from = (enum ss_side)side;
    it.taken.verdicts.count = 0;
    it.taken.analysis.flags = flags;
    it.packet.tcp.flags = ACK;
    it.packet.tcp.seq = ss_seq_from(it.isn[side] + (uint32_t)seq);
    it.packet.tcp.ack = ss_seq_from(it.isn[1 - side] + (uint32_t)ack);
    it.packet.payload_length = payload;
    it.time_us += 10;
    ck_assert(ss_graph_take(&it.graph, &it.taken, &it.packet, ++it.frame, it.time_us) == SS_OK);
}

/* The eldest is no coarser than the newest. */
static void expect_even(const struct ss_graph_list *list)
{
    const struct ss_graph_piece *pieces = list->items;
    ck_assert_uint_ge(list->count, SS_GRAPH_PIECES_MAX / 2);
    ck_assert_uint_gt(list->together, 1);
    ck_assert_uint_eq(pieces[0].segments, list->together);
    ck_assert_uint_eq(pieces[list->count - 2].segments, list->together);
}

START_TEST(test_graph_of_many_segments_is_thinned_out)
{
    const int64_t many = SS_GRAPH_PIECES_MAX * (check_is_slow() ? 1 : 3) + 1000, size = 1000;
    uint64_t counted = 0;
    begin_graph(UINT32_C(0xfffffff0), 5);
    shake_hands();
    for (int64_t i = 0; i < many; i++) {
        told(B, 1 + i * size, 1, (uint32_t)size, 0);
        told(A, 1, 1 + (i + 1) * size, 0, 0);
    }
    const struct ss_graph_list *list = &of(B)->pieces[SS_GRAPH_NEW];
    const struct ss_graph_piece *pieces = list->items;
    ck_assert_uint_le(list->count, SS_GRAPH_PIECES_MAX);
    for (size_t i = 0; i < list->count; i++)
        counted += pieces[i].segments;
    ck_assert_uint_eq(counted, (uint64_t)many);
    ck_assert_uint_eq(of(B)->left_out, 0);
    for (size_t i = 1; i < list->count; i++)
        ck_assert(pieces[i].low == pieces[i - 1].high);
    expect_even(list);
    ck_assert_uint_le(of(B)->answers.count, SS_GRAPH_ANSWERS_MAX);
    ck_assert_int_eq(ss_graph_answers(of(B))[of(B)->answers.count - 1].ack, 1 + many * size);
    end_graph();
}
END_TEST

/* Neighbours in time that lie far apart do not become one tall bar. */
START_TEST(test_graph_pieces_far_apart_are_left_out_and_counted)
{
    begin_graph(7, 5);
    shake_hands();
    one(B, ACK, 1, 1, .payload = 1000);
    one(B, ACK, 6001, 1, .payload = 1000);
    for (int i = 0; i <= SS_GRAPH_PIECES_MAX; i++) {
        told(B, i % 2 ? 1 : 6001, 1, 1000, SS_ANALYSIS_RETRANSMISSION);
    }
    const struct ss_graph_list *list = &of(B)->pieces[SS_GRAPH_AGAIN];
    const struct ss_graph_piece *pieces = list->items;
    ck_assert_uint_le(list->count, SS_GRAPH_PIECES_MAX);
    for (size_t i = 0; i < list->count; i++)
        ck_assert(pieces[i].high - pieces[i].low == 1000);
    ck_assert_uint_ge(of(B)->left_out, SS_GRAPH_PIECES_MAX / 4);
    end_graph();
}
END_TEST

START_TEST(test_graph_marks_and_findings_have_their_most)
{
    begin_graph(7, 5);
    shake_hands();
    for (int i = 0; i < SS_GRAPH_FINDINGS_MAX + 3; i++)
        find(SS_VERDICT_NOTE, SS_NUMBERS_NONE, 0, "again");
    for (int i = 0; i < SS_GRAPH_MARKS_MAX + 3; i++)
        one(A, RST, 1, 0);
    ck_assert_uint_eq(of(A)->findings.count, SS_GRAPH_FINDINGS_MAX);
    ck_assert_uint_eq(of(A)->marks.count, SS_GRAPH_MARKS_MAX);
    ck_assert_uint_eq(of(A)->left_out, 3 + 4); /* and the SYN is a mark */
    end_graph();
}
END_TEST

static Suite *graph_suite(void)
{
    Suite *suite = suite_create("graph");
    TCase *places = tcase_create("places"), *bounds = tcase_create("bounds");
    tcase_set_timeout(places, 120);
    tcase_set_timeout(bounds, 120);
    tcase_add_loop_test(places, test_graph_places_count_from_the_initial_numbers, 0, BASES * BASES);
    tcase_add_loop_test(places, test_graph_places_are_right_over_many_wraps, 0, BASES);
    tcase_add_loop_test(places, test_graph_without_a_syn_counts_from_what_is_seen_first, 0, BASES);
    tcase_add_loop_test(places, test_graph_what_is_convicted_far_away_moves_nothing, 0, BASES);
    tcase_add_loop_test(places, test_graph_tells_what_is_what, 0, BASES * BASES);
    tcase_add_loop_test(places, test_graph_blocks_are_drawn_once, 0, BASES);
    tcase_add_loop_test(places, test_graph_findings_stand_where_their_number_is, 0, BASES);
    tcase_add_test(places, test_graph_time_that_goes_back_is_held);
    suite_add_tcase(suite, places);
    tcase_add_test(bounds, test_graph_of_many_segments_is_thinned_out);
    tcase_add_test(bounds, test_graph_pieces_far_apart_are_left_out_and_counted);
    tcase_add_test(bounds, test_graph_marks_and_findings_have_their_most);
    suite_add_tcase(suite, bounds);
    return suite;
}

int main(void)
{
    return check_main(graph_suite());
}
