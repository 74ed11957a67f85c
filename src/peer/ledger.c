/* ledger: TCP connections by their client's address. */
#include "ledger.h"

#include <stdlib.h>

static struct peer_connection **bucket_of(struct peer_ledger *ledger,
                                          const struct peer_address *client)
{
    return &ledger->buckets[peer_address_hash(client) % PEER_LEDGER_BUCKETS];
}

struct peer_connection *peer_ledger_find(const struct peer_ledger *ledger,
                                         const struct peer_address *client)
{
    struct peer_connection *c = ledger->buckets[peer_address_hash(client) % PEER_LEDGER_BUCKETS];
    while (c != NULL && !peer_address_same_ip(&c->client, client))
        c = c->next_in_bucket;
    return c;
}

static void unlink_kept(struct peer_ledger *ledger, struct peer_connection *c)
{
    if (c->older != NULL)
        c->older->newer = c->newer;
    else
        ledger->oldest_kept = c->newer;
    if (c->newer != NULL)
        c->newer->older = c->older;
    else
        ledger->newest_kept = c->older;
    ledger->kept--;
}

void peer_ledger_forget(struct peer_ledger *ledger, struct peer_connection *c)
{
    struct peer_connection **link = bucket_of(ledger, &c->client);
    while (*link != NULL && *link != c)
        link = &(*link)->next_in_bucket;
    if (*link != NULL)
        *link = c->next_in_bucket;
    c->next_in_bucket = NULL;
    c->is_registered = false;
    if (c->phase == PEER_KEPT) {
        unlink_kept(ledger, c);
        free(c);
    }
}

void peer_ledger_add(struct peer_ledger *ledger, struct peer_connection *c)
{
    struct peer_connection *earlier = peer_ledger_find(ledger, &c->client);
    if (earlier != NULL && earlier->phase == PEER_KEPT)
        peer_ledger_forget(ledger, earlier);
    struct peer_connection **bucket = bucket_of(ledger, &c->client);
    c->next_in_bucket = *bucket;
    *bucket = c;
    c->is_registered = true;
}

void peer_ledger_keep(struct peer_ledger *ledger, struct peer_connection *c)
{
    c->newer = NULL;
    c->older = ledger->newest_kept;
    if (c->older != NULL)
        c->older->newer = c;
    else
        ledger->oldest_kept = c;
    ledger->newest_kept = c;
    ledger->kept++;
    if (ledger->kept > PEER_KEPT_MOST)
        peer_ledger_forget(ledger, ledger->oldest_kept);
}

void peer_ledger_close(struct peer_ledger *ledger)
{
    while (ledger->oldest_kept != NULL)
        peer_ledger_forget(ledger, ledger->oldest_kept);
}
