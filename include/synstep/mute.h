/*
 * mute: the muted listener. An ordinary TCP socket bound to the crafted end's address and port,
 * with a classic BPF filter that accepts nothing attached before listen(2): the kernel finds a
 * listener for the peer's segments, the filter drops them silently, and no RST leaves. No firewall
 * rule; gone with the process, even after SIGKILL.
 */
#ifndef SYNSTEP_MUTE_H
#define SYNSTEP_MUTE_H

#include <stdint.h>

#include "synstep/address.h"
#include "synstep/status.h"

struct ss_mute {
    int socket;    /* -1: closed */
    uint16_t port; /* host order: what was asked for, or what the kernel chose */
};

/*
 * Mutes `address`, `port` (0: the kernel chooses a free one and reserves it). `interface_index` is
 * used for link-local addresses. SS_USAGE when the port is taken or the address is not this host's.
 */
enum ss_status ss_mute_open(struct ss_mute *mute, const struct ss_address *address, uint16_t port,
                            unsigned interface_index, struct ss_problem *problem);

/*
 * The same for UDP: the kernel finds a socket, and sends no ICMP port unreachable for datagrams to
 * a crafted end.
 */
enum ss_status ss_mute_open_udp(struct ss_mute *mute, const struct ss_address *address,
                                uint16_t port, unsigned interface_index,
                                struct ss_problem *problem);

/* Closes it; twice does nothing. */
void ss_mute_close(struct ss_mute *mute);

#endif
