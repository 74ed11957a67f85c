/* player: its life, and which part performs which step. */
#include "synstep/player.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "player_parts.h"

enum { WINDOW_USUAL = 64240 };

struct ss_player *ss_player_new(const struct ss_player_options *options, struct ss_wire *wire,
                                struct ss_trace *trace)
{
    struct ss_player *player = calloc(1, sizeof(*player));
    if (!player)
        return NULL;
    player->options = *options;
    player->wire = wire;
    player->random = options->random;
    player->next_ip_id = options->first_ip_id ? options->first_ip_id : 1;
    player->own.window = WINDOW_USUAL;
    recorder_init(&player->recorder, wire, trace, NULL);
    player->recorder.freely = true;
    player->recorder.timeless = options->simulated;
    player->last_step_us = player->recorder.began_us;
    struct ss_event_start start = {.local = options->local, .peer = options->peer};
    snprintf(start.where, sizeof(start.where), "%s", options->where);
    snprintf(start.title, sizeof(start.title), "%s", options->scenario->title);
    for (size_t i = 0; i < options->scenario->step_count; i++)
        hear_step(player, &options->scenario->steps[i]);
    if (record_start(&player->recorder, &start) == SS_OK)
        return player;
    free(player);
    return NULL;
}

const struct ss_step *ss_player_next(const struct ss_player *player)
{
    const struct ss_scenario *scenario = player->options.scenario;
    return player->next_step < scenario->step_count ? &scenario->steps[player->next_step] : NULL;
}

struct ss_player_tcb ss_player_tcb(const struct ss_player *player)
{
    const struct own_end *own = &player->own;
    return (struct ss_player_tcb){
        .snd_nxt_known = own->snd_known,
        .snd_nxt = own->snd_nxt,
        .rcv_nxt_known = own->rcv_known,
        .rcv_nxt = own->rcv_nxt,
        .window = own->window,
        .verify = &player->recorder.verify,
    };
}

static enum ss_status send_step(struct ss_player *player, const struct ss_step *step,
                                const struct ss_draft *draft, struct ss_problem *problem)
{
    struct ss_draft own;
    if (draft)
        return send_draft(player, step, draft, problem);
    enum ss_status status = ss_player_draft_of(player, step, &own, problem);
    if (status == SS_OK)
        status = send_draft(player, step, &own, problem);
    ss_draft_clear(&own);
    return status;
}

static enum ss_status let(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem)
{
    struct name *name = &player->names[step->let.name];
    uint32_t value;
    if (step->let.random)
        value = ss_random_next32(&player->random);
    else if (!ss_player_evaluate(player, &step->let.value, &value))
        return fail_at(step, problem, SS_CHECK_FAILED, "a number in it is not known yet");
    *name = (struct name){.known = true, .value = value};
    return SS_OK;
}

static enum ss_status set(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem)
{
    struct own_end *own = &player->own;
    uint32_t value;
    if (!ss_player_evaluate(player, &step->set.value, &value))
        return fail_at(step, problem, SS_CHECK_FAILED, "a number in it is not known yet");
    switch (step->set.variable) {
    case SS_OWN_SND_NXT:
        own_end_set_snd_nxt(own, ss_seq_from(value));
        break;
    case SS_OWN_RCV_NXT:
        own_end_set_rcv_nxt(own, ss_seq_from(value));
        break;
    case SS_OWN_WINDOW:
        if (value > UINT16_MAX)
            return fail_at(step, problem, SS_CHECK_FAILED, "window has 16 bits: 0 to 65535");
        own->window = (uint16_t)value;
        break;
    }
    return SS_OK;
}

static enum ss_status tell_done(struct ss_player *player, const struct ss_step *step)
{
    struct ss_event_step event = {.kind = SS_EVENT_STEP_OTHER,
                                  .ok = true,
                                  .file = step->place.file,
                                  .line = step->place.line};
    snprintf(event.text, sizeof(event.text), "%s", step->text);
    return record_step(&player->recorder, &event);
}

static enum ss_status wait(struct ss_player *player, const struct ss_step *step,
                           struct ss_problem *problem)
{
    enum ss_status status =
        ss_player_listen(player, ss_wire_now_us(player->wire) + step->duration_us, problem);
    player->last_step_us = ss_wire_now_us(player->wire);
    return status;
}

/* Performs what is neither sent nor expected, and tells of it. */
static enum ss_status manage(struct ss_player *player, const struct ss_step *step,
                             enum ss_status performed)
{
    if (performed != SS_OK || step->kind == SS_STEP_LET)
        return performed;
    return tell_done(player, step);
}

static enum ss_status perform(struct ss_player *player, const struct ss_step *step,
                              const struct ss_draft *draft, struct ss_problem *problem)
{
    player->recorder.problem = problem;
    switch (step->kind) {
    case SS_STEP_SEND:
        return send_step(player, step, draft, problem);
    case SS_STEP_EXPECT:
        return expect(player, step, problem);
    case SS_STEP_EXPECT_OPTIONAL:
        return expect_optional(player, step, problem);
    case SS_STEP_EXPECT_SKIPPING:
        return expect_skipping(player, step, problem);
    case SS_STEP_EXPECT_NOT:
        return expect_not(player, step, problem);
    case SS_STEP_GROUP:
        return expect_group(player, step, problem);
    case SS_STEP_PEER:
        return order_peer(player, step, problem);
    case SS_STEP_LET:
        return manage(player, step, let(player, step, problem));
    case SS_STEP_WAIT:
        return manage(player, step, wait(player, step, problem));
    case SS_STEP_HARM:
        return manage(player, step, harm_order(player, step, problem));
    case SS_STEP_SET:
        return manage(player, step, set(player, step, problem));
    }
    return SS_OK;
}

void ss_player_skip(struct ss_player *player)
{
    const struct ss_step *step = ss_player_next(player);
    if (step)
        player->next_step += 1 + (step->kind == SS_STEP_GROUP ? step->count : 0);
}

/* Whoever broke it off has said why. */
static void tell_where(const struct ss_step *step, struct ss_problem *problem)
{
    char why[100];
    snprintf(why, sizeof(why), "%.99s", problem->text);
    (void)fail_at(step, problem, SS_INTERRUPTED, "%s", why);
}

enum ss_status ss_player_advance(struct ss_player *player, const struct ss_draft *draft,
                                 struct ss_problem *problem)
{
    const struct ss_step *step = ss_player_next(player);
    enum ss_status status = perform(player, step, draft, problem);
    if (status == SS_INTERRUPTED)
        tell_where(step, problem);
    ss_player_skip(player);
    return status;
}

enum ss_status ss_player_insert(struct ss_player *player, const struct ss_step *step,
                                const struct ss_draft *draft, struct ss_problem *problem)
{
    hear_step(player, step);
    return perform(player, step, draft, problem);
}

/* Whether the peer, which has spoken, may still hold a connection. */
static bool may_be_open(const struct ss_player *player)
{
    const struct ss_verify_side *peer = &player->recorder.verify.sides[SS_SIDE_B];
    return player->own.snd_known && peer->next_known && !peer->reset &&
           !player->recorder.verify.sides[SS_SIDE_A].reset && peer->state != SS_TCP_CLOSED &&
           peer->state != SS_TCP_LISTEN && peer->state != SS_TCP_TIME_WAIT;
}

static void send_reset(struct ss_player *player, struct ss_seq seq)
{
    struct ss_draft draft = {.craft =
                                 ss_craft_between(&player->options.local, &player->options.peer)};
    struct ss_step step = {.kind = SS_STEP_SEND, .place.file = ""};
    draft.craft.ipv4.id = player->next_ip_id;
    draft.craft.tcp.flags = SS_TCP_RST;
    draft.craft.tcp.seq = seq;
    if (player->own.rcv_known) {
        draft.craft.tcp.flags |= SS_TCP_ACK;
        draft.craft.tcp.ack = player->own.rcv_nxt;
    }
    player->harm_leaving.count = 0;
    player->recorder.problem = NULL; /* what is wrong has been said */
    (void)send_draft(player, &step, &draft, NULL);
}

/*
 * Leaves nothing half-open at somebody else's: RST with SND.NXT (RFC 9293 section 3.10.5). What was
 * lost on purpose the peer does not count: it heeds only a RST of the number that it expects (RFC
 * 5961 section 3.2), so the one that it acknowledged last is tried too.
 */
static void break_off(struct ss_player *player)
{
    const struct ss_verify_side *peer = &player->recorder.verify.sides[SS_SIDE_B];
    struct ss_seq snd_nxt = player->own.snd_nxt, ack = peer->ack;
    bool elsewhere = peer->ack_known && !ss_seq_equal(ack, snd_nxt);
    send_reset(player, snd_nxt);
    if (elsewhere)
        send_reset(player, ack);
}

/* What `delay` still holds back goes its way before the end. */
static enum ss_status let_delayed_pass(struct ss_player *player, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    while (status == SS_OK && (player->leaving.first || player->arriving.first)) {
        const struct frame *next =
            player->leaving.first ? player->leaving.first : player->arriving.first;
        status = ss_player_listen(player, next->time_us, problem);
    }
    return status;
}

static void tell_how_far(const struct ss_player *player, struct ss_problem *problem)
{
    char why[SS_PROBLEM_TEXT_SIZE - 40];
    snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, problem->text);
    uint32_t segments = player->recorder.segments;
    ss_problem_set(problem, SS_INTERRUPTED, "%s, after %" PRIu32 " segment%s", why, segments,
                   segments == 1 ? "" : "s");
}

static void free_player(struct ss_player *player)
{
    frames_clear(&player->arrived);
    frames_clear(&player->leaving);
    frames_clear(&player->held);
    frames_clear(&player->arriving);
    free(player);
}

static enum ss_status tell_ignored(struct ss_player *player)
{
    if (player->ignored == 0)
        return SS_OK;
    return record_note(&player->recorder, false, "%u other or malformed frames were ignored",
                       player->ignored);
}

enum ss_status ss_player_finish(struct ss_player *player, enum ss_status status,
                                struct ss_problem *problem)
{
    struct recorder *recorder = &player->recorder;
    bool foreign = !player->options.far && !player->options.simulated;
    if (status == SS_OK)
        status = let_delayed_pass(player, problem);
    if (status == SS_INTERRUPTED)
        tell_how_far(player, problem);
    if ((status != SS_OK || foreign) && may_be_open(player))
        break_off(player);
    enum ss_status flushed = ss_wire_flush(player->wire, status == SS_OK ? problem : NULL);
    if (status == SS_OK)
        status = flushed;
    recorder->problem = problem;
    if (status == SS_OK)
        status = checks_held(recorder);
    enum ss_status noted = tell_ignored(player);
    if (noted == SS_OK)
        noted = forget_held(player);
    if (noted != SS_OK)
        status = noted;
    enum ss_status ended = record_end(recorder, status);
    free_player(player);
    return ended != SS_OK ? ended : status;
}

enum ss_status ss_player_run(const struct ss_player_options *options, struct ss_wire *wire,
                             struct ss_trace *trace, struct ss_problem *problem)
{
    enum ss_status status = ss_player_check(options, problem);
    if (status != SS_OK)
        return status;
    struct ss_player *player = ss_player_new(options, wire, trace);
    if (!player)
        return ss_problem_set(problem, SS_IO, "out of memory");
    while (status == SS_OK && ss_player_next(player))
        status = ss_player_advance(player, NULL, problem);
    return ss_player_finish(player, status, problem);
}
