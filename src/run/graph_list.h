/*
 * graph_list: the lists of a graph, which thin themselves out when they are full.
 */
#ifndef SYNSTEP_RUN_GRAPH_LIST_H
#define SYNSTEP_RUN_GRAPH_LIST_H

#include "synstep/graph.h"

/*
 * Room for one more item of that size at the end of a list; NULL when out of memory, or when there
 * are `most` already.
 */
void *graph_list_add(struct ss_graph_list *list, size_t size, size_t most);

/* How far apart two may be, and still touch. */
struct graph_near {
    int64_t numbers;
    uint64_t us;
};

/*
 * Adds a piece, or makes it one with the last where so many are by now. A full list is halved:
 * neighbours that touch become one, of others the second is left out: `*left_out` counts its
 * segments. False when out of memory.
 */
bool graph_list_add_piece(struct ss_graph_list *list, const struct ss_graph_piece *piece,
                          struct graph_near near, uint64_t *left_out);

/* The same for answers: of those that become one, the last stands, with the least edge. */
bool graph_list_add_answer(struct ss_graph_list *list, const struct ss_graph_answer *answer,
                           struct graph_near near);

#endif
