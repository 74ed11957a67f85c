/* scenario_expression: numbers, names, + - and a constant factor, all modulo 2^32; values. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "scenario_parts.h"

/* --- numbers ------------------------------------------------------------------------------------
 */

static int digit_value(int octet, unsigned base)
{
    int value = -1;
    if (octet >= '0' && octet <= '9')
        value = octet - '0';
    else if (octet >= 'a' && octet <= 'f')
        value = octet - 'a' + 10;
    else if (octet >= 'A' && octet <= 'F')
        value = octet - 'A' + 10;
    return value < (int)base ? value : -1;
}

/* The number that a word says; false when it says none, or one of 2^32 or more in `*large`. */
static bool read_number(const struct word *word, uint32_t *number, bool *large)
{
    const char *octets = word_octets(word);
    bool hex = word->length > 2 && octets[0] == '0' && (octets[1] == 'x' || octets[1] == 'X');
    uint64_t value = 0;
    *large = false;
    for (size_t i = hex ? 2 : 0; i < word->length; i++) {
        int digit = digit_value((unsigned char)octets[i], hex ? 16 : 10);
        if (digit < 0)
            return false;
        value = value * (hex ? 16 : 10) + (unsigned)digit;
        *large = *large || value > UINT32_MAX;
        value &= UINT32_MAX;
    }
    *number = (uint32_t)value;
    return !*large;
}

static uint32_t parse_number(struct parser *parser)
{
    char shown[SCENARIO_SHOWN_SIZE];
    struct word word = cursor_word(parser, "");
    uint32_t number = 0;
    bool large;
    if (read_number(&word, &number, &large))
        return number;
    word_shown(shown, &word);
    if (large)
        parse_report(parser, &word, "%s is too large: the largest number is 4294967295", shown);
    else
        parse_report(parser, &word, "'%s' is no number; 1460 and 0x5b4 are", shown);
    return 0;
}

/* --- expressions --------------------------------------------------------------------------------
 */

/* A constant, times a name when there is one. */
struct product {
    uint32_t constant;
    bool named;
    uint16_t name;
};

static struct product parse_operand(struct parser *parser)
{
    struct product operand = {.constant = 1};
    int octet = cursor_peek(parser);
    if (name_begins(octet)) {
        struct word word = cursor_word(parser, "");
        operand.named = true;
        operand.name = name_known(parser, &word);
    } else if (octet >= '0' && octet <= '9') {
        operand.constant = parse_number(parser);
    } else {
        parse_report_here(parser, "a number or a name is expected");
    }
    return operand;
}

static const struct name *constant_name(const struct parser *parser, const struct product *product)
{
    const struct name *name = &parser->names.list[product->name];
    return name->constant ? name : NULL;
}

/* Of two names one must have a value that is known before anything runs. */
static void multiply(struct parser *parser, struct product *product, const struct product *factor,
                     const struct word *place)
{
    product->constant *= factor->constant;
    if (!factor->named)
        return;
    const struct name *constant = NULL;
    if (product->named)
        constant = constant_name(parser, factor);
    if (constant) {
        product->constant *= constant->value;
        return;
    }
    if (product->named)
        constant = constant_name(parser, product);
    if (constant)
        product->constant *= constant->value;
    else if (product->named)
        parse_report(parser, place, "one side of * must be a number that is known from the start");
    product->named = true;
    product->name = factor->name;
}

static void skip_spaces(struct parser *parser, enum spacing spacing)
{
    if (spacing == SPACED)
        cursor_skip_blanks(parser);
}

static struct product parse_product(struct parser *parser, enum spacing spacing)
{
    struct product product = parse_operand(parser);
    skip_spaces(parser, spacing);
    while (cursor_take(parser, "*")) {
        skip_spaces(parser, spacing);
        struct word place = cursor_lump(parser);
        struct product factor = parse_operand(parser);
        multiply(parser, &product, &factor, &place);
        skip_spaces(parser, spacing);
    }
    return product;
}

static size_t find_term(const struct ss_expression *expression, uint16_t name)
{
    size_t i = 0;
    while (i < expression->term_count && expression->terms[i].name != name)
        i++;
    return i;
}

static void add_term(struct parser *parser, struct ss_expression *expression, uint16_t name,
                     uint32_t factor)
{
    size_t at = find_term(expression, name);
    if (at == SS_SCENARIO_TERMS_MAX) {
        parse_report_here(parser, "an expression has at most %d names", SS_SCENARIO_TERMS_MAX);
        return;
    }
    if (at == expression->term_count) {
        expression->terms[at].name = name;
        expression->terms[at].factor = 0;
        expression->term_count++;
    }
    expression->terms[at].factor += factor;
    if (expression->terms[at].factor == 0)
        expression->terms[at] = expression->terms[--expression->term_count];
}

static void add(struct parser *parser, struct ss_expression *expression,
                const struct product *product, bool minus)
{
    uint32_t constant = minus ? 0 - product->constant : product->constant;
    if (product->named)
        add_term(parser, expression, product->name, constant);
    else
        expression->constant += constant;
}

void parse_expression(struct parser *parser, enum spacing spacing, struct ss_expression *expression)
{
    memset(expression, 0, sizeof(*expression));
    bool minus = cursor_take(parser, "-");
    if (!minus)
        (void)cursor_take(parser, "+");
    do {
        skip_spaces(parser, spacing);
        struct product product = parse_product(parser, spacing);
        add(parser, expression, &product, minus);
        minus = cursor_take(parser, "-");
    } while ((minus || cursor_take(parser, "+")) && !parser->stopped);
}

bool expression_constant(const struct parser *parser, const struct ss_expression *expression,
                         uint32_t *value)
{
    uint32_t sum = expression->constant;
    for (size_t i = 0; i < expression->term_count; i++) {
        const struct name *name = &parser->names.list[expression->terms[i].name];
        if (!name->constant)
            return false;
        sum += expression->terms[i].factor * name->value;
    }
    *value = sum;
    return true;
}

/* The word from `begin` to here, its trailing blanks left out. */
static struct word word_since(const struct parser *parser, const struct word *begin)
{
    struct word word = *begin;
    if (parser->cursor.line == begin->place.line)
        word.length = parser->cursor.at - begin->place.at;
    while (word.length > 0 && word_octets(&word)[word.length - 1] == ' ')
        word.length--;
    return word;
}

/* -1 rather than 4294967295. */
static int64_t as_meant(uint32_t value)
{
    return value > INT32_MAX ? (int64_t)value - UINT32_MAX - 1 : (int64_t)value;
}

uint32_t parse_constant(struct parser *parser, enum spacing spacing, const char *what, uint32_t low,
                        uint32_t high)
{
    struct ss_expression expression;
    struct word word = cursor_lump(parser);
    uint32_t value = low;
    parse_expression(parser, spacing, &expression);
    word = word_since(parser, &word);
    if (!expression_constant(parser, &expression, &value))
        parse_report(parser, &word, "%s must be known from the start: by numbers, param and let",
                     what);
    else if (value < low || value > high)
        parse_report(parser, &word, "%s is from %" PRIu32 " to %" PRIu32 ", not %" PRId64, what,
                     low, high, as_meant(value));
    else
        return value;
    return low;
}

/* --- values -------------------------------------------------------------------------------------
 */

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

void parse_value(struct parser *parser, const struct value_rules *rules, struct ss_value *value)
{
    if (rules->matching && cursor_take(parser, "*"))
        value->kind = SS_VALUE_ANY;
    else if (rules->bits == 0)
        parse_address(parser, value);
    else if (!parse_binding(parser, rules, value))
        parse_number_value(parser, rules, value);
}

/* --- durations ----------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    uint64_t us;
} units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"min", 60000000}};

static uint64_t unit_us(const char *octets, size_t length)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strlen(units[i].name) == length && memcmp(units[i].name, octets, length) == 0)
            return units[i].us;
    return 0;
}

static bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* A day at most: the digits that are too many for that do not matter. */
static const uint64_t duration_max_us = UINT64_C(86400) * 1000000;

/* Digits with a point, times `us`; false when a fraction of a microsecond is left. */
static bool scale(const char *digits, size_t length, uint64_t us, uint64_t *duration_us)
{
    uint64_t whole = 0, part = us;
    bool exact = true, fraction = false;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] == '.') {
            fraction = true;
            continue;
        }
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (!fraction && whole <= duration_max_us)
            whole = whole * 10 + digit * us;
        else if (fraction) {
            exact = exact && (part % 10 == 0 || digit == 0);
            part /= 10;
            whole += digit * part;
        }
    }
    *duration_us = whole;
    return exact;
}

uint64_t parse_duration(struct parser *parser, const char *what)
{
    struct word word = cursor_word(parser, ".");
    const char *octets = word_octets(&word);
    uint64_t duration_us = 0;
    size_t digits = 0, points = 0;
    while (digits < word.length && (is_digit(octets[digits]) || octets[digits] == '.'))
        points += octets[digits++] == '.';
    uint64_t us = unit_us(octets + digits, word.length - digits);
    if (digits == 0 || !is_digit(octets[0]) || !is_digit(octets[digits - 1]) || points > 1) {
        parser->cursor = word.place;
        parse_report_here(parser, "%s takes a time, such as 200ms or 1.5s", what);
        parser->cursor.at += word.length;
    } else if (us == 0)
        parse_report(parser, &word, "a time ends in us, ms, s or min: 200ms, 1.5s");
    else if (!scale(octets, digits, us, &duration_us))
        parse_report(parser, &word, "no time is finer than a microsecond");
    else if (duration_us > duration_max_us)
        parse_report(parser, &word, "a time is at most a day: 1440min");
    return duration_us;
}
