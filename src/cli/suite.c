/* suite: the one loop: start, wait, look, tell. */
#include "suite.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "outputs.h"
#include "play.h"
#include "seed.h"
#include "signals.h"
#include "suite_job.h"

enum {
    LOOKAHEAD = 256,        /* results at most that wait for an earlier one to be told */
    GRACE_US = 5000000,     /* from --timeout, which a player heeds, to killing what does not */
    BREAK_OFF_US = 2000000, /* to reset what is open, after ^C */
    LONGEST_WAIT_US = 60000000,
};

struct suite {
    const struct run_options *options;
    struct job *jobs;
    size_t count;
    struct verdict *verdicts; /* shared with all children */
    size_t started;
    size_t told;
    unsigned playing;
    unsigned at_once;
    struct ss_report report;
    FILE *junit;           /* NULL: none */
    int output_error;      /* the errno of the first line that could not be written; 0: none */
    enum ss_status status; /* why it is broken off; SS_OK: it is not */
    struct ss_problem problem;
};

/* --- before and after --------------------------------------------------------------------------*/

/* As many as this process may use. */
static unsigned processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < RUN_JOBS_MAX ? (unsigned)count : RUN_JOBS_MAX;
}

static enum ss_report_format format_of(const struct run_options *options)
{
    if (options->tap)
        return SS_REPORT_TAP;
    return options->json ? SS_REPORT_JSON : SS_REPORT_LINES;
}

static enum ss_status make_jobs(struct suite *suite, const struct scenario_files *files,
                                struct ss_problem *problem)
{
    suite->jobs = calloc(files->count, sizeof(*suite->jobs));
    void *shared = mmap(NULL, files->count * sizeof(*suite->verdicts), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        suite->verdicts = shared;
    if (!suite->jobs || !suite->verdicts)
        return ss_problem_set(problem, SS_IO, "out of memory for %zu scenarios", files->count);
    suite->count = files->count;
    for (size_t i = 0; i < suite->count; i++) {
        struct job *job = &suite->jobs[i];
        job->file = &files->list[i];
        job->verdict = &suite->verdicts[i];
        job->events = -1;
        enum ss_status status = seed_choose(suite->options, &job->seed, problem);
        if (status != SS_OK)
            return status;
    }
    return SS_OK;
}

/* What is not for here is skipped; what cannot be done here is wrong, before anything is done. */
static enum ss_status sort_out(struct suite *suite, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    for (size_t i = 0; status == SS_OK && i < suite->count; i++) {
        struct job *job = &suite->jobs[i];
        const char *unfit = play_unfit(suite->options, job->file->scenario);
        if (unfit)
            job_skip(job, unfit);
        else
            status = play_check(suite->options, job->file->scenario, problem);
    }
    return status;
}

static enum ss_status open_junit(struct suite *suite, struct ss_problem *problem)
{
    const char *path = suite->options->junit_file;
    if (!path)
        return SS_OK;
    suite->junit = fopen(path, "we");
    if (suite->junit)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE, "%s cannot be written: %s", path, strerror(errno));
}

static enum ss_status write_junit(struct suite *suite, struct ss_problem *problem)
{
    struct ss_result *results = calloc(suite->count, sizeof(*results));
    if (!results)
        return ss_problem_set(problem, SS_IO, "out of memory for the results");
    for (size_t i = 0; i < suite->count; i++) {
        if (suite->jobs[i].stage != JOB_DONE)
            job_skip(&suite->jobs[i], "not played to its end: the suite was broken off");
        results[i] = suite->jobs[i].result;
    }
    ss_report_junit(suite->junit, results, suite->count);
    free(results);
    errno = 0;
    bool written = fflush(suite->junit) == 0 && !ferror(suite->junit);
    if (written)
        return SS_OK;
    return ss_problem_set(problem, errno == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "%s could not be written: %s", suite->options->junit_file,
                          strerror(errno ? errno : EIO));
}

static void release(struct suite *suite)
{
    for (size_t i = 0; suite->jobs && i < suite->count; i++)
        job_close(&suite->jobs[i]);
    if (suite->junit)
        fclose(suite->junit);
    if (suite->verdicts)
        munmap(suite->verdicts, suite->count * sizeof(*suite->verdicts));
    free(suite->jobs);
}

/* --- while they play ---------------------------------------------------------------------------*/

/* While its errno is still there. */
static void note_output(struct suite *suite)
{
    if (suite->output_error == 0 && ferror(suite->report.out))
        suite->output_error = errno ? errno : EIO;
}

static void tell_done(struct suite *suite)
{
    errno = 0;
    for (; suite->told < suite->count; suite->told++) {
        struct job *job = &suite->jobs[suite->told];
        if (job->stage != JOB_DONE)
            return;
        job_print_events(job);
        job_close(job);
        ss_report_tell(&suite->report, &job->result);
        note_output(suite);
    }
}

static void break_off(struct suite *suite, const struct ss_problem *problem)
{
    if (suite->status != SS_OK)
        return;
    suite->status = problem->status;
    suite->problem = *problem;
}

static void start_more(struct suite *suite)
{
    struct ss_problem problem;
    for (; suite->started < suite->count; suite->started++) {
        struct job *job = &suite->jobs[suite->started];
        if (job->stage == JOB_DONE)
            continue;
        if (suite->playing == suite->at_once || suite->started - suite->told >= LOOKAHEAD)
            return;
        if (job_start(job, suite->options, &problem) != SS_OK) {
            break_off(suite, &problem);
            return;
        }
        suite->playing++;
    }
}

/* What one may not do, none may. */
static void heed_verdict(struct suite *suite, const struct job *job)
{
    struct ss_problem problem = {.status = SS_FORBIDDEN};
    if (!job->verdict->said || job->verdict->status != SS_FORBIDDEN)
        return;
    snprintf(problem.text, sizeof(problem.text), "%s", job->verdict->text);
    break_off(suite, &problem);
}

static void look_at_all(struct suite *suite)
{
    for (size_t i = suite->told; i < suite->started; i++) {
        struct job *job = &suite->jobs[i];
        if (job->stage != JOB_PLAYING)
            continue;
        job_look(job, suite->options);
        if (job->stage != JOB_DONE)
            continue;
        suite->playing--;
        heed_verdict(suite, job);
    }
}

/* Ends those whose time is over; returns for how long none other is due. */
static uint64_t end_overdue(struct suite *suite)
{
    uint64_t now_us = job_clock_us(), span_us = LONGEST_WAIT_US;
    for (size_t i = suite->told; i < suite->started; i++) {
        struct job *job = &suite->jobs[i];
        uint64_t due_us = job->began_us + suite->options->timeout_us + GRACE_US;
        if (job->stage != JOB_PLAYING || job->killed)
            continue;
        if (now_us >= due_us)
            job_kill(job);
        else if (due_us - now_us < span_us)
            span_us = due_us - now_us;
    }
    return span_us;
}

static void play_all(struct suite *suite, const volatile sig_atomic_t *stop)
{
    struct ss_problem interrupted = {.status = SS_INTERRUPTED};
    for (;;) {
        tell_done(suite);
        start_more(suite);
        if (suite->told == suite->count || suite->status != SS_OK)
            return;
        signals_await(end_overdue(suite));
        if (*stop) {
            snprintf(interrupted.text, sizeof(interrupted.text),
                     "interrupted after %zu of %zu scenarios", suite->told, suite->count);
            break_off(suite, &interrupted);
            return;
        }
        look_at_all(suite);
    }
}

static void signal_all(const struct suite *suite, int number)
{
    for (size_t i = suite->told; i < suite->started; i++)
        if (suite->jobs[i].stage == JOB_PLAYING)
            kill(suite->jobs[i].process, number);
}

/* Asks those that still play to end, then makes them. */
static void end_all(struct suite *suite)
{
    uint64_t until_us = job_clock_us() + BREAK_OFF_US;
    signal_all(suite, SIGTERM);
    while (suite->playing > 0) {
        uint64_t now_us = job_clock_us();
        if (now_us >= until_us)
            signal_all(suite, SIGKILL);
        signals_await(now_us < until_us ? until_us - now_us : BREAK_OFF_US);
        look_at_all(suite);
    }
}

/* --- all of it ---------------------------------------------------------------------------------*/

static enum ss_status judge(const struct suite *suite, struct ss_problem *problem)
{
    size_t first = 0;
    if (suite->status != SS_OK) {
        *problem = suite->problem;
        return suite->status;
    }
    if (suite->report.failed == 0)
        return SS_OK;
    while (suite->jobs[first].result.outcome != SS_OUTCOME_FAILED)
        first++;
    const struct ss_result *result = &suite->jobs[first].result;
    bool named = strncmp(result->text, result->file, strlen(result->file)) == 0;
    return ss_problem_set(problem, SS_CHECK_FAILED, "%zu of %zu failed; the first: %s%s%s",
                          suite->report.failed, suite->count, named ? "" : result->file,
                          named ? "" : ": ", result->text);
}

static enum ss_status judge_output(const struct suite *suite, struct ss_problem *problem)
{
    if (suite->report.lacking)
        return ss_problem_set(problem, SS_IO, "out of memory for the results");
    if (suite->output_error == 0)
        return SS_OK;
    return ss_problem_set(problem, suite->output_error == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "standard output could not be written: %s",
                          strerror(suite->output_error));
}

static enum ss_status play_and_tell(struct suite *suite, struct ss_problem *problem)
{
    const volatile sig_atomic_t *stop = signals_heed();
    struct ss_problem unwritten;
    signals_heed_children();
    ss_report_begin(&suite->report, suite->count);
    play_all(suite, stop);
    end_all(suite);
    errno = 0;
    ss_report_end(&suite->report, suite->status == SS_OK ? NULL : ss_status_text(suite->status));
    note_output(suite);
    enum ss_status status = judge(suite, problem);
    enum ss_status written = judge_output(suite, &unwritten);
    if (suite->junit && written == SS_OK)
        written = write_junit(suite, &unwritten);
    if (status == SS_OK && written != SS_OK)
        *problem = unwritten;
    return status != SS_OK ? status : written;
}

enum ss_status suite_run(const struct run_options *options, const struct scenario_files *files,
                         struct ss_problem *problem)
{
    struct suite suite = {
        .options = options,
        .at_once = options->jobs ? options->jobs : processors(),
        .report = {.out = stdout,
                   .format = format_of(options),
                   .columns = outputs_columns(),
                   .color = outputs_want_color(options),
                   .quiet = options->quiet},
    };
    enum ss_status status = make_jobs(&suite, files, problem);
    if (status == SS_OK)
        status = sort_out(&suite, problem);
    if (status == SS_OK)
        status = open_junit(&suite, problem);
    if (status == SS_OK)
        status = play_and_tell(&suite, problem);
    release(&suite);
    return status;
}
