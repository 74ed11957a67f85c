/* obey: one command line to one answer line. */
#ifndef PUPPET_OBEY_H
#define PUPPET_OBEY_H

#include "puppet.h"

enum {
    PUPPET_LINE_MAX = 2 * PUPPET_SEND_MAX + 64,
    PUPPET_ANSWER_MAX = 2 * PUPPET_READ_MAX + 256,
};

/* Returns the answer's length, its newline included. `line` is taken apart. */
size_t puppet_obey(struct puppet *puppet, char *line, char answer[PUPPET_ANSWER_MAX]);

#endif
