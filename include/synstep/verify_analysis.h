/*
 * verify_analysis: a packet in the words that readers of captures know: what `tshark -T fields -e
 * tcp.analysis.*` (4.0) says of it, so that two tools' output can be laid side by side.
 *
 * Where that tool is known to be wrong these are right: no sequence number is taken for "unset";
 * simultaneous open is no retransmission; a challenge ACK is no duplicate ACK, a shrinking window
 * no update; a SYN/ACK that acknowledges too much acknowledges no lost segment; the octet of a
 * zero-window probe that was taken is acknowledged as seen, and makes no gap before what follows.
 *
 * ack_lost_segment is told at the first ACK beyond all that was seen; that tool stays silent, if it
 * told one before or the other end sent a duplicate ACK, until that end acknowledges something new
 * or leaves a gap, and begins its count of duplicate ACKs anew. As there, a segment that begins at
 * a gap hides the gaps beyond it; the verdict of that name does not overlook them. Fast and
 * spurious retransmissions are not marked as retransmission, too. More than one octet at SND.NXT -
 * 1 repeats the first of them. All of this is explained in synstep-verify(1) under DIFFERENCES.
 *
 * acks_frame, ack_rtt_us, repeats_frame and the eldest frame of rto need the caller's rings
 * (synstep/verify_extra.h), and know no further back than these reach.
 */
#ifndef SYNSTEP_VERIFY_ANALYSIS_H
#define SYNSTEP_VERIFY_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

/* The flags of one packet; or-ed. */
enum ss_analysis_flag {
    SS_ANALYSIS_REUSED_PORTS = 1 << 0,
    SS_ANALYSIS_ZERO_WINDOW_PROBE = 1 << 1,
    SS_ANALYSIS_ZERO_WINDOW = 1 << 2,
    SS_ANALYSIS_LOST_SEGMENT = 1 << 3,
    SS_ANALYSIS_KEEP_ALIVE = 1 << 4,
    SS_ANALYSIS_WINDOW_UPDATE = 1 << 5,
    SS_ANALYSIS_WINDOW_FULL = 1 << 6,
    SS_ANALYSIS_KEEP_ALIVE_ACK = 1 << 7,
    SS_ANALYSIS_ZERO_WINDOW_PROBE_ACK = 1 << 8,
    SS_ANALYSIS_DUPLICATE_ACK = 1 << 9,
    SS_ANALYSIS_ACK_LOST_SEGMENT = 1 << 10,
    SS_ANALYSIS_SPURIOUS_RETRANSMISSION = 1 << 11,
    SS_ANALYSIS_FAST_RETRANSMISSION = 1 << 12,
    SS_ANALYSIS_OUT_OF_ORDER = 1 << 13,
    SS_ANALYSIS_RETRANSMISSION = 1 << 14,
    SS_ANALYSIS_OVERLAP = 1 << 15,          /* some of its octets were sent before */
    SS_ANALYSIS_OVERLAP_CONFLICT = 1 << 16, /* and were others then */
    SS_ANALYSIS_SHIFT_OVER_14 = 1 << 17,
    SS_ANALYSIS_URGENT_WITHOUT_FLAG = 1 << 18,
    SS_ANALYSIS_OPTIONS_AFTER_END = 1 << 19,
};

enum { SS_ANALYSIS_FLAGS = 20 };

/* What is told of one packet. A number that does not apply is 0; times are microseconds. */
struct ss_verify_analysis {
    uint32_t flags;
    uint32_t duplicate_ack_count; /* with DUPLICATE_ACK: 1 for the first */
    uint32_t duplicate_ack_frame; /* … the one that sent this ack first */
    uint32_t rto_frame; /* with RETRANSMISSION: the eldest frame without an ACK, as tshark has it */
    uint32_t repeats_frame;   /* … the frame it repeats; 0: not remembered */
    uint64_t rto_us;          /* … the time since rto_frame */
    uint32_t acks_frame;      /* the frame whose end this ack is; 0: none */
    uint32_t bytes_in_flight; /* with data: not acknowledged, this packet's included */
    uint64_t ack_rtt_us;      /* with acks_frame: the time since */
    uint32_t push_bytes_sent; /* with data: since the last PSH, this packet's included */
    uint32_t overlap_bytes;   /* of its data: seen before, or no part of the stream */
    uint8_t completeness;     /* enum ss_verify_completeness, up to this packet */
    bool ack_measures;        /* ack_rtt_us is a round trip: that frame's segment was sent once, and
                                 the ACK did not wait for one that was sent after it */
    uint64_t initial_rtt_us;  /* SYN to the handshake's last ACK, once known */
};

/* "zero_window_probe" for the flag of that bit, 0 to SS_ANALYSIS_FLAGS - 1; static storage. */
const char *ss_analysis_name(unsigned bit);

#endif
