/* probe_parts: what the files of probe share. Private to src/run. */
#ifndef SYNSTEP_RUN_PROBE_PARTS_H
#define SYNSTEP_RUN_PROBE_PARTS_H

#include "synstep/probe.h"
#include "synstep/series.h"

enum {
    PROBE_VALUES_MAX = 128, /* fields given in all layers together */
    PROBE_HARMS_MAX = 32,
    PROBE_WORD_SIZE = 32,
    PROBE_OPTIONS_MAX = 40, /* octets of options that a TCP header can hold */
};

/* A field or a number of an option, and what it is in each frame. */
struct probe_value {
    size_t layer;
    size_t option_at; /* its first octet in the header that it is in; 0: it is a field */
    uint64_t stride;  /* frames until the next one of a list; set by finish */
    struct ss_series series;
};

/* What is done to a finished frame. */
struct probe_harm {
    enum {
        HARM_CHECKSUM, /* a wrong one */
        HARM_EQUAL,    /* `amount`, though it was computed */
        HARM_MORE,     /* by `amount` */
        HARM_FLIP,     /* bit `amount` of the frame, counted from its first octet's highest */
        HARM_TRUNCATE, /* to the first `amount` octets */
    } kind;
    enum ss_layer_kind layer; /* the first of its kind; not for FLIP and TRUNCATE */
    size_t field;
    uint32_t amount;
    char text[48]; /* as it was written */
};

struct probe_fast;

/* Fields that each frame has to do with, by number: their names are looked up once. */
struct probe_fields {
    size_t ip_id, ip_offset, frag_offset, ether_dst;
};

struct ss_probe {
    uint64_t seed;
    struct probe_fields fields;
    struct ss_probe_reader reader;
    struct ss_series_names names;
    struct ss_stack stack;
    uint8_t *rest[SS_STACK_LAYERS_MAX]; /* owned: what stack.layers borrow */
    bool rest_given[SS_STACK_LAYERS_MAX];
    size_t value_count;
    struct probe_value values[PROBE_VALUES_MAX];
    size_t harm_count;
    struct probe_harm harms[PROBE_HARMS_MAX];
    size_t link_bytes; /* of a link header that the wire wanted: harm is counted behind it */
    bool raw_named;    /* the last layer is octets that the words named as a layer */
    uint64_t count;
    struct probe_fast *fast; /* owned; NULL: each frame is built anew */
};

/* A new layer before layer `at`; the layers behind it move. SS_USAGE when there are too many. */
enum ss_status probe_insert(struct ss_probe *probe, size_t at, enum ss_layer_kind kind,
                            struct ss_problem *problem);

/* Whether the words gave it, as itself or as part of a field that overlaps it. */
bool probe_is_given(const struct ss_probe *probe, size_t layer, size_t field);

/* FIELD=VALUE of a layer: a series, or octets for what follows its fixed part. */
enum ss_status probe_set(struct ss_probe *probe, size_t layer, const char *field, const char *value,
                         struct ss_problem *problem);

/* The bits of a value, counted from its layer's first. */
struct probe_bits {
    size_t first;
    size_t count;
};

struct probe_bits probe_bits_of(const struct probe_value *value);
bool probe_overlap(struct probe_bits a, struct probe_bits b);

/* Which value of the field `i` frame `n` has; and the id of IPv4, unless it was given. */
struct ss_series_at probe_place_in(const struct ss_probe *probe, size_t i, uint64_t n);
uint16_t probe_id(const struct ss_probe *probe, uint64_t n);

/* The n-th frame, built anew, before harm is done to it. */
enum ss_status probe_lay(const struct ss_probe *probe, uint64_t n, struct ss_stack *stack,
                         uint8_t *octets, size_t size, size_t *length, struct ss_problem *problem);

/*
 * How a finished probe's frames can be made from the first one alone; NULL when they cannot, or
 * when out of memory.
 */
struct probe_fast *probe_fast_new(const struct ss_probe *probe);
void probe_fast_free(struct probe_fast *fast);

/* Once the layers of a finished probe have changed: what is known of its first frame is made anew.
 */
void probe_fast_renew(struct ss_probe *probe);

/* As ss_probe_next_head. */
uint64_t probe_fast_next_head(const struct probe_fast *fast, uint64_t n);

struct probe_built {
    const struct ss_stack *stack; /* where each layer is */
    size_t length;
};

/* As probe_lay, by that. False, `octets` untouched, when it is to be built anew. */
bool probe_fast_build(const struct ss_probe *probe, uint64_t n, uint8_t *octets, size_t size,
                      struct probe_built *built);

/* The first layer of a kind; -1 when there is none. */
int probe_find(const struct ss_probe *probe, enum ss_layer_kind kind);

/* Puts the card of a group into a frame that is for one, unless the words gave another. */
void probe_put_group(const struct ss_probe *probe, struct ss_stack *stack);

/*
 * What an IGMP or ICMPv6 message needs of the IP header before it, as `way` has it; where it goes
 * and from which address only when `ends` says that groups may be sent to.
 */
enum ss_status probe_give_way(struct ss_probe *probe, const struct ss_probe_ends *ends,
                              struct ss_problem *problem);

/* The value, unless the words gave one. */
enum ss_status probe_give(struct ss_probe *probe, size_t layer, const char *field,
                          const char *value, struct ss_problem *problem);

/* Adds octets to the layer's rest. */
enum ss_status probe_append(struct ss_probe *probe, size_t layer, const uint8_t *octets,
                            size_t length, struct ss_problem *problem);

/* Octets as they are written: text, hex:0a0b, size:100, random:100, @FILE. They are malloc'ed. */
enum ss_status probe_read_octets(struct ss_probe *probe, const char *text, uint8_t **octets,
                                 size_t *length, struct ss_problem *problem);

/* Pairs of hexadecimal digits; false when it is anything else or too long. */
bool probe_read_hex(const char *text, uint8_t *octets, size_t size, size_t *length);

/* "mss", "sackok", …: whether `name` is a TCP option; and writing one into a layer. */
bool probe_is_option(const char *name);
enum ss_status probe_add_option(struct ss_probe *probe, size_t layer, const char *name,
                                const char *value, struct ss_problem *problem);

/* "corrupt", "truncate", "flip": whether `name` is harm; and adding it. */
bool probe_is_harm(const char *name);
enum ss_status probe_add_harm(struct ss_probe *probe, const char *name, const char *value,
                              struct ss_problem *problem);

/* Does all harm to a frame. SS_USAGE when it is too short for that. */
enum ss_status probe_harm(const struct ss_probe *probe, const struct ss_stack *stack,
                          uint8_t *octets, size_t *length, struct ss_problem *problem);

/* SS_USAGE with the nearest field for one that a layer does not have. */
enum ss_status probe_no_field(enum ss_layer_kind kind, const char *name,
                              struct ss_problem *problem);
enum ss_status probe_no_layer(const char *name, struct ss_problem *problem);

#endif
