/* scenario_statement: one line: which statement it is, and the short ones. */
#include <string.h>

#include "scenario_parts.h"

/* --- title, only -------------------------------------------------------------------------------*/

enum { TITLE_BYTES_MAX = 200 };

static bool has_control(const uint8_t *octets, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t character = character_visible((const char *)octets + at, length - at);
        if (character == 0)
            return true;
        at += character;
    }
    return false;
}

static bool parse_title(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)step;
    struct scratch *scratch = parser->scratch;
    scratch->length = 0;
    if (parser->includes == 0 && parser->scenario->title)
        parse_report(parser, first, "there is a title already");
    if (cursor_peek(parser) != '"') {
        parse_report_here(parser, "a title stands in quotes: title \"Three-way handshake\"");
        return false;
    }
    struct word text = cursor_lump(parser);
    parse_text(parser, TITLE_BYTES_MAX);
    if (has_control(scratch->octets, scratch->length))
        parse_report(parser, &text, "a title is one line of characters that can be seen");
    if (parser->includes == 0 && !parser->muted)
        parser->scenario->title = parse_copy(parser, scratch->octets, scratch->length);
    return false;
}

static void note_need(struct ss_scenario_needs *needs, const struct word *word)
{
    if (word_is(word, "live"))
        needs->live = true;
    else if (word_is(word, "simulated"))
        needs->simulated = true;
    else
        needs->version = word_is(word, "ipv4") ? 4 : 6;
}

static void parse_need(struct parser *parser, struct ss_scenario_needs *needs)
{
    static const char *const names[] = {"live", "simulated", "ipv4", "ipv6"};
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    struct word word = cursor_lump(parser);
    parser->cursor.at += word.length;
    uint8_t version = needs->version;
    for (size_t i = 0; i < 4; i++) {
        if (!word_is(&word, names[i]))
            continue;
        note_need(needs, &word);
        if (needs->live && needs->simulated)
            parse_report(parser, &word, "no scenario is for both, only live and only simulated");
        else if (version && version != needs->version)
            parse_report(parser, &word, "no scenario is for both, only ipv4 and only ipv6");
        return;
    }
    hint_nearest(parser, hint, &word, names, 4);
    parse_report(parser, &word, "only live, simulated, ipv4 or ipv6, not '%s'%s",
                 word_shown(shown, &word), hint);
}

static bool parse_only(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)step;
    struct ss_scenario_needs ignored = {0};
    struct ss_scenario_needs *needs = parser->includes ? &ignored : &parser->scenario->needs;
    if (cursor_at_end(parser))
        parse_report(parser, first, "only what? live, simulated, ipv4 or ipv6");
    while (!cursor_at_end(parser))
        parse_need(parser, needs);
    return false;
}

/* --- let, param --------------------------------------------------------------------------------*/

/* What a name is to become: an expression, or random; that too when nothing is said. */
static void parse_worth(struct parser *parser, struct ss_step *step)
{
    struct cursor begin = parser->cursor;
    struct word word = cursor_word(parser, "");
    step->let.random = word_is(&word, "random");
    if (step->let.random)
        return;
    parser->cursor = begin;
    parse_expression(parser, SPACED, &step->let.value);
}

/* The name is known from the next statement on. */
static void set_name(struct parser *parser, const struct word *word, struct ss_step *step)
{
    uint32_t value;
    bool constant = !step->let.random && expression_constant(parser, &step->let.value, &value);
    int index = name_make(parser, word);
    if (index < 0)
        return;
    step->let.name = (uint16_t)index;
    name_set(parser, (uint16_t)index, constant ? &value : NULL);
}

static bool parse_let(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)first;
    struct word name;
    step->kind = SS_STEP_LET;
    step->let.random = true;
    if (!name_read(parser, &name))
        return false;
    if (parser->alone && name_find(parser, &name) < 0)
        parse_report(parser, &name, "no new name can be made here");
    cursor_skip_blanks(parser);
    if (cursor_take(parser, "=")) {
        cursor_skip_blanks(parser);
        parse_worth(parser, step);
    }
    set_name(parser, &name, step);
    return true;
}

static const char *given_value(const struct parser *parser, const struct word *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < parser->param_count; i++)
        if (word_is(name, parser->params[i].name))
            value = parser->params[i].value;
    return value;
}

/* The value after --param NAME=, read in its place. */
static void parse_given(struct parser *parser, const char *name, const char *value,
                        struct ss_step *step)
{
    struct cursor back = parser->cursor;
    struct source source = {.text = value, .length = strlen(value)};
    char file[SCENARIO_NAME_BYTES_MAX + 16] = "--param ";
    source.file = strncat(file, name, SCENARIO_NAME_BYTES_MAX);
    parser->cursor = (struct cursor){.source = &source, .line = 1};
    parse_worth(parser, step);
    if (!cursor_at_end(parser) || cursor_peek(parser) >= 0)
        parse_report_here(parser, "a number is expected, or random");
    parser->cursor = back;
}

static bool parse_param(struct parser *parser, const struct word *first, struct ss_step *step)
{
    struct word name;
    step->kind = SS_STEP_LET;
    (void)first;
    if (!name_read(parser, &name))
        return false;
    if (name_find(parser, &name) >= 0)
        parse_report(parser, &name, "there is such a name already: a param is new");
    cursor_skip_blanks(parser);
    bool has_default = cursor_take(parser, "=");
    cursor_skip_blanks(parser);
    if (has_default)
        parse_worth(parser, step);
    const char *value = given_value(parser, &name);
    int index = name_make(parser, &name);
    if (index < 0)
        return false;
    const char *text = parser->names.list[index].text;
    if (value)
        parse_given(parser, text, value, step);
    else if (!has_default)
        parse_report(parser, &name, "%s has no default: say --param %s=VALUE", text, text);
    set_name(parser, &name, step);
    parser->names.list[index].param = true;
    return true;
}

/* --- wait, drop, duplicate, delay, set ---------------------------------------------------------*/

static bool parse_wait(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)first;
    step->kind = SS_STEP_WAIT;
    step->duration_us = parse_duration(parser, "wait");
    return true;
}

static enum ss_harm harm_of(const struct word *word)
{
    if (word_is(word, "drop"))
        return SS_HARM_DROP;
    return word_is(word, "duplicate") ? SS_HARM_DUPLICATE : SS_HARM_DELAY;
}

static bool parse_harm(struct parser *parser, const struct word *first, struct ss_step *step)
{
    step->kind = SS_STEP_HARM;
    step->harm.kind = harm_of(first);
    step->harm.incoming = cursor_take(parser, "<");
    if (!step->harm.incoming && !cursor_take(parser, ">"))
        parse_report_here(parser, "> or < is expected: the next segment that leaves or arrives");
    cursor_skip_blanks(parser);
    if (step->harm.kind == SS_HARM_DELAY)
        step->harm.duration_us = parse_duration(parser, "delay");
    return true;
}

static const struct {
    const char *name;
    enum ss_own_variable variable;
    unsigned bits;
} variables[] = {
    {"snd_nxt", SS_OWN_SND_NXT, 32},
    {"rcv_nxt", SS_OWN_RCV_NXT, 32},
    {"window", SS_OWN_WINDOW, 16},
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

static void report_variable(struct parser *parser, const struct word *word)
{
    char hint[SCENARIO_HINT_SIZE];
    const char *names[VARIABLES];
    for (size_t i = 0; i < VARIABLES; i++)
        names[i] = variables[i].name;
    hint_nearest(parser, hint, word, names, VARIABLES);
    if (word->length > 0)
        parse_report(parser, word, "our end has snd_nxt, rcv_nxt and window to set%s", hint);
    else
        parse_report_here(parser, "our end has snd_nxt, rcv_nxt and window to set");
}

static bool parse_own(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)first;
    struct word word = cursor_word(parser, "");
    uint32_t value;
    size_t at = 0;
    while (at < VARIABLES && !word_is(&word, variables[at].name))
        at++;
    step->kind = SS_STEP_SET;
    if (at == VARIABLES) {
        report_variable(parser, &word);
        return false;
    }
    step->set.variable = variables[at].variable;
    cursor_skip_blanks(parser);
    if (!cursor_take(parser, "="))
        parse_report_here(parser, "= is expected: set %s = 1000", variables[at].name);
    cursor_skip_blanks(parser);
    struct word place = cursor_lump(parser);
    parse_expression(parser, SPACED, &step->set.value);
    if (variables[at].bits == 16 && expression_constant(parser, &step->set.value, &value) &&
        value > UINT16_MAX)
        parse_report(parser, &place, "window has 16 bits: 0 to 65535");
    return true;
}

static bool parse_peer_step(struct parser *parser, const struct word *first, struct ss_step *step)
{
    (void)first;
    step->kind = SS_STEP_PEER;
    parse_peer(parser, &step->peer);
    return true;
}

/* --- which statement ---------------------------------------------------------------------------*/

/* Returns whether `step` is one; the cursor is after the first word and white space. */
typedef bool statement_parser(struct parser *parser, const struct word *first,
                              struct ss_step *step);

static const struct statement {
    const char *word;
    statement_parser *parse;
    bool is_step; /* fine at the stepping prompt */
} statements[] = {
    {"title", parse_title, false}, {"only", parse_only, false},     {"let", parse_let, true},
    {"param", parse_param, false}, {"peer", parse_peer_step, true}, {"wait", parse_wait, true},
    {"drop", parse_harm, true},    {"duplicate", parse_harm, true}, {"delay", parse_harm, true},
    {"set", parse_own, true},      {"include", NULL, false},        {"repeat", NULL, false},
};

enum { STATEMENTS = sizeof(statements) / sizeof(statements[0]) };

static const struct statement *find(const struct word *word)
{
    for (size_t i = 0; i < STATEMENTS; i++)
        if (word_is(word, statements[i].word))
            return &statements[i];
    return NULL;
}

static void report_statement(struct parser *parser, const struct word *word)
{
    const char *names[STATEMENTS];
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    struct word lump = cursor_lump(parser);
    for (size_t i = 0; i < STATEMENTS; i++)
        names[i] = statements[i].word;
    hint_nearest(parser, hint, word, names, STATEMENTS);
    word_shown(shown, word->length ? word : &lump);
    parse_report(parser, word->length ? word : &lump, "no statement begins with '%s'%s", shown,
                 hint[0] ? hint : "; a segment begins with > or <");
}

static bool parse_worded(struct parser *parser, struct ss_step *step)
{
    struct word word = cursor_word(parser, "");
    const struct statement *statement = find(&word);
    if (!statement) {
        report_statement(parser, &word);
        return false;
    }
    if (parser->alone && !statement->is_step)
        parse_report(parser, &word, "%s is no step: it belongs into a file", statement->word);
    if (!statement->parse)
        return false;
    if (parser->repeats > 0 && !statement->is_step)
        parse_report(parser, &word, "%s stands outside of repeat", statement->word);
    if (parser->grouped)
        parse_report(parser, &word, "a group holds only < and <?");
    cursor_skip_blanks(parser);
    return statement->parse(parser, &word, step);
}

static bool take_sign(struct parser *parser, enum ss_step_kind *kind)
{
    static const struct {
        const char *sign;
        enum ss_step_kind kind;
    } signs[] = {
        {"<?", SS_STEP_EXPECT_OPTIONAL},
        {"<*", SS_STEP_EXPECT_SKIPPING},
        {"<!", SS_STEP_EXPECT_NOT},
        {"<", SS_STEP_EXPECT},
        {">", SS_STEP_SEND},
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        *kind = signs[i].kind;
        if (cursor_take(parser, signs[i].sign))
            return true;
    }
    return false;
}

/* Reads all but the end of a statement that is one line; returns whether it is a step. */
static bool parse_single(struct parser *parser, struct ss_step *step)
{
    struct word sign = cursor_lump(parser);
    if (!take_sign(parser, &step->kind))
        return parse_worded(parser, step);
    if (parser->grouped && step->kind != SS_STEP_EXPECT && step->kind != SS_STEP_EXPECT_OPTIONAL)
        parse_report(parser, &sign, "a group holds only < and <?");
    parse_segment(parser, step->kind, &step->segment);
    return true;
}

static void parse_line(struct parser *parser)
{
    struct ss_step step = {.kind = SS_STEP_LET};
    struct cursor begin = parser->cursor;
    bool is_step = parse_single(parser, &step);
    if (!cursor_at_end(parser))
        parse_report_here(parser, "the end of the line is expected");
    if (is_step && !parser->muted) {
        step.text = cursor_statement(parser, &begin);
        parse_add_step(parser, &begin, &step);
    }
    cursor_next_statement(parser);
}

/* A word of which a block begins, past which the cursor is then. */
static bool take_block_word(struct parser *parser, const char *text, struct word *word)
{
    struct cursor begin = parser->cursor;
    *word = cursor_word(parser, "");
    if (word_is(word, text) && !parser->alone)
        return true;
    parser->cursor = begin;
    return false;
}

void parse_statement(struct parser *parser)
{
    struct word word = {.place = parser->cursor, .length = 1};
    parser->muted = false;
    if (parser->alone && cursor_peek(parser) == '{')
        parse_report(parser, &word, "{ } is no step: it belongs into a file");
    else if (cursor_take(parser, "{"))
        parse_group(parser, &word);
    else if (take_block_word(parser, "repeat", &word))
        parse_repeat(parser, &word);
    else if (take_block_word(parser, "include", &word))
        parse_include(parser, &word);
    else
        parse_line(parser);
    if (!parser->grouped)
        name_settle(parser);
}
