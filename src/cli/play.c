/* play: where it makes sense, and doing it there. */
#include "play.h"

#include <string.h>

/* The IP version asked for, else the one that the scenario is for; 0: as a target resolves. */
static uint8_t version_of(const struct run_options *options, const struct ss_scenario *scenario)
{
    if (options->version != 0)
        return options->version;
    return scenario->needs.version != 0 || options->target ? scenario->needs.version : 4;
}

static bool speaks_of_peer(const struct ss_scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].kind == SS_STEP_PEER)
            return true;
    return false;
}

const char *play_unfit(const struct run_options *options, const struct ss_scenario *scenario)
{
    const struct ss_scenario_needs *needs = &scenario->needs;
    if (needs->live && options->simulate)
        return "only live: its peer must be a real kernel, not --simulate";
    if (needs->simulated && !options->simulate)
        return "only simulated: run it with --simulate";
    if (needs->version == 4 && options->version == 6)
        return "only ipv4: run it without -6";
    if (needs->version == 6 && options->version == 4)
        return "only ipv6: run it without -4";
    if (options->loopback && scenario->speaks_of[SS_PROTOCOL_ARP])
        return "it speaks of ARP, which loopback has not: run it without --loopback";
    if (options->target && speaks_of_peer(scenario))
        return "it speaks to its peer: run it without HOST:PORT, whose server takes no orders";
    return NULL;
}

/* Everything but a target's address is known beforehand: that version is looked at later. */
enum ss_status play_check(const struct run_options *options, const struct ss_scenario *scenario,
                          struct ss_problem *problem)
{
    struct ss_far somebody = {.operations = NULL};
    uint8_t version = version_of(options, scenario);
    const struct ss_player_options player = {
        .scenario = scenario,
        .local.address = ss_hosts_address(0, version),
        .peer.address = ss_hosts_address(1, version),
        .far = options->target ? NULL : &somebody,
        .simulated = options->simulate,
        .raw = !options->simulate,
    };
    return version == 0 ? SS_OK : ss_player_check(&player, problem);
}

enum ss_status play_open(const struct run_options *options, const struct ss_scenario *scenario,
                         uint64_t seed, const volatile sig_atomic_t *stop, struct place *place,
                         struct ss_player_options *player, struct ss_problem *problem)
{
    struct run_options fitted = *options;
    struct ss_random random = ss_random_seeded(seed);
    fitted.version = version_of(options, scenario);
    enum ss_status status = options->simulate
                                ? place_simulate(place, &fitted, scenario, &random, problem)
                                : place_open(place, &fitted, scenario, &random, stop, problem);
    if (status != SS_OK)
        return status;
    *player = (struct ss_player_options){
        .scenario = scenario,
        .local = place->local,
        .peer = place->peer,
        .far = place->far,
        .simulated = options->simulate,
        .raw = !options->simulate,
        .first_ip_id = (uint16_t)ss_random_next32(&random),
        .random = ss_random_seeded(ss_random_next32(&random)),
        .where = place->where,
        .frames = place->frames,
    };
    memcpy(player->card, place->card, sizeof(player->card));
    return ss_player_check(player, problem);
}

enum ss_status play(const struct run_options *options, const struct ss_scenario *scenario,
                    uint64_t seed, const volatile sig_atomic_t *stop, struct ss_trace *trace,
                    struct ss_problem *problem)
{
    struct place place = place_nowhere();
    struct ss_player_options player;
    enum ss_status status = play_open(options, scenario, seed, stop, &place, &player, problem);
    if (status == SS_OK)
        status = ss_player_run(&player, place.wire, trace, problem);
    place_close(&place);
    return status;
}
