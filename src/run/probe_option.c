/* probe_option: TCP options as a scenario writes them (RFC 9293 section 3.2, 7323, 2018). */
#include <stdio.h>
#include <string.h>

#include "probe_parts.h"
#include "series_parts.h"
#include "synstep/bytes.h"
#include "synstep/tcp_option.h"

enum { NUMBERS_MAX = 2 * SS_TCP_SACK_BLOCKS_MAX, NUMBER_TEXT_SIZE = 64 };

/* How an option's value is written: numbers of so many octets each. */
static const struct option {
    const char *name;
    uint8_t kind;
    uint8_t bytes; /* of each number */
    uint8_t least; /* numbers */
    uint8_t most;
    const char *example;
} options[] = {
    {"mss", SS_TCP_OPTION_MSS, 2, 1, 1, "mss=1460"},
    {"wscale", SS_TCP_OPTION_WINDOW_SCALE, 1, 1, 1, "wscale=7"},
    {"sackok", SS_TCP_OPTION_SACK_PERMITTED, 0, 0, 0, "sackok"},
    {"ts", SS_TCP_OPTION_TIMESTAMPS, 4, 2, 2, "ts=1,0"},
    {"sack", SS_TCP_OPTION_SACK, 4, 2, NUMBERS_MAX, "sack=J+1..J+9"},
    {"nop", SS_TCP_OPTION_NOP, 0, 0, 0, "nop"},
    {"eol", SS_TCP_OPTION_END, 0, 0, 0, "eol"},
    {"opt", 0, 0, 0, 0, "opt=254:0a0b"},
};

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

bool probe_is_option(const char *name)
{
    return find(name) != NULL;
}

static enum ss_status wrong(const struct option *option, const char *value,
                            struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE, "tcp %s is written %s, not %s=%.60s", option->name,
                          option->example, option->name, value);
}

/* Numbers parted by "," and "..", each the same in all packets. */
static enum ss_status read_numbers(struct ss_probe *probe, const struct option *option,
                                   const char *text, uint32_t numbers[NUMBERS_MAX], size_t *count,
                                   struct ss_problem *problem)
{
    const char *at = text;
    for (*count = 0; *at; (*count)++) {
        char number[NUMBER_TEXT_SIZE];
        struct linear sum = {0};
        size_t length = strcspn(at, ",.");
        if (*count == option->most || length == 0 || length >= sizeof(number))
            return wrong(option, text, problem);
        snprintf(number, sizeof(number), "%.*s", (int)length, at);
        const struct expression_names names = {&probe->names, false};
        enum ss_status status = ss_series_expression(number, option->name, &names, &sum, problem);
        if (status != SS_OK)
            return status;
        if (sum.step != 0 ||
            (option->bytes < 4 && !sum.random && sum.base >> 8 * option->bytes != 0))
            return ss_problem_set(problem, SS_USAGE,
                                  "tcp %s has %d bits and is the same in all "
                                  "packets: not %s",
                                  option->name, 8 * option->bytes, number);
        numbers[*count] = sum.base;
        at += length;
        at += *at == '.' && at[1] == '.' ? 2 : *at == ',';
    }
    return SS_OK;
}

static void put(uint8_t *at, uint32_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

/* "254:0a0b" or "254": kind and data. */
static enum ss_status add_raw(struct ss_probe *probe, size_t layer, const char *value,
                              struct ss_problem *problem)
{
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX];
    size_t length = 0, kind = 0, digits = strspn(value, "0123456789");
    bool data = value[digits] == ':';
    for (size_t i = 0; i < digits && kind <= UINT8_MAX; i++)
        kind = kind * 10 + (size_t)(value[i] - '0');
    if (digits == 0 || kind > UINT8_MAX || (!data && value[digits] != '\0') ||
        (data && !probe_read_hex(value + digits + 1, octets + 2, sizeof(octets) - 2, &length)))
        return wrong(find("opt"), value, problem);
    octets[0] = (uint8_t)kind;
    octets[1] = (uint8_t)(length + 2);
    return probe_append(probe, layer, octets, length + 2, problem);
}

enum ss_status probe_add_option(struct ss_probe *probe, size_t layer, const char *name,
                                const char *value, struct ss_problem *problem)
{
    const struct option *option = find(name);
    uint8_t octets[2 + 4 * NUMBERS_MAX];
    uint32_t numbers[NUMBERS_MAX];
    size_t count = 0;
    if (strcmp(name, "opt") == 0)
        return add_raw(probe, layer, value, problem);
    enum ss_status status = read_numbers(probe, option, value, numbers, &count, problem);
    if (status != SS_OK)
        return status;
    if (count < option->least || (option->bytes == 4 && count % 2 != 0))
        return wrong(option, value, problem);
    bool single = option->kind <= SS_TCP_OPTION_NOP; /* without a length */
    octets[0] = option->kind;
    octets[1] = (uint8_t)(2 + count * option->bytes);
    for (size_t i = 0; i < count; i++)
        put(octets + 2 + i * option->bytes, numbers[i], option->bytes);
    return probe_append(probe, layer, octets, single ? 1 : octets[1], problem);
}
