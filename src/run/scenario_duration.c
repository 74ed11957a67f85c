/* scenario_duration: 200ms, 1.5s. */
#include <string.h>

#include "scenario_parts.h"

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
