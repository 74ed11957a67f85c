/* graph_words: titles, the legend's presence, and what was left out. */
#include "graph_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "graph_axis.h"

static void look(const struct ss_graph_stream *stream, bool present[GRAPH_PRESENTS])
{
    static const enum graph_presence of_mark[SS_GRAPH_MARK_KINDS] = {
        GRAPH_HAS_SYN, GRAPH_HAS_FIN, GRAPH_HAS_RST, GRAPH_HAS_ZERO, GRAPH_HAS_DUPLICATE};
    const struct ss_graph_finding *findings = ss_graph_findings(stream);
    const struct ss_graph_mark *marks = ss_graph_marks(stream);
    bool beyond;
    (void)graph_axis_octets(stream, 1, &beyond);
    for (int kind = 0; kind < SS_GRAPH_KINDS; kind++)
        present[GRAPH_HAS_NEW + kind] |= stream->pieces[kind].count > 0;
    present[GRAPH_HAS_ACK] |= stream->answers.count > 0;
    present[GRAPH_HAS_EDGE] |= stream->answers.count > 0 && !beyond;
    for (size_t i = 0; i < stream->marks.count; i++)
        present[of_mark[marks[i].kind]] = true;
    for (size_t i = 0; i < stream->findings.count; i++)
        present[GRAPH_HAS_VIOLATION + (SS_VERDICT_VIOLATION - (int)findings[i].level)] = true;
}

void graph_present(const struct ss_graph *graph, bool present[GRAPH_PRESENTS])
{
    for (int i = 0; i < GRAPH_PRESENTS; i++)
        present[i] = false;
    look(&graph->streams[SS_SIDE_A], present);
    look(&graph->streams[SS_SIDE_B], present);
}

const char *graph_mark_letter(enum ss_graph_mark_kind kind, enum ss_side side,
                              const struct ss_graph_stream *stream)
{
    switch (kind) {
    case SS_GRAPH_SYN:
        return !stream->isn_known ? "?" : side == SS_SIDE_A ? "J" : "K";
    case SS_GRAPH_FIN:
        return side == SS_SIDE_A ? "M" : "N";
    case SS_GRAPH_RST:
        return "*";
    case SS_GRAPH_ZERO_WINDOW:
        return "Z";
    case SS_GRAPH_DUPLICATE_ACK:
        return "3";
    }
    return "";
}

void graph_title(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph, const char *file)
{
    char from[SS_SOCKET_ADDRESS_TEXT_SIZE], to[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(from, &graph->streams[SS_SIDE_A].end);
    ss_socket_address_format(to, &graph->streams[SS_SIDE_B].end);
    snprintf(text, GRAPH_NOTE_SIZE,
             "Connection %" PRIu32 " of %s: %s > %s, %" PRIu64 " segment%s in %.3f s",
             graph->connection, file, from, to, graph->packets, graph->packets == 1 ? "" : "s",
             (double)graph->last_us / 1e6);
}

void graph_head(char text[GRAPH_HEAD_SIZE], const struct ss_graph *graph, enum ss_side side)
{
    const struct ss_graph_stream *stream = &graph->streams[side];
    char from[SS_SOCKET_ADDRESS_TEXT_SIZE], bytes[GRAPH_LABEL_SIZE], again[40] = "";
    char origin[] = {side == SS_SIDE_A ? 'J' : 'K', '\0'};
    ss_socket_address_format(from, &stream->end);
    graph_axis_count(bytes, stream->bytes);
    if (stream->again > 0)
        snprintf(again, sizeof(again), ", %" PRIu64 " again", stream->again);
    snprintf(text, GRAPH_HEAD_SIZE,
             "%c, %s, sends %s octet%s in %" PRIu64 " segment%s%s (upward: %s%s)",
             side == SS_SIDE_A ? 'A' : 'B', from, bytes, stream->bytes == 1 ? "" : "s",
             stream->segments, stream->segments == 1 ? "" : "s", again,
             stream->isn_known ? "seq - " : "octets from the first seen",
             stream->isn_known ? origin : "");
}

/* By how much the furthest edge is beyond the last number, where it is out of the picture. */
static bool is_beyond(const struct ss_graph *graph, enum ss_side side, char text[GRAPH_LABEL_SIZE])
{
    const struct ss_graph_stream *stream = &graph->streams[side];
    bool beyond = false;
    if (stream->known)
        (void)graph_axis_octets(stream, 1, &beyond);
    if (beyond)
        graph_axis_count(text, (uint64_t)(stream->edge_high - stream->high));
    return beyond;
}

static void note_edges(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph)
{
    char a[GRAPH_LABEL_SIZE], b[GRAPH_LABEL_SIZE];
    bool for_a = is_beyond(graph, SS_SIDE_A, a), for_b = is_beyond(graph, SS_SIDE_B, b);
    if (for_a || for_b)
        snprintf(text, GRAPH_NOTE_SIZE, "Out of the picture: windows, up to %s%s%s%s%s.",
                 for_a ? a : "", for_a ? " octets beyond what A sends" : "",
                 for_a && for_b ? ", " : "", for_b ? b : "",
                 for_b ? " octets beyond what B sends" : "");
}

/* Segments that are not drawn each by itself. */
static uint64_t gathered(const struct ss_graph_stream *stream)
{
    uint64_t count = 0;
    for (int kind = 0; kind < SS_GRAPH_SACK; kind++)
        for (size_t i = 0; i < stream->pieces[kind].count; i++) {
            uint64_t segments = ss_graph_pieces(stream, (enum ss_graph_kind)kind)[i].segments;
            count += segments > 1 ? segments : 0;
        }
    return count;
}

static void note_thinned(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph)
{
    uint64_t together = gathered(&graph->streams[0]) + gathered(&graph->streams[1]);
    uint64_t left_out = graph->streams[0].left_out + graph->streams[1].left_out;
    char both[2][GRAPH_LABEL_SIZE], left[80] = "";
    graph_axis_count(both[0], together);
    graph_axis_count(both[1], left_out);
    if (left_out > 0)
        snprintf(left, sizeof(left), ", %s segments, marks or findings are left out", both[1]);
    if (together + left_out > 0)
        snprintf(text, GRAPH_NOTE_SIZE,
                 "Too many for one picture: %s segments are drawn as one with neighbours%s.",
                 both[0], left);
}

bool graph_note(char text[GRAPH_NOTE_SIZE], const struct ss_graph *graph, unsigned index)
{
    text[0] = '\0';
    switch (index) {
    case 0:
        note_edges(text, graph);
        return true;
    case 1:
        note_thinned(text, graph);
        return true;
    default:
        return false;
    }
}

static bool add_told(struct graph_told *told, size_t *count, size_t most,
                     const struct ss_graph_finding *finding)
{
    for (size_t i = 0; i < *count; i++)
        if (told[i].first->rule == finding->rule && told[i].first->level == finding->level) {
            told[i].more++;
            return true;
        }
    if (*count == most)
        return false;
    told[(*count)++] = (struct graph_told){.first = finding};
    return true;
}

/* Both streams' findings in the order of their frames. */
size_t graph_tell(const struct ss_graph *graph, struct graph_told *told, size_t most, size_t *more)
{
    const struct ss_graph_finding *a = ss_graph_findings(&graph->streams[SS_SIDE_A]);
    const struct ss_graph_finding *b = ss_graph_findings(&graph->streams[SS_SIDE_B]);
    size_t left_a = graph->streams[SS_SIDE_A].findings.count;
    size_t left_b = graph->streams[SS_SIDE_B].findings.count, count = 0;
    *more = 0;
    while (left_a + left_b > 0) {
        bool second = left_a == 0 || (left_b > 0 && b->frame < a->frame);
        *more += !add_told(told, &count, most, second ? b++ : a++);
        *(second ? &left_b : &left_a) -= 1;
    }
    return count;
}

void graph_finding_words(char *text, size_t size, const struct graph_told *told)
{
    char more[48] = "";
    if (told->more > 0)
        snprintf(more, sizeof(more), "; and %zu more", told->more);
    snprintf(text, size, "frame %" PRIu64 ", %.6f s: %s%s", told->first->frame,
             (double)told->first->time_us / 1e6, told->first->text, more);
}
