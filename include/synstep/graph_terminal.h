/*
 * graph_terminal: a connection's time-sequence graph in characters: time to the right, each end's
 * stream in a panel of its own.
 */
#ifndef SYNSTEP_GRAPH_TERMINAL_H
#define SYNSTEP_GRAPH_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "synstep/graph.h"

struct ss_graph_terminal {
    FILE *out;
    unsigned columns; /* held to 60 to 240 */
    unsigned rows;    /* of the terminal; 0: it is none */
    bool color;
    bool ascii;
    const char *file; /* as it is told */
};

/* False when out of memory. What cannot be written is for the stream's owner to find. */
bool ss_graph_terminal_draw(const struct ss_graph_terminal *terminal, const struct ss_graph *graph);

#endif
