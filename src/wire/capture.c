/*
 * capture: a packet socket of the IP protocol on one interface.
 */
#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture_filter.h"
#include "clock.h"
#include "forbidden.h"
#include "synstep/packet.h"

/*
 * Room for a burst of a whole MiB in small segments, each of which the kernel counts with its own
 * administration. An ordinary user gets what net.core.rmem_max allows.
 */
enum { RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024 };

static enum ss_status failed(const char *interface, struct ss_problem *problem)
{
    if (errno == EPERM || errno == EACCES)
        return ss_forbidden_raw("no CAP_NET_RAW", problem);
    return ss_problem_set(problem, SS_IO, "cannot capture on %s: %s", interface, strerror(errno));
}

static void enlarge_buffer(int socket)
{
    int bytes = RECEIVE_BUFFER_BYTES;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/*
 * Bound to IP alone and not to all protocols: the kernel then shows a frame where it hands it to
 * its own IP, so on loopback once, and never one that leaves.
 */
static int arm(int socket, const struct ss_route *route)
{
    struct sockaddr_ll where = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(route->local.version == 6 ? ETH_P_IPV6 : ETH_P_IP),
        .sll_ifindex = (int)route->interface_index,
    };
    return bind(socket, (const struct sockaddr *)&where, sizeof where);
}

/* Born with protocol 0, which matches nothing: no frame can come before the filter is there. */
enum ss_status ss_capture_open(struct ss_capture *capture, const struct ss_raw_options *options,
                               struct ss_problem *problem)
{
    int on = 1;
    capture->version = options->route.local.version;
    capture->everything = options->hear != SS_RAW_HEAR_TCP;
    capture->local_port = options->local_port;
    capture->peer_port = options->peer_port;
    capture->last_us = 0;
    capture->socket = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (capture->socket < 0)
        return failed(options->route.interface, problem);
    enlarge_buffer(capture->socket);
    (void)setsockopt(capture->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    enum ss_status status = ss_capture_filter(capture->socket, options, problem);
    if (status == SS_OK && arm(capture->socket, &options->route) != 0)
        status = failed(options->route.interface, problem);
    if (status != SS_OK)
        ss_capture_close(capture);
    return status;
}

void ss_capture_close(struct ss_capture *capture)
{
    if (capture->socket >= 0)
        close(capture->socket);
    capture->socket = -1;
}

/* When the kernel saw the frame, by CLOCK_REALTIME; 0 when it does not say. */
static uint64_t seen_realtime_us(struct msghdr *message)
{
    for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
        struct timespec seen;
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_TIMESTAMPNS)
            continue;
        memcpy(&seen, CMSG_DATA(each), sizeof seen);
        return (uint64_t)seen.tv_sec * 1000000 + (uint64_t)seen.tv_nsec / 1000;
    }
    return 0;
}

/*
 * How long ago that was is measured at once, so that setting the host's clock in mid-run does no
 * harm: an age that cannot be is none. CLOCK_MONOTONIC is read last: when this process is put to
 * sleep in between, a reply seems late, and not earlier than what it answers.
 */
static uint64_t arrival_time(struct ss_capture *capture, uint64_t seen_us)
{
    uint64_t realtime_us = ss_clock_realtime_us();
    uint64_t now_us = ss_clock_monotonic_us();
    uint64_t age_us = seen_us != 0 && realtime_us > seen_us ? realtime_us - seen_us : 0;
    uint64_t time_us = age_us < now_us ? now_us - age_us : now_us;
    if (time_us < capture->last_us)
        time_us = capture->last_us;
    capture->last_us = time_us;
    return time_us;
}

/* What the kernel's filter could not tell: TCP behind IPv6 extension headers. */
static bool is_wanted(const struct ss_capture *capture, size_t length)
{
    enum { NEXT_HEADER = 6, PROTOCOL_TCP = 6, PROTOCOL_ICMPV6 = 58 };
    if (capture->version == 4 || capture->everything)
        return true;
    if (length <= NEXT_HEADER)
        return false;
    if (capture->octets[NEXT_HEADER] == PROTOCOL_TCP ||
        capture->octets[NEXT_HEADER] == PROTOCOL_ICMPV6)
        return true;
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, capture->octets, length, &packet);
    return packet.transport == SS_TRANSPORT_TCP &&
           (capture->peer_port == 0 || packet.tcp.source_port == capture->peer_port) &&
           (capture->local_port == 0 || packet.tcp.destination_port == capture->local_port);
}

/* One datagram off the socket; its length, or -1 with errno. */
static ssize_t read_datagram(struct ss_capture *capture, uint64_t *time_us)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec)) * 2];
    struct iovec into = {.iov_base = capture->octets, .iov_len = sizeof capture->octets};
    struct msghdr message = {.msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(capture->socket, &message, 0);
    if (length >= 0)
        *time_us = arrival_time(capture, seen_realtime_us(&message));
    return length;
}

enum ss_status ss_capture_next(struct ss_capture *capture, struct ss_arrival *arrival,
                               struct ss_problem *problem)
{
    for (;;) {
        uint64_t time_us;
        ssize_t length = read_datagram(capture, &time_us);
        if (length >= 0 && is_wanted(capture, (size_t)length)) {
            *arrival = (struct ss_arrival){.octets = capture->octets,
                                           .length = (size_t)length,
                                           .time_us = time_us,
                                           .fate = SS_FATE_DELIVERED};
            return SS_OK;
        }
        if (length >= 0 || errno == EINTR)
            continue;
        if (errno == EAGAIN)
            return SS_TIMED_OUT;
        return ss_problem_set(problem, SS_IO, "the capture broke off: %s", strerror(errno));
    }
}
