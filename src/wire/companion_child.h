/*
 * companion_child: the forked child's way from a copy of this process to another program of ours.
 */
#ifndef SS_WIRE_COMPANION_CHILD_H
#define SS_WIRE_COMPANION_CHILD_H

#include <sys/types.h>

#include "companion_process.h"

enum { SS_COMPANION_PATH_SIZE = 4096 };

/*
 * Where the program is: its environment variable (not when this program has privileges its caller
 * has not), else beside this program. False when that cannot be told.
 */
bool ss_companion_path(const struct ss_companion_program *program,
                       char path[SS_COMPANION_PATH_SIZE]);

/* What the child is given; its descriptors are open in the parent. */
struct ss_companion_birth {
    const struct ss_companion_program *program;
    const char *path;
    int control;  /* becomes its control socket */
    int words;    /* a file that becomes its standard error */
    pid_t parent; /* with which it is to die */
};

/* In the child. Comes back never: what goes wrong is written to `words`. */
_Noreturn void ss_companion_become(const struct ss_companion_birth *birth);

#endif
