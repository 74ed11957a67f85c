/*
 * fields: the tables of layers as a list.
 */
#include "synstep/fields.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

enum { NAME_WIDTH = 10, BITS_WIDTH = 4, USUAL_WIDTH = 10, WORDS_COLUMN = 30, COLUMNS_MIN = 80 };

void ss_fields_show_layers(FILE *out)
{
    for (int i = 0; i < SS_LAYER_KINDS; i++) {
        const struct ss_layer_table *table = ss_layer_table((enum ss_layer_kind)i);
        fprintf(out, "  %-6s %s%s%s\n", table->name, table->title, table->source[0] ? ", " : "",
                table->source);
    }
}

/* Words from column WORDS_COLUMN on, which is where the line stands now; then the line's end. */
static void print_words(FILE *out, const char *words, size_t columns)
{
    size_t at = WORDS_COLUMN;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (at > WORDS_COLUMN && at + 1 + length > columns) {
            fprintf(out, "\n%*s", WORDS_COLUMN, "");
            at = WORDS_COLUMN;
        }
        fprintf(out, "%s%.*s", at > WORDS_COLUMN ? " " : "", (int)length, words);
        at += length + (at > WORDS_COLUMN);
        words += length + strspn(words + length, " ");
    }
    putc('\n', out);
}

static void word_number(struct ss_text *text, enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = &ss_layer_table(kind)->fields[i];
    const char *name = ss_layer_value_text(kind, i, field->usual);
    if (name)
        ss_text_add(text, "%s", name);
    else if (field->form == SS_FORM_HEX)
        ss_text_add(text, "0x%0*" PRIx32, (field->bits + 3) / 4, field->usual);
    else
        ss_text_add(text, "%" PRIu32, field->usual);
}

/* What `probe` gives in place of the table's value: the ends of a series, and what is counted. */
static const struct {
    enum ss_layer_kind kind;
    const char *name;
    const char *gets;
} given[] = {
    {SS_LAYER_ETHER, "dst", "next hop's"},
    {SS_LAYER_ETHER, "src", "own"},
    {SS_LAYER_ARP, "sha", "own"},
    {SS_LAYER_ARP, "spa", "own"},
    {SS_LAYER_ARP, "tpa", "target's"},
    {SS_LAYER_IP, "id", "counted"},
    {SS_LAYER_IP, "src", "own"},
    {SS_LAYER_IP, "dst", "target's"},
    {SS_LAYER_IP6, "src", "own"},
    {SS_LAYER_IP6, "dst", "target's"},
    {SS_LAYER_TCP, "sport", "free one"},
    {SS_LAYER_TCP, "dport", "target's"},
    {SS_LAYER_TCP, "seq", "J (random)"},
    {SS_LAYER_TCP, "flags", "SYN"},
    {SS_LAYER_TCP, "syn", "1"},
    {SS_LAYER_UDP, "sport", "free one"},
    {SS_LAYER_UDP, "dport", "target's"},
    {SS_LAYER_ICMP, "id", "random"},
    {SS_LAYER_ICMP, "seq", "1+i"},
    {SS_LAYER_ICMP6, "id", "random"},
    {SS_LAYER_ICMP6, "seq", "1+i"},
    {SS_LAYER_ICMP6, "target", "target's"},
};

static const char *gets(enum ss_layer_kind kind, const char *name)
{
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        if (given[i].kind == kind && strcmp(given[i].name, name) == 0)
            return given[i].gets;
    return NULL;
}

static const char *no_address(const struct ss_layer_field *field)
{
    return field->form == SS_FORM_MAC ? "zeros" : field->form == SS_FORM_IPV4 ? "0.0.0.0" : "::";
}

/* What it gets when it is not set. */
static void word_usual(struct ss_text *text, enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = &ss_layer_table(kind)->fields[i];
    const char *other = gets(kind, field->name);
    ss_text_clear(text);
    if (other) {
        ss_text_add(text, "%s", other);
        return;
    }
    if (field->computed != SS_COMPUTED_NOT) {
        ss_text_add(text, "computed");
        return;
    }
    switch (field->form) {
    case SS_FORM_NUMBER:
    case SS_FORM_HEX:
    case SS_FORM_NAMED:
        word_number(text, kind, i);
        break;
    case SS_FORM_MAC:
    case SS_FORM_IPV4:
    case SS_FORM_IPV6:
        ss_text_add(text, "%s", no_address(field));
        break;
    }
}

/* "names: echo-reply, unreachable, …": all that the field's width can hold and that have one. */
static void print_names(FILE *out, enum ss_layer_kind kind, size_t i, size_t columns)
{
    const struct ss_layer_field *field = &ss_layer_table(kind)->fields[i];
    struct ss_text text;
    if (field->form != SS_FORM_NAMED)
        return;
    ss_text_clear(&text);
    for (uint32_t value = 0; value >> field->bits == 0; value++) {
        const char *name = ss_layer_value_text(kind, i, value);
        if (name)
            ss_text_add(&text, "%s%s", text.length ? ", " : "names: ", name);
    }
    fprintf(out, "%*s", WORDS_COLUMN, "");
    print_words(out, text.octets, columns);
}

static void print_field(FILE *out, enum ss_layer_kind kind, size_t i, size_t columns)
{
    const struct ss_layer_field *field = &ss_layer_table(kind)->fields[i];
    struct ss_text usual, words;
    word_usual(&usual, kind, i);
    ss_text_clear(&words);
    ss_text_add(&words, "%s: %s", field->title, field->meaning);
    fprintf(out, "  %-*s %*u  %-*s ", NAME_WIDTH, field->name, BITS_WIDTH, (unsigned)field->bits,
            USUAL_WIDTH, usual.octets);
    print_words(out, words.octets, columns);
    print_names(out, kind, i, columns);
}

void ss_fields_show(FILE *out, enum ss_layer_kind kind, unsigned columns)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    size_t width = columns < COLUMNS_MIN ? COLUMNS_MIN : columns;
    fprintf(out, "%s: %s%s%s\n", table->name, table->title, table->source[0] ? ", " : "",
            table->source);
    if (table->field_count > 0)
        fprintf(out, "  %-*s %*s  %-*s %s\n", NAME_WIDTH, "field", BITS_WIDTH, "bits", USUAL_WIDTH,
                "if not set", "what it is");
    for (size_t i = 0; i < table->field_count; i++)
        print_field(out, kind, i, width);
    if (table->rest)
        fprintf(out, "  and behind %s: %s\n", table->field_count > 0 ? "them" : "nothing",
                table->rest);
}
