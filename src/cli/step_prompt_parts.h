/*
 * step_prompt_parts: what the two kinds of prompt share.
 */
#ifndef SYNSTEP_CLI_STEP_PROMPT_PARTS_H
#define SYNSTEP_CLI_STEP_PROMPT_PARTS_H

#include <histedit.h>

#include "step_prompt.h"

enum { PROMPT_LABEL_SIZE = 64 };

struct prompt {
    struct prompt_options options;
    size_t events; /* that came past the sink */

    /* A line that is being read. */
    struct ss_problem *problem;
    enum ss_status status;
    bool ended;

    /* On a terminal. */
    EditLine *edit; /* NULL: no terminal */
    History *history;
    char label[PROMPT_LABEL_SIZE];
    size_t label_width;
    bool shown;   /* label and line stand on the screen, the cursor in them */
    bool noticed; /* a notice stands there */

    /* From anywhere else: octets that were read and are in no line yet. */
    char octets[PROMPT_LINE_SIZE];
    size_t length;
};

/* Until there is something to read, listening meanwhile. */
enum ss_status prompt_wait(struct prompt *prompt);

/* step_terminal.c. False when out of memory. */
bool terminal_open(struct prompt *prompt);
void terminal_close(struct prompt *prompt);
void terminal_read(struct prompt *prompt, const char *label, char line[PROMPT_LINE_SIZE]);

/* Takes the line off the screen; writes it again. */
void terminal_clear(struct prompt *prompt);
void terminal_restore(struct prompt *prompt);

#endif
