/* run_options: argp's table for `synstep run`, and one small reader per kind of value. */
#include "run_options.h"

#include <argp.h>
#include <string.h>

#include "cli.h"
#include "number.h"
#include "synstep/seq.h"

enum key {
    KEY_IPV4 = '4',
    KEY_IPV6 = '6',
    KEY_QUIET = 'q',
    KEY_HEADERS = 'v',
    KEY_WRITE = 'w',
    KEY_ASCII = 256,
    KEY_COLOR,
    KEY_DATA,
    KEY_DATA_FILE,
    KEY_IMPAIR,
    KEY_INTERFACE,
    KEY_ISN,
    KEY_JSON,
    KEY_LOOPBACK,
    KEY_MSS,
    KEY_SEED,
    KEY_SOURCE,
    KEY_SOURCE_PORT,
    KEY_TIMEOUT,
    KEY_WINDOW,
};

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
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "give up after this long in all (15)", 0},
    {"seed", KEY_SEED, "N", 0, "same seed, same source port and J", 0},
    {"impair", KEY_IMPAIR, "ACT:N,...", 0,
     "do harm to the N-th frame, either way: drop, dup, delay, corrupt", 0},
    {NULL, 0, NULL, 0, "Output:", 3},
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
    "number: by our arithmetic, and by what the peer's kernel says.\v"
    "Without HOST:PORT two private hosts are made, which needs no root, and synstep-peer answers "
    "in "
    "the second. Exit status: 0 all held, 1 a check failed or the peer refused or was silent, 2 "
    "wrong "
    "usage, 3 not permitted on this machine.";

/* What parse_word writes to. */
struct reading {
    struct run_options *options;
    struct ss_problem *problem;
    int next; /* where in argv getopt was when it met what it does not know */
};

static enum ss_status read_isn(const char *text, struct run_options *options,
                               struct ss_problem *problem)
{
    int64_t value = 0;
    options->isn_given = strcmp(text, "random") != 0;
    if (!options->isn_given)
        return SS_OK;
    if (number_read("--isn", text, INT32_MIN, UINT32_MAX, &value, problem) != SS_OK)
        return ss_problem_set(problem, SS_USAGE,
                              "--isn takes 'random' or a number from 0 to 4294967295, decimal or "
                              "0x..., or below 0 to count back from 2^32, not '%s'",
                              text);
    options->isn = (uint32_t)value;
    return SS_OK;
}

static enum ss_status read_color(const char *text, struct run_options *options,
                                 struct ss_problem *problem)
{
    static const char *const words[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, words[i]) == 0) {
            options->color = (enum color_choice)i;
            return SS_OK;
        }
    }
    return ss_problem_set(problem, SS_USAGE, "--color takes auto, always or never, not '%s'", text);
}

/* The options whose value is a whole number: where it goes is told by its key. */
static enum ss_status read_number(int key, const char *text, struct run_options *options,
                                  struct ss_problem *problem)
{
    int64_t value = 0;
    enum ss_status status = SS_OK;
    if (key == KEY_SOURCE_PORT) {
        status = number_read("--source-port", text, 1, UINT16_MAX, &value, problem);
        options->source_port = (uint16_t)value;
    } else if (key == KEY_MSS) {
        status = number_read("--mss", text, 1, UINT16_MAX, &value, problem);
        options->mss = (uint16_t)value;
    } else if (key == KEY_WINDOW) {
        status = number_read("--window", text, 1, (int64_t)UINT16_MAX << 14, &value, problem);
        options->window = (uint32_t)value;
    } else {
        status = number_read("--seed", text, 0, INT64_MAX, &value, problem);
        options->seed = (uint64_t)value;
        options->seed_given = true;
    }
    return status;
}

static enum ss_status read_impair(const char *text, struct run_options *options,
                                  struct ss_problem *problem)
{
    if (options->impair.count > 0)
        return ss_problem_set(problem, SS_USAGE,
                              "give --impair once, with all acts: --impair=drop:2,dup:5");
    return ss_impair_parse(text, &options->impair, problem);
}

static enum ss_status read_target(const char *text, struct run_options *options,
                                  struct ss_problem *problem)
{
    if (options->target)
        return ss_problem_set(problem, SS_USAGE, "one HOST:PORT is enough: '%s' is too many", text);
    options->target = text;
    return SS_OK;
}

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

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct run_options *options = reading->options;
    struct ss_problem *problem = reading->problem;
    enum ss_status status = SS_OK;
    if (set_switch(key, options))
        return 0;
    switch (key) {
    case ARGP_KEY_ARG:
        status = read_target(text, options, problem);
        break;
    case KEY_ISN:
        status = read_isn(text, options, problem);
        break;
    case KEY_MSS:
    case KEY_SEED:
    case KEY_SOURCE_PORT:
    case KEY_WINDOW:
        status = read_number(key, text, options, problem);
        break;
    case KEY_TIMEOUT:
        status = number_read_seconds("--timeout", text, &options->timeout_us, problem);
        break;
    case KEY_COLOR:
        status = read_color(text, options, problem);
        break;
    case KEY_IMPAIR:
        status = read_impair(text, options, problem);
        break;
    case KEY_DATA:
        options->data = text;
        break;
    case KEY_DATA_FILE:
        options->data_file = text;
        break;
    case KEY_INTERFACE:
        options->interface = text;
        break;
    case KEY_SOURCE:
        options->source = text;
        break;
    case KEY_WRITE:
        options->capture_file = strcmp(text, "/dev/stdout") == 0 ? "-" : text;
        break;
    case ARGP_KEY_ERROR:
        reading->next = state->next;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == SS_OK ? 0 : EINVAL;
}

/* What can only be judged when all words are known. */
static enum ss_status check_together(const struct run_options *options, struct ss_problem *problem)
{
    if (options->data && options->data_file)
        return ss_problem_set(problem, SS_USAGE, "give --data or --data-file, not both");
    if (options->json && options->capture_file && strcmp(options->capture_file, "-") == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "--json and -w - cannot both have standard output; give -w a file");
    if (options->target && options->loopback)
        return ss_problem_set(problem, SS_USAGE,
                              "give HOST:PORT or --loopback, not both: a target on this host is "
                              "reached over loopback by itself");
    if (!options->target && (options->interface || options->source))
        return ss_problem_set(problem, SS_USAGE,
                              "--interface and --source go with a HOST:PORT: there is nothing to "
                              "choose between private hosts or on loopback");
    return SS_OK;
}

enum ss_status run_options_read(int argc, char **argv, struct run_options *options,
                                struct ss_problem *problem)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "[HOST:PORT]",
        .doc = documentation,
        .children = help_options,
    };
    struct reading reading = {options, problem, argc};
    char name[] = "synstep run";
    *options = (struct run_options){.timeout_us = 15000000};
    problem->status = SS_OK;
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &reading) != 0)
        return problem->status != SS_OK
                   ? problem->status
                   : unknown_option("run", table, argc, argv, reading.next, problem);
    return check_together(options, problem);
}
