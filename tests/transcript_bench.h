/*
 * transcript_bench: the tests' way to a connection in a capture: segments written relative to J and
 * K, made with craft, read with packet, and taken in by flows and transcript as a capture's
 * frames are.
 */
#ifndef SS_TESTS_TRANSCRIPT_BENCH_H
#define SS_TESTS_TRANSCRIPT_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "synstep/craft.h"
#include "synstep/transcript.h"
#include "synstep/unwrap.h"

enum {
    FIN = SS_TCP_FIN,
    SYN = SS_TCP_SYN,
    RST = SS_TCP_RST,
    PSH = SS_TCP_PSH,
    ACK = SS_TCP_ACK,
    URG = SS_TCP_URG,
    BENCH_MS = 1000,
    BENCH_BASES = 4,
};

#define A SS_SIDE_A
#define B SS_SIDE_B

/* Where sequence arithmetic breaks if it breaks. */
static const uint32_t bench_bases[BENCH_BASES] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                                  UINT32_C(0xffffffff)};

struct bench {
    uint32_t isn[2];
    uint8_t version;
    enum ss_side crafted;
    struct ss_socket_address ends[2];
    struct ss_flows *flows;
    struct ss_transcript *transcript;
    uint64_t frame;
    uint64_t time_us;
};

/* A segment beyond its flags and numbers; zeros leave out. `seq` and `ack` count from the ISNs. */
struct bench_segment {
    enum ss_side from;
    uint8_t flags;
    int64_t seq;
    int64_t ack;
    const char *text; /* the payload, */
    size_t size;      /* or so many octets of it: a pattern of `seed` without a text */
    uint8_t seed;
    uint16_t window;     /* 0: 64240 */
    const char *options; /* as octets, */
    size_t options_length;
    uint64_t after_us; /* since the segment before */
    uint16_t urgent;
    uint8_t tos;
    uint8_t reserved;
    bool closed; /* the window is 0 */
    bool damaged;
    bool absolute; /* the numbers are as they stand */
    size_t kept;   /* octets of the datagram that the capture kept; 0: all */
};

static inline struct bench bench_of(uint32_t j, uint32_t k, uint8_t version, enum ss_side crafted)
{
    struct bench bench = {.isn = {j, k}, .version = version, .crafted = crafted, .time_us = 1000};
    for (int side = 0; side < 2; side++) {
        uint8_t last = (uint8_t)(side + 1);
        bench.ends[side].address = version == 6
                                       ? ss_address_v6((const uint8_t[16]){0xfd, [15] = last})
                                       : ss_address_v4((const uint8_t[4]){10, 0, 0, last});
    }
    bench.ends[A].port = 40001;
    bench.ends[B].port = 8888;
    bench.flows = ss_flows_new(&(struct ss_flows_options){.over = NULL});
    ck_assert_ptr_nonnull(bench.flows);
    return bench;
}

static inline void bench_close(struct bench *bench)
{
    ss_transcript_free(bench->transcript);
    ss_flows_free(bench->flows);
}

static inline void bench_numbers(const struct bench *bench, const struct bench_segment *said,
                                 struct ss_tcp_header *tcp)
{
    uint32_t own = said->absolute ? 0 : bench->isn[said->from];
    uint32_t other = said->absolute ? 0 : bench->isn[1 - said->from];
    tcp->flags = said->flags;
    tcp->seq = ss_seq_from(own + (uint32_t)said->seq);
    tcp->ack = ss_seq_from(said->flags & ACK ? other + (uint32_t)said->ack : 0);
    tcp->window = said->closed ? 0 : said->window ? said->window : 64240;
    tcp->urgent = said->urgent;
    tcp->reserved = said->reserved;
}

/* The segment's datagram; returns its length. */
static inline size_t bench_build(const struct bench *bench, const struct bench_segment *said,
                                 uint8_t *octets, size_t size)
{
    static uint8_t payload[65536];
    size_t length = said->size ? said->size : said->text ? strlen(said->text) : 0, built = 0;
    for (size_t i = 0; i < length; i++)
        payload[i] = said->text ? (uint8_t)said->text[i] : (uint8_t)(said->seed + 7 * i + i / 251);
    struct ss_craft craft =
        ss_craft_between(&bench->ends[said->from], &bench->ends[1 - said->from]);
    bench_numbers(bench, said, &craft.tcp);
    craft.ipv4.tos = craft.ipv6.traffic_class = said->tos;
    craft.options = (const uint8_t *)said->options;
    craft.options_length = said->options_length;
    craft.payload = payload;
    craft.payload_length = length;
    ck_assert_int_eq(ss_craft_build(&craft, octets, size, &built), SS_OK);
    if (said->damaged)
        octets[(bench->version == 6 ? 40 : 20) + 16] ^= 1;
    return built;
}

/* As `synstep record` does: what the capture did not keep counts all the same. */
static inline void bench_take(struct bench *bench, const struct ss_packet *packet, size_t missing,
                              struct ss_flow_packet *taken)
{
    const struct ss_capture_frame frame = {.missing_bytes = missing};
    struct ss_packet whole = *packet;
    bool cut;
    ck_assert(ss_unwrap_mend(&frame, &whole, &cut));
    ck_assert_int_eq(ss_flows_take(bench->flows, &whole, ++bench->frame, bench->time_us,
                                   cut ? 0 : SS_WISH_DIGEST, taken),
                     SS_OK);
}

/* Takes the segment in, as the next frame of the capture. */
static inline struct ss_flow_packet bench_say(struct bench *bench, struct bench_segment said)
{
    static uint8_t octets[65600];
    struct ss_packet packet;
    struct ss_flow_packet taken;
    struct ss_problem problem = {0};
    size_t length = bench_build(bench, &said, octets, sizeof(octets));
    bench->time_us += said.after_us ? said.after_us : 100;
    size_t kept = said.kept ? said.kept : length;
    ss_packet_decode(SS_LINK_IP, octets, kept, &packet);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
    bench_take(bench, &packet, length - kept, &taken);
    const struct ss_transcript_options options = {"folder/capture.pcapng", taken.flow,
                                                  bench->crafted};
    if (!bench->transcript)
        bench->transcript = ss_transcript_new(&options);
    const struct ss_transcript_place place = {bench->frame, bench->time_us};
    ck_assert_int_eq(ss_transcript_add(bench->transcript, &place, &packet, &taken, &problem),
                     SS_OK);
    return taken;
}

/* bench_say(bench, B, SYN | ACK, 0, 1, .after_us = 7) */
#define say(bench, side, bits, number, acknowledged, ...)                                          \
    bench_say(                                                                                     \
        bench,                                                                                     \
        (struct bench_segment){                                                                    \
            .from = (side), .flags = (bits), .seq = (number), .ack = (acknowledged), __VA_ARGS__})

static const char bench_mss[] = "\x02\x04\x05\xb4";
#define BENCH_MSS .options = bench_mss, .options_length = 4

/* .options from an array without its last zero */
#define OPTIONS(octets) .options = (octets), .options_length = sizeof(octets) - 1

static inline struct ss_flow_packet bench_open(struct bench *bench)
{
    say(bench, A, SYN, 0, 0, BENCH_MSS);
    say(bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    return say(bench, A, ACK, 1, 1, );
}

/* The scenario, malloc'ed; or NULL with the problem. */
static inline char *bench_text(struct bench *bench, struct ss_problem *problem)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    ck_assert_ptr_nonnull(memory);
    enum ss_status status = ss_transcript_write(bench->transcript, memory, problem);
    ck_assert_int_eq(fclose(memory), 0);
    if (status == SS_OK)
        return text;
    free(text);
    return NULL;
}

/* The one under test. */
static struct bench bench;

static inline void begin(void)
{
    bench = bench_of(0xf9ce75ec, 0x76f7d8cc, 4, A);
}

static inline void end(void)
{
    bench_close(&bench);
}

/* Begins again, for a test that needs more than one connection. */
static inline void begin_with(uint32_t j, uint32_t k, uint8_t version, enum ss_side crafted)
{
    bench_close(&bench);
    bench = bench_of(j, k, version, crafted);
}

static inline char *text_of(void)
{
    struct ss_problem problem = {0};
    char *text = bench_text(&bench, &problem);
    ck_assert_msg(text, "%s", problem.text);
    return text;
}

/* All these parts are in the scenario, in this order; the list ends in NULL. */
static inline void expect_parts(const char *const *parts)
{
    char *text = text_of(), *at = text;
    for (; *parts; parts++) {
        char *found = strstr(at, *parts);
        ck_assert_msg(found, "'%s' is not, or not there, in:\n%s", *parts,
                      strlen(text) > 2500 ? text + strlen(text) - 2500 : text);
        at = found + strlen(*parts);
    }
    free(text);
}

#define expect(...) expect_parts((const char *const[]){__VA_ARGS__, NULL})

static inline void expect_none_of(const char *part)
{
    char *text = text_of();
    ck_assert_msg(!strstr(text, part), "'%s' is in:\n%s", part, text);
    free(text);
}

#endif
