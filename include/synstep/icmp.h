/*
 * icmp: what ICMP (RFC 792) and ICMPv6 (RFC 4443) error messages say of a segment of ours.
 */
#ifndef SYNSTEP_ICMP_H
#define SYNSTEP_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SS_ICMP_HEADER_BYTES = 8 };

struct ss_icmp_header {
    uint8_t type;
    uint8_t code;
    uint16_t checksum;
    uint32_t rest; /* the four octets whose meaning the type gives */
};

/* Reads the 8 octets, judging nothing. False, `header` untouched, when fewer are there. */
bool ss_icmp_decode(const uint8_t *octets, size_t length, struct ss_icmp_header *header);

void ss_icmp_encode(const struct ss_icmp_header *header, uint8_t octets[SS_ICMP_HEADER_BYTES]);

/* Whether the message is an error that quotes the packet it is about. `version` is 4 or 6. */
bool ss_icmp_is_error(uint8_t version, uint8_t type);

/*
 * "port unreachable", "fragmentation needed": the message in words, static storage; never NULL.
 */
const char *ss_icmp_text(uint8_t version, uint8_t type, uint8_t code);

#endif
