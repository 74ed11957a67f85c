/* player_peer: `peer` statements: the far end's application does as it is told, and is looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

enum {
    LOOK_AGAIN_US = 1000, /* between two tries of what cannot be done yet */
    SETTLE_US = 1000,     /* simulated: what was sent is there by then, and so is its answer */
};

/* What a look or a read is held against, and what came of it. */
struct ordeal {
    const struct ss_step *step;
    const struct ss_peer_step *peer;
    bool done;          /* nothing more will change it */
    struct match match; /* of an expectation, as it stands now */
    char answer[SS_TRACE_TEXT_SIZE];
};

/* What was sent must have left before anybody is asked what came of it. */
static enum ss_status settle(struct ss_player *player, struct ss_problem *problem)
{
    if (player->options.simulated)
        return ss_player_listen(player, ss_wire_now_us(player->wire) + SETTLE_US, problem);
    return ss_wire_flush(player->wire, problem);
}

/* --- commands -----------------------------------------------------------------------------------
 */

static void word_answer(const struct ss_far_answer *answer, const struct ss_far_command *command,
                        char text[SS_TRACE_TEXT_SIZE])
{
    text[0] = '\0';
    switch (answer->outcome) {
    case SS_FAR_DONE:
        if (command->verb == SS_FAR_READ || command->verb == SS_FAR_RECVFROM)
            snprintf(text, SS_TRACE_TEXT_SIZE, "read %zu octet%s", answer->length,
                     answer->length == 1 ? "" : "s");
        break;
    case SS_FAR_NOT_YET:
        snprintf(text, SS_TRACE_TEXT_SIZE, "it could not in this time");
        break;
    case SS_FAR_END:
        snprintf(text, SS_TRACE_TEXT_SIZE, "the stream has ended");
        break;
    case SS_FAR_FAILED:
    case SS_FAR_CANNOT:
        snprintf(text, SS_TRACE_TEXT_SIZE, "%s", answer->error);
        break;
    }
}

/* The octets of a send given by its size; NULL when they are the scenario's, or out of memory. */
static uint8_t *make_octets(const struct ss_payload *payload)
{
    uint8_t *octets = payload->kind == SS_PAYLOAD_SIZE ? malloc(payload->length + 1) : NULL;
    for (size_t i = 0; octets && i < payload->length; i++)
        octets[i] = ss_payload_octet(i);
    return octets;
}

static enum ss_status try_command(struct ss_player *player, struct ordeal *ordeal,
                                  struct ss_problem *problem)
{
    const struct ss_payload *payload = &ordeal->peer->payload;
    struct ss_far_command command = ordeal->peer->command;
    uint8_t *made = make_octets(payload);
    if (payload->kind == SS_PAYLOAD_SIZE && !made)
        return fail_at(ordeal->step, problem, SS_IO, "out of memory for %zu octets",
                       payload->length);
    if (command.verb == SS_FAR_SEND || command.verb == SS_FAR_SENDTO) {
        command.octets = made ? made : payload->octets;
        command.length = payload->length;
    }
    enum ss_status status = ss_far_command(player->options.far, &command, &player->answer, problem);
    free(made);
    if (status != SS_OK)
        return status;
    enum ss_far_outcome outcome = player->answer.outcome;
    word_answer(&player->answer, &command, ordeal->answer);
    ordeal->done = outcome != SS_FAR_NOT_YET;
    ordeal->match = (struct match){0};
    match_note(&ordeal->match, outcome == SS_FAR_DONE, ss_far_verb_text(command.verb), "done",
               ordeal->answer);
    return SS_OK;
}

/* --- expectations -------------------------------------------------------------------------------
 */

static enum ss_status look(struct ss_player *player, struct ss_problem *problem)
{
    struct ss_far_command command = {.verb = SS_FAR_LOOK};
    return ss_far_command(player->options.far, &command, &player->answer, problem);
}

static void match_state(const struct ss_player *player, struct ordeal *ordeal)
{
    const struct ss_far_answer *answer = &player->answer;
    const char *actual = answer->state_known ? ss_tcp_state_text(answer->state) : "not known";
    match_note(&ordeal->match, answer->state_known && answer->state == ordeal->peer->state, "state",
               ss_tcp_state_text(ordeal->peer->state), actual);
}

static void match_number(const struct ss_player *player, struct ordeal *ordeal, const char *name,
                         struct ss_seq actual)
{
    if (player->answer.numbers_known)
        match_value(player, &ordeal->match, name, 32, &ordeal->peer->number, actual.value);
    else
        match_note(&ordeal->match, false, name, "a number", "not to be had from its kernel now");
}

static void match_error(const struct ss_player *player, struct ordeal *ordeal)
{
    const char *actual = player->answer.error[0] ? player->answer.error : "none";
    match_note(&ordeal->match, strcmp(ordeal->peer->error, actual) == 0, "error",
               ordeal->peer->error, actual);
}

static enum ss_status try_look(struct ss_player *player, struct ordeal *ordeal,
                               struct ss_problem *problem)
{
    enum ss_status status = look(player, problem);
    if (status != SS_OK)
        return status;
    ordeal->match = (struct match){0};
    switch (ordeal->peer->kind) {
    case SS_PEER_EXPECT_STATE:
        match_state(player, ordeal);
        break;
    case SS_PEER_EXPECT_ERROR:
        match_error(player, ordeal);
        break;
    case SS_PEER_EXPECT_RCV_NXT:
        match_number(player, ordeal, "rcv_nxt", player->answer.rcv_nxt);
        break;
    case SS_PEER_EXPECT_WRITE_SEQ:
        match_number(player, ordeal, "write_seq", player->answer.write_seq);
        break;
    case SS_PEER_COMMAND:
    case SS_PEER_EXPECT_READ:
    case SS_PEER_EXPECT_DATAGRAM:
    case SS_PEER_EXPECT_END:
        break;
    }
    ordeal->done = ordeal->match.mismatch_count == 0;
    return SS_OK;
}

/* Has it read so many octets; what came of it is in the answer. */
static enum ss_status read_octets(struct ss_player *player, struct ordeal *ordeal, size_t count,
                                  struct ss_problem *problem)
{
    struct ss_far_command command = {.verb = SS_FAR_READ, .number = (int64_t)count};
    enum ss_status status = ss_far_command(player->options.far, &command, &player->answer, problem);
    if (status != SS_OK)
        return status;
    word_answer(&player->answer, &command, ordeal->answer);
    ordeal->done = player->answer.outcome != SS_FAR_NOT_YET;
    ordeal->match = (struct match){0};
    return SS_OK;
}

static enum ss_status try_read(struct ss_player *player, struct ordeal *ordeal,
                               struct ss_problem *problem)
{
    char wanted[NUMBER_TEXT_SIZE];
    const struct ss_payload *payload = &ordeal->peer->payload;
    const struct ss_far_answer *answer = &player->answer;
    enum ss_status status = read_octets(player, ordeal, payload->length, problem);
    if (status != SS_OK)
        return status;
    payload_word(payload, wanted);
    if (answer->outcome == SS_FAR_DONE)
        match_payload(&ordeal->match, "read", payload, answer->octets, answer->length);
    else
        match_note(&ordeal->match, false, "read", wanted, ordeal->answer);
    return SS_OK;
}

/* The next datagram, whole: its length is half of what is expected. */
static enum ss_status try_datagram(struct ss_player *player, struct ordeal *ordeal,
                                   struct ss_problem *problem)
{
    char wanted[NUMBER_TEXT_SIZE];
    const struct ss_payload *payload = &ordeal->peer->payload;
    struct ss_far_command command = {.verb = SS_FAR_RECVFROM};
    enum ss_status status = ss_far_command(player->options.far, &command, &player->answer, problem);
    if (status != SS_OK)
        return status;
    const struct ss_far_answer *answer = &player->answer;
    word_answer(answer, &command, ordeal->answer);
    ordeal->done = answer->outcome != SS_FAR_NOT_YET;
    ordeal->match = (struct match){0};
    payload_word(payload, wanted);
    if (answer->outcome == SS_FAR_DONE)
        match_payload(&ordeal->match, "datagram", payload, answer->octets, answer->length);
    else
        match_note(&ordeal->match, false, "datagram", wanted, ordeal->answer);
    return SS_OK;
}

/* One octet is read, which must not be there. */
static enum ss_status try_end(struct ss_player *player, struct ordeal *ordeal,
                              struct ss_problem *problem)
{
    enum ss_status status = read_octets(player, ordeal, 1, problem);
    if (status == SS_OK)
        match_note(&ordeal->match, player->answer.outcome == SS_FAR_END, "read",
                   "the end of the stream", ordeal->answer);
    return status;
}

static enum ss_status attempt(struct ss_player *player, struct ordeal *ordeal,
                              struct ss_problem *problem)
{
    switch (ordeal->peer->kind) {
    case SS_PEER_COMMAND:
        return try_command(player, ordeal, problem);
    case SS_PEER_EXPECT_READ:
        return try_read(player, ordeal, problem);
    case SS_PEER_EXPECT_DATAGRAM:
        return try_datagram(player, ordeal, problem);
    case SS_PEER_EXPECT_END:
        return try_end(player, ordeal, problem);
    case SS_PEER_EXPECT_STATE:
    case SS_PEER_EXPECT_ERROR:
    case SS_PEER_EXPECT_RCV_NXT:
    case SS_PEER_EXPECT_WRITE_SEQ:
        return try_look(player, ordeal, problem);
    }
    return SS_OK;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static enum ss_status tell(struct ss_player *player, const struct ordeal *ordeal,
                           struct ss_problem *problem)
{
    const struct ss_step *step = ordeal->step;
    const struct ss_mismatch *wrong = &ordeal->match.list[0];
    struct ss_event_step event = {.kind = SS_EVENT_STEP_PEER,
                                  .ok = ordeal->match.mismatch_count == 0,
                                  .file = step->place.file,
                                  .line = step->place.line,
                                  .checks = ordeal->match.checks,
                                  .mismatch_count = ordeal->match.mismatch_count};
    snprintf(event.text, sizeof(event.text), "%s", step->text);
    snprintf(event.answer, sizeof(event.answer), "%s", ordeal->answer);
    memcpy(event.mismatches, ordeal->match.list, sizeof(event.mismatches));
    count_check(&player->recorder, event.ok, "line %u: %s: expected %s, got %s", step->place.line,
                wrong->name, wrong->expected, wrong->actual);
    enum ss_status status = record_step(&player->recorder, &event);
    if (status != SS_OK || event.ok)
        return status;
    return fail_at(step, problem, SS_CHECK_FAILED, "'%s': expected %s, got %s", step->text,
                   wrong->expected, wrong->actual);
}

enum ss_status order_peer(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem)
{
    struct ordeal ordeal = {.step = step, .peer = &step->peer};
    uint64_t deadline_us = ss_wire_now_us(player->wire) + step->peer.within_us;
    enum ss_status status = settle(player, problem);
    for (;;) {
        if (status == SS_OK)
            status = attempt(player, &ordeal, problem);
        if (status != SS_OK)
            return status;
        uint64_t now_us = ss_wire_now_us(player->wire);
        if (ordeal.done || now_us >= deadline_us)
            break;
        uint64_t again_us = now_us + LOOK_AGAIN_US;
        status = ss_player_listen(player, again_us < deadline_us ? again_us : deadline_us, problem);
    }
    player->last_step_us = ss_wire_now_us(player->wire);
    return tell(player, &ordeal, problem);
}
