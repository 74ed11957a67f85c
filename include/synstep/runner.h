/*
 * runner: takes one connection from SYN to the last ACK: endpoint -> craft -> wire, wire -> packet
 * -> endpoint, every segment past verify, the witness asked at each step, all of it into the trace.
 */
#ifndef SYNSTEP_RUNNER_H
#define SYNSTEP_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/companion.h"
#include "synstep/endpoint.h"
#include "synstep/status.h"
#include "synstep/trace.h"
#include "synstep/wire.h"

struct ss_runner_options {
    struct ss_socket_address local;
    struct ss_socket_address peer;
    struct ss_endpoint_options endpoint; /* the ISN J, MSS, window and timers */
    const uint8_t *data;                 /* to be sent and echoed; borrowed */
    size_t data_length;                  /* 0: handshake and close only */
    bool echo_expected;                  /* the peer is known to echo: anything else fails */
    uint64_t timeout_us;                 /* of the whole connection */
    uint16_t first_ip_id;                /* of the first datagram; counts up, skipping 0 */
    bool impaired;                       /* losses are on purpose: the witness may lag behind */
    const char *where;                   /* for the start event */
};

/*
 * Runs it. `companion` may be NULL: no witness. `trace` gets every event, the end included,
 * however the run ends. Returns SS_OK when the connection went to its end and every check held;
 * SS_REFUSED, SS_TIMED_OUT, SS_INTERRUPTED or SS_IO otherwise, with the problem in words.
 * When the run is broken off while the peer may hold a connection, a RST is sent first.
 */
enum ss_status ss_runner_run(const struct ss_runner_options *options, struct ss_wire *wire,
                             struct ss_companion *companion, struct ss_trace *trace,
                             struct ss_problem *problem);

#endif
