/*
 * dissection_parts: what the files of the dissection share.
 */
#ifndef SYNSTEP_SHOW_DISSECTION_PARTS_H
#define SYNSTEP_SHOW_DISSECTION_PARTS_H

#include "lines.h"
#include "synstep/dissection.h"
#include "synstep/stack_check.h"

/* A piece of what a checksum is over, summed as 16-bit numbers. */
struct ss_sum_part {
    const char *name; /* "pseudo-header", "header", "options", "payload"; static storage */
    const uint8_t *octets;
    size_t length;
    bool has_field; /* the checksum lies in it, at `field`, and counts as zero */
    size_t field;
    uint32_t sum; /* not folded: of at most 65,536 octets */
};

enum { SS_SUM_PARTS_MAX = 4 };

/* A checksum step by step. */
struct ss_sum {
    size_t count;
    struct ss_sum_part parts[SS_SUM_PARTS_MAX];
    uint32_t total;
    uint32_t folded[2]; /* after each carry that was added; as many as were needed */
    size_t folds;
    uint16_t complement;
};

/* False when this layer has no checksum that could be worked out. */
bool ss_sum_work_out(const struct ss_stack *stack, const uint8_t *frame, size_t layer,
                     const struct ss_stack_checksum *checksum, struct ss_sum *sum);

/* The octets of a part with the checksum as zero, two by two; an odd last one with a zero. */
uint16_t ss_sum_word(const struct ss_sum_part *part, size_t word);

/* Below a layer's fields: its checksum, step by step. */
void ss_dissection_write_sum(struct ss_lines *lines, const struct ss_sum *sum,
                             const struct ss_stack_checksum *checksum);

/* Reads and judges a frame. */
void ss_dissection_read(const struct ss_dissection_frame *frame, struct ss_stack *stack,
                        struct ss_stack_faults *faults);

#endif
