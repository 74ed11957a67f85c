/*
 * verify: judges the sequence arithmetic of one connection from both directions' packets.
 *
 * A pure observer: fed packet views in the order they were seen, live or from a file, it knows
 * nothing of how they were made and gives verdicts: each check with its clause of the RFC, what was
 * expected and what was there. A packet missed or seen out of order is a verdict, never an error.
 *
 * The rules. A check is listed under one name when it holds and under another when it fails; level
 * is the worst one it is given at. Notes say nothing is wrong, warnings that it is unusual.
 *
 *   ip_checksum                  held       RFC 791 3.1
 *       the IPv4 header checksum is right
 *   bad_ip_checksum              violation  RFC 791 3.1
 *       it is wrong: the datagram is dropped on its way
 *   tcp_checksum                 held       RFC 9293 3.1
 *       the TCP checksum is right
 *   bad_checksum                 violation  RFC 9293 3.1
 *       it is wrong: the receiver drops the segment
 *   checksum_offloaded           note       RFC 9293 3.1
 *       only the pseudo-header was summed: left to the card
 *   ip_malformed                 violation  RFC 791 3.1
 *       a length in the IP header cannot be
 *   tcp_malformed                violation  RFC 9293 3.1
 *       the TCP header is cut, or its data offset cannot be
 *   fragment_not_judged          note       RFC 791 3.2
 *       part of a datagram: not judged before reassembly
 *   option_malformed             violation  RFC 9293 3.2
 *       a TCP option has an impossible length
 *   option_not_allowed_here      violation  RFC 9293 3.2
 *       a SYN's option outside a SYN, or in a SYN/ACK unasked
 *   window_shift_over_14         violation  RFC 7323 2.3
 *       a window scale above 14: 14 is taken
 *   mss_missing                  note       RFC 9293 3.7.1
 *       a SYN without MSS: 536 octets (IPv6: 1220) are assumed
 *   flags_contradict             warning    RFC 9293 3.10.7
 *       SYN with FIN, or SYN with RST
 *   ack_flag_missing             violation  RFC 9293 3.10.7.4
 *       no ACK on a segment after the handshake: dropped
 *   capture_starts_late          note       RFC 9293 3.4
 *       the SYN was not seen: numbers are taken as they come
 *   reused_ports                 note       RFC 9293 3.4.1
 *       a new SYN after the connection ended: judged anew
 *   simultaneous_open            note       RFC 9293 3.5
 *       both ends sent a SYN before seeing the other's
 *   syn_in_window                warning    RFC 5961 4.2
 *       a SYN in the window of a connection that stands
 *   syn_out_of_window            warning    RFC 5961 4.2
 *       a SYN outside it, the connection standing
 *   isn_changed                  warning    RFC 9293 3.4.1
 *       a second SYN/ACK with another ISN
 *   syn_carries_data             note       RFC 9293 3.10.7.2
 *       data in a SYN without fast open: delivered later
 *   fast_open_data               note       RFC 7413 2
 *       data in a SYN, by fast open
 *   synack_seq                   held       RFC 9293 3.5
 *       simultaneous open: the SYN/ACK repeats the SYN's number
 *   synack_ack                   held       RFC 9293 3.10.7.2
 *       the SYN/ACK acknowledges J+1
 *   fast_open_ack                held       RFC 7413 4.2.2
 *       the SYN/ACK acknowledges fast open data too
 *   synack_ack_not_isn_plus_1    violation  RFC 9293 3.10.7.2
 *       the SYN/ACK acknowledges anything else
 *   half_open                    note       RFC 9293 3.5.1
 *       an old connection's end answers a SYN: a RST is due
 *   synack_not_seen              note       RFC 9293 3.5
 *       the third segment came, the SYN/ACK was missed
 *   handshake_seq                held       RFC 9293 3.10.7.3
 *       the third segment's number is J+1
 *   handshake_seq_not_isn_plus_1 violation  RFC 9293 3.10.7.3
 *       it is not (a warning where lost data explain it)
 *   handshake_ack                held       RFC 9293 3.10.7.3
 *       the third segment acknowledges K+1
 *   handshake_ack_not_isn_plus_1 violation  RFC 9293 3.10.7.4
 *       it acknowledges anything else
 *   data_before_established      violation  RFC 9293 3.10.2
 *       data before the handshake is over
 *   seq_is_snd_nxt               held       RFC 9293 3.3.1
 *       the number is the sender's SND.NXT
 *   keep_alive                   note       RFC 9293 3.8.4
 *       SND.NXT - 1 with at most one octet
 *   zero_window_probe            note       RFC 9293 3.8.6.1
 *       one octet into a closed window
 *   spurious_retransmission      note       RFC 9293 3.8.1
 *       repeats what was acknowledged already
 *   fast_retransmission          note       RFC 5681 3.2
 *       repeats after two or more duplicate ACKs
 *   retransmission               note       RFC 9293 3.8.1
 *       repeats what was sent before
 *   out_of_order                 note       RFC 9293 3.10.7.4
 *       older than what came before it
 *   lost_segment                 note       RFC 9293 3.10.7.4
 *       segments before this one were not seen
 *   segment_unacceptable         violation  RFC 9293 3.10.7.4
 *       fails the acceptability test and repeats nothing sent
 *   data_in_window               held       RFC 9293 3.8.6
 *       data end at or before the right edge (expected)
 *   data_beyond_window           violation  RFC 9293 3.8.6
 *       data end beyond the furthest right edge offered
 *   window_full                  note       RFC 9293 3.8.6
 *       data fill the window offered to the last octet
 *   data_after_fin               violation  RFC 9293 3.6
 *       data numbered at or after the sender's FIN
 *   fin_moved                    violation  RFC 9293 3.6
 *       a second FIN at another number
 *   fin_not_counted              violation  RFC 9293 3.4
 *       a later segment forgets the FIN's own number
 *   data_after_reset             violation  RFC 9293 3.10.5
 *       data from an end that sent a RST
 *   data_to_closed               warning    RFC 9293 3.10.7.1
 *       data to an end that sent a RST
 *   ack_is_rcv_nxt               held       RFC 9293 3.4
 *       acknowledges everything seen so far without a gap
 *   fin_ack                      held       RFC 9293 3.6
 *       acknowledges the FIN's own number: M+1, N+1
 *   fin_ack_missing              violation  RFC 9293 3.6
 *       acknowledges the FIN's data, not the FIN (a warning when older)
 *   ack_partial                  note       RFC 9293 3.4
 *       acknowledges less than was seen: more is on its way
 *   ack_lost_segment             note       RFC 9293 3.4
 *       acknowledges what was not seen here, below what was
 *   ack_of_unsent                violation  RFC 9293 3.10.7.4
 *       acknowledges beyond SND.NXT
 *   ack_regressed                violation  RFC 9293 3.4
 *       goes back (a note when older, a warning when that is open)
 *   ack_outside_5961_range       violation  RFC 5961 5.2
 *       goes back by more than the largest window
 *   duplicate_ack                note       RFC 5681 2
 *       the same ack and window again, without data
 *   keep_alive_ack               note       RFC 9293 3.8.4
 *       the same, answering a keep-alive
 *   zero_window_probe_ack        note       RFC 9293 3.8.6.1
 *       the same, answering a zero-window probe
 *   challenge_ack                note       RFC 5961 3.2
 *       SND.NXT and RCV.NXT, answering a SYN or a RST
 *   window_update                note       RFC 9293 3.8.6
 *       the same ack with another window
 *   zero_window                  note       RFC 9293 3.8.6
 *       the window is closed
 *   window_shrunk                warning    RFC 9293 3.8.6
 *       the right edge moved left by more than scaling rounds
 *   half_close                   note       RFC 9293 3.6
 *       data to an end whose FIN was acknowledged
 *   simultaneous_close           note       RFC 9293 3.6
 *       both ends sent a FIN before seeing the other's
 *   refusal_seq                  held       RFC 9293 3.10.7.1
 *       the RST of a closed port has seq 0
 *   refusal_seq_not_0            violation  RFC 9293 3.10.7.1
 *       it has another
 *   refusal_ack                  held       RFC 9293 3.10.7.1
 *       the RST of a closed port acknowledges J+1
 *   refusal_ack_not_isn_plus_1   violation  RFC 9293 3.10.7.1
 *       it acknowledges anything else, or nothing
 *   rst_seq_is_seg_ack           held       RFC 9293 3.10.7.3
 *       the RST to an unacceptable ACK has that ACK's number
 *   rst_seq_not_seg_ack          violation  RFC 9293 3.10.7.3
 *       it has another
 *   rst_exact                    held       RFC 5961 3.2
 *       the RST's number is RCV.NXT: the connection ends
 *   rst_in_window                warning    RFC 5961 3.2
 *       in the window, not exact: answered by a challenge ACK
 *   rst_out_of_window            warning    RFC 5961 3.2
 *       outside the window: dropped
 *   rst_not_judged               note       RFC 5961 3.2
 *       the window is not known: taken as exact
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

/* One row of the table above. */
struct ss_verify_rule {
    const char *name;
    const char *clause;
    enum ss_verdict_level level; /* the worst it is given at */
    const char *meaning;
};

/* All rules, in the order of the table above; static storage. `count` gets their number. */
const struct ss_verify_rule *ss_verify_rules(size_t *count);

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
