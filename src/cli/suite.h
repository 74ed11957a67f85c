/*
 * suite: many scenarios, each in a process and private hosts of its own, some at a time; one result
 * each, told in the order of the files.
 */
#ifndef SYNSTEP_CLI_SUITE_H
#define SYNSTEP_CLI_SUITE_H

#include "run_options.h"
#include "scenario_files.h"

/*
 * SS_CHECK_FAILED when one failed; SS_FORBIDDEN, SS_INTERRUPTED and the like when they could not
 * all be played.
 */
enum ss_status suite_run(const struct run_options *options, const struct scenario_files *files,
                         struct ss_problem *problem);

#endif
