/* words: what the words of a command mean, in place. Believes nothing. */
#ifndef PUPPET_WORDS_H
#define PUPPET_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PUPPET_WORDS_MAX = 4 };

/* Parts `line`; false when there are more words than any command has. */
bool puppet_words_split(char *line, char *words[PUPPET_WORDS_MAX], size_t *count);
/* A decimal number from `least` to `most`, with a sign where it is negative. */
bool puppet_words_number(const char *word, int64_t least, int64_t most, int64_t *number);
/* Hex to octets, which take the place of the word; "-" is none. */
bool puppet_words_octets(char *word, uint8_t **octets, size_t *length);
/* Octets to hex; returns the length. `text` has room for two digits each, one at least; it is not
 * terminated. */
size_t puppet_words_hex(const uint8_t *octets, size_t length, char *text);

#endif
