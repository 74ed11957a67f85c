/* verify_ladder: the events of a run, made of a capture's frames. */
#include "verify_ladder.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "outputs.h"

enum ss_status verify_ladder_open(struct verify_ladder *ladder,
                                  const struct verify_options *options, const char *file,
                                  struct ss_problem *problem)
{
    *ladder = (struct verify_ladder){.file = file};
    if (options->look.json)
        ladder->json = ss_json_open(stdout);
    else
        ladder->ladder = outputs_open_ladder(&options->look, NULL);
    if (!ladder->json && !ladder->ladder)
        return ss_problem_set(problem, SS_IO, "out of memory for the ladder");
    ladder->sink = ladder->json ? ss_json_sink(ladder->json) : ss_ladder_sink(ladder->ladder);
    return SS_OK;
}

static void tell(struct verify_ladder *ladder, struct ss_event *event, uint64_t time_us)
{
    if (time_us < ladder->last_us)
        time_us = ladder->last_us;
    ladder->last_us = time_us;
    event->time_us = time_us - ladder->began_us;
    ladder->sink.take(ladder->sink.context, event);
}

static void tell_start(struct verify_ladder *ladder, const struct verify_seen *seen)
{
    const struct ss_flow *flow = seen->taken->flow;
    struct ss_event event = {.kind = SS_EVENT_START};
    ladder->began_us = ladder->last_us = seen->frame->time_us;
    event.start.local = flow->ends[SS_SIDE_A];
    event.start.peer = flow->ends[SS_SIDE_B];
    event.start.isn_known = flow->verify.sides[SS_SIDE_A].isn_known;
    event.start.isn = flow->verify.sides[SS_SIDE_A].isn;
    event.start.epoch_us = seen->frame->time_us;
    snprintf(event.start.where, sizeof(event.start.where), "%s", ladder->file);
    tell(ladder, &event, seen->frame->time_us);
}

static void count(struct verify_ladder *ladder, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++)
        if (verdicts->list[i].level != SS_VERDICT_NOTE) {
            ladder->checks++;
            ladder->failed += verdicts->list[i].level == SS_VERDICT_VIOLATION;
        }
}

static void fill(struct verify_ladder *ladder, const struct verify_seen *seen,
                 struct ss_event_segment *segment)
{
    const struct ss_flow_packet *taken = seen->taken;
    const struct ss_verify *verify = &taken->flow->verify;
    segment->n = ladder->segments;
    segment->from = taken->from;
    segment->octets = seen->packet->frame + seen->packet->ip_offset;
    segment->length = seen->packet->frame_length - seen->packet->ip_offset;
    ss_packet_decode(SS_LINK_IP, segment->octets, segment->length, &segment->packet);
    ss_verify_symbol(verify, taken->from, segment->packet.tcp.seq, segment->seq_symbol);
    if (segment->packet.tcp.flags & SS_TCP_ACK)
        ss_verify_symbol(verify, ss_side_other(taken->from), segment->packet.tcp.ack,
                         segment->ack_symbol);
    segment->window_bytes = ss_verify_window_bytes(verify, taken->from, &segment->packet);
    memcpy(segment->state_before, ladder->shown, sizeof(ladder->shown));
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        ladder->shown[side] = (enum ss_tcp_state)verify->sides[side].state;
    memcpy(segment->state_after, ladder->shown, sizeof(ladder->shown));
    segment->verdicts = taken->verdicts;
}

void verify_ladder_take(struct verify_ladder *ladder, const struct verify_seen *seen)
{
    struct ss_event event = {.kind = SS_EVENT_SEGMENT};
    if (ladder->segments++ == 0) {
        ladder->shown[SS_SIDE_A] = SS_TCP_CLOSED;
        ladder->shown[SS_SIDE_B] = SS_TCP_LISTEN;
        tell_start(ladder, seen);
    }
    fill(ladder, seen, &event.segment);
    count(ladder, &seen->taken->verdicts);
    ladder->verify = seen->taken->flow->verify;
    tell(ladder, &event, seen->frame->time_us);
}

static void tell_end(struct verify_ladder *ladder)
{
    struct ss_event event = {.kind = SS_EVENT_END};
    struct ss_event_end *end = &event.end;
    end->ok = ladder->failed == 0;
    end->status = end->ok ? SS_OK : SS_CHECK_FAILED;
    if (!end->ok)
        snprintf(end->text, sizeof(end->text), "%u of %u checks failed", ladder->failed,
                 ladder->checks);
    end->segments = ladder->segments;
    end->checks = ladder->checks;
    end->failed = ladder->failed;
    for (int side = 0; side < 2; side++) {
        end->number_known[side] = ladder->verify.sides[side].isn_known;
        end->number[side] = ladder->verify.sides[side].isn;
        end->number_known[side + 2] = ladder->verify.sides[side].fin_known;
        end->number[side + 2] = ladder->verify.sides[side].fin;
    }
    end->duration_us = ladder->last_us - ladder->began_us;
    tell(ladder, &event, ladder->last_us);
}

void verify_ladder_close(struct verify_ladder *ladder)
{
    struct ss_problem ignored; /* standard output's own trouble is told by printed() */
    if (ladder->segments > 0)
        tell_end(ladder);
    ss_ladder_close(ladder->ladder);
    if (ladder->json)
        (void)ss_json_close(ladder->json, &ignored);
}
