/* scenario_payload: what is carried: "text", hex:, file:, size. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"

/* Room for so many more octets; false when out of memory, or over `most`. */
static bool make_room(struct parser *parser, const struct word *word, size_t more, size_t most)
{
    struct scratch *scratch = parser->scratch;
    if (more > most || scratch->length > most - more) {
        parse_report(parser, word, "that is more than the %zu octets that fit", most);
        return false;
    }
    if (scratch->length + more <= scratch->room)
        return true;
    size_t room = 2 * (scratch->length + more) + 64;
    uint8_t *octets = realloc(scratch->octets, room);
    if (!octets) {
        parse_stop(parser, SS_IO);
        return false;
    }
    scratch->octets = octets;
    scratch->room = room;
    return true;
}

static void add_octets(struct parser *parser, const struct word *word, const void *octets,
                       size_t length, size_t most)
{
    if (length == 0 || !make_room(parser, word, length, most))
        return;
    memcpy(parser->scratch->octets + parser->scratch->length, octets, length);
    parser->scratch->length += length;
}

/* --- hexadecimal digits ------------------------------------------------------------------------*/

static int hex_digit(int octet)
{
    static const char digits[] = "0123456789abcdef";
    if (octet >= 'A' && octet <= 'F')
        octet += 'a' - 'A';
    const char *at = octet > 0 ? strchr(digits, octet) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The two digits that stand here; -1 when they do not. */
static int read_hex_octet(struct parser *parser)
{
    int high = hex_digit(cursor_peek(parser)), low = hex_digit(cursor_peek_after(parser, 1));
    if (high < 0 || low < 0)
        return -1;
    parser->cursor.at += 2;
    return high << 4 | low;
}

void parse_hex(struct parser *parser, size_t most)
{
    struct word all = cursor_lump(parser);
    int value;
    while (!parser->stopped && (value = read_hex_octet(parser)) >= 0) {
        uint8_t octet = (uint8_t)value;
        add_octets(parser, &all, &octet, 1, most);
    }
    if (!cursor_at_gap(parser))
        parse_report_here(parser, "two hexadecimal digits are expected for each octet");
}

/* --- text in quotes ----------------------------------------------------------------------------*/

/* After a backslash; -1, nothing consumed, when that is no escape. */
static int read_escape(struct parser *parser)
{
    static const char from[] = "nrt0\\\"", to[] = "\n\r\t\0\\\"";
    int octet = cursor_peek(parser);
    const char *at = octet > 0 ? strchr(from, octet) : NULL;
    if (octet == 'x') {
        struct cursor begin = parser->cursor;
        parser->cursor.at++;
        int value = read_hex_octet(parser);
        if (value < 0)
            parser->cursor = begin;
        return value;
    }
    if (!at)
        return -1;
    parser->cursor.at++;
    return (unsigned char)to[at - from];
}

static void parse_escape(struct parser *parser, size_t most)
{
    struct word place = {.place = parser->cursor, .length = 2};
    parser->cursor.at++;
    int value = read_escape(parser);
    uint8_t octet = (uint8_t)value;
    if (value < 0)
        parse_report(parser, &place,
                     "escapes are \\n \\r \\t \\0 \\\\ \\\" and \\x with two digits");
    else
        add_octets(parser, &place, &octet, 1, most);
}

static void parse_character(struct parser *parser, size_t most)
{
    const struct cursor *cursor = &parser->cursor;
    size_t length =
        character_visible(cursor->source->text + cursor->at, cursor->source->length - cursor->at);
    struct word place = {.place = *cursor, .length = length ? length : 1};
    if (length == 0)
        parse_report(parser, &place, "an octet that shows as no character is written \\x%02x",
                     (unsigned)cursor_peek(parser));
    else
        add_octets(parser, &place, word_octets(&place), length, most);
    parser->cursor.at += place.length;
}

void parse_text(struct parser *parser, size_t most)
{
    struct word quote = {.place = parser->cursor, .length = 1};
    parser->cursor.at++;
    while (!parser->stopped && !cursor_take(parser, "\"")) {
        int octet = cursor_peek(parser);
        if (octet < 0 || octet == '\n') {
            parse_report(parser, &quote, "this text has no \" at its end");
            return;
        }
        if (octet == '\\')
            parse_escape(parser, most);
        else
            parse_character(parser, most);
    }
}

/* --- the payload -------------------------------------------------------------------------------*/

static void parse_file(struct parser *parser, size_t most)
{
    struct word word;
    const char *name = parse_path(parser, &word);
    const struct loaded *loaded = name ? parse_load(parser, &word, name) : NULL;
    if (loaded)
        add_octets(parser, &word, loaded->octets, loaded->length, most);
}

static void parse_octets(struct parser *parser, size_t most)
{
    if (cursor_take(parser, "hex:")) {
        if (cursor_at_gap(parser))
            parse_report_here(parser, "two hexadecimal digits are expected for each octet");
        parse_hex(parser, most);
    } else if (cursor_take(parser, "file:")) {
        parse_file(parser, most);
    } else {
        parse_text(parser, most);
    }
}

/* After "size". */
static void parse_size(struct parser *parser, bool matching, size_t most,
                       struct ss_payload *payload)
{
    cursor_skip_blanks(parser);
    if (!matching && cursor_peek(parser) == '*')
        parse_report_here(parser, "any size can be expected, not sent");
    payload->kind = SS_PAYLOAD_SIZE;
    if (cursor_take(parser, "*"))
        payload->kind = SS_PAYLOAD_ANY;
    else
        payload->length = parse_constant(parser, TIGHT, "a size", 0, (uint32_t)most);
}

static bool begins(const struct word *word, const char *text)
{
    return word->length >= strlen(text) && memcmp(word_octets(word), text, strlen(text)) == 0;
}

bool parse_payload(struct parser *parser, bool matching, size_t most, struct ss_payload *payload)
{
    struct word word = cursor_lump(parser);
    bool octets = begins(&word, "\"") || begins(&word, "hex:") || begins(&word, "file:");
    if (begins(&word, "size="))
        parse_report(parser, &word, "a size follows after a space: size 1400");
    if (!octets && !word_is(&word, "size"))
        return false;
    if (payload->kind != SS_PAYLOAD_NONE && !(octets && payload->kind == SS_PAYLOAD_OCTETS))
        parse_report(parser, &word, "a size stands by itself, without other payload");
    if (payload->kind == SS_PAYLOAD_NONE)
        parser->scratch->length = 0;
    if (octets) {
        payload->kind = SS_PAYLOAD_OCTETS;
        parse_octets(parser, most);
    } else {
        parser->cursor.at += word.length;
        parse_size(parser, matching, most, payload);
    }
    return true;
}

void payload_finish(struct parser *parser, struct ss_payload *payload)
{
    if (payload->kind != SS_PAYLOAD_OCTETS || parser->muted)
        return;
    payload->length = parser->scratch->length;
    payload->octets = (uint8_t *)parse_copy(parser, parser->scratch->octets, payload->length);
    if (payload->length == 0)
        payload->kind = SS_PAYLOAD_NONE;
}
