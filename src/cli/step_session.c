/* step_session: opening, going on by itself up to where somebody has to choose, ending. */
#include "step_session.h"

#include <stdlib.h>

#include "play.h"

enum { LISTEN_US = 20000 }; /* between two looks at the keyboard */

/* --- where it stands ----------------------------------------------------------------------------
 */

void session_redraft(struct session *session)
{
    struct session_draft *draft = &session->draft;
    struct ss_problem problem = {.text = ""};
    ss_draft_clear(&draft->draft);
    draft->step = ss_player_next(session->player);
    enum ss_status status =
        ss_player_draft_of(session->player, &session->edit.step, &draft->draft, &problem);
    if (status == SS_OK && ss_draft_build(&draft->draft, draft->octets, sizeof(draft->octets),
                                          &draft->length) != SS_OK)
        status = ss_problem_set(&problem, SS_USAGE, "this does not fit into a datagram");
    draft->made = status == SS_OK;
    snprintf(draft->problem, sizeof(draft->problem), "%s", problem.text);
}

bool session_can_go_on(enum ss_status status)
{
    return status == SS_CHECK_FAILED || status == SS_USAGE || status == SS_NO_SPACE;
}

static enum ss_status stop_at(struct session *session, const struct ss_step *step,
                              enum ss_status status, struct ss_problem *problem)
{
    if (!session_can_go_on(status))
        return status;
    session->standing = SESSION_AT_FAILED;
    session->failed_line = step->place.line;
    if (session->failure.status == SS_OK)
        session->failure = *problem;
    return SS_OK;
}

enum ss_status session_advance(struct session *session, const struct ss_draft *draft,
                               struct ss_problem *problem)
{
    const struct ss_step *step = ss_player_next(session->player);
    if (session->prompt && !draft && !session->options->simulate)
        prompt_notice(session->prompt, step->text);
    enum ss_status status = ss_player_advance(session->player, draft, problem);
    if (session->prompt)
        prompt_clear(session->prompt);
    return status == SS_OK ? SS_OK : stop_at(session, step, status, problem);
}

enum ss_status session_walk(struct session *session, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    const struct ss_step *step = ss_player_next(session->player);
    session->standing = SESSION_AT_END;
    while (status == SS_OK && session->standing != SESSION_AT_FAILED && step &&
           step->kind != SS_STEP_SEND) {
        status = session_advance(session, NULL, problem);
        step = ss_player_next(session->player);
    }
    if (status != SS_OK || session->standing == SESSION_AT_FAILED || !step)
        return status;
    session->standing = SESSION_AT_SEND;
    step_edit_begin(&session->edit, step);
    session_redraft(session);
    return SS_OK;
}

/* --- beginning and end --------------------------------------------------------------------------
 */

static enum ss_status open_shown(struct session *session, FILE *out, struct ss_problem *problem)
{
    session->trace = ss_trace_new();
    if (!session->trace)
        return ss_problem_set(problem, SS_IO, "out of memory for the trace");
    if (session->prompt)
        ss_trace_attach(session->trace, prompt_sink(session->prompt));
    enum ss_status status = outputs_open(&session->outputs, session->options, session->file,
                                         session->scenario, session->trace, problem);
    if (status == SS_OK && session->outputs.ladder)
        ss_ladder_redirect(session->outputs.ladder, out);
    return status;
}

enum ss_status session_begin(struct session *session, FILE *out, struct ss_problem *problem)
{
    session->failure = (struct ss_problem){.status = SS_OK};
    enum ss_status status = open_shown(session, out, problem);
    if (status == SS_OK)
        status = play_open(session->options, session->scenario, session->seed, session->stop,
                           &session->place, &session->player_options, problem);
    if (status != SS_OK)
        return status;
    session->player_options.by_hand = !session->options->simulate;
    session->player = ss_player_new(&session->player_options, session->place.wire, session->trace);
    if (!session->player)
        return ss_problem_set(problem, SS_IO, "out of memory");
    return session_walk(session, problem);
}

enum ss_status session_open(struct session *session, struct ss_problem *problem)
{
    session->place = place_nowhere();
    return session_begin(session, stdout, problem);
}

enum ss_status session_end(struct session *session, struct ss_problem *problem)
{
    ss_draft_clear(&session->draft.draft);
    place_close(&session->place);
    enum ss_status status = outputs_close(&session->outputs, problem);
    ss_trace_free(session->trace);
    session->trace = NULL;
    return status;
}

enum ss_status session_finish(struct session *session, enum ss_status status,
                              struct ss_problem *problem)
{
    if (session->failure.status != SS_OK && (status == SS_OK || status == SS_INTERRUPTED)) {
        *problem = session->failure;
        status = problem->status;
    }
    status = ss_player_finish(session->player, status, problem);
    session->player = NULL;
    return status;
}

enum ss_status session_close(struct session *session, struct ss_problem *problem)
{
    enum ss_status status = session_end(session, problem);
    for (size_t i = 0; i < session->choice_count; i++)
        free(session->choices[i].text);
    free(session->choices);
    session_forget(session);
    return status;
}

enum ss_status session_listen(struct session *session, struct ss_problem *problem)
{
    return ss_player_listen(session->player, ss_wire_now_us(session->place.wire) + LISTEN_US,
                            problem);
}
