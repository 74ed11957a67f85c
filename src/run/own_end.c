/* own_end: SND.NXT and RCV.NXT, moved by what passes. */
#include "own_end.h"

void own_end_set_snd_nxt(struct own_end *own, struct ss_seq snd_nxt)
{
    if (!own->snd_known)
        own->iss = snd_nxt;
    own->snd_known = true;
    own->snd_nxt = own->snd_max = snd_nxt;
}

void own_end_set_rcv_nxt(struct own_end *own, struct ss_seq rcv_nxt)
{
    if (!own->rcv_known)
        own->irs = rcv_nxt;
    own->rcv_known = true;
    own->rcv_nxt = rcv_nxt;
    own->run_count = 0;
}

void own_end_sent(struct own_end *own, bool syn, struct ss_seq seq, uint32_t segment_length)
{
    struct ss_seq end = ss_seq_add(seq, segment_length);
    if (!own->snd_known || (syn && !ss_seq_equal(seq, own->iss))) {
        own->snd_known = true;
        own->iss = seq;
        own->snd_nxt = own->snd_max = end;
        return;
    }
    if (ss_seq_equal(seq, own->snd_nxt))
        own->snd_nxt = end;
    if (ss_seq_after(end, own->snd_max))
        own->snd_max = end;
}

void own_end_acknowledged(struct own_end *own, struct ss_seq ack)
{
    if (own->snd_known && ss_seq_after(ack, own->snd_nxt) && ss_seq_at_or_before(ack, own->snd_max))
        own->snd_nxt = ack;
}

/* Moves over the runs that are reached by now; true when one was. */
static bool reach(struct own_end *own)
{
    for (size_t i = 0; i < own->run_count; i++) {
        if (ss_seq_after(own->runs[i].start, own->rcv_nxt))
            continue;
        if (ss_seq_after(own->runs[i].end, own->rcv_nxt))
            own->rcv_nxt = own->runs[i].end;
        own->runs[i] = own->runs[--own->run_count];
        return true;
    }
    return false;
}

void own_end_received(struct own_end *own, bool syn, struct ss_seq seq, uint32_t segment_length)
{
    struct ss_seq end = ss_seq_add(seq, segment_length);
    if (!own->rcv_known || (syn && !ss_seq_equal(seq, own->irs))) {
        own->rcv_known = true;
        own->irs = seq;
        own->rcv_nxt = end;
        own->run_count = 0;
        return;
    }
    if (ss_seq_at_or_before(seq, own->rcv_nxt)) {
        if (ss_seq_after(end, own->rcv_nxt))
            own->rcv_nxt = end;
        while (reach(own))
            continue;
    } else if (own->run_count < OWN_END_RUNS_MAX) {
        own->runs[own->run_count].start = seq;
        own->runs[own->run_count++].end = end;
    }
}
