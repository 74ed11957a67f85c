/* step_parse: statements and changes as they are typed at the prompt. */
#include <stdlib.h>
#include <string.h>

#include "step_session.h"

/* The line is on the screen already: only the caret's place in it is told, and what is wrong. */
static void print_diagnostics(const struct ss_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct ss_diagnostic *diagnostic = &diagnostics->list[i];
        printf("  %s\n  %*s", diagnostic->source, (int)diagnostic->caret_at, "");
        for (unsigned at = 0; at < diagnostic->width; at++)
            putchar(at == 0 ? '^' : '~');
        printf("\n%s\n", diagnostic->text);
    }
}

static bool keep(struct session *session, struct ss_scenario *extra)
{
    if (session->extra_count == session->extra_room) {
        size_t room = session->extra_room ? 2 * session->extra_room : 16;
        struct ss_scenario **extras = realloc(session->extras, room * sizeof(struct ss_scenario *));
        if (!extras)
            return false;
        session->extras = extras;
        session->extra_room = room;
    }
    session->extras[session->extra_count++] = extra;
    return true;
}

enum ss_status session_parse(struct session *session, const char *text, bool fields_only,
                             const struct ss_step **step, struct ss_problem *problem)
{
    struct ss_scenario *extra = NULL;
    struct ss_diagnostics diagnostics = {0};
    enum ss_status status =
        ss_scenario_parse_step(session->scenario, text, fields_only, &extra, &diagnostics);
    print_diagnostics(&diagnostics);
    if (status == SS_USAGE || status == SS_UNREADABLE)
        return ss_problem_set(problem, SS_USAGE, "%s", "");
    if (status == SS_OK && !keep(session, extra)) {
        ss_scenario_free(extra);
        status = SS_IO;
    }
    if (status != SS_OK)
        return ss_problem_set(problem, SS_IO, "out of memory");
    if (extra->step_count != 1)
        return ss_problem_set(problem, SS_USAGE, "one statement that does something is expected");
    *step = extra->steps;
    return SS_OK;
}

void session_forget(struct session *session)
{
    for (size_t i = 0; i < session->extra_count; i++)
        ss_scenario_free(session->extras[i]);
    free(session->extras);
    session->extras = NULL;
    session->extra_count = session->extra_room = 0;
}
