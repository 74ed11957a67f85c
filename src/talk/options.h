/* options: the command line of synstep-talk. Wrong usage ends the program with status 2. */
#ifndef TALK_OPTIONS_H
#define TALK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TALK_HOST_BYTES = 256,
    TALK_PORT_BYTES = 32,
    TALK_BUFFER_BYTES = 262144, /* more than any datagram at the kernel's default limits */
    TALK_LINE_BYTES = 16777216, /* the longest line that is sent */
};

enum talk_transport {
    TALK_TCP,
    TALK_UDP,
    TALK_UNIX_STREAM,
    TALK_UNIX_DATAGRAM,
    TALK_UNIX_SEQPACKET,
};

struct talk_options {
    enum talk_transport transport;
    char host[TALK_HOST_BYTES];
    char port[TALK_PORT_BYTES];
    const char *path; /* of a Unix socket, borrowed from argv */
    int family;       /* AF_UNSPEC, AF_INET or AF_INET6 */
    int64_t timeout_ms;
    size_t buffer_bytes;
};

void talk_options_parse(int argc, char **argv, struct talk_options *options);

#endif
