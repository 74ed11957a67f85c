/* scenario_option: TCP options by name. */
#include <string.h>

#include "scenario_parts.h"

/* How an option's value is written. */
enum shape {
    SHAPE_BARE,   /* sackok */
    SHAPE_NUMBER, /* mss=1460 */
    SHAPE_PAIR,   /* ts=1,0 */
    SHAPE_BLOCKS, /* sack=1..9,20..30 */
    SHAPE_OCTETS, /* opt=254:0a0b */
};

static const struct option {
    const char *name;
    enum shape shape;
    uint8_t kind;
    uint8_t octets; /* in the header; without what is of variable length */
    unsigned bits;  /* of its numbers */
    const char *example;
} options[] = {
    {"mss", SHAPE_NUMBER, SS_TCP_OPTION_MSS, 4, 16, "mss=1460"},
    {"wscale", SHAPE_NUMBER, SS_TCP_OPTION_WINDOW_SCALE, 3, 8, "wscale=7"},
    {"sackok", SHAPE_BARE, SS_TCP_OPTION_SACK_PERMITTED, 2, 0, "sackok"},
    {"ts", SHAPE_PAIR, SS_TCP_OPTION_TIMESTAMPS, 10, 32, "ts=1,0"},
    {"sack", SHAPE_BLOCKS, SS_TCP_OPTION_SACK, 2, 32, "sack=K+1..K+9"},
    {"nop", SHAPE_BARE, SS_TCP_OPTION_NOP, 1, 0, "nop"},
    {"eol", SHAPE_BARE, SS_TCP_OPTION_END, 1, 0, "eol"},
    {"tfo", SHAPE_BARE, SS_TCP_OPTION_FAST_OPEN, 2, 0, "tfo"},
    {"opt", SHAPE_OCTETS, 0, 2, 0, "opt=254:0a0b"},
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]), SACK_BLOCK_OCTETS = 8 };

static const struct option *find(const struct word *word)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (word_is(word, options[i].name))
            return &options[i];
    return NULL;
}

size_t option_words(const char *words[SCENARIO_OPTION_WORDS_MAX])
{
    for (size_t i = 0; i < OPTIONS; i++)
        words[i] = options[i].name;
    return OPTIONS;
}

/* --- values ------------------------------------------------------------------------------------*/

/* An option that is left out has no value that a name could become: in a send nothing binds. */
static struct value_rules rules_of(const struct parser *parser, const struct segment_parse *parse,
                                   const struct option *option)
{
    struct value_rules rules = segment_rules(parser, parse, option->name, option->bits);
    if (!parse->matching)
        rules.refusal = "an option that is sent has no value but the one that it is given";
    return rules;
}

static void parse_pair(struct parser *parser, const struct value_rules *rules,
                       struct ss_option_value *value)
{
    parse_value(parser, rules, &value->value[0]);
    if (cursor_take(parser, ","))
        parse_value(parser, rules, &value->value[1]);
    else
        parse_report_here(parser, "ts has two numbers, its value and its echo: ts=1,0");
}

static void parse_blocks(struct parser *parser, const struct value_rules *rules,
                         struct ss_option_value *value)
{
    do {
        if (value->block_count == SS_TCP_SACK_BLOCKS_MAX) {
            parse_report_here(parser, "sack has at most %d blocks", SS_TCP_SACK_BLOCKS_MAX);
            return;
        }
        parse_range(parser, rules, &value->blocks[value->block_count++]);
    } while (cursor_take(parser, ","));
}

/* Kind and data: "254:0a0b"; without data it is there, whatever it says. */
static void parse_raw(struct parser *parser, bool bare, struct ss_option_value *value)
{
    struct word word = cursor_lump(parser);
    value->kind = (uint8_t)parse_constant(parser, TIGHT, "an option's kind", 0, 255);
    value->form = SS_OPTION_PRESENT;
    if (bare && cursor_at_gap(parser))
        return;
    value->form = SS_OPTION_RAW;
    if (!cursor_take(parser, ":")) {
        parse_report(parser, &word, "kind and data are expected: opt=254:0a0b");
        return;
    }
    struct scratch *scratch = parser->scratch;
    size_t before = scratch->length;
    parse_hex(parser, before + SS_TCP_OPTIONS_BYTES_MAX - 2);
    value->raw_length = scratch->length - before;
    if (value->raw_length > 0)
        memcpy(value->raw, scratch->octets + before, value->raw_length);
    scratch->length = before;
}

static void parse_shape(struct parser *parser, const struct segment_parse *parse,
                        const struct option *option, struct ss_option_value *value)
{
    struct value_rules rules = rules_of(parser, parse, option);
    switch (option->shape) {
    case SHAPE_BARE:
        break;
    case SHAPE_NUMBER:
        parse_value(parser, &rules, &value->value[0]);
        break;
    case SHAPE_PAIR:
        parse_pair(parser, &rules, value);
        break;
    case SHAPE_BLOCKS:
        parse_blocks(parser, &rules, value);
        break;
    case SHAPE_OCTETS:
        parse_raw(parser, parse->matching, value);
        break;
    }
}

/* --- options -----------------------------------------------------------------------------------*/

static size_t octets_of(const struct option *option, const struct ss_option_value *value)
{
    return option->octets + value->raw_length + value->block_count * SACK_BLOCK_OCTETS;
}

static void add_option(struct parser *parser, const struct segment_parse *parse,
                       const struct word *word, const struct option *option,
                       const struct ss_option_value *value)
{
    struct scratch *scratch = parser->scratch;
    scratch->options_bytes += octets_of(option, value);
    if (parse->segment->no_options)
        parse_report(parser, word, "'no options' stands here, too");
    else if (!parse->matching && scratch->options_bytes > SS_TCP_OPTIONS_BYTES_MAX)
        parse_report(parser, word, "the options up to this one take %zu octets: %d fit",
                     scratch->options_bytes, SS_TCP_OPTIONS_BYTES_MAX);
    else if (parse->segment->option_count == SS_SCENARIO_OPTIONS_MAX)
        parse_report(parser, word, "a segment has at most %d options", SS_SCENARIO_OPTIONS_MAX);
    else
        scratch->options[parse->segment->option_count++] = *value;
}

/* A fast open request has neither number nor flag: it goes out as kind and length. */
static void set_bare_form(const struct segment_parse *parse, const struct option *option,
                          struct ss_option_value *value)
{
    value->form = SS_OPTION_VALUE;
    if (parse->matching)
        value->form = SS_OPTION_PRESENT;
    else if (option->kind == SS_TCP_OPTION_FAST_OPEN)
        value->form = SS_OPTION_RAW;
}

bool parse_option(struct parser *parser, const struct segment_parse *parse, const struct word *word)
{
    const struct option *option = find(word);
    if (!option)
        return false;
    struct ss_option_value value = {.kind = option->kind, .place = place_of(&word->place)};
    bool equals = cursor_take(parser, "=");
    bool takes_value = option->shape != SHAPE_BARE;
    bool needs_value = takes_value && (!parse->matching || option->shape == SHAPE_OCTETS);
    set_bare_form(parse, option, &value);
    if (equals && takes_value)
        value.form = SS_OPTION_VALUE;
    if (equals && !takes_value)
        parse_report(parser, word, "%s has no value", option->name);
    else if (equals)
        parse_shape(parser, parse, option, &value);
    else if (needs_value)
        parse_report(parser, word, "%s needs a value: %s", option->name, option->example);
    add_option(parser, parse, word, option, &value);
    return true;
}

static void report_no_option(struct parser *parser, const struct word *word)
{
    const char *words[SCENARIO_OPTION_WORDS_MAX + 1];
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    size_t count = option_words(words);
    words[count++] = "options";
    hint_nearest(parser, hint, word, words, count);
    if (word->length == 0)
        parse_report(parser, word, "an option's name is expected after no, or options");
    else
        parse_report(parser, word, "no option '%s'%s", word_shown(shown, word), hint);
}

static void parse_no_options(struct parser *parser, const struct segment_parse *parse,
                             const struct word *word)
{
    if (parse->segment->option_count > 0)
        parse_report(parser, word, "'no options', and yet there are some here");
    parse->segment->no_options = true;
}

void parse_no_option(struct parser *parser, const struct segment_parse *parse)
{
    struct ss_option_value value = {.form = SS_OPTION_ABSENT};
    cursor_skip_blanks(parser);
    struct word word = cursor_word(parser, "");
    const struct option *option = find(&word);
    if (word_is(&word, "options")) {
        parse_no_options(parser, parse, &word);
    } else if (parse->edit) {
        parse_report(parser, &word, "of what is sent, no takes away only all: no options");
    } else if (!option) {
        word = word.length ? word : cursor_lump(parser);
        report_no_option(parser, &word);
    } else {
        value.kind = option->kind;
        value.place = place_of(&word.place);
        if (option->shape == SHAPE_OCTETS && !cursor_take(parser, "="))
            parse_report(parser, &word, "which kind must not be there? no opt=254");
        else if (option->shape == SHAPE_OCTETS)
            value.kind = (uint8_t)parse_constant(parser, TIGHT, "an option's kind", 0, 255);
        add_option(parser, parse, &word, option, &value);
    }
}
