/* options: the command line of synstep-talk, by argp. */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#ifndef TALK_VERSION
#define TALK_VERSION "(version unknown)"
#endif

enum {
    KEY_UDP = 256,
    KEY_UNIX,
    KEY_SEQPACKET,
    KEY_DGRAM,
    KEY_TIMEOUT,
    KEY_BUFFER,
};

static const struct argp_option option_table[] = {
    {"udp", KEY_UDP, NULL, 0, "Talk by UDP: one line, one datagram", 0},
    {"unix", KEY_UNIX, "PATH", 0, "Talk to the Unix socket PATH, or @NAME (abstract)", 0},
    {"seqpacket", KEY_SEQPACKET, NULL, 0, "The Unix socket is a SEQPACKET one", 0},
    {"dgram", KEY_DGRAM, NULL, 0, "The Unix socket is a datagram one", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0,
     "Wait so long for the connection, for each answer and for the end (default: 5)", 0},
    {"buffer", KEY_BUFFER, "BYTES", 0,
     "Receive at most BYTES at once; a longer datagram is cut, which is said", 0},
    {NULL, '4', NULL, 0, "Use IPv4 only", 0},
    {NULL, '6', NULL, 0, "Use IPv6 only", 0},
    {0},
};

/* What argp's parser keeps until all options are known. */
struct parsing {
    struct talk_options *options;
    const char *target;
    bool is_udp;
    bool is_seqpacket;
    bool is_dgram;
};

static void set_port(struct talk_options *options, const char *port, const struct argp_state *state)
{
    const bool is_number = port[0] != '\0' && port[strspn(port, "0123456789")] == '\0';
    const unsigned long number = is_number ? strtoul(port, NULL, 10) : 0;
    const char *protocol = options->transport == TALK_UDP ? "udp" : "tcp";
    const bool is_known = is_number ? strlen(port) <= 9 && number >= 1 && number <= 65535
                                    : getservbyname(port, protocol) != NULL;
    if (!is_known || strlen(port) >= sizeof options->port)
        argp_error(state, "'%s' is no port: give 1 to 65535, or a service's name", port);
    memcpy(options->port, port, strlen(port) + 1);
}

static void set_target(struct talk_options *options, const char *target,
                       const struct argp_state *state)
{
    const char *host = target;
    size_t length = strcspn(target, ":");
    const char *port = target[length] == ':' ? target + length + 1 : "8888";
    if (target[0] == '[') {
        host = target + 1;
        length = strcspn(host, "]");
        if (host[length] != ']' || (host[length + 1] != '\0' && host[length + 1] != ':'))
            argp_error(state, "'%s': write an IPv6 target as [::1]:8888", target);
        port = host[length + 1] == ':' ? host + length + 2 : "8888";
    } else if (strchr(port, ':') != NULL) {
        argp_error(state, "'%s': write an IPv6 target as [%s] or [ADDRESS]:PORT", target, target);
    } else if (length > 0 && length == strlen(target) &&
               target[strspn(target, "0123456789")] == '\0') {
        host = "127.0.0.1";
        length = strlen(host);
        port = target;
    }
    if (length == 0)
        argp_error(state, "'%s': the host is missing: write HOST:PORT", target);
    if (length >= sizeof options->host)
        argp_error(state, "the host name is too long");
    memcpy(options->host, host, length);
    options->host[length] = '\0';
    set_port(options, port, state);
}

static void check_path(const char *path, const struct argp_state *state)
{
    const size_t room = sizeof((struct sockaddr_un *)0)->sun_path;
    if (path[0] == '\0' || strcmp(path, "@") == 0)
        argp_error(state, "--unix: the path is missing");
    if (strlen(path) >= room)
        argp_error(state, "--unix: the path has %zu bytes, a Unix socket's at most %zu",
                   strlen(path), room - 1);
}

static void finish(const struct parsing *parsing, const struct argp_state *state)
{
    struct talk_options *options = parsing->options;
    if (options->path == NULL) {
        if (parsing->is_seqpacket || parsing->is_dgram)
            argp_error(state, "--%s needs --unix=PATH",
                       parsing->is_seqpacket ? "seqpacket" : "dgram (for UDP: --udp)");
        options->transport = parsing->is_udp ? TALK_UDP : TALK_TCP;
        set_target(options, parsing->target != NULL ? parsing->target : "127.0.0.1:8888", state);
        return;
    }
    if (parsing->target != NULL)
        argp_error(state, "both --unix=%s and '%s': choose one of them", options->path,
                   parsing->target);
    if (parsing->is_udp)
        argp_error(state, "--udp needs HOST:PORT; a Unix datagram socket is --unix=PATH --dgram");
    if (parsing->is_seqpacket && parsing->is_dgram)
        argp_error(state, "both --seqpacket and --dgram: choose one of them");
    check_path(options->path, state);
    options->transport = parsing->is_seqpacket ? TALK_UNIX_SEQPACKET
                         : parsing->is_dgram   ? TALK_UNIX_DATAGRAM
                                               : TALK_UNIX_STREAM;
}

static void set_family(struct talk_options *options, int family, const struct argp_state *state)
{
    if (options->family != AF_UNSPEC && options->family != family)
        argp_error(state, "both -4 and -6: choose one of them");
    options->family = family;
}

static int64_t parse_seconds(const char *text, const struct argp_state *state)
{
    char *end = NULL;
    const double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(seconds) || seconds < 0.001 || seconds > 1e6)
        argp_error(state, "--timeout: '%s' is not a number of seconds from 0.001 to 1000000", text);
    return (int64_t)(seconds * 1000.0);
}

static size_t parse_bytes(const char *text, const struct argp_state *state)
{
    const unsigned long number = strtoul(text, NULL, 10);
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 9 ||
        number < 1 || number > TALK_LINE_BYTES)
        argp_error(state, "--buffer: '%s' is not a number from 1 to %d", text, TALK_LINE_BYTES);
    return number;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    switch (key) {
    case KEY_UDP:
        parsing->is_udp = true;
        return 0;
    case KEY_UNIX:
        parsing->options->path = argument;
        return 0;
    case KEY_SEQPACKET:
        parsing->is_seqpacket = true;
        return 0;
    case KEY_DGRAM:
        parsing->is_dgram = true;
        return 0;
    case KEY_TIMEOUT:
        parsing->options->timeout_ms = parse_seconds(argument, state);
        return 0;
    case KEY_BUFFER:
        parsing->options->buffer_bytes = parse_bytes(argument, state);
        return 0;
    case '4':
        set_family(parsing->options, AF_INET, state);
        return 0;
    case '6':
        set_family(parsing->options, AF_INET6, state);
        return 0;
    case ARGP_KEY_ARG:
        if (parsing->target != NULL)
            argp_error(state, "'%s' is one target too many", argument);
        parsing->target = argument;
        return 0;
    case ARGP_KEY_END:
        finish(parsing, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fputs("synstep-talk " TALK_VERSION "\n", stream);
}

void talk_options_parse(int argc, char **argv, struct talk_options *options)
{
    static const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .args_doc = "[HOST:PORT]",
        .doc =
            "Send each line of standard input and print what comes back.\v"
            "The line's bytes are sent without its newline; the word 'exit' is sent too, and ends "
            "the talk, as the end of input does. The prompt 'word:' is shown only when standard "
            "input is a terminal. Without HOST:PORT it is 127.0.0.1:8888.\n\n"
            "Exit status: 0 when all that was sent came back (for 'exit' it need not), 1 when it "
            "did not or nobody could be reached, 2 for wrong usage.",
    };
    struct parsing parsing = {.options = options};
    *options = (struct talk_options){.timeout_ms = 5000, .buffer_bytes = TALK_BUFFER_BYTES};
    argp_err_exit_status = 2;
    argp_program_version_hook = print_version;
    argp_parse(&argp, argc, argv, 0, NULL, &parsing);
}
