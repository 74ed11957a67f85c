/* step: asks, and does as it is told, until it is over. */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>

#include "signals.h"
#include "step_commands.h"

enum { LABEL_SIZE = 56 };

static void make_label(const struct session *session, char label[LABEL_SIZE])
{
    size_t held = ss_player_held(session->player);
    char more[32] = "";
    if (held > 0)
        snprintf(more, sizeof(more), " (%zu held)", held);
    switch (session->standing) {
    case SESSION_AT_SEND:
        snprintf(label, LABEL_SIZE, "line %u%s", session->draft.step->place.line, more);
        return;
    case SESSION_AT_FAILED:
        snprintf(label, LABEL_SIZE, "failed%s", more);
        return;
    case SESSION_AT_END:
        snprintf(label, LABEL_SIZE, "end%s", more);
        return;
    }
}

/* The end of the input is an end like any other after the last step, and before it like quit. */
static enum ss_status ask(struct stepping *stepping, struct ss_problem *problem)
{
    char line[PROMPT_LINE_SIZE], label[LABEL_SIZE];
    bool ended = false;
    make_label(&stepping->session, label);
    enum ss_status status = prompt_read(stepping->session.prompt, label, line, &ended, problem);
    if (status != SS_OK)
        return status;
    return step_command(stepping, ended ? "quit" : line, problem);
}

/* Nobody is asked any more: up to the end, or to what does not hold, as `synstep run` does. */
static enum ss_status run_on(struct stepping *stepping, struct ss_problem *problem)
{
    stepping->over = stepping->session.standing != SESSION_AT_SEND;
    return stepping->over ? SS_OK : session_choose(&stepping->session, CHOICE_GO, NULL, problem);
}

static enum ss_status go_through(struct stepping *stepping, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    size_t told = SIZE_MAX;
    while (status == SS_OK && !stepping->over) {
        if (stepping->running) {
            status = run_on(stepping, problem);
            continue;
        }
        if (stepping->session.choice_count != told)
            step_show_standing(stepping);
        told = stepping->session.choice_count;
        status = ask(stepping, problem);
    }
    return status == SS_OK ? stepping->status : status;
}

static enum ss_status hear(void *context, struct ss_problem *problem)
{
    struct stepping *stepping = context;
    return session_listen(&stepping->session, problem);
}

static size_t complete(void *context, const char *before, size_t *from,
                       const char *words[PROMPT_WORDS_MAX])
{
    const struct stepping *stepping = context;
    return step_complete(&stepping->words, before, from, words);
}

static enum ss_status step_with(struct stepping *stepping, struct ss_problem *problem)
{
    struct session *session = &stepping->session;
    struct ss_problem unwritten;
    enum ss_status status = session_open(session, problem);
    if (status == SS_OK)
        status = go_through(stepping, problem);
    if (session->player)
        status = session_finish(session, status, problem);
    enum ss_status written = session_close(session, &unwritten);
    if (status == SS_OK && written != SS_OK)
        *problem = unwritten;
    return status != SS_OK ? status : written;
}

enum ss_status step_through(const struct run_options *options, const struct ss_scenario *scenario,
                            const char *file, uint64_t seed, struct ss_problem *problem)
{
    struct stepping *stepping = calloc(1, sizeof(*stepping));
    if (!stepping)
        return ss_problem_set(problem, SS_IO, "out of memory");
    struct session *session = &stepping->session;
    session->options = options;
    session->scenario = scenario;
    session->file = file;
    session->seed = seed;
    session->stop = signals_heed();
    const struct prompt_options prompt = {
        .stop = session->stop,
        .color = outputs_want_color(options),
        .context = stepping,
        .listen = options->simulate ? NULL : hear,
        .complete = complete,
    };
    step_words_init(&stepping->words);
    session->prompt = prompt_open(&prompt);
    enum ss_status status = session->prompt ? step_with(stepping, problem)
                                            : ss_problem_set(problem, SS_IO, "out of memory");
    prompt_close(session->prompt);
    free(stepping);
    return status;
}
