/*
 * verify: judges the sequence arithmetic of one connection from both directions' packets.
 *
 * A pure observer: fed packet views in the order they were seen, live or from a file, it knows
 * nothing of how they were made and gives verdicts: each check with its clause of the RFC, what was
 * expected and what was there. A packet missed or seen out of order is a verdict, never an error.
 *
 * Memory: struct ss_verify is at most 400 octets. Beyond that a connection needs a struct
 * ss_verify_extra only while it is busy (synstep/verify_extra.h); nothing here allocates.
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

struct ss_verify_extra;
struct ss_verify_analysis;

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

/* What an end's last segment was, as far as the answer to it depends on that. */
enum ss_verify_last {
    SS_LAST_PLAIN,
    SS_LAST_KEEP_ALIVE,
    SS_LAST_ZERO_WINDOW_PROBE,
};

/* What is known of one end from what it sent. Every number has its own "known" bit: 0 is a number.
 */
struct ss_verify_side {
    uint64_t next_us;   /* when `seen` last moved */
    uint64_t ack_us;    /* its last ACK */
    uint64_t recent_us; /* when TS.Recent was taken */
    uint64_t sent;      /* numbers from the ISN (or the first number seen) up to nx */
    uint64_t segments;
    uint64_t payload_bytes;

    /* Its SYN. */
    struct ss_seq isn;    /* J or K */
    uint32_t syn_payload; /* octets that its SYN carried */

    /* Its stream. */
    struct ss_seq next;       /* nx: highest seq + SEG.LEN sent */
    struct ss_seq contiguous; /* mx: the end of what was seen without a gap */
    struct ss_seq fin;        /* M or N: the number the FIN itself occupies */
    uint32_t next_frame;      /* the one in which `seen` last moved */
    uint32_t unanswered;      /* segments it sent since the other end last spoke */
    uint32_t pushed;          /* octets since the segment after its last PSH */

    /* Its acknowledgments and windows. */
    struct ss_seq ack;       /* la: the last ack it sent */
    uint32_t ack_frame;      /* the one in which la was first sent */
    uint32_t duplicate_acks; /* in a row */
    struct ss_seq edge;      /* ack + window at its furthest: the right edge it has offered */
    uint32_t window_max;     /* the largest offered, octets (RFC 5961 section 5.2) */
    uint32_t rtt_min_us;     /* the shortest time until an ACK of what it sent; 0: none yet */
    uint16_t window;         /* the last, unscaled */
    uint16_t mss;            /* 536 (1220 for IPv6) until its SYN says otherwise */

    struct ss_seq claim; /* the last ack it sent of what was not seen */

    /* As capture analysers count, whatever the other end takes of it. */
    struct ss_seq seen;  /* the highest seq + SEG.LEN of its segments; a probe's once it is taken */
    struct ss_seq said;  /* the last ack */
    struct ss_seq reach; /* mx: `seen` when a segment last began there, or a gap was told */

    /* What it owes, and what tells its segments' age. */
    struct ss_seq refused_ack;
    uint32_t timestamp;       /* the newest TSval it sent */
    uint32_t timestamp_first; /* the one on its SYN, or the first that was seen */
    uint32_t recent;          /* TS.Recent as the other end keeps it (RFC 7323 section 4.3) */
    uint16_t ip_id;           /* of its newest IPv4 datagram */

    uint8_t shift;
    uint8_t state; /* enum ss_tcp_state, as RFC 9293 has it for an end that sent and saw these */
    uint8_t last;  /* enum ss_verify_last: what its last segment was */
    uint8_t last_flag; /* … as capture analysers count */

    bool passive; /* it came from LISTEN */
    bool reset;   /* it sent a RST that counts */
    bool isn_known;
    bool syn_sent;        /* a SYN without ACK was seen */
    bool synack_sent;     /* a SYN with ACK was seen */
    bool syn_seen;        /* its options are known, not only its ISN */
    bool handshake_done;  /* it sent an acceptable segment after its SYN */
    bool fast_open;       /* its SYN carried the option of RFC 7413 */
    bool shift_offered;   /* its SYN carried a window scale option */
    bool timestamps_sent; /* its SYN carried timestamps */
    bool sack_permitted;  /* its SYN said that it takes SACK */
    bool next_known;
    bool probing; /* a zero-window probe sent the octet at nx; nx has not moved for it */
    bool contiguous_known;
    bool fin_known;
    bool fin_with_data; /* the last octet was first sent in the FIN's own segment */
    bool push_last;     /* the last segment with data had PSH */
    bool uncounted; /* after a gap, until the other end speaks: what is in flight is not known */
    bool ack_known;
    bool claim_known;
    bool seen_known;
    bool said_known;
    bool edge_known;
    bool window_known;
    bool challenge_due;     /* it was sent what RFC 5961 answers with a challenge ACK */
    bool refused_ack_known; /* its last ack was unacceptable before the connection stood */
    bool ip_id_known;
    bool timestamp_known;
    bool recent_known;
};

/* Parts of a connection that were seen, or-ed: the numbers capture analysers give them. */
enum ss_verify_completeness {
    SS_COMPLETE_SYN = 1,
    SS_COMPLETE_SYN_ACK = 2,
    SS_COMPLETE_ACK = 4,
    SS_COMPLETE_DATA = 8,
    SS_COMPLETE_FIN = 16,
    SS_COMPLETE_RST = 32,
};

/* Who ended it. */
enum ss_verify_closer {
    SS_CLOSED_BY_NONE,
    SS_CLOSED_BY_A, /* the first FIN, or the first RST that counts */
    SS_CLOSED_BY_B,
};

/* One connection. What only a busy one needs lies in a struct ss_verify_extra. */
struct ss_verify {
    struct ss_verify_side sides[2];
    uint64_t initial_rtt_us; /* SYN, the last where it was repeated, to the handshake's last ACK */
    uint64_t opened_us;      /* that SYN */
    uint64_t packets;
    uint8_t completeness; /* enum ss_verify_completeness */
    uint8_t closer;       /* enum ss_verify_closer */
    bool late;            /* the first packet seen was not a SYN */
    bool simultaneous_open;
    bool simultaneous_close;
    bool half_close;
    bool initial_rtt_known;
};

_Static_assert(sizeof(struct ss_verify) <= 400, "a million connections have to fit");

void ss_verify_init(struct ss_verify *verify);

/* What a caller wishes; or-ed. */
enum ss_verify_wish {
    SS_WISH_HELD = 1,        /* the checks that held, too: without it they cost nothing */
    SS_WISH_DIGEST = 2,      /* payloads are remembered by their digest, for conflicting_overlap */
    SS_WISH_LOSSY = 8,       /* the capture may lack packets that were sent: see ss_verify_judge */
    SS_WISH_FRAMES_STAY = 4, /* frames stay where they are as long as `extra`: compared as such */
};

/* One packet as it was seen. */
struct ss_verify_input {
    const struct ss_packet *packet;
    uint64_t time_us;
    struct ss_verify_extra *extra; /* this connection's; NULL: see synstep/verify_extra.h */
    uint32_t frame;                /* its number in the capture */
    uint32_t wishes;               /* enum ss_verify_wish */
    enum ss_side from;
};

/*
 * Judges one TCP packet. `verdicts` is overwritten with what applied to it, in the order a reader
 * would make the checks. `analysis`, unless NULL, is overwritten with what capture analysers say.
 *
 * An ACK of what was not seen is ack_of_unsent, and its receiver ignores it (RFC 9293 section
 * 3.10.7.4). But a capture that lacks packets, or one direction, looks the same. With SS_WISH_LOSSY
 * an end is believed the second time, or where nothing of the other end was seen at all: then what
 * it acknowledges was sent, and ack_lost_segment says that it was not seen.
 */
void ss_verify_judge(struct ss_verify *verify, const struct ss_verify_input *input,
                     struct ss_verdicts *verdicts, struct ss_verify_analysis *analysis);

/* The same with all checks that held, frames numbered as they come, payloads kept by digest. */
void ss_verify_packet(struct ss_verify *verify, struct ss_verify_extra *extra, enum ss_side from,
                      const struct ss_packet *packet, uint64_t time_us,
                      struct ss_verdicts *verdicts);

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
