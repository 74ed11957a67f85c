/* send_place: hosts, companion, mute, wire, and the bounds around it. */
#include "send_place.h"

#include <stdio.h>

#include "synstep/privilege.h"
#include "synstep/raw.h"

struct send_place send_place_nowhere(void)
{
    return (struct send_place){.hosts.far_namespace = -1, .companion.control = -1};
}

void send_place_close(struct send_place *place)
{
    ss_wire_close(place->wire);
    place->wire = NULL;
    ss_companion_stop(&place->companion);
    ss_hosts_close(&place->hosts);
}

/* An echo server for TCP and UDP on the same port. */
static enum ss_status start_server(struct send_place *place, const struct send_plan *plan,
                                   struct ss_problem *problem)
{
    char datagrams[SS_SOCKET_ADDRESS_TEXT_SIZE + 16], address[SS_SOCKET_ADDRESS_TEXT_SIZE];
    const char *const arguments[] = {"--quiet", datagrams, NULL};
    struct ss_socket_address listening = {plan->route.peer, SEND_PRIVATE_PORT};
    const struct ss_companion_options options = {
        .listen = listening,
        .network_namespace = place->hosts.far_namespace,
        .arguments = arguments,
    };
    ss_socket_address_format(address, &listening);
    snprintf(datagrams, sizeof(datagrams), "--listen=udp:%s", address);
    return ss_companion_start(&place->companion, &options, &listening, problem);
}

static enum ss_status open_private(struct send_place *place, struct send_plan *plan,
                                   struct ss_problem *problem)
{
    struct ss_address far = plan->route.peer;
    enum ss_status status = ss_hosts_open(&place->hosts, problem);
    if (status == SS_OK)
        status = start_server(place, plan, problem);
    if (status == SS_OK)
        status = ss_route_to(&far, NULL, NULL, &plan->route, problem);
    return status;
}

static enum ss_status open_wire(struct send_place *place, const struct send_plan *plan,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    const struct ss_raw_options raw = {
        .route = plan->route,
        .hear = plan->options->no_answers ? SS_RAW_HEAR_NOTHING : SS_RAW_HEAR_ALL,
        .stop = stop,
    };
    enum ss_status status = ss_raw_open(&raw, &place->wire, problem);
    if (status != SS_OK)
        return status;
    struct ss_wire *inner = place->wire;
    return ss_bounds_open(inner, &plan->bounds, &place->wire, problem);
}

enum ss_status send_place_open(struct send_place *place, struct send_plan *plan,
                               const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    ss_privilege_raise();
    if (plan->bounds.place == SS_BOUNDS_PRIVATE)
        status = open_private(place, plan, problem);
    if (status == SS_OK)
        status = send_plan_mute(plan, problem);
    if (status == SS_OK)
        status = open_wire(place, plan, stop, problem);
    ss_privilege_lower();
    return status == SS_OK ? ss_privilege_drop(problem) : status;
}
