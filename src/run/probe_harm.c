/* probe_harm: harm done on purpose to a frame that is finished: nothing is computed again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"

bool probe_is_harm(const char *name)
{
    return strcmp(name, "corrupt") == 0 || strcmp(name, "truncate") == 0 ||
           strcmp(name, "flip") == 0;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* A number that ends the text. */
static bool read_number(const char *text, uint32_t *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long value = strtoull(text, &end, hex ? 16 : 10);
    *number = (uint32_t)value;
    return *end == '\0' && value <= UINT32_MAX && strlen(text) <= 10;
}

static enum ss_status wrong(const char *text, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "corrupt takes LAYER.checksum, LAYER.FIELD=N, +N or -N, such as "
                          "tcp.checksum or ip.length+4, not '%.60s'",
                          text);
}

/* What stands after the field: nothing, "=3", "+4", "-4". */
static enum ss_status read_change(const char *text, const char *change, struct probe_harm *harm,
                                  struct ss_problem *problem)
{
    const struct ss_layer_field *field = &ss_layer_table(harm->layer)->fields[harm->field];
    if (field->bits > 32)
        return ss_problem_set(problem, SS_USAGE,
                              "corrupt=%.60s: an address is no number; set it as a field", text);
    harm->kind = HARM_CHECKSUM;
    if (*change == '\0' && field->computed == SS_COMPUTED_CHECKSUM)
        return SS_OK;
    if (*change == '\0' || !read_number(change + 1, &harm->amount))
        return wrong(text, problem);
    harm->kind = *change == '=' ? HARM_EQUAL : HARM_MORE;
    if (harm->kind == HARM_EQUAL && field->bits < 32 && harm->amount >> field->bits != 0)
        return ss_problem_set(problem, SS_USAGE, "corrupt=%.60s: %s has %u bits: 0 to %" PRIu32,
                              text, field->name, field->bits, (UINT32_C(1) << field->bits) - 1);
    if (*change == '-')
        harm->amount = 0 - harm->amount;
    return SS_OK;
}

static enum ss_status read_corruption(const char *text, struct probe_harm *harm,
                                      struct ss_problem *problem)
{
    char layer[PROBE_WORD_SIZE], name[PROBE_WORD_SIZE];
    size_t dot = strcspn(text, "."), end = strcspn(text, "=+-");
    if (text[dot] != '.' || dot > end || dot >= sizeof(layer) || end - dot - 1 >= sizeof(name))
        return wrong(text, problem);
    snprintf(layer, sizeof(layer), "%.*s", (int)dot, text);
    snprintf(name, sizeof(name), "%.*s", (int)(end - dot - 1), text + dot + 1);
    if (!ss_layer_from_name(layer, &harm->layer))
        return probe_no_layer(layer, problem);
    if (!ss_layer_field_from_name(harm->layer, name, &harm->field))
        return probe_no_field(harm->layer, name, problem);
    return read_change(text, text + end, harm, problem);
}

static enum ss_status read_harm(const char *name, const char *value, struct probe_harm *harm,
                                struct ss_problem *problem)
{
    if (strcmp(name, "corrupt") == 0)
        return read_corruption(value, harm, problem);
    bool flip = strcmp(name, "flip") == 0;
    const char *number = flip && strncmp(value, "bit:", 4) == 0 ? value + 4 : value;
    harm->kind = flip ? HARM_FLIP : HARM_TRUNCATE;
    if (read_number(number, &harm->amount) && (!flip || number != value))
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE, "%s takes %s, not '%.60s'", name,
                          flip ? "bit:N, counted from 0, such as bit:77"
                               : "how many octets are left, such as 17",
                          value);
}

enum ss_status probe_add_harm(struct ss_probe *probe, const char *name, const char *value,
                              struct ss_problem *problem)
{
    if (probe->harm_count == PROBE_HARMS_MAX)
        return ss_problem_set(problem, SS_USAGE, "at most %d corruptions at a time",
                              PROBE_HARMS_MAX);
    struct probe_harm *harm = &probe->harms[probe->harm_count];
    *harm = (struct probe_harm){.kind = HARM_CHECKSUM};
    snprintf(harm->text, sizeof(harm->text), "%s=%s", name, value);
    enum ss_status status = read_harm(name, value, harm, problem);
    probe->harm_count += status == SS_OK;
    return status;
}

/* --- doing --------------------------------------------------------------------------------------
 */

/*
 * Never the same sum in another shape: of 16 ones and 16 zeros both are zero (RFC 1071), and a zero
 * in UDP says that there is none (RFC 768).
 */
static uint32_t wrong_checksum(enum ss_layer_kind layer, uint32_t checksum)
{
    uint32_t other = checksum ^ 1;
    return layer == SS_LAYER_UDP && other == 0 ? 2 : other;
}

static uint32_t harmed(const struct probe_harm *harm, uint32_t value)
{
    switch (harm->kind) {
    case HARM_CHECKSUM:
        return wrong_checksum(harm->layer, value);
    case HARM_EQUAL:
        return harm->amount;
    case HARM_MORE:
        return value + harm->amount;
    case HARM_FLIP:
    case HARM_TRUNCATE:
        break;
    }
    return value;
}

static enum ss_status harm_field(const struct probe_harm *harm, const struct ss_stack *stack,
                                 uint8_t *octets, struct ss_problem *problem)
{
    size_t i = 0, bytes = 0;
    struct ss_layer layer = ss_layer_new(harm->layer);
    while (i < stack->count && stack->layers[i].kind != harm->layer)
        i++;
    if (i == stack->count)
        return ss_problem_set(problem, SS_USAGE, "%s: the frame has no layer %s", harm->text,
                              ss_layer_table(harm->layer)->name);
    bytes = ss_layer_bytes(&stack->layers[i]);
    layer.more = stack->layers[i].more;
    memcpy(layer.fixed, octets + stack->offset[i], bytes);
    if (ss_layer_table(harm->layer)->fields[harm->field].until > bytes)
        return ss_problem_set(problem, SS_USAGE, "%s: this %s has no such field", harm->text,
                              ss_layer_table(harm->layer)->name);
    ss_layer_put(&layer, harm->field, harmed(harm, ss_layer_get(&layer, harm->field)));
    memcpy(octets + stack->offset[i], layer.fixed, bytes);
    return SS_OK;
}

/* By flipping or cutting: `octets` are what the words described, without the wire's own header. */
static enum ss_status harm_octets(const struct probe_harm *harm, uint8_t *octets, size_t length,
                                  size_t *left, struct ss_problem *problem)
{
    bool flip = harm->kind == HARM_FLIP;
    if (flip ? harm->amount / 8 >= length : harm->amount > length)
        return ss_problem_set(problem, SS_USAGE, "%s: the frame has only %zu octets", harm->text,
                              length);
    if (flip)
        octets[harm->amount / 8] ^= (uint8_t)(0x80 >> harm->amount % 8);
    else if (harm->amount < *left)
        *left = harm->amount;
    return SS_OK;
}

/* Fields first, whatever was said first: a frame may be cut within them. */
enum ss_status probe_harm(const struct ss_probe *probe, const struct ss_stack *stack,
                          uint8_t *octets, size_t *length, struct ss_problem *problem)
{
    size_t described = *length - probe->link_bytes, left = described;
    enum ss_status status = SS_OK;
    for (size_t i = 0; i < probe->harm_count && status == SS_OK; i++) {
        const struct probe_harm *harm = &probe->harms[i];
        if (harm->kind == HARM_FLIP || harm->kind == HARM_TRUNCATE)
            status = harm_octets(harm, octets + probe->link_bytes, described, &left, problem);
        else
            status = harm_field(harm, stack, octets, problem);
    }
    if (status == SS_OK)
        *length = probe->link_bytes + left;
    return status;
}
