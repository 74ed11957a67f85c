/*
 * frame_filter: which frames are wanted, in the language of capture filters (pcap-filter(7)),
 * compiled by libpcap for each link type that is met.
 *
 * Of Ethernet and Linux cooked frames a filter sees all; of others what begins with the IP header,
 * since their link headers come in forms that libpcap does not tell apart. Names of hosts are
 * looked up by libpcap when it compiles.
 */
#ifndef SYNSTEP_FRAME_FILTER_H
#define SYNSTEP_FRAME_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/capture_file.h"
#include "synstep/status.h"

struct ss_frame_filter;

/*
 * `expression` is borrowed. SS_USAGE with libpcap's reason when it is right for no link type. NULL
 * may be closed.
 */
enum ss_status ss_frame_filter_open(const char *expression, struct ss_frame_filter **filter,
                                    struct ss_problem *problem);
void ss_frame_filter_close(struct ss_frame_filter *filter);

/*
 * Whether a frame is wanted; one of a link type that is not read here never is. SS_UNREADABLE: the
 * expression asks for what frames of this link type do not have; the link type and libpcap's reason
 * are told, and `wanted` is untouched.
 */
enum ss_status ss_frame_filter_judge(struct ss_frame_filter *filter,
                                     const struct ss_capture_frame *frame, bool *wanted,
                                     struct ss_problem *problem);

/*
 * Gives the filter to the kernel, for a packet socket that hands over whole frames of that link
 * type, those left out that a loopback sends and shows again. What it lets through is to be judged
 * all the same: tagged frames pass, and all do when the filter is longer than the kernel takes.
 * SS_UNREADABLE as above.
 */
enum ss_status ss_frame_filter_attach(struct ss_frame_filter *filter, uint32_t linktype, int socket,
                                      struct ss_problem *problem);

#endif
