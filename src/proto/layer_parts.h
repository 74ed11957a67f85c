/* layer_parts: what the files of layer and stack share. Private to src/proto. */
#ifndef SYNSTEP_PROTO_LAYER_PARTS_H
#define SYNSTEP_PROTO_LAYER_PARTS_H

#include "synstep/layer.h"

/* The field that is computed so in a kind of layer; -1 when it has none. */
int ss_layer_computed_field(enum ss_layer_kind kind, enum ss_field_computed computed);

/* As ss_layer_put, without marking the field as set. */
void ss_layer_fill(struct ss_layer *layer, size_t field, uint32_t value);

#endif
