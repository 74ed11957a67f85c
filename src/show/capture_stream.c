/* capture_stream: no failure to write is forgotten. */
#include "capture_stream.h"

#include <errno.h>
#include <string.h>

bool ss_capture_stream_is_pcapng(const char *path)
{
    static const char suffix[] = ".pcapng";
    size_t length = strlen(path), least = sizeof(suffix) - 1;
    bool is_named = length >= least && strcmp(path + length - least, suffix) == 0;
    return is_named || strcmp(path, "-") == 0;
}

enum ss_status ss_capture_stream_open(const char *path, struct ss_capture_stream *stream,
                                      struct ss_problem *problem)
{
    bool to_stdout = strcmp(path, "-") == 0;
    *stream = (struct ss_capture_stream){.out = to_stdout ? stdout : fopen(path, "wbe")};
    if (!stream->out)
        return ss_problem_set(problem, SS_USAGE, "%s cannot be written: %s", path, strerror(errno));
    snprintf(stream->path, sizeof(stream->path), "%s", to_stdout ? "standard output" : path);
    return SS_OK;
}

/* What was written stays whole: after the first failure nothing more is. */
void ss_capture_stream_remember(struct ss_capture_stream *stream, bool written)
{
    if (!written && !stream->error)
        stream->error = errno ? errno : EIO;
}

/* A file system that delays its writing may tell of a full disk only at the close. */
void ss_capture_stream_close(struct ss_capture_stream *stream)
{
    errno = 0;
    ss_capture_stream_remember(stream, stream->out == stdout ? fflush(stdout) == 0
                                                             : fclose(stream->out) == 0);
    stream->out = NULL;
}

enum ss_status ss_capture_stream_ended(const struct ss_capture_stream *stream,
                                       struct ss_problem *problem)
{
    if (!stream->error)
        return SS_OK;
    return ss_problem_set(problem, stream->error == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "the capture file %s could not be written: %s; it is not complete",
                          stream->path, strerror(stream->error));
}
