/*
 * packet_wire: a packet socket bound to an interface, which sends frames together.
 */
#include "synstep/packet_wire.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "forbidden.h"
#include "outbox.h"
#include "synstep/bytes.h"

enum {
    SEND_BUFFER_BYTES = 4 * 1024 * 1024,
    ETHERNET_BYTES = 14,
    VLAN_BYTES = 4, /* a tag comes on top of the MTU (IEEE 802.3 clause 3.2.7) */
    ETHERTYPE_VLAN = 0x8100,
};

struct packet_wire {
    struct ss_wire wire;
    int socket;
    char interface[IF_NAMESIZE];
    size_t mtu;
    struct ss_outbox outbox;
};

static struct packet_wire *packet_of(struct ss_wire *wire)
{
    return (struct packet_wire *)wire;
}

/* --- sending -----------------------------------------------------------------------------------
 */

static enum ss_status refused(const struct packet_wire *packet, int error,
                              struct ss_problem *problem)
{
    if (error == ENETDOWN)
        return ss_problem_set(problem, SS_IO, "cannot send on %s: it is down (ip link set %s up)",
                              packet->interface, packet->interface);
    return ss_problem_set(problem, SS_IO, "cannot send on %s: %s", packet->interface,
                          strerror(error));
}

static enum ss_status packet_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    struct packet_wire *packet = packet_of(wire);
    int error = ss_outbox_flush(&packet->outbox, packet->socket);
    if (error == 0)
        return SS_OK;
    ss_outbox_clear(&packet->outbox);
    return refused(packet, error, problem);
}

static size_t longest(const struct packet_wire *packet, const uint8_t *octets)
{
    bool tagged = ss_bytes_get16(octets + ETHERNET_BYTES - 2) == ETHERTYPE_VLAN;
    return packet->mtu + ETHERNET_BYTES + (tagged ? VLAN_BYTES : 0);
}

/* Judged before it is gathered: the kernel's refusal would be told too late, and of another. */
static enum ss_status judge(const struct packet_wire *packet, const uint8_t *octets, size_t length,
                            struct ss_problem *problem)
{
    if (length < ETHERNET_BYTES)
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets has no whole Ethernet header (%d octets)",
                              length, ETHERNET_BYTES);
    if (length > longest(packet, octets))
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets does not pass %s, whose MTU is %zu", length,
                              packet->interface, packet->mtu);
    return SS_OK;
}

static enum ss_status packet_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                  enum ss_fate *fate, struct ss_problem *problem)
{
    struct packet_wire *packet = packet_of(wire);
    *fate = SS_FATE_DELIVERED;
    enum ss_status status = judge(packet, octets, length, problem);
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

/* The interface's number, its MTU and whether its frames begin with an Ethernet header. */
static enum ss_status look_up(struct packet_wire *packet, int *index, struct ss_problem *problem)
{
    struct ifreq request = {0};
    memcpy(request.ifr_name, packet->interface, sizeof packet->interface);
    if (ioctl(packet->socket, SIOCGIFINDEX, &request) != 0)
        return ss_problem_set(problem, SS_USAGE, "no interface %s here: %s", packet->interface,
                              strerror(errno));
    *index = request.ifr_ifindex;
    if (ioctl(packet->socket, SIOCGIFMTU, &request) != 0)
        return refused(packet, errno, problem);
    packet->mtu = (size_t)request.ifr_mtu;
    if (ioctl(packet->socket, SIOCGIFHWADDR, &request) != 0)
        return refused(packet, errno, problem);
    if (request.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
        request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "%s carries no Ethernet frames: use the raw wire there",
                          packet->interface);
}

/* Of protocol 0, by which nothing comes in. What the kernel does not let us tune only costs speed.
 */
static enum ss_status open_socket(struct packet_wire *packet, struct ss_problem *problem)
{
    int on = 1, bytes = SEND_BUFFER_BYTES;
    struct sockaddr_ll where = {.sll_family = AF_PACKET};
    packet->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (packet->socket < 0 && (errno == EPERM || errno == EACCES))
        return ss_forbidden_raw("no CAP_NET_RAW", problem);
    if (packet->socket < 0)
        return refused(packet, errno, problem);
    enum ss_status status = look_up(packet, &where.sll_ifindex, problem);
    if (status != SS_OK)
        return status;
    (void)setsockopt(packet->socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    (void)setsockopt(packet->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (bind(packet->socket, (const struct sockaddr *)&where, sizeof where) != 0)
        return refused(packet, errno, problem);
    return SS_OK;
}

enum ss_status ss_packet_wire_open(const char *interface, struct ss_wire **wire,
                                   struct ss_problem *problem)
{
    if (strlen(interface) >= IF_NAMESIZE)
        return ss_problem_set(problem, SS_USAGE, "no interface has a name as long as %s",
                              interface);
    struct packet_wire *packet = calloc(1, sizeof *packet);
    if (!packet)
        return ss_problem_set(problem, SS_IO, "out of memory");
    packet->wire.operations = &packet_operations;
    strcpy(packet->interface, interface);
    enum ss_status status = open_socket(packet, problem);
    if (status != SS_OK) {
        packet_close(&packet->wire);
        return status;
    }
    *wire = &packet->wire;
    return SS_OK;
}
