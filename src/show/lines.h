/*
 * lines: the two lifelines, what is written between them, and the margins outside.
 *
 * A markup string is printable ASCII in which octets below 0x20 are either a glyph, one column
 * wide, or a change of style, no column wide. So a string's width is plain counting, and which
 * characters reach the terminal (box drawing or plain ASCII, coloured or not) is decided in one
 * place, when a finished line is printed.
 */
#ifndef SYNSTEP_SHOW_LINES_H
#define SYNSTEP_SHOW_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Glyphs, as one-octet strings. */
#define SS_GLYPH_LINE "\x01"        /* a lifeline */
#define SS_GLYPH_DASH "\x02"        /* an arrow's shaft */
#define SS_GLYPH_DOUBLE "\x03"      /* … of a segment that went twice */
#define SS_GLYPH_DOTTED "\x04"      /* … that was held back */
#define SS_GLYPH_WAVE "\x05"        /* … that was damaged */
#define SS_GLYPH_HEAD_RIGHT "\x06"  /* an arrow's head */
#define SS_GLYPH_HEAD_LEFT "\x07"   /* … */
#define SS_GLYPH_LEAVE_RIGHT "\x08" /* a lifeline that an arrow leaves to the right */
#define SS_GLYPH_LEAVE_LEFT "\x09"  /* … to the left */
#define SS_GLYPH_LOST "\x0a"        /* an arrow's head that did not arrive */
#define SS_GLYPH_RIGHT "\x0b"       /* a check that held */
#define SS_GLYPH_WRONG "\x0c"       /* a check that failed */
#define SS_GLYPH_WITNESS "\x0d"     /* a lifeline whose end speaks */
#define SS_GLYPH_BULLET "\x0e"      /* a note */

/* Styles, as one-octet strings. */
#define SS_PLAIN "\x10"
#define SS_DIM "\x11"
#define SS_STRONG "\x12"
#define SS_LOCAL "\x13" /* of the crafted end: its arrows, J and M */
#define SS_PEER "\x14"  /* of the peer: its arrows, K and N */
#define SS_GOOD "\x15"
#define SS_BAD "\x16"
#define SS_WARN "\x17"

enum {
    SS_LINES_COLUMNS_MIN = 80,
    SS_LINES_COLUMNS_MAX = 120, /* arrows longer than that only tire the eye */
    SS_LINES_LEFT = 15,         /* the column of the left lifeline, counted from 0 */
    SS_LINES_MARGIN_WIDTH = 14, /* columns of text outside either lifeline */
    SS_LINES_MARGINS_MAX = 4,
    SS_LINES_MARGIN_SIZE = 40,
};

/* Texts that wait for the next free lines of a margin. */
struct ss_lines_margin {
    size_t count;
    char texts[SS_LINES_MARGINS_MAX][SS_LINES_MARGIN_SIZE];
};

struct ss_lines {
    FILE *out;
    bool color;
    bool ascii;
    size_t columns;
    size_t right; /* the column of the right lifeline */
    bool open;    /* a line has been begun and not yet printed */
    size_t at;    /* the next free column of the open line */
    size_t indent;
    struct ss_lines_margin margins[2]; /* left, right */
    char ends[2];                      /* the lifelines' glyphs in the open line */
    char cells[SS_LINES_COLUMNS_MAX];
    char styles[SS_LINES_COLUMNS_MAX];
};

enum ss_lines_side { SS_LINES_AT_LEFT, SS_LINES_AT_RIGHT };

void ss_lines_init(struct ss_lines *lines, FILE *out, unsigned columns, bool color, bool ascii);

/* Columns that a markup string takes. */
size_t ss_lines_width(const char *markup);

/* Columns between the lifelines that pieces may use, before any indent. */
size_t ss_lines_room(const struct ss_lines *lines);

/* Queues a text for the margin's next free line; what does not fit the margin's width is cut. */
void ss_lines_margin(struct ss_lines *lines, enum ss_lines_side side, const char *markup);

/*
 * Writes a piece into the open line after `gap` columns, or at the start of a next line when it
 * does not fit there; a piece wider than a line is broken where it must.
 */
void ss_lines_piece(struct ss_lines *lines, size_t gap, const char *markup);

/* Writes a sentence word by word, in the style that `style` switches on. */
void ss_lines_sentence(struct ss_lines *lines, const char *style, const char *sentence);

/* Prints the open line, if any; the next lines begin `indent` columns in. */
void ss_lines_break(struct ss_lines *lines, size_t indent);

/* Prints the open line and whatever still waits for a margin. */
void ss_lines_finish(struct ss_lines *lines);

/* Prints a line with nothing but the lifelines. */
void ss_lines_space(struct ss_lines *lines);

/* Opens a line whose lifelines are the given glyphs. */
void ss_lines_begin(struct ss_lines *lines, const char *left, const char *right);

/* Writes at a column, leaving what was there before elsewhere; cut at the last column. */
void ss_lines_put(struct ss_lines *lines, size_t column, const char *markup);

/* Prints a line without lifelines: what was put since ss_lines_clear. */
void ss_lines_clear(struct ss_lines *lines);
void ss_lines_print(struct ss_lines *lines);

/*
 * Prints a sentence over the whole width, without lifelines, broken between words; its further
 * lines begin `lines->indent` columns in.
 */
void ss_lines_paragraph(struct ss_lines *lines, const char *style, const char *sentence);

/* The mark of a check in words or as a glyph, with its colour. */
const char *ss_lines_mark(const struct ss_lines *lines, bool ok);

#endif
