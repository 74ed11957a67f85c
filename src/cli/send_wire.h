/*
 * send_wire: which wire a series takes, and whether that one can carry every packet of it.
 */
#ifndef SYNSTEP_CLI_SEND_WIRE_H
#define SYNSTEP_CLI_SEND_WIRE_H

#include "send_plan.h"

/*
 * Settles on a wire and checks every packet: one of those that are alike in all that is checked is
 * built for that. The raw wire, unless its kernel would rewrite something or cannot begin where
 * the packets do: then the link wire, and plan->why says so. SS_USAGE: the wire that was asked for
 * cannot carry them, or a bound is exceeded.
 */
enum ss_status send_wire_choose(struct send_plan *plan, struct ss_problem *problem);

/* "raw", "link", "packet": static storage. */
const char *send_wire_name(const struct send_plan *plan);

/* Whether the plan's packets are frames, for a wire that carries such. */
bool send_wire_is_framed(const struct send_plan *plan);

/* Whether the next hop's card must be known: to be put into frames, or for the bounds. */
bool send_wire_needs_next_hop(const struct send_plan *plan);

/* The cards are known now: puts them into the frames and holds all of these to the bounds again. */
enum ss_status send_wire_put_ends(struct send_plan *plan, const struct ss_ethernet_ends *ends,
                                  struct ss_problem *problem);

#endif
