/*
 * next_hop: which Ethernet addresses a frame on its way to a target must carry.
 *
 * The kernel's routing table says who takes it first, the target itself or a gateway; its neighbour
 * table often knows that one's Ethernet address. When it does not, the neighbour is asked: by ARP
 * (RFC 826) or neighbour solicitation (RFC 4861 section 7.2.2), three times, a second apart
 * (section 10). On loopback all addresses are zero; on an interface without ARP the kernel
 * puts the interface's own for its neighbour's, and so does this.
 */
#ifndef SYNSTEP_NEXT_HOP_H
#define SYNSTEP_NEXT_HOP_H

#include <signal.h>
#include <stdint.h>

#include "synstep/ethernet.h"
#include "synstep/route.h"
#include "synstep/status.h"

struct ss_next_hop;

/*
 * Looks it up; sends nothing. When the neighbour will have to be asked this needs CAP_NET_RAW, and
 * never after. `stop` as in ss_link_options. SS_USAGE: the interface carries no Ethernet frames.
 */
enum ss_status ss_next_hop_open(const struct ss_route *route, const volatile sig_atomic_t *stop,
                                struct ss_next_hop **hop, struct ss_problem *problem);
void ss_next_hop_close(struct ss_next_hop *hop);

/* This host's own address on the interface; known before anybody is asked. */
const uint8_t *ss_next_hop_own(const struct ss_next_hop *hop);

/* The addresses, asking where nobody knows them. SS_TIMED_OUT: nobody answers. */
enum ss_status ss_next_hop_find(struct ss_next_hop *hop, struct ss_ethernet_ends *ends,
                                struct ss_problem *problem);

#endif
