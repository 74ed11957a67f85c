/* graph: from numbers modulo 2^32 to places in a stream, and what is remembered of each packet. */
#include "synstep/graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "graph_list.h"

enum {
    NEAR_BYTES = 1 << 20, /* a segment that breaks a rule may still move what is measured by */
    PARTS_OF_PICTURE = 512,
};

void ss_graph_free(struct ss_graph *graph)
{
    for (int side = 0; side < 2; side++) {
        struct ss_graph_stream *stream = &graph->streams[side];
        for (int kind = 0; kind < SS_GRAPH_KINDS; kind++)
            free(stream->pieces[kind].items);
        free(stream->answers.items);
        free(stream->marks.items);
        free(stream->findings.items);
    }
    *graph = (struct ss_graph){0};
}

/* --- places in a stream -------------------------------------------------------------------------
 */

/* The nearest one with that number; right as long as no step is 2^31 or longer. */
static int64_t place_of(const struct ss_graph_stream *stream, struct ss_seq seq)
{
    if (ss_seq_before(seq, stream->reference))
        return stream->reference_at - (int64_t)ss_seq_distance(seq, stream->reference);
    return stream->reference_at + (int64_t)ss_seq_distance(stream->reference, seq);
}

/* The first number that is seen of a stream, unless its initial one is known. */
static void know(struct ss_graph_stream *stream, const struct ss_verify_side *side,
                 struct ss_seq first)
{
    if (stream->known)
        return;
    stream->known = true;
    stream->isn_known = side->isn_known;
    stream->reference = side->isn_known ? side->isn : first;
    stream->low = stream->high = stream->edge_high = place_of(stream, first);
}

/* Whether it counts for where the picture ends. */
static bool is_believed(const struct ss_graph_stream *stream, int64_t at, bool convicted)
{
    int64_t away = at - stream->reference_at;
    return !convicted || (away < NEAR_BYTES && away > -NEAR_BYTES);
}

/* Down to `low` and up to `high`, whose number is `seq`. */
static void reach(struct ss_graph_stream *stream, int64_t low, int64_t high, struct ss_seq seq,
                  bool convicted)
{
    if (!is_believed(stream, high, convicted))
        return;
    if (low < stream->low)
        stream->low = low;
    if (high > stream->high)
        stream->high = high;
    if (high > stream->reference_at) {
        stream->reference_at = high;
        stream->reference = seq;
    }
}

/* --- lists --------------------------------------------------------------------------------------
 */

/* What is nearer than a small part of the picture is one in any. */
static struct graph_near near_of(const struct ss_graph *graph, const struct ss_graph_stream *stream)
{
    return (struct graph_near){(stream->high - stream->low) / PARTS_OF_PICTURE,
                               graph->last_us / PARTS_OF_PICTURE};
}

static enum ss_status add_piece(const struct ss_graph *graph, struct ss_graph_stream *stream,
                                enum ss_graph_kind kind, const struct ss_graph_piece *piece)
{
    bool added = graph_list_add_piece(&stream->pieces[kind], piece, near_of(graph, stream),
                                      &stream->left_out);
    return added ? SS_OK : SS_IO;
}

static enum ss_status add_answer(const struct ss_graph *graph, struct ss_graph_stream *stream,
                                 const struct ss_graph_answer *answer)
{
    const struct ss_graph_answer *last = stream->answers.items;
    size_t count = stream->answers.count;
    if (count > 0 && last[count - 1].ack == answer->ack && last[count - 1].edge == answer->edge)
        return SS_OK;
    bool added = graph_list_add_answer(&stream->answers, answer, near_of(graph, stream));
    return added ? SS_OK : SS_IO;
}

/* The first ones stand. */
static enum ss_status add_mark(struct ss_graph_stream *stream, enum ss_graph_mark_kind kind,
                               int64_t at, uint64_t time_us, uint64_t frame)
{
    if (stream->marks.count == SS_GRAPH_MARKS_MAX) {
        stream->left_out++;
        return SS_OK;
    }
    struct ss_graph_mark *added =
        graph_list_add(&stream->marks, sizeof(*added), SS_GRAPH_MARKS_MAX);
    if (!added)
        return SS_IO;
    *added = (struct ss_graph_mark){kind, at, time_us, frame};
    return SS_OK;
}

/* --- a packet -----------------------------------------------------------------------------------
 */

/* What is looked at of a packet. */
struct seen {
    struct ss_graph *graph;
    const struct ss_flow_packet *taken;
    const struct ss_packet *packet;
    uint64_t frame;
    uint64_t time_us; /* since the graph's first packet */
    bool convicted;
};

static enum ss_graph_kind kind_of(uint32_t flags)
{
    const uint32_t again = SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_FAST_RETRANSMISSION |
                           SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    const uint32_t probe = SS_ANALYSIS_KEEP_ALIVE | SS_ANALYSIS_ZERO_WINDOW_PROBE;
    if (flags & probe)
        return SS_GRAPH_PROBE;
    if (flags & again)
        return SS_GRAPH_AGAIN;
    return flags & SS_ANALYSIS_OUT_OF_ORDER ? SS_GRAPH_LATE : SS_GRAPH_NEW;
}

/* SYN and FIN have a number each: the SYN the first, the FIN the last. */
static enum ss_status mark_flags(const struct seen *seen, struct ss_graph_stream *stream,
                                 int64_t low, int64_t high)
{
    uint8_t flags = seen->packet->tcp.flags;
    enum ss_status status = SS_OK;
    if (flags & SS_TCP_SYN)
        status = add_mark(stream, SS_GRAPH_SYN, low, seen->time_us, seen->frame);
    if (status == SS_OK && (flags & SS_TCP_FIN))
        status = add_mark(stream, SS_GRAPH_FIN, high - 1, seen->time_us, seen->frame);
    if (status == SS_OK && (flags & SS_TCP_RST))
        status = add_mark(stream, SS_GRAPH_RST, low, seen->time_us, seen->frame);
    return status;
}

static enum ss_status take_data(const struct seen *seen)
{
    const struct ss_packet *packet = seen->packet;
    struct ss_graph_stream *stream = &seen->graph->streams[seen->taken->from];
    uint32_t length = ss_packet_segment_length(packet);
    know(stream, &seen->taken->flow->verify.sides[seen->taken->from], packet->tcp.seq);
    int64_t low = place_of(stream, packet->tcp.seq);
    const struct ss_graph_piece piece = {
        .low = low,
        .high = low + length,
        .begin_us = seen->time_us,
        .end_us = seen->time_us,
        .frame = seen->frame,
        .segments = 1,
    };
    bool beyond = low >= stream->high;
    reach(stream, low, piece.high, ss_seq_add(packet->tcp.seq, length),
          seen->convicted || length == 0);
    stream->segments += length > 0;
    stream->bytes += packet->payload_length;
    enum ss_graph_kind kind = kind_of(seen->taken->analysis.flags);
    enum ss_status status = SS_OK;
    if (kind == SS_GRAPH_AGAIN && beyond)
        kind = SS_GRAPH_NEW; /* only its acknowledgment was seen before */
    if (packet->payload_length > 0)
        status = add_piece(seen->graph, stream, kind, &piece);
    stream->again += length > 0 && kind == SS_GRAPH_AGAIN;
    return status == SS_OK ? mark_flags(seen, stream, low, piece.high) : status;
}

/* Blocks that were not told by the answer before. */
static enum ss_status take_blocks(const struct seen *seen, struct ss_graph_stream *stream)
{
    const struct ss_tcp_options *options = &seen->packet->options;
    enum ss_status status = SS_OK;
    for (size_t i = 0; i < options->sack_count && status == SS_OK; i++) {
        const struct ss_graph_list *list = &stream->pieces[SS_GRAPH_SACK];
        const struct ss_graph_piece *old = list->items;
        const struct ss_graph_piece piece = {
            .low = place_of(stream, options->sack[i].left),
            .high = place_of(stream, options->sack[i].right),
            .begin_us = seen->time_us,
            .end_us = seen->time_us,
            .frame = seen->frame,
            .segments = 1,
        };
        bool told = piece.high <= piece.low;
        for (size_t back = 1; back <= SS_TCP_SACK_BLOCKS_MAX && back <= list->count; back++)
            told |= old[list->count - back].low == piece.low &&
                    old[list->count - back].high == piece.high;
        if (!told)
            status = add_piece(seen->graph, stream, SS_GRAPH_SACK, &piece);
    }
    return status;
}

static enum ss_status mark_answer(const struct seen *seen, struct ss_graph_stream *stream,
                                  int64_t ack)
{
    const struct ss_verify_analysis *analysis = &seen->taken->analysis;
    enum { THIRD = 3 };
    if (analysis->flags & SS_ANALYSIS_ZERO_WINDOW)
        return add_mark(stream, SS_GRAPH_ZERO_WINDOW, ack, seen->time_us, seen->frame);
    if ((analysis->flags & SS_ANALYSIS_DUPLICATE_ACK) && analysis->duplicate_ack_count == THIRD)
        return add_mark(stream, SS_GRAPH_DUPLICATE_ACK, ack, seen->time_us, seen->frame);
    return SS_OK;
}

static enum ss_status take_ack(const struct seen *seen)
{
    const struct ss_packet *packet = seen->packet;
    enum ss_side other = ss_side_other(seen->taken->from);
    struct ss_graph_stream *stream = &seen->graph->streams[other];
    if (!(packet->tcp.flags & SS_TCP_ACK) || (packet->tcp.flags & SS_TCP_RST))
        return SS_OK;
    know(stream, &seen->taken->flow->verify.sides[other], packet->tcp.ack);
    int64_t ack = place_of(stream, packet->tcp.ack);
    int64_t edge = ack + (int64_t)ss_verify_window_bytes(&seen->taken->flow->verify,
                                                         seen->taken->from, packet);
    const struct ss_graph_answer answer = {ack, edge, edge, seen->time_us, seen->frame};
    bool believed = is_believed(stream, ack, seen->convicted);
    reach(stream, ack, ack, packet->tcp.ack, seen->convicted);
    if (believed && edge > stream->edge_high)
        stream->edge_high = edge;
    enum ss_status status = believed ? add_answer(seen->graph, stream, &answer) : SS_OK;
    if (status == SS_OK)
        status = take_blocks(seen, stream);
    return status == SS_OK ? mark_answer(seen, stream, ack) : status;
}

static void begin(struct ss_graph *graph, const struct ss_flow *flow, uint64_t time_us)
{
    graph->connection = flow->number;
    graph->began_us = time_us;
    for (int side = 0; side < 2; side++)
        graph->streams[side].end = flow->ends[side];
}

enum ss_status ss_graph_take(struct ss_graph *graph, const struct ss_flow_packet *taken,
                             const struct ss_packet *packet, uint64_t frame, uint64_t time_us)
{
    if (graph->packets++ == 0)
        begin(graph, taken->flow, time_us);
    const struct seen seen = {
        .graph = graph,
        .taken = taken,
        .packet = packet,
        .frame = frame,
        .time_us = time_us > graph->began_us ? time_us - graph->began_us : 0,
        .convicted = ss_verdicts_worst(&taken->verdicts) == SS_VERDICT_VIOLATION,
    };
    graph->now_us = seen.time_us;
    if (seen.time_us > graph->last_us)
        graph->last_us = seen.time_us;
    enum ss_status status = take_data(&seen);
    return status == SS_OK ? take_ack(&seen) : status;
}

/* --- a finding ----------------------------------------------------------------------------------
 */

static enum ss_side side_of(const struct ss_flow_packet *taken, const struct ss_verdict *verdict)
{
    if (verdict->numbers == SS_NUMBERS_SEQ_A)
        return SS_SIDE_A;
    return verdict->numbers == SS_NUMBERS_SEQ_B ? SS_SIDE_B : taken->from;
}

enum ss_status ss_graph_find(struct ss_graph *graph, const struct ss_flow_packet *taken,
                             const struct ss_packet *packet, uint64_t frame,
                             const struct ss_verdict *verdict, const char *text)
{
    struct ss_graph_stream *stream = &graph->streams[side_of(taken, verdict)];
    bool own = verdict->numbers == SS_NUMBERS_SEQ_A || verdict->numbers == SS_NUMBERS_SEQ_B;
    struct ss_seq seq = own ? ss_seq_from(verdict->actual) : packet->tcp.seq;
    if (stream->findings.count == SS_GRAPH_FINDINGS_MAX) {
        stream->left_out++;
        return SS_OK;
    }
    struct ss_graph_finding *added =
        graph_list_add(&stream->findings, sizeof(*added), SS_GRAPH_FINDINGS_MAX);
    if (!added)
        return SS_IO;
    *added = (struct ss_graph_finding){
        .rule = verdict->rule,
        .level = verdict->level,
        .at = stream->known ? place_of(stream, seq) : 0,
        .time_us = graph->now_us,
        .frame = frame,
    };
    snprintf(added->text, sizeof(added->text), "%s", text);
    return SS_OK;
}
