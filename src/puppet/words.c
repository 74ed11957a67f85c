/* words: what the words of a command mean. */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool puppet_words_split(char *line, char *words[PUPPET_WORDS_MAX], size_t *count)
{
    char *rest = NULL;
    *count = 0;
    for (char *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (*count == PUPPET_WORDS_MAX)
            return false;
        words[(*count)++] = word;
    }
    return true;
}

bool puppet_words_number(const char *word, int64_t least, int64_t most, int64_t *number)
{
    char *end = NULL;
    const char *digits = word + (word[0] == '-');
    errno = 0;
    const long long value = strtoll(word, &end, 10);
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0' || errno != 0 ||
        value < least || value > most)
        return false;
    *number = value;
    return true;
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

bool puppet_words_octets(char *word, uint8_t **octets, size_t *length)
{
    const size_t digits = strcmp(word, "-") == 0 ? 0 : strlen(word);
    uint8_t *made = (uint8_t *)word;
    for (size_t i = 0; i + 1 < digits; i += 2) {
        const int high = digit(word[i]);
        const int low = digit(word[i + 1]);
        if (high < 0 || low < 0)
            return false;
        made[i / 2] = (uint8_t)(high * 16 + low);
    }
    *octets = made;
    *length = digits / 2;
    return digits % 2 == 0;
}

size_t puppet_words_hex(const uint8_t *octets, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";
    if (length == 0)
        text[0] = '-';
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    return length == 0 ? 1 : 2 * length;
}
