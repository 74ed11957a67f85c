/* dummy_wire: a wire whose arrivals are written down beforehand, whose sends are remembered, and
 * whose clock moves only when somebody waits. For the tests of the decorators. */
#ifndef SS_TESTS_DUMMY_WIRE_H
#define SS_TESTS_DUMMY_WIRE_H

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "synstep/wire.h"

enum { DUMMY_FRAMES_MAX = 4096, DUMMY_OCTETS = 64 };

struct dummy_frame {
    uint64_t time_us;
    size_t length;
    uint8_t octets[DUMMY_OCTETS];
};

struct dummy_wire {
    struct ss_wire wire;
    uint64_t now_us;
    struct dummy_frame coming[DUMMY_FRAMES_MAX]; /* in order of time */
    size_t coming_count;
    size_t came;
    struct dummy_frame sent[DUMMY_FRAMES_MAX];
    size_t sent_count;
    bool interrupted; /* every receive says so */
    bool closed;
};

static inline struct dummy_wire *dummy_of(struct ss_wire *wire)
{
    return (struct dummy_wire *)wire;
}

static inline enum ss_status dummy_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                        enum ss_fate *fate, struct ss_problem *problem)
{
    struct dummy_wire *dummy = dummy_of(wire);
    (void)problem;
    assert(dummy->sent_count < DUMMY_FRAMES_MAX && length <= DUMMY_OCTETS);
    struct dummy_frame *frame = &dummy->sent[dummy->sent_count++];
    frame->time_us = dummy->now_us;
    frame->length = length;
    memcpy(frame->octets, octets, length);
    *fate = SS_FATE_DELIVERED;
    return SS_OK;
}

static inline enum ss_status dummy_receive(struct ss_wire *wire, uint64_t deadline_us,
                                           struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct dummy_wire *dummy = dummy_of(wire);
    const struct dummy_frame *frame = &dummy->coming[dummy->came];
    (void)problem;
    if (dummy->interrupted)
        return SS_INTERRUPTED;
    if (dummy->came == dummy->coming_count ||
        (frame->time_us > deadline_us && frame->time_us > dummy->now_us)) {
        if (dummy->now_us < deadline_us)
            dummy->now_us = deadline_us;
        return SS_TIMED_OUT;
    }
    dummy->came++;
    if (dummy->now_us < frame->time_us)
        dummy->now_us = frame->time_us;
    *arrival = (struct ss_arrival){.octets = frame->octets,
                                   .length = frame->length,
                                   .time_us = frame->time_us,
                                   .fate = SS_FATE_DELIVERED};
    return SS_OK;
}

static inline uint64_t dummy_now_us(struct ss_wire *wire)
{
    return dummy_of(wire)->now_us;
}

static inline void dummy_close(struct ss_wire *wire)
{
    dummy_of(wire)->closed = true;
}

static inline void dummy_open(struct dummy_wire *dummy)
{
    static const struct ss_wire_operations operations = {
        .send = dummy_send,
        .receive = dummy_receive,
        .now_us = dummy_now_us,
        .close = dummy_close,
    };
    *dummy = (struct dummy_wire){.wire.operations = &operations};
}

/* A frame of one octet that will come at `time_us`. */
static inline void dummy_will_come(struct dummy_wire *dummy, uint64_t time_us, uint8_t octet)
{
    assert(dummy->coming_count < DUMMY_FRAMES_MAX);
    struct dummy_frame *frame = &dummy->coming[dummy->coming_count++];
    *frame = (struct dummy_frame){.time_us = time_us, .length = 1, .octets = {octet}};
}

#endif
