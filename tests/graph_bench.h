/*
 * graph_bench: a connection's packets as views made by hand, given to flows and to a graph.
 */
#ifndef SS_TESTS_GRAPH_BENCH_H
#define SS_TESTS_GRAPH_BENCH_H

#include <string.h>

#include "check_main.h"
#include "synstep/graph.h"

enum {
    A = SS_SIDE_A,
    B = SS_SIDE_B,
    FIN = SS_TCP_FIN,
    SYN = SS_TCP_SYN,
    RST = SS_TCP_RST,
    ACK = SS_TCP_ACK,
    GRAPH_WINDOW = 8000,
};

static struct {
    struct ss_flows *flows;
    struct ss_graph graph;
    struct ss_flow_packet taken;
    uint32_t isn[2];
    uint64_t time_us;
    uint64_t frame;
    struct ss_packet packet;
} it;

/* One segment; `seq` and `ack` count from the ISNs. */
struct graph_segment {
    int from;
    int flags;
    int64_t seq;
    int64_t ack;
    uint32_t payload;
    uint64_t after_us; /* since the one before; 0: 1000 */
    int window;        /* 0: GRAPH_WINDOW; -1: a closed one */
    int shift;         /* in a SYN: 0 none, else the shift + 1 */
    uint8_t sack_count;
    int64_t sack[4];
};

static inline void begin_graph(uint32_t j, uint32_t k)
{
    memset(&it, 0, sizeof(it));
    it.flows = ss_flows_new(&(struct ss_flows_options){0});
    ck_assert_ptr_nonnull(it.flows);
    it.isn[A] = j;
    it.isn[B] = k;
    it.time_us = 1000000;
}

static inline void end_graph(void)
{
    ss_flows_free(it.flows);
    ss_graph_free(&it.graph);
}

static inline void set_options(const struct graph_segment *s)
{
    it.packet.options.has_mss = s->flags & SYN;
    it.packet.options.mss = it.packet.options.has_mss ? 1460 : 0;
    it.packet.options.has_window_shift = s->shift > 0;
    it.packet.options.window_shift = (uint8_t)(s->shift > 0 ? s->shift - 1 : 0);
    it.packet.options.sack_permitted = s->flags & SYN;
    it.packet.options.sack_count = s->sack_count;
    for (uint8_t i = 0; i < s->sack_count; i++) {
        uint32_t isn = it.isn[1 - s->from];
        it.packet.options.sack[i].left = ss_seq_from(isn + (uint32_t)s->sack[2 * i]);
        it.packet.options.sack[i].right = ss_seq_from(isn + (uint32_t)s->sack[2 * i + 1]);
    }
}

static inline void put(struct graph_segment s)
{
    struct ss_address hosts[2];
    ss_address_set_v4(&hosts[A], (const uint8_t[4]){10, 0, 0, 1});
    ss_address_set_v4(&hosts[B], (const uint8_t[4]){10, 0, 0, 2});
    it.packet = (struct ss_packet){
        .version = 4,
        .transport = SS_TRANSPORT_TCP,
        .source = hosts[s.from],
        .destination = hosts[1 - s.from],
        .payload_length = s.payload,
    };
    it.packet.tcp = (struct ss_tcp_header){
        .source_port = s.from == A ? 4001 : 80,
        .destination_port = s.from == A ? 80 : 4001,
        .seq = ss_seq_from(it.isn[s.from] + (uint32_t)s.seq),
        .ack = ss_seq_from(s.flags & ACK ? it.isn[1 - s.from] + (uint32_t)s.ack : 0),
        .flags = (uint8_t)s.flags,
        .window = (uint16_t)(s.window < 0 ? 0
                             : s.window   ? s.window
                                          : GRAPH_WINDOW),
    };
    set_options(&s);
    it.time_us += s.after_us ? s.after_us : 1000;
    ck_assert_int_eq(ss_flows_take(it.flows, &it.packet, ++it.frame, it.time_us, 0, &it.taken),
                     SS_OK);
    ck_assert_int_eq(ss_graph_take(&it.graph, &it.taken, &it.packet, it.frame, it.time_us), SS_OK);
}

#define one(from_, flags_, seq_, ack_, ...)                                                        \
    put((struct graph_segment){                                                                    \
        .from = from_, .flags = flags_, .seq = seq_, .ack = ack_, __VA_ARGS__})

static inline void find(enum ss_verdict_level level, enum ss_verdict_numbers numbers,
                        int64_t actual, const char *text)
{
    uint32_t isn = numbers == SS_NUMBERS_SEQ_B ? it.isn[B] : it.isn[A];
    const struct ss_verdict verdict = {
        .rule = level == SS_VERDICT_NOTE ? SS_RULE_RETRANSMISSION : SS_RULE_ACK_OF_UNSENT,
        .level = level,
        .numbers = numbers,
        .actual = isn + (uint32_t)actual,
    };
    ck_assert_int_eq(ss_graph_find(&it.graph, &it.taken, &it.packet, it.frame, &verdict, text),
                     SS_OK);
}

static inline void shake_hands(void)
{
    one(A, SYN, 0, 0);
    one(B, SYN | ACK, 0, 1, .after_us = 20000);
    one(A, ACK, 1, 1);
}

/* A request, an answer in which one segment is lost, a window that closes, and the end. */
static inline void whole_story(void)
{
    shake_hands();
    one(A, ACK, 1, 1, .payload = 300);
    one(B, ACK, 1, 301, .payload = 1460, .after_us = 20000);
    one(B, ACK, 1461, 301, .payload = 1460);
    one(B, ACK, 2921, 301, .payload = 1460); /* lost behind the place of the capture */
    one(B, ACK, 4381, 301, .payload = 1460);
    one(B, ACK, 5841, 301, .payload = 1460);
    one(A, ACK, 301, 2921, .after_us = 20000);
    one(A, ACK, 301, 2921, .sack_count = 1, .sack = {4381, 5841});
    one(A, ACK, 301, 2921, .sack_count = 1, .sack = {4381, 7301});
    one(B, ACK, 7301, 301, .payload = 1460);
    one(A, ACK, 301, 2921, .sack_count = 1, .sack = {4381, 8761}, .after_us = 20000);
    one(B, ACK, 2921, 301, .payload = 1460);
    one(A, ACK, 301, 8761, .window = 2000, .after_us = 20000);
    one(B, ACK, 8761, 301, .payload = 1460);
    one(A, ACK, 301, 10221, .window = -1, .after_us = 20000);
    one(A, ACK, 301, 10221, .after_us = 60000);
    one(B, ACK, 10221, 301, .payload = 1460);
    one(B, FIN | ACK, 11681, 301);
    one(A, ACK, 301, 11682, .after_us = 20000);
    one(A, FIN | ACK, 301, 11683);
    find(SS_VERDICT_VIOLATION, SS_NUMBERS_SEQ_B, 11683,
         "violation: ack_of_unsent: expected 16682 = N+1, actual 16683 = N+2 (RFC 9293 3.10.7.4)");
    one(B, ACK, 11682, 302, .after_us = 20000);
}

#endif
