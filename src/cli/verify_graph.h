/*
 * verify_graph: one connection of a capture as a time-sequence graph, on the terminal or as an SVG.
 */
#ifndef SYNSTEP_CLI_VERIFY_GRAPH_H
#define SYNSTEP_CLI_VERIFY_GRAPH_H

#include "synstep/graph.h"
#include "verify_seen.h"

/* A segment of the connection, and those of its findings that are told. */
enum ss_status verify_graph_take(struct ss_graph *graph, const struct verify_options *options,
                                 const struct verify_seen *seen, struct ss_problem *problem);

/* Draws it, unless it is empty; `file` as it is told. Frees what it holds. */
enum ss_status verify_graph_close(struct ss_graph *graph, const struct verify_options *options,
                                  const char *file, struct ss_problem *problem);

#endif
