/*
 * capture_filter: the kernel's filter for what one peer says.
 */
#ifndef SS_WIRE_CAPTURE_FILTER_H
#define SS_WIRE_CAPTURE_FILTER_H

#include "capture.h"

/* Attaches it to a packet socket that hands over what `options` say: datagrams or frames. */
enum ss_status ss_capture_filter(int socket, const struct ss_capture_options *options,
                                 struct ss_problem *problem);

#endif
