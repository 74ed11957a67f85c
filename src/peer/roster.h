/*
 * roster: the open connections, in the order in which something last moved on them; how one
 * enters, and what becomes of it when it ends. Part of the server.
 */
#ifndef PEER_ROSTER_H
#define PEER_ROSTER_H

#include "server.h"

void peer_roster_add(struct peer_server *server, struct peer_connection *c);
/* Something moved on it. */
void peer_roster_touch(struct peer_server *server, struct peer_connection *c);
/* It ended: closed, and kept or freed. */
void peer_roster_retire(struct peer_server *server, struct peer_connection *c);
/* Frees what ended since the last call. */
void peer_roster_bury(struct peer_server *server);
/* Hangs up on those that were idle for too long. */
void peer_roster_expire(struct peer_server *server);
/* Milliseconds until the next one is idle for too long; -1: never. */
int peer_roster_wait_ms(const struct peer_server *server);
void peer_roster_close(struct peer_server *server);

#endif
