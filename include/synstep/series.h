/*
 * series: the text of a field's value -> the value for each packet of a series.
 *
 * "80", "0x50", "echo", "10.0.0.1", "random", "1-1024", "1,2,80-90", "J+1460*i": the grammar stands
 * in synstep-send(1). Pure: the same text, names, seed and packet give the same value.
 */
#ifndef SYNSTEP_SERIES_H
#define SYNSTEP_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/layer.h"
#include "synstep/random.h"
#include "synstep/status.h"

enum { SS_SERIES_NAMES_MAX = 64, SS_SERIES_NAME_SIZE = 32, SS_SERIES_ITEMS_MAX = 1024 };

/* What letters stand for: one number each for the whole series. */
struct ss_series_names {
    struct ss_random random; /* where the number of a new capital letter comes from */
    size_t count;
    struct {
        char text[SS_SERIES_NAME_SIZE];
        uint32_t value;
        bool random; /* cut to the bits of a field, not refused by it */
    } list[SS_SERIES_NAMES_MAX];
};

/* Takes "J=5" or "J=random". SS_USAGE for what is no name or no number, or is there already. */
enum ss_status ss_series_let(struct ss_series_names *names, const char *text,
                             struct ss_problem *problem);

/* One item of a list. */
struct ss_series_item {
    enum {
        SS_SERIES_NUMBERS, /* first, and `step` more with each packet */
        SS_SERIES_RANGE,   /* first and the `count` - 1 numbers after it */
        SS_SERIES_RANDOM,  /* another one for each packet */
        SS_SERIES_OCTETS,  /* a hardware or IPv6 address */
    } kind;
    uint32_t first;
    uint32_t step;
    uint64_t count; /* values; 1 for all but a range */
    uint64_t begin; /* which of all values the first one is */
    uint8_t octets[16];
};

struct ss_series {
    enum ss_layer_kind layer; /* of a field's values alone, as is the next */
    size_t field;
    uint8_t bits;
    uint64_t count; /* values: at least 1; `i` and `random` add none */
    size_t item_count;
    struct ss_series_item *items; /* owned */
};

/*
 * Reads a value for that field. SS_USAGE names the field and what it takes; SS_IO when out of
 * memory. A capital letter that is not known yet becomes known. Free with ss_series_free.
 */
enum ss_status ss_series_read(const char *text, enum ss_layer_kind layer, size_t field,
                              struct ss_series_names *names, struct ss_series *series,
                              struct ss_problem *problem);

/* The same for a number of at most 32 bits that is no field; problems name it `what`. */
enum ss_status ss_series_read_number(const char *text, const char *what, uint8_t bits,
                                     struct ss_series_names *names, struct ss_series *series,
                                     struct ss_problem *problem);

/* NULL items are fine. */
void ss_series_free(struct ss_series *series);

/* Which value of which packet. */
struct ss_series_at {
    uint64_t value;  /* below series->count */
    uint64_t packet; /* `i`: counted from 0 */
    uint64_t seed;   /* of what is random: another one for each field of a packet */
};

/* Whether not all packets have the same value. */
bool ss_series_differs(const struct ss_series *series);

/* That value: of a field of up to 32 bits, not cut to them yet; of a wider one as octets. */
uint32_t ss_series_number(const struct ss_series *series, const struct ss_series_at *at);
void ss_series_octets(const struct ss_series *series, const struct ss_series_at *at,
                      uint8_t octets[16]);

/* Puts that value into the layer's field. A number beyond its bits goes round. */
void ss_series_put(const struct ss_series *series, const struct ss_series_at *at,
                   struct ss_layer *layer);

#endif
