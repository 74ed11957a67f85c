/*
 * server: the listeners, the open connections, and the loop that serves them.
 *
 * Accepting pauses while --max-connections are open, and while descriptors or memory are out
 * (EMFILE and its like); it resumes when a connection closes.
 */
#ifndef PEER_SERVER_H
#define PEER_SERVER_H

#include "connection.h"
#include "ledger.h"
#include "listener.h"

struct peer_control;

struct peer_server {
    struct peer_context context;
    struct peer_listener *listeners;
    size_t listener_count;
    struct peer_connection *oldest; /* open connections by last movement */
    struct peer_connection *newest;
    struct peer_connection *dead; /* closed ones, freed when epoll's answers are all done */
    size_t open_count;
    struct peer_ledger ledger;
    struct peer_watch signals;
    struct peer_control *control; /* NULL without --control-fd */
    bool is_accepting;
    bool is_out_of_resources; /* accepting pauses; retried on a timer too */
    bool is_shortage_told;
    bool has_served; /* one connection or datagram, for --once */
    bool is_stopping;
};

/* Opens everything; on failure says why in `error`. peer_server_close follows in any case. */
bool peer_server_open(struct peer_server *server, const struct peer_options *options,
                      struct peer_error *error);
/* Serves until a signal, the control channel's end, or --once; false with `error` when it must
 * give up. */
bool peer_server_run(struct peer_server *server, struct peer_error *error);
void peer_server_close(struct peer_server *server);

/* For the control channel: accepts what waits; brings a connection up to date; forgets it. */
void peer_server_accept_waiting(struct peer_server *server);
void peer_server_catch_up(struct peer_server *server, struct peer_connection *c);

#endif
