/*
 * verify_input: where `synstep verify` has its frames from: files, or an interface; and which of
 * them it wants.
 */
#ifndef SYNSTEP_CLI_VERIFY_INPUT_H
#define SYNSTEP_CLI_VERIFY_INPUT_H

#include <signal.h>
#include <stdbool.h>

#include "synstep/capture_file.h"
#include "synstep/frame_filter.h"
#include "synstep/live.h"
#include "verify_options.h"

/* What all of them share. */
struct verify_inputs {
    const struct verify_options *options;
    char *words; /* the filter, where several words make it */
    struct ss_frame_filter *filter;
    const volatile sig_atomic_t *stop;
};

/* Before anything is read: a filter that cannot be read ends it all. */
enum ss_status verify_inputs_begin(struct verify_inputs *all, const struct verify_options *options,
                                   struct ss_problem *problem);
void verify_inputs_end(struct verify_inputs *all);

struct verify_input {
    const struct verify_inputs *all;
    const char *name; /* as it is told */
    struct ss_capture_file *file;
    struct ss_live *live;
    uint64_t taken; /* frames */
};

/*
 * Opens a file; for an interface raises the privileges around that alone, and gives them up for
 * good.
 */
enum ss_status verify_input_open(struct verify_input *input, const struct verify_inputs *all,
                                 const char *name, struct ss_problem *problem);
void verify_input_close(struct verify_input *input);

/*
 * The next frame that is wanted. SS_TIMED_OUT: an interface was silent for a second, more may come;
 * SS_INTERRUPTED: that was all; else what went wrong.
 */
enum ss_status verify_input_next(struct verify_input *input, struct ss_capture_frame *frame,
                                 struct ss_problem *problem);

/* Frames that the kernel had no room for, so that gaps are ours. */
uint64_t verify_input_lost(const struct verify_input *input);

#endif
