/*
 * impair: the decorator that drops, doubles, delays or damages the frames of its plan.
 */
#include "synstep/impair.h"

#include <stdlib.h>

#include "frame_queue.h"
#include "synstep/bytes.h"

struct impair_wire {
    struct ss_wire wire;
    struct ss_wire *inner;
    struct ss_impair_plan plan;
    uint32_t frames;                /* passed so far, both ways */
    struct ss_frame_queue leaving;  /* delayed sends; time_us: when they were sent */
    struct ss_frame_queue arriving; /* delayed arrivals; time_us: when they came */
    struct ss_frame_queue ready;    /* arrivals to be handed out before any other */
    struct ss_frame *shown;         /* whose octets the last arrival borrows */
    uint64_t last_us;               /* the last arrival's time, which the next may not go before */
};

static struct impair_wire *impair_of(struct ss_wire *wire)
{
    return (struct impair_wire *)wire;
}

static enum ss_status out_of_memory(struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "out of memory");
}

/* Counts a frame and says what is to become of it. */
static enum ss_fate next_fate(struct impair_wire *impair)
{
    impair->frames++;
    for (size_t each = 0; each < impair->plan.count; each++) {
        if (impair->plan.acts[each].frame == impair->frames)
            return impair->plan.acts[each].fate;
    }
    return SS_FATE_DELIVERED;
}

/* Where the datagram ends by its own length: behind that lies padding, which no checksum covers. */
static size_t datagram_end(const uint8_t *octets, size_t length)
{
    size_t said = length;
    if (length >= 20 && octets[0] >> 4 == 4)
        said = ss_bytes_get16(octets + 2);
    else if (length >= 40 && octets[0] >> 4 == 6)
        said = (size_t)ss_bytes_get16(octets + 4) + 40;
    return said > 0 && said < length ? said : length;
}

static void corrupt(struct ss_frame *frame)
{
    size_t end = datagram_end(frame->octets, frame->length);
    if (end > 0)
        frame->octets[end - 1] ^= 0x01;
}

static enum ss_status send_frame(struct impair_wire *impair, const struct ss_frame *frame,
                                 struct ss_problem *problem)
{
    return ss_wire_send(impair->inner, frame->octets, frame->length, NULL, problem);
}

/* Sends what was delayed, all of it or what has waited its longest. */
static enum ss_status release_leaving(struct impair_wire *impair, bool all,
                                      struct ss_problem *problem)
{
    uint64_t now_us = ss_wire_now_us(impair->inner);
    enum ss_status status = SS_OK;
    while (status == SS_OK && impair->leaving.first &&
           (all || now_us >= impair->leaving.first->time_us + SS_IMPAIR_DELAY_US_MAX)) {
        struct ss_frame *frame = ss_frame_queue_pop(&impair->leaving);
        status = send_frame(impair, frame, problem);
        free(frame);
    }
    return status;
}

/* Makes ready the arrivals that were delayed, all of them or what has waited its longest. */
static void release_arriving(struct impair_wire *impair, bool all, uint64_t now_us)
{
    while (impair->arriving.first &&
           (all || now_us >= impair->arriving.first->time_us + SS_IMPAIR_DELAY_US_MAX)) {
        struct ss_frame *frame = ss_frame_queue_pop(&impair->arriving);
        frame->time_us = now_us;
        ss_frame_queue_push(&impair->ready, frame);
    }
}

/* A copy with one bit turned, sent in the frame's place. */
static enum ss_status send_corrupted(struct impair_wire *impair, struct ss_frame *frame,
                                     struct ss_problem *problem)
{
    corrupt(frame);
    enum ss_status status = send_frame(impair, frame, problem);
    free(frame);
    return status;
}

static enum ss_status send_by_fate(struct impair_wire *impair, enum ss_fate fate,
                                   const struct ss_arrival *datagram, struct ss_problem *problem)
{
    struct ss_frame *copy = NULL;
    enum ss_status status = SS_OK;
    if (fate == SS_FATE_CORRUPTED || fate == SS_FATE_DELAYED) {
        copy = ss_frame_copy(datagram);
        if (!copy)
            return out_of_memory(problem);
    }
    switch (fate) {
    case SS_FATE_DROPPED:
        return SS_OK;
    case SS_FATE_DELAYED:
        ss_frame_queue_push(&impair->leaving, copy);
        return SS_OK;
    case SS_FATE_CORRUPTED:
        status = send_corrupted(impair, copy, problem);
        break;
    case SS_FATE_DUPLICATED:
        status = ss_wire_send(impair->inner, datagram->octets, datagram->length, NULL, problem);
        if (status == SS_OK)
            status = ss_wire_send(impair->inner, datagram->octets, datagram->length, NULL, problem);
        break;
    case SS_FATE_DELIVERED:
        status = ss_wire_send(impair->inner, datagram->octets, datagram->length, NULL, problem);
        break;
    }
    return status == SS_OK ? release_leaving(impair, true, problem) : status;
}

static enum ss_status impair_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                  enum ss_fate *fate, struct ss_problem *problem)
{
    struct impair_wire *impair = impair_of(wire);
    struct ss_arrival datagram = {
        .octets = octets, .length = length, .time_us = ss_wire_now_us(impair->inner)};
    enum ss_status status = release_leaving(impair, false, problem);
    if (status != SS_OK)
        return status;
    enum ss_fate decided = next_fate(impair);
    status = send_by_fate(impair, decided, &datagram, problem);
    if (status == SS_OK)
        *fate = decided;
    return status;
}

/* Hands out `frame`, which stays ours until the next receive. */
static void show(struct impair_wire *impair, struct ss_frame *frame, struct ss_arrival *arrival)
{
    free(impair->shown);
    impair->shown = frame;
    *arrival = ss_frame_arrival(frame);
}

/*
 * Does to an arrival what the plan says. True: `arrival` is to be handed out; false: it is kept
 * for later. What was delayed follows the first frame that really passes.
 */
static bool arrive_by_fate(struct impair_wire *impair, enum ss_fate fate, struct ss_frame *copy,
                           struct ss_arrival *arrival)
{
    switch (fate) {
    case SS_FATE_DROPPED:
        arrival->fate = fate;
        return true;
    case SS_FATE_DELAYED:
        copy->fate = fate;
        ss_frame_queue_push(&impair->arriving, copy);
        return false;
    case SS_FATE_CORRUPTED:
        copy->fate = fate;
        corrupt(copy);
        show(impair, copy, arrival);
        break;
    case SS_FATE_DUPLICATED:
        copy->fate = fate;
        ss_frame_queue_push(&impair->ready, copy);
        break;
    case SS_FATE_DELIVERED:
        break;
    }
    release_arriving(impair, true, arrival->time_us);
    return true;
}

static enum ss_status take_arrival(struct impair_wire *impair, struct ss_arrival *arrival,
                                   bool *hand_out, struct ss_problem *problem)
{
    enum ss_fate fate = next_fate(impair);
    struct ss_frame *copy = NULL;
    if (fate != SS_FATE_DELIVERED && fate != SS_FATE_DROPPED) {
        copy = ss_frame_copy(arrival);
        if (!copy)
            return out_of_memory(problem);
    }
    *hand_out = arrive_by_fate(impair, fate, copy, arrival);
    return SS_OK;
}

/* When a delayed frame must go on though nothing followed it, or the caller's own deadline. */
static uint64_t wait_until(const struct impair_wire *impair, uint64_t deadline_us)
{
    const struct ss_frame *held[] = {impair->leaving.first, impair->arriving.first};
    for (size_t each = 0; each < sizeof held / sizeof *held; each++) {
        if (held[each] && held[each]->time_us + SS_IMPAIR_DELAY_US_MAX < deadline_us)
            deadline_us = held[each]->time_us + SS_IMPAIR_DELAY_US_MAX;
    }
    return deadline_us;
}

/* One round: what is ready, or else what the inner wire has by then. */
static enum ss_status look_once(struct impair_wire *impair, uint64_t deadline_us,
                                struct ss_arrival *arrival, bool *hand_out,
                                struct ss_problem *problem)
{
    enum ss_status status = release_leaving(impair, false, problem);
    if (status != SS_OK)
        return status;
    release_arriving(impair, false, ss_wire_now_us(impair->inner));
    struct ss_frame *ready = ss_frame_queue_pop(&impair->ready);
    if (ready) {
        show(impair, ready, arrival);
        *hand_out = true;
        return SS_OK;
    }
    status = ss_wire_receive(impair->inner, wait_until(impair, deadline_us), arrival, problem);
    return status == SS_OK ? take_arrival(impair, arrival, hand_out, problem) : status;
}

static enum ss_status impair_receive(struct ss_wire *wire, uint64_t deadline_us,
                                     struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct impair_wire *impair = impair_of(wire);
    struct ss_arrival found;
    bool hand_out = false;
    while (!hand_out) {
        uint64_t limit_us = wait_until(impair, deadline_us);
        enum ss_status status = look_once(impair, deadline_us, &found, &hand_out, problem);
        if (status == SS_TIMED_OUT && limit_us == deadline_us)
            return status;
        if (status != SS_OK && status != SS_TIMED_OUT)
            return status;
    }
    if (found.time_us < impair->last_us)
        found.time_us = impair->last_us;
    impair->last_us = found.time_us;
    *arrival = found;
    return SS_OK;
}

static uint64_t impair_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(impair_of(wire)->inner);
}

static void impair_close(struct ss_wire *wire)
{
    struct impair_wire *impair = impair_of(wire);
    ss_wire_close(impair->inner);
    ss_frame_queue_clear(&impair->leaving);
    ss_frame_queue_clear(&impair->arriving);
    ss_frame_queue_clear(&impair->ready);
    free(impair->shown);
    free(impair);
}

static enum ss_status impair_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    return ss_wire_flush(impair_of(wire)->inner, problem);
}

static const struct ss_wire_operations impair_operations = {
    .send = impair_send,
    .flush = impair_flush,
    .receive = impair_receive,
    .now_us = impair_now_us,
    .close = impair_close,
};

enum ss_status ss_impair_open(struct ss_wire *inner, const struct ss_impair_plan *plan,
                              struct ss_wire **wire, struct ss_problem *problem)
{
    struct impair_wire *impair = malloc(sizeof *impair);
    if (!impair)
        return out_of_memory(problem);
    *impair =
        (struct impair_wire){.wire.operations = &impair_operations, .inner = inner, .plan = *plan};
    *wire = &impair->wire;
    return SS_OK;
}
