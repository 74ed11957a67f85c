/*
 * verify_lines: findings and connections of `synstep verify`, a line each; what was counted of one.
 */
#ifndef SYNSTEP_CLI_VERIFY_LINES_H
#define SYNSTEP_CLI_VERIFY_LINES_H

#include "verify_seen.h"

/* Both numbers of a verdict: "101 = J+1", or the plain count or checksum; "" for none. */
struct verify_numbers {
    char expected[48];
    char actual[48];
};

/* `taken` may be NULL for a verdict without numbers. */
void verify_numbers_write(struct verify_numbers *numbers, const struct ss_verdict *verdict,
                          const struct ss_flow_packet *taken);

void verify_print_finding(const struct verify_seen *seen, const struct ss_verdict *verdict);
void verify_print_flow(const struct ss_flow *flow);
void verify_print_stats(const struct ss_flow *flow);

#endif
