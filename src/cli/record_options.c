/* record_options: argp's table for `synstep record`, and where each word goes. */
#include "record_options.h"

#include <argp.h>
#include <string.h>

#include "cli.h"
#include "number.h"

enum {
    KEY_CONNECTION = 'n',
    KEY_LIST = 'l',
    KEY_OUTPUT = 'o',
    KEY_CRAFTED = 0x100,
};

static const struct argp_option table[] = {
    {"connection", KEY_CONNECTION, "N", 0,
     "the N-th connection of the file (the first that begins)", 0},
    {"list", KEY_LIST, NULL, 0, "tell the file's connections, and write no scenario", 0},
    {"output", KEY_OUTPUT, "FILE", 0, "write the scenario here, not to standard output", 0},
    {"crafted", KEY_CRAFTED, "client|server", 0, "which end the scenario crafts (client)", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

/* What parse_word writes to. */
struct reading {
    struct record_options *options;
    struct ss_problem *problem;
    int next; /* where in argv getopt was when it met what it does not know */
};

static enum ss_status read_crafted(const char *text, struct record_options *options,
                                   struct ss_problem *problem)
{
    bool client = strcmp(text, "client") == 0;
    if (!client && strcmp(text, "server") != 0)
        return ss_problem_set(problem, SS_USAGE, "--crafted takes client or server, not '%s'",
                              text);
    options->crafted = client ? SS_SIDE_A : SS_SIDE_B;
    return SS_OK;
}

static enum ss_status read_connection(const char *text, struct record_options *options,
                                      struct ss_problem *problem)
{
    int64_t number;
    enum ss_status status = number_read("--connection", text, 1, UINT32_MAX, &number, problem);
    if (status == SS_OK)
        options->connection = (uint64_t)number;
    return status;
}

static enum ss_status read_capture_name(const char *text, struct record_options *options,
                                        struct ss_problem *problem)
{
    if (options->capture)
        return ss_problem_set(problem, SS_USAGE, "one capture file is enough: '%s' is too many",
                              text);
    options->capture = text;
    return SS_OK;
}

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct reading *reading = state->input;
    enum ss_status status = SS_OK;
    switch (key) {
    case KEY_CONNECTION:
        status = read_connection(text, reading->options, reading->problem);
        break;
    case KEY_LIST:
        reading->options->list = true;
        break;
    case KEY_OUTPUT:
        reading->options->output = text;
        break;
    case KEY_CRAFTED:
        status = read_crafted(text, reading->options, reading->problem);
        break;
    case ARGP_KEY_ARG:
        status = read_capture_name(text, reading->options, reading->problem);
        break;
    case ARGP_KEY_ERROR:
        reading->next = state->next;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return status == SS_OK ? 0 : EINVAL;
}

enum ss_status record_options_read(int argc, char **argv, struct record_options *options,
                                   struct ss_problem *problem)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "CAPTURE",
        .doc = "Write a scenario that plays one end of a connection in a capture file again, its "
               "numbers as J+n and K+n.\v"
               "CAPTURE is a pcap or pcapng file; - is standard input. Exit status: 0 it was "
               "written, 1 the output could not be, 2 wrong usage, or nothing there to record.",
        .children = help_options,
    };
    struct reading reading = {options, problem, argc};
    char name[] = "synstep record";
    *options = (struct record_options){.crafted = SS_SIDE_A};
    problem->status = SS_OK;
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &reading) != 0)
        return problem->status != SS_OK
                   ? problem->status
                   : unknown_option("record", table, argc, argv, reading.next, problem);
    if (!options->capture)
        return ss_problem_set(problem, SS_USAGE,
                              "which capture file? 'synstep record CAPTURE'; - is standard input");
    return SS_OK;
}
