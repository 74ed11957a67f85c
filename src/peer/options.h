/* options: the command line of synstep-peer. Wrong usage ends the program with status 2. */
#ifndef PEER_OPTIONS_H
#define PEER_OPTIONS_H

#include "address.h"

enum {
    PEER_STREAM_BYTES = 65536,   /* read at once from a stream, and the most kept unsent */
    PEER_MESSAGE_BYTES = 262144, /* more than any Unix message at the kernel's default limits */
    PEER_COLLECT_BYTES = 16777216,
    PEER_BACKLOG = 4096,
};

struct peer_options {
    struct peer_listen *listens;
    size_t listen_count;
    const char *greet; /* borrowed from argv; NULL when not given */
    size_t max_connections;
    size_t stream_bytes;
    size_t message_bytes;
    int64_t idle_timeout_ms; /* 0: never */
    int backlog;
    int control_fd; /* -1 when not given */
    bool no_witness;
    bool once;
    bool discard;
    bool half_close;
    bool quiet;
};

void peer_options_parse(int argc, char **argv, struct peer_options *options);
void peer_options_close(struct peer_options *options);

#endif
