/*
 * capture: a packet socket on one interface.
 */
#include "capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture_filter.h"
#include "clock.h"
#include "forbidden.h"
#include "synstep/packet.h"
#include "told.h"

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
 * Datagrams: bound to IP alone and not to all protocols. The kernel then shows a frame where it
 * hands it to its own IP, so on loopback once, and never one that leaves. Frames: bound to all,
 * because of a tagged one the others see neither the tag nor that there was one.
 */
static uint16_t protocol_of(const struct ss_capture_options *options)
{
    if (options->frames)
        return ETH_P_ALL;
    return options->route.local.version == 6 ? ETH_P_IPV6 : ETH_P_IP;
}

static int arm(int socket, const struct ss_capture_options *options)
{
    struct sockaddr_ll where = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol_of(options)),
        .sll_ifindex = (int)options->route.interface_index,
    };
    return bind(socket, (const struct sockaddr *)&where, sizeof where);
}

/* Tags are asked for because the kernel takes them out of the frames that it shows. */
static int open_socket(bool frames)
{
    int on = 1;
    int made =
        socket(AF_PACKET, (frames ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return made;
    enlarge_buffer(made);
    (void)setsockopt(made, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (frames)
        (void)setsockopt(made, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    return made;
}

/* Born with protocol 0, which matches nothing: no frame can come before the filter is there. */
enum ss_status ss_capture_open(struct ss_capture *capture, const struct ss_capture_options *options,
                               struct ss_problem *problem)
{
    capture->version = options->route.local.version;
    capture->frames = options->frames;
    capture->everything = options->hear != SS_CAPTURE_TCP;
    capture->local_port = options->local_port;
    capture->peer_port = options->peer_port;
    capture->last_us = 0;
    capture->socket = open_socket(options->frames);
    if (capture->socket < 0)
        return failed(options->route.interface, problem);
    enum ss_status status = ss_capture_filter(capture->socket, options, problem);
    if (status == SS_OK && arm(capture->socket, options) != 0)
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
static bool is_wanted(const struct ss_capture *capture, const uint8_t *octets, size_t length)
{
    enum { NEXT_HEADER = 6, PROTOCOL_TCP = 6, PROTOCOL_ICMPV6 = 58 };
    if (capture->version == 4 || capture->everything)
        return true;
    if (length <= NEXT_HEADER)
        return false;
    if (octets[NEXT_HEADER] == PROTOCOL_TCP || octets[NEXT_HEADER] == PROTOCOL_ICMPV6)
        return true;
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    return packet.transport == SS_TRANSPORT_TCP &&
           (capture->peer_port == 0 || packet.tcp.source_port == capture->peer_port) &&
           (capture->local_port == 0 || packet.tcp.destination_port == capture->local_port);
}

/* One off the socket, whether or not it is wanted; its length, or -1 with errno. */
static ssize_t read_one(struct ss_capture *capture, bool *ours, struct ss_arrival *arrival)
{
    enum { TAG = SS_TOLD_TAG_BYTES };
    struct ss_told_room control;
    struct sockaddr_ll from = {.sll_pkttype = PACKET_HOST};
    struct iovec into = {.iov_base = capture->octets + TAG,
                         .iov_len = sizeof capture->octets - TAG};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(capture->socket, &message, 0);
    if (length < 0)
        return length;
    struct ss_told told = ss_told_of(&message);
    size_t whole = (size_t)length;
    uint8_t *octets = into.iov_base;
    if (capture->frames)
        octets = ss_told_restore_tag(&told, octets, &whole);
    *ours = from.sll_pkttype == PACKET_OUTGOING;
    *arrival = (struct ss_arrival){.octets = octets,
                                   .length = whole,
                                   .time_us = arrival_time(capture, told.time_ns / 1000),
                                   .fate = SS_FATE_DELIVERED,
                                   .link = capture->frames ? SS_LINK_ETHERNET : SS_LINK_IP};
    return length;
}

enum ss_status ss_capture_next(struct ss_capture *capture, struct ss_arrival *arrival,
                               struct ss_problem *problem)
{
    for (;;) {
        struct ss_arrival one;
        bool ours = false;
        ssize_t length = read_one(capture, &ours, &one);
        if (length >= 0 && !ours && is_wanted(capture, one.octets, one.length)) {
            *arrival = one;
            return SS_OK;
        }
        if (length >= 0 || errno == EINTR)
            continue;
        if (errno == EAGAIN)
            return SS_TIMED_OUT;
        return ss_problem_set(problem, SS_IO, "the capture broke off: %s", strerror(errno));
    }
}
