/*
 * flow_history: a connection's history in letters. Private to src/run.
 */
#ifndef SYNSTEP_RUN_FLOW_HISTORY_H
#define SYNSTEP_RUN_FLOW_HISTORY_H

#include "synstep/flows.h"

/* Bits of struct ss_flow_side's letters: an ACK that carries nothing; data. */
enum { FLOW_HISTORY_ACK = 1 << 2, FLOW_HISTORY_DATA = 1 << 3 };

/* Adds what a packet that was judged has to say. The flow is a counted one. */
void flow_history_write(struct ss_flow *flow, const struct ss_packet *packet,
                        const struct ss_flow_packet *taken);

/* The same. Most packets are one more of what was there before. */
static inline void flow_history_add(struct ss_flow *flow, const struct ss_packet *packet,
                                    const struct ss_flow_packet *taken)
{
    const uint8_t telling = SS_TCP_SYN | SS_TCP_ACK | SS_TCP_FIN | SS_TCP_RST;
    uint16_t letter = packet->payload_length > 0 ? FLOW_HISTORY_DATA : FLOW_HISTORY_ACK;
    if ((packet->tcp.flags & telling) != SS_TCP_ACK || taken->analysis.flags != 0 ||
        !(flow->sides[taken->from].letters & letter) ||
        packet->transport_checksum == SS_CHECKSUM_BAD || packet->ip_checksum == SS_CHECKSUM_BAD)
        flow_history_write(flow, packet, taken);
}

#endif
