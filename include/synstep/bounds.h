/*
 * bounds: the one place that holds a series of crafted datagrams to the bounds of SECURITY.md.
 *
 * Between private hosts anything goes. On loopback from this host's own addresses, too. Toward any
 * other target, and from any foreign source: a finite number, at most SS_PACE_PER_SECOND_MAX a
 * second, only to the address that was named, and from another host's address only if that was said
 * (`spoof`). What was asked for is checked before anything is sent; then a wire holds every
 * datagram to it, whatever made it.
 *
 * Whom a datagram is for says not only its header: a source route, a routing header or a tunnel,
 * over UDP at its well-known port, too, could lead it on to others. Outside private hosts those are
 * refused, and what cannot be looked into with them. A frame carries nothing but such datagrams, or
 * the ARP request for the target; VLAN tags are looked through.
 */
#ifndef SYNSTEP_BOUNDS_H
#define SYNSTEP_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/wire.h"

enum { SS_BOUNDS_COUNT_MAX = 1000000 }; /* datagrams of one series toward others */

enum ss_bounds_place {
    SS_BOUNDS_PRIVATE,  /* two private hosts that this process made */
    SS_BOUNDS_LOOPBACK, /* the target is this host itself */
    SS_BOUNDS_OUTSIDE,
};

/* What is asked for. */
struct ss_bounds {
    enum ss_bounds_place place;
    struct ss_address source; /* this host's own, from which it reaches the target */
    struct ss_address target; /* the one that was named */
    bool spoof;               /* foreign sources are wanted */
    uint64_t count;           /* datagrams; at least 1 */
    uint64_t per_second;      /* the rate wanted; 0: none said */
    enum ss_link link;        /* whether what is sent begins with IP or with Ethernet */
    /* Of frames that leave this host. */
    bool ends_known; /* else any will do: before somebody was asked for them */
    struct ss_ethernet_ends ends;
};

/* Whether the series is bounded in number and rate. */
bool ss_bounds_are_narrow(const struct ss_bounds *bounds);

/* SS_USAGE names the bound that what is asked for exceeds. */
enum ss_status ss_bounds_check(const struct ss_bounds *bounds, struct ss_problem *problem);

/*
 * Whether a datagram or frame, as the wire would take it, is within bounds. SS_USAGE names the
 * bound.
 */
enum ss_status ss_bounds_datagram(const struct ss_bounds *bounds, const uint8_t *octets,
                                  size_t length, struct ss_problem *problem);

/*
 * A wire that passes on to `inner`, which it owns from then on, only what is within bounds: checks
 * `bounds`, refuses any other datagram and any beyond the count, and paces the rest. On failure
 * `inner` stays the caller's.
 */
enum ss_status ss_bounds_open(struct ss_wire *inner, const struct ss_bounds *bounds,
                              struct ss_wire **wire, struct ss_problem *problem);

#endif
