/* watch: one descriptor in the epoll set. */
#include "watch.h"

#include <sys/epoll.h>
#include <unistd.h>

bool peer_watch_set(struct peer_watch *watch, int epoll_fd, uint32_t events)
{
    if (watch->is_added && watch->events == events)
        return true;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    const int operation = watch->is_added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_fd, operation, watch->fd, &event) != 0)
        return false;
    watch->is_added = true;
    watch->events = events;
    return true;
}

void peer_watch_close(struct peer_watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd); /* which takes it out of the epoll set as well */
    watch->fd = -1;
    watch->is_added = false;
    watch->events = 0;
}
