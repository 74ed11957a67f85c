/* scenario_value: what a field or an option is to say: a number, a range, a name, an address. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "scenario_parts.h"

enum { CARD_BITS = 8 * SS_ETHERNET_ADDRESS_BYTES };

/* Whether a whole value ends here: a gap, or the comma before the next. */
static bool value_ends(const struct parser *parser)
{
    return cursor_peek(parser) == ',' || cursor_at_gap(parser);
}

static uint32_t largest(const struct value_rules *rules)
{
    return rules->bits >= 32 ? UINT32_MAX : (UINT32_C(1) << rules->bits) - 1;
}

/* False when the expression is known to be too large for its field. */
static bool check_width(struct parser *parser, const struct value_rules *rules,
                        const struct word *word, const struct ss_expression *expression)
{
    uint32_t value;
    if (!expression_constant(parser, expression, &value) || value <= largest(rules))
        return true;
    parse_report(parser, word, "%s has %u bit%s: 0 to %" PRIu32, rules->what, rules->bits,
                 rules->bits == 1 ? "" : "s", largest(rules));
    return false;
}

/* Only numbers of 32 bits go around. */
static void check_order(struct parser *parser, const struct value_rules *rules,
                        const struct word *word, const struct ss_value *value)
{
    uint32_t low, high;
    if (rules->bits < 32 && expression_constant(parser, &value->low, &low) &&
        expression_constant(parser, &value->high, &high) && low > high)
        parse_report(parser, word, "the range goes backwards");
}

static void parse_high(struct parser *parser, const struct value_rules *rules,
                       const struct word *low, struct ss_value *value)
{
    struct word word = cursor_lump(parser);
    value->kind = SS_VALUE_RANGE;
    parse_expression(parser, TIGHT, &value->high);
    word = word_since(parser, &word);
    if (check_width(parser, rules, &word, &value->high)) {
        word = word_since(parser, low);
        check_order(parser, rules, &word, value);
    }
}

void parse_range(struct parser *parser, const struct value_rules *rules, struct ss_value *value)
{
    struct word word = cursor_lump(parser);
    parse_expression(parser, TIGHT, &value->low);
    if (cursor_take(parser, ".."))
        parse_high(parser, rules, &word, value);
    else
        parse_report(parser, &word, "%s is a range: K+1..K+9", rules->what);
}

/* A name that is not known and stands alone becomes known by what is there. */
static bool parse_binding(struct parser *parser, const struct value_rules *rules,
                          struct ss_value *value)
{
    struct cursor begin = parser->cursor;
    if (!name_begins(cursor_peek(parser)))
        return false;
    struct word word = cursor_word(parser, "");
    int found = name_find(parser, &word);
    bool is_new = found < 0 || parser->names.list[found].state == NAME_UNKNOWN;
    bool stands_alone = value_ends(parser);
    parser->cursor = begin;
    if (!is_new || !stands_alone || !name_read(parser, &word))
        return false;
    if (rules->refusal)
        parse_report(parser, &word, "%.*s is not known here yet: %s", (int)word.length,
                     word_octets(&word), rules->refusal);
    int index = name_make(parser, &word);
    if (index < 0)
        return true;
    name_bind(parser, (uint16_t)index);
    value->kind = SS_VALUE_BIND;
    value->low = (struct ss_expression){.term_count = 1};
    value->low.terms[0].name = (uint16_t)index;
    value->low.terms[0].factor = 1;
    return true;
}

static void parse_number_value(struct parser *parser, const struct value_rules *rules,
                               struct ss_value *value)
{
    struct word word = cursor_lump(parser);
    value->kind = SS_VALUE_EQUAL;
    parse_expression(parser, TIGHT, &value->low);
    struct word low = word_since(parser, &word);
    bool fits = check_width(parser, rules, &low, &value->low);
    if (!cursor_take(parser, ".."))
        return;
    if (!rules->matching)
        parse_report(parser, &word, "a range can be expected, not sent");
    else if (fits)
        parse_high(parser, rules, &word, value);
}

static void parse_address(struct parser *parser, struct ss_value *value)
{
    char text[SS_ADDRESS_TEXT_SIZE] = "", shown[SCENARIO_SHOWN_SIZE];
    struct word word = cursor_lump(parser);
    uint8_t octets[16];
    parser->cursor.at += word.length;
    if (word.length < sizeof(text))
        memcpy(text, word_octets(&word), word.length);
    value->kind = SS_VALUE_ADDRESS;
    if (strlen(text) != word.length)
        text[0] = '\0';
    if (inet_pton(AF_INET, text, octets) == 1)
        value->address = ss_address_v4(octets);
    else if (inet_pton(AF_INET6, text, octets) == 1)
        value->address = ss_address_v6(octets);
    else if (word.length == 0)
        parse_report(parser, &word, "an address is expected: 10.0.0.1, fd00::1");
    else
        parse_report(parser, &word, "'%s' is no address; 10.0.0.1 and fd00::1 are",
                     word_shown(shown, &word));
}

static int hex_digit(char letter)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = letter ? strchr(digits, letter) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

/* Six pairs of digits with colons between. */
static bool read_card(const struct word *word, uint8_t card[SS_ETHERNET_ADDRESS_BYTES])
{
    enum { PAIR = 3, TEXT = PAIR * SS_ETHERNET_ADDRESS_BYTES - 1 };
    const char *text = word_octets(word);
    if (word->length != TEXT)
        return false;
    for (size_t i = 0; i < SS_ETHERNET_ADDRESS_BYTES; i++) {
        int high = hex_digit(text[PAIR * i]), low = hex_digit(text[PAIR * i + 1]);
        bool last = i + 1 == SS_ETHERNET_ADDRESS_BYTES;
        if (high < 0 || low < 0 || (!last && text[PAIR * i + 2] != ':'))
            return false;
        card[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static void parse_card(struct parser *parser, struct ss_value *value)
{
    char shown[SCENARIO_SHOWN_SIZE];
    struct word word = cursor_lump(parser);
    parser->cursor.at += word.length;
    value->kind = SS_VALUE_CARD;
    if (word.length == 0)
        parse_report(parser, &word, "an Ethernet address is expected: 02:00:00:00:00:01");
    else if (!read_card(&word, value->card))
        parse_report(parser, &word, "'%s' is no Ethernet address; 02:00:00:00:00:01 is",
                     word_shown(shown, &word));
}

void parse_value(struct parser *parser, const struct value_rules *rules, struct ss_value *value)
{
    if (rules->matching && cursor_take(parser, "*"))
        value->kind = SS_VALUE_ANY;
    else if (rules->bits == 0)
        parse_address(parser, value);
    else if (rules->bits == CARD_BITS)
        parse_card(parser, value);
    else if (!parse_binding(parser, rules, value))
        parse_number_value(parser, rules, value);
}
