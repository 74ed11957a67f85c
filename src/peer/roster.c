/* roster: the open connections, oldest movement first. */
#include "roster.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void append(struct peer_server *server, struct peer_connection *c)
{
    c->newer = NULL;
    c->older = server->newest;
    if (c->older != NULL)
        c->older->newer = c;
    else
        server->oldest = c;
    server->newest = c;
}

static void take_out(struct peer_server *server, struct peer_connection *c)
{
    if (c->older != NULL)
        c->older->newer = c->newer;
    else
        server->oldest = c->newer;
    if (c->newer != NULL)
        c->newer->older = c->older;
    else
        server->newest = c->older;
    c->older = NULL;
    c->newer = NULL;
}

void peer_roster_add(struct peer_server *server, struct peer_connection *c)
{
    append(server, c);
    server->open_count++;
    if (server->context.options->idle_timeout_ms > 0)
        c->moved_ms = now_ms();
    if (peer_connection_is_witnessed(&server->context, c))
        peer_ledger_add(&server->ledger, c);
}

void peer_roster_touch(struct peer_server *server, struct peer_connection *c)
{
    if (server->context.options->idle_timeout_ms == 0)
        return;
    c->moved_ms = now_ms();
    take_out(server, c);
    append(server, c);
}

void peer_roster_retire(struct peer_server *server, struct peer_connection *c)
{
    take_out(server, c);
    server->open_count--;
    peer_connection_close(&server->context, c);
    if (c->is_registered) {
        peer_ledger_keep(&server->ledger, c);
    } else {
        c->newer = server->dead;
        server->dead = c;
    }
}

void peer_roster_bury(struct peer_server *server)
{
    while (server->dead != NULL) {
        struct peer_connection *c = server->dead;
        server->dead = c->newer;
        free(c);
    }
}

void peer_roster_expire(struct peer_server *server)
{
    const int64_t timeout_ms = server->context.options->idle_timeout_ms;
    if (timeout_ms == 0)
        return;
    const int64_t now = now_ms();
    while (server->oldest != NULL && now - server->oldest->moved_ms >= timeout_ms) {
        struct peer_connection *c = server->oldest;
        peer_print_note(&server->context.printer, &c->client, "idle, closing");
        if (peer_connection_hang_up(&server->context, c) == PEER_ENDED)
            peer_roster_retire(server, c);
        else
            peer_roster_touch(server, c);
    }
}

int peer_roster_wait_ms(const struct peer_server *server)
{
    const int64_t timeout_ms = server->context.options->idle_timeout_ms;
    if (timeout_ms == 0 || server->oldest == NULL)
        return -1;
    const int64_t left = server->oldest->moved_ms + timeout_ms - now_ms();
    if (left <= 0)
        return 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

void peer_roster_close(struct peer_server *server)
{
    while (server->oldest != NULL)
        peer_roster_retire(server, server->oldest);
    peer_roster_bury(server);
}
