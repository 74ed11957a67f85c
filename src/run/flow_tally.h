/*
 * flow_tally: what is counted of a connection. Private to src/run.
 */
#ifndef SYNSTEP_RUN_FLOW_TALLY_H
#define SYNSTEP_RUN_FLOW_TALLY_H

#include "synstep/flows.h"

/* Counts a packet that was judged. */
void flow_tally_count(struct ss_flow *flow, const struct ss_packet *packet, uint64_t time_us,
                      const struct ss_flow_packet *taken);

#endif
