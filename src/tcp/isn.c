/* isn: seven ways to foretell the next number, and how often in a row each was right. */
#include "synstep/isn.h"

enum {
    REACH = 1 << 23, /* to both sides of what is foretold */
    NEAR = 0,
    CLOCKS_FROM = 1, /* those of known rates */
    CLOCKS = 4,
    STEP = CLOCKS_FROM + CLOCKS,
    CLOCK_BETWEEN, /* at the rate between the last two */
    SECOND_US = 1000000,
};

_Static_assert(CLOCK_BETWEEN + 1 == SS_ISN_WAYS, "each way has its place");

#define LONGEST_US (UINT64_C(1) << 39)         /* times the fastest rate fits 64 bits */
#define LONGEST_BETWEEN_US (UINT64_C(1) << 32) /* times any step fits 64 bits */

static const uint32_t rates[CLOCKS] = {250000, 1000000, 15625000, 128000};

static uint32_t last_step(const struct ss_isn_host *host)
{
    return ss_seq_distance(host->isns[1], host->isns[0]);
}

/* How far a clock of a known rate goes since the last one. */
static bool clock_goes(const struct ss_isn_host *host, uint32_t rate, uint64_t time_us,
                       uint32_t *step)
{
    uint64_t since_us = time_us - host->times_us[0];
    if (time_us < host->times_us[0] || since_us > LONGEST_US)
        return false;
    *step = (uint32_t)(since_us * rate / SECOND_US);
    return true;
}

/* The same at the rate between the last two. */
static bool clock_goes_on(const struct ss_isn_host *host, uint64_t time_us, uint32_t *step)
{
    uint64_t since_us = time_us - host->times_us[0];
    uint64_t between_us = host->times_us[0] - host->times_us[1];
    if (time_us < host->times_us[0] || host->times_us[0] <= host->times_us[1] ||
        since_us >= LONGEST_BETWEEN_US)
        return false;
    *step = (uint32_t)(last_step(host) * since_us / between_us);
    return true;
}

/* How far from the last one the next one is foretold to lie: the middle of its stretch. */
static bool foretell(const struct ss_isn_host *host, int way, uint64_t time_us, uint32_t *step)
{
    bool two = host->count >= 2;
    if (way == NEAR)
        *step = REACH;
    else if (way < STEP)
        return clock_goes(host, rates[way - CLOCKS_FROM], time_us, step);
    else if (way == CLOCK_BETWEEN)
        return two && clock_goes_on(host, time_us, step);
    else
        *step = last_step(host);
    return way == NEAR || two;
}

static uint32_t distance_to_either_side(uint32_t one, uint32_t other)
{
    uint32_t up = other - one, down = one - other;
    return up < down ? up : down;
}

static void try_way(struct ss_isn_host *host, int way, const struct ss_isn_choice *choice)
{
    uint32_t step = ss_seq_distance(host->isns[0], choice->isn), foretold = 0;
    if (!foretell(host, way, choice->time_us, &foretold) ||
        step - foretold + REACH >= 2U * REACH) { /* modulo 2^32 */
        host->run[way] = 0;
        host->worst[way] = 0;
        return;
    }
    uint32_t miss = way == NEAR ? step : distance_to_either_side(step, foretold);
    if (miss > host->worst[way])
        host->worst[way] = miss;
    if (host->run[way] < UINT8_MAX)
        host->run[way]++;
}

/* The way that misses least of those that were right: it may have begun a connection later. */
static int best_way(const struct ss_isn_host *host)
{
    int best = -1;
    for (int way = 0; way < SS_ISN_WAYS; way++)
        if (host->run[way] >= SS_ISN_RUN - 1 && (best < 0 || host->worst[way] < host->worst[best]))
            best = way;
    return best;
}

static bool is_foretold(const struct ss_isn_host *host)
{
    for (int way = 0; way < SS_ISN_WAYS; way++)
        if (host->run[way] >= SS_ISN_RUN)
            return true;
    return false;
}

static uint32_t rate_between(const struct ss_isn_host *host)
{
    uint64_t between_us = host->times_us[0] - host->times_us[1];
    uint64_t rate = (uint64_t)last_step(host) * SECOND_US / (between_us ? between_us : 1);
    return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

static void describe(const struct ss_isn_host *host, struct ss_isn_found *found)
{
    int way = best_way(host);
    *found = (struct ss_isn_found){.miss = host->worst[way], .count = host->count};
    if (way == NEAR) {
        found->pattern = found->miss == 0 ? SS_ISN_CONSTANT : SS_ISN_NEAR;
        found->step = found->miss;
    } else if (way == STEP) {
        found->pattern = SS_ISN_STEP;
        found->step = last_step(host);
    } else {
        found->pattern = SS_ISN_CLOCK;
        found->per_second = way == CLOCK_BETWEEN ? rate_between(host) : rates[way - CLOCKS_FROM];
    }
}

static bool is_known(const struct ss_isn_host *host, uint32_t ends)
{
    for (uint32_t i = 0; i < SS_ISN_ENDS && i < host->count; i++)
        if (host->ends[i] == ends)
            return true;
    return false;
}

static void remember(struct ss_isn_host *host, const struct ss_isn_choice *choice)
{
    host->ends[host->count % SS_ISN_ENDS] = choice->ends;
    host->times_us[1] = host->times_us[0];
    host->times_us[0] = choice->time_us;
    host->isns[1] = host->isns[0];
    host->isns[0] = choice->isn;
    if (++host->count == UINT32_MAX) /* as far as it matters the same */
        host->count -= SS_ISN_ENDS;
}

bool ss_isn_take(struct ss_isn_host *host, const struct ss_isn_choice *choice,
                 struct ss_isn_found *found)
{
    if (is_known(host, choice->ends))
        return false;
    for (int way = 0; host->count > 0 && way < SS_ISN_WAYS; way++)
        try_way(host, way, choice);
    remember(host, choice);
    if (host->told || !is_foretold(host))
        return false;
    host->told = true;
    describe(host, found);
    return true;
}

const char *ss_isn_pattern_name(enum ss_isn_pattern pattern)
{
    switch (pattern) {
    case SS_ISN_CONSTANT:
        return "constant";
    case SS_ISN_NEAR:
        return "near";
    case SS_ISN_STEP:
        return "step";
    case SS_ISN_CLOCK:
        return "clock";
    }
    return "";
}
