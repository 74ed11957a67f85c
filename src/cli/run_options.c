/* run_options: argp's table for `synstep run`, and where each word goes. */
#include "run_options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "number.h"
#include "run_options_parts.h"

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "Where:", 1},
    {"loopback", KEY_LOOPBACK, NULL, 0, "this host's loopback instead of two private hosts", 0},
    {"ipv4", KEY_IPV4, NULL, 0, "IPv4 only", 0},
    {"ipv6", KEY_IPV6, NULL, 0, "IPv6 only", 0},
    {"interface", KEY_INTERFACE, "NAME", 0, "send through this interface", 0},
    {"source", KEY_SOURCE, "ADDRESS", 0, "send from this address, one of this host's", 0},
    {"source-port", KEY_SOURCE_PORT, "PORT", 0, "send from this port (a free one)", 0},
    {NULL, 0, NULL, 0, "What:", 2},
    {"isn", KEY_ISN, "N|random", 0, "our initial sequence number J; -1 is 4294967295", 0},
    {"data", KEY_DATA, "TEXT", 0, "the data to send (hello); empty: none", 0},
    {"data-file", KEY_DATA_FILE, "FILE", 0, "send this file's octets; - is standard input", 0},
    {"mss", KEY_MSS, "OCTETS", 0, "announce this MSS (the MTU less the headers)", 0},
    {"window", KEY_WINDOW, "OCTETS", 0, "offer this window (64240)", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0,
     "give up after this long in all (15; 60 for each scenario)", 0},
    {"seed", KEY_SEED, "N", 0, "same seed, same source port and random numbers", 0},
    {"impair", KEY_IMPAIR, "ACT:N,...", 0,
     "do harm to the N-th frame, either way: drop, dup, delay, corrupt", 0},
    {NULL, 0, NULL, 0, "Scenarios:", 3},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "only read and check them", 0},
    {"simulate", KEY_SIMULATE, NULL, 0, "both ends crafted: no network, no privileges, no waiting",
     0},
    {"step", KEY_STEP, NULL, 0, "one of them by hand: synstep-step(1)", 0},
    {"param", KEY_PARAM, "NAME=VALUE", 0, "instead of the default of the scenario's param NAME", 0},
    {"jobs", KEY_JOBS, "N", 0, "so many at the same time (the number of processors)", 0},
    {"tap", KEY_TAP, NULL, 0, "their results as TAP", 0},
    {"junit", KEY_JUNIT, "FILE", 0, "their results as JUnit XML, too", 0},
    {NULL, 0, NULL, 0, "Output:", 4},
    {"write", KEY_WRITE, "FILE", 0,
     "write a capture: FILE.pcapng with the verdicts as comments, any other name classic pcap", 0},
    {"json", KEY_JSON, NULL, 0, "JSON Lines instead of the ladder: synstep-json(5)", 0},
    {"verbose", KEY_HEADERS, NULL, 0, "each header field by field", 0},
    {"quiet", KEY_QUIET, NULL, 0, "only the closing line", 0},
    {"color", KEY_COLOR, "WHEN", 0, "auto, always or never (auto; NO_COLOR is heeded)", 0},
    {"ascii", KEY_ASCII, NULL, 0, "plain ASCII", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char documentation[] =
    "Take one TCP connection from SYN to the last ACK with segments built by hand, and check every "
    "number: by our arithmetic, and by what the peer's kernel says. Or play scenarios: files in "
    "the language of synstep-scenario(5), and all FILE.step in a FOLDER.\v"
    "Without HOST:PORT two private hosts are made, which needs no root, and synstep-peer answers "
    "in the second. Exit status: 0 all held, 1 a check failed or the peer refused or was silent, "
    "2 wrong usage, 3 not permitted on this machine.";

/* What parse_word writes to. */
struct reading {
    struct run_options *options;
    struct ss_problem *problem;
    int next; /* where in argv getopt was when it met what it does not know */
};

/* Options without a value; false when the key is not one of them. */
static bool set_switch(int key, struct run_options *options)
{
    switch (key) {
    case KEY_LOOPBACK:
        return options->loopback = true;
    case KEY_IPV4:
        options->version = 4;
        return true;
    case KEY_IPV6:
        options->version = 6;
        return true;
    case KEY_DRY_RUN:
        return options->dry_run = true;
    case KEY_SIMULATE:
        return options->simulate = true;
    case KEY_STEP:
        return options->step = true;
    case KEY_TAP:
        return options->tap = true;
    case KEY_JSON:
        return options->json = true;
    case KEY_HEADERS:
        return options->headers = true;
    case KEY_QUIET:
        return options->quiet = true;
    case KEY_ASCII:
        return options->ascii = true;
    default:
        return false;
    }
}

/* Options whose value is taken as it stands, and words that are no options; as above. */
static bool set_text(int key, const char *text, struct run_options *options)
{
    switch (key) {
    case ARGP_KEY_ARG:
        options->paths[options->path_count++] = text;
        return true;
    case KEY_DATA:
        options->data = text;
        return true;
    case KEY_DATA_FILE:
        options->data_file = text;
        return true;
    case KEY_INTERFACE:
        options->interface = text;
        return true;
    case KEY_JUNIT:
        options->junit_file = text;
        return true;
    case KEY_SOURCE:
        options->source = text;
        return true;
    case KEY_WRITE:
        options->capture_file = strcmp(text, "/dev/stdout") == 0 ? "-" : text;
        return true;
    default:
        return false;
    }
}

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct run_options *options = reading->options;
    struct ss_problem *problem = reading->problem;
    enum ss_status status = SS_OK;
    if (set_switch(key, options) || set_text(key, text, options))
        return 0;
    switch (key) {
    case KEY_ISN:
        status = run_read_isn(text, options, problem);
        break;
    case KEY_JOBS:
    case KEY_MSS:
    case KEY_SEED:
    case KEY_SOURCE_PORT:
    case KEY_WINDOW:
        status = run_read_number(key, text, options, problem);
        break;
    case KEY_TIMEOUT:
        status = number_read_seconds("--timeout", text, &options->timeout_us, problem);
        break;
    case KEY_COLOR:
        status = run_read_color(text, options, problem);
        break;
    case KEY_IMPAIR:
        status = run_read_impair(text, options, problem);
        break;
    case KEY_PARAM:
        status = run_read_param(text, options, problem);
        break;
    case ARGP_KEY_ERROR:
        reading->next = state->next;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == SS_OK ? 0 : EINVAL;
}

/* There are no more words of a kind than there are words. */
static enum ss_status make_room(int argc, struct run_options *options, struct ss_problem *problem)
{
    *options = (struct run_options){0};
    options->paths = calloc((size_t)argc, sizeof(*options->paths));
    options->params = calloc((size_t)argc, sizeof(*options->params));
    if (options->paths && options->params)
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "out of memory for the options");
}

enum ss_status run_options_parse(const struct run_command *command, int argc, char **argv,
                                 struct run_options *options, struct ss_problem *problem)
{
    const struct argp argp = {
        .options = command->table,
        .parser = parse_word,
        .args_doc = command->words,
        .doc = command->documentation,
        .children = help_options,
    };
    struct reading reading = {options, problem, argc};
    char name[32];
    problem->status = SS_OK;
    if (make_room(argc, options, problem) != SS_OK)
        return problem->status;
    options->command = command->name;
    options->step = command->step;
    snprintf(name, sizeof(name), "synstep %s", command->name);
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &reading) != 0)
        return problem->status != SS_OK ? problem->status
                                        : unknown_option(command->name, command->table, argc, argv,
                                                         reading.next, problem);
    return run_options_check(options, problem);
}

enum ss_status run_options_read(int argc, char **argv, struct run_options *options,
                                struct ss_problem *problem)
{
    static const struct run_command command = {
        .name = "run",
        .table = table,
        .words = "[HOST:PORT]\nFILE|FOLDER... [HOST:PORT]",
        .documentation = documentation,
    };
    return run_options_parse(&command, argc, argv, options, problem);
}

void run_options_free(struct run_options *options)
{
    free(options->paths);
    free(options->params);
    options->paths = NULL;
    options->params = NULL;
}
