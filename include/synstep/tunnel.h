/*
 * tunnel: the packet that a packet carries: IP in IP (RFC 2003), IPv6 in IPv4 (RFC 4213) and in
 * IPv6 (RFC 2473), GRE (RFC 2784, RFC 2890) around IP or around Ethernet (RFC 7637's 0x6558).
 */
#ifndef SYNSTEP_TUNNEL_H
#define SYNSTEP_TUNNEL_H

#include <stdbool.h>

#include "synstep/packet.h"

enum { SS_TUNNELS_MAX = 4 }; /* one in the other; deeper ones are not followed */

/*
 * When the packet is whole and carries another with an IP header of its own, `packet` becomes the
 * view of that one, whose frame is the octets in the tunnel, borrowed as before. Else false, and
 * nothing is changed.
 */
bool ss_tunnel_enter(struct ss_packet *packet);

/* Enters as long as it goes, at most SS_TUNNELS_MAX times: how many times. */
unsigned ss_tunnel_follow(struct ss_packet *packet);

#endif
