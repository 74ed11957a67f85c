/*
 * tally: what became of a series of probes, for people or as JSON Lines: synstep-send(1).
 */
#ifndef SYNSTEP_TALLY_H
#define SYNSTEP_TALLY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "synstep/address.h"
#include "synstep/answers.h"
#include "synstep/packet.h"
#include "synstep/verify.h"

struct ss_tally_options {
    FILE *out; /* the caller's */
    bool json;
    bool quiet; /* only the closing lines */
    bool color;
    bool ascii;
    bool headers; /* of each answer, field by field */
};

struct ss_tally_start {
    const char *where; /* "two private hosts, one veth pair between them" */
    const char *wire;  /* "raw", "link", "packet" */
    const char *why;   /* why that one was taken, in a line; NULL: it was asked for, or is usual */
    struct ss_address source;
    struct ss_address target;
    uint64_t count;
    bool at_most; /* it may end before all of them */
    uint64_t seed;
};

/* An answer beside its probe. */
struct ss_tally_answer {
    enum ss_link link; /* where both begin */
    struct ss_answer answer;
    const struct ss_packet *probe;
    const struct ss_packet *packet;
    const struct ss_verdicts *verdicts; /* of a TCP answer; empty for others */
    const struct ss_verify *verify;     /* after it: for the letters J and K */
};

struct ss_tally_end {
    bool awaited; /* answers were listened for: else only `sum.sent` counts */
    struct ss_answers_sum sum;
    const struct ss_answers *answers; /* NULL unless awaited */
    uint64_t checks;                  /* of numbers */
    uint64_t failed;
    uint64_t duration_us; /* from the first probe to the last thing that happened */
};

void ss_tally_start(const struct ss_tally_options *options, const struct ss_tally_start *start);
void ss_tally_answer(const struct ss_tally_options *options, const struct ss_tally_answer *answer);
void ss_tally_end(const struct ss_tally_options *options, const struct ss_tally_end *end);

#endif
