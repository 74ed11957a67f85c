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

/*
 * Halves a list of pieces: neighbours that touch become one, of others the second is left out.
 * `near` and `near_us`: how far apart is touching.
 */
void graph_list_thin_pieces(struct ss_graph_stream *stream, struct ss_graph_list *list,
                            int64_t near, uint64_t near_us);

/* Halves a list of answers: of two the later stands, with the least edge of both. */
void graph_list_thin_answers(struct ss_graph_list *list);

#endif
