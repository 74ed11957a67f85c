/*
 * play: one scenario in its place, from its first step to its end.
 */
#ifndef SYNSTEP_CLI_PLAY_H
#define SYNSTEP_CLI_PLAY_H

#include <signal.h>

#include "place.h"
#include "run_options.h"
#include "synstep/player.h"
#include "synstep/scenario.h"
#include "synstep/trace.h"

/*
 * What can be known before a place is made: SS_USAGE with place and reason when something in the
 * scenario cannot be done where `options` want it done.
 */
enum ss_status play_check(const struct run_options *options, const struct ss_scenario *scenario,
                          struct ss_problem *problem);

/* Why the scenario is not for where `options` want it to be; NULL when it is. Static storage. */
const char *play_unfit(const struct run_options *options, const struct ss_scenario *scenario);

/*
 * Makes the place, and what its player needs, which borrows from it. Close the place in any case.
 * `stop` is the flag of signals_heed.
 */
enum ss_status play_open(const struct run_options *options, const struct ss_scenario *scenario,
                         uint64_t seed, const volatile sig_atomic_t *stop, struct place *place,
                         struct ss_player_options *player, struct ss_problem *problem);

/* Makes the place, plays, and leaves nothing of it. */
enum ss_status play(const struct run_options *options, const struct ss_scenario *scenario,
                    uint64_t seed, const volatile sig_atomic_t *stop, struct ss_trace *trace,
                    struct ss_problem *problem);

#endif
