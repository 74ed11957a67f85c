/*
 * scenario_files: from the words on the command line to parsed scenarios.
 */
#ifndef SYNSTEP_CLI_SCENARIO_FILES_H
#define SYNSTEP_CLI_SCENARIO_FILES_H

#include "run_options.h"
#include "synstep/scenario.h"

struct scenario_file {
    char *name;                   /* as given, or the folder's and the way from there; owned */
    struct ss_scenario *scenario; /* NULL until it is parsed; owned */
};

struct scenario_files {
    struct scenario_file *list; /* owned */
    size_t count;
    size_t room;
};

/*
 * All files that options->paths name: a folder stands for each *.step below it, sorted, hidden ones
 * left out. SS_UNREADABLE when one is not there; SS_USAGE for a folder without any.
 */
enum ss_status scenario_files_find(struct scenario_files *files, const struct run_options *options,
                                   struct ss_problem *problem);

/*
 * Parses them all. All that is wrong goes to standard error; then the status is the first one of
 * them, and the problem's text is empty.
 */
enum ss_status scenario_files_parse(struct scenario_files *files, const struct run_options *options,
                                    struct ss_problem *problem);

/* Zeros are fine. */
void scenario_files_free(struct scenario_files *files);

#endif
