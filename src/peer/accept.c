/* accept: takes connections in. */
#include "accept.h"

#include "roster.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { ACCEPTS_PER_EVENT = 1024 };

static bool may_accept(const struct peer_server *server)
{
    const struct peer_options *options = server->context.options;
    return !server->is_out_of_resources && !(options->once && server->has_served) &&
           (options->max_connections == 0 || server->open_count < options->max_connections);
}

static bool is_shortage(int trouble)
{
    return trouble == EMFILE || trouble == ENFILE || trouble == ENOBUFS || trouble == ENOMEM ||
           trouble == ENOSPC; /* epoll's max_user_watches */
}

static void pause_for(struct peer_server *server, int trouble)
{
    server->is_out_of_resources = true;
    if (!server->is_shortage_told)
        fprintf(stderr,
                "synstep-peer: cannot accept more than %zu connections now: %s; the next ones wait "
                "until one closes (raise 'ulimit -n' for more)\n",
                server->open_count, strerror(trouble));
    server->is_shortage_told = true;
}

static void take_in(struct peer_server *server, int fd, const struct peer_address *client)
{
    struct peer_context *context = &server->context;
    struct peer_connection *c = peer_connection_open(context, fd, client);
    if (c == NULL) {
        if (is_shortage(errno))
            pause_for(server, errno);
        return;
    }
    context->counts.connections++;
    server->has_served = true;
    peer_roster_add(server, c);
    const enum peer_fate fate = peer_connection_greet(context, c);
    peer_print_client(&context->printer, client);
    if (fate == PEER_ENDED)
        peer_roster_retire(server, c);
}

void peer_accept_from(struct peer_server *server, const struct peer_listener *listener)
{
    for (int i = 0; i < ACCEPTS_PER_EVENT && may_accept(server) && listener->watch.fd >= 0; i++) {
        struct peer_address client = {.transport = listener->local.transport};
        client.length = sizeof client.is;
        const int fd = accept4(listener->watch.fd, &client.is.any, &client.length,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_in(server, fd, &client);
        } else if (errno == EAGAIN) {
            server->is_shortage_told = false;
            return;
        } else if (is_shortage(errno)) {
            pause_for(server, errno);
        } /* anything else happened to that one connection only: accept(2) */
    }
}

void peer_accept_close(struct peer_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        peer_listener_close(&server->listeners[i]);
}

void peer_accept_update(struct peer_server *server)
{
    const bool wanted = may_accept(server);
    if (wanted == server->is_accepting)
        return;
    server->is_accepting = wanted;
    for (size_t i = 0; i < server->listener_count; i++) {
        struct peer_watch *watch = &server->listeners[i].watch;
        if (watch->kind == PEER_WATCH_LISTENER && watch->fd >= 0)
            (void)peer_watch_set(watch, server->context.epoll_fd, wanted ? EPOLLIN : 0);
    }
}
