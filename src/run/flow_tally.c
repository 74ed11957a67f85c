/* flow_tally: the sums of a connection's two ends. */
#include "flow_tally.h"

#include "flow_history.h"

static void raise16(uint16_t *count)
{
    if (*count < UINT16_MAX)
        (*count)++;
}

static void raise32(uint32_t *count, uint64_t by)
{
    *count = by < UINT32_MAX - *count ? *count + (uint32_t)by : UINT32_MAX;
}

/* Octets of one segment; a fragmented or offloaded one may have more than 16 bits tell. */
static uint16_t at_most16(size_t length)
{
    return length < UINT16_MAX ? (uint16_t)length : UINT16_MAX;
}

static void count_data(struct ss_flow_side *side, size_t length)
{
    uint16_t bytes = at_most16(length);
    if (bytes == 0)
        return;
    raise32(&side->data_segments, 1);
    if (side->segment_max == 0 || bytes < side->segment_min)
        side->segment_min = bytes;
    if (bytes > side->segment_max)
        side->segment_max = bytes;
}

static void count_flags(struct ss_flow_side *side, const struct ss_packet *packet,
                        const struct ss_verify_analysis *analysis)
{
    const uint32_t again = SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_FAST_RETRANSMISSION |
                           SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    uint32_t flags = analysis->flags;
    if (flags == 0)
        return;
    if (flags & again) {
        raise32(&side->retransmitted, 1);
        raise32(&side->retransmitted_bytes, packet->payload_length);
    }
    if (flags & SS_ANALYSIS_OUT_OF_ORDER)
        raise16(&side->out_of_order);
    if (flags & SS_ANALYSIS_DUPLICATE_ACK)
        raise32(&side->duplicate_acks, 1);
    if ((flags & SS_ANALYSIS_DUPLICATE_ACK) && analysis->duplicate_ack_count == 3)
        raise16(&side->triple_duplicates);
    if (flags & SS_ANALYSIS_ZERO_WINDOW_PROBE)
        raise16(&side->probes);
}

/* Welford's way: no sum of squares that outgrows its digits. */
static void count_rtt(struct ss_flow_side *side, uint64_t rtt_us)
{
    float sample = (float)rtt_us;
    float off = sample - side->rtt_mean_us;
    raise32(&side->rtt_count, 1);
    side->rtt_mean_us += off / (float)side->rtt_count;
    side->rtt_spread += off * (sample - side->rtt_mean_us);
    if (rtt_us > side->rtt_max_us)
        side->rtt_max_us = rtt_us < UINT32_MAX ? (uint32_t)rtt_us : UINT32_MAX;
}

static void count_window(struct ss_flow *flow, enum ss_side from, const struct ss_packet *packet)
{
    struct ss_flow_side *side = &flow->sides[from];
    if (packet->tcp.flags & (SS_TCP_SYN | SS_TCP_RST))
        return;
    uint32_t window = ss_verify_window_bytes(&flow->verify, from, packet);
    if (side->windows == 0 || window < side->window_min)
        side->window_min = window;
    if (window > side->window_max)
        side->window_max = window;
    if (side->windows == UINT32_MAX)
        return;
    side->windows++;
    side->window_sum += window;
}

static void count_idle(struct ss_flow *flow, uint64_t time_us)
{
    if (flow->first_us == UINT64_MAX)
        flow->first_us = time_us;
    uint64_t idle_ms = time_us > flow->last_us ? (time_us - flow->last_us) / 1000 : 0;
    if (flow->last_us && idle_ms > flow->idle_max_ms)
        flow->idle_max_ms = idle_ms < UINT32_MAX ? (uint32_t)idle_ms : UINT32_MAX;
    if (time_us > flow->last_us)
        flow->last_us = time_us;
}

void flow_tally_begin(struct ss_flow *flow)
{
    flow->idle_max_ms = 0;
    flow->last_us = 0;
    flow->first_us = UINT64_MAX;
    flow->history[0] = '\0';
    for (int side = 0; flow->sides && side < 2; side++)
        flow->sides[side] = (struct ss_flow_side){0};
}

uint64_t ss_flow_unique_bytes(const struct ss_flow *flow, enum ss_side side)
{
    uint64_t seen = flow->verify.sides[side].payload_bytes;
    uint64_t overlap = flow->sides[side].overlap_bytes;
    return seen > overlap ? seen - overlap : 0;
}

uint64_t ss_flow_lasted_us(const struct ss_flow *flow)
{
    return flow->last_us > flow->first_us ? flow->last_us - flow->first_us : 0;
}

static uint32_t mean_of(uint64_t sum, uint64_t count)
{
    return count > 0 ? (uint32_t)((sum + count / 2) / count) : 0;
}

uint32_t ss_flow_segment_mean(const struct ss_flow *flow, enum ss_side side)
{
    return mean_of(flow->verify.sides[side].payload_bytes, flow->sides[side].data_segments);
}

uint32_t ss_flow_window_mean(const struct ss_flow *flow, enum ss_side side)
{
    return mean_of(flow->sides[side].window_sum, flow->sides[side].windows);
}

void flow_tally_count(struct ss_flow *flow, const struct ss_packet *packet, uint64_t time_us,
                      const struct ss_flow_packet *taken)
{
    count_idle(flow, time_us);
    if (!flow->sides)
        return;
    struct ss_flow_side *side = &flow->sides[taken->from];
    flow_history_add(flow, packet, taken);
    if (flow_tally_is_dropped(packet))
        return;
    count_data(side, packet->payload_length);
    side->overlap_bytes += taken->analysis.overlap_bytes;
    count_flags(side, packet, &taken->analysis);
    count_window(flow, taken->from, packet);
    if (taken->analysis.ack_measures) /* Karn: RFC 6298 section 3 */
        count_rtt(&flow->sides[ss_side_other(taken->from)], taken->analysis.ack_rtt_us);
}
