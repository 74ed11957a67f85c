/*
 * endpoint_congestion: slow start, congestion avoidance, fast retransmit and fast recovery
 * (RFC 5681, with RFC 6582's answer to partial acknowledgements).
 *
 * `recover` is one past the highest number sent when the last loss was noticed. While nothing is
 * lost it follows right behind snd_una, so that it never lies half the number space back.
 */
#include "endpoint_internal.h"

enum { CWND_MAX = 1 << 30 };

static void grow(struct ss_endpoint *endpoint, uint32_t count)
{
    endpoint->cwnd = ss_endpoint_min((uint64_t)endpoint->cwnd + count, CWND_MAX);
}

/* RFC 5681 section 3.1, equation 1. */
static uint32_t initial_window(uint32_t mss)
{
    if (mss > 2190)
        return 2 * mss;
    return mss > 1095 ? 3 * mss : 4 * mss;
}

void ss_endpoint_congestion_begin(struct ss_endpoint *endpoint, bool syn_was_lost)
{
    uint32_t mss = endpoint->snd_mss;
    endpoint->cwnd = syn_was_lost ? mss : initial_window(mss);
    endpoint->ssthresh = CWND_MAX;
    endpoint->duplicate_acks = 0;
    endpoint->recovering = false;
    endpoint->recover = endpoint->iss;
}

static uint32_t in_flight(const struct ss_endpoint *endpoint)
{
    return ss_seq_distance(endpoint->snd_una, endpoint->snd_max);
}

/* RFC 5681 section 3.1, equation 4. */
static uint32_t half_of_flight(const struct ss_endpoint *endpoint)
{
    return ss_endpoint_max(in_flight(endpoint) / 2, 2U * endpoint->snd_mss);
}

/* RFC 6582 section 3.2, step 3: an ACK of new data during fast recovery. */
static void progress_in_recovery(struct ss_endpoint *endpoint, uint32_t acknowledged)
{
    uint32_t mss = endpoint->snd_mss;
    if (ss_seq_at_or_after(endpoint->snd_una, endpoint->recover)) {
        uint32_t flight = ss_endpoint_max(in_flight(endpoint), mss);
        endpoint->cwnd = ss_endpoint_min((uint64_t)flight + mss, endpoint->ssthresh);
        endpoint->recovering = false;
        return;
    }
    endpoint->retransmit_wanted = true;
    uint32_t deflated = endpoint->cwnd > acknowledged ? endpoint->cwnd - acknowledged : 0;
    endpoint->cwnd = ss_endpoint_max(deflated, mss);
    if (acknowledged >= mss)
        grow(endpoint, mss);
}

void ss_endpoint_congestion_progress(struct ss_endpoint *endpoint, uint32_t acknowledged)
{
    uint32_t mss = endpoint->snd_mss;
    endpoint->duplicate_acks = 0;
    if (endpoint->recovering)
        progress_in_recovery(endpoint, acknowledged);
    else if (endpoint->cwnd < endpoint->ssthresh)
        grow(endpoint, ss_endpoint_min(acknowledged, mss));
    else
        grow(endpoint, ss_endpoint_max((uint32_t)((uint64_t)mss * mss / endpoint->cwnd), 1));
    if (!endpoint->recovering && ss_seq_after(endpoint->snd_una, endpoint->recover))
        endpoint->recover = ss_seq_subtract(endpoint->snd_una, 1);
}

void ss_endpoint_congestion_duplicate(struct ss_endpoint *endpoint)
{
    endpoint->duplicate_acks++;
    if (endpoint->recovering) {
        grow(endpoint, endpoint->snd_mss);
        return;
    }
    /* RFC 6582 section 3.2, step 2: duplicates of what a time-out sent again mean no new loss. */
    if (endpoint->duplicate_acks != SS_ENDPOINT_DUPLICATE_ACKS ||
        !ss_seq_after(endpoint->snd_una, endpoint->recover))
        return;
    endpoint->ssthresh = half_of_flight(endpoint);
    endpoint->cwnd = endpoint->ssthresh;
    grow(endpoint, SS_ENDPOINT_DUPLICATE_ACKS * endpoint->snd_mss);
    endpoint->recover = endpoint->snd_max;
    endpoint->recovering = true;
    endpoint->retransmit_wanted = true;
}

void ss_endpoint_congestion_timeout(struct ss_endpoint *endpoint)
{
    /* RFC 5681 section 3.1. A segment lost again leaves it as it is: the flight is the same. */
    endpoint->ssthresh = half_of_flight(endpoint);
    endpoint->cwnd = endpoint->snd_mss;
    endpoint->recover = endpoint->snd_max;
    endpoint->recovering = false;
    endpoint->duplicate_acks = 0;
}
