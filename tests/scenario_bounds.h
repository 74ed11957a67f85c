/* scenario_bounds: what must hold of any text whatever, for the fuzzer and the tests. */
#ifndef SS_TESTS_SCENARIO_BOUNDS_H
#define SS_TESTS_SCENARIO_BOUNDS_H

#include <string.h>

#include "synstep/scenario.h"

static inline bool expression_within_bounds(const struct ss_scenario *scenario,
                                            const struct ss_expression *expression)
{
    for (size_t i = 0; i < expression->term_count; i++)
        if (expression->terms[i].name >= scenario->name_count || expression->terms[i].factor == 0)
            return false;
    return expression->term_count <= SS_SCENARIO_TERMS_MAX;
}

static inline bool value_within_bounds(const struct ss_scenario *scenario,
                                       const struct ss_value *value, bool matching)
{
    if (!matching && (value->kind == SS_VALUE_ANY || value->kind == SS_VALUE_RANGE))
        return false;
    if (value->kind == SS_VALUE_BIND && value->low.term_count != 1)
        return false;
    if (value->kind == SS_VALUE_ADDRESS && ss_address_length(&value->address) == 0)
        return false;
    return expression_within_bounds(scenario, &value->low) &&
           expression_within_bounds(scenario, &value->high);
}

/* Octets that an option takes in the header when it is sent; 0 when it cannot be. */
static inline size_t option_octets(const struct ss_option_value *option)
{
    if (option->form == SS_OPTION_RAW)
        return 2 + option->raw_length;
    if (option->form != SS_OPTION_VALUE)
        return 0;
    switch ((enum ss_tcp_option_kind)option->kind) {
    case SS_TCP_OPTION_END:
    case SS_TCP_OPTION_NOP:
        return 1;
    case SS_TCP_OPTION_MSS:
        return 4;
    case SS_TCP_OPTION_WINDOW_SCALE:
        return 3;
    case SS_TCP_OPTION_SACK_PERMITTED:
        return 2;
    case SS_TCP_OPTION_SACK:
        return 2 + 8 * option->block_count;
    case SS_TCP_OPTION_TIMESTAMPS:
        return 10;
    case SS_TCP_OPTION_FAST_OPEN:
        return 2;
    }
    return 0;
}

static inline bool options_within_bounds(const struct ss_scenario *scenario,
                                         const struct ss_segment_step *segment, bool matching)
{
    size_t octets = 0;
    for (size_t i = 0; i < segment->option_count; i++) {
        const struct ss_option_value *option = &segment->options[i];
        size_t own = option_octets(option);
        octets += own;
        if (option->block_count > SS_TCP_SACK_BLOCKS_MAX || (!matching && own == 0) ||
            !value_within_bounds(scenario, &option->value[0], matching) ||
            !value_within_bounds(scenario, &option->value[1], matching))
            return false;
        for (size_t block = 0; block < option->block_count; block++)
            if (option->blocks[block].kind != SS_VALUE_RANGE)
                return false;
    }
    return segment->option_count <= SS_SCENARIO_OPTIONS_MAX &&
           (matching || octets <= SS_TCP_OPTIONS_BYTES_MAX);
}

/* Touches every octet, so that a sanitizer sees where it lies. */
static inline bool payload_within_bounds(const struct ss_payload *payload, size_t most)
{
    uint64_t sum = 0;
    for (size_t i = 0; payload->kind == SS_PAYLOAD_OCTETS && i < payload->length; i++)
        sum += payload->octets[i];
    return payload->length <= most && sum <= 255 * (uint64_t)payload->length;
}

/* What is no TCP has no flags and options; its type is its protocol's, its fields have names. */
static inline bool message_within_bounds(const struct ss_scenario *scenario,
                                         const struct ss_segment_step *segment, bool matching)
{
    size_t count;
    const struct ss_message_type *types = ss_message_types(segment->protocol, &count);
    if (segment->type && !(segment->type >= types && segment->type < types + count))
        return false;
    for (size_t i = 0; i < segment->header_count; i++)
        if (!segment->headers[i].name[0] ||
            !value_within_bounds(scenario, &segment->headers[i].value, matching))
            return false;
    if (segment->protocol == SS_PROTOCOL_TCP)
        return segment->header_count == 0 && !segment->type;
    for (size_t i = 0; i < segment->field_count; i++)
        if (segment->fields[i].field > SS_FIELD_IP6_NEXT)
            return false;
    if (segment->protocol == SS_PROTOCOL_ARP &&
        (segment->field_count || segment->payload.kind || segment->corrupt))
        return false;
    return scenario->speaks_of[segment->protocol] && !segment->flags_given &&
           segment->option_count == 0 && !segment->no_options;
}

static inline bool segment_within_bounds(const struct ss_scenario *scenario,
                                         const struct ss_segment_step *segment, bool matching)
{
    for (size_t i = 0; i < segment->field_count; i++)
        if (!value_within_bounds(scenario, &segment->fields[i].value, matching))
            return false;
    return segment->field_count + segment->header_count <= SS_SCENARIO_FIELDS_MAX &&
           message_within_bounds(scenario, segment, matching) &&
           options_within_bounds(scenario, segment, matching) &&
           payload_within_bounds(&segment->payload, 65495) && (matching || !segment->after_given) &&
           (!matching || segment->corrupt == 0);
}

static inline bool peer_within_bounds(const struct ss_scenario *scenario,
                                      const struct ss_peer_step *peer)
{
    bool sets = peer->command.verb == SS_FAR_SET || peer->command.verb == SS_FAR_SYSCTL;
    if (peer->kind == SS_PEER_COMMAND && sets && !peer->command.name)
        return false;
    if (peer->kind == SS_PEER_EXPECT_ERROR && !peer->error)
        return false;
    bool member = peer->command.verb == SS_FAR_JOIN || peer->command.verb == SS_FAR_LEAVE;
    if (peer->kind == SS_PEER_COMMAND && member &&
        (!peer->command.text || ss_address_length(&peer->group) == 0))
        return false;
    return payload_within_bounds(&peer->payload, SS_FAR_SEND_MAX) &&
           value_within_bounds(scenario, &peer->number, false);
}

static inline bool is_one_line(const char *text)
{
    return text && text[0] && text[0] != ' ' && text[strlen(text) - 1] != ' ' &&
           !strchr(text, '\n');
}

static inline bool group_within_bounds(const struct ss_scenario *scenario, size_t at)
{
    size_t count = scenario->steps[at].count;
    if (count == 0 || count >= scenario->step_count - at)
        return false;
    for (size_t i = at + 1; i <= at + count; i++)
        if (scenario->steps[i].kind != SS_STEP_EXPECT &&
            scenario->steps[i].kind != SS_STEP_EXPECT_OPTIONAL)
            return false;
    return true;
}

static inline bool step_within_bounds(const struct ss_scenario *scenario, size_t at)
{
    const struct ss_step *step = &scenario->steps[at];
    if (!is_one_line(step->text) || !step->place.file || !step->place.line || !step->place.column)
        return false;
    switch (step->kind) {
    case SS_STEP_SEND:
        return segment_within_bounds(scenario, &step->segment, false);
    case SS_STEP_EXPECT:
    case SS_STEP_EXPECT_OPTIONAL:
    case SS_STEP_EXPECT_SKIPPING:
    case SS_STEP_EXPECT_NOT:
        return segment_within_bounds(scenario, &step->segment, true);
    case SS_STEP_GROUP:
        return group_within_bounds(scenario, at);
    case SS_STEP_LET:
        return step->let.name < scenario->name_count &&
               expression_within_bounds(scenario, &step->let.value);
    case SS_STEP_PEER:
        return peer_within_bounds(scenario, &step->peer);
    case SS_STEP_WAIT:
    case SS_STEP_HARM:
        return true;
    case SS_STEP_SET:
        return expression_within_bounds(scenario, &step->set.value);
    }
    return false;
}

static inline bool scenario_within_bounds(const struct ss_scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (!step_within_bounds(scenario, i))
            return false;
    return scenario->title && scenario->step_count <= SS_SCENARIO_STEPS_MAX &&
           scenario->name_count <= SS_SCENARIO_NAMES_MAX;
}

/* Columns of printable UTF-8. */
static inline size_t columns_of(const char *text)
{
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

static inline bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static inline bool diagnostics_within_bounds(const struct ss_diagnostics *diagnostics)
{
    if (diagnostics->count > SS_SCENARIO_DIAGNOSTICS_MAX || diagnostics->found < diagnostics->count)
        return false;
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ss_diagnostic *diagnostic = &diagnostics->list[i];
        size_t columns = columns_of(diagnostic->source);
        if (!diagnostic->line || !diagnostic->column || !diagnostic->width ||
            diagnostic->caret_at > columns ||
            (diagnostic->width > 1 && diagnostic->width > columns - diagnostic->caret_at) ||
            !diagnostic->text[0] || !is_printable(diagnostic->text) ||
            !is_printable(diagnostic->source))
            return false;
    }
    return true;
}

#endif
