/* words: the fewest edits from one word to another. */
#include "synstep/words.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 32 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The rows of the table of edits that are still needed: the one under way and the two above it. */
struct rows {
    unsigned before[WORD_MAX + 1];
    unsigned above[WORD_MAX + 1];
    unsigned row[WORD_MAX + 1];
};

/* Fills the row for from[line] in, whose place in the table is line + 1. */
static void fill_row(struct rows *rows, const char *from, size_t line, const char *to)
{
    rows->row[0] = (unsigned)line + 1;
    for (size_t i = 0; to[i]; i++) {
        unsigned replaced = rows->above[i] + (from[line] == to[i] ? 0 : 1);
        unsigned fewest = smaller(rows->above[i + 1], rows->row[i]) + 1;
        bool crossed = line > 0 && i > 0 && from[line] == to[i - 1] && from[line - 1] == to[i];
        if (crossed)
            fewest = smaller(fewest, rows->before[i - 1] + 1);
        rows->row[i + 1] = smaller(fewest, replaced);
    }
}

/*
 * The fewest insertions, deletions, replacements and exchanges of neighbours from one word to the
 * other (Damerau).
 */
static unsigned edits(const char *from, const char *to)
{
    struct rows rows = {0};
    size_t width = strlen(to);
    if (width > WORD_MAX || strlen(from) > WORD_MAX)
        return UINT_MAX;
    for (size_t i = 0; i <= width; i++)
        rows.row[i] = (unsigned)i;
    for (size_t line = 0; from[line]; line++) {
        memcpy(rows.before, rows.above, sizeof(rows.before));
        memcpy(rows.above, rows.row, sizeof(rows.above));
        fill_row(&rows, from, line, to);
    }
    return rows.row[width];
}

/* No fewer edits than this are needed: each changes the length by one at most. */
static unsigned least_edits(size_t from, size_t to)
{
    return (unsigned)(from > to ? from - to : to - from);
}

const char *ss_words_nearest(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(word);
    unsigned fewest = (unsigned)length / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        if (least_edits(length, strlen(words[i])) >= fewest)
            continue;
        unsigned distance = edits(word, words[i]);
        if (distance < fewest) {
            fewest = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
