/* record: turns what happens into events of the trace, and keeps the counts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "recorder.h"

void recorder_init(struct recorder *recorder, struct ss_wire *wire, struct ss_trace *trace,
                   struct ss_problem *problem)
{
    *recorder = (struct recorder){.wire = wire, .trace = trace, .problem = problem};
    recorder->shown[SS_SIDE_A] = SS_TCP_CLOSED;
    recorder->shown[SS_SIDE_B] = SS_TCP_LISTEN;
    recorder->began_us = ss_wire_now_us(wire);
    recorder->last_event_us = recorder->began_us;
    ss_verify_init(&recorder->verify);
    ss_verify_room_init(&recorder->room);
}

static enum ss_status append(struct recorder *recorder, struct ss_event *event, uint64_t time_us)
{
    /* What waited to be taken in while we were sending is told after what was sent: no step back.
     */
    if (time_us < recorder->last_event_us)
        time_us = recorder->last_event_us;
    recorder->last_event_us = time_us;
    event->time_us = time_us - recorder->began_us;
    enum ss_status status = ss_trace_append(recorder->trace, event);
    if (status != SS_OK)
        return ss_problem_set(recorder->problem, status,
                              "out of memory for the trace after %u segments; send less data",
                              recorder->segments);
    return SS_OK;
}

static uint64_t microseconds_since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

enum ss_status record_start(struct recorder *recorder, const struct ss_event_start *start)
{
    struct ss_event event = {.kind = SS_EVENT_START, .start = *start};
    event.start.epoch_us = recorder->timeless ? 0 : microseconds_since_1970();
    return append(recorder, &event, recorder->began_us);
}

enum ss_status record_note(struct recorder *recorder, bool warning, const char *format, ...)
{
    struct ss_event event = {.kind = SS_EVENT_NOTE};
    event.note.warning = warning;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event.note.text, sizeof(event.note.text), format, arguments);
    va_end(arguments);
    return append(recorder, &event, ss_wire_now_us(recorder->wire));
}

void count_check(struct recorder *recorder, bool ok, const char *format, ...)
{
    recorder->checks++;
    if (ok)
        return;
    if (recorder->failed++ > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(recorder->first_failure, sizeof(recorder->first_failure), format, arguments);
    va_end(arguments);
}

static void count_verdicts(struct recorder *recorder, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct ss_verdict *verdict = &verdicts->list[i];
        if (verdict->level == SS_VERDICT_NOTE)
            continue;
        count_check(recorder, verdict->level != SS_VERDICT_VIOLATION,
                    "segment %u: %s: expected %u, got %u (%s)", recorder->segments,
                    ss_rule_name(verdict->rule), verdict->expected, verdict->actual,
                    ss_rule_clause(verdict->rule));
    }
}

/* Rules that side A breaks on purpose are not held against it. */
static void pardon(struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++)
        if (verdicts->list[i].level == SS_VERDICT_VIOLATION)
            verdicts->list[i].level = SS_VERDICT_WARNING;
}

static void tell_numbers(const struct recorder *recorder, struct ss_event_segment *segment)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    ss_verify_symbol(&recorder->verify, segment->from, tcp->seq, segment->seq_symbol);
    if (tcp->flags & SS_TCP_ACK)
        ss_verify_symbol(&recorder->verify, ss_side_other(segment->from), tcp->ack,
                         segment->ack_symbol);
    segment->window_bytes =
        ss_verify_window_bytes(&recorder->verify, segment->from, &segment->packet);
}

static void tell_states(struct recorder *recorder, struct ss_event_segment *segment)
{
    memcpy(segment->state_before, recorder->shown, sizeof(recorder->shown));
    recorder->shown[SS_SIDE_A] =
        recorder->endpoint ? recorder->endpoint->state : recorder->verify.sides[SS_SIDE_A].state;
    recorder->shown[SS_SIDE_B] = recorder->verify.sides[SS_SIDE_B].state;
    memcpy(segment->state_after, recorder->shown, sizeof(recorder->shown));
}

static struct ss_event event_of(struct recorder *recorder, enum ss_side from,
                                const struct ss_packet *packet, enum ss_fate fate)
{
    return (struct ss_event){
        .kind = SS_EVENT_SEGMENT,
        .segment = {.n = ++recorder->segments,
                    .from = from,
                    .fate = fate,
                    .octets = packet->frame,
                    .length = packet->frame_length,
                    .packet = *packet},
    };
}

static enum ss_status append_seen(struct recorder *recorder, struct ss_event *event,
                                  uint64_t time_us)
{
    if (recorder->segments == 1)
        recorder->first_segment_us = time_us;
    recorder->last_segment_us = time_us;
    return append(recorder, event, time_us);
}

enum ss_status record_datagram(struct recorder *recorder, enum ss_side from,
                               const struct ss_packet *packet, enum ss_fate fate, uint64_t time_us)
{
    struct ss_event event = event_of(recorder, from, packet, fate);
    event.segment.is_datagram = true;
    tell_states(recorder, &event.segment);
    return append_seen(recorder, &event, time_us);
}

enum ss_status record_segment(struct recorder *recorder, enum ss_side from,
                              const struct ss_packet *packet, enum ss_fate fate, bool judged,
                              uint64_t time_us)
{
    struct ss_event event = event_of(recorder, from, packet, fate);
    struct ss_event_segment *segment = &event.segment;
    if (judged)
        ss_verify_packet(&recorder->verify, &recorder->room.extra, from, packet,
                         time_us - recorder->began_us, &segment->verdicts);
    if (recorder->freely && from == SS_SIDE_A)
        pardon(&segment->verdicts);
    if (packet->transport == SS_TRANSPORT_TCP)
        tell_numbers(recorder, segment);
    tell_states(recorder, segment);
    count_verdicts(recorder, &segment->verdicts);
    return append_seen(recorder, &event, time_us);
}

enum ss_status record_witness(struct recorder *recorder, const struct ss_event_witness *witness)
{
    struct ss_event event = {.kind = SS_EVENT_WITNESS, .witness = *witness};
    return append(recorder, &event, ss_wire_now_us(recorder->wire));
}

enum ss_status record_step(struct recorder *recorder, const struct ss_event_step *step)
{
    struct ss_event event = {.kind = SS_EVENT_STEP, .step = *step};
    return append(recorder, &event, ss_wire_now_us(recorder->wire));
}

enum ss_status record_end(struct recorder *recorder, enum ss_status status)
{
    struct ss_event event = {.kind = SS_EVENT_END};
    struct ss_event_end *end = &event.end;
    const struct ss_verify_side *sides = recorder->verify.sides;
    end->ok = status == SS_OK;
    end->status = status;
    if (!end->ok)
        snprintf(end->text, sizeof(end->text), "%s", recorder->problem->text);
    end->segments = recorder->segments;
    end->checks = recorder->checks;
    end->failed = recorder->failed;
    for (int side = 0; side < 2; side++) {
        end->number_known[side] = sides[side].isn_known;
        end->number[side] = sides[side].isn;
        end->number_known[side + 2] = sides[side].fin_known;
        end->number[side + 2] = sides[side].fin;
    }
    end->duration_us = recorder->last_segment_us - recorder->first_segment_us;
    return append(recorder, &event, ss_wire_now_us(recorder->wire));
}

enum ss_status checks_held(struct recorder *recorder)
{
    if (recorder->failed == 0)
        return SS_OK;
    return ss_problem_set(recorder->problem, SS_CHECK_FAILED,
                          "%u of %u checks failed; the first: %s", recorder->failed,
                          recorder->checks, recorder->first_failure);
}
