/*
 * test_flow_history: a connection's history in letters, and what is counted of its segments and
 * windows, packet by packet.
 */
#include <string.h>

#include "check_main.h"
#include "synstep/flows.h"

#define A SS_SIDE_A
#define B SS_SIDE_B

enum {
    FIN = SS_TCP_FIN,
    SYN = SS_TCP_SYN,
    RST = SS_TCP_RST,
    ACK = SS_TCP_ACK,
    BASES = 4,
    ROUNDS = BASES * BASES,
    WINDOW = 1000,
};

static const uint32_t bases[BASES] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                      UINT32_C(0xffffffff)};

static struct {
    struct ss_flows *flows;
    const struct ss_flow *flow; /* that of the last packet */
    uint32_t isn[2];
    uint64_t frame;
    uint64_t time_us;
} it;

/* Numbers count from the ISNs. */
struct said {
    enum ss_side from;
    uint8_t flags;
    int64_t seq;
    int64_t ack;
    size_t size;
    int window; /* 0: WINDOW; -1: a closed one */
    int shift;  /* in a SYN: the shift + 1 */
    bool damaged;
};

static void begin_round(int round)
{
    memset(&it, 0, sizeof(it));
    it.isn[A] = bases[round % BASES];
    it.isn[B] = bases[round / BASES % BASES];
    it.flows = ss_flows_new(&(struct ss_flows_options){.counted = true});
    ck_assert_ptr_nonnull(it.flows);
}

static void end_round(void)
{
    ss_flows_free(it.flows);
    it.flows = NULL;
}

static struct ss_packet packet_of(struct said said)
{
    struct ss_packet packet = {.version = 4, .transport = SS_TRANSPORT_TCP};
    const uint8_t octets[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    const uint16_t port[2] = {4001, 80};
    enum ss_side to = ss_side_other(said.from);
    ss_address_set_v4(&packet.source, octets[said.from]);
    ss_address_set_v4(&packet.destination, octets[to]);
    packet.tcp.source_port = port[said.from];
    packet.tcp.destination_port = port[to];
    packet.tcp.flags = said.flags;
    packet.tcp.seq = ss_seq_from(it.isn[said.from] + (uint32_t)said.seq);
    packet.tcp.ack = ss_seq_from(said.flags & ACK ? it.isn[to] + (uint32_t)said.ack : 0);
    packet.tcp.window = (uint16_t)(said.window < 0 ? 0 : said.window ? said.window : WINDOW);
    packet.payload_length = said.size;
    packet.options.has_window_shift = said.shift > 0;
    packet.options.window_shift = (uint8_t)(said.shift > 0 ? said.shift - 1 : 0);
    packet.transport_checksum = said.damaged ? SS_CHECKSUM_BAD : SS_CHECKSUM_GOOD;
    return packet;
}

static void take(struct said said)
{
    struct ss_packet packet = packet_of(said);
    struct ss_flow_packet taken;
    it.time_us += 50000;
    ck_assert_int_eq(ss_flows_take(it.flows, &packet, ++it.frame, it.time_us, 0, &taken), SS_OK);
    it.flow = taken.flow;
}

/* One more packet, and the history with it. */
#define then(history_, ...)                                                                        \
    do {                                                                                           \
        take((struct said){__VA_ARGS__});                                                          \
        ck_assert_str_eq(it.flow->history, history_);                                              \
    } while (0)

static void open_it(void)
{
    then("S", .from = A, .flags = SYN, .shift = 3);
    then("Sh", .from = B, .flags = SYN | ACK, .ack = 1, .shift = 4);
    then("ShA", .from = A, .flags = ACK, .seq = 1, .ack = 1);
}

START_TEST(test_flow_history_of_a_whole_connection)
{
    begin_round(_i);
    open_it();
    then("ShAD", .from = A, .flags = ACK, .seq = 1, .ack = 1, .size = 10);
    then("ShADa", .from = B, .flags = ACK, .seq = 1, .ack = 11);
    then("ShADad", .from = B, .flags = ACK, .seq = 1, .ack = 11, .size = 5);
    then("ShADad", .from = A, .flags = ACK, .seq = 11, .ack = 6);
    then("ShADadF", .from = A, .flags = FIN | ACK, .seq = 11, .ack = 6);
    then("ShADadFf", .from = B, .flags = FIN | ACK, .seq = 6, .ack = 12);
    then("ShADadFf", .from = A, .flags = ACK, .seq = 12, .ack = 7);
    end_round();
}
END_TEST

START_TEST(test_flow_history_tells_resets_and_flags_that_contradict)
{
    begin_round(_i);
    open_it();
    then("ShAr", .from = B, .flags = RST, .seq = 500);
    then("ShArFRI", .from = A, .flags = FIN | RST, .seq = 600);
    then("ShArFRISQ", .from = A, .flags = SYN | FIN, .seq = 700);
    end_round();
}
END_TEST

/* Data, a window, a gap: what comes again and again is written at 1, 10, 100. */
START_TEST(test_flow_history_repeats_at_powers_of_ten)
{
    begin_round(_i);
    open_it();
    then("ShAD", .from = A, .flags = ACK, .seq = 1, .ack = 1, .size = 10);
    for (int i = 1; i <= 100; i++)
        then(i < 10    ? "ShADT"
             : i < 100 ? "ShADTT"
                       : "ShADTTT",
             .from = A, .flags = ACK, .seq = 1, .ack = 1, .size = 10);
    then("ShADTTTa", .from = B, .flags = ACK, .seq = 1, .ack = 11);
    for (int i = 1; i <= 10; i++)
        then(i < 10 ? "ShADTTTaw" : "ShADTTTaww", .from = B, .flags = ACK, .seq = 1, .ack = 11,
             .window = -1);
    for (int i = 1; i <= 10; i++)
        then(i < 10 ? "ShADTTTawwc" : "ShADTTTawwcc", .from = B, .flags = RST, .seq = 9,
             .damaged = true);
    end_round();
}
END_TEST

/* The gap is one in what the other end sent. */
START_TEST(test_flow_history_gap_is_of_whose_octets_lack)
{
    begin_round(_i);
    open_it();
    then("ShAD", .from = A, .flags = ACK, .seq = 1, .ack = 1, .size = 10);
    then("ShADaG", .from = B, .flags = ACK, .seq = 1, .ack = 21);
    end_round();
}
END_TEST

START_TEST(test_flow_history_marks_ends_that_changed_places)
{
    begin_round(_i);
    then("^h", .from = B, .flags = SYN | ACK, .ack = 1);
    then("^hA", .from = A, .flags = ACK, .seq = 1, .ack = 1);
    end_round();
}
END_TEST

START_TEST(test_flow_history_of_a_connection_that_was_there_before)
{
    begin_round(_i);
    then("D", .from = B, .flags = ACK, .seq = 9, .ack = 9, .size = 3); /* seen first */
    then("Da", .from = A, .flags = ACK, .seq = 9, .ack = 12);
    end_round();
}
END_TEST

START_TEST(test_flow_history_begins_anew_with_the_ports)
{
    begin_round(_i);
    open_it();
    then("ShAR", .from = A, .flags = RST | ACK, .seq = 1, .ack = 1);
    then("S", .from = A, .flags = SYN, .seq = 70000);
    ck_assert_uint_eq(it.flow->number, 2);
    ck_assert_uint_eq(it.flow->first_us, it.time_us);
    end_round();
}
END_TEST

/* Another number each time. */
START_TEST(test_flow_history_stays_within_its_bounds)
{
    begin_round(_i);
    open_it();
    for (int i = 1; i <= 100; i++)
        take((struct said){.from = A, .flags = SYN, .seq = 100000LL * i});
    ck_assert_uint_eq(strlen(it.flow->history), SS_FLOW_HISTORY_SIZE - 1);
    ck_assert_int_eq(strncmp(it.flow->history, "ShASSSSSS", 9), 0);
    end_round();
}
END_TEST

static void expect_octets(uint64_t sent, uint64_t unique, uint64_t stream)
{
    ck_assert_uint_eq(it.flow->verify.sides[A].payload_bytes, sent);
    ck_assert_uint_eq(ss_flow_unique_bytes(it.flow, A), unique);
    ck_assert_uint_eq(ss_flow_stream_bytes(it.flow, A), stream);
}

static void send_octets(int64_t seq, size_t size)
{
    take((struct said){.from = A, .flags = ACK, .seq = seq, .ack = 1, .size = size});
}

/* What is sent again, in part, or over a gap's two sides counts once. */
START_TEST(test_flow_unique_octets_are_those_that_were_seen)
{
    begin_round(_i);
    open_it();
    send_octets(1, 100);
    expect_octets(100, 100, 100);
    send_octets(51, 100);
    expect_octets(200, 150, 150);
    send_octets(201, 100); /* 50 are missing */
    expect_octets(300, 250, 300);
    send_octets(181, 40);
    expect_octets(340, 270, 300);
    send_octets(1, 300);
    expect_octets(640, 300, 300);
    send_octets(300, 1);   /* a keep-alive */
    send_octets(-5000, 9); /* of no stream */
    expect_octets(650, 300, 300);
    take((struct said){.from = A, .flags = FIN | ACK, .seq = 301, .ack = 1});
    expect_octets(650, 300, 300);
    end_round();
}
END_TEST

START_TEST(test_flow_unique_octets_count_a_probe_once)
{
    begin_round(_i);
    open_it();
    take((struct said){.from = B, .flags = ACK, .seq = 1, .ack = 1, .window = -1});
    send_octets(1, 1);
    send_octets(1, 1);
    expect_octets(2, 1, 0);
    take((struct said){.from = B, .flags = ACK, .seq = 1, .ack = 1});
    send_octets(1, 10);
    expect_octets(12, 10, 10);
    take((struct said){.from = B, .flags = ACK, .seq = 1, .ack = 11, .window = -1});
    send_octets(11, 1);
    take((struct said){.from = B, .flags = ACK, .seq = 1, .ack = 12});
    expect_octets(13, 11, 11);
    end_round();
}
END_TEST

/* Scaled windows in octets, SYN and RST left out; means of what was there. */
START_TEST(test_flow_counts_segments_and_windows)
{
    begin_round(_i);
    open_it();
    then("ShAD", .from = A, .flags = ACK, .seq = 1, .ack = 1, .size = 10, .window = 500);
    then("ShAD", .from = A, .flags = ACK, .seq = 11, .ack = 1, .size = 31, .window = 2000);
    then("ShADc", .from = B, .flags = ACK, .seq = 1, .ack = 42, .size = 7, .damaged = true);
    then("ShADca", .from = B, .flags = ACK, .seq = 1, .ack = 42, .window = 9);
    const struct ss_flow_side *a = &it.flow->sides[A], *b = &it.flow->sides[B];
    ck_assert_uint_eq(a->data_segments, 2);
    ck_assert_uint_eq(a->segment_min, 10);
    ck_assert_uint_eq(a->segment_max, 31);
    ck_assert_uint_eq(ss_flow_segment_mean(it.flow, A), 21); /* 20.5 */
    ck_assert_uint_eq(a->window_min, 2000);
    ck_assert_uint_eq(a->window_max, 8000);
    ck_assert_uint_eq(ss_flow_window_mean(it.flow, A), (4000 + 2000 + 8000 + 1) / 3);
    ck_assert_uint_eq(b->data_segments, 0);
    ck_assert_uint_eq(ss_flow_segment_mean(it.flow, B), 0);
    ck_assert_uint_eq(b->window_min, 72);
    ck_assert_uint_eq(b->window_max, 72);
    ck_assert_uint_eq(ss_flow_lasted_us(it.flow), 6 * 50000);
    end_round();
}
END_TEST

static Suite *flow_history_suite(void)
{
    Suite *suite = suite_create("flow_history");
    TCase *tcase = tcase_create("history");
    tcase_add_loop_test(tcase, test_flow_history_of_a_whole_connection, 0, ROUNDS);
    tcase_add_test(tcase, test_flow_history_tells_resets_and_flags_that_contradict);
    tcase_add_loop_test(tcase, test_flow_history_repeats_at_powers_of_ten, 0, BASES);
    tcase_add_loop_test(tcase, test_flow_history_gap_is_of_whose_octets_lack, 0, ROUNDS);
    tcase_add_test(tcase, test_flow_history_marks_ends_that_changed_places);
    tcase_add_test(tcase, test_flow_history_of_a_connection_that_was_there_before);
    tcase_add_test(tcase, test_flow_history_begins_anew_with_the_ports);
    tcase_add_test(tcase, test_flow_history_stays_within_its_bounds);
    tcase_add_loop_test(tcase, test_flow_counts_segments_and_windows, 0, ROUNDS);
    tcase_add_loop_test(tcase, test_flow_unique_octets_are_those_that_were_seen, 0, ROUNDS);
    tcase_add_loop_test(tcase, test_flow_unique_octets_count_a_probe_once, 0, ROUNDS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(flow_history_suite());
}
