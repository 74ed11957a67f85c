/*
 * ladder_headers: under a segment, each field of its headers, as -v asks.
 */
#include <stdio.h>
#include <string.h>

#include "ladder_parts.h"
#include "synstep/headers.h"

/* Columns of the table. */
enum {
    OFFSET_COLUMN = 2,
    HEX_COLUMN = 8,
    NAME_COLUMN = 21,
    VALUE_COLUMN = 45,
    MEANING_COLUMN = 59,
    HEX_OCTETS = 4,       /* per line */
    HEX_OCTETS_MAX = 40,  /* of one field: TCP options at their longest */
    HEX_PAYLOAD_MAX = 16, /* of the payload */
    VALUE_WIDTH_MAX = 40, /* a longer value only repeats the octets */
};

enum { EARLIER_MAX = 72 }; /* IPv4, TCP, 40 options, payload */

/* The fields of a datagram that this one is held against; each is found once. */
struct earlier {
    size_t count;
    struct ss_field_line fields[EARLIER_MAX];
};

struct table {
    struct ss_lines *lines;
    const struct ss_event_segment *segment;
    const char *layer;
    struct earlier *earlier; /* NULL: none */
};

static void remember(void *context, const struct ss_field_line *field)
{
    struct earlier *earlier = context;
    if (earlier->count < EARLIER_MAX)
        earlier->fields[earlier->count++] = *field;
}

/* Whether the earlier datagram had another value there, or no such field. */
static bool has_changed(struct earlier *earlier, const struct ss_field_line *field)
{
    for (size_t i = 0; earlier && i < earlier->count; i++) {
        struct ss_field_line *other = &earlier->fields[i];
        if (strcmp(other->name, field->name) != 0 || strcmp(other->layer, field->layer) != 0)
            continue;
        other->layer = "";
        return strcmp(other->value, field->value) != 0;
    }
    return earlier;
}

void ss_ladder_write_title(struct ss_lines *lines, const char *words)
{
    char title[48];
    ss_lines_clear(lines);
    for (size_t column = OFFSET_COLUMN; column < lines->columns; column++)
        ss_lines_put(lines, column, SS_DIM SS_GLYPH_DASH);
    snprintf(title, sizeof(title), SS_STRONG " %s ", words);
    ss_lines_put(lines, OFFSET_COLUMN + 2, title);
    ss_lines_print(lines);
}

/* Once before the first field of a layer. */
static void write_title(struct table *table, const struct ss_field_line *field)
{
    if (table->layer && strcmp(table->layer, field->layer) == 0)
        return;
    table->layer = field->layer;
    ss_ladder_write_title(table->lines, field->layer);
}

/* Up to four octets from `from` on, in hex. */
static void put_hex(struct table *table, const struct ss_field_line *field, size_t from)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM);
    for (size_t i = from; i < from + HEX_OCTETS && i < field->length; i++)
        ss_text_add(&text, "%02x ", table->segment->octets[field->offset + i]);
    ss_lines_put(table->lines, HEX_COLUMN, text.octets);
}

/* The letters of a sequence number are the segment's to tell: the octets do not know them. */
static const char *meaning_of(const struct table *table, const struct ss_field_line *field)
{
    if (strcmp(field->name, "Sequence Number") == 0)
        return table->segment->seq_symbol;
    if (strcmp(field->name, "Acknowledgment Number") == 0 && table->segment->ack_symbol[0])
        return table->segment->ack_symbol;
    return field->meaning;
}

/* Where a text may begin so that it ends within the line. */
static size_t column_for(const struct ss_lines *lines, size_t column, const char *text)
{
    size_t width = strlen(text);
    return column + width <= lines->columns ? column : lines->columns - width;
}

/* Octets beyond a field's first four, and its meaning where that has not been written. */
static void write_rest(struct table *table, const struct ss_field_line *field, const char *meaning)
{
    struct ss_lines *lines = table->lines;
    bool payload = strcmp(field->layer, "payload") == 0;
    size_t end = payload ? HEX_PAYLOAD_MAX : HEX_OCTETS_MAX;
    for (size_t i = HEX_OCTETS; i < end && (i < field->length || meaning[0]); i += HEX_OCTETS) {
        ss_lines_clear(lines);
        put_hex(table, field, i);
        ss_lines_put(lines, column_for(lines, VALUE_COLUMN, meaning), meaning);
        ss_lines_print(lines);
        meaning = "";
    }
}

/* Offset, octets, name, value; the meaning stands beside the value, or below when it is long. */
static void write_field(struct table *table, const struct ss_field_line *field)
{
    struct ss_lines *lines = table->lines;
    char offset[24];
    const char *meaning = meaning_of(table, field);
    const char *value = strlen(field->value) <= VALUE_WIDTH_MAX ? field->value : "";
    size_t beside = VALUE_COLUMN + strlen(value) + (value[0] ? 2 : 0);
    if (beside < MEANING_COLUMN && value[0])
        beside = MEANING_COLUMN;
    bool fits = beside + strlen(meaning) <= lines->columns;
    snprintf(offset, sizeof(offset), SS_DIM "%4zu", field->offset);
    ss_lines_clear(lines);
    if (has_changed(table->earlier, field))
        ss_lines_put(lines, 0, SS_WARN "*");
    ss_lines_put(lines, OFFSET_COLUMN, offset);
    put_hex(table, field, 0);
    ss_lines_put(lines, NAME_COLUMN, field->name);
    ss_lines_put(lines, column_for(lines, VALUE_COLUMN, value), value);
    if (fits)
        ss_lines_put(lines, beside, meaning);
    ss_lines_print(lines);
    write_rest(table, field, fits ? "" : meaning);
}

static void visit(void *context, const struct ss_field_line *field)
{
    struct table *table = context;
    write_title(table, field);
    write_field(table, field);
}

void ss_ladder_write_headers(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    struct table table = {.lines = &ladder->lines, .segment = segment};
    ss_headers_visit(&segment->packet, visit, &table);
    ladder->tight = false;
}

void ss_ladder_write_changes(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                             const struct ss_packet *before)
{
    struct earlier earlier = {0};
    struct table table = {.lines = &ladder->lines, .segment = segment, .earlier = &earlier};
    ss_headers_visit(before, remember, &earlier);
    ss_headers_visit(&segment->packet, visit, &table);
    ladder->tight = false;
}
