/* words: finding the right word for a wrong one, and saying what is wrong. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { WORD_MAX = 32 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The fewest insertions, deletions and replacements from one word to the other (Levenshtein). */
static unsigned edits(const char *from, const char *to)
{
    unsigned row[WORD_MAX + 1];
    size_t width = strlen(to);
    if (width > WORD_MAX || strlen(from) > WORD_MAX)
        return WORD_MAX;
    for (size_t i = 0; i <= width; i++)
        row[i] = (unsigned)i;
    for (size_t line = 0; from[line]; line++) {
        unsigned corner = row[0];
        row[0] = (unsigned)line + 1;
        for (size_t i = 0; i < width; i++) {
            unsigned above = row[i + 1];
            unsigned replaced = corner + (from[line] == to[i] ? 0 : 1);
            row[i + 1] = smaller(replaced, smaller(above, row[i]) + 1);
            corner = above;
        }
    }
    return row[width];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    unsigned fewest = (unsigned)strlen(word) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = edits(word, words[i]);
        if (distance < fewest) {
            fewest = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

int complain(const char *command, const struct ss_problem *problem)
{
    fflush(stdout);
    fprintf(stderr, "synstep %s: %s\n", command, problem->text);
    return ss_status_exit(problem->status);
}
