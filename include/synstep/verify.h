/*
 * verify: judges the sequence arithmetic of one connection from both directions' packets.
 *
 * A pure observer: fed packet views in the order they were seen, live or from a file, it knows
 * nothing of how they were made and gives verdicts: each check with its clause of the RFC, what was
 * expected and what was there. A packet missed or seen out of order is a verdict, never an error.
 */
#ifndef SYNSTEP_VERIFY_H
#define SYNSTEP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"
#include "synstep/seq.h"
#include "synstep/tcp.h"

/* The two ends: the one that sent the first SYN (or was seen first), and the other. */
enum ss_side {
    SS_SIDE_A,
    SS_SIDE_B,
};

enum ss_verdict_level {
    SS_VERDICT_HELD,      /* the check was made and its numbers are right */
    SS_VERDICT_NOTE,      /* worth saying, nothing wrong: a retransmission, a challenge ACK */
    SS_VERDICT_WARNING,   /* unusual, but not forbidden */
    SS_VERDICT_VIOLATION, /* the clause is broken */
};

/* How a verdict's two numbers are to be read. */
enum ss_verdict_numbers {
    SS_NUMBERS_NONE,
    SS_NUMBERS_SEQ_A,    /* sequence numbers of the stream that A sends: J+n, M+n */
    SS_NUMBERS_SEQ_B,    /* … that B sends: K+n, N+n */
    SS_NUMBERS_COUNT,    /* octets or other counts */
    SS_NUMBERS_CHECKSUM, /* 16-bit checksums, shown in hex */
};

struct ss_verdict {
    const char *name;   /* "synack_ack_not_isn_plus_1", "seq_is_snd_nxt": static storage */
    const char *clause; /* "RFC 9293 3.10.7.3": static storage */
    enum ss_verdict_level level;
    enum ss_verdict_numbers numbers;
    uint32_t expected;
    uint32_t actual;
};

enum { SS_VERDICTS_MAX = 16 };

struct ss_verdicts {
    size_t count;
    struct ss_verdict list[SS_VERDICTS_MAX];
};

enum { SS_VERIFY_RUNS_MAX = 16 };

struct ss_verify_run {
    struct ss_seq start;
    struct ss_seq end;
};

/* What is known of one end from what it sent. Every number has its own "known" bit: 0 is a number.
 */
struct ss_verify_side {
    enum ss_tcp_state state; /* as RFC 9293 has it for an end that sent and saw these packets */
    bool isn_known;          /* J or K */
    struct ss_seq isn;
    bool fin_known; /* M or N: the number the FIN itself occupies */
    struct ss_seq fin;
    bool next_known; /* nx: highest seq + SEG.LEN sent */
    struct ss_seq next;
    bool contiguous_known; /* mx: the end of what was seen without a gap */
    struct ss_seq contiguous;
    struct ss_verify_run runs[SS_VERIFY_RUNS_MAX]; /* seen beyond a gap */
    size_t run_count;
    bool ack_known; /* la: the last ack it sent */
    struct ss_seq ack;
    bool edge_known; /* ack + window at its furthest: the right edge it has offered */
    struct ss_seq edge;
    bool window_known;
    uint16_t window;     /* the last, unscaled */
    uint32_t window_max; /* the largest offered, octets (RFC 5961 section 5.2) */
    bool shift_offered;  /* its SYN carried a window scale option */
    uint8_t shift;
    uint16_t mss; /* 536 (1220 for IPv6) until its SYN says otherwise */
    bool reset;   /* it sent a RST that counts */
    uint64_t segments;
    uint64_t payload_bytes;
};

struct ss_verify {
    struct ss_verify_side sides[2];
    bool simultaneous_open;
    bool simultaneous_close;
    uint64_t packets;
};

void ss_verify_init(struct ss_verify *verify);

/*
 * Judges one TCP packet that `from` sent, seen at `time_us`. `verdicts` is overwritten with every
 * check that applied to it, those that held included, in the order a reader would make them.
 */
void ss_verify_packet(struct ss_verify *verify, enum ss_side from, const struct ss_packet *packet,
                      uint64_t time_us, struct ss_verdicts *verdicts);

/* The worst level in a list; SS_VERDICT_HELD for an empty one. */
enum ss_verdict_level ss_verdicts_worst(const struct ss_verdicts *verdicts);

/* The other end. */
static inline enum ss_side ss_side_other(enum ss_side side)
{
    return side == SS_SIDE_A ? SS_SIDE_B : SS_SIDE_A;
}

/*
 * Writes a number of the stream that `sender` sends in the textbook's letters: J, J+1 and so on
 * for A (K for B) up to its FIN, which is M (N for B), and M+1 after; the plain number when no
 * letter is known yet. `text` holds SS_SEQ_TEXT_SIZE octets.
 */
void ss_verify_symbol(const struct ss_verify *verify, enum ss_side sender, struct ss_seq seq,
                      char text[SS_SEQ_TEXT_SIZE]);

#endif
