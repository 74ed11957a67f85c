/*
 * way: how far and to whom messages about groups and neighbours go, which are not for routers to
 * pass on: IGMP (RFC 2236 section 2, RFC 3376 section 4), MLD (RFC 2710 section 3, RFC 3810 section
 * 5), neighbour discovery (RFC 4861 section 4).
 *
 * Of use to whoever sends such a message with nothing said about its IP header, and to whoever
 * judges one.
 */
#ifndef SYNSTEP_WAY_H
#define SYNSTEP_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/layer.h"

struct ss_way {
    uint8_t hops; /* the time to live or hop limit: 1, or 255, which nobody can have from afar */
    bool alert;   /* routers are to look at it: a router alert goes with it */
    struct ss_address to; /* version 0: the message does not tell */
};

/*
 * The way of an IGMP or ICMPv6 message, whose header `message` is and `behind` what stands behind
 * it. False: it has no way of its own, as an echo has none.
 */
bool ss_way_of(const struct ss_layer *message, const uint8_t *behind, size_t length,
               struct ss_way *way);

/* A router alert as an option of IPv4 (RFC 2113), and of IPv6's hop-by-hop header (RFC 2711). */
enum { SS_WAY_ALERT_BYTES = 4 };
extern const uint8_t ss_way_alert_ipv4[SS_WAY_ALERT_BYTES];
extern const uint8_t ss_way_alert_ipv6[SS_WAY_ALERT_BYTES];

/* Whether one is among the options; for IPv6 only one for MLD, whose value is 0. */
bool ss_way_has_alert(uint8_t version, const uint8_t *options, size_t length);

#endif
