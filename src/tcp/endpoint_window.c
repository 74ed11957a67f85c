/*
 * endpoint_window: the window offered to the peer: its scale (RFC 7323), its right edge, which
 * never moves left, and silly window avoidance (RFC 9293 section 3.8.6.2.2).
 *
 * Scaling is offered only when the buffer needs it: then the windows of an ordinary run are plain
 * numbers on the wire. A peer that could use a larger window than 65,535 must wait for such a run.
 */
#include "endpoint_internal.h"

static bool scaling_wanted(const struct ss_endpoint *endpoint)
{
    return endpoint->options.receive_buffer > SS_ENDPOINT_WINDOW_MAX;
}

uint8_t ss_endpoint_own_shift(const struct ss_endpoint *endpoint)
{
    uint8_t shift = 0;
    while (shift < SS_TCP_WINDOW_SHIFT_MAX &&
           endpoint->options.receive_buffer >> shift > SS_ENDPOINT_WINDOW_MAX)
        shift++;
    return shift;
}

/* RFC 7323 section 2.2: scaled in both directions or in none. */
static void agree_on_scale(struct ss_endpoint *endpoint, const struct ss_tcp_options *options)
{
    if (!options->has_window_shift || !scaling_wanted(endpoint))
        return;
    /* Section 2.3: more than 14 counts as 14. */
    endpoint->snd_wind_shift =
        (uint8_t)ss_endpoint_min(options->window_shift, (uint32_t)SS_TCP_WINDOW_SHIFT_MAX);
    endpoint->rcv_wind_shift = ss_endpoint_own_shift(endpoint);
}

void ss_endpoint_agree_on_options(struct ss_endpoint *endpoint,
                                  const struct ss_tcp_options *options)
{
    /* RFC 9293 section 3.7.1, whose default goes by the IP version. */
    uint32_t announced = options->has_mss ? options->mss : endpoint->options.default_mss;
    uint32_t most = ss_endpoint_min(announced, endpoint->options.mss);
    endpoint->snd_mss = (uint16_t)ss_endpoint_max(most, 1);
    agree_on_scale(endpoint, options);
}

uint32_t ss_endpoint_first_window(const struct ss_endpoint *endpoint)
{
    return ss_endpoint_min(endpoint->options.receive_buffer, SS_ENDPOINT_WINDOW_MAX);
}

/* Room in the buffer. Octets ahead of rcv_nxt lie inside the window and need no room of their own.
 */
static uint32_t buffer_room(const struct ss_endpoint *endpoint)
{
    return (uint32_t)(endpoint->options.receive_buffer - ss_endpoint_readable(endpoint));
}

/* The largest window that fits the buffer, the header's 16 bits and the scale's step. */
static uint32_t largest_window(const struct ss_endpoint *endpoint)
{
    uint32_t steps =
        ss_endpoint_min(buffer_room(endpoint) >> endpoint->rcv_wind_shift, SS_ENDPOINT_WINDOW_MAX);
    return steps << endpoint->rcv_wind_shift;
}

/* Section 3.8.6.2.2: the edge stands until it can move by min(buffer / 2, MSS). */
uint32_t ss_endpoint_window_growth(const struct ss_endpoint *endpoint)
{
    uint32_t largest = largest_window(endpoint);
    if (largest <= endpoint->rcv_wnd)
        return 0;
    uint32_t growth = largest - endpoint->rcv_wnd;
    uint32_t least = ss_endpoint_min(endpoint->options.receive_buffer / 2, endpoint->options.mss);
    return growth >= least ? growth : 0;
}

uint16_t ss_endpoint_offer_window(struct ss_endpoint *endpoint)
{
    endpoint->rcv_wnd += ss_endpoint_window_growth(endpoint);
    /*
     * A standing edge need not lie on a step of the scale. Rounded up it moves right a little,
     * where the buffer allows it; rounded down the peer sees it move left by less than one step,
     * and what it was told before is still honoured (RFC 7323 section 2.4).
     */
    uint32_t step = UINT32_C(1) << endpoint->rcv_wind_shift;
    uint32_t beyond = endpoint->rcv_wnd & (step - 1);
    if (beyond > 0 && endpoint->rcv_wnd - beyond + step <= largest_window(endpoint))
        endpoint->rcv_wnd += step - beyond;
    endpoint->rcv_adv = ss_seq_add(endpoint->rcv_nxt, endpoint->rcv_wnd);
    return (uint16_t)ss_endpoint_min(endpoint->rcv_wnd >> endpoint->rcv_wind_shift,
                                     SS_ENDPOINT_WINDOW_MAX);
}
