/* layer_table: the headers, field by field. */
#include "layer_parts.h"

#define NUMBER(name, title, bit, bits, usual, meaning)                                             \
    {                                                                                              \
        name, title, bit, bits, SS_FORM_NUMBER, SS_COMPUTED_NOT, usual, meaning, 0                 \
    }
#define HEX(name, title, bit, bits, usual, meaning)                                                \
    {                                                                                              \
        name, title, bit, bits, SS_FORM_HEX, SS_COMPUTED_NOT, usual, meaning, 0                    \
    }
#define NAMED(name, title, bit, bits, usual, meaning)                                              \
    {                                                                                              \
        name, title, bit, bits, SS_FORM_NAMED, SS_COMPUTED_NOT, usual, meaning, 0                  \
    }
#define NEXT(name, title, bit, bits, meaning)                                                      \
    {                                                                                              \
        name, title, bit, bits, SS_FORM_NAMED, SS_COMPUTED_NEXT, 0, meaning, 0                     \
    }
#define LENGTH(name, title, bit, bits, meaning)                                                    \
    {                                                                                              \
        name, title, bit, bits, SS_FORM_NUMBER, SS_COMPUTED_LENGTH, 0, meaning, 0                  \
    }
#define CHECKSUM(name, title, bit, meaning)                                                        \
    {                                                                                              \
        name, title, bit, 16, SS_FORM_HEX, SS_COMPUTED_CHECKSUM, 0, meaning, 0                     \
    }
#define MAC(name, title, bit, meaning)                                                             \
    {                                                                                              \
        name, title, bit, 48, SS_FORM_MAC, SS_COMPUTED_NOT, 0, meaning, 0                          \
    }
#define IPV4(name, title, bit, meaning)                                                            \
    {                                                                                              \
        name, title, bit, 32, SS_FORM_IPV4, SS_COMPUTED_NOT, 0, meaning, 0                         \
    }
#define IPV6(name, title, bit, meaning)                                                            \
    {                                                                                              \
        name, title, bit, 128, SS_FORM_IPV6, SS_COMPUTED_NOT, 0, meaning, 0                        \
    }

/* Behind the fixed part: a header that has it is `until` octets long. */
#define BEHIND(name, title, bit, bits, form, until, meaning)                                       \
    {                                                                                              \
        name, title, bit, bits, form, SS_COMPUTED_NOT, 0, meaning, until                           \
    }

static const struct ss_layer_field ether[] = {
    MAC("dst", "Destination", 0, "the card that is to take the frame"),
    MAC("src", "Source", 48, "the card that sends it"),
    NEXT("type", "EtherType", 96, 16, "what follows"),
};

static const struct ss_layer_field vlan[] = {
    NUMBER("pcp", "Priority Code Point", 0, 3, 0, "priority, 7 the highest"),
    NUMBER("dei", "Drop Eligible", 3, 1, 0, "1: to be dropped first"),
    NUMBER("vid", "VLAN Identifier", 4, 12, 1, "the virtual network"),
    NEXT("type", "EtherType", 16, 16, "what follows"),
};

static const struct ss_layer_field arp[] = {
    NUMBER("htype", "Hardware Type", 0, 16, 1, "1: Ethernet"),
    HEX("ptype", "Protocol Type", 16, 16, 0x0800, "0x0800: IPv4"),
    NUMBER("hlen", "Hardware Length", 32, 8, 6, "octets of a hardware address"),
    NUMBER("plen", "Protocol Length", 40, 8, 4, "octets of a protocol address"),
    NAMED("op", "Operation", 48, 16, 1, "request or reply"),
    MAC("sha", "Sender Hardware Address", 64, "who says so"),
    IPV4("spa", "Sender Protocol Address", 112, "and its address"),
    MAC("tha", "Target Hardware Address", 144, "zero in a request: that is the question"),
    IPV4("tpa", "Target Protocol Address", 192, "who is asked for"),
};

static const struct ss_layer_field ip[] = {
    NUMBER("version", "Version", 0, 4, 4, "4"),
    LENGTH("ihl", "IHL", 4, 4, "header length in 32-bit words, 5 without options"),
    HEX("tos", "Type of Service", 8, 8, 0, "DSCP and ECN together"),
    NUMBER("dscp", "DSCP", 8, 6, 0, "class of service (RFC 2474)"),
    NUMBER("ecn", "ECN", 14, 2, 0, "congestion: 1 and 2 can, 3 met (RFC 3168)"),
    LENGTH("length", "Total Length", 16, 16, "octets of header and all that follows"),
    NUMBER("id", "Identification", 32, 16, 0, "the same in all fragments of a datagram"),
    NUMBER("rf", "Reserved Flag", 48, 1, 0, "must be 0"),
    NUMBER("df", "Don't Fragment", 49, 1, 1, "1: drop it rather than cut it"),
    NUMBER("mf", "More Fragments", 50, 1, 0, "1: another fragment comes after this one"),
    NUMBER("offset", "Fragment Offset", 51, 13, 0, "of this fragment, in units of 8 octets"),
    NUMBER("ttl", "Time to Live", 64, 8, 64, "routers that may still pass it on"),
    NEXT("protocol", "Protocol", 72, 8, "what follows"),
    CHECKSUM("checksum", "Header Checksum", 80, "over this header"),
    IPV4("src", "Source Address", 96, "who sends it"),
    IPV4("dst", "Destination Address", 128, "who is to get it"),
};

static const struct ss_layer_field ip6[] = {
    NUMBER("version", "Version", 0, 4, 6, "6"),
    HEX("class", "Traffic Class", 4, 8, 0, "DSCP and ECN together"),
    NUMBER("dscp", "DSCP", 4, 6, 0, "class of service (RFC 2474)"),
    NUMBER("ecn", "ECN", 10, 2, 0, "congestion: 1 and 2 can, 3 met (RFC 3168)"),
    HEX("flow", "Flow Label", 12, 20, 0, "the same for all of one flow (RFC 6437)"),
    LENGTH("length", "Payload Length", 32, 16, "octets of all that follows this header"),
    NEXT("next", "Next Header", 48, 8, "what follows"),
    NUMBER("hop", "Hop Limit", 56, 8, 64, "routers that may still pass it on"),
    IPV6("src", "Source Address", 64, "who sends it"),
    IPV6("dst", "Destination Address", 192, "who is to get it"),
};

/* Hop-by-hop and destination options alike. */
static const struct ss_layer_field options[] = {
    NEXT("next", "Next Header", 0, 8, "what follows"),
    LENGTH("length", "Hdr Ext Len", 8, 8, "8-octet units beyond the first"),
};

static const struct ss_layer_field route[] = {
    NEXT("next", "Next Header", 0, 8, "what follows"),
    LENGTH("length", "Hdr Ext Len", 8, 8, "8-octet units beyond the first"),
    NUMBER("type", "Routing Type", 16, 8, 0, "0 is forbidden (RFC 5095), 2 mobile, 4 segments"),
    NUMBER("left", "Segments Left", 24, 8, 0, "stations still to be visited"),
};

static const struct ss_layer_field frag[] = {
    NEXT("next", "Next Header", 0, 8, "what the datagram carries"),
    NUMBER("reserved", "Reserved", 8, 8, 0, "0"),
    NUMBER("offset", "Fragment Offset", 16, 13, 0, "of this fragment, in units of 8 octets"),
    NUMBER("res", "Res", 29, 2, 0, "0"),
    NUMBER("more", "M Flag", 31, 1, 0, "1: another fragment comes after this one"),
    HEX("id", "Identification", 32, 32, 0, "the same in all fragments of a datagram"),
};

static const struct ss_layer_field tcp[] = {
    NUMBER("sport", "Source Port", 0, 16, 0, "the sender's"),
    NUMBER("dport", "Destination Port", 16, 16, 0, "the receiver's"),
    NUMBER("seq", "Sequence Number", 32, 32, 0, "of the first octet, or of the SYN"),
    NUMBER("ack", "Acknowledgment Number", 64, 32, 0, "the next one expected, if ACK is set"),
    LENGTH("offset", "Data Offset", 96, 4, "header length in 32-bit words, 5 without options"),
    NUMBER("reserved", "Reserved", 100, 4, 0, "0"),
    HEX("flags", "Control Bits", 104, 8, 0, "all eight together"),
    NUMBER("cwr", "CWR", 104, 1, 0, "congestion window reduced (RFC 3168)"),
    NUMBER("ece", "ECE", 105, 1, 0, "congestion was met (RFC 3168)"),
    NUMBER("urg", "URG", 106, 1, 0, "the urgent pointer counts"),
    NUMBER("ackflag", "ACK Flag", 107, 1, 0, "the acknowledgment number counts"),
    NUMBER("psh", "PSH", 108, 1, 0, "hand it to the application now"),
    NUMBER("rst", "RST", 109, 1, 0, "the connection is over"),
    NUMBER("syn", "SYN", 110, 1, 0, "the connection begins with this number"),
    NUMBER("fin", "FIN", 111, 1, 0, "nothing more will be sent"),
    NUMBER("window", "Window", 112, 16, 64240, "octets that may be sent, before scaling"),
    CHECKSUM("checksum", "Checksum", 128, "over the pseudo-header, this header and what follows"),
    NUMBER("urgent", "Urgent Pointer", 144, 16, 0, "how far ahead the urgent octets end"),
};

static const struct ss_layer_field udp[] = {
    NUMBER("sport", "Source Port", 0, 16, 0, "the sender's"),
    NUMBER("dport", "Destination Port", 16, 16, 0, "the receiver's"),
    LENGTH("length", "Length", 32, 16, "octets of this header and what follows"),
    CHECKSUM("checksum", "Checksum", 48, "over the pseudo-header, this header and what follows"),
};

static const struct ss_layer_field icmp[] = {
    NAMED("type", "Type", 0, 8, 8, "what it says"),
    NUMBER("code", "Code", 8, 8, 0, "more exactly"),
    CHECKSUM("checksum", "Checksum", 16, "over the whole message"),
    HEX("rest", "Rest of Header", 32, 32, 0, "what the type makes of it"),
    NUMBER("id", "Identifier", 32, 16, 0, "echo: who asks"),
    NUMBER("seq", "Sequence Number", 48, 16, 0, "echo: which question"),
    IPV4("gateway", "Gateway Address", 32, "redirect: the better router"),
    NUMBER("mtu", "Next-Hop MTU", 48, 16, 0, "fragmentation needed: what would pass (RFC 1191)"),
    NUMBER("pointer", "Pointer", 32, 8, 0, "parameter problem: which octet"),
    NUMBER("length", "Length", 40, 8, 0, "error: words of what it quotes, 0: all (RFC 4884)"),
    NUMBER("addresses", "Num Addrs", 32, 8, 0, "router advertisement: how many (RFC 1256)"),
    NUMBER("entrysize", "Addr Entry Size", 40, 8, 0, "router advertisement: words of each"),
    NUMBER("lifetime", "Lifetime", 48, 16, 0, "router advertisement: seconds"),
    BEHIND("mask", "Address Mask", 64, 32, SS_FORM_IPV4, 12, "mask reply: of this net (RFC 950)"),
    BEHIND("originate", "Originate Timestamp", 64, 32, SS_FORM_NUMBER, 20,
           "timestamp: ms since midnight UT when it left"),
    BEHIND("receive", "Receive Timestamp", 96, 32, SS_FORM_NUMBER, 20, "when it came"),
    BEHIND("transmit", "Transmit Timestamp", 128, 32, SS_FORM_NUMBER, 20, "when the reply left"),
};

static const struct ss_layer_field icmp6[] = {
    NAMED("type", "Type", 0, 8, 128, "what it says"),
    NUMBER("code", "Code", 8, 8, 0, "more exactly"),
    CHECKSUM("checksum", "Checksum", 16, "over the pseudo-header and the whole message"),
    HEX("rest", "Message Body", 32, 32, 0, "what the type makes of it"),
    NUMBER("id", "Identifier", 32, 16, 0, "echo: who asks"),
    NUMBER("seq", "Sequence Number", 48, 16, 0, "echo: which question"),
    NUMBER("mtu", "MTU", 32, 32, 0, "packet too big: what would pass"),
    NUMBER("pointer", "Pointer", 32, 32, 0, "parameter problem: which octet"),
    NUMBER("length", "Length", 32, 8, 0, "error: 8-octet units of what it quotes (RFC 4884)"),
    NUMBER("maxresp", "Maximum Response Delay", 32, 16, 0, "mld-query: ms to answer in"),
    NUMBER("records", "Nr of Mcast Address Records", 48, 16, 0, "mld2-report: how many follow"),
    NUMBER("hoplimit", "Cur Hop Limit", 32, 8, 0, "router advertisement: for all, 0: no word"),
    NUMBER("managed", "M Flag", 40, 1, 0, "router advertisement: addresses by DHCPv6"),
    NUMBER("other", "O Flag", 41, 1, 0, "router advertisement: all else by DHCPv6"),
    NUMBER("lifetime", "Router Lifetime", 48, 16, 0, "router advertisement: seconds"),
    NUMBER("router", "R Flag", 32, 1, 0, "neighbor advertisement: it is a router"),
    NUMBER("solicited", "S Flag", 33, 1, 0, "neighbor advertisement: it was asked for"),
    NUMBER("override", "Override Flag", 34, 1, 0, "neighbor advertisement: forget what was"),
    BEHIND("reachable", "Reachable Time", 64, 32, SS_FORM_NUMBER, 16, "router advertisement: ms"),
    BEHIND("retrans", "Retrans Timer", 96, 32, SS_FORM_NUMBER, 16, "router advertisement: ms"),
    BEHIND("target", "Target Address", 64, 128, SS_FORM_IPV6, 24,
           "neighbor, redirect: who is asked for, or is nearer"),
    BEHIND("destination", "ICMP Destination Address", 192, 128, SS_FORM_IPV6, 40,
           "redirect: whom it is about"),
    BEHIND("group", "Multicast Address", 64, 128, SS_FORM_IPV6, 24, "mld: which group"),
    BEHIND("resv", "Resv", 192, 4, SS_FORM_NUMBER, 28, "mld-query of version 2: 0"),
    BEHIND("s", "Suppress", 196, 1, SS_FORM_NUMBER, 28, "mld-query: 1: routers keep their timers"),
    BEHIND("qrv", "QRV", 197, 3, SS_FORM_NUMBER, 28, "mld-query: the querier's robustness"),
    BEHIND("qqic", "QQIC", 200, 8, SS_FORM_NUMBER, 28, "mld-query: seconds until the next"),
    BEHIND("sources", "Number of Sources", 208, 16, SS_FORM_NUMBER, 28,
           "mld-query: how many follow"),
};

static const struct ss_layer_field igmp[] = {
    NAMED("type", "Type", 0, 8, 0x16, "query, report or leave"),
    NUMBER("maxresp", "Max Resp Code", 8, 8, 0, "query: tenths of a second to answer in"),
    CHECKSUM("checksum", "Checksum", 16, "over the whole message"),
    IPV4("group", "Group Address", 32, "which multicast group"),
    NUMBER("records", "Number of Group Records", 48, 16, 0, "report-v3: how many follow"),
    BEHIND("resv", "Resv", 64, 4, SS_FORM_NUMBER, 12, "query of version 3: 0"),
    BEHIND("s", "Suppress", 68, 1, SS_FORM_NUMBER, 12, "query: 1: routers keep their timers"),
    BEHIND("qrv", "QRV", 69, 3, SS_FORM_NUMBER, 12, "query: the querier's robustness"),
    BEHIND("qqic", "QQIC", 72, 8, SS_FORM_NUMBER, 12, "query: seconds until the next"),
    BEHIND("sources", "Number of Sources", 80, 16, SS_FORM_NUMBER, 12, "query: how many follow"),
};

#define FIELDS(list) sizeof(list) / sizeof((list)[0]), list

static const struct ss_layer_table tables[] = {
    [SS_LAYER_ETHER] = {"ether", "Ethernet", "IEEE 802.3", 14, FIELDS(ether), NULL},
    [SS_LAYER_VLAN] = {"vlan", "VLAN tag", "IEEE 802.1Q", 4, FIELDS(vlan), NULL},
    [SS_LAYER_ARP] = {"arp", "ARP", "RFC 826", 28, FIELDS(arp), NULL},
    [SS_LAYER_IP] = {"ip", "IPv4", "RFC 791 section 3.1", 20, FIELDS(ip), "options"},
    [SS_LAYER_IP6] = {"ip6", "IPv6", "RFC 8200 section 3", 40, FIELDS(ip6), NULL},
    [SS_LAYER_HOP] = {"hop", "hop-by-hop options", "RFC 8200 section 4.3", 2, FIELDS(options),
                      "options"},
    [SS_LAYER_ROUTE] = {"route", "routing header", "RFC 8200 section 4.4", 4, FIELDS(route),
                        "data"},
    [SS_LAYER_FRAG] = {"frag", "fragment header", "RFC 8200 section 4.5", 8, FIELDS(frag), NULL},
    [SS_LAYER_DEST] = {"dest", "destination options", "RFC 8200 section 4.6", 2, FIELDS(options),
                       "options"},
    [SS_LAYER_TCP] = {"tcp", "TCP", "RFC 9293 section 3.1", 20, FIELDS(tcp), "options"},
    [SS_LAYER_UDP] = {"udp", "UDP", "RFC 768", 8, FIELDS(udp), NULL},
    [SS_LAYER_ICMP] = {"icmp", "ICMP", "RFC 792", 8, FIELDS(icmp), NULL},
    [SS_LAYER_ICMP6] = {"icmp6", "ICMPv6", "RFC 4443 section 2.1", 8, FIELDS(icmp6), NULL},
    [SS_LAYER_IGMP] = {"igmp", "IGMP", "RFC 2236 section 2", 8, FIELDS(igmp), NULL},
    [SS_LAYER_RAW] = {"raw", "octets", "", 0, 0, NULL, "octets"},
};

const struct ss_layer_table *ss_layer_table(enum ss_layer_kind kind)
{
    return &tables[kind];
}
