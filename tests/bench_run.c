/*
 * bench_run: whole connections one after the other between two private hosts, by hand-built
 * segments and by an ordinary kernel socket, in turns within one run. Neither is witnessed nor
 * printed. Prints figures; asserts nothing.
 *
 *     bench_run [CONNECTIONS]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "synstep/companion.h"
#include "synstep/hosts.h"
#include "synstep/mute.h"
#include "synstep/privilege.h"
#include "synstep/raw.h"
#include "synstep/runner.h"

enum { ROUNDS = 10, DATA_BYTES = 16, PORTS = 16 };

static const uint8_t data[DATA_BYTES] = "sixteen octets..";

struct bench {
    struct ss_hosts hosts;
    struct ss_companion companion;
    struct ss_socket_address peer;
    struct ss_route route;
    struct ss_wire *wire;
    struct ss_mute mutes[PORTS];
};

static void insist(enum ss_status status, const struct ss_problem *problem)
{
    if (status == SS_OK)
        return;
    fprintf(stderr, "bench_run: %s\n", problem->text);
    exit(ss_status_exit(status));
}

static void insist_on(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "bench_run: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void open_all(struct bench *bench)
{
    static const char *const arguments[] = {"--quiet", "--no-witness", NULL};
    struct ss_problem problem;
    insist(ss_hosts_open(&bench->hosts, &problem), &problem);
    struct ss_companion_options options = {
        .listen = {.address = ss_hosts_address(1, 4), .port = 8888},
        .network_namespace = bench->hosts.far_namespace,
        .arguments = arguments,
    };
    insist(ss_companion_start(&bench->companion, &options, &bench->peer, &problem), &problem);
    insist(ss_route_to(&bench->peer.address, NULL, NULL, &bench->route, &problem), &problem);
}

static void close_all(struct bench *bench)
{
    ss_companion_stop(&bench->companion);
    ss_hosts_close(&bench->hosts);
}

/* One connection by hand, from SYN to the last ACK. */
static void by_hand(struct bench *bench, uint16_t port, uint32_t isn)
{
    struct ss_problem problem;
    struct ss_trace *trace = ss_trace_new();
    struct ss_runner_options options = {
        .local = {.address = bench->route.local, .port = port},
        .peer = bench->peer,
        .endpoint = ss_endpoint_defaults(ss_seq_from(isn)),
        .data = data,
        .data_length = DATA_BYTES,
        .echo_expected = true,
        .timeout_us = 5000000,
        .first_ip_id = 1,
        .where = "bench",
    };
    options.endpoint.time_wait_us = 0;
    insist(ss_runner_run(&options, bench->wire, NULL, trace, &problem), &problem);
    ss_trace_free(trace);
}

/*
 * Ports taken in turns, as the kernel's client takes a new one each time: a SYN from the port of
 * the connection before, whose last ACK the peer's kernel has not taken in yet, would be lost with
 * it, and be sent again a second later.
 */
static void mute_ports(struct bench *bench)
{
    struct ss_problem problem;
    for (size_t i = 0; i < PORTS; i++)
        insist(ss_mute_open(&bench->mutes[i], &bench->route.local, 0, 0, &problem), &problem);
}

/*
 * Microseconds for each of `count` connections by hand. The wire is open for all of them, and only
 * for them: its capture would slow the kernel's rounds, and hear them.
 */
static double round_by_hand(struct bench *bench, unsigned round, unsigned long count)
{
    struct ss_problem problem;
    struct ss_raw_options raw = {.route = bench->route, .peer_port = bench->peer.port};
    mute_ports(bench);
    insist(ss_raw_open(&raw, &bench->wire, &problem), &problem);
    double began = now_us();
    for (unsigned long i = 0; i < count; i++)
        by_hand(bench, bench->mutes[i % PORTS].port, (uint32_t)(round * count + i) * 2654435761U);
    double took = now_us() - began;
    ss_wire_close(bench->wire);
    for (size_t i = 0; i < PORTS; i++)
        ss_mute_close(&bench->mutes[i]);
    return took / (double)count;
}

/* The same by the kernel: connect, send, the whole echo, shutdown, the peer's FIN. */
static void by_kernel(const struct bench *bench)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(bench->peer.port)};
    memcpy(&peer.sin_addr, bench->peer.address.octets, 4);
    uint8_t echo[DATA_BYTES];
    int on = 1, client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    insist_on(client, "socket");
    insist_on(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "TCP_NODELAY");
    insist_on(connect(client, (struct sockaddr *)&peer, sizeof(peer)), "connect");
    insist_on((int)send(client, data, DATA_BYTES, MSG_NOSIGNAL), "send");
    insist_on((int)recv(client, echo, DATA_BYTES, MSG_WAITALL), "recv");
    insist_on(shutdown(client, SHUT_WR), "shutdown");
    insist_on((int)recv(client, echo, DATA_BYTES, 0), "recv");
    close(client);
}

static double round_by_kernel(const struct bench *bench, unsigned long count)
{
    double began = now_us();
    for (unsigned long i = 0; i < count; i++)
        by_kernel(bench);
    return (now_us() - began) / (double)count;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    unsigned long connections = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    unsigned long each = connections / ROUNDS;
    double hand_us[ROUNDS], kernel_us[ROUNDS];
    struct bench bench = {0};
    if (each == 0 || each > 100000) {
        fprintf(stderr, "bench_run: from %d to 1000000 connections\n", ROUNDS);
        return 2;
    }
    open_all(&bench);
    for (unsigned round = 0; round < ROUNDS; round++) {
        hand_us[round] = round_by_hand(&bench, round, each);
        kernel_us[round] = round_by_kernel(&bench, each);
    }
    close_all(&bench);
    double hand = median(hand_us, ROUNDS), kernel = median(kernel_us, ROUNDS);
    printf("%lu connections each, %d octets echoed, medians of %d rounds; "
           "witness and printing off\n",
           each * ROUNDS, DATA_BYTES, ROUNDS);
    printf("  by hand-built segments  %8.1f us a connection\n", hand);
    printf("  by a kernel socket      %8.1f us a connection\n", kernel);
    printf("  ratio                   %8.2f\n", hand / kernel);
    return 0;
}
