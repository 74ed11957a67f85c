/*
 * impair: a wire that does harm on purpose: to the n-th frame, counted from 1 in both directions
 * together as they pass.
 *
 * drop: a frame sent does not leave; one that came is handed out as DROPPED and must not be
 * believed. dup: a frame sent leaves twice, and its fate is DUPLICATED; one that came is handed
 * out as usual, and then its copy as DUPLICATED. delay: behind the next frame that really passes
 * the same way, or, when none does, SS_IMPAIR_DELAY_US_MAX later at the wire's next call; an
 * arrival is handed out only then. corrupt: one bit of the datagram's last octet is turned, so that
 * a checksum is wrong. Copies are not counted as frames of their own.
 */
#ifndef SYNSTEP_IMPAIR_H
#define SYNSTEP_IMPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/status.h"
#include "synstep/wire.h"

enum {
    SS_IMPAIR_ACTS_MAX = 64,
    SS_IMPAIR_DELAY_US_MAX = 200 * 1000, /* by the wire's clock */
};

struct ss_impair_act {
    enum ss_fate fate; /* anything but DELIVERED */
    uint32_t frame;    /* counted from 1 */
};

struct ss_impair_plan {
    size_t count;
    struct ss_impair_act acts[SS_IMPAIR_ACTS_MAX];
};

/*
 * Reads "drop:2,dup:5,delay:7,corrupt:9", one act a frame. SS_USAGE names the place and the nearest
 * right word.
 */
enum ss_status ss_impair_parse(const char *text, struct ss_impair_plan *plan,
                               struct ss_problem *problem);

/* Wraps `inner`, which it owns from then on. SS_IO when out of memory (`inner` stays the caller's).
 */
enum ss_status ss_impair_open(struct ss_wire *inner, const struct ss_impair_plan *plan,
                              struct ss_wire **wire, struct ss_problem *problem);

#endif
