/* stack_check: what a checksum that was read is over, and what it should be. */
#include "synstep/stack_check.h"

#include <string.h>

#include "layer_parts.h"
#include "stack_parts.h"
#include "synstep/bytes.h"

/* Whether the layers between an IP header and layer `i` hold a part of a datagram only. */
static bool is_fragment(const struct ss_stack *stack, size_t carrier, size_t i)
{
    enum { V4_FRAGMENT = 0x3fff, V6_FRAGMENT = 0xfff9 }; /* offset and more fragments */
    const struct ss_layer *ip = &stack->layers[carrier];
    if (ip->kind == SS_LAYER_IP && (ss_bytes_get16(ip->fixed + 6) & V4_FRAGMENT) != 0)
        return true;
    for (size_t j = carrier + 1; j < i; j++)
        if (stack->layers[j].kind == SS_LAYER_FRAG &&
            (ss_bytes_get16(stack->layers[j].fixed + 2) & V6_FRAGMENT) != 0)
            return true;
    return false;
}

/* Stations are left whose addresses do not lie where they can be read. */
static bool is_lost(const struct ss_stack *stack, size_t carrier, size_t i)
{
    enum { TYPE = 2, LEFT = 3 };
    for (size_t j = carrier + 1; j < i; j++) {
        const uint8_t *route = stack->layers[j].fixed;
        bool known = route[TYPE] == 0 || route[TYPE] == 2 || route[TYPE] == 4;
        if (stack->layers[j].kind == SS_LAYER_ROUTE && route[LEFT] != 0 && !known)
            return true;
    }
    return false;
}

/* Where an IP layer's lengths end what it carries. */
static size_t end_of(const struct ss_stack *stack, size_t carrier)
{
    const struct ss_layer *ip = &stack->layers[carrier];
    bool v6 = ip->kind == SS_LAYER_IP6;
    size_t said = ss_bytes_get16(ip->fixed + (v6 ? 4 : 2));
    return stack->offset[carrier] + said + (v6 ? ss_layer_table(ip->kind)->fixed_bytes : 0);
}

static const char *cover_ip(const struct ss_stack *stack, size_t i,
                            struct ss_stack_checksum *checksum)
{
    const struct ss_layer *ip = &stack->layers[i];
    size_t said = (size_t)(ip->fixed[0] & 15) * 4;
    checksum->length = ss_layer_table(ip->kind)->fixed_bytes + ip->rest_length;
    return said == checksum->length ? NULL : "its header length is wrong";
}

/* UDP has a length of its own, which may be less than what IP carries. */
static size_t shortened(const struct ss_layer *layer, size_t length)
{
    size_t said = layer->kind == SS_LAYER_UDP ? ss_bytes_get16(layer->fixed + 4) : length;
    return said >= 8 && said < length ? said : length;
}

static const char *cover_carried(const struct ss_stack *stack, size_t i, size_t frame_length,
                                 struct ss_stack_checksum *checksum)
{
    const struct ss_layer *layer = &stack->layers[i];
    int carrier = ss_stack_carrier(stack, i);
    if (carrier < 0)
        return "no IP header carries it";
    if (layer->kind == SS_LAYER_UDP && checksum->actual == 0)
        return "none was made (RFC 768)";
    if (is_fragment(stack, (size_t)carrier, i))
        return "only a fragment is here";
    if (is_lost(stack, (size_t)carrier, i))
        return "where the routing header leads is not known";
    size_t end = end_of(stack, (size_t)carrier);
    if (end > frame_length || end < stack->offset[i] + ss_layer_table(layer->kind)->fixed_bytes)
        return "not all that it is over is here";
    checksum->length = shortened(layer, end - stack->offset[i]);
    return NULL;
}

/* RFC 9293 section 3.1 and RFC 768 over IPv4, RFC 8200 section 8.1 over IPv6. */
static void write_pseudo(const struct ss_stack *stack, size_t i, struct ss_stack_checksum *checksum)
{
    struct ss_address source, destination;
    uint8_t protocol = (uint8_t)ss_stack_protocol(stack->layers[i].kind);
    uint8_t *at = checksum->pseudo;
    if (!ss_stack_ends(stack, i, &source, &destination))
        return;
    size_t address = ss_address_length(&source);
    memcpy(at, source.octets, address);
    memcpy(at + address, destination.octets, address);
    at += 2 * address;
    if (source.version == 4) {
        at[1] = protocol;
        ss_bytes_put16(at + 2, (uint16_t)checksum->length);
    } else {
        ss_bytes_put32(at, (uint32_t)checksum->length);
        at[7] = protocol;
    }
    checksum->pseudo_length = 2 * address + (source.version == 4 ? 4 : 8);
}

static void compare(const uint8_t *frame, enum ss_layer_kind kind,
                    struct ss_stack_checksum *checksum)
{
    size_t before = checksum->field_offset - checksum->offset, after = before + 2;
    const uint8_t *octets = frame + checksum->offset;
    ss_checksum_sum pseudo = ss_checksum_add(0, checksum->pseudo, checksum->pseudo_length);
    ss_checksum_sum sum = ss_checksum_add(pseudo, octets, before);
    sum = ss_checksum_add(sum, octets + after, checksum->length - after);
    checksum->expected = ss_checksum_finish(sum);
    if (kind == SS_LAYER_UDP && checksum->expected == 0)
        checksum->expected = 0xffff; /* RFC 768 */
    bool offload = kind == SS_LAYER_TCP || kind == SS_LAYER_UDP;
    /* As in `packet`: a receiver adds up everything; right comes before left to the card. */
    if (ss_checksum_finish(sum + checksum->actual) == 0)
        checksum->state = SS_CHECKSUM_GOOD;
    else if (offload && checksum->actual == ss_checksum_fold(pseudo))
        checksum->state = SS_CHECKSUM_OFFLOADED;
    else
        checksum->state = SS_CHECKSUM_BAD;
}

bool ss_stack_checksum(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                       size_t layer, struct ss_stack_checksum *checksum)
{
    enum ss_layer_kind kind = stack->layers[layer].kind;
    int field = ss_layer_computed_field(kind, SS_COMPUTED_CHECKSUM);
    if (field < 0)
        return false;
    *checksum = (struct ss_stack_checksum){.offset = stack->offset[layer]};
    checksum->field_offset =
        stack->offset[layer] + ss_layer_table(kind)->fields[field].bit / (size_t)8;
    checksum->actual = ss_bytes_get16(frame + checksum->field_offset);
    checksum->unjudged = kind == SS_LAYER_IP ? cover_ip(stack, layer, checksum)
                                             : cover_carried(stack, layer, length, checksum);
    if (checksum->unjudged)
        return true;
    if (kind == SS_LAYER_TCP || kind == SS_LAYER_UDP || kind == SS_LAYER_ICMP6)
        write_pseudo(stack, layer, checksum);
    compare(frame, kind, checksum);
    return true;
}
