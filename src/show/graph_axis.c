/* graph_axis: steps of 1, 2 and 5, and of what clocks have. */
#include "graph_axis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

static const int64_t HOUR = INT64_C(3600) * SECOND;

struct unit {
    int64_t size;
    const char *name;
    int64_t from; /* the least upper end for which it is taken */
};

/* A number's last unit that the axis reaches. */
static void choose_unit(struct graph_axis *axis, const struct unit *units, size_t count)
{
    size_t chosen = 0;
    while (chosen + 1 < count && axis->high >= units[chosen + 1].from)
        chosen++;
    axis->unit = units[chosen].size;
    axis->unit_name = units[chosen].name;
    axis->decimals = 0;
    for (int64_t part = axis->step; part % axis->unit != 0 && axis->decimals < 3; part *= 10)
        axis->decimals++;
}

/* The least of 1, 2 and 5 times a power of ten that is no less. */
static int64_t round_step(int64_t least)
{
    int64_t power = 1;
    while (power <= INT64_MAX / 100 && power * 10 <= least)
        power *= 10;
    for (int64_t times = 1; times <= 10; times = times == 2 ? 5 : 2 * times)
        if (times * power >= least)
            return times * power;
    return 10 * power;
}

struct graph_axis graph_axis_octets(const struct ss_graph_stream *stream, unsigned ticks,
                                    bool *edge_beyond)
{
    static const struct unit units[] = {
        {1, "", 0},
        {1000, " k", 10000},
        {1000000, " M", 1000000},
        {1000000000, " G", 1000000000},
        {INT64_C(1000000000000), " T", INT64_C(1000000000000)},
    };
    struct graph_axis axis = {.low = stream->low, .high = stream->high};
    int64_t height = axis.high > axis.low ? axis.high - axis.low : 1;
    *edge_beyond = stream->edge_high > axis.low + 2 * height;
    if (!*edge_beyond && stream->edge_high > axis.high)
        axis.high = stream->edge_high;
    axis.high += (axis.high - axis.low) / 20 + 1;
    axis.step = round_step((axis.high - axis.low) / (int64_t)ticks + 1);
    choose_unit(&axis, units, sizeof(units) / sizeof(units[0]));
    return axis;
}

/* Above a minute, what divides one, an hour or a day. */
static int64_t clock_step(int64_t least)
{
    static const int64_t minutes[] = {1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440};
    if (least <= 30 * (int64_t)SECOND)
        return least > 20 * (int64_t)SECOND ? 30 * (int64_t)SECOND : round_step(least);
    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++)
        if (minutes[i] * MINUTE >= least)
            return minutes[i] * MINUTE;
    return 24 * HOUR * round_step(least / (24 * HOUR) + 1);
}

struct graph_axis graph_axis_time(uint64_t last_us, unsigned ticks, bool ascii)
{
    const struct unit units[] = {
        {1, ascii ? " us" : " µs", 0}, {1000, " ms", 1000},    {SECOND, " s", SECOND},
        {MINUTE, " min", 5 * MINUTE},  {HOUR, " h", 5 * HOUR},
    };
    struct graph_axis axis = {.high =
                                  (int64_t)(last_us < INT64_MAX / 200 ? last_us : INT64_MAX / 200)};
    axis.high += axis.high / 100 + 1;
    axis.step = clock_step(axis.high / (int64_t)ticks + 1);
    choose_unit(&axis, units, sizeof(units) / sizeof(units[0]));
    return axis;
}

void graph_axis_label(char text[GRAPH_LABEL_SIZE], const struct graph_axis *axis, int64_t value)
{
    if (value == 0)
        snprintf(text, GRAPH_LABEL_SIZE, "0");
    else
        snprintf(text, GRAPH_LABEL_SIZE, "%.*f%s", axis->decimals,
                 (double)value / (double)axis->unit, axis->unit_name);
}

int64_t graph_axis_first(const struct graph_axis *axis)
{
    int64_t below = axis->low / axis->step * axis->step;
    return below >= axis->low ? below : below + axis->step;
}

double graph_axis_part(const struct graph_axis *axis, int64_t value)
{
    return ((double)value - (double)axis->low) / ((double)axis->high - (double)axis->low);
}

void graph_axis_count(char text[GRAPH_LABEL_SIZE], uint64_t count)
{
    static const char *const names[] = {"", " k", " M", " G", " T", " P", " E"};
    double value = (double)count;
    size_t name = 0;
    for (; value >= 999.5 && (count >= 10000 || name > 0); value /= 1000)
        name++;
    int decimals = name == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(text, GRAPH_LABEL_SIZE, "%.*f%s", decimals, value, names[name]);
}
