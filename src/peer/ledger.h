/*
 * ledger: the TCP connections by their client's address, for the control channel.
 *
 * It finds the newest from an address and a port. A closed one is kept for its last witness until
 * it is forgotten, a newer one from the same address and port comes, or PEER_KEPT_MOST newer
 * closed ones are there. It owns the closed ones it keeps.
 */
#ifndef PEER_LEDGER_H
#define PEER_LEDGER_H

#include "connection.h"

enum { PEER_LEDGER_BUCKETS = 4096, PEER_KEPT_MOST = 1024 };

struct peer_ledger {
    struct peer_connection *buckets[PEER_LEDGER_BUCKETS];
    struct peer_connection *oldest_kept;
    struct peer_connection *newest_kept;
    size_t kept;
};

void peer_ledger_add(struct peer_ledger *ledger, struct peer_connection *c);
struct peer_connection *peer_ledger_find(const struct peer_ledger *ledger,
                                         const struct peer_address *client);
/* Takes it out; one that is closed is freed. */
void peer_ledger_forget(struct peer_ledger *ledger, struct peer_connection *c);
/* Keeps a connection that was just closed (its phase is PEER_KEPT). */
void peer_ledger_keep(struct peer_ledger *ledger, struct peer_connection *c);
void peer_ledger_close(struct peer_ledger *ledger);

#endif
