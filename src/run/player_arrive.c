/* player_arrive: what comes in: harmed if that was ordered, told to the trace, kept for the steps.
 */
#include <stdlib.h>

#include "player_parts.h"

static bool is_for_us(const struct ss_player *player, const struct ss_packet *packet)
{
    const struct ss_player_options *options = &player->options;
    return packet->transport == SS_TRANSPORT_TCP && !packet->fragment &&
           ss_address_equal(&packet->source, &options->peer.address) &&
           ss_address_equal(&packet->destination, &options->local.address) &&
           packet->tcp.destination_port == options->local.port;
}

static enum ss_status out_of_memory(struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "out of memory for a segment that came");
}

/* Into the trace, past verify unless it never arrived, and into the queue for the steps. */
static enum ss_status admit(struct ss_player *player, struct frame *frame)
{
    bool lost = frame->fate == SS_FATE_DROPPED || frame->fate == SS_FATE_CORRUPTED;
    enum ss_status status = frame->is_message
                                ? record_datagram(&player->recorder, SS_SIDE_B, &frame->packet,
                                                  frame->fate, frame->time_us)
                                : record_segment(&player->recorder, SS_SIDE_B, &frame->packet,
                                                 frame->fate, !lost, frame->time_us);
    frame->n = player->recorder.segments;
    if (lost)
        free(frame);
    else
        frames_push(&player->arrived, frame);
    return status;
}

static enum ss_status admit_twice(struct ss_player *player, struct frame *frame,
                                  struct ss_problem *problem)
{
    struct frame *copy = frame_new(frame->octets, frame->length, frame_link(frame), frame->time_us);
    if (!copy) {
        free(frame);
        return out_of_memory(problem);
    }
    copy->fate = SS_FATE_DUPLICATED;
    enum ss_status status = admit(player, frame);
    if (status == SS_OK)
        return admit(player, copy);
    free(copy);
    return status;
}

static enum ss_status take_segment(struct ss_player *player, const struct ss_arrival *arrival,
                                   struct ss_problem *problem)
{
    uint64_t delay_us = 0;
    struct frame *frame =
        frame_new(arrival->octets, arrival->length, arrival->link, arrival->time_us);
    if (!frame)
        return out_of_memory(problem);
    frame->fate = arrival->fate;
    enum ss_fate ordered = harm_take(&player->harm_arriving, &delay_us);
    if (ordered != SS_FATE_DELIVERED)
        frame->fate = ordered;
    if (ordered == SS_FATE_DUPLICATED)
        return admit_twice(player, frame, problem);
    if (ordered != SS_FATE_DELAYED)
        return admit(player, frame);
    frame->time_us += delay_us;
    frames_insert(&player->arriving, frame);
    return SS_OK;
}

/* An ICMP error about our connection is shown, where no step speaks of ICMP. */
static enum ss_status take_other(struct ss_player *player, const struct ss_packet *packet,
                                 const struct ss_arrival *arrival)
{
    struct ss_socket_address source, destination;
    struct ss_seq seq;
    if (packet->transport == SS_TRANSPORT_ICMP &&
        ss_packet_quoted(packet, &source, &destination, &seq) &&
        ss_socket_address_equal(&source, &player->options.local))
        return record_segment(&player->recorder, SS_SIDE_B, packet, arrival->fate, false,
                              arrival->time_us);
    if (is_error_about_us(player, packet))
        return record_datagram(&player->recorder, SS_SIDE_B, packet, arrival->fate,
                               arrival->time_us);
    struct ss_message message;
    if (!ss_message_read(packet, &message) || !message_is_housekeeping(&message))
        player->ignored++;
    return SS_OK;
}

static enum ss_status take_arrival(struct ss_player *player, const struct ss_arrival *arrival,
                                   struct ss_problem *problem)
{
    struct ss_packet packet;
    struct ss_message message;
    ss_packet_decode(arrival->link, arrival->octets, arrival->length, &packet);
    if (arrival->link == SS_LINK_ETHERNET && packet.version != 0) {
        player->ignored++; /* behind a tag: of another network */
        return SS_OK;
    }
    if (is_for_us(player, &packet) ||
        (ss_message_read(&packet, &message) && message_is_for_us(player, &packet, &message)))
        return take_segment(player, arrival, problem);
    return take_other(player, &packet, arrival);
}

/* Admits the delayed arrivals that are due. */
static enum ss_status admit_due(struct ss_player *player)
{
    uint64_t now_us = ss_wire_now_us(player->wire);
    enum ss_status status = SS_OK;
    struct frame *frame;
    while (status == SS_OK && (frame = frames_pop_due(&player->arriving, now_us)))
        status = admit(player, frame);
    return status;
}

/* When the next delayed frame of either direction is due. */
static uint64_t next_due(const struct ss_player *player)
{
    const struct frame *leaving = player->leaving.first, *arriving = player->arriving.first;
    uint64_t leaving_us = leaving ? leaving->time_us : UINT64_MAX;
    uint64_t arriving_us = arriving ? arriving->time_us : UINT64_MAX;
    return leaving_us < arriving_us ? leaving_us : arriving_us;
}

/* Waits for the wire until `until_us`, or until a delayed frame is due. */
static enum ss_status look_once(struct ss_player *player, uint64_t until_us,
                                struct ss_problem *problem)
{
    struct ss_arrival arrival;
    uint64_t next_us = next_due(player);
    enum ss_status status =
        ss_wire_receive(player->wire, next_us < until_us ? next_us : until_us, &arrival, problem);
    return status == SS_OK ? take_arrival(player, &arrival, problem) : status;
}

/* Neither is there more time, nor is a delayed frame due at its very end. */
static bool is_over(const struct ss_player *player, uint64_t until_us)
{
    uint64_t now_us = ss_wire_now_us(player->wire);
    return now_us >= until_us && next_due(player) > now_us;
}

enum ss_status take_in(struct ss_player *player, uint64_t until_us, bool one,
                       struct ss_problem *problem)
{
    const struct frame *last = player->arrived.last;
    for (;;) {
        enum ss_status status = send_due(player, problem);
        if (status == SS_OK)
            status = admit_due(player);
        if (status != SS_OK || (one && player->arrived.last != last))
            return status;
        status = look_once(player, until_us, problem);
        if (status == SS_TIMED_OUT && is_over(player, until_us))
            return SS_TIMED_OUT;
        if (status != SS_OK && status != SS_TIMED_OUT)
            return status;
    }
}

enum ss_status ss_player_listen(struct ss_player *player, uint64_t until_us,
                                struct ss_problem *problem)
{
    player->recorder.problem = problem;
    enum ss_status status = take_in(player, until_us, false, problem);
    return status == SS_TIMED_OUT ? SS_OK : status;
}
