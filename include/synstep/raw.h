/*
 * raw: the wire of this project: SOCK_RAW with IP_HDRINCL (IPV6_HDRINCL) out, a packet socket with
 * a filter compiled by libpcap in.
 *
 * The capture is armed before open returns, so no reply to a later send is missed; on loopback,
 * where every frame passes twice, each is delivered once. Delivered are only datagrams from `peer`
 * to `local`: TCP of the two addresses and ports, and ICMP errors to `local`. The kernel overwrites
 * IPv4 total length and header checksum, a zero id and a zero source (raw(7)); all else is
 * verbatim.
 */
#ifndef SYNSTEP_RAW_H
#define SYNSTEP_RAW_H

#include <signal.h>
#include <stdbool.h>

#include "synstep/address.h"
#include "synstep/route.h"
#include "synstep/status.h"
#include "synstep/wire.h"

/* What is to be delivered. */
enum ss_raw_hear {
    SS_RAW_HEAR_TCP,    /* as above */
    SS_RAW_HEAR_ALL,    /* everything from the peer's address, and ICMP errors */
    SS_RAW_HEAR_GROUPS, /* the same, and what anybody on the link sends to a multicast group */
    /*
     * No answer is awaited: nothing is captured, and a receive only flushes and lets time pass.
     * Spares the close its 8 to 16 ms, and each packet on this machine its time stamp.
     */
    SS_RAW_HEAR_NOTHING,
};

struct ss_raw_options {
    struct ss_route route; /* interface and the two addresses */
    uint16_t local_port;   /* 0: any (a bench changes ports while the wire stays open) */
    uint16_t peer_port;    /* 0: any */
    enum ss_raw_hear hear;
    /*
     * Set by the caller's handler of SIGINT, SIGTERM and SIGHUP, which the wire lets in while it
     * waits, whether or not the caller blocks them elsewhere. NULL: no way to stop.
     */
    const volatile sig_atomic_t *stop;
};

/*
 * Opens both sockets; needs CAP_NET_RAW at that moment and never after. On success `*wire` is
 * the caller's, to be closed with ss_wire_close. SS_FORBIDDEN names the ways to be permitted.
 */
enum ss_status ss_raw_open(const struct ss_raw_options *options, struct ss_wire **wire,
                           struct ss_problem *problem);

/*
 * SS_USAGE says why a datagram of that IP version cannot be sent octet for octet: it is too short
 * for a raw socket, or the kernel would rewrite what it says. The link wire carries it.
 */
enum ss_status ss_raw_check(uint8_t version, const uint8_t *octets, size_t length,
                            struct ss_problem *problem);

#endif
