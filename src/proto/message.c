/* message: UDP, ICMP, IGMP and ARP as they stand in a packet, and their types by name. */
#include "synstep/message.h"

#include <string.h>

#include "synstep/bytes.h"
#include "synstep/ethernet.h"

const char *ss_protocol_text(enum ss_protocol protocol)
{
    switch (protocol) {
    case SS_PROTOCOL_TCP:
        return "TCP";
    case SS_PROTOCOL_UDP:
        return "UDP";
    case SS_PROTOCOL_ICMP:
        return "ICMP";
    case SS_PROTOCOL_IGMP:
        return "IGMP";
    case SS_PROTOCOL_ARP:
        return "ARP";
    }
    return "";
}

bool ss_protocol_layer(enum ss_protocol protocol, uint8_t version, enum ss_layer_kind *kind)
{
    switch (protocol) {
    case SS_PROTOCOL_TCP:
        *kind = SS_LAYER_TCP;
        return true;
    case SS_PROTOCOL_UDP:
        *kind = SS_LAYER_UDP;
        return true;
    case SS_PROTOCOL_ICMP:
        *kind = version == 6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP;
        return true;
    case SS_PROTOCOL_IGMP:
        *kind = SS_LAYER_IGMP;
        return version == 4;
    case SS_PROTOCOL_ARP:
        *kind = SS_LAYER_ARP;
        return version == 4;
    }
    return false;
}

bool ss_message_field(enum ss_protocol protocol, uint8_t version, const char *name,
                      enum ss_layer_kind *kind, size_t *field)
{
    static const char ether[] = "ether.";
    bool framed = protocol == SS_PROTOCOL_ARP && strncmp(name, ether, sizeof(ether) - 1) == 0;
    if (!ss_protocol_layer(protocol, version, kind))
        return false;
    if (framed) {
        name += sizeof(ether) - 1;
        *kind = SS_LAYER_ETHER;
    }
    const struct ss_layer_table *table = ss_layer_table(*kind);
    for (size_t i = 0; i < table->field_count; i++) {
        if (strcmp(table->fields[i].name, name) != 0 || table->fields[i].until > 0)
            continue; /* what stands behind the fixed part is payload here */
        *field = i;
        return true;
    }
    return false;
}

/* --- types ---------------------------------------------------------------------------------------
 */

#define NOT_THERE                                                                                  \
    {                                                                                              \
        false, 0, 0                                                                                \
    }
#define IS(type, code)                                                                             \
    {                                                                                              \
        true, type, code                                                                           \
    }

static const struct ss_message_type icmp_types[] = {
    {"echo-request", IS(8, 0), IS(128, 0)},
    {"echo-reply", IS(0, 0), IS(129, 0)},
    {"net-unreachable", IS(3, 0), IS(1, 0)},
    {"host-unreachable", IS(3, 1), IS(1, 3)},
    {"protocol-unreachable", IS(3, 2), IS(4, 1)}, /* IPv6: a next header that nobody knows */
    {"port-unreachable", IS(3, 3), IS(1, 4)},
    {"fragmentation-needed", IS(3, 4), IS(2, 0)}, /* IPv6: packet too big */
    {"prohibited", IS(3, 13), IS(1, 1)},
    {"time-exceeded", IS(11, 0), IS(3, 0)},
    {"reassembly-time-exceeded", IS(11, 1), IS(3, 1)},
    {"parameter-problem", IS(12, 0), IS(4, 0)},
    {"timestamp-request", IS(13, 0), NOT_THERE},
    {"timestamp-reply", IS(14, 0), NOT_THERE},
    {"mld-query", NOT_THERE, IS(130, 0)},
    {"mld-report", NOT_THERE, IS(131, 0)},
    {"mld-done", NOT_THERE, IS(132, 0)},
    {"router-solicitation", NOT_THERE, IS(133, 0)},
    {"router-advertisement", NOT_THERE, IS(134, 0)},
    {"neighbor-solicitation", NOT_THERE, IS(135, 0)},
    {"neighbor-advertisement", NOT_THERE, IS(136, 0)},
    {"mld2-report", NOT_THERE, IS(143, 0)},
};

static const struct ss_message_type igmp_types[] = {
    {"query", IS(0x11, 0), NOT_THERE},     {"report-v1", IS(0x12, 0), NOT_THERE},
    {"report", IS(0x16, 0), NOT_THERE},    {"leave", IS(0x17, 0), NOT_THERE},
    {"report-v3", IS(0x22, 0), NOT_THERE},
};

static const struct ss_message_type arp_types[] = {
    {"request", IS(1, 0), NOT_THERE},
    {"reply", IS(2, 0), NOT_THERE},
};

const struct ss_message_type *ss_message_types(enum ss_protocol protocol, size_t *count)
{
    switch (protocol) {
    case SS_PROTOCOL_ICMP:
        *count = sizeof(icmp_types) / sizeof(icmp_types[0]);
        return icmp_types;
    case SS_PROTOCOL_IGMP:
        *count = sizeof(igmp_types) / sizeof(igmp_types[0]);
        return igmp_types;
    case SS_PROTOCOL_ARP:
        *count = sizeof(arp_types) / sizeof(arp_types[0]);
        return arp_types;
    case SS_PROTOCOL_TCP:
    case SS_PROTOCOL_UDP:
        break;
    }
    *count = 0;
    return NULL;
}

bool ss_message_type_is_error(const struct ss_message_type *type)
{
    bool icmp = type >= icmp_types && type < icmp_types + sizeof(icmp_types) / sizeof(*icmp_types);
    return icmp && ((type->v4.there && ss_icmp_is_error(4, type->v4.type)) ||
                    (type->v6.there && ss_icmp_is_error(6, type->v6.type)));
}

static const struct ss_message_type *type_of(enum ss_protocol protocol, uint8_t version,
                                             uint8_t type, uint8_t code)
{
    size_t count;
    const struct ss_message_type *types = ss_message_types(protocol, &count);
    for (size_t i = 0; i < count; i++) {
        const struct ss_type_number *number = ss_message_type_number(&types[i], version);
        if (number->there && number->type == type &&
            (number->code == code || protocol != SS_PROTOCOL_ICMP))
            return &types[i];
    }
    return NULL;
}

/* --- reading -------------------------------------------------------------------------------------
 */

static bool protocol_of(const struct ss_packet *packet, enum ss_protocol *protocol)
{
    enum { IGMP = 2, UDP = 17 };
    if (packet->transport == SS_TRANSPORT_ICMP)
        *protocol = SS_PROTOCOL_ICMP;
    else if (packet->protocol == UDP)
        *protocol = SS_PROTOCOL_UDP;
    else if (packet->protocol == IGMP && packet->version == 4)
        *protocol = SS_PROTOCOL_IGMP;
    else
        return false;
    return true;
}

/* Every field is set: it is as it is. */
static void read_header(struct ss_layer *header, enum ss_layer_kind kind, const uint8_t *octets)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    *header = (struct ss_layer){.kind = kind};
    header->set = (UINT32_C(1) << table->field_count) - 1;
    memcpy(header->fixed, octets, table->fixed_bytes);
}

/* RFC 768: 0 says that there is none, which over IPv6 must not be (RFC 8200 section 8.1). */
static bool is_udp_wrong(const struct ss_packet *packet, const uint8_t *octets, size_t length)
{
    enum { CHECKSUM = 6, UDP = 17 };
    if (ss_bytes_get16(octets + CHECKSUM) == 0)
        return packet->version == 6;
    ss_checksum_sum sum =
        ss_checksum_pseudo(&packet->source, &packet->destination, UDP, (uint32_t)length);
    /* A local kernel leaves the sum of the pseudo-header to a card that is none. */
    bool offloaded = ss_bytes_get16(octets + CHECKSUM) == ss_checksum_fold(sum);
    return !offloaded && ss_checksum_finish(ss_checksum_add(sum, octets, length)) != 0;
}

static void read_udp(struct ss_message *message, const struct ss_packet *packet,
                     const uint8_t *octets, size_t length)
{
    enum { LENGTH = 4, HEADER = 8 };
    size_t said = ss_bytes_get16(octets + LENGTH);
    bool fits = said >= HEADER && said <= length;
    message->checksum_wrong = !fits || is_udp_wrong(packet, octets, said);
    if (fits)
        message->payload_length = said - HEADER;
}

/* What follows it fills the frame up to what a cable carries at least. */
static bool read_arp(const struct ss_packet *packet, struct ss_message *message)
{
    enum { AT = SS_ETHERNET_HEADER_BYTES, BYTES = 28, OPERATION = 6 };
    struct ss_ethernet_header ethernet;
    if (packet->ip_offset != AT || packet->frame_length < AT + BYTES ||
        !ss_ethernet_decode(packet->frame, packet->frame_length, &ethernet) ||
        ethernet.type != SS_ETHERTYPE_ARP)
        return false;
    *message =
        (struct ss_message){.protocol = SS_PROTOCOL_ARP, .payload = packet->frame + AT + BYTES};
    read_header(&message->ether, SS_LAYER_ETHER, packet->frame);
    read_header(&message->header, SS_LAYER_ARP, packet->frame + AT);
    uint16_t operation = ss_bytes_get16(message->header.fixed + OPERATION);
    if (operation <= UINT8_MAX)
        message->type = type_of(SS_PROTOCOL_ARP, 4, (uint8_t)operation, 0);
    return true;
}

bool ss_message_read(const struct ss_packet *packet, struct ss_message *message)
{
    enum ss_layer_kind kind;
    enum ss_protocol protocol;
    if (packet->version == 0)
        return read_arp(packet, message);
    if (packet->fragment || packet->faults || !protocol_of(packet, &protocol) ||
        !ss_protocol_layer(protocol, packet->version, &kind))
        return false;
    size_t header = ss_layer_table(kind)->fixed_bytes;
    size_t end = packet->payload_offset + packet->payload_length;
    size_t length = end - packet->transport_offset;
    const uint8_t *octets = packet->frame + packet->transport_offset;
    if (length < header)
        return false;
    *message = (struct ss_message){.protocol = protocol};
    read_header(&message->header, kind, octets);
    message->payload = octets + header;
    message->payload_length = length - header;
    if (protocol == SS_PROTOCOL_UDP)
        read_udp(message, packet, octets, length);
    else if (protocol == SS_PROTOCOL_ICMP)
        message->checksum_wrong = packet->transport_checksum == SS_CHECKSUM_BAD;
    else
        message->checksum_wrong = ss_checksum_finish(ss_checksum_add(0, octets, length)) != 0;
    message->type = type_of(protocol, packet->version, octets[0], octets[1]);
    return true;
}

bool ss_message_quoted(const struct ss_packet *packet, struct ss_packet *quoted)
{
    if (packet->transport != SS_TRANSPORT_ICMP || packet->payload_length == 0 ||
        !ss_icmp_is_error(packet->version, packet->icmp.type))
        return false;
    ss_packet_decode(SS_LINK_IP, ss_packet_payload(packet), packet->payload_length, quoted);
    return quoted->version == packet->version;
}

/* --- groups --------------------------------------------------------------------------------------
 */

static struct ss_address address_of(const uint8_t *octets, size_t size)
{
    return size == 4 ? ss_address_v4(octets) : ss_address_v6(octets);
}

/* Records: 4 octets, the group, its sources, and auxiliary data in words. */
static bool record_group(const struct ss_message *message, size_t size, size_t index,
                         struct ss_address *group)
{
    enum { HEAD = 4, SOURCES = 2 };
    const uint8_t *at = message->payload;
    size_t left = message->payload_length;
    while (left >= HEAD + size) {
        if (index-- == 0) {
            *group = address_of(at + HEAD, size);
            return true;
        }
        size_t whole = HEAD + size + ss_bytes_get16(at + SOURCES) * size + at[1] * (size_t)4;
        if (whole > left)
            return false;
        at += whole;
        left -= whole;
    }
    return false;
}

bool ss_message_group(const struct ss_message *message, size_t index, struct ss_address *group)
{
    enum { GROUP = 4, IGMP_V3 = 0x22, MLD_QUERY = 130, MLD_DONE = 132, MLD2_REPORT = 143 };
    const uint8_t *header = message->header.fixed;
    bool igmp = message->protocol == SS_PROTOCOL_IGMP;
    if (igmp && header[0] == IGMP_V3)
        return record_group(message, 4, index, group);
    if (message->header.kind == SS_LAYER_ICMP6 && header[0] == MLD2_REPORT)
        return record_group(message, 16, index, group);
    bool mld = message->header.kind == SS_LAYER_ICMP6 && header[0] >= MLD_QUERY &&
               header[0] <= MLD_DONE && message->payload_length >= 16;
    if (index > 0 || (!igmp && !mld))
        return false;
    *group = igmp ? ss_address_v4(header + GROUP) : ss_address_v6(message->payload);
    return true;
}

bool ss_message_names_group(const struct ss_message *message, const struct ss_address *group)
{
    struct ss_address each;
    for (size_t i = 0; ss_message_group(message, i, &each); i++)
        if (ss_address_equal(&each, group))
            return true;
    return false;
}
