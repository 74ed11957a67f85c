/*
 * ipv6: the 40-octet header, read and written, and the way through its extension headers.
 */
#include "synstep/ipv6.h"

#include <string.h>

#include "synstep/bytes.h"

bool ss_ipv6_decode(const uint8_t *octets, size_t length, struct ss_ipv6_header *header)
{
    if (length < SS_IPV6_HEADER_BYTES)
        return false;
    uint32_t first = ss_bytes_get32(octets);
    header->version = (uint8_t)(first >> 28);
    header->traffic_class = (uint8_t)(first >> 20);
    header->flow_label = first & 0xfffff;
    header->payload_length = ss_bytes_get16(octets + 4);
    header->next_header = octets[6];
    header->hop_limit = octets[7];
    ss_address_set_v6(&header->source, octets + 8);
    ss_address_set_v6(&header->destination, octets + 24);
    return true;
}

void ss_ipv6_encode(const struct ss_ipv6_header *header, uint8_t octets[SS_IPV6_HEADER_BYTES])
{
    ss_bytes_put32(octets, (uint32_t)header->version << 28 | (uint32_t)header->traffic_class << 20 |
                               (header->flow_label & 0xfffff));
    ss_bytes_put16(octets + 4, header->payload_length);
    octets[6] = header->next_header;
    octets[7] = header->hop_limit;
    memcpy(octets + 8, header->source.octets, 16);
    memcpy(octets + 24, header->destination.octets, 16);
}

/* The extension headers of RFC 8200 section 4 that are passed over, by their protocol numbers. */
enum extension {
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT = 44,
    DESTINATION_OPTIONS = 60,
};

enum {
    NEXT_HEADER_AT = 6, /* in the fixed header; in the others it comes first */
    EXTENSION_UNIT_BYTES = 8,
    HOME_ADDRESS_OPTION = 0xc9 /* RFC 6275 section 6.3 */
};

/* Whether a destination options header holds a home address option, whatever else is in it. */
static bool has_home_address(const uint8_t *header, size_t length)
{
    struct ss_cursor options = ss_cursor_over(header + 2, length - 2);
    while (ss_cursor_left(&options) > 0) {
        uint8_t type = ss_cursor_take8(&options);
        if (type == HOME_ADDRESS_OPTION)
            return true;
        if (type == 0) /* Pad1 has no length octet (RFC 8200 section 4.2) */
            continue;
        if (!ss_cursor_take(&options, ss_cursor_take8(&options)))
            return false;
    }
    return false;
}

/* Takes one header of the kind whose second octet counts further units of 8 (section 4.3). */
static bool pass_sized(struct ss_cursor *cursor, struct ss_ipv6_upper *upper)
{
    if (ss_cursor_left(cursor) < EXTENSION_UNIT_BYTES)
        return false;
    size_t length = ((size_t)cursor->at[1] + 1) * EXTENSION_UNIT_BYTES;
    const uint8_t *header = ss_cursor_take(cursor, length);
    if (!header)
        return false;
    if (upper->protocol == ROUTING && header[3] != 0) /* segments left (section 4.4) */
        upper->rerouted = true;
    if (upper->protocol == DESTINATION_OPTIONS && has_home_address(header, length))
        upper->rerouted = true;
    upper->protocol = header[0];
    return true;
}

/* It lies at `at`, and the octet at `named_at` led here. */
static bool pass_fragment(struct ss_cursor *cursor, struct ss_ipv6_upper *upper, size_t at,
                          size_t named_at)
{
    const uint8_t *header = ss_cursor_take(cursor, EXTENSION_UNIT_BYTES);
    if (!header)
        return false;
    uint16_t bits = ss_bytes_get16(header + 2);
    upper->protocol = header[0];
    upper->fragment_offset = bits & 0xfff8U; /* units of 8 stand shifted left by 3: octets */
    /* Offset 0 and no more to come: the whole datagram, not a fragment (RFC 6946 section 4). */
    if (upper->fragment || (upper->fragment_offset == 0 && (bits & 1) == 0))
        return true;
    upper->fragment = true;
    upper->fragment_header = at;
    upper->fragment_named_at = named_at;
    return true;
}

bool ss_ipv6_walk(const uint8_t *octets, size_t length, uint8_t next_header,
                  struct ss_ipv6_upper *upper)
{
    struct ss_cursor cursor = ss_cursor_over(octets, length);
    struct ss_ipv6_upper found = {.protocol = next_header};
    size_t named_at = NEXT_HEADER_AT;
    bool more = true;
    while (more) {
        size_t at = length - ss_cursor_left(&cursor);
        bool whole = true;
        if (found.protocol == FRAGMENT)
            whole = pass_fragment(&cursor, &found, at, named_at);
        else if (found.protocol == HOP_BY_HOP || found.protocol == ROUTING ||
                 found.protocol == DESTINATION_OPTIONS)
            whole = pass_sized(&cursor, &found);
        else
            more = false;
        if (!whole)
            return false;
        /* What follows a later fragment's header is the middle of something, no header. */
        more = more && found.fragment_offset == 0;
        named_at = SS_IPV6_HEADER_BYTES + at;
    }
    found.offset = length - ss_cursor_left(&cursor);
    *upper = found;
    return true;
}
