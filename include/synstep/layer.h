/*
 * layer: every header as a table of bit fields, so that whoever crafts, explains or lists them has
 * one source for names, widths, meanings and usual values.
 *
 * A layer holds its header as octets; a field is read and written at its bits, whatever it says.
 */
#ifndef SYNSTEP_LAYER_H
#define SYNSTEP_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ss_layer_kind {
    SS_LAYER_ETHER,
    SS_LAYER_VLAN,
    SS_LAYER_ARP,
    SS_LAYER_IP,
    SS_LAYER_IP6,
    SS_LAYER_HOP,   /* hop-by-hop options */
    SS_LAYER_ROUTE, /* routing header */
    SS_LAYER_FRAG,  /* fragment header */
    SS_LAYER_DEST,  /* destination options */
    SS_LAYER_TCP,
    SS_LAYER_UDP,
    SS_LAYER_ICMP,
    SS_LAYER_ICMP6,
    SS_LAYER_IGMP,
    SS_LAYER_RAW, /* octets that no table describes: `rest` alone */
};

enum { SS_LAYER_KINDS = SS_LAYER_RAW + 1 };

/* How a field's value is written and shown. */
enum ss_field_form {
    SS_FORM_NUMBER, /* up to 32 bits, decimal or 0x… */
    SS_FORM_HEX,    /* the same, better shown in hex */
    SS_FORM_NAMED,  /* a number, many of which have names: protocols, types, operations */
    SS_FORM_MAC,    /* 48 bits: 02:00:00:00:00:01 */
    SS_FORM_IPV4,   /* 32 bits */
    SS_FORM_IPV6,   /* 128 bits */
};

/* What a field gets when it is not set. */
enum ss_field_computed {
    SS_COMPUTED_NOT,      /* its usual value */
    SS_COMPUTED_NEXT,     /* what the layer after it is */
    SS_COMPUTED_LENGTH,   /* how long the layer, with or without what follows, is */
    SS_COMPUTED_CHECKSUM, /* over what its RFC says */
};

struct ss_layer_field {
    const char *name;  /* "seq": as it is typed */
    const char *title; /* "Sequence Number": as its RFC has it */
    uint16_t bit;      /* of the first bit, from the header's start */
    uint8_t bits;      /* 1 to 32, 48 or 128 */
    enum ss_field_form form;
    enum ss_field_computed computed;
    uint32_t usual;
    const char *meaning; /* what it is for, and its unit, in one line */
    uint8_t until; /* of a field behind the fixed part: octets of the header that has it; else 0 */
};

/* One kind of layer. */
struct ss_layer_table {
    const char *name;   /* "tcp": as it is typed */
    const char *title;  /* "TCP" */
    const char *source; /* "RFC 9293 section 3.1" */
    size_t fixed_bytes; /* of the header without options, and of any type */
    size_t field_count;
    const struct ss_layer_field *fields; /* some overlap: ICMP's depend on the type */
    const char *rest; /* what may follow the fixed part: "options", "payload", …; NULL: nothing */
};

/* Static storage. */
const struct ss_layer_table *ss_layer_table(enum ss_layer_kind kind);

/*
 * The kind of that name; the field of that name or title. Only letters and digits count, small or
 * large: "ttl", "Time to Live" and "time-to-live" are one. False when there is none.
 */
bool ss_layer_from_name(const char *name, enum ss_layer_kind *kind);
bool ss_layer_field_from_name(enum ss_layer_kind kind, const char *name, size_t *field);

enum { SS_LAYER_FIXED_BYTES_MAX = 40, SS_LAYER_FIELDS_MAX = 32 };

struct ss_layer {
    enum ss_layer_kind kind;
    uint32_t set; /* bit i: field i goes out verbatim */
    uint8_t more; /* octets of `fixed` behind those of the table: what the type has there */
    uint8_t fixed[SS_LAYER_FIXED_BYTES_MAX];
    const uint8_t *rest; /* options, or for RAW and IGMP all that follows; borrowed */
    size_t rest_length;
};

/* Octets of the header before its rest. */
static inline size_t ss_layer_bytes(const struct ss_layer *layer)
{
    return ss_layer_table(layer->kind)->fixed_bytes + layer->more;
}

/* How many octets a header of ICMP, ICMPv6 or IGMP has by its type, of `left`, which are here. */
size_t ss_layer_bytes_by_type(enum ss_layer_kind kind, uint8_t type, size_t left);

/* A layer with its usual values, nothing set. */
struct ss_layer ss_layer_new(enum ss_layer_kind kind);

/* A field of at most 32 bits. Writing cuts `value` to the field's bits and marks it as set; a field
 * behind the fixed part makes the header as long as one that has it. */
uint32_t ss_layer_get(const struct ss_layer *layer, size_t field);
void ss_layer_put(struct ss_layer *layer, size_t field, uint32_t value);

/* A field of any width in network order: (bits + 7) / 8 octets; whole octets only (assert). */
void ss_layer_get_octets(const struct ss_layer *layer, size_t field, uint8_t *octets);
void ss_layer_put_octets(struct ss_layer *layer, size_t field, const uint8_t *octets);

static inline bool ss_layer_is_set(const struct ss_layer *layer, size_t field)
{
    return layer->set >> field & 1;
}

/* A name for a NAMED field's value ("udp", "echo"), static storage; NULL when it has none. */
const char *ss_layer_value_text(enum ss_layer_kind kind, size_t field, uint32_t value);

/* The value of that name for a NAMED field. */
bool ss_layer_value_from_text(enum ss_layer_kind kind, size_t field, const char *text,
                              uint32_t *value);

#endif
