/* step_edit: fields, options and payload, each in the place of the one before. */
#include "step_edit.h"

#include <stdio.h>
#include <string.h>

static void adopt(struct step_edit *edit)
{
    edit->step.segment.fields = edit->fields;
    edit->step.segment.headers = edit->headers;
    edit->step.segment.options = edit->options;
}

void step_edit_begin(struct step_edit *edit, const struct ss_step *step)
{
    const struct ss_segment_step *segment = &step->segment;
    memset(edit, 0, sizeof(*edit));
    edit->step = *step;
    for (size_t i = 0; i < segment->field_count; i++)
        edit->fields[i] = segment->fields[i];
    for (size_t i = 0; i < segment->header_count; i++)
        edit->headers[i] = segment->headers[i];
    for (size_t i = 0; i < segment->option_count; i++)
        edit->options[i] = segment->options[i];
    adopt(edit);
}

void step_edit_copy(struct step_edit *to, const struct step_edit *from)
{
    *to = *from;
    adopt(to);
}

static bool set_field(struct step_edit *edit, const struct ss_field_value *field)
{
    size_t *count = &edit->step.segment.field_count;
    for (size_t i = 0; i < *count; i++)
        if (edit->fields[i].field == field->field) {
            edit->fields[i] = *field;
            return true;
        }
    if (*count == STEP_EDIT_FIELDS_MAX)
        return false;
    edit->fields[(*count)++] = *field;
    return true;
}

static bool set_header(struct step_edit *edit, const struct ss_header_value *header)
{
    size_t *count = &edit->step.segment.header_count;
    for (size_t i = 0; i < *count; i++)
        if (strcmp(edit->headers[i].name, header->name) == 0) {
            edit->headers[i] = *header;
            return true;
        }
    if (*count == STEP_EDIT_FIELDS_MAX)
        return false;
    edit->headers[(*count)++] = *header;
    return true;
}

/* Padding may stand there as often as one likes. */
static bool is_padding(uint8_t kind)
{
    return kind == SS_TCP_OPTION_NOP || kind == SS_TCP_OPTION_END;
}

static bool set_option(struct step_edit *edit, const struct ss_option_value *option)
{
    size_t *count = &edit->step.segment.option_count;
    for (size_t i = 0; i < *count && !is_padding(option->kind); i++)
        if (edit->options[i].kind == option->kind) {
            edit->options[i] = *option;
            return true;
        }
    if (*count == SS_SCENARIO_OPTIONS_MAX)
        return false;
    edit->options[(*count)++] = *option;
    return true;
}

static bool set_all(struct step_edit *edit, const struct ss_segment_step *change)
{
    bool fits = true;
    if (change->no_options)
        edit->step.segment.option_count = 0;
    for (size_t i = 0; i < change->field_count; i++)
        fits = fits && set_field(edit, &change->fields[i]);
    for (size_t i = 0; i < change->header_count; i++)
        fits = fits && set_header(edit, &change->headers[i]);
    for (size_t i = 0; i < change->option_count; i++)
        fits = fits && set_option(edit, &change->options[i]);
    return fits;
}

static void add_text(struct step_edit *edit, const char *text)
{
    size_t length = strlen(edit->text);
    snprintf(edit->text + length, sizeof(edit->text) - length, "%s%s", length ? " " : "", text);
}

bool step_edit_apply(struct step_edit *edit, const struct ss_step *change, const char *text)
{
    const struct ss_segment_step *segment = &change->segment;
    struct step_edit changed;
    step_edit_copy(&changed, edit);
    if (!set_all(&changed, segment))
        return false;
    if (segment->flags_given)
        changed.step.segment.flags = segment->flags;
    if (segment->payload.kind != SS_PAYLOAD_NONE)
        changed.step.segment.payload = segment->payload;
    changed.step.segment.corrupt |= segment->corrupt;
    add_text(&changed, text);
    step_edit_copy(edit, &changed);
    return true;
}
