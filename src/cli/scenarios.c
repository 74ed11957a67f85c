/* scenarios: one with all that is to be seen of it, or many with one result each. */
#include "scenarios.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "outputs.h"
#include "play.h"
#include "scenario_files.h"
#include "seed.h"
#include "signals.h"
#include "step.h"
#include "suite.h"

static enum ss_status print_counts(const struct scenario_files *files, struct ss_problem *problem)
{
    for (size_t i = 0; i < files->count; i++) {
        size_t steps = files->list[i].scenario->step_count;
        printf("%s: %zu step%s\n", files->list[i].name, steps, steps == 1 ? "" : "s");
    }
    if (fflush(stdout) == 0 && !ferror(stdout))
        return SS_OK;
    return ss_problem_set(problem, errno == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "standard output could not be written: %s", strerror(errno));
}

static enum ss_status play_shown(const struct run_options *options,
                                 const struct scenario_file *file, uint64_t seed,
                                 struct ss_trace *trace, struct ss_problem *problem)
{
    struct outputs outputs;
    struct ss_problem unwritten;
    /* In memory there is nobody to wait for, and nothing to be left half-open. */
    const volatile sig_atomic_t *stop = options->simulate ? NULL : signals_heed();
    enum ss_status status =
        outputs_open(&outputs, options, file->name, file->scenario, trace, problem);
    if (status == SS_OK)
        status = play(options, file->scenario, seed, stop, trace, problem);
    enum ss_status written = outputs_close(&outputs, &unwritten);
    if (status == SS_OK && written != SS_OK)
        *problem = unwritten;
    return status != SS_OK ? status : written;
}

static enum ss_status run_one(const struct run_options *options, const struct scenario_file *file,
                              struct ss_problem *problem)
{
    uint64_t seed;
    const char *unfit = play_unfit(options, file->scenario);
    if (unfit)
        return ss_problem_set(problem, SS_USAGE, "%s: %s", file->name, unfit);
    enum ss_status status = play_check(options, file->scenario, problem);
    if (status == SS_OK)
        status = seed_choose(options, &seed, problem);
    if (status != SS_OK)
        return status;
    if (options->step)
        return step_through(options, file->scenario, file->name, seed, problem);
    struct ss_trace *trace = ss_trace_new();
    status = trace ? play_shown(options, file, seed, trace, problem)
                   : ss_problem_set(problem, SS_IO, "out of memory for the trace");
    ss_trace_free(trace);
    return status;
}

enum ss_status scenarios_run(const struct run_options *options, struct ss_problem *problem)
{
    struct scenario_files files = {0};
    signals_ignore_pipe();
    enum ss_status status = scenario_files_find(&files, options, problem);
    if (status == SS_OK)
        status = scenario_files_parse(&files, options, problem);
    if (status == SS_OK && options->dry_run)
        status = print_counts(&files, problem);
    else if (status == SS_OK && options->suite)
        status = suite_run(options, &files, problem);
    else if (status == SS_OK)
        status = run_one(options, &files.list[0], problem);
    scenario_files_free(&files);
    return status;
}
