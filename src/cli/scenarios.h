/*
 * scenarios: `synstep run FILE|FOLDER...`: reads them all, then plays one, or all of them.
 */
#ifndef SYNSTEP_CLI_SCENARIOS_H
#define SYNSTEP_CLI_SCENARIOS_H

#include "run_options.h"

/* The problem's text is empty where all has been said already. */
enum ss_status scenarios_run(const struct run_options *options, struct ss_problem *problem);

#endif
