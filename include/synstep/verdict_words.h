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

#endif
