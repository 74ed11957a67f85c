/* transfer: one read from, and one answer to, a connection's socket; nothing here ever blocks. */
#ifndef PEER_TRANSFER_H
#define PEER_TRANSFER_H

#include "connection.h"

enum peer_received {
    PEER_RECEIVED,
    PEER_NOTHING, /* now */
    PEER_END_OF_STREAM,
    PEER_FAILED, /* errno */
};

/* `whole` is a message's length on the way here: more than `length` when it was cut. */
struct peer_read {
    size_t length;
    size_t whole;
};

/* Reads into context->scratch and counts what came. */
enum peer_received peer_transfer_receive(struct peer_context *context, struct peer_connection *c,
                                         struct peer_read *read);
/* Sends, and queues what the socket does not take (or all, when `only_queue`); false: errno. */
bool peer_transfer_answer(struct peer_context *context, struct peer_connection *c,
                          const uint8_t *data, size_t length, bool only_queue);
/* Sends as much of the queue as the socket takes; false: errno. */
bool peer_transfer_flush(struct peer_context *context, struct peer_connection *c);

#endif
