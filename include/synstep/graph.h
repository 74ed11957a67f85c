/*
 * graph: one connection's course in time: what each end sent of its stream, how far the other one
 * acknowledged it and how far its window reached; what came twice, what was reported by SACK, where
 * findings are. After W. R. Stevens, TCP/IP Illustrated volume 1, chapter 20, and tcptrace.
 *
 * Numbers are relative to the stream's initial one (to the first one seen where that is unknown),
 * in 64 bits, so that they are right across any number of wraps. A segment that verify convicts
 * does not move what later ones are measured by, unless it lies near.
 *
 * Memory: at most 7 MB, however long the connection. When a list is full, two neighbours become
 * one, and later ones do as they come, so that the whole is equally fine; where two do not touch,
 * the second is left out, and counted.
 */
#ifndef SYNSTEP_GRAPH_H
#define SYNSTEP_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/flows.h"
#include "synstep/status.h"

enum {
    SS_GRAPH_PIECES_MAX = 16384, /* of one kind, of one stream */
    SS_GRAPH_ANSWERS_MAX = 16384,
    SS_GRAPH_MARKS_MAX = 1024,
    SS_GRAPH_FINDINGS_MAX = 512,
    SS_GRAPH_TEXT_SIZE = 256,
};

enum ss_graph_kind {
    SS_GRAPH_NEW,   /* sent for the first time */
    SS_GRAPH_AGAIN, /* retransmitted */
    SS_GRAPH_LATE,  /* out of order, which is no retransmission */
    SS_GRAPH_PROBE, /* keep-alives and zero-window probes */
    SS_GRAPH_SACK,  /* reported by the other end as arrived */
};

enum { SS_GRAPH_KINDS = SS_GRAPH_SACK + 1 };

/* A stretch of the stream: of one segment, or of some that were made one. Times are from the
 * graph's first packet. */
struct ss_graph_piece {
    int64_t low;
    int64_t high; /* the number after its last one */
    uint64_t begin_us;
    uint64_t end_us;
    uint64_t frame; /* the first of them */
    uint64_t segments;
};

/* What the other end says of the stream: from then on. */
struct ss_graph_answer {
    int64_t ack;
    int64_t edge;  /* ack + window */
    int64_t least; /* the least that `edge` was among those that were made one */
    uint64_t time_us;
    uint64_t frame;
};

enum ss_graph_mark_kind {
    SS_GRAPH_SYN,
    SS_GRAPH_FIN,
    SS_GRAPH_RST,
    SS_GRAPH_ZERO_WINDOW,   /* the other end's */
    SS_GRAPH_DUPLICATE_ACK, /* the third in a row */
};

enum { SS_GRAPH_MARK_KINDS = SS_GRAPH_DUPLICATE_ACK + 1 };

struct ss_graph_mark {
    enum ss_graph_mark_kind kind;
    int64_t at;
    uint64_t time_us;
    uint64_t frame;
};

struct ss_graph_finding {
    enum ss_rule rule;
    enum ss_verdict_level level;
    int64_t at;
    uint64_t time_us;
    uint64_t frame;
    char text[SS_GRAPH_TEXT_SIZE];
};

/* A list that grows up to a bound; from then on it takes more and more neighbours as one. */
struct ss_graph_list {
    void *items;
    size_t count;
    size_t room;
    uint64_t together; /* so many are one item; 0: one */
    uint64_t in_last;  /* so many the last item has */
};

/* What one end sends, and what the other one says of it. */
struct ss_graph_stream {
    struct ss_socket_address end; /* who sends it */
    bool isn_known;               /* else numbers count from the first one seen */
    bool known;                   /* anything is */
    int64_t low;                  /* of all that is believed; the same where nothing is */
    int64_t high;
    int64_t edge_high;
    uint64_t segments;                           /* with data, SYN or FIN */
    uint64_t bytes;                              /* of data, what came twice counted twice */
    uint64_t again;                              /* segments that were retransmitted */
    uint64_t left_out;                           /* of whatever kind, for want of room */
    struct ss_graph_list pieces[SS_GRAPH_KINDS]; /* struct ss_graph_piece */
    struct ss_graph_list answers;                /* struct ss_graph_answer */
    struct ss_graph_list marks;                  /* struct ss_graph_mark */
    struct ss_graph_list findings;               /* struct ss_graph_finding */
    struct ss_seq reference;                     /* whose number is `reference_at` */
    int64_t reference_at;
};

struct ss_graph {
    struct ss_graph_stream streams[2]; /* by who sends */
    uint64_t packets;
    uint64_t began_us; /* since 1970 */
    uint64_t last_us;  /* since then, the furthest */
    uint64_t now_us;   /* … the packet that was taken in last */
    uint32_t connection;
};

/* All zero is an empty one. Free what it holds with ss_graph_free. */
void ss_graph_free(struct ss_graph *graph);

/* Takes in a packet of the connection, as ss_flows_take judged it. SS_IO when out of memory. */
enum ss_status ss_graph_take(struct ss_graph *graph, const struct ss_flow_packet *taken,
                             const struct ss_packet *packet, uint64_t frame, uint64_t time_us);

/*
 * A finding of the packet that was taken in last, in words (cut when too long). It stands at the
 * number it is about, in that number's stream; else where its segment begins.
 */
enum ss_status ss_graph_find(struct ss_graph *graph, const struct ss_flow_packet *taken,
                             const struct ss_packet *packet, uint64_t frame,
                             const struct ss_verdict *verdict, const char *text);

static inline const struct ss_graph_piece *ss_graph_pieces(const struct ss_graph_stream *stream,
                                                           enum ss_graph_kind kind)
{
    return stream->pieces[kind].items;
}

static inline const struct ss_graph_answer *ss_graph_answers(const struct ss_graph_stream *stream)
{
    return stream->answers.items;
}

static inline const struct ss_graph_mark *ss_graph_marks(const struct ss_graph_stream *stream)
{
    return stream->marks.items;
}

static inline const struct ss_graph_finding *ss_graph_findings(const struct ss_graph_stream *stream)
{
    return stream->findings.items;
}

#endif
