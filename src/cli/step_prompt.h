/*
 * step_prompt: where a user types commands: a line editor on a terminal, plain lines from anywhere
 * else. While nothing is typed, whoever listens to the wire is given the time.
 */
#ifndef SYNSTEP_CLI_STEP_PROMPT_H
#define SYNSTEP_CLI_STEP_PROMPT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "synstep/status.h"
#include "synstep/trace.h"

enum { PROMPT_LINE_SIZE = 4096, PROMPT_WORDS_MAX = 128 };

struct prompt_options {
    const volatile sig_atomic_t *stop; /* the flag of signals_heed */
    bool color;
    void *context;
    /* Takes in for a moment what comes; NULL: nothing comes by itself. */
    enum ss_status (*listen)(void *context, struct ss_problem *problem);
    /*
     * The words that may stand where the last word of `before` is begun, which live as long as the
     * context; `*from` gets where in `before` that one begins. Returns how many.
     */
    size_t (*complete)(void *context, const char *before, size_t *from,
                       const char *words[PROMPT_WORDS_MAX]);
};

struct prompt;

/* NULL when out of memory. Close with prompt_close (NULL is fine). */
struct prompt *prompt_open(const struct prompt_options *options);
void prompt_close(struct prompt *prompt);

/*
 * The next line, without its end. `*ended`: there is none, the input has ended. SS_INTERRUPTED when
 * a signal asked to stop; what `listen` gives when it fails.
 */
enum ss_status prompt_read(struct prompt *prompt, const char *label, char line[PROMPT_LINE_SIZE],
                           bool *ended, struct ss_problem *problem);

/*
 * On a terminal: says that `text` is waited for, in a line that the next output takes the place of;
 * and takes it away.
 */
void prompt_notice(struct prompt *prompt, const char *text);
void prompt_clear(struct prompt *prompt);

/* For a trace, before the sinks that write to the terminal: what stands there makes room. */
struct ss_sink prompt_sink(struct prompt *prompt);

#endif
