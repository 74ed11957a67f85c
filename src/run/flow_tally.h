/*
 * flow_tally: what is counted of a connection. Private to src/run.
 */
#ifndef SYNSTEP_RUN_FLOW_TALLY_H
#define SYNSTEP_RUN_FLOW_TALLY_H

#include "synstep/flows.h"

/* A flow begins: nothing of it is counted yet. */
void flow_tally_begin(struct ss_flow *flow);

/* Whether a checksum is wrong, so that nobody takes it. */
static inline bool flow_tally_is_dropped(const struct ss_packet *packet)
{
    return packet->transport_checksum == SS_CHECKSUM_BAD || packet->ip_checksum == SS_CHECKSUM_BAD;
}

/* Counts a packet that was judged. */
void flow_tally_count(struct ss_flow *flow, const struct ss_packet *packet, uint64_t time_us,
                      const struct ss_flow_packet *taken);

#endif
