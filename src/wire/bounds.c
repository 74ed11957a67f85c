/*
 * bounds: what is asked for, each datagram, and the wire that holds to both.
 */
#include "synstep/bounds.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/pace.h"

bool ss_bounds_are_narrow(const struct ss_bounds *bounds)
{
    switch (bounds->place) {
    case SS_BOUNDS_PRIVATE:
        return false;
    case SS_BOUNDS_LOOPBACK:
        return bounds->spoof; /* the answers to a foreign source leave this host */
    case SS_BOUNDS_OUTSIDE:
        return true;
    }
    return true;
}

enum ss_status ss_bounds_check(const struct ss_bounds *bounds, struct ss_problem *problem)
{
    if (bounds->count == 0)
        return ss_problem_set(problem, SS_USAGE, "the number of packets must be finite");
    if (!ss_bounds_are_narrow(bounds))
        return SS_OK;
    const char *where = bounds->place == SS_BOUNDS_OUTSIDE ? "toward a target outside this host"
                                                           : "from a foreign source";
    if (bounds->count > SS_BOUNDS_COUNT_MAX)
        return ss_problem_set(problem, SS_USAGE,
                              "%" PRIu64 " packets exceed the bound of %d %s; private hosts and "
                              "loopback have none",
                              bounds->count, SS_BOUNDS_COUNT_MAX, where);
    if (bounds->per_second > SS_PACE_PER_SECOND_MAX)
        return ss_problem_set(problem, SS_USAGE,
                              "%" PRIu64 " packets a second exceed the bound of %d %s; private "
                              "hosts and loopback have none",
                              bounds->per_second, SS_PACE_PER_SECOND_MAX, where);
    return SS_OK;
}

/* --- the wire -----------------------------------------------------------------------------------
 */

struct bounds_wire {
    struct ss_wire wire;
    struct ss_wire *inner;
    struct ss_bounds bounds;
    uint64_t sent;
};

static struct bounds_wire *bounds_of(struct ss_wire *wire)
{
    return (struct bounds_wire *)wire;
}

static enum ss_status bounds_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                  enum ss_fate *fate, struct ss_problem *problem)
{
    struct bounds_wire *held = bounds_of(wire);
    enum ss_status status = ss_bounds_datagram(&held->bounds, octets, length, problem);
    if (status != SS_OK)
        return status;
    if (held->sent == held->bounds.count)
        return ss_problem_set(problem, SS_USAGE, "all %" PRIu64 " packets have been sent",
                              held->bounds.count);
    held->sent++;
    return ss_wire_send(held->inner, octets, length, fate, problem);
}

static enum ss_status bounds_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    return ss_wire_flush(bounds_of(wire)->inner, problem);
}

static enum ss_status bounds_receive(struct ss_wire *wire, uint64_t deadline_us,
                                     struct ss_arrival *arrival, struct ss_problem *problem)
{
    return ss_wire_receive(bounds_of(wire)->inner, deadline_us, arrival, problem);
}

static uint64_t bounds_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(bounds_of(wire)->inner);
}

static void bounds_close(struct ss_wire *wire)
{
    struct bounds_wire *held = bounds_of(wire);
    ss_wire_close(held->inner);
    free(held);
}

static const struct ss_wire_operations bounds_operations = {
    .send = bounds_send,
    .flush = bounds_flush,
    .receive = bounds_receive,
    .now_us = bounds_now_us,
    .close = bounds_close,
};

/* The rate that was asked for, where it is lower than the bound. */
static uint32_t bounded_rate(const struct ss_bounds *bounds)
{
    return bounds->per_second != 0 ? (uint32_t)bounds->per_second : SS_PACE_PER_SECOND_MAX;
}

enum ss_status ss_bounds_open(struct ss_wire *inner, const struct ss_bounds *bounds,
                              struct ss_wire **wire, struct ss_problem *problem)
{
    struct ss_wire *paced = inner;
    enum ss_status status = ss_bounds_check(bounds, problem);
    if (status != SS_OK)
        return status;
    struct bounds_wire *made = malloc(sizeof *made);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory");
    if (ss_bounds_are_narrow(bounds))
        status = ss_pace_open(inner, bounded_rate(bounds), &paced, problem);
    if (status != SS_OK) {
        free(made);
        return status;
    }
    *made = (struct bounds_wire){
        .wire.operations = &bounds_operations, .inner = paced, .bounds = *bounds};
    *wire = &made->wire;
    return SS_OK;
}
