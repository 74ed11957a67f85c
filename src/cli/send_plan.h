/*
 * send_plan: all that can be known and checked before a packet leaves.
 */
#ifndef SYNSTEP_CLI_SEND_PLAN_H
#define SYNSTEP_CLI_SEND_PLAN_H

#include "send_options.h"
#include "synstep/bounds.h"
#include "synstep/mute.h"
#include "synstep/probe.h"
#include "synstep/route.h"

struct send_plan {
    const struct send_options *options;
    struct ss_probe *probe; /* owned; finished */
    struct ss_probe_ends ends;
    struct ss_route route; /* between private hosts only its addresses and its MTU are known yet */
    struct ss_bounds bounds;
    struct ss_mute mute; /* of a TCP source port on this host; -1: none, or not yet */
    uint64_t seed;
    uint64_t count;
    uint64_t interval_us; /* between two packets, or 0 with per_second, or neither */
    uint64_t per_second;
    char where[160];
    enum send_wire wire;
    char why[SS_PROBLEM_TEXT_SIZE]; /* that wire was taken, where nobody asked for it; else "" */
};

struct send_plan send_plan_nowhere(void);

/*
 * Resolves the target, reads the words, completes the probe and holds everything against the
 * bounds. Nothing has been sent when it fails. Close in any case.
 */
enum ss_status send_plan_make(const struct send_options *options, struct send_plan *plan,
                              struct ss_problem *problem);
void send_plan_close(struct send_plan *plan);

/*
 * Keeps this host's kernel silent about the source port, where all packets have the same one; on
 * the host that they are sent from.
 */
enum ss_status send_plan_mute(struct send_plan *plan, struct ss_problem *problem);

/* Whether anything leaves this process: no --dry-run, no -w. */
bool send_plan_is_live(const struct send_plan *plan);

/* The private server's port. */
enum { SEND_PRIVATE_PORT = 8888 };

#endif
