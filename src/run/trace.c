/* trace: an array of owned events, and the sinks that hear of each. */
#include "synstep/trace.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct ss_trace {
    struct ss_event **events;
    size_t count;
    size_t room;
    struct ss_sink sinks[SS_TRACE_SINKS_MAX];
    size_t sink_count;
};

struct ss_trace *ss_trace_new(void)
{
    return calloc(1, sizeof(struct ss_trace));
}

void ss_trace_free(struct ss_trace *trace)
{
    if (!trace)
        return;
    for (size_t i = 0; i < trace->count; i++)
        free(trace->events[i]);
    free(trace->events);
    free(trace);
}

void ss_trace_attach(struct ss_trace *trace, struct ss_sink sink)
{
    assert(trace->sink_count < SS_TRACE_SINKS_MAX);
    trace->sinks[trace->sink_count++] = sink;
}

static bool make_room(struct ss_trace *trace)
{
    if (trace->count < trace->room)
        return true;
    size_t room = trace->room ? trace->room * 2 : 64;
    struct ss_event **events = realloc(trace->events, room * sizeof(*events));
    if (!events)
        return false;
    trace->events = events;
    trace->room = room;
    return true;
}

/* One block holds the event and, behind it, the segment's octets. */
static struct ss_event *copy_event(const struct ss_event *event)
{
    size_t octets = event->kind == SS_EVENT_SEGMENT ? event->segment.length : 0;
    struct ss_event *copy = malloc(sizeof(*copy) + octets);
    if (!copy)
        return NULL;
    *copy = *event;
    if (event->kind == SS_EVENT_SEGMENT) {
        uint8_t *behind = (uint8_t *)(copy + 1);
        memcpy(behind, event->segment.octets, octets);
        copy->segment.octets = behind;
        copy->segment.packet.frame = behind;
    }
    return copy;
}

enum ss_status ss_trace_append(struct ss_trace *trace, const struct ss_event *event)
{
    struct ss_event *copy = make_room(trace) ? copy_event(event) : NULL;
    if (!copy)
        return SS_IO;
    trace->events[trace->count++] = copy;
    for (size_t i = 0; i < trace->sink_count; i++)
        trace->sinks[i].take(trace->sinks[i].context, copy);
    return SS_OK;
}

size_t ss_trace_count(const struct ss_trace *trace)
{
    return trace->count;
}

const struct ss_event *ss_trace_at(const struct ss_trace *trace, size_t index)
{
    assert(index < trace->count);
    return trace->events[index];
}
