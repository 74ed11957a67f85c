/*
 * crowd: ordinary connections from this host to its own listener, which fill its backlog. They
 * never leave the host. Part of the puppet.
 */
#include "puppet.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_of_crowd(const struct puppet *puppet, const struct peer_address *client)
{
    for (size_t i = 0; i < puppet->crowd_size; i++)
        if (peer_address_same_ip(&puppet->crowd[i].own, client))
            return true;
    return false;
}

int puppet_next_client(struct puppet *puppet, struct peer_address *client)
{
    for (;;) {
        *client = (struct peer_address){.transport = PEER_TCP};
        client->length = sizeof client->is;
        const int fd = accept4(puppet->listener, &client->is.any, &client->length,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 || !is_of_crowd(puppet, client))
            return fd;
        close(fd);
    }
}

/* Their places in the backlog become free as far as the first that is a stranger's. */
static void send_away(struct puppet *puppet)
{
    struct peer_address client;
    if (puppet->listener >= 0 && puppet->early < 0)
        puppet->early = puppet_next_client(puppet, &client);
    for (size_t i = 0; i < puppet->crowd_size; i++) {
        if (puppet->crowd[i].fd >= 0)
            close(puppet->crowd[i].fd);
        puppet->crowd[i].fd = -1;
    }
}

void puppet_crowd_close(struct puppet *puppet)
{
    send_away(puppet);
    free(puppet->crowd);
    puppet->crowd = NULL;
    puppet->crowd_size = 0;
}

static int fail_on(int fd)
{
    const int trouble = errno;
    close(fd);
    errno = trouble;
    return -1;
}

/* Its port is any that is free; one that finds no room in the backlog goes on trying by itself. */
static int visit(const struct puppet *puppet, struct peer_address *own)
{
    const int fd = socket(puppet->local.is.any.sa_family,
                          SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    if (connect(fd, &puppet->local.is.any, puppet->local.length) != 0 && errno != EINPROGRESS)
        return fail_on(fd);
    *own = (struct peer_address){.transport = PEER_TCP};
    own->length = sizeof own->is;
    return getsockname(fd, &own->is.any, &own->length) == 0 ? fd : fail_on(fd);
}

static bool grow(struct puppet *puppet, size_t count)
{
    struct puppet_visitor *grown =
        realloc(puppet->crowd, (puppet->crowd_size + count) * sizeof *grown);
    if (grown == NULL)
        return false;
    puppet->crowd = grown;
    for (size_t i = 0; i < count; i++) {
        struct puppet_visitor *next = &grown[puppet->crowd_size];
        next->fd = visit(puppet, &next->own);
        if (next->fd < 0)
            return false;
        puppet->crowd_size++;
    }
    return true;
}

struct puppet_answer puppet_crowd(struct puppet *puppet, size_t count)
{
    if (count == 0) {
        send_away(puppet);
        return puppet_done();
    }
    if (count > PUPPET_CROWD_MAX - puppet->crowd_size)
        return puppet_cannot("a crowd is 4096 at most");
    if (puppet->listener < 0)
        return puppet_failed(puppet, ECONNREFUSED);
    return grow(puppet, count) ? puppet_done() : puppet_failed(puppet, errno);
}
