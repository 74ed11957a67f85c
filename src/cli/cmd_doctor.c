/* cmd_doctor: `synstep doctor [HOST:PORT]`: what a newcomer trips over, one line each. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"

struct doctor_options {
    const char *target; /* NULL: none named */
    uint8_t version;
    int next; /* where in argv getopt was when it met what it does not know */
    const char *too_many;
};

static const struct argp_option table[] = {
    {"ipv4", '4', NULL, 0, "resolve HOST to IPv4 only", 0},
    {"ipv6", '6', NULL, 0, "resolve HOST to IPv6 only", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct doctor_options *options = state->input;
    switch (key) {
    case '4':
        options->version = 4;
        return 0;
    case '6':
        options->version = 6;
        return 0;
    case ARGP_KEY_ARG:
        if (options->target)
            options->too_many = text;
        options->target = text;
        return options->too_many ? EINVAL : 0;
    case ARGP_KEY_ERROR:
        options->next = state->next;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum ss_status read_words(int argc, char **argv, struct doctor_options *options,
                                 struct ss_problem *problem)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "[HOST:PORT]",
        .children = help_options,
        .doc =
            "Check what synstep needs of this machine, one line each, with the mend.\v"
            "With HOST:PORT the way there is looked at too; nothing is sent. Exit status: 0 all is "
            "well, 1 something is broken, 2 wrong usage, 3 this machine does not permit it."};
    char name[] = "synstep doctor";
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, options) == 0)
        return SS_OK;
    if (options->too_many)
        return ss_problem_set(problem, SS_USAGE, "one HOST:PORT is enough: '%s' is too many",
                              options->too_many);
    return unknown_option("doctor", table, argc, argv, options->next, problem);
}

/* Prints one line; returns the worse of its level and `worst`. */
static enum finding_level print(const char *name, const struct finding *finding,
                                enum finding_level worst)
{
    static const char *const marks[] = {"ok", "note", "BROKEN", "DENIED"};
    printf("%-7s %-16s %s\n", marks[finding->level], name, finding->text);
    fflush(stdout);
    return finding->level > worst ? finding->level : worst;
}

static enum finding_level look_around(void)
{
    static const struct {
        const char *name;
        void (*check)(struct finding *finding);
    } checks[] = {
        {"kernel", doctor_kernel},
        {"namespaces", doctor_namespaces},
        {"CAP_NET_RAW", doctor_net_raw},
        {"libpcap", doctor_libpcap},
        {"muted listener", doctor_mute},
        {"witness", doctor_witness},
        {"loopback MTU", doctor_loopback_mtu},
    };
    enum finding_level worst = FINDING_FINE;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct finding finding = {0};
        checks[i].check(&finding);
        worst = print(checks[i].name, &finding, worst);
    }
    return worst;
}

static enum finding_level look_there(const struct ss_route *route, enum finding_level worst)
{
    struct finding finding = {.level = FINDING_FINE};
    char local[SS_ADDRESS_TEXT_SIZE], peer[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(local, &route->local);
    ss_address_format(peer, &route->peer);
    snprintf(finding.text, sizeof(finding.text), "%s from %s through %s, MTU %u", peer, local,
             route->interface, route->mtu);
    worst = print("route", &finding, worst);
    doctor_offload(route->interface, &finding);
    worst = print("offload", &finding, worst);
    doctor_reverse_path(route, &finding);
    return print("reverse path", &finding, worst);
}

static int exit_status(enum finding_level worst)
{
    switch (worst) {
    case FINDING_FINE:
    case FINDING_NOTE:
        return ss_status_exit(SS_OK);
    case FINDING_BROKEN:
        return ss_status_exit(SS_CHECK_FAILED);
    case FINDING_FORBIDDEN:
        return ss_status_exit(SS_FORBIDDEN);
    }
    return ss_status_exit(SS_OK);
}

int cmd_doctor(int argc, char **argv)
{
    struct doctor_options options = {0};
    struct ss_problem problem;
    struct ss_route route;
    uint16_t port = 0;
    if (read_words(argc, argv, &options, &problem) != SS_OK)
        return complain("doctor", &problem);
    struct ss_route_request request = {.target = options.target, .version = options.version};
    if (options.target && ss_route_find(&request, &route, &port, &problem) != SS_OK)
        return complain("doctor", &problem);
    enum finding_level worst = look_around();
    if (options.target)
        return printed("doctor", exit_status(look_there(&route, worst)));
    struct finding finding = {0};
    doctor_offload("lo", &finding);
    return printed("doctor", exit_status(print("offload", &finding, worst)));
}
