/* server: opens everything, and serves it until told to end. */
#include "server.h"

#include "accept.h"
#include "control.h"
#include "datagram.h"
#include "roster.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    EVENTS_AT_ONCE = 128,
    DATAGRAMS_PER_EVENT = 64,
    RETRY_MS = 100, /* when descriptors are out for reasons outside this process */
};

static bool fail(struct peer_error *error, const char *what)
{
    snprintf(error->text, sizeof error->text, "%s: %s", what, strerror(errno));
    return false;
}

/* Opens every address of one --listen; only for a name with several may some be missing here. */
static bool open_listen(struct peer_server *server, const struct peer_listen *listen,
                        struct peer_error *error)
{
    struct peer_address *addresses = NULL;
    size_t count = 0;
    if (!peer_listen_resolve(listen, &addresses, &count, error))
        return false;
    struct peer_listener *grown =
        realloc(server->listeners, (server->listener_count + count) * sizeof *grown);
    if (grown == NULL) {
        free(addresses);
        return fail(error, "listeners");
    }
    server->listeners = grown;
    size_t bound = 0;
    bool is_broken = false;
    for (size_t i = 0; i < count && !is_broken; i++) {
        struct peer_listener *next = &server->listeners[server->listener_count];
        switch (peer_listener_open(&addresses[i], server->context.options->backlog, next, error)) {
        case PEER_BOUND:
            server->listener_count++;
            bound++;
            break;
        case PEER_NOT_HERE:
            break;
        case PEER_UNBOUND:
            is_broken = true;
            break;
        }
    }
    free(addresses);
    return bound > 0 && !is_broken;
}

static bool open_signals(struct peer_server *server)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    server->signals = (struct peer_watch){.kind = PEER_WATCH_SIGNAL, .fd = -1};
    if (sigprocmask(SIG_BLOCK, &ends, NULL) != 0)
        return false;
    server->signals.fd = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
    return server->signals.fd >= 0 &&
           peer_watch_set(&server->signals, server->context.epoll_fd, EPOLLIN);
}

/* The array of listeners no longer moves: epoll may point into it. */
static bool watch_listeners(struct peer_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct peer_listener *listener = &server->listeners[i];
        listener->watch.owner = listener;
        if (!peer_watch_set(&listener->watch, server->context.epoll_fd, EPOLLIN))
            return false;
    }
    server->is_accepting = true;
    return true;
}

bool peer_server_open(struct peer_server *server, const struct peer_options *options,
                      struct peer_error *error)
{
    struct peer_context *context = &server->context;
    const size_t scratch_bytes = options->message_bytes > options->stream_bytes
                                     ? options->message_bytes
                                     : options->stream_bytes;
    *server = (struct peer_server){.signals.fd = -1, .context = {.options = options}};
    context->printer.out = options->quiet ? NULL : stdout;
    context->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    context->scratch = malloc(scratch_bytes);
    if (context->epoll_fd < 0 || context->scratch == NULL)
        return fail(error, "cannot start");
    if (!open_signals(server))
        return fail(error, "signals");
    for (size_t i = 0; i < options->listen_count; i++)
        if (!open_listen(server, &options->listens[i], error))
            return false;
    if (!watch_listeners(server))
        return fail(error, "epoll");
    for (size_t i = 0; i < server->listener_count; i++)
        peer_print_start(&context->printer, &server->listeners[i].local);
    if (options->control_fd >= 0 && !peer_control_open(server))
        return fail(error, "--control-fd");
    return true;
}

static void serve_datagrams(struct peer_server *server, const struct peer_listener *listener)
{
    const bool once = server->context.options->once;
    const unsigned most = once ? 1 : DATAGRAMS_PER_EVENT;
    if (once && server->has_served)
        return;
    if (peer_datagram_serve(&server->context, listener, most) > 0)
        server->has_served = true;
}

static void serve_connection(struct peer_server *server, struct peer_connection *c, uint32_t events)
{
    if (peer_connection_serve(&server->context, c, events) == PEER_ENDED)
        peer_roster_retire(server, c);
    else
        peer_roster_touch(server, c);
}

/* The control channel is served last, so that it tells what the other events have changed. */
static void dispatch(struct peer_server *server, const struct epoll_event *events, int count)
{
    bool has_control = false;
    for (int i = 0; i < count; i++) {
        struct peer_watch *watch = events[i].data.ptr;
        if (watch->fd < 0)
            continue; /* closed by an event before this one */
        switch (watch->kind) {
        case PEER_WATCH_LISTENER:
            peer_accept_from(server, watch->owner);
            break;
        case PEER_WATCH_DATAGRAM:
            serve_datagrams(server, watch->owner);
            break;
        case PEER_WATCH_CONNECTION:
            serve_connection(server, watch->owner, events[i].events);
            break;
        case PEER_WATCH_CONTROL:
            has_control = true;
            break;
        case PEER_WATCH_SIGNAL:
            server->is_stopping = true;
            break;
        }
    }
    if (has_control && !peer_control_serve(server->control, server))
        server->is_stopping = true;
}

static int wait_ms(const struct peer_server *server)
{
    const int idle_ms = peer_roster_wait_ms(server);
    if (server->is_out_of_resources && (idle_ms < 0 || idle_ms > RETRY_MS))
        return RETRY_MS;
    return idle_ms;
}

static bool is_done(const struct peer_server *server)
{
    const bool is_once_done = server->context.options->once && server->has_served &&
                              server->open_count == 0 && server->ledger.kept == 0;
    return server->is_stopping || is_once_done;
}

bool peer_server_run(struct peer_server *server, struct peer_error *error)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (!is_done(server)) {
        const size_t open_before = server->open_count;
        const int count =
            epoll_wait(server->context.epoll_fd, events, EVENTS_AT_ONCE, wait_ms(server));
        if (count < 0 && errno != EINTR)
            return fail(error, "epoll_wait");
        if (count > 0)
            dispatch(server, events, count);
        peer_roster_expire(server);
        peer_roster_bury(server);
        if (server->open_count < open_before || count == 0)
            server->is_out_of_resources = false;
        peer_accept_update(server);
        if (server->context.options->once && server->has_served)
            peer_accept_close(server);
    }
    return true;
}

void peer_server_accept_waiting(struct peer_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        if (server->listeners[i].watch.kind == PEER_WATCH_LISTENER)
            peer_accept_from(server, &server->listeners[i]);
}

void peer_server_catch_up(struct peer_server *server, struct peer_connection *c)
{
    if (c->phase != PEER_KEPT && peer_connection_catch_up(&server->context, c) == PEER_ENDED)
        peer_roster_retire(server, c);
}

void peer_server_close(struct peer_server *server)
{
    peer_accept_close(server);
    peer_roster_close(server);
    peer_ledger_close(&server->ledger);
    peer_control_close(server->control);
    peer_print_end(&server->context.printer, &server->context.counts);
    peer_watch_close(&server->signals);
    free(server->listeners);
    free(server->context.scratch);
    if (server->context.epoll_fd >= 0)
        close(server->context.epoll_fd);
}
