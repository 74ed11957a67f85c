/*
 * field_list: `synstep send --fields LAYER`.
 */
#ifndef SYNSTEP_CLI_FIELD_LIST_H
#define SYNSTEP_CLI_FIELD_LIST_H

#include <stdio.h>

#include "synstep/status.h"

/*
 * Lists the fields of the layer of that name; of no name, NULL or "", the layers. SS_USAGE names
 * the layer that may have been meant.
 */
enum ss_status fields_print(FILE *out, const char *layer, unsigned columns,
                            struct ss_problem *problem);

#endif
