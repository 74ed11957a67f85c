/* run_options_check: which words are scenarios, and which options go together. */
#include <string.h>
#include <sys/stat.h>

#include "run_options_parts.h"

/* Nobody hurries who steps by hand: a century. */
#define NO_TIMEOUT_US UINT64_C(3155760000000000)

enum { CONNECTION_TIMEOUT_US = 15000000, SCENARIO_TIMEOUT_US = 60000000 };

/* --- the words that are no options -------------------------------------------------------------*/

static bool ends_in_step(const char *word)
{
    static const char suffix[] = ".step";
    size_t length = strlen(word), least = sizeof(suffix) - 1;
    return length > least && strcmp(word + length - least, suffix) == 0;
}

static bool is_path(const char *word)
{
    struct stat status;
    return ends_in_step(word) || stat(word, &status) == 0;
}

static bool is_folder(const char *word)
{
    struct stat status;
    return stat(word, &status) == 0 && S_ISDIR(status.st_mode);
}

/* No scenario: one target at most. */
static enum ss_status take_target(struct run_options *options, struct ss_problem *problem)
{
    size_t count = options->path_count;
    options->path_count = 0;
    if (count > 1 && is_path(options->paths[1]))
        return ss_problem_set(problem, SS_USAGE, "the scenario '%s' comes before '%s'",
                              options->paths[1], options->paths[0]);
    if (count > 1)
        return ss_problem_set(problem, SS_USAGE, "one HOST:PORT is enough: '%s' is too many",
                              options->paths[1]);
    if (count == 1)
        options->target = options->paths[0];
    return SS_OK;
}

/* Scenarios, and a target as the last word. */
static enum ss_status take_scenarios(struct run_options *options, struct ss_problem *problem)
{
    const char *last = options->paths[options->path_count - 1];
    if (!is_path(last) && strchr(last, ':')) {
        options->target = last;
        options->path_count--;
    }
    for (size_t i = 0; i < options->path_count; i++)
        if (!is_path(options->paths[i]))
            return ss_problem_set(problem, SS_USAGE,
                                  "'%s' is no file or folder; after the scenarios only HOST:PORT "
                                  "may stand",
                                  options->paths[i]);
    options->suite = options->path_count > 1 || is_folder(options->paths[0]) || options->tap ||
                     options->junit_file;
    return SS_OK;
}

/* --- what goes together ------------------------------------------------------------------------*/

static enum ss_status check_any(const struct run_options *options, struct ss_problem *problem)
{
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

/* An option, and whether it was given. */
struct given {
    bool given;
    const char *option;
};

/* The first that was given; NULL: none. */
static const char *first_given(const struct given *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].given)
            return options[i].option;
    return NULL;
}

static enum ss_status check_connection(const struct run_options *options,
                                       struct ss_problem *problem)
{
    const struct given given[] = {
        {options->dry_run, "--dry-run"}, {options->simulate, "--simulate"},
        {options->step, "--step"},       {options->param_count > 0, "--param"},
        {options->tap, "--tap"},         {options->junit_file, "--junit"},
        {options->jobs > 0, "--jobs"},
    };
    const char *foreign = first_given(given, sizeof(given) / sizeof(given[0]));
    if (foreign)
        return ss_problem_set(problem, SS_USAGE,
                              "%s needs a scenario: synstep run %s ... FILE.step", foreign,
                              foreign);
    if (options->data && options->data_file)
        return ss_problem_set(problem, SS_USAGE, "give --data or --data-file, not both");
    return SS_OK;
}

static enum ss_status check_suite(const struct run_options *options, struct ss_problem *problem)
{
    const struct given given[] = {
        {options->capture_file, "--write"},
        {options->headers, "--verbose"},
    };
    const char *single = first_given(given, sizeof(given) / sizeof(given[0]));
    if (single)
        return ss_problem_set(problem, SS_USAGE, "%s is for one scenario, not for a suite", single);
    if (options->tap && options->json)
        return ss_problem_set(problem, SS_USAGE,
                              "--tap and --json cannot both have standard output");
    if (options->junit_file && strcmp(options->junit_file, "-") == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "--junit takes the name of a file: on standard output are the "
                              "results");
    return SS_OK;
}

static enum ss_status check_scenario(const struct run_options *options, struct ss_problem *problem)
{
    const struct given given[] = {
        {options->isn_said, "--isn"},        {options->data, "--data"},
        {options->data_file, "--data-file"}, {options->mss > 0, "--mss"},
        {options->window > 0, "--window"},   {options->impair.count > 0, "--impair"},
    };
    const char *foreign = first_given(given, sizeof(given) / sizeof(given[0]));
    if (foreign)
        return ss_problem_set(problem, SS_USAGE,
                              "%s is not for a scenario, which says such things itself", foreign);
    if (options->simulate && (options->target || options->loopback))
        return ss_problem_set(problem, SS_USAGE, "--simulate needs no network: leave %s away",
                              options->target ? options->target : "--loopback");
    return options->suite ? check_suite(options, problem) : SS_OK;
}

/* What is stepped through is one scenario, and standard output is for its steps. */
static enum ss_status check_step(const struct run_options *options, struct ss_problem *problem)
{
    const struct given given[] = {
        {options->dry_run, "--dry-run"},  {options->tap, "--tap"},
        {options->junit_file, "--junit"}, {options->jobs > 0, "--jobs"},
        {options->json, "--json"},        {options->quiet, "--quiet"},
    };
    const char *foreign = first_given(given, sizeof(given) / sizeof(given[0]));
    if (foreign)
        return ss_problem_set(problem, SS_USAGE, "%s does not go with stepping by hand", foreign);
    if (options->suite)
        return ss_problem_set(problem, SS_USAGE,
                              "one scenario is stepped through at a time, not several or a folder");
    if (options->capture_file && strcmp(options->capture_file, "-") == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "standard output is for the steps; give --write a file");
    return SS_OK;
}

/* `synstep step` makes no sense without one. */
static enum ss_status miss_scenario(const struct run_options *options, struct ss_problem *problem)
{
    if (options->path_count > 0)
        return ss_problem_set(problem, SS_USAGE, "'%s' is no scenario; synstep step FILE.step",
                              options->paths[0]);
    return ss_problem_set(problem, SS_USAGE, "which scenario? synstep step FILE.step");
}

enum ss_status run_options_check(struct run_options *options, struct ss_problem *problem)
{
    bool scenario = options->path_count > 0 && is_path(options->paths[0]);
    if (!scenario && strcmp(options->command, "step") == 0)
        return miss_scenario(options, problem);
    enum ss_status status =
        scenario ? take_scenarios(options, problem) : take_target(options, problem);
    if (options->timeout_us == 0 && options->step)
        options->timeout_us = NO_TIMEOUT_US;
    else if (options->timeout_us == 0)
        options->timeout_us = scenario ? SCENARIO_TIMEOUT_US : CONNECTION_TIMEOUT_US;
    if (status == SS_OK)
        status = check_any(options, problem);
    if (status == SS_OK)
        status = scenario ? check_scenario(options, problem) : check_connection(options, problem);
    if (status == SS_OK && options->step)
        status = check_step(options, problem);
    return status;
}
