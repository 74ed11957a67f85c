/* link: one send to, one receive from the server's socket; neither ever waits. */
#ifndef TALK_LINK_H
#define TALK_LINK_H

#include "reach.h"

#include <sys/types.h>

struct talk_link {
    int fd;
    bool keeps_messages;
    bool has_end; /* streams and SEQPACKET have an end, datagrams have none */
};

enum talk_got {
    TALK_GOT,
    TALK_GOT_NOTHING, /* now */
    TALK_GOT_END,
    TALK_GOT_TROUBLE, /* errno */
};

/* `whole`: the message's own length, more than `length` when it was cut to `size`. */
enum talk_got talk_link_receive(const struct talk_link *link, uint8_t *buffer, size_t size,
                                size_t *length, size_t *whole);
/* What the socket took (`*is_taken`), or -1 with errno. A message goes whole or not at all. */
ssize_t talk_link_send(const struct talk_link *link, const uint8_t *data, size_t length,
                       bool *is_taken);

#endif
