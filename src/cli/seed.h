/*
 * seed: where a run's random numbers come from.
 */
#ifndef SYNSTEP_CLI_SEED_H
#define SYNSTEP_CLI_SEED_H

#include "run_options.h"

/* The one given by --seed, or 32 bits from the kernel: short enough to be typed again. */
enum ss_status seed_choose(const struct run_options *options, uint64_t *seed,
                           struct ss_problem *problem);

#endif
