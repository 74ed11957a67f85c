/* output_file: no failure to write is forgotten. */
#include "output_file.h"

#include <errno.h>
#include <string.h>

enum ss_status ss_output_file_open(const char *what, const char *path, struct ss_output_file *file,
                                   struct ss_problem *problem)
{
    bool to_stdout = strcmp(path, "-") == 0;
    *file = (struct ss_output_file){.what = what, .out = to_stdout ? stdout : fopen(path, "wbe")};
    if (!file->out)
        return ss_problem_set(problem, SS_USAGE, "%s cannot be written: %s", path, strerror(errno));
    snprintf(file->path, sizeof(file->path), "%s", to_stdout ? "standard output" : path);
    return SS_OK;
}

/* What was written stays whole: after the first failure nothing more is. */
void ss_output_file_remember(struct ss_output_file *file, bool written)
{
    if (!written && !file->error)
        file->error = errno ? errno : EIO;
}

/* A file system that delays its writing may tell of a full disk only at the close. */
void ss_output_file_close(struct ss_output_file *file)
{
    errno = 0;
    ss_output_file_remember(file,
                            file->out == stdout ? fflush(stdout) == 0 : fclose(file->out) == 0);
    file->out = NULL;
}

enum ss_status ss_output_file_ended(const struct ss_output_file *file, struct ss_problem *problem)
{
    if (!file->error)
        return SS_OK;
    return ss_problem_set(problem, file->error == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "%s %s could not be written: %s; it is not complete", file->what,
                          file->path, strerror(file->error));
}
