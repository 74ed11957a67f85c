/*
 * capture_stream: a capture file that is being written, and the first thing that went wrong with
 * it.
 */
#ifndef SYNSTEP_SHOW_CAPTURE_STREAM_H
#define SYNSTEP_SHOW_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "synstep/status.h"

struct ss_capture_stream {
    FILE *out;
    int error; /* errno of the first failure; after it nothing more is to be written */
    char path[256];
};

/* Only pcapng holds comments: ".pcapng" asks for it, and so does "-", which has no name. */
bool ss_capture_stream_is_pcapng(const char *path);

/* Creates or empties the file; "-" is standard output. SS_USAGE when it cannot be. */
enum ss_status ss_capture_stream_open(const char *path, struct ss_capture_stream *stream,
                                      struct ss_problem *problem);

/* `written` is false: errno, which was 0 before, says why. */
void ss_capture_stream_remember(struct ss_capture_stream *stream, bool written);

/* Closes the file, or flushes standard output. */
void ss_capture_stream_close(struct ss_capture_stream *stream);

/* What became of it: SS_NO_SPACE or SS_IO when anything could not be written. */
enum ss_status ss_capture_stream_ended(const struct ss_capture_stream *stream,
                                       struct ss_problem *problem);

#endif
