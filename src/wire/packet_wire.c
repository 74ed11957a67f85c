/*
 * packet_wire: a packet socket bound to an interface, which sends frames together.
 */
#include "synstep/packet_wire.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "forbidden.h"
#include "interface.h"
#include "outbox.h"

enum { SEND_BUFFER_BYTES = 4 * 1024 * 1024 };

struct packet_wire {
    struct ss_wire wire;
    int socket;
    struct ss_interface interface;
    struct ss_outbox outbox;
};

static struct packet_wire *packet_of(struct ss_wire *wire)
{
    return (struct packet_wire *)wire;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static enum ss_status packet_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    struct packet_wire *packet = packet_of(wire);
    int error = ss_outbox_flush(&packet->outbox, packet->socket);
    if (error == 0)
        return SS_OK;
    ss_outbox_clear(&packet->outbox);
    return ss_interface_refused(&packet->interface, error, problem);
}

static enum ss_status packet_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                  enum ss_fate *fate, struct ss_problem *problem)
{
    struct packet_wire *packet = packet_of(wire);
    *fate = SS_FATE_DELIVERED;
    /* Judged before it is gathered: the kernel's refusal would be told too late, of another. */
    enum ss_status status = ss_interface_judge(&packet->interface, octets, length, problem);
    if (status != SS_OK || ss_outbox_add(&packet->outbox, octets, length))
        return status;
    status = packet_flush(wire, problem);
    if (status == SS_OK)
        (void)ss_outbox_add(&packet->outbox, octets, length); /* an empty one has room for any */
    return status;
}

static enum ss_status packet_receive(struct ss_wire *wire, uint64_t deadline_us,
                                     struct ss_arrival *arrival, struct ss_problem *problem)
{
    (void)deadline_us;
    (void)arrival;
    enum ss_status status = packet_flush(wire, problem);
    return status == SS_OK ? SS_TIMED_OUT : status;
}

static uint64_t packet_now_us(struct ss_wire *wire)
{
    (void)wire;
    return ss_clock_monotonic_us();
}

static void packet_close(struct ss_wire *wire)
{
    struct packet_wire *packet = packet_of(wire);
    if (packet->socket >= 0)
        close(packet->socket);
    free(packet);
}

static const struct ss_wire_operations packet_operations = {
    .send = packet_send,
    .flush = packet_flush,
    .receive = packet_receive,
    .now_us = packet_now_us,
    .close = packet_close,
};

/* --- opening -----------------------------------------------------------------------------------
 */

/* Of protocol 0, by which nothing comes in. What the kernel does not let us tune only costs speed.
 */
static enum ss_status open_socket(struct packet_wire *packet, const char *interface,
                                  struct ss_problem *problem)
{
    int on = 1, bytes = SEND_BUFFER_BYTES;
    struct sockaddr_ll where = {.sll_family = AF_PACKET};
    enum ss_status status = ss_interface_find(interface, &packet->interface, problem);
    if (status != SS_OK)
        return status;
    packet->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (packet->socket < 0 && (errno == EPERM || errno == EACCES))
        return ss_forbidden_raw("no CAP_NET_RAW", problem);
    if (packet->socket < 0)
        return ss_interface_refused(&packet->interface, errno, problem);
    where.sll_ifindex = packet->interface.index;
    (void)setsockopt(packet->socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    (void)setsockopt(packet->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (bind(packet->socket, (const struct sockaddr *)&where, sizeof where) != 0)
        return ss_interface_refused(&packet->interface, errno, problem);
    return SS_OK;
}

enum ss_status ss_packet_wire_open(const char *interface, struct ss_wire **wire,
                                   struct ss_problem *problem)
{
    struct packet_wire *packet = calloc(1, sizeof *packet);
    if (!packet)
        return ss_problem_set(problem, SS_IO, "out of memory");
    packet->wire.operations = &packet_operations;
    packet->socket = -1;
    enum ss_status status = open_socket(packet, interface, problem);
    if (status != SS_OK) {
        packet_close(&packet->wire);
        return status;
    }
    *wire = &packet->wire;
    return SS_OK;
}
