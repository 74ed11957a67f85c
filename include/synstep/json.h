/*
 * json: the run as JSON Lines, one object per event, flushed line by line. The schema is an
 * interface: synstep-json(5).
 */
#ifndef SYNSTEP_JSON_H
#define SYNSTEP_JSON_H

#include <stdio.h>

#include "synstep/status.h"
#include "synstep/trace.h"

struct ss_json;

/* `out` is the caller's and is never closed here. NULL when out of memory. */
struct ss_json *ss_json_open(FILE *out);

/* From now on each line bears `file`, a scenario's name, which is borrowed; NULL: none. */
void ss_json_name(struct ss_json *json, const char *file);

struct ss_sink ss_json_sink(struct ss_json *json);

/* SS_NO_SPACE or SS_IO when anything could not be written. Frees it in any case. */
enum ss_status ss_json_close(struct ss_json *json, struct ss_problem *problem);

#endif
