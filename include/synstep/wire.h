/*
 * wire: the small interface that everything which carries datagrams has.
 *
 * A wire carries whole IP datagrams, beginning with the IP header, whatever lies below; one of
 * Ethernet frames (`link`, `framed`) says so of each that comes. It has a clock, because on a
 * simulated wire time is part of the simulation. Decorators (impair, pace) are wires that hold
 * another.
 */
#ifndef SYNSTEP_WIRE_H
#define SYNSTEP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"
#include "synstep/status.h"

/* What became of a datagram on its way: anything but DELIVERED was done on purpose by `impair`. */
enum ss_fate {
    SS_FATE_DELIVERED,
    SS_FATE_DROPPED,
    SS_FATE_DUPLICATED,
    SS_FATE_DELAYED,
    SS_FATE_CORRUPTED,
};

enum { SS_DATAGRAM_BYTES_MAX = 65575 }; /* an IPv6 header and 65,535 octets after it */

/* A datagram that came in. */
struct ss_arrival {
    const uint8_t *octets; /* borrowed from the wire until its next call */
    size_t length;
    uint64_t time_us;  /* the wire's clock */
    enum ss_fate fate; /* DROPPED: shown for the record; it did not arrive */
    enum ss_link link; /* what it begins with */
};

struct ss_wire;

struct ss_wire_operations {
    enum ss_status (*send)(struct ss_wire *wire, const uint8_t *octets, size_t length,
                           enum ss_fate *fate, struct ss_problem *problem);
    enum ss_status (*flush)(struct ss_wire *wire, struct ss_problem *problem); /* NULL: no need */
    enum ss_status (*receive)(struct ss_wire *wire, uint64_t deadline_us,
                              struct ss_arrival *arrival, struct ss_problem *problem);
    uint64_t (*now_us)(struct ss_wire *wire);
    void (*close)(struct ss_wire *wire);
};

/* First member of every kind of wire. */
struct ss_wire {
    const struct ss_wire_operations *operations;
};

/*
 * Sends one datagram, copying what it needs. `fate` may be NULL. A wire may gather several and let
 * them leave together, at the next receive or flush at the latest: trouble may be told only there.
 */
static inline enum ss_status ss_wire_send(struct ss_wire *wire, const uint8_t *octets,
                                          size_t length, enum ss_fate *fate,
                                          struct ss_problem *problem)
{
    enum ss_fate ignored;
    return wire->operations->send(wire, octets, length, fate ? fate : &ignored, problem);
}

/* Lets everything leave that was sent: before anybody but this wire is asked what came of it. */
static inline enum ss_status ss_wire_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    return wire->operations->flush ? wire->operations->flush(wire, problem) : SS_OK;
}

/*
 * Waits for the next datagram until `deadline_us` of the wire's clock (already past: only looks).
 * SS_TIMED_OUT when none came, SS_INTERRUPTED when a signal asked to stop.
 */
static inline enum ss_status ss_wire_receive(struct ss_wire *wire, uint64_t deadline_us,
                                             struct ss_arrival *arrival, struct ss_problem *problem)
{
    return wire->operations->receive(wire, deadline_us, arrival, problem);
}

/* Microseconds since some instant that does not change; never goes back. */
static inline uint64_t ss_wire_now_us(struct ss_wire *wire)
{
    return wire->operations->now_us(wire);
}

/* Closes the wire and, for a decorator, the one it holds. NULL is fine. */
static inline void ss_wire_close(struct ss_wire *wire)
{
    if (wire)
        wire->operations->close(wire);
}

#endif
