/* stack_parts: what the files of stack share. Private to src/proto. */
#ifndef SYNSTEP_PROTO_STACK_PARTS_H
#define SYNSTEP_PROTO_STACK_PARTS_H

#include "synstep/stack.h"

/* The IP protocol number of a kind of layer; 255, reserved, for what has none. */
uint32_t ss_stack_protocol(enum ss_layer_kind kind);

/* The nearest IP layer before layer `i`; -1 when there is none. */
int ss_stack_carrier(const struct ss_stack *stack, size_t i);

/*
 * The addresses that the pseudo-header of layer `i` has: with a routing header under way, the
 * destination that it leads to at last (RFC 8200 section 8.1). False when no IP layer carries it.
 */
bool ss_stack_ends(const struct ss_stack *stack, size_t i, struct ss_address *source,
                   struct ss_address *destination);

#endif
