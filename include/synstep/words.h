/*
 * words: the right word for a wrong one.
 */
#ifndef SYNSTEP_WORDS_H
#define SYNSTEP_WORDS_H

#include <stddef.h>

/*
 * The word among `count` that is fewest edits from `word` (insertions, deletions, replacements and
 * exchanges of neighbours); NULL when none is near.
 */
const char *ss_words_nearest(const char *word, const char *const *words, size_t count);

#endif
