/* bytes: a growing block. Starts zeroed, owns its memory, is bounded by its caller. */
#ifndef TALK_BYTES_H
#define TALK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct talk_bytes {
    uint8_t *block;
    size_t length;
    size_t size;
};

/* Room for `more` bytes behind the ones that are there; NULL when memory is out. */
uint8_t *talk_bytes_room(struct talk_bytes *bytes, size_t more);
/* Takes the first `length` off. */
void talk_bytes_drop(struct talk_bytes *bytes, size_t length);
void talk_bytes_close(struct talk_bytes *bytes);

#endif
