/*
 * suite_job: one scenario of a suite, in a process of its own.
 */
#ifndef SYNSTEP_CLI_SUITE_JOB_H
#define SYNSTEP_CLI_SUITE_JOB_H

#include <stdint.h>
#include <sys/types.h>

#include "run_options.h"
#include "scenario_files.h"
#include "synstep/report.h"

/* What the child says; in memory that it shares with its parent. */
struct verdict {
    bool said; /* all of it: it did not end before */
    enum ss_status status;
    char text[SS_PROBLEM_TEXT_SIZE];
    bool has_step;
    struct ss_event_step step; /* its `file` is that of a scenario, which both processes have */
};

struct job {
    const struct scenario_file *file;
    struct verdict *verdict;
    uint64_t seed;
    enum { JOB_WAITING, JOB_PLAYING, JOB_DONE } stage;
    pid_t process;
    int events; /* a file in memory, with its JSON Lines; -1: none */
    uint64_t began_us;
    bool killed; /* it took too long */
    char text[SS_PROBLEM_TEXT_SIZE];
    struct ss_result result; /* of one that is done */
};

/* Microseconds since some instant, for how long they take. */
uint64_t job_clock_us(void);

/* Done without being played. */
void job_skip(struct job *job, const char *why);

/* Starts its process. SS_IO when the machine has no more. */
enum ss_status job_start(struct job *job, const struct run_options *options,
                         struct ss_problem *problem);

/* Looks whether it has ended, and if so makes its result. */
void job_look(struct job *job, const struct run_options *options);

/* Ends it for taking too long. */
void job_kill(struct job *job);

/* Copies its JSON Lines, if any, to standard output. */
void job_print_events(const struct job *job);

/* Forgets them. */
void job_close(struct job *job);

#endif
