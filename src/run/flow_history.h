/*
 * flow_history: a connection's history in letters. Private to src/run.
 */
#ifndef SYNSTEP_RUN_FLOW_HISTORY_H
#define SYNSTEP_RUN_FLOW_HISTORY_H

#include "synstep/flows.h"

/* Adds what a packet that was judged has to say; most have nothing. The flow is a counted one. */
void flow_history_add(struct ss_flow *flow, const struct ss_packet *packet,
                      const struct ss_flow_packet *taken);

#endif
