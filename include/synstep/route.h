/*
 * route: from what a user typed to the two addresses and the interface between them.
 */
#ifndef SYNSTEP_ROUTE_H
#define SYNSTEP_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/status.h"

struct ss_route {
    struct ss_address local;
    struct ss_address peer;
    unsigned interface_index;
    unsigned scope_index; /* the zone of link-local addresses (RFC 4007 section 6): differs from
                             interface_index when the peer is this host itself */
    char interface[IF_NAMESIZE];
    uint32_t mtu;  /* octets of one IP datagram */
    bool loopback; /* the peer is this host itself */
};

/* What a user asked for; empty strings and zeros leave the choice to the kernel's routing table. */
struct ss_route_request {
    const char *target;    /* "HOST:PORT", "[fd00::1]:80", "[fe80::1%eth0]:http"; names resolve */
    uint8_t version;       /* 4, 6, or 0: as the name resolves */
    const char *interface; /* NULL: the route's */
    const char *source;    /* NULL: the route's; else an address of this host */
};

/*
 * Resolves the target and asks the kernel (netlink) for the route. SS_USAGE: the text cannot be,
 * the name does not resolve, the interface or source is not this host's, the address is not that of
 * one host; SS_IO: no route. The
 * problem says which, and what to do.
 */
enum ss_status ss_route_find(const struct ss_route_request *request, struct ss_route *route,
                             uint16_t *port, struct ss_problem *problem);

/* As above for two addresses already known. `source` of version 0: the route's. */
enum ss_status ss_route_to(const struct ss_address *peer, const struct ss_address *source,
                           const char *interface, struct ss_route *route,
                           struct ss_problem *problem);

#endif
