/* graph_svg: the sheet: style, titles, axes, legend. */
#include "synstep/graph_svg.h"

#include <errno.h>
#include <string.h>

#include "graph_svg_parts.h"
#include "graph_words.h"
#include "output_file.h"
#include "text.h"
#include "xml.h"

enum {
    WIDTH = 1200,
    LEFT = 84,
    RIGHT = 28,
    TOP = 74,
    HEAD = 30,     /* over a panel */
    FOOT = 44,     /* under it */
    HEIGHTS = 640, /* of both panels */
    HEIGHT_QUIET = 150,
    QUIET = 20, /* as many times less is sent there */
    LINE = 20,
    LEGEND = 34,
    TIMES = 11, /* at most that many numbers along it */
    PIXELS_FOR_TICK = 55,
    FINDINGS_TOLD = 10,
    LETTER = 7, /* a letter's width, nearly */
    LINE_LETTERS = 165,
};

/* --- style --------------------------------------------------------------------------------------
 */

static const char style[] =
    "<style>\n"
    "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "fill:#1f2328}\n"
    ".ground{fill:#fff}.title{font-size:19px;font-weight:600}.head{font-weight:600}"
    ".dim{fill:#59636e}.end{text-anchor:end}.middle{text-anchor:middle}\n"
    ".grid{stroke:#e4e8ec}.axis{stroke:#818b98;fill:none}\n"
    ".data,.data path{stroke:#0969da;stroke-width:2.2;fill:none}\n"
    ".ack{stroke:#1a7f37;stroke-width:1.6;fill:none}\n"
    ".edge{stroke:#b08800;stroke-width:1.3;stroke-dasharray:5 3;fill:none}\n"
    ".again,.again path{stroke:#cf222e;stroke-width:2.6;fill:none}\n"
    ".late,.late path{stroke:#e36209;stroke-width:2.6;fill:none}\n"
    ".probe,.probe path{stroke:#59636e;stroke-width:2.6;fill:none}\n"
    ".sack,.sack path{stroke:#8250df;stroke-opacity:.4;stroke-width:1.8;fill:none}\n"
    ".mark{font-weight:700}.dot{fill:#1f2328}\n"
    ".violation{stroke:#cf222e;stroke-width:2.6;fill:none}\n"
    ".warning{fill:#d4a72c;stroke:#7d4e00}.note{fill:#59636e}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.ground{fill:#0d1117}.dim{fill:#9198a1}.grid{stroke:#262c36}"
    ".axis{stroke:#6e7681}\n"
    ".data,.data path{stroke:#58a6ff}.ack{stroke:#3fb950}.edge{stroke:#d29922}\n"
    ".again,.again path,.violation{stroke:#ff7b72}.late,.late path{stroke:#ffa657}"
    ".sack,.sack path{stroke:#bc8cff}\n"
    ".dot{fill:#e6edf3}.probe,.probe path{stroke:#9198a1}.note{fill:#9198a1}\n"
    "}\n"
    "</style>\n";

/* --- text ---------------------------------------------------------------------------------------
 */

static void write_text(FILE *out, const char *class, double x, double y, const char *text)
{
    struct ss_text sentence;
    ss_text_clear(&sentence);
    ss_text_add_sentence(&sentence, text);
    fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    ss_xml_write(out, sentence.octets);
    fputs("</text>\n", out);
}

/* --- a panel ------------------------------------------------------------------------------------
 */

static void write_octets(const struct svg_panel *panel)
{
    for (int64_t at = graph_axis_first(&panel->octets); at <= panel->octets.high;
         at += panel->octets.step) {
        char label[GRAPH_LABEL_SIZE];
        double y = svg_y(panel, at);
        graph_axis_label(label, &panel->octets, at);
        fprintf(panel->out, "<path class=\"grid\" d=\"M%.1f %.1fh%.1f\"/>\n", panel->left, y,
                panel->width);
        write_text(panel->out, "dim end", panel->left - 8, y + 4.5, label);
    }
}

static void write_times(const struct svg_panel *panel)
{
    double bottom = panel->top + panel->height;
    for (int64_t at = graph_axis_first(&panel->time); at <= panel->time.high;
         at += panel->time.step) {
        char label[GRAPH_LABEL_SIZE];
        double x = svg_x(panel, (uint64_t)at);
        graph_axis_label(label, &panel->time, at);
        fprintf(panel->out, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", x, panel->top,
                bottom);
        write_text(panel->out, "dim middle", x, bottom + 18, label);
    }
}

static void write_panel(const struct svg_panel *panel)
{
    char head[GRAPH_HEAD_SIZE], id = panel->side == SS_SIDE_A ? 'a' : 'b';
    graph_head(head, panel->graph, panel->side);
    write_text(panel->out, "head", panel->left, panel->top - 10, head);
    write_octets(panel);
    write_times(panel);
    fprintf(panel->out,
            "<clipPath id=\"%c\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>"
            "</clipPath>\n<g clip-path=\"url(#%c)\">\n",
            id, panel->left - 4, panel->top - 16, panel->width + 20, panel->height + 19, id);
    svg_draw_stream(panel);
    fprintf(panel->out, "</g>\n<path class=\"axis\" d=\"M%.1f %.1fv%.1fh%.1f\"/>\n", panel->left,
            panel->top, panel->height, panel->width);
}

/* --- below --------------------------------------------------------------------------------------
 */

struct entry {
    const char *words;
    const char *drawing; /* within 26 pixels to the right, 10 high, around 0 */
};

static const struct entry entries[GRAPH_PRESENTS] = {
    [GRAPH_HAS_NEW] = {"data", "<path class=\"data\" d=\"M8 5v-10M13 2v-10M18 -1v-8\"/>"},
    [GRAPH_HAS_AGAIN] = {"retransmitted", "<path class=\"again\" d=\"M13 6v-12\"/>"},
    [GRAPH_HAS_LATE] = {"out of order", "<path class=\"late\" d=\"M13 6v-12\"/>"},
    [GRAPH_HAS_PROBE] = {"probe", "<path class=\"probe\" d=\"M13 3v-6\"/>"},
    [GRAPH_HAS_SACK] = {"SACK", "<path class=\"sack\" d=\"M7 6v-9M10 6v-11M13 6v-13M16 6v-14\"/>"},
    [GRAPH_HAS_ACK] = {"acknowledged", "<path class=\"ack\" d=\"M3 5h8v-8h10\"/>"},
    [GRAPH_HAS_EDGE] = {"window's edge", "<path class=\"edge\" d=\"M2 0h22\"/>"},
    [GRAPH_HAS_SYN] = {"SYN", "<text class=\"mark\" x=\"2\" y=\"5\">J K</text>"},
    [GRAPH_HAS_FIN] = {"FIN", "<text class=\"mark\" x=\"-3\" y=\"5\">M N</text>"},
    [GRAPH_HAS_RST] = {"RST", "<text class=\"mark\" x=\"10\" y=\"8\">*</text>"},
    [GRAPH_HAS_ZERO] = {"window 0", "<text class=\"mark\" x=\"10\" y=\"5\">Z</text>"},
    [GRAPH_HAS_DUPLICATE] = {"third duplicate ACK",
                             "<text class=\"mark\" x=\"10\" y=\"5\">3</text>"},
    [GRAPH_HAS_VIOLATION] = {"violation", NULL},
    [GRAPH_HAS_WARNING] = {"warning", NULL},
    [GRAPH_HAS_NOTE] = {"note", NULL},
};

static void write_sign(FILE *out, int presence)
{
    if (entries[presence].drawing)
        fputs(entries[presence].drawing, out);
    else
        svg_draw_sign(
            out,
            (enum ss_verdict_level)(SS_VERDICT_VIOLATION - (presence - (int)GRAPH_HAS_VIOLATION)),
            13, 0);
}

/* In as many lines as it takes; without `out` they are only counted. */
static int write_legend(FILE *out, const struct ss_graph *graph, int top)
{
    enum { SIGN = 32, BETWEEN = 22 };
    bool present[GRAPH_PRESENTS];
    int x = LEFT, lines = 1;
    graph_present(graph, present);
    for (int i = 0; i < GRAPH_PRESENTS; i++) {
        int width = SIGN + LETTER * (int)strlen(entries[i].words);
        if (!present[i])
            continue;
        if (x > LEFT && x + width > WIDTH - RIGHT) {
            x = LEFT;
            lines++;
        }
        if (out) {
            fprintf(out, "<g transform=\"translate(%d %d)\">", x, top + (lines - 1) * LINE);
            write_sign(out, i);
            fputs("</g>", out);
            write_text(out, "", x + SIGN, top + (lines - 1) * LINE + 4.5, entries[i].words);
        }
        x += width + BETWEEN;
    }
    return lines;
}

/* A sentence of many words goes over some lines. */
static int write_sentence(FILE *out, int top, const char *sentence)
{
    int lines = 0;
    while (*sentence) {
        char line[LINE_LETTERS + 1];
        size_t length = strlen(sentence);
        if (length > LINE_LETTERS)
            for (length = LINE_LETTERS; length > 1 && sentence[length] != ' '; length--)
                continue;
        snprintf(line, sizeof(line), "%.*s", (int)length, sentence);
        if (out)
            write_text(out, "dim", LEFT, top + lines * LINE + 4.5, line);
        lines++;
        sentence += length;
        sentence += strspn(sentence, " ");
    }
    return lines;
}

static int write_findings(FILE *out, const struct ss_graph *graph, int top)
{
    struct graph_told told[FINDINGS_TOLD];
    char text[SS_GRAPH_TEXT_SIZE + 96];
    size_t more, count = graph_tell(graph, told, FINDINGS_TOLD, &more);
    int lines = 0;
    for (size_t i = 0; i < count; i++) {
        graph_finding_words(text, sizeof(text), &told[i]);
        if (out)
            svg_draw_sign(out, told[i].first->level, LEFT - 14, top + lines * LINE);
        lines += write_sentence(out, top + lines * LINE, text);
    }
    snprintf(text, sizeof(text), "and %zu more, by other rules", more);
    return more > 0 ? lines + write_sentence(out, top + lines * LINE, text) : lines;
}

/* Its lines. */
static int write_below(FILE *out, const struct ss_graph *graph, int top)
{
    char text[GRAPH_NOTE_SIZE];
    int lines = write_legend(out, graph, top);
    top += LINE / 3;
    for (unsigned note = 0; graph_note(text, graph, note); note++)
        lines += write_sentence(out, top + lines * LINE, text);
    return lines + write_findings(out, graph, top + lines * LINE + LINE / 3);
}

/* --- the sheet ----------------------------------------------------------------------------------
 */

static int height_of(const struct ss_graph *graph, enum ss_side side)
{
    uint64_t own = graph->streams[side].bytes, other = graph->streams[ss_side_other(side)].bytes;
    if (!graph->streams[side].known)
        return 0;
    if (own * QUIET < other)
        return HEIGHT_QUIET;
    return other * QUIET < own ? HEIGHTS - HEIGHT_QUIET : HEIGHTS / 2;
}

static int write_streams(FILE *out, const struct ss_graph *graph, int top)
{
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        int height = height_of(graph, (enum ss_side)side);
        bool beyond;
        if (height == 0)
            continue;
        const struct svg_panel panel = {
            .out = out,
            .graph = graph,
            .stream = &graph->streams[side],
            .side = (enum ss_side)side,
            .time = graph_axis_time(graph->last_us, TIMES, false),
            .octets = graph_axis_octets(&graph->streams[side],
                                        (unsigned)height / PIXELS_FOR_TICK + 1, &beyond),
            .left = LEFT,
            .top = top + HEAD,
            .width = WIDTH - LEFT - RIGHT,
            .height = height,
        };
        if (out)
            write_panel(&panel);
        top += HEAD + height + FOOT;
    }
    return top;
}

static void write_sheet(FILE *out, const struct ss_graph *graph, const char *file)
{
    char title[GRAPH_NOTE_SIZE];
    int below = write_streams(NULL, graph, TOP) + LEGEND / 2;
    int height = below + LINE * write_below(NULL, graph, 0) + 2 * LINE;
    graph_title(title, graph, file);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" role=\"img\">\n",
            WIDTH, height, WIDTH, height);
    fputs(style, out);
    fprintf(out, "<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    write_text(out, "title", LEFT, 36, title);
    write_text(out, "dim", LEFT, 58,
               "What each end sends, by sequence number over time since the first packet; and what "
               "the other end says of it.");
    (void)write_streams(out, graph, TOP);
    (void)write_below(out, graph, below);
    fputs("</svg>\n", out);
}

enum ss_status ss_graph_svg_write(const char *path, const struct ss_graph *graph, const char *file,
                                  struct ss_problem *problem)
{
    struct ss_output_file output;
    enum ss_status status = ss_output_file_open("the picture", path, &output, problem);
    if (status != SS_OK)
        return status;
    errno = 0;
    write_sheet(output.out, graph, file);
    ss_output_file_remember(&output, !ferror(output.out));
    ss_output_file_close(&output);
    return ss_output_file_ended(&output, problem);
}
