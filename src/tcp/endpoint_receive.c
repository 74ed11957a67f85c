/*
 * endpoint_receive: SEGMENT ARRIVES (RFC 9293 section 3.10.7): for each state the RFC's steps, in
 * its order, one function each.
 *
 * Every segment with text or a FIN that arrives in order is acknowledged at once. Urgent pointers,
 * SACK and timestamps are not looked at; none of them is ever offered.
 */
#include "endpoint_internal.h"

/* One segment on its way through the steps. */
struct arrival {
    struct ss_endpoint *endpoint;
    struct ss_segment segment; /* its own copy: a SYN that is dealt with is taken off */
    uint64_t now_us;
    struct ss_endpoint_delivery *delivery;
    enum ss_endpoint_verdict verdict;
};

/* A step that says STOP has set the verdict. */
enum step {
    STOP,
    GO_ON,
};

static enum step stop(struct arrival *arrival, enum ss_endpoint_verdict verdict)
{
    arrival->verdict = verdict;
    return STOP;
}

static bool has(const struct arrival *arrival, enum ss_tcp_flag flag)
{
    return (arrival->segment.flags & flag) != 0;
}

static uint32_t length_of(const struct arrival *arrival)
{
    return ss_seq_segment_length(arrival->segment.payload_length, has(arrival, SS_TCP_SYN),
                                 has(arrival, SS_TCP_FIN));
}

/* What is left of a segment when its SYN has been dealt with. */
static void take_off_syn(struct arrival *arrival)
{
    arrival->segment.seq = ss_seq_add(arrival->segment.seq, 1);
    arrival->segment.flags &= (uint8_t)~SS_TCP_SYN;
}

/* --- 3.10.7.1: CLOSED ------------------------------------------------------------------------- */

static void arrive_closed(struct arrival *arrival)
{
    const struct ss_segment *segment = &arrival->segment;
    arrival->verdict = SS_ENDPOINT_NO_CONNECTION;
    if (has(arrival, SS_TCP_RST))
        return;
    if (has(arrival, SS_TCP_ACK))
        ss_endpoint_answer_reset(arrival->endpoint, segment->ack);
    else
        ss_endpoint_answer_refusal(arrival->endpoint, ss_seq_add(segment->seq, length_of(arrival)));
}

/* --- what LISTEN and SYN-SENT have in common -------------------------------------------------- */

/* The peer's ISN, options and first window, from its SYN. */
static void take_syn(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    const struct ss_segment *segment = &arrival->segment;
    endpoint->irs = segment->seq;
    endpoint->rcv_nxt = ss_seq_add(segment->seq, 1);
    endpoint->rcv_adv = ss_seq_add(endpoint->rcv_nxt, endpoint->rcv_wnd);
    ss_endpoint_agree_on_options(endpoint, &segment->options);
    /* RFC 7323 section 2.2: the window of a segment with SYN is never scaled. */
    endpoint->snd_wnd = segment->window;
    endpoint->max_snd_wnd = segment->window;
    endpoint->snd_wl1 = segment->seq;
    endpoint->snd_wl2 = segment->ack;
}

/*
 * To SYN-RECEIVED; the SYN,ACK goes out next. Text or a FIN that came with the SYN is not kept and
 * not acknowledged: the peer sends it again.
 */
static void receive_syn(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    take_syn(arrival);
    endpoint->state = SS_TCP_SYN_RECEIVED;
    endpoint->snd_wl2 = endpoint->iss;
    endpoint->snd_nxt = endpoint->iss;
    arrival->verdict = SS_ENDPOINT_ACCEPTED;
}

/* --- 3.10.7.2: LISTEN ------------------------------------------------------------------------- */

static void arrive_listen(struct arrival *arrival)
{
    arrival->verdict = SS_ENDPOINT_IGNORED;
    if (has(arrival, SS_TCP_RST))
        return;
    if (has(arrival, SS_TCP_ACK)) {
        ss_endpoint_answer_reset(arrival->endpoint, arrival->segment.ack);
        arrival->verdict = SS_ENDPOINT_BAD_ACK;
    } else if (has(arrival, SS_TCP_SYN)) {
        receive_syn(arrival);
    }
}

/* --- 3.10.7.4, seventh and eighth: text and FIN ----------------------------------------------- */

/* What the peer's FIN does to the state, once it is in order. */
static void take_fin(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    switch (endpoint->state) {
    case SS_TCP_ESTABLISHED:
        endpoint->state = SS_TCP_CLOSE_WAIT;
        break;
    case SS_TCP_FIN_WAIT_1:
        endpoint->state = SS_TCP_CLOSING;
        break;
    case SS_TCP_FIN_WAIT_2:
        ss_endpoint_time_wait(endpoint, arrival->now_us);
        break;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        break;
    }
}

/* Text and FIN in the states that still take them. */
static void take_stream(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    if (length_of(arrival) == 0)
        return;
    struct ss_seq before = endpoint->rcv_nxt;
    ss_endpoint_take_text(endpoint, &arrival->segment, arrival->delivery);
    if (has(arrival, SS_TCP_FIN))
        ss_endpoint_note_fin(endpoint, &arrival->segment);
    if (ss_endpoint_step_over_fin(endpoint))
        take_fin(arrival);
    /* RFC 5681 section 4.2: a duplicate ACK at once for what lies beyond a hole. It counts as one
     * only without data. */
    if (ss_seq_equal(before, endpoint->rcv_nxt))
        ss_endpoint_want_ack_alone(endpoint);
    else
        ss_endpoint_want_ack(endpoint);
}

static void step_text_and_fin(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    arrival->verdict = SS_ENDPOINT_ACCEPTED;
    switch (endpoint->state) {
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
        take_stream(arrival);
        break;
    case SS_TCP_TIME_WAIT:
        if (has(arrival, SS_TCP_FIN)) {
            ss_endpoint_time_wait(endpoint, arrival->now_us);
            ss_endpoint_want_ack_alone(endpoint);
        }
        break;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
        /* The peer's FIN has been here: nothing can follow it. */
        break;
    }
}

/* --- 3.10.7.3: SYN-SENT ----------------------------------------------------------------------- */

/* First: the ACK bit. */
static enum step syn_sent_ack(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    struct ss_seq ack = arrival->segment.ack;
    if (!has(arrival, SS_TCP_ACK))
        return GO_ON;
    if (ss_seq_after(ack, endpoint->iss) && ss_seq_at_or_before(ack, endpoint->snd_max))
        return GO_ON;
    if (has(arrival, SS_TCP_RST))
        return stop(arrival, SS_ENDPOINT_IGNORED);
    ss_endpoint_answer_reset(endpoint, ack);
    return stop(arrival, SS_ENDPOINT_BAD_ACK);
}

/* Second: the RST bit. */
static enum step syn_sent_reset(struct arrival *arrival)
{
    if (!has(arrival, SS_TCP_RST))
        return GO_ON;
    if (!has(arrival, SS_TCP_ACK))
        return stop(arrival, SS_ENDPOINT_IGNORED);
    ss_endpoint_end(arrival->endpoint, SS_ENDPOINT_REFUSED);
    return stop(arrival, SS_ENDPOINT_ENDED);
}

/* Our SYN is acknowledged: snd_una steps over it. */
static void establish(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    endpoint->snd_una = arrival->segment.ack;
    endpoint->snd_nxt = arrival->segment.ack;
    ss_endpoint_establish(endpoint);
    ss_endpoint_timers_acknowledged(endpoint, arrival->now_us);
}

/* Fourth: the SYN bit, with our SYN acknowledged. Text that came along is taken now. */
static void syn_sent_established(struct arrival *arrival)
{
    take_syn(arrival);
    establish(arrival);
    take_off_syn(arrival);
    step_text_and_fin(arrival);
    /* The textbook's third segment. */
    ss_endpoint_want_ack_alone(arrival->endpoint);
}

static void arrive_syn_sent(struct arrival *arrival)
{
    if (syn_sent_ack(arrival) == STOP || syn_sent_reset(arrival) == STOP)
        return;
    if (!has(arrival, SS_TCP_SYN))
        arrival->verdict = SS_ENDPOINT_IGNORED;
    else if (has(arrival, SS_TCP_ACK))
        syn_sent_established(arrival);
    else
        receive_syn(arrival); /* simultaneous open */
}

/* --- 3.10.7.4: all other states --------------------------------------------------------------- */

/* A segment refused by the sequence check still brings news when our window is shut. */
static bool only_window_is_shut(const struct arrival *arrival)
{
    const struct ss_endpoint *endpoint = arrival->endpoint;
    return endpoint->rcv_wnd == 0 && endpoint->state != SS_TCP_SYN_RECEIVED &&
           ss_seq_equal(arrival->segment.seq, endpoint->rcv_nxt) &&
           (arrival->segment.flags & (SS_TCP_SYN | SS_TCP_ACK)) == SS_TCP_ACK;
}

/* In TIME-WAIT the peer's FIN again: our last ACK was lost. */
static bool is_last_fin_again(const struct arrival *arrival)
{
    struct ss_seq end = ss_seq_add(arrival->segment.seq, length_of(arrival));
    return arrival->endpoint->state == SS_TCP_TIME_WAIT && has(arrival, SS_TCP_FIN) &&
           ss_seq_equal(end, arrival->endpoint->rcv_nxt);
}

static void after_ack(struct arrival *arrival);

/* What the sequence check refuses is answered by an ACK that says what is expected. */
static void refuse(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    arrival->verdict = SS_ENDPOINT_UNACCEPTABLE;
    if (is_last_fin_again(arrival))
        ss_endpoint_time_wait(endpoint, arrival->now_us);
    /* Two ends that refuse each other's pure ACKs would go on for ever: so those are limited. */
    if (length_of(arrival) == 0)
        ss_endpoint_challenge(endpoint, arrival->now_us);
    else
        ss_endpoint_want_ack_alone(endpoint);
}

/* First: the sequence number. */
static enum step step_sequence(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    if (ss_seq_acceptable(endpoint->rcv_nxt, endpoint->rcv_wnd, arrival->segment.seq,
                          length_of(arrival)))
        return GO_ON;
    if (has(arrival, SS_TCP_RST))
        return stop(arrival, SS_ENDPOINT_IGNORED);
    /* "Special allowance should be made to accept valid ACKs." */
    enum ss_endpoint_verdict ignored;
    if (only_window_is_shut(arrival) &&
        ss_endpoint_take_ack(endpoint, &arrival->segment, arrival->now_us, &ignored))
        after_ack(arrival);
    if (endpoint->state == SS_TCP_CLOSED)
        return stop(arrival, SS_ENDPOINT_ACCEPTED);
    refuse(arrival);
    return STOP;
}

static void reset_connection(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    switch (endpoint->state) {
    case SS_TCP_SYN_RECEIVED:
        if (endpoint->active_open)
            ss_endpoint_end(endpoint, SS_ENDPOINT_REFUSED);
        else
            ss_endpoint_listen_again(endpoint);
        break;
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
        ss_endpoint_end(endpoint, SS_ENDPOINT_RESET);
        break;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        ss_endpoint_end(endpoint, SS_ENDPOINT_NO_FAILURE);
        break;
    }
}

/* Second: the RST bit, as RFC 5961 section 3.2 has it: only the exact number resets. */
static enum step step_reset(struct arrival *arrival)
{
    if (!has(arrival, SS_TCP_RST))
        return GO_ON;
    if (!ss_seq_equal(arrival->segment.seq, arrival->endpoint->rcv_nxt)) {
        ss_endpoint_challenge(arrival->endpoint, arrival->now_us);
        return stop(arrival, SS_ENDPOINT_CHALLENGED);
    }
    reset_connection(arrival);
    return stop(arrival, SS_ENDPOINT_ENDED);
}

/* Fourth: the SYN bit, as RFC 5961 section 4.2 has it. (Third, security, does not concern us.) */
static enum step step_syn(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    if (!has(arrival, SS_TCP_SYN))
        return GO_ON;
    if (endpoint->state == SS_TCP_SYN_RECEIVED && !endpoint->active_open) {
        ss_endpoint_listen_again(endpoint);
        return stop(arrival, SS_ENDPOINT_ENDED);
    }
    ss_endpoint_challenge(endpoint, arrival->now_us);
    return stop(arrival, SS_ENDPOINT_CHALLENGED);
}

/* Fifth, SYN-RECEIVED: the ACK that ends the handshake, or a RST. */
static enum step finish_handshake(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    const struct ss_segment *segment = &arrival->segment;
    if (!ss_seq_after(segment->ack, endpoint->snd_una) ||
        !ss_seq_at_or_before(segment->ack, endpoint->snd_max)) {
        ss_endpoint_answer_reset(endpoint, segment->ack);
        return stop(arrival, SS_ENDPOINT_BAD_ACK);
    }
    establish(arrival);
    endpoint->snd_wnd = (uint32_t)segment->window << endpoint->snd_wind_shift;
    endpoint->max_snd_wnd = ss_endpoint_max(endpoint->max_snd_wnd, endpoint->snd_wnd);
    endpoint->snd_wl1 = segment->seq;
    endpoint->snd_wl2 = segment->ack;
    return GO_ON;
}

/* What an ACK of our FIN does to the state. */
static void after_ack(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    if (!ss_endpoint_fin_acknowledged(endpoint))
        return;
    switch (endpoint->state) {
    case SS_TCP_FIN_WAIT_1:
        endpoint->state = SS_TCP_FIN_WAIT_2;
        break;
    case SS_TCP_CLOSING:
        ss_endpoint_time_wait(endpoint, arrival->now_us);
        break;
    case SS_TCP_LAST_ACK:
        ss_endpoint_end(endpoint, SS_ENDPOINT_NO_FAILURE);
        break;
    case SS_TCP_CLOSED:
    case SS_TCP_LISTEN:
    case SS_TCP_SYN_SENT:
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_TIME_WAIT:
        break;
    }
}

/* Fifth: the ACK field. */
static enum step step_ack(struct arrival *arrival)
{
    struct ss_endpoint *endpoint = arrival->endpoint;
    if (!has(arrival, SS_TCP_ACK))
        return stop(arrival, SS_ENDPOINT_IGNORED);
    if (endpoint->state == SS_TCP_SYN_RECEIVED)
        return finish_handshake(arrival);
    if (!ss_endpoint_take_ack(endpoint, &arrival->segment, arrival->now_us, &arrival->verdict))
        return STOP;
    after_ack(arrival);
    return endpoint->state == SS_TCP_CLOSED ? stop(arrival, SS_ENDPOINT_ACCEPTED) : GO_ON;
}

static void walk_steps(struct arrival *arrival)
{
    if (step_sequence(arrival) == STOP || step_reset(arrival) == STOP ||
        step_syn(arrival) == STOP || step_ack(arrival) == STOP)
        return;
    step_text_and_fin(arrival);
}

/*
 * Simultaneous open, RFC 9293 section 3.5, figure 8, line 7: the peer's SYN,ACK repeats the SYN
 * that is here already, so that the sequence check by its letter would refuse it.
 */
static bool repeats_syn(const struct arrival *arrival)
{
    const struct ss_endpoint *endpoint = arrival->endpoint;
    uint8_t flags = SS_TCP_SYN | SS_TCP_ACK;
    return endpoint->state == SS_TCP_SYN_RECEIVED && endpoint->active_open &&
           (arrival->segment.flags & (flags | SS_TCP_RST)) == flags &&
           ss_seq_equal(arrival->segment.seq, endpoint->irs) &&
           ss_seq_equal(arrival->segment.ack, endpoint->snd_max);
}

static void arrive_later(struct arrival *arrival)
{
    if (repeats_syn(arrival))
        take_off_syn(arrival);
    walk_steps(arrival);
}

enum ss_endpoint_verdict ss_endpoint_receive(struct ss_endpoint *endpoint,
                                             const struct ss_segment *segment, uint64_t now_us,
                                             struct ss_endpoint_delivery *delivery)
{
    *delivery = (struct ss_endpoint_delivery){0};
    struct arrival arrival = {endpoint, *segment, now_us, delivery, SS_ENDPOINT_IGNORED};
    if (segment->payload_length > SS_ENDPOINT_PAYLOAD_MAX)
        return SS_ENDPOINT_IGNORED;
    switch (endpoint->state) {
    case SS_TCP_CLOSED:
        arrive_closed(&arrival);
        break;
    case SS_TCP_LISTEN:
        arrive_listen(&arrival);
        break;
    case SS_TCP_SYN_SENT:
        arrive_syn_sent(&arrival);
        break;
    case SS_TCP_SYN_RECEIVED:
    case SS_TCP_ESTABLISHED:
    case SS_TCP_FIN_WAIT_1:
    case SS_TCP_FIN_WAIT_2:
    case SS_TCP_CLOSE_WAIT:
    case SS_TCP_CLOSING:
    case SS_TCP_LAST_ACK:
    case SS_TCP_TIME_WAIT:
        arrive_later(&arrival);
        break;
    }
    return arrival.verdict;
}
