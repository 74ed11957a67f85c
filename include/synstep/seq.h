/*
 * seq: all arithmetic on TCP sequence numbers, modulo 2^32 (RFC 9293 section 3.4).
 *
 * A sequence number is a one-member struct, so that `<`, `+` and `-` on it do not compile. Nothing
 * else in the tree adds to, subtracts from or orders a sequence number. No value is special.
 */
#ifndef SYNSTEP_SEQ_H
#define SYNSTEP_SEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_seq {
    uint32_t value; /* host order */
};

/* The order of one number as seen from another; at a distance of exactly 2^31 neither is first. */
enum ss_seq_order {
    SS_SEQ_BEFORE,
    SS_SEQ_EQUAL,
    SS_SEQ_AFTER,
    SS_SEQ_OPPOSITE,
};

static inline struct ss_seq ss_seq_from(uint32_t value)
{
    return (struct ss_seq){value};
}

/* `seq` moved forward by `count` octets. */
static inline struct ss_seq ss_seq_add(struct ss_seq seq, uint32_t count)
{
    return (struct ss_seq){seq.value + count};
}

/* `seq` moved back by `count` octets. */
static inline struct ss_seq ss_seq_subtract(struct ss_seq seq, uint32_t count)
{
    return (struct ss_seq){seq.value - count};
}

/* How many octets forward from `from` to `to`: 0 to 2^32-1. */
static inline uint32_t ss_seq_distance(struct ss_seq from, struct ss_seq to)
{
    return to.value - from.value;
}

/* Where `seq` stands as seen from `other`: `ss_seq_compare(a, b) == SS_SEQ_BEFORE` is "a before b".
 */
static inline enum ss_seq_order ss_seq_compare(struct ss_seq seq, struct ss_seq other)
{
    uint32_t distance = ss_seq_distance(other, seq);
    if (distance == 0)
        return SS_SEQ_EQUAL;
    if (distance == UINT32_C(0x80000000))
        return SS_SEQ_OPPOSITE;
    return distance < UINT32_C(0x80000000) ? SS_SEQ_AFTER : SS_SEQ_BEFORE;
}

static inline bool ss_seq_equal(struct ss_seq a, struct ss_seq b)
{
    return a.value == b.value;
}

static inline bool ss_seq_before(struct ss_seq a, struct ss_seq b)
{
    return ss_seq_compare(a, b) == SS_SEQ_BEFORE;
}

static inline bool ss_seq_after(struct ss_seq a, struct ss_seq b)
{
    return ss_seq_compare(a, b) == SS_SEQ_AFTER;
}

static inline bool ss_seq_at_or_before(struct ss_seq a, struct ss_seq b)
{
    return ss_seq_equal(a, b) || ss_seq_before(a, b);
}

static inline bool ss_seq_at_or_after(struct ss_seq a, struct ss_seq b)
{
    return ss_seq_equal(a, b) || ss_seq_after(a, b);
}

/* Whether `seq` is one of the `size` numbers from `start` on; nothing is inside an empty window. */
static inline bool ss_seq_in_window(struct ss_seq start, uint32_t size, struct ss_seq seq)
{
    return ss_seq_distance(start, seq) < size;
}

/* Whether low <= seq <= high, going forward from `low`; right for any spans below 2^32. */
static inline bool ss_seq_between(struct ss_seq low, struct ss_seq seq, struct ss_seq high)
{
    return ss_seq_distance(low, seq) <= ss_seq_distance(low, high);
}

/* SEG.LEN: the payload's octets, with SYN and FIN counting one each (RFC 9293 section 3.4). */
static inline uint32_t ss_seq_segment_length(uint32_t payload_bytes, bool syn, bool fin)
{
    return payload_bytes + (syn ? 1U : 0U) + (fin ? 1U : 0U);
}

/*
 * The four-case acceptability test of RFC 9293 section 3.10.7.4, table 6: whether a segment of
 * `segment_length` at `seq` is acceptable to a receiver that expects `rcv_nxt` with `rcv_wnd`.
 */
bool ss_seq_acceptable(struct ss_seq rcv_nxt, uint32_t rcv_wnd, struct ss_seq seq,
                       uint32_t segment_length);

enum { SS_SEQ_TEXT_SIZE = 24 };

/*
 * Writes `seq` relative to `base` as the textbook does: "J", "J+1", or "J-500" when it lies up to
 * 2^31 before. `name` is the base's letter. `text` holds SS_SEQ_TEXT_SIZE octets; always
 * terminated.
 */
void ss_seq_format(char text[SS_SEQ_TEXT_SIZE], struct ss_seq seq, char name, struct ss_seq base);

#endif
