/* complain: what a command says when it fails, and whether all that it said was written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

int complain(const char *command, const struct ss_problem *problem)
{
    fflush(stdout);
    if (problem->text[0])
        fprintf(stderr, "synstep %s: %s\n", command, problem->text);
    return ss_status_exit(problem->status);
}

enum ss_status output_written(struct ss_problem *problem)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return SS_OK;
    return ss_problem_set(problem, errno == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "standard output could not be written: %s", strerror(errno));
}

int printed(const char *command, int status)
{
    struct ss_problem problem;
    return output_written(&problem) == SS_OK ? status : complain(command, &problem);
}
