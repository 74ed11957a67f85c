/*
 * isn: whether the initial sequence numbers that one host chose, one connection after the other,
 * can be foretold (RFC 6528). Pure: the caller has a struct ss_isn_host for each host.
 *
 * Seven ways of foretelling the next one from those before are tried on each:
 *
 *   near     a little after the last one: a constant; small steps, regular or not (the 64,000 for
 *            each connection of old systems); a slow clock
 *   step     as far from the last one as that from the one before, however far that is
 *   clock    as far as the time since allows, at 250,000 a second (RFC 793's 4 us), 1,000,000,
 *            15,625,000 (64 ns), 128,000 (4.3BSD), or at the rate between the last two
 *
 * Each foretells a stretch of 2^24 numbers, and so is right by chance once in 256 times if, and
 * only if, what comes is independent of what was. SS_ISN_RUN times in a row is told: by chance at
 * one in 7 * 2^-48 connections, so that of 40 million captures of a million connections each, all
 * random, one is told of. Nothing is learned of a single connection, and nothing below SS_ISN_RUN
 * + 1.
 *
 * RFC 6528's own numbers are M + F(the two ends): a clock for the same two ends, independent
 * between others. So an ISN of two ends that are among the last SS_ISN_ENDS is not looked at; a SYN
 * that is sent again is neither.
 */
#ifndef SYNSTEP_ISN_H
#define SYNSTEP_ISN_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/seq.h"

enum {
    SS_ISN_WAYS = 7,
    SS_ISN_RUN = 6,
    SS_ISN_ENDS = SS_ISN_RUN + 2, /* all that a run rests on */
};

enum ss_isn_pattern {
    SS_ISN_CONSTANT,
    SS_ISN_NEAR,
    SS_ISN_STEP,
    SS_ISN_CLOCK,
};

/* What is remembered of one host; all zeros at first. */
struct ss_isn_host {
    uint64_t times_us[2]; /* of the last one, and of the one before */
    struct ss_seq isns[2];
    uint32_t ends[SS_ISN_ENDS]; /* a ring of their hashes */
    uint32_t count;             /* how many were looked at */
    uint32_t worst[SS_ISN_WAYS];
    uint8_t run[SS_ISN_WAYS]; /* how often in a row each way was right; no more than 255 */
    bool told;
};

/* One ISN that was chosen. */
struct ss_isn_choice {
    uint64_t time_us;
    struct ss_seq isn;
    uint32_t ends; /* a hash of both ends with their ports */
};

/* What a host is told of by. */
struct ss_isn_found {
    enum ss_isn_pattern pattern;
    uint32_t step;       /* from one connection to the next: SS_ISN_STEP; the most: SS_ISN_NEAR */
    uint32_t per_second; /* SS_ISN_CLOCK */
    uint32_t miss;       /* by how much it was missed at most; SS_ISN_NEAR: the same as `step` */
    uint32_t count;      /* ISNs so far */
};

/* By how much chance misses on average. */
#define SS_ISN_MISS_BY_CHANCE (UINT32_C(1) << 30)

/* True, and `found` written, when the host is to be told of: once. */
bool ss_isn_take(struct ss_isn_host *host, const struct ss_isn_choice *choice,
                 struct ss_isn_found *found);

/* "constant", "near", "step", "clock"; static storage. */
const char *ss_isn_pattern_name(enum ss_isn_pattern pattern);

#endif
