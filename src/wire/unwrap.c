/*
 * unwrap: decode, and while there is a fragment or a tunnel, once more.
 */
#include "synstep/unwrap.h"

#include "synstep/tunnel.h"

/* The datagram that a fragment completes; false while it does not. */
static bool put_together(struct ss_fragments *fragments, const struct ss_capture_frame *frame,
                         struct ss_unwrapped *unwrapped)
{
    struct ss_fragment *fragment = &unwrapped->fragment;
    ss_fragments_take(fragments, &unwrapped->packet, frame->number, frame->time_ns, fragment);
    if (fragment->fate != SS_FRAGMENT_WHOLE)
        return false;
    ss_packet_decode(SS_LINK_IP, fragment->octets, fragment->length, &unwrapped->packet);
    if (fragment->ip_checksum_bad)
        unwrapped->packet.ip_checksum = SS_CHECKSUM_BAD;
    return true;
}

static bool enter(struct ss_unwrapped *unwrapped)
{
    if (unwrapped->tunnels == SS_TUNNELS_MAX || !ss_tunnel_enter(&unwrapped->packet))
        return false;
    unwrapped->tunnels++;
    return true;
}

/*
 * A card that cuts large segments to size (TSO) writes their lengths, so that Windows, and Linux
 * where they are longer than 65,535 octets, leave the total length 0; and both checksums to it.
 */
static void decode_unsized(const struct ss_capture_frame *frame, struct ss_packet *packet)
{
    ss_packet_decode_unsized(frame->link, frame->octets, frame->length, packet);
    if (packet->ip_checksum == SS_CHECKSUM_BAD)
        packet->ip_checksum = SS_CHECKSUM_OFFLOADED;
    if (packet->transport_checksum == SS_CHECKSUM_BAD)
        packet->transport_checksum = SS_CHECKSUM_OFFLOADED;
    if (frame->missing_bytes == 0)
        return;
    packet->faults |= SS_FAULT_IP_LENGTH;
    packet->payload_missing = frame->missing_bytes;
    packet->transport_checksum = SS_CHECKSUM_NONE;
}

static void decode(const struct ss_capture_frame *frame, struct ss_packet *packet)
{
    ss_packet_decode(frame->link, frame->octets, frame->length, packet);
    if (packet->version == 4 && packet->ipv4.total_length == 0 && !packet->fragment &&
        packet->protocol == SS_IP_TCP && packet->faults == SS_FAULT_IP_LENGTH)
        decode_unsized(frame, packet);
}

static void unwrap(struct ss_fragments *fragments, const struct ss_capture_frame *frame,
                   struct ss_unwrapped *unwrapped)
{
    struct ss_packet *packet = &unwrapped->packet;
    decode(frame, packet);
    unwrapped->tunnels = 0;
    unwrapped->fragment.fate = SS_FRAGMENT_NONE;
    if (packet->transport == SS_TRANSPORT_TCP && !packet->fragment)
        return;
    /* A datagram of IPv6 may be a fragment once more: at most one for each tunnel and the first. */
    for (unsigned put = 0; put <= SS_TUNNELS_MAX; put++) {
        if (packet->fragment && !put_together(fragments, frame, unwrapped))
            return;
        while (!packet->fragment && enter(unwrapped))
            continue;
        if (!packet->fragment)
            return;
    }
}

/* The kernel knows more of such a checksum than its octets tell. */
void ss_unwrap(struct ss_fragments *fragments, const struct ss_capture_frame *frame,
               struct ss_unwrapped *unwrapped)
{
    unwrap(fragments, frame, unwrapped);
    if (frame->card_sums && unwrapped->packet.transport_checksum == SS_CHECKSUM_BAD)
        unwrapped->packet.transport_checksum = SS_CHECKSUM_OFFLOADED;
}

bool ss_unwrap_mend(const struct ss_capture_frame *frame, struct ss_packet *packet, bool *cut)
{
    const uint32_t header = SS_FAULT_TRANSPORT_CUT | SS_FAULT_TCP_OFFSET;
    *cut = frame->missing_bytes > 0 && packet->payload_missing > 0;
    if (!*cut)
        return true;
    if (packet->faults & header)
        return false;
    packet->faults &= ~(uint32_t)SS_FAULT_IP_LENGTH;
    packet->payload_length += packet->payload_missing;
    return true;
}
