/*
 * seq: the acceptability test and the textbook's notation.
 */
#include "synstep/seq.h"

#include <inttypes.h>
#include <stdio.h>

bool ss_seq_acceptable(struct ss_seq rcv_nxt, uint32_t rcv_wnd, struct ss_seq seq,
                       uint32_t segment_length)
{
    if (segment_length == 0)
        return rcv_wnd == 0 ? ss_seq_equal(seq, rcv_nxt) : ss_seq_in_window(rcv_nxt, rcv_wnd, seq);
    /* With a window of 0, in_window holds for nothing, as table 6 has it. Its fourth row looks at
     * both ends only: a segment that begins before the window and ends behind it fails. */
    struct ss_seq last = ss_seq_add(seq, segment_length - 1);
    return ss_seq_in_window(rcv_nxt, rcv_wnd, seq) || ss_seq_in_window(rcv_nxt, rcv_wnd, last);
}

void ss_seq_format(char text[SS_SEQ_TEXT_SIZE], struct ss_seq seq, char name, struct ss_seq base)
{
    switch (ss_seq_compare(seq, base)) {
    case SS_SEQ_EQUAL:
        snprintf(text, SS_SEQ_TEXT_SIZE, "%c", name);
        break;
    case SS_SEQ_AFTER:
        snprintf(text, SS_SEQ_TEXT_SIZE, "%c+%" PRIu32, name, ss_seq_distance(base, seq));
        break;
    case SS_SEQ_BEFORE:
    case SS_SEQ_OPPOSITE:
        snprintf(text, SS_SEQ_TEXT_SIZE, "%c-%" PRIu32, name, ss_seq_distance(seq, base));
        break;
    }
}
