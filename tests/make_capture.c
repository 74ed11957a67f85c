/*
 * make_capture: writes a large capture file (pcap, Ethernet, IPv4) for scripts/bench: TCP
 * connections interleaved, each with its handshake, data both ways, losses and the close; every
 * checksum right. The same arguments make the same file.
 *
 *     make_capture FILE [PACKETS [CONNECTIONS]]
 *
 * PACKETS is met to within some; connections are of like length, and as many as that are open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/ethernet.h"
#include "synstep/ipv4.h"
#include "synstep/random.h"
#include "synstep/tcp.h"

enum {
    ETHERNET = 14,
    TIMESTAMPS = 12,
    HEADERS = ETHERNET + SS_IPV4_HEADER_BYTES + SS_TCP_HEADER_BYTES + TIMESTAMPS,
    MSS = 1448,
    OPEN_AT_ONCE = 10000,
    LOSS_ONE_IN = 200,
    WINDOW = 64240,
};

struct connection {
    uint32_t number;
    uint32_t next[2]; /* SND.NXT of the client and of the server */
    uint32_t left;    /* exchanges of data before the close */
    uint32_t lost;    /* octets that were lost and are to be sent again; 0: none */
    uint16_t id[2];
    uint32_t stamp[2]; /* the newest timestamp of each end, which the other one echoes */
    enum { SYN, SYNACK, ACK, DATA, DATA_ACK, DUPLICATE_ACK, AGAIN, FIN, FINACK, LAST, OVER } stage;
};

struct making {
    FILE *file;
    struct ss_random random;
    uint64_t time_us;
    uint64_t packets;
    uint32_t connections; /* begun */
    uint32_t exchanges;   /* of data in each */
    uint8_t frame[HEADERS + MSS];
};

static void complain(const char *path)
{
    fprintf(stderr, "make_capture: %s: %s\n", path, strerror(errno));
    exit(1);
}

static void put_file32(struct making *making, uint32_t value)
{
    (void)fwrite(&value, sizeof value, 1, making->file);
}

static void write_record(struct making *making, size_t length)
{
    making->time_us += 1 + ss_random_below(&making->random, 20);
    making->packets++;
    put_file32(making, (uint32_t)(1700000000 + making->time_us / 1000000));
    put_file32(making, (uint32_t)(making->time_us % 1000000));
    put_file32(making, (uint32_t)length);
    put_file32(making, (uint32_t)length);
    (void)fwrite(making->frame, 1, length, making->file);
}

static void put_address(uint8_t octets[4], bool server, uint32_t number)
{
    octets[0] = 10;
    octets[1] = server;
    octets[2] = (uint8_t)(number >> 8);
    octets[3] = (uint8_t)number;
}

static void put_ip(struct making *making, struct connection *connection, bool server, size_t length)
{
    uint8_t *ip = making->frame + ETHERNET;
    uint8_t source[4], destination[4];
    put_address(source, server, connection->number);
    put_address(destination, !server, connection->number);
    struct ss_ipv4_header header = {
        .version = 4,
        .ihl_words = 5,
        .total_length = (uint16_t)(SS_IPV4_HEADER_BYTES + length),
        .id = connection->id[server]++,
        .dont_fragment = true,
        .ttl = 64,
        .protocol = SS_IP_TCP,
        .source = ss_address_v4(source),
        .destination = ss_address_v4(destination),
    };
    ss_ipv4_encode(&header, ip);
    ss_bytes_put16(ip + 10, ss_checksum_finish(ss_checksum_add(0, ip, SS_IPV4_HEADER_BYTES)));
}

static void put_timestamps(uint8_t *octets, const struct making *making,
                           struct connection *connection, bool server)
{
    connection->stamp[server] = (uint32_t)(making->time_us / 1000) + 1;
    memcpy(octets, (const uint8_t[]){1, 1, 8, 10}, 4);
    ss_bytes_put32(octets + 4, connection->stamp[server]);
    ss_bytes_put32(octets + 8, connection->stamp[!server]);
}

/* A segment of `length` octets of data from one end; `seq` counts from its next number. */
static void segment(struct making *making, struct connection *connection, bool server,
                    uint8_t flags, uint32_t seq, size_t length)
{
    uint8_t *tcp = making->frame + ETHERNET + SS_IPV4_HEADER_BYTES;
    size_t bytes = SS_TCP_HEADER_BYTES + TIMESTAMPS + length;
    uint32_t port = 10000 + connection->number % 50000;
    struct ss_tcp_header header = {
        .source_port = (uint16_t)(server ? 443 : port),
        .destination_port = (uint16_t)(server ? port : 443),
        .seq = ss_seq_from(seq),
        .ack = ss_seq_from(flags & SS_TCP_ACK ? connection->next[!server] : 0),
        .offset_words = 8,
        .flags = flags,
        .window = WINDOW,
    };
    put_ip(making, connection, server, bytes);
    ss_tcp_encode(&header, tcp);
    put_timestamps(tcp + SS_TCP_HEADER_BYTES, making, connection, server);
    struct ss_address source = ss_address_v4(making->frame + ETHERNET + 12);
    struct ss_address destination = ss_address_v4(making->frame + ETHERNET + 16);
    ss_checksum_sum sum = ss_checksum_pseudo(&source, &destination, SS_IP_TCP, (uint32_t)bytes);
    ss_bytes_put16(tcp + 16, ss_checksum_finish(ss_checksum_add(sum, tcp, bytes)));
    write_record(making, HEADERS + length);
}

static void next_exchange(struct connection *connection)
{
    connection->stage = DATA;
    if (--connection->left == 0)
        connection->stage = FIN;
}

/* One in some is not captured: the next one shows the hole, and it comes again. */
static void send_data(struct making *making, struct connection *connection)
{
    uint32_t length = ss_random_below(&making->random, 7) ? MSS : 200;
    uint32_t seq = connection->next[1];
    connection->next[1] += length;
    connection->stage = DATA_ACK;
    if (connection->left > 1 && ss_random_below(&making->random, LOSS_ONE_IN) == 0) {
        connection->lost = length;
        connection->next[1] -= length; /* the ACK does not cover it */
        segment(making, connection, true, SS_TCP_ACK, seq + length, MSS);
        connection->stage = DUPLICATE_ACK;
        return;
    }
    segment(making, connection, true, SS_TCP_ACK | SS_TCP_PSH, seq, length);
}

static void send_again(struct making *making, struct connection *connection)
{
    segment(making, connection, true, SS_TCP_ACK, connection->next[1], connection->lost);
    connection->next[1] += connection->lost + MSS;
    connection->lost = 0;
    connection->stage = DATA_ACK;
}

/* One end's segment that counts one: SYN or FIN. */
static void count_one(struct making *making, struct connection *connection, bool server,
                      uint8_t flags)
{
    uint32_t seq = connection->next[server]++;
    segment(making, connection, server, flags, seq, 0);
    connection->stage++;
}

static void acknowledge(struct making *making, struct connection *connection)
{
    segment(making, connection, false, SS_TCP_ACK, connection->next[0], 0);
    connection->stage++;
}

static void step(struct making *making, struct connection *connection)
{
    switch (connection->stage) {
    case SYN:
        count_one(making, connection, false, SS_TCP_SYN);
        break;
    case SYNACK:
        count_one(making, connection, true, SS_TCP_SYN | SS_TCP_ACK);
        break;
    case ACK:
        acknowledge(making, connection);
        break;
    case DATA:
        send_data(making, connection);
        break;
    case DUPLICATE_ACK:
        acknowledge(making, connection);
        break;
    case AGAIN:
        send_again(making, connection);
        break;
    case DATA_ACK:
        acknowledge(making, connection);
        next_exchange(connection);
        break;
    case FIN:
        count_one(making, connection, true, SS_TCP_FIN | SS_TCP_ACK);
        break;
    case FINACK:
        count_one(making, connection, false, SS_TCP_FIN | SS_TCP_ACK);
        break;
    case LAST:
        segment(making, connection, true, SS_TCP_ACK, connection->next[1], 0);
        connection->stage = OVER;
        break;
    case OVER:
        break;
    }
}

static struct connection begun(struct making *making)
{
    return (struct connection){
        .number = making->connections++,
        .next = {ss_random_next32(&making->random), ss_random_next32(&making->random)},
        .left = making->exchanges,
    };
}

static void write_header(struct making *making)
{
    const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
        put_file32(making, header[i]);
    memset(making->frame, 'x', sizeof making->frame);
    memcpy(making->frame, "\2\0\0\0\0\2\2\0\0\0\0\1\10\0", ETHERNET);
}

/* Bursts: some segments of one connection, then another's. */
static void write_all(struct making *making, uint32_t connections)
{
    uint32_t open = connections < OPEN_AT_ONCE ? connections : OPEN_AT_ONCE;
    struct connection *list = calloc(open, sizeof *list);
    if (!list)
        complain("memory");
    for (uint32_t i = 0; i < open; i++)
        list[i] = begun(making);
    while (open > 0) {
        uint32_t which = ss_random_below(&making->random, open);
        for (uint32_t burst = 1 + ss_random_below(&making->random, 8); burst > 0; burst--)
            step(making, &list[which]);
        if (list[which].stage != OVER)
            continue;
        if (making->connections < connections)
            list[which] = begun(making);
        else
            list[which] = list[--open];
    }
    free(list);
}

int main(int argc, char **argv)
{
    static struct making making;
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: make_capture FILE [PACKETS [CONNECTIONS]]\n");
        return 2;
    }
    uint64_t packets = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    uint32_t connections = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 10000;
    if (packets == 0 || connections == 0 || packets / connections > UINT32_MAX) {
        fprintf(stderr, "make_capture: at least one packet and one connection\n");
        return 2;
    }
    uint32_t each = (uint32_t)(packets / connections);
    making.exchanges = each > 8 ? (each - 6) / 2 : 1;
    making.random = ss_random_seeded(2026);
    making.file = fopen(argv[1], "wbe");
    if (!making.file)
        complain(argv[1]);
    write_header(&making);
    write_all(&making, connections);
    if (fclose(making.file) != 0)
        complain(argv[1]);
    printf("%llu packets, %u connections\n", (unsigned long long)making.packets,
           making.connections);
    return 0;
}
