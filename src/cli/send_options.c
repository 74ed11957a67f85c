/* send_options: argp's table for `synstep send`, and where each word goes. */
#include "send_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "number.h"
#include "synstep/tcp.h"

enum send_key {
    KEY_IPV4 = '4',
    KEY_IPV6 = '6',
    KEY_COUNT = 'c',
    KEY_INTERVAL = 'i',
    KEY_QUIET = 'q',
    KEY_VERBOSE = 'v',
    KEY_WRITE = 'w',
    KEY_ASCII = 256,
    KEY_COLOR,
    KEY_DRY_RUN,
    KEY_FIELDS,
    KEY_INTERFACE,
    KEY_JSON,
    KEY_LET,
    KEY_LIST_INTERFACES,
    KEY_NO_ANSWERS,
    KEY_NULL,
    KEY_PING,
    KEY_PRIVATE,
    KEY_RATE,
    KEY_SEED,
    KEY_SOURCE,
    KEY_SPOOF,
    KEY_TIMEOUT,
    KEY_TRACEROUTE,
    KEY_UDP_ECHO,
    KEY_WIRE,
    KEY_XMAS,
    KEY_FLAG = 0x400, /* and the flag, or-ed */
};

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "Short forms:", 1},
    {"syn", KEY_FLAG | SS_TCP_SYN, NULL, 0, "a TCP segment with SYN; further ones add flags", 0},
    {"ack", KEY_FLAG | SS_TCP_ACK, NULL, 0, "with ACK", 0},
    {"fin", KEY_FLAG | SS_TCP_FIN, NULL, 0, "with FIN", 0},
    {"rst", KEY_FLAG | SS_TCP_RST, NULL, 0, "with RST", 0},
    {"psh", KEY_FLAG | SS_TCP_PSH, NULL, 0, "with PSH", 0},
    {"urg", KEY_FLAG | SS_TCP_URG, NULL, 0, "with URG", 0},
    {"ece", KEY_FLAG | SS_TCP_ECE, NULL, 0, "with ECE", 0},
    {"cwr", KEY_FLAG | SS_TCP_CWR, NULL, 0, "with CWR", 0},
    {"null", KEY_NULL, NULL, 0, "a TCP segment without any flag", 0},
    {"xmas", KEY_XMAS, NULL, 0, "with FIN, PSH and URG", 0},
    {"ping", KEY_PING, NULL, 0, "four ICMP echo requests, 0.2 s apart", 0},
    {"traceroute", KEY_TRACEROUTE, NULL, 0,
     "UDP, or the TCP or ICMP of another short form, with a TTL of 1, 2, 3 and on until the target "
     "answers",
     0},
    {"udp-echo", KEY_UDP_ECHO, NULL, 0, "a UDP datagram to port 7 unless another is given", 0},
    {NULL, 0, NULL, 0, "Where:", 2},
    {"private", KEY_PRIVATE, NULL, 0, "between two private hosts; an echo server in the second", 0},
    {"ipv4", KEY_IPV4, NULL, 0, "IPv4 only", 0},
    {"ipv6", KEY_IPV6, NULL, 0, "IPv6 only", 0},
    {"interface", KEY_INTERFACE, "NAME", 0, "send through this interface", 0},
    {"source", KEY_SOURCE, "ADDRESS", 0, "send from this address, one of this host's", 0},
    {"spoof", KEY_SPOOF, NULL, 0, "let fields give a source that is not this host's", 0},
    {"wire", KEY_WIRE, "WIRE", 0,
     "raw, link (whole frames), packet (the same, fast, hears nothing) or auto (auto)", 0},
    {NULL, 0, NULL, 0, "How many, how fast:", 3},
    {"count", KEY_COUNT, "N", 0, "so many packets (as many as the lists make)", 0},
    {"interval", KEY_INTERVAL, "TIME", 0, "so long apart: 10us, 5ms, 1s", 0},
    {"rate", KEY_RATE, "N", 0, "so many a second", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "an answer is late after this (1)", 0},
    {"no-answers", KEY_NO_ANSWERS, NULL, 0, "do not listen", 0},
    {"let", KEY_LET, "NAME=N", 0, "what NAME stands for in fields", 0},
    {"seed", KEY_SEED, "N", 0, "same seed, same random numbers", 0},
    {NULL, 0, NULL, 0, "Output:", 4},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "send nothing: print the packets", 0},
    {"write", KEY_WRITE, "FILE", 0, "send nothing: write a capture file, pcap or FILE.pcapng", 0},
    {"json", KEY_JSON, NULL, 0, "JSON Lines", 0},
    {"verbose", KEY_VERBOSE, NULL, 0, "each answer field by field", 0},
    {"quiet", KEY_QUIET, NULL, 0, "only the sum", 0},
    {"color", KEY_COLOR, "WHEN", 0, "auto, always or never (auto; NO_COLOR is heeded)", 0},
    {"ascii", KEY_ASCII, NULL, 0, "plain ASCII", 0},
    {"fields", KEY_FIELDS, "LAYER", 0, "list the fields of a layer, and exit", 0},
    {"list-interfaces", KEY_LIST_INTERFACES, NULL, 0, "list this host's interfaces, and exit", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const char documentation[] =
    "Send packets of any layers and fields, and tell what answers. What is not set is computed, "
    "what is set goes out verbatim. Layers: ether vlan arp ip ip6 hop route frag dest tcp udp icmp "
    "icmp6 igmp raw.\v"
    "A VALUE is a number, name, address, 'random', a range (1-1024), a list (1,2,3), or a sum in "
    "which i counts packets and a capital letter is a random number (J+1460*i). Also: "
    "corrupt=tcp.checksum, corrupt=ip.length+4, truncate=17, flip=bit:77. Exit status: 0 sent, and "
    "answered if that was awaited; 1 no answer, or a check failed; 2 wrong usage; 3 not permitted "
    "on this machine.";

/* What parse_word writes to. */
struct reading {
    struct send_options *options;
    struct ss_problem *problem;
    int next; /* where in argv getopt was when it met what it does not know */
};

static bool add_flags(struct send_options *options, unsigned flags)
{
    options->is_tcp = true;
    options->flags |= (uint8_t)flags;
    return true;
}

/* The short forms; false when the key is none of them. */
static bool set_short(int key, struct send_options *options)
{
    if (key > KEY_FLAG && key <= (KEY_FLAG | UINT8_MAX))
        return add_flags(options, (unsigned)key & UINT8_MAX);
    switch (key) {
    case KEY_NULL:
        return add_flags(options, 0);
    case KEY_XMAS:
        return add_flags(options, SS_TCP_FIN | SS_TCP_PSH | SS_TCP_URG);
    case KEY_PING:
        return options->is_ping = true;
    case KEY_TRACEROUTE:
        return options->is_traceroute = true;
    case KEY_UDP_ECHO:
        return options->is_udp_echo = true;
    default:
        return false;
    }
}

/* Options without a value; as above. */
static bool set_switch(int key, struct send_options *options)
{
    switch (key) {
    case KEY_PRIVATE:
        return options->private = true;
    case KEY_IPV4:
        options->version = 4;
        return true;
    case KEY_IPV6:
        options->version = 6;
        return true;
    case KEY_SPOOF:
        return options->spoof = true;
    case KEY_NO_ANSWERS:
        return options->no_answers = true;
    case KEY_DRY_RUN:
        return options->dry_run = true;
    case KEY_JSON:
        return options->json = true;
    case KEY_VERBOSE:
        return options->headers = true;
    case KEY_QUIET:
        return options->quiet = true;
    case KEY_ASCII:
        return options->ascii = true;
    case KEY_LIST_INTERFACES:
        return options->list_interfaces = true;
    default:
        return false;
    }
}

/* Options whose value is taken as it stands, and words that are no options; as above. */
static bool set_text(int key, const char *text, struct send_options *options)
{
    switch (key) {
    case ARGP_KEY_ARG:
        options->words[options->word_count++] = text;
        return true;
    case KEY_LET:
        options->lets[options->let_count++] = text;
        return true;
    case KEY_FIELDS:
        options->fields = text;
        return true;
    case KEY_INTERFACE:
        options->interface = text;
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

static enum ss_status read_pace(int key, const char *text, struct send_options *options,
                                struct ss_problem *problem)
{
    int64_t value = 0;
    enum ss_status status;
    if (options->paced)
        return ss_problem_set(problem, SS_USAGE, "give --interval or --rate, once");
    options->paced = true;
    options->rated = key == KEY_RATE;
    if (key == KEY_INTERVAL)
        return send_read_interval(text, &options->interval_us, problem);
    status = number_read("--rate", text, 1, 1000000000, &value, problem);
    options->per_second = (uint64_t)value;
    return status;
}

static enum ss_status read_number(int key, const char *text, struct send_options *options,
                                  struct ss_problem *problem)
{
    int64_t value = 0;
    enum ss_status status;
    if (key == KEY_COUNT) {
        status = number_read("--count", text, 1, UINT32_MAX, &value, problem);
        options->count = (uint64_t)value;
        return status;
    }
    status = number_read("--seed", text, 0, INT64_MAX, &value, problem);
    options->seed = (uint64_t)value;
    options->seed_given = true;
    return status;
}

static enum ss_status read_wire(const char *text, struct send_options *options,
                                struct ss_problem *problem)
{
    static const char *const words[] = {"auto", "raw", "link", "packet"};
    for (unsigned i = 0; i < 4; i++)
        if (strcmp(text, words[i]) == 0) {
            options->wire = (enum send_wire)i;
            return SS_OK;
        }
    return ss_problem_set(problem, SS_USAGE, "--wire takes auto, raw, link or packet, not '%.40s'",
                          text);
}

static enum ss_status read_color(const char *text, struct send_options *options,
                                 struct ss_problem *problem)
{
    static const char *const words[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            options->color = (enum color_choice)i;
            return SS_OK;
        }
    return ss_problem_set(problem, SS_USAGE, "--color takes auto, always or never, not '%s'", text);
}

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct send_options *options = reading->options;
    struct ss_problem *problem = reading->problem;
    enum ss_status status = SS_OK;
    if (set_short(key, options) || set_switch(key, options) || set_text(key, text, options))
        return 0;
    switch (key) {
    case KEY_INTERVAL:
    case KEY_RATE:
        status = read_pace(key, text, options, problem);
        break;
    case KEY_COUNT:
    case KEY_SEED:
        status = read_number(key, text, options, problem);
        break;
    case KEY_TIMEOUT:
        status = number_read_seconds("--timeout", text, &options->timeout_us, problem);
        break;
    case KEY_WIRE:
        status = read_wire(text, options, problem);
        break;
    case KEY_COLOR:
        status = read_color(text, options, problem);
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
static enum ss_status make_room(int argc, struct send_options *options, struct ss_problem *problem)
{
    *options = (struct send_options){0};
    options->words = calloc((size_t)argc, sizeof(*options->words));
    options->lets = calloc((size_t)argc, sizeof(*options->lets));
    if (options->words && options->lets)
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "out of memory for the options");
}

enum ss_status send_options_read(int argc, char **argv, struct send_options *options,
                                 struct ss_problem *problem)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "[LAYER [FIELD=VALUE...]...] HOST[:PORT]\n[LAYER [FIELD=VALUE...]...] private",
        .doc = documentation,
        .children = help_options,
    };
    struct reading reading = {options, problem, argc};
    char name[] = "synstep send";
    problem->status = SS_OK;
    if (make_room(argc, options, problem) != SS_OK)
        return problem->status;
    argv[0] = name;
    if (argc > 1 && strcmp(argv[argc - 1], "--fields") == 0) {
        argc--; /* of no layer: the list of them */
        options->fields = "";
    }
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &reading) != 0)
        return problem->status != SS_OK
                   ? problem->status
                   : unknown_option("send", table, argc, argv, reading.next, problem);
    return send_options_check(options, problem);
}

void send_options_free(struct send_options *options)
{
    free(options->words);
    free(options->lets);
    options->words = NULL;
    options->lets = NULL;
}
