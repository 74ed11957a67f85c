/*
 * sum: a checksum worked out as on paper (RFC 1071): for whoever explains a frame, and for whoever
 * is about to send one.
 */
#ifndef SYNSTEP_SHOW_SUM_H
#define SYNSTEP_SHOW_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lines.h"
#include "synstep/checksum.h"

/* A piece of what a checksum is over, summed as 16-bit numbers. */
struct ss_sum_part {
    const char *name;      /* "pseudo-header", "header", "options", "payload"; static storage */
    const uint8_t *octets; /* borrowed as long as the sum is used */
    size_t length;
    bool has_field; /* the checksum lies in it, at `field`, and counts as zero */
    size_t field;
    uint32_t sum; /* not folded: of at most 65,536 octets */
};

enum { SS_SUM_PARTS_MAX = 4 };

/* A checksum step by step. All zero: nothing is added yet. */
struct ss_sum {
    size_t count;
    struct ss_sum_part parts[SS_SUM_PARTS_MAX];
    uint32_t total;
    uint32_t folded[2]; /* after each carry that was added; as many as were needed */
    size_t folds;
    uint16_t complement;
};

/* Adds a part, unless it is empty; the header is the one with the checksum, at octet `field`. */
void ss_sum_add(struct ss_sum *sum, const char *name, const uint8_t *octets, size_t length);
void ss_sum_add_header(struct ss_sum *sum, const uint8_t *octets, size_t length, size_t field);

/* Once all parts are there. */
void ss_sum_work_out(struct ss_sum *sum);

/* The octets of a part with the checksum as zero, two by two; an odd last one with a zero. */
uint16_t ss_sum_word(const struct ss_sum_part *part, size_t word);

/* What stands in the header, and what is thought of it. */
struct ss_sum_sent {
    uint16_t actual;
    uint16_t expected;
    enum ss_checksum_state state;
    bool asked; /* for one that is wrong */
};

void ss_sum_write(struct ss_lines *lines, const struct ss_sum *sum, const struct ss_sum_sent *sent);

#endif
