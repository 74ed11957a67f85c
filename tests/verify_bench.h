/*
 * verify_bench: the tests' way to feed verify: segments written relative to J and K, and all the
 * verdicts of a segment compared as one line.
 *
 * A verdict is written by its name, a note with '~' before it, a warning '?', a violation '!'.
 * Views made here by hand carry no checksums; tests/test_verify_integrity.c goes through octets.
 */
#ifndef SS_TESTS_VERIFY_BENCH_H
#define SS_TESTS_VERIFY_BENCH_H

#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "synstep/verify_analysis.h"
#include "synstep/verify_extra.h"

#define A SS_SIDE_A
#define B SS_SIDE_B

enum {
    FIN = SS_TCP_FIN,
    SYN = SS_TCP_SYN,
    RST = SS_TCP_RST,
    PSH = SS_TCP_PSH,
    ACK = SS_TCP_ACK,
    BENCH_WINDOW = 1000,
    BENCH_BASES = 4,
    BENCH_ROUNDS = BENCH_BASES * BENCH_BASES,
};

/* Where sequence arithmetic breaks if it breaks: each for J and each for K. */
static const uint32_t bench_bases[BENCH_BASES] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                                  UINT32_C(0xffffffff)};

/* One segment. `seq` counts from the sender's ISN, `ack` from the other's (without ACK, 0 is 0). */
struct bench_segment {
    enum ss_side from;
    uint8_t flags;
    int64_t seq;
    int64_t ack;
    uint32_t payload;
    int window;                           /* 0: BENCH_WINDOW; -1: a closed one */
    int shift;                            /* in a SYN: 0 none, else the shift + 1 */
    bool fast_open;                       /* in a SYN */
    bool no_mss;                          /* in a SYN */
    bool no_id;                           /* the IPv4 id is 0 */
    int id;                               /* 0: the next one of this end */
    uint32_t stamp;                       /* timestamp value; 0: no option */
    uint32_t echo;                        /* its echo; 0: the newest stamp of the other end */
    const struct ss_tcp_options *options; /* beside those above: SACK blocks; NULL: none */
    uint64_t after_us;                    /* since the segment before; 0: 100 */
    uint8_t version;                      /* 0: 4 */
    uint8_t sack_count;
    int64_t sack[4]; /* left and right edges, from the other end's ISN */
    uint32_t absolute_seq;
    bool is_absolute; /* `absolute_seq` as it is */
};

struct bench {
    struct ss_verify verify;
    struct ss_verify_room room; /* its rings begin to be given with the first segment */
    bool has_room;
    struct ss_verdicts verdicts;
    struct ss_verify_analysis analysis;
    uint32_t isn[2];
    uint16_t id[2];
    uint32_t stamp[2];
    uint32_t wishes; /* more of them */
    uint64_t now_us;
};

static inline struct bench bench_of(uint32_t j, uint32_t k)
{
    struct bench bench = {.isn = {j, k}};
    ss_verify_init(&bench.verify);
    return bench;
}

/* The bases of a loop test's round. */
static inline struct bench bench_round(int round)
{
    return bench_of(bench_bases[round % BENCH_BASES], bench_bases[round / BENCH_BASES]);
}

static inline void bench_options(struct bench *bench, struct ss_tcp_options *options,
                                 const struct bench_segment *s)
{
    if (s->options)
        *options = *s->options;
    options->has_mss = (s->flags & SYN) && !s->no_mss;
    options->mss = options->has_mss ? 1460 : 0;
    options->has_window_shift = s->shift > 0;
    options->window_shift = (uint8_t)(s->shift > 0 ? s->shift - 1 : 0);
    options->has_fast_open = s->fast_open;
    options->has_timestamps = s->stamp != 0;
    options->timestamp_value = s->stamp;
    options->sack_count = s->sack_count ? s->sack_count : options->sack_count;
    for (size_t i = 0; i < s->sack_count; i++) {
        uint32_t isn = bench->isn[ss_side_other(s->from)];
        options->sack[i].left = ss_seq_from(isn + (uint32_t)s->sack[2 * i]);
        options->sack[i].right = ss_seq_from(isn + (uint32_t)s->sack[2 * i + 1]);
    }
    if (s->stamp && (s->flags & ACK))
        options->timestamp_echo = s->echo ? s->echo : bench->stamp[ss_side_other(s->from)];
    if (s->stamp)
        bench->stamp[s->from] = s->stamp;
}

static inline uint16_t bench_id(struct bench *bench, const struct bench_segment *s)
{
    if (s->no_id)
        return 0;
    return s->id ? (uint16_t)s->id : ++bench->id[s->from];
}

static inline struct ss_packet bench_packet(struct bench *bench, const struct bench_segment *s)
{
    struct ss_packet packet = {.version = s->version ? s->version : 4,
                               .transport = SS_TRANSPORT_TCP};
    uint32_t seq = bench->isn[s->from] + (uint32_t)s->seq;
    uint32_t ack = bench->isn[ss_side_other(s->from)] + (uint32_t)s->ack;
    packet.ipv4.id = bench_id(bench, s);
    packet.payload_length = s->payload;
    packet.tcp.seq = ss_seq_from(s->is_absolute ? s->absolute_seq : seq);
    packet.tcp.ack = ss_seq_from((s->flags & ACK) || s->ack ? ack : 0);
    packet.tcp.flags = s->flags;
    packet.tcp.window = (uint16_t)(s->window ? s->window : BENCH_WINDOW);
    if (s->window < 0)
        packet.tcp.window = 0;
    bench_options(bench, &packet.options, s);
    return packet;
}

static inline void bench_feed(struct bench *bench, struct bench_segment segment)
{
    struct ss_packet packet = bench_packet(bench, &segment);
    bench->now_us += segment.after_us ? segment.after_us : 100;
    if (!bench->has_room)
        ss_verify_room_init(&bench->room);
    bench->has_room = true;
    const struct ss_verify_input input = {.packet = &packet,
                                          .time_us = bench->now_us,
                                          .extra = &bench->room.extra,
                                          .frame = (uint32_t)(bench->verify.packets + 1),
                                          .wishes = SS_WISH_HELD | SS_WISH_DIGEST | bench->wishes,
                                          .from = segment.from};
    ss_verify_judge(&bench->verify, &input, &bench->verdicts, &bench->analysis);
}

enum { BENCH_LINE_SIZE = 1024 };

static inline void bench_line(const struct ss_verdicts *verdicts, char line[BENCH_LINE_SIZE])
{
    static const char *const marks[] = {"", "~", "?", "!"};
    size_t at = 0;
    line[0] = '\0';
    for (size_t i = 0; i < verdicts->count; i++)
        at +=
            (size_t)snprintf(line + at, BENCH_LINE_SIZE - at, "%s%s%s", i ? " " : "",
                             marks[verdicts->list[i].level], ss_rule_name(verdicts->list[i].rule));
}

/* Feeds a segment and compares all its verdicts. */
#define feed(bench, line, ...)                                                                     \
    do {                                                                                           \
        char actual_[BENCH_LINE_SIZE];                                                             \
        bench_feed(bench, (struct bench_segment){__VA_ARGS__});                                    \
        bench_line(&(bench)->verdicts, actual_);                                                   \
        ck_assert_str_eq(actual_, line);                                                           \
    } while (0)

#define expect_states(bench, a, b)                                                                 \
    do {                                                                                           \
        ck_assert_str_eq(ss_tcp_state_text((enum ss_tcp_state)(bench)->verify.sides[A].state), a); \
        ck_assert_str_eq(ss_tcp_state_text((enum ss_tcp_state)(bench)->verify.sides[B].state), b); \
    } while (0)

/* The verdict of that name on the last segment; NULL when there is none. */
static inline const struct ss_verdict *bench_verdict(const struct bench *bench, const char *name)
{
    for (size_t i = 0; i < bench->verdicts.count; i++)
        if (strcmp(ss_rule_name(bench->verdicts.list[i].rule), name) == 0)
            return &bench->verdicts.list[i];
    return NULL;
}

/* A verdict's two numbers, relative to the ISN of the stream they count in. */
#define expect_numbers(bench, name, wanted, found)                                                 \
    do {                                                                                           \
        const struct ss_verdict *verdict_ = bench_verdict(bench, name);                            \
        ck_assert_ptr_nonnull(verdict_);                                                           \
        uint32_t base_ = verdict_->numbers == SS_NUMBERS_SEQ_A   ? (bench)->isn[A]                 \
                         : verdict_->numbers == SS_NUMBERS_SEQ_B ? (bench)->isn[B]                 \
                                                                 : 0;                              \
        ck_assert_uint_eq((uint32_t)(verdict_->expected - base_), (uint32_t)(wanted));             \
        ck_assert_uint_eq((uint32_t)(verdict_->actual - base_), (uint32_t)(found));                \
    } while (0)

/* SYN J, SYN K ACK J+1, ACK K+1. Each end offers 1,000 octets. */
static inline void bench_open(struct bench *bench)
{
    feed(bench, "", .from = A, .flags = SYN);
    feed(bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1);
    feed(bench, "handshake_seq handshake_ack", .from = A, .flags = ACK, .seq = 1, .ack = 1);
}

/* After that: A sends 10 octets, B acknowledges them. */
static inline void bench_open_and_send(struct bench *bench)
{
    bench_open(bench);
    feed(bench, "seq_is_snd_nxt data_in_window ack_is_rcv_nxt", .from = A, .flags = PSH | ACK,
         .seq = 1, .ack = 1, .payload = 10);
    feed(bench, "seq_is_snd_nxt ack_is_rcv_nxt", .from = B, .flags = ACK, .seq = 1, .ack = 11);
}

static inline void bench_rounds(TCase *tcase, const TTest *test)
{
    tcase_add_loop_test(tcase, test, 0, BENCH_ROUNDS);
}

#endif
