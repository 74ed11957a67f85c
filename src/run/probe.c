/* probe: the layers and values of a series, and the n-th of its frames. */
#include "synstep/probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"

static struct probe_fields look_up_fields(void)
{
    struct probe_fields fields = {0};
    bool known = ss_layer_field_from_name(SS_LAYER_IP, "id", &fields.ip_id) &&
                 ss_layer_field_from_name(SS_LAYER_IP, "offset", &fields.ip_offset) &&
                 ss_layer_field_from_name(SS_LAYER_FRAG, "offset", &fields.frag_offset) &&
                 ss_layer_field_from_name(SS_LAYER_ETHER, "dst", &fields.ether_dst);
    assert(known);
    (void)known;
    return fields;
}

struct ss_probe *ss_probe_new(uint64_t seed, const struct ss_probe_reader *reader)
{
    struct ss_probe *probe = calloc(1, sizeof(*probe));
    if (!probe)
        return NULL;
    probe->seed = seed;
    probe->fields = look_up_fields();
    probe->names.random = ss_random_seeded(seed);
    if (reader)
        probe->reader = *reader;
    probe->count = 1;
    return probe;
}

void ss_probe_free(struct ss_probe *probe)
{
    if (!probe)
        return;
    for (size_t i = 0; i < probe->value_count; i++)
        ss_series_free(&probe->values[i].series);
    for (size_t i = 0; i < SS_STACK_LAYERS_MAX; i++)
        free(probe->rest[i]);
    probe_fast_free(probe->fast);
    free(probe);
}

enum ss_status ss_probe_let(struct ss_probe *probe, const char *text, struct ss_problem *problem)
{
    return ss_series_let(&probe->names, text, problem);
}

int probe_find(const struct ss_probe *probe, enum ss_layer_kind kind)
{
    for (size_t i = 0; i < probe->stack.count; i++)
        if (probe->stack.layers[i].kind == kind)
            return (int)i;
    return -1;
}

bool ss_probe_has(const struct ss_probe *probe, enum ss_layer_kind kind)
{
    return probe_find(probe, kind) >= 0;
}

bool ss_probe_is_empty(const struct ss_probe *probe)
{
    return probe->stack.count == 0;
}

enum ss_status probe_insert(struct ss_probe *probe, size_t at, enum ss_layer_kind kind,
                            struct ss_problem *problem)
{
    struct ss_stack *stack = &probe->stack;
    size_t behind = stack->count - at;
    if (stack->count == SS_STACK_LAYERS_MAX)
        return ss_problem_set(problem, SS_USAGE, "%s: a frame has at most %d layers here",
                              ss_layer_table(kind)->name, SS_STACK_LAYERS_MAX);
    memmove(&stack->layers[at + 1], &stack->layers[at], behind * sizeof(stack->layers[0]));
    memmove(&probe->rest[at + 1], &probe->rest[at], behind * sizeof(probe->rest[0]));
    memmove(&probe->rest_given[at + 1], &probe->rest_given[at], behind * sizeof(bool));
    stack->layers[at] = ss_layer_new(kind);
    probe->rest[at] = NULL;
    probe->rest_given[at] = false;
    stack->count++;
    for (size_t i = 0; i < probe->value_count; i++)
        probe->values[i].layer += probe->values[i].layer >= at;
    return SS_OK;
}

struct probe_bits probe_bits_of(const struct probe_value *value)
{
    if (value->option_at > 0)
        return (struct probe_bits){value->option_at * 8, value->series.bits};
    const struct ss_layer_field *field =
        &ss_layer_table(value->series.layer)->fields[value->series.field];
    return (struct probe_bits){field->bit, field->bits};
}

/* Some fields overlap: the flags of TCP and each of them, what ICMP's types make of a word. */
bool probe_overlap(struct probe_bits a, struct probe_bits b)
{
    return a.first < b.first + b.count && b.first < a.first + a.count;
}

bool probe_is_given(const struct ss_probe *probe, size_t layer, size_t field)
{
    const struct ss_layer_field *fields = ss_layer_table(probe->stack.layers[layer].kind)->fields;
    const struct probe_bits bits = {fields[field].bit, fields[field].bits};
    for (size_t i = 0; i < probe->value_count; i++)
        if (probe->values[i].layer == layer &&
            probe_overlap(probe_bits_of(&probe->values[i]), bits))
            return true;
    return false;
}

/* Before octets that stand last. */
static int end_of_headers(const struct ss_probe *probe)
{
    size_t count = probe->stack.count;
    bool octets = count > 0 && probe->stack.layers[count - 1].kind == SS_LAYER_RAW;
    return (int)(octets ? count - 1 : count);
}

enum ss_status ss_probe_usual(struct ss_probe *probe, enum ss_layer_kind kind, const char *field,
                              const char *value, struct ss_problem *problem)
{
    int at = probe_find(probe, kind);
    size_t index;
    enum ss_status status = SS_OK;
    if (at < 0) {
        at = end_of_headers(probe);
        status = probe_insert(probe, (size_t)at, kind, problem);
    }
    if (status != SS_OK ||
        (ss_layer_field_from_name(kind, field, &index) && probe_is_given(probe, (size_t)at, index)))
        return status;
    return probe_set(probe, (size_t)at, field, value, problem);
}

enum ss_status ss_probe_prepend(struct ss_probe *probe, enum ss_layer_kind kind,
                                struct ss_problem *problem)
{
    size_t at = 0;
    while (at < probe->stack.count && (probe->stack.layers[at].kind == SS_LAYER_ETHER ||
                                       probe->stack.layers[at].kind == SS_LAYER_VLAN))
        at++;
    return probe_insert(probe, at, kind, problem);
}

uint64_t ss_probe_count(const struct ss_probe *probe)
{
    return probe->count;
}

enum ss_link ss_probe_link(const struct ss_probe *probe)
{
    return probe->stack.layers[0].kind == SS_LAYER_ETHER ? SS_LINK_ETHERNET : SS_LINK_IP;
}

uint64_t ss_probe_next_head(const struct ss_probe *probe, uint64_t n)
{
    return probe->harm_count == 0 && probe->fast ? probe_fast_next_head(probe->fast, n) : n + 1;
}

bool ss_probe_is_corrupted(const struct ss_probe *probe)
{
    return probe->harm_count > 0;
}

/* Its random numbers are none of another field's. */
struct ss_series_at probe_place_in(const struct ss_probe *probe, size_t i, uint64_t n)
{
    const struct probe_value *value = &probe->values[i];
    bool list = value->series.count > 1; /* or two long divisions are spared */
    return (struct ss_series_at){
        .value = list ? n / value->stride % value->series.count : 0,
        .packet = n,
        .seed = probe->seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15),
    };
}

/*
 * An id of 0 would be filled in by the kernel of a raw socket; and datagrams of one series that may
 * be fragments need one each (RFC 6864 section 4.3).
 */
uint16_t probe_id(const struct ss_probe *probe, uint64_t n)
{
    return (uint16_t)(1 + (probe->seed + n) % UINT16_MAX);
}

static void put_id(const struct ss_probe *probe, uint64_t n, struct ss_layer *layer)
{
    size_t id = probe->fields.ip_id;
    if (layer->kind == SS_LAYER_IP && !ss_layer_is_set(layer, id))
        ss_layer_put(layer, id, probe_id(probe, n));
}

/* The options of each layer, where numbers among them differ from frame to frame. */
struct options {
    uint8_t octets[SS_STACK_LAYERS_MAX][PROBE_OPTIONS_MAX];
};

/* Into a copy: the probe's own are for all frames. More than fit are refused by the build. */
static void put_option(const struct ss_probe *probe, const struct probe_value *value,
                       uint32_t number, struct ss_layer *layer, struct options *options)
{
    uint8_t *copy = options->octets[value->layer];
    if (layer->rest_length > PROBE_OPTIONS_MAX)
        return;
    if (layer->rest == probe->rest[value->layer])
        memcpy(copy, layer->rest, layer->rest_length);
    layer->rest = copy;
    uint8_t *at = copy + value->option_at - ss_layer_table(layer->kind)->fixed_bytes;
    for (size_t i = value->series.bits / 8; i-- > 0; number >>= 8)
        at[i] = (uint8_t)number;
}

/* Lists make all combinations; a field that was given twice is what it was given last. */
static void put_values(const struct ss_probe *probe, uint64_t n, struct ss_stack *stack,
                       struct options *options)
{
    for (size_t i = 0; i < probe->value_count; i++) {
        const struct probe_value *value = &probe->values[i];
        const struct ss_series_at at = probe_place_in(probe, i, n);
        struct ss_layer *layer = &stack->layers[value->layer];
        if (value->option_at > 0)
            put_option(probe, value, ss_series_number(&value->series, &at), layer, options);
        else
            ss_series_put(&value->series, &at, layer);
    }
    for (size_t i = 0; i < stack->count; i++)
        put_id(probe, n, &stack->layers[i]);
}

uint16_t ss_probe_source_port(const struct ss_probe *probe)
{
    uint16_t port = 0;
    for (size_t i = 0; i < probe->value_count; i++) {
        const struct probe_value *value = &probe->values[i];
        enum ss_layer_kind kind = probe->stack.layers[value->layer].kind;
        const struct ss_series_item *item = value->series.items;
        if (value->option_at > 0 || (kind != SS_LAYER_TCP && kind != SS_LAYER_UDP) ||
            strcmp(ss_layer_table(kind)->fields[value->series.field].name, "sport") != 0)
            continue;
        bool one = value->series.count == 1 && item->kind != SS_SERIES_RANDOM && item->step == 0;
        port = one ? (uint16_t)item->first : 0;
    }
    return port;
}

/*
 * RFC 791 section 3.2: what is put together again is at most 65,535 octets. A fragment that would
 * end beyond is refused: no length field could say what it makes.
 */
static enum ss_status check_fragment(const struct ss_probe *probe, const struct ss_stack *stack,
                                     size_t length, struct ss_problem *problem)
{
    for (size_t i = 0; i < stack->count; i++) {
        const struct ss_layer *layer = &stack->layers[i];
        size_t field =
            layer->kind == SS_LAYER_IP ? probe->fields.ip_offset : probe->fields.frag_offset;
        size_t begin = stack->offset[i] + ss_layer_table(layer->kind)->fixed_bytes;
        if (layer->kind != SS_LAYER_IP && layer->kind != SS_LAYER_FRAG)
            continue;
        size_t end = (size_t)ss_layer_get(layer, field) * 8 + length - begin;
        if (ss_layer_get(layer, field) > 0 && end > UINT16_MAX)
            return ss_problem_set(problem, SS_USAGE,
                                  "%s offset %u: the fragment ends at octet %zu, beyond the 65,535 "
                                  "of the largest datagram; offset counts units of 8 octets",
                                  ss_layer_table(layer->kind)->name, ss_layer_get(layer, field),
                                  end);
    }
    return SS_OK;
}

enum ss_status probe_lay(const struct ss_probe *probe, uint64_t n, struct ss_stack *stack,
                         uint8_t *octets, size_t size, size_t *length, struct ss_problem *problem)
{
    struct options options;
    *stack = probe->stack;
    put_values(probe, n, stack, &options);
    probe_put_group(probe, stack);
    enum ss_status status = ss_stack_build(stack, octets, size, length, problem);
    for (size_t i = 0; i < stack->count; i++)
        stack->layers[i].rest = probe->stack.layers[i].rest;
    return status == SS_OK ? check_fragment(probe, stack, *length, problem) : status;
}

enum ss_status ss_probe_build(const struct ss_probe *probe, uint64_t n, uint8_t *octets,
                              size_t size, size_t *length, struct ss_problem *problem)
{
    struct ss_stack stack;
    struct probe_built built = {.stack = &stack};
    enum ss_status status = SS_OK;
    if (!probe_fast_build(probe, n, octets, size, &built))
        status = probe_lay(probe, n, &stack, octets, size, &built.length, problem);
    if (status == SS_OK)
        status = probe_harm(probe, built.stack, octets, &built.length, problem);
    if (status == SS_OK)
        *length = built.length;
    return status;
}
