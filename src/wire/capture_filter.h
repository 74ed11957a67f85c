/*
 * capture_filter: the kernel's filter for one connection's replies.
 */
#ifndef SS_WIRE_CAPTURE_FILTER_H
#define SS_WIRE_CAPTURE_FILTER_H

#include "synstep/raw.h"

/* Attaches it to a packet socket that hands over datagrams from their IP header on. */
enum ss_status ss_capture_filter(int socket, const struct ss_raw_options *options,
                                 struct ss_problem *problem);

#endif
