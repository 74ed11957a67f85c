/*
 * verify_json: what `synstep verify` found, as JSON Lines. The schema is an interface:
 * synstep-verify(1).
 */
#ifndef SYNSTEP_CLI_VERIFY_JSON_H
#define SYNSTEP_CLI_VERIFY_JSON_H

#include "verify_seen.h"
#include "verify_sum.h"

void verify_json_finding(const char *file, const struct verify_seen *seen,
                         const struct ss_verdict *verdict);
void verify_json_flow(const char *file, const struct ss_flow *flow);

/* The last line of a file. `problem`: why it could not be read to its end; NULL: it was. */
void verify_json_end(const char *file, const struct verify_sum *sum,
                     const struct ss_problem *problem);

#endif
