/* suite_job: starting a process, what it does, and what its end means. */
#include "suite_job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "play.h"
#include "signals.h"
#include "synstep/json.h"

uint64_t job_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- in the child ------------------------------------------------------------------------------*/

/* Keeps the first step that did not hold. */
static void take(void *context, const struct ss_event *event)
{
    struct verdict *verdict = context;
    if (event->kind != SS_EVENT_STEP || event->step.ok || verdict->has_step)
        return;
    verdict->step = event->step;
    verdict->has_step = true;
}

static enum ss_status out_of_memory(struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "out of memory");
}

static enum ss_status play_recorded(const struct job *job, const struct run_options *options,
                                    struct ss_trace *trace, FILE *events,
                                    struct ss_problem *problem)
{
    const volatile sig_atomic_t *stop = signals_heed();
    struct ss_problem unwritten;
    struct ss_json *json = NULL;
    if (events) {
        json = ss_json_open(events);
        if (!json)
            return out_of_memory(problem);
        ss_json_name(json, job->file->name);
        ss_trace_attach(trace, ss_json_sink(json));
    }
    ss_trace_attach(trace, (struct ss_sink){.context = job->verdict, .take = take});
    enum ss_status status = play(options, job->file->scenario, job->seed, stop, trace, problem);
    enum ss_status written = json ? ss_json_close(json, &unwritten) : SS_OK;
    if (status == SS_OK && written != SS_OK)
        *problem = unwritten;
    return status != SS_OK ? status : written;
}

static enum ss_status play_apart(const struct job *job, const struct run_options *options,
                                 struct ss_problem *problem)
{
    FILE *events = job->events >= 0 ? fdopen(job->events, "w") : NULL;
    struct ss_trace *trace = ss_trace_new();
    enum ss_status status = trace && (events || job->events < 0)
                                ? play_recorded(job, options, trace, events, problem)
                                : out_of_memory(problem);
    ss_trace_free(trace);
    if (events && fclose(events) != 0 && status == SS_OK)
        status =
            ss_problem_set(problem, SS_IO, "its events could not be kept: %s", strerror(errno));
    return status;
}

/* The parent may have been killed before the child asked to be told of that. */
static _Noreturn void be_child(const struct job *job, const struct run_options *options,
                               pid_t parent)
{
    struct ss_problem problem = {.status = SS_OK};
    struct verdict *verdict = job->verdict;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    signals_heed_parent();
    verdict->status = play_apart(job, options, &problem);
    snprintf(verdict->text, sizeof(verdict->text), "%s", problem.text);
    verdict->said = true;
    _exit(EXIT_SUCCESS);
}

/* --- in the parent -----------------------------------------------------------------------------*/

static void finish(struct job *job, enum ss_outcome outcome, uint64_t duration_us)
{
    job->stage = JOB_DONE;
    job->result = (struct ss_result){
        .file = job->file->name,
        .title = job->file->scenario->title,
        .outcome = outcome,
        .text = job->text,
        .step = job->verdict->has_step ? &job->verdict->step : NULL,
        .duration_us = duration_us,
        .seed = job->seed,
    };
}

void job_skip(struct job *job, const char *why)
{
    snprintf(job->text, sizeof(job->text), "%s", why);
    finish(job, SS_OUTCOME_SKIPPED, 0);
}

enum ss_status job_start(struct job *job, const struct run_options *options,
                         struct ss_problem *problem)
{
    pid_t parent = getpid();
    if (options->json)
        job->events = memfd_create("synstep-events", MFD_CLOEXEC);
    if (options->json && job->events < 0)
        return ss_problem_set(problem, SS_IO, "no file in memory for the events of %s: %s",
                              job->file->name, strerror(errno));
    job->began_us = job_clock_us();
    job->process = fork();
    if (job->process < 0)
        return ss_problem_set(problem, SS_IO, "no process for %s: %s; fewer --jobs may help",
                              job->file->name, strerror(errno));
    if (job->process == 0)
        be_child(job, options, parent);
    job->stage = JOB_PLAYING;
    return SS_OK;
}

/* How the process ended, when it could not say so itself. */
static void word_end(struct job *job, const struct run_options *options, int status)
{
    if (job->killed)
        snprintf(job->text, sizeof(job->text),
                 "it hung: it did not end in %g s (--timeout), and was killed",
                 (double)options->timeout_us / 1e6);
    else if (WIFSIGNALED(status))
        snprintf(job->text, sizeof(job->text), "it crashed: %s", strsignal(WTERMSIG(status)));
    else
        snprintf(job->text, sizeof(job->text), "it ended without a word, with status %d",
                 WEXITSTATUS(status));
}

void job_look(struct job *job, const struct run_options *options)
{
    int status;
    pid_t ended = waitpid(job->process, &status, WNOHANG);
    if (ended != job->process)
        return;
    const struct verdict *verdict = job->verdict;
    if (verdict->said)
        snprintf(job->text, sizeof(job->text), "%s", verdict->text);
    else
        word_end(job, options, status);
    bool passed = verdict->said && verdict->status == SS_OK;
    finish(job, passed ? SS_OUTCOME_PASSED : SS_OUTCOME_FAILED, job_clock_us() - job->began_us);
}

void job_kill(struct job *job)
{
    job->killed = true;
    kill(job->process, SIGKILL);
}

void job_print_events(const struct job *job)
{
    char octets[16384];
    ssize_t got = 1;
    for (off_t at = 0; job->events >= 0 && got > 0; at += got) {
        got = pread(job->events, octets, sizeof(octets), at);
        if (got > 0)
            (void)fwrite(octets, 1, (size_t)got, stdout);
    }
}

void job_close(struct job *job)
{
    if (job->events >= 0)
        close(job->events);
    job->events = -1;
}
