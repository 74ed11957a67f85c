/* scenario_diagnostic: what is wrong, where it stands, and the line with a caret under it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario_parts.h"
#include "synstep/words.h"

/* How much of a long line is shown before the place. */
enum { COLUMNS_BEFORE = 100 };

/* --- the line of the place ----------------------------------------------------------------------
 */

static size_t line_end(const struct source *source, size_t start)
{
    const char *end = memchr(source->text + start, '\n', source->length - start);
    size_t at = end ? (size_t)(end - source->text) : source->length;
    return at > start && source->text[at - 1] == '\r' ? at - 1 : at;
}

/* Where the part of a long line begins that is shown: never within a character. */
static size_t shown_from(const struct cursor *place)
{
    size_t from = place->line_start;
    if (place->at - from <= COLUMNS_BEFORE)
        return from;
    from = place->at - COLUMNS_BEFORE / 2;
    while (character_continues(place->source->text, place->at, from))
        from++;
    return from;
}

/* Columns from `from` to `to`. */
static size_t columns_between(const struct source *source, size_t from, size_t to)
{
    size_t columns = 0;
    while (from < to) {
        struct character character = character_read(source->text + from, source->length - from);
        columns += character.columns;
        from += character.octets;
    }
    return columns;
}

static void show_place(struct ss_diagnostic *diagnostic, const struct word *word)
{
    const struct source *source = word->place.source;
    size_t from = shown_from(&word->place), end = line_end(source, word->place.line_start);
    size_t cut = from > word->place.line_start ? 3 : 0;
    size_t last = word->place.at + word->length < end ? word->place.at + word->length : end;
    memcpy(diagnostic->source, "...", cut);
    text_show(diagnostic->source + cut, sizeof(diagnostic->source) - cut, source->text + from,
              end > from ? end - from : 0);
    diagnostic->caret_at = (unsigned)(cut + columns_between(source, from, word->place.at));
    size_t width = columns_between(source, word->place.at, last);
    size_t room = sizeof(diagnostic->source) - 1 - diagnostic->caret_at;
    diagnostic->width = (unsigned)(width > room ? room : width);
    if (diagnostic->width == 0)
        diagnostic->width = 1;
}

/* --- reporting ----------------------------------------------------------------------------------
 */

static bool same(const struct ss_diagnostic *a, const struct ss_diagnostic *b)
{
    return a->line == b->line && a->column == b->column && strcmp(a->file, b->file) == 0 &&
           strcmp(a->text, b->text) == 0;
}

/* A file that is included twice is wrong in the same place twice: that is said once. */
static bool is_told(const struct ss_diagnostics *all, const struct ss_diagnostic *diagnostic)
{
    for (size_t i = 0; i < all->count; i++)
        if (same(&all->list[i], diagnostic))
            return true;
    return false;
}

static void report(struct parser *parser, const struct word *word, const char *format,
                   va_list arguments)
{
    if (parser->muted || parser->stopped)
        return;
    parser->muted = true;
    parser->errors++;
    if (parser->status == SS_OK)
        parser->status = SS_USAGE;
    struct ss_diagnostic diagnostic = {.line = word->place.line};
    struct ss_diagnostics *all = parser->diagnostics;
    char text[2 * sizeof(diagnostic.text)];
    int length = vsnprintf(text, sizeof(text), format, arguments);
    text_show(diagnostic.text, sizeof(diagnostic.text), text, length < 0 ? 0 : strlen(text));
    const char *file = word->place.source->file;
    text_show(diagnostic.file, sizeof(diagnostic.file), file, strlen(file));
    diagnostic.column = (unsigned)(word->place.at - word->place.line_start) + 1;
    show_place(&diagnostic, word);
    if (is_told(all, &diagnostic))
        return;
    all->found++;
    if (all->count < SS_SCENARIO_DIAGNOSTICS_MAX)
        all->list[all->count++] = diagnostic;
}

void parse_report(struct parser *parser, const struct word *word, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(parser, word, format, arguments);
    va_end(arguments);
}

void parse_report_here(struct parser *parser, const char *format, ...)
{
    struct word word = cursor_lump(parser);
    va_list arguments;
    va_start(arguments, format);
    report(parser, &word, format, arguments);
    va_end(arguments);
}

void parse_give_up(struct parser *parser, const char *why)
{
    parser->muted = false;
    parse_report_here(parser, "%s", why);
    parse_stop(parser, SS_USAGE);
}

void parse_stop(struct parser *parser, enum ss_status status)
{
    if (parser->status == SS_OK || status == SS_IO)
        parser->status = status;
    parser->muted = true;
    parser->stopped = true;
}

const char *word_shown(char shown[SCENARIO_SHOWN_SIZE], const struct word *word)
{
    enum { MOST = SCENARIO_SHOWN_SIZE - 4 };
    bool cut = word->length > MOST;
    text_show(shown, MOST + 1, word_octets(word), word->length);
    return cut ? strcat(shown, "...") : shown;
}

const char *hint_nearest(char hint[SCENARIO_HINT_SIZE], const struct word *word,
                         const char *const *words, size_t count)
{
    char copy[SCENARIO_NAME_BYTES_MAX + 1];
    hint[0] = '\0';
    if (word->length == 0 || word->length >= sizeof(copy))
        return hint;
    memcpy(copy, word_octets(word), word->length);
    copy[word->length] = '\0';
    const char *nearest = ss_words_nearest(copy, words, count);
    if (nearest)
        snprintf(hint, SCENARIO_HINT_SIZE, "; did you mean %s?", nearest);
    return hint;
}

/* --- for the user -------------------------------------------------------------------------------
 */

size_t ss_diagnostic_format(const struct ss_diagnostic *diagnostic, char *text, size_t size)
{
    enum { INDENT = 4 };
    char under[sizeof(diagnostic->source) + 1];
    size_t width = diagnostic->width < sizeof(under) ? diagnostic->width : sizeof(under) - 1;
    memset(under, '~', width);
    under[0] = '^';
    under[width] = '\0';
    int length = snprintf(text, size, "%s:%u:%u: %s\n%*s%s\n%*s%s\n", diagnostic->file,
                          diagnostic->line, diagnostic->column, diagnostic->text, INDENT, "",
                          diagnostic->source, (int)(INDENT + diagnostic->caret_at), "", under);
    if (length < 0 || size == 0)
        return 0;
    return (size_t)length < size ? (size_t)length : size - 1;
}
