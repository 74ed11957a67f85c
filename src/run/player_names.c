/* player_names: the scenario's names, their values, and how numbers are told with them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "player_parts.h"

/* No further from a name than this, or the name says nothing. */
enum { NEAR = 1 << 20 };

bool ss_player_name(const struct ss_player *player, uint16_t name, uint32_t *value)
{
    if (!player->names[name].known)
        return false;
    *value = player->names[name].value;
    return true;
}

bool ss_player_evaluate(const struct ss_player *player, const struct ss_expression *expression,
                        uint32_t *value)
{
    uint32_t sum = expression->constant;
    for (size_t i = 0; i < expression->term_count; i++) {
        uint32_t each;
        if (!ss_player_name(player, expression->terms[i].name, &each))
            return false;
        sum += expression->terms[i].factor * each;
    }
    *value = sum;
    return true;
}

void name_becomes(struct ss_player *player, const struct ss_value *value, uint32_t actual)
{
    if (value->kind != SS_VALUE_BIND)
        return;
    struct name *name = &player->names[value->low.terms[0].name];
    if (!name->known)
        *name = (struct name){.known = true, .value = actual};
}

/* The known name from which `value` is the fewest steps forward; -1 when none is near. */
static int nearest_name(const struct ss_player *player, uint32_t value)
{
    int nearest = -1;
    uint32_t fewest = NEAR;
    for (size_t i = 0; i < player->options.scenario->name_count; i++) {
        uint32_t distance = value - player->names[i].value;
        if (player->names[i].known && distance < fewest) {
            fewest = distance;
            nearest = (int)i;
        }
    }
    return nearest;
}

void number_format(const struct ss_player *player, uint32_t value, char text[NUMBER_TEXT_SIZE])
{
    int nearest = nearest_name(player, value);
    if (nearest < 0) {
        snprintf(text, NUMBER_TEXT_SIZE, "%" PRIu32, value);
        return;
    }
    const char *name = player->options.scenario->names[nearest];
    uint32_t distance = value - player->names[nearest].value;
    if (distance == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "%.40s = %" PRIu32, name, value);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%.40s+%" PRIu32 " = %" PRIu32, name, distance, value);
}

/* "J+6 = 4191057394" with the very name that was written, when it is one name and a number. */
static void expression_format(const struct ss_player *player,
                              const struct ss_expression *expression, char text[NUMBER_TEXT_SIZE])
{
    uint32_t value = 0;
    if (!ss_player_evaluate(player, expression, &value)) {
        snprintf(text, NUMBER_TEXT_SIZE, "a number not known yet");
        return;
    }
    if (expression->term_count != 1 || expression->terms[0].factor != 1) {
        snprintf(text, NUMBER_TEXT_SIZE, "%" PRIu32, value);
        return;
    }
    const char *name = player->options.scenario->names[expression->terms[0].name];
    int32_t offset = (int32_t)expression->constant;
    if (offset == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "%.40s = %" PRIu32, name, value);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%.40s%+" PRId32 " = %" PRIu32, name, offset, value);
}

void value_format(const struct ss_player *player, const struct ss_value *value,
                  char text[NUMBER_TEXT_SIZE])
{
    char high[NUMBER_TEXT_SIZE], low[NUMBER_TEXT_SIZE];
    switch (value->kind) {
    case SS_VALUE_EQUAL:
        expression_format(player, &value->low, text);
        return;
    case SS_VALUE_RANGE:
        expression_format(player, &value->low, low);
        expression_format(player, &value->high, high);
        snprintf(text, NUMBER_TEXT_SIZE, "%.33s to %.33s", low, high);
        return;
    case SS_VALUE_BIND: /* it did not hold: so it was bound before, by the same step */
        expression_format(player, &value->low, text);
        return;
    case SS_VALUE_ANY:
        snprintf(text, NUMBER_TEXT_SIZE, "anything");
        return;
    case SS_VALUE_ADDRESS:
        ss_address_format(text, &value->address);
        return;
    case SS_VALUE_CARD:
        ss_ethernet_format(text, value->card);
        return;
    }
}

enum ss_status fail_at(const struct ss_step *step, struct ss_problem *problem,
                       enum ss_status status, const char *format, ...)
{
    char text[SS_PROBLEM_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return ss_problem_set(problem, status, "%s:%u: %s", step->place.file, step->place.line, text);
}
