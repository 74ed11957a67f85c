/* listener: bind, listen, and the file of a Unix socket. */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_path(const struct peer_address *address)
{
    return peer_transport_is_unix(address->transport) && address->is.local.sun_path[0] != '\0';
}

static const char *advice(int trouble)
{
    switch (trouble) {
    case EADDRINUSE:
        return "; stop the program that serves there, or choose another with --listen "
               "(port 0: the kernel chooses)";
    case EACCES:
    case EPERM:
        return "; choose a port from 1024 or a path that you may write, or become root";
    case EADDRNOTAVAIL:
        return "; 'ip address' lists the addresses of this machine";
    case EAFNOSUPPORT:
        return "; this kernel has that address family switched off";
    case ENOENT:
    case ENOTDIR:
        return "; make the folder first";
    case EMFILE:
    case ENFILE:
        return "; raise 'ulimit -n'";
    default:
        return "";
    }
}

/* Leaves errno as it was. */
static void explain(const struct peer_address *address, int trouble, struct peer_error *error)
{
    const int kept = errno;
    char text[PEER_ADDRESS_TEXT_BYTES];
    peer_address_text(address, text, sizeof text);
    snprintf(error->text, sizeof error->text, "cannot serve at %s: %s%s", text, strerror(trouble),
             advice(trouble));
    errno = kept;
}

/* Whether the socket file is one that nobody listens on; `error` says why not. */
static bool is_stale(const struct peer_address *address, struct peer_error *error)
{
    struct stat status;
    const char *path = address->is.local.sun_path;
    if (lstat(path, &status) != 0) {
        explain(address, errno, error);
        return false;
    }
    if (!S_ISSOCK(status.st_mode)) {
        snprintf(error->text, sizeof error->text,
                 "cannot serve at %s: this file exists and is not a socket; "
                 "move it away, or choose another path",
                 path);
        return false;
    }
    const int type = peer_transport_socket_type(address->transport);
    const int probe = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) {
        explain(address, errno, error);
        return false;
    }
    const bool is_refused =
        connect(probe, &address->is.any, address->length) != 0 && errno == ECONNREFUSED;
    close(probe);
    if (!is_refused)
        explain(address, EADDRINUSE, error);
    return is_refused;
}

static bool bind_it(int fd, const struct peer_address *address, struct peer_error *error)
{
    if (bind(fd, &address->is.any, address->length) == 0)
        return true;
    if (errno == EADDRINUSE && has_path(address)) {
        if (!is_stale(address, error))
            return false;
        if (unlink(address->is.local.sun_path) == 0 &&
            bind(fd, &address->is.any, address->length) == 0)
            return true;
    }
    explain(address, errno, error);
    return false;
}

static bool set_options(int fd, const struct peer_address *address)
{
    const int on = 1;
    const int family = address->is.any.sa_family;
    bool is_set = true;
    if (address->transport == PEER_TCP) /* start again while old connections are in TIME-WAIT */
        is_set = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (family == AF_INET6) /* [::] leaves 0.0.0.0 to a --listen of its own */
        is_set = is_set && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    if (address->transport == PEER_UDP) /* to answer from the address that was asked */
        is_set = is_set && (family == AF_INET6
                                ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                                : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on)) == 0;
    return is_set;
}

static void note_file(struct peer_listener *listener)
{
    struct stat status;
    if (!has_path(&listener->local) || stat(listener->local.is.local.sun_path, &status) != 0)
        return;
    listener->has_file = true;
    listener->file_device = status.st_dev;
    listener->file_inode = status.st_ino;
}

enum peer_bound peer_listener_open(const struct peer_address *address, int backlog,
                                   struct peer_listener *listener, struct peer_error *error)
{
    const bool is_datagram = peer_transport_is_datagram(address->transport);
    const int type = peer_transport_socket_type(address->transport);
    const int fd = socket(address->is.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        explain(address, errno, error);
        return errno == EAFNOSUPPORT ? PEER_NOT_HERE : PEER_UNBOUND;
    }
    struct peer_listener made = {
        .watch = {.kind = is_datagram ? PEER_WATCH_DATAGRAM : PEER_WATCH_LISTENER, .fd = fd},
        .local = *address,
    };
    errno = 0;
    if (!set_options(fd, address)) {
        explain(address, errno, error);
    } else if (bind_it(fd, address, error)) {
        note_file(&made);
        made.local.length = sizeof made.local.is;
        if (getsockname(fd, &made.local.is.any, &made.local.length) == 0 &&
            (is_datagram || listen(fd, backlog) == 0)) {
            *listener = made;
            return PEER_BOUND;
        }
        explain(address, errno, error);
    }
    const bool is_elsewhere = errno == EADDRNOTAVAIL;
    peer_listener_close(&made);
    return is_elsewhere ? PEER_NOT_HERE : PEER_UNBOUND;
}

void peer_listener_close(struct peer_listener *listener)
{
    struct stat status;
    const char *path = listener->local.is.local.sun_path;
    if (listener->has_file && lstat(path, &status) == 0 && status.st_dev == listener->file_device &&
        status.st_ino == listener->file_inode)
        (void)unlink(path);
    listener->has_file = false;
    peer_watch_close(&listener->watch);
}
