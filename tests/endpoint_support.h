/*
 * endpoint_support: one endpoint under test: a segment in, at a time, and exactly the segments out.
 *
 * Its own numbers are told from J (its ISN), the peer's from K, so that a test reads like the RFC.
 * Every test runs at the four wrap bases for J and, each time, the four for K.
 */
#ifndef SS_TESTS_ENDPOINT_SUPPORT_H
#define SS_TESTS_ENDPOINT_SUPPORT_H

#include <string.h>

#include "check_main.h"
#include "synstep/endpoint.h"

enum { WRAPS = 16, MSS = 1000, BUFFER = 10000, PEER_WINDOW = 20000 };

enum {
    FIN = SS_TCP_FIN,
    SYN = SS_TCP_SYN,
    RST = SS_TCP_RST,
    PSH = SS_TCP_PSH,
    ACK = SS_TCP_ACK,
};

static const uint64_t SECOND = 1000000;

struct bench {
    struct ss_endpoint endpoint;
    struct ss_endpoint_options options;
    struct ss_tcp_options peer_options; /* of the peer's SYN */
    uint32_t j;
    uint32_t k;
    uint16_t peer_window;
    uint64_t now;
    struct ss_endpoint_delivery delivery; /* of the last arrival */
    struct ss_segment out;                /* the last segment taken out */
};

/* `turn` is Check's loop index, 0 to WRAPS - 1. */
static inline struct bench bench_at(int turn)
{
    static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
    struct bench bench = {.j = bases[turn % 4], .k = bases[turn / 4], .peer_window = PEER_WINDOW};
    bench.options = ss_endpoint_defaults(ss_seq_from(bench.j));
    bench.options.mss = MSS;
    bench.options.receive_buffer = BUFFER;
    bench.peer_options.has_mss = true;
    bench.peer_options.mss = MSS;
    bench.now = 5 * SECOND;
    return bench;
}

static inline struct ss_seq from_j(const struct bench *bench, int64_t offset)
{
    return ss_seq_add(ss_seq_from(bench->j), (uint32_t)offset);
}

static inline struct ss_seq from_k(const struct bench *bench, int64_t offset)
{
    return ss_seq_add(ss_seq_from(bench->k), (uint32_t)offset);
}

static inline enum ss_endpoint_verdict put_in(struct bench *bench, const struct ss_segment *segment)
{
    return ss_endpoint_receive(&bench->endpoint, segment, bench->now, &bench->delivery);
}

/* A segment arrives: SEQ = K + k, ACK = J + j. */
static inline enum ss_endpoint_verdict arrive(struct bench *bench, int flags, int64_t k, int64_t j,
                                              uint32_t length)
{
    struct ss_segment segment = {.seq = from_k(bench, k),
                                 .ack = from_j(bench, j),
                                 .flags = (uint8_t)flags,
                                 .window = bench->peer_window,
                                 .payload_length = length};
    if (flags & SYN)
        segment.options = bench->peer_options;
    return put_in(bench, &segment);
}

#define expect_state(bench, wanted)                                                                \
    ck_assert_str_eq(state_text((bench)->endpoint.state), state_text(wanted))

static inline const char *state_text(enum ss_tcp_state state)
{
    return ss_tcp_state_text(state);
}

static inline void expect_fields(struct bench *bench, int flags, uint32_t seq, uint32_t ack,
                                 uint32_t length, int line)
{
    struct ss_segment *out = &bench->out;
    memset(out, 0, sizeof(*out));
    ck_assert_msg(ss_endpoint_send(&bench->endpoint, bench->now, out), "line %d: nothing sent",
                  line);
    char got[SS_TCP_FLAGS_TEXT_SIZE];
    char wanted[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(got, out->flags);
    ss_tcp_flags_format(wanted, (uint8_t)flags);
    ck_assert_msg(out->flags == flags && out->seq.value == seq && out->ack.value == ack &&
                      out->payload_length == length,
                  "line %d: sent %s seq=%u ack=%u length=%u, not %s seq=%u ack=%u length=%u", line,
                  got, out->seq.value, out->ack.value, out->payload_length, wanted, seq, ack,
                  length);
}

/* The next segment out is exactly this: SEQ = J + j, ACK = K + k. */
#define expect(bench, flags, j, k, length)                                                         \
    expect_fields(bench, flags, from_j(bench, j).value, from_k(bench, k).value, length, __LINE__)

/* <SEQ=J+j><CTL=RST>, <SEQ=J><CTL=SYN>: the ACK field is unused. */
#define expect_unacknowledging(bench, flags, j)                                                    \
    expect_fields(bench, flags, from_j(bench, j).value, 0, 0, __LINE__)

/* As expect, and the window field too. */
#define expect_window(bench, flags, j, k, length, told)                                            \
    do {                                                                                           \
        expect(bench, flags, j, k, length);                                                        \
        ck_assert_uint_eq((bench)->out.window, told);                                              \
    } while (0)

#define expect_nothing(bench)                                                                      \
    do {                                                                                           \
        struct ss_segment unexpected;                                                              \
        ck_assert(!ss_endpoint_send(&(bench)->endpoint, (bench)->now, &unexpected));               \
    } while (0)

static inline void start(struct bench *bench)
{
    ss_endpoint_init(&bench->endpoint, &bench->options);
}

static inline void connect_out(struct bench *bench)
{
    start(bench);
    ss_endpoint_connect(&bench->endpoint);
    expect_unacknowledging(bench, SYN, 0);
    expect_nothing(bench);
}

/* To ESTABLISHED by an active open; the next number of both streams is 1. */
static inline void establish(struct bench *bench)
{
    connect_out(bench);
    ck_assert_int_eq(arrive(bench, SYN | ACK, 0, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect(bench, ACK, 1, 1, 0);
    expect_nothing(bench);
    expect_state(bench, SS_TCP_ESTABLISHED);
}

/* To SYN-RECEIVED by a passive open. */
static inline void half_open(struct bench *bench)
{
    start(bench);
    ss_endpoint_listen(&bench->endpoint);
    ck_assert_int_eq(arrive(bench, SYN, 0, 0, 0), SS_ENDPOINT_ACCEPTED);
    expect(bench, SYN | ACK, 0, 1, 0);
    expect_nothing(bench);
    expect_state(bench, SS_TCP_SYN_RECEIVED);
}

/* To a state after ESTABLISHED, without data; ours and the peer's FINs have the numbers 1. */
static inline void reach(struct bench *bench, enum ss_tcp_state state)
{
    establish(bench);
    if (state == SS_TCP_CLOSE_WAIT || state == SS_TCP_LAST_ACK) {
        arrive(bench, FIN | ACK, 1, 1, 0);
        expect(bench, ACK, 1, 2, 0);
    }
    if (state != SS_TCP_ESTABLISHED && state != SS_TCP_CLOSE_WAIT) {
        ss_endpoint_close(&bench->endpoint);
        expect(bench, FIN | ACK, 1, state == SS_TCP_LAST_ACK ? 2 : 1, 0);
    }
    if (state == SS_TCP_FIN_WAIT_2 || state == SS_TCP_TIME_WAIT)
        arrive(bench, ACK, 1, 2, 0);
    if (state == SS_TCP_CLOSING) {
        arrive(bench, FIN | ACK, 1, 1, 0);
        expect(bench, ACK, 2, 2, 0);
    }
    if (state == SS_TCP_TIME_WAIT) {
        arrive(bench, FIN | ACK, 1, 2, 0);
        expect(bench, ACK, 2, 2, 0);
    }
    expect_nothing(bench);
    expect_state(bench, state);
}

/* Lets the clock run to the endpoint's own deadline, which must be in `span_us` from now. */
#define expect_deadline_in(bench, span_us)                                                         \
    do {                                                                                           \
        ck_assert_uint_eq(ss_endpoint_deadline(&(bench)->endpoint), (bench)->now + (span_us));     \
        (bench)->now += (span_us)-1;                                                               \
        expect_nothing(bench);                                                                     \
        (bench)->now += 1;                                                                         \
    } while (0)

#define expect_no_deadline(bench)                                                                  \
    ck_assert_uint_eq(ss_endpoint_deadline(&(bench)->endpoint), SS_ENDPOINT_NO_DEADLINE)

/* Runs a test at every pair of wrap bases. */
#define add_at_wraps(tcase, test) tcase_add_loop_test(tcase, test, 0, WRAPS)

#endif
