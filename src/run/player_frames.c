/* player_frames: datagrams that wait, first in first out. */
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

struct frame *frame_new(const uint8_t *octets, size_t length, uint64_t time_us)
{
    struct frame *frame = malloc(sizeof(*frame) + length);
    if (!frame)
        return NULL;
    *frame = (struct frame){.time_us = time_us, .length = length};
    memcpy(frame->octets, octets, length);
    ss_packet_decode(SS_LINK_IP, frame->octets, length, &frame->packet);
    return frame;
}

void frames_push(struct frames *frames, struct frame *frame)
{
    frame->next = NULL;
    if (frames->last)
        frames->last->next = frame;
    else
        frames->first = frame;
    frames->last = frame;
}

void frames_remove(struct frames *frames, struct frame *before, struct frame *frame)
{
    if (before)
        before->next = frame->next;
    else
        frames->first = frame->next;
    if (frames->last == frame)
        frames->last = before;
}

struct frame *frames_pop(struct frames *frames)
{
    struct frame *frame = frames->first;
    if (frame)
        frames_remove(frames, NULL, frame);
    return frame;
}

void frames_clear(struct frames *frames)
{
    while (frames->first)
        free(frames_pop(frames));
}
