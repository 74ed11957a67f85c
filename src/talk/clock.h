/* clock: milliseconds that only go forward. */
#ifndef TALK_CLOCK_H
#define TALK_CLOCK_H

#include <stdint.h>

int64_t talk_clock_ms(void);

#endif
