/*
 * dissection_sum: a checksum worked out as on paper (RFC 1071): the parts, their sums as they are,
 * the carries added, the complement.
 */
#include <inttypes.h>
#include <string.h>

#include "dissection_parts.h"
#include "text.h"

uint16_t ss_sum_word(const struct ss_sum_part *part, size_t word)
{
    size_t at = 2 * word;
    if (part->has_field && at == part->field)
        return 0;
    unsigned low = at + 1 < part->length ? part->octets[at + 1] : 0;
    return (uint16_t)((unsigned)part->octets[at] << 8 | low);
}

static void add_part(struct ss_sum *sum, const char *name, const uint8_t *octets, size_t length)
{
    if (length > 0)
        sum->parts[sum->count++] =
            (struct ss_sum_part){.name = name, .octets = octets, .length = length};
}

/* A layer's own octets, and all that it carries, as one part each. */
static void part_layer(struct ss_sum *sum, const struct ss_stack *stack, const uint8_t *frame,
                       size_t layer, const struct ss_stack_checksum *checksum)
{
    const struct ss_layer_table *table = ss_layer_table(stack->layers[layer].kind);
    size_t fixed = table->fixed_bytes, rest = stack->layers[layer].rest_length;
    const uint8_t *octets = frame + checksum->offset;
    if (rest > checksum->length - fixed)
        rest = checksum->length - fixed;
    add_part(sum, "pseudo-header", checksum->pseudo, checksum->pseudo_length);
    add_part(sum, "header", octets, fixed);
    sum->parts[sum->count - 1].has_field = true;
    sum->parts[sum->count - 1].field = checksum->field_offset - checksum->offset;
    add_part(sum, "options", octets + fixed, rest);
    add_part(sum, "payload", octets + fixed + rest, checksum->length - fixed - rest);
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

bool ss_sum_work_out(const struct ss_stack *stack, const uint8_t *frame, size_t layer,
                     const struct ss_stack_checksum *checksum, struct ss_sum *sum)
{
    *sum = (struct ss_sum){.count = 0};
    if (checksum->unjudged)
        return false;
    part_layer(sum, stack, frame, layer, checksum);
    for (size_t i = 0; i < sum->count; i++) {
        struct ss_sum_part *part = &sum->parts[i];
        for (size_t word = 0; word < (part->length + 1) / 2; word++)
            part->sum += ss_sum_word(part, word);
        sum->total += part->sum;
    }
    fold(sum);
    return true;
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
                          const struct ss_stack_checksum *checksum)
{
    struct ss_text text;
    ss_text_clear(&text);
    if (sum->complement == 0 && checksum->expected != 0)
        ss_text_add(&text, "a sum of 0 is sent as ffff (RFC 768); ");
    ss_text_add(&text, "the header has %04x", checksum->actual);
    if (checksum->state == SS_CHECKSUM_OFFLOADED)
        ss_text_add(&text, ", the folded sum of the pseudo-header: left to the card");
    ss_lines_clear(lines);
    ss_lines_put(lines, WORDS_COLUMN, text.octets);
    bool wrong = checksum->state == SS_CHECKSUM_BAD;
    if (checksum->state != SS_CHECKSUM_OFFLOADED)
        put_right(lines, SUM_END, wrong ? SS_BAD : SS_GOOD, wrong ? "WRONG" : "right");
    ss_lines_print(lines);
}

void ss_dissection_write_sum(struct ss_lines *lines, const struct ss_sum *sum,
                             const struct ss_stack_checksum *checksum)
{
    ss_lines_clear(lines);
    ss_lines_put(lines, NAME_COLUMN - 2, SS_DIM "the checksum, worked out: 16-bit numbers, added");
    ss_lines_print(lines);
    for (size_t i = 0; i < sum->count; i++)
        write_part(lines, &sum->parts[i]);
    write_step(lines, "sum", "", sum->total);
    write_folds(lines, sum);
    write_verdict(lines, sum, checksum);
}
