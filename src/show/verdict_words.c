/* verdict_words: one number at a time. */
#include "synstep/verdict_words.h"

#include <inttypes.h>
#include <stdio.h>

static void write_number(char words[48], enum ss_verdict_numbers numbers, uint32_t number,
                         const char *symbol)
{
    switch (numbers) {
    case SS_NUMBERS_NONE:
        words[0] = '\0';
        break;
    case SS_NUMBERS_SEQ_A:
    case SS_NUMBERS_SEQ_B:
        snprintf(words, 48, "%" PRIu32 "%s%s", number, symbol[0] ? " = " : "", symbol);
        break;
    case SS_NUMBERS_COUNT:
        snprintf(words, 48, "%" PRIu32, number);
        break;
    case SS_NUMBERS_CHECKSUM:
        snprintf(words, 48, "0x%04" PRIx32, number);
        break;
    }
}

void ss_verdict_words_write(struct ss_verdict_words *words, const struct ss_verdict *verdict,
                            const char *expected_symbol, const char *actual_symbol)
{
    write_number(words->expected, verdict->numbers, verdict->expected, expected_symbol);
    write_number(words->actual, verdict->numbers, verdict->actual, actual_symbol);
}

void ss_verdict_line(char line[SS_VERDICT_LINE_SIZE], const struct ss_verdict *verdict,
                     const struct ss_verdict_words *words)
{
    char numbers[sizeof(*words) + 32] = "";
    if (words->actual[0] && verdict->expected == verdict->actual)
        snprintf(numbers, sizeof(numbers), ": %s", words->actual);
    else if (words->actual[0])
        snprintf(numbers, sizeof(numbers), ": expected %s, actual %s", words->expected,
                 words->actual);
    snprintf(line, SS_VERDICT_LINE_SIZE, "%s: %s%s (%s)", ss_verdict_level_name(verdict->level),
             ss_rule_name(verdict->rule), numbers, ss_rule_clause(verdict->rule));
}
