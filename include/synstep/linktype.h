/*
 * linktype: what stands before the IP header in a frame, by the link type that a capture file names
 * (pcap-linktype(7)): Ethernet, Linux cooked, BSD loopback, PPP, raw IP. VLAN tags and PPPoE
 * sessions are passed wherever an EtherType announces them.
 *
 * Every header may be cut or lie: the cursor never leaves its bounds, and its `short_` tells.
 */
#ifndef SYNSTEP_LINKTYPE_H
#define SYNSTEP_LINKTYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/bytes.h"

/* How ss_packet_decode is to read a frame. */
enum ss_link {
    SS_LINK_IP,       /* the frame begins with the IP header */
    SS_LINK_ETHERNET, /* the frame begins with an Ethernet header */
};

/* Link types as pcap and pcapng files number them: those that are read here. */
enum ss_linktype {
    SS_LINKTYPE_NULL = 0, /* BSD loopback */
    SS_LINKTYPE_ETHERNET = 1,
    SS_LINKTYPE_PPP = 9,      /* with or without HDLC's address and control */
    SS_LINKTYPE_RAW_OLD = 12, /* raw IP, as most systems once wrote it */
    SS_LINKTYPE_RAW_OPENBSD = 14,
    SS_LINKTYPE_PPP_HDLC = 50,  /* or Cisco's HDLC */
    SS_LINKTYPE_PPP_ETHER = 51, /* begins with the PPPoE header */
    SS_LINKTYPE_RAW = 101,      /* raw IP, of either version */
    SS_LINKTYPE_CISCO_HDLC = 104,
    SS_LINKTYPE_LOOP = 108,          /* OpenBSD's loopback */
    SS_LINKTYPE_COOKED = 113,        /* Linux's "any" device */
    SS_LINKTYPE_PPP_PPPD = 166,      /* the first octet tells the direction */
    SS_LINKTYPE_PPP_DIRECTION = 204, /* an octet before PPP tells the direction */
    SS_LINKTYPE_IPV4 = 228,
    SS_LINKTYPE_IPV6 = 229,
    SS_LINKTYPE_COOKED_2 = 276,
};

/* Whether frames of this link type can be read. */
bool ss_linktype_is_known(uint32_t linktype);

/* What it is called, as LINKTYPE_ names go: of those that are read and of common others, static
 * storage; "unknown" of the rest. */
const char *ss_linktype_name(uint32_t linktype);

/*
 * Moves the cursor to where `*link` begins in a frame of a known link type. False when that carries
 * no IP here, or is cut; an Ethernet header is left to ss_packet_decode, and always there.
 */
bool ss_linktype_pass(uint32_t linktype, struct ss_cursor *cursor, enum ss_link *link);

/*
 * Passes what an EtherType announces before IP: up to two VLAN tags (IEEE 802.1Q, 802.1ad), then a
 * PPPoE session (RFC 2516 section 4). The version of the IP that follows; 0: none, or it is cut.
 */
uint8_t ss_linktype_pass_ethertype(struct ss_cursor *cursor, uint16_t ethertype);

#endif
