/* queue: bytes or messages that wait to be sent. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

bool peer_queue_is_empty(const struct peer_queue *queue)
{
    return queue->from == queue->to;
}

static bool make_room(struct peer_queue *queue, size_t length)
{
    if (queue->block_bytes - queue->to >= length)
        return true;
    const size_t used = queue->to - queue->from;
    if (used > 0)
        memmove(queue->block, queue->block + queue->from, used);
    queue->from = 0;
    queue->to = used;
    if (queue->block_bytes - used >= length)
        return true;
    size_t size = used + length;
    if (used > 0 && size < 2 * queue->block_bytes)
        size = 2 * queue->block_bytes;
    uint8_t *grown = realloc(queue->block, size);
    if (grown == NULL)
        return false;
    queue->block = grown;
    queue->block_bytes = size;
    return true;
}

bool peer_queue_push(struct peer_queue *queue, const uint8_t *data, size_t length, size_t most)
{
    const size_t head = queue->keeps_messages ? sizeof length : 0;
    const size_t used = queue->to - queue->from;
    if (length > most || used + head > most - length || !make_room(queue, head + length))
        return false;
    if (queue->keeps_messages)
        memcpy(queue->block + queue->to, &length, head);
    if (length > 0)
        memcpy(queue->block + queue->to + head, data, length);
    queue->to += head + length;
    return true;
}

const uint8_t *peer_queue_front(const struct peer_queue *queue, size_t *length)
{
    const uint8_t *front = queue->block + queue->from;
    if (!queue->keeps_messages) {
        *length = queue->to - queue->from;
        return front;
    }
    memcpy(length, front, sizeof *length);
    return front + sizeof *length;
}

void peer_queue_drop(struct peer_queue *queue, size_t length)
{
    if (queue->keeps_messages) {
        peer_queue_front(queue, &length);
        length += sizeof length;
    }
    queue->from += length;
    if (queue->from == queue->to)
        peer_queue_close(queue);
}

void peer_queue_close(struct peer_queue *queue)
{
    free(queue->block);
    queue->block = NULL;
    queue->block_bytes = 0;
    queue->from = 0;
    queue->to = 0;
}
