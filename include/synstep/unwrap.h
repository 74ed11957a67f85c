/*
 * unwrap: from a captured frame to the segment that it brings: fragments put together, tunnels
 * followed, whichever is inside of which.
 */
#ifndef SYNSTEP_UNWRAP_H
#define SYNSTEP_UNWRAP_H

#include "synstep/capture_file.h"
#include "synstep/fragments.h"
#include "synstep/packet.h"

struct ss_unwrapped {
    struct ss_packet packet;     /* the innermost that could be reached */
    unsigned tunnels;            /* that were entered for it */
    struct ss_fragment fragment; /* of the last fragment on the way; with SS_FRAGMENT_NONE only its
                                    fate is set */
};

/*
 * The packet borrows the frame, or `fragments` until the next call. A fragment whose datagram is
 * not whole stays the view of itself.
 */
void ss_unwrap(struct ss_fragments *fragments, const struct ss_capture_frame *frame,
               struct ss_unwrapped *unwrapped);

/*
 * What the capture did not keep of a TCP packet counts all the same: the IP header tells how long
 * the segment was, and becomes the payload's length. `*cut`: its octets are not all there, and must
 * not be looked at. False where the TCP header itself was cut: nothing can be made of that.
 */
bool ss_unwrap_mend(const struct ss_capture_frame *frame, struct ss_packet *packet, bool *cut);

#endif
