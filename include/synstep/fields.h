/*
 * fields: what can be set in a layer, as its table has it: name, width, usual value, meaning.
 */
#ifndef SYNSTEP_FIELDS_H
#define SYNSTEP_FIELDS_H

#include <stdio.h>

#include "synstep/layer.h"

/* One line for each layer: its name as it is typed, its title, where it is described. */
void ss_fields_show_layers(FILE *out);

/*
 * A layer's fields in the order in which they lie, the names that values have below them. Lines are
 * broken within `columns`, of which there are 80 or more.
 */
void ss_fields_show(FILE *out, enum ss_layer_kind kind, unsigned columns);

#endif
