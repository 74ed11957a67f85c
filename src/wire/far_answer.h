/* far_answer: what every kind of far end writes into an answer. */
#ifndef SS_WIRE_FAR_ANSWER_H
#define SS_WIRE_FAR_ANSWER_H

#include <stdio.h>

#include "synstep/far.h"

/* An answer in which nothing is known; the 64 KiB of its octets are left alone. */
static inline void ss_far_answer_set(struct ss_far_answer *answer, enum ss_far_outcome outcome,
                                     const char *error)
{
    answer->outcome = outcome;
    (void)snprintf(answer->error, sizeof answer->error, "%s", error);
    answer->state_known = false;
    answer->state = SS_TCP_CLOSED;
    answer->numbers_known = false;
    answer->rcv_nxt = ss_seq_from(0);
    answer->write_seq = ss_seq_from(0);
    answer->waiting = 0;
    answer->length = 0;
}

#endif
