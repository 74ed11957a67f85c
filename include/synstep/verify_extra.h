/*
 * verify_extra: what verify remembers of a connection only while it is busy: the stretches seen
 * beyond a gap, and the last segments of each end. The caller gives the memory.
 *
 * An idle connection needs none: once ss_verify_extra_is_idle says so, the block may be given to
 * another connection (after ss_verify_extra_init). Judged with NULL, a connection loses this much:
 * what came beyond a gap counts as not seen until an ACK covers it; and no conflicting_overlap,
 * rto_not_doubled, retransmitted_too_early, karn_ambiguous, acks_frame or ack_rtt is told.
 *
 * The same holds of a segment that was driven out of its ring by newer ones, or was forgotten when
 * the block was given back: with room for n segments an end, octets are compared with those of its
 * last n segments.
 */
#ifndef SYNSTEP_VERIFY_EXTRA_H
#define SYNSTEP_VERIFY_EXTRA_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/seq.h"
#include "synstep/verify.h"

enum { SS_VERIFY_RUNS_MAX = 16 };

/* Numbers seen without a gap: [start, end). */
struct ss_verify_run {
    struct ss_seq start;
    struct ss_seq end;
};

/* What is remembered of a segment's payload. */
enum ss_verify_content {
    SS_CONTENT_NONE,
    SS_CONTENT_DIGEST,
    SS_CONTENT_OCTETS, /* where frames stay */
};

/* One segment that was sent, as long as it is remembered. */
struct ss_verify_segment {
    uint64_t time_us;
    union {
        uint64_t digest;
        const uint8_t *octets;
    } of;
    struct ss_seq seq;
    struct ss_seq end; /* seq + SEG.LEN */
    uint32_t frame;
    uint8_t content; /* enum ss_verify_content: which of both it is */
    bool repeated;   /* sent a second time: which of both an ACK answers is open (RFC 6298 3) */
    bool acked;
    uint8_t flags; /* of its header: SYN and FIN take a number each */
};

/* The segments of one end in the order they were sent: a ring. */
struct ss_verify_ring {
    struct ss_verify_segment *segments; /* the caller's; NULL: none are remembered */
    uint32_t size;                      /* a power of 2 */
    uint32_t newest;                    /* how many were ever written */
    uint32_t oldest_open;               /* before it all are acknowledged; same count */
    uint32_t oldest;                    /* the first that is still there; same count */
    uint32_t disordered_end;            /* up to there, not all in order of number; same count */
};

struct ss_verify_extra_side {
    struct ss_verify_run runs[SS_VERIFY_RUNS_MAX]; /* seen beyond a gap, in order */
    struct ss_verify_ring ring;
    uint32_t run_count;

    /* The last timeout (RFC 6298 section 5). */
    bool backing_off;    /* the segment at backoff_seq was repeated and not acknowledged yet */
    bool interval_known; /* it was repeated at least twice */
    struct ss_seq backoff_seq;
    uint32_t sacked;      /* octets beyond its last ACK that its last segment said it has */
    uint64_t backoff_us;  /* when it was repeated last */
    uint64_t interval_us; /* between that and the time before */
};

struct ss_verify_extra {
    struct ss_verify_extra_side sides[2];
};

_Static_assert(sizeof(struct ss_verify_segment) <= 32, "one or two of these a packet");
_Static_assert(sizeof(struct ss_verify_extra) <= 432, "this for each busy connection");

/* Nothing is remembered, no ring is given. */
void ss_verify_extra_init(struct ss_verify_extra *extra);

/*
 * Gives an end's ring `size` places (a power of 2) at `segments`, which stay the caller's. What the
 * old ring held is taken over, the newest first; the old memory may be freed then.
 */
void ss_verify_extra_give(struct ss_verify_extra *extra, enum ss_side side,
                          struct ss_verify_segment *segments, uint32_t size);

/* Whether the next segment of that end would drive out one that is not acknowledged. */
bool ss_verify_extra_is_full(const struct ss_verify_extra *extra, enum ss_side side);

/* Whether nothing is open: no gap, no segment without an ACK. */
bool ss_verify_extra_is_idle(const struct ss_verify_extra *extra);

enum { SS_VERIFY_ROOM_SEGMENTS = 32 };

/* A block with two rings of fixed size: not to be copied or moved, as it points into itself. */
struct ss_verify_room {
    struct ss_verify_extra extra;
    struct ss_verify_segment segments[2][SS_VERIFY_ROOM_SEGMENTS];
};

void ss_verify_room_init(struct ss_verify_room *room);

#endif
