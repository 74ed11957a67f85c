/*
 * record_options: what was typed after `synstep record`.
 */
#ifndef SYNSTEP_CLI_RECORD_OPTIONS_H
#define SYNSTEP_CLI_RECORD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/status.h"
#include "synstep/verify.h"

struct record_options {
    const char *capture; /* "-": standard input */
    uint64_t connection; /* 0: the first that begins in the capture */
    bool list;
    const char *output; /* NULL: standard output */
    enum ss_side crafted;
};

/*
 * Reads the words. SS_USAGE with one line that says which word is wrong and what would be right;
 * --help, --usage and --version print and exit here.
 */
enum ss_status record_options_read(int argc, char **argv, struct record_options *options,
                                   struct ss_problem *problem);

#endif
