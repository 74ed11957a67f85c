/*
 * capture_source: the window, and the reading into it.
 */
#include "capture_source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_gzip.h"

/* --- reading ------------------------------------------------------------------------------------
 */

/* Some more octets to the window's end, whose `room` is not 0. */
static void read_some(struct capture_source *source, size_t room)
{
    uint8_t *to = source->buffer + (source->end - source->buffer);
    ssize_t got = source->gzip ? capture_gzip_read(source->gzip, to, room, &source->trouble)
                               : read(source->file, to, room);
    if (got < 0 && !source->trouble)
        source->error = errno;
    source->ended = got <= 0;
    if (got > 0)
        source->end += got;
}

/* Brings what is not yet taken to the beginning of the window. */
static void make_room(struct capture_source *source)
{
    size_t here = capture_source_here(source);
    source->begin_offset = capture_source_offset(source);
    memmove(source->buffer, source->at, here);
    source->begin = source->at = source->buffer;
    source->end = source->buffer + here;
}

bool capture_source_fill(struct capture_source *source, size_t length)
{
    assert(length <= CAPTURE_WINDOW_BYTES);
    if (source->ended)
        return capture_source_here(source) >= length;
    make_room(source);
    while (!source->ended && capture_source_here(source) < length)
        read_some(source, CAPTURE_WINDOW_BYTES - capture_source_here(source));
    return capture_source_here(source) >= length;
}

bool capture_source_pass(struct capture_source *source, uint64_t length)
{
    while (length > capture_source_here(source)) {
        length -= capture_source_here(source);
        source->at = source->end;
        if (!capture_source_need(source, 1))
            return false;
    }
    source->at += length;
    return true;
}

/* --- beginning ----------------------------------------------------------------------------------
 */

static void look_at(struct capture_source *source, const uint8_t *begin, size_t length)
{
    source->begin = source->at = begin;
    source->end = length ? begin + length : begin;
    source->begin_offset = 0;
}

/* What is here is packed: it becomes what zlib begins with, and the window is empty. */
static bool unpack(struct capture_source *source)
{
    size_t here = capture_source_here(source);
    uint8_t *window = malloc(CAPTURE_WINDOW_BYTES);
    if (!window)
        return false;
    source->gzip = capture_gzip_new(source->file, source->at, here);
    if (!source->gzip) {
        free(window);
        source->ended = true;
        source->trouble = "it is packed by gzip, and zlib cannot be loaded to unpack it";
        return true;
    }
    source->packed = source->buffer;
    source->buffer = window;
    source->ended = false;
    look_at(source, window, 0);
    return true;
}

bool capture_source_open(struct capture_source *source, int file, const uint8_t *octets,
                         size_t length)
{
    *source = (struct capture_source){.file = file, .ended = file < 0};
    if (file < 0) {
        look_at(source, octets, length);
    } else {
        (void)posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL); /* a pipe takes no advice */
        source->buffer = malloc(CAPTURE_WINDOW_BYTES);
        if (!source->buffer)
            return false;
        look_at(source, source->buffer, 0);
        (void)capture_source_need(source, 4);
    }
    return !capture_gzip_is(source->at, capture_source_here(source)) || unpack(source);
}

void capture_source_close(struct capture_source *source)
{
    capture_gzip_free(source->gzip);
    free(source->packed);
    free(source->buffer);
    *source = (struct capture_source){.file = -1};
}
