/*
 * dissection_json: a frame explained for programs, in one line. Each key here stands in
 * man/synstep-explain.1, and no other.
 */
#include <jansson.h>
#include <stdlib.h>

#include "dissection_parts.h"
#include "json_parts.h"
#include "synstep/headers.h"
#include "text.h"

/* Octets as hex digits without gaps, as `synstep explain` takes them again. */
static json_t *hex(const uint8_t *octets, size_t length)
{
    char *digits = malloc(2 * length + 1);
    if (!digits)
        return NULL;
    for (size_t i = 0; i < length; i++)
        snprintf(digits + 2 * i, 3, "%02x", octets[i]);
    json_t *text = json_stringn(digits, 2 * length);
    free(digits);
    return text;
}

static json_t *hex_number(uint16_t number)
{
    return json_sprintf("0x%04x", number);
}

/* --- fields --------------------------------------------------------------------------------------
 */

struct fields {
    json_t *list;
    const uint8_t *frame;
};

static void append_field(void *context, const struct ss_field_line *line)
{
    struct fields *fields = context;
    json_t *field = json_object();
    if (line->key[0])
        ss_json_add(&field, "field", json_string(line->key));
    ss_json_add(&field, "name", json_string(line->name));
    ss_json_add(&field, "offset", json_integer((json_int_t)line->offset));
    ss_json_add(&field, "hex", hex(fields->frame + line->offset, line->length));
    ss_json_add(&field, "value", json_string(line->value));
    ss_json_add(&field, "meaning", json_string(line->meaning));
    ss_json_append(&fields->list, field);
}

/* --- checksums -----------------------------------------------------------------------------------
 */

static const char *state_text(enum ss_checksum_state state)
{
    switch (state) {
    case SS_CHECKSUM_NONE:
        return "not checked";
    case SS_CHECKSUM_GOOD:
        return "right";
    case SS_CHECKSUM_BAD:
        return "wrong";
    case SS_CHECKSUM_OFFLOADED:
        return "offloaded";
    }
    return "";
}

static json_t *steps_list(const struct ss_sum *sum)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sum->count; i++) {
        json_t *step = json_object();
        ss_json_add(&step, "of", json_string(sum->parts[i].name));
        ss_json_add(&step, "sum", json_integer(sum->parts[i].sum));
        ss_json_append(&list, step);
    }
    return list;
}

static json_t *folds_list(const struct ss_sum *sum)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sum->folds; i++)
        ss_json_append(&list, json_integer(sum->folded[i]));
    return list;
}

static json_t *checksum_object(const struct ss_stack *stack, const uint8_t *frame, size_t layer,
                               const struct ss_stack_checksum *checksum)
{
    struct ss_sum sum;
    json_t *object = json_object();
    ss_json_add(&object, "state", json_string(state_text(checksum->state)));
    ss_json_add(&object, "actual", hex_number(checksum->actual));
    if (!ss_dissection_sum(stack, frame, layer, checksum, &sum)) {
        ss_json_add(&object, "why", json_string(checksum->unjudged));
        return object;
    }
    ss_json_add(&object, "expected", hex_number(checksum->expected));
    ss_json_add(&object, "steps", steps_list(&sum));
    ss_json_add(&object, "sum", json_integer(sum.total));
    ss_json_add(&object, "folded", folds_list(&sum));
    return object;
}

/* --- the frame -----------------------------------------------------------------------------------
 */

static json_t *layer_object(const struct ss_stack *stack, const struct ss_dissection_frame *frame,
                            size_t i)
{
    const struct ss_layer *layer = &stack->layers[i];
    const struct ss_layer_table *table = ss_layer_table(layer->kind);
    struct ss_stack_checksum checksum;
    struct fields fields = {.list = json_array(), .frame = frame->octets};
    json_t *object = json_object();
    ss_json_add(&object, "layer", json_string(table->name));
    ss_json_add(&object, "offset", json_integer((json_int_t)stack->offset[i]));
    ss_json_add(&object, "length",
                json_integer((json_int_t)(ss_layer_bytes(layer) + layer->rest_length)));
    ss_json_add(&object, "quoted", json_boolean(i >= stack->quoted));
    ss_headers_visit_layer(stack, frame->octets, frame->length, i, append_field, &fields);
    ss_json_add(&object, "fields", fields.list);
    if (ss_stack_checksum(stack, frame->octets, frame->length, i, &checksum))
        ss_json_add(&object, "checksum", checksum_object(stack, frame->octets, i, &checksum));
    return object;
}

static json_t *faults_list(const struct ss_stack_faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        json_t *fault = json_object();
        const char *layer = ss_layer_table(faults->list[i].kind)->name;
        ss_json_add(&fault, "layer", json_string(layer));
        ss_json_add(&fault, "text", json_string(faults->list[i].text));
        ss_json_append(&list, fault);
    }
    return list;
}

static json_t *hex_of(const struct ss_dissection_frame *frame)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * frame->length + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < frame->length; i++) {
        text[2 * i] = digits[frame->octets[i] >> 4];
        text[2 * i + 1] = digits[frame->octets[i] & 15];
    }
    json_t *hex = json_stringn(text, 2 * frame->length);
    free(text);
    return hex;
}

/* What makes it an event among those of a series. */
static void add_probe(json_t **object, const struct ss_dissection_frame *frame)
{
    ss_json_add(object, "event", json_string("frame"));
    ss_json_add(object, "probe", json_integer((json_int_t)frame->probe));
    ss_json_add(object, "octets", hex_of(frame));
}

enum ss_status ss_dissection_json(FILE *out, const struct ss_dissection_frame *frame,
                                  size_t *illegal, struct ss_problem *problem)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    json_t *object = json_object(), *layers = json_array();
    ss_dissection_read(frame, &stack, &faults);
    for (size_t i = 0; i < stack.count; i++)
        ss_json_append(&layers, layer_object(&stack, frame, i));
    if (frame->probe > 0)
        add_probe(&object, frame);
    ss_json_add(&object, "frame", json_integer(frame->number ? (json_int_t)frame->number : 1));
    ss_json_add(&object, "length", json_integer((json_int_t)frame->length));
    ss_json_add(&object, "link", json_string(frame->link == SS_LINK_ETHERNET ? "ether" : "ip"));
    ss_json_add(&object, "layers", layers);
    ss_json_add(&object, "illegal", faults_list(&faults));
    bool done = object && json_dumpf(object, out, JSON_COMPACT | JSON_ENSURE_ASCII) == 0;
    done = done && putc('\n', out) != EOF;
    json_decref(object);
    *illegal = faults.count;
    return done ? SS_OK : ss_problem_set(problem, SS_IO, "the JSON output could not be written");
}
