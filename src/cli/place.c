/* place: hosts, companion, route, mute, puppet, wire, in that order, and the way back. */
#include "place.h"

#include <stdio.h>
#include <string.h>

#include "synstep/bounds.h"
#include "synstep/framed.h"
#include "synstep/impair.h"
#include "synstep/limit.h"
#include "synstep/link.h"
#include "synstep/pace.h"
#include "synstep/privilege.h"
#include "synstep/raw.h"

enum {
    PRIVATE_PORT = 8888,
    FIRST_DYNAMIC_PORT = 49152, /* RFC 6335 section 6 */
    DYNAMIC_PORTS = 16384,
    PORTS_TRIED = 16,
    LATENCY_US = 100, /* of the wire in memory, one way */
    MODEL_BUFFER_BYTES = 65535,
    MODEL_MSS_IPV4 = 1460, /* of an Ethernet, as in the private hosts */
    MODEL_MSS_IPV6 = 1440,
};

/* Whether the peer is told what to do: the companion only echoes. */
static bool wants_puppet(const struct ss_scenario *scenario)
{
    return scenario && scenario->drives_peer;
}

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

/* Whoever answers at `address`: the companion at once, a puppet only when it is told to. */
static enum ss_status start_peer(struct place *place, const struct ss_scenario *scenario,
                                 const struct ss_address *address, uint16_t port,
                                 struct ss_problem *problem)
{
    place->peer = (struct ss_socket_address){.address = *address, .port = port};
    if (wants_puppet(scenario))
        return SS_OK;
    return start_companion(place, address, port, place->hosts.far_namespace, problem);
}

static enum ss_status open_private(struct place *place, uint8_t version,
                                   const struct ss_scenario *scenario, struct ss_problem *problem)
{
    snprintf(place->where, sizeof(place->where), "two private hosts, one veth pair between them");
    enum ss_status status = ss_hosts_open(&place->hosts, problem);
    if (status != SS_OK)
        return status;
    struct ss_address far = ss_hosts_address(1, version);
    status = start_peer(place, scenario, &far, PRIVATE_PORT, problem);
    if (status != SS_OK)
        return status;
    return ss_route_to(&far, NULL, NULL, &place->route, problem);
}

/* A port that nobody has, as a muted listener that is closed again finds it. */
static enum ss_status find_port(const struct ss_address *address, uint16_t *port,
                                struct ss_problem *problem)
{
    struct ss_mute found;
    enum ss_status status = ss_mute_open(&found, address, 0, 0, problem);
    if (status != SS_OK)
        return status;
    *port = found.port;
    ss_mute_close(&found);
    return SS_OK;
}

static enum ss_status open_loopback(struct place *place, uint8_t version,
                                    const struct ss_scenario *scenario, struct ss_problem *problem)
{
    static const uint8_t v4[4] = {127, 0, 0, 1};
    static const uint8_t v6[16] = {[15] = 1};
    struct ss_address self = version == 6 ? ss_address_v6(v6) : ss_address_v4(v4);
    uint16_t port = 0;
    snprintf(place->where, sizeof(place->where), "this host's loopback");
    enum ss_status status = SS_OK;
    if (wants_puppet(scenario))
        status = find_port(&self, &port, problem);
    if (status == SS_OK)
        status = start_peer(place, scenario, &self, port, problem);
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

/* The port drawn from `random`, unless one is given. */
static uint16_t draw_port(const struct run_options *options, struct ss_random *random)
{
    if (options->source_port != 0)
        return options->source_port;
    return (uint16_t)(FIRST_DYNAMIC_PORT + ss_random_below(random, DYNAMIC_PORTS));
}

/* Mutes a port; when it was drawn and is taken, another one. */
static enum ss_status mute_local(struct place *place, const struct run_options *options,
                                 struct ss_random *random, struct ss_problem *problem)
{
    int tries = options->source_port ? 1 : PORTS_TRIED;
    enum ss_status status = SS_USAGE;
    for (int tried = 0; tried < tries && status == SS_USAGE; tried++)
        status = ss_mute_open(&place->mute, &place->route.local, draw_port(options, random),
                              place->route.scope_index, problem);
    place->local.address = place->route.local;
    place->local.port = place->mute.port;
    return status;
}

/* The same port of UDP: the kernel would answer what comes there with port unreachable. */
static enum ss_status mute_udp(struct place *place, const struct ss_scenario *scenario,
                               struct ss_problem *problem)
{
    if (!scenario || !scenario->speaks_of[SS_PROTOCOL_UDP])
        return SS_OK;
    return ss_mute_open_udp(&place->mute_udp, &place->local.address, place->local.port,
                            place->route.scope_index, problem);
}

/* The scenario's hold on the peer, which must know whom it connects to. */
static enum ss_status open_far(struct place *place, const struct ss_scenario *scenario,
                               struct ss_problem *problem)
{
    const struct ss_far_puppet_options puppet = {
        .local = place->peer,
        .peer = place->local,
        .network_namespace = place->hosts.far_namespace,
    };
    if (place->has_companion)
        return ss_far_companion_open(&place->companion, &place->local, &place->far, problem);
    return wants_puppet(scenario) ? ss_far_puppet_open(&puppet, &place->far, problem) : SS_OK;
}

/* ARP goes from our own card to everybody, and to no card by itself: no other has been asked for.
 */
static void bind_cards(const struct place *place, struct ss_bounds *bounds)
{
    bounds->ends_known = true;
    memcpy(bounds->ends.own, place->card, sizeof(bounds->ends.own));
    memset(bounds->ends.next_hop, 0xff, sizeof(bounds->ends.next_hop));
}

/*
 * Toward others never beyond the bounds, whatever a scenario says: not where it has two wires,
 * either.
 */
static enum ss_status hold_bounds(struct place *place, enum ss_link link, uint32_t wires,
                                  struct ss_wire **wire, struct ss_problem *problem)
{
    struct ss_wire *inner = *wire;
    struct ss_bounds bounds = {
        .place = place->route.loopback ? SS_BOUNDS_LOOPBACK : SS_BOUNDS_OUTSIDE,
        .source = place->route.local,
        .target = place->route.peer,
        .count = place->route.loopback ? UINT64_MAX : SS_BOUNDS_COUNT_MAX / wires,
        .per_second = place->route.loopback ? 0 : SS_PACE_PER_SECOND_MAX / wires,
        .link = link,
    };
    if (link == SS_LINK_ETHERNET)
        bind_cards(place, &bounds);
    return ss_bounds_open(inner, &bounds, wire, problem);
}

/* Beside the wire one of frames, by which all comes from then on. */
static enum ss_status open_frames(struct place *place, bool bounded,
                                  const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    const struct ss_link_options link = {
        .route = place->route, .hear = SS_LINK_HEAR_ANY_ARP, .stop = stop};
    struct ss_wire *datagrams = place->wire, *frames = NULL;
    struct ss_link_card card;
    enum ss_status status = ss_link_card(place->route.interface, &card, problem);
    if (status != SS_OK)
        return status;
    memcpy(place->card, card.address, sizeof(place->card));
    status = ss_link_open(&link, &frames, problem);
    if (status == SS_OK && bounded)
        status = hold_bounds(place, SS_LINK_ETHERNET, 2, &frames, problem);
    if (status == SS_OK)
        status = ss_framed_open(datagrams, frames, &place->wire, problem);
    if (status == SS_OK)
        place->frames = frames;
    else
        ss_wire_close(frames);
    return status;
}

/* Around all the rest, the harm that was asked for. */
static enum ss_status do_harm(struct place *place, const struct ss_impair_plan *plan,
                              struct ss_problem *problem)
{
    struct ss_wire *inner = place->wire;
    return ss_impair_open(inner, plan, &place->wire, problem);
}

/* And an end to the waiting of a scenario, which has no clock of its own. */
static enum ss_status set_limit(struct place *place, uint64_t limit_us, struct ss_problem *problem)
{
    struct ss_wire *inner = place->wire;
    return ss_limit_open(inner, limit_us, &place->wire, problem);
}

/* TCP, unless a scenario speaks of more; of groups IGMP tells, and ICMPv6. */
static enum ss_raw_hear heard(const struct ss_scenario *scenario)
{
    if (scenario &&
        (scenario->speaks_of[SS_PROTOCOL_ICMP] || scenario->speaks_of[SS_PROTOCOL_IGMP]))
        return SS_RAW_HEAR_GROUPS;
    return scenario && scenario->speaks_of[SS_PROTOCOL_UDP] ? SS_RAW_HEAR_ALL : SS_RAW_HEAR_TCP;
}

static bool speaks_of_arp(const struct ss_scenario *scenario)
{
    return scenario && scenario->speaks_of[SS_PROTOCOL_ARP];
}

static enum ss_status check_arp(const struct place *place, const struct ss_scenario *scenario,
                                struct ss_problem *problem)
{
    if (!speaks_of_arp(scenario) || !place->route.loopback)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "the scenario speaks of ARP, and goes through %s, which has none",
                          place->route.interface);
}

/* A scenario may speak to any port of the peer's host, and is answered from there. */
static enum ss_status open_wire(struct place *place, const struct run_options *options,
                                const struct ss_scenario *scenario,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    bool framed = speaks_of_arp(scenario);
    bool bounded = options->target || options->loopback;
    struct ss_raw_options raw = {
        .route = place->route,
        .local_port = place->local.port,
        .peer_port = scenario ? 0 : place->peer.port,
        .hear = framed ? SS_RAW_HEAR_NOTHING : heard(scenario),
        .stop = stop,
    };
    enum ss_status status = ss_raw_open(&raw, &place->wire, problem);
    if (status == SS_OK && bounded)
        status = hold_bounds(place, SS_LINK_IP, framed ? 2 : 1, &place->wire, problem);
    if (status == SS_OK && framed)
        status = open_frames(place, bounded, stop, problem);
    if (status == SS_OK && options->impair.count > 0)
        status = do_harm(place, &options->impair, problem);
    return status;
}

static enum ss_status open_ends(struct place *place, const struct run_options *options,
                                const struct ss_scenario *scenario, struct ss_problem *problem)
{
    if (options->target)
        return open_target(place, options, problem);
    if (options->loopback)
        return open_loopback(place, options->version, scenario, problem);
    return open_private(place, options->version == 6 ? 6 : 4, scenario, problem);
}

struct place place_nowhere(void)
{
    return (struct place){.hosts.far_namespace = -1,
                          .companion.control = -1,
                          .mute.socket = -1,
                          .mute_udp.socket = -1};
}

enum ss_status place_open(struct place *place, const struct run_options *options,
                          const struct ss_scenario *scenario, struct ss_random *random,
                          const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    *place = place_nowhere();
    ss_privilege_raise();
    enum ss_status status = open_ends(place, options, scenario, problem);
    if (status == SS_OK)
        status = check_arp(place, scenario, problem);
    if (status == SS_OK)
        status = mute_local(place, options, random, problem);
    if (status == SS_OK)
        status = mute_udp(place, scenario, problem);
    if (status == SS_OK && scenario)
        status = open_far(place, scenario, problem);
    if (status == SS_OK)
        status = open_wire(place, options, scenario, stop, problem);
    if (status == SS_OK && scenario)
        status = set_limit(place, options->timeout_us, problem);
    ss_privilege_lower();
    if (status == SS_OK)
        status = ss_privilege_drop(problem);
    return status;
}

/* The far end is an endpoint of ours: it echoes, unless the scenario says what it does. */
static enum ss_status open_model(struct place *place, const struct ss_scenario *scenario,
                                 struct ss_random *random, struct ss_problem *problem)
{
    bool v6 = place->peer.address.version == 6;
    const struct ss_far_model_options model = {
        .local = place->peer,
        .peer = place->local,
        .random = ss_random_seeded(ss_random_next32(random)),
        .mss = v6 ? MODEL_MSS_IPV6 : MODEL_MSS_IPV4,
        .receive_buffer = MODEL_BUFFER_BYTES,
        .echo = !scenario->drives_peer,
    };
    enum ss_status status = ss_far_model_open(&model, &place->far, problem);
    if (status != SS_OK)
        return status;
    struct ss_simulated_host host = ss_far_model_as_host(place->far);
    status = ss_simulated_open(&host, LATENCY_US, &place->wire, problem);
    if (status == SS_OK)
        ss_far_model_attach(place->far, place->wire);
    return status;
}

enum ss_status place_simulate(struct place *place, const struct run_options *options,
                              const struct ss_scenario *scenario, struct ss_random *random,
                              struct ss_problem *problem)
{
    uint8_t version = options->version == 6 ? 6 : 4;
    *place = place_nowhere();
    snprintf(place->where, sizeof(place->where), "both ends crafted, over a wire in memory");
    place->local =
        (struct ss_socket_address){ss_hosts_address(0, version), draw_port(options, random)};
    place->peer = (struct ss_socket_address){ss_hosts_address(1, version), PRIVATE_PORT};
    enum ss_status status = open_model(place, scenario, random, problem);
    return status == SS_OK ? ss_privilege_drop(problem) : status;
}

void place_close(struct place *place)
{
    ss_wire_close(place->wire);
    place->wire = NULL;
    ss_far_close(place->far);
    place->far = NULL;
    ss_companion_stop(&place->companion);
    ss_mute_close(&place->mute);
    ss_mute_close(&place->mute_udp);
    ss_hosts_close(&place->hosts);
}
