/* accept: takes connections in, and pauses when no more can or may be taken. Part of the server. */
#ifndef PEER_ACCEPT_H
#define PEER_ACCEPT_H

#include "server.h"

void peer_accept_from(struct peer_server *server, const struct peer_listener *listener);
/* Starts or stops waiting for new connections, as the limits now say. */
void peer_accept_update(struct peer_server *server);
/* After --once has its one: nobody else is let in. */
void peer_accept_close(struct peer_server *server);

#endif
