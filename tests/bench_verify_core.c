/*
 * bench_verify_core: what judging one packet costs, checksums and reading frames excluded: data in
 * order with pure ACKs between, of many connections in turns. Prints figures; asserts nothing.
 *
 *     bench_verify_core [CONNECTIONS [PACKETS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "synstep/verify_analysis.h"
#include "synstep/verify_extra.h"

enum { PAYLOAD = 1000, ROUNDS = 15, CONNECTIONS = 1000, PACKETS = 300000 };

struct connection {
    struct ss_verify verify;
    struct ss_verify_room room;
    uint32_t next[2];
    uint64_t packets;
};

struct bench {
    struct connection *connections;
    unsigned long count;
    uint32_t wishes;
    bool extra;
    bool analysis;
    bool idle; /* packets are made, not judged */
    uint64_t now_us;
    uint64_t verdicts;
    uint8_t octets[PAYLOAD];
};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void feed(struct bench *bench, struct connection *connection, enum ss_side from,
                 uint8_t flags, uint32_t payload)
{
    struct ss_packet packet = {.version = 4,
                               .transport = SS_TRANSPORT_TCP,
                               .frame = bench->octets,
                               .frame_length = PAYLOAD,
                               .payload_length = payload};
    struct ss_verdicts verdicts;
    struct ss_verify_analysis analysis;
    packet.tcp.seq = ss_seq_from(connection->next[from]);
    packet.tcp.ack = ss_seq_from(flags & SS_TCP_ACK ? connection->next[1 - from] : 0);
    packet.tcp.offset_words = 5;
    packet.tcp.flags = flags;
    packet.tcp.window = 60000;
    packet.options.has_mss = flags & SS_TCP_SYN;
    packet.ipv4.id = (uint16_t)++connection->packets;
    const struct ss_verify_input input = {.packet = &packet,
                                          .time_us = ++bench->now_us,
                                          .extra = bench->extra ? &connection->room.extra : NULL,
                                          .frame = (uint32_t)bench->now_us,
                                          .wishes = bench->wishes,
                                          .from = from};
    __asm__ volatile("" : : "r"(&input) : "memory"); /* made in any case */
    if (!bench->idle)
        ss_verify_judge(&connection->verify, &input, &verdicts, bench->analysis ? &analysis : NULL);
    bench->verdicts += bench->idle ? 0 : verdicts.count;
    connection->next[from] += payload + (flags & SS_TCP_SYN ? 1 : 0);
}

static void open_all(struct bench *bench)
{
    for (unsigned long i = 0; i < bench->count; i++) {
        struct connection *connection = &bench->connections[i];
        ss_verify_init(&connection->verify);
        ss_verify_room_init(&connection->room);
        connection->next[0] = (uint32_t)i * 2654435761U;
        connection->next[1] = ~connection->next[0];
        feed(bench, connection, SS_SIDE_A, SS_TCP_SYN, 0);
        feed(bench, connection, SS_SIDE_B, SS_TCP_SYN | SS_TCP_ACK, 0);
        feed(bench, connection, SS_SIDE_A, SS_TCP_ACK, 0);
    }
}

/* Two segments with data and an ACK, of one connection after the other. */
static double round_of(struct bench *bench, unsigned long packets)
{
    double began = now_ns();
    for (unsigned long i = 0; i < packets / 3; i++) {
        struct connection *connection = &bench->connections[i % bench->count];
        feed(bench, connection, SS_SIDE_A, SS_TCP_ACK, PAYLOAD);
        feed(bench, connection, SS_SIDE_A, SS_TCP_PSH | SS_TCP_ACK, PAYLOAD);
        feed(bench, connection, SS_SIDE_B, SS_TCP_ACK, 0);
    }
    return (now_ns() - began) / (double)(packets / 3 * 3);
}

/* The best of some rounds: others use this machine, too. */
static double best_of(struct bench *bench, unsigned long packets)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double took = round_of(bench, packets);
        if (round == 0 || took < best)
            best = took;
    }
    return best;
}

static void measure(struct bench *bench, unsigned long packets, const char *name)
{
    bench->idle = true;
    double idle = best_of(bench, packets);
    bench->idle = false;
    open_all(bench);
    bench->verdicts = 0;
    double best = best_of(bench, packets);
    printf("%-32s %6.1f ns a packet, %.2f verdicts\n", name, best - idle,
           (double)bench->verdicts / (double)(packets / 3 * 3) / ROUNDS);
}

int main(int count, char **arguments)
{
    struct bench bench = {.count = count > 1 ? strtoul(arguments[1], NULL, 10) : CONNECTIONS};
    unsigned long packets = count > 2 ? strtoul(arguments[2], NULL, 10) : PACKETS;
    bench.connections = calloc(bench.count, sizeof(*bench.connections));
    if (!bench.connections || bench.count == 0)
        return 1;
    measure(&bench, packets, "numbers alone");
    bench.extra = true;
    measure(&bench, packets, "with segments remembered");
    bench.analysis = true;
    measure(&bench, packets, "and the analysers' words");
    bench.wishes = SS_WISH_FRAMES_STAY;
    measure(&bench, packets, "and octets where they stay");
    bench.wishes = SS_WISH_DIGEST;
    measure(&bench, packets, "and octets by digest");
    bench.wishes = SS_WISH_DIGEST | SS_WISH_HELD;
    measure(&bench, packets, "and what held");
    free(bench.connections);
    return 0;
}
