/*
 * graph_canvas: a field of characters that is drawn on: dots (eight to a character, as Braille has
 * them), lines of box drawing that join by themselves, and letters. What is of a higher rank stands
 * before what is not.
 */
#ifndef SYNSTEP_SHOW_GRAPH_CANVAS_H
#define SYNSTEP_SHOW_GRAPH_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { GRAPH_DOTS_ACROSS = 2, GRAPH_DOTS_DOWN = 4 };

enum graph_style {
    GRAPH_PLAIN,
    GRAPH_DIM,
    GRAPH_STRONG,
    GRAPH_DATA,
    GRAPH_ACK,
    GRAPH_EDGE,
    GRAPH_SACKED,
    GRAPH_REPEATED,
    GRAPH_MARKED,
    GRAPH_WARNING,
    GRAPH_VIOLATION,
};

/* Lines of which there are two. */
enum graph_line { GRAPH_LINE_EDGE, GRAPH_LINE_ACK };

struct graph_cell {
    uint8_t dots;
    uint8_t shade;      /* whether it is shaded */
    uint8_t links[2];   /* by enum graph_line */
    uint8_t rank;       /* of the letter */
    uint8_t style;      /* … */
    const char *letter; /* static storage; NULL: none */
};

struct graph_canvas {
    size_t columns;
    size_t rows;
    bool color;
    bool ascii;
    struct graph_cell *cells;
};

/* False when out of memory. Free with graph_canvas_free. */
bool graph_canvas_init(struct graph_canvas *canvas, size_t columns, size_t rows);
void graph_canvas_free(struct graph_canvas *canvas);

/* In dots, 0 at the left and at the bottom; what is outside is not drawn. */
void graph_canvas_dots(struct graph_canvas *canvas, double x0, double y0, double x1, double y1);

/* A vertical stretch of characters, of parts of the field: 0 to 1. */
void graph_canvas_shade(struct graph_canvas *canvas, double x, double low, double high);

/* A line's next stretch, along and then up or down, of parts of the field. */
void graph_canvas_line(struct graph_canvas *canvas, enum graph_line line, double x0, double y0,
                       double x1, double y1);

/* A letter at a part of the field; held to its borders when `held`, else outside there is none. */
void graph_canvas_letter(struct graph_canvas *canvas, double x, double y, const char *letter,
                         enum graph_style style, unsigned rank, bool held);

/* Prints a row, 0 being the top one, without blanks at its end and with no line feed. */
void graph_canvas_print(const struct graph_canvas *canvas, size_t row, FILE *out);

/* Switches a style on, and off again. */
void graph_canvas_style(const struct graph_canvas *canvas, enum graph_style style, FILE *out);

#endif
