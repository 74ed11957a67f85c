/* options: the command line of synstep-peer, by argp. */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifndef PEER_VERSION
#define PEER_VERSION "(version unknown)"
#endif

enum {
    KEY_BACKLOG = 256,
    KEY_ONCE,
    KEY_DISCARD,
    KEY_GREET,
    KEY_HALF_CLOSE,
    KEY_MAX_CONNECTIONS,
    KEY_IDLE_TIMEOUT,
    KEY_BUFFER,
    KEY_CONTROL_FD,
    KEY_NO_WITNESS,
};

static const struct argp_option option_table[] = {
    {"listen", 'l', "[TRANSPORT:]ADDRESS", 0,
     "Serve there; may be given several times (default: tcp:127.0.0.1:8888)", 0},
    {"backlog", KEY_BACKLOG, "N", 0, "Let N connections wait to be accepted (default: 4096)", 0},
    {"max-connections", KEY_MAX_CONNECTIONS, "N", 0,
     "Serve at most N connections at the same time; the others wait in the backlog", 0},
    {"once", KEY_ONCE, NULL, 0, "Serve one connection (or one datagram), then exit", 0},
    {"discard", KEY_DISCARD, NULL, 0, "Read, but do not answer", 0},
    {"half-close", KEY_HALF_CLOSE, NULL, 0,
     "Answer only after the client's FIN: collect up to 16 MiB, echo it all, close", 0},
    {"greet", KEY_GREET, "TEXT", 0, "Send TEXT to each client as soon as it is accepted", 0},
    {"idle-timeout", KEY_IDLE_TIMEOUT, "SECONDS", 0,
     "Close a connection on which nothing has moved for so long (default: never)", 0},
    {"buffer", KEY_BUFFER, "BYTES", 0,
     "Read at most BYTES at once; a longer datagram is cut, which is said", 0},
    {"control-fd", KEY_CONTROL_FD, "N", 0,
     "Answer what the kernel knows of each connection on the inherited socket N", 0},
    {"no-witness", KEY_NO_WITNESS, NULL, 0,
     "Keep nothing of what the kernel knows: the control channel answers 'witness none'", 0},
    {"quiet", 'q', NULL, 0, "Print nothing on standard output", 0},
    {0},
};

static unsigned long parse_number(const char *text, const char *option, unsigned long least,
                                  unsigned long most, const struct argp_state *state)
{
    errno = 0;
    char *end = NULL;
    const unsigned long number = strtoul(text, &end, 10);
    if (text[strspn(text, "0123456789")] != '\0' || end == text || errno != 0 || number < least ||
        number > most)
        argp_error(state, "--%s: '%s' is not a number from %lu to %lu", option, text, least, most);
    return number;
}

static int64_t parse_seconds(const char *text, const struct argp_state *state)
{
    char *end = NULL;
    const double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(seconds) || seconds < 0.001 || seconds > 1e6)
        argp_error(state, "--idle-timeout: '%s' is not a number of seconds from 0.001 to 1000000",
                   text);
    return (int64_t)(seconds * 1000.0);
}

static void add_listen(struct peer_options *options, const char *text,
                       const struct argp_state *state)
{
    struct peer_error error;
    struct peer_listen *grown =
        realloc(options->listens, (options->listen_count + 1) * sizeof *grown);
    if (grown == NULL)
        argp_failure(state, 1, ENOMEM, "--listen");
    options->listens = grown;
    if (!peer_listen_parse(text, &grown[options->listen_count], &error))
        argp_error(state, "--listen=%s: %s", text, error.text);
    options->listen_count++;
}

static int parse_control_fd(const char *text, const struct argp_state *state)
{
    const int fd = (int)parse_number(text, "control-fd", 0, INT_MAX, state);
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 ||
        (type != SOCK_STREAM && type != SOCK_SEQPACKET))
        argp_error(state,
                   "--control-fd: descriptor %d is not an open stream or SEQPACKET socket: "
                   "give one end of a socketpair",
                   fd);
    return fd;
}

static void finish(struct peer_options *options, const struct argp_state *state)
{
    if (options->discard && options->half_close)
        argp_error(state, "--discard never answers and --half-close answers at the end: "
                          "choose one of them");
    if (options->listen_count == 0)
        add_listen(options, "tcp:127.0.0.1", state);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct peer_options *options = state->input;
    switch (key) {
    case 'l':
        add_listen(options, argument, state);
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case KEY_BACKLOG:
        options->backlog = (int)parse_number(argument, "backlog", 0, INT_MAX, state);
        return 0;
    case KEY_ONCE:
        options->once = true;
        return 0;
    case KEY_DISCARD:
        options->discard = true;
        return 0;
    case KEY_GREET:
        options->greet = argument;
        return 0;
    case KEY_HALF_CLOSE:
        options->half_close = true;
        return 0;
    case KEY_MAX_CONNECTIONS:
        options->max_connections = parse_number(argument, "max-connections", 1, INT_MAX, state);
        return 0;
    case KEY_IDLE_TIMEOUT:
        options->idle_timeout_ms = parse_seconds(argument, state);
        return 0;
    case KEY_BUFFER:
        options->stream_bytes = parse_number(argument, "buffer", 1, PEER_COLLECT_BYTES, state);
        options->message_bytes = options->stream_bytes;
        return 0;
    case KEY_CONTROL_FD:
        options->control_fd = parse_control_fd(argument, state);
        return 0;
    case KEY_NO_WITNESS:
        options->no_witness = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s': did you mean --listen=%s?", argument,
                   argument);
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
    fputs("synstep-peer " PEER_VERSION "\n", stream);
}

void peer_options_parse(int argc, char **argv, struct peer_options *options)
{
    static const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .doc = "An echo server over ordinary sockets: TCP, UDP and Unix, IPv4 and IPv6.\v"
               "ADDRESS is HOST:PORT, HOST, PORT, [IPV6]:PORT or *:PORT, with a PORT of 0 for one "
               "that the kernel chooses; TRANSPORT is tcp (the default) or udp. After unix, "
               "unix-dgram or unix-seqpacket comes a path, or @NAME for an abstract socket.\n\n"
               "Exit status: 0 when all went well, 1 when it could not serve, 2 for wrong usage.",
    };
    *options = (struct peer_options){
        .stream_bytes = PEER_STREAM_BYTES,
        .message_bytes = PEER_MESSAGE_BYTES,
        .backlog = PEER_BACKLOG,
        .control_fd = -1,
    };
    argp_err_exit_status = 2;
    argp_program_version_hook = print_version;
    argp_parse(&argp, argc, argv, 0, NULL, options);
}

void peer_options_close(struct peer_options *options)
{
    free(options->listens);
    options->listens = NULL;
    options->listen_count = 0;
}
