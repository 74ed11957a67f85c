/*
 * send_series: a planned series: sent and heard, or shown, or written.
 */
#ifndef SYNSTEP_CLI_SEND_SERIES_H
#define SYNSTEP_CLI_SEND_SERIES_H

#include "send_plan.h"
#include "synstep/tally.h"
#include "synstep/wire.h"

/*
 * Sends it and hears what answers. SS_CHECK_FAILED, with the words, when a check failed;
 * SS_TIMED_OUT when nothing answered at all.
 */
enum ss_status send_series(const struct send_plan *plan, struct ss_wire *wire,
                           const struct ss_tally_options *shown, struct ss_problem *problem);

/* --dry-run, and -w: every packet of the plan, none of them sent. */
enum ss_status send_show(const struct send_plan *plan, const struct ss_tally_options *shown,
                         struct ss_problem *problem);
enum ss_status send_write(const struct send_plan *plan, struct ss_problem *problem);

/* --list-interfaces. */
enum ss_status send_list_interfaces(struct ss_problem *problem);

#endif
