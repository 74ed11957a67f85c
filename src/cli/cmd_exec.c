/* cmd_exec: `synstep peer` and `synstep talk` are programs of their own, which share nothing with
 * this one. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* The path of synstep-NAME in the folder of the program that is running. */
static bool beside(char path[PATH_MAX], const char *name)
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    size_t room = slash ? PATH_MAX - (size_t)(slash + 1 - path) : 0;
    int needed = slash ? snprintf(slash + 1, room, "synstep-%s", name) : -1;
    return needed > 0 && (size_t)needed < room;
}

int cmd_exec(int argc, char **argv)
{
    (void)argc;
    const char *name = argv[0];
    char path[PATH_MAX];
    if (beside(path, name)) {
        argv[0] = path;
        execv(path, argv);
    }
    struct ss_problem problem;
    ss_problem_set(&problem, SS_IO,
                   "cannot start synstep-%s beside this program: %s; is it installed whole?", name,
                   strerror(errno));
    return complain(name, &problem);
}
