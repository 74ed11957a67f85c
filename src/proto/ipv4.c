/*
 * ipv4: the 20-octet header, read and written.
 */
#include "synstep/ipv4.h"

#include <string.h>

#include "synstep/bytes.h"

/* The 16 bits that hold the flags and the fragment offset (RFC 791 section 3.1). */
enum {
    RESERVED_BIT = 0x8000,
    DONT_FRAGMENT_BIT = 0x4000,
    MORE_FRAGMENTS_BIT = 0x2000,
    FRAGMENT_OFFSET_MASK = 0x1fff,
};

static void decode_fragmentation(uint16_t bits, struct ss_ipv4_header *header)
{
    header->reserved_flag = (bits & RESERVED_BIT) != 0;
    header->dont_fragment = (bits & DONT_FRAGMENT_BIT) != 0;
    header->more_fragments = (bits & MORE_FRAGMENTS_BIT) != 0;
    header->fragment_offset_words = bits & FRAGMENT_OFFSET_MASK;
}

static uint16_t encode_fragmentation(const struct ss_ipv4_header *header)
{
    return (uint16_t)((header->reserved_flag ? RESERVED_BIT : 0) |
                      (header->dont_fragment ? DONT_FRAGMENT_BIT : 0) |
                      (header->more_fragments ? MORE_FRAGMENTS_BIT : 0) |
                      (header->fragment_offset_words & FRAGMENT_OFFSET_MASK));
}

bool ss_ipv4_decode(const uint8_t *octets, size_t length, struct ss_ipv4_header *header)
{
    if (length < SS_IPV4_HEADER_BYTES)
        return false;
    header->version = octets[0] >> 4;
    header->ihl_words = octets[0] & 0x0f;
    header->tos = octets[1];
    header->total_length = ss_bytes_get16(octets + 2);
    header->id = ss_bytes_get16(octets + 4);
    decode_fragmentation(ss_bytes_get16(octets + 6), header);
    header->ttl = octets[8];
    header->protocol = octets[9];
    header->checksum = ss_bytes_get16(octets + 10);
    ss_address_set_v4(&header->source, octets + 12);
    ss_address_set_v4(&header->destination, octets + 16);
    return true;
}

void ss_ipv4_encode(const struct ss_ipv4_header *header, uint8_t octets[SS_IPV4_HEADER_BYTES])
{
    octets[0] = (uint8_t)(header->version << 4 | (header->ihl_words & 0x0f));
    octets[1] = header->tos;
    ss_bytes_put16(octets + 2, header->total_length);
    ss_bytes_put16(octets + 4, header->id);
    ss_bytes_put16(octets + 6, encode_fragmentation(header));
    octets[8] = header->ttl;
    octets[9] = header->protocol;
    ss_bytes_put16(octets + 10, header->checksum);
    memcpy(octets + 12, header->source.octets, 4);
    memcpy(octets + 16, header->destination.octets, 4);
}
