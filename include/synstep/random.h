/*
 * random: a small seeded generator with explicit state. Same seed, same numbers, on every machine.
 * Not for secrets.
 */
#ifndef SYNSTEP_RANDOM_H
#define SYNSTEP_RANDOM_H

#include <stdint.h>

struct ss_random {
    uint64_t state;
};

struct ss_random ss_random_seeded(uint64_t seed);

/* The next 32 bits. */
uint32_t ss_random_next32(struct ss_random *random);

/* A number in [0, bound), without modulo bias; `bound` is not 0. */
uint32_t ss_random_below(struct ss_random *random, uint32_t bound);

#endif
