/*
 * graph_axis: where a picture of a stream ends, and the round numbers along its sides.
 */
#ifndef SYNSTEP_SHOW_GRAPH_AXIS_H
#define SYNSTEP_SHOW_GRAPH_AXIS_H

#include "synstep/graph.h"

enum { GRAPH_LABEL_SIZE = 32 };

/* From `low` to `high`, with a number at each multiple of `step`. */
struct graph_axis {
    int64_t low;
    int64_t high;
    int64_t step;
    int64_t unit; /* what labels count */
    const char *unit_name;
    int decimals;
};

/* Octets of a stream, at most `ticks` numbers. Its window's edge is shown where that leaves the
 * stream at least half of the height; `*edge_beyond` says that it is not. */
struct graph_axis graph_axis_octets(const struct ss_graph_stream *stream, unsigned ticks,
                                    bool *edge_beyond);

/* Time since the first packet; microseconds are written in ASCII, or not. */
struct graph_axis graph_axis_time(uint64_t last_us, unsigned ticks, bool ascii);

/* "1.2 M", "0.5 s". */
void graph_axis_label(char text[GRAPH_LABEL_SIZE], const struct graph_axis *axis, int64_t value);

/* The first number at or above the axis' lower end. */
int64_t graph_axis_first(const struct graph_axis *axis);

/* From 0 at `low` to 1 at `high`. */
double graph_axis_part(const struct graph_axis *axis, int64_t value);

/* "12.3 M" of a number by itself, with three figures. */
void graph_axis_count(char text[GRAPH_LABEL_SIZE], uint64_t count);

#endif
