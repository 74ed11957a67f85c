/*
 * place: where a run happens: private hosts, loopback, the way to somebody's server, or a wire in
 * memory; with the wire open, the crafted end muted, the peer there, and every privilege given up.
 */
#ifndef SYNSTEP_CLI_PLACE_H
#define SYNSTEP_CLI_PLACE_H

#include <signal.h>

#include "run_options.h"
#include "synstep/companion.h"
#include "synstep/ethernet.h"
#include "synstep/far.h"
#include "synstep/hosts.h"
#include "synstep/mute.h"
#include "synstep/random.h"
#include "synstep/route.h"
#include "synstep/scenario.h"
#include "synstep/trace.h"
#include "synstep/wire.h"

struct place {
    struct ss_hosts hosts;
    struct ss_companion companion;
    bool has_companion;
    struct ss_far *far; /* a scenario's; NULL: somebody else's server, or no scenario */
    struct ss_mute mute;
    struct ss_mute mute_udp; /* the same port, for scenarios of UDP */
    struct ss_wire *wire;    /* NULL until open */
    struct ss_wire *frames;  /* of a scenario that speaks of ARP: what those leave by; wire's */
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES]; /* then: our own */
    struct ss_route route;
    struct ss_socket_address local;
    struct ss_socket_address peer;
    char where[SS_TRACE_TEXT_SIZE]; /* in words */
};

/* A place that is not open; closing it is fine. */
struct place place_nowhere(void);

/*
 * Makes it as `options` say; the source port comes from `random` unless given. For a `scenario`
 * (NULL: none) the peer is a puppet if it is told what to do, and waiting ends with
 * options->timeout_us. `stop` is the flag that a signal handler sets. On failure everything made so
 * far is undone. Close in any case.
 */
enum ss_status place_open(struct place *place, const struct run_options *options,
                          const struct ss_scenario *scenario, struct ss_random *random,
                          const volatile sig_atomic_t *stop, struct ss_problem *problem);

/* The same in memory, both ends crafted: no privileges, no waiting, virtual time. */
enum ss_status place_simulate(struct place *place, const struct run_options *options,
                              const struct ss_scenario *scenario, struct ss_random *random,
                              struct ss_problem *problem);

/* Undoes it all. One that did not open is fine. */
void place_close(struct place *place);

#endif
