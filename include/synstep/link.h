/*
 * link: a wire of whole Ethernet frames: libnet out, a packet socket with a filter compiled by
 * libpcap in.
 *
 * Nothing is rewritten: what is sent arrives octet for octet, link header, IP checksum and all.
 * The capture is armed before open returns. Each frame is delivered once, from its Ethernet header
 * on, a VLAN tag restored to where it was; what leaves this host is not delivered. On loopback what
 * was sent comes in again, as for any socket there, and this host's IPv4 takes no such frame for
 * its own (it has not routed it): only captures see it.
 */
#ifndef SYNSTEP_LINK_H
#define SYNSTEP_LINK_H

#include <signal.h>
#include <stdint.h>

#include "synstep/ethernet.h"
#include "synstep/route.h"
#include "synstep/status.h"
#include "synstep/wire.h"

/* What is to be delivered. */
enum ss_link_hear {
    SS_LINK_HEAR_PEER,         /* every datagram from the peer's address, and ICMP errors */
    SS_LINK_HEAR_PEER_AND_ARP, /* and ARP of which the peer is the sender, where it is IPv4 */
    SS_LINK_HEAR_ANY_ARP, /* datagrams as SS_RAW_HEAR_GROUPS; where it is IPv4 anybody's ARP, too */
    SS_LINK_HEAR_NEIGHBOUR, /* ARP replies and neighbour advertisements for the peer's address */
    SS_LINK_HEAR_NOTHING,   /* no answer is awaited: nothing is captured */
};

struct ss_link_options {
    struct ss_route route; /* interface and the two addresses */
    enum ss_link_hear hear;
    const volatile sig_atomic_t *stop; /* as in ss_raw_options */
};

/*
 * Opens it; needs CAP_NET_RAW at that moment and never after. On success `*wire` is the caller's,
 * to be closed with ss_wire_close. SS_USAGE: the interface is not there or carries no Ethernet
 * frames; SS_FORBIDDEN names the ways to be permitted.
 *
 * A send is refused (SS_USAGE) when the frame has no whole link header or exceeds the interface's
 * MTU. Frames are gathered until the next receive or flush, where a queue that stays full for a
 * second is SS_IO.
 */
enum ss_status ss_link_open(const struct ss_link_options *options, struct ss_wire **wire,
                            struct ss_problem *problem);

/* What stands behind an interface. */
struct ss_link_card {
    uint8_t address[SS_ETHERNET_ADDRESS_BYTES];
    uint32_t mtu; /* octets behind the Ethernet header, and behind a VLAN tag */
};

/* SS_USAGE: there is no such interface, or it carries no Ethernet frames. */
enum ss_status ss_link_card(const char *interface, struct ss_link_card *card,
                            struct ss_problem *problem);

#endif
