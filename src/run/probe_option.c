/* probe_option: TCP options as a scenario writes them (RFC 9293 section 3.2, 7323, 2018). */
#include <stdio.h>
#include <string.h>

#include "probe_parts.h"
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

/* What an option carries: each number may be another one in each packet. */
struct numbers {
    size_t count;
    struct ss_series list[NUMBERS_MAX];
};

static void free_numbers(struct numbers *numbers)
{
    while (numbers->count > 0)
        ss_series_free(&numbers->list[--numbers->count]);
}

static enum ss_status read_number(struct ss_probe *probe, const struct option *option,
                                  const char *text, struct numbers *numbers,
                                  struct ss_problem *problem)
{
    char what[16];
    snprintf(what, sizeof(what), "tcp %s", option->name);
    enum ss_status status =
        ss_series_read_number(text, what, (uint8_t)(8 * option->bytes), &probe->names,
                              &numbers->list[numbers->count], problem);
    numbers->count += status == SS_OK;
    return status;
}

/* One number, whose values may be a list; or several, parted by "," and "..". */
static enum ss_status read_numbers(struct ss_probe *probe, const struct option *option,
                                   const char *text, struct numbers *numbers,
                                   struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    if (option->most == 1)
        return read_number(probe, option, text, numbers, problem);
    for (const char *at = text; *at && status == SS_OK;) {
        char number[NUMBER_TEXT_SIZE];
        size_t length = strcspn(at, ",.");
        if (numbers->count == option->most || length == 0 || length >= sizeof(number))
            return wrong(option, text, problem);
        snprintf(number, sizeof(number), "%.*s", (int)length, at);
        status = read_number(probe, option, number, numbers, problem);
        at += length;
        at += *at == '.' && at[1] == '.' ? 2 : *at == ',';
    }
    return status;
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

/* Kind and length, and room for the numbers, which are put there in each frame. */
static enum ss_status add_numbers(struct ss_probe *probe, size_t layer, const struct option *option,
                                  struct numbers *numbers, struct ss_problem *problem)
{
    uint8_t octets[2 + 4 * NUMBERS_MAX] = {option->kind};
    const struct ss_layer *to = &probe->stack.layers[layer];
    size_t begin = ss_layer_table(to->kind)->fixed_bytes + to->rest_length;
    bool single = option->kind <= SS_TCP_OPTION_NOP; /* without a length */
    octets[1] = (uint8_t)(2 + numbers->count * option->bytes);
    if (probe->value_count + numbers->count > PROBE_VALUES_MAX)
        return ss_problem_set(problem, SS_USAGE, "at most %d fields can be set", PROBE_VALUES_MAX);
    enum ss_status status = probe_append(probe, layer, octets, single ? 1 : octets[1], problem);
    for (size_t i = 0; i < numbers->count && status == SS_OK; i++)
        probe->values[probe->value_count++] = (struct probe_value){
            .layer = layer,
            .option_at = begin + 2 + i * option->bytes,
            .stride = 1,
            .series = numbers->list[i],
        };
    if (status == SS_OK)
        numbers->count = 0; /* they are the probe's */
    return status;
}

enum ss_status probe_add_option(struct ss_probe *probe, size_t layer, const char *name,
                                const char *value, struct ss_problem *problem)
{
    const struct option *option = find(name);
    struct numbers numbers = {0};
    if (strcmp(name, "opt") == 0)
        return add_raw(probe, layer, value, problem);
    if ((option->most == 0) != (value[0] == '\0'))
        return wrong(option, value, problem);
    enum ss_status status = read_numbers(probe, option, value, &numbers, problem);
    if (status == SS_OK &&
        (numbers.count < option->least || (option->bytes == 4 && numbers.count % 2 != 0)))
        status = wrong(option, value, problem);
    if (status == SS_OK)
        status = add_numbers(probe, layer, option, &numbers, problem);
    free_numbers(&numbers);
    return status;
}
