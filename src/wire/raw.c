/*
 * raw: the live wire: a raw socket that takes whole datagrams, and a capture for what comes back.
 */
#include "synstep/raw.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "capture.h"
#include "clock.h"
#include "forbidden.h"
#include "outbox.h"
#include "socket_address.h"

enum { SEND_BUFFER_BYTES = 4 * 1024 * 1024 };

struct raw_wire {
    struct ss_wire wire;
    int out; /* connected to the peer's address */
    struct ss_outbox outbox;
    char interface[IF_NAMESIZE];
    uint32_t mtu;
    const volatile sig_atomic_t *stop;
    struct ss_capture capture;
};

static struct raw_wire *raw_of(struct ss_wire *wire)
{
    return (struct raw_wire *)wire;
}

static enum ss_status refused(const struct raw_wire *raw, size_t length, int error,
                              struct ss_problem *problem)
{
    if (error == EPERM)
        return ss_problem_set(problem, SS_FORBIDDEN,
                              "a packet filter of this host refuses the segment (EPERM): allow "
                              "outgoing TCP on %s, or use private hosts",
                              raw->interface);
    if (error == EMSGSIZE)
        return ss_problem_set(problem, SS_USAGE,
                              "a datagram of %zu octets does not pass %s, whose MTU is %u", length,
                              raw->interface, raw->mtu);
    return ss_problem_set(problem, SS_IO, "cannot send on %s: %s", raw->interface, strerror(error));
}

/* What cannot leave now never will: it must not stand in the way of a RST that ends the connection.
 */
static enum ss_status raw_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    struct raw_wire *raw = raw_of(wire);
    int error = ss_outbox_flush(&raw->outbox, raw->out);
    if (error == 0)
        return SS_OK;
    size_t length = raw->outbox.lengths[0];
    ss_outbox_clear(&raw->outbox);
    return refused(raw, length, error, problem);
}

static enum ss_status raw_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                               enum ss_fate *fate, struct ss_problem *problem)
{
    struct raw_wire *raw = raw_of(wire);
    *fate = SS_FATE_DELIVERED;
    if (length > raw->mtu)
        return refused(raw, length, EMSGSIZE, problem);
    if (ss_outbox_add(&raw->outbox, octets, length))
        return SS_OK;
    enum ss_status status = raw_flush(wire, problem);
    if (status == SS_OK)
        (void)ss_outbox_add(&raw->outbox, octets, length); /* an empty one has room for any */
    return status;
}

static enum ss_status raw_receive(struct ss_wire *wire, uint64_t deadline_us,
                                  struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct raw_wire *raw = raw_of(wire);
    enum ss_status flushed = raw_flush(wire, problem);
    if (flushed != SS_OK)
        return flushed;
    return ss_await(&raw->capture, raw->stop, deadline_us, arrival, problem);
}

static uint64_t raw_now_us(struct ss_wire *wire)
{
    (void)wire;
    return ss_clock_monotonic_us();
}

static void raw_close(struct ss_wire *wire)
{
    struct raw_wire *raw = raw_of(wire);
    if (raw->out >= 0)
        close(raw->out);
    ss_capture_close(&raw->capture);
    free(raw);
}

static const struct ss_wire_operations raw_operations = {
    .send = raw_send,
    .flush = raw_flush,
    .receive = raw_receive,
    .now_us = raw_now_us,
    .close = raw_close,
};

/*
 * The device, that datagrams leave where the capture is. Not for this host itself: all of that
 * crosses lo, but IPv6 has the routes to its own addresses on the interfaces that carry them.
 */
static int bind_to_interface(int out, const struct ss_route *route)
{
    if (route->loopback)
        return 0;
    return setsockopt(out, SOL_SOCKET, SO_BINDTODEVICE, route->interface,
                      (socklen_t)strlen(route->interface) + 1);
}

/*
 * IPPROTO_RAW, so that the socket itself receives nothing; connected, so that the kernel need not
 * be told the destination with each datagram; bound to the route's interface.
 */
static enum ss_status open_out(struct raw_wire *raw, const struct ss_route *route,
                               struct ss_problem *problem)
{
    struct ss_socket_address peer = {.address = route->peer};
    struct sockaddr_storage storage;
    bool v6 = route->peer.version == 6;
    int on = 1;
    int buffer = SEND_BUFFER_BYTES;
    raw->out = socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (raw->out < 0 && (errno == EPERM || errno == EACCES))
        return ss_forbidden_raw("no CAP_NET_RAW", problem);
    socklen_t length = ss_socket_address_store(&peer, route->scope_index, &storage);
    (void)setsockopt(raw->out, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    if (raw->out < 0 ||
        setsockopt(raw->out, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_HDRINCL : IP_HDRINCL, &on,
                   sizeof on) != 0 ||
        bind_to_interface(raw->out, route) != 0 ||
        connect(raw->out, (const struct sockaddr *)&storage, length) != 0)
        return ss_problem_set(problem, SS_IO, "cannot open a raw socket on %s: %s",
                              route->interface, strerror(errno));
    return SS_OK;
}

/* Then the filter could not tell our own segments from the peer's. */
static bool is_ambiguous(const struct ss_raw_options *options)
{
    return options->hear == SS_RAW_HEAR_TCP &&
           ss_address_equal(&options->route.local, &options->route.peer) &&
           options->local_port == options->peer_port;
}

static enum ss_capture_hear heard(enum ss_raw_hear hear)
{
    switch (hear) {
    case SS_RAW_HEAR_TCP:
        return SS_CAPTURE_TCP;
    case SS_RAW_HEAR_GROUPS:
        return SS_CAPTURE_PEER_AND_GROUPS;
    case SS_RAW_HEAR_ALL:
    case SS_RAW_HEAR_NOTHING:
        return SS_CAPTURE_PEER;
    }
    return SS_CAPTURE_PEER;
}

static enum ss_status listen_for(struct raw_wire *raw, const struct ss_raw_options *options,
                                 struct ss_problem *problem)
{
    const struct ss_capture_options wanted = {
        .route = options->route,
        .hear = heard(options->hear),
        .local_port = options->local_port,
        .peer_port = options->peer_port,
    };
    return ss_capture_open(&raw->capture, &wanted, problem);
}

enum ss_status ss_raw_open(const struct ss_raw_options *options, struct ss_wire **wire,
                           struct ss_problem *problem)
{
    if (is_ambiguous(options))
        return ss_problem_set(problem, SS_USAGE,
                              "source and target are the same address and port; choose another "
                              "source port");
    struct raw_wire *raw = calloc(1, sizeof *raw);
    if (!raw)
        return ss_problem_set(problem, SS_IO, "out of memory");
    raw->wire.operations = &raw_operations;
    raw->out = -1;
    raw->capture.socket = -1;
    raw->mtu = options->route.mtu;
    raw->stop = options->stop;
    memcpy(raw->interface, options->route.interface, sizeof raw->interface);
    enum ss_status status = open_out(raw, &options->route, problem);
    if (status == SS_OK && options->hear != SS_RAW_HEAR_NOTHING)
        status = listen_for(raw, options, problem);
    if (status != SS_OK) {
        raw_close(&raw->wire);
        return status;
    }
    *wire = &raw->wire;
    return SS_OK;
}
