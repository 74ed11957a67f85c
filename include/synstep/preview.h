/*
 * preview: a segment that is to be sent next: its headers field by field, and how its checksums
 * come about.
 */
#ifndef SYNSTEP_PREVIEW_H
#define SYNSTEP_PREVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/ladder.h"
#include "synstep/player.h"

struct ss_preview {
    const struct ss_step *step; /* the statement that sends it */
    const char *edits;          /* what was changed of it by hand; "" for nothing */
    const struct ss_draft *draft;
    const uint8_t *octets; /* what ss_draft_build makes of it */
    size_t length;
    const uint8_t *before; /* the same before it was changed: what differs is marked; NULL: none */
    size_t before_length;
    const struct ss_verify *verify; /* both ends as they are: it gives the numbers their letters */
};

/* Writes it where the ladder writes. */
void ss_preview_show(struct ss_ladder *ladder, const struct ss_preview *preview);

/* Writes that the segment of `step` cannot be made as it stands, and why. */
void ss_preview_refuse(struct ss_ladder *ladder, const struct ss_step *step, const char *why);

#endif
