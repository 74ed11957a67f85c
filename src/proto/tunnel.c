/*
 * tunnel: what lies between an IP header and the packet that it carries.
 */
#include "synstep/tunnel.h"

#include "synstep/bytes.h"

enum tunnel_protocol { IPV4_INSIDE = 4, IPV6_INSIDE = 41, GRE = 47 };

/* RFC 2890 section 2; the rest of the first 16 bits is 0 in version 0 (RFC 2784 section 2.3). */
enum gre_bits {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000, /* RFC 1701, long deprecated: its length is not known here */
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_VERSION = 0x0007,
    GRE_ETHERNET = 0x6558, /* a protocol type: a frame */
};

/* Moves the cursor to what GRE carries; `version` as the type names it. False: nothing read here.
 */
static bool pass_gre(struct ss_cursor *cursor, enum ss_link *link, uint8_t *version)
{
    uint16_t bits = ss_cursor_take16(cursor);
    uint16_t type = ss_cursor_take16(cursor);
    size_t words =
        (bits & GRE_CHECKSUM ? 1U : 0) + (bits & GRE_KEY ? 1U : 0) + (bits & GRE_SEQUENCE ? 1U : 0);
    (void)ss_cursor_take(cursor, 4 * words);
    if (cursor->short_ || (bits & (GRE_ROUTING | GRE_VERSION)) != 0)
        return false;
    *link = type == GRE_ETHERNET ? SS_LINK_ETHERNET : SS_LINK_IP;
    if (*link == SS_LINK_ETHERNET)
        return true;
    *version = ss_linktype_pass_ethertype(cursor, type);
    return *version != 0;
}

/* Where what is carried begins and how; `version` is 0 where a link header will tell. */
static bool pass_outer(const struct ss_packet *packet, struct ss_cursor *cursor, enum ss_link *link,
                       uint8_t *version)
{
    switch ((enum tunnel_protocol)packet->protocol) {
    case IPV4_INSIDE:
        *version = 4;
        return true;
    case IPV6_INSIDE:
        *version = 6;
        return true;
    case GRE:
        return pass_gre(cursor, link, version);
    }
    return false;
}

bool ss_tunnel_enter(struct ss_packet *packet)
{
    enum ss_link link = SS_LINK_IP;
    uint8_t version = 0;
    struct ss_packet inner;
    if (packet->version == 0 || packet->fragment || packet->transport != SS_TRANSPORT_NONE)
        return false;
    struct ss_cursor cursor = ss_cursor_over(ss_packet_payload(packet), packet->payload_length);
    if (!pass_outer(packet, &cursor, &link, &version))
        return false;
    ss_packet_decode(link, cursor.at, ss_cursor_left(&cursor), &inner);
    if (inner.version == 0 || (version != 0 && inner.version != version))
        return false;
    *packet = inner;
    return true;
}

unsigned ss_tunnel_follow(struct ss_packet *packet)
{
    unsigned entered = 0;
    while (entered < SS_TUNNELS_MAX && ss_tunnel_enter(packet))
        entered++;
    return entered;
}
