/* scenario_expression: numbers, names, + - and a constant factor, all modulo 2^32. */
#include <inttypes.h>
#include <string.h>

#include "scenario_parts.h"

/* --- numbers -----------------------------------------------------------------------------------*/

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

/* --- expressions -------------------------------------------------------------------------------*/

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

struct word word_since(const struct parser *parser, const struct word *begin)
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
