/*
 * endpoint_internal: what the files of `endpoint` share among themselves and with nobody else.
 */
#ifndef SYNSTEP_ENDPOINT_INTERNAL_H
#define SYNSTEP_ENDPOINT_INTERNAL_H

#include "synstep/endpoint.h"

enum {
    SS_ENDPOINT_WINDOW_MAX = 65535,         /* the header's 16 bits */
    SS_ENDPOINT_PAYLOAD_MAX = 65535,        /* no IP datagram carries more */
    SS_ENDPOINT_CHALLENGES_PER_SECOND = 10, /* RFC 5961 section 7; of one connection, not shared */
    SS_ENDPOINT_DUPLICATE_ACKS = 3,         /* RFC 5681 section 3.2 */
};

static inline uint32_t ss_endpoint_min(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

static inline uint32_t ss_endpoint_max(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* endpoint.c: state and answers. */

/* To CLOSED: every timer off, nothing owed but the answers already queued. */
void ss_endpoint_end(struct ss_endpoint *endpoint, enum ss_endpoint_failure failure);
/* From SYN-RECEIVED back to LISTEN, as if nothing had come. */
void ss_endpoint_listen_again(struct ss_endpoint *endpoint);
/* The handshake is over: windows, first timers and congestion window are set. */
void ss_endpoint_establish(struct ss_endpoint *endpoint);
/* <SEQ=seq><CTL=RST>. */
void ss_endpoint_answer_reset(struct ss_endpoint *endpoint, struct ss_seq seq);
/* <SEQ=0><ACK=ack><CTL=RST,ACK>. */
void ss_endpoint_answer_refusal(struct ss_endpoint *endpoint, struct ss_seq ack);
/* An ACK is owed; it may ride on data. */
void ss_endpoint_want_ack(struct ss_endpoint *endpoint);
/* An ACK is owed as a segment of its own. */
void ss_endpoint_want_ack_alone(struct ss_endpoint *endpoint);
/* An ACK that an attacker could provoke: not more than so many a second (RFC 5961 section 7). */
void ss_endpoint_challenge(struct ss_endpoint *endpoint, uint64_t now_us);
/* Whether the octets sent include a FIN and all of them are acknowledged. */
bool ss_endpoint_fin_acknowledged(const struct ss_endpoint *endpoint);

/* endpoint_window.c: the window offered to the peer and its scale. */

uint8_t ss_endpoint_own_shift(const struct ss_endpoint *endpoint);
void ss_endpoint_agree_on_options(struct ss_endpoint *endpoint,
                                  const struct ss_tcp_options *options);
/* The window offered before there is a connection: never scaled (RFC 7323 section 2.2). */
uint32_t ss_endpoint_first_window(const struct ss_endpoint *endpoint);
/* How far the right edge could move by now, in octets; 0 while that would be silly. */
uint32_t ss_endpoint_window_growth(const struct ss_endpoint *endpoint);
/* Moves the right edge as far as it may go and gives the header's window field. */
uint16_t ss_endpoint_offer_window(struct ss_endpoint *endpoint);

/* endpoint_reassembly.c: steps seven and eight of section 3.10.7.4. */

void ss_endpoint_take_text(struct ss_endpoint *endpoint, const struct ss_segment *segment,
                           struct ss_endpoint_delivery *delivery);
/* Notes a FIN inside the window, wherever it lies. */
void ss_endpoint_note_fin(struct ss_endpoint *endpoint, const struct ss_segment *segment);
/* Steps over the peer's FIN when all octets before it are here. True when it did. */
bool ss_endpoint_step_over_fin(struct ss_endpoint *endpoint);

/* endpoint_acknowledge.c: step five. */

/* The ACK field of a segment in a synchronized state. False, the verdict set: drop the segment. */
bool ss_endpoint_take_ack(struct ss_endpoint *endpoint, const struct ss_segment *segment,
                          uint64_t now_us, enum ss_endpoint_verdict *verdict);

/* endpoint_congestion.c: RFC 5681 and RFC 6582. */

void ss_endpoint_congestion_begin(struct ss_endpoint *endpoint, bool syn_was_lost);
void ss_endpoint_congestion_progress(struct ss_endpoint *endpoint, uint32_t acknowledged);
void ss_endpoint_congestion_duplicate(struct ss_endpoint *endpoint);
void ss_endpoint_congestion_timeout(struct ss_endpoint *endpoint);

/* endpoint_timer.c: RFC 6298, probes, TIME-WAIT. */

void ss_endpoint_timers_off(struct ss_endpoint *endpoint);
/* Does what is due at `now_us`: wants retransmissions or probes, gives up, leaves TIME-WAIT. */
void ss_endpoint_timers_run(struct ss_endpoint *endpoint, uint64_t now_us);
/* A segment from `seq` up to `end` goes out (its numbers not yet counted in snd_max). */
void ss_endpoint_timers_sent(struct ss_endpoint *endpoint, struct ss_seq seq, struct ss_seq end,
                             uint64_t now_us);
/* snd_una has moved forward. */
void ss_endpoint_timers_acknowledged(struct ss_endpoint *endpoint, uint64_t now_us);
/* Something waits for the peer's window and no timer runs: probes are due some time. */
void ss_endpoint_timers_persist(struct ss_endpoint *endpoint, bool waiting, uint64_t now_us);
/* To TIME-WAIT, or again into it: 2 MSL from now. */
void ss_endpoint_time_wait(struct ss_endpoint *endpoint, uint64_t now_us);

/* endpoint_send.c */

/* Octets written and not yet sent (or to be sent again). */
uint64_t ss_endpoint_unsent(const struct ss_endpoint *endpoint);

#endif
