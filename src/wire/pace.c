/*
 * pace: the decorator that lets sends wait when too many have begun within a second.
 */
#include "synstep/pace.h"

#include <stdlib.h>
#include <time.h>

#include "frame_queue.h"

enum {
    SECOND_US = 1000 * 1000,
    KEPT_BYTES_MAX = 4 * 1024 * 1024, /* arrivals kept while a send waits; what exceeds it is lost,
                                         as in any receive buffer that is full */
};

struct pace_wire {
    struct ss_wire wire;
    struct ss_wire *inner;
    uint32_t per_second;
    uint32_t begun;             /* sends begun, at most per_second */
    uint32_t oldest;            /* index of the oldest of them, once there are per_second */
    struct ss_frame_queue kept; /* arrivals that came while a send waited */
    struct ss_frame *shown;     /* whose octets the last arrival borrows */
    uint64_t begun_us[];        /* the last per_second times */
};

static struct pace_wire *pace_of(struct ss_wire *wire)
{
    return (struct pace_wire *)wire;
}

/* When the next send may begin: a second after the one that was per_second sends before it. */
static uint64_t due_us(const struct pace_wire *pace)
{
    return pace->begun < pace->per_second ? 0 : pace->begun_us[pace->oldest] + SECOND_US;
}

static void note_begun(struct pace_wire *pace, uint64_t now_us)
{
    if (pace->begun < pace->per_second) {
        pace->begun_us[pace->begun++] = now_us;
        return;
    }
    pace->begun_us[pace->oldest] = now_us;
    pace->oldest = (pace->oldest + 1) % pace->per_second;
}

static enum ss_status keep(struct pace_wire *pace, const struct ss_arrival *arrival,
                           struct ss_problem *problem)
{
    if (pace->kept.bytes + arrival->length > KEPT_BYTES_MAX)
        return SS_OK;
    struct ss_frame *frame = ss_frame_copy(arrival);
    if (!frame)
        return ss_problem_set(problem, SS_IO, "out of memory");
    ss_frame_queue_push(&pace->kept, frame);
    return SS_OK;
}

/*
 * Someone asked to stop, and the wire no longer waits for us. The segment that ends the connection
 * must still leave, and the bound still holds: so the wait, a second at most, is made here.
 */
static enum ss_status sleep_until(struct pace_wire *pace, uint64_t until_us)
{
    uint64_t now_us = ss_wire_now_us(pace->inner);
    if (now_us < until_us) {
        uint64_t span_us = until_us - now_us;
        struct timespec span = {.tv_sec = (time_t)(span_us / SECOND_US),
                                .tv_nsec = (long)(span_us % SECOND_US) * 1000};
        while (nanosleep(&span, &span) != 0)
            continue;
    }
    return ss_wire_now_us(pace->inner) >= until_us ? SS_OK : SS_INTERRUPTED;
}

/* By receiving, because on a simulated wire nothing else lets time pass. */
static enum ss_status wait_until(struct pace_wire *pace, uint64_t until_us,
                                 struct ss_problem *problem)
{
    while (ss_wire_now_us(pace->inner) < until_us) {
        struct ss_arrival arrival;
        enum ss_status status = ss_wire_receive(pace->inner, until_us, &arrival, problem);
        if (status == SS_INTERRUPTED)
            return sleep_until(pace, until_us);
        if (status == SS_OK)
            status = keep(pace, &arrival, problem);
        if (status != SS_OK && status != SS_TIMED_OUT)
            return status;
    }
    return SS_OK;
}

static enum ss_status pace_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                enum ss_fate *fate, struct ss_problem *problem)
{
    struct pace_wire *pace = pace_of(wire);
    enum ss_status status = wait_until(pace, due_us(pace), problem);
    if (status != SS_OK)
        return status;
    note_begun(pace, ss_wire_now_us(pace->inner));
    return ss_wire_send(pace->inner, octets, length, fate, problem);
}

static enum ss_status pace_receive(struct ss_wire *wire, uint64_t deadline_us,
                                   struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct pace_wire *pace = pace_of(wire);
    free(pace->shown);
    pace->shown = ss_frame_queue_pop(&pace->kept);
    if (!pace->shown)
        return ss_wire_receive(pace->inner, deadline_us, arrival, problem);
    *arrival = ss_frame_arrival(pace->shown);
    return SS_OK;
}

static uint64_t pace_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(pace_of(wire)->inner);
}

static void pace_close(struct ss_wire *wire)
{
    struct pace_wire *pace = pace_of(wire);
    ss_wire_close(pace->inner);
    ss_frame_queue_clear(&pace->kept);
    free(pace->shown);
    free(pace);
}

static enum ss_status pace_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    return ss_wire_flush(pace_of(wire)->inner, problem);
}

static const struct ss_wire_operations pace_operations = {
    .send = pace_send,
    .flush = pace_flush,
    .receive = pace_receive,
    .now_us = pace_now_us,
    .close = pace_close,
};

enum ss_status ss_pace_open(struct ss_wire *inner, uint32_t per_second, struct ss_wire **wire,
                            struct ss_problem *problem)
{
    if (per_second < 1 || per_second > SS_PACE_PER_SECOND_MAX)
        return ss_problem_set(problem, SS_USAGE,
                              "a rate of %u packets a second is not between 1 "
                              "and %d",
                              per_second, SS_PACE_PER_SECOND_MAX);
    struct pace_wire *pace = malloc(sizeof *pace + per_second * sizeof pace->begun_us[0]);
    if (!pace)
        return ss_problem_set(problem, SS_IO, "out of memory");
    *pace = (struct pace_wire){
        .wire.operations = &pace_operations, .inner = inner, .per_second = per_second};
    *wire = &pace->wire;
    return SS_OK;
}
