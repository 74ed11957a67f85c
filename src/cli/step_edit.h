/*
 * step_edit: a send of the scenario with what was changed of it by hand.
 */
#ifndef SYNSTEP_CLI_STEP_EDIT_H
#define SYNSTEP_CLI_STEP_EDIT_H

#include <stdbool.h>

#include "synstep/scenario.h"

enum { STEP_EDIT_TEXT_SIZE = 512, STEP_EDIT_FIELDS_MAX = SS_SCENARIO_FIELDS_MAX + SS_FIELDS };

struct step_edit {
    struct ss_step step;            /* the whole; its segment's lists are those below */
    char text[STEP_EDIT_TEXT_SIZE]; /* what was changed, one after the other; "" for nothing */
    struct ss_field_value fields[STEP_EDIT_FIELDS_MAX];
    struct ss_header_value headers[STEP_EDIT_FIELDS_MAX];
    struct ss_option_value options[SS_SCENARIO_OPTIONS_MAX];
};

/* Begins with `step`, a SEND, as it is. What it points to must live as long. */
void step_edit_begin(struct step_edit *edit, const struct ss_step *step);

/*
 * Changes what `change`, typed as `text`, says: a field, an option or the payload takes the place
 * of what there was; "no options" takes them all away. False, with nothing changed, when there is
 * no room for so many.
 */
bool step_edit_apply(struct step_edit *edit, const struct ss_step *change, const char *text);

/* Copies, too, where the lists lie. */
void step_edit_copy(struct step_edit *to, const struct step_edit *from);

#endif
