/*
 * frame_queue: copies of datagrams, first in, first out: what the decorators keep for later.
 */
#ifndef SS_WIRE_FRAME_QUEUE_H
#define SS_WIRE_FRAME_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/wire.h"

struct ss_frame {
    struct ss_frame *next;
    uint64_t time_us; /* whatever the owner of the queue means by it */
    enum ss_fate fate;
    enum ss_link link;
    size_t length;
    uint8_t octets[];
};

/* All zero: empty. */
struct ss_frame_queue {
    struct ss_frame *first;
    struct ss_frame *last;
    size_t bytes; /* of all frames in it */
};

/* A copy of `arrival`; NULL when out of memory. Free with free(3), or push it. */
struct ss_frame *ss_frame_copy(const struct ss_arrival *arrival);

/* The arrival that a frame is a copy of; borrows the frame's octets. */
struct ss_arrival ss_frame_arrival(const struct ss_frame *frame);

/* Takes the frame over. */
void ss_frame_queue_push(struct ss_frame_queue *queue, struct ss_frame *frame);

/* The oldest frame, now the caller's; NULL when there is none. */
struct ss_frame *ss_frame_queue_pop(struct ss_frame_queue *queue);

void ss_frame_queue_clear(struct ss_frame_queue *queue);

#endif
