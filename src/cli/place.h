/*
 * place: where a run happens: private hosts, loopback, or the way to somebody's server; with the
 * wire open, the crafted end muted, the companion listening, and every privilege given up.
 */
#ifndef SYNSTEP_CLI_PLACE_H
#define SYNSTEP_CLI_PLACE_H

#include <signal.h>

#include "run_options.h"
#include "synstep/companion.h"
#include "synstep/hosts.h"
#include "synstep/mute.h"
#include "synstep/random.h"
#include "synstep/route.h"
#include "synstep/trace.h"
#include "synstep/wire.h"

struct place {
    struct ss_hosts hosts;
    struct ss_companion companion;
    bool has_companion;
    struct ss_mute mute;
    struct ss_wire *wire; /* NULL until open */
    struct ss_route route;
    struct ss_socket_address local;
    struct ss_socket_address peer;
    char where[SS_TRACE_TEXT_SIZE]; /* in words */
};

/*
 * Makes it as `options` say; the source port comes from `random` unless given. `stop` is the flag
 * that a signal handler sets. On failure everything made so far is undone. Close in any case.
 */
enum ss_status place_open(struct place *place, const struct run_options *options,
                          struct ss_random *random, const volatile sig_atomic_t *stop,
                          struct ss_problem *problem);

/* Undoes it all. A place of zeros, or one that did not open, is fine. */
void place_close(struct place *place);

#endif
