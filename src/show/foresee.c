/* foresee: asks a copy of the verifier, so that nothing has happened yet. */
#include "foresee.h"

/* Later than any timer: what repeats something is told as a repetition, not as late. */
#define SOME_TIME_US (UINT64_MAX / 2)

void ss_foresee(const struct ss_verify *verify, enum ss_link link, const uint8_t *octets,
                size_t length, struct ss_event_segment *segment, struct ss_verify *after)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    *after = *verify;
    *segment = (struct ss_event_segment){.from = SS_SIDE_A, .octets = octets, .length = length};
    ss_packet_decode(link, octets, length, &segment->packet);
    if (segment->packet.transport != SS_TRANSPORT_TCP)
        return;
    ss_verify_packet(after, NULL, SS_SIDE_A, &segment->packet, SOME_TIME_US, &segment->verdicts);
    ss_verify_symbol(after, SS_SIDE_A, tcp->seq, segment->seq_symbol);
    if (tcp->flags & SS_TCP_ACK)
        ss_verify_symbol(after, SS_SIDE_B, tcp->ack, segment->ack_symbol);
    segment->window_bytes = ss_verify_window_bytes(after, SS_SIDE_A, &segment->packet);
}
