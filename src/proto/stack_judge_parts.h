/* stack_judge_parts: what the files of the judgement share. Private to src/proto. */
#ifndef SYNSTEP_PROTO_STACK_JUDGE_PARTS_H
#define SYNSTEP_PROTO_STACK_JUDGE_PARTS_H

#include "synstep/stack_check.h"

/* One layer under judgement. */
struct ss_judging {
    const struct ss_stack *stack;
    const struct ss_layer *layer;
    size_t i;
    size_t ends;   /* where the IP header before it says that the datagram ends; 0: not here */
    bool fragment; /* that IP header begins a part of a datagram */
    struct ss_stack_faults *faults;
};

/* Tells of it, when it is wrong. */
void ss_judge_wrong(const struct ss_judging *judging, bool wrong, const char *text);

/* The layer's field of that name. */
uint32_t ss_judge_says(const struct ss_judging *judging, const char *name);

void ss_judge_ip_options(const struct ss_judging *judging);
void ss_judge_ip6_options(const struct ss_judging *judging);
void ss_judge_tcp(const struct ss_judging *judging);

#endif
