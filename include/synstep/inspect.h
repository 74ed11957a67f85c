/*
 * inspect: what is known of a connection at this moment: both ends' variables, the peer's own
 * testimony, a segment's headers.
 */
#ifndef SYNSTEP_INSPECT_H
#define SYNSTEP_INSPECT_H

#include "synstep/ladder.h"
#include "synstep/player.h"

/* All of them write where the ladder writes. */

/* Our own end's variables, and both ends' as their segments make them (RFC 9293 section 3.3.1). */
void ss_inspect_tcb(struct ss_ladder *ladder, const struct ss_player_tcb *tcb);

/* What the far end answered when it was looked at; `kernel`: it is a kernel that says so. */
void ss_inspect_peer(struct ss_ladder *ladder, const struct ss_player_tcb *tcb,
                     const struct ss_far_answer *answer, bool kernel);

/* A segment of the trace field by field. */
void ss_inspect_headers(struct ss_ladder *ladder, const struct ss_event_segment *segment);

#endif
