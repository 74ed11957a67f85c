/* player_frames: datagrams that wait, first in first out. */
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

struct frame *frame_new(const uint8_t *octets, size_t length, enum ss_link link, uint64_t time_us)
{
    struct frame *frame = malloc(sizeof(*frame) + length);
    if (!frame)
        return NULL;
    *frame = (struct frame){.time_us = time_us, .length = length};
    memcpy(frame->octets, octets, length);
    ss_packet_decode(link, frame->octets, length, &frame->packet);
    frame->is_message = ss_message_read(&frame->packet, &frame->message);
    return frame;
}

/* Nothing lies before an IP header that begins a datagram. */
enum ss_link frame_link(const struct frame *frame)
{
    return frame->packet.ip_offset > 0 ? SS_LINK_ETHERNET : SS_LINK_IP;
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

void frames_insert(struct frames *frames, struct frame *frame)
{
    struct frame **link = &frames->first;
    while (*link && (*link)->time_us <= frame->time_us)
        link = &(*link)->next;
    frame->next = *link;
    *link = frame;
}

struct frame *frames_pop(struct frames *frames)
{
    struct frame *frame = frames->first;
    frames->first = frame->next;
    if (!frames->first)
        frames->last = NULL;
    return frame;
}

struct frame *frames_pop_due(struct frames *frames, uint64_t now_us)
{
    return frames->first && frames->first->time_us <= now_us ? frames_pop(frames) : NULL;
}

void frames_clear(struct frames *frames)
{
    while (frames->first)
        free(frames_pop(frames));
}
