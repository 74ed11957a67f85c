/* changed: a frame of frames.h that a test may change, and its view, which must be in bounds. */
#ifndef SS_TESTS_CHANGED_H
#define SS_TESTS_CHANGED_H

#include <string.h>

#include "check_main.h"
#include "packet_bounds.h"

struct changed {
    uint8_t octets[256];
    size_t length;
};

static inline struct changed copy_of(const uint8_t *frame, size_t length)
{
    struct changed changed = {.length = length};
    memcpy(changed.octets, frame, length);
    return changed;
}

/* Puts `length` octets in at `at`. */
static inline void insert(struct changed *frame, size_t at, const uint8_t *octets, size_t length)
{
    memmove(frame->octets + at + length, frame->octets + at, frame->length - at);
    memcpy(frame->octets + at, octets, length);
    frame->length += length;
}

static inline struct ss_packet view(const struct changed *frame)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_ETHERNET, frame->octets, frame->length, &packet);
    ck_assert(packet_within_bounds(&packet));
    return packet;
}

#endif
