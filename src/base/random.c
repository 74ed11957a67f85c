/*
 * random: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
 * OOPSLA 2014): every 64-bit state is a good one, so that any seed will do.
 */
#include "synstep/random.h"

struct ss_random ss_random_seeded(uint64_t seed)
{
    return (struct ss_random){.state = seed};
}

uint32_t ss_random_next32(struct ss_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((mixed ^ mixed >> 31) >> 32);
}

/*
 * A 32-bit number times the bound falls, by its upper half, into one of `bound` bins. The bins are
 * made equally large by drawing again for the lowest 2^32 mod bound values of the lower half
 * (Lemire, "Fast Random Integer Generation in an Interval", 2019).
 */
uint32_t ss_random_below(struct ss_random *random, uint32_t bound)
{
    uint64_t product = (uint64_t)ss_random_next32(random) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = (uint32_t)((UINT64_C(1) << 32) % bound);
        while ((uint32_t)product < threshold)
            product = (uint64_t)ss_random_next32(random) * bound;
    }
    return (uint32_t)(product >> 32);
}
