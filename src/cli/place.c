/* place: hosts, companion, route, mute, wire, in that order, and the way back. */
#include "place.h"

#include <stdio.h>

#include "synstep/impair.h"
#include "synstep/pace.h"
#include "synstep/privilege.h"
#include "synstep/raw.h"

enum {
    PRIVATE_PORT = 8888,
    FIRST_DYNAMIC_PORT = 49152, /* RFC 6335 section 6 */
    DYNAMIC_PORTS = 16384,
    PORTS_TRIED = 16,
};

/* Starts the companion at `address`; the peer is wherever it says that it listens. */
static enum ss_status start_companion(struct place *place, const struct ss_address *address,
                                      uint16_t port, int network_namespace,
                                      struct ss_problem *problem)
{
    static const char *const arguments[] = {"--quiet", NULL};
    struct ss_companion_options options = {
        .listen = {.address = *address, .port = port},
        .network_namespace = network_namespace,
        .arguments = arguments,
    };
    enum ss_status status = ss_companion_start(&place->companion, &options, &place->peer, problem);
    place->has_companion = status == SS_OK;
    return status;
}

static enum ss_status open_private(struct place *place, uint8_t version, struct ss_problem *problem)
{
    snprintf(place->where, sizeof(place->where), "two private hosts, one veth pair between them");
    enum ss_status status = ss_hosts_open(&place->hosts, problem);
    if (status != SS_OK)
        return status;
    struct ss_address far = ss_hosts_address(1, version);
    status = start_companion(place, &far, PRIVATE_PORT, place->hosts.far_namespace, problem);
    if (status != SS_OK)
        return status;
    return ss_route_to(&far, NULL, NULL, &place->route, problem);
}

static enum ss_status open_loopback(struct place *place, uint8_t version,
                                    struct ss_problem *problem)
{
    static const uint8_t v4[4] = {127, 0, 0, 1};
    static const uint8_t v6[16] = {[15] = 1};
    struct ss_address self = version == 6 ? ss_address_v6(v6) : ss_address_v4(v4);
    snprintf(place->where, sizeof(place->where), "this host's loopback");
    enum ss_status status = start_companion(place, &self, 0, -1, problem);
    if (status != SS_OK)
        return status;
    return ss_route_to(&self, NULL, NULL, &place->route, problem);
}

static enum ss_status open_target(struct place *place, const struct run_options *options,
                                  struct ss_problem *problem)
{
    struct ss_route_request request = {
        .target = options->target,
        .version = options->version,
        .interface = options->interface,
        .source = options->source,
    };
    enum ss_status status = ss_route_find(&request, &place->route, &place->peer.port, problem);
    if (status != SS_OK)
        return status;
    place->peer.address = place->route.peer;
    snprintf(place->where, sizeof(place->where), "%s, through %s", options->target,
             place->route.interface);
    return SS_OK;
}

/* Mutes a port drawn from `random`, another one when it is taken. */
static enum ss_status mute_free_port(struct place *place, struct ss_random *random,
                                     struct ss_problem *problem)
{
    enum ss_status status = SS_USAGE;
    for (int tried = 0; tried < PORTS_TRIED && status == SS_USAGE; tried++) {
        uint16_t port = (uint16_t)(FIRST_DYNAMIC_PORT + ss_random_below(random, DYNAMIC_PORTS));
        status = ss_mute_open(&place->mute, &place->route.local, port, place->route.scope_index,
                              problem);
    }
    return status;
}

static enum ss_status mute_local(struct place *place, const struct run_options *options,
                                 struct ss_random *random, struct ss_problem *problem)
{
    enum ss_status status =
        options->source_port == 0
            ? mute_free_port(place, random, problem)
            : ss_mute_open(&place->mute, &place->route.local, options->source_port,
                           place->route.scope_index, problem);
    place->local.address = place->route.local;
    place->local.port = place->mute.port;
    return status;
}

/* Toward others never faster than the bound. */
static enum ss_status bound_pace(struct place *place, struct ss_problem *problem)
{
    struct ss_wire *inner = place->wire;
    return ss_pace_open(inner, SS_PACE_PER_SECOND_MAX, &place->wire, problem);
}

/* Around all the rest, the harm that was asked for. */
static enum ss_status do_harm(struct place *place, const struct ss_impair_plan *plan,
                              struct ss_problem *problem)
{
    struct ss_wire *inner = place->wire;
    return ss_impair_open(inner, plan, &place->wire, problem);
}

static enum ss_status open_wire(struct place *place, const struct run_options *options,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    struct ss_raw_options raw = {
        .route = place->route,
        .local_port = place->local.port,
        .peer_port = place->peer.port,
        .stop = stop,
    };
    enum ss_status status = ss_raw_open(&raw, &place->wire, problem);
    if (status == SS_OK && options->target && !place->route.loopback)
        status = bound_pace(place, problem);
    if (status == SS_OK && options->impair.count > 0)
        status = do_harm(place, &options->impair, problem);
    return status;
}

static enum ss_status open_ends(struct place *place, const struct run_options *options,
                                struct ss_problem *problem)
{
    if (options->target)
        return open_target(place, options, problem);
    if (options->loopback)
        return open_loopback(place, options->version, problem);
    return open_private(place, options->version == 6 ? 6 : 4, problem);
}

enum ss_status place_open(struct place *place, const struct run_options *options,
                          struct ss_random *random, const volatile sig_atomic_t *stop,
                          struct ss_problem *problem)
{
    *place = (struct place){.hosts.far_namespace = -1, .companion.control = -1, .mute.socket = -1};
    ss_privilege_raise();
    enum ss_status status = open_ends(place, options, problem);
    if (status == SS_OK)
        status = mute_local(place, options, random, problem);
    if (status == SS_OK)
        status = open_wire(place, options, stop, problem);
    ss_privilege_lower();
    if (status == SS_OK)
        status = ss_privilege_drop(problem);
    return status;
}

void place_close(struct place *place)
{
    ss_wire_close(place->wire);
    place->wire = NULL;
    ss_companion_stop(&place->companion);
    ss_mute_close(&place->mute);
    ss_hosts_close(&place->hosts);
}
