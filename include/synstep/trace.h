/*
 * trace: the append-only log of one run. Everything that a user can be shown is an event in it.
 *
 * Events are appended once, never changed, and passed on to every attached sink as they come.
 */
#ifndef SYNSTEP_TRACE_H
#define SYNSTEP_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/companion.h"
#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/verify.h"
#include "synstep/wire.h"

enum ss_event_kind {
    SS_EVENT_START,
    SS_EVENT_SEGMENT,
    SS_EVENT_WITNESS,
    SS_EVENT_STEP,
    SS_EVENT_NOTE,
    SS_EVENT_END,
};

enum { SS_TRACE_TEXT_SIZE = 200, SS_MISMATCHES_MAX = 16 };

/* Who speaks to whom, said once before the first segment. */
struct ss_event_start {
    struct ss_socket_address local; /* the crafted end: side A */
    struct ss_socket_address peer;  /* side B */
    bool isn_known;                 /* not when the peer opens */
    struct ss_seq isn;              /* J */
    char title[SS_TRACE_TEXT_SIZE]; /* of the scenario; "" without one */
    uint64_t epoch_us;              /* time_us 0 of this trace in microseconds since 1970, UTC */
    char where[SS_TRACE_TEXT_SIZE]; /* "two private hosts, veth", "this host's loopback", … */
};

/* One segment (or ICMP error about one) as it left or came in; or a datagram that a step speaks of:
 * then nothing here is about TCP. */
struct ss_event_segment {
    uint32_t n; /* counted from 1 */
    bool is_datagram;
    enum ss_side from;
    enum ss_fate fate;
    const uint8_t *octets; /* the datagram from its IP header on; owned by the trace */
    size_t length;
    struct ss_packet packet;           /* a view of `octets` */
    enum ss_tcp_state state_before[2]; /* of A and B */
    enum ss_tcp_state state_after[2];
    char seq_symbol[SS_SEQ_TEXT_SIZE]; /* "J+1"; "" for no TCP */
    char ack_symbol[SS_SEQ_TEXT_SIZE]; /* "" when ACK is not set */
    uint32_t window_bytes;             /* scaled */
    struct ss_verdicts verdicts;       /* empty for one that `impair` kept from arriving */
};

/* What the peer's kernel says, beside what it must say. */
struct ss_event_witness {
    const char *moment; /* "after the handshake": static storage */
    bool ok;
    struct ss_witness actual; /* answer other than ANSWERED: ok is false, the rest is not shown */
    bool state_checked[SS_TCP_STATES]; /* the states that would be right */
    struct ss_seq rcv_nxt;
    struct ss_seq write_seq;
    char rcv_nxt_symbol[SS_SEQ_TEXT_SIZE]; /* of the expected number */
    char write_seq_symbol[SS_SEQ_TEXT_SIZE];
};

/* Two values that should have been the same, as a scenario writes them. */
struct ss_mismatch {
    char name[24]; /* "ack", "payload", "mss" */
    char expected[72];
    char actual[72];
};

/* A scenario's step other than sending: what was expected or done, and what came of it. */
struct ss_event_step {
    enum {
        SS_EVENT_STEP_EXPECT, /* a segment: held against segment `n` */
        SS_EVENT_STEP_PEER,   /* a `peer` statement */
        SS_EVENT_STEP_OTHER,  /* wait, drop, set, … */
    } kind;
    bool ok;
    const char *file; /* borrowed from the scenario */
    unsigned line;
    char text[SS_TRACE_TEXT_SIZE];   /* the statement */
    char answer[SS_TRACE_TEXT_SIZE]; /* "accepted 10.0.0.1:5000", "nothing came in 200 ms"; or "" */
    uint32_t n;                      /* of the segment it was held against; 0: none came */
    uint32_t checks;                 /* values compared */
    size_t mismatch_count;
    struct ss_mismatch mismatches[SS_MISMATCHES_MAX];
};

struct ss_event_note {
    bool warning;
    char text[SS_TRACE_TEXT_SIZE];
};

/* The last event. */
struct ss_event_end {
    bool ok;
    enum ss_status status;           /* why it ended when it did not go to its end */
    char text[SS_PROBLEM_TEXT_SIZE]; /* the same in words; "" when ok */
    uint32_t segments;
    uint32_t checks; /* verdicts made and witness numbers compared, notes left out */
    uint32_t failed;
    bool number_known[4]; /* J K M N */
    struct ss_seq number[4];
    uint64_t duration_us; /* first segment to last */
};

struct ss_event {
    enum ss_event_kind kind;
    uint64_t time_us; /* since the trace began */
    union {
        struct ss_event_start start;
        struct ss_event_segment segment;
        struct ss_event_witness witness;
        struct ss_event_step step;
        struct ss_event_note note;
        struct ss_event_end end;
    };
};

/* Whoever shows or writes: called for each event as it is appended. Keeps its own errors. */
struct ss_sink {
    void *context;
    void (*take)(void *context, const struct ss_event *event);
};

enum { SS_TRACE_SINKS_MAX = 4 };

struct ss_trace;

/* An empty trace; NULL when out of memory. Free with ss_trace_free (NULL is fine). */
struct ss_trace *ss_trace_new(void);
void ss_trace_free(struct ss_trace *trace);

/* From the next event on, `sink` is called. At most SS_TRACE_SINKS_MAX (assert). */
void ss_trace_attach(struct ss_trace *trace, struct ss_sink sink);

/*
 * Appends a copy of `event`; a segment's octets are copied too, and its packet view moved onto the
 * copy. SS_IO when out of memory.
 */
enum ss_status ss_trace_append(struct ss_trace *trace, const struct ss_event *event);

size_t ss_trace_count(const struct ss_trace *trace);

/* The event at `index` (below count), owned by the trace, valid until it is freed. */
const struct ss_event *ss_trace_at(const struct ss_trace *trace, size_t index);

#endif
