/* bounds_parts: what the files of bounds share. */
#ifndef SS_WIRE_BOUNDS_PARTS_H
#define SS_WIRE_BOUNDS_PARTS_H

#include "synstep/bounds.h"

/* A datagram of that IP version, and all that it could become on its way. SS_USAGE as above. */
enum ss_status bounds_ip(const struct ss_bounds *bounds, uint8_t version, const uint8_t *octets,
                         size_t length, struct ss_problem *problem);

/* What a host that unpacks a tunnel finds in a UDP datagram. */
struct bounds_carried {
    enum {
        BOUNDS_CARRIES_NOTHING,
        BOUNDS_CARRIES_HEADERS, /* beginning at `offset` with what IP calls protocol `next` */
        BOUNDS_CARRIES_UNKNOWN, /* what cannot be looked into */
    } kind;
    uint8_t next;
    size_t offset;    /* below the payload's length */
    const char *name; /* of the tunnel that has this port, static storage; NULL: there is none */
};

struct bounds_carried bounds_udp(uint16_t port, const uint8_t *payload, size_t length);

#endif
