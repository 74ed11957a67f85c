/* help: --help, --usage and --version of the commands that argp reads. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_HELP = '?', KEY_VERSION = 'V', KEY_USAGE = 0x1000 };

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    (void)text;
    if (key == KEY_VERSION)
        puts(argp_program_version);
    else if (key == KEY_HELP)
        argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->name);
    else if (key == KEY_USAGE)
        argp_help(state->root_argp, stdout, ARGP_HELP_USAGE, state->name);
    else
        return ARGP_ERR_UNKNOWN;
    exit(printed(strchr(state->name, ' ') + 1, EXIT_SUCCESS));
}

static const struct argp_option table[] = {
    {"help", KEY_HELP, NULL, 0, "print this, and exit", -1},
    {"usage", KEY_USAGE, NULL, 0, "print all options in a few lines, and exit", -1},
    {"version", KEY_VERSION, NULL, 0, "print the version, and exit", -1},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp argp = {.options = table, .parser = parse_word};

const struct argp_child help_options[] = {{&argp, 0, NULL, -1}, {NULL, 0, NULL, 0}};
