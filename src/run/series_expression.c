/*
 * series_expression: numbers, names, + - and *, all modulo 2^32, as in a scenario; here every name
 * has its number from the start, save `i`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "series_parts.h"
#include "synstep/tcp.h"

/* The reading under way. */
struct reading {
    const char *text;
    const char *at;
    const char *what;
    const struct expression_names *names;
    struct ss_problem *problem;
    enum ss_status status;
};

static bool is_letter(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || octet == '_';
}

static bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* The word that begins here: letters, digits and `_`; false when it is too long for a name. */
static bool take_word(struct reading *reading, char word[SS_SERIES_NAME_SIZE])
{
    size_t length = 0;
    while (is_letter(reading->at[length]) || is_digit(reading->at[length]))
        length++;
    bool fits = length < SS_SERIES_NAME_SIZE;
    snprintf(word, SS_SERIES_NAME_SIZE, "%.*s", (int)length, reading->at);
    reading->at += length;
    return fits;
}

/* Only the first thing that is wrong is told. */
static void wrong(struct reading *reading, const char *why, const char *word)
{
    if (reading->status == SS_OK)
        reading->status =
            ss_problem_set(reading->problem, SS_USAGE, "%s=%.80s: %s%s%s%s", reading->what,
                           reading->text, word ? "'" : "", word ? word : "", word ? "' " : "", why);
}

static int digit_value(char octet, unsigned base)
{
    int value = -1;
    if (is_digit(octet))
        value = octet - '0';
    else if (octet >= 'a' && octet <= 'f')
        value = octet - 'a' + 10;
    else if (octet >= 'A' && octet <= 'F')
        value = octet - 'A' + 10;
    return value < (int)base ? value : -1;
}

static uint32_t take_number(struct reading *reading)
{
    char word[SS_SERIES_NAME_SIZE];
    uint64_t value = 0;
    bool fits = take_word(reading, word);
    bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X') && word[2] != '\0';
    for (const char *at = word + (hex ? 2 : 0); *at && fits; at++) {
        int digit = digit_value(*at, hex ? 16 : 10);
        if (digit < 0) {
            wrong(reading, "is no number; 1460 and 0x5b4 are", word);
            return 0;
        }
        value = value * (hex ? 16 : 10) + (unsigned)digit;
        fits = value <= UINT32_MAX;
    }
    if (!fits)
        wrong(reading, "is too large: the largest number is 4294967295", word);
    return (uint32_t)value;
}

bool ss_series_known(const struct ss_series_names *names, const char *name, struct linear *sum)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i].text, name) == 0) {
            *sum = (struct linear){.base = names->list[i].value, .random = names->list[i].random};
            return true;
        }
    return false;
}

/* A capital letter is a number from now on: one for the whole series. */
static struct linear make_known(struct reading *reading, const char *name)
{
    struct ss_series_names *names = reading->names->names;
    struct linear made = {.base = ss_random_next32(&names->random), .random = true};
    if (names->count == SS_SERIES_NAMES_MAX) {
        wrong(reading, "is one name too many", name);
        return made;
    }
    size_t at = names->count++;
    snprintf(names->list[at].text, SS_SERIES_NAME_SIZE, "%s", name);
    names->list[at].value = made.base;
    names->list[at].random = true;
    return made;
}

static bool is_flag(const char *name, uint32_t *value)
{
    static const struct {
        const char *name;
        uint8_t flag;
    } flags[] = {{"FIN", SS_TCP_FIN}, {"SYN", SS_TCP_SYN}, {"RST", SS_TCP_RST},
                 {"PSH", SS_TCP_PSH}, {"ACK", SS_TCP_ACK}, {"URG", SS_TCP_URG},
                 {"ECE", SS_TCP_ECE}, {"CWR", SS_TCP_CWR}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcasecmp(flags[i].name, name) == 0) {
            *value = flags[i].flag;
            return true;
        }
    return false;
}

static struct linear take_name(struct reading *reading)
{
    char name[SS_SERIES_NAME_SIZE];
    struct linear sum = {0};
    if (!take_word(reading, name))
        wrong(reading, "is too long for a name", name);
    else if (strcmp(name, "i") == 0)
        sum.step = 1;
    else if ((reading->names->flags && is_flag(name, &sum.base)) ||
             ss_series_known(reading->names->names, name, &sum))
        return sum;
    else if (reading->names->flags)
        wrong(reading, "is no flag; there are FIN SYN RST PSH ACK URG ECE CWR, joined by +", name);
    else if (name[0] >= 'A' && name[0] <= 'Z')
        sum = make_known(reading, name);
    else
        wrong(reading,
              "is not known; i counts packets, capital letters are random numbers, --let "
              "gives a name its number",
              name);
    return sum;
}

static struct linear take_operand(struct reading *reading)
{
    if (is_letter(*reading->at))
        return take_name(reading);
    if (is_digit(*reading->at))
        return (struct linear){.base = take_number(reading)};
    wrong(reading, "a number or a name is expected", NULL);
    return (struct linear){0};
}

static struct linear take_product(struct reading *reading)
{
    struct linear product = take_operand(reading);
    while (*reading->at == '*' && reading->status == SS_OK) {
        reading->at++;
        struct linear factor = take_operand(reading);
        if (product.step != 0 && factor.step != 0)
            wrong(reading, "one side of * must be a number that is known from the start", NULL);
        product.step = product.base * factor.step + product.step * factor.base;
        product.base *= factor.base;
        product.random = product.random || factor.random;
    }
    return product;
}

enum ss_status ss_series_expression(const char *text, const char *what,
                                    const struct expression_names *names, struct linear *sum,
                                    struct ss_problem *problem)
{
    struct reading reading = {text, text, what, names, problem, SS_OK};
    struct linear total = {0};
    bool minus = *text == '-';
    if (minus || *text == '+')
        reading.at++;
    for (;;) {
        struct linear product = take_product(&reading);
        total.base += minus ? 0 - product.base : product.base;
        total.step += minus ? 0 - product.step : product.step;
        total.random = total.random || product.random;
        minus = *reading.at == '-';
        if ((!minus && *reading.at != '+') || reading.status != SS_OK)
            break;
        reading.at++;
    }
    if (*reading.at != '\0')
        wrong(&reading, "is not understood", reading.at);
    if (reading.status == SS_OK)
        *sum = total;
    return reading.status;
}
