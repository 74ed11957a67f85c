/*
 * hosts: two private hosts: network namespaces joined by a veth pair, 10.0.0.1 and fd00::1 here,
 * 10.0.0.2 and fd00::2 there, transmit checksum offload and segmentation offload off, so that what
 * crosses is what a card would have sent. Needs no root where user namespaces are allowed.
 */
#ifndef SYNSTEP_HOSTS_H
#define SYNSTEP_HOSTS_H

#include <sys/types.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/status.h"

struct ss_hosts {
    int far_namespace; /* descriptor of the far host's network namespace, close-on-exec; -1 */
};

/*
 * Makes both; the calling process (single-threaded) is in the near one afterwards, for good. All
 * links are up and both addresses usable at once (no duplicate address detection) when it returns.
 * They vanish with the last process in them. SS_FORBIDDEN names the three ways to be permitted.
 */
enum ss_status ss_hosts_open(struct ss_hosts *hosts, struct ss_problem *problem);

void ss_hosts_close(struct ss_hosts *hosts);

/* The near (0) and the far (1) host's address of IP version 4 or 6. */
struct ss_address ss_hosts_address(int host, uint8_t version);

/* Its Ethernet address: 02:00:00:00:00:01 or :02, so that scenarios can name it. */
void ss_hosts_card(int host, uint8_t card[SS_ETHERNET_ADDRESS_BYTES]);

#endif
