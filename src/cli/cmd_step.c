/* cmd_step: `synstep step FILE`: a scenario by hand; the options of `synstep run` that go with it.
 */
#include "cli.h"
#include "run_options_parts.h"
#include "scenarios.h"

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "Where:", 1},
    {"loopback", KEY_LOOPBACK, NULL, 0, "this host's loopback instead of two private hosts", 0},
    {"simulate", KEY_SIMULATE, NULL, 0,
     "both ends crafted: no network, no privileges, and there is a way back", 0},
    {"ipv4", KEY_IPV4, NULL, 0, "IPv4 only", 0},
    {"ipv6", KEY_IPV6, NULL, 0, "IPv6 only", 0},
    {"interface", KEY_INTERFACE, "NAME", 0, "send through this interface", 0},
    {"source", KEY_SOURCE, "ADDRESS", 0, "send from this address, one of this host's", 0},
    {"source-port", KEY_SOURCE_PORT, "PORT", 0, "send from this port (a free one)", 0},
    {NULL, 0, NULL, 0, "What:", 2},
    {"param", KEY_PARAM, "NAME=VALUE", 0, "instead of the default of the scenario's param NAME", 0},
    {"seed", KEY_SEED, "N", 0, "same seed, same source port and random numbers", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "give up after this long in all (never)", 0},
    {NULL, 0, NULL, 0, "Output:", 3},
    {"write", KEY_WRITE, "FILE", 0,
     "write a capture: FILE.pcapng with the verdicts as comments, any other name classic pcap", 0},
    {"verbose", KEY_HEADERS, NULL, 0, "each header field by field, of what was sent and came, too",
     0},
    {"color", KEY_COLOR, "WHEN", 0, "auto, always or never (auto; NO_COLOR is heeded)", 0},
    {"ascii", KEY_ASCII, NULL, 0, "plain ASCII", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char documentation[] =
    "Step through a scenario by hand: each segment is shown before it is sent, header by header, "
    "with its checksums worked out, and can be changed.\v"
    "Commands are read from standard input, with history and completion on a terminal; help lists "
    "them. Exit status: 0 all held, 1 a check failed or it was left before the end, 2 wrong usage, "
    "3 not permitted on this machine.";

int cmd_step(int argc, char **argv)
{
    static const struct run_command command = {
        .name = "step",
        .step = true,
        .table = table,
        .words = "FILE [HOST:PORT]",
        .documentation = documentation,
    };
    struct run_options options = {0};
    struct ss_problem problem = {.status = SS_OK};
    enum ss_status status = run_options_parse(&command, argc, argv, &options, &problem);
    if (status == SS_OK)
        status = scenarios_run(&options, &problem);
    run_options_free(&options);
    return status == SS_OK ? ss_status_exit(status) : complain("step", &problem);
}
