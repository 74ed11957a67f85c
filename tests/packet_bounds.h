/* packet_bounds: what must hold of a view of any octets whatever, for test_packet and the fuzzer.
 */
#ifndef SS_TESTS_PACKET_BOUNDS_H
#define SS_TESTS_PACKET_BOUNDS_H

#include "synstep/packet.h"

/* Every offset within the frame and in order, and nothing claimed that was not read. */
static inline bool packet_within_bounds(const struct ss_packet *packet)
{
    size_t end = packet->frame_length;
    if (packet->ip_offset > packet->transport_offset ||
        packet->transport_offset > packet->payload_offset || packet->payload_offset > end ||
        packet->payload_length > end - packet->payload_offset)
        return false;
    if (packet->transport == SS_TRANSPORT_TCP &&
        packet->payload_offset - packet->transport_offset < SS_TCP_HEADER_BYTES)
        return false;
    if (packet->transport == SS_TRANSPORT_NONE && packet->transport_checksum != SS_CHECKSUM_NONE)
        return false;
    return packet->version == 4 || packet->version == 6 ||
           (packet->version == 0 && packet->faults != 0 && packet->transport == SS_TRANSPORT_NONE);
}

/* Touches every octet of the payload, so that a sanitizer sees where it lies. */
static inline unsigned packet_touch_payload(const struct ss_packet *packet)
{
    const uint8_t *payload = ss_packet_payload(packet);
    unsigned sum = 0;
    for (size_t i = 0; i < packet->payload_length; i++)
        sum += payload[i];
    return sum;
}

/* Whether a walk over the options stays inside them and always moves on. */
static inline bool options_within_bounds(const uint8_t *octets, size_t length)
{
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, length);
    struct ss_tcp_option option;
    size_t least = 0;
    while (ss_tcp_option_next(&walk, &option)) {
        if (option.offset < least || option.length == 0 || option.length > length - option.offset)
            return false;
        if (option.data && option.data != octets + option.offset + 2)
            return false;
        least = option.offset + option.length;
    }
    return walk.at <= length;
}

#endif
