/*
 * send_place: what a planned series needs to leave: hosts, the server there, the wire.
 */
#ifndef SYNSTEP_CLI_SEND_PLACE_H
#define SYNSTEP_CLI_SEND_PLACE_H

#include <signal.h>

#include "send_plan.h"
#include "synstep/companion.h"
#include "synstep/hosts.h"
#include "synstep/next_hop.h"
#include "synstep/wire.h"

struct send_place {
    struct ss_hosts hosts;
    struct ss_companion companion;
    struct ss_next_hop *next_hop; /* until it is asked; NULL: not needed */
    struct ss_wire *wire;         /* within the plan's bounds; NULL until open */
};

struct send_place send_place_nowhere(void);

/*
 * Makes it, and gives up every privilege; then, for frames, asks for the next hop's card where the
 * kernel does not know it. Close in any case.
 */
enum ss_status send_place_open(struct send_place *place, struct send_plan *plan,
                               const volatile sig_atomic_t *stop, struct ss_problem *problem);
void send_place_close(struct send_place *place);

#endif
