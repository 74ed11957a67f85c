/*
 * graph_svg_parts: a panel of the picture, and what is drawn into it.
 */
#ifndef SYNSTEP_SHOW_GRAPH_SVG_PARTS_H
#define SYNSTEP_SHOW_GRAPH_SVG_PARTS_H

#include <stdio.h>

#include "graph_axis.h"

/* Places are pixels from the picture's upper left corner. */
struct svg_panel {
    FILE *out;
    const struct ss_graph *graph;
    const struct ss_graph_stream *stream;
    enum ss_side side;
    struct graph_axis time;
    struct graph_axis octets;
    double left;
    double top;
    double width;
    double height;
};

double svg_x(const struct svg_panel *panel, uint64_t time_us);
double svg_y(const struct svg_panel *panel, int64_t number); /* held near the panel */

/* The stream's segments, acknowledgments, window, marks and findings. */
void svg_draw_stream(const struct svg_panel *panel);

/* A finding's sign around a place. */
void svg_draw_sign(FILE *out, enum ss_verdict_level level, double x, double y);

#endif
