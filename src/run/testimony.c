/* testimony: what the peer's kernel says of the connection, held against our own numbers. */
#include <inttypes.h>
#include <string.h>

#include "connection.h"

/*
 * How long the peer's kernel may take to get where it must be. On a veth pair it is there before
 * our send returns; when frames are lost on purpose it may truly not be there yet.
 */
enum { PATIENCE_US = 200000, PATIENCE_IMPAIRED_US = 2000 };

/*
 * The states that the other end may be in, seen from ours, when all that was sent has arrived
 * (RFC 9293 figure 5). A kernel shows its TIME-WAIT to the user as CLOSED: the socket is done.
 */
static void set_states_checked(const struct ss_endpoint *ours, bool checked[SS_TCP_STATES])
{
    switch (ours->state) {
    case SS_TCP_ESTABLISHED:
        checked[SS_TCP_ESTABLISHED] = true;
        break;
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
        checked[SS_TCP_CLOSE_WAIT] = true;
        checked[SS_TCP_LAST_ACK] = true;
        break;
    case SS_TCP_CLOSE_WAIT:
        checked[ours->ack_wanted ? SS_TCP_FIN_WAIT_1 : SS_TCP_FIN_WAIT_2] = true;
        break;
    case SS_TCP_CLOSING:
        checked[ours->ack_wanted ? SS_TCP_FIN_WAIT_1 : SS_TCP_CLOSING] = true;
        break;
    case SS_TCP_TIME_WAIT:
        checked[ours->ack_wanted ? SS_TCP_LAST_ACK : SS_TCP_CLOSED] = true;
        break;
    case SS_TCP_LAST_ACK:
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_SYN_RECEIVED:
        checked[SS_TCP_CLOSED] = true;
        break;
    }
}

static enum ss_status ask_once(struct connection *connection, struct ss_event_witness *event)
{
    enum ss_status status = ss_wire_flush(connection->wire, connection->recorder.problem);
    if (status == SS_OK)
        status = ss_companion_ask(connection->companion, &connection->options->local,
                                  &event->actual, connection->recorder.problem);
    event->ok = status == SS_OK && event->actual.answer == SS_WITNESS_ANSWERED &&
                event->state_checked[event->actual.state] &&
                ss_seq_equal(event->actual.rcv_nxt, event->rcv_nxt) &&
                ss_seq_equal(event->actual.write_seq, event->write_seq);
    return status;
}

static void count_answer(struct connection *connection, const struct ss_event_witness *event)
{
    const struct ss_witness *actual = &event->actual;
    if (actual->answer != SS_WITNESS_ANSWERED) {
        count_check(&connection->recorder, false, "the peer's kernel has accepted no connection %s",
                    event->moment);
        return;
    }
    count_check(&connection->recorder, event->state_checked[actual->state],
                "the peer's kernel is in %s %s", ss_tcp_state_text(actual->state), event->moment);
    count_check(&connection->recorder, ss_seq_equal(actual->rcv_nxt, event->rcv_nxt),
                "the peer's kernel has rcv_nxt %" PRIu32 ", not %" PRIu32 ", %s",
                actual->rcv_nxt.value, event->rcv_nxt.value, event->moment);
    count_check(&connection->recorder, ss_seq_equal(actual->write_seq, event->write_seq),
                "the peer's kernel has write_seq %" PRIu32 ", not %" PRIu32 ", %s",
                actual->write_seq.value, event->write_seq.value, event->moment);
}

static struct ss_event_witness expectation(const struct connection *connection, const char *moment)
{
    const struct ss_endpoint *endpoint = &connection->endpoint;
    struct ss_event_witness event = {.moment = moment};
    event.rcv_nxt = endpoint->snd_max;
    event.write_seq = endpoint->rcv_nxt;
    ss_verify_symbol(&connection->recorder.verify, SS_SIDE_A, event.rcv_nxt, event.rcv_nxt_symbol);
    ss_verify_symbol(&connection->recorder.verify, SS_SIDE_B, event.write_seq,
                     event.write_seq_symbol);
    set_states_checked(endpoint, event.state_checked);
    return event;
}

enum ss_status ask_witness(struct connection *connection, const char *moment)
{
    if (!connection->companion)
        return SS_OK;
    struct ss_event_witness event = expectation(connection, moment);
    uint64_t until_us = ss_wire_now_us(connection->wire) +
                        (connection->options->impaired ? PATIENCE_IMPAIRED_US : PATIENCE_US);
    do {
        enum ss_status status = ask_once(connection, &event);
        if (status != SS_OK)
            return status;
    } while (!event.ok && event.actual.answer != SS_WITNESS_DENIED &&
             ss_wire_now_us(connection->wire) < until_us);
    if (event.actual.answer == SS_WITNESS_DENIED) {
        connection->companion = NULL;
        return record_note(&connection->recorder, false,
                           "no witness: asking the peer's kernel needs CAP_NET_ADMIN there");
    }
    if (!event.ok && connection->options->impaired)
        return record_note(&connection->recorder, false,
                           "the peer's kernel is not yet where we are %s", moment);
    count_answer(connection, &event);
    connection->closed_witnessed = event.ok && event.actual.state == SS_TCP_CLOSED;
    return record_witness(&connection->recorder, &event);
}

bool peer_has_closed(struct connection *connection)
{
    struct ss_event_witness event = {.moment = ""};
    return connection->companion && ask_once(connection, &event) == SS_OK &&
           event.actual.answer == SS_WITNESS_ANSWERED && event.actual.state == SS_TCP_CLOSED;
}
