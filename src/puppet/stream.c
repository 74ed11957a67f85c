/* stream: sending all or nothing, reading exactly so many or nothing. Part of the puppet. */
#include "puppet.h"

#include <errno.h>
#include <limits.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
    SEGMENT_OVERHEAD_BYTES = 1408, /* what the kernel accounts for a buffer without data */
    OPTION_BYTES = 40,             /* by which a segment may be shorter than the MSS */
    SMALLEST_MSS = 48,
};

/* --- sending ----------------------------------------------------------------------------------*/

static size_t octets_per_segment(int fd)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
        length < offsetof(struct tcp_info, tcpi_rcv_mss) ||
        info.tcpi_snd_mss < SMALLEST_MSS + OPTION_BYTES)
        return SMALLEST_MSS;
    return info.tcpi_snd_mss - OPTION_BYTES;
}

/*
 * What the send buffer must hold for the kernel to take `length` octets at once: it takes one more
 * buffer whenever less than that is queued, so the last one needs no room.
 */
static size_t room_needed(int fd, size_t queued, size_t length)
{
    const size_t each = octets_per_segment(fd);
    return queued + (length - 1) / each * (each + SEGMENT_OVERHEAD_BYTES) + 1;
}

static bool fits(int fd, size_t length, size_t *needed)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0)
        return true; /* an old kernel: send(2) will tell */
    *needed = room_needed(fd, memory[SK_MEMINFO_WMEM_QUEUED], length);
    return *needed <= memory[SK_MEMINFO_SNDBUF];
}

/* The kernel doubles what it is told. SO_SNDBUFFORCE is root's, the other one bounded. */
static bool make_room(int fd, size_t length)
{
    size_t needed = 0;
    if (fits(fd, length, &needed))
        return true;
    if (needed > INT_MAX / 2)
        return false;
    const int half = (int)(needed / 2 + 1);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &half, sizeof half) != 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
    return fits(fd, length, &needed);
}

static struct puppet_answer send_failed(struct puppet *puppet, int trouble)
{
    if (trouble == EAGAIN)
        return puppet_not_yet();
    if (trouble == ECONNRESET || trouble == ETIMEDOUT || trouble == ECONNREFUSED)
        return puppet_broke(puppet, trouble);
    return puppet_failed(puppet, trouble);
}

struct puppet_answer puppet_send(struct puppet *puppet, const uint8_t *octets, size_t length,
                                 bool is_urgent)
{
    const int fd = puppet->connection;
    size_t needed = 0;
    if (fd < 0)
        return puppet_failed(puppet, ENOTCONN);
    if (length == 0)
        return puppet_done();
    if (puppet->is_sndbuf_chosen ? !fits(fd, length, &needed) : !make_room(fd, length))
        return puppet_not_yet();
    const ssize_t sent =
        send(fd, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL | (is_urgent ? MSG_OOB : 0));
    if (sent < 0)
        return send_failed(puppet, errno);
    puppet->base.taken += (uint64_t)sent;
    if ((size_t)sent < length) /* the kernel is short of memory; half a message is none */
        return puppet_failed(puppet, ENOBUFS);
    return puppet_done();
}

/* --- reading ----------------------------------------------------------------------------------*/

static ssize_t receive(struct puppet *puppet, size_t length, int flags)
{
    return recv(puppet->connection, puppet->inbox + puppet->carried, length, MSG_DONTWAIT | flags);
}

static bool has_event(int fd, short event)
{
    struct pollfd now = {.fd = fd, .events = event};
    return poll(&now, 1, 0) > 0 && (now.revents & event) != 0;
}

static struct puppet_answer with_octets(const struct puppet *puppet, enum puppet_outcome outcome,
                                        size_t length)
{
    return (struct puppet_answer){
        .outcome = outcome,
        .octets = puppet->inbox,
        .length = length,
    };
}

/* Fewer than asked for are there: the first `there` of the inbox, which are left where they are. */
static struct puppet_answer fall_short(struct puppet *puppet, size_t there)
{
    puppet_take_error(puppet);
    if (puppet->broken != 0)
        return puppet_failed(puppet, puppet->broken);
    if (has_event(puppet->connection, POLLRDHUP))
        return with_octets(puppet, PUPPET_END, there);
    return puppet_not_yet();
}

/*
 * Fills the inbox with `count` octets, or says why not. recv(2) stops before an urgent octet that
 * is not in line, and passes over it the next time; so what stands before it must be taken early.
 */
static struct puppet_answer gather(struct puppet *puppet, size_t count)
{
    while (puppet->carried < count) {
        const size_t missing = count - puppet->carried;
        const ssize_t there = receive(puppet, missing, MSG_PEEK);
        if (there < 0 && errno != EAGAIN)
            return puppet_broke(puppet, errno);
        const bool is_stopped = there > 0 && has_event(puppet->connection, POLLPRI);
        if (there < (ssize_t)missing && !is_stopped)
            return fall_short(puppet, puppet->carried + (there > 0 ? (size_t)there : 0));
        const ssize_t taken = receive(puppet, (size_t)there, 0);
        if (taken < 0)
            return puppet_broke(puppet, errno);
        puppet->carried += (size_t)taken;
    }
    return with_octets(puppet, PUPPET_DONE, count);
}

struct puppet_answer puppet_read(struct puppet *puppet, size_t count)
{
    if (puppet->connection < 0)
        return puppet_failed(puppet, ENOTCONN);
    if (count > PUPPET_READ_MAX)
        return puppet_cannot("a read is 65536 octets at most");
    return gather(puppet, count);
}

void puppet_drop_read(struct puppet *puppet, size_t count)
{
    puppet->carried -= count;
    memmove(puppet->inbox, puppet->inbox + count, puppet->carried);
}

size_t puppet_waiting(const struct puppet *puppet)
{
    int waiting = 0;
    if (puppet->connection < 0 || ioctl(puppet->connection, FIONREAD, &waiting) != 0 || waiting < 0)
        waiting = 0;
    return puppet->carried + (size_t)waiting;
}
