/* send_plan: target, words, completion, bounds, in that order. */
#include "send_plan.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "seed.h"
#include "send_wire.h"
#include "send_words.h"
#include "synstep/answers.h"
#include "synstep/hosts.h"
#include "synstep/privilege.h"
#include "synstep/random.h"

enum {
    FIRST_DYNAMIC_PORT = 49152, /* RFC 6335 section 6 */
    DYNAMIC_PORTS = 16384,
    PORTS_TRIED = 16,
    PRIVATE_MTU = 1500,
    PING_COUNT = 4,
    PING_INTERVAL_US = 200000,
    TARGET_TEXT_SIZE = 300,
};

struct send_plan send_plan_nowhere(void)
{
    return (struct send_plan){.mute.socket = -1};
}

void send_plan_close(struct send_plan *plan)
{
    ss_probe_free(plan->probe);
    plan->probe = NULL;
    ss_mute_close(&plan->mute);
}

bool send_plan_is_live(const struct send_plan *plan)
{
    return !plan->options->dry_run && !plan->options->capture_file;
}

/* --- where to -----------------------------------------------------------------------------------
 */

/* RFC 4291 appendix A: the link's address that a card makes. */
static struct ss_address link_source(void)
{
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES];
    ss_hosts_card(0, card);
    const uint8_t address[16] = {0xfe, 0x80, [8] = card[0] ^ 2, card[1], card[2],
                                 0xff, 0xfe, card[3],           card[4], card[5]};
    return ss_address_v6(address);
}

static void plan_private(struct send_plan *plan)
{
    plan->ends.groups = true;
    plan->ends.link_source = link_source();
    uint8_t version = plan->options->version == 6 ? 6 : 4;
    plan->route.local = ss_hosts_address(0, version);
    plan->route.peer = ss_hosts_address(1, version);
    plan->route.mtu = PRIVATE_MTU;
    plan->ends.target_port = SEND_PRIVATE_PORT;
    plan->bounds.place = SS_BOUNDS_PRIVATE;
    snprintf(plan->where, sizeof(plan->where), "two private hosts, one veth pair between them");
}

/*
 * The target as HOST:PORT, which the route wants; a port that was not given is 1 there, and not
 * known here.
 */
static bool with_port(const char *target, char text[TARGET_TEXT_SIZE])
{
    const char *colon = strrchr(target, ':'), *bracket = strchr(target, ']');
    bool many = colon && strchr(target, ':') != colon;
    bool has = bracket ? bracket[1] == ':' : colon && !many;
    if (has || (target[0] == '[' && !bracket))
        snprintf(text, TARGET_TEXT_SIZE, "%s", target);
    else
        snprintf(text, TARGET_TEXT_SIZE, many && target[0] != '[' ? "[%s]:1" : "%s:1", target);
    return has;
}

static enum ss_status plan_target(struct send_plan *plan, struct ss_problem *problem)
{
    char text[TARGET_TEXT_SIZE];
    bool has_port = with_port(plan->options->target, text);
    const struct ss_route_request request = {
        .target = text,
        .version = plan->options->version,
        .interface = plan->options->interface,
        .source = plan->options->source,
    };
    enum ss_status status = ss_route_find(&request, &plan->route, &plan->ends.target_port, problem);
    if (status != SS_OK)
        return status;
    if (!has_port)
        plan->ends.target_port = 0;
    plan->bounds.place = plan->route.loopback ? SS_BOUNDS_LOOPBACK : SS_BOUNDS_OUTSIDE;
    snprintf(plan->where, sizeof(plan->where), "%.60s, through %s", plan->options->target,
             plan->route.interface);
    return SS_OK;
}

/* --- from where ---------------------------------------------------------------------------------
 */

/*
 * Of a namespace of its own any port is free; of this host, one that a muted listener gets, which
 * then is kept. Nothing is opened for what is only shown.
 */
static enum ss_status choose_port(struct send_plan *plan, struct ss_problem *problem)
{
    struct ss_random random = ss_random_seeded(plan->seed);
    enum ss_status status = SS_USAGE;
    for (int tried = 0; tried < PORTS_TRIED && status == SS_USAGE; tried++) {
        plan->ends.source_port =
            (uint16_t)(FIRST_DYNAMIC_PORT + ss_random_below(&random, DYNAMIC_PORTS));
        status = SS_OK;
        if (plan->bounds.place != SS_BOUNDS_PRIVATE && send_plan_is_live(plan))
            status = ss_mute_open(&plan->mute, &plan->route.local, plan->ends.source_port,
                                  plan->route.scope_index, problem);
    }
    return status;
}

/* The words may have given another port, or UDP, or none that is the same in all packets. */
enum ss_status send_plan_mute(struct send_plan *plan, struct ss_problem *problem)
{
    uint16_t port = ss_probe_source_port(plan->probe);
    bool tcp = ss_probe_has(plan->probe, SS_LAYER_TCP);
    bool udp = ss_probe_has(plan->probe, SS_LAYER_UDP);
    if (plan->mute.socket >= 0 && tcp && port == plan->mute.port)
        return SS_OK;
    ss_mute_close(&plan->mute);
    if (port == 0 || (!tcp && !udp))
        return SS_OK;
    return tcp ? ss_mute_open(&plan->mute, &plan->route.local, port, plan->route.scope_index,
                              problem)
               : ss_mute_open_udp(&plan->mute, &plan->route.local, port, plan->route.scope_index,
                                  problem);
}

/* --- what ---------------------------------------------------------------------------------------
 */

static enum ss_status read_file(void *context, const char *path, uint8_t **octets, size_t *length,
                                struct ss_problem *problem)
{
    (void)context;
    struct data data = {0};
    enum ss_status status = data_read_file("@", path, &data, problem);
    if (status == SS_OK && data.length == 0)
        status = data_from_text("", &data, problem);
    if (status == SS_OK) {
        *octets = data.octets;
        *length = data.length;
    } else {
        data_free(&data);
    }
    return status;
}

static enum ss_status make_probe(struct send_plan *plan, struct ss_problem *problem)
{
    const struct ss_probe_reader reader = {NULL, read_file};
    plan->probe = ss_probe_new(plan->seed, &reader);
    if (!plan->probe)
        return ss_problem_set(problem, SS_IO, "out of memory for the packets");
    plan->ends.source = plan->route.local;
    plan->ends.target = plan->route.peer;
    if (plan->options->private && plan->options->is_traceroute && !plan->options->is_tcp)
        plan->ends.target_port = 0; /* the server there would answer by itself */
    enum ss_status status = send_words_read(plan->options, plan->route.peer.version, plan->probe,
                                            &plan->ends.target_port, problem);
    if (status == SS_OK)
        status = ss_probe_finish(plan->probe, &plan->ends, problem);
    return status;
}

/* --- how many, how fast -------------------------------------------------------------------------
 */

static void plan_pace(struct send_plan *plan)
{
    const struct send_options *options = plan->options;
    bool ping = options->is_ping && !options->is_traceroute;
    plan->count = options->count ? options->count : ss_probe_count(plan->probe);
    if (ping && plan->count == 1 && options->count == 0)
        plan->count = PING_COUNT;
    if (options->is_traceroute && options->count == 0)
        plan->count = SEND_TRACEROUTE_HOPS;
    plan->interval_us = options->interval_us;
    plan->per_second = options->per_second;
    if (ping && !options->paced)
        plan->interval_us = PING_INTERVAL_US;
    plan->bounds.count = plan->count;
    plan->bounds.per_second = plan->per_second;
    if (plan->interval_us > 0)
        plan->bounds.per_second = (1000000 + plan->interval_us - 1) / plan->interval_us;
}

static enum ss_status check_plan(struct send_plan *plan, struct ss_problem *problem)
{
    if (!send_plan_is_live(plan))
        return send_wire_choose(plan, problem);
    if (plan->count > SS_ANSWERS_PROBES_MAX && !plan->options->no_answers)
        return ss_problem_set(problem, SS_USAGE,
                              "answers are awaited for up to %d packets, not %" PRIu64
                              "; give --no-answers, or -c",
                              SS_ANSWERS_PROBES_MAX, plan->count);
    enum ss_status status = ss_bounds_check(&plan->bounds, problem);
    return status == SS_OK ? send_wire_choose(plan, problem) : status;
}

static enum ss_status choose_seed(struct send_plan *plan, struct ss_problem *problem)
{
    const struct run_options given = {.seed_given = plan->options->seed_given,
                                      .seed = plan->options->seed};
    return seed_choose(&given, &plan->seed, problem);
}

enum ss_status send_plan_make(const struct send_options *options, struct send_plan *plan,
                              struct ss_problem *problem)
{
    plan->options = options;
    enum ss_status status = choose_seed(plan, problem);
    if (status == SS_OK && options->private)
        plan_private(plan);
    else if (status == SS_OK)
        status = plan_target(plan, problem);
    plan->bounds.source = plan->route.local;
    plan->bounds.target = plan->route.peer;
    plan->bounds.spoof = options->spoof;
    ss_privilege_raise(); /* some kernels keep socket filters from ordinary users */
    if (status == SS_OK)
        status = choose_port(plan, problem);
    ss_privilege_lower();
    if (status == SS_OK)
        status = make_probe(plan, problem);
    if (status != SS_OK)
        return status;
    plan_pace(plan);
    return check_plan(plan, problem);
}
