/* step_replay: back by one choice: all but the last are made again, in virtual time and with the
 * same random numbers, so that all is as it was. */
#include <stdio.h>
#include <stdlib.h>

#include "step_session.h"

static enum ss_status begin_again(struct session *session, FILE *nowhere,
                                  struct ss_problem *problem)
{
    struct ss_problem ignored = {.text = ""};
    ss_ladder_redirect(session->outputs.ladder, nowhere);
    (void)ss_player_finish(session->player, SS_INTERRUPTED, &ignored);
    session->player = NULL;
    enum ss_status status = session_end(session, problem);
    return status == SS_OK ? session_begin(session, nowhere, problem) : status;
}

static enum ss_status choose_again(struct session *session, FILE *nowhere,
                                   struct ss_problem *problem)
{
    enum ss_status status = begin_again(session, nowhere, problem);
    for (size_t i = 0; status == SS_OK && i < session->choice_count; i++)
        status = session_act(session, session->choices[i].kind, session->choices[i].text, problem);
    if (session->outputs.ladder)
        ss_ladder_redirect(session->outputs.ladder, stdout);
    return status == SS_USAGE ? SS_IO : status;
}

static const char *word_choice(enum choice_kind kind)
{
    switch (kind) {
    case CHOICE_GO:
        return "send";
    case CHOICE_DROP:
        return "drop";
    case CHOICE_DUPLICATE:
        return "dup";
    case CHOICE_HOLD:
        return "hold";
    case CHOICE_RELEASE:
        return "release";
    case CHOICE_SET:
        return "set";
    case CHOICE_INSERT:
        return "insert";
    }
    return "";
}

enum ss_status session_back(struct session *session, struct ss_problem *problem)
{
    if (!session->options->simulate)
        return ss_problem_set(problem, SS_USAGE,
                              "what a real kernel has seen cannot be taken back: step with "
                              "--simulate for that");
    if (session->choice_count == 0)
        return ss_problem_set(problem, SS_USAGE, "this is where it begins");
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere)
        return ss_problem_set(problem, SS_USAGE, "/dev/null cannot be opened");
    const struct choice *last = &session->choices[--session->choice_count];
    printf("taken back: %s%s%s\n", word_choice(last->kind), last->text ? " " : "",
           last->text ? last->text : "");
    free(last->text);
    enum ss_status status = choose_again(session, nowhere, problem);
    fclose(nowhere);
    return status;
}
