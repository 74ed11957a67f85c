/* series: which value the n-th packet of a series has. */
#include "synstep/series.h"

#include <stdlib.h>
#include <string.h>

#include "series_parts.h"

/* The item that holds a value: lists can be long, so by halves. */
static const struct ss_series_item *item_at(const struct ss_series *series, uint64_t value)
{
    size_t low = 0, high = series->item_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (series->items[middle].begin <= value)
            low = middle;
        else
            high = middle;
    }
    return &series->items[low];
}

/* Numbers of one packet's field and of another's have nothing in common. */
static struct ss_random random_at(const struct ss_series_at *at)
{
    struct ss_random packets = ss_random_seeded(at->seed);
    uint64_t high = ss_random_next32(&packets), low = ss_random_next32(&packets);
    return ss_random_seeded((high << 32 | low) + at->packet);
}

uint32_t ss_series_number(const struct ss_series *series, const struct ss_series_at *at)
{
    const struct ss_series_item *item = item_at(series, at->value);
    struct ss_random random;
    switch (item->kind) {
    case SS_SERIES_NUMBERS:
        return item->first + item->step * (uint32_t)at->packet;
    case SS_SERIES_RANGE:
        return item->first + (uint32_t)(at->value - item->begin);
    case SS_SERIES_RANDOM:
        random = random_at(at);
        return ss_random_next32(&random);
    case SS_SERIES_OCTETS:
        return 0;
    }
    return 0;
}

/* A random hardware address is one card's, and nobody's by birth (IEEE 802: group, local bit). */
static void random_octets(const struct ss_series *series, const struct ss_series_at *at,
                          uint8_t octets[16])
{
    enum { GROUP = 1, LOCAL = 2 };
    struct ss_random random = random_at(at);
    for (int i = 0; i < 16; i++)
        octets[i] = (uint8_t)ss_random_next32(&random);
    if (ss_layer_table(series->layer)->fields[series->field].form == SS_FORM_MAC)
        octets[0] = (uint8_t)((octets[0] & ~GROUP) | LOCAL);
}

void ss_series_octets(const struct ss_series *series, const struct ss_series_at *at,
                      uint8_t octets[16])
{
    const struct ss_series_item *item = item_at(series, at->value);
    memcpy(octets, item->octets, sizeof(item->octets));
    if (item->kind == SS_SERIES_RANDOM)
        random_octets(series, at, octets);
}

bool ss_series_differs(const struct ss_series *series)
{
    const struct ss_series_item *item = series->items;
    return series->count > 1 || item->kind == SS_SERIES_RANDOM || item->step != 0;
}

void ss_series_put(const struct ss_series *series, const struct ss_series_at *at,
                   struct ss_layer *layer)
{
    uint8_t octets[16];
    if (series->bits <= 32) {
        ss_layer_put(layer, series->field, ss_series_number(series, at));
        return;
    }
    ss_series_octets(series, at, octets);
    ss_layer_put_octets(layer, series->field, octets);
}

void ss_series_free(struct ss_series *series)
{
    free(series->items);
    series->items = NULL;
}
