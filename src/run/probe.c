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
    stack->layers[at] = ss_layer_new(kind);
    probe->rest[at] = NULL;
    stack->count++;
    for (size_t i = 0; i < probe->value_count; i++)
        probe->values[i].layer += probe->values[i].layer >= at;
    return SS_OK;
}

/* Some fields overlap: the flags of TCP and each of them, what ICMP's types make of a word. */
static bool overlap(const struct ss_layer_field *a, const struct ss_layer_field *b)
{
    return a->bit < b->bit + b->bits && b->bit < a->bit + a->bits;
}

bool probe_is_given(const struct ss_probe *probe, size_t layer, size_t field)
{
    const struct ss_layer_field *fields = ss_layer_table(probe->stack.layers[layer].kind)->fields;
    for (size_t i = 0; i < probe->value_count; i++)
        if (probe->values[i].layer == layer &&
            overlap(&fields[probe->values[i].series.field], &fields[field]))
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

bool ss_probe_is_corrupted(const struct ss_probe *probe)
{
    return probe->harm_count > 0;
}

/* What the value `i` is in frame `n`; its random numbers are none of another field's. */
static struct ss_series_at place_in(const struct ss_probe *probe, size_t i, uint64_t n)
{
    const struct probe_value *value = &probe->values[i];
    return (struct ss_series_at){
        .value = n / value->stride % value->series.count,
        .packet = n,
        .seed = probe->seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15),
    };
}

/*
 * An id of 0 would be filled in by the kernel of a raw socket; and datagrams of one series that may
 * be fragments need one each (RFC 6864 section 4.3).
 */
static void put_id(const struct ss_probe *probe, uint64_t n, struct ss_layer *layer)
{
    size_t id = probe->fields.ip_id;
    if (layer->kind == SS_LAYER_IP && !ss_layer_is_set(layer, id))
        ss_layer_put(layer, id, (uint32_t)(1 + (probe->seed + n) % UINT16_MAX));
}

/* Lists make all combinations; a field that was given twice is what it was given last. */
static void put_values(const struct ss_probe *probe, uint64_t n, struct ss_stack *stack)
{
    for (size_t i = 0; i < probe->value_count; i++) {
        const struct probe_value *value = &probe->values[i];
        const struct ss_series_at at = place_in(probe, i, n);
        ss_series_put(&value->series, &at, &stack->layers[value->layer]);
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
        if ((kind != SS_LAYER_TCP && kind != SS_LAYER_UDP) ||
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

enum ss_status ss_probe_build(const struct ss_probe *probe, uint64_t n, uint8_t *octets,
                              size_t size, size_t *length, struct ss_problem *problem)
{
    struct ss_stack stack = probe->stack;
    size_t built = 0;
    put_values(probe, n, &stack);
    probe_put_group(probe, &stack);
    enum ss_status status = ss_stack_build(&stack, octets, size, &built, problem);
    if (status == SS_OK)
        status = check_fragment(probe, &stack, built, problem);
    if (status == SS_OK)
        status = probe_harm(probe, &stack, octets, &built, problem);
    if (status == SS_OK)
        *length = built;
    return status;
}
