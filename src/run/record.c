/* record: turns what happens into events of the trace, and keeps the counts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "connection.h"

static enum ss_status append(struct connection *connection, struct ss_event *event,
                             uint64_t time_us)
{
    /* What waited to be taken in while we were sending is told after what was sent: no step back.
     */
    if (time_us < connection->last_event_us)
        time_us = connection->last_event_us;
    connection->last_event_us = time_us;
    event->time_us = time_us - connection->began_us;
    enum ss_status status = ss_trace_append(connection->trace, event);
    if (status != SS_OK)
        return ss_problem_set(connection->problem, status,
                              "out of memory for the trace after %u segments; send less data",
                              connection->segments);
    return SS_OK;
}

static uint64_t microseconds_since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

enum ss_status record_start(struct connection *connection)
{
    const struct ss_runner_options *options = connection->options;
    struct ss_event event = {.kind = SS_EVENT_START};
    event.start.local = options->local;
    event.start.peer = options->peer;
    event.start.isn_known = true;
    event.start.isn = options->endpoint.isn;
    event.start.epoch_us = microseconds_since_1970();
    snprintf(event.start.where, sizeof(event.start.where), "%s", options->where);
    return append(connection, &event, connection->began_us);
}

enum ss_status record_note(struct connection *connection, bool warning, const char *format, ...)
{
    struct ss_event event = {.kind = SS_EVENT_NOTE};
    event.note.warning = warning;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event.note.text, sizeof(event.note.text), format, arguments);
    va_end(arguments);
    return append(connection, &event, ss_wire_now_us(connection->wire));
}

void count_check(struct connection *connection, bool ok, const char *format, ...)
{
    connection->checks++;
    if (ok)
        return;
    if (connection->failed++ > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(connection->first_failure, sizeof(connection->first_failure), format, arguments);
    va_end(arguments);
}

static void count_verdicts(struct connection *connection, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct ss_verdict *verdict = &verdicts->list[i];
        if (verdict->level == SS_VERDICT_NOTE)
            continue;
        count_check(connection, verdict->level != SS_VERDICT_VIOLATION,
                    "segment %u: %s: expected %u, got %u (%s)", connection->segments, verdict->name,
                    verdict->expected, verdict->actual, verdict->clause);
    }
}

static void tell_numbers(const struct connection *connection, struct ss_event_segment *segment)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    ss_verify_symbol(&connection->verify, segment->from, tcp->seq, segment->seq_symbol);
    if (tcp->flags & SS_TCP_ACK)
        ss_verify_symbol(&connection->verify, ss_side_other(segment->from), tcp->ack,
                         segment->ack_symbol);
    segment->window_bytes =
        ss_verify_window_bytes(&connection->verify, segment->from, &segment->packet);
}

static void tell_states(struct connection *connection, struct ss_event_segment *segment)
{
    memcpy(segment->state_before, connection->shown, sizeof(connection->shown));
    connection->shown[SS_SIDE_A] = connection->endpoint.state;
    connection->shown[SS_SIDE_B] = connection->verify.sides[SS_SIDE_B].state;
    memcpy(segment->state_after, connection->shown, sizeof(connection->shown));
}

enum ss_status record_segment(struct connection *connection, enum ss_side from,
                              const struct ss_packet *packet, enum ss_fate fate, bool judged,
                              uint64_t time_us)
{
    struct ss_event event = {.kind = SS_EVENT_SEGMENT};
    struct ss_event_segment *segment = &event.segment;
    segment->n = ++connection->segments;
    segment->from = from;
    segment->fate = fate;
    segment->octets = packet->frame;
    segment->length = packet->frame_length;
    segment->packet = *packet;
    if (judged)
        ss_verify_packet(&connection->verify, from, packet, time_us - connection->began_us,
                         &segment->verdicts);
    if (packet->transport == SS_TRANSPORT_TCP)
        tell_numbers(connection, segment);
    tell_states(connection, segment);
    count_verdicts(connection, &segment->verdicts);
    if (connection->segments == 1)
        connection->first_segment_us = time_us;
    connection->last_segment_us = time_us;
    return append(connection, &event, time_us);
}

enum ss_status record_witness(struct connection *connection, const struct ss_event_witness *witness)
{
    struct ss_event event = {.kind = SS_EVENT_WITNESS, .witness = *witness};
    return append(connection, &event, ss_wire_now_us(connection->wire));
}

enum ss_status record_end(struct connection *connection, enum ss_status status)
{
    struct ss_event event = {.kind = SS_EVENT_END};
    struct ss_event_end *end = &event.end;
    const struct ss_verify_side *sides = connection->verify.sides;
    end->ok = status == SS_OK;
    end->status = status;
    if (!end->ok)
        snprintf(end->text, sizeof(end->text), "%s", connection->problem->text);
    end->segments = connection->segments;
    end->checks = connection->checks;
    end->failed = connection->failed;
    for (int side = 0; side < 2; side++) {
        end->number_known[side] = sides[side].isn_known;
        end->number[side] = sides[side].isn;
        end->number_known[side + 2] = sides[side].fin_known;
        end->number[side + 2] = sides[side].fin;
    }
    end->duration_us = connection->last_segment_us - connection->first_segment_us;
    return append(connection, &event, ss_wire_now_us(connection->wire));
}
