/*
 * verify_sum: what `synstep verify` found in one file, as it is counted, and told at its end.
 */
#ifndef SYNSTEP_CLI_VERIFY_SUM_H
#define SYNSTEP_CLI_VERIFY_SUM_H

#include "verify_seen.h"

enum { VERIFY_ENDS = SS_CONNECTION_UNANSWERED + 1 };

struct verify_sum {
    uint64_t frames;
    uint64_t segments; /* of TCP */
    uint64_t lost;     /* frames of a live capture that the kernel had no room for */
    uint64_t connections;
    uint64_t late;
    uint64_t ends[VERIFY_ENDS]; /* by enum ss_connection_end */
    uint64_t findings[SS_RULES][SS_VERDICT_VIOLATION + 1];
    uint64_t violations; /* all of them, told or not, save what --only and --except leave out */
};

void verify_sum_finding(struct verify_sum *sum, const struct verify_options *options,
                        const struct ss_verdict *verdict);
void verify_sum_flow(struct verify_sum *sum, const struct ss_flow *flow);

/* `fragments`: of how many datagrams some were missing. */
void verify_sum_print(const struct verify_sum *sum, const struct verify_options *options,
                      const char *file, uint64_t crowded_out, uint64_t fragments);

#endif
