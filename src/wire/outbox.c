/*
 * outbox: datagrams that leave together.
 */
#include "outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

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

int ss_outbox_send(struct ss_outbox *outbox, int socket)
{
    struct mmsghdr messages[SS_OUTBOX_DATAGRAMS] = {0};
    struct iovec parts[SS_OUTBOX_DATAGRAMS];
    while (outbox->count > 0) {
        uint8_t *at = outbox->octets;
        for (size_t i = 0; i < outbox->count; i++) {
            parts[i] = (struct iovec){.iov_base = at, .iov_len = outbox->lengths[i]};
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
            at += outbox->lengths[i];
        }
        int sent = sendmmsg(socket, messages, (unsigned)outbox->count, MSG_DONTWAIT);
        if (sent < 0 && errno != EINTR)
            return errno;
        if (sent > 0)
            forget(outbox, (size_t)sent);
    }
    return 0;
}
