/*
 * next_hop: asks the kernel, then the neighbour.
 */
#include "synstep/next_hop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "neighbour.h"
#include "netlink.h"
#include "synstep/link.h"

enum {
    TRIES = 3,           /* MAX_MULTICAST_SOLICIT (RFC 4861 section 10) */
    TRY_US = 1000 * 1000 /* RETRANS_TIMER */
};

struct ss_next_hop {
    struct ss_ethernet_ends ends;
    bool known;
    char interface[IF_NAMESIZE];
    struct ss_neighbour_question question;
    struct ss_wire *wire; /* NULL where nobody has to be asked */
};

/* The gateway of the route, or the target itself. */
static enum ss_status find_neighbour(struct nl_sock *netlink, const struct ss_route *route,
                                     struct ss_address *neighbour, struct ss_problem *problem)
{
    const struct ss_netlink_destination destination = {.to = route->peer,
                                                       .interface_index = route->interface_index};
    struct ss_netlink_route answer;
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, &route->peer);
    if (ss_netlink_route(netlink, &destination, &answer) < 0)
        return ss_problem_set(problem, SS_IO,
                              "no route to %s by interface %s; 'ip route get %s' tells more", text,
                              route->interface, text);
    *neighbour = answer.gateway.version != 0 ? answer.gateway : route->peer;
    if (neighbour->version == route->local.version)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "the gateway to %s is of the other IP version: use the raw wire", text);
}

static enum ss_status ask_kernel(struct ss_next_hop *hop, const struct ss_route *route,
                                 struct ss_problem *problem)
{
    struct nl_sock *netlink = ss_netlink_open();
    if (!netlink)
        return ss_problem_set(problem, SS_IO, "cannot ask the kernel for routes (netlink): %s",
                              strerror(errno));
    enum ss_status status = find_neighbour(netlink, route, &hop->question.asked, problem);
    if (status == SS_OK)
        hop->known = ss_netlink_neighbour(netlink, route->interface_index, &hop->question.asked,
                                          hop->ends.next_hop);
    nl_socket_free(netlink);
    return status;
}

/* The wire by which the neighbour will be asked. */
static enum ss_status open_wire(struct ss_next_hop *hop, const struct ss_route *route,
                                const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    struct ss_link_options options = {
        .route = *route, .hear = SS_LINK_HEAR_NEIGHBOUR, .stop = stop};
    options.route.peer = hop->question.asked;
    return ss_link_open(&options, &hop->wire, problem);
}

static enum ss_status look_up(struct ss_next_hop *hop, const struct ss_route *route,
                              const volatile sig_atomic_t *stop, struct ss_problem *problem)
{
    struct ss_interface interface;
    enum ss_status status = ss_interface_find(route->interface, &interface, problem);
    if (status != SS_OK)
        return status;
    hop->known = interface.loopback || interface.silent;
    hop->question.local = route->local;
    memcpy(hop->interface, interface.name, sizeof hop->interface);
    memcpy(hop->ends.own, interface.address, sizeof hop->ends.own);
    memcpy(hop->ends.next_hop, interface.address, sizeof hop->ends.next_hop);
    memcpy(hop->question.own, interface.address, sizeof hop->question.own);
    if (!hop->known)
        status = ask_kernel(hop, route, problem);
    if (status == SS_OK && !hop->known)
        status = open_wire(hop, route, stop, problem);
    return status;
}

enum ss_status ss_next_hop_open(const struct ss_route *route, const volatile sig_atomic_t *stop,
                                struct ss_next_hop **hop, struct ss_problem *problem)
{
    struct ss_next_hop *made = calloc(1, sizeof *made);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory");
    enum ss_status status = look_up(made, route, stop, problem);
    if (status != SS_OK) {
        ss_next_hop_close(made);
        return status;
    }
    *hop = made;
    return SS_OK;
}

void ss_next_hop_close(struct ss_next_hop *hop)
{
    if (!hop)
        return;
    ss_wire_close(hop->wire);
    free(hop);
}

const uint8_t *ss_next_hop_own(const struct ss_next_hop *hop)
{
    return hop->ends.own;
}

/* One question; SS_TIMED_OUT when its time is over. */
static enum ss_status ask_once(struct ss_next_hop *hop, struct ss_problem *problem)
{
    uint8_t frame[SS_NEIGHBOUR_BYTES_MAX];
    size_t length = 0;
    enum ss_status status = ss_neighbour_ask(&hop->question, frame, &length, problem);
    if (status == SS_OK)
        status = ss_wire_send(hop->wire, frame, length, NULL, problem);
    uint64_t deadline_us = ss_wire_now_us(hop->wire) + TRY_US;
    while (status == SS_OK) {
        struct ss_arrival arrival;
        status = ss_wire_receive(hop->wire, deadline_us, &arrival, problem);
        if (status == SS_OK &&
            ss_neighbour_answer(&hop->question, arrival.octets, arrival.length, hop->ends.next_hop))
            return SS_OK;
        if (status == SS_OK && ss_wire_now_us(hop->wire) > deadline_us)
            return SS_TIMED_OUT; /* whatever comes that is no answer buys nobody time */
    }
    return status;
}

static enum ss_status nobody(const struct ss_next_hop *hop, struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, &hop->question.asked);
    return ss_problem_set(problem, SS_TIMED_OUT,
                          "nobody on %s has the address %s (%d %s, 1 s apart, got no answer): is "
                          "that host up?",
                          hop->interface, text, TRIES,
                          hop->question.asked.version == 6 ? "neighbour solicitations"
                                                           : "ARP requests");
}

enum ss_status ss_next_hop_find(struct ss_next_hop *hop, struct ss_ethernet_ends *ends,
                                struct ss_problem *problem)
{
    enum ss_status status = hop->known ? SS_OK : SS_TIMED_OUT;
    for (int tries = 0; tries < TRIES && status == SS_TIMED_OUT; tries++)
        status = ask_once(hop, problem);
    if (status == SS_TIMED_OUT)
        return nobody(hop, problem);
    if (status == SS_OK) {
        hop->known = true;
        *ends = hop->ends;
    }
    return status;
}
