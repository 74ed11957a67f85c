/* scenes_whole: the scenes themselves. J is 0xdeadbeef, K is 2^32-1. */
#include <stdio.h>

#include "scenes.h"

static const uint32_t J = 3735928559, K = 4294967295;

#define OPEN                                                                                       \
    {                                                                                              \
        SS_TCP_CLOSED, SS_TCP_LISTEN                                                               \
    }
#define SYN_SENT                                                                                   \
    {                                                                                              \
        SS_TCP_SYN_SENT, SS_TCP_LISTEN                                                             \
    }
#define ANSWERED                                                                                   \
    {                                                                                              \
        SS_TCP_SYN_SENT, SS_TCP_SYN_RECEIVED                                                       \
    }
#define ACKED                                                                                      \
    {                                                                                              \
        SS_TCP_ESTABLISHED, SS_TCP_SYN_RECEIVED                                                    \
    }
#define BOTH                                                                                       \
    {                                                                                              \
        SS_TCP_ESTABLISHED, SS_TCP_ESTABLISHED                                                     \
    }
#define CLOSING_1                                                                                  \
    {                                                                                              \
        SS_TCP_FIN_WAIT_1, SS_TCP_ESTABLISHED                                                      \
    }
#define CLOSING_2                                                                                  \
    {                                                                                              \
        SS_TCP_FIN_WAIT_2, SS_TCP_CLOSE_WAIT                                                       \
    }
#define CLOSING_3                                                                                  \
    {                                                                                              \
        SS_TCP_TIME_WAIT, SS_TCP_LAST_ACK                                                          \
    }
#define CLOSED                                                                                     \
    {                                                                                              \
        SS_TCP_TIME_WAIT, SS_TCP_CLOSED                                                            \
    }

static const struct ss_tcp_options syn_options = {
    .has_mss = true, .mss = 1460, .has_window_shift = true, .window_shift = 7};
static const struct ss_tcp_options synack_options = {.has_mss = true,
                                                     .mss = 1460,
                                                     .sack_permitted = true,
                                                     .has_window_shift = true,
                                                     .window_shift = 7};

/* The checks that every segment gets. */
static void hold_common(struct scene *scene)
{
    const struct ss_event_segment *segment = &scene->events[scene->count - 1].segment;
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    bool ours = segment->from == SS_SIDE_A;
    if (segment->packet.version == 4)
        scene_verdict(scene, SS_VERDICT_HELD, "ip_checksum", "RFC 791 3.1", SS_NUMBERS_CHECKSUM,
                      segment->packet.ipv4.checksum, segment->packet.ipv4.checksum);
    scene_verdict(scene, SS_VERDICT_HELD, "tcp_checksum", "RFC 9293 3.1", SS_NUMBERS_CHECKSUM,
                  tcp->checksum, tcp->checksum);
    scene_verdict(scene, SS_VERDICT_HELD, "seq_is_snd_nxt", "RFC 9293 3.3.1",
                  ours ? SS_NUMBERS_SEQ_A : SS_NUMBERS_SEQ_B, tcp->seq.value, tcp->seq.value);
    if (tcp->flags & SS_TCP_ACK)
        scene_verdict(scene, SS_VERDICT_HELD, "ack_is_rcv_nxt", "RFC 9293 3.4",
                      ours ? SS_NUMBERS_SEQ_B : SS_NUMBERS_SEQ_A, tcp->ack.value, tcp->ack.value);
}

static struct ss_event *say(struct scene *scene, const struct scene_segment *segment)
{
    struct ss_event *event = scene_segment(scene, segment);
    if (segment->fate != SS_FATE_DROPPED)
        hold_common(scene);
    return event;
}

static void shake_hands(struct scene *scene)
{
    say(scene, &(struct scene_segment){SS_SIDE_A, SS_TCP_SYN, J, 0, "J", NULL, NULL, 64240, 0,
                                       syn_options, OPEN, SYN_SENT, SS_FATE_DELIVERED, 0});
    say(scene,
        &(struct scene_segment){SS_SIDE_B, SS_TCP_SYN | SS_TCP_ACK, K, J + 1, "K", "J+1", NULL,
                                65160, 0, synack_options, SYN_SENT, ACKED, SS_FATE_DELIVERED, 0});
    scene_verdict(scene, SS_VERDICT_HELD, "synack_ack", "RFC 9293 3.10.7.2", SS_NUMBERS_SEQ_A,
                  J + 1, J + 1);
    say(scene, &(struct scene_segment){.from = SS_SIDE_A,
                                       .flags = SS_TCP_ACK,
                                       .seq = J + 1,
                                       .ack = K + 1,
                                       .seq_symbol = "J+1",
                                       .ack_symbol = "K+1",
                                       .window = 502,
                                       .window_bytes = 64256,
                                       .before = ACKED,
                                       .after = BOTH});
}

static void witness(struct scene *scene, const char *moment, enum ss_tcp_state state, uint32_t a,
                    uint32_t b, const char *a_symbol, const char *b_symbol)
{
    struct ss_event_witness *said = &scene_witness(scene, moment, state, a, b)->witness;
    snprintf(said->rcv_nxt_symbol, SS_SEQ_TEXT_SIZE, "%s", a_symbol);
    snprintf(said->write_seq_symbol, SS_SEQ_TEXT_SIZE, "%s", b_symbol);
}

/* A segment after the handshake. */
static void pass(struct scene *scene, enum ss_side from, uint8_t flags, uint32_t seq, uint32_t ack,
                 const char *seq_symbol, const char *ack_symbol, const char *data)
{
    say(scene, &(struct scene_segment){.from = from,
                                       .flags = (uint8_t)(flags | SS_TCP_ACK),
                                       .seq = seq,
                                       .ack = ack,
                                       .seq_symbol = seq_symbol,
                                       .ack_symbol = ack_symbol,
                                       .data = data,
                                       .window = 502,
                                       .window_bytes = 64256,
                                       .before = BOTH,
                                       .after = BOTH});
}

static void set_states(struct scene *scene, const enum ss_tcp_state before[2],
                       const enum ss_tcp_state after[2])
{
    struct ss_event_segment *segment = &scene->events[scene->count - 1].segment;
    for (int side = 0; side < 2; side++) {
        segment->state_before[side] = before[side];
        segment->state_after[side] = after[side];
    }
}

static void echo(struct scene *scene)
{
    pass(scene, SS_SIDE_A, SS_TCP_PSH, J + 1, K + 1, "J+1", "K+1", "hello");
    pass(scene, SS_SIDE_B, 0, K + 1, J + 6, "K+1", "J+6", NULL);
    pass(scene, SS_SIDE_B, SS_TCP_PSH, K + 1, J + 6, "K+1", "J+6", "hello");
    pass(scene, SS_SIDE_A, 0, J + 6, K + 6, "J+6", "K+6", NULL);
}

static void part(struct scene *scene)
{
    static const enum ss_tcp_state both[2] = BOTH, one[2] = CLOSING_1, two[2] = CLOSING_2,
                                   three[2] = CLOSING_3, closed[2] = CLOSED;
    pass(scene, SS_SIDE_A, SS_TCP_FIN, J + 6, K + 6, "M", "K+6", NULL);
    set_states(scene, both, one);
    pass(scene, SS_SIDE_B, 0, K + 6, J + 7, "K+6", "M+1", NULL);
    set_states(scene, one, two);
    pass(scene, SS_SIDE_B, SS_TCP_FIN, K + 6, J + 7, "N", "M+1", NULL);
    set_states(scene, two, three);
    pass(scene, SS_SIDE_A, 0, J + 7, K + 7, "M+1", "N+1", NULL);
    set_states(scene, three, closed);
}

static void tell_numbers(struct ss_event *end)
{
    const uint32_t numbers[4] = {J, K, J + 6, K + 6};
    for (int i = 0; i < 4; i++) {
        end->end.number_known[i] = true;
        end->end.number[i] = ss_seq_from(numbers[i]);
    }
}

void scene_whole(struct scene *scene, uint8_t version)
{
    scene_begin(scene, version);
    scene_start(scene, J);
    shake_hands(scene);
    witness(scene, "after the handshake", SS_TCP_ESTABLISHED, J + 1, K + 1, "J+1", "K+1");
    echo(scene);
    witness(scene, "after the echo", SS_TCP_ESTABLISHED, J + 6, K + 6, "J+6", "K+6");
    part(scene);
    witness(scene, "after the last ACK", SS_TCP_CLOSED, J + 7, K + 7, "M+1", "N+1");
    scene_note(scene, false, "TIME-WAIT ends after 0.1 s instead of 240 s (2 MSL)");
    tell_numbers(scene_end(scene));
}

void scene_wrong_ack(struct scene *scene)
{
    scene_begin(scene, 4);
    scene_start(scene, J);
    say(scene, &(struct scene_segment){SS_SIDE_A, SS_TCP_SYN, J, 0, "J", NULL, NULL, 64240, 0,
                                       syn_options, OPEN, SYN_SENT, SS_FATE_DELIVERED, 0});
    scene_segment(scene, &(struct scene_segment){SS_SIDE_B, SS_TCP_SYN | SS_TCP_ACK, K, J + 2, "K",
                                                 "J+2", NULL, 65160, 0, synack_options, SYN_SENT,
                                                 ANSWERED, SS_FATE_DELIVERED, 0xbeef});
    scene_verdict(scene, SS_VERDICT_VIOLATION, "bad_checksum", "RFC 9293 3.1", SS_NUMBERS_CHECKSUM,
                  0x0a1b, 0xbeef);
    scene_verdict(scene, SS_VERDICT_VIOLATION, "synack_ack_not_isn_plus_1", "RFC 9293 3.10.7.2",
                  SS_NUMBERS_SEQ_A, J + 1, J + 2);
    scene_verdict(scene, SS_VERDICT_HELD, "seq_is_snd_nxt", "RFC 9293 3.3.1", SS_NUMBERS_SEQ_B, K,
                  K);
    say(scene, &(struct scene_segment){.flags = SS_TCP_RST,
                                       .seq = J + 2,
                                       .seq_symbol = "J+2",
                                       .before = ANSWERED,
                                       .after = {SS_TCP_SYN_SENT, SS_TCP_CLOSED}});
    struct ss_event_witness *said =
        &scene_witness(scene, "after the reset", SS_TCP_ESTABLISHED, J + 3, K + 1)->witness;
    said->ok = false;
    said->state_checked[SS_TCP_ESTABLISHED] = false;
    said->state_checked[SS_TCP_CLOSED] = true;
    said->rcv_nxt = ss_seq_from(J + 2);
    snprintf(said->rcv_nxt_symbol, SS_SEQ_TEXT_SIZE, "J+2");
    snprintf(said->write_seq_symbol, SS_SEQ_TEXT_SIZE, "K+1");
    struct ss_event_end *end = &scene_end(scene)->end;
    end->ok = false;
    end->failed += 2;
    end->status = SS_CHECK_FAILED;
    end->number_known[0] = end->number_known[1] = true;
    end->number[0] = ss_seq_from(J);
    end->number[1] = ss_seq_from(K);
    snprintf(end->text, sizeof(end->text),
             "segment 2: synack_ack_not_isn_plus_1: expected 3735928560, got 3735928561");
}

static void retransmit(struct scene *scene)
{
    scene->time_us = 1000104;
    pass(scene, SS_SIDE_A, SS_TCP_PSH, J + 1, K + 1, "J+1", "K+1", "hello");
    scene_verdict(scene, SS_VERDICT_NOTE, "retransmission", "RFC 9293 3.8.1", SS_NUMBERS_SEQ_A,
                  J + 6, J + 1);
}

void scene_impaired(struct scene *scene)
{
    scene_begin(scene, 4);
    scene_start(scene, J);
    shake_hands(scene);
    static const enum ss_fate fates[] = {SS_FATE_DROPPED, SS_FATE_DUPLICATED, SS_FATE_DELAYED,
                                         SS_FATE_CORRUPTED};
    for (size_t i = 0; i < 8; i++) {
        bool ours = i < 4;
        scene_segment(scene, &(struct scene_segment){.from = ours ? SS_SIDE_A : SS_SIDE_B,
                                                     .flags = SS_TCP_PSH | SS_TCP_ACK,
                                                     .seq = ours ? J + 1 : K + 1,
                                                     .ack = ours ? K + 1 : J + 6,
                                                     .seq_symbol = ours ? "J+1" : "K+1",
                                                     .ack_symbol = ours ? "K+1" : "J+6",
                                                     .data = "hello",
                                                     .window = 502,
                                                     .window_bytes = 64256,
                                                     .before = BOTH,
                                                     .after = BOTH,
                                                     .fate = fates[i % 4]});
        if (fates[i % 4] != SS_FATE_DROPPED)
            hold_common(scene);
    }
    retransmit(scene);
    scene_verdict(scene, SS_VERDICT_WARNING, "window_shrunk", "RFC 9293 3.8.6", SS_NUMBERS_COUNT,
                  64240, 64000);
    scene_note(scene, true, "the peer's kernel is not yet where we are after the echo");
    scene_end(scene);
}

void scene_unreachable(struct scene *scene)
{
    scene_begin(scene, 4);
    scene_start(scene, J);
    say(scene, &(struct scene_segment){SS_SIDE_A, SS_TCP_SYN, J, 0, "J", NULL, NULL, 64240, 0,
                                       syn_options, OPEN, ANSWERED, SS_FATE_DELIVERED, 0});
    scene_icmp(scene, J);
    struct ss_event_end *end = &scene_end(scene)->end;
    end->ok = false;
    end->status = SS_REFUSED;
}
