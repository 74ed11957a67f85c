/*
 * linktype: the headers before IP, each passed by its own small function.
 */
#include "synstep/linktype.h"

#include "synstep/ethernet.h"

/* --- behind an EtherType ------------------------------------------------------------------------
 */

enum {
    TAGS_MAX = 2,
    SERVICE_TAG = 0x88a8, /* IEEE 802.1ad: the outer of two tags */
    OLD_TAG = 0x9100,     /* the same, from before there was a standard */
    PPPOE_SESSION = 0x8864,
};

static bool is_tag(uint16_t ethertype)
{
    return ethertype == SS_ETHERTYPE_VLAN || ethertype == SERVICE_TAG || ethertype == OLD_TAG;
}

static uint8_t ip_version_of(uint16_t ethertype)
{
    if (ethertype == SS_ETHERTYPE_IPV4)
        return 4;
    return ethertype == SS_ETHERTYPE_IPV6 ? 6 : 0;
}

/* PPP's protocol field, of one octet when that is odd (RFC 1661 section 6.5), and what it names. */
static uint8_t pass_ppp_protocol(struct ss_cursor *cursor)
{
    enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057 };
    uint16_t protocol = ss_cursor_take8(cursor);
    if ((protocol & 1) == 0)
        protocol = (uint16_t)(protocol << 8 | ss_cursor_take8(cursor));
    if (cursor->short_)
        return 0;
    if (protocol == PPP_IPV4)
        return 4;
    return protocol == PPP_IPV6 ? 6 : 0;
}

/* RFC 2516 section 4: version 1, type 1, code 0 in a session. Its length is not needed: IP has one.
 */
static uint8_t pass_pppoe(struct ss_cursor *cursor)
{
    enum { HEADER_BYTES = 6, VERSION_AND_TYPE = 0x11 };
    const uint8_t *header = ss_cursor_take(cursor, HEADER_BYTES);
    if (!header || header[0] != VERSION_AND_TYPE || header[1] != 0)
        return 0;
    return pass_ppp_protocol(cursor);
}

uint8_t ss_linktype_pass_ethertype(struct ss_cursor *cursor, uint16_t ethertype)
{
    for (int tags = 0; tags < TAGS_MAX && is_tag(ethertype); tags++) {
        const uint8_t *tag = ss_cursor_take(cursor, 4);
        ethertype = tag ? ss_bytes_get16(tag + 2) : 0;
    }
    return ethertype == PPPOE_SESSION ? pass_pppoe(cursor) : ip_version_of(ethertype);
}

/* --- by link type -------------------------------------------------------------------------------
 */

/* Linux cooked, by the offset of its EtherType and its length. */
static bool pass_cooked(struct ss_cursor *cursor, size_t type_at, size_t header_bytes)
{
    const uint8_t *header = ss_cursor_take(cursor, header_bytes);
    return header && ss_linktype_pass_ethertype(cursor, ss_bytes_get16(header + type_at)) != 0;
}

/*
 * BSD loopback: an address family of 32 bits in the byte order of whoever wrote the file, or in the
 * network's. That of IPv6 has another number on each system.
 */
static bool pass_family(struct ss_cursor *cursor)
{
    static const uint8_t families[] = {2, 10, 24, 28, 30};
    const uint8_t *octets = ss_cursor_take(cursor, 4);
    if (!octets || octets[1] || octets[2] || (octets[0] && octets[3]))
        return false;
    return memchr(families, octets[0] | octets[3], sizeof families) != NULL;
}

/* Cisco's HDLC: an address, a control octet of 0, an EtherType. */
static bool pass_cisco(struct ss_cursor *cursor)
{
    const uint8_t *header = ss_cursor_take(cursor, 4);
    return header && ss_linktype_pass_ethertype(cursor, ss_bytes_get16(header + 2)) != 0;
}

/* HDLC's address and control, all stations and unnumbered information, may be left out (RFC 1662).
 */
static bool pass_ppp(struct ss_cursor *cursor)
{
    enum { ADDRESS_AND_CONTROL = 0xff03 };
    if (ss_cursor_left(cursor) >= 2 && ss_bytes_get16(cursor->at) == ADDRESS_AND_CONTROL)
        (void)ss_cursor_take16(cursor);
    return pass_ppp_protocol(cursor) != 0;
}

static bool pass_hdlc(struct ss_cursor *cursor)
{
    enum { CISCO_UNICAST = 0x0f, CISCO_MULTICAST = 0x8f };
    uint8_t first = ss_cursor_left(cursor) ? cursor->at[0] : 0;
    bool cisco = first == CISCO_UNICAST || first == CISCO_MULTICAST;
    return cisco ? pass_cisco(cursor) : pass_ppp(cursor);
}

/* The octet that tells the direction stands where the address stood, or before it all. */
static bool pass_directed(struct ss_cursor *cursor, bool replaces_address)
{
    (void)ss_cursor_take8(cursor);
    if (replaces_address)
        (void)ss_cursor_take8(cursor);
    return pass_ppp(cursor);
}

bool ss_linktype_pass(uint32_t linktype, struct ss_cursor *cursor, enum ss_link *link)
{
    *link = linktype == SS_LINKTYPE_ETHERNET ? SS_LINK_ETHERNET : SS_LINK_IP;
    switch ((enum ss_linktype)linktype) {
    case SS_LINKTYPE_ETHERNET:
    case SS_LINKTYPE_RAW:
    case SS_LINKTYPE_RAW_OLD:
    case SS_LINKTYPE_RAW_OPENBSD:
    case SS_LINKTYPE_IPV4:
    case SS_LINKTYPE_IPV6:
        return true;
    case SS_LINKTYPE_COOKED:
        return pass_cooked(cursor, 14, 16);
    case SS_LINKTYPE_COOKED_2:
        return pass_cooked(cursor, 0, 20);
    case SS_LINKTYPE_NULL:
    case SS_LINKTYPE_LOOP:
        return pass_family(cursor);
    case SS_LINKTYPE_PPP:
        return pass_ppp(cursor);
    case SS_LINKTYPE_PPP_HDLC:
        return pass_hdlc(cursor);
    case SS_LINKTYPE_PPP_ETHER:
        return pass_pppoe(cursor) != 0;
    case SS_LINKTYPE_CISCO_HDLC:
        return pass_cisco(cursor);
    case SS_LINKTYPE_PPP_PPPD:
        return pass_directed(cursor, true);
    case SS_LINKTYPE_PPP_DIRECTION:
        return pass_directed(cursor, false);
    }
    return false;
}

struct linktype_name {
    uint32_t linktype;
    bool known;
    const char *name;
};

/* As the registry of link types has them. */
static const struct linktype_name names[] = {
    {SS_LINKTYPE_NULL, true, "NULL"},
    {SS_LINKTYPE_ETHERNET, true, "ETHERNET"},
    {6, false, "IEEE802_5"},
    {8, false, "SLIP"},
    {SS_LINKTYPE_PPP, true, "PPP"},
    {10, false, "FDDI"},
    {SS_LINKTYPE_RAW_OLD, true, "RAW"},
    {SS_LINKTYPE_RAW_OPENBSD, true, "RAW"},
    {SS_LINKTYPE_PPP_HDLC, true, "PPP_HDLC"},
    {SS_LINKTYPE_PPP_ETHER, true, "PPP_ETHER"},
    {SS_LINKTYPE_RAW, true, "RAW"},
    {SS_LINKTYPE_CISCO_HDLC, true, "C_HDLC"},
    {105, false, "IEEE802_11"},
    {107, false, "FRELAY"},
    {SS_LINKTYPE_LOOP, true, "LOOP"},
    {109, false, "ENC"},
    {SS_LINKTYPE_COOKED, true, "LINUX_SLL"},
    {117, false, "PFLOG"},
    {119, false, "IEEE802_11_PRISM"},
    {122, false, "IP_OVER_FC"},
    {127, false, "IEEE802_11_RADIOTAP"},
    {147, false, "USER0"},
    {SS_LINKTYPE_PPP_PPPD, true, "PPP_PPPD"},
    {187, false, "BLUETOOTH_HCI_H4"},
    {189, false, "USB_LINUX"},
    {192, false, "PPI"},
    {195, false, "IEEE802_15_4_WITHFCS"},
    {201, false, "BLUETOOTH_HCI_H4_WITH_PHDR"},
    {SS_LINKTYPE_PPP_DIRECTION, true, "PPP_WITH_DIR"},
    {220, false, "USB_LINUX_MMAPPED"},
    {227, false, "CAN_SOCKETCAN"},
    {SS_LINKTYPE_IPV4, true, "IPV4"},
    {SS_LINKTYPE_IPV6, true, "IPV6"},
    {239, false, "NFLOG"},
    {247, false, "INFINIBAND"},
    {249, false, "USBPCAP"},
    {253, false, "NETLINK"},
    {SS_LINKTYPE_COOKED_2, true, "LINUX_SLL2"},
};

static const struct linktype_name *name_of(uint32_t linktype)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].linktype == linktype)
            return &names[i];
    return NULL;
}

bool ss_linktype_is_known(uint32_t linktype)
{
    const struct linktype_name *name = name_of(linktype);
    return name && name->known;
}

const char *ss_linktype_name(uint32_t linktype)
{
    const struct linktype_name *name = name_of(linktype);
    return name ? name->name : "unknown";
}
