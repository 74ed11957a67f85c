/* scenario_text: the cursor over a scenario's text, and the words in it. */
#include <string.h>

#include "scenario_parts.h"

/* The octet at `at`, or -1 at the end of the text. */
static int octet_at(const struct source *source, size_t at)
{
    return at < source->length ? (unsigned char)source->text[at] : -1;
}

int cursor_peek_after(const struct parser *parser, size_t ahead)
{
    return octet_at(parser->cursor.source, parser->cursor.at + ahead);
}

int cursor_peek(const struct parser *parser)
{
    return cursor_peek_after(parser, 0);
}

bool cursor_take(struct parser *parser, const char *text)
{
    struct cursor *cursor = &parser->cursor;
    size_t length = strlen(text);
    if (cursor->source->length - cursor->at < length ||
        memcmp(cursor->source->text + cursor->at, text, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

void cursor_begin(struct parser *parser, const struct source *source)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    parser->cursor = (struct cursor){.source = source, .line = 1};
    (void)cursor_take(parser, byte_order_mark);
    parser->cursor.line_start = parser->cursor.at;
}

bool cursor_take_word(struct parser *parser, const char *text)
{
    struct cursor begin = parser->cursor;
    struct word word = cursor_word(parser, "");
    if (word_is(&word, text))
        return true;
    parser->cursor = begin;
    return false;
}

/* A carriage return is white space where lines end in CR LF. */
static bool is_blank(const struct source *source, size_t at)
{
    int octet = octet_at(source, at), next = octet_at(source, at + 1);
    return octet == ' ' || octet == '\t' || (octet == '\r' && (next == '\n' || next < 0));
}

static size_t after_blanks(const struct source *source, size_t at)
{
    while (is_blank(source, at))
        at++;
    return at;
}

/* The start of the next line, or the end of the text. */
static size_t after_line(const struct source *source, size_t at)
{
    const char *end = memchr(source->text + at, '\n', source->length - at);
    return end ? (size_t)(end - source->text) + 1 : source->length;
}

/* Where a statement goes on after the backslash at `at`; 0 when that continues no line. */
static size_t continued_at(const struct source *source, size_t at)
{
    if (octet_at(source, at) != '\\')
        return 0;
    at = after_blanks(source, at + 1);
    int octet = octet_at(source, at);
    return octet == '\n' || octet == '#' || octet < 0 ? after_line(source, at) : 0;
}

/* What repeat and include multiply has its bound here: each line costs its octets and a bit. */
static void go_to_line(struct parser *parser, size_t at)
{
    enum { COST = 16 };
    struct cursor *cursor = &parser->cursor;
    size_t cost = at - cursor->line_start + COST;
    if (cost > parser->budget && !parser->stopped)
        parse_give_up(parser, "repeat and include make this too long");
    parser->budget -= cost > parser->budget ? parser->budget : cost;
    cursor->at = at;
    cursor->line_start = at;
    cursor->line++;
}

void cursor_skip_blanks(struct parser *parser)
{
    struct cursor *cursor = &parser->cursor;
    for (;;) {
        cursor->at = after_blanks(cursor->source, cursor->at);
        size_t next = continued_at(cursor->source, cursor->at);
        if (next == 0)
            return;
        go_to_line(parser, next);
    }
}

static bool ends_statement(int octet)
{
    return octet == '\n' || octet == '#' || octet < 0;
}

bool cursor_at_end(struct parser *parser)
{
    cursor_skip_blanks(parser);
    return ends_statement(cursor_peek(parser));
}

bool cursor_at_gap(const struct parser *parser)
{
    const struct cursor *cursor = &parser->cursor;
    return ends_statement(cursor_peek(parser)) || is_blank(cursor->source, cursor->at) ||
           continued_at(cursor->source, cursor->at) > 0;
}

static bool is_letter_or_digit(int octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
           (octet >= '0' && octet <= '9') || octet == '_';
}

struct word cursor_word(struct parser *parser, const char *also)
{
    struct word word = {.place = parser->cursor};
    int octet = cursor_peek(parser);
    while (is_letter_or_digit(octet) || (octet > 0 && strchr(also, octet))) {
        parser->cursor.at++;
        octet = cursor_peek(parser);
    }
    word.length = parser->cursor.at - word.place.at;
    return word;
}

struct word cursor_lump(const struct parser *parser)
{
    struct word word = {.place = parser->cursor};
    const struct source *source = word.place.source;
    size_t at = word.place.at;
    while (!ends_statement(octet_at(source, at)) && !is_blank(source, at))
        at++;
    word.length = at - word.place.at;
    return word;
}

/* Past a text in quotes, as far as it goes on this line. */
static size_t after_quotes(const struct source *source, size_t at)
{
    int octet = octet_at(source, ++at);
    while (octet >= 0 && octet != '\n' && octet != '"') {
        at += octet == '\\' && octet_at(source, at + 1) > '\n' ? 2 : 1;
        octet = octet_at(source, at);
    }
    return octet == '"' ? at + 1 : at;
}

void cursor_next_statement(struct parser *parser)
{
    struct cursor *cursor = &parser->cursor;
    while (!cursor_at_end(parser)) {
        if (cursor_peek(parser) == '"')
            cursor->at = after_quotes(cursor->source, cursor->at);
        else
            cursor->at++;
    }
    go_to_line(parser, after_line(cursor->source, cursor->at));
}

bool cursor_find_statement(struct parser *parser)
{
    while (cursor_at_end(parser)) {
        if (cursor_peek(parser) < 0)
            return false;
        cursor_next_statement(parser);
    }
    return true;
}

const char *word_octets(const struct word *word)
{
    return word->place.source->text + word->place.at;
}

bool word_is(const struct word *word, const char *text)
{
    return strlen(text) == word->length && memcmp(word_octets(word), text, word->length) == 0;
}

/* Copies a statement, a blank for each continued line, and returns its length. */
static size_t copy_statement(const struct source *source, size_t at, size_t end, char *text)
{
    size_t length = 0;
    while (at < end) {
        size_t quoted = octet_at(source, at) == '"' ? after_quotes(source, at) : 0;
        size_t next = continued_at(source, at);
        for (; at < quoted && at < end; at++)
            text[length++] = source->text[at];
        if (quoted > 0)
            continue;
        char octet = next > 0 || is_blank(source, at) ? ' ' : source->text[at];
        if (octet != ' ' || next == 0)
            text[length++] = octet;
        else if (length > 0 && text[length - 1] != ' ')
            text[length++] = ' ';
        at = next > 0 ? after_blanks(source, next) : at + 1;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length;
}

const char *cursor_statement(struct parser *parser, const struct cursor *begin)
{
    char *text = parse_take(parser, parser->cursor.at - begin->at + 1);
    if (text)
        text[copy_statement(begin->source, begin->at, parser->cursor.at, text)] = '\0';
    return text;
}
