/*
 * limit: the decorator that waits no longer than until its end.
 */
#include "synstep/limit.h"

#include <stdlib.h>

struct limit_wire {
    struct ss_wire wire;
    struct ss_wire *inner;
    uint64_t limit_us;
    uint64_t end_us;
};

static struct limit_wire *limit_of(struct ss_wire *wire)
{
    return (struct limit_wire *)wire;
}

static enum ss_status limit_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                 enum ss_fate *fate, struct ss_problem *problem)
{
    return ss_wire_send(limit_of(wire)->inner, octets, length, fate, problem);
}

static enum ss_status limit_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    return ss_wire_flush(limit_of(wire)->inner, problem);
}

static uint64_t limit_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(limit_of(wire)->inner);
}

/* Also when datagrams keep coming: the end is looked for first. */
static enum ss_status limit_receive(struct ss_wire *wire, uint64_t deadline_us,
                                    struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct limit_wire *limit = limit_of(wire);
    enum ss_status status = SS_TIMED_OUT;
    uint64_t until_us = deadline_us < limit->end_us ? deadline_us : limit->end_us;
    if (limit_now_us(wire) < limit->end_us)
        status = ss_wire_receive(limit->inner, until_us, arrival, problem);
    if (status != SS_TIMED_OUT || limit_now_us(wire) < limit->end_us)
        return status;
    return ss_problem_set(problem, SS_INTERRUPTED, "not done in %g s (--timeout)",
                          (double)limit->limit_us / 1e6);
}

static void limit_close(struct ss_wire *wire)
{
    struct limit_wire *limit = limit_of(wire);
    ss_wire_close(limit->inner);
    free(limit);
}

static const struct ss_wire_operations limit_operations = {
    .send = limit_send,
    .flush = limit_flush,
    .receive = limit_receive,
    .now_us = limit_now_us,
    .close = limit_close,
};

enum ss_status ss_limit_open(struct ss_wire *inner, uint64_t limit_us, struct ss_wire **wire,
                             struct ss_problem *problem)
{
    struct limit_wire *limit = malloc(sizeof *limit);
    if (!limit)
        return ss_problem_set(problem, SS_IO, "out of memory");
    *limit = (struct limit_wire){
        .wire.operations = &limit_operations,
        .inner = inner,
        .limit_us = limit_us,
        .end_us = ss_wire_now_us(inner) + limit_us,
    };
    *wire = &limit->wire;
    return SS_OK;
}
