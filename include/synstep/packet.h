/*
 * packet: a view of one frame: where each header lies and what it says.
 *
 * Borrows the frame and is valid as long as it. Takes any octets whatever: lengths are believed
 * only after they are checked, and what is wrong is named in `faults`.
 */
#ifndef SYNSTEP_PACKET_H
#define SYNSTEP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/checksum.h"
#include "synstep/icmp.h"
#include "synstep/ipv4.h"
#include "synstep/ipv6.h"
#include "synstep/linktype.h"
#include "synstep/tcp.h"
#include "synstep/tcp_option.h"

/* What is wrong with a frame; bits of ss_packet.faults. */
enum ss_packet_fault {
    SS_FAULT_LINK_CUT = 1 << 0,         /* shorter than its link header */
    SS_FAULT_NOT_IP = 1 << 1,           /* another protocol, or an IP version other than 4 and 6 */
    SS_FAULT_IP_CUT = 1 << 2,           /* shorter than its IP header */
    SS_FAULT_IP_HEADER_LENGTH = 1 << 3, /* IHL below 5, or past the end */
    SS_FAULT_IP_LENGTH = 1 << 4,        /* total length below the header or above what is here */
    SS_FAULT_IP_EXTENSIONS = 1 << 5,    /* the IPv6 extension headers do not lead anywhere */
    SS_FAULT_TRANSPORT_CUT = 1 << 6,    /* shorter than its TCP or ICMP header */
    SS_FAULT_TCP_OFFSET = 1 << 7,       /* data offset below 5, or past the end */
    SS_FAULT_TCP_OPTIONS = 1 << 8,      /* an option's length is wrong */
};

enum ss_transport {
    SS_TRANSPORT_NONE, /* not reached: a fault, a later fragment, or a protocol not read here */
    SS_TRANSPORT_TCP,
    SS_TRANSPORT_ICMP, /* ICMP or ICMPv6, by the IP version */
};

struct ss_packet {
    const uint8_t *frame;
    size_t frame_length;
    uint32_t faults; /* enum ss_packet_fault, or-ed */

    uint8_t version; /* 4, 6, or 0 when no IP header was read */
    bool fragment;   /* part of a fragmented datagram */
    uint8_t protocol;
    struct ss_address source;
    struct ss_address destination;
    struct ss_ipv4_header ipv4; /* when version is 4 */
    struct ss_ipv6_header ipv6; /* when version is 6 */
    size_t ip_offset;           /* all offsets count octets from the start of the frame */
    size_t transport_offset;
    size_t payload_offset;
    size_t payload_length;  /* what the lengths say and the frame holds, padding left out */
    size_t payload_missing; /* what the IP length says beyond it: not captured, or a lie */

    enum ss_transport transport;
    struct ss_tcp_header tcp;      /* when transport is TCP */
    struct ss_tcp_options options; /* likewise */
    struct ss_icmp_header icmp;    /* when transport is ICMP */

    enum ss_checksum_state ip_checksum;
    enum ss_checksum_state transport_checksum;
    uint16_t transport_checksum_expected; /* host order; when transport_checksum is not NONE */
};

/* Reads a frame. Never fails: a frame of which nothing can be read is a view with faults. */
void ss_packet_decode(enum ss_link link, const uint8_t *frame, size_t length,
                      struct ss_packet *packet);

/*
 * The same of a frame that was captured before a card cut it to size: the total length of its IPv4
 * header may be 0, and the datagram is then what the frame holds.
 */
void ss_packet_decode_unsized(enum ss_link link, const uint8_t *frame, size_t length,
                              struct ss_packet *packet);

/* SEG.LEN of a TCP packet. */
uint32_t ss_packet_segment_length(const struct ss_packet *packet);

/* The payload, borrowed from the frame. */
const uint8_t *ss_packet_payload(const struct ss_packet *packet);

/*
 * For an ICMP error: reads the header of the packet it quotes into `quoted` (its source and
 * destination, ports, and as much of the TCP header as is there: at least ports and seq, 8 octets).
 * False when this is no ICMP error or it quotes too little.
 */
bool ss_packet_quoted(const struct ss_packet *packet, struct ss_socket_address *source,
                      struct ss_socket_address *destination, struct ss_seq *seq);

/* The first fault in words ("TCP data offset points past the end"), static storage; NULL: none. */
const char *ss_packet_fault_text(uint32_t faults);

#endif
