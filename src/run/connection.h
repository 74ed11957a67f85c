/*
 * connection: what the runner's files share about the one connection under way. Private to src/run.
 */
#ifndef SYNSTEP_RUN_CONNECTION_H
#define SYNSTEP_RUN_CONNECTION_H

#include "recorder.h"
#include "synstep/endpoint.h"
#include "synstep/runner.h"

/* How far the conversation is: each stage has one thing to wait for. */
enum stage {
    STAGE_OPENING,    /* the handshake */
    STAGE_EXCHANGING, /* all data acknowledged and answered */
    STAGE_CLOSING,    /* both FINs acknowledged */
    STAGE_CLOSED,     /* nothing: only TIME-WAIT is left */
};

struct connection {
    const struct ss_runner_options *options;
    struct ss_wire *wire;
    struct ss_companion *companion; /* NULL: no witness */
    struct recorder recorder;

    struct ss_endpoint endpoint;
    enum stage stage;
    bool peer_fin_witnessed;
    bool closed_witnessed; /* the peer's kernel has closed, with the right numbers */

    uint64_t last_arrival_us; /* the wire's clock */
    uint16_t next_ip_id;

    uint32_t ignored;                   /* frames that were no segment of this connection */
    char last_icmp[SS_TRACE_TEXT_SIZE]; /* what a router or the peer's host said, "" for nothing */

    uint8_t *answer;   /* what the peer sent, as far as it is compared: data_length octets */
    uint8_t *datagram; /* the one that is being sent */
    size_t datagram_room;
};

/* departure.c: everything that the endpoint wants to send at this moment, built and sent. */
enum ss_status send_pending(struct connection *connection);

/* arrival.c: one datagram that came in. SS_REFUSED and SS_CHECK_FAILED end the run. */
enum ss_status take_arrival(struct connection *connection, const struct ss_arrival *arrival);

/* testimony.c: asks the witness at `moment`; fine without one. */
enum ss_status ask_witness(struct connection *connection, const char *moment);

/* Whether the peer's kernel has closed the connection; false without a witness. */
bool peer_has_closed(struct connection *connection);

#endif
