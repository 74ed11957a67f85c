/*
 * stack: a frame as a list of layers, the outermost first -> octets, and back.
 *
 * What is not set is computed; what is set goes out verbatim, however wrong. What was read from a
 * frame has every field set, so that building it again gives the same octets.
 */
#ifndef SYNSTEP_STACK_H
#define SYNSTEP_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/layer.h"
#include "synstep/packet.h"
#include "synstep/status.h"

enum { SS_STACK_LAYERS_MAX = 16, SS_FRAME_BYTES_MAX = 65536 + 64 };

struct ss_stack {
    size_t count;
    struct ss_layer layers[SS_STACK_LAYERS_MAX];
    size_t offset[SS_STACK_LAYERS_MAX]; /* of each layer's first octet: filled in by both ways */

    /* Filled in by dissecting alone. */
    size_t
        quoted; /* the first layer of what an ICMP error quotes; `count` when it quotes nothing */
    size_t end; /* where the lengths end: an octet at or behind it is padding */
};

/*
 * Builds the frame into `octets`. SS_NO_SPACE when it exceeds `size`, SS_USAGE when a length that
 * is to be computed does not fit its field or options exceed what a header can hold; the problem
 * names the layer. On failure `length` is untouched.
 */
enum ss_status ss_stack_build(struct ss_stack *stack, uint8_t *octets, size_t size, size_t *length,
                              struct ss_problem *problem);

/* One thing that is wrong with a frame that was read. */
struct ss_stack_fault {
    size_t layer;            /* `count` of the stack when nothing at all is there of it */
    enum ss_layer_kind kind; /* of what it is, or was to be */
    const char *text;        /* "its header length points past the end": static storage */
};

enum { SS_STACK_FAULTS_MAX = 32 };

struct ss_stack_faults {
    size_t count;
    struct ss_stack_fault list[SS_STACK_FAULTS_MAX];
};

/*
 * Reads a frame: never fails. What cannot be read further is a RAW layer, so is padding behind
 * what the lengths say. `rest` of each layer borrows from `frame`. That an ICMP error quotes only a
 * datagram's beginning is no fault.
 */
void ss_stack_dissect(enum ss_link link, const uint8_t *frame, size_t length,
                      struct ss_stack *stack, struct ss_stack_faults *faults);

#endif
