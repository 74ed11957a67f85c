/*
 * packet: the reading of a frame from the link header down to the payload.
 */
#include "synstep/packet.h"

#include "synstep/bytes.h"
#include "synstep/ethernet.h"

/* A decode under way. */
struct reading {
    struct ss_packet *packet;
    size_t end;   /* of the datagram, from the start of the frame; never past the frame's end */
    bool covered; /* all that the transport checksum covers is here and known */
    bool later;   /* a fragment that does not begin with a transport header */
    bool unsized; /* an IPv4 total length of 0 is the frame's */
};

/* Notes a fault after which nothing more can be read. */
static bool stop(struct ss_packet *packet, enum ss_packet_fault fault)
{
    packet->faults |= (uint32_t)fault;
    return false;
}

/* What has been read so far ends `at` octets into the frame. */
static void place_next(struct ss_packet *packet, size_t at)
{
    packet->transport_offset = at;
    packet->payload_offset = at;
}

/* Passes the Ethernet header and what stands between it and IP; `version` gets IP's. */
static bool read_ethernet(struct ss_packet *packet, uint8_t *version)
{
    struct ss_cursor cursor = ss_cursor_over(packet->frame, packet->frame_length);
    const uint8_t *header = ss_cursor_take(&cursor, SS_ETHERNET_HEADER_BYTES);
    if (header)
        *version = ss_linktype_pass_ethertype(&cursor, ss_bytes_get16(header + 12));
    if (cursor.short_)
        return stop(packet, SS_FAULT_LINK_CUT);
    packet->ip_offset = (size_t)(cursor.at - packet->frame);
    place_next(packet, packet->ip_offset);
    return *version != 0 || stop(packet, SS_FAULT_NOT_IP);
}

/* Sets the datagram's end to what its length field says, as far as the frame goes. */
static void bound_datagram(struct reading *reading, size_t end)
{
    struct ss_packet *packet = reading->packet;
    reading->covered = end <= packet->frame_length;
    reading->end = reading->covered ? end : packet->frame_length;
    if (reading->covered)
        return;
    packet->faults |= SS_FAULT_IP_LENGTH;
    packet->payload_missing = end - packet->frame_length;
}

static void take_ipv4_fields(struct ss_packet *packet, const uint8_t *octets)
{
    packet->version = 4;
    packet->fragment = packet->ipv4.more_fragments || packet->ipv4.fragment_offset_words != 0;
    packet->protocol = packet->ipv4.protocol;
    ss_address_set_v4(&packet->source, octets + 12);
    ss_address_set_v4(&packet->destination, octets + 16);
    place_next(packet, packet->ip_offset + SS_IPV4_HEADER_BYTES);
}

static bool read_ipv4(struct reading *reading)
{
    struct ss_packet *packet = reading->packet;
    const uint8_t *octets = packet->frame + packet->ip_offset;
    size_t left = packet->frame_length - packet->ip_offset;
    if (!ss_ipv4_decode(octets, left, &packet->ipv4))
        return stop(packet, SS_FAULT_IP_CUT);
    take_ipv4_fields(packet, octets);
    size_t header_bytes = packet->ipv4.ihl_words * (size_t)4;
    if (header_bytes < SS_IPV4_HEADER_BYTES || header_bytes > left)
        return stop(packet, SS_FAULT_IP_HEADER_LENGTH);
    bool good = ss_checksum_finish(ss_checksum_add(0, octets, header_bytes)) == 0;
    packet->ip_checksum = good ? SS_CHECKSUM_GOOD : SS_CHECKSUM_BAD;
    place_next(packet, packet->ip_offset + header_bytes);
    size_t total = packet->ipv4.total_length;
    if (total == 0 && reading->unsized)
        total = left;
    if (total < header_bytes)
        return stop(packet, SS_FAULT_IP_LENGTH);
    bound_datagram(reading, packet->ip_offset + total);
    reading->later = packet->ipv4.fragment_offset_words != 0;
    return true;
}

static void take_ipv6_fields(struct ss_packet *packet)
{
    packet->version = 6;
    packet->protocol = packet->ipv6.next_header;
    packet->source = packet->ipv6.source;
    packet->destination = packet->ipv6.destination;
    place_next(packet, packet->ip_offset + SS_IPV6_HEADER_BYTES);
}

static bool read_ipv6(struct reading *reading)
{
    struct ss_packet *packet = reading->packet;
    size_t left = packet->frame_length - packet->ip_offset;
    if (!ss_ipv6_decode(packet->frame + packet->ip_offset, left, &packet->ipv6))
        return stop(packet, SS_FAULT_IP_CUT);
    take_ipv6_fields(packet);
    size_t after = packet->transport_offset;
    bound_datagram(reading, after + packet->ipv6.payload_length);
    struct ss_ipv6_upper upper;
    if (!ss_ipv6_walk(packet->frame + after, reading->end - after, packet->ipv6.next_header,
                      &upper))
        return stop(packet, SS_FAULT_IP_EXTENSIONS);
    packet->protocol = upper.protocol;
    packet->fragment = upper.fragment;
    place_next(packet, after + upper.offset);
    reading->later = upper.fragment_offset != 0;
    /* With segments left the final destination is elsewhere, how deep depends on the routing type
     * (RFC 8200 section 8.1): left unjudged rather than called bad. */
    reading->covered = reading->covered && !upper.rerouted;
    return true;
}

/* `version` as the link names it, 0 when the link does not say. */
static bool read_ip(struct reading *reading, uint8_t version)
{
    struct ss_packet *packet = reading->packet;
    if (packet->ip_offset == packet->frame_length)
        return stop(packet, SS_FAULT_IP_CUT);
    uint8_t actual = packet->frame[packet->ip_offset] >> 4;
    if ((actual != 4 && actual != 6) || (version != 0 && actual != version))
        return stop(packet, SS_FAULT_NOT_IP);
    return actual == 4 ? read_ipv4(reading) : read_ipv6(reading);
}

/*
 * The sum of all but the two octets of the field: in one go, and the field taken off again, where
 * something else than zeros is in it for certain (of nothing but zeros the sum has two values).
 */
static ss_checksum_sum sum_around(const uint8_t *octets, size_t length, size_t field_offset,
                                  ss_checksum_sum pseudo)
{
    if (pseudo != 0)
        return ss_checksum_add(pseudo, octets, length) + UINT16_MAX -
               ss_bytes_get16(octets + field_offset);
    size_t rest = field_offset + 2;
    return ss_checksum_add(ss_checksum_add(0, octets, field_offset), octets + rest, length - rest);
}

/*
 * Compares the checksum `field_offset` octets into the transport's `length` octets with what it
 * should be. `pseudo` is the pseudo-header's sum, 0 where there is none.
 */
static void judge_checksum(struct reading *reading, size_t length, size_t field_offset,
                           ss_checksum_sum pseudo)
{
    struct ss_packet *packet = reading->packet;
    if (!reading->covered || packet->fragment)
        return;
    const uint8_t *octets = packet->frame + packet->transport_offset;
    ss_checksum_sum sum = sum_around(octets, length, field_offset, pseudo);
    packet->transport_checksum_expected = ss_checksum_finish(sum);
    uint16_t actual = ss_bytes_get16(octets + field_offset);
    /* A receiver adds up everything (RFC 1071 section 1), so that both of one's complement's zeros
     * pass for each other. Right comes before left to the card: the two can coincide. */
    if (ss_checksum_finish(sum + actual) == 0)
        packet->transport_checksum = SS_CHECKSUM_GOOD;
    else if (packet->transport == SS_TRANSPORT_TCP && actual == ss_checksum_fold(pseudo))
        packet->transport_checksum = SS_CHECKSUM_OFFLOADED;
    else
        packet->transport_checksum = SS_CHECKSUM_BAD;
}

/* As ss_checksum_pseudo, of the two addresses where they lie in the frame, side by side. */
static ss_checksum_sum pseudo_sum(const struct ss_packet *packet, size_t length)
{
    const uint8_t *ip = packet->frame + packet->ip_offset;
    ss_checksum_sum sum = packet->protocol + (length >> 16) + (length & UINT16_MAX);
    return packet->version == 4 ? ss_checksum_add(sum, ip + 12, 8)
                                : ss_checksum_add(sum, ip + 8, 32);
}

static void read_tcp(struct reading *reading)
{
    struct ss_packet *packet = reading->packet;
    const uint8_t *octets = packet->frame + packet->transport_offset;
    size_t length = reading->end - packet->transport_offset;
    if (!ss_tcp_decode(octets, length, &packet->tcp)) {
        packet->faults |= SS_FAULT_TRANSPORT_CUT;
        return;
    }
    packet->transport = SS_TRANSPORT_TCP;
    judge_checksum(reading, length, 16, pseudo_sum(packet, length));
    size_t header_bytes = packet->tcp.offset_words * (size_t)4;
    if (header_bytes < SS_TCP_HEADER_BYTES || header_bytes > length) {
        packet->faults |= SS_FAULT_TCP_OFFSET;
        size_t cut = header_bytes > length ? header_bytes - length : 0;
        packet->payload_missing -= cut < packet->payload_missing ? cut : packet->payload_missing;
        packet->payload_offset += SS_TCP_HEADER_BYTES;
        packet->payload_length = 0; /* where it begins is not known */
        return;
    }
    packet->payload_offset += header_bytes;
    packet->payload_length = length - header_bytes;
    ss_tcp_options_decode(octets + SS_TCP_HEADER_BYTES, header_bytes - SS_TCP_HEADER_BYTES,
                          &packet->options);
    if (packet->options.malformed)
        packet->faults |= SS_FAULT_TCP_OPTIONS;
}

static void read_icmp(struct reading *reading)
{
    struct ss_packet *packet = reading->packet;
    size_t length = reading->end - packet->transport_offset;
    if (!ss_icmp_decode(packet->frame + packet->transport_offset, length, &packet->icmp)) {
        packet->faults |= SS_FAULT_TRANSPORT_CUT;
        return;
    }
    packet->transport = SS_TRANSPORT_ICMP;
    packet->payload_offset += SS_ICMP_HEADER_BYTES;
    packet->payload_length = length - SS_ICMP_HEADER_BYTES;
    /* ICMPv6 covers a pseudo-header, ICMP does not (RFC 4443 section 2.3). */
    judge_checksum(reading, length, 2, packet->version == 6 ? pseudo_sum(packet, length) : 0);
}

static void decode(enum ss_link link, struct reading *reading)
{
    struct ss_packet *packet = reading->packet;
    uint8_t version = 0;
    if (link == SS_LINK_ETHERNET && !read_ethernet(packet, &version))
        return;
    if (!read_ip(reading, version))
        return;
    packet->payload_length = reading->end - packet->payload_offset;
    if (reading->later)
        return;
    if (packet->protocol == SS_IP_TCP)
        read_tcp(reading);
    else if (packet->protocol == (packet->version == 4 ? SS_IP_ICMP : SS_IP_ICMPV6))
        read_icmp(reading);
}

void ss_packet_decode(enum ss_link link, const uint8_t *frame, size_t length,
                      struct ss_packet *packet)
{
    struct reading reading = {.packet = packet};
    *packet = (struct ss_packet){.frame = frame, .frame_length = length};
    decode(link, &reading);
}

void ss_packet_decode_unsized(enum ss_link link, const uint8_t *frame, size_t length,
                              struct ss_packet *packet)
{
    struct reading reading = {.packet = packet, .unsized = true};
    *packet = (struct ss_packet){.frame = frame, .frame_length = length};
    decode(link, &reading);
}

uint32_t ss_packet_segment_length(const struct ss_packet *packet)
{
    return ss_seq_segment_length((uint32_t)packet->payload_length,
                                 (packet->tcp.flags & SS_TCP_SYN) != 0,
                                 (packet->tcp.flags & SS_TCP_FIN) != 0);
}

const uint8_t *ss_packet_payload(const struct ss_packet *packet)
{
    /* Not `frame + 0`: an empty frame may be NULL. */
    return packet->payload_offset ? packet->frame + packet->payload_offset : packet->frame;
}

struct fault_text {
    enum ss_packet_fault fault;
    const char *text;
};

/* From the outermost header inwards. */
static const struct fault_text fault_texts[] = {
    {SS_FAULT_LINK_CUT, "frame shorter than its link header"},
    {SS_FAULT_NOT_IP, "neither IPv4 nor IPv6"},
    {SS_FAULT_IP_CUT, "datagram shorter than its IP header"},
    {SS_FAULT_IP_HEADER_LENGTH, "IPv4 header length below 5 words or past the end"},
    {SS_FAULT_IP_LENGTH, "IP length below the header or past the end"},
    {SS_FAULT_IP_EXTENSIONS, "IPv6 extension header cut short"},
    {SS_FAULT_TRANSPORT_CUT, "shorter than its TCP or ICMP header"},
    {SS_FAULT_TCP_OFFSET, "TCP data offset below 5 words or past the end"},
    {SS_FAULT_TCP_OPTIONS, "TCP option of a wrong length"},
};

const char *ss_packet_fault_text(uint32_t faults)
{
    for (size_t i = 0; i < sizeof fault_texts / sizeof fault_texts[0]; i++)
        if (faults & (uint32_t)fault_texts[i].fault)
            return fault_texts[i].text;
    return NULL;
}
