/*
 * verify_internal: what verify's files share: the case under judgement, its facts, the rules'
 * names.
 *
 * A packet is judged in two strokes: ss_verify_observe finds the facts that several rules and the
 * update need, from the state before the packet; the judges say what they find; then the update
 * moves the state. No judge writes to the state.
 */
#ifndef SYNSTEP_VERIFY_INTERNAL_H
#define SYNSTEP_VERIFY_INTERNAL_H

#include "synstep/verify.h"
#include "synstep/verify_analysis.h"
#include "synstep/verify_extra.h"

/* Where a segment's number stands as seen from its sender's SND.NXT. */
enum ss_verify_place {
    SS_PLACE_UNKNOWN, /* nothing of that stream was seen yet */
    SS_PLACE_NEXT,
    SS_PLACE_BACK,
    SS_PLACE_AHEAD,
};

/* Where an acknowledgment stands between the last one and the other end's SND.NXT. */
enum ss_verify_ack_place {
    SS_ACK_NONE,    /* no ACK flag */
    SS_ACK_UNKNOWN, /* nothing of the stream acknowledged was seen yet */
    SS_ACK_IN_RANGE,
    SS_ACK_REGRESSED,
    SS_ACK_OUTSIDE_5961, /* back by more than the largest window */
    SS_ACK_UNSENT,
};

/* What a RST is to the end that gets it. */
enum ss_verify_reset {
    SS_RESET_NONE,
    SS_RESET_REFUSAL, /* a closed port's answer to a SYN */
    SS_RESET_ANSWER,  /* the answer to an ACK that was unacceptable before the connection stood */
    SS_RESET_EXACT,
    SS_RESET_IN_WINDOW,
    SS_RESET_OUT_OF_WINDOW,
    SS_RESET_UNKNOWN, /* the window is not known */
};

/* What a segment's own marks say of its age beside the newest one of the same end. */
enum ss_verify_age {
    SS_AGE_UNKNOWN,
    SS_AGE_OLDER,
    SS_AGE_NEWER,
};

/* What a SYN without ACK is to the connection. */
enum ss_verify_syn {
    SS_SYN_NONE,
    SS_SYN_FIRST,
    SS_SYN_CROSSING, /* simultaneous open */
    SS_SYN_REPEATED,
    SS_SYN_INTRUDING, /* the connection stands */
};

/* One packet under judgement. */
struct ss_verify_case {
    const struct ss_verify *verify; /* as before the packet */
    const struct ss_verify_side *sender;
    const struct ss_verify_side *receiver;
    const struct ss_packet *packet;
    struct ss_verify_extra *extra;                     /* for the update alone; may be NULL */
    const struct ss_verify_extra_side *sender_extra;   /* may be NULL */
    const struct ss_verify_extra_side *receiver_extra; /* may be NULL */
    const struct ss_verify_segment *acked; /* the eldest open one whose end is this ack, or NULL */
    struct ss_verdicts *verdicts;
    uint64_t time_us;
    uint32_t frame;
    uint32_t wishes; /* enum ss_verify_wish */
    enum ss_side from;

    bool syn, ack, fin, rst;
    struct ss_seq seq;
    struct ss_seq end; /* seq + SEG.LEN */
    struct ss_seq data_end;
    struct ss_seq ack_number;
    uint32_t payload;
    uint32_t length; /* SEG.LEN */
    uint32_t window_bytes;

    bool reused; /* a new SYN began the connection anew: `old_isn` was its number before */
    struct ss_seq old_isn;
    bool half_open;      /* an old connection's end answers a SYN (RFC 9293 section 3.5.1) */
    bool third;          /* the opener's first segment after its SYN */
    bool answers_synack; /* the third segment, or what stands for it where the SYN/ACK was missed */
    struct ss_seq third_seq; /* what its number has to be */
    bool plain;              /* no SYN, FIN or RST */
    bool keep_alive;
    bool zero_window_probe;
    bool before_stream; /* before the first number after the ISN */
    bool beyond_window; /* data past the furthest right edge */
    bool unacceptable;
    bool same_ack;  /* a plain segment without data at SND.NXT that repeats the last ack */
    bool dropped;   /* the receiver takes nothing of it */
    bool repeats;   /* carries again what was sent before */
    bool timed_out; /* … and no duplicate ACK asked for it */
    bool conflict;  /* other octets than before under the same numbers */
    enum ss_verify_syn syn_kind;
    enum ss_verify_place place;
    enum ss_verify_ack_place ack_place;
    enum ss_verify_reset reset_kind;
    enum ss_verify_age age;
    enum ss_verify_age id_age; /* by the IPv4 id alone */
};

/* A verdict's two numbers, and how they are to be read. */
struct ss_verify_pair {
    enum ss_verdict_numbers numbers;
    uint32_t expected;
    uint32_t actual;
};

/* Numbers of the stream that the segment's sender sends; of the one it acknowledges; counts. */
struct ss_verify_pair ss_verify_sent(const struct ss_verify_case *c, struct ss_seq expected,
                                     struct ss_seq actual);
struct ss_verify_pair ss_verify_acked(const struct ss_verify_case *c, struct ss_seq expected,
                                      struct ss_seq actual);
struct ss_verify_pair ss_verify_counted(uint32_t expected, uint32_t actual);
struct ss_verify_pair ss_verify_nothing(void);

/* Writes a verdict down: at the level of the table, or at a milder one. */
void ss_verify_say(struct ss_verify_case *c, enum ss_rule rule, struct ss_verify_pair pair);
void ss_verify_say_at(struct ss_verify_case *c, enum ss_rule rule, enum ss_verdict_level level,
                      struct ss_verify_pair pair);

/* Numbers seen beyond a gap (verify_runs.c). Without an extra block none are remembered. */
void ss_verify_see(struct ss_verify_side *side, struct ss_verify_extra_side *extra,
                   struct ss_verify_run seen);
void ss_verify_absorb_runs(struct ss_verify_side *side, struct ss_verify_extra_side *extra);

/* Whether all of `asked` lies in one stretch of those seen. */
bool ss_verify_was_seen(const struct ss_verify_side *side, const struct ss_verify_extra_side *extra,
                        struct ss_verify_run asked);

/* How many of `asked` were seen. */
uint32_t ss_verify_count_seen(const struct ss_verify_side *side,
                              const struct ss_verify_extra_side *extra, struct ss_verify_run asked);

/* Forgets what an end sent before; its ring stays the same memory. */
void ss_verify_extra_forget(struct ss_verify_extra_side *extra);

/*
 * A ring of segments (verify_extra.c). Without memory it stays empty. A segment is open until an
 * ACK covers it.
 */
void ss_verify_ring_push(struct ss_verify_ring *ring, const struct ss_verify_segment *segment);
void ss_verify_ring_acknowledge(struct ss_verify_ring *ring, struct ss_seq ack);
void ss_verify_ring_mark_repeated(struct ss_verify_ring *ring, struct ss_verify_run run);

/*
 * Whether the time until the ACK of that one, which is open and ends at the ACK, is a round trip:
 * it was sent once (RFC 6298 section 3), and none that was sent later is acknowledged with it. Such
 * a one filled a gap, and the ACK waited for it.
 */
bool ss_verify_ring_measures(const struct ss_verify_ring *ring,
                             const struct ss_verify_segment *acked);

/* The eldest open one that ends at `ack`; the eldest open one of all; the eldest, and the newest,
 * of all that hold `seq`. NULL: none. */
const struct ss_verify_segment *ss_verify_ring_ending_at(const struct ss_verify_ring *ring,
                                                         struct ss_seq ack);
const struct ss_verify_segment *ss_verify_ring_eldest_open(const struct ss_verify_ring *ring);
const struct ss_verify_segment *ss_verify_ring_eldest_with(const struct ss_verify_ring *ring,
                                                           struct ss_seq seq);
const struct ss_verify_segment *ss_verify_ring_newest_with(const struct ss_verify_ring *ring,
                                                           struct ss_seq seq);

/* Makes a span reach over another; over all open segments. */
void ss_verify_widen(struct ss_verify_run *span, struct ss_verify_run by);
void ss_verify_ring_widen(const struct ss_verify_ring *ring, const struct ss_verify_side *receiver,
                          struct ss_verify_run *span);

/* All that are held, acknowledged or not, the newest first; `index` begins at 0. NULL: no more. */
const struct ss_verify_segment *ss_verify_ring_next(const struct ss_verify_ring *ring,
                                                    uint32_t *index);

/* The segment under judgement as a ring remembers it (verify_overlap.c). */
struct ss_verify_segment ss_verify_segment_of(const struct ss_verify_case *c);

/* Finds the facts; `c` holds verify, packet, from, time and verdicts. */
void ss_verify_observe(struct ss_verify_case *c);

/*
 * Simultaneous open: whether it is the SYN/ACK that carries the number of its sender's SYN for the
 * first time: no repetition (RFC 9293 section 3.5).
 */
bool ss_verify_is_crossed_synack(const struct ss_verify_case *c);

/* Whether a SYN/ACK's number to acknowledge is right, fast open data included. */
bool ss_verify_synack_ack_right(const struct ss_verify_case *c);

/* Whether no packet of this connection was taken into account yet. */
bool ss_verify_is_first(const struct ss_verify *verify);

/* What an end whose SYN has no MSS option is taken to receive. */
uint16_t ss_verify_default_mss(uint8_t version);

/* Whether the windows both ends write are scaled: both SYNs were seen to agree. */
bool ss_verify_windows_scaled(const struct ss_verify *verify);

/* Whether the RST makes its receiver end the connection. */
bool ss_verify_reset_counts(const struct ss_verify_case *c);

/* The judges. Integrity comes first; it says whether anything more can be judged. */
bool ss_verify_judge_integrity(struct ss_verify_case *c);
void ss_verify_judge_options(struct ss_verify_case *c);
void ss_verify_judge_handshake(struct ss_verify_case *c);
void ss_verify_judge_reset(struct ss_verify_case *c);
void ss_verify_judge_stream(struct ss_verify_case *c);
void ss_verify_judge_ack(struct ss_verify_case *c);
void ss_verify_judge_timestamps(struct ss_verify_case *c);
void ss_verify_judge_sack(struct ss_verify_case *c);
void ss_verify_judge_overlap(struct ss_verify_case *c);
void ss_verify_judge_timer(struct ss_verify_case *c); /* of a segment that repeats */
void ss_verify_judge_karn(struct ss_verify_case *c);

/* Whether what is in flight is not known, after a gap; whether it repeats ack and window, answering
 * nothing else; the octets since the last PSH, its own included; the part of a connection that it
 * is (enum ss_verify_completeness, or-ed). */
bool ss_verify_is_uncounted(const struct ss_verify_case *c);
bool ss_verify_is_duplicate_ack(const struct ss_verify_case *c);
uint32_t ss_verify_pushed(const struct ss_verify_case *c);
uint8_t ss_verify_part(const struct ss_verify_case *c);

/* What a window is counted in: an edge that moves left by less was rounded (RFC 7323 2.4). */
uint32_t ss_verify_window_unit(const struct ss_verify_case *c);

/* Whether a segment that repeats the last ack offers less than the one before. */
bool ss_verify_is_smaller_offer(const struct ss_verify_case *c);

/* Header octets that mean nothing: an urgent pointer without URG, options after their end. */
bool ss_verify_has_stray_urgent(const struct ss_verify_case *c);
bool ss_verify_has_options_after_end(const struct ss_verify_case *c);

/*
 * The short way (verify_fast.c): the next data in order, or an ACK that moves, of a connection that
 * stands, with nothing else to be said. False, nothing written, when the packet may be anything
 * else; else judged and taken into account, with the same outcome as the long way to the last
 * octet. Integrity was judged before.
 */
void ss_verify_begin(struct ss_verify_case *c, const struct ss_verify *verify,
                     const struct ss_verify_input *input, struct ss_verdicts *verdicts);
bool ss_verify_fast(struct ss_verify *verify, struct ss_verify_case *c,
                    struct ss_verify_analysis *analysis);

/* The long way, after integrity was judged: all facts, all judges, the update. */
void ss_verify_long(struct ss_verify *verify, const struct ss_verify_input *input,
                    struct ss_verdicts *verdicts, struct ss_verify_analysis *analysis);

/* Octets beyond the ACK that the sender says it has (RFC 2018); what it tells twice is none. */
uint32_t ss_verify_sacked(const struct ss_verify_case *c);

/* Finds `acked`; needs the ack and both ends. */
void ss_verify_find_acked(struct ss_verify_case *c);

/* The header's fields and the two ends. */
void ss_verify_observe_header(struct ss_verify_case *c);

/* What the segment's own marks say of its age. */
void ss_verify_observe_age(struct ss_verify_case *c);

/* Parts of the update that the short way takes, too. */
void ss_verify_remember(const struct ss_verify_case *c);
void ss_verify_settle_acked(struct ss_verify_side *acked, const struct ss_verify_case *c);
void ss_verify_update_window(struct ss_verify *verify, const struct ss_verify_case *c);
void ss_verify_update_marks(struct ss_verify_side *sender, const struct ss_verify_case *c);
void ss_verify_update_seen(struct ss_verify_side *sender, struct ss_verify_side *receiver,
                           const struct ss_verify_case *c);
void ss_verify_update_pushed(struct ss_verify_side *sender, const struct ss_verify_case *c);

/* What capture analysers say of a segment that only goes on. */
void ss_verify_analyse_plain(const struct ss_verify_case *c, struct ss_verify_analysis *analysis);

/* What capture analysers say; after the judges, before the update. */
void ss_verify_analyse(const struct ss_verify_case *c, struct ss_verify_analysis *analysis);

/* Moves the state: the numbers, then the two ends' states. */
void ss_verify_update(struct ss_verify *verify, const struct ss_verify_case *judged);
void ss_verify_update_states(struct ss_verify *verify, const struct ss_verify_case *c);

#endif
