/*
 * template: where a datagram's words are, what its checksums cover, and the changes that are rare.
 */
#include "synstep/template.h"

#include "synstep/ipv6.h"

enum { IGMP = 2, MORE_OR_OFFSET = 0x3fff, V4_ADDRESSES = 12, V6_ADDRESSES = 8 };

/* What is known of a protocol that a template may carry. */
struct kind {
    uint8_t protocol;
    uint8_t header_bytes; /* the least that must be there */
    uint8_t checksum_at;
    bool pseudo;
    uint16_t for_zero;
};

static const struct kind kinds[] = {
    {SS_IP_TCP, 20, 16, true, 0}, {SS_IP_UDP, 8, 6, true, 0xffff}, /* RFC 768: zero means that there
                                                                      is none */
    {SS_IP_ICMP, 8, 2, false, 0}, {SS_IP_ICMPV6, 8, 2, true, 0},   {IGMP, 8, 2, false, 0},
};

static const struct kind *kind_of(uint8_t protocol)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].protocol == protocol)
            return &kinds[i];
    return NULL;
}

static bool read_ipv4(struct ss_template *template)
{
    struct ss_ipv4_header header;
    if (!ss_ipv4_decode(template->octets, template->length, &header))
        return false;
    template->protocol = header.protocol;
    template->transport_offset = (size_t)header.ihl_words * 4;
    template->addresses_at = V4_ADDRESSES;
    template->addresses_end = SS_IPV4_HEADER_BYTES;
    template->ip.at = 10;
    return header.ihl_words >= SS_IPV4_HEADER_BYTES / 4 &&
           (ss_bytes_get16(template->octets + 6) & MORE_OR_OFFSET) == 0;
}

static bool read_ipv6(struct ss_template *template)
{
    struct ss_ipv6_header header;
    struct ss_ipv6_upper upper;
    if (!ss_ipv6_decode(template->octets, template->length, &header) ||
        !ss_ipv6_walk(template->octets + SS_IPV6_HEADER_BYTES,
                      template->length - SS_IPV6_HEADER_BYTES, header.next_header, &upper))
        return false;
    template->protocol = upper.protocol;
    template->transport_offset = SS_IPV6_HEADER_BYTES + upper.offset;
    template->addresses_at = V6_ADDRESSES;
    template->addresses_end = SS_IPV6_HEADER_BYTES;
    return !upper.fragment && !upper.rerouted;
}

static bool read_ip(struct ss_template *template)
{
    template->version = template->length > 0 ? template->octets[0] >> 4 : 0;
    if (template->version == 4)
        return read_ipv4(template);
    return template->version == 6 && read_ipv6(template);
}

static bool read_transport(struct ss_template *template)
{
    const struct kind *kind = kind_of(template->protocol);
    if (!kind || template->transport_offset > template->length ||
        template->length - template->transport_offset < kind->header_bytes)
        return false;
    template->pseudo = kind->pseudo;
    template->transport.at = template->transport_offset + kind->checksum_at;
    template->transport.for_zero = kind->for_zero;
    return true;
}

/* --- sums --------------------------------------------------------------------------------------
 */

/* Word by word, so that it is exact; an odd last octet counts as if a zero followed. */
static uint32_t exact_sum(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;
    for (; length >= 2; octets += 2, length -= 2)
        sum += ss_bytes_get16(octets);
    return length > 0 ? sum + ((uint32_t)*octets << 8) : sum;
}

static uint32_t pseudo_sum(const struct ss_template *template)
{
    uint32_t covered = (uint32_t)(template->length - template->transport_offset); /* <= 65,535 */
    return template->protocol + covered +
           exact_sum(template->octets + template->addresses_at,
                     template->addresses_end - template->addresses_at);
}

static void sum_up(struct ss_template *template)
{
    uint8_t *transport = template->octets + template->transport_offset;
    if (template->ip.at != 0) {
        ss_bytes_put16(template->octets + template->ip.at, 0);
        template->ip.sum = exact_sum(template->octets, template->transport_offset);
    }
    if (template->transport.at != 0) {
        ss_bytes_put16(template->octets + template->transport.at, 0);
        template->transport.sum =
            exact_sum(transport, template->length - template->transport_offset);
        if (template->pseudo)
            template->transport.sum += pseudo_sum(template);
    }
}

enum ss_status ss_template_of(uint8_t *octets, size_t length, uint32_t verbatim,
                              struct ss_template *template)
{
    struct ss_template found = {.octets = octets, .length = length};
    if (length > SS_TEMPLATE_BYTES_MAX || !read_ip(&found) || !read_transport(&found))
        return SS_USAGE;
    if (verbatim & SS_TEMPLATE_IP_CHECKSUM)
        found.ip.at = 0;
    if (verbatim & SS_TEMPLATE_TRANSPORT_CHECKSUM)
        found.transport.at = 0;
    sum_up(&found);
    ss_template_finish(&found);
    *template = found;
    return SS_OK;
}

/* --- changes -----------------------------------------------------------------------------------
 */

/* Which sums have the words at `at` in them, and so the change, too. */
static void spread(struct ss_template *template, size_t at, uint32_t change)
{
    bool in_addresses = at >= template->addresses_at && at < template->addresses_end;
    if (at < template->transport_offset)
        template->ip.sum += change;
    if (at >= template->transport_offset || (in_addresses && template->pseudo))
        template->transport.sum += change;
}

void ss_template_put16(struct ss_template *template, size_t at, uint16_t value)
{
    assert(at % 2 == 0 && at + 2 <= template->length);
    spread(template, at, ss_template_change16(template->octets + at, value));
}

/* By halves, one of which may lie in the next header. */
void ss_template_put32(struct ss_template *template, size_t at, uint32_t value)
{
    ss_template_put16(template, at, (uint16_t)(value >> 16));
    ss_template_put16(template, at + 2, (uint16_t)value);
}

static void put_address(struct ss_template *template, size_t at, const struct ss_address *address)
{
    assert(address->version == template->version);
    for (size_t i = 0; i < ss_address_length(address); i += 2)
        ss_template_put16(template, at + i, ss_bytes_get16(address->octets + i));
}

void ss_template_put_source(struct ss_template *template, const struct ss_address *source)
{
    put_address(template, template->addresses_at, source);
}

void ss_template_put_destination(struct ss_template *template, const struct ss_address *destination)
{
    put_address(template, template->addresses_at + ss_address_length(destination), destination);
}
