/* simulated: a wire with two ends in memory and a virtual clock. */
#include "synstep/simulated.h"

#include <stdlib.h>
#include <string.h>

struct datagram {
    struct datagram *next;
    uint64_t due_us; /* when it reaches the other end */
    size_t length;
    uint8_t octets[];
};

/* One direction. Every datagram takes the same time, so that first in is first out. */
struct path {
    struct datagram *first;
    struct datagram *last;
};

struct ss_simulated {
    struct ss_wire wire;
    struct ss_simulated_host host;
    uint64_t latency_us;
    uint64_t now_us;
    struct path to_host;
    struct path to_near;
    struct datagram *shown; /* what the last arrival borrows */
    bool reply_lost;        /* no memory for a reply: the next receive says so */
};

static struct ss_simulated *self(struct ss_wire *wire)
{
    return (struct ss_simulated *)wire;
}

static bool put_on(struct ss_simulated *simulated, struct path *path, const uint8_t *octets,
                   size_t length)
{
    struct datagram *datagram = malloc(sizeof(*datagram) + length);
    if (!datagram)
        return false;
    datagram->next = NULL;
    datagram->due_us = simulated->now_us + simulated->latency_us;
    datagram->length = length;
    memcpy(datagram->octets, octets, length);
    if (path->last)
        path->last->next = datagram;
    else
        path->first = datagram;
    path->last = datagram;
    return true;
}

static struct datagram *take_off(struct path *path)
{
    struct datagram *datagram = path->first;
    path->first = datagram->next;
    if (!path->first)
        path->last = NULL;
    return datagram;
}

static uint64_t due(const struct path *path)
{
    return path->first ? path->first->due_us : UINT64_MAX;
}

static enum ss_status simulated_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                     enum ss_fate *fate, struct ss_problem *problem)
{
    struct ss_simulated *simulated = self(wire);
    if (length == 0 || length > SS_DATAGRAM_BYTES_MAX)
        return ss_problem_set(problem, SS_USAGE,
                              "a datagram of %zu octets does not go over any wire", length);
    if (!put_on(simulated, &simulated->to_host, octets, length))
        return ss_problem_set(problem, SS_IO, "out of memory for a datagram of %zu octets", length);
    *fate = SS_FATE_DELIVERED;
    return SS_OK;
}

static void advance_clock(struct ss_simulated *simulated, uint64_t to_us)
{
    if (to_us > simulated->now_us)
        simulated->now_us = to_us;
}

/* The far end's next moment: a datagram reaches it, or its own deadline is due. */
static uint64_t host_due(struct ss_simulated *simulated)
{
    uint64_t deadline_us = simulated->host.deadline(simulated->host.context);
    uint64_t datagram_us = due(&simulated->to_host);
    return deadline_us < datagram_us ? deadline_us : datagram_us;
}

static void wake_host(struct ss_simulated *simulated)
{
    struct ss_simulated_host *host = &simulated->host;
    if (due(&simulated->to_host) > simulated->now_us) {
        host->wake(host->context, simulated, NULL, 0, simulated->now_us);
        return;
    }
    struct datagram *datagram = take_off(&simulated->to_host);
    host->wake(host->context, simulated, datagram->octets, datagram->length, simulated->now_us);
    free(datagram);
}

static void show(struct ss_simulated *simulated, struct ss_arrival *arrival)
{
    simulated->shown = take_off(&simulated->to_near);
    *arrival = (struct ss_arrival){
        .octets = simulated->shown->octets,
        .length = simulated->shown->length,
        .time_us = simulated->now_us,
        .fate = SS_FATE_DELIVERED,
    };
}

/* The end of a wait for nothing. One that would never end, since nothing can come, ends at once. */
static enum ss_status nothing_came(struct ss_simulated *simulated, uint64_t deadline_us,
                                   struct ss_problem *problem)
{
    if (deadline_us != UINT64_MAX)
        advance_clock(simulated, deadline_us);
    return ss_problem_set(problem, SS_TIMED_OUT, "nothing came over the simulated wire");
}

static enum ss_status simulated_receive(struct ss_wire *wire, uint64_t deadline_us,
                                        struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct ss_simulated *simulated = self(wire);
    free(simulated->shown);
    simulated->shown = NULL;
    for (;;) {
        if (simulated->reply_lost)
            return ss_problem_set(problem, SS_IO, "out of memory for a reply");
        uint64_t near_us = due(&simulated->to_near);
        uint64_t far_us = host_due(simulated);
        uint64_t next_us = near_us < far_us ? near_us : far_us;
        bool never = next_us == UINT64_MAX;
        if (never || (next_us > deadline_us && next_us > simulated->now_us))
            return nothing_came(simulated, deadline_us, problem);
        advance_clock(simulated, next_us);
        if (near_us <= far_us) {
            show(simulated, arrival);
            return SS_OK;
        }
        wake_host(simulated);
    }
}

static uint64_t simulated_now_us(struct ss_wire *wire)
{
    return self(wire)->now_us;
}

static void drop_all(struct path *path)
{
    while (path->first)
        free(take_off(path));
}

static void simulated_close(struct ss_wire *wire)
{
    struct ss_simulated *simulated = self(wire);
    drop_all(&simulated->to_host);
    drop_all(&simulated->to_near);
    free(simulated->shown);
    free(simulated);
}

static const struct ss_wire_operations simulated_operations = {
    .send = simulated_send,
    .receive = simulated_receive,
    .now_us = simulated_now_us,
    .close = simulated_close,
};

enum ss_status ss_simulated_open(const struct ss_simulated_host *host, uint64_t latency_us,
                                 struct ss_wire **wire, struct ss_problem *problem)
{
    struct ss_simulated *simulated = calloc(1, sizeof(*simulated));
    if (!simulated)
        return ss_problem_set(problem, SS_IO, "out of memory for a simulated wire");
    simulated->wire.operations = &simulated_operations;
    simulated->host = *host;
    simulated->latency_us = latency_us;
    *wire = &simulated->wire;
    return SS_OK;
}

void ss_simulated_reply(struct ss_simulated *wire, const uint8_t *octets, size_t length)
{
    if (!put_on(wire, &wire->to_near, octets, length))
        wire->reply_lost = true;
}

struct ss_simulated *ss_simulated_of(struct ss_wire *wire)
{
    return self(wire);
}

uint64_t ss_simulated_now_us(const struct ss_simulated *wire)
{
    return wire->now_us;
}
