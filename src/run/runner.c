/* runner: the one loop: send what is due, take the next step, wait for what comes. */
#include "synstep/runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

/* How long a server that is not known to echo may stay silent before its answer counts as whole. */
enum { QUIET_US = 1000000 };

/* How often the peer's kernel is asked again whether it has closed, when nothing comes that tells.
 */
enum { LOOK_AGAIN_US = 20000 };

enum { HEADERS_BYTES_MAX = SS_IPV6_HEADER_BYTES + SS_TCP_HEADER_BYTES_MAX };

static bool synchronized(enum ss_tcp_state state)
{
    return state != SS_TCP_CLOSED && state != SS_TCP_LISTEN && state != SS_TCP_SYN_SENT &&
           state != SS_TCP_SYN_RECEIVED;
}

static bool all_acknowledged(const struct connection *connection)
{
    return ss_endpoint_acknowledged(&connection->endpoint) == connection->options->data_length;
}

/* When a silent server's answer counts as whole; SS_ENDPOINT_NO_DEADLINE while it does not apply.
 */
static uint64_t quiet_at(const struct connection *connection)
{
    if (connection->stage != STAGE_EXCHANGING || connection->options->echo_expected ||
        !all_acknowledged(connection))
        return SS_ENDPOINT_NO_DEADLINE;
    return connection->last_arrival_us + QUIET_US;
}

static bool answered(struct connection *connection)
{
    const struct ss_endpoint *endpoint = &connection->endpoint;
    if (endpoint->fin_received)
        return true;
    if (!all_acknowledged(connection))
        return false;
    return endpoint->received >= connection->options->data_length ||
           ss_wire_now_us(connection->wire) >= quiet_at(connection);
}

static enum ss_status judge_answer(struct connection *connection)
{
    const struct ss_runner_options *options = connection->options;
    uint64_t received = connection->endpoint.received;
    bool echo = received == options->data_length &&
                memcmp(connection->answer, options->data, options->data_length) == 0;
    if (options->echo_expected) {
        count_check(&connection->recorder, echo,
                    "the echo of %zu octets came back as %" PRIu64 " others", options->data_length,
                    received);
        if (echo)
            return SS_OK;
    }
    if (!echo)
        return record_note(&connection->recorder, options->echo_expected,
                           "sent %zu octets, the peer answered with %" PRIu64 "%s",
                           options->data_length, received,
                           received == options->data_length ? " others: no echo" : ": no echo");
    return SS_OK;
}

/*
 * Takes what came while the witness was asked, before anything new leaves: the segments stand in
 * the trace in the order in which they crossed the wire. Without a witness no time has passed, and
 * what is still to leave may leave together with what follows.
 */
static enum ss_status catch_up(struct connection *connection)
{
    if (!connection->companion)
        return SS_OK;
    uint64_t now_us = ss_wire_now_us(connection->wire);
    struct ss_arrival arrival = {0};
    enum ss_status status = SS_OK;
    while (status == SS_OK && arrival.time_us <= now_us) {
        status = ss_wire_receive(connection->wire, now_us, &arrival, connection->recorder.problem);
        if (status == SS_OK)
            status = take_arrival(connection, &arrival);
    }
    return status == SS_TIMED_OUT ? SS_OK : status;
}

/* The handshake is done and its ACK is out: the data follows. */
static enum ss_status step_opened(struct connection *connection)
{
    connection->stage = STAGE_EXCHANGING;
    connection->last_arrival_us = ss_wire_now_us(connection->wire);
    enum ss_status status = ask_witness(connection, "after the handshake");
    if (status == SS_OK)
        status = catch_up(connection);
    ss_endpoint_write(&connection->endpoint, connection->options->data_length);
    return status;
}

/* All data is acknowledged and answered, and the answer acknowledged: our FIN follows. */
static enum ss_status step_answered(struct connection *connection)
{
    connection->stage = STAGE_CLOSING;
    enum ss_status status = SS_OK;
    if (connection->options->data_length > 0) {
        status = judge_answer(connection);
        if (status == SS_OK)
            status = ask_witness(connection, "after the data");
    }
    if (status == SS_OK)
        status = catch_up(connection);
    ss_endpoint_close(&connection->endpoint);
    return status;
}

/* Both FINs are acknowledged. Only this end waits on, and the waiting is cut short. */
static enum ss_status step_closed(struct connection *connection)
{
    connection->stage = STAGE_CLOSED;
    enum ss_status status = ask_witness(connection, "after the last ACK");
    if (status != SS_OK || connection->endpoint.state != SS_TCP_TIME_WAIT)
        return status;
    return record_note(
        &connection->recorder, false,
        "TIME-WAIT is cut short here (RFC 9293: twice the segment lifetime, 4 minutes)");
}

/*
 * Takes the next step if its time has come, everything due having been sent; `stepped` tells
 * whether there may be more to send now.
 */
static enum ss_status take_step(struct connection *connection, bool *stepped)
{
    enum ss_tcp_state state = connection->endpoint.state;
    *stepped = true;
    if (connection->stage == STAGE_OPENING && synchronized(state))
        return step_opened(connection);
    if (connection->stage == STAGE_EXCHANGING && answered(connection))
        return step_answered(connection);
    if (connection->stage == STAGE_CLOSING && state == SS_TCP_TIME_WAIT)
        return step_closed(connection);
    *stepped = false;
    return SS_OK;
}

/* The moment between the peer's FIN and our ACK of it, which the witness is asked about too. */
static enum ss_status witness_peer_fin(struct connection *connection)
{
    if (!connection->endpoint.fin_received || connection->peer_fin_witnessed)
        return SS_OK;
    connection->peer_fin_witnessed = true;
    return ask_witness(connection, "after its FIN");
}

/*
 * In TIME-WAIT there is nothing to wait for once the peer's kernel says that it has closed. When
 * our last ACK was lost it says so only after its FIN has come again.
 */
static enum ss_status try_to_leave(struct connection *connection, bool *left)
{
    enum ss_status status = SS_OK;
    *left = false;
    if (connection->stage != STAGE_CLOSED)
        return SS_OK;
    if (!connection->closed_witnessed && peer_has_closed(connection))
        status = ask_witness(connection, "after the last ACK");
    *left = connection->closed_witnessed;
    return status;
}

/* When to look whether the peer's kernel has closed by now: our last ACK may be long on its way. */
static uint64_t look_again_at(const struct connection *connection)
{
    if (connection->stage != STAGE_CLOSED || !connection->companion)
        return SS_ENDPOINT_NO_DEADLINE;
    return ss_wire_now_us(connection->wire) + LOOK_AGAIN_US;
}

static enum ss_status why_unfinished(struct connection *connection)
{
    char peer[SS_SOCKET_ADDRESS_TEXT_SIZE];
    enum ss_tcp_state state = connection->endpoint.state;
    const char *icmp = connection->last_icmp, *comma = icmp[0] ? "; " : "";
    uint64_t now_us = ss_wire_now_us(connection->wire);
    double elapsed = (double)(now_us - connection->recorder.began_us) / 1e6;
    ss_socket_address_format(peer, &connection->options->peer);
    if (!synchronized(state))
        return ss_problem_set(connection->recorder.problem, SS_TIMED_OUT,
                              "%s does not answer our SYN, sent %" PRIu64 " times in %.1f s%s%s; "
                              "is the host up and the port not filtered?",
                              peer, connection->recorder.verify.sides[SS_SIDE_A].segments, elapsed,
                              comma, icmp);
    return ss_problem_set(connection->recorder.problem, SS_TIMED_OUT,
                          "not done in %.1f s, with our end in %s and the last word from %s %.1f s "
                          "ago%s%s; a longer --timeout may help",
                          elapsed, ss_tcp_state_text(state), peer,
                          (double)(now_us - connection->last_arrival_us) / 1e6, comma, icmp);
}

static enum ss_status why_ended(struct connection *connection)
{
    char peer[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(peer, &connection->options->peer);
    switch (connection->endpoint.failure) {
    case SS_ENDPOINT_NO_FAILURE:
        return SS_OK;
    case SS_ENDPOINT_REFUSED:
        return ss_problem_set(connection->recorder.problem, SS_REFUSED,
                              "%s refused the connection with RST: no server listens on that port",
                              peer);
    case SS_ENDPOINT_RESET:
        return ss_problem_set(connection->recorder.problem, SS_REFUSED,
                              "%s reset the connection: its server died or rejected the data",
                              peer);
    case SS_ENDPOINT_GAVE_UP:
        return why_unfinished(connection);
    case SS_ENDPOINT_ABORTED:
        return connection->stage == STAGE_CLOSED ? SS_OK : SS_INTERRUPTED;
    }
    return SS_OK;
}

static enum ss_status wait_and_take(struct connection *connection, uint64_t give_up_us)
{
    uint64_t deadline_us = ss_endpoint_deadline(&connection->endpoint);
    if (quiet_at(connection) < deadline_us)
        deadline_us = quiet_at(connection);
    if (look_again_at(connection) < deadline_us)
        deadline_us = look_again_at(connection);
    if (give_up_us < deadline_us)
        deadline_us = give_up_us;
    struct ss_arrival arrival;
    enum ss_status status =
        ss_wire_receive(connection->wire, deadline_us, &arrival, connection->recorder.problem);
    if (status == SS_OK)
        status = take_arrival(connection, &arrival);
    else if (status == SS_TIMED_OUT)
        status =
            ss_wire_now_us(connection->wire) >= give_up_us ? why_unfinished(connection) : SS_OK;
    return status == SS_OK ? witness_peer_fin(connection) : status;
}

static enum ss_status converse(struct connection *connection)
{
    uint64_t give_up_us = connection->recorder.began_us + connection->options->timeout_us;
    enum ss_status status = SS_OK;
    while (status == SS_OK) {
        bool stepped = false;
        status = send_pending(connection);
        if (status == SS_OK)
            status = take_step(connection, &stepped);
        if (status != SS_OK || stepped)
            continue;
        if (connection->endpoint.state == SS_TCP_CLOSED)
            return why_ended(connection);
        bool left = false;
        status = try_to_leave(connection, &left);
        if (left)
            return status;
        if (status == SS_OK)
            status = wait_and_take(connection, give_up_us);
    }
    return status;
}

/* Leaves nothing half-open: where the peer may hold a connection, it gets a RST (RFC 9293 3.10.5).
 */
static void break_off(struct connection *connection)
{
    connection->recorder.problem = NULL; /* what is wrong has been said */
    ss_endpoint_abort(&connection->endpoint);
    (void)send_pending(connection);
}

static enum ss_status conclude(struct connection *connection, enum ss_status status)
{
    struct ss_problem *problem = connection->recorder.problem;
    if (status == SS_INTERRUPTED)
        ss_problem_set(problem, SS_INTERRUPTED,
                       "interrupted; the connection was broken off with our end in %s",
                       ss_tcp_state_text(connection->endpoint.state));
    if (status != SS_OK && connection->endpoint.state != SS_TCP_CLOSED)
        break_off(connection);
    connection->recorder.problem = problem;
    enum ss_status flushed = ss_wire_flush(connection->wire, status == SS_OK ? problem : NULL);
    if (status == SS_OK)
        status = flushed;
    if (status == SS_OK)
        status = checks_held(&connection->recorder);
    if (connection->ignored > 0)
        (void)record_note(&connection->recorder, false, "%u other or malformed frames were ignored",
                          connection->ignored);
    enum ss_status recorded = record_end(&connection->recorder, status);
    return status != SS_OK ? status : recorded;
}

/* One block: the connection, the answer's octets, room for a datagram. */
static struct connection *connection_new(const struct ss_runner_options *options,
                                         struct ss_wire *wire, struct ss_companion *companion,
                                         struct ss_trace *trace, struct ss_problem *problem)
{
    size_t datagram_room = HEADERS_BYTES_MAX + options->endpoint.mss;
    struct connection *connection =
        malloc(sizeof(*connection) + options->data_length + datagram_room);
    if (!connection)
        return NULL;
    memset(connection, 0, sizeof(*connection));
    connection->options = options;
    connection->wire = wire;
    connection->companion = companion;
    connection->next_ip_id = options->first_ip_id;
    connection->answer = (uint8_t *)(connection + 1);
    connection->datagram = connection->answer + options->data_length;
    connection->datagram_room = datagram_room;
    recorder_init(&connection->recorder, wire, trace, problem);
    connection->recorder.endpoint = &connection->endpoint;
    ss_endpoint_init(&connection->endpoint, &options->endpoint);
    return connection;
}

static enum ss_status begin(struct connection *connection)
{
    const struct ss_runner_options *options = connection->options;
    struct ss_event_start start = {
        .local = options->local,
        .peer = options->peer,
        .isn_known = true,
        .isn = options->endpoint.isn,
    };
    snprintf(start.where, sizeof(start.where), "%s", options->where);
    enum ss_status status = record_start(&connection->recorder, &start);
    if (status != SS_OK || connection->companion)
        return status;
    return record_note(&connection->recorder, false,
                       "no witness: this peer cannot be asked what its kernel believes");
}

enum ss_status ss_runner_run(const struct ss_runner_options *options, struct ss_wire *wire,
                             struct ss_companion *companion, struct ss_trace *trace,
                             struct ss_problem *problem)
{
    struct connection *connection = connection_new(options, wire, companion, trace, problem);
    if (!connection)
        return ss_problem_set(problem, SS_IO, "out of memory for %zu octets of data",
                              options->data_length);
    enum ss_status status = begin(connection);
    if (status == SS_OK) {
        ss_endpoint_connect(&connection->endpoint);
        status = converse(connection);
    }
    status = conclude(connection, status);
    free(connection);
    return status;
}
