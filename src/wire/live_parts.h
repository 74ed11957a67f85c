/*
 * live_parts: what live's files share. Private to src/wire.
 */
#ifndef SS_WIRE_LIVE_PARTS_H
#define SS_WIRE_LIVE_PARTS_H

#include "synstep/live.h"
#include "told.h"

enum { LIVE_COOKED_BYTES = 20, LIVE_ROOM_BYTES = LIVE_COOKED_BYTES + SS_TOLD_TAG_BYTES };

struct ss_live {
    int socket;
    int index; /* of the interface; 0: all */
    uint32_t linktype;
    size_t mtu; /* 0: not known */
    struct ss_live_options options;
    uint64_t until_us; /* of the monotonic clock */
    uint64_t ends_us;  /* of the clock of the frames; 0: not yet */
    uint64_t drained;  /* since then */
    uint64_t frames;   /* that were wanted */
    uint64_t lost;     /* as far as the kernel was asked */
    uint32_t dropped;  /* before the last frame, as that told */

    /* What is received begins behind the room for a link header and a tag. */
    uint8_t octets[LIVE_ROOM_BYTES + SS_CAPTURE_FRAME_BYTES_MAX];
};

/* One frame off the socket, its number left out: 0; or -1 with errno. */
int live_receive(struct ss_live *live, struct ss_capture_frame *frame);

#endif
