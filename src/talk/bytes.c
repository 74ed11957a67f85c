/* bytes: a growing block. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

uint8_t *talk_bytes_room(struct talk_bytes *bytes, size_t more)
{
    if (bytes->size - bytes->length < more) {
        size_t size = bytes->length + more;
        if (size < 2 * bytes->size)
            size = 2 * bytes->size;
        uint8_t *grown = realloc(bytes->block, size);
        if (grown == NULL)
            return NULL;
        bytes->block = grown;
        bytes->size = size;
    }
    return bytes->block + bytes->length;
}

void talk_bytes_drop(struct talk_bytes *bytes, size_t length)
{
    if (length == 0)
        return;
    bytes->length -= length;
    if (bytes->length > 0)
        memmove(bytes->block, bytes->block + length, bytes->length);
}

void talk_bytes_close(struct talk_bytes *bytes)
{
    free(bytes->block);
    *bytes = (struct talk_bytes){0};
}
