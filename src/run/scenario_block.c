/* scenario_block: the statements that hold others: { }, repeat, include. */
#include <inttypes.h>
#include <string.h>

#include "scenario_parts.h"

static void report_unclosed(struct parser *parser, const struct word *opened)
{
    parser->muted = false;
    parse_report(parser, opened, "what begins here has no } at its end");
}

/* At a `}`: whether it ends the block that is being read. */
static bool parse_closing(struct parser *parser, const struct word *opened)
{
    parser->muted = false;
    if (!opened)
        parse_report_here(parser, "this } closes nothing");
    parser->cursor.at++;
    if (!cursor_at_end(parser))
        parse_report_here(parser, "} stands on a line of its own");
    cursor_next_statement(parser);
    return opened != NULL;
}

void parse_lines(struct parser *parser, const struct word *opened)
{
    bool closed = false;
    while (!closed && !parser->stopped && cursor_find_statement(parser)) {
        if (cursor_peek(parser) == '}')
            closed = parse_closing(parser, opened);
        else
            parse_statement(parser);
    }
    if (opened && !closed && !parser->stopped)
        report_unclosed(parser, opened);
}

/* --- { } ---------------------------------------------------------------------------------------*/

/* The rest of the line after a `{`. */
static void parse_opening(struct parser *parser)
{
    if (!cursor_at_end(parser))
        parse_report_here(parser, "what { holds begins on a line of its own");
    cursor_next_statement(parser);
}

void parse_group(struct parser *parser, const struct word *first)
{
    struct ss_step step = {.kind = SS_STEP_GROUP, .text = "{"};
    size_t at = parser->step_count, found = parser->diagnostics->found;
    parse_opening(parser);
    if (parser->grouped) {
        parser->muted = false;
        parse_report(parser, first, "a group cannot hold another one");
        return;
    }
    parse_add_step(parser, &first->place, &step);
    parser->grouped = true;
    parse_lines(parser, first);
    parser->grouped = false;
    if (parser->stopped || parser->diagnostics->found > found)
        return;
    parser->steps[at].count = parser->step_count - at - 1;
    parser->muted = false;
    if (parser->steps[at].count == 0)
        parse_report(parser, first, "this group is empty");
}

/* --- repeat ------------------------------------------------------------------------------------*/

/* Reads a body that is to run no times: for what is wrong in it, and nothing else. */
static void read_in_vain(struct parser *parser, const struct word *opened)
{
    struct name_table names = parser->names;
    bool drives_peer = parser->scenario->drives_peer;
    size_t steps = parser->step_count;
    parse_lines(parser, opened);
    parser->names = names;
    parser->scenario->drives_peer = drives_peer;
    parser->step_count = steps;
}

/*
 * The body from here on, `count` times. Once anything is wrong, here or before, nothing is going to
 * run: then once is enough to find what else is.
 */
static void repeat_body(struct parser *parser, const struct word *opened, uint32_t count)
{
    struct cursor body = parser->cursor;
    parser->repeats++;
    if (count == 0)
        read_in_vain(parser, opened);
    for (uint32_t i = 0; i < count; i++) {
        parser->cursor = body;
        parse_lines(parser, opened);
        if (parser->diagnostics->found > 0)
            break;
    }
    parser->repeats--;
}

void parse_repeat(struct parser *parser, const struct word *first)
{
    if (parser->grouped)
        parse_report(parser, first, "a group holds only < and <?");
    if (parser->repeats == SS_SCENARIO_DEPTH_MAX) {
        parse_report(parser, first, "repeat goes at most %d deep", SS_SCENARIO_DEPTH_MAX);
        parse_stop(parser, SS_USAGE);
        return;
    }
    cursor_skip_blanks(parser);
    uint32_t count = parse_constant(parser, SPACED, "a repeat's count", 0, SS_SCENARIO_STEPS_MAX);
    if (parser->muted)
        count = 1;
    cursor_skip_blanks(parser);
    if (!cursor_take(parser, "{")) {
        parse_report_here(parser, "{ is expected, at the end of the line");
        cursor_next_statement(parser);
        return;
    }
    parse_opening(parser);
    repeat_body(parser, first, count);
}

/* --- include -----------------------------------------------------------------------------------*/

static bool includes_itself(const struct parser *parser, const char *path)
{
    for (const struct source *at = parser->cursor.source; at; at = at->includer)
        if (strcmp(at->file, path) == 0)
            return true;
    return false;
}

static void follow(struct parser *parser, struct loaded *loaded)
{
    struct cursor back = parser->cursor;
    if (loaded->followed && parser->diagnostics->found > 0)
        return; /* as of a repeat: what is wrong in it has been found */
    loaded->followed = true;
    struct source *source = parse_take(parser, sizeof(*source));
    if (!source)
        return;
    *source =
        (struct source){loaded->path, (const char *)loaded->octets, loaded->length, back.source};
    cursor_begin(parser, source);
    parser->includes++;
    parse_lines(parser, NULL);
    parser->includes--;
    parser->cursor = back;
}

void parse_include(struct parser *parser, const struct word *first)
{
    struct word word;
    if (parser->grouped)
        parse_report(parser, first, "a group holds only < and <?");
    cursor_skip_blanks(parser);
    const char *name = parse_path(parser, &word);
    if (name && !cursor_at_end(parser))
        parse_report_here(parser, "the end of the line is expected after the name of a file");
    struct loaded *loaded = name && !parser->muted ? parse_load(parser, &word, name) : NULL;
    if (loaded && includes_itself(parser, loaded->path))
        parse_report(parser, &word, "%s would include itself", loaded->path);
    else if (loaded && parser->includes == SS_SCENARIO_DEPTH_MAX)
        parse_report(parser, &word, "include goes at most %d deep", SS_SCENARIO_DEPTH_MAX);
    cursor_next_statement(parser);
    if (loaded && !parser->muted)
        follow(parser, loaded);
}
