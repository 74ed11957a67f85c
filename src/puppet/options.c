/* options: the command line of synstep-puppet, by argp. */
#include "options.h"

#include <argp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#ifndef PUPPET_VERSION
#define PUPPET_VERSION "(version unknown)"
#endif

enum { KEY_CONTROL_FD = 256, KEY_LOCAL, KEY_PEER, KEY_PRIVATE };

static const struct argp_option option_table[] = {
    {"control-fd", KEY_CONTROL_FD, "N", 0, "Obey what is said on the inherited socket N", 0},
    {"local", KEY_LOCAL, "ADDRESS:PORT", 0, "Listen there, and connect from there", 0},
    {"peer", KEY_PEER, "ADDRESS:PORT", 0, "Connect to there", 0},
    {"private", KEY_PRIVATE, NULL, 0,
     "The network namespace is nobody else's: its sysctls may be set", 0},
    {0},
};

static bool parse_number(const char *text, unsigned long most, unsigned long *number)
{
    const size_t length = strlen(text);
    if (length == 0 || length > 9 || text[strspn(text, "0123456789")] != '\0')
        return false;
    *number = strtoul(text, NULL, 10);
    return *number <= most;
}

/* "10.0.0.2:80" or "[fd00::2]:80" */
static bool parse_address(const char *text, struct peer_address *address)
{
    char host[PEER_HOST_BYTES];
    unsigned long port = 0;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host ||
        !parse_number(colon + 1, 65535, &port) || port == 0)
        return false;
    const bool is_bracketed = text[0] == '[' && colon[-1] == ']';
    const size_t edge = is_bracketed ? 1 : 0;
    const size_t length = (size_t)(colon - text) - 2 * edge;
    memcpy(host, text + edge, length);
    host[length] = '\0';
    return peer_address_from_ip(host, (uint16_t)port, address);
}

static void take_address(const char *option, const char *text, struct peer_address *address,
                         const struct argp_state *state)
{
    if (!parse_address(text, address))
        argp_error(state, "--%s=%s: this is no IP address and port, as in 10.0.0.2:80", option,
                   text);
}

static int take_control_fd(const char *text, const struct argp_state *state)
{
    unsigned long fd = 0;
    int type = 0;
    socklen_t length = sizeof type;
    if (!parse_number(text, INT_MAX, &fd) ||
        getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
        argp_error(state,
                   "--control-fd: '%s' is not the number of an open stream socket: give one end "
                   "of a socketpair",
                   text);
    return (int)fd;
}

static void finish(const struct puppet_options *options, const struct argp_state *state)
{
    if (options->control_fd < 0 || options->local.length == 0 || options->peer.length == 0)
        argp_error(state, "it is started by synstep, with --control-fd, --local and --peer");
    if (options->local.is.any.sa_family != options->peer.is.any.sa_family)
        argp_error(state, "--local and --peer are not of the same IP version");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct puppet_options *options = state->input;
    switch (key) {
    case KEY_CONTROL_FD:
        options->control_fd = take_control_fd(argument, state);
        return 0;
    case KEY_LOCAL:
        take_address("local", argument, &options->local, state);
        return 0;
    case KEY_PEER:
        take_address("peer", argument, &options->peer, state);
        return 0;
    case KEY_PRIVATE:
        options->is_private = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s'", argument);
        return EINVAL;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fputs("synstep-puppet " PUPPET_VERSION "\n", stream);
}

void puppet_options_parse(int argc, char **argv, struct puppet_options *options)
{
    static const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .doc = "The far end of a scenario: ordinary sockets that do as they are told. It is "
               "started by synstep, not by hand.\v"
               "Exit status: 0 at the end of the control socket, 1 when it cannot use the local "
               "address, 2 for wrong usage.",
    };
    *options = (struct puppet_options){.control_fd = -1};
    argp_err_exit_status = 2;
    argp_program_version_hook = print_version;
    argp_parse(&argp, argc, argv, 0, NULL, options);
}
