/*
 * graph_words: what a graph says in words, whatever it is drawn with.
 */
#ifndef SYNSTEP_SHOW_GRAPH_WORDS_H
#define SYNSTEP_SHOW_GRAPH_WORDS_H

#include "synstep/graph.h"

enum { GRAPH_HEAD_SIZE = 200, GRAPH_NOTE_SIZE = 400 };

/* What there is of, and a legend has to say. */
enum graph_presence {
    GRAPH_HAS_NEW,
    GRAPH_HAS_AGAIN,
    GRAPH_HAS_LATE,
    GRAPH_HAS_PROBE,
    GRAPH_HAS_SACK,
    GRAPH_HAS_ACK,
    GRAPH_HAS_EDGE,
    GRAPH_HAS_SYN,
    GRAPH_HAS_FIN,
    GRAPH_HAS_RST,
    GRAPH_HAS_ZERO,
    GRAPH_HAS_DUPLICATE,
    GRAPH_HAS_VIOLATION,
    GRAPH_HAS_WARNING,
    GRAPH_HAS_NOTE,
};

enum { GRAPH_PRESENTS = GRAPH_HAS_NOTE + 1 };

void graph_present(const struct ss_graph *graph, bool present[GRAPH_PRESENTS]);

/* J, K, M, N, and letters for the rest; static storage. */
const char *graph_mark_letter(enum ss_graph_mark_kind kind, enum ss_side side,
                              const struct ss_graph_stream *stream);

/* Of the whole: which connection, of which file, how long. */
void graph_title(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph, const char *file);

/* Over a stream. */
void graph_head(char text[GRAPH_HEAD_SIZE], const struct ss_graph *graph, enum ss_side side);

/* What is not in the picture, a sentence each, "" for one that does not apply; false at the end. */
bool graph_note(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph, unsigned index);

/* The first finding by a rule, and how many more there are. */
struct graph_told {
    const struct ss_graph_finding *first; /* of the graph */
    size_t more;
};

/* Fills in up to `most` of them, as they came; how many. `*more`: findings by other rules. */
size_t graph_tell(const struct ss_graph *graph, struct graph_told *told, size_t most, size_t *more);

void graph_finding_words(char *text, size_t size, const struct graph_told *told);

#endif
