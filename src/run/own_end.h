/*
 * own_end: SND.NXT and RCV.NXT of the crafted end, as what was sent and taken in makes them.
 * Private to src/run.
 */
#ifndef SYNSTEP_RUN_OWN_END_H
#define SYNSTEP_RUN_OWN_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/seq.h"

enum { OWN_END_RUNS_MAX = 32 };

struct own_end {
    bool snd_known;
    struct ss_seq iss;
    struct ss_seq snd_nxt;
    struct ss_seq snd_max; /* the furthest that was ever sent in order, or acknowledged */
    bool rcv_known;
    struct ss_seq irs;
    struct ss_seq rcv_nxt;
    size_t run_count; /* what came ahead of rcv_nxt: [start, end) */
    struct {
        struct ss_seq start;
        struct ss_seq end;
    } runs[OWN_END_RUNS_MAX];
    uint16_t window; /* as in the header */
};

/* SND.NXT and RCV.NXT as they are ordered to be: of a connection not begun, its first numbers. */
void own_end_set_snd_nxt(struct own_end *own, struct ss_seq snd_nxt);
void own_end_set_rcv_nxt(struct own_end *own, struct ss_seq rcv_nxt);

/*
 * A segment left. One that goes on where the last one ended moves SND.NXT, and a SYN with
 * another number begins anew; any other is a repetition or odd on purpose, and moves nothing.
 */
void own_end_sent(struct own_end *own, bool syn, struct ss_seq seq, uint32_t segment_length);

/* A segment was taken in: RCV.NXT moves over what is there without a gap. */
void own_end_received(struct own_end *own, bool syn, struct ss_seq seq, uint32_t segment_length);

/* An acknowledgment was taken in: what was sent out of turn is sent all the same. */
void own_end_acknowledged(struct own_end *own, struct ss_seq ack);

#endif
