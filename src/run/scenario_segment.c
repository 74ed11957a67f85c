/* scenario_segment: flags and items of a segment that is sent or expected. */
#include <string.h>

#include "scenario_parts.h"

enum { NOT_WITHIN_US = 200000 };

/* Why nothing in the segment names a number for the first time; NULL: it does. */
static const char *refusal(const struct parser *parser, enum ss_step_kind kind)
{
    if (parser->alone)
        return "a step by itself makes nothing known";
    if (kind == SS_STEP_EXPECT_NOT)
        return "what must not come makes nothing known";
    if (kind == SS_STEP_EXPECT_OPTIONAL)
        return "an optional segment may not come, and makes nothing known";
    return NULL;
}

struct value_rules segment_rules(const struct parser *parser, const struct segment_parse *parse,
                                 const char *what, unsigned bits)
{
    return (struct value_rules){
        .matching = parse->matching,
        .refusal = refusal(parser, parse->kind),
        .bits = bits,
        .what = what,
    };
}

/* --- header fields -----------------------------------------------------------------------------*/

static bool is_given(const struct parser *parser, const struct ss_segment_step *segment,
                     enum ss_field field)
{
    for (size_t i = 0; i < segment->field_count; i++)
        if (parser->scratch->fields[i].field == field)
            return true;
    return false;
}

void expect_field_equals(struct parser *parser, const struct word *word)
{
    if (cursor_take(parser, "="))
        return;
    bool spaced = cursor_at_gap(parser);
    cursor_skip_blanks(parser);
    if (spaced && cursor_peek(parser) == '=')
        parse_report_here(parser, "no space stands around = in a segment: %.*s=VALUE",
                          (int)word->length, word_octets(word));
    else
        parse_report(parser, word, "%.*s needs a value: %.*s=VALUE", (int)word->length,
                     word_octets(word), (int)word->length, word_octets(word));
}

static void parse_field(struct parser *parser, const struct segment_parse *parse,
                        const struct word *word, enum ss_field field)
{
    struct ss_segment_step *segment = parse->segment;
    struct value_rules rules =
        segment_rules(parser, parse, ss_field_text(field), ss_field_bits(field));
    struct ss_field_value given = {.field = field, .place = place_of(&word->place)};
    if (is_given(parser, segment, field))
        parse_report(parser, word, "%s stands here twice", rules.what);
    else if (segment->field_count + segment->header_count >= SS_SCENARIO_FIELDS_MAX)
        parse_report(parser, word, "a segment gives at most %d fields", SS_SCENARIO_FIELDS_MAX);
    parse_value(parser, &rules, &given.value);
    if (!parser->muted)
        parser->scratch->fields[segment->field_count++] = given;
}

/* --- what is no field --------------------------------------------------------------------------*/

/* NULL: it has none. */
static const char *own_checksum(enum ss_protocol protocol)
{
    switch (protocol) {
    case SS_PROTOCOL_TCP:
        return "tcp.checksum";
    case SS_PROTOCOL_UDP:
        return "udp.checksum";
    case SS_PROTOCOL_ICMP:
        return "icmp.checksum";
    case SS_PROTOCOL_IGMP:
        return "igmp.checksum";
    case SS_PROTOCOL_ARP:
        return NULL;
    }
    return NULL;
}

static void parse_corrupt(struct parser *parser, const struct segment_parse *parse,
                          const struct word *word)
{
    (void)cursor_take(parser, "=");
    struct word what = cursor_word(parser, ".");
    const char *own = own_checksum(parse->segment->protocol);
    if (parse->matching)
        parse_report(parser, word, "corrupt belongs to what is sent");
    else if (!own)
        parse_report(parser, word, "ARP has no checksum to corrupt");
    else if (word_is(&what, own))
        parse->segment->corrupt |= SS_CORRUPT_TCP_CHECKSUM;
    else if (word_is(&what, "ip.checksum"))
        parse->segment->corrupt |= SS_CORRUPT_IP_CHECKSUM;
    else
        parse_report(parser, what.length ? &what : word,
                     "what can be corrupted is %s or ip.checksum", own);
}

static void parse_within(struct parser *parser, const struct segment_parse *parse,
                         const struct word *word)
{
    if (!parse->matching)
        parse_report(parser, word, "within belongs to what is expected");
    else if (parse->kind == SS_STEP_EXPECT_OPTIONAL)
        parse_report(parser, word,
                     "an optional segment is not waited for: within belongs to the one after it");
    else if (parser->scratch->within_given)
        parse_report(parser, word, "within stands here twice");
    cursor_skip_blanks(parser);
    parser->scratch->within_given = true;
    parse->segment->within_us = parse_duration(parser, "within");
}

static void parse_after(struct parser *parser, const struct segment_parse *parse,
                        const struct word *word)
{
    struct ss_segment_step *segment = parse->segment;
    if (!parse->matching)
        parse_report(parser, word, "after belongs to what is expected; 'wait 1s' lets time go by");
    else if (parse->kind == SS_STEP_EXPECT_NOT)
        parse_report(parser, word, "what must not come has no time to come after");
    else if (segment->after_given)
        parse_report(parser, word, "after stands here twice");
    cursor_skip_blanks(parser);
    segment->after_given = true;
    segment->after_us = parse_duration(parser, "after");
    cursor_skip_blanks(parser);
    if (!cursor_take(parser, "+-"))
        return;
    cursor_skip_blanks(parser);
    segment->after_tolerance_us = parse_duration(parser, "+-");
}

static void parse_no(struct parser *parser, const struct segment_parse *parse,
                     const struct word *word)
{
    if (parse->segment->protocol != SS_PROTOCOL_TCP)
        parse_report(parser, word, "only TCP has options that may not be there");
    else if (!parse->matching && !parse->edit)
        parse_report(parser, word,
                     "no belongs to what is expected: what is sent just leaves it out");
    parse_no_option(parser, parse);
}

static bool parse_keyword(struct parser *parser, const struct segment_parse *parse,
                          const struct word *word)
{
    if (word_is(word, "within"))
        parse_within(parser, parse, word);
    else if (word_is(word, "after"))
        parse_after(parser, parse, word);
    else if (word_is(word, "no"))
        parse_no(parser, parse, word);
    else if (word_is(word, "corrupt"))
        parse_corrupt(parser, parse, word);
    else
        return false;
    return true;
}

/* --- items -------------------------------------------------------------------------------------*/

/* The word of the language nearest to `word`. */
static const char *hint_item(const struct parser *parser, char hint[SCENARIO_HINT_SIZE],
                             const struct word *word)
{
    static const char *const others[] = {"corrupt", "within", "after", "no", "size", "hex", "file"};
    enum { OTHERS = sizeof(others) / sizeof(others[0]) };
    const char *words[SCENARIO_FIELD_WORDS_MAX + SCENARIO_OPTION_WORDS_MAX + OTHERS];
    size_t count = field_words(words);
    count += option_words(words + count);
    memcpy(words + count, others, sizeof(others));
    return hint_nearest(parser, hint, word, words, count + OTHERS);
}

static void report_item(struct parser *parser, const struct ss_segment_step *segment,
                        const struct word *word)
{
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    struct word lump = word->length ? *word : cursor_lump(parser);
    word_shown(shown, &lump);
    int first = lump.length > 0 ? word_octets(&lump)[0] : 0;
    if (first == '\\')
        parse_report(parser, &lump, "a line is continued by \\ only at its end");
    else if (first == '}')
        parse_report(parser, &lump, "} stands on a line of its own");
    else if (segment->protocol != SS_PROTOCOL_TCP)
        report_message_item(parser, segment, &lump);
    else if (flag_is(word))
        parse_report(parser, word, "flags are joined by commas: SYN,ACK");
    else if (*hint_item(parser, hint, word))
        parse_report(parser, &lump, "no field or option '%s'%s", shown, hint);
    else
        parse_report(parser, &lump,
                     "no field or option '%s'; a field is seq=J, an option mss=1460, a payload "
                     "\"text\"",
                     shown);
}

static void parse_item(struct parser *parser, const struct segment_parse *parse)
{
    enum ss_field field;
    struct ss_payload *payload = &parse->segment->payload;
    enum ss_protocol protocol = parse->segment->protocol;
    struct word lump = cursor_lump(parser);
    if (parse_payload(parser, parse->matching, SCENARIO_PAYLOAD_BYTES_MAX, payload)) {
        if (protocol == SS_PROTOCOL_ARP)
            parse_report(parser, &lump, "ARP carries no octets");
        return;
    }
    struct word word = cursor_word(parser, ".");
    bool tcp = protocol == SS_PROTOCOL_TCP, ip = protocol != SS_PROTOCOL_ARP;
    if (!tcp && parse_header(parser, parse, &word))
        return;
    if (field_find(&word, &field) && (tcp || (ip && field <= SS_FIELD_IP6_NEXT))) {
        expect_field_equals(parser, &word);
        parse_field(parser, parse, &word, field);
    } else if (parse->edit && word_is(&word, "flags") && cursor_take(parser, "=")) {
        parse->segment->flags = parse_flags(parser);
        parse->segment->flags_given = true;
    } else if (!(tcp && parse_option(parser, parse, &word)) &&
               !parse_keyword(parser, parse, &word)) {
        report_item(parser, parse->segment, &word);
    }
}

static void *keep(struct parser *parser, const void *from, size_t size)
{
    void *copy = size && !parser->muted ? parse_take(parser, size) : NULL;
    return copy ? memcpy(copy, from, size) : NULL;
}

static void parse_items(struct parser *parser, const struct segment_parse *parse)
{
    struct ss_segment_step *segment = parse->segment;
    struct scratch *scratch = parser->scratch;
    scratch->within_given = false;
    scratch->options_bytes = 0;
    scratch->length = 0;
    while (!cursor_at_end(parser) && !parser->stopped) {
        parse_item(parser, parse);
        if (cursor_at_gap(parser))
            continue;
        struct word junk = cursor_lump(parser);
        parse_report(parser, &junk, "white space is expected between items");
        parser->cursor.at += junk.length;
    }
    segment->fields =
        keep(parser, scratch->fields, segment->field_count * sizeof(*segment->fields));
    segment->headers =
        keep(parser, scratch->headers, segment->header_count * sizeof(*segment->headers));
    segment->options =
        keep(parser, scratch->options, segment->option_count * sizeof(*segment->options));
    payload_finish(parser, &segment->payload);
}

/* Flags, or a protocol and its type. */
static void parse_what(struct parser *parser, struct ss_segment_step *segment)
{
    struct word lump = cursor_lump(parser);
    if (!protocol_find(&lump, &segment->protocol)) {
        segment->flags = parse_flags(parser);
        segment->flags_given = true;
        return;
    }
    parser->cursor.at += lump.length;
    cursor_skip_blanks(parser);
    parse_type(parser, segment);
}

void parse_segment(struct parser *parser, enum ss_step_kind kind, struct ss_segment_step *segment)
{
    struct segment_parse parse = {
        .kind = kind, .matching = kind != SS_STEP_SEND, .segment = segment};
    if (parse.matching)
        segment->within_us = kind == SS_STEP_EXPECT_NOT ? NOT_WITHIN_US : SS_SCENARIO_WITHIN_US;
    cursor_skip_blanks(parser);
    struct word first = cursor_lump(parser);
    parse_what(parser, segment);
    parse_items(parser, &parse);
    check_message(parser, &parse, &first);
    parser->scenario->speaks_of[segment->protocol] = true;
    parser->expects = parser->expects || (parse.matching && segment->protocol != SS_PROTOCOL_ARP);
}

void parse_edit(struct parser *parser, struct ss_segment_step *segment)
{
    struct segment_parse parse = {.kind = SS_STEP_SEND, .edit = true, .segment = segment};
    parse_items(parser, &parse);
}
