/*
 * headers: the visit from the IP header down; the parts of TCP are in headers_tcp.
 */
#include "synstep/headers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "headers_parts.h"
#include "synstep/bytes.h"
#include "text.h"

void ss_visit_field(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...)
{
    struct ss_field_line line = {.layer = visit->layer, .offset = offset, .length = length};
    snprintf(line.name, sizeof(line.name), "%s", name);
    snprintf(line.meaning, sizeof(line.meaning), "%s", meaning);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line.value, sizeof(line.value), format, arguments);
    va_end(arguments);
    visit->call(visit->context, &line);
}

void ss_visit_octets(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                     const char *meaning)
{
    enum { SHOWN_MAX = 30 };
    char text[3 * SHOWN_MAX + 4] = "";
    size_t at = 0;
    for (size_t i = 0; i < length && i < SHOWN_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02x", i ? " " : "",
                               visit->packet->frame[offset + i]);
    ss_visit_field(visit, offset, length, name, meaning, "%s%s", text,
                   length > SHOWN_MAX ? " .." : "");
}

const char *ss_visit_checksum_text(enum ss_checksum_state state)
{
    switch (state) {
    case SS_CHECKSUM_NONE:
        return "not checked";
    case SS_CHECKSUM_GOOD:
        return "right";
    case SS_CHECKSUM_BAD:
        return "WRONG";
    case SS_CHECKSUM_OFFLOADED:
        return "left to the card (offload)";
    }
    return "";
}

/* The names of the protocol numbers that may follow an IP header (IANA). */
static const char *protocol_text(uint8_t protocol)
{
    static const struct {
        uint8_t number;
        const char *name;
    } known[] = {
        {0, "hop-by-hop options"},
        {1, "ICMP"},
        {6, "TCP"},
        {17, "UDP"},
        {43, "routing header"},
        {44, "fragment"},
        {50, "ESP"},
        {51, "AH"},
        {58, "ICMPv6"},
        {59, "nothing"},
        {60, "destination options"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].number == protocol)
            return known[i].name;
    return "";
}

static void visit_address(const struct ss_visit *visit, size_t offset, const char *name,
                          const struct ss_address *address)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, address);
    ss_visit_field(visit, offset, ss_address_length(address), name, "", "%s", text);
}

/* RFC 3168 section 5. */
static const char *ecn_text(unsigned ecn)
{
    static const char *const texts[] = {"not ECN-capable", "ECT(1)", "ECT(0)",
                                        "congestion experienced"};
    return texts[ecn & 3];
}

static void visit_ipv4_start(const struct ss_visit *visit, size_t at)
{
    const struct ss_ipv4_header *ip = &visit->packet->ipv4;
    char octets[32];
    snprintf(octets, sizeof(octets), "%u octets", ip->ihl_words * 4U);
    ss_visit_field(visit, at, 1, "Version", "", "%u", (unsigned)ip->version);
    ss_visit_field(visit, at, 1, "IHL", octets, "%u", (unsigned)ip->ihl_words);
    ss_visit_field(visit, at + 1, 1, "DSCP", "", "%u", ip->tos >> 2U);
    ss_visit_field(visit, at + 1, 1, "ECN", ecn_text(ip->tos), "%u", ip->tos & 3U);
    ss_visit_field(visit, at + 2, 2, "Total Length", "", "%u", (unsigned)ip->total_length);
    ss_visit_field(visit, at + 4, 2, "Identification", "", "%u", (unsigned)ip->id);
    ss_visit_field(visit, at + 6, 1, "Reserved Flag", ip->reserved_flag ? "must be 0" : "", "%u",
                   (unsigned)ip->reserved_flag);
    ss_visit_field(visit, at + 6, 1, "Don't Fragment", "", "%u", (unsigned)ip->dont_fragment);
    ss_visit_field(visit, at + 6, 1, "More Fragments", "", "%u", (unsigned)ip->more_fragments);
    snprintf(octets, sizeof(octets), "octet %u", ip->fragment_offset_words * 8U);
    ss_visit_field(visit, at + 6, 2, "Fragment Offset", octets, "%u",
                   (unsigned)ip->fragment_offset_words);
}

static void visit_ipv4_rest(const struct ss_visit *visit, size_t at)
{
    const struct ss_ipv4_header *ip = &visit->packet->ipv4;
    ss_visit_field(visit, at + 8, 1, "Time to Live", "", "%u", (unsigned)ip->ttl);
    ss_visit_field(visit, at + 9, 1, "Protocol", protocol_text(ip->protocol), "%u",
                   (unsigned)ip->protocol);
    ss_visit_field(visit, at + 10, 2, "Header Checksum",
                   ss_visit_checksum_text(visit->packet->ip_checksum), "0x%04x",
                   (unsigned)ip->checksum);
    visit_address(visit, at + 12, "Source Address", &ip->source);
    visit_address(visit, at + 16, "Destination Address", &ip->destination);
}

static const char *ipv4_option_text(uint8_t kind)
{
    switch (kind) {
    case 0:
        return "End of Options";
    case 1:
        return "No Operation";
    case 7:
        return "Record Route";
    case 68:
        return "Timestamp";
    case 131:
        return "Loose Source Route";
    case 137:
        return "Strict Source Route";
    case 148:
        return "Router Alert";
    default:
        return "Option";
    }
}

/* RFC 791 section 3.1: kind 0 ends, kind 1 stands alone, any other has a length octet. */
static void visit_ipv4_options(const struct ss_visit *whole, size_t at, size_t end)
{
    struct ss_visit visit = *whole;
    const uint8_t *frame = visit.packet->frame;
    visit.layer = "IPv4 option";
    while (at < end) {
        uint8_t kind = frame[at];
        size_t length = kind <= 1 ? 1 : at + 1 < end ? frame[at + 1] : 0;
        bool malformed = length == 0 || (kind > 1 && length < 2) || length > end - at;
        if (malformed || kind == 0)
            length = end - at;
        ss_visit_octets(&visit, at, length, ipv4_option_text(kind),
                        malformed ? "length WRONG" : "");
        at += length;
    }
}

static void visit_ipv4(const struct ss_visit *visit)
{
    const struct ss_packet *packet = visit->packet;
    size_t begin = packet->ip_offset;
    visit_ipv4_start(visit, begin);
    visit_ipv4_rest(visit, begin);
    if (packet->transport_offset > begin + SS_IPV4_HEADER_BYTES)
        visit_ipv4_options(visit, begin + SS_IPV4_HEADER_BYTES, packet->transport_offset);
}

/*
 * The extension headers that the view walked over (RFC 8200 section 4): next header, then length in
 * units of 8 octets beyond the first 8; a fragment header's length octet is reserved.
 */
static void visit_ipv6_extensions(const struct ss_visit *whole, size_t at, size_t end)
{
    enum { FRAGMENT = 44, UNIT = 8 };
    struct ss_visit visit = *whole;
    const uint8_t *frame = visit.packet->frame;
    uint8_t kind = visit.packet->ipv6.next_header;
    visit.layer = "IPv6 extension";
    while (end - at >= UNIT) {
        size_t length = kind == FRAGMENT ? UNIT : ((size_t)frame[at + 1] + 1) * UNIT;
        if (length > end - at)
            length = end - at;
        ss_visit_octets(&visit, at, length, protocol_text(kind), protocol_text(frame[at]));
        kind = frame[at];
        at += length;
    }
}

static void visit_ipv6(const struct ss_visit *visit)
{
    const struct ss_packet *packet = visit->packet;
    const struct ss_ipv6_header *ip = &packet->ipv6;
    size_t at = packet->ip_offset;
    ss_visit_field(visit, at, 1, "Version", "", "%u", (unsigned)ip->version);
    ss_visit_field(visit, at, 2, "Traffic Class", ecn_text(ip->traffic_class), "%u",
                   (unsigned)ip->traffic_class);
    ss_visit_field(visit, at + 1, 3, "Flow Label", "", "0x%05" PRIx32, ip->flow_label);
    ss_visit_field(visit, at + 4, 2, "Payload Length", "", "%u", (unsigned)ip->payload_length);
    ss_visit_field(visit, at + 6, 1, "Next Header", protocol_text(ip->next_header), "%u",
                   (unsigned)ip->next_header);
    ss_visit_field(visit, at + 7, 1, "Hop Limit", "", "%u", (unsigned)ip->hop_limit);
    visit_address(visit, at + 8, "Source Address", &ip->source);
    visit_address(visit, at + 24, "Destination Address", &ip->destination);
    visit_ipv6_extensions(visit, at + SS_IPV6_HEADER_BYTES, packet->transport_offset);
}

static void visit_icmp(const struct ss_visit *visit)
{
    const struct ss_packet *packet = visit->packet;
    const struct ss_icmp_header *icmp = &packet->icmp;
    size_t at = packet->transport_offset;
    ss_visit_field(visit, at, 1, "Type", "", "%u", (unsigned)icmp->type);
    ss_visit_field(visit, at + 1, 1, "Code", ss_icmp_text(packet->version, icmp->type, icmp->code),
                   "%u", (unsigned)icmp->code);
    ss_visit_field(visit, at + 2, 2, "Checksum", ss_visit_checksum_text(packet->transport_checksum),
                   "0x%04x", (unsigned)icmp->checksum);
    ss_visit_field(visit, at + 4, 4, "Rest of Header", "", "0x%08" PRIx32, icmp->rest);
}

static void visit_payload(const struct ss_visit *visit)
{
    enum { TEXT_MAX = 12 };
    const struct ss_packet *packet = visit->packet;
    struct ss_text text;
    if (packet->payload_length == 0)
        return;
    ss_text_clear(&text);
    size_t shown = packet->payload_length < TEXT_MAX ? packet->payload_length : TEXT_MAX;
    ss_text_add(&text, "\"");
    ss_text_add_escaped(&text, ss_packet_payload(packet), shown);
    ss_text_add(&text, shown < packet->payload_length ? "\" .." : "\"");
    ss_visit_field(visit, packet->payload_offset, packet->payload_length, "Payload", text.octets,
                   "%zu octet%s", packet->payload_length, packet->payload_length == 1 ? "" : "s");
}

static void visit_transport(struct ss_visit *visit)
{
    switch (visit->packet->transport) {
    case SS_TRANSPORT_NONE:
        break;
    case SS_TRANSPORT_TCP:
        visit->layer = "TCP";
        ss_visit_tcp(visit);
        break;
    case SS_TRANSPORT_ICMP:
        visit->layer = visit->packet->version == 6 ? "ICMPv6" : "ICMP";
        visit_icmp(visit);
        break;
    }
}

void ss_headers_visit(const struct ss_packet *packet, ss_headers_visitor *call, void *context)
{
    struct ss_visit visit = {.packet = packet, .call = call, .context = context};
    if (packet->version == 4) {
        visit.layer = "IPv4";
        visit_ipv4(&visit);
    } else if (packet->version == 6) {
        visit.layer = "IPv6";
        visit_ipv6(&visit);
    }
    visit_transport(&visit);
    visit.layer = "payload";
    visit_payload(&visit);
}
