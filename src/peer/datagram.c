/* datagram: receive, answer, print. */
#include "datagram.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
    CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)),
};

struct datagram {
    struct peer_address client;
    size_t length;
    size_t whole; /* more than length when it was cut */
    _Alignas(struct cmsghdr) char control[CONTROL_BYTES];
    size_t control_bytes;
};

/*
 * Makes of "it came to this address" (IP_PKTINFO) "send from this address". The interface is left
 * to the routes, except for a link-local address, which means nothing without it.
 */
static void turn_pktinfo(struct msghdr *message)
{
    struct cmsghdr *item = CMSG_FIRSTHDR(message);
    if (item == NULL)
        return;
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(item), sizeof info);
        info.ipi_ifindex = 0;
        memcpy(CMSG_DATA(item), &info, sizeof info);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(item), sizeof info);
        if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
            info.ipi6_addr = in6addr_any;
        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
            info.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(item), &info, sizeof info);
    }
}

static bool receive(const struct peer_context *context, const struct peer_listener *listener,
                    struct datagram *datagram)
{
    struct iovec vector = {
        .iov_base = context->scratch,
        .iov_len = context->options->message_bytes,
    };
    struct msghdr message = {
        .msg_name = &datagram->client.is,
        .msg_namelen = sizeof datagram->client.is,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = datagram->control,
        .msg_controllen = sizeof datagram->control,
    };
    const ssize_t got = recvmsg(listener->watch.fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0)
        return false;
    turn_pktinfo(&message);
    datagram->client.transport = listener->local.transport;
    datagram->client.length = message.msg_namelen;
    datagram->whole = (size_t)got;
    datagram->length = datagram->whole < vector.iov_len ? datagram->whole : vector.iov_len;
    datagram->control_bytes = message.msg_controllen;
    return true;
}

/* NULL when it was answered, otherwise why not. */
static const char *answer(struct peer_context *context, const struct peer_listener *listener,
                          struct datagram *datagram)
{
    struct iovec vector = {.iov_base = context->scratch, .iov_len = datagram->length};
    struct msghdr message = {
        .msg_name = &datagram->client.is,
        .msg_namelen = datagram->client.length,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = datagram->control_bytes > 0 ? datagram->control : NULL,
        .msg_controllen = datagram->control_bytes,
    };
    const size_t unnamed = offsetof(struct sockaddr_un, sun_path);
    if (peer_transport_is_unix(listener->local.transport) && datagram->client.length <= unnamed)
        return "not answered: its socket has no name (it must bind before it sends)";
    ssize_t sent;
    do
        sent = sendmsg(listener->watch.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN)
        return "not answered: its queue is full";
    if (sent < 0)
        return strerror(errno);
    context->counts.sent_bytes += (uint64_t)sent;
    return NULL;
}

unsigned peer_datagram_serve(struct peer_context *context, const struct peer_listener *listener,
                             unsigned most)
{
    unsigned served = 0;
    while (served < most) {
        struct datagram datagram;
        if (!receive(context, listener, &datagram)) {
            if (errno == EINTR)
                continue;
            break; /* EAGAIN, or an error that this call has now taken off the socket */
        }
        served++;
        context->counts.datagrams++;
        context->counts.received_bytes += datagram.length;
        const char *trouble =
            context->options->discard ? NULL : answer(context, listener, &datagram);
        peer_print_client(&context->printer, &datagram.client);
        peer_print_data(&context->printer, context->scratch, datagram.length, datagram.whole);
        if (trouble != NULL)
            peer_print_note(&context->printer, &datagram.client, trouble);
    }
    return served;
}
