/*
 * capture_gzip: zlib's inflate over a file, member by member.
 */
#include "capture_gzip.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_BYTES = 64 * 1024, DAMAGED = -2, FIRST = 0x1f, SECOND = 0x8b };

struct capture_gzip {
    z_stream stream;
    int file;         /* -1: what was given at first is all */
    bool input_ended; /* nothing more to unpack comes */
    bool between;     /* at the end of a member */
    uint64_t position;
    uint8_t packed[PACKED_BYTES];
};

bool capture_gzip_is(const uint8_t *octets, size_t length)
{
    return length >= 2 && octets[0] == FIRST && octets[1] == SECOND;
}

struct capture_gzip *capture_gzip_new(int file, const uint8_t *octets, size_t length)
{
    enum { ONLY_GZIP = 16 };
    struct capture_gzip *gzip = calloc(1, sizeof(*gzip));
    if (!gzip)
        return NULL;
    gzip->file = file;
    gzip->position = length;
    gzip->stream.next_in = (z_const Bytef *)octets;
    gzip->stream.avail_in = (uInt)length;
    if (inflateInit2(&gzip->stream, MAX_WBITS + ONLY_GZIP) == Z_OK)
        return gzip;
    free(gzip);
    return NULL;
}

void capture_gzip_free(struct capture_gzip *gzip)
{
    if (gzip)
        inflateEnd(&gzip->stream);
    free(gzip);
}

/* False when there is nothing to unpack: at the end, or with errno set. */
static bool refill(struct capture_gzip *gzip, ssize_t *got)
{
    *got = 0;
    if (gzip->stream.avail_in > 0)
        return true;
    if (!gzip->input_ended && gzip->file >= 0)
        *got = read(gzip->file, gzip->packed, PACKED_BYTES);
    gzip->input_ended = *got == 0;
    if (*got <= 0)
        return false;
    gzip->position += (uint64_t)*got;
    gzip->stream.next_in = gzip->packed;
    gzip->stream.avail_in = (uInt)*got;
    return true;
}

/* Zeros pad members (tapes), and `gzip` leaves out whatever else follows the last one. */
static bool begins_member(struct capture_gzip *gzip)
{
    if (gzip->stream.next_in[0] != FIRST)
        return false;
    gzip->between = false;
    return inflateReset(&gzip->stream) == Z_OK;
}

static ssize_t damaged(const char **trouble, const char *text)
{
    *trouble = text;
    return DAMAGED;
}

ssize_t capture_gzip_read(struct capture_gzip *gzip, uint8_t *octets, size_t room,
                          const char **trouble)
{
    gzip->stream.next_out = octets;
    gzip->stream.avail_out = (uInt)room;
    while (gzip->stream.avail_out == room) {
        ssize_t got;
        if (!refill(gzip, &got)) {
            if (got < 0 || gzip->between)
                return got;
            return damaged(trouble, "its gzip data breaks off");
        }
        if (gzip->between && !begins_member(gzip))
            return 0;
        int state = inflate(&gzip->stream, Z_NO_FLUSH);
        gzip->between = state == Z_STREAM_END;
        bool some = gzip->stream.avail_out < room;
        if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR && !some)
            return damaged(trouble, "its gzip data is damaged");
    }
    return (ssize_t)(room - gzip->stream.avail_out);
}

uint64_t capture_gzip_position(const struct capture_gzip *gzip)
{
    return gzip->position;
}
