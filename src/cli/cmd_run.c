/* cmd_run: `synstep run`: one connection, shown and checked, or scenarios. */
#include <string.h>

#include "cli.h"
#include "data.h"
#include "outputs.h"
#include "place.h"
#include "run_options.h"
#include "scenarios.h"
#include "seed.h"
#include "signals.h"
#include "synstep/endpoint.h"
#include "synstep/runner.h"

enum {
    IPV4_AND_TCP_BYTES = 40,
    IPV6_AND_TCP_BYTES = 60,
    /* How long this end stays in TIME-WAIT for a FIN sent again: a witness tells sooner. */
    TIME_WAIT_US = 300000,
    TIME_WAIT_WITNESSED_US = 5000000,
};

static enum ss_status read_data(const struct run_options *options, struct data *data,
                                struct ss_problem *problem)
{
    if (options->data_file)
        return data_read_file("--data-file ", options->data_file, data, problem);
    return data_from_text(options->data ? options->data : "hello", data, problem);
}

/* The MSS that fits the way there, or the one asked for if it does. */
static enum ss_status choose_mss(const struct run_options *options, const struct place *place,
                                 uint16_t *mss, struct ss_problem *problem)
{
    uint32_t headers = place->local.address.version == 6 ? IPV6_AND_TCP_BYTES : IPV4_AND_TCP_BYTES;
    uint32_t most = place->route.mtu > headers ? place->route.mtu - headers : 1;
    if (most > UINT16_MAX - headers)
        most = UINT16_MAX - headers;
    if (options->mss > most)
        return ss_problem_set(problem, SS_USAGE,
                              "--mss %u exceeds the %u that the MTU %u of %s leaves", options->mss,
                              most, place->route.mtu, place->route.interface);
    *mss = options->mss ? options->mss : (uint16_t)most;
    return SS_OK;
}

static struct ss_runner_options runner_options(const struct run_options *options,
                                               const struct place *place, const struct data *data,
                                               struct ss_random *random)
{
    struct ss_seq isn = ss_seq_from(ss_random_next32(random));
    if (options->isn_given)
        isn = ss_seq_from(options->isn);
    struct ss_runner_options runner = {
        .local = place->local,
        .peer = place->peer,
        .endpoint = ss_endpoint_defaults(isn),
        .data = data->octets,
        .data_length = data->length,
        .echo_expected = place->has_companion,
        .timeout_us = options->timeout_us,
        .first_ip_id = (uint16_t)ss_random_next32(random),
        .impaired = options->impair.count > 0,
        .where = place->where,
    };
    if (place->local.address.version == 6)
        runner.endpoint.default_mss = SS_ENDPOINT_DEFAULT_MSS_IPV6;
    if (options->window > 0)
        runner.endpoint.receive_buffer = options->window;
    runner.endpoint.time_wait_us = place->has_companion ? TIME_WAIT_WITNESSED_US : TIME_WAIT_US;
    return runner;
}

static enum ss_status run_in_place(const struct run_options *options, struct place *place,
                                   const struct data *data, struct ss_random *random,
                                   struct ss_trace *trace, struct ss_problem *problem)
{
    struct ss_runner_options runner = runner_options(options, place, data, random);
    enum ss_status status = choose_mss(options, place, &runner.endpoint.mss, problem);
    if (status != SS_OK)
        return status;
    return ss_runner_run(&runner, place->wire, place->has_companion ? &place->companion : NULL,
                         trace, problem);
}

/* The outputs are opened before the place, and closed after it, the user being himself again or
 * not. */
static enum ss_status run_shown(const struct run_options *options, const struct data *data,
                                struct ss_random *random, struct ss_trace *trace,
                                struct ss_problem *problem)
{
    struct outputs outputs;
    struct place place = place_nowhere();
    struct ss_problem unwritten;
    const volatile sig_atomic_t *stop = signals_heed();
    enum ss_status status = outputs_open(&outputs, options, NULL, NULL, trace, problem);
    if (status == SS_OK)
        status = place_open(&place, options, NULL, random, stop, problem);
    if (status == SS_OK)
        status = run_in_place(options, &place, data, random, trace, problem);
    place_close(&place);
    enum ss_status written = outputs_close(&outputs, &unwritten);
    if (status == SS_OK && written != SS_OK)
        *problem = unwritten;
    return status != SS_OK ? status : written;
}

static enum ss_status run_connection(const struct run_options *options, struct ss_problem *problem)
{
    struct data data = {0};
    struct ss_random random;
    uint64_t number;
    struct ss_trace *trace = ss_trace_new();
    enum ss_status status = read_data(options, &data, problem);
    if (status == SS_OK)
        status = seed_choose(options, &number, problem);
    if (status == SS_OK && !trace)
        status = ss_problem_set(problem, SS_IO, "out of memory for the trace");
    if (status == SS_OK) {
        random = ss_random_seeded(number);
        status = run_shown(options, &data, &random, trace, problem);
    }
    ss_trace_free(trace);
    data_free(&data);
    return status;
}

int cmd_run(int argc, char **argv)
{
    struct run_options options = {0};
    struct ss_problem problem = {.status = SS_OK};
    enum ss_status status = run_options_read(argc, argv, &options, &problem);
    if (status == SS_OK)
        status = options.path_count > 0 ? scenarios_run(&options, &problem)
                                        : run_connection(&options, &problem);
    run_options_free(&options);
    return status == SS_OK ? ss_status_exit(status) : complain("run", &problem);
}
