/* lines: standard input, line by line. */
#include "lines.h"

#include "options.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 65536 };

bool talk_lines_read(struct talk_lines *lines)
{
    uint8_t *room = talk_bytes_room(&lines->bytes, READ_BYTES);
    if (room == NULL) {
        errno = ENOMEM;
        return false;
    }
    const ssize_t got = read(STDIN_FILENO, room, READ_BYTES);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    lines->bytes.length += (size_t)got;
    lines->is_at_end = got == 0;
    return true;
}

enum talk_line talk_lines_next(struct talk_lines *lines, size_t *length)
{
    const struct talk_bytes *bytes = &lines->bytes;
    const uint8_t *newline = NULL;
    if (bytes->length > lines->searched)
        newline = memchr(bytes->block + lines->searched, '\n', bytes->length - lines->searched);
    lines->searched = newline != NULL ? (size_t)(newline - bytes->block) : bytes->length;
    if (lines->searched > TALK_LINE_BYTES)
        return TALK_TOO_LONG;
    if (newline == NULL && !lines->is_at_end)
        return TALK_NO_LINE;
    if (bytes->length == 0)
        return TALK_NO_MORE;
    *length = lines->searched;
    return TALK_LINE;
}

void talk_lines_drop(struct talk_lines *lines, size_t length)
{
    const bool has_newline = length < lines->bytes.length;
    talk_bytes_drop(&lines->bytes, length + (has_newline ? 1 : 0));
    lines->searched = 0;
}

void talk_lines_close(struct talk_lines *lines)
{
    talk_bytes_close(&lines->bytes);
}
