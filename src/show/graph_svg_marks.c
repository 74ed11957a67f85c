/* graph_svg_marks: a stream in its panel: what lies behind first. */
#include <inttypes.h>
#include <math.h>

#include "graph_svg_parts.h"
#include "graph_words.h"
#include "xml.h"

enum {
    TITLED_MAX = 800, /* pieces of one kind that have elements of their own */
    BESIDE = 40,      /* what is outside of a panel is cut, but must not be far */
};

double svg_x(const struct svg_panel *panel, uint64_t time_us)
{
    return panel->left + panel->width * graph_axis_part(&panel->time, (int64_t)time_us);
}

double svg_y(const struct svg_panel *panel, int64_t number)
{
    double y = panel->top + panel->height * (1 - graph_axis_part(&panel->octets, number));
    return fmin(fmax(y, panel->top - BESIDE), panel->top + panel->height + BESIDE);
}

/* --- lines --------------------------------------------------------------------------------------
 */

static bool is_same(double a, double b)
{
    return fabs(a - b) < 0.1;
}

static int64_t number_of(const struct ss_graph_answer *answer, bool edge)
{
    return edge ? answer->edge : answer->ack;
}

/* Along, then up: an answer holds until the next one. */
static void draw_answers(const struct svg_panel *panel, bool edge)
{
    const struct ss_graph_answer *answers = ss_graph_answers(panel->stream);
    double x = -1, y = -1;
    if (panel->stream->answers.count == 0)
        return;
    fprintf(panel->out, "<path class=\"%s\" d=\"", edge ? "edge" : "ack");
    for (size_t i = 0; i < panel->stream->answers.count; i++) {
        double to_x = svg_x(panel, answers[i].time_us);
        double to_y = svg_y(panel, number_of(&answers[i], edge));
        if (i == 0)
            fprintf(panel->out, "M%.1f %.1f", to_x, to_y);
        if (i == 0 || is_same(y, to_y)) {
            y = i == 0 ? to_y : y;
            continue;
        }
        if (!is_same(x, to_x))
            fprintf(panel->out, "H%.1f", to_x);
        fprintf(panel->out, "V%.1f", to_y);
        x = to_x;
        y = to_y;
    }
    fprintf(panel->out, "H%.1f\"/>\n", svg_x(panel, panel->graph->last_us));
}

/* --- pieces -------------------------------------------------------------------------------------
 */

static const char *const classes[SS_GRAPH_KINDS] = {
    [SS_GRAPH_NEW] = "data",    [SS_GRAPH_AGAIN] = "again", [SS_GRAPH_LATE] = "late",
    [SS_GRAPH_PROBE] = "probe", [SS_GRAPH_SACK] = "sack",
};

static const char *const words[SS_GRAPH_KINDS] = {
    [SS_GRAPH_NEW] = "",
    [SS_GRAPH_AGAIN] = "retransmitted, ",
    [SS_GRAPH_LATE] = "out of order, ",
    [SS_GRAPH_PROBE] = "probe, ",
    [SS_GRAPH_SACK] = "SACK, ",
};

struct stretch {
    double x0, y0, x1, y1;
};

/*
 * From the lower left to the upper right; never so small that nobody sees it. What is no longer
 * seldom stands below its place, so that it does not hide what is new.
 */
static struct stretch stretch_of(const struct svg_panel *panel, enum ss_graph_kind kind,
                                 const struct ss_graph_piece *piece)
{
    enum { SELDOM = 100 };
    bool plain = kind == SS_GRAPH_NEW || kind == SS_GRAPH_SACK;
    bool seldom = panel->stream->pieces[kind].count < SELDOM;
    const double least = plain ? 1.2 : seldom ? 11 : 5, below = plain || seldom ? 0 : 6;
    struct stretch stretch = {svg_x(panel, piece->begin_us), svg_y(panel, piece->low) + below,
                              svg_x(panel, piece->end_us), svg_y(panel, piece->high) + below};
    double short_of = least - (stretch.y0 - stretch.y1);
    if (short_of > 0) {
        stretch.y0 += short_of / 2;
        stretch.y1 -= short_of / 2;
    }
    return stretch;
}

static void print_stretch(FILE *out, const struct stretch *at)
{
    if (is_same(at->x0, at->x1))
        fprintf(out, "M%.1f %.1fV%.1f", at->x0, at->y0, at->y1);
    else
        fprintf(out, "M%.1f %.1fL%.1f %.1f", at->x0, at->y0, at->x1, at->y1);
}

static void print_number(FILE *out, const struct svg_panel *panel, int64_t number)
{
    const char *letter = panel->side == SS_SIDE_A ? "J" : "K";
    fprintf(out, "%s%+" PRId64, panel->stream->isn_known ? letter : "", number);
}

static void print_title(const struct svg_panel *panel, enum ss_graph_kind kind,
                        const struct ss_graph_piece *piece)
{
    FILE *out = panel->out;
    fprintf(out, "<title>%sframe %" PRIu64 ", %.6f s: ", words[kind], piece->frame,
            (double)piece->begin_us / 1e6);
    print_number(out, panel, piece->low);
    fputs(" to ", out);
    print_number(out, panel, piece->high);
    fprintf(out, ", %" PRId64 " octets", piece->high - piece->low);
    if (piece->segments > 1)
        fprintf(out, " in %" PRIu64 " segments", piece->segments);
    fputs("</title>", out);
}

/* One element for all; what would be drawn over the last one is left out. */
static void draw_together(const struct svg_panel *panel, enum ss_graph_kind kind)
{
    const struct ss_graph_piece *pieces = ss_graph_pieces(panel->stream, kind);
    struct stretch last = {0};
    fprintf(panel->out, "<path class=\"%s\" d=\"", classes[kind]);
    for (size_t i = 0; i < panel->stream->pieces[kind].count; i++) {
        struct stretch at = stretch_of(panel, kind, &pieces[i]);
        bool joins = is_same(at.x0, last.x1) && is_same(at.x1, last.x1);
        if (joins && is_same(at.y0, last.y0) && is_same(at.y1, last.y1))
            continue;
        if (joins && is_same(at.y0, last.y1))
            fprintf(panel->out, "V%.1f", at.y1);
        else
            print_stretch(panel->out, &at);
        last = at;
    }
    fputs("\"/>\n", panel->out);
}

static void draw_pieces(const struct svg_panel *panel, enum ss_graph_kind kind)
{
    const struct ss_graph_piece *pieces = ss_graph_pieces(panel->stream, kind);
    size_t count = panel->stream->pieces[kind].count;
    if (count == 0)
        return;
    if (count > TITLED_MAX) {
        draw_together(panel, kind);
        return;
    }
    fprintf(panel->out, "<g class=\"%s\">\n", classes[kind]);
    for (size_t i = 0; i < count; i++) {
        struct stretch at = stretch_of(panel, kind, &pieces[i]);
        fputs("<path d=\"", panel->out);
        print_stretch(panel->out, &at);
        fputs("\">", panel->out);
        print_title(panel, kind, &pieces[i]);
        fputs("</path>\n", panel->out);
    }
    fputs("</g>\n", panel->out);
}

/* --- marks and findings -------------------------------------------------------------------------
 */

static void draw_mark(const struct svg_panel *panel, const struct ss_graph_mark *mark)
{
    enum { BASELINE = 5, BESIDE_IT = 4 };
    static const char *const names[SS_GRAPH_MARK_KINDS] = {"SYN", "FIN", "RST", "window 0",
                                                           "third duplicate ACK"};
    const char *letter = graph_mark_letter(mark->kind, panel->side, panel->stream);
    double x = svg_x(panel, mark->time_us), y = svg_y(panel, mark->at);
    fprintf(panel->out,
            "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>"
            "<text class=\"mark\" x=\"%.1f\" y=\"%.1f\">%s<title>%s, frame %" PRIu64 ", %.6f s: ",
            x, y, x + BESIDE_IT, y - BASELINE, letter, names[mark->kind], mark->frame,
            (double)mark->time_us / 1e6);
    print_number(panel->out, panel, mark->at);
    fputs("</title></text>\n", panel->out);
}

void svg_draw_sign(FILE *out, enum ss_verdict_level level, double x, double y)
{
    if (level == SS_VERDICT_VIOLATION)
        fprintf(out, "<path class=\"violation\" d=\"M%.1f %.1fl10 10m0 -10l-10 10\"/>", x - 5,
                y - 5);
    else if (level == SS_VERDICT_WARNING)
        fprintf(out, "<path class=\"warning\" d=\"M%.1f %.1fl6 10h-12z\"/>", x, y - 6);
    else
        fprintf(out, "<circle class=\"note\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", x, y);
}

/* Held to the panel's border: it must be seen. */
static void draw_finding(const struct svg_panel *panel, const struct ss_graph_finding *finding)
{
    double x = svg_x(panel, finding->time_us), y = svg_y(panel, finding->at);
    y = fmin(fmax(y, panel->top + 6), panel->top + panel->height - 6);
    fprintf(panel->out, "<g><title>frame %" PRIu64 ", %.6f s: ", finding->frame,
            (double)finding->time_us / 1e6);
    ss_xml_write(panel->out, finding->text);
    fputs("</title>", panel->out);
    svg_draw_sign(panel->out, finding->level, x, y);
    fputs("</g>\n", panel->out);
}

/* Where a sign was drawn last: of those that stand side by side, the first is. */
struct last {
    bool drawn;
    double x;
    double y;
};

static bool stands_apart(struct last *last, double x, double y)
{
    const double apart = 12;
    if (last->drawn && hypot(x - last->x, y - last->y) < apart)
        return false;
    *last = (struct last){true, x, y};
    return true;
}

static void draw_marks(const struct svg_panel *panel)
{
    const struct ss_graph_mark *marks = ss_graph_marks(panel->stream);
    struct last last[SS_GRAPH_MARK_KINDS] = {{false, 0, 0}};
    for (size_t i = 0; i < panel->stream->marks.count; i++)
        if (stands_apart(&last[marks[i].kind], svg_x(panel, marks[i].time_us),
                         svg_y(panel, marks[i].at)))
            draw_mark(panel, &marks[i]);
}

static void draw_findings(const struct svg_panel *panel)
{
    const struct ss_graph_finding *findings = ss_graph_findings(panel->stream);
    struct last last[SS_VERDICT_VIOLATION + 1] = {{false, 0, 0}};
    for (size_t i = 0; i < panel->stream->findings.count; i++)
        if (stands_apart(&last[findings[i].level], svg_x(panel, findings[i].time_us),
                         svg_y(panel, findings[i].at)))
            draw_finding(panel, &findings[i]);
}

void svg_draw_stream(const struct svg_panel *panel)
{
    draw_pieces(panel, SS_GRAPH_SACK);
    draw_answers(panel, true);
    draw_answers(panel, false);
    draw_pieces(panel, SS_GRAPH_NEW);
    draw_pieces(panel, SS_GRAPH_PROBE);
    draw_pieces(panel, SS_GRAPH_LATE);
    draw_pieces(panel, SS_GRAPH_AGAIN);
    draw_findings(panel);
    draw_marks(panel);
}
