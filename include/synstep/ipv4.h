/*
 * ipv4: the IPv4 header (RFC 791 section 3.1), as values in host order.
 */
#ifndef SYNSTEP_IPV4_H
#define SYNSTEP_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"

enum { SS_IPV4_HEADER_BYTES = 20, SS_IPV4_HEADER_BYTES_MAX = 60 };

enum ss_ip_protocol {
    SS_IP_ICMP = 1,
    SS_IP_TCP = 6,
    SS_IP_UDP = 17,
    SS_IP_ICMPV6 = 58,
};

struct ss_ipv4_header {
    uint8_t version;   /* 4 bits */
    uint8_t ihl_words; /* 4 bits: header length in 32-bit words */
    uint8_t tos;       /* DSCP and ECN (RFC 2474, RFC 3168) */
    uint16_t total_length;
    uint16_t id;
    bool reserved_flag; /* must be 0 */
    bool dont_fragment;
    bool more_fragments;
    uint16_t fragment_offset_words; /* 13 bits, in units of 8 octets */
    uint8_t ttl;
    uint8_t protocol;
    uint16_t checksum;
    struct ss_address source;
    struct ss_address destination;
};

/*
 * Reads the fixed 20 octets, whatever they say: no field is judged here. False, `header` untouched,
 * when fewer are there.
 */
bool ss_ipv4_decode(const uint8_t *octets, size_t length, struct ss_ipv4_header *header);

/* Writes every field verbatim, the checksum too. Options, if any, are the caller's to append. */
void ss_ipv4_encode(const struct ss_ipv4_header *header, uint8_t octets[SS_IPV4_HEADER_BYTES]);

#endif
