/*
 * endpoint: the user's calls (RFC 9293 section 3.10.1 to 3.10.5) and the ways into and out of a
 * connection.
 */
#include "synstep/endpoint.h"

#include <assert.h>
#include <string.h>

#include "endpoint_internal.h"

struct ss_endpoint_options ss_endpoint_defaults(struct ss_seq isn)
{
    return (struct ss_endpoint_options){
        .isn = isn,
        .mss = 1460,
        .default_mss = SS_ENDPOINT_DEFAULT_MSS_IPV4,
        .receive_buffer = 64240,
        .rto_initial_us = 1000000,
        .rto_min_us = 1000000,
        .rto_max_us = 60000000,
        .retransmissions = 8,
        .time_wait_us = 240000000,
    };
}

/* A timer of no length would be due for ever, and a segment of no octets would never get done. */
static void mend_options(struct ss_endpoint_options *options)
{
    if (options->mss == 0)
        options->mss = 1;
    if (options->rto_initial_us == 0)
        options->rto_initial_us = 1;
    if (options->rto_min_us == 0)
        options->rto_min_us = 1;
    if (options->rto_max_us < options->rto_min_us)
        options->rto_max_us = options->rto_min_us;
    if (options->rto_max_us < options->rto_initial_us)
        options->rto_max_us = options->rto_initial_us;
}

void ss_endpoint_init(struct ss_endpoint *endpoint, const struct ss_endpoint_options *options)
{
    struct ss_endpoint_options given = *options;
    mend_options(&given);
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->options = given;
    endpoint->state = SS_TCP_CLOSED;
    endpoint->iss = given.isn;
    endpoint->snd_una = given.isn;
    endpoint->snd_nxt = given.isn;
    endpoint->snd_max = given.isn;
    endpoint->recover = given.isn;
    endpoint->snd_mss = given.mss;
    endpoint->rcv_wnd = ss_endpoint_first_window(endpoint);
    endpoint->rto_us = given.rto_initial_us;
    ss_endpoint_timers_off(endpoint);
}

void ss_endpoint_connect(struct ss_endpoint *endpoint)
{
    assert(endpoint->state == SS_TCP_CLOSED);
    endpoint->active_open = true;
    endpoint->state = SS_TCP_SYN_SENT;
}

void ss_endpoint_listen(struct ss_endpoint *endpoint)
{
    assert(endpoint->state == SS_TCP_CLOSED);
    endpoint->active_open = false;
    endpoint->state = SS_TCP_LISTEN;
}

void ss_endpoint_write(struct ss_endpoint *endpoint, uint64_t count)
{
    assert(!endpoint->fin_wanted);
    endpoint->written += count;
}

/*
 * A window that opens is told at once only when the peer may be waiting for it: when it holds less
 * than one segment, or when half the buffer has come free. Otherwise the next ACK tells it.
 */
static bool update_is_due(const struct ss_endpoint *endpoint)
{
    uint32_t growth = ss_endpoint_window_growth(endpoint);
    return growth > 0 && (endpoint->rcv_wnd < endpoint->options.mss ||
                          growth >= endpoint->options.receive_buffer / 2);
}

void ss_endpoint_read(struct ss_endpoint *endpoint, uint64_t count)
{
    assert(count <= ss_endpoint_readable(endpoint));
    endpoint->consumed += count;
    bool more_may_come = endpoint->state == SS_TCP_ESTABLISHED ||
                         endpoint->state == SS_TCP_FIN_WAIT_1 ||
                         endpoint->state == SS_TCP_FIN_WAIT_2;
    if (more_may_come && update_is_due(endpoint))
        ss_endpoint_want_ack(endpoint);
}

/*
 * Section 3.10.4.
 * DEVIATION: the state changes when the FIN goes out, not at this call, so that a state shown
 * beside a segment is the one that the segment made; and in SYN-RECEIVED the FIN always waits for
 * ESTABLISHED, so that a SYN is never outstanding together with a FIN.
 */
void ss_endpoint_close(struct ss_endpoint *endpoint)
{
    switch (endpoint->state) {
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
        ss_endpoint_end(endpoint, SS_ENDPOINT_NO_FAILURE);
        break;
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
    case SS_TCP_CLOSE_WAIT:
        endpoint->fin_wanted = true;
        break;
    case SS_TCP_CLOSED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        break;
    }
}

void ss_endpoint_abort(struct ss_endpoint *endpoint)
{
    switch (endpoint->state) {
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
        /* Section 3.10.5: <SEQ=SND.NXT><CTL=RST>; snd_max is the RFC's SND.NXT. */
        ss_endpoint_answer_reset(endpoint, endpoint->snd_max);
        break;
    case SS_TCP_CLOSED:
        return;
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        break;
    }
    ss_endpoint_end(endpoint, SS_ENDPOINT_ABORTED);
}

uint64_t ss_endpoint_readable(const struct ss_endpoint *endpoint)
{
    return endpoint->received - endpoint->consumed;
}

uint64_t ss_endpoint_acknowledged(const struct ss_endpoint *endpoint)
{
    return endpoint->acknowledged;
}

void ss_endpoint_end(struct ss_endpoint *endpoint, enum ss_endpoint_failure failure)
{
    endpoint->state = SS_TCP_CLOSED;
    endpoint->failure = failure;
    endpoint->ack_wanted = false;
    endpoint->ack_alone = false;
    endpoint->retransmit_wanted = false;
    endpoint->probe_wanted = false;
    ss_endpoint_timers_off(endpoint);
}

/* The ISN stays the same, because it is the caller's to choose. */
void ss_endpoint_listen_again(struct ss_endpoint *endpoint)
{
    struct ss_endpoint before = *endpoint;
    ss_endpoint_init(endpoint, &before.options);
    ss_endpoint_listen(endpoint);
    endpoint->written = before.written;
    endpoint->fin_wanted = before.fin_wanted;
}

void ss_endpoint_establish(struct ss_endpoint *endpoint)
{
    bool syn_was_lost = endpoint->retransmitted > 0;
    endpoint->state = SS_TCP_ESTABLISHED;
    if (syn_was_lost) {
        /* RFC 6298 section 5.7: three seconds, where the initial value is one. */
        uint64_t cautious = endpoint->options.rto_initial_us * 3;
        uint64_t most = endpoint->options.rto_max_us;
        endpoint->rto_us = cautious < most ? cautious : most;
    }
    ss_endpoint_congestion_begin(endpoint, syn_was_lost);
}

static void answer(struct ss_endpoint *endpoint, const struct ss_segment *segment)
{
    /* Full: nobody takes the answers away, so that one more is of no use to anybody. */
    if (endpoint->answer_count < SS_ENDPOINT_ANSWERS_MAX)
        endpoint->answers[endpoint->answer_count++] = *segment;
}

void ss_endpoint_answer_reset(struct ss_endpoint *endpoint, struct ss_seq seq)
{
    answer(endpoint, &(struct ss_segment){.seq = seq, .flags = SS_TCP_RST});
}

void ss_endpoint_answer_refusal(struct ss_endpoint *endpoint, struct ss_seq ack)
{
    answer(endpoint, &(struct ss_segment){.ack = ack, .flags = SS_TCP_RST | SS_TCP_ACK});
}

void ss_endpoint_want_ack(struct ss_endpoint *endpoint)
{
    endpoint->ack_wanted = true;
}

void ss_endpoint_want_ack_alone(struct ss_endpoint *endpoint)
{
    endpoint->ack_wanted = true;
    endpoint->ack_alone = true;
}

void ss_endpoint_challenge(struct ss_endpoint *endpoint, uint64_t now_us)
{
    uint64_t second = now_us / 1000000;
    if (second != endpoint->challenge_epoch) {
        endpoint->challenge_epoch = second;
        endpoint->challenges = 0;
    }
    if (endpoint->challenges == SS_ENDPOINT_CHALLENGES_PER_SECOND)
        return;
    endpoint->challenges++;
    ss_endpoint_want_ack_alone(endpoint);
}

bool ss_endpoint_fin_acknowledged(const struct ss_endpoint *endpoint)
{
    return endpoint->fin_sent && ss_seq_equal(endpoint->snd_una, endpoint->snd_max);
}
