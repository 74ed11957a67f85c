/*
 * dissection: a frame explained for people.
 */
#include "synstep/dissection.h"

#include <string.h>

#include "dissection_parts.h"
#include "synstep/headers.h"
#include "text.h"

/* Columns of the table, as in the ladder's. */
enum {
    OFFSET_COLUMN = 2,
    HEX_COLUMN = 8,
    NAME_COLUMN = 21,
    VALUE_COLUMN = 45,
    SUM_COLUMN = 4,
    WORDS_COLUMN = 57,    /* what the value means, and what the field is for */
    WORDS_WIDTH_MIN = 18, /* less is too narrow to read: they begin below */
    HEX_OCTETS = 4,       /* per line */
    HEX_OCTETS_MAX = 40,
    HEX_PAYLOAD_MAX = 16,
    VALUE_WIDTH_MAX = 40, /* a longer value only repeats the octets */
};

struct table {
    struct ss_lines lines;
    const uint8_t *frame;
    const char *title; /* of the layer, or the options within it */
};

void ss_dissection_read(const struct ss_dissection_frame *frame, struct ss_stack *stack,
                        struct ss_stack_faults *faults)
{
    ss_stack_dissect(frame->link, frame->octets, frame->length, stack, faults);
    ss_stack_judge(stack, frame->octets, frame->length, faults);
}

/* --- fields --------------------------------------------------------------------------------------
 */

/* What is still to be written beside a field's octets, in two styles one after the other. */
struct words {
    const char *meaning;
    const char *purpose;
    size_t column;
};

/*
 * As many words of `text` as fit into `room` columns, or of a word that is too long as much;
 * returns what is left.
 */
static const char *put_some(struct ss_lines *lines, size_t column, size_t room, const char *style,
                            const char *text, size_t *used)
{
    struct ss_text piece;
    size_t taken = strlen(text);
    if (taken > room) {
        for (taken = room; taken > 0 && text[taken] != ' '; taken--)
            ;
        taken = taken ? taken : room;
    }
    ss_text_clear(&piece);
    ss_text_add(&piece, "%s%.*s", style, (int)taken, text);
    ss_lines_put(lines, column, piece.octets);
    *used = taken;
    return text + taken + (text[taken] == ' ');
}

static const char *style_of(const char *meaning)
{
    return strstr(meaning, "WRONG") ? SS_BAD : strcmp(meaning, "right") == 0 ? SS_GOOD : "";
}

/* Of a value that has a meaning here, what the field is for is only told if it stands beside. */
static void put_line_of_words(struct ss_lines *lines, struct words *words, const char *style)
{
    size_t at = words->column, used = 0;
    if (words->meaning[0]) {
        words->meaning = put_some(lines, at, lines->columns - at, style, words->meaning, &used);
        at += used + 2;
        if (words->meaning[0] || at + strlen(words->purpose) > lines->columns)
            words->purpose = "";
    }
    if (words->purpose[0])
        words->purpose = put_some(lines, at, lines->columns - at, SS_DIM, words->purpose, &used);
}

static void put_hex(struct table *table, const struct ss_field_line *field, size_t from, size_t end)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM);
    for (size_t i = from; i < from + HEX_OCTETS && i < end; i++)
        ss_text_add(&text, "%02x ", table->frame[field->offset + i]);
    ss_lines_put(&table->lines, HEX_COLUMN, text.octets);
}

/* Where the words begin: beside the value, or, when it leaves no room, below it. */
static size_t words_column(const struct ss_lines *lines, const char *value)
{
    size_t beside = VALUE_COLUMN + strlen(value) + 2;
    if (beside < WORDS_COLUMN)
        beside = WORDS_COLUMN;
    return beside + WORDS_WIDTH_MIN <= lines->columns ? beside : 0;
}

static bool is_payload(const struct ss_field_line *field)
{
    return strcmp(field->layer, "payload") == 0 || strcmp(field->layer, "padding") == 0;
}

/* The first line: offset, octets, name, value; then what words there is room for. */
static void write_first(struct table *table, const struct ss_field_line *field, const char *value,
                        struct words *words, size_t end)
{
    char text[128];
    struct ss_lines *lines = &table->lines;
    ss_lines_clear(lines);
    snprintf(text, sizeof(text), SS_DIM "%4zu", field->offset);
    ss_lines_put(lines, OFFSET_COLUMN, text);
    put_hex(table, field, 0, end);
    ss_lines_put(lines, NAME_COLUMN, field->name);
    snprintf(text, sizeof(text), SS_STRONG "%s", value);
    ss_lines_put(lines, VALUE_COLUMN, text);
    if (words->column)
        put_line_of_words(lines, words, style_of(field->meaning));
    else
        words->column = VALUE_COLUMN + 2;
    ss_lines_print(lines);
}

static void write_field(void *context, const struct ss_field_line *field)
{
    struct table *table = context;
    struct ss_lines *lines = &table->lines;
    const char *value = strlen(field->value) <= VALUE_WIDTH_MAX ? field->value : "";
    struct words words = {field->meaning, field->purpose, words_column(lines, value)};
    if (strlen(words.purpose) < 2 || strcmp(words.purpose, words.meaning) == 0)
        words.purpose = ""; /* "0", what the value must be */
    size_t most = is_payload(field) ? HEX_PAYLOAD_MAX : HEX_OCTETS_MAX;
    size_t end = field->length < most ? field->length : most;
    if (strcmp(table->title, field->layer) != 0 && !is_payload(field)) {
        table->title = field->layer;
        ss_lines_clear(lines);
        ss_lines_put(lines, OFFSET_COLUMN + 4, SS_DIM "options");
        ss_lines_print(lines);
    }
    write_first(table, field, value, &words, end);
    for (size_t i = HEX_OCTETS; i < end || words.meaning[0] || words.purpose[0]; i += HEX_OCTETS) {
        ss_lines_clear(lines);
        put_hex(table, field, i, end);
        put_line_of_words(lines, &words, style_of(field->meaning));
        ss_lines_print(lines);
    }
}

/* --- layers --------------------------------------------------------------------------------------
 */

static size_t layer_bytes(const struct ss_layer *layer)
{
    return ss_layer_bytes(layer) + layer->rest_length;
}

/* "── TCP, 40 octets ──────────── RFC 9293 section 3.1 ──". */
static void write_title(struct table *table, const struct ss_stack *stack, size_t i)
{
    struct ss_lines *lines = &table->lines;
    const struct ss_layer *layer = &stack->layers[i];
    const struct ss_layer_table *described = ss_layer_table(layer->kind);
    bool raw = layer->kind == SS_LAYER_RAW;
    char text[96];
    ss_lines_clear(lines);
    for (size_t column = OFFSET_COLUMN; column < lines->columns; column++)
        ss_lines_put(lines, column, SS_DIM SS_GLYPH_DASH);
    const char *kind =
        raw ? stack->offset[i] >= stack->end ? "padding" : "payload" : described->title;
    snprintf(text, sizeof(text), SS_STRONG " %s%s" SS_DIM ", %zu octet%s ",
             i >= stack->quoted ? "quoted: " : "", kind, layer_bytes(layer),
             layer_bytes(layer) == 1 ? "" : "s");
    ss_lines_put(lines, OFFSET_COLUMN + 2, text);
    snprintf(text, sizeof(text), SS_DIM " %s ", described->source);
    if (!raw)
        ss_lines_put(lines, lines->columns - strlen(described->source) - 4, text);
    ss_lines_print(lines);
    table->title = described->title;
}

static void write_faults(struct table *table, const struct ss_stack_faults *faults, size_t layer)
{
    struct ss_lines *lines = &table->lines;
    for (size_t i = 0; i < faults->count; i++) {
        struct ss_text text;
        if (faults->list[i].layer != layer)
            continue;
        ss_text_clear(&text);
        ss_text_add(&text, "%s %s: %s", ss_lines_mark(lines, false),
                    ss_layer_table(faults->list[i].kind)->title, faults->list[i].text);
        ss_lines_clear(lines);
        ss_lines_put(lines, OFFSET_COLUMN, text.octets);
        ss_lines_print(lines);
    }
}

/* Below a layer's fields: its checksum, step by step. */
static void write_sum(struct table *table, const struct ss_sum *sum,
                      const struct ss_stack_checksum *checksum)
{
    const struct ss_sum_sent sent = {
        .actual = checksum->actual, .expected = checksum->expected, .state = checksum->state};
    ss_lines_clear(&table->lines);
    ss_lines_put(&table->lines, SUM_COLUMN,
                 SS_DIM "the checksum, worked out: 16-bit numbers, added");
    ss_lines_print(&table->lines);
    ss_sum_write(&table->lines, sum, &sent);
}

static void write_layer(struct table *table, const struct ss_stack *stack, size_t length, size_t i)
{
    struct ss_stack_checksum checksum;
    struct ss_sum sum;
    write_title(table, stack, i);
    ss_headers_visit_layer(stack, table->frame, length, i, write_field, table);
    if (ss_stack_checksum(stack, table->frame, length, i, &checksum) &&
        ss_dissection_sum(stack, table->frame, i, &checksum, &sum))
        write_sum(table, &sum, &checksum);
}

static void write_heading(struct table *table, const struct ss_dissection_frame *frame)
{
    struct ss_text text;
    ss_text_clear(&text);
    if (frame->number)
        ss_text_add(&text, "frame %zu: ", frame->number);
    ss_text_add(&text, "%zu octet%s, beginning with %s%s", frame->length,
                frame->length == 1 ? "" : "s",
                frame->link == SS_LINK_ETHERNET ? "an Ethernet header" : "an IP header",
                frame->guessed ? ", as it seems (else: --link)" : "");
    ss_lines_paragraph(&table->lines, SS_PLAIN, text.octets);
}

static void write_summary(struct table *table, const struct ss_stack_faults *faults)
{
    struct ss_text text;
    ss_text_clear(&text);
    if (faults->count == 0)
        ss_text_add(&text, "%s" SS_PLAIN " nothing in it is illegal",
                    ss_lines_mark(&table->lines, true));
    else
        ss_text_add(&text, "%s" SS_PLAIN " %zu thing%s in it %s illegal",
                    ss_lines_mark(&table->lines, false), faults->count,
                    faults->count == 1 ? "" : "s", faults->count == 1 ? "is" : "are");
    ss_lines_clear(&table->lines);
    ss_lines_put(&table->lines, 0, text.octets);
    ss_lines_print(&table->lines);
}

size_t ss_dissection_show(const struct ss_dissection_options *options,
                          const struct ss_dissection_frame *frame)
{
    struct table table = {.frame = frame->octets};
    struct ss_stack stack;
    struct ss_stack_faults faults;
    ss_lines_init(&table.lines, options->out, options->columns, options->color, options->ascii);
    ss_dissection_read(frame, &stack, &faults);
    write_heading(&table, frame);
    for (size_t i = 0; i <= stack.count; i++) {
        if (i < stack.count)
            write_layer(&table, &stack, frame->length, i);
        write_faults(&table, &faults, i);
    }
    write_summary(&table, &faults);
    return faults.count;
}
