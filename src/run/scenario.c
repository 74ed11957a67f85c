/* scenario: from a text to steps: the parser's beginning and end. */
#include "synstep/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"

/* What a scenario's own lines may take is bounded by its size; what repeat and include make of them
 * by this. */
enum { BUDGET_OCTETS = 32 << 20, BUDGET_PER_OCTET = 17 };

/* --- what the parser's files build with --------------------------------------------------------*/

void *parse_take(struct parser *parser, size_t size)
{
    bool full;
    void *taken = parser->stopped ? NULL : memory_take(parser->memory, size, &full);
    if (taken || parser->stopped)
        return taken;
    if (full)
        parse_give_up(parser, "this makes the scenario too large");
    else
        parse_stop(parser, SS_IO);
    return NULL;
}

char *parse_copy(struct parser *parser, const void *octets, size_t length)
{
    char *copy = parse_take(parser, length + 1);
    if (copy && length > 0)
        memcpy(copy, octets, length);
    return copy;
}

struct ss_place place_of(const struct cursor *cursor)
{
    return (struct ss_place){
        .file = cursor->source->file,
        .line = cursor->line,
        .column = (unsigned)(cursor->at - cursor->line_start) + 1,
    };
}

static bool make_room(struct parser *parser)
{
    if (parser->step_count < parser->step_room)
        return true;
    size_t room = parser->step_room ? 2 * parser->step_room : 64;
    struct ss_step *steps = realloc(parser->steps, room * sizeof(*steps));
    if (!steps) {
        parse_stop(parser, SS_IO);
        return false;
    }
    parser->steps = steps;
    parser->step_room = room;
    return true;
}

void parse_add_step(struct parser *parser, const struct cursor *place, const struct ss_step *step)
{
    if (parser->stopped || !make_room(parser))
        return;
    if (parser->step_count == SS_SCENARIO_STEPS_MAX) {
        parse_give_up(parser, "a scenario has at most 100000 steps");
        return;
    }
    parser->steps[parser->step_count] = *step;
    parser->steps[parser->step_count++].place = place_of(place);
}

/* --- beginning ---------------------------------------------------------------------------------*/

static void parser_free(struct parser *parser)
{
    if (!parser)
        return;
    memory_free(parser->memory);
    if (parser->scratch)
        free(parser->scratch->octets);
    free(parser->scratch);
    free(parser->steps);
    free(parser);
}

static struct scratch *scratch_new(void)
{
    struct scratch *scratch = malloc(sizeof(*scratch));
    if (scratch) {
        scratch->octets = NULL;
        scratch->length = scratch->room = 0;
    }
    return scratch;
}

static struct parser *parser_new(struct ss_diagnostics *diagnostics, size_t length)
{
    struct parser *parser = calloc(1, sizeof(*parser));
    diagnostics->count = diagnostics->found = 0;
    if (!parser)
        return NULL;
    parser->diagnostics = diagnostics;
    parser->budget = BUDGET_OCTETS + BUDGET_PER_OCTET * length;
    parser->scratch = scratch_new();
    parser->memory = memory_new();
    if (parser->memory && parser->scratch)
        parser->scenario = parse_take(parser, sizeof(*parser->scenario));
    if (parser->scenario)
        return parser;
    parser_free(parser);
    return NULL;
}

/* The text, which stays the caller's, and a copy of its name: places outlive it. */
static bool begin(struct parser *parser, struct source *source, const char *file, const char *text,
                  size_t length)
{
    char *name = parse_copy(parser, file, strlen(file));
    if (!name)
        return false;
    *source = (struct source){.file = name, .text = length ? text : "", .length = length};
    cursor_begin(parser, source);
    if (length > SCENARIO_FILE_BYTES_MAX)
        parse_give_up(parser, "a scenario has at most 4194304 octets");
    return true;
}

/* --- end ---------------------------------------------------------------------------------------*/

/* A parameter that no `param` takes is a slip of the pen. */
static void check_param(struct parser *parser, const struct ss_scenario_param *param)
{
    const char *names[SS_SCENARIO_NAMES_MAX];
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    struct source source = {.file = "--param", .text = param->name, .length = strlen(param->name)};
    struct word word = {.place = {.source = &source, .line = 1}, .length = source.length};
    size_t count = 0;
    for (size_t i = 0; i < parser->names.count; i++)
        if (parser->names.list[i].param)
            names[count++] = parser->names.list[i].text;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], param->name) == 0)
            return;
    parser->muted = false;
    hint_nearest(parser, hint, &word, names, count);
    parse_report(parser, &word, "the scenario has no param '%s'%s", word_shown(shown, &word), hint);
}

static const char *const *copy_names(struct parser *parser)
{
    size_t count = parser->names.count;
    const char **names = parse_take(parser, (count + 1) * sizeof(*names));
    for (size_t i = 0; names && i < count; i++)
        names[i] = parser->names.list[i].text;
    return names;
}

/* Hands all over to the scenario, which frees it. */
static enum ss_status finish(struct parser *parser, struct ss_scenario **scenario)
{
    struct ss_scenario *made = parser->scenario;
    made->names = copy_names(parser);
    made->name_count = parser->names.count;
    if (parser->status == SS_OK && parser->steps && !memory_adopt(parser->memory, parser->steps))
        parse_stop(parser, SS_IO);
    enum ss_status status = parser->status;
    if (status == SS_OK) {
        made->title = made->title ? made->title : "";
        made->steps = parser->steps;
        made->step_count = parser->step_count;
        made->memory = parser->memory;
        *scenario = made;
        parser->steps = NULL;
        parser->memory = NULL;
    }
    parser_free(parser);
    return status;
}

void ss_scenario_free(struct ss_scenario *scenario)
{
    if (scenario)
        memory_free(scenario->memory);
}

enum ss_status ss_scenario_parse(const struct ss_scenario_source *given,
                                 struct ss_scenario **scenario, struct ss_diagnostics *diagnostics)
{
    struct parser *parser = parser_new(diagnostics, given->length);
    struct source source;
    if (!parser)
        return SS_IO;
    parser->params = given->params;
    parser->param_count = given->param_count;
    parser->reader = given->reader;
    if (begin(parser, &source, given->file, given->text, given->length)) {
        parse_lines(parser, NULL);
        for (size_t i = 0; i < given->param_count; i++)
            check_param(parser, &given->params[i]);
    }
    return finish(parser, scenario);
}

/* --- one statement by itself -------------------------------------------------------------------*/

static void take_names(struct parser *parser, const struct ss_scenario *scenario)
{
    for (size_t i = 0; i < scenario->name_count; i++) {
        char *text = parse_copy(parser, scenario->names[i], strlen(scenario->names[i]));
        if (!text)
            return;
        parser->names.list[i] = (struct name){.text = text, .state = NAME_KNOWN};
        parser->names.count = i + 1;
    }
}

static void parse_fields(struct parser *parser)
{
    struct ss_step step = {.kind = SS_STEP_SEND};
    struct cursor place = parser->cursor;
    parser->muted = false;
    parse_edit(parser, &step.segment);
    if (parser->muted)
        return;
    step.text = cursor_statement(parser, &place);
    parse_add_step(parser, &place, &step);
}

static void parse_alone(struct parser *parser, bool fields_only)
{
    struct word place = {.place = parser->cursor};
    if (!cursor_find_statement(parser)) {
        parse_report(parser, &place,
                     fields_only ? "a field is expected, such as seq=J+2"
                                 : "a statement is expected");
        return;
    }
    if (fields_only)
        parse_fields(parser);
    else
        parse_statement(parser);
    if (!parser->muted && cursor_find_statement(parser))
        parse_report_here(parser, "only one statement is expected");
}

enum ss_status ss_scenario_parse_step(const struct ss_scenario *scenario, const char *text,
                                      bool fields_only, struct ss_scenario **extra,
                                      struct ss_diagnostics *diagnostics)
{
    size_t length = strlen(text);
    struct parser *parser = parser_new(diagnostics, length);
    struct source source;
    if (!parser)
        return SS_IO;
    parser->alone = true;
    take_names(parser, scenario);
    if (begin(parser, &source, "input", text, length))
        parse_alone(parser, fields_only);
    return finish(parser, extra);
}
