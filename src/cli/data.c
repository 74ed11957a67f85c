/* data: the octets of a file, or of a text. */
#include "data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The trace keeps every segment, both ways: more would be memory without a use. */
enum { DATA_BYTES_MAX = 256 * 1024 * 1024, FIRST_ROOM = 64 * 1024 };

static enum ss_status unreadable(const char *what, const char *path, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_UNREADABLE, "cannot read %s%s: %s", what, path,
                          strerror(errno));
}

static enum ss_status grow(struct data *data, size_t *room, struct ss_problem *problem)
{
    size_t wanted = *room ? *room * 2 : FIRST_ROOM;
    uint8_t *octets = realloc(data->octets, wanted);
    if (!octets)
        return ss_problem_set(problem, SS_IO, "out of memory for the data");
    data->octets = octets;
    *room = wanted;
    return SS_OK;
}

static enum ss_status read_all(int file, const char *what, const char *path, struct data *data,
                               struct ss_problem *problem)
{
    size_t room = 0;
    for (;;) {
        if (data->length == room && grow(data, &room, problem) != SS_OK)
            return SS_IO;
        ssize_t got = read(file, data->octets + data->length, room - data->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return unreadable(what, path, problem);
        if (got == 0)
            return SS_OK;
        data->length += (size_t)got;
        if (data->length > DATA_BYTES_MAX)
            return ss_problem_set(problem, SS_UNREADABLE,
                                  "%s%s is longer than the 256 MiB that a run takes", what, path);
    }
}

enum ss_status data_read_file(const char *what, const char *path, struct data *data,
                              struct ss_problem *problem)
{
    bool standard_input = strcmp(path, "-") == 0;
    int file = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return unreadable(what, path, problem);
    enum ss_status status = read_all(file, what, path, data, problem);
    if (!standard_input)
        close(file);
    return status;
}

enum ss_status data_from_text(const char *text, struct data *data, struct ss_problem *problem)
{
    data->length = strlen(text);
    data->octets = malloc(data->length + 1);
    if (!data->octets)
        return ss_problem_set(problem, SS_IO, "out of memory for the data");
    memcpy(data->octets, text, data->length + 1);
    return SS_OK;
}

void data_free(struct data *data)
{
    free(data->octets);
    *data = (struct data){0};
}
