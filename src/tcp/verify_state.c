/*
 * verify_state: the state RFC 9293 gives an end that sent and saw these packets (section 3.3.2).
 *
 * Each packet is taken to arrive; where the other end's next words show that it had not, the state
 * is what both together make (section 3.6, simultaneous close).
 */
#include "verify_internal.h"

static bool fin_is_acked(const struct ss_verify_side *side, const struct ss_verify_side *other)
{
    return side->fin_known && other->ack_known && ss_seq_after(other->ack, side->fin);
}

/* The FIN, and all that was sent before it, has come through. */
static bool fin_arrived(const struct ss_verify_side *side)
{
    return side->fin_known && side->contiguous_known && ss_seq_after(side->contiguous, side->fin);
}

static bool syn_is_acked(const struct ss_verify_side *side, const struct ss_verify_side *other)
{
    return side->isn_known && other->ack_known && ss_seq_after(other->ack, side->isn);
}

static void begin_late(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    if (!ss_verify_is_first(c->verify) || c->rst || (c->syn && !c->ack))
        return;
    sender->state = c->syn ? SS_TCP_SYN_RECEIVED : SS_TCP_ESTABLISHED;
    receiver->state = c->syn ? SS_TCP_SYN_SENT : SS_TCP_ESTABLISHED;
}

/* Sending a SYN: an active open, or the answer to one. */
static void send_syn(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    switch ((enum ss_tcp_state)sender->state) {
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
        sender->passive = c->ack;
        sender->state = c->ack ? SS_TCP_SYN_RECEIVED : SS_TCP_SYN_SENT;
        return;
    case SS_TCP_SYN_SENT:
        if (c->ack)
            sender->state = SS_TCP_SYN_RECEIVED;
        return;
    case SS_TCP_SYN_RECEIVED: /* it opened actively after all: simultaneous open */
        if (c->syn_kind == SS_SYN_CROSSING)
            sender->passive = false;
        return;
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        return;
    }
}

/* CLOSE: a FIN goes out (section 3.10.4). One that crosses the other's makes CLOSING of it. */
static void send_fin(struct ss_verify_side *sender, const struct ss_verify_side *receiver)
{
    switch ((enum ss_tcp_state)sender->state) {
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
        sender->state = SS_TCP_FIN_WAIT_1;
        return;
    case SS_TCP_CLOSE_WAIT:
        sender->state = fin_is_acked(receiver, sender) ? SS_TCP_LAST_ACK : SS_TCP_CLOSING;
        return;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        return;
    }
}

/* Section 3.10.7.2 and 3.10.7.3: a SYN, with or without ACK, arrives. */
static void receive_syn(struct ss_verify_side *receiver, const struct ss_verify_side *sender,
                        const struct ss_verify_case *c)
{
    bool answered = c->ack && syn_is_acked(receiver, sender);
    switch ((enum ss_tcp_state)receiver->state) {
    case SS_TCP_CLOSED: /* nothing known of it yet, so it may listen */
    case SS_TCP_LISTEN:
        if (c->ack)
            return;
        receiver->passive = true;
        receiver->state = SS_TCP_SYN_RECEIVED;
        return;
    case SS_TCP_SYN_SENT:
        if (answered)
            receiver->state = SS_TCP_ESTABLISHED;
        else if (!c->ack)
            receiver->state = SS_TCP_SYN_RECEIVED;
        return;
    case SS_TCP_SYN_RECEIVED:
        if (answered)
            receiver->state = SS_TCP_ESTABLISHED;
        return;
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        return;
    }
}

/* Section 3.10.7.4, fifth: the ACK field. */
static void receive_ack(struct ss_verify_side *side, const struct ss_verify_side *other)
{
    switch ((enum ss_tcp_state)side->state) {
    case SS_TCP_SYN_RECEIVED:
        if (syn_is_acked(side, other))
            side->state = SS_TCP_ESTABLISHED;
        return;
    case SS_TCP_FIN_WAIT_1:
        if (fin_is_acked(side, other))
            side->state = SS_TCP_FIN_WAIT_2;
        return;
    case SS_TCP_CLOSING:
        if (fin_is_acked(side, other))
            side->state = SS_TCP_TIME_WAIT;
        return;
    case SS_TCP_LAST_ACK:
        if (fin_is_acked(side, other))
            side->state = SS_TCP_CLOSED;
        return;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_TIME_WAIT:
        return;
    }
}

/* Section 3.10.7.4, eighth: the FIN bit. */
static void receive_fin(struct ss_verify_side *side, const struct ss_verify_side *other)
{
    if (!fin_arrived(other))
        return;
    switch ((enum ss_tcp_state)side->state) {
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
        side->state = SS_TCP_CLOSE_WAIT;
        return;
    case SS_TCP_FIN_WAIT_1:
        side->state = SS_TCP_CLOSING;
        return;
    case SS_TCP_FIN_WAIT_2:
        side->state = SS_TCP_TIME_WAIT;
        return;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        return;
    }
}

/* The opener answers a SYN/ACK that was missed. */
static void settle_missed_synack(struct ss_verify_side *sender, struct ss_verify_side *receiver,
                                 const struct ss_verify_case *c)
{
    if (sender->state != SS_TCP_SYN_SENT || c->syn || !sender->handshake_done)
        return;
    sender->state = SS_TCP_ESTABLISHED;
    if (receiver->isn_known)
        receiver->state = SS_TCP_ESTABLISHED;
}

/* A RST that counts ends the connection; the end that only listened listens on (3.10.7.4). */
static void receive_reset(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    bool own_number =
        c->reset_kind == SS_RESET_ANSWER && ss_seq_equal(c->seq, c->receiver->refused_ack);
    if (!ss_verify_reset_counts(c) && !own_number)
        return;
    bool listens = receiver->passive && receiver->state == SS_TCP_SYN_RECEIVED;
    receiver->state = listens ? SS_TCP_LISTEN : SS_TCP_CLOSED;
    if (own_number) /* its sender goes on waiting for an ACK that is acceptable */
        return;
    sender->state = SS_TCP_CLOSED;
    sender->reset = true;
}

void ss_verify_update_states(struct ss_verify *verify, const struct ss_verify_case *c)
{
    struct ss_verify_side *sender = &verify->sides[c->from];
    struct ss_verify_side *receiver = &verify->sides[ss_side_other(c->from)];
    if (c->rst) {
        receive_reset(verify, c);
        return;
    }
    if (c->dropped)
        return;
    begin_late(verify, c);
    if (c->syn)
        send_syn(sender, c);
    settle_missed_synack(sender, receiver, c);
    if (c->fin && !c->syn)
        send_fin(sender, receiver);
    if (c->syn)
        receive_syn(receiver, sender, c);
    else
        receive_ack(receiver, sender);
    receive_fin(receiver, sender);
    receive_fin(sender, receiver);
}
