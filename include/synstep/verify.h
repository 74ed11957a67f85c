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
#include "synstep/verify_rule.h"

/* The two ends: the one that sent the first SYN (or was seen first), and the other. */
enum ss_side {
    SS_SIDE_A,
    SS_SIDE_B,
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
    enum ss_rule rule;
    enum ss_verdict_level level;
    enum ss_verdict_numbers numbers;
    uint32_t expected;
    uint32_t actual;
};

enum { SS_VERDICTS_MAX = 24 };

struct ss_verdicts {
    size_t count;
    struct ss_verdict list[SS_VERDICTS_MAX];
};

enum { SS_VERIFY_RUNS_MAX = 16 };

struct ss_verify_run {
    struct ss_seq start;
    struct ss_seq end;
};

/* What an end's last segment was, as far as the answer to it depends on that. */
enum ss_verify_last {
    SS_LAST_PLAIN,
    SS_LAST_KEEP_ALIVE,
    SS_LAST_ZERO_WINDOW_PROBE,
};

/* What is known of one end from what it sent. Every number has its own "known" bit: 0 is a number.
 */
struct ss_verify_side {
    enum ss_tcp_state state; /* as RFC 9293 has it for an end that sent and saw these packets */
    bool passive;            /* it came from LISTEN */
    bool reset;              /* it sent a RST that counts */

    /* Its SYN. */
    bool isn_known; /* J or K */
    struct ss_seq isn;
    bool syn_sent;        /* a SYN without ACK was seen */
    bool synack_sent;     /* a SYN with ACK was seen */
    bool syn_seen;        /* its options are known, not only its ISN */
    bool handshake_done;  /* it sent an acceptable segment after its SYN */
    bool fast_open;       /* its SYN carried the option of RFC 7413 */
    bool shift_offered;   /* its SYN carried a window scale option */
    bool timestamps_sent; /* its SYN carried timestamps */
    uint8_t shift;
    uint16_t mss;         /* 536 (1220 for IPv6) until its SYN says otherwise */
    uint32_t syn_payload; /* octets that its SYN carried */

    /* Its stream. */
    bool next_known; /* nx: highest seq + SEG.LEN sent */
    struct ss_seq next;
    uint64_t next_us;      /* when nx last moved */
    uint64_t sent;         /* numbers from the ISN (or the first number seen) up to nx */
    bool probing;          /* a zero-window probe sent the octet at nx; nx has not moved for it */
    bool contiguous_known; /* mx: the end of what was seen without a gap */
    struct ss_seq contiguous;
    struct ss_verify_run runs[SS_VERIFY_RUNS_MAX]; /* seen beyond a gap, in order */
    size_t run_count;
    bool fin_known; /* M or N: the number the FIN itself occupies */
    struct ss_seq fin;
    bool fin_with_data;       /* the last octet was first sent in the FIN's own segment */
    enum ss_verify_last last; /* what its last segment was */
    uint32_t unanswered;      /* segments it sent since the other end last spoke */

    /* Its acknowledgments and windows. */
    bool ack_known; /* la: the last ack it sent */
    struct ss_seq ack;
    uint64_t ack_us;         /* when la was last sent */
    uint32_t duplicate_acks; /* in a row */
    bool edge_known;         /* ack + window at its furthest: the right edge it has offered */
    struct ss_seq edge;
    bool window_known;
    uint16_t window;     /* the last, unscaled */
    uint32_t window_max; /* the largest offered, octets (RFC 5961 section 5.2) */

    /* What it owes, and what tells its segments' age. */
    bool challenge_due;     /* it was sent what RFC 5961 answers with a challenge ACK */
    bool refused_ack_known; /* its last ack was unacceptable before the connection stood */
    struct ss_seq refused_ack;
    bool ip_id_known; /* of its newest IPv4 datagram */
    uint16_t ip_id;
    bool timestamp_known; /* TSval of its newest segment */
    uint32_t timestamp;

    uint64_t segments;
    uint64_t payload_bytes;
};

struct ss_verify {
    struct ss_verify_side sides[2];
    bool late; /* the first packet seen was not a SYN */
    bool simultaneous_open;
    bool simultaneous_close;
    bool half_close;
    bool initial_rtt_known;
    uint64_t initial_rtt_us; /* SYN to the handshake's last ACK */
    uint64_t opened_us;      /* the first SYN */
    uint64_t packets;
};

void ss_verify_init(struct ss_verify *verify);

/*
 * Judges one TCP packet that `from` sent, seen at `time_us`. `verdicts` is overwritten with every
 * check that applied to it, those that held included, in the order a reader would make them.
 */
void ss_verify_packet(struct ss_verify *verify, enum ss_side from, const struct ss_packet *packet,
                      uint64_t time_us, struct ss_verdicts *verdicts);

/*
 * Whether a packet whose checksum is not wrong is a SYN that begins a new connection on the ports
 * of one that is over (RFC 9293 section 3.4.1): ss_verify_packet then judges anew.
 */
bool ss_verify_begins_anew(const struct ss_verify *verify, enum ss_side from,
                           const struct ss_packet *packet);

/*
 * The window a packet offers in octets: scaled once both SYNs agreed to it, never in a SYN
 * (RFC 7323 section 2.2). Right after the packet was judged, and before.
 */
uint32_t ss_verify_window_bytes(const struct ss_verify *verify, enum ss_side from,
                                const struct ss_packet *packet);

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
