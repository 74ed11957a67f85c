/* link: send and receive. */
#include "link.h"

#include <errno.h>
#include <sys/socket.h>

enum talk_got talk_link_receive(const struct talk_link *link, uint8_t *buffer, size_t size,
                                size_t *length, size_t *whole)
{
    /* An empty SEQPACKET message comes with its sender's credentials, the end does not. */
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec vector = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    /* For TCP, MSG_TRUNC would throw the bytes away. */
    const int flags = MSG_DONTWAIT | (link->keeps_messages ? MSG_TRUNC : 0);
    ssize_t got;
    do
        got = recvmsg(link->fd, &message, flags);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? TALK_GOT_NOTHING : TALK_GOT_TROUBLE;
    if (got == 0 && link->has_end && (!link->keeps_messages || message.msg_controllen == 0))
        return TALK_GOT_END;
    *whole = (size_t)got;
    *length = *whole < size ? *whole : size;
    return TALK_GOT;
}

ssize_t talk_link_send(const struct talk_link *link, const uint8_t *data, size_t length,
                       bool *is_taken)
{
    ssize_t sent;
    do
        sent = send(link->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    *is_taken = sent >= 0;
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
        return 0;
    return sent;
}
