/* lines: standard input, line by line, without ever waiting for it. */
#ifndef TALK_LINES_H
#define TALK_LINES_H

#include "bytes.h"

struct talk_lines {
    struct talk_bytes bytes;
    size_t searched; /* no newline before here */
    bool is_at_end;
};

enum talk_line {
    TALK_LINE,     /* the first `*length` bytes of bytes.block, until talk_lines_drop */
    TALK_NO_LINE,  /* yet */
    TALK_NO_MORE,  /* the input is at its end */
    TALK_TOO_LONG, /* more than TALK_LINE_BYTES without a newline */
};

/* One read, when poll says that it does not wait; false with errno. */
bool talk_lines_read(struct talk_lines *lines);
enum talk_line talk_lines_next(struct talk_lines *lines, size_t *length);
/* The line is done with: it and its newline are taken off. */
void talk_lines_drop(struct talk_lines *lines, size_t length);
void talk_lines_close(struct talk_lines *lines);

#endif
