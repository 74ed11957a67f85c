/* layer: reading and writing fields at their bits. */
#include "synstep/layer.h"

#include <assert.h>
#include <string.h>

#include "layer_parts.h"

/* A letter or digit in lower case; 0 for anything else. */
static char plain(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

/* Past what is neither letter nor digit. */
static const char *skip(const char *text)
{
    while (*text && !plain(*text))
        text++;
    return text;
}

/* Whether both have the same letters and digits: "dont-fragment" is "Don't Fragment". */
static bool same_name(const char *a, const char *b)
{
    for (a = skip(a), b = skip(b); *a && *b; a = skip(a + 1), b = skip(b + 1))
        if (plain(*a) != plain(*b))
            return false;
    return *a == *b;
}

bool ss_layer_from_name(const char *name, enum ss_layer_kind *kind)
{
    for (int i = 0; i < SS_LAYER_KINDS; i++)
        if (same_name(ss_layer_table((enum ss_layer_kind)i)->name, name)) {
            *kind = (enum ss_layer_kind)i;
            return true;
        }
    return false;
}

/* What is typed goes before what RFCs say. */
bool ss_layer_field_from_name(enum ss_layer_kind kind, const char *name, size_t *field)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    for (size_t i = 0; i < 2 * table->field_count; i++) {
        const struct ss_layer_field *described = &table->fields[i % table->field_count];
        if (!same_name(i < table->field_count ? described->name : described->title, name))
            continue;
        *field = i % table->field_count;
        return true;
    }
    return false;
}

int ss_layer_computed_field(enum ss_layer_kind kind, enum ss_field_computed computed)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    for (size_t i = 0; i < table->field_count; i++)
        if (table->fields[i].computed == computed)
            return (int)i;
    return -1;
}

struct ss_layer ss_layer_new(enum ss_layer_kind kind)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    struct ss_layer layer = {.kind = kind};
    for (size_t i = 0; i < table->field_count; i++)
        if (table->fields[i].usual != 0)
            ss_layer_fill(&layer, i, table->fields[i].usual);
    return layer;
}

/* The octets that a field touches, as one number. */
struct span {
    size_t first;
    size_t octets;
    unsigned below; /* bits of the last octet that are not the field's */
    uint64_t mask;  /* of the field, shifted into its place */
};

static struct span span_of(const struct ss_layer_field *field)
{
    size_t end = (size_t)field->bit + field->bits;
    struct span span = {.first = field->bit / 8, .below = (unsigned)(8 - end % 8) % 8};
    assert(field->bits >= 1 && field->bits <= 32);
    span.octets = (end + 7) / 8 - span.first;
    span.mask = ((UINT64_C(1) << field->bits) - 1) << span.below;
    return span;
}

static uint64_t read_span(const struct ss_layer *layer, const struct span *span)
{
    uint64_t word = 0;
    for (size_t i = 0; i < span->octets; i++)
        word = word << 8 | layer->fixed[span->first + i];
    return word;
}

uint32_t ss_layer_get(const struct ss_layer *layer, size_t field)
{
    struct span span = span_of(&ss_layer_table(layer->kind)->fields[field]);
    return (uint32_t)((read_span(layer, &span) & span.mask) >> span.below);
}

void ss_layer_fill(struct ss_layer *layer, size_t field, uint32_t value)
{
    struct span span = span_of(&ss_layer_table(layer->kind)->fields[field]);
    uint64_t word = read_span(layer, &span) & ~span.mask;
    word |= (uint64_t)value << span.below & span.mask;
    for (size_t i = span.octets; i-- > 0; word >>= 8)
        layer->fixed[span.first + i] = (uint8_t)word;
}

/* As long as a header that has the field. */
static void reach(struct ss_layer *layer, size_t field)
{
    const struct ss_layer_table *table = ss_layer_table(layer->kind);
    size_t until = table->fields[field].until;
    if (until > ss_layer_bytes(layer))
        layer->more = (uint8_t)(until - table->fixed_bytes);
}

void ss_layer_put(struct ss_layer *layer, size_t field, uint32_t value)
{
    reach(layer, field);
    ss_layer_fill(layer, field, value);
    layer->set |= UINT32_C(1) << field;
}

static uint8_t *octets_of(struct ss_layer *layer, size_t field, size_t *length)
{
    const struct ss_layer_field *described = &ss_layer_table(layer->kind)->fields[field];
    assert(described->bit % 8 == 0 && described->bits % 8 == 0);
    *length = described->bits / 8;
    return layer->fixed + described->bit / 8;
}

void ss_layer_get_octets(const struct ss_layer *layer, size_t field, uint8_t *octets)
{
    const struct ss_layer_field *described = &ss_layer_table(layer->kind)->fields[field];
    assert(described->bit % 8 == 0 && described->bits % 8 == 0);
    memcpy(octets, layer->fixed + described->bit / 8, described->bits / 8);
}

void ss_layer_put_octets(struct ss_layer *layer, size_t field, const uint8_t *octets)
{
    reach(layer, field);
    size_t length;
    uint8_t *at = octets_of(layer, field, &length);
    memcpy(at, octets, length);
    layer->set |= UINT32_C(1) << field;
}

/*
 * RFC 792, 950; RFC 4861 section 4; RFC 2710 section 3, RFC 3810 section 5; RFC 3376 section 4. The
 * longest form of a type stands first.
 */
size_t ss_layer_bytes_by_type(enum ss_layer_kind kind, uint8_t type, size_t left)
{
    static const struct {
        enum ss_layer_kind kind;
        uint8_t first, last; /* types */
        uint8_t bytes;
    } forms[] = {
        {SS_LAYER_ICMP, 13, 14, 20},    {SS_LAYER_ICMP, 17, 18, 12},
        {SS_LAYER_ICMP6, 130, 130, 28}, {SS_LAYER_ICMP6, 130, 132, 24},
        {SS_LAYER_ICMP6, 134, 134, 16}, {SS_LAYER_ICMP6, 135, 136, 24},
        {SS_LAYER_ICMP6, 137, 137, 40}, {SS_LAYER_IGMP, 0x11, 0x11, 12},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].kind == kind && type >= forms[i].first && type <= forms[i].last &&
            left >= forms[i].bytes)
            return forms[i].bytes;
    return ss_layer_table(kind)->fixed_bytes;
}
