/*
 * watch: one descriptor in the epoll set, and who owns it.
 *
 * Whoever owns a descriptor embeds a watch; epoll hands the watch back. The owner closes it
 * through peer_watch_close, which also takes one that was never opened (fd -1).
 */
#ifndef PEER_WATCH_H
#define PEER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum peer_watch_kind {
    PEER_WATCH_LISTENER,
    PEER_WATCH_DATAGRAM,
    PEER_WATCH_CONNECTION,
    PEER_WATCH_CONTROL,
    PEER_WATCH_SIGNAL,
};

struct peer_watch {
    enum peer_watch_kind kind;
    int fd;
    uint32_t events; /* 0: still in the set, but only errors are told */
    bool is_added;
    void *owner;
};

/* Adds the descriptor to the set, or changes what it waits for; false with errno. */
bool peer_watch_set(struct peer_watch *watch, int epoll_fd, uint32_t events);
void peer_watch_close(struct peer_watch *watch);

#endif
