/* connections: a table of connections by their two ends, and a list of them in order. */
#include "synstep/connections.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/verify_extra.h"

enum { BUCKETS_FIRST = 256 };

/* One connection; `next` has the same bucket, newer ones first. */
struct entry {
    struct ss_connection connection;
    struct ss_verify_room room; /* verify's, of this connection */
    struct entry *next;
};

struct ss_connections {
    struct entry **list; /* by number */
    size_t count;
    size_t room;
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
};

struct ss_connections *ss_connections_new(void)
{
    struct ss_connections *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->bucket_count = BUCKETS_FIRST;
    made->buckets = calloc(made->bucket_count, sizeof(struct entry *));
    if (made->buckets)
        return made;
    free(made);
    return NULL;
}

void ss_connections_free(struct ss_connections *connections)
{
    if (!connections)
        return;
    for (size_t i = 0; i < connections->count; i++)
        free(connections->list[i]);
    free(connections->list);
    free(connections->buckets);
    free(connections);
}

size_t ss_connections_count(const struct ss_connections *connections)
{
    return connections->count;
}

const struct ss_connection *ss_connections_at(const struct ss_connections *connections,
                                              size_t index)
{
    assert(index < connections->count);
    return &connections->list[index]->connection;
}

/* --- finding ------------------------------------------------------------------------------------
 */

/* FNV-1a */
static uint32_t hash_end(const struct ss_socket_address *end)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < sizeof(end->address.octets); i++)
        hash = (hash ^ end->address.octets[i]) * 16777619U;
    return (hash ^ end->port) * 16777619U;
}

/* The same for both directions. */
static size_t bucket_of(const struct ss_connections *connections,
                        const struct ss_socket_address ends[2])
{
    return (hash_end(&ends[0]) + hash_end(&ends[1])) & (connections->bucket_count - 1);
}

static bool is_between(const struct ss_connection *connection,
                       const struct ss_socket_address ends[2], enum ss_side *from)
{
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        if (ss_socket_address_equal(&connection->ends[side], &ends[0]) &&
            ss_socket_address_equal(&connection->ends[1 - side], &ends[1])) {
            *from = (enum ss_side)side;
            return true;
        }
    return false;
}

static struct entry *find(const struct ss_connections *connections,
                          const struct ss_socket_address ends[2], enum ss_side *from)
{
    struct entry *entry = connections->buckets[bucket_of(connections, ends)];
    while (entry && !is_between(&entry->connection, ends, from))
        entry = entry->next;
    return entry;
}

/* --- growing ------------------------------------------------------------------------------------
 */

static void link_entry(struct ss_connections *connections, struct entry *entry)
{
    size_t bucket = bucket_of(connections, entry->connection.ends);
    entry->next = connections->buckets[bucket];
    connections->buckets[bucket] = entry;
}

/* As many buckets as connections; in the order of their numbers, so that the newest come first. */
static bool spread(struct ss_connections *connections)
{
    if (connections->count < connections->bucket_count)
        return true;
    struct entry **buckets = calloc(2 * connections->bucket_count, sizeof(struct entry *));
    if (!buckets)
        return false;
    free(connections->buckets);
    connections->buckets = buckets;
    connections->bucket_count *= 2;
    for (size_t i = 0; i < connections->count; i++)
        link_entry(connections, connections->list[i]);
    return true;
}

static bool make_room(struct ss_connections *connections)
{
    if (connections->count < connections->room)
        return spread(connections);
    size_t room = connections->room ? 2 * connections->room : 64;
    struct entry **list = realloc(connections->list, room * sizeof(struct entry *));
    if (!list)
        return false;
    connections->list = list;
    connections->room = room;
    return spread(connections);
}

/* Whose SYN it is: an answer to one is sent by the other end (RFC 9293 section 3.5). */
static enum ss_side sender_of_first(const struct ss_packet *packet)
{
    const uint8_t answer = SS_TCP_SYN | SS_TCP_ACK;
    return (packet->tcp.flags & answer) == answer ? SS_SIDE_B : SS_SIDE_A;
}

static struct entry *add(struct ss_connections *connections, const struct ss_packet *packet,
                         const struct ss_socket_address ends[2], enum ss_side *from)
{
    struct entry *entry = make_room(connections) ? calloc(1, sizeof(*entry)) : NULL;
    if (!entry)
        return NULL;
    struct ss_connection *connection = &entry->connection;
    *from = sender_of_first(packet);
    connection->ends[*from] = ends[0];
    connection->ends[ss_side_other(*from)] = ends[1];
    connection->late = *from == SS_SIDE_B || !(packet->tcp.flags & SS_TCP_SYN);
    ss_verify_init(&connection->verify);
    ss_verify_room_init(&entry->room);
    link_entry(connections, entry);
    connections->list[connections->count++] = entry;
    connection->number = connections->count;
    return entry;
}

/* --- what became of it --------------------------------------------------------------------------
 */

enum ss_connection_end ss_connection_end(const struct ss_connection *connection)
{
    return ss_connection_end_of(&connection->verify, connection->late);
}

/*
 * Its handshake was begun, and never finished by A; where nothing of A was captured, what B sent
 * later tells that it was. An end that answers a SYN with an old connection's numbers is half-open
 * in the words of RFC 9293 section 3.5.1.
 */
static bool is_half_open(const struct ss_verify_side *a, const struct ss_verify_side *b)
{
    return (a->syn_sent || b->synack_sent) && !a->handshake_done && !b->handshake_done;
}

enum ss_connection_end ss_connection_end_of(const struct ss_verify *verify, bool late)
{
    const struct ss_verify_side *a = &verify->sides[SS_SIDE_A];
    const struct ss_verify_side *b = &verify->sides[SS_SIDE_B];
    if (b->reset)
        return late || b->isn_known ? SS_CONNECTION_RESET_B : SS_CONNECTION_REFUSED;
    if (a->reset)
        return SS_CONNECTION_RESET_A;
    if (a->fin_known && b->fin_known)
        return SS_CONNECTION_CLOSED;
    if (b->segments == 0)
        return SS_CONNECTION_UNANSWERED;
    if (a->fin_known || b->fin_known)
        return SS_CONNECTION_HALF_CLOSED;
    return is_half_open(a, b) ? SS_CONNECTION_HALF_OPEN : SS_CONNECTION_OPEN;
}

const char *ss_connection_end_text(enum ss_connection_end end)
{
    switch (end) {
    case SS_CONNECTION_OPEN:
        return "still open";
    case SS_CONNECTION_CLOSED:
        return "closed";
    case SS_CONNECTION_HALF_OPEN:
        return "half-open";
    case SS_CONNECTION_HALF_CLOSED:
        return "half-closed";
    case SS_CONNECTION_RESET_A:
        return "reset by the client";
    case SS_CONNECTION_RESET_B:
        return "reset by the server";
    case SS_CONNECTION_REFUSED:
        return "refused";
    case SS_CONNECTION_UNANSWERED:
        return "no answer";
    }
    return "unknown";
}

/* Within a connection that stands a SYN is an old duplicate, or somebody's attack: part of it. */
static bool begins_anew(const struct ss_connection *connection, const struct ss_packet *packet,
                        enum ss_side from)
{
    return packet->transport_checksum != SS_CHECKSUM_BAD &&
           ss_verify_begins_anew(&connection->verify, from, packet);
}

enum ss_status ss_connections_take(struct ss_connections *connections,
                                   const struct ss_packet *packet, uint64_t time_us,
                                   struct ss_connection_packet *taken)
{
    const struct ss_socket_address ends[2] = {
        {packet->source, packet->tcp.source_port},
        {packet->destination, packet->tcp.destination_port},
    };
    struct entry *entry = find(connections, ends, &taken->from);
    if (!entry || begins_anew(&entry->connection, packet, taken->from))
        entry = add(connections, packet, ends, &taken->from);
    if (!entry)
        return SS_IO;
    struct ss_connection *connection = &entry->connection;
    connection->segments++;
    connection->payload_bytes += packet->payload_length;
    ss_verify_packet(&connection->verify, &entry->room.extra, taken->from, packet, time_us,
                     &taken->verdicts);
    taken->connection = connection;
    return SS_OK;
}
