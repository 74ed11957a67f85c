/* series: which value the n-th packet of a series has. */
#include "synstep/series.h"

#include <stdlib.h>
#include <string.h>

#include "series_parts.h"

static unsigned bits_of(const struct ss_series *series)
{
    return ss_layer_table(series->layer)->fields[series->field].bits;
}

static bool is_octets(const struct ss_series *series)
{
    return bits_of(series) > 32;
}

/* The item that holds value `at`, and the how manieth of that item's it is. */
static const struct ss_series_item *item_at(const struct ss_series *series, uint64_t *at)
{
    size_t i = 0;
    while (*at >= series->items[i].count)
        *at -= series->items[i++].count;
    return &series->items[i];
}

/* Numbers of one packet's field and of another's have nothing in common. */
static struct ss_random random_at(const struct ss_series_at *at)
{
    struct ss_random packets = ss_random_seeded(at->seed);
    uint64_t high = ss_random_next32(&packets), low = ss_random_next32(&packets);
    return ss_random_seeded((high << 32 | low) + at->packet);
}

static uint32_t number_of(const struct ss_series_item *item, uint64_t value,
                          const struct ss_series_at *at)
{
    struct ss_random random;
    switch (item->kind) {
    case SS_SERIES_NUMBERS:
        return item->first + item->step * (uint32_t)at->packet;
    case SS_SERIES_RANGE:
        return item->first + (uint32_t)value;
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

void ss_series_put(const struct ss_series *series, const struct ss_series_at *at,
                   struct ss_layer *layer)
{
    uint64_t value = at->value;
    const struct ss_series_item *item = item_at(series, &value);
    uint8_t octets[16];
    if (!is_octets(series)) {
        ss_layer_put(layer, series->field, number_of(item, value, at));
        return;
    }
    memcpy(octets, item->octets, sizeof(octets));
    if (item->kind == SS_SERIES_RANDOM)
        random_octets(series, at, octets);
    ss_layer_put_octets(layer, series->field, octets);
}

void ss_series_free(struct ss_series *series)
{
    free(series->items);
    series->items = NULL;
}
