/*
 * frame_queue: a linked list of copied datagrams.
 */
#include "frame_queue.h"

#include <stdlib.h>
#include <string.h>

struct ss_frame *ss_frame_copy(const struct ss_arrival *arrival)
{
    struct ss_frame *frame = malloc(sizeof *frame + arrival->length);
    if (!frame)
        return NULL;
    *frame = (struct ss_frame){.time_us = arrival->time_us,
                               .fate = arrival->fate,
                               .link = arrival->link,
                               .length = arrival->length};
    if (arrival->length > 0)
        memcpy(frame->octets, arrival->octets, arrival->length);
    return frame;
}

struct ss_arrival ss_frame_arrival(const struct ss_frame *frame)
{
    return (struct ss_arrival){.octets = frame->octets,
                               .length = frame->length,
                               .time_us = frame->time_us,
                               .fate = frame->fate,
                               .link = frame->link};
}

void ss_frame_queue_push(struct ss_frame_queue *queue, struct ss_frame *frame)
{
    frame->next = NULL;
    if (queue->last)
        queue->last->next = frame;
    else
        queue->first = frame;
    queue->last = frame;
    queue->bytes += frame->length;
}

struct ss_frame *ss_frame_queue_pop(struct ss_frame_queue *queue)
{
    struct ss_frame *frame = queue->first;
    if (!frame)
        return NULL;
    queue->first = frame->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= frame->length;
    frame->next = NULL;
    return frame;
}

void ss_frame_queue_clear(struct ss_frame_queue *queue)
{
    while (queue->first)
        free(ss_frame_queue_pop(queue));
}
