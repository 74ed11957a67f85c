/*
 * step: one scenario in its place, stepped through by hand.
 */
#ifndef SYNSTEP_CLI_STEP_H
#define SYNSTEP_CLI_STEP_H

#include "run_options.h"
#include "synstep/scenario.h"

/* The commands come from standard input; what is seen goes to standard output. */
enum ss_status step_through(const struct run_options *options, const struct ss_scenario *scenario,
                            const char *file, uint64_t seed, struct ss_problem *problem);

#endif
