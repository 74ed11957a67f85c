/*
 * framed: a wire of datagrams beside one of whole frames, as one: for whoever also speaks what is
 * no IP.
 *
 * What is sent are datagrams, and leaves by the first. What comes, comes by the second alone, so
 * that all of it is in order: an untagged frame of IP as the datagram that it carries, any other as
 * it is (ss_arrival.link). Frames are sent by the second itself, which the caller may go on using
 * until this is closed; both clocks must be one.
 */
#ifndef SYNSTEP_FRAMED_H
#define SYNSTEP_FRAMED_H

#include "synstep/status.h"
#include "synstep/wire.h"

/* Owns both from then on; on failure (SS_IO) they stay the caller's. */
enum ss_status ss_framed_open(struct ss_wire *datagrams, struct ss_wire *frames,
                              struct ss_wire **wire, struct ss_problem *problem);

#endif
