/*
 * sum: see sum.h: the parts, their sums as they are, the carries added, the complement.
 */
#include "sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

uint16_t ss_sum_word(const struct ss_sum_part *part, size_t word)
{
    size_t at = 2 * word;
    if (part->has_field && at == part->field)
        return 0;
    unsigned low = at + 1 < part->length ? part->octets[at + 1] : 0;
    return (uint16_t)((unsigned)part->octets[at] << 8 | low);
}

void ss_sum_add(struct ss_sum *sum, const char *name, const uint8_t *octets, size_t length)
{
    if (length > 0)
        sum->parts[sum->count++] =
            (struct ss_sum_part){.name = name, .octets = octets, .length = length};
}

void ss_sum_add_header(struct ss_sum *sum, const uint8_t *octets, size_t length, size_t field)
{
    ss_sum_add(sum, "header", octets, length);
    sum->parts[sum->count - 1].has_field = true;
    sum->parts[sum->count - 1].field = field;
}

/* Each carry out of 16 bits comes in again at the right. */
static void fold(struct ss_sum *sum)
{
    uint32_t value = sum->total;
    while (value >> 16 != 0 && sum->folds < 2) {
        value = (value >> 16) + (value & 0xffff);
        sum->folded[sum->folds++] = value;
    }
    sum->complement = (uint16_t)~value;
}

void ss_sum_work_out(struct ss_sum *sum)
{
    for (size_t i = 0; i < sum->count; i++) {
        struct ss_sum_part *part = &sum->parts[i];
        for (size_t word = 0; word < (part->length + 1) / 2; word++)
            part->sum += ss_sum_word(part, word);
        sum->total += part->sum;
    }
    fold(sum);
}

/* --- as lines ------------------------------------------------------------------------------------
 */

/* Within 80 columns: a wider terminal would only move the sums away from their words. */
enum {
    NAME_COLUMN = 6,
    WORDS_COLUMN = 20,
    WORD_WIDTH = 5,
    WORDS_PER_LINE = 10, /* an IPv4 header in one */
    SUM_END = 78,
    LINES_MAX = 4, /* of words: of a payload, the beginning shows what is meant */
};

static void put_right(struct ss_lines *lines, size_t end, const char *style, const char *digits)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "%s%s", style, digits);
    ss_lines_put(lines, end - strlen(digits), text.octets);
}

static void put_sum(struct ss_lines *lines, const char *style, uint32_t value)
{
    char digits[16];
    snprintf(digits, sizeof(digits), value >> 16 ? "%" PRIx32 : "%04" PRIx32, value);
    put_right(lines, SUM_END, style, digits);
}

/* "4500 003c 5f5f": a line of words, the checksum itself told from the others. */
static void put_words(struct ss_lines *lines, const struct ss_sum_part *part, size_t from,
                      size_t end)
{
    for (size_t i = from; i < end; i++) {
        char word[8];
        bool field = part->has_field && 2 * i == part->field;
        snprintf(word, sizeof(word), "%s%04x", field ? SS_WARN : SS_DIM, ss_sum_word(part, i));
        ss_lines_put(lines, WORDS_COLUMN + (i - from) * WORD_WIDTH, word);
    }
}

static void write_part(struct ss_lines *lines, const struct ss_sum_part *part)
{
    size_t words = (part->length + 1) / 2, at = 0;
    for (int line = 0; at < words; line++) {
        bool cut = line == LINES_MAX - 1 && words - at > WORDS_PER_LINE;
        size_t end = at + WORDS_PER_LINE < words ? at + WORDS_PER_LINE : words;
        char more[48];
        ss_lines_clear(lines);
        ss_lines_put(lines, NAME_COLUMN, line == 0 ? part->name : "");
        snprintf(more, sizeof(more), SS_DIM ".. and %zu octets more", part->length - 2 * at);
        if (cut)
            ss_lines_put(lines, WORDS_COLUMN, more);
        else
            put_words(lines, part, at, end);
        at = cut ? words : end;
        if (at == words)
            put_sum(lines, "", part->sum);
        ss_lines_print(lines);
    }
}

static void write_step(struct ss_lines *lines, const char *name, const char *how, uint32_t value)
{
    ss_lines_clear(lines);
    ss_lines_put(lines, NAME_COLUMN, name);
    ss_lines_put(lines, WORDS_COLUMN, how);
    put_sum(lines, "", value);
    ss_lines_print(lines);
}

static void write_folds(struct ss_lines *lines, const struct ss_sum *sum)
{
    uint32_t value = sum->total;
    for (size_t i = 0; i < sum->folds; i++) {
        char how[32];
        snprintf(how, sizeof(how), SS_DIM "%" PRIx32 " + %04" PRIx32, value >> 16, value & 0xffff);
        write_step(lines, i == 0 ? "carry added" : "and again", how, sum->folded[i]);
        value = sum->folded[i];
    }
    char how[32];
    snprintf(how, sizeof(how), SS_DIM "ffff - %04" PRIx32, value);
    write_step(lines, "complement", how, sum->complement);
}

static void write_verdict(struct ss_lines *lines, const struct ss_sum *sum,
                          const struct ss_sum_sent *sent)
{
    struct ss_text text;
    bool wrong = sent->state == SS_CHECKSUM_BAD;
    ss_text_clear(&text);
    if (sum->complement == 0 && sent->expected != 0)
        ss_text_add(&text, "a sum of 0 is sent as ffff (RFC 768); ");
    ss_text_add(&text, "the header has %04x", sent->actual);
    if (sent->state == SS_CHECKSUM_OFFLOADED)
        ss_text_add(&text, ", the folded sum of the pseudo-header: left to the card");
    if (wrong && sent->asked)
        ss_text_add(&text, ", as it was asked for");
    ss_lines_clear(lines);
    ss_lines_put(lines, WORDS_COLUMN, text.octets);
    if (sent->state != SS_CHECKSUM_OFFLOADED)
        put_right(lines, SUM_END,
                  !wrong        ? SS_GOOD
                  : sent->asked ? SS_WARN
                                : SS_BAD,
                  wrong ? "WRONG" : "right");
    ss_lines_print(lines);
}

void ss_sum_write(struct ss_lines *lines, const struct ss_sum *sum, const struct ss_sum_sent *sent)
{
    for (size_t i = 0; i < sum->count; i++)
        write_part(lines, &sum->parts[i]);
    write_step(lines, "sum", "", sum->total);
    write_folds(lines, sum);
    write_verdict(lines, sum, sent);
}
