/*
 * text: the wording that ladder, JSON and capture comments share.
 */
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ss_text_clear(struct ss_text *text)
{
    text->length = 0;
    text->octets[0] = '\0';
}

void ss_text_add(struct ss_text *text, const char *format, ...)
{
    size_t left = SS_TEXT_SIZE - text->length;
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(text->octets + text->length, left, format, arguments);
    va_end(arguments);
    if (wanted > 0)
        text->length += (size_t)wanted < left ? (size_t)wanted : left - 1;
}

/* Appends one whole piece or, when it does not fit, nothing. */
static void add_whole(struct ss_text *text, const char *piece)
{
    if (text->length + strlen(piece) < SS_TEXT_SIZE)
        ss_text_add(text, "%s", piece);
}

static void add_octet(struct ss_text *text, uint8_t octet, const char *special)
{
    static const char names[] = "\nn\rr\tt";
    char piece[8];
    const char *name = octet ? strchr(names, octet) : NULL;
    if (name && octet < ' ')
        snprintf(piece, sizeof(piece), "\\%c", name[1]);
    else if (octet < ' ' || octet > '~')
        snprintf(piece, sizeof(piece), "\\x%02x", octet);
    else
        snprintf(piece, sizeof(piece), strchr(special, octet) ? "\\%c" : "%c", octet);
    add_whole(text, piece);
}

void ss_text_add_escaped(struct ss_text *text, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        add_octet(text, octets[i], "\\\"");
}

void ss_text_add_sentence(struct ss_text *text, const char *sentence)
{
    for (; *sentence; sentence++)
        add_octet(text, (uint8_t)*sentence, "");
}

/* Fewer decimals, then none, then only "very long", until it fits. */
static void fit(char text[SS_DURATION_TEXT_SIZE], double value, const char *unit, size_t width)
{
    for (int decimals = 3; decimals >= 0; decimals--)
        if ((size_t)snprintf(text, SS_DURATION_TEXT_SIZE, "%.*f %s", decimals, value, unit) <=
            width)
            return;
    snprintf(text, SS_DURATION_TEXT_SIZE, "%.*s", (int)width, "long");
}

void ss_text_format_duration(char text[SS_DURATION_TEXT_SIZE], uint64_t duration_us, size_t width)
{
    if (width >= SS_DURATION_TEXT_SIZE)
        width = SS_DURATION_TEXT_SIZE - 1;
    if (duration_us < 1000000)
        fit(text, (double)duration_us / 1e3, "ms", width);
    else
        fit(text, (double)duration_us / 1e6, "s", width);
}

/* Reads "J", "J+1" or "K-500" back: the letter, and the number that the letter alone stands for. */
static bool read_symbol(const char *symbol, struct ss_seq number, char *letter, struct ss_seq *base)
{
    if (!symbol[0] || !strchr("JKMN", symbol[0]))
        return false;
    uint32_t offset = 0;
    if (symbol[1] == '+' || symbol[1] == '-')
        offset = (uint32_t)strtoul(symbol + 2, NULL, 10);
    else if (symbol[1])
        return false;
    *letter = symbol[0];
    *base = symbol[1] == '-' ? ss_seq_add(number, offset) : ss_seq_subtract(number, offset);
    return true;
}

void ss_text_format_symbol(char text[SS_SEQ_TEXT_SIZE], const struct ss_event_segment *segment,
                           enum ss_side sender, struct ss_seq number)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    bool own = segment->from == sender;
    char letter;
    struct ss_seq base;
    text[0] = '\0';
    if (read_symbol(own ? segment->seq_symbol : segment->ack_symbol, own ? tcp->seq : tcp->ack,
                    &letter, &base))
        ss_seq_format(text, number, letter, base);
}

/* "" where the number is none of a stream. */
static void verdict_symbol(char text[SS_SEQ_TEXT_SIZE], const struct ss_verdict *verdict,
                           const struct ss_event_segment *segment, uint32_t number)
{
    text[0] = '\0';
    if (verdict->numbers == SS_NUMBERS_SEQ_A || verdict->numbers == SS_NUMBERS_SEQ_B)
        ss_text_format_symbol(text, segment,
                              verdict->numbers == SS_NUMBERS_SEQ_A ? SS_SIDE_A : SS_SIDE_B,
                              ss_seq_from(number));
}

void ss_text_word_verdict(struct ss_verdict_words *words, const struct ss_verdict *verdict,
                          const struct ss_event_segment *segment)
{
    char expected[SS_SEQ_TEXT_SIZE], actual[SS_SEQ_TEXT_SIZE];
    verdict_symbol(expected, verdict, segment, verdict->expected);
    verdict_symbol(actual, verdict, segment, verdict->actual);
    ss_verdict_words_write(words, verdict, expected, actual);
}

const char *ss_text_fate(enum ss_fate fate)
{
    switch (fate) {
    case SS_FATE_DELIVERED:
        return "delivered";
    case SS_FATE_DROPPED:
        return "dropped";
    case SS_FATE_DUPLICATED:
        return "duplicated";
    case SS_FATE_DELAYED:
        return "delayed";
    case SS_FATE_CORRUPTED:
        return "corrupted";
    }
    return "";
}
