/* graph_canvas: cells, and the character that each becomes. */
#include "graph_canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum link { LINK_LEFT = 1, LINK_RIGHT = 2, LINK_UP = 4, LINK_DOWN = 8, LINKS = 16 };

bool graph_canvas_init(struct graph_canvas *canvas, size_t columns, size_t rows)
{
    canvas->columns = columns;
    canvas->rows = rows;
    canvas->cells = calloc(columns * rows, sizeof(*canvas->cells));
    return canvas->cells != NULL;
}

void graph_canvas_free(struct graph_canvas *canvas)
{
    free(canvas->cells);
    canvas->cells = NULL;
}

/* --- drawing ------------------------------------------------------------------------------------
 */

/* NULL outside; `row` counts from the bottom. */
static struct graph_cell *at(struct graph_canvas *canvas, long column, long row)
{
    if (column < 0 || row < 0 || (size_t)column >= canvas->columns || (size_t)row >= canvas->rows)
        return NULL;
    return &canvas->cells[(canvas->rows - 1 - (size_t)row) * canvas->columns + (size_t)column];
}

/* Which of `most` parts; outside, one beside them. */
static long held(double value, double most)
{
    return lround(floor(value < -1 ? -1 : value > most + 1 ? most + 1 : value));
}

static void put_dot(struct graph_canvas *canvas, long x, long y)
{
    /* Unicode's numbering of the dots, from the bottom row up. */
    static const uint8_t bits[GRAPH_DOTS_DOWN][GRAPH_DOTS_ACROSS] = {
        {0x40, 0x80}, {0x04, 0x20}, {0x02, 0x10}, {0x01, 0x08}};
    struct graph_cell *cell =
        x < 0 || y < 0 ? NULL : at(canvas, x / GRAPH_DOTS_ACROSS, y / GRAPH_DOTS_DOWN);
    if (cell)
        cell->dots |= bits[y % GRAPH_DOTS_DOWN][x % GRAPH_DOTS_ACROSS];
}

/* Each column's stretch of a line, so that what is steep has no gaps. */
void graph_canvas_dots(struct graph_canvas *canvas, double x0, double y0, double x1, double y1)
{
    double width = (double)(canvas->columns * GRAPH_DOTS_ACROSS);
    double height = (double)(canvas->rows * GRAPH_DOTS_DOWN);
    long first = held(x0, width), last = held(x1, width);
    for (long x = first; x <= last; x++) {
        double span = x1 - x0, from = span > 0 ? ((double)x - x0) / span : 0;
        double to = span > 0 ? ((double)x + 1 - x0) / span : 1;
        long low = held(y0 + (y1 - y0) * fmin(fmax(from, 0), 1), height);
        long high = held(y0 + (y1 - y0) * fmin(fmax(to, 0), 1), height);
        for (long y = low; y <= high; y++)
            put_dot(canvas, x, y);
    }
}

static long column_of(const struct graph_canvas *canvas, double x)
{
    return held(x * (double)canvas->columns, (double)canvas->columns);
}

static long row_of(const struct graph_canvas *canvas, double y)
{
    return held(y * (double)canvas->rows, (double)canvas->rows);
}

void graph_canvas_shade(struct graph_canvas *canvas, double x, double low, double high)
{
    long column = column_of(canvas, x), last = row_of(canvas, high);
    for (long row = row_of(canvas, low); row <= last; row++) {
        struct graph_cell *cell = at(canvas, column, row);
        if (cell)
            cell->shade = true;
    }
}

static void join(struct graph_canvas *canvas, enum graph_line line, long column, long row,
                 unsigned links)
{
    struct graph_cell *cell = at(canvas, column, row);
    if (cell)
        cell->links[line] |= (uint8_t)links;
}

void graph_canvas_line(struct graph_canvas *canvas, enum graph_line line, double x0, double y0,
                       double x1, double y1)
{
    long column = column_of(canvas, x0), last = column_of(canvas, x1);
    long row = row_of(canvas, y0), end = row_of(canvas, y1);
    for (; column < last; column++) {
        join(canvas, line, column, row, LINK_RIGHT);
        join(canvas, line, column + 1, row, LINK_LEFT);
    }
    for (; row < end; row++) {
        join(canvas, line, column, row, LINK_UP);
        join(canvas, line, column, row + 1, LINK_DOWN);
    }
    for (; row > end; row--) {
        join(canvas, line, column, row, LINK_DOWN);
        join(canvas, line, column, row - 1, LINK_UP);
    }
}

void graph_canvas_letter(struct graph_canvas *canvas, double x, double y, const char *letter,
                         enum graph_style style, unsigned rank, bool held_in)
{
    long column = column_of(canvas, x), row = row_of(canvas, y);
    if (held_in) {
        long top = (long)canvas->rows - 1, right = (long)canvas->columns - 1;
        column = column < 0 ? 0 : column > right ? right : column;
        row = row < 0 ? 0 : row > top ? top : row;
    }
    struct graph_cell *cell = at(canvas, column, row);
    if (!cell || cell->rank > rank)
        return;
    cell->letter = letter;
    cell->style = (uint8_t)style;
    cell->rank = (uint8_t)rank;
}

/* --- printing -----------------------------------------------------------------------------------
 */

/* By links: left 1, right 2, up 4, down 8. */
static const char *const unicode_ack[LINKS] = {" ", "─", "─", "─", "│", "╯", "╰", "┴",
                                               "│", "╮", "╭", "┬", "│", "┤", "├", "┼"};
static const char *const ascii_ack[LINKS] = {" ", "-", "-", "-", "|", "+", "+", "+",
                                             "|", "+", "+", "+", "|", "+", "+", "+"};
static const char *const unicode_edge[LINKS] = {" ", "┄", "┄", "┄", "┆", "┄", "┄", "┄",
                                                "┆", "┄", "┄", "┄", "┆", "┄", "┄", "┄"};
static const char *const ascii_edge[LINKS] = {" ", ".", ".", ".", ".", ".", ".", ".",
                                              ".", ".", ".", ".", ".", ".", ".", "."};

/* U+2800 and the dots in its lowest octet, as UTF-8. */
static const char *braille(char text[4], uint8_t dots)
{
    text[0] = (char)0xe2;
    text[1] = (char)(0xa0 | dots >> 6);
    text[2] = (char)(0x80 | (dots & 0x3f));
    text[3] = '\0';
    return text;
}

/* What stands in front in a cell. */
static const char *front_of(const struct graph_canvas *canvas, const struct graph_cell *cell,
                            char text[4], enum graph_style *style)
{
    const uint8_t *links = cell->links;
    *style = GRAPH_PLAIN;
    if (cell->letter) {
        *style = (enum graph_style)cell->style;
        return cell->letter;
    }
    if (cell->dots) {
        *style = GRAPH_DATA;
        return canvas->ascii ? "#" : braille(text, cell->dots);
    }
    if (links[GRAPH_LINE_ACK]) {
        *style = GRAPH_ACK;
        return (canvas->ascii ? ascii_ack : unicode_ack)[links[GRAPH_LINE_ACK]];
    }
    if (cell->shade) {
        *style = GRAPH_SACKED;
        return canvas->ascii ? ":" : "░";
    }
    if (links[GRAPH_LINE_EDGE]) {
        *style = GRAPH_EDGE;
        return (canvas->ascii ? ascii_edge : unicode_edge)[links[GRAPH_LINE_EDGE]];
    }
    return " ";
}

void graph_canvas_style(const struct graph_canvas *canvas, enum graph_style style, FILE *out)
{
    static const char *const codes[] = {
        [GRAPH_PLAIN] = "0",      [GRAPH_DIM] = "2",          [GRAPH_STRONG] = "1",
        [GRAPH_DATA] = "36",      [GRAPH_ACK] = "32",         [GRAPH_EDGE] = "33",
        [GRAPH_SACKED] = "35",    [GRAPH_REPEATED] = "31",    [GRAPH_MARKED] = "1",
        [GRAPH_WARNING] = "1;33", [GRAPH_VIOLATION] = "1;31",
    };
    if (canvas->color)
        fprintf(out, "\033[%sm", codes[style]);
}

static size_t used(const struct graph_canvas *canvas, const struct graph_cell *cells)
{
    char text[4];
    enum graph_style style;
    size_t count = canvas->columns;
    while (count > 0 && strcmp(front_of(canvas, &cells[count - 1], text, &style), " ") == 0)
        count--;
    return count;
}

void graph_canvas_print(const struct graph_canvas *canvas, size_t row, FILE *out)
{
    const struct graph_cell *cells = &canvas->cells[row * canvas->columns];
    enum graph_style now = GRAPH_PLAIN, style;
    size_t count = used(canvas, cells);
    for (size_t column = 0; column < count; column++) {
        char text[4];
        const char *front = front_of(canvas, &cells[column], text, &style);
        if (style != now) {
            if (now != GRAPH_PLAIN)
                graph_canvas_style(canvas, GRAPH_PLAIN, out);
            if (style != GRAPH_PLAIN)
                graph_canvas_style(canvas, style, out);
        }
        now = style;
        fputs(front, out);
    }
    if (now != GRAPH_PLAIN)
        graph_canvas_style(canvas, GRAPH_PLAIN, out);
}
