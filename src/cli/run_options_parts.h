/*
 * run_options_parts: what the files that read the options share.
 */
#ifndef SYNSTEP_CLI_RUN_OPTIONS_PARTS_H
#define SYNSTEP_CLI_RUN_OPTIONS_PARTS_H

#include <argp.h>

#include "run_options.h"

enum run_key {
    KEY_IPV4 = '4',
    KEY_IPV6 = '6',
    KEY_QUIET = 'q',
    KEY_HEADERS = 'v',
    KEY_WRITE = 'w',
    KEY_ASCII = 256,
    KEY_COLOR,
    KEY_DATA,
    KEY_DATA_FILE,
    KEY_DRY_RUN,
    KEY_IMPAIR,
    KEY_INTERFACE,
    KEY_ISN,
    KEY_JOBS,
    KEY_JSON,
    KEY_JUNIT,
    KEY_LOOPBACK,
    KEY_MSS,
    KEY_PARAM,
    KEY_SEED,
    KEY_SIMULATE,
    KEY_SOURCE,
    KEY_SOURCE_PORT,
    KEY_STEP,
    KEY_TAP,
    KEY_TIMEOUT,
    KEY_WINDOW,
};

/* A command whose options are some of these. */
struct run_command {
    const char *name;
    bool step;
    const struct argp_option *table;
    const char *words; /* that are no options, as its help tells them */
    const char *documentation;
};

/* As run_options_read, for any of them. */
enum ss_status run_options_parse(const struct run_command *command, int argc, char **argv,
                                 struct run_options *options, struct ss_problem *problem);

/* Readers of one value each; the text is borrowed, that of a param is parted at its "=". */
enum ss_status run_read_isn(const char *text, struct run_options *options,
                            struct ss_problem *problem);
enum ss_status run_read_color(const char *text, struct run_options *options,
                              struct ss_problem *problem);
enum ss_status run_read_impair(const char *text, struct run_options *options,
                               struct ss_problem *problem);
enum ss_status run_read_param(char *text, struct run_options *options, struct ss_problem *problem);

/* The options whose value is a whole number: where it goes is told by its key. */
enum ss_status run_read_number(int key, const char *text, struct run_options *options,
                               struct ss_problem *problem);

/*
 * What can only be judged when all words are known: `options->paths` holds those that are no
 * options, and is left with the scenarios.
 */
enum ss_status run_options_check(struct run_options *options, struct ss_problem *problem);

#endif
