/* scenario_diagnostic: what is wrong, where it stands, and the line with a caret under it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenario_parts.h"
#include "synstep/words.h"

/* How much of a long line is shown before the place. */
enum { OCTETS_BEFORE = 100 };

/* --- the line of the place ---------------------------------------------------------------------*/

static size_t line_end(const struct source *source, size_t start)
{
    const char *end = memchr(source->text + start, '\n', source->length - start);
    size_t at = end ? (size_t)(end - source->text) : source->length;
    return at > start && source->text[at - 1] == '\r' ? at - 1 : at;
}

/* Columns from `from` to `to`. */
static size_t columns_between(const char *text, size_t length, size_t from, size_t to)
{
    size_t columns = 0;
    while (from < to) {
        struct character character = character_read(text + from, length - from);
        columns += character.columns;
        from += character.octets;
    }
    return columns;
}

/* Where the part of a long line begins that is shown: never within a character. */
static size_t shown_from(const struct cursor *place)
{
    const char *text = place->source->text;
    size_t length = place->source->length, from = place->line_start, shown = 0;
    if (place->at - from > OCTETS_BEFORE)
        from = place->at - OCTETS_BEFORE;
    while (character_continues(text, place->at, from))
        from++;
    for (size_t at = from; at < place->at;) {
        struct character character = character_read(text + at, length - at);
        shown += strlen(character.shown);
        at += character.octets;
    }
    while (from < place->at && shown > OCTETS_BEFORE) {
        struct character character = character_read(text + from, length - from);
        shown -= strlen(character.shown);
        from += character.octets;
    }
    return from;
}

static void show_place(struct ss_diagnostic *diagnostic, const struct word *word)
{
    static const char cut_mark[] = "...";
    const struct source *source = word->place.source;
    size_t end = line_end(source, word->place.line_start), from = shown_from(&word->place);
    size_t at = word->place.at < end ? word->place.at : end;
    size_t last = at + word->length < end ? at + word->length : end;
    size_t cut = from > word->place.line_start ? strlen(cut_mark) : 0;
    memcpy(diagnostic->source, cut_mark, cut);
    text_show(diagnostic->source + cut, sizeof(diagnostic->source) - cut, source->text + from,
              end > from ? end - from : 0);
    size_t caret_at = cut + columns_between(source->text, source->length, from, at);
    size_t width = columns_between(source->text, source->length, at, last);
    size_t shown = strlen(diagnostic->source);
    size_t columns = columns_between(diagnostic->source, shown, 0, shown);
    if (width > columns - caret_at)
        width = columns - caret_at;
    diagnostic->caret_at = (unsigned)caret_at;
    diagnostic->width = width ? (unsigned)width : 1;
}

/* --- reporting ---------------------------------------------------------------------------------*/

static void fill(struct ss_diagnostic *diagnostic, const struct word *word, const char *format,
                 va_list arguments)
{
    const char *file = word->place.source->file;
    char text[2 * sizeof(diagnostic->text)];
    memset(diagnostic, 0, sizeof(*diagnostic));
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    text_show(diagnostic->text, sizeof(diagnostic->text), text, strlen(text));
    text_show(diagnostic->file, sizeof(diagnostic->file), file, strlen(file));
    diagnostic->line = word->place.line;
    diagnostic->column = (unsigned)(word->place.at - word->place.line_start) + 1;
    show_place(diagnostic, word);
}

static void report(struct parser *parser, const struct word *word, const char *format,
                   va_list arguments)
{
    struct ss_diagnostics *all = parser->diagnostics;
    if (parser->muted || parser->stopped)
        return;
    parser->muted = true;
    if (parser->status == SS_OK)
        parser->status = SS_USAGE;
    all->found++;
    if (all->count < SS_SCENARIO_DIAGNOSTICS_MAX)
        fill(&all->list[all->count++], word, format, arguments);
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

const char *hint_nearest(const struct parser *parser, char hint[SCENARIO_HINT_SIZE],
                         const struct word *word, const char *const *words, size_t count)
{
    char copy[SCENARIO_NAME_BYTES_MAX + 1];
    hint[0] = '\0';
    bool heard = !parser->muted && parser->diagnostics->count < SS_SCENARIO_DIAGNOSTICS_MAX;
    if (!heard || word->length == 0 || word->length >= sizeof(copy))
        return hint;
    memcpy(copy, word_octets(word), word->length);
    copy[word->length] = '\0';
    const char *nearest = ss_words_nearest(copy, words, count);
    if (nearest)
        snprintf(hint, SCENARIO_HINT_SIZE, "; did you mean %s?", nearest);
    return hint;
}

const char *list_words(char *list, size_t size, const char *const *words, size_t count)
{
    size_t length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *comma = i > 0 ? ", " : "";
        size_t wanted = strlen(comma) + strlen(words[i]);
        bool fits = length + wanted + strlen(", ...") < size;
        length +=
            (size_t)snprintf(list + length, size - length, "%s%s", comma, fits ? words[i] : "...");
        if (!fits)
            break;
    }
    return list;
}

/* --- for the user ------------------------------------------------------------------------------*/

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
