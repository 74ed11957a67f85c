/* send_options_check: which word is the target, and which options go together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "send_options.h"
#include "synstep/probe.h"

enum { TIMEOUT_US = 1000000 };

enum ss_status send_read_interval(const char *text, uint64_t *interval_us,
                                  struct ss_problem *problem)
{
    static const struct {
        const char *name;
        double us;
    } units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"", 1e6}};
    char *end = NULL;
    double value = strtod(text, &end), us = -1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(end, units[i].name) == 0)
            us = value * units[i].us;
    if (end == text || text[0] < '0' || text[0] > '9' || !(us >= 0 && us <= 3600e6))
        return ss_problem_set(problem, SS_USAGE,
                              "--interval takes a time from 0 to 3600s, such as 10us, 5ms or 1s, "
                              "not '%.40s'",
                              text);
    *interval_us = (uint64_t)llround(us);
    return SS_OK;
}

/* The last word, when it is no layer and has no =. */
static enum ss_status take_target(struct send_options *options, struct ss_problem *problem)
{
    const char *last = options->word_count > 0 ? options->words[options->word_count - 1] : NULL;
    bool named = last && !ss_probe_is_word(last);
    if (named)
        options->word_count--;
    if (named && strcmp(last, "private") == 0)
        options->private = true;
    else if (named)
        options->target = last;
    if (options->target && options->private)
        return ss_problem_set(problem, SS_USAGE, "give HOST[:PORT] or --private, not both");
    if (!options->target && !options->private)
        return ss_problem_set(
            problem, SS_USAGE,
            "where to? the last word is HOST, HOST:PORT or private; without root, "
            "--private sends between two private hosts");
    if (options->private && (options->interface || options->source))
        return ss_problem_set(problem, SS_USAGE,
                              "--interface and --source go with a HOST: there is nothing to choose "
                              "between private hosts");
    return SS_OK;
}

static enum ss_status check_forms(const struct send_options *options, struct ss_problem *problem)
{
    int forms = options->is_tcp + options->is_ping + options->is_udp_echo;
    if (forms > 1)
        return ss_problem_set(problem, SS_USAGE,
                              "TCP flags, --ping and --udp-echo are three protocols: give one");
    return SS_OK;
}

static enum ss_status check_outputs(const struct send_options *options, struct ss_problem *problem)
{
    if (options->dry_run && options->capture_file)
        return ss_problem_set(problem, SS_USAGE,
                              "--dry-run prints and -w writes, and neither sends: give one");
    if (options->is_traceroute && options->no_answers)
        return ss_problem_set(problem, SS_USAGE, "--traceroute is nothing without answers");
    if (options->wire == SEND_WIRE_PACKET && !options->no_answers && !options->dry_run &&
        !options->capture_file)
        return ss_problem_set(problem, SS_USAGE,
                              "--wire=packet hears nothing: give --no-answers with it, or take "
                              "--wire=link");
    return SS_OK;
}

enum ss_status send_options_check(struct send_options *options, struct ss_problem *problem)
{
    if (options->fields || options->list_interfaces)
        return SS_OK;
    if (options->timeout_us == 0)
        options->timeout_us = TIMEOUT_US;
    enum ss_status status = take_target(options, problem);
    if (status == SS_OK)
        status = check_forms(options, problem);
    return status == SS_OK ? check_outputs(options, problem) : status;
}
