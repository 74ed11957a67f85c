/*
 * verify_outputs: the files that `synstep verify` writes: which may be, and what is put into them.
 */
#ifndef SYNSTEP_CLI_VERIFY_OUTPUTS_H
#define SYNSTEP_CLI_VERIFY_OUTPUTS_H

#include "synstep/capture_copy.h"
#include "verify_seen.h"

/* Whether a file that goes to standard output has it for itself. */
bool verify_outputs_takes_all(const struct verify_options *options);

/* Names that cannot be, and options that say nothing beside them. */
enum ss_status verify_outputs_check(const struct verify_options *options,
                                    struct ss_problem *problem);

/* Opens the capture to be written, when one is; none of the inputs is overwritten. */
enum ss_status verify_outputs_open(const struct verify_options *options,
                                   struct ss_capture_copy **copy, struct ss_problem *problem);

/* A finding of the frame that is about to be copied. */
void verify_outputs_comment(struct ss_capture_copy *copy, const struct verify_seen *seen,
                            const struct ss_verdict *verdict);

#endif
