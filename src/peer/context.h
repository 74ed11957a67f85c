/* context: what every handler needs: the options, where to print, the counts, one read buffer. */
#ifndef PEER_CONTEXT_H
#define PEER_CONTEXT_H

#include "options.h"
#include "print.h"

struct peer_context {
    const struct peer_options *options;
    struct peer_printer printer;
    struct peer_counts counts;
    uint8_t *scratch; /* options->message_bytes or stream_bytes, whichever is more */
    int epoll_fd;
};

#endif
