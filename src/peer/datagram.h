/* datagram: answers UDP and Unix datagrams, each from the address that it was sent to. */
#ifndef PEER_DATAGRAM_H
#define PEER_DATAGRAM_H

#include "context.h"
#include "listener.h"

/* Serves what waits there, at most `most` datagrams; returns how many were served. */
unsigned peer_datagram_serve(struct peer_context *context, const struct peer_listener *listener,
                             unsigned most);

#endif
