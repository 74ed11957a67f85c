/*
 * queue: bytes that wait to be sent, in one growing block that is freed when it runs empty.
 *
 * Plain, it is a stream of bytes. With `keeps_messages` it keeps the bounds of what was pushed,
 * empty messages included. It starts zeroed and owns its block.
 */
#ifndef PEER_QUEUE_H
#define PEER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_queue {
    uint8_t *block;
    size_t block_bytes;
    size_t from;
    size_t to;
    bool keeps_messages;
};

bool peer_queue_is_empty(const struct peer_queue *queue);
/* False when more than `most` bytes would wait, or when memory is out; nothing is pushed then. */
bool peer_queue_push(struct peer_queue *queue, const uint8_t *data, size_t length, size_t most);
/* The bytes (or the message) at the front; valid until the next call. */
const uint8_t *peer_queue_front(const struct peer_queue *queue, size_t *length);
/* Takes `length` bytes off the front; a message goes as a whole, whatever `length` is. */
void peer_queue_drop(struct peer_queue *queue, size_t length);
void peer_queue_close(struct peer_queue *queue);

#endif
