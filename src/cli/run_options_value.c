/* run_options_value: one small reader per kind of value. */
#include <string.h>

#include "number.h"
#include "run_options_parts.h"

enum ss_status run_read_isn(const char *text, struct run_options *options,
                            struct ss_problem *problem)
{
    int64_t value = 0;
    options->isn_said = true;
    options->isn_given = strcmp(text, "random") != 0;
    if (!options->isn_given)
        return SS_OK;
    if (number_read("--isn", text, INT32_MIN, UINT32_MAX, &value, problem) != SS_OK)
        return ss_problem_set(problem, SS_USAGE,
                              "--isn takes 'random' or a number from 0 to 4294967295, decimal or "
                              "0x..., or below 0 to count back from 2^32, not '%s'",
                              text);
    options->isn = (uint32_t)value;
    return SS_OK;
}

enum ss_status run_read_color(const char *text, struct run_options *options,
                              struct ss_problem *problem)
{
    static const char *const words[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, words[i]) == 0) {
            options->color = (enum color_choice)i;
            return SS_OK;
        }
    }
    return ss_problem_set(problem, SS_USAGE, "--color takes auto, always or never, not '%s'", text);
}

enum ss_status run_read_number(int key, const char *text, struct run_options *options,
                               struct ss_problem *problem)
{
    int64_t value = 0;
    enum ss_status status = SS_OK;
    if (key == KEY_SOURCE_PORT) {
        status = number_read("--source-port", text, 1, UINT16_MAX, &value, problem);
        options->source_port = (uint16_t)value;
    } else if (key == KEY_MSS) {
        status = number_read("--mss", text, 1, UINT16_MAX, &value, problem);
        options->mss = (uint16_t)value;
    } else if (key == KEY_WINDOW) {
        status = number_read("--window", text, 1, (int64_t)UINT16_MAX << 14, &value, problem);
        options->window = (uint32_t)value;
    } else if (key == KEY_JOBS) {
        status = number_read("--jobs", text, 1, RUN_JOBS_MAX, &value, problem);
        options->jobs = (unsigned)value;
    } else {
        status = number_read("--seed", text, 0, INT64_MAX, &value, problem);
        options->seed = (uint64_t)value;
        options->seed_given = true;
    }
    return status;
}

enum ss_status run_read_impair(const char *text, struct run_options *options,
                               struct ss_problem *problem)
{
    if (options->impair.count > 0)
        return ss_problem_set(problem, SS_USAGE,
                              "give --impair once, with all acts: --impair=drop:2,dup:5");
    return ss_impair_parse(text, &options->impair, problem);
}

enum ss_status run_read_param(char *text, struct run_options *options, struct ss_problem *problem)
{
    char *equals = strchr(text, '=');
    if (!equals || equals == text || equals[1] == '\0')
        return ss_problem_set(problem, SS_USAGE, "--param takes NAME=VALUE, such as n=5, not '%s'",
                              text);
    *equals = '\0';
    for (size_t i = 0; i < options->param_count; i++)
        if (strcmp(options->params[i].name, text) == 0)
            return ss_problem_set(problem, SS_USAGE, "--param gives '%s' twice", text);
    options->params[options->param_count++] =
        (struct ss_scenario_param){.name = text, .value = equals + 1};
    return SS_OK;
}
