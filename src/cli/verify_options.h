/*
 * verify_options: what was typed after `synstep verify`.
 */
#ifndef SYNSTEP_CLI_VERIFY_OPTIONS_H
#define SYNSTEP_CLI_VERIFY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "run_options.h"
#include "synstep/status.h"
#include "synstep/verify_rule.h"

enum { VERIFY_FIELDS_MAX = 64 };

/* What is written. */
enum verify_mode {
    VERIFY_SUMMARY, /* each finding, then the sum */
    VERIFY_LIST,    /* a line for each connection */
    VERIFY_LADDER,  /* one connection, segment by segment */
    VERIFY_FIELDS,  /* a row for each frame */
};

/* Where the frames come from, and which are wanted. */
struct verify_where {
    const char *interface; /* NULL: files */
    const char *filter;    /* NULL: none, or the words that are no options */
    uint64_t count;        /* of frames; 0: all */
    uint64_t timeout_us;   /* 0: none */
    bool promiscuous;
};

struct verify_options {
    char *const *files; /* "-": standard input; with an interface: the words of the filter */
    int file_count;
    struct verify_where where;
    enum verify_mode mode;
    uint64_t connection; /* with VERIFY_LADDER: its number */
    bool stats;
    bool quiet;
    enum ss_verdict_level level; /* the least that is told */
    bool told[SS_RULES];         /* by --only and --except */
    int fields[VERIFY_FIELDS_MAX];
    int field_count;
    struct run_options look; /* colour, ASCII, JSON, as `run` has them */
};

/*
 * Reads the words. SS_USAGE with one line that says which word is wrong and what would be right;
 * --help, --usage and --version print and exit here.
 */
enum ss_status verify_options_read(int argc, char **argv, struct verify_options *options,
                                   struct ss_problem *problem);

#endif
