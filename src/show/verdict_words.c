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
