/* player_hold: segments that are held back by hand until they are let go. */
#include <stdlib.h>

#include "player_parts.h"

size_t ss_player_held(const struct ss_player *player)
{
    size_t count = 0;
    for (const struct frame *frame = player->held.first; frame; frame = frame->next)
        count++;
    return count;
}

static enum ss_status release(struct ss_player *player, const struct frame *frame,
                              struct ss_problem *problem)
{
    enum ss_fate fate;
    enum ss_status status =
        put_on_wire(player, frame_link(frame), frame->octets, frame->length, &fate, problem);
    if (status != SS_OK)
        return status;
    status = record_note(&player->recorder, false, "segment %u, held back so far, goes", frame->n);
    return status == SS_OK ? SS_OK : ss_problem_set(problem, status, "out of memory for the trace");
}

enum ss_status ss_player_release(struct ss_player *player, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    while (status == SS_OK && player->held.first) {
        struct frame *frame = frames_pop(&player->held);
        status = release(player, frame, problem);
        free(frame);
    }
    return status;
}

enum ss_status forget_held(struct ss_player *player)
{
    size_t count = ss_player_held(player);
    frames_clear(&player->held);
    if (count == 0)
        return SS_OK;
    return record_note(&player->recorder, false, "%zu segment%s held back never went", count,
                       count == 1 ? "" : "s");
}
