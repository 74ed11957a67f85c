/*
 * listener: one bound socket: it accepts connections, or (UDP, Unix datagram) it receives.
 *
 * A Unix socket's file that nobody listens on any more is replaced; closing removes the file
 * again, if it still is the one made here.
 */
#ifndef PEER_LISTENER_H
#define PEER_LISTENER_H

#include "address.h"
#include "watch.h"

#include <sys/types.h>

struct peer_listener {
    struct peer_watch watch;
    struct peer_address local; /* as bound: with the port the kernel chose */
    bool has_file;
    dev_t file_device;
    ino_t file_inode;
};

enum peer_bound {
    PEER_BOUND,
    PEER_NOT_HERE, /* this machine has not this address, or not its family */
    PEER_UNBOUND,
};

/* Fills `listener` on PEER_BOUND, `error` otherwise. */
enum peer_bound peer_listener_open(const struct peer_address *address, int backlog,
                                   struct peer_listener *listener, struct peer_error *error);
void peer_listener_close(struct peer_listener *listener);

#endif
