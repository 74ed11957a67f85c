/* stack_dissect: octets -> layers. Every length is a claim: what it says is checked, and told. */
#include <string.h>

#include "layer_parts.h"
#include "synstep/bytes.h"
#include "synstep/icmp.h"
#include "synstep/stack.h"

/* The reading under way. */
struct reading {
    const uint8_t *frame;
    size_t at;
    size_t end;    /* of what the innermost length allows */
    bool quoted;   /* an ICMP error's quotation: it may be cut off anywhere (RFC 792, RFC 4443) */
    bool fragment; /* the first part of a datagram: the rest comes in others */
    struct ss_stack *stack;
    struct ss_stack_faults *faults;
};

static size_t left(const struct reading *reading)
{
    return reading->end - reading->at;
}

static void fault_of(struct reading *reading, size_t layer, enum ss_layer_kind kind,
                     const char *text)
{
    if (reading->faults->count < SS_STACK_FAULTS_MAX)
        reading->faults->list[reading->faults->count++] =
            (struct ss_stack_fault){.layer = layer, .kind = kind, .text = text};
}

/* Of the layer that was read last. */
static void fault(struct reading *reading, const char *text)
{
    size_t last = reading->stack->count - 1;
    fault_of(reading, last, reading->stack->layers[last].kind, text);
}

/* More is claimed than is here: not wrong of a quotation, or of what a fragment begins. */
static void fault_of_missing(struct reading *reading, const char *text)
{
    if (!reading->quoted && !reading->fragment)
        fault(reading, text);
}

/* Everything from here to `end`, as octets. */
static void take_raw(struct reading *reading, size_t end)
{
    struct ss_stack *stack = reading->stack;
    if (end == reading->at)
        return;
    stack->offset[stack->count] = reading->at;
    stack->layers[stack->count++] = (struct ss_layer){
        .kind = SS_LAYER_RAW,
        .rest = reading->frame + reading->at,
        .rest_length = end - reading->at,
    };
    reading->at = end;
}

/* The fixed part of a header, every field set; NULL when it is not all there. */
static struct ss_layer *take_fixed(struct reading *reading, enum ss_layer_kind kind)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    struct ss_stack *stack = reading->stack;
    if (left(reading) < table->fixed_bytes) {
        if (!reading->quoted)
            fault_of(reading, stack->count, kind, "it is cut off within its header");
        return NULL;
    }
    struct ss_layer *layer = &stack->layers[stack->count];
    *layer = (struct ss_layer){.kind = kind, .set = UINT32_MAX};
    size_t bytes = ss_layer_bytes_by_type(kind, reading->frame[reading->at], left(reading));
    layer->more = (uint8_t)(bytes - table->fixed_bytes);
    memcpy(layer->fixed, reading->frame + reading->at, bytes);
    stack->offset[stack->count++] = reading->at;
    reading->at += bytes;
    return layer;
}

/* The options behind the fixed part of a header that says to be `header` octets long. */
static void take_rest(struct reading *reading, struct ss_layer *layer, size_t header)
{
    size_t fixed = ss_layer_table(layer->kind)->fixed_bytes;
    if (header < fixed)
        fault(reading, "its header length is shorter than a header can be");
    else if (header - fixed > left(reading))
        fault_of_missing(reading, "its header length points past the end");
    size_t rest = header > fixed ? header - fixed : 0;
    if (rest > left(reading))
        rest = left(reading);
    layer->rest = reading->frame + reading->at;
    layer->rest_length = rest;
    reading->at += rest;
}

/* A length that the header gives for all from `start` on: it ends what can follow. */
static void limit(struct reading *reading, size_t start, size_t length)
{
    if (start + length > reading->end)
        fault_of_missing(reading, "its length says more than is here");
    else if (start + length < reading->at)
        fault(reading, "its length is shorter than its own header");
    else
        reading->end = start + length;
}

/* What comes next; RAW for what no table describes. */
static enum ss_layer_kind kind_of_ethertype(uint32_t type)
{
    switch (type) {
    case 0x0800:
        return SS_LAYER_IP;
    case 0x0806:
        return SS_LAYER_ARP;
    case 0x8100:
    case 0x88a8:
        return SS_LAYER_VLAN;
    case 0x86dd:
        return SS_LAYER_IP6;
    }
    return SS_LAYER_RAW;
}

static enum ss_layer_kind kind_of_protocol(uint8_t protocol)
{
    static const struct {
        uint8_t protocol;
        enum ss_layer_kind kind;
    } known[] = {
        {0, SS_LAYER_HOP},   {1, SS_LAYER_ICMP},   {2, SS_LAYER_IGMP},  {4, SS_LAYER_IP},
        {6, SS_LAYER_TCP},   {17, SS_LAYER_UDP},   {41, SS_LAYER_IP6},  {43, SS_LAYER_ROUTE},
        {44, SS_LAYER_FRAG}, {58, SS_LAYER_ICMP6}, {60, SS_LAYER_DEST},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].protocol == protocol)
            return known[i].kind;
    return SS_LAYER_RAW;
}

static enum ss_layer_kind read_ip(struct reading *reading, struct ss_layer *layer)
{
    size_t start = reading->at - SS_IPV4_HEADER_BYTES;
    const uint8_t *header = layer->fixed;
    bool later_fragment = (ss_bytes_get16(header + 6) & 0x1fff) != 0;
    if (header[0] >> 4 != 4)
        fault(reading, "its version is not 4");
    take_rest(reading, layer, (size_t)(header[0] & 15) * 4);
    limit(reading, start, ss_bytes_get16(header + 2));
    reading->fragment |= (header[6] & 0x20) != 0;
    return later_fragment ? SS_LAYER_RAW : kind_of_protocol(header[9]);
}

static enum ss_layer_kind read_ip6(struct reading *reading, const struct ss_layer *layer)
{
    if (layer->fixed[0] >> 4 != 6)
        fault(reading, "its version is not 6");
    limit(reading, reading->at, ss_bytes_get16(layer->fixed + 4));
    return kind_of_protocol(layer->fixed[6]);
}

static enum ss_layer_kind read_extension(struct reading *reading, struct ss_layer *layer)
{
    take_rest(reading, layer, ((size_t)layer->fixed[1] + 1) * 8);
    return kind_of_protocol(layer->fixed[0]);
}

static enum ss_layer_kind read_fragment(struct reading *reading, const struct ss_layer *layer)
{
    bool later = (ss_bytes_get16(layer->fixed + 2) & 0xfff8) != 0;
    reading->fragment |= (layer->fixed[3] & 1) != 0;
    return later ? SS_LAYER_RAW : kind_of_protocol(layer->fixed[0]);
}

static enum ss_layer_kind read_tcp(struct reading *reading, struct ss_layer *layer)
{
    take_rest(reading, layer, (size_t)(layer->fixed[12] >> 4) * 4);
    return SS_LAYER_RAW;
}

static enum ss_layer_kind read_udp(struct reading *reading, const struct ss_layer *layer)
{
    enum { HEADER = 8 };
    limit(reading, reading->at - HEADER, ss_bytes_get16(layer->fixed + 4));
    return SS_LAYER_RAW;
}

/* Other cards and protocols than those of the table have their addresses elsewhere. */
static enum ss_layer_kind read_arp(struct reading *reading, const struct ss_layer *layer)
{
    enum { HARDWARE = 4, PROTOCOL = 5 };
    if (layer->fixed[HARDWARE] != 6 || layer->fixed[PROTOCOL] != 4)
        fault(reading, "its addresses are not 6 and 4 octets long: they lie elsewhere");
    return SS_LAYER_RAW;
}

/* An error quotes the datagram that it is about. */
static enum ss_layer_kind read_icmp(struct reading *reading, const struct ss_layer *layer)
{
    bool v6 = layer->kind == SS_LAYER_ICMP6;
    enum ss_layer_kind quoted = v6 ? SS_LAYER_IP6 : SS_LAYER_IP;
    if (!ss_icmp_is_error(v6 ? 6 : 4, layer->fixed[0]) ||
        left(reading) < ss_layer_table(quoted)->fixed_bytes)
        return SS_LAYER_RAW;
    if (!reading->quoted)
        reading->stack->quoted = reading->stack->count;
    reading->quoted = true;
    return quoted;
}

/* One layer; what comes after it. */
static enum ss_layer_kind read_layer(struct reading *reading, enum ss_layer_kind kind)
{
    struct ss_layer *layer = take_fixed(reading, kind);
    if (!layer)
        return SS_LAYER_RAW;
    switch (kind) {
    case SS_LAYER_ETHER:
        return kind_of_ethertype(ss_bytes_get16(layer->fixed + 12));
    case SS_LAYER_VLAN:
        return kind_of_ethertype(ss_bytes_get16(layer->fixed + 2));
    case SS_LAYER_IP:
        return read_ip(reading, layer);
    case SS_LAYER_IP6:
        return read_ip6(reading, layer);
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_DEST:
        return read_extension(reading, layer);
    case SS_LAYER_FRAG:
        return read_fragment(reading, layer);
    case SS_LAYER_TCP:
        return read_tcp(reading, layer);
    case SS_LAYER_UDP:
        return read_udp(reading, layer);
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
        return read_icmp(reading, layer);
    case SS_LAYER_ARP:
        return read_arp(reading, layer);
    case SS_LAYER_IGMP:
    case SS_LAYER_RAW:
        return SS_LAYER_RAW;
    }
    return SS_LAYER_RAW;
}

/* The first layer of a frame that begins with an IP header: its version tells. */
static enum ss_layer_kind first_layer(enum ss_link link, const uint8_t *frame, size_t length)
{
    if (link == SS_LINK_ETHERNET)
        return SS_LAYER_ETHER;
    if (length == 0)
        return SS_LAYER_RAW;
    return frame[0] >> 4 == 6 ? SS_LAYER_IP6 : SS_LAYER_IP;
}

void ss_stack_dissect(enum ss_link link, const uint8_t *frame, size_t length,
                      struct ss_stack *stack, struct ss_stack_faults *faults)
{
    enum { KEPT_FOR_RAW = 2 }; /* what follows the last header, and padding */
    struct reading reading = {.frame = frame, .end = length, .stack = stack, .faults = faults};
    enum ss_layer_kind kind = first_layer(link, frame, length);
    stack->count = 0;
    stack->quoted = SS_STACK_LAYERS_MAX;
    faults->count = 0;
    while (kind != SS_LAYER_RAW && stack->count + KEPT_FOR_RAW < SS_STACK_LAYERS_MAX)
        kind = read_layer(&reading, kind);
    if (kind != SS_LAYER_RAW)
        fault_of(&reading, stack->count, kind, "more layers than are read here");
    stack->end = reading.end;
    take_raw(&reading, reading.end);
    take_raw(&reading, length);
    if (stack->quoted > stack->count)
        stack->quoted = stack->count;
}
