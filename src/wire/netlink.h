/*
 * netlink: the kernel's routing, neighbours and links by libnl, as the few questions that there
 * are.
 *
 * A socket belongs to the network namespace it was opened in, wherever the process goes later.
 */
#ifndef SS_WIRE_NETLINK_H
#define SS_WIRE_NETLINK_H

#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"

/* A connected rtnetlink socket; NULL when there is none to be had. Close with nl_socket_free. */
struct nl_sock *ss_netlink_open(void);

/* What the kernel would do with a datagram to some destination. */
struct ss_netlink_route {
    bool local;   /* the destination is this host itself */
    bool unicast; /* it is one host: not a group, not everybody */
    unsigned interface_index;
    struct ss_address source;  /* the address it would send from; version 0: not said */
    struct ss_address gateway; /* who passes it on; version 0: the destination is on the link */
    uint32_t mtu;              /* of the route; 0: the interface's */
};

/* A question for the routing table; zeros leave the choice to it. */
struct ss_netlink_destination {
    struct ss_address to;
    struct ss_address source; /* version 0: any */
    unsigned interface_index;
};

/* 0, or a negative libnl error: -NLE_NOADDR and its like mean no route. `answer` then untouched. */
int ss_netlink_route(struct nl_sock *netlink, const struct ss_netlink_destination *destination,
                     struct ss_netlink_route *answer);

/* The Ethernet address that the kernel has for a neighbour on that interface; false: none. */
bool ss_netlink_neighbour(struct nl_sock *netlink, unsigned interface_index,
                          const struct ss_address *address,
                          uint8_t ethernet[SS_ETHERNET_ADDRESS_BYTES]);

/* Our address as libnl's, with its whole length as prefix; NULL when out of memory. */
struct nl_addr *ss_netlink_address(const struct ss_address *address);

#endif
