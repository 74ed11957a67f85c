/* reach: from the options to a connected, non-blocking socket, or one line that says why not. */
#ifndef TALK_REACH_H
#define TALK_REACH_H

#include "options.h"

enum { TALK_NAME_BYTES = 512, TALK_ERROR_BYTES = 1024 };

struct talk_error {
    char text[TALK_ERROR_BYTES];
};

bool talk_transport_is_datagram(enum talk_transport transport);
/* The socket keeps the bounds of messages: all but the two stream transports. */
bool talk_transport_keeps_messages(enum talk_transport transport);

/* The server as the user would write it: 127.0.0.1:8888, [::1]:8888, udp 10.0.0.1:53, a path. */
void talk_reach_name(const struct talk_options *options, char name[TALK_NAME_BYTES]);
/* Returns the descriptor, or -1 with `error`. */
int talk_reach(const struct talk_options *options, struct talk_error *error);
/* "cannot …: what the system says; what to do". */
void talk_reach_explain(const struct talk_options *options, const char *what, int trouble,
                        struct talk_error *error);

#endif
