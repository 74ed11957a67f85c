/* sockets: listening, accepting, connecting and closing. Part of the puppet. */
#include "puppet.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void puppet_init(struct puppet *puppet)
{
    memset(puppet, 0, sizeof *puppet);
    puppet->bare = -1;
    puppet->listener = -1;
    puppet->connection = -1;
    puppet->early = -1;
    puppet->datagram = -1;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_listener(struct puppet *puppet)
{
    puppet_crowd_close(puppet);
    close_one(&puppet->early);
    close_one(&puppet->listener);
}

void puppet_close_all(struct puppet *puppet)
{
    close_listener(puppet);
    close_one(&puppet->bare);
    close_one(&puppet->connection);
    close_one(&puppet->datagram);
}

/* What is sent leaves at once, unless it is asked not to (RFC 1122 section 4.2.3.4). */
static int new_socket(const struct puppet *puppet)
{
    const int on = 1;
    const int fd = socket(puppet->local.is.any.sa_family,
                          SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    /* The port may still be in TIME-WAIT from the connection before. */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

bool puppet_try_local(const struct puppet *puppet)
{
    int fd = new_socket(puppet);
    if (fd < 0)
        return false;
    const bool is_bound = bind(fd, &puppet->local.is.any, puppet->local.length) == 0;
    const int trouble = errno;
    close(fd);
    errno = trouble;
    return is_bound;
}

int puppet_socket(struct puppet *puppet)
{
    if (puppet->connection >= 0)
        return puppet->connection;
    if (puppet->listener >= 0)
        return puppet->listener;
    if (puppet->bare < 0)
        puppet->bare = new_socket(puppet);
    return puppet->bare;
}

/* The bare socket, bound; it is closed when it cannot be. */
static int bound_socket(struct puppet *puppet)
{
    int fd = puppet->bare >= 0 ? puppet->bare : new_socket(puppet);
    puppet->bare = -1;
    if (fd < 0)
        return -1;
    if (bind(fd, &puppet->local.is.any, puppet->local.length) == 0)
        return fd;
    const int trouble = errno;
    close(fd);
    errno = trouble;
    return -1;
}

static bool listen_anew(struct puppet *puppet, int backlog)
{
    int fd = bound_socket(puppet);
    if (fd < 0)
        return false;
    if (listen(fd, backlog) == 0) {
        puppet->listener = fd;
        return true;
    }
    const int trouble = errno;
    close(fd);
    errno = trouble;
    return false;
}

struct puppet_answer puppet_listen(struct puppet *puppet, int backlog)
{
    const bool is_listening = puppet->listener >= 0 ? listen(puppet->listener, backlog) == 0
                                                    : listen_anew(puppet, backlog);
    if (!is_listening)
        return puppet_failed(puppet, errno);
    if (puppet->connection < 0)
        puppet->had_connection = false;
    return puppet_done();
}

/*
 * A new connection: nothing of an earlier one counts any more. Its first number is asked now,
 * while nothing is unsent (see witness.c).
 */
static void begin(struct puppet *puppet, int fd, const struct peer_address *remote)
{
    struct peer_witness first;
    puppet->connection = fd;
    puppet->remote = *remote;
    puppet->had_connection = true;
    puppet->is_opening = false;
    puppet->has_shut = false;
    puppet->broken = 0;
    puppet->last_error = 0;
    puppet->carried = 0;
    puppet->base = (struct peer_witness_base){.is_known = false};
    peer_witness_ask(fd, &puppet->base, &first);
    puppet->base.is_known = first.trouble == 0;
    puppet->base.write_seq = first.write_seq;
}

static struct puppet_answer begin_early(struct puppet *puppet)
{
    struct peer_address client = {.transport = PEER_TCP};
    client.length = sizeof client.is;
    const int fd = puppet->early;
    puppet->early = -1;
    if (getpeername(fd, &client.is.any, &client.length) != 0) {
        const int trouble = errno;
        close(fd);
        return puppet_failed(puppet, trouble);
    }
    begin(puppet, fd, &client);
    return puppet_done();
}

struct puppet_answer puppet_accept(struct puppet *puppet)
{
    struct peer_address client;
    if (puppet->connection >= 0)
        return puppet_cannot("there is a connection already, and it has one at a time");
    if (puppet->early >= 0)
        return begin_early(puppet);
    if (puppet->listener < 0)
        return puppet_failed(puppet, EINVAL); /* accept(2): not listening */
    const int fd = puppet_next_client(puppet, &client);
    if (fd < 0)
        return errno == EAGAIN ? puppet_not_yet() : puppet_failed(puppet, errno);
    begin(puppet, fd, &client);
    return puppet_done();
}

/* A refusal that is here before connect(2) returns is the connection's end, not the call's. */
struct puppet_answer puppet_connect(struct puppet *puppet)
{
    if (puppet->connection >= 0)
        return puppet_cannot("there is a connection already, and it has one at a time");
    const int fd = bound_socket(puppet);
    if (fd < 0)
        return puppet_failed(puppet, errno);
    int trouble = 0;
    if (connect(fd, &puppet->peer.is.any, puppet->peer.length) != 0)
        trouble = errno;
    if (trouble != 0 && trouble != EINPROGRESS && trouble != ECONNREFUSED) {
        close(fd);
        return puppet_failed(puppet, trouble);
    }
    begin(puppet, fd, &puppet->peer);
    puppet->is_opening = true;
    if (trouble == ECONNREFUSED)
        (void)puppet_broke(puppet, trouble);
    return puppet_done();
}

struct puppet_answer puppet_shutdown_write(struct puppet *puppet)
{
    if (puppet->connection < 0)
        return puppet_failed(puppet, ENOTCONN);
    if (shutdown(puppet->connection, SHUT_WR) != 0)
        return puppet_failed(puppet, errno);
    if (!puppet->has_shut)
        puppet->base.taken++;
    puppet->has_shut = true;
    return puppet_done();
}

struct puppet_answer puppet_close(struct puppet *puppet)
{
    const bool is_tcp = puppet->connection >= 0 || puppet->listener >= 0 || puppet->bare >= 0;
    if (!is_tcp && puppet->datagram < 0)
        return puppet_failed(puppet, ENOTCONN);
    puppet_take_error(puppet);
    if (puppet->connection >= 0) {
        close_one(&puppet->connection);
        return puppet_done();
    }
    if (!is_tcp)
        close_one(&puppet->datagram);
    close_listener(puppet);
    close_one(&puppet->bare);
    return puppet_done();
}

struct puppet_answer puppet_reset(struct puppet *puppet)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (puppet->connection < 0)
        return puppet_failed(puppet, ENOTCONN);
    puppet_take_error(puppet);
    if (setsockopt(puppet->connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0)
        return puppet_failed(puppet, errno);
    close_one(&puppet->connection);
    return puppet_done();
}
