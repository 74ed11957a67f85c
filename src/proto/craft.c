/*
 * craft: one datagram from field values; what is not given verbatim is computed.
 */
#include "synstep/craft.h"

#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/tcp_option.h"

enum { HOP_LIMIT_DEFAULT = 64, LENGTH_FIELD_MAX = 65535, TCP_CHECKSUM_OFFSET = 16 };

/* How many octets each part takes. */
struct layout {
    size_t ip_bytes;
    size_t options_bytes; /* padded */
    size_t tcp_bytes;     /* header, options and payload */
};

struct ss_craft ss_craft_between(const struct ss_socket_address *source,
                                 const struct ss_socket_address *destination)
{
    struct ss_craft craft = {.version = source->address.version};
    if (craft.version == 6) {
        craft.ipv6.hop_limit = HOP_LIMIT_DEFAULT;
        craft.ipv6.source = source->address;
        craft.ipv6.destination = destination->address;
    } else {
        craft.ipv4.ttl = HOP_LIMIT_DEFAULT;
        craft.ipv4.dont_fragment = true;
        craft.ipv4.source = source->address;
        craft.ipv4.destination = destination->address;
    }
    craft.tcp.source_port = source->port;
    craft.tcp.destination_port = destination->port;
    return craft;
}

/* IPv4's length field counts the IP header too, IPv6's does not. */
static enum ss_status lay_out(const struct ss_craft *craft, struct layout *layout)
{
    if ((craft->version != 4 && craft->version != 6) ||
        craft->options_length > SS_TCP_OPTIONS_BYTES_MAX)
        return SS_USAGE;
    layout->ip_bytes = craft->version == 4 ? SS_IPV4_HEADER_BYTES : SS_IPV6_HEADER_BYTES;
    layout->options_bytes = (craft->options_length + 3) & ~(size_t)3;
    size_t counted = craft->version == 4 ? layout->ip_bytes : 0;
    size_t header_bytes = SS_TCP_HEADER_BYTES + layout->options_bytes;
    if (craft->payload_length > LENGTH_FIELD_MAX - counted - header_bytes)
        return SS_USAGE;
    layout->tcp_bytes = header_bytes + craft->payload_length;
    return SS_OK;
}

static inline bool is_computed(const struct ss_craft *craft, enum ss_craft_field field)
{
    return (craft->verbatim & (uint32_t)field) == 0;
}

static void build_ipv4(const struct ss_craft *craft, const struct layout *layout, uint8_t *octets)
{
    struct ss_ipv4_header header = craft->ipv4;
    if (is_computed(craft, SS_CRAFT_IPV4_VERSION))
        header.version = 4;
    if (is_computed(craft, SS_CRAFT_IPV4_IHL))
        header.ihl_words = SS_IPV4_HEADER_BYTES / 4;
    if (is_computed(craft, SS_CRAFT_IPV4_TOTAL_LENGTH))
        header.total_length = (uint16_t)(layout->ip_bytes + layout->tcp_bytes);
    if (is_computed(craft, SS_CRAFT_IPV4_PROTOCOL))
        header.protocol = SS_IP_TCP;
    bool sum_it = is_computed(craft, SS_CRAFT_IPV4_CHECKSUM);
    if (sum_it)
        header.checksum = 0;
    ss_ipv4_encode(&header, octets);
    if (sum_it)
        ss_bytes_put16(octets + 10,
                       ss_checksum_finish(ss_checksum_add(0, octets, SS_IPV4_HEADER_BYTES)));
}

static void build_ipv6(const struct ss_craft *craft, const struct layout *layout, uint8_t *octets)
{
    struct ss_ipv6_header header = craft->ipv6;
    if (is_computed(craft, SS_CRAFT_IPV6_VERSION))
        header.version = 6;
    if (is_computed(craft, SS_CRAFT_IPV6_PAYLOAD_LENGTH))
        header.payload_length = (uint16_t)layout->tcp_bytes;
    if (is_computed(craft, SS_CRAFT_IPV6_NEXT_HEADER))
        header.next_header = SS_IP_TCP;
    ss_ipv6_encode(&header, octets);
}

/*
 * The pseudo-header's sum, its addresses read from the header already built: what is summed is
 * what is sent. Protocol and length are the true ones, even where the header lies about them.
 */
static ss_checksum_sum pseudo_sum(const struct ss_craft *craft, const struct layout *layout,
                                  const uint8_t *octets)
{
    ss_checksum_sum sum = SS_IP_TCP + (ss_checksum_sum)layout->tcp_bytes;
    return craft->version == 4 ? ss_checksum_add(sum, octets + 12, 8)
                               : ss_checksum_add(sum, octets + 8, 32);
}

static void build_tcp(const struct ss_craft *craft, const struct layout *layout, uint8_t *octets)
{
    struct ss_tcp_header header = craft->tcp;
    if (is_computed(craft, SS_CRAFT_TCP_OFFSET))
        header.offset_words = (uint8_t)((SS_TCP_HEADER_BYTES + layout->options_bytes) / 4);
    if (is_computed(craft, SS_CRAFT_TCP_CHECKSUM))
        header.checksum = 0;
    ss_tcp_encode(&header, octets);
    uint8_t *options = octets + SS_TCP_HEADER_BYTES;
    if (craft->options_length > 0)
        memcpy(options, craft->options, craft->options_length);
    memset(options + craft->options_length, 0, layout->options_bytes - craft->options_length);
    if (craft->payload_length > 0)
        memcpy(options + layout->options_bytes, craft->payload, craft->payload_length);
}

enum ss_status ss_craft_build(const struct ss_craft *craft, uint8_t *octets, size_t size,
                              size_t *length)
{
    struct layout layout;
    enum ss_status status = lay_out(craft, &layout);
    if (status != SS_OK)
        return status;
    if (layout.ip_bytes + layout.tcp_bytes > size)
        return SS_NO_SPACE;
    if (craft->version == 4)
        build_ipv4(craft, &layout, octets);
    else
        build_ipv6(craft, &layout, octets);
    uint8_t *tcp = octets + layout.ip_bytes;
    build_tcp(craft, &layout, tcp);
    if (is_computed(craft, SS_CRAFT_TCP_CHECKSUM))
        ss_bytes_put16(tcp + TCP_CHECKSUM_OFFSET,
                       ss_checksum_finish(ss_checksum_add(pseudo_sum(craft, &layout, octets), tcp,
                                                          layout.tcp_bytes)));
    *length = layout.ip_bytes + layout.tcp_bytes;
    return SS_OK;
}
