/* verify_options: argp's table for `synstep verify`, and where each word goes. */
#include "verify_options.h"

#include <argp.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "number.h"
#include "run_options_parts.h"
#include "synstep/live.h"
#include "synstep/words.h"
#include "verify_fields.h"

enum {
    KEY_CONNECTION = 'n',
    KEY_COUNT = 'c',
    KEY_FILTER = 'f',
    KEY_LIVE = 'i',
    KEY_LIST = 'l',
    KEY_STATS = 's',
    KEY_FIELDS = 0x2000, /* the others are the keys of `run` */
    KEY_ONLY,
    KEY_EXCEPT,
    KEY_LEVEL,
    KEY_PROMISCUOUS,
};

static const struct argp_option table[] = {
    {"interface", KEY_LIVE, "NAME", 0, "live, from this interface, or any; words are the filter",
     0},
    {"filter", KEY_FILTER, "FILTER", 0, "only frames that match: the language of pcap-filter(7)",
     0},
    {"count", KEY_COUNT, "N", 0, "no more frames than this", 0},
    {"timeout", KEY_TIMEOUT, "SECONDS", 0, "with -i: end after this long", 0},
    {"promiscuous", KEY_PROMISCUOUS, NULL, 0, "with -i: frames for other hosts' cards, too", 0},
    {"level", KEY_LEVEL, "LEVEL", 0, "tell findings from note, warning or violation on (warning)",
     0},
    {"only", KEY_ONLY, "RULE", 0, "tell nothing but findings by this rule, and others so named", 0},
    {"except", KEY_EXCEPT, "RULE", 0, "tell no finding by this rule", 0},
    {"list", KEY_LIST, NULL, 0, "a line for each connection", 0},
    {"connection", KEY_CONNECTION, "N", 0, "the N-th connection, segment by segment", 0},
    {"stats", KEY_STATS, NULL, 0, "what was counted of each connection", 0},
    {"fields", KEY_FIELDS, "FIELD,...", 0, "a row for each frame, tabs between (list: all names)",
     0},
    {"quiet", KEY_QUIET, NULL, 0, "the exit status says it all", 0},
    {"json", KEY_JSON, NULL, 0, "one line of JSON for each finding and connection", 0},
    {"color", KEY_COLOR, "WHEN", 0, "auto, always or never (auto; NO_COLOR is heeded)", 0},
    {"ascii", KEY_ASCII, NULL, 0, "plain ASCII only", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

/* What parse_word writes to. */
struct reading {
    struct verify_options *options;
    struct ss_problem *problem;
    bool only; /* a rule was named: all others are off */
    int next;  /* where in argv getopt was when it met what it does not know */
};

static enum ss_status read_level(const char *text, struct verify_options *options,
                                 struct ss_problem *problem)
{
    for (int level = SS_VERDICT_NOTE; level <= SS_VERDICT_VIOLATION; level++)
        if (strcmp(text, ss_verdict_level_name((enum ss_verdict_level)level)) == 0) {
            options->level = (enum ss_verdict_level)level;
            return SS_OK;
        }
    return ss_problem_set(problem, SS_USAGE, "--level takes note, warning or violation, not '%s'",
                          text);
}

static enum ss_status unknown_rule(const char *option, const char *text, struct ss_problem *problem)
{
    const char *names[SS_RULES];
    for (int rule = 0; rule < SS_RULES; rule++)
        names[rule] = ss_rule_name((enum ss_rule)rule);
    const char *nearest = ss_words_nearest(text, names, SS_RULES);
    return ss_problem_set(problem, SS_USAGE, "%s: no rule '%s'%s%s%s", option, text,
                          nearest ? "; did you mean " : "; man synstep-run lists them",
                          nearest ? nearest : "", nearest ? "?" : "");
}

static enum ss_status read_rule(bool only, const char *text, struct reading *reading)
{
    enum ss_rule rule;
    if (!ss_rule_from_name(text, &rule))
        return unknown_rule(only ? "--only" : "--except", text, reading->problem);
    if (only && !reading->only)
        memset(reading->options->told, 0, sizeof(reading->options->told));
    reading->only |= only;
    reading->options->told[rule] = only;
    return SS_OK;
}

static enum ss_status choose(struct verify_options *options, enum verify_mode mode,
                             struct ss_problem *problem)
{
    if (options->mode != VERIFY_SUMMARY && options->mode != mode)
        return ss_problem_set(problem, SS_USAGE,
                              "one of --list, --connection and --fields is enough");
    options->mode = mode;
    return SS_OK;
}

static enum ss_status read_connection(const char *text, struct verify_options *options,
                                      struct ss_problem *problem)
{
    int64_t number;
    enum ss_status status = number_read("--connection", text, 1, UINT32_MAX, &number, problem);
    if (status != SS_OK)
        return status;
    options->connection = (uint64_t)number;
    return choose(options, VERIFY_LADDER, problem);
}

static enum ss_status read_where(int key, const char *text, struct verify_where *where,
                                 struct ss_problem *problem)
{
    int64_t count = 0;
    enum ss_status status = SS_OK;
    switch (key) {
    case KEY_LIVE:
        where->interface = text;
        return ss_live_find(text, problem);
    case KEY_FILTER:
        if (where->filter)
            return ss_problem_set(problem, SS_USAGE, "one filter is enough: '%s' is too many",
                                  text);
        where->filter = text;
        return SS_OK;
    case KEY_COUNT:
        status = number_read("--count", text, 1, INT64_MAX, &count, problem);
        where->count = (uint64_t)count;
        return status;
    default:
        return number_read_seconds("--timeout", text, &where->timeout_us, problem);
    }
}

static enum ss_status read_option(int key, char *text, struct reading *reading)
{
    struct verify_options *options = reading->options;
    switch (key) {
    case KEY_LEVEL:
        return read_level(text, options, reading->problem);
    case KEY_ONLY:
    case KEY_EXCEPT:
        return read_rule(key == KEY_ONLY, text, reading);
    case KEY_LIST:
        return choose(options, VERIFY_LIST, reading->problem);
    case KEY_CONNECTION:
        return read_connection(text, options, reading->problem);
    case KEY_FIELDS:
        if (verify_fields_read(text, options, reading->problem) != SS_OK)
            return SS_USAGE;
        return choose(options, VERIFY_FIELDS, reading->problem);
    case KEY_COLOR:
        return run_read_color(text, &options->look, reading->problem);
    case KEY_LIVE:
    case KEY_FILTER:
    case KEY_COUNT:
    case KEY_TIMEOUT:
        return read_where(key, text, &options->where, reading->problem);
    default:
        return SS_OK;
    }
}

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct verify_options *options = reading->options;
    switch (key) {
    case KEY_STATS:
        options->stats = true;
        return 0;
    case KEY_QUIET:
        options->quiet = true;
        return 0;
    case KEY_JSON:
        options->look.json = true;
        return 0;
    case KEY_ASCII:
        options->look.ascii = true;
        return 0;
    case KEY_PROMISCUOUS:
        options->where.promiscuous = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->files = state->argv + state->next;
        options->file_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_ERROR:
        reading->next = state->next;
        return 0;
    case KEY_LEVEL:
    case KEY_ONLY:
    case KEY_EXCEPT:
    case KEY_LIST:
    case KEY_CONNECTION:
    case KEY_FIELDS:
    case KEY_COLOR:
    case KEY_LIVE:
    case KEY_FILTER:
    case KEY_COUNT:
    case KEY_TIMEOUT:
        return read_option(key, text, reading) == SS_OK ? 0 : EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Whoever knows tcpdump writes a filter behind the file: then its words are no files. */
static enum ss_status find_filter_words(const struct verify_options *options,
                                        struct ss_problem *problem)
{
    static const char *const words[] = {"and",  "arp", "dst",  "ether", "host", "icmp",
                                        "ip",   "ip6", "less", "net",   "not",  "or",
                                        "port", "src", "tcp",  "vlan"};
    for (int i = 0; i < options->file_count; i++)
        for (size_t word = 0; word < sizeof(words) / sizeof(words[0]); word++)
            if (strcmp(options->files[i], words[word]) == 0 && access(words[word], F_OK) != 0)
                return ss_problem_set(problem, SS_USAGE,
                                      "there is no file '%s'; a filter for files goes behind -f: "
                                      "-f 'tcp port 80'",
                                      words[word]);
    return SS_OK;
}

static enum ss_status check_where(const struct verify_options *options, struct ss_problem *problem)
{
    const struct verify_where *where = &options->where;
    if (where->interface && where->filter && options->file_count > 0)
        return ss_problem_set(problem, SS_USAGE,
                              "one filter is enough: -f '%s', or '%s' and what follows it",
                              where->filter, options->files[0]);
    if (where->interface)
        return SS_OK;
    if (where->timeout_us > 0 || where->promiscuous)
        return ss_problem_set(problem, SS_USAGE, "%s says nothing without -i",
                              where->promiscuous ? "--promiscuous" : "--timeout");
    if (options->file_count == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "which capture file? 'synstep verify FILE...'; - is standard input; "
                              "-i NAME an interface");
    return find_filter_words(options, problem);
}

/* Options that say nothing together. */
static enum ss_status check(const struct verify_options *options, struct ss_problem *problem)
{
    enum ss_status status = check_where(options, problem);
    if (status != SS_OK)
        return status;
    if (options->look.json && (options->mode == VERIFY_LIST || options->mode == VERIFY_FIELDS))
        return ss_problem_set(problem, SS_USAGE,
                              "--json tells all connections: leave out --list or --fields");
    return SS_OK;
}

enum ss_status verify_options_read(int argc, char **argv, struct verify_options *options,
                                   struct ss_problem *problem)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "FILE...\n-i INTERFACE [FILTER]",
        .doc = "Judge every sequence number in a capture, or live: which connections keep TCP's "
               "arithmetic, which do not, where, and by which clause.\v"
               "FILE is a pcap or pcapng file, packed by gzip or not; - is standard input. "
               "A live capture ends by ^C, --count or --timeout. Exit "
               "status: 0 no violation, 1 violations, 2 wrong usage, or some file could not be "
               "read to its end, 3 not permitted.",
        .children = help_options,
    };
    struct reading reading = {.options = options, .problem = problem, .next = argc};
    char name[] = "synstep verify";
    *options = (struct verify_options){.level = SS_VERDICT_WARNING};
    memset(options->told, true, sizeof(options->told));
    problem->status = SS_OK;
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &reading) != 0)
        return problem->status != SS_OK
                   ? problem->status
                   : unknown_option("verify", table, argc, argv, reading.next, problem);
    return check(options, problem);
}
