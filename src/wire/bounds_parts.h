/* bounds_parts: what the files of bounds share. */
#ifndef SS_WIRE_BOUNDS_PARTS_H
#define SS_WIRE_BOUNDS_PARTS_H

#include "synstep/bounds.h"

/* A datagram of that IP version, and all that it could become on its way. SS_USAGE as above. */
enum ss_status bounds_ip(const struct ss_bounds *bounds, uint8_t version, const uint8_t *octets,
                         size_t length, struct ss_problem *problem);

#endif
