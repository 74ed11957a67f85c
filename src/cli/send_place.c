/* send_place: hosts, companion, mute, wire, and the bounds around it. */
#include "send_place.h"

#include <stdio.h>
#include <string.h>

#include "send_wire.h"
#include "synstep/link.h"
#include "synstep/packet_wire.h"
#include "synstep/privilege.h"
#include "synstep/raw.h"

struct send_place send_place_nowhere(void)
{
    return (struct send_place){.hosts.far_namespace = -1, .companion.control = -1};
}

void send_place_close(struct send_place *place)
{
    ss_next_hop_close(place->next_hop);
    place->next_hop = NULL;
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

static enum ss_status open_raw(struct send_place *place, const struct send_plan *plan,
                               const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    const struct ss_raw_options raw = {
        .route = plan->route,
        .hear = plan->options->no_answers ? SS_RAW_HEAR_NOTHING : SS_RAW_HEAR_ALL,
        .stop = stop,
    };
    return ss_raw_open(&raw, &place->wire, problem);
}

/* Who asks by ARP wants to hear of it. */
static enum ss_status open_link(struct send_place *place, const struct send_plan *plan,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    struct ss_link_options link = {.route = plan->route, .hear = SS_LINK_HEAR_PEER, .stop = stop};
    if (ss_probe_has(plan->probe, SS_LAYER_ARP))
        link.hear = SS_LINK_HEAR_PEER_AND_ARP;
    if (plan->options->no_answers)
        link.hear = SS_LINK_HEAR_NOTHING;
    return ss_link_open(&link, &place->wire, problem);
}

static enum ss_status open_wire(struct send_place *place, const struct send_plan *plan,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    switch (plan->wire) {
    case SEND_WIRE_AUTO:
    case SEND_WIRE_RAW:
        return open_raw(place, plan, stop, problem);
    case SEND_WIRE_LINK:
        return open_link(place, plan, stop, problem);
    case SEND_WIRE_PACKET:
        return ss_packet_wire_open(plan->route.interface, &place->wire, problem);
    }
    return SS_OK;
}

/* The cards of both ends, or our own where no other is needed. */
static enum ss_status find_ends(struct send_place *place, struct send_plan *plan,
                                struct ss_problem *problem)
{
    struct ss_ethernet_ends ends = {{0}, {0}};
    struct ss_link_card card;
    enum ss_status status = ss_link_card(plan->route.interface, &card, problem);
    if (status != SS_OK)
        return status;
    memcpy(ends.own, card.address, sizeof(ends.own));
    if (place->next_hop)
        status = ss_next_hop_find(place->next_hop, &ends, problem);
    ss_next_hop_close(place->next_hop);
    place->next_hop = NULL;
    return status == SS_OK ? send_wire_put_ends(plan, &ends, problem) : status;
}

/* All that needs privileges. */
static enum ss_status open_all(struct send_place *place, struct send_plan *plan,
                               const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    if (plan->bounds.place == SS_BOUNDS_PRIVATE)
        status = open_private(place, plan, problem);
    if (status == SS_OK)
        status = send_plan_mute(plan, problem);
    if (status == SS_OK)
        status = open_wire(place, plan, stop, problem);
    if (status == SS_OK && send_wire_is_framed(plan) && send_wire_needs_next_hop(plan))
        status = ss_next_hop_open(&plan->route, stop, &place->next_hop, problem);
    return status;
}

enum ss_status send_place_open(struct send_place *place, struct send_plan *plan,
                               const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    ss_privilege_raise();
    enum ss_status status = open_all(place, plan, stop, problem);
    ss_privilege_lower();
    if (status == SS_OK)
        status = ss_privilege_drop(problem);
    if (status == SS_OK && send_wire_is_framed(plan))
        status = find_ends(place, plan, problem);
    if (status != SS_OK)
        return status;
    struct ss_wire *inner = place->wire;
    return ss_bounds_open(inner, &plan->bounds, &place->wire, problem);
}
