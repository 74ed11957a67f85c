/*
 * bounds_udp: the tunnels over UDP that hosts unpack at a well-known port without being asked who
 * sends: where in the payload they carry what would go on to others. What needs a key, or a session
 * that was agreed upon, is not among them.
 */
#include <stdbool.h>

#include "bounds_parts.h"
#include "synstep/bytes.h"

enum {
    IPV4 = 4, /* IP protocols */
    IPV6 = 41,
    VXLAN_BYTES = 8,
    GENEVE_BYTES = 8,
    LISP_BYTES = 8,
    GTP_BYTES = 8,
};

/* What a payload is, as far as it could lead anywhere. */
static const struct bounds_carried nothing = {.kind = BOUNDS_CARRIES_NOTHING};
static const struct bounds_carried dark = {.kind = BOUNDS_CARRIES_UNKNOWN};

static struct bounds_carried headers(uint8_t next, size_t offset, size_t length)
{
    if (offset >= length)
        return nothing;
    return (struct bounds_carried){.kind = BOUNDS_CARRIES_HEADERS, .next = next, .offset = offset};
}

/* Where the first four bits of IP tell its version: of anything else, what `others` is. */
static struct bounds_carried ip_at(const uint8_t *payload, size_t offset, size_t length,
                                   struct bounds_carried others)
{
    if (offset >= length)
        return nothing;
    uint8_t version = payload[offset] >> 4;
    if (version == 4)
        return headers(IPV4, offset, length);
    return version == 6 ? headers(IPV6, offset, length) : others;
}

/* --- one for each format ------------------------------------------------------------------------
 */

/* RFC 7348 section 5: an Ethernet frame, for whichever card it says. */
static struct bounds_carried vxlan(const uint8_t *payload, size_t length)
{
    (void)payload;
    return length > VXLAN_BYTES ? dark : nothing;
}

/* draft-ietf-nvo3-vxlan-gpe: a next protocol, 1 IPv4, 2 IPv6. */
static struct bounds_carried vxlan_gpe(const uint8_t *payload, size_t length)
{
    if (length <= VXLAN_BYTES)
        return nothing;
    return payload[3] == 1 || payload[3] == 2 ? ip_at(payload, VXLAN_BYTES, length, dark) : dark;
}

/* RFC 8926 section 3.4: an EtherType behind options, whose length counts words. */
static struct bounds_carried geneve(const uint8_t *payload, size_t length)
{
    if (length <= GENEVE_BYTES)
        return nothing;
    size_t offset = GENEVE_BYTES + (size_t)(payload[0] & 0x3f) * 4;
    uint16_t type = ss_bytes_get16(payload + 2);
    if (offset >= length)
        return nothing;
    if (type == SS_ETHERTYPE_IPV4)
        return headers(IPV4, offset, length);
    return type == SS_ETHERTYPE_IPV6 ? headers(IPV6, offset, length) : dark;
}

/* RFC 4380 section 5.1.1: IPv6, behind an authentication, an origin, both or neither. */
static struct bounds_carried teredo(const uint8_t *payload, size_t length)
{
    enum { AUTHENTICATION = 1, ORIGIN = 0, ORIGIN_BYTES = 8, AUTHENTICATION_BYTES = 13 };
    size_t offset = 0;
    if (length >= 4 && ss_bytes_get16(payload) == AUTHENTICATION)
        offset = AUTHENTICATION_BYTES + (size_t)payload[2] + payload[3];
    if (offset + 2 <= length && ss_bytes_get16(payload + offset) == ORIGIN)
        offset += ORIGIN_BYTES;
    return ip_at(payload, offset, length, nothing);
}

/* draft-ietf-intarea-gue: headers of any protocol, or IP itself in place of a header. */
static struct bounds_carried gue(const uint8_t *payload, size_t length)
{
    enum { CONTROL = 0x20, WORDS = 0x1f };
    if (length == 0)
        return nothing;
    if (payload[0] >> 6 == 1)
        return ip_at(payload, 0, length, nothing);
    if (payload[0] >> 6 != 0 || length < 4 || payload[0] & CONTROL)
        return nothing;
    return headers(payload[1], 4 + (size_t)(payload[0] & WORDS) * 4, length);
}

/* 3GPP TS 29.281 section 5.1: a user's packet, behind four more octets when any flag says so. */
static struct bounds_carried gtp(const uint8_t *payload, size_t length)
{
    enum { USERS_PACKET = 255, ANY_MORE = 7, EXTENDED = 4 };
    if (length <= GTP_BYTES || payload[1] != USERS_PACKET)
        return nothing;
    if (payload[0] & EXTENDED)
        return dark;
    return ip_at(payload, GTP_BYTES + (payload[0] & ANY_MORE ? 4 : 0), length, dark);
}

/* RFC 9300 section 5. */
static struct bounds_carried lisp(const uint8_t *payload, size_t length)
{
    return ip_at(payload, LISP_BYTES, length, nothing);
}

/* RFC 2661 section 3.1, RFC 3931 section 4.1.2: frames of a link, unless it is a control message.
 */
static struct bounds_carried l2tp(const uint8_t *payload, size_t length)
{
    enum { CONTROL = 0x80, LEAST = 4 };
    return length > LEAST && !(payload[0] & CONTROL) ? dark : nothing;
}

/* RFC 7510 section 3. */
static struct bounds_carried mpls(const uint8_t *payload, size_t length)
{
    enum { LABEL_BYTES = 4 };
    (void)payload;
    return length > LABEL_BYTES ? dark : nothing;
}

/* --- by port ------------------------------------------------------------------------------------
 */

static const struct {
    uint16_t port;
    const char *name;
    struct bounds_carried (*look)(const uint8_t *payload, size_t length);
} tunnels[] = {
    {1701, "L2TP", l2tp},   {2152, "GTP", gtp},       {3544, "Teredo", teredo},
    {4341, "LISP", lisp},   {4789, "VXLAN", vxlan},   {4790, "VXLAN-GPE", vxlan_gpe},
    {6080, "GUE", gue},     {6081, "Geneve", geneve}, {6635, "MPLS in UDP", mpls},
    {8472, "VXLAN", vxlan}, /* where Linux had it before there was a port for it */
};

struct bounds_carried bounds_udp(uint16_t port, const uint8_t *payload, size_t length)
{
    for (size_t i = 0; i < sizeof tunnels / sizeof tunnels[0]; i++)
        if (tunnels[i].port == port) {
            struct bounds_carried carried = tunnels[i].look(payload, length);
            carried.name = tunnels[i].name;
            return carried;
        }
    return nothing;
}
