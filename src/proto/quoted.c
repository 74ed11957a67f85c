/*
 * quoted: the segment that an ICMP error is about (RFC 792, RFC 4443 section 3), as far as quoted.
 */
#include "synstep/bytes.h"
#include "synstep/packet.h"

/* Ports and sequence number: all that RFC 792 promises of the transport header. */
enum { QUOTED_TCP_BYTES = 8 };

/* Passes the quoted IPv4 header. False when no beginning of a TCP segment follows. */
static bool pass_ipv4(struct ss_cursor *quote, struct ss_address *source,
                      struct ss_address *destination)
{
    struct ss_ipv4_header ipv4;
    if (!ss_ipv4_decode(quote->at, ss_cursor_left(quote), &ipv4))
        return false;
    *source = ipv4.source;
    *destination = ipv4.destination;
    return ipv4.version == 4 && ipv4.ihl_words >= 5 && ipv4.protocol == SS_IP_TCP &&
           ipv4.fragment_offset_words == 0 && ss_cursor_take(quote, ipv4.ihl_words * (size_t)4);
}

static bool pass_ipv6(struct ss_cursor *quote, struct ss_address *source,
                      struct ss_address *destination)
{
    struct ss_ipv6_header ipv6;
    struct ss_ipv6_upper upper;
    if (!ss_ipv6_decode(quote->at, ss_cursor_left(quote), &ipv6) || ipv6.version != 6)
        return false;
    *source = ipv6.source;
    *destination = ipv6.destination;
    ss_cursor_take(quote, SS_IPV6_HEADER_BYTES);
    return ss_ipv6_walk(quote->at, ss_cursor_left(quote), ipv6.next_header, &upper) &&
           upper.protocol == SS_IP_TCP && upper.fragment_offset == 0 &&
           ss_cursor_take(quote, upper.offset);
}

bool ss_packet_quoted(const struct ss_packet *packet, struct ss_socket_address *source,
                      struct ss_socket_address *destination, struct ss_seq *seq)
{
    if (packet->transport != SS_TRANSPORT_ICMP ||
        !ss_icmp_is_error(packet->version, packet->icmp.type))
        return false;
    struct ss_cursor quote = ss_cursor_over(ss_packet_payload(packet), packet->payload_length);
    struct ss_address from;
    struct ss_address to;
    bool is_tcp =
        packet->version == 4 ? pass_ipv4(&quote, &from, &to) : pass_ipv6(&quote, &from, &to);
    const uint8_t *tcp = is_tcp ? ss_cursor_take(&quote, QUOTED_TCP_BYTES) : NULL;
    if (!tcp)
        return false;
    *source = (struct ss_socket_address){.address = from, .port = ss_bytes_get16(tcp)};
    *destination = (struct ss_socket_address){.address = to, .port = ss_bytes_get16(tcp + 2)};
    *seq = ss_seq_from(ss_bytes_get32(tcp + 4));
    return true;
}
