/* witness: rcv_nxt, write_seq and state, from the kernel. */
#include "witness.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Values of linux/tcp.h, which cannot be included beside netinet/tcp.h. */
enum {
    REPAIR_ON = 1,
    REPAIR_OFF_NO_WINDOW_PROBE = -1, /* plain 0 would send a window probe */
    QUEUE_NONE = 0,
    QUEUE_RECEIVE = 1,
    QUEUE_SEND = 2,
    ASK_AGAIN = 8,
};

static bool set_option(int fd, int option, int value)
{
    return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value) == 0;
}

static bool queue_seq(int fd, int queue, uint32_t *seq)
{
    socklen_t length = sizeof *seq;
    return set_option(fd, TCP_REPAIR_QUEUE, queue) &&
           getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, seq, &length) == 0;
}

bool peer_witness_state(int fd, uint8_t *state)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
        length <= offsetof(struct tcp_info, tcpi_state))
        return false;
    *state = info.tcpi_state;
    return true;
}

/*
 * While the send queue is selected the kernel moves what it would transmit straight to "sent"
 * without sending it. So the send queue is selected only when nothing is unsent (or nothing will
 * ever be sent again); otherwise write_seq is the accepted connection's plus what was taken.
 */
static bool read_write_seq(int fd, uint8_t state, const struct peer_witness_base *base,
                           uint32_t *write_seq)
{
    int unsent = 0;
    if (base->is_known && state != TCP_CLOSE && ioctl(fd, SIOCOUTQNSD, &unsent) == 0 &&
        unsent != 0) {
        *write_seq = base->write_seq + (uint32_t)base->taken;
        return true;
    }
    const bool is_read = queue_seq(fd, QUEUE_SEND, write_seq);
    return set_option(fd, TCP_REPAIR_QUEUE, QUEUE_NONE) && is_read;
}

void peer_witness_ask(int fd, const struct peer_witness_base *base, struct peer_witness *witness)
{
    struct peer_witness told = {0};
    uint8_t state_after = 0;
    if (!set_option(fd, TCP_REPAIR, REPAIR_ON)) {
        witness->trouble = errno;
        return;
    }
    /* Three numbers in three calls: when a segment arrived between them, ask again. */
    for (int i = 0; i < ASK_AGAIN; i++) {
        uint32_t rcv_nxt_after = 0;
        if (!peer_witness_state(fd, &told.state) || !queue_seq(fd, QUEUE_RECEIVE, &told.rcv_nxt) ||
            !read_write_seq(fd, told.state, base, &told.write_seq) ||
            !queue_seq(fd, QUEUE_RECEIVE, &rcv_nxt_after) || !peer_witness_state(fd, &state_after))
            told.trouble = errno;
        if (told.trouble != 0 || (state_after == told.state && rcv_nxt_after == told.rcv_nxt))
            break;
    }
    /* Leaving clears SO_REUSEADDR; without it this connection would keep a new listener out. */
    const int reuse = 1;
    if (!set_option(fd, TCP_REPAIR, REPAIR_OFF_NO_WINDOW_PROBE) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) != 0)
        told.trouble = errno;
    *witness = told;
}

const char *peer_witness_state_name(uint8_t state)
{
    static const char *const names[] = {
        [TCP_ESTABLISHED] = "ESTABLISHED",
        [TCP_SYN_SENT] = "SYN-SENT",
        [TCP_SYN_RECV] = "SYN-RECEIVED",
        [TCP_FIN_WAIT1] = "FIN-WAIT-1",
        [TCP_FIN_WAIT2] = "FIN-WAIT-2",
        [TCP_TIME_WAIT] = "TIME-WAIT",
        [TCP_CLOSE] = "CLOSED",
        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [TCP_LAST_ACK] = "LAST-ACK",
        [TCP_LISTEN] = "LISTEN",
        [TCP_CLOSING] = "CLOSING",
    };
    if (state >= sizeof names / sizeof names[0] || names[state] == NULL)
        return "UNKNOWN";
    return names[state];
}
