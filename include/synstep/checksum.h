/*
 * checksum: the Internet checksum (RFC 1071) and the TCP/UDP/ICMPv6 pseudo-headers
 * (RFC 9293 section 3.1, RFC 8200 section 8.1).
 */
#ifndef SYNSTEP_CHECKSUM_H
#define SYNSTEP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"

/*
 * A sum under way: 16-bit big-endian words added up in 64 bits, not yet folded. Sums of parts that
 * begin at even offsets may be added to each other.
 */
typedef uint64_t ss_checksum_sum;

/* The sum of `length` octets; an odd last octet counts as if a zero followed. */
ss_checksum_sum ss_checksum_add(ss_checksum_sum sum, const uint8_t *octets, size_t length);

/* The sum of the pseudo-header for `protocol` carrying `length` octets between two addresses. */
ss_checksum_sum ss_checksum_pseudo(const struct ss_address *source,
                                   const struct ss_address *destination, uint8_t protocol,
                                   uint32_t length);

/* Folded to 16 bits, NOT complemented: what a kernel leaves to the card (checksum offload). */
uint16_t ss_checksum_fold(ss_checksum_sum sum);

/* Folded and complemented: the value for the header's field, host order. */
uint16_t ss_checksum_finish(ss_checksum_sum sum);

/* What a look at a checksum found. */
enum ss_checksum_state {
    SS_CHECKSUM_NONE, /* this packet carries none, or not all octets it covers are here */
    SS_CHECKSUM_GOOD,
    SS_CHECKSUM_BAD,
    SS_CHECKSUM_OFFLOADED, /* the folded pseudo-header sum: the card was to finish it */
};

#endif
