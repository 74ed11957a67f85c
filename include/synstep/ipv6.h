/*
 * ipv6: the IPv6 header (RFC 8200 section 3), as values in host order, and the walk over
 * extension headers (section 4).
 */
#ifndef SYNSTEP_IPV6_H
#define SYNSTEP_IPV6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"

enum { SS_IPV6_HEADER_BYTES = 40 };

struct ss_ipv6_header {
    uint8_t version; /* 4 bits */
    uint8_t traffic_class;
    uint32_t flow_label; /* 20 bits */
    uint16_t payload_length;
    uint8_t next_header;
    uint8_t hop_limit;
    struct ss_address source;
    struct ss_address destination;
};

/* Reads the 40 octets, judging nothing. False, `header` untouched, when fewer are there. */
bool ss_ipv6_decode(const uint8_t *octets, size_t length, struct ss_ipv6_header *header);

void ss_ipv6_encode(const struct ss_ipv6_header *header, uint8_t octets[SS_IPV6_HEADER_BYTES]);

/* Where the extension headers lead. */
struct ss_ipv6_upper {
    uint8_t protocol;         /* the upper layer's protocol number */
    size_t offset;            /* octets from the end of the fixed header to the upper layer */
    bool fragment;            /* a fragment other than an atomic one (RFC 6946) */
    uint32_t fragment_offset; /* in octets */
    size_t fragment_header;   /* of the fragment: octets from the end of the fixed header to it, */
    size_t fragment_named_at; /* and from the start of the fixed header to the octet naming it */
    bool rerouted; /* a routing header with segments left or a home address (RFC 6275): the
                      pseudo-header's addresses are not those of the fixed header */
};

/*
 * Walks hop-by-hop, routing, fragment and destination headers in `octets` (what follows the fixed
 * header), starting with `next_header`. False when a header is cut or the chain does not end.
 */
bool ss_ipv6_walk(const uint8_t *octets, size_t length, uint8_t next_header,
                  struct ss_ipv6_upper *upper);

#endif
