/*
 * verify_json: what `synstep verify` found, as JSON Lines. The schema is an interface:
 * synstep-verify(1).
 */
#ifndef SYNSTEP_CLI_VERIFY_JSON_H
#define SYNSTEP_CLI_VERIFY_JSON_H

#include <jansson.h>

#include "verify_seen.h"
#include "verify_sum.h"

/* A string for JSON; a name of a file may be no UTF-8: then "?" stands for it. */
json_t *verify_json_text(const char *text);

/* Writes a line and takes it over; NULL, as when out of memory, ends the program. */
void verify_json_line(json_t *line);

void verify_json_finding(const char *file, const struct verify_seen *seen,
                         const struct ss_verdict *verdict);
void verify_json_flow(const char *file, const struct ss_flow *flow);

/* The last line of a file. `problem`: why it could not be read to its end; NULL: it was. */
void verify_json_end(const char *file, const struct verify_sum *sum,
                     const struct ss_problem *problem);

#endif
