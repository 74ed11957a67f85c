/*
 * veth: the pair of Ethernet ends that joins the two private hosts, and all that is set on them.
 */
#ifndef SS_WIRE_VETH_H
#define SS_WIRE_VETH_H

#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/status.h"

/* The sockets that configure one host, opened while in its network namespace. */
struct ss_veth_host {
    struct nl_sock *netlink;
    int control;      /* for the ethtool ioctls; -1 */
    const char *name; /* of its end of the pair */
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES];
    struct ss_address v4; /* with prefix length 24 */
    struct ss_address v6; /* with prefix length 64 */
};

/* Opens the sockets in the namespace that the process is in now. */
enum ss_status ss_veth_host_open(struct ss_veth_host *host, struct ss_problem *problem);
void ss_veth_host_close(struct ss_veth_host *host);

/*
 * Makes the pair, the far end in `far_namespace`, sets both hosts up and waits until both ends
 * carry frames and know their addresses. IPv6 is left out where the kernel has none.
 */
enum ss_status ss_veth_join(const struct ss_veth_host *near, const struct ss_veth_host *far,
                            int far_namespace, struct ss_problem *problem);

#endif
