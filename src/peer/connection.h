/*
 * connection: one accepted stream or SEQPACKET socket, echoed without blocking.
 *
 * While echoed bytes wait for a slow reader nothing more is read, so that a connection never
 * holds more than one read (with --half-close: PEER_COLLECT_BYTES).
 */
#ifndef PEER_CONNECTION_H
#define PEER_CONNECTION_H

#include "context.h"
#include "queue.h"
#include "watch.h"
#include "witness.h"

enum peer_phase {
    PEER_GREETING,  /* the greeting is not sent yet */
    PEER_OPEN,      /* reads and echoes */
    PEER_ENDING,    /* the client's end of stream was read; what waits is still sent */
    PEER_LEAVING,   /* our FIN went first; reads on until the client's */
    PEER_LINGERING, /* both FINs; the descriptor is kept until the kernel is done */
    PEER_KEPT,      /* no descriptor any more, only the last witness */
};

enum peer_fate {
    PEER_GOES_ON,
    PEER_ENDED, /* close it */
};

struct peer_connection {
    struct peer_watch watch;
    struct peer_address client;
    enum peer_phase phase;
    struct peer_queue queue;
    struct peer_witness_base base;
    struct peer_witness last; /* PEER_KEPT only */
    int64_t moved_ms;
    bool is_registered;
    struct peer_connection *older; /* by last movement, or by when it was closed */
    struct peer_connection *newer;
    struct peer_connection *next_in_bucket;
};

/* Takes `fd` over; NULL (fd closed, errno set) when memory or the epoll set is full. */
struct peer_connection *peer_connection_open(struct peer_context *context, int fd,
                                             const struct peer_address *client);
/* Whether the control channel can ask about it: only then are its numbers kept. */
bool peer_connection_is_witnessed(const struct peer_context *context,
                                  const struct peer_connection *c);
/* Sends the greeting and does what epoll's `events` allow. */
enum peer_fate peer_connection_greet(struct peer_context *context, struct peer_connection *c);
enum peer_fate peer_connection_serve(struct peer_context *context, struct peer_connection *c,
                                     uint32_t events);
/* Does all that can be done at once, so that nothing the kernel holds is unseen. */
enum peer_fate peer_connection_catch_up(struct peer_context *context, struct peer_connection *c);
/* Ends it from this side: with a FIN first when a witness is wanted. */
enum peer_fate peer_connection_hang_up(struct peer_context *context, struct peer_connection *c);
/* The last witness goes to `last` (when it is witnessed); the descriptor is closed. */
void peer_connection_close(const struct peer_context *context, struct peer_connection *c);

#endif
