/* reach: resolve and connect. */
#include "reach.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool talk_transport_is_datagram(enum talk_transport transport)
{
    return transport == TALK_UDP || transport == TALK_UNIX_DATAGRAM;
}

bool talk_transport_keeps_messages(enum talk_transport transport)
{
    return transport != TALK_TCP && transport != TALK_UNIX_STREAM;
}

static int socket_type(enum talk_transport transport)
{
    switch (transport) {
    case TALK_TCP:
    case TALK_UNIX_STREAM:
        return SOCK_STREAM;
    case TALK_UDP:
    case TALK_UNIX_DATAGRAM:
        return SOCK_DGRAM;
    case TALK_UNIX_SEQPACKET:
        return SOCK_SEQPACKET;
    }
    return -1;
}

void talk_reach_name(const struct talk_options *options, char name[TALK_NAME_BYTES])
{
    const bool has_colon = strchr(options->host, ':') != NULL;
    if (options->path != NULL)
        snprintf(name, TALK_NAME_BYTES, "%s", options->path);
    else
        snprintf(name, TALK_NAME_BYTES, "%s%s%s%s:%s", options->transport == TALK_UDP ? "udp " : "",
                 has_colon ? "[" : "", options->host, has_colon ? "]" : "", options->port);
}

static const char *advice(const struct talk_options *options, int trouble)
{
    const bool is_unix = options->path != NULL;
    switch (trouble) {
    case ECONNREFUSED:
        if (options->transport == TALK_UDP)
            return " (ICMP port unreachable): nobody serves UDP there; start a server, such as "
                   "synstep-peer --listen=udp:...";
        return is_unix ? ": nobody listens on that socket; start a server, such as "
                         "synstep-peer --listen=unix:..."
                       : ": nobody listens there; start a server, such as synstep-peer, or check "
                         "the port";
    case ENOENT:
        return ": there is no such socket; check the path, or start a server there";
    case EPROTOTYPE:
        return ": that Unix socket is of another type; try --seqpacket, --dgram or neither";
    case ETIMEDOUT:
        return ": no answer in time; check the address and any firewall on the way, or give a "
               "longer --timeout";
    case ENETUNREACH:
    case EHOSTUNREACH:
        return ": there is no way to that host; check the address ('ip route get' shows the way)";
    case ECONNRESET:
    case EPIPE:
        return ": the server has dropped the connection; look at its own messages";
    case EACCES:
    case EPERM:
        return ": this machine does not permit it; check the path's rights or the firewall";
    default:
        return "";
    }
}

void talk_reach_explain(const struct talk_options *options, const char *what, int trouble,
                        struct talk_error *error)
{
    char name[TALK_NAME_BYTES];
    talk_reach_name(options, name);
    snprintf(error->text, sizeof error->text, "%s %s: %s%s", what, name, strerror(trouble),
             advice(options, trouble));
}

/* 0, or the errno of why the connection did not come about in time. */
static int finish_connect(int fd, int64_t deadline_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int trouble = 0;
    socklen_t length = sizeof trouble;
    int64_t left_ms;
    while ((left_ms = deadline_ms - talk_clock_ms()) > 0) {
        const int count = poll(&ready, 1, (int)left_ms);
        if (count > 0)
            return getsockopt(fd, SOL_SOCKET, SO_ERROR, &trouble, &length) == 0 ? trouble : errno;
        if (count < 0 && errno != EINTR)
            return errno;
    }
    return ETIMEDOUT;
}

/* A datagram client on a Unix socket needs a name of its own, or nobody can answer it. */
static bool take_unix_name(int fd)
{
    const struct sockaddr_un unnamed = {.sun_family = AF_UNIX};
    return bind(fd, (const struct sockaddr *)&unnamed, sizeof unnamed.sun_family) == 0;
}

/* The connected descriptor, or -1 with `*trouble` an errno. */
static int try_address(const struct talk_options *options, const struct sockaddr *address,
                       socklen_t length, int *trouble)
{
    const int type = socket_type(options->transport) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const int64_t deadline_ms = talk_clock_ms() + options->timeout_ms;
    const int on = 1;
    const int fd = socket(address->sa_family, type, 0);
    if (fd < 0) {
        *trouble = errno;
        return -1;
    }
    *trouble = 0;
    if (options->transport == TALK_UNIX_DATAGRAM && !take_unix_name(fd))
        *trouble = errno;
    else if (connect(fd, address, length) != 0)
        *trouble = errno == EINPROGRESS || errno == EINTR ? finish_connect(fd, deadline_ms) : errno;
    if (*trouble == 0 && options->transport == TALK_UNIX_SEQPACKET &&
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        *trouble = errno;
    if (*trouble == 0)
        return fd;
    close(fd);
    return -1;
}

static int reach_path(const struct talk_options *options, struct talk_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(options->path);
    const bool is_abstract = options->path[0] == '@';
    if (length >= sizeof address.sun_path) {
        snprintf(error->text, sizeof error->text, "the path is too long");
        return -1;
    }
    memcpy(address.sun_path, options->path, length);
    if (is_abstract)
        address.sun_path[0] = '\0';
    const size_t total = offsetof(struct sockaddr_un, sun_path) + length + (is_abstract ? 0 : 1);
    int trouble = 0;
    const int fd =
        try_address(options, (const struct sockaddr *)&address, (socklen_t)total, &trouble);
    if (fd < 0)
        talk_reach_explain(options, "cannot connect to", trouble == EAGAIN ? ETIMEDOUT : trouble,
                           error);
    return fd;
}

int talk_reach(const struct talk_options *options, struct talk_error *error)
{
    if (options->path != NULL)
        return reach_path(options, error);
    struct addrinfo *results = NULL;
    const struct addrinfo hints = {
        .ai_family = options->family,
        .ai_socktype = socket_type(options->transport),
    };
    const int failure = getaddrinfo(options->host, options->port, &hints, &results);
    if (failure != 0) {
        snprintf(error->text, sizeof error->text,
                 "cannot resolve '%s'%s: %s; check the name, or give an IP address", options->host,
                 options->family == AF_INET    ? " to IPv4"
                 : options->family == AF_INET6 ? " to IPv6"
                                               : "",
                 failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
        return -1;
    }
    int fd = -1;
    int trouble = 0;
    for (const struct addrinfo *result = results; fd < 0 && result != NULL;
         result = result->ai_next)
        fd = try_address(options, result->ai_addr, result->ai_addrlen, &trouble);
    freeaddrinfo(results);
    if (fd < 0)
        talk_reach_explain(options, "cannot connect to", trouble, error);
    return fd;
}
