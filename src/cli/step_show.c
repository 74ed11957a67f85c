/* step_show: previews, tables and explanations, where the ladder writes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "step_commands.h"
#include "synstep/explain.h"
#include "synstep/inspect.h"
#include "synstep/preview.h"
#include "synstep/words.h"

/* --- where it stands ----------------------------------------------------------------------------
 */

/* Whether it has been shown. An id that has moved on, and its checksum, are no news. */
static bool was_shown(const struct stepping *stepping)
{
    enum { ID = 4, ID_END = 6, CHECKSUM = 10, CHECKSUM_END = 12 };
    const struct session_draft *draft = &stepping->session.draft;
    const uint8_t *now = draft->octets, *then = stepping->shown_octets;
    if (stepping->shown_length != draft->length || stepping->shown != draft->step ||
        stepping->shown_edits != strlen(stepping->session.edit.text))
        return false;
    if (draft->draft.craft.version != 4 || ss_draft_link(&draft->draft) != SS_LINK_IP)
        return memcmp(now, then, draft->length) == 0;
    return memcmp(now, then, ID) == 0 &&
           memcmp(now + ID_END, then + ID_END, CHECKSUM - ID_END) == 0 &&
           memcmp(now + CHECKSUM_END, then + CHECKSUM_END, draft->length - CHECKSUM_END) == 0;
}

/* What has changed since the same segment was shown is marked. */
static void show_draft(struct stepping *stepping)
{
    const struct session *session = &stepping->session;
    const struct session_draft *draft = &session->draft;
    bool again = stepping->shown_length > 0 && stepping->shown == draft->step;
    const struct ss_preview preview = {
        .step = draft->step,
        .edits = session->edit.text,
        .draft = &draft->draft,
        .octets = draft->octets,
        .length = draft->length,
        .before = again ? stepping->shown_octets : NULL,
        .before_length = stepping->shown_length,
        .verify = ss_player_tcb(session->player).verify,
    };
    ss_preview_show(session->outputs.ladder, &preview);
    stepping->shown = draft->step;
    stepping->shown_edits = strlen(session->edit.text);
    stepping->shown_length = draft->length;
    memcpy(stepping->shown_octets, draft->octets, draft->length);
}

static void show_send(struct stepping *stepping)
{
    const struct session_draft *draft = &stepping->session.draft;
    if (!draft->made)
        ss_preview_refuse(stepping->session.outputs.ladder, draft->step, draft->problem);
    else if (!was_shown(stepping))
        show_draft(stepping);
    if (!stepping->hinted)
        printf("enter sends it; help tells what else there is\n");
    stepping->hinted = true;
}

void step_show_standing(struct stepping *stepping)
{
    const struct session *session = &stepping->session;
    switch (session->standing) {
    case SESSION_AT_SEND:
        show_send(stepping);
        return;
    case SESSION_AT_FAILED:
        printf("line %u did not hold; enter goes on all the same\n", session->failed_line);
        return;
    case SESSION_AT_END:
        printf("that was the last step; enter ends it\n");
        return;
    }
}

/* --- segments of the trace ----------------------------------------------------------------------
 */

/* The segment of that number, or with 0 the last one; NULL: none. */
static const struct ss_event_segment *find_segment(const struct session *session, uint32_t n)
{
    for (size_t i = ss_trace_count(session->trace); i > 0; i--) {
        const struct ss_event *event = ss_trace_at(session->trace, i - 1);
        if (event->kind == SS_EVENT_SEGMENT && (n == 0 || event->segment.n == n))
            return &event->segment;
    }
    return NULL;
}

/* "last", nothing, or a segment's number. */
static enum ss_status choose_segment(const struct session *session, const char *words,
                                     const struct ss_event_segment **segment,
                                     struct ss_problem *problem)
{
    char *end = NULL;
    unsigned long n = strcmp(words, "last") == 0 ? 0 : strtoul(words, &end, 10);
    if (end && words[0] && (*end || n == 0 || n > UINT32_MAX || !isdigit((unsigned char)words[0])))
        return ss_problem_set(problem, SS_USAGE,
                              "a segment is told by its number, such as 2, or as 'last', not '%s'",
                              words);
    *segment = find_segment(session, (uint32_t)n);
    if (*segment)
        return SS_OK;
    if (n > 0)
        return ss_problem_set(problem, SS_USAGE, "there is no segment %lu", n);
    return ss_problem_set(problem, SS_USAGE, "there is no segment yet");
}

/* --- show ---------------------------------------------------------------------------------------
 */

static enum ss_status show_tcb(struct stepping *stepping, const char *words,
                               struct ss_problem *problem)
{
    struct ss_player_tcb tcb = ss_player_tcb(stepping->session.player);
    (void)words;
    (void)problem;
    ss_inspect_tcb(stepping->session.outputs.ladder, &tcb);
    return SS_OK;
}

static enum ss_status show_headers(struct stepping *stepping, const char *words,
                                   struct ss_problem *problem)
{
    const struct ss_event_segment *segment;
    enum ss_status status = choose_segment(&stepping->session, words, &segment, problem);
    if (status == SS_OK)
        ss_inspect_headers(stepping->session.outputs.ladder, segment);
    return status;
}

static enum ss_status show_next(struct stepping *stepping, const char *words,
                                struct ss_problem *problem)
{
    const struct session *session = &stepping->session;
    (void)words;
    if (session->standing != SESSION_AT_SEND || !session->draft.made)
        return ss_problem_set(problem, SS_USAGE, "no segment is to be sent now");
    stepping->shown_length = 0;
    show_draft(stepping);
    return SS_OK;
}

/* The ladder so far, from its first line on. */
static enum ss_status show_trace(struct stepping *stepping, const char *words,
                                 struct ss_problem *problem)
{
    const struct session *session = &stepping->session;
    struct ss_ladder *ladder = outputs_open_ladder(session->options, session->file);
    (void)words;
    if (!ladder)
        return ss_problem_set(problem, SS_IO, "out of memory");
    struct ss_sink sink = ss_ladder_sink(ladder);
    for (size_t i = 0; i < ss_trace_count(session->trace); i++)
        sink.take(sink.context, ss_trace_at(session->trace, i));
    ss_ladder_close(ladder);
    return SS_OK;
}

static enum ss_status show_peer(struct stepping *stepping, const char *words,
                                struct ss_problem *problem)
{
    struct session *session = &stepping->session;
    const struct ss_far_command look = {.verb = SS_FAR_LOOK};
    struct ss_player_tcb tcb = ss_player_tcb(session->player);
    (void)words;
    if (!session->place.far)
        return ss_problem_set(problem, SS_USAGE, "somebody else's server bears no witness");
    enum ss_status status = ss_wire_flush(session->place.wire, problem);
    if (status == SS_OK)
        status = ss_far_command(session->place.far, &look, &stepping->answer, problem);
    if (status != SS_OK)
        return status;
    if (stepping->answer.outcome != SS_FAR_DONE)
        return ss_problem_set(problem, SS_USAGE, "the peer cannot be looked at: %s",
                              stepping->answer.error);
    ss_inspect_peer(session->outputs.ladder, &tcb, &stepping->answer, !session->options->simulate);
    return SS_OK;
}

static const char *const show_words[] = {"tcb", "trace", "headers", "peer", "next", NULL};

enum { SHOW_WORDS = sizeof(show_words) / sizeof(show_words[0]) - 1 };

const char *const *step_show_words(void)
{
    return show_words;
}

enum ss_status step_show(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    static enum ss_status (*const shows[SHOW_WORDS])(struct stepping * stepping, const char *words,
                                                     struct ss_problem *problem) = {
        show_tcb, show_trace, show_headers, show_peer, show_next};
    char word[32];
    size_t length = strcspn(words, " ");
    snprintf(word, sizeof(word), "%.*s", length < sizeof(word) ? (int)length : 31, words);
    for (size_t i = 0; i < SHOW_WORDS; i++)
        if (strcmp(show_words[i], word) == 0)
            return shows[i](stepping, words + length + strspn(words + length, " "), problem);
    const char *nearest = ss_words_nearest(word, show_words, SHOW_WORDS);
    return ss_problem_set(problem, SS_USAGE, "show takes tcb, trace, headers, peer or next%s%s%s",
                          nearest ? "; did you mean " : "", nearest ? nearest : "",
                          nearest ? "?" : "");
}

enum ss_status step_explain(struct stepping *stepping, const char *words,
                            struct ss_problem *problem)
{
    const struct session *session = &stepping->session;
    const struct ss_event_segment *segment;
    const struct ss_explain_next next = {
        .player = session->player,
        .scenario = session->scenario,
        .step = &session->edit.step,
        .link = ss_draft_link(&session->draft.draft),
        .octets = session->draft.octets,
        .length = session->draft.length,
    };
    if (!words[0] && session->standing == SESSION_AT_SEND && session->draft.made) {
        ss_explain_next(session->outputs.ladder, &next);
        return SS_OK;
    }
    enum ss_status status = choose_segment(session, words, &segment, problem);
    if (status == SS_OK)
        ss_explain_segment(session->outputs.ladder, session->player, segment);
    return status;
}
