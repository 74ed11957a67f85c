/*
 * run_options: what was typed after `synstep run`, read and checked as far as text can be.
 */
#ifndef SYNSTEP_CLI_RUN_OPTIONS_H
#define SYNSTEP_CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/impair.h"
#include "synstep/scenario.h"
#include "synstep/status.h"

enum { RUN_JOBS_MAX = 64 };

enum color_choice {
    COLOR_AUTO,
    COLOR_ALWAYS,
    COLOR_NEVER,
};

struct run_options {
    const char *target; /* NULL: two private hosts, or loopback */
    bool loopback;
    uint8_t version;       /* 4, 6, or 0: as the target's name resolves */
    const char *interface; /* NULL: the route's */
    const char *source;    /* NULL: the route's */
    uint16_t source_port;  /* 0: one that is free */
    bool isn_said;
    bool isn_given; /* not when it was said to be random */
    uint32_t isn;
    const char *data;      /* text; NULL: the usual word, or a file */
    const char *data_file; /* NULL: none; "-": standard input */
    uint16_t mss;          /* 0: as the route's MTU allows */
    uint32_t window;       /* octets; 0: the usual */
    uint64_t timeout_us;
    bool seed_given;
    uint64_t seed;
    const char *capture_file; /* NULL: none */
    bool json;
    bool headers;
    bool ascii;
    bool quiet;
    enum color_choice color;
    struct ss_impair_plan impair;

    const char *command; /* "run" or "step" */
    const char **paths;  /* scenarios: files and folders; owned */
    size_t path_count;   /* 0: a run without a scenario */
    bool suite;          /* its scenarios are told one result each */
    bool dry_run;
    bool simulate;
    bool step; /* by hand */
    bool tap;
    const char *junit_file;           /* NULL: none */
    unsigned jobs;                    /* 0: as many as there are processors */
    struct ss_scenario_param *params; /* owned */
    size_t param_count;
};

/*
 * Reads the words. SS_USAGE with one line that says which word is wrong and what would be right;
 * --help, --usage and --version print and exit here. Free in any case.
 */
enum ss_status run_options_read(int argc, char **argv, struct run_options *options,
                                struct ss_problem *problem);

/* Options of zeros are fine. */
void run_options_free(struct run_options *options);

#endif
