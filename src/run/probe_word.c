/* probe_word: one word of the command line: a layer, a field of the one before it, or harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"
#include "synstep/words.h"

/* --- what there is not --------------------------------------------------------------------------
 */

enum ss_status probe_no_layer(const char *name, struct ss_problem *problem)
{
    const char *names[SS_LAYER_KINDS];
    for (int i = 0; i < SS_LAYER_KINDS; i++)
        names[i] = ss_layer_table((enum ss_layer_kind)i)->name;
    const char *nearest = ss_words_nearest(name, names, SS_LAYER_KINDS);
    if (nearest)
        return ss_problem_set(problem, SS_USAGE, "no layer '%.40s'; did you mean %s?", name,
                              nearest);
    return ss_problem_set(problem, SS_USAGE,
                          "no layer '%.40s'; there are ether vlan arp ip ip6 hop route frag dest "
                          "tcp udp icmp icmp6 igmp raw",
                          name);
}

/* Its fields, its rest, and for TCP the options. */
static size_t names_of(enum ss_layer_kind kind, const char *names[SS_LAYER_FIELDS_MAX + 16])
{
    static const char *const options[] = {"mss",  "wscale", "sackok", "ts",
                                          "sack", "nop",    "eol",    "opt"};
    const struct ss_layer_table *table = ss_layer_table(kind);
    size_t count = 0;
    for (size_t i = 0; i < table->field_count; i++)
        names[count++] = table->fields[i].name;
    for (size_t i = 0; kind == SS_LAYER_TCP && i < sizeof(options) / sizeof(options[0]); i++)
        names[count++] = options[i];
    if (table->rest)
        names[count++] = table->rest;
    names[count++] = "data";
    return count;
}

enum ss_status probe_no_field(enum ss_layer_kind kind, const char *name, struct ss_problem *problem)
{
    const char *names[SS_LAYER_FIELDS_MAX + 16];
    const char *nearest = ss_words_nearest(name, names, names_of(kind, names));
    const char *layer = ss_layer_table(kind)->name;
    if (nearest)
        return ss_problem_set(problem, SS_USAGE, "%s has no field '%.40s'; did you mean %s?", layer,
                              name, nearest);
    return ss_problem_set(problem, SS_USAGE,
                          "%s has no field '%.40s'; synstep send --fields %s lists them", layer,
                          name, layer);
}

/* --- fields -------------------------------------------------------------------------------------
 */

enum ss_status probe_append(struct ss_probe *probe, size_t layer, const uint8_t *octets,
                            size_t length, struct ss_problem *problem)
{
    struct ss_layer *to = &probe->stack.layers[layer];
    if (to->rest_length + length > SS_FRAME_BYTES_MAX)
        return ss_problem_set(problem, SS_USAGE,
                              "%s: %zu octets are more than the 65,535 of the largest datagram",
                              ss_layer_table(to->kind)->name, to->rest_length + length);
    uint8_t *rest = realloc(probe->rest[layer], to->rest_length + length + 1);
    if (!rest)
        return ss_problem_set(problem, SS_IO, "out of memory for the octets");
    if (length > 0)
        memcpy(rest + to->rest_length, octets, length);
    probe->rest[layer] = rest;
    to->rest = rest;
    to->rest_length += length;
    return SS_OK;
}

/* Octets for what follows the fixed part, or for a layer of octets behind this one. */
static enum ss_status set_octets(struct ss_probe *probe, size_t layer, bool behind,
                                 const char *value, struct ss_problem *problem)
{
    uint8_t *octets = NULL;
    size_t length = 0;
    enum ss_status status = probe_read_octets(probe, value, &octets, &length, problem);
    if (status == SS_OK && behind) {
        bool there = layer + 1 < probe->stack.count;
        layer++;
        if (!there || probe->stack.layers[layer].kind != SS_LAYER_RAW)
            status = probe_insert(probe, layer, SS_LAYER_RAW, problem);
    }
    if (status == SS_OK)
        status = probe_append(probe, layer, octets, length, problem);
    probe->rest_given[layer] = true;
    free(octets);
    return status;
}

static enum ss_status set_series(struct ss_probe *probe, size_t layer, size_t field,
                                 const char *value, struct ss_problem *problem)
{
    if (probe->value_count == PROBE_VALUES_MAX)
        return ss_problem_set(problem, SS_USAGE, "at most %d fields can be set", PROBE_VALUES_MAX);
    struct probe_value *made = &probe->values[probe->value_count];
    *made = (struct probe_value){.layer = layer, .stride = 1};
    enum ss_status status = ss_series_read(value, probe->stack.layers[layer].kind, field,
                                           &probe->names, &made->series, problem);
    probe->value_count += status == SS_OK;
    return status;
}

enum ss_status probe_set(struct ss_probe *probe, size_t layer, const char *field, const char *value,
                         struct ss_problem *problem)
{
    enum ss_layer_kind kind = probe->stack.layers[layer].kind;
    const char *rest = ss_layer_table(kind)->rest;
    size_t index;
    if (ss_layer_field_from_name(kind, field, &index))
        return set_series(probe, layer, index, value, problem);
    if (kind == SS_LAYER_TCP && probe_is_option(field))
        return probe_add_option(probe, layer, field, value, problem);
    if (rest && strcmp(rest, field) == 0)
        return set_octets(probe, layer, false, value, problem);
    if (strcmp(field, "data") == 0)
        return set_octets(probe, layer, kind != SS_LAYER_RAW, value, problem);
    return probe_no_field(kind, field, problem);
}

/* --- words --------------------------------------------------------------------------------------
 */

/* What stands before the =, and what after it (NULL: there is none). */
static const char *part(const char *word, char name[PROBE_WORD_SIZE])
{
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(name, PROBE_WORD_SIZE, "%.*s", length < INT16_MAX ? (int)length : INT16_MAX, word);
    return equals ? equals + 1 : NULL;
}

bool ss_probe_is_word(const char *word)
{
    enum ss_layer_kind kind;
    return strchr(word, '=') || ss_layer_from_name(word, &kind) || probe_is_option(word);
}

/* The layer that FIELD=VALUE is for: octets behind one are told as its own. */
static size_t last_layer(const struct ss_probe *probe)
{
    size_t last = probe->stack.count - 1;
    bool behind = probe->stack.layers[last].kind == SS_LAYER_RAW && last > 0 && !probe->raw_named;
    return behind ? last - 1 : last;
}

enum ss_status ss_probe_word(struct ss_probe *probe, const char *word, struct ss_problem *problem)
{
    char name[PROBE_WORD_SIZE];
    enum ss_layer_kind kind;
    const char *value = part(word, name);
    if (value && probe_is_harm(name))
        return probe_add_harm(probe, name, value, problem);
    if (!value && ss_layer_from_name(name, &kind)) {
        probe->raw_named = kind == SS_LAYER_RAW;
        return probe_insert(probe, probe->stack.count, kind, problem);
    }
    if (!value && !probe_is_option(name))
        return probe_no_layer(word, problem);
    if (probe->stack.count == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "'%.60s' comes after the layer that it is for: tcp %.60s", word,
                              word);
    return probe_set(probe, last_layer(probe), name, value ? value : "", problem);
}
