/*
 * recorder: turns what happens on a wire into events of the trace, past verify, and keeps the
 * counts. Private to src/run.
 */
#ifndef SYNSTEP_RUN_RECORDER_H
#define SYNSTEP_RUN_RECORDER_H

#include "synstep/endpoint.h"
#include "synstep/trace.h"
#include "synstep/verify_extra.h"
#include "synstep/wire.h"

struct recorder {
    struct ss_wire *wire;
    struct ss_trace *trace;
    struct ss_problem *problem;
    const struct ss_endpoint
        *endpoint; /* whose state is side A's; NULL: what verify thinks of it */
    bool freely;   /* side A breaks rules on purpose: that is a warning and fails nothing */
    bool timeless; /* a virtual clock is all there is: it began in 1970 */

    struct ss_verify verify;
    struct ss_verify_room room; /* verify's; points into itself */
    uint64_t began_us;          /* all times: the wire's clock */
    uint64_t first_segment_us;
    uint64_t last_segment_us;
    uint64_t last_event_us;
    enum ss_tcp_state shown[2]; /* the states last told to the trace */
    uint32_t segments;
    uint32_t checks;
    uint32_t failed;
    char first_failure[SS_PROBLEM_TEXT_SIZE];
};

/* Begins at the wire's present time. */
void recorder_init(struct recorder *recorder, struct ss_wire *wire, struct ss_trace *trace,
                   struct ss_problem *problem);

/* Events into the trace; each returns SS_IO when the trace is out of memory. `start` lacks only its
 * epoch. */
enum ss_status record_start(struct recorder *recorder, const struct ss_event_start *start);
enum ss_status record_note(struct recorder *recorder, bool warning, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A datagram seen at `time_us`; the endpoint has already taken it in. `judged`: it goes past
 * verify. */
enum ss_status record_segment(struct recorder *recorder, enum ss_side from,
                              const struct ss_packet *packet, enum ss_fate fate, bool judged,
                              uint64_t time_us);
/* The same of what is no TCP segment, and no step of a connection. */
enum ss_status record_datagram(struct recorder *recorder, enum ss_side from,
                               const struct ss_packet *packet, enum ss_fate fate, uint64_t time_us);
enum ss_status record_witness(struct recorder *recorder, const struct ss_event_witness *witness);
enum ss_status record_step(struct recorder *recorder, const struct ss_event_step *step);
enum ss_status record_end(struct recorder *recorder, enum ss_status status);

/* Counts one check made outside verify; a failed one's words are kept for the closing line. */
void count_check(struct recorder *recorder, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What the first of the failed checks was, for a run that otherwise went to its end; else SS_OK. */
enum ss_status checks_held(struct recorder *recorder);

#endif
