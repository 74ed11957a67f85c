/*
 * endpoint_timer: the retransmission timer (RFC 6298), round-trip times by Karn's rule, probes of a
 * closed window (RFC 9293 section 3.8.6.1), and TIME-WAIT.
 */
#include "endpoint_internal.h"

enum { CLOCK_STEP_US = 1 }; /* RFC 6298's G */

static uint64_t later(uint64_t now_us, uint64_t by_us)
{
    return by_us < SS_ENDPOINT_NO_DEADLINE - now_us ? now_us + by_us : SS_ENDPOINT_NO_DEADLINE;
}

static uint64_t doubled(const struct ss_endpoint *endpoint, uint64_t span_us)
{
    uint64_t most = endpoint->options.rto_max_us;
    return span_us > most / 2 ? most : span_us * 2;
}

void ss_endpoint_timers_off(struct ss_endpoint *endpoint)
{
    endpoint->timing = false;
    endpoint->retransmit_at = SS_ENDPOINT_NO_DEADLINE;
    endpoint->persist_at = SS_ENDPOINT_NO_DEADLINE;
    endpoint->time_wait_at = SS_ENDPOINT_NO_DEADLINE;
}

uint64_t ss_endpoint_deadline(const struct ss_endpoint *endpoint)
{
    uint64_t first = endpoint->retransmit_at;
    if (endpoint->persist_at < first)
        first = endpoint->persist_at;
    return endpoint->time_wait_at < first ? endpoint->time_wait_at : first;
}

/*
 * RFC 9293 section 3.8.3: the connection is given up. A peer that may hold it is told by a RST,
 * since it may well hear us though we do not hear it.
 */
static void give_up(struct ss_endpoint *endpoint)
{
    ss_endpoint_abort(endpoint);
    endpoint->failure = SS_ENDPOINT_GAVE_UP;
}

/* RFC 6298 section 5, steps 5.4 to 5.6: from snd_una on everything is sent again. */
static void retransmission_due(struct ss_endpoint *endpoint, uint64_t now_us)
{
    if (endpoint->retransmitted >= endpoint->options.retransmissions) {
        give_up(endpoint);
        return;
    }
    endpoint->retransmitted++;
    endpoint->rto_us = doubled(endpoint, endpoint->rto_us);
    endpoint->retransmit_at = later(now_us, endpoint->rto_us);
    endpoint->snd_nxt = endpoint->snd_una;
    bool opening = endpoint->state == SS_TCP_SYN_SENT || endpoint->state == SS_TCP_SYN_RECEIVED;
    if (opening)
        return;
    endpoint->retransmit_wanted = true;
    ss_endpoint_congestion_timeout(endpoint);
}

static void probe_due(struct ss_endpoint *endpoint)
{
    endpoint->persist_at = SS_ENDPOINT_NO_DEADLINE;
    if (endpoint->retransmitted >= endpoint->options.retransmissions) {
        give_up(endpoint);
        return;
    }
    endpoint->probe_wanted = true;
}

void ss_endpoint_timers_run(struct ss_endpoint *endpoint, uint64_t now_us)
{
    /* An instant of "never" is not reached, even at the end of all time. TIME-WAIT may have no
     * length; the ACK of the peer's FIN still goes out. */
    if (endpoint->time_wait_at != SS_ENDPOINT_NO_DEADLINE && now_us >= endpoint->time_wait_at &&
        !endpoint->ack_wanted)
        ss_endpoint_end(endpoint, SS_ENDPOINT_NO_FAILURE);
    if (endpoint->retransmit_at != SS_ENDPOINT_NO_DEADLINE && now_us >= endpoint->retransmit_at)
        retransmission_due(endpoint, now_us);
    if (endpoint->persist_at != SS_ENDPOINT_NO_DEADLINE && now_us >= endpoint->persist_at)
        probe_due(endpoint);
}

void ss_endpoint_timers_sent(struct ss_endpoint *endpoint, struct ss_seq seq, struct ss_seq end,
                             uint64_t now_us)
{
    if (!ss_seq_equal(seq, endpoint->snd_max)) {
        /* Karn: an ACK of what was sent twice does not say which one it answers. */
        endpoint->timing = false;
    } else if (!endpoint->timing) {
        endpoint->timing = true;
        endpoint->timed = end;
        endpoint->timed_at = now_us;
    }
    if (endpoint->retransmit_at == SS_ENDPOINT_NO_DEADLINE)
        endpoint->retransmit_at = later(now_us, endpoint->rto_us);
    endpoint->persist_at = SS_ENDPOINT_NO_DEADLINE;
    endpoint->probes = 0;
}

/* RFC 6298 section 2: alpha 1/8, beta 1/4, K 4. */
static void measured(struct ss_endpoint *endpoint, uint64_t rtt_us)
{
    if (!endpoint->rtt_known) {
        endpoint->rtt_known = true;
        endpoint->srtt_us = rtt_us;
        endpoint->rttvar_us = rtt_us / 2;
    } else {
        uint64_t srtt = endpoint->srtt_us;
        uint64_t error = srtt > rtt_us ? srtt - rtt_us : rtt_us - srtt;
        endpoint->rttvar_us = (3 * endpoint->rttvar_us + error) / 4;
        endpoint->srtt_us = (7 * srtt + rtt_us) / 8;
    }
    uint64_t spread = 4 * endpoint->rttvar_us;
    uint64_t rto = endpoint->srtt_us + (spread > CLOCK_STEP_US ? spread : CLOCK_STEP_US);
    if (rto < endpoint->options.rto_min_us)
        rto = endpoint->options.rto_min_us;
    if (rto > endpoint->options.rto_max_us)
        rto = endpoint->options.rto_max_us;
    endpoint->rto_us = rto;
}

void ss_endpoint_timers_acknowledged(struct ss_endpoint *endpoint, uint64_t now_us)
{
    if (endpoint->timing && ss_seq_at_or_after(endpoint->snd_una, endpoint->timed)) {
        endpoint->timing = false;
        measured(endpoint, now_us - endpoint->timed_at);
    }
    endpoint->retransmitted = 0;
    endpoint->probe_wanted = false;
    /* RFC 6298 section 5, steps 5.2 and 5.3. */
    bool all = ss_seq_equal(endpoint->snd_una, endpoint->snd_max);
    endpoint->retransmit_at = all ? SS_ENDPOINT_NO_DEADLINE : later(now_us, endpoint->rto_us);
}

void ss_endpoint_timers_persist(struct ss_endpoint *endpoint, bool waiting, uint64_t now_us)
{
    if (!waiting || endpoint->retransmit_at != SS_ENDPOINT_NO_DEADLINE) {
        endpoint->persist_at = SS_ENDPOINT_NO_DEADLINE;
        return;
    }
    if (endpoint->persist_at != SS_ENDPOINT_NO_DEADLINE)
        return;
    /* RFC 9293 section 3.8.6.1: the first after one RTO, then at growing intervals. */
    uint64_t interval = endpoint->rto_us;
    for (unsigned i = 0; i < endpoint->probes && interval < endpoint->options.rto_max_us; i++)
        interval = doubled(endpoint, interval);
    endpoint->persist_at = later(now_us, interval);
}

void ss_endpoint_time_wait(struct ss_endpoint *endpoint, uint64_t now_us)
{
    ss_endpoint_timers_off(endpoint);
    endpoint->retransmit_wanted = false;
    endpoint->probe_wanted = false;
    endpoint->state = SS_TCP_TIME_WAIT;
    endpoint->time_wait_at = later(now_us, endpoint->options.time_wait_us);
}
