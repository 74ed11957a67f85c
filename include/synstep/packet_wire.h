/*
 * packet_wire: whole frames onto one interface, as fast as a packet socket takes them.
 *
 * Unlike other wires this one carries Ethernet frames, link header first, and only out: nothing is
 * rewritten, no route is looked up, no queueing discipline asked (PACKET_QDISC_BYPASS). Its socket
 * waits for all processors to pass a quiet state (RCU) when it closes: 8 to 16 ms, where a raw
 * socket takes 6 us. So it pays from some ten thousand packets on, or where a header is to arrive
 * that the raw wire's kernel would rewrite.
 */
#ifndef SYNSTEP_PACKET_WIRE_H
#define SYNSTEP_PACKET_WIRE_H

#include "synstep/status.h"
#include "synstep/wire.h"

/*
 * Needs CAP_NET_RAW at that moment and never after. On success `*wire` is the caller's, to be
 * closed with ss_wire_close. SS_USAGE: no such interface, or one without Ethernet headers;
 * SS_FORBIDDEN names the ways to be permitted.
 *
 * Frames are gathered, 64 at most, until the next flush; what a queue does not take within a second
 * is lost and told there. A frame without a whole link header or above the interface's MTU is
 * SS_USAGE. A receive only flushes: SS_TIMED_OUT at once, as nothing ever comes.
 */
enum ss_status ss_packet_wire_open(const char *interface, struct ss_wire **wire,
                                   struct ss_problem *problem);

#endif
