/*
 * connections: which TCP connection a packet of a capture belongs to, and what became of each.
 *
 * Two ends with their ports are one connection until it is over and one of them begins anew.
 * Connections are numbered from 1 in the order in which they are first seen.
 */
#ifndef SYNSTEP_CONNECTIONS_H
#define SYNSTEP_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/verify.h"

struct ss_connection {
    uint64_t number;
    struct ss_socket_address ends[2]; /* by enum ss_side: A sent the first SYN, or was seen first */
    bool late;                        /* it begins with something else than a SYN */
    uint64_t segments;
    uint64_t payload_bytes; /* as its segments carry them: what came twice counts twice */
    struct ss_verify verify;
};

/* How it stands with a connection after its last packet. */
enum ss_connection_end {
    SS_CONNECTION_OPEN,
    SS_CONNECTION_CLOSED,      /* both sent a FIN */
    SS_CONNECTION_HALF_OPEN,   /* B answered the SYN, A never answered that */
    SS_CONNECTION_HALF_CLOSED, /* one sent a FIN */
    SS_CONNECTION_RESET_A,     /* by whom */
    SS_CONNECTION_RESET_B,
    SS_CONNECTION_REFUSED,    /* B answered the SYN with a RST */
    SS_CONNECTION_UNANSWERED, /* B sent nothing */
};

enum ss_connection_end ss_connection_end(const struct ss_connection *connection);

/* The same of one of which only this is known. */
enum ss_connection_end ss_connection_end_of(const struct ss_verify *verify, bool late);

/* "closed", "reset by the client"; static storage. */
const char *ss_connection_end_text(enum ss_connection_end end);

struct ss_connections;

/* NULL when out of memory. Free with ss_connections_free (NULL is fine). */
struct ss_connections *ss_connections_new(void);
void ss_connections_free(struct ss_connections *connections);

/* A packet as it was found to belong. */
struct ss_connection_packet {
    const struct ss_connection *connection; /* owned by the connections, valid until freed */
    enum ss_side from;
    struct ss_verdicts verdicts; /* what verify says of it */
};

/* Takes in a TCP packet (not asserted of any other). SS_IO when out of memory. */
enum ss_status ss_connections_take(struct ss_connections *connections,
                                   const struct ss_packet *packet, uint64_t time_us,
                                   struct ss_connection_packet *taken);

size_t ss_connections_count(const struct ss_connections *connections);

/* The connection of number `index` + 1. */
const struct ss_connection *ss_connections_at(const struct ss_connections *connections,
                                              size_t index);

#endif
