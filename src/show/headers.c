/*
 * headers: the visit of a layer's fields, as its table has them.
 */
#include "synstep/headers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "headers_parts.h"
#include "text.h"

void ss_visit_piece(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...)
{
    struct ss_field_line line = {.layer = visit->title, .offset = offset, .length = length};
    line.key = line.purpose = "";
    snprintf(line.name, sizeof(line.name), "%s", name);
    snprintf(line.meaning, sizeof(line.meaning), "%s", meaning);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line.value, sizeof(line.value), format, arguments);
    va_end(arguments);
    visit->call(visit->context, &line);
}

void ss_visit_octets(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                     const char *meaning)
{
    enum { SHOWN_MAX = 30 };
    char text[3 * SHOWN_MAX + 4] = "";
    size_t at = 0;
    for (size_t i = 0; i < length && i < SHOWN_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%02x", i ? " " : "",
                               visit->frame[offset + i]);
    ss_visit_piece(visit, offset, length, name, meaning, "%s%s", text,
                   length > SHOWN_MAX ? " .." : "");
}

/* --- values --------------------------------------------------------------------------------------
 */

static void word_mac(const struct ss_visit *visit, size_t field, char *value, size_t size)
{
    uint8_t card[6];
    ss_layer_get_octets(visit->layer, field, card);
    snprintf(value, size, "%02x:%02x:%02x:%02x:%02x:%02x", card[0], card[1], card[2], card[3],
             card[4], card[5]);
}

static void word_address(const struct ss_visit *visit, size_t field, bool v6, char *value,
                         size_t size)
{
    uint8_t octets[16];
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_layer_get_octets(visit->layer, field, octets);
    struct ss_address address = v6 ? ss_address_v6(octets) : ss_address_v4(octets);
    ss_address_format(text, &address);
    snprintf(value, size, "%s", text);
}

/* What is 16 bits wide and has names is an EtherType, known in hex. */
static void word_number(const struct ss_visit *visit, size_t field, bool hex, char *value,
                        size_t size)
{
    unsigned bits = ss_layer_table(visit->layer->kind)->fields[field].bits;
    uint32_t number = ss_layer_get(visit->layer, field);
    if (hex)
        snprintf(value, size, "0x%0*" PRIx32, (int)(bits + 3) / 4, number);
    else
        snprintf(value, size, "%" PRIu32, number);
}

static void word_value(const struct ss_visit *visit, size_t field, char *value, size_t size)
{
    bool link = visit->layer->kind == SS_LAYER_ETHER || visit->layer->kind == SS_LAYER_VLAN;
    switch (ss_layer_table(visit->layer->kind)->fields[field].form) {
    case SS_FORM_NUMBER:
        word_number(visit, field, false, value, size);
        break;
    case SS_FORM_HEX:
        word_number(visit, field, true, value, size);
        break;
    case SS_FORM_NAMED:
        word_number(visit, field, link, value, size);
        break;
    case SS_FORM_MAC:
        word_mac(visit, field, value, size);
        break;
    case SS_FORM_IPV4:
        word_address(visit, field, false, value, size);
        break;
    case SS_FORM_IPV6:
        word_address(visit, field, true, value, size);
        break;
    }
}

static void visit_field(const struct ss_visit *visit, size_t i)
{
    const struct ss_layer_field *field = &ss_layer_table(visit->layer->kind)->fields[i];
    struct ss_field_line line = {
        .layer = visit->title,
        .offset = visit->stack->offset[visit->i] + field->bit / (size_t)8,
        .length = (field->bit % 8U + field->bits + 7U) / 8U,
        .key = field->name,
        .purpose = field->meaning,
    };
    snprintf(line.name, sizeof(line.name), "%s", field->title);
    word_value(visit, i, line.value, sizeof(line.value));
    ss_visit_word_meaning(visit, i, line.meaning);
    visit->call(visit->context, &line);
}

/* --- layers --------------------------------------------------------------------------------------
 */

/* Octets that no table describes: what is carried, or what lies behind the end of it all. */
static void visit_raw(struct ss_visit *visit)
{
    enum { TEXT_MAX = 12 };
    const struct ss_layer *raw = visit->layer;
    bool padding = visit->stack->offset[visit->i] >= visit->stack->end;
    size_t shown = raw->rest_length < TEXT_MAX ? raw->rest_length : TEXT_MAX;
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "\"");
    ss_text_add_escaped(&text, raw->rest, shown);
    ss_text_add(&text, shown < raw->rest_length ? "\" .." : "\"");
    visit->title = padding ? "padding" : "payload";
    ss_visit_piece(visit, visit->stack->offset[visit->i], raw->rest_length,
                   padding ? "Padding" : "Payload", padding ? "" : text.octets, "%zu octet%s",
                   raw->rest_length, raw->rest_length == 1 ? "" : "s");
}

void ss_headers_visit_layer(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                            size_t layer, ss_headers_visitor *call, void *context)
{
    struct ss_visit visit = {.stack = stack, .frame = frame, .length = length, .i = layer};
    visit.layer = &stack->layers[layer];
    visit.call = call;
    visit.context = context;
    const struct ss_layer_table *table = ss_layer_table(visit.layer->kind);
    visit.title = table->title;
    if (visit.layer->kind == SS_LAYER_RAW) {
        visit_raw(&visit);
        return;
    }
    for (size_t i = 0; i < table->field_count; i++)
        if (ss_visit_is_shown(visit.layer, i))
            visit_field(&visit, i);
    if (visit.layer->rest_length > 0)
        ss_visit_rest(&visit, stack->offset[layer] + ss_layer_bytes(visit.layer));
}

void ss_headers_visit_frame(enum ss_link link, const uint8_t *frame, size_t length,
                            ss_headers_visitor *call, void *context)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    ss_stack_dissect(link, frame, length, &stack, &faults);
    for (size_t i = 0; i < stack.count; i++)
        ss_headers_visit_layer(&stack, frame, length, i, call, context);
}

void ss_headers_visit(const struct ss_packet *packet, ss_headers_visitor *call, void *context)
{
    if (packet->version != 0 || packet->ip_offset > 0)
        ss_headers_visit_frame(packet->ip_offset > 0 ? SS_LINK_ETHERNET : SS_LINK_IP, packet->frame,
                               packet->frame_length, call, context);
}
