/*
 * json_parts: what the files of the JSON writer share.
 */
#ifndef SYNSTEP_SHOW_JSON_PARTS_H
#define SYNSTEP_SHOW_JSON_PARTS_H

#include <jansson.h>

#include "synstep/trace.h"

/*
 * Add `value`, taking it over, to an object or a list. Out of memory, which includes a NULL value,
 * makes the whole NULL: never an object with a hole. To a NULL whole, nothing is added.
 */
void ss_json_add(json_t **object, const char *key, json_t *value);
void ss_json_append(json_t **list, json_t *value);

/* The number, or null when it is not known. */
json_t *ss_json_integer_if(bool known, uint64_t number);

/* A segment event; `from` is "local" or "peer". NULL when out of memory. */
json_t *ss_json_segment(const struct ss_event *event, const char *from);

/* The same of one that is a datagram. */
json_t *ss_json_datagram(const struct ss_event *event, const char *from);

#endif
