/*
 * explain: why a segment has the numbers that it has: where each comes from, the clause, the sum;
 * and what the checks say of it.
 */
#ifndef SYNSTEP_EXPLAIN_H
#define SYNSTEP_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/ladder.h"
#include "synstep/player.h"

/* A segment that is to be sent next, of which nothing is in the trace. */
struct ss_explain_next {
    const struct ss_player *player;
    const struct ss_scenario *scenario; /* whose names the step uses */
    const struct ss_step *step;         /* with what was changed of it by hand */
    enum ss_link link;                  /* what its octets begin with */
    const uint8_t *octets;              /* the datagram as it will go */
    size_t length;
};

/* Both write where the ladder writes. */
void ss_explain_next(struct ss_ladder *ladder, const struct ss_explain_next *next);
void ss_explain_segment(struct ss_ladder *ladder, const struct ss_player *player,
                        const struct ss_event_segment *segment);

#endif
