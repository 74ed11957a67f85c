/*
 * craft: field values -> the octets of one TCP/IP datagram.
 *
 * A field that can be computed (lengths, offsets, checksums) is computed unless `verbatim` says
 * that the value given is to be sent as it is, however wrong: any illegal packet can be made.
 */
#ifndef SYNSTEP_CRAFT_H
#define SYNSTEP_CRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/ipv4.h"
#include "synstep/ipv6.h"
#include "synstep/status.h"
#include "synstep/tcp.h"

/* The fields that craft computes; bits of ss_craft.verbatim. */
enum ss_craft_field {
    SS_CRAFT_IPV4_VERSION = 1 << 0,
    SS_CRAFT_IPV4_IHL = 1 << 1,
    SS_CRAFT_IPV4_TOTAL_LENGTH = 1 << 2,
    SS_CRAFT_IPV4_PROTOCOL = 1 << 3,
    SS_CRAFT_IPV4_CHECKSUM = 1 << 4,
    SS_CRAFT_IPV6_VERSION = 1 << 5,
    SS_CRAFT_IPV6_PAYLOAD_LENGTH = 1 << 6,
    SS_CRAFT_IPV6_NEXT_HEADER = 1 << 7,
    SS_CRAFT_TCP_OFFSET = 1 << 8,
    SS_CRAFT_TCP_CHECKSUM = 1 << 9,
};

struct ss_craft {
    uint8_t version;   /* 4 or 6: which IP header is built */
    uint32_t verbatim; /* enum ss_craft_field, or-ed */
    struct ss_ipv4_header ipv4;
    struct ss_ipv6_header ipv6;
    struct ss_tcp_header tcp;
    const uint8_t *options; /* TCP options as octets, borrowed; padded with zeros to 4 */
    size_t options_length;  /* 0 to 40 */
    const uint8_t *payload; /* borrowed */
    size_t payload_length;
};

/*
 * Everything zero but: version, TTL or hop limit 64, don't fragment, and the addresses and ports of
 * the two ends, whose versions must be the same.
 */
struct ss_craft ss_craft_between(const struct ss_socket_address *source,
                                 const struct ss_socket_address *destination);

/*
 * Builds the datagram, beginning with the IP header, into `octets`; `length` gets its length.
 * SS_NO_SPACE when it exceeds `size`; SS_USAGE when the options exceed 40 octets or the datagram
 * what its length field can say. On failure nothing that counts is written, `length` untouched.
 */
enum ss_status ss_craft_build(const struct ss_craft *craft, uint8_t *octets, size_t size,
                              size_t *length);

#endif
