/*
 * outputs: where a run is shown and written: the ladder or JSON on standard output, and a capture
 * file.
 */
#ifndef SYNSTEP_CLI_OUTPUTS_H
#define SYNSTEP_CLI_OUTPUTS_H

#include "run_options.h"
#include "synstep/capture_writer.h"
#include "synstep/json.h"
#include "synstep/ladder.h"
#include "synstep/scenario.h"
#include "synstep/trace.h"

struct outputs {
    struct ss_ladder *ladder;
    struct ss_json *json;
    struct ss_capture_writer *capture;
    int ladder_error; /* the errno of the first line that could not be written; 0: none */
};

/*
 * Opens what `options` ask for and attaches it to `trace`, which holds on to `outputs` from then
 * on. Done before private hosts are made: there the user may not be who he was. `file` is that of
 * the `scenario`, both NULL without one.
 */
enum ss_status outputs_open(struct outputs *outputs, const struct run_options *options,
                            const char *file, const struct ss_scenario *scenario,
                            struct ss_trace *trace, struct ss_problem *problem);

/* Closes all; the first failure to write anything is the status. */
enum ss_status outputs_close(struct outputs *outputs, struct ss_problem *problem);

/* A ladder on standard output, attached to nothing; NULL when out of memory. */
struct ss_ladder *outputs_open_ladder(const struct run_options *options, const char *file);

/* Whether standard output gets colours, and how wide it is: 80 columns in a pipe. */
bool outputs_want_color(const struct run_options *options);
unsigned outputs_columns(void);

/* The terminal's height; 0 in a pipe. */
unsigned outputs_rows(void);

#endif
