/*
 * outbox: datagrams that leave together.
 */
#include "outbox.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"

enum {
    TIMEOUT_US = 1000 * 1000, /* how long a full queue may refuse a datagram */
    PAUSE_MS = 1,
};

bool ss_outbox_add(struct ss_outbox *outbox, const uint8_t *octets, size_t length)
{
    if (outbox->count == SS_OUTBOX_DATAGRAMS || length > SS_OUTBOX_BYTES - outbox->used)
        return false;
    memcpy(outbox->octets + outbox->used, octets, length);
    outbox->lengths[outbox->count++] = length;
    outbox->used += length;
    return true;
}

/* The first `sent` are gone; the others move up. */
static void forget(struct ss_outbox *outbox, size_t sent)
{
    size_t octets = 0;
    for (size_t i = 0; i < sent; i++)
        octets += outbox->lengths[i];
    outbox->count -= sent;
    outbox->used -= octets;
    memmove(outbox->lengths, outbox->lengths + sent, outbox->count * sizeof(outbox->lengths[0]));
    memmove(outbox->octets, outbox->octets + octets, outbox->used);
}

/* One call for as many as it takes. 0, or the errno of the first. */
static int send_some(struct ss_outbox *outbox, int socket)
{
    struct mmsghdr messages[SS_OUTBOX_DATAGRAMS];
    struct iovec parts[SS_OUTBOX_DATAGRAMS];
    uint8_t *at = outbox->octets;
    for (size_t i = 0; i < outbox->count; i++) {
        parts[i] = (struct iovec){.iov_base = at, .iov_len = outbox->lengths[i]};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}};
        at += outbox->lengths[i];
    }
    int sent = sendmmsg(socket, messages, (unsigned)outbox->count, MSG_DONTWAIT);
    if (sent < 0)
        return errno;
    forget(outbox, (size_t)sent);
    return 0;
}

static bool is_full(int error)
{
    return error == ENOBUFS || error == EAGAIN || error == EWOULDBLOCK;
}

int ss_outbox_flush(struct ss_outbox *outbox, int socket)
{
    uint64_t give_up_us = 0;
    while (outbox->count > 0) {
        int error = send_some(outbox, socket);
        if (error == 0 || error == EINTR)
            continue;
        uint64_t now_us = ss_clock_monotonic_us();
        if (give_up_us == 0)
            give_up_us = now_us + TIMEOUT_US;
        if (!is_full(error) || now_us > give_up_us)
            return error;
        (void)poll(NULL, 0, PAUSE_MS);
    }
    return 0;
}

void ss_outbox_clear(struct ss_outbox *outbox)
{
    outbox->count = 0;
    outbox->used = 0;
}
