/* step_choice: what somebody who steps can choose, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "step_session.h"

enum { SETTLE_US = 1000 }; /* simulated: what was sent is there by then, and so is its answer */

static enum ss_status send_as(struct session *session, enum ss_fate fate,
                              struct ss_problem *problem)
{
    struct session_draft *draft = &session->draft;
    draft->draft.fate = fate;
    enum ss_status status = session_advance(session, draft->made ? &draft->draft : NULL, problem);
    if (status != SS_OK || session->standing == SESSION_AT_FAILED)
        return status;
    return session_walk(session, problem);
}

static enum ss_status go(struct session *session, struct ss_problem *problem)
{
    switch (session->standing) {
    case SESSION_AT_SEND:
        return send_as(session, SS_FATE_DELIVERED, problem);
    case SESSION_AT_FAILED:
        return session_walk(session, problem);
    case SESSION_AT_END:
        break;
    }
    return ss_problem_set(problem, SS_USAGE, "there are no more steps");
}

/* What is neither sent nor to be sent cannot be lost, doubled or held back. */
static enum ss_status harm(struct session *session, enum ss_fate fate, struct ss_problem *problem)
{
    if (session->standing != SESSION_AT_SEND)
        return ss_problem_set(problem, SS_USAGE, "no segment is to be sent now");
    if (!session->draft.made)
        return ss_problem_set(problem, SS_USAGE, "%s", session->draft.problem);
    return send_as(session, fate, problem);
}

/* The simulated wire's time stands still at the prompt: an answer gets the time it takes. */
static enum ss_status let_answer(struct session *session, struct ss_problem *problem)
{
    if (!session->options->simulate)
        return SS_OK;
    return ss_player_listen(session->player, ss_wire_now_us(session->place.wire) + SETTLE_US,
                            problem);
}

static enum ss_status release(struct session *session, struct ss_problem *problem)
{
    if (ss_player_held(session->player) == 0)
        return ss_problem_set(problem, SS_USAGE, "nothing is held back");
    enum ss_status status = ss_player_release(session->player, problem);
    return status == SS_OK ? let_answer(session, problem) : status;
}

/* A message's fields are those of its protocol: read as if it stood before them. */
static enum ss_status parse_change(struct session *session, const char *text,
                                   const struct ss_step **change, struct ss_problem *problem)
{
    enum { WHOLE_SIZE = 4096 };
    const struct ss_segment_step *segment = &session->edit.step.segment;
    char whole[WHOLE_SIZE];
    if (segment->protocol == SS_PROTOCOL_TCP)
        return session_parse(session, text, true, change, problem);
    int length = snprintf(whole, sizeof(whole), "> %s %s %s", ss_protocol_text(segment->protocol),
                          segment->type ? segment->type->name : "", text);
    if (length < 0 || length >= WHOLE_SIZE)
        return ss_problem_set(problem, SS_USAGE, "that is too long for one line");
    return session_parse(session, whole, false, change, problem);
}

static enum ss_status set(struct session *session, const char *text, struct ss_problem *problem)
{
    const struct ss_step *change = NULL;
    if (session->standing != SESSION_AT_SEND)
        return ss_problem_set(problem, SS_USAGE, "no segment is to be sent now");
    enum ss_status status = parse_change(session, text, &change, problem);
    if (status != SS_OK)
        return status;
    struct step_edit before;
    step_edit_copy(&before, &session->edit);
    bool tcp = session->edit.step.segment.protocol == SS_PROTOCOL_TCP;
    if (!step_edit_apply(&session->edit, change, tcp ? change->text : text))
        return ss_problem_set(problem, SS_USAGE, "a segment cannot hold so many options");
    status = ss_player_check_step(&session->player_options, &session->edit.step, problem);
    session_redraft(session);
    if (status == SS_OK && session->draft.made)
        return SS_OK;
    if (status == SS_OK)
        ss_problem_set(problem, SS_USAGE, "%s", session->draft.problem);
    step_edit_copy(&session->edit, &before);
    session_redraft(session);
    return SS_USAGE;
}

/* An expectation that does not hold counts, and is told; a segment that cannot be made does not. */
static enum ss_status judge_insert(struct session *session, const struct ss_step *step,
                                   enum ss_status status, struct ss_problem *problem)
{
    if (status == SS_OK)
        return step->kind == SS_STEP_SEND ? let_answer(session, problem) : SS_OK;
    if (!session_can_go_on(status))
        return status;
    if (step->kind == SS_STEP_SEND)
        return problem->status = SS_USAGE;
    if (session->failure.status == SS_OK)
        session->failure = *problem;
    return SS_OK;
}

static enum ss_status insert(struct session *session, const char *text, struct ss_problem *problem)
{
    const struct ss_step *step = NULL;
    enum ss_status status = session_parse(session, text, false, &step, problem);
    if (status == SS_OK)
        status = ss_player_check_step(&session->player_options, step, problem);
    if (status != SS_OK)
        return status;
    status = ss_player_insert(session->player, step, NULL, problem);
    status = judge_insert(session, step, status, problem);
    if (status == SS_OK && session->standing == SESSION_AT_SEND)
        session_redraft(session);
    return status;
}

enum ss_status session_act(struct session *session, enum choice_kind kind, const char *text,
                           struct ss_problem *problem)
{
    switch (kind) {
    case CHOICE_GO:
        return go(session, problem);
    case CHOICE_DROP:
        return harm(session, SS_FATE_DROPPED, problem);
    case CHOICE_DUPLICATE:
        return harm(session, SS_FATE_DUPLICATED, problem);
    case CHOICE_HOLD:
        return harm(session, SS_FATE_DELAYED, problem);
    case CHOICE_RELEASE:
        return release(session, problem);
    case CHOICE_SET:
        return set(session, text, problem);
    case CHOICE_INSERT:
        return insert(session, text, problem);
    }
    return SS_OK;
}

/* Makes room first: a choice that was made is never forgotten. */
static bool make_room(struct session *session)
{
    if (session->choice_count < session->choice_room)
        return true;
    size_t room = session->choice_room ? 2 * session->choice_room : 32;
    struct choice *choices = realloc(session->choices, room * sizeof(*choices));
    if (!choices)
        return false;
    session->choices = choices;
    session->choice_room = room;
    return true;
}

enum ss_status session_choose(struct session *session, enum choice_kind kind, const char *text,
                              struct ss_problem *problem)
{
    char *copy = text ? strdup(text) : NULL;
    if ((text && !copy) || !make_room(session)) {
        free(copy);
        return ss_problem_set(problem, SS_IO, "out of memory");
    }
    enum ss_status status = session_act(session, kind, copy, problem);
    if (status == SS_OK)
        session->choices[session->choice_count++] = (struct choice){kind, copy};
    else
        free(copy);
    return status;
}
