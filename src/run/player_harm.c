/* player_harm: drop, duplicate and delay, ordered for frames still to come. */
#include "player_parts.h"

enum ss_fate harm_take(struct harms *harms, uint64_t *delay_us)
{
    if (harms->count == 0)
        return SS_FATE_DELIVERED;
    enum ss_harm kind = harms->list[0].kind;
    *delay_us = harms->list[0].duration_us;
    harms->count--;
    for (size_t i = 0; i < harms->count; i++)
        harms->list[i] = harms->list[i + 1];
    switch (kind) {
    case SS_HARM_DROP:
        return SS_FATE_DROPPED;
    case SS_HARM_DUPLICATE:
        return SS_FATE_DUPLICATED;
    case SS_HARM_DELAY:
        return SS_FATE_DELAYED;
    }
    return SS_FATE_DELIVERED;
}

enum ss_status harm_order(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem)
{
    struct harms *harms = step->harm.incoming ? &player->harm_arriving : &player->harm_leaving;
    if (harms->count == HARMS_MAX)
        return fail_at(step, problem, SS_CHECK_FAILED,
                       "harm is ordered already for the next %d frames", HARMS_MAX);
    harms->list[harms->count].kind = step->harm.kind;
    harms->list[harms->count++].duration_us = step->harm.duration_us;
    return SS_OK;
}
