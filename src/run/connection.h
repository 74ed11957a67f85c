/*
 * connection: what the runner's files share about the one connection under way. Private to src/run.
 */
#ifndef SYNSTEP_RUN_CONNECTION_H
#define SYNSTEP_RUN_CONNECTION_H

#include "synstep/endpoint.h"
#include "synstep/runner.h"
#include "synstep/trace.h"
#include "synstep/verify.h"

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
    struct ss_trace *trace;
    struct ss_problem *problem;

    struct ss_endpoint endpoint;
    struct ss_verify verify;
    enum stage stage;
    bool peer_fin_witnessed;
    bool closed_witnessed; /* the peer's kernel has closed, with the right numbers */

    uint64_t began_us; /* all times: the wire's clock */
    uint64_t first_segment_us;
    uint64_t last_segment_us;
    uint64_t last_event_us;
    uint64_t last_arrival_us;
    enum ss_tcp_state shown[2]; /* the states last told to the trace */
    uint16_t next_ip_id;

    uint32_t segments;
    uint32_t checks;
    uint32_t failed;
    uint32_t ignored; /* frames that were no segment of this connection */
    char first_failure[SS_PROBLEM_TEXT_SIZE];
    char last_icmp[SS_TRACE_TEXT_SIZE]; /* what a router or the peer's host said, "" for nothing */

    uint8_t *answer;   /* what the peer sent, as far as it is compared: data_length octets */
    uint8_t *datagram; /* the one that is being sent */
    size_t datagram_room;
};

/* record.c: events into the trace; each returns SS_IO when the trace is out of memory. */
enum ss_status record_start(struct connection *connection);
enum ss_status record_note(struct connection *connection, bool warning, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A datagram seen at `time_us`; the endpoint has already taken it in. `judged`: it goes past
 * verify. */
enum ss_status record_segment(struct connection *connection, enum ss_side from,
                              const struct ss_packet *packet, enum ss_fate fate, bool judged,
                              uint64_t time_us);
enum ss_status record_witness(struct connection *connection,
                              const struct ss_event_witness *witness);
enum ss_status record_end(struct connection *connection, enum ss_status status);

/* Counts one check made outside verify; a failed one's words are kept for the closing line. */
void count_check(struct connection *connection, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* departure.c: everything that the endpoint wants to send at this moment, built and sent. */
enum ss_status send_pending(struct connection *connection);

/* arrival.c: one datagram that came in. SS_REFUSED and SS_CHECK_FAILED end the run. */
enum ss_status take_arrival(struct connection *connection, const struct ss_arrival *arrival);

/* testimony.c: asks the witness at `moment`; fine without one. */
enum ss_status ask_witness(struct connection *connection, const char *moment);

/* Whether the peer's kernel has closed the connection; false without a witness. */
bool peer_has_closed(struct connection *connection);

#endif
