/*
 * verify_lines: findings and connections of `synstep verify`, a line each; what was counted of one.
 */
#ifndef SYNSTEP_CLI_VERIFY_LINES_H
#define SYNSTEP_CLI_VERIFY_LINES_H

#include "synstep/verdict_words.h"
#include "verify_seen.h"

/* A number of a verdict in the connection's letters, "J+1"; "" where it has none. */
void verify_symbol(char text[SS_SEQ_TEXT_SIZE], const struct verify_seen *seen,
                   const struct ss_verdict *verdict, uint32_t number);

/* Both numbers of a verdict in words. */
void verify_word_numbers(struct ss_verdict_words *words, const struct verify_seen *seen,
                         const struct ss_verdict *verdict);

void verify_print_finding(const struct verify_seen *seen, const struct ss_verdict *verdict);
void verify_print_flow(const struct ss_flow *flow);
void verify_print_stats(const struct ss_flow *flow);

#endif
