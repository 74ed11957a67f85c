/* options: the command line of synstep-puppet. Wrong usage ends the program with status 2. */
#ifndef PUPPET_OPTIONS_H
#define PUPPET_OPTIONS_H

#include "../peer/address.h"

struct puppet_options {
    struct peer_address local;
    struct peer_address peer;
    int control_fd;
    bool is_private;
};

void puppet_options_parse(int argc, char **argv, struct puppet_options *options);

#endif
