/*
 * verdict_words: a verdict's two numbers as a user reads them.
 */
#ifndef SYNSTEP_VERDICT_WORDS_H
#define SYNSTEP_VERDICT_WORDS_H

#include "synstep/verify.h"

/* "" for none. */
struct ss_verdict_words {
    char expected[48];
    char actual[48];
};

/*
 * Sequence numbers with their letters ("19088744 = K+1"), checksums in hex. The symbols are those
 * of the two numbers; "" where a number has none.
 */
void ss_verdict_words_write(struct ss_verdict_words *words, const struct ss_verdict *verdict,
                            const char *expected_symbol, const char *actual_symbol);

enum { SS_VERDICT_LINE_SIZE = 320 };

/* "violation: fin_moved: expected 2 = J+2, actual 1 = J+1 (RFC 9293 3.6)". */
void ss_verdict_line(char line[SS_VERDICT_LINE_SIZE], const struct ss_verdict *verdict,
                     const struct ss_verdict_words *words);

#endif
