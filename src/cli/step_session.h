/*
 * step_session: a scenario that is stepped through by hand: where it stands, and what was chosen on
 * the way there. What moves it is one choice; all choices but the last, made again from the start,
 * are the way back.
 */
#ifndef SYNSTEP_CLI_STEP_SESSION_H
#define SYNSTEP_CLI_STEP_SESSION_H

#include <signal.h>
#include <stdio.h>

#include "outputs.h"
#include "place.h"
#include "run_options.h"
#include "step_edit.h"
#include "step_prompt.h"
#include "synstep/player.h"

/* Where it waits for somebody to choose. */
enum session_standing {
    SESSION_AT_SEND,   /* a segment is to be sent */
    SESSION_AT_FAILED, /* a step did not hold, or could not be done */
    SESSION_AT_END,    /* there are no more steps */
};

enum choice_kind {
    CHOICE_GO,        /* the segment is sent as it stands now; or on after what failed */
    CHOICE_DROP,      /* sent, and lost on its way */
    CHOICE_DUPLICATE, /* it arrives twice */
    CHOICE_HOLD,      /* held back, until… */
    CHOICE_RELEASE,   /* …all of them go */
    CHOICE_SET,       /* text: what is changed of the segment */
    CHOICE_INSERT,    /* text: a statement that is not in the scenario */
};

struct choice {
    enum choice_kind kind;
    char *text; /* owned; NULL: none */
};

/* A segment as it would go now. */
struct session_draft {
    bool made;                  /* not when a number in it is not known yet */
    const struct ss_step *step; /* of the scenario */
    struct ss_draft draft;
    size_t length;
    uint8_t octets[SS_DATAGRAM_BYTES_MAX];
    char problem[SS_PROBLEM_TEXT_SIZE]; /* why it was not made */
};

struct session {
    const struct run_options *options;
    const struct ss_scenario *scenario;
    const char *file;
    uint64_t seed;
    const volatile sig_atomic_t *stop;
    struct prompt *prompt; /* NULL: nobody is asked */

    struct outputs outputs;
    struct place place;
    struct ss_trace *trace;
    struct ss_player_options player_options;
    struct ss_player *player; /* NULL: not open */

    enum session_standing standing;
    struct step_edit edit;      /* of the segment that is to be sent */
    struct session_draft draft; /* likewise */
    struct ss_problem failure;  /* the first; its status is SS_OK when there was none */
    unsigned failed_line;       /* of the last */

    struct choice *choices; /* owned */
    size_t choice_count;
    size_t choice_room;
    struct ss_scenario **extras; /* what was read of choices: the trace points into it; owned */
    size_t extra_count;
    size_t extra_room;
};

/*
 * Opens place, trace and outputs, and goes to the first place where somebody has to choose. On
 * failure, and afterwards, session_close.
 */
enum ss_status session_open(struct session *session, struct ss_problem *problem);

/*
 * Makes a choice, and goes on to where the next one is to be made. SS_USAGE: it cannot be made
 * here, nothing has changed. Any other failure is the end.
 */
enum ss_status session_choose(struct session *session, enum choice_kind kind, const char *text,
                              struct ss_problem *problem);

/* Takes the last choice back: begins anew and makes the others again, unseen. As above. */
enum ss_status session_back(struct session *session, struct ss_problem *problem);

/* Takes in for a moment what comes. */
enum ss_status session_listen(struct session *session, struct ss_problem *problem);

/*
 * Ends what `status` may have broken off, and tells the trace; returns what came of it all, the
 * first failure before all else.
 */
enum ss_status session_finish(struct session *session, enum ss_status status,
                              struct ss_problem *problem);

/* Undoes it all; the first output that could not be written is the status. */
enum ss_status session_close(struct session *session, struct ss_problem *problem);

/* --- what the session's files share -----------------------------------------------------------*/

/* step_session.c: `out` is where the ladder writes: nowhere, while choices are made again. */
enum ss_status session_begin(struct session *session, FILE *out, struct ss_problem *problem);
enum ss_status session_end(struct session *session, struct ss_problem *problem);

/* Works the segment that is to be sent out anew. */
void session_redraft(struct session *session);

/* Performs the next step, `draft` in place of its own; what is wrong with it is no end. */
enum ss_status session_advance(struct session *session, const struct ss_draft *draft,
                               struct ss_problem *problem);

/* Goes on by itself until a segment is to be sent. */
enum ss_status session_walk(struct session *session, struct ss_problem *problem);

/* Whether it is only a step that is wrong, not the machine. */
bool session_can_go_on(enum ss_status status);

/* step_choice.c: what the choice does, without remembering it. */
enum ss_status session_act(struct session *session, enum choice_kind kind, const char *text,
                           struct ss_problem *problem);

/* --- step_parse.c: what was typed, in the language's words ------------------------------------ */

/*
 * Reads one statement, or changes of a segment; `*step` lives as long as the session. SS_USAGE with
 * the diagnostics on standard output and an empty text.
 */
enum ss_status session_parse(struct session *session, const char *text, bool fields_only,
                             const struct ss_step **step, struct ss_problem *problem);
void session_forget(struct session *session);

#endif
