/*
 * clock: reads CLOCK_MONOTONIC and CLOCK_REALTIME.
 */
#include "clock.h"

#include <time.h>

static uint64_t read_us(clockid_t clock)
{
    struct timespec time = {0};
    (void)clock_gettime(clock, &time); /* cannot fail for the two clocks asked of it here */
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

uint64_t ss_clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t ss_clock_realtime_us(void)
{
    return read_us(CLOCK_REALTIME);
}
