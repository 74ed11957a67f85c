/*
 * link_header: where the IP datagram begins in a captured frame.
 */
#ifndef SS_WIRE_LINK_HEADER_H
#define SS_WIRE_LINK_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether frames of this libpcap link type (DLT_…) can be read here. */
bool ss_link_header_known(int link_type);

/*
 * The offset of the IP header in a frame of that link type; false, `offset` untouched, when the
 * frame is too short to hold one octet of it.
 */
bool ss_link_header_skip(int link_type, size_t frame_length, size_t *offset);

#endif
