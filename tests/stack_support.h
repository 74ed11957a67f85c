/* stack_support: laying a stack layer by layer, by the names that are typed. */
#ifndef SS_TESTS_STACK_SUPPORT_H
#define SS_TESTS_STACK_SUPPORT_H

#include <check.h>
#include <string.h>

#include "synstep/stack.h"

/* A layer more, with its usual values. */
static inline struct ss_layer *lay(struct ss_stack *stack, enum ss_layer_kind kind)
{
    struct ss_layer *layer = &stack->layers[stack->count++];
    *layer = ss_layer_new(kind);
    return layer;
}

static inline size_t field_named(const struct ss_layer *layer, const char *name)
{
    size_t field = 0;
    ck_assert_msg(ss_layer_field_from_name(layer->kind, name, &field), "no field %s", name);
    return field;
}

static inline void put(struct ss_layer *layer, const char *name, uint32_t value)
{
    ss_layer_put(layer, field_named(layer, name), value);
}

static inline void put_octets(struct ss_layer *layer, const char *name, const uint8_t *octets)
{
    ss_layer_put_octets(layer, field_named(layer, name), octets);
}

static inline uint32_t got(const struct ss_layer *layer, const char *name)
{
    return ss_layer_get(layer, field_named(layer, name));
}

static inline void carry(struct ss_layer *layer, const void *octets, size_t length)
{
    layer->rest = octets;
    layer->rest_length = length;
}

static inline void lay_text(struct ss_stack *stack, const char *text)
{
    carry(lay(stack, SS_LAYER_RAW), text, strlen(text));
}

/* Built, or the test fails with the problem's words. */
static inline size_t build(struct ss_stack *stack, uint8_t *octets, size_t size)
{
    struct ss_problem problem = {.text = ""};
    size_t length = 0;
    enum ss_status status = ss_stack_build(stack, octets, size, &length, &problem);
    ck_assert_msg(status == SS_OK, "%s", problem.text);
    return length;
}

#endif
