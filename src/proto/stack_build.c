/* stack_build: layers -> octets: laid out, then lengths and what follows, then checksums. */
#include <string.h>

#include "layer_parts.h"
#include "stack_parts.h"
#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/stack.h"

enum {
    OPTIONS_BYTES_MAX = 40,        /* of IPv4 and TCP: what 4 bits of 32-bit words leave */
    EXTENSION_BYTES_MAX = 2048,    /* of an IPv6 extension header: 8 bits of 8 octets, plus one */
    ETHERTYPE_EXPERIMENT = 0x88b5, /* IEEE 802, local experiments */
    PROTOCOL_NONE = 59,
    PADN = 1,
};

/* The frame under way. */
struct frame {
    struct ss_stack *stack;
    uint8_t *octets;
    size_t length;
    size_t header[SS_STACK_LAYERS_MAX]; /* octets of each layer, padding included */
    struct ss_problem *problem;
};

static const char *name_of(const struct ss_layer *layer)
{
    return ss_layer_table(layer->kind)->name;
}

/* --- laying out --------------------------------------------------------------------------------
 */

/* To a multiple of what the header is padded to. */
static size_t alignment(enum ss_layer_kind kind)
{
    switch (kind) {
    case SS_LAYER_IP:
    case SS_LAYER_TCP:
        return 4;
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_DEST:
        return 8;
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
    case SS_LAYER_ARP:
    case SS_LAYER_IP6:
    case SS_LAYER_FRAG:
    case SS_LAYER_UDP:
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
    case SS_LAYER_IGMP:
    case SS_LAYER_RAW:
        return 1;
    }
    return 1;
}

static size_t most_rest(enum ss_layer_kind kind)
{
    size_t fixed = ss_layer_table(kind)->fixed_bytes;
    if (alignment(kind) == 4)
        return OPTIONS_BYTES_MAX;
    return alignment(kind) == 8 ? EXTENSION_BYTES_MAX - fixed : SS_FRAME_BYTES_MAX;
}

/* A header whose length was set is as long as its octets: nothing is added to it. */
static size_t header_bytes(const struct ss_layer *layer)
{
    size_t bytes = ss_layer_bytes(layer) + layer->rest_length;
    size_t to = alignment(layer->kind);
    int length = ss_layer_computed_field(layer->kind, SS_COMPUTED_LENGTH);
    if (to == 1 || (length >= 0 && ss_layer_is_set(layer, (size_t)length)))
        return bytes;
    return (bytes + to - 1) / to * to;
}

static enum ss_status lay_out(struct frame *frame, size_t size)
{
    struct ss_stack *stack = frame->stack;
    frame->length = 0;
    for (size_t i = 0; i < stack->count; i++) {
        const struct ss_layer *layer = &stack->layers[i];
        if (layer->rest_length > most_rest(layer->kind))
            return ss_problem_set(frame->problem, SS_USAGE,
                                  "%s: %s of %zu octets exceed the %zu that its header can hold",
                                  name_of(layer), ss_layer_table(layer->kind)->rest,
                                  layer->rest_length, most_rest(layer->kind));
        stack->offset[i] = frame->length;
        frame->header[i] = header_bytes(layer);
        frame->length += frame->header[i];
        if (frame->length > size)
            return ss_problem_set(frame->problem, SS_NO_SPACE,
                                  "the frame exceeds %zu octets at its layer %s", size,
                                  name_of(layer));
    }
    return SS_OK;
}

/* --- what follows, and lengths -----------------------------------------------------------------
 */

static uint32_t ethertype_of(enum ss_layer_kind kind)
{
    switch (kind) {
    case SS_LAYER_IP:
        return 0x0800;
    case SS_LAYER_ARP:
        return 0x0806;
    case SS_LAYER_VLAN:
        return 0x8100;
    case SS_LAYER_IP6:
        return 0x86dd;
    case SS_LAYER_ETHER:
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_FRAG:
    case SS_LAYER_DEST:
    case SS_LAYER_TCP:
    case SS_LAYER_UDP:
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
    case SS_LAYER_IGMP:
    case SS_LAYER_RAW:
        return ETHERTYPE_EXPERIMENT;
    }
    return ETHERTYPE_EXPERIMENT;
}

static uint32_t next_of(const struct frame *frame, size_t i)
{
    enum ss_layer_kind kind = frame->stack->layers[i].kind;
    bool last = i + 1 == frame->stack->count;
    enum ss_layer_kind after = last ? SS_LAYER_RAW : frame->stack->layers[i + 1].kind;
    if (kind == SS_LAYER_ETHER || kind == SS_LAYER_VLAN)
        return ethertype_of(after);
    return last && kind != SS_LAYER_IP ? PROTOCOL_NONE : ss_stack_protocol(after);
}

/* A layer's length as the field at `bit` counts it. */
static uint32_t length_of(const struct frame *frame, size_t i, uint16_t bit)
{
    enum { IHL_BIT = 4 };
    size_t whole = frame->length - frame->stack->offset[i];
    switch (frame->stack->layers[i].kind) {
    case SS_LAYER_IP:
        return (uint32_t)(bit == IHL_BIT ? frame->header[i] / 4 : whole);
    case SS_LAYER_IP6:
        return (uint32_t)(whole - frame->header[i]);
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_DEST:
        return (uint32_t)(frame->header[i] / 8 - 1);
    case SS_LAYER_TCP:
        return (uint32_t)(frame->header[i] / 4);
    case SS_LAYER_UDP:
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
    case SS_LAYER_ARP:
    case SS_LAYER_FRAG:
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
    case SS_LAYER_IGMP:
    case SS_LAYER_RAW:
        return (uint32_t)whole;
    }
    return 0;
}

static enum ss_status fill_field(struct frame *frame, size_t i, size_t field)
{
    struct ss_layer *layer = &frame->stack->layers[i];
    const struct ss_layer_field *described = &ss_layer_table(layer->kind)->fields[field];
    if (ss_layer_is_set(layer, field) || described->computed == SS_COMPUTED_NOT)
        return SS_OK;
    uint32_t value = 0; /* a checksum: counted as zero until it is known */
    if (described->computed == SS_COMPUTED_NEXT)
        value = next_of(frame, i);
    else if (described->computed == SS_COMPUTED_LENGTH)
        value = length_of(frame, i, described->bit);
    if (described->bits < 32 && value >> described->bits != 0)
        return ss_problem_set(frame->problem, SS_USAGE,
                              "%s: a length of %u does not fit its %u bits; send less, or set %s",
                              name_of(layer), value, described->bits, described->name);
    ss_layer_fill(layer, field, value);
    return SS_OK;
}

static enum ss_status fill_layers(struct frame *frame)
{
    for (size_t i = 0; i < frame->stack->count; i++) {
        size_t fields = ss_layer_table(frame->stack->layers[i].kind)->field_count;
        for (size_t field = 0; field < fields; field++) {
            enum ss_status status = fill_field(frame, i, field);
            if (status != SS_OK)
                return status;
        }
    }
    return SS_OK;
}

/* --- octets ------------------------------------------------------------------------------------
 */

/* IPv6 options are padded by an option (RFC 8200 section 4.2), all else by zeros. */
static void pad(enum ss_layer_kind kind, uint8_t *octets, size_t length)
{
    memset(octets, 0, length);
    if (length < 2 || (kind != SS_LAYER_HOP && kind != SS_LAYER_DEST))
        return;
    octets[0] = PADN;
    octets[1] = (uint8_t)(length - 2);
}

static void write_layer(const struct frame *frame, size_t i)
{
    const struct ss_layer *layer = &frame->stack->layers[i];
    size_t fixed = ss_layer_bytes(layer);
    uint8_t *at = frame->octets + frame->stack->offset[i];
    memcpy(at, layer->fixed, fixed);
    if (layer->rest_length > 0)
        memcpy(at + fixed, layer->rest, layer->rest_length);
    size_t used = fixed + layer->rest_length;
    pad(layer->kind, at + used, frame->header[i] - used);
}

/* --- checksums ---------------------------------------------------------------------------------
 */

static ss_checksum_sum pseudo_sum(const struct frame *frame, size_t i, uint8_t protocol)
{
    uint32_t length = (uint32_t)(frame->length - frame->stack->offset[i]);
    struct ss_address source, destination;
    if (!ss_stack_ends(frame->stack, i, &source, &destination))
        return 0;
    return ss_checksum_pseudo(&source, &destination, protocol, length);
}

static uint16_t checksum_of(const struct frame *frame, size_t i)
{
    size_t offset = frame->stack->offset[i];
    enum ss_layer_kind kind = frame->stack->layers[i].kind;
    size_t covered = kind == SS_LAYER_IP ? frame->header[i] : frame->length - offset;
    ss_checksum_sum sum = 0;
    if (kind == SS_LAYER_TCP || kind == SS_LAYER_UDP || kind == SS_LAYER_ICMP6)
        sum = pseudo_sum(frame, i, (uint8_t)ss_stack_protocol(kind));
    uint16_t checksum = ss_checksum_finish(ss_checksum_add(sum, frame->octets + offset, covered));
    /* RFC 768: an all zero checksum means that there is none. */
    return kind == SS_LAYER_UDP && checksum == 0 ? 0xffff : checksum;
}

/* From the inside out: what an outer one covers must be finished. */
static void finish_checksums(struct frame *frame)
{
    for (size_t i = frame->stack->count; i-- > 0;) {
        struct ss_layer *layer = &frame->stack->layers[i];
        int field = ss_layer_computed_field(layer->kind, SS_COMPUTED_CHECKSUM);
        if (field < 0 || ss_layer_is_set(layer, (size_t)field))
            continue;
        ss_layer_fill(layer, (size_t)field, checksum_of(frame, i));
        memcpy(frame->octets + frame->stack->offset[i], layer->fixed, ss_layer_bytes(layer));
    }
}

enum ss_status ss_stack_build(struct ss_stack *stack, uint8_t *octets, size_t size, size_t *length,
                              struct ss_problem *problem)
{
    struct frame frame = {.stack = stack, .octets = octets, .problem = problem};
    enum ss_status status = lay_out(&frame, size);
    if (status == SS_OK)
        status = fill_layers(&frame);
    if (status != SS_OK)
        return status;
    for (size_t i = 0; i < stack->count; i++)
        write_layer(&frame, i);
    finish_checksums(&frame);
    *length = frame.length;
    return SS_OK;
}
