/*
 * verify_rule: the rules that verify judges by: their numbers, names and clauses.
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
 *   options_after_end            warning    RFC 9293 3.1
 *       octets that are not 0 after the end of the options
 *   window_shift_over_14         violation  RFC 7323 2.3
 *       a window scale above 14: 14 is taken
 *   mss_missing                  note       RFC 9293 3.7.1
 *       a SYN without MSS: 536 octets (IPv6: 1220) are assumed
 *   flags_contradict             warning    RFC 9293 3.10.7
 *       SYN with FIN, or SYN with RST
 *   urgent_without_flag          note       RFC 9293 3.8.5
 *       an urgent pointer without URG: it means nothing
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
 *   isn_predictable              warning    RFC 6528 3
 *       the ISNs of this host can be foretold, missed by at most so much (expected: by chance)
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
 *   rto_not_doubled              warning    RFC 6298 5.5
 *       the timer was not doubled from one timeout to the next
 *   retransmitted_too_early      note       RFC 6298 2
 *       sooner than any ACK ever came back
 *   out_of_order                 note       RFC 9293 3.10.7.4
 *       older than what came before it
 *   conflicting_overlap          violation  RFC 9293 3.8.1
 *       the same numbers carry other octets than before
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
 *   karn_ambiguous               note       RFC 6298 3
 *       acknowledges what was sent twice: no time is measured by it
 *   challenge_ack                note       RFC 5961 3.2
 *       SND.NXT and RCV.NXT, answering a SYN or a RST
 *   window_update                note       RFC 9293 3.8.6
 *       the same ack with another window
 *   zero_window                  note       RFC 9293 3.8.6
 *       the window is closed
 *   window_shrunk                warning    RFC 9293 3.8.6
 *       the right edge moved left by more than scaling rounds
 *   timestamp_missing            violation  RFC 7323 3.2
 *       both SYNs had timestamps, this segment has none
 *   timestamp_regressed          violation  RFC 7323 4.1
 *       the clock goes back (a warning when an older segment is possible)
 *   paws_rejected                warning    RFC 7323 5.3
 *       older than what the receiver has: dropped as a duplicate
 *   timestamp_echo_unknown       violation  RFC 7323 3.2
 *       echoes what was not sent (a warning when not all was seen)
 *   dsack                        note       RFC 2883 4
 *       the first block tells of what came twice
 *   sack_outside                 violation  RFC 2018 3
 *       a block holds what was not sent, or nothing
 *   sack_below_ack               violation  RFC 2018 3
 *       a block begins below the ACK
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
#ifndef SYNSTEP_VERIFY_RULE_H
#define SYNSTEP_VERIFY_RULE_H

#include <stdbool.h>
#include <stddef.h>

enum ss_verdict_level {
    SS_VERDICT_HELD,      /* the check was made and its numbers are right */
    SS_VERDICT_NOTE,      /* worth saying, nothing wrong: a retransmission, a challenge ACK */
    SS_VERDICT_WARNING,   /* unusual, but not forbidden */
    SS_VERDICT_VIOLATION, /* the clause is broken */
};

/* The rows of the table above. */
enum ss_rule {
    SS_RULE_IP_CHECKSUM,
    SS_RULE_BAD_IP_CHECKSUM,
    SS_RULE_TCP_CHECKSUM,
    SS_RULE_BAD_CHECKSUM,
    SS_RULE_CHECKSUM_OFFLOADED,
    SS_RULE_IP_MALFORMED,
    SS_RULE_TCP_MALFORMED,
    SS_RULE_FRAGMENT_NOT_JUDGED,
    SS_RULE_OPTION_MALFORMED,
    SS_RULE_OPTION_NOT_ALLOWED_HERE,
    SS_RULE_OPTIONS_AFTER_END,
    SS_RULE_WINDOW_SHIFT_OVER_14,
    SS_RULE_MSS_MISSING,
    SS_RULE_FLAGS_CONTRADICT,
    SS_RULE_URGENT_WITHOUT_FLAG,
    SS_RULE_ACK_FLAG_MISSING,
    SS_RULE_CAPTURE_STARTS_LATE,
    SS_RULE_REUSED_PORTS,
    SS_RULE_SIMULTANEOUS_OPEN,
    SS_RULE_SYN_IN_WINDOW,
    SS_RULE_SYN_OUT_OF_WINDOW,
    SS_RULE_ISN_CHANGED,
    SS_RULE_ISN_PREDICTABLE,
    SS_RULE_SYN_CARRIES_DATA,
    SS_RULE_FAST_OPEN_DATA,
    SS_RULE_SYNACK_SEQ,
    SS_RULE_SYNACK_ACK,
    SS_RULE_FAST_OPEN_ACK,
    SS_RULE_SYNACK_ACK_NOT_ISN_PLUS_1,
    SS_RULE_HALF_OPEN,
    SS_RULE_SYNACK_NOT_SEEN,
    SS_RULE_HANDSHAKE_SEQ,
    SS_RULE_HANDSHAKE_SEQ_NOT_ISN_PLUS_1,
    SS_RULE_HANDSHAKE_ACK,
    SS_RULE_HANDSHAKE_ACK_NOT_ISN_PLUS_1,
    SS_RULE_DATA_BEFORE_ESTABLISHED,
    SS_RULE_SEQ_IS_SND_NXT,
    SS_RULE_KEEP_ALIVE,
    SS_RULE_ZERO_WINDOW_PROBE,
    SS_RULE_SPURIOUS_RETRANSMISSION,
    SS_RULE_FAST_RETRANSMISSION,
    SS_RULE_RETRANSMISSION,
    SS_RULE_RTO_NOT_DOUBLED,
    SS_RULE_RETRANSMITTED_TOO_EARLY,
    SS_RULE_OUT_OF_ORDER,
    SS_RULE_CONFLICTING_OVERLAP,
    SS_RULE_LOST_SEGMENT,
    SS_RULE_SEGMENT_UNACCEPTABLE,
    SS_RULE_DATA_IN_WINDOW,
    SS_RULE_DATA_BEYOND_WINDOW,
    SS_RULE_WINDOW_FULL,
    SS_RULE_DATA_AFTER_FIN,
    SS_RULE_FIN_MOVED,
    SS_RULE_FIN_NOT_COUNTED,
    SS_RULE_DATA_AFTER_RESET,
    SS_RULE_DATA_TO_CLOSED,
    SS_RULE_ACK_IS_RCV_NXT,
    SS_RULE_FIN_ACK,
    SS_RULE_FIN_ACK_MISSING,
    SS_RULE_ACK_PARTIAL,
    SS_RULE_ACK_LOST_SEGMENT,
    SS_RULE_ACK_OF_UNSENT,
    SS_RULE_ACK_REGRESSED,
    SS_RULE_ACK_OUTSIDE_5961_RANGE,
    SS_RULE_DUPLICATE_ACK,
    SS_RULE_KEEP_ALIVE_ACK,
    SS_RULE_ZERO_WINDOW_PROBE_ACK,
    SS_RULE_KARN_AMBIGUOUS,
    SS_RULE_CHALLENGE_ACK,
    SS_RULE_WINDOW_UPDATE,
    SS_RULE_ZERO_WINDOW,
    SS_RULE_WINDOW_SHRUNK,
    SS_RULE_TIMESTAMP_MISSING,
    SS_RULE_TIMESTAMP_REGRESSED,
    SS_RULE_PAWS_REJECTED,
    SS_RULE_TIMESTAMP_ECHO_UNKNOWN,
    SS_RULE_DSACK,
    SS_RULE_SACK_OUTSIDE,
    SS_RULE_SACK_BELOW_ACK,
    SS_RULE_HALF_CLOSE,
    SS_RULE_SIMULTANEOUS_CLOSE,
    SS_RULE_REFUSAL_SEQ,
    SS_RULE_REFUSAL_SEQ_NOT_0,
    SS_RULE_REFUSAL_ACK,
    SS_RULE_REFUSAL_ACK_NOT_ISN_PLUS_1,
    SS_RULE_RST_SEQ_IS_SEG_ACK,
    SS_RULE_RST_SEQ_NOT_SEG_ACK,
    SS_RULE_RST_EXACT,
    SS_RULE_RST_IN_WINDOW,
    SS_RULE_RST_OUT_OF_WINDOW,
    SS_RULE_RST_NOT_JUDGED,
    SS_RULES /* how many there are */
};

/* One row of the table above. */
struct ss_verify_rule {
    const char *name;
    const char *clause;
    enum ss_verdict_level level; /* the worst it is given at */
    const char *meaning;
};

/* All rules, in the order of the table above; static storage. `count` gets their number. */
const struct ss_verify_rule *ss_verify_rules(size_t *count);

/* "held", "note", "warning", "violation": static storage. */
const char *ss_verdict_level_name(enum ss_verdict_level level);

/* "synack_ack_not_isn_plus_1" and "RFC 9293 3.10.7.2"; static storage. */
const char *ss_rule_name(enum ss_rule rule);
const char *ss_rule_clause(enum ss_rule rule);
const char *ss_rule_meaning(enum ss_rule rule);

/* The rule of that name. False, `rule` untouched, when there is none. */
bool ss_rule_from_name(const char *name, enum ss_rule *rule);

#endif
