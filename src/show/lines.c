/*
 * lines: laying out and printing the ladder's lines.
 */
#include "lines.h"

#include <stdint.h>
#include <string.h>

enum { GLYPHS = 0x10, STYLES = 0x20, PADDING = 1 };

/* Indexed by glyph. U+2500 and its like are one column wide in every terminal and font. */
static const char *const unicode_glyphs[GLYPHS] = {
    " ", "│", "─", "═", "┄", "~", "▶", "◀", "├", "┤", "✗", "✓", "✗", "◆", "·", " ",
};
static const char *const ascii_glyphs[GLYPHS] = {
    " ", "|", "-", "=", ".", "~", ">", "<", "|", "|", "x", "+", "x", "*", "-", " ",
};

/* SGR parameters (ECMA-48 section 8.3.117), indexed by style. */
static const char *const style_codes[STYLES - GLYPHS] = {
    "", "2", "1", "36", "35", "32", "1;31", "33",
};

static bool is_glyph(char c)
{
    return (uint8_t)c < GLYPHS;
}

static bool is_style(char c)
{
    return (uint8_t)c >= GLYPHS && (uint8_t)c < STYLES;
}

void ss_lines_init(struct ss_lines *lines, FILE *out, unsigned columns, bool color, bool ascii)
{
    *lines = (struct ss_lines){.out = out, .color = color, .ascii = ascii, .columns = columns};
    if (columns < SS_LINES_COLUMNS_MIN)
        lines->columns = SS_LINES_COLUMNS_MIN;
    if (columns > SS_LINES_COLUMNS_MAX)
        lines->columns = SS_LINES_COLUMNS_MAX;
    lines->right = lines->columns - SS_LINES_LEFT - 1;
}

size_t ss_lines_width(const char *markup)
{
    size_t width = 0;
    for (; *markup; markup++)
        if (!is_style(*markup))
            width++;
    return width;
}

size_t ss_lines_room(const struct ss_lines *lines)
{
    return lines->right - SS_LINES_LEFT - 1 - 2 * PADDING;
}

void ss_lines_clear(struct ss_lines *lines)
{
    memset(lines->cells, ' ', sizeof(lines->cells));
    memset(lines->styles, SS_PLAIN[0], sizeof(lines->styles));
}

/* Writes up to column `end`; `style` is the one to begin with and, after, to go on with. */
static void put_until(struct ss_lines *lines, size_t column, size_t end, const char *markup,
                      char *style)
{
    for (; *markup; markup++) {
        if (is_style(*markup)) {
            *style = *markup;
            continue;
        }
        if (column >= end)
            break;
        lines->cells[column] = *markup;
        lines->styles[column++] = *style;
    }
}

void ss_lines_put(struct ss_lines *lines, size_t column, const char *markup)
{
    char style = SS_PLAIN[0];
    put_until(lines, column, lines->columns, markup, &style);
}

static void print_cell(const struct ss_lines *lines, char cell)
{
    if (is_glyph(cell))
        fputs((lines->ascii ? ascii_glyphs : unicode_glyphs)[(uint8_t)cell], lines->out);
    else
        putc(cell, lines->out);
}

static void print_style(const struct ss_lines *lines, char style)
{
    const char *code = style_codes[(uint8_t)style - GLYPHS];
    fprintf(lines->out, code[0] ? "\x1b[0;%sm" : "\x1b[0m", code);
}

void ss_lines_print(struct ss_lines *lines)
{
    size_t end = lines->columns;
    while (end > 0 && lines->cells[end - 1] == ' ')
        end--;
    char style = SS_PLAIN[0];
    for (size_t i = 0; i < end; i++) {
        if (lines->color && lines->styles[i] != style && lines->cells[i] != ' ') {
            style = lines->styles[i];
            print_style(lines, style);
        }
        print_cell(lines, lines->cells[i]);
    }
    if (style != SS_PLAIN[0])
        print_style(lines, SS_PLAIN[0]);
    putc('\n', lines->out);
}

void ss_lines_margin(struct ss_lines *lines, enum ss_lines_side side, const char *markup)
{
    struct ss_lines_margin *margin = &lines->margins[side];
    if (margin->count == SS_LINES_MARGINS_MAX)
        return;
    char *text = margin->texts[margin->count++];
    size_t length = strnlen(markup, SS_LINES_MARGIN_SIZE - 1);
    memcpy(text, markup, length);
    text[length] = '\0';
}

/* Puts a margin's first waiting text beside the open line: the left one ends at its lifeline. */
static void take_margin(struct ss_lines *lines, enum ss_lines_side side)
{
    struct ss_lines_margin *margin = &lines->margins[side];
    if (margin->count == 0)
        return;
    size_t width = ss_lines_width(margin->texts[0]);
    size_t spare = width < SS_LINES_MARGIN_WIDTH ? SS_LINES_MARGIN_WIDTH - width : 0;
    size_t column = side == SS_LINES_AT_LEFT ? spare : lines->right + 2;
    char style = SS_PLAIN[0];
    put_until(lines, column,
              column - (side == SS_LINES_AT_LEFT ? spare : 0) + SS_LINES_MARGIN_WIDTH,
              margin->texts[0], &style);
    margin->count--;
    memmove(margin->texts[0], margin->texts[1], margin->count * sizeof(margin->texts[0]));
}

void ss_lines_begin(struct ss_lines *lines, const char *left, const char *right)
{
    ss_lines_clear(lines);
    ss_lines_put(lines, SS_LINES_LEFT, left);
    ss_lines_put(lines, lines->right, right);
    take_margin(lines, SS_LINES_AT_LEFT);
    take_margin(lines, SS_LINES_AT_RIGHT);
    lines->open = true;
    lines->at = SS_LINES_LEFT + 1 + PADDING + lines->indent;
}

static void begin_plain(struct ss_lines *lines)
{
    ss_lines_begin(lines, SS_DIM SS_GLYPH_LINE, SS_DIM SS_GLYPH_LINE);
}

void ss_lines_break(struct ss_lines *lines, size_t indent)
{
    if (lines->open)
        ss_lines_print(lines);
    lines->open = false;
    lines->indent = indent;
}

void ss_lines_finish(struct ss_lines *lines)
{
    ss_lines_break(lines, 0);
    while (lines->margins[SS_LINES_AT_LEFT].count || lines->margins[SS_LINES_AT_RIGHT].count)
        ss_lines_space(lines);
}

void ss_lines_space(struct ss_lines *lines)
{
    begin_plain(lines);
    ss_lines_break(lines, 0);
}

static bool at_start(const struct ss_lines *lines)
{
    return !lines->open || lines->at == SS_LINES_LEFT + 1 + PADDING + lines->indent;
}

/* How much of a wide piece goes on a line of `room` columns: up to a space, or as it must. */
static size_t part_length(const char *markup, size_t room)
{
    size_t width = 0, at = 0, space = 0;
    for (; markup[at] && (width < room || is_style(markup[at])); at++) {
        width += !is_style(markup[at]);
        if (markup[at] == ' ')
            space = at;
    }
    return !markup[at] || markup[at] == ' ' || space == 0 ? at : space;
}

/* Writes a piece that may be wider than a line: its further lines hang two columns in. */
static void put_wide(struct ss_lines *lines, const char *markup)
{
    enum { HANGING = 2 };
    char part[2 * SS_LINES_COLUMNS_MAX], style = SS_PLAIN[0];
    size_t indent = lines->indent;
    while (*markup) {
        if (!lines->open)
            begin_plain(lines);
        size_t length = part_length(markup, lines->right - PADDING - lines->at);
        size_t taken = length < sizeof(part) - 1 ? length : sizeof(part) - 1;
        memcpy(part, markup, taken);
        part[taken] = '\0';
        put_until(lines, lines->at, lines->right, part, &style);
        lines->at += ss_lines_width(part);
        markup += taken;
        markup += strspn(markup, " ");
        if (*markup)
            ss_lines_break(lines, indent + HANGING);
    }
    lines->indent = indent;
}

void ss_lines_piece(struct ss_lines *lines, size_t gap, const char *markup)
{
    if (at_start(lines)) {
        gap = 0;
    } else if (lines->at + gap + ss_lines_width(markup) > lines->right - PADDING) {
        ss_lines_break(lines, lines->indent);
        gap = 0;
    }
    lines->at += gap;
    put_wide(lines, markup);
}

/* The sentence's next word, or as much of it as fits, styled; returns where to go on. */
static const char *next_word(char *word, size_t size, const char *style, const char *sentence)
{
    size_t length = strcspn(sentence, " ");
    size_t taken = length < size - 2 ? length : size - 2;
    word[0] = style[0];
    memcpy(word + 1, sentence, taken);
    word[taken + 1] = '\0';
    return sentence + taken + strspn(sentence + taken, " ");
}

void ss_lines_sentence(struct ss_lines *lines, const char *style, const char *sentence)
{
    char word[64];
    while (*sentence) {
        sentence = next_word(word, sizeof(word), style, sentence);
        ss_lines_piece(lines, 1, word);
    }
}

void ss_lines_paragraph(struct ss_lines *lines, const char *style, const char *sentence)
{
    char word[64];
    size_t at = 0;
    bool begun = false;
    ss_lines_clear(lines);
    while (*sentence) {
        sentence = next_word(word, sizeof(word), style, sentence);
        size_t width = ss_lines_width(word);
        if (begun && at + 1 + width > lines->columns) {
            ss_lines_print(lines);
            ss_lines_clear(lines);
            at = lines->indent;
            begun = false;
        }
        at += begun;
        ss_lines_put(lines, at, word);
        at += width;
        begun = true;
    }
    ss_lines_print(lines);
}

const char *ss_lines_mark(const struct ss_lines *lines, bool ok)
{
    if (ok)
        return lines->ascii ? SS_GOOD "ok" : SS_GOOD SS_GLYPH_RIGHT;
    return lines->ascii ? SS_BAD "FAIL" : SS_BAD SS_GLYPH_WRONG;
}
