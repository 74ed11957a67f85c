/*
 * dissection_parts: what the files of the dissection share.
 */
#ifndef SYNSTEP_SHOW_DISSECTION_PARTS_H
#define SYNSTEP_SHOW_DISSECTION_PARTS_H

#include "sum.h"
#include "synstep/dissection.h"
#include "synstep/stack_check.h"

/* False when this layer has no checksum that could be worked out. */
bool ss_dissection_sum(const struct ss_stack *stack, const uint8_t *frame, size_t layer,
                       const struct ss_stack_checksum *checksum, struct ss_sum *sum);

/* Reads and judges a frame. */
void ss_dissection_read(const struct ss_dissection_frame *frame, struct ss_stack *stack,
                        struct ss_stack_faults *faults);

#endif
