/*
 * stack_check: of a frame that was read into layers, what its checksums should be, and what about
 * it no standard permits.
 *
 * What an ICMP error quotes is another's packet, cut off at will: it is read, but not judged.
 */
#ifndef SYNSTEP_STACK_CHECK_H
#define SYNSTEP_STACK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/checksum.h"
#include "synstep/stack.h"

enum { SS_PSEUDO_HEADER_BYTES_MAX = 40 };

/* One layer's checksum, and all that it is over, in the order in which it is summed. */
struct ss_stack_checksum {
    enum ss_checksum_state state;
    const char *unjudged; /* why the state is NONE: static storage; else NULL */
    uint16_t actual;      /* host order, as `expected` */
    uint16_t expected;    /* when the state is not NONE */
    size_t field_offset;  /* of the checksum itself, which counts as zero */
    size_t offset;        /* of the octets that are summed, from the frame's start */
    size_t length;
    size_t pseudo_length; /* 0: it has no pseudo-header */
    uint8_t pseudo[SS_PSEUDO_HEADER_BYTES_MAX];
};

/* False when this layer has no checksum. `stack` was read from the frame. */
bool ss_stack_checksum(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                       size_t layer, struct ss_stack_checksum *checksum);

/*
 * Appends what is illegal, beyond what dissecting has found, to `faults`: wrong checksums, reserved
 * bits, values that none may send, layers where they must not stand.
 */
void ss_stack_judge(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                    struct ss_stack_faults *faults);

/* How a frame of unknown origin begins: the reading that has more sense. */
enum ss_link ss_stack_guess(const uint8_t *frame, size_t length);

#endif
