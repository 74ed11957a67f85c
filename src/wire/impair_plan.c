/*
 * impair_plan: reads "drop:2,dup:5,delay:7,corrupt:9".
 */
#include <stdbool.h>
#include <string.h>

#include "synstep/impair.h"

enum { WORD_BYTES_MAX = 15 };

static const struct {
    const char *word;
    enum ss_fate fate;
} words[] = {
    {"drop", SS_FATE_DROPPED},
    {"dup", SS_FATE_DUPLICATED},
    {"delay", SS_FATE_DELAYED},
    {"corrupt", SS_FATE_CORRUPTED},
};

enum { WORDS = sizeof words / sizeof *words };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters must be added, taken away or changed to make `a` into `b` (both are short). */
static unsigned edit_distance(const char *a, size_t a_length, const char *b)
{
    unsigned row[WORD_BYTES_MAX + 1];
    size_t b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

static const char *nearest_word(const char *text, size_t length)
{
    size_t best = 0;
    for (size_t each = 1; each < WORDS; each++) {
        if (edit_distance(text, length, words[each].word) <
            edit_distance(text, length, words[best].word))
            best = each;
    }
    return words[best].word;
}

/* One act's text, and where it stands in the whole. */
struct piece {
    const char *text;
    size_t length;
    size_t column; /* counted from 1 */
};

static enum ss_status wrong(const struct piece *piece, const char *why, const char *hint,
                            struct ss_problem *problem)
{
    int shown = piece->length > 40 ? 40 : (int)piece->length;
    return ss_problem_set(problem, SS_USAGE, "impair: '%.*s' at column %zu: %s%s", shown,
                          piece->text, piece->column, why, hint);
}

static bool read_frame(const char *digits, size_t length, uint32_t *frame)
{
    uint64_t number = 0;
    if (length == 0 || length > 9)
        return false;
    for (size_t each = 0; each < length; each++) {
        if (digits[each] < '0' || digits[each] > '9')
            return false;
        number = number * 10 + (uint64_t)(digits[each] - '0');
    }
    *frame = (uint32_t)number;
    return number > 0;
}

static bool is_taken(const struct ss_impair_plan *plan, uint32_t frame)
{
    for (size_t each = 0; each < plan->count; each++) {
        if (plan->acts[each].frame == frame)
            return true;
    }
    return false;
}

static enum ss_status read_act(const struct piece *piece, struct ss_impair_plan *plan,
                               struct ss_problem *problem)
{
    struct ss_impair_act act = {.fate = SS_FATE_DELIVERED};
    const char *colon = memchr(piece->text, ':', piece->length);
    size_t length = colon ? (size_t)(colon - piece->text) : piece->length;
    for (size_t each = 0; each < WORDS; each++) {
        if (strlen(words[each].word) == length &&
            memcmp(words[each].word, piece->text, length) == 0)
            act.fate = words[each].fate;
    }
    if (act.fate == SS_FATE_DELIVERED)
        return wrong(piece, "unknown word; the nearest is ", nearest_word(piece->text, length),
                     problem);
    if (!colon || !read_frame(colon + 1, piece->length - length - 1, &act.frame))
        return wrong(piece, "after the word comes a colon and the frame's number, from 1 to ",
                     "999999999", problem);
    if (is_taken(plan, act.frame))
        return wrong(piece, "that frame has an act already", "", problem);
    if (plan->count == SS_IMPAIR_ACTS_MAX)
        return wrong(piece, "more acts than can be kept", "", problem);
    plan->acts[plan->count++] = act;
    return SS_OK;
}

enum ss_status ss_impair_parse(const char *text, struct ss_impair_plan *plan,
                               struct ss_problem *problem)
{
    struct ss_impair_plan read = {0};
    size_t at = 0;
    for (;;) {
        struct piece piece = {text + at, strcspn(text + at, ","), at + 1};
        enum ss_status status = read_act(&piece, &read, problem);
        if (status != SS_OK)
            return status;
        at += piece.length;
        if (text[at] == '\0')
            break;
        at++;
    }
    *plan = read;
    return SS_OK;
}
