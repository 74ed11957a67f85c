/*
 * verify_rule: the table of rules, and how a verdict of one is written down.
 */
#include "verify_internal.h"

static const struct ss_verify_rule rules[SS_RULES] = {
    [SS_RULE_IP_CHECKSUM] = {"ip_checksum", "RFC 791 3.1", SS_VERDICT_HELD,
                             "the IPv4 header checksum is right"},
    [SS_RULE_BAD_IP_CHECKSUM] = {"bad_ip_checksum", "RFC 791 3.1", SS_VERDICT_VIOLATION,
                                 "it is wrong: the datagram is dropped on its way"},
    [SS_RULE_TCP_CHECKSUM] = {"tcp_checksum", "RFC 9293 3.1", SS_VERDICT_HELD,
                              "the TCP checksum is right"},
    [SS_RULE_BAD_CHECKSUM] = {"bad_checksum", "RFC 9293 3.1", SS_VERDICT_VIOLATION,
                              "it is wrong: the receiver drops the segment"},
    [SS_RULE_CHECKSUM_OFFLOADED] = {"checksum_offloaded", "RFC 9293 3.1", SS_VERDICT_NOTE,
                                    "only the pseudo-header was summed: left to the card"},
    [SS_RULE_IP_MALFORMED] = {"ip_malformed", "RFC 791 3.1", SS_VERDICT_VIOLATION,
                              "a length in the IP header cannot be"},
    [SS_RULE_TCP_MALFORMED] = {"tcp_malformed", "RFC 9293 3.1", SS_VERDICT_VIOLATION,
                               "the TCP header is cut, or its data offset cannot be"},
    [SS_RULE_FRAGMENT_NOT_JUDGED] = {"fragment_not_judged", "RFC 791 3.2", SS_VERDICT_NOTE,
                                     "part of a datagram: not judged before reassembly"},
    [SS_RULE_OPTION_MALFORMED] = {"option_malformed", "RFC 9293 3.2", SS_VERDICT_VIOLATION,
                                  "a TCP option has an impossible length"},
    [SS_RULE_OPTION_NOT_ALLOWED_HERE] = {"option_not_allowed_here", "RFC 9293 3.2",
                                         SS_VERDICT_VIOLATION,
                                         "a SYN's option outside a SYN, or in a SYN/ACK unasked"},
    [SS_RULE_OPTIONS_AFTER_END] = {"options_after_end", "RFC 9293 3.1", SS_VERDICT_WARNING,
                                   "octets that are not 0 after the end of the options"},
    [SS_RULE_WINDOW_SHIFT_OVER_14] = {"window_shift_over_14", "RFC 7323 2.3", SS_VERDICT_VIOLATION,
                                      "a window scale above 14: 14 is taken"},
    [SS_RULE_MSS_MISSING] = {"mss_missing", "RFC 9293 3.7.1", SS_VERDICT_NOTE,
                             "a SYN without MSS: 536 octets (IPv6: 1220) are assumed"},
    [SS_RULE_FLAGS_CONTRADICT] = {"flags_contradict", "RFC 9293 3.10.7", SS_VERDICT_WARNING,
                                  "SYN with FIN, or SYN with RST"},
    [SS_RULE_URGENT_WITHOUT_FLAG] = {"urgent_without_flag", "RFC 9293 3.8.5", SS_VERDICT_NOTE,
                                     "an urgent pointer without URG: it means nothing"},
    [SS_RULE_ACK_FLAG_MISSING] = {"ack_flag_missing", "RFC 9293 3.10.7.4", SS_VERDICT_VIOLATION,
                                  "no ACK on a segment after the handshake: dropped"},
    [SS_RULE_CAPTURE_STARTS_LATE] = {"capture_starts_late", "RFC 9293 3.4", SS_VERDICT_NOTE,
                                     "the SYN was not seen: numbers are taken as they come"},
    [SS_RULE_REUSED_PORTS] = {"reused_ports", "RFC 9293 3.4.1", SS_VERDICT_NOTE,
                              "a new SYN after the connection ended: judged anew"},
    [SS_RULE_SIMULTANEOUS_OPEN] = {"simultaneous_open", "RFC 9293 3.5", SS_VERDICT_NOTE,
                                   "both ends sent a SYN before seeing the other's"},
    [SS_RULE_SYN_IN_WINDOW] = {"syn_in_window", "RFC 5961 4.2", SS_VERDICT_WARNING,
                               "a SYN in the window of a connection that stands"},
    [SS_RULE_SYN_OUT_OF_WINDOW] = {"syn_out_of_window", "RFC 5961 4.2", SS_VERDICT_WARNING,
                                   "a SYN outside it, the connection standing"},
    [SS_RULE_ISN_CHANGED] = {"isn_changed", "RFC 9293 3.4.1", SS_VERDICT_WARNING,
                             "a second SYN/ACK with another ISN"},
    [SS_RULE_ISN_PREDICTABLE] =
        {"isn_predictable", "RFC 6528 3", SS_VERDICT_WARNING,
         "the ISNs of this host can be foretold, missed by at most so much (expected: by chance)"},
    [SS_RULE_SYN_CARRIES_DATA] = {"syn_carries_data", "RFC 9293 3.10.7.2", SS_VERDICT_NOTE,
                                  "data in a SYN without fast open: delivered later"},
    [SS_RULE_FAST_OPEN_DATA] = {"fast_open_data", "RFC 7413 2", SS_VERDICT_NOTE,
                                "data in a SYN, by fast open"},
    [SS_RULE_SYNACK_SEQ] = {"synack_seq", "RFC 9293 3.5", SS_VERDICT_HELD,
                            "simultaneous open: the SYN/ACK repeats the SYN's number"},
    [SS_RULE_SYNACK_ACK] = {"synack_ack", "RFC 9293 3.10.7.2", SS_VERDICT_HELD,
                            "the SYN/ACK acknowledges J+1"},
    [SS_RULE_FAST_OPEN_ACK] = {"fast_open_ack", "RFC 7413 4.2.2", SS_VERDICT_HELD,
                               "the SYN/ACK acknowledges fast open data too"},
    [SS_RULE_SYNACK_ACK_NOT_ISN_PLUS_1] = {"synack_ack_not_isn_plus_1", "RFC 9293 3.10.7.2",
                                           SS_VERDICT_VIOLATION,
                                           "the SYN/ACK acknowledges anything else"},
    [SS_RULE_HALF_OPEN] = {"half_open", "RFC 9293 3.5.1", SS_VERDICT_NOTE,
                           "an old connection's end answers a SYN: a RST is due"},
    [SS_RULE_SYNACK_NOT_SEEN] = {"synack_not_seen", "RFC 9293 3.5", SS_VERDICT_NOTE,
                                 "the third segment came, the SYN/ACK was missed"},
    [SS_RULE_HANDSHAKE_SEQ] = {"handshake_seq", "RFC 9293 3.10.7.3", SS_VERDICT_HELD,
                               "the third segment's number is J+1"},
    [SS_RULE_HANDSHAKE_SEQ_NOT_ISN_PLUS_1] = {"handshake_seq_not_isn_plus_1", "RFC 9293 3.10.7.3",
                                              SS_VERDICT_VIOLATION,
                                              "it is not (a warning where lost data explain it)"},
    [SS_RULE_HANDSHAKE_ACK] = {"handshake_ack", "RFC 9293 3.10.7.3", SS_VERDICT_HELD,
                               "the third segment acknowledges K+1"},
    [SS_RULE_HANDSHAKE_ACK_NOT_ISN_PLUS_1] = {"handshake_ack_not_isn_plus_1", "RFC 9293 3.10.7.4",
                                              SS_VERDICT_VIOLATION,
                                              "it acknowledges anything else"},
    [SS_RULE_DATA_BEFORE_ESTABLISHED] = {"data_before_established", "RFC 9293 3.10.2",
                                         SS_VERDICT_VIOLATION, "data before the handshake is over"},
    [SS_RULE_SEQ_IS_SND_NXT] = {"seq_is_snd_nxt", "RFC 9293 3.3.1", SS_VERDICT_HELD,
                                "the number is the sender's SND.NXT"},
    [SS_RULE_KEEP_ALIVE] = {"keep_alive", "RFC 9293 3.8.4", SS_VERDICT_NOTE,
                            "SND.NXT - 1 with at most one octet"},
    [SS_RULE_ZERO_WINDOW_PROBE] = {"zero_window_probe", "RFC 9293 3.8.6.1", SS_VERDICT_NOTE,
                                   "one octet into a closed window"},
    [SS_RULE_SPURIOUS_RETRANSMISSION] = {"spurious_retransmission", "RFC 9293 3.8.1",
                                         SS_VERDICT_NOTE, "repeats what was acknowledged already"},
    [SS_RULE_FAST_RETRANSMISSION] = {"fast_retransmission", "RFC 5681 3.2", SS_VERDICT_NOTE,
                                     "repeats after two or more duplicate ACKs"},
    [SS_RULE_RETRANSMISSION] = {"retransmission", "RFC 9293 3.8.1", SS_VERDICT_NOTE,
                                "repeats what was sent before"},
    [SS_RULE_RTO_NOT_DOUBLED] = {"rto_not_doubled", "RFC 6298 5.5", SS_VERDICT_WARNING,
                                 "the timer was not doubled from one timeout to the next"},
    [SS_RULE_RETRANSMITTED_TOO_EARLY] = {"retransmitted_too_early", "RFC 6298 2", SS_VERDICT_NOTE,
                                         "sooner than any ACK ever came back"},
    [SS_RULE_OUT_OF_ORDER] = {"out_of_order", "RFC 9293 3.10.7.4", SS_VERDICT_NOTE,
                              "older than what came before it"},
    [SS_RULE_CONFLICTING_OVERLAP] = {"conflicting_overlap", "RFC 9293 3.8.1", SS_VERDICT_VIOLATION,
                                     "the same numbers carry other octets than before"},
    [SS_RULE_LOST_SEGMENT] = {"lost_segment", "RFC 9293 3.10.7.4", SS_VERDICT_NOTE,
                              "segments before this one were not seen"},
    [SS_RULE_SEGMENT_UNACCEPTABLE] = {"segment_unacceptable", "RFC 9293 3.10.7.4",
                                      SS_VERDICT_VIOLATION,
                                      "fails the acceptability test and repeats nothing sent"},
    [SS_RULE_DATA_IN_WINDOW] = {"data_in_window", "RFC 9293 3.8.6", SS_VERDICT_HELD,
                                "data end at or before the right edge (expected)"},
    [SS_RULE_DATA_BEYOND_WINDOW] = {"data_beyond_window", "RFC 9293 3.8.6", SS_VERDICT_VIOLATION,
                                    "data end beyond the furthest right edge offered"},
    [SS_RULE_WINDOW_FULL] = {"window_full", "RFC 9293 3.8.6", SS_VERDICT_NOTE,
                             "data fill the window offered to the last octet"},
    [SS_RULE_DATA_AFTER_FIN] = {"data_after_fin", "RFC 9293 3.6", SS_VERDICT_VIOLATION,
                                "data numbered at or after the sender's FIN"},
    [SS_RULE_FIN_MOVED] = {"fin_moved", "RFC 9293 3.6", SS_VERDICT_VIOLATION,
                           "a second FIN at another number"},
    [SS_RULE_FIN_NOT_COUNTED] = {"fin_not_counted", "RFC 9293 3.4", SS_VERDICT_VIOLATION,
                                 "a later segment forgets the FIN's own number"},
    [SS_RULE_DATA_AFTER_RESET] = {"data_after_reset", "RFC 9293 3.10.5", SS_VERDICT_VIOLATION,
                                  "data from an end that sent a RST"},
    [SS_RULE_DATA_TO_CLOSED] = {"data_to_closed", "RFC 9293 3.10.7.1", SS_VERDICT_WARNING,
                                "data to an end that sent a RST"},
    [SS_RULE_ACK_IS_RCV_NXT] = {"ack_is_rcv_nxt", "RFC 9293 3.4", SS_VERDICT_HELD,
                                "acknowledges everything seen so far without a gap"},
    [SS_RULE_FIN_ACK] = {"fin_ack", "RFC 9293 3.6", SS_VERDICT_HELD,
                         "acknowledges the FIN's own number: M+1, N+1"},
    [SS_RULE_FIN_ACK_MISSING] = {"fin_ack_missing", "RFC 9293 3.6", SS_VERDICT_VIOLATION,
                                 "acknowledges the FIN's data, not the FIN (a warning when older)"},
    [SS_RULE_ACK_PARTIAL] = {"ack_partial", "RFC 9293 3.4", SS_VERDICT_NOTE,
                             "acknowledges less than was seen: more is on its way"},
    [SS_RULE_ACK_LOST_SEGMENT] = {"ack_lost_segment", "RFC 9293 3.4", SS_VERDICT_NOTE,
                                  "acknowledges what was not seen here, below what was"},
    [SS_RULE_ACK_OF_UNSENT] = {"ack_of_unsent", "RFC 9293 3.10.7.4", SS_VERDICT_VIOLATION,
                               "acknowledges beyond SND.NXT"},
    [SS_RULE_ACK_REGRESSED] = {"ack_regressed", "RFC 9293 3.4", SS_VERDICT_VIOLATION,
                               "goes back (a note when older, a warning when that is open)"},
    [SS_RULE_ACK_OUTSIDE_5961_RANGE] = {"ack_outside_5961_range", "RFC 5961 5.2",
                                        SS_VERDICT_VIOLATION,
                                        "goes back by more than the largest window"},
    [SS_RULE_DUPLICATE_ACK] = {"duplicate_ack", "RFC 5681 2", SS_VERDICT_NOTE,
                               "the same ack and window again, without data"},
    [SS_RULE_KEEP_ALIVE_ACK] = {"keep_alive_ack", "RFC 9293 3.8.4", SS_VERDICT_NOTE,
                                "the same, answering a keep-alive"},
    [SS_RULE_ZERO_WINDOW_PROBE_ACK] = {"zero_window_probe_ack", "RFC 9293 3.8.6.1", SS_VERDICT_NOTE,
                                       "the same, answering a zero-window probe"},
    [SS_RULE_KARN_AMBIGUOUS] = {"karn_ambiguous", "RFC 6298 3", SS_VERDICT_NOTE,
                                "acknowledges what was sent twice: no time is measured by it"},
    [SS_RULE_CHALLENGE_ACK] = {"challenge_ack", "RFC 5961 3.2", SS_VERDICT_NOTE,
                               "SND.NXT and RCV.NXT, answering a SYN or a RST"},
    [SS_RULE_WINDOW_UPDATE] = {"window_update", "RFC 9293 3.8.6", SS_VERDICT_NOTE,
                               "the same ack with another window"},
    [SS_RULE_ZERO_WINDOW] = {"zero_window", "RFC 9293 3.8.6", SS_VERDICT_NOTE,
                             "the window is closed"},
    [SS_RULE_WINDOW_SHRUNK] = {"window_shrunk", "RFC 9293 3.8.6", SS_VERDICT_WARNING,
                               "the right edge moved left by more than scaling rounds"},
    [SS_RULE_TIMESTAMP_MISSING] = {"timestamp_missing", "RFC 7323 3.2", SS_VERDICT_VIOLATION,
                                   "both SYNs had timestamps, this segment has none"},
    [SS_RULE_TIMESTAMP_REGRESSED] =
        {"timestamp_regressed", "RFC 7323 4.1", SS_VERDICT_VIOLATION,
         "the clock goes back (a warning when an older segment is possible)"},
    [SS_RULE_PAWS_REJECTED] = {"paws_rejected", "RFC 7323 5.3", SS_VERDICT_WARNING,
                               "older than what the receiver has: dropped as a duplicate"},
    [SS_RULE_TIMESTAMP_ECHO_UNKNOWN] =
        {"timestamp_echo_unknown", "RFC 7323 3.2", SS_VERDICT_VIOLATION,
         "echoes what was not sent (a warning when not all was seen)"},
    [SS_RULE_DSACK] = {"dsack", "RFC 2883 4", SS_VERDICT_NOTE,
                       "the first block tells of what came twice"},
    [SS_RULE_SACK_OUTSIDE] = {"sack_outside", "RFC 2018 3", SS_VERDICT_VIOLATION,
                              "a block holds what was not sent, or nothing"},
    [SS_RULE_SACK_BELOW_ACK] = {"sack_below_ack", "RFC 2018 3", SS_VERDICT_VIOLATION,
                                "a block begins below the ACK"},
    [SS_RULE_HALF_CLOSE] = {"half_close", "RFC 9293 3.6", SS_VERDICT_NOTE,
                            "data to an end whose FIN was acknowledged"},
    [SS_RULE_SIMULTANEOUS_CLOSE] = {"simultaneous_close", "RFC 9293 3.6", SS_VERDICT_NOTE,
                                    "both ends sent a FIN before seeing the other's"},
    [SS_RULE_REFUSAL_SEQ] = {"refusal_seq", "RFC 9293 3.10.7.1", SS_VERDICT_HELD,
                             "the RST of a closed port has seq 0"},
    [SS_RULE_REFUSAL_SEQ_NOT_0] = {"refusal_seq_not_0", "RFC 9293 3.10.7.1", SS_VERDICT_VIOLATION,
                                   "it has another"},
    [SS_RULE_REFUSAL_ACK] = {"refusal_ack", "RFC 9293 3.10.7.1", SS_VERDICT_HELD,
                             "the RST of a closed port acknowledges J+1"},
    [SS_RULE_REFUSAL_ACK_NOT_ISN_PLUS_1] = {"refusal_ack_not_isn_plus_1", "RFC 9293 3.10.7.1",
                                            SS_VERDICT_VIOLATION,
                                            "it acknowledges anything else, or nothing"},
    [SS_RULE_RST_SEQ_IS_SEG_ACK] = {"rst_seq_is_seg_ack", "RFC 9293 3.10.7.3", SS_VERDICT_HELD,
                                    "the RST to an unacceptable ACK has that ACK's number"},
    [SS_RULE_RST_SEQ_NOT_SEG_ACK] = {"rst_seq_not_seg_ack", "RFC 9293 3.10.7.3",
                                     SS_VERDICT_VIOLATION, "it has another"},
    [SS_RULE_RST_EXACT] = {"rst_exact", "RFC 5961 3.2", SS_VERDICT_HELD,
                           "the RST's number is RCV.NXT: the connection ends"},
    [SS_RULE_RST_IN_WINDOW] = {"rst_in_window", "RFC 5961 3.2", SS_VERDICT_WARNING,
                               "in the window, not exact: answered by a challenge ACK"},
    [SS_RULE_RST_OUT_OF_WINDOW] = {"rst_out_of_window", "RFC 5961 3.2", SS_VERDICT_WARNING,
                                   "outside the window: dropped"},
    [SS_RULE_RST_NOT_JUDGED] = {"rst_not_judged", "RFC 5961 3.2", SS_VERDICT_NOTE,
                                "the window is not known: taken as exact"},
};

const struct ss_verify_rule *ss_verify_rules(size_t *count)
{
    *count = SS_RULES;
    return rules;
}

const char *ss_rule_name(enum ss_rule rule)
{
    return rules[rule].name;
}

const char *ss_rule_clause(enum ss_rule rule)
{
    return rules[rule].clause;
}

const char *ss_rule_meaning(enum ss_rule rule)
{
    return rules[rule].meaning;
}

/* Floor 2 has no strcmp. */
static bool is_same_text(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

bool ss_rule_from_name(const char *name, enum ss_rule *rule)
{
    for (int i = 0; i < SS_RULES; i++) {
        if (!is_same_text(rules[i].name, name))
            continue;
        *rule = (enum ss_rule)i;
        return true;
    }
    return false;
}

/* Room for a verdict: a new one, or, when all are taken, that of the last check that only held. */
static struct ss_verdict *room(struct ss_verdicts *verdicts)
{
    if (verdicts->count < SS_VERDICTS_MAX)
        return &verdicts->list[verdicts->count++];
    for (size_t i = SS_VERDICTS_MAX; i-- > 0;)
        if (verdicts->list[i].level == SS_VERDICT_HELD)
            return &verdicts->list[i];
    return NULL;
}

void ss_verify_say_at(struct ss_verify_case *c, enum ss_rule rule, enum ss_verdict_level level,
                      struct ss_verify_pair pair)
{
    if (level == SS_VERDICT_HELD && !(c->wishes & SS_WISH_HELD))
        return;
    struct ss_verdict *verdict = room(c->verdicts);
    if (!verdict)
        return;
    *verdict = (struct ss_verdict){
        .rule = rule,
        .level = level,
        .numbers = pair.numbers,
        .expected = pair.expected,
        .actual = pair.actual,
    };
}

void ss_verify_say(struct ss_verify_case *c, enum ss_rule rule, struct ss_verify_pair pair)
{
    ss_verify_say_at(c, rule, rules[rule].level, pair);
}

static enum ss_verdict_numbers stream_of(enum ss_side side)
{
    return side == SS_SIDE_A ? SS_NUMBERS_SEQ_A : SS_NUMBERS_SEQ_B;
}

struct ss_verify_pair ss_verify_sent(const struct ss_verify_case *c, struct ss_seq expected,
                                     struct ss_seq actual)
{
    return (struct ss_verify_pair){stream_of(c->from), expected.value, actual.value};
}

struct ss_verify_pair ss_verify_acked(const struct ss_verify_case *c, struct ss_seq expected,
                                      struct ss_seq actual)
{
    return (struct ss_verify_pair){stream_of(ss_side_other(c->from)), expected.value, actual.value};
}

struct ss_verify_pair ss_verify_counted(uint32_t expected, uint32_t actual)
{
    return (struct ss_verify_pair){SS_NUMBERS_COUNT, expected, actual};
}

struct ss_verify_pair ss_verify_nothing(void)
{
    return (struct ss_verify_pair){SS_NUMBERS_NONE, 0, 0};
}

const char *ss_verdict_level_name(enum ss_verdict_level level)
{
    switch (level) {
    case SS_VERDICT_HELD:
        return "held";
    case SS_VERDICT_NOTE:
        return "note";
    case SS_VERDICT_WARNING:
        return "warning";
    case SS_VERDICT_VIOLATION:
        return "violation";
    }
    return "";
}
