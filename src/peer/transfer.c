/* transfer: reads and answers on a connection's socket. */
#include "transfer.h"

#include <errno.h>
#include <sys/socket.h>

/* A message comes with its sender's credentials (SO_PASSCRED); the end of the stream does not. */
static ssize_t receive_message(int fd, uint8_t *buffer, size_t size, size_t *whole, bool *is_end)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec vector = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    const ssize_t told = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    *is_end = told == 0 && message.msg_controllen == 0;
    *whole = told > 0 ? (size_t)told : 0;
    return *whole > size ? (ssize_t)size : told;
}

enum peer_received peer_transfer_receive(struct peer_context *context, struct peer_connection *c,
                                         struct peer_read *read)
{
    const struct peer_options *options = context->options;
    size_t whole = 0;
    bool is_end = false;
    ssize_t got;
    do {
        if (c->queue.keeps_messages) {
            got = receive_message(c->watch.fd, context->scratch, options->message_bytes, &whole,
                                  &is_end);
        } else {
            got = recv(c->watch.fd, context->scratch, options->stream_bytes, MSG_DONTWAIT);
            is_end = got == 0;
        }
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? PEER_NOTHING : PEER_FAILED;
    if (is_end)
        return PEER_END_OF_STREAM;
    *read = (struct peer_read){.length = (size_t)got, .whole = whole};
    context->counts.received_bytes += read->length;
    return PEER_RECEIVED;
}

/* How many bytes the socket took, 0 when it is full now (`*is_full`), -1 with errno. */
static ssize_t send_some(struct peer_context *context, struct peer_connection *c,
                         const uint8_t *data, size_t length, bool *is_full)
{
    ssize_t sent;
    do
        sent = send(c->watch.fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    *is_full = sent < 0 && (errno == EAGAIN || errno == ENOBUFS);
    if (*is_full)
        return 0;
    if (sent > 0) {
        context->counts.sent_bytes += (uint64_t)sent;
        c->base.taken += (uint64_t)sent;
    }
    return sent;
}

bool peer_transfer_flush(struct peer_context *context, struct peer_connection *c)
{
    bool is_full = false;
    while (!peer_queue_is_empty(&c->queue) && !is_full) {
        size_t length = 0;
        const uint8_t *data = peer_queue_front(&c->queue, &length);
        const ssize_t sent = send_some(context, c, data, length, &is_full);
        if (sent < 0)
            return false;
        if (!is_full)
            peer_queue_drop(&c->queue, (size_t)sent);
    }
    return true;
}

bool peer_transfer_answer(struct peer_context *context, struct peer_connection *c,
                          const uint8_t *data, size_t length, bool only_queue)
{
    bool is_full = only_queue;
    bool is_done = false;
    while (!is_full && !is_done) {
        const ssize_t sent = send_some(context, c, data, length, &is_full);
        if (sent < 0)
            return false;
        if (is_full)
            break;
        data += sent;
        length -= (size_t)sent;
        is_done = length == 0 || c->queue.keeps_messages;
    }
    if (is_done)
        return true;
    if (peer_queue_push(&c->queue, data, length, PEER_COLLECT_BYTES))
        return true;
    /* Too much to keep: closing with a zero linger time tells the client by a reset. */
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    errno = ENOBUFS;
    return false;
}
