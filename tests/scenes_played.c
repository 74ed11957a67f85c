/* scenes_played: two scenarios as they are played. J is 1000, K is 5000. */
#include <stdio.h>

#include "scenes.h"

static const enum ss_tcp_state listening[2] = {SS_TCP_CLOSED, SS_TCP_LISTEN};
static const enum ss_tcp_state syn_sent[2] = {SS_TCP_SYN_SENT, SS_TCP_LISTEN};
static const enum ss_tcp_state answered[2] = {SS_TCP_SYN_SENT, SS_TCP_SYN_RECEIVED};
static const enum ss_tcp_state opened[2] = {SS_TCP_ESTABLISHED, SS_TCP_ESTABLISHED};

/* A segment whose sum is right, between states. */
static void pass(struct scene *scene, struct scene_segment said, const enum ss_tcp_state before[2],
                 const enum ss_tcp_state after[2])
{
    for (int side = 0; side < 2; side++) {
        said.before[side] = before[side];
        said.after[side] = after[side];
    }
    said.window = 64240;
    uint16_t sum = scene_segment(scene, &said)->segment.packet.tcp.checksum;
    scene_verdict(scene, SS_VERDICT_HELD, "tcp_checksum", "RFC 9293 3.1", SS_NUMBERS_CHECKSUM, sum,
                  sum);
}

static void say(struct scene *scene, int kind, unsigned line, const char *text, const char *answer,
                uint32_t n, uint32_t checks)
{
    struct ss_event_step step = {.kind = kind, .ok = true, .line = line, .n = n, .checks = checks};
    snprintf(step.text, sizeof(step.text), "%s", text);
    snprintf(step.answer, sizeof(step.answer), "%s", answer);
    scene_step(scene, &step);
}

static void start(struct scene *scene, const char *title)
{
    scene_begin(scene, 4);
    struct ss_event_start *started = &scene_start(scene, 1000)->start;
    snprintf(started->title, sizeof(started->title), "%s", title);
    say(scene, SS_EVENT_STEP_PEER, 3, "peer listen", "", 0, 0);
    pass(scene, (struct scene_segment){.flags = SS_TCP_SYN, .seq = 1000, .seq_symbol = "J"},
         listening, syn_sent);
}

static void pass_synack(struct scene *scene)
{
    pass(scene,
         (struct scene_segment){.from = SS_SIDE_B,
                                .flags = SS_TCP_SYN | SS_TCP_ACK,
                                .seq = 5000,
                                .ack = 1001,
                                .seq_symbol = "K",
                                .ack_symbol = "J+1"},
         syn_sent, answered);
}

static void pass_data(struct scene *scene, enum ss_side from, uint32_t seq, uint32_t ack,
                      const char *seq_symbol, const char *ack_symbol, const char *data)
{
    pass(scene,
         (struct scene_segment){.from = from,
                                .flags = (uint8_t)(SS_TCP_ACK | (data ? SS_TCP_PSH : 0)),
                                .seq = seq,
                                .ack = ack,
                                .seq_symbol = seq_symbol,
                                .ack_symbol = ack_symbol,
                                .data = data},
         opened, opened);
}

void scene_played(struct scene *scene)
{
    start(scene, "Three-way handshake, and a word");
    pass_synack(scene);
    say(scene, SS_EVENT_STEP_EXPECT, 5, "< SYN,ACK  seq=K    ack=J+1", "", 2, 4);
    pass_data(scene, SS_SIDE_A, 1001, 5001, "J+1", "K+1", NULL);
    say(scene, SS_EVENT_STEP_PEER, 7, "peer accept", "accepted 10.0.0.1:40001", 0, 0);
    say(scene, SS_EVENT_STEP_PEER, 8, "peer expect state ESTABLISHED", "", 0, 1);
    say(scene, SS_EVENT_STEP_OTHER, 9, "drop <", "", 0, 0);
    pass_data(scene, SS_SIDE_A, 1001, 5001, "J+1", "K+1", "hello");
    pass_data(scene, SS_SIDE_B, 5001, 1006, "K+1", "J+6", NULL);
    say(scene, SS_EVENT_STEP_EXPECT, 11, "< ACK ack=J+6", "", 5, 3);
    say(scene, SS_EVENT_STEP_PEER, 12, "peer expect read \"hello\"", "", 0, 1);
    pass_data(scene, SS_SIDE_B, 5001, 1006, "K+1", "J+6", "hello");
    say(scene, SS_EVENT_STEP_EXPECT, 14,
        "< PSH,ACK seq=K+1 ack=J+6 window=* no options ttl=64 tos=0 \"hello\" within 500ms", "", 6,
        9);
    scene->events[scene->count - 1].step.file = "echo.step";
    say(scene, SS_EVENT_STEP_EXPECT, 14, "<? ACK", "", 5, 1);
    say(scene, SS_EVENT_STEP_EXPECT, 15, "<! RST within 100ms", "none came in 100 ms", 0, 1);
    scene_end(scene);
}

static void fail(struct scene *scene)
{
    scene->events[scene->count - 1].step.ok = false;
}

void scene_unmet(struct scene *scene)
{
    start(scene, "A peer that does not as expected");
    pass_synack(scene);
    say(scene, SS_EVENT_STEP_EXPECT, 5, "< SYN,ACK seq=K ack=J+2 mss=1400",
        "SYN,ACK seq K = 5000 ack J+1 = 1001, 0 octets", 2, 5);
    fail(scene);
    scene_mismatch(scene, "ack", "J+2 = 1002", "J+1 = 1001");
    scene_mismatch(scene, "mss", "1400", "none");
    say(scene, SS_EVENT_STEP_PEER, 6, "peer expect state ESTABLISHED", "SYN-RECEIVED", 0, 1);
    fail(scene);
    scene_mismatch(scene, "state", "ESTABLISHED", "SYN-RECEIVED");
    pass_data(scene, SS_SIDE_B, 5001, 1001, "K+1", "J+1", "hallo");
    say(scene, SS_EVENT_STEP_EXPECT, 7, "< PSH,ACK seq=K+1", "", 3, 3);
    fail(scene);
    scene_mismatch(scene, "payload", "\"hello, as it was sent by the other end\"", "\"hallo\"");
    say(scene, SS_EVENT_STEP_EXPECT, 8, "< FIN,ACK within 200ms", "nothing came in 200 ms", 0, 0);
    fail(scene);
    struct ss_event_end *end = &scene_end(scene)->end;
    end->ok = false;
    end->failed = 5;
    end->status = SS_CHECK_FAILED;
    snprintf(end->text, sizeof(end->text), "handshake.step:5: ack: expected J+2, got J+1");
}
