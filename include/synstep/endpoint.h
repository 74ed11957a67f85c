/*
 * endpoint: one end of a TCP connection, as a pure machine (RFC 9293 section 3.10).
 *
 * Events go in, segments are taken out, time is a parameter. It does no I/O, reads no clock,
 * allocates nothing and holds no payload: it does the arithmetic, and the caller keeps the two
 * streams' octets. What it sends is named by stream offset (0 is the first octet after the SYN);
 * what it receives is answered with where in the stream the octets belong.
 *
 * Retransmission by RFC 6298, congestion control by RFC 5681, blind-attack answers by RFC 5961.
 */
#ifndef SYNSTEP_ENDPOINT_H
#define SYNSTEP_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/seq.h"
#include "synstep/tcp.h"
#include "synstep/tcp_option.h"

/* A segment's meaning: what passes between an endpoint and the world. */
struct ss_segment {
    struct ss_seq seq;
    struct ss_seq ack;       /* when flags hold SS_TCP_ACK */
    uint8_t flags;           /* enum ss_tcp_flag, or-ed */
    uint16_t window;         /* as in the header, unscaled */
    uint32_t payload_length; /* octets; over 65,535, which no datagram carries, is ignored */
    uint64_t stream_offset;  /* outgoing only: where the payload begins in the stream sent */
    struct ss_tcp_options options;
};

#define SS_ENDPOINT_NO_DEADLINE UINT64_MAX

/* What a peer is taken to receive when its SYN announces no MSS (RFC 9293 section 3.7.1). */
enum { SS_ENDPOINT_DEFAULT_MSS_IPV4 = 536, SS_ENDPOINT_DEFAULT_MSS_IPV6 = 1220 };

struct ss_endpoint_options {
    struct ss_seq isn;
    uint16_t mss;             /* announced; also the most that is sent until the peer announces */
    uint16_t default_mss;     /* the peer's when it announces none: it goes by the IP version */
    uint32_t receive_buffer;  /* octets; the window offered. Over 65,535: scaled by RFC 7323 */
    uint64_t rto_initial_us;  /* RFC 6298 section 2.1: 1 s */
    uint64_t rto_min_us;      /* section 2.4: 1 s */
    uint64_t rto_max_us;      /* section 2.5: 60 s */
    unsigned retransmissions; /* of one segment, until the connection is given up */
    uint64_t time_wait_us;    /* 2 MSL (RFC 9293 section 3.4.2); shorter when the user says so */
};

/*
 * RFC values: MSS 1460, the default MSS of IPv4, buffer 64240, RTO 1 s to 60 s, 8 retransmissions,
 * TIME-WAIT 240 s.
 */
struct ss_endpoint_options ss_endpoint_defaults(struct ss_seq isn);

/* Why a connection ended other than by FINs. */
enum ss_endpoint_failure {
    SS_ENDPOINT_NO_FAILURE,
    SS_ENDPOINT_REFUSED, /* RST in SYN-SENT, or in SYN-RECEIVED after an active open */
    SS_ENDPOINT_RESET,   /* RST later */
    SS_ENDPOINT_GAVE_UP, /* retransmissions exhausted */
    SS_ENDPOINT_ABORTED, /* ss_endpoint_abort */
};

/* What became of an incoming segment. */
enum ss_endpoint_verdict {
    SS_ENDPOINT_ACCEPTED,
    SS_ENDPOINT_UNACCEPTABLE,  /* failed the acceptability test: answered with an ACK */
    SS_ENDPOINT_BAD_ACK,       /* acknowledges what was never sent: RST or ACK, by the state */
    SS_ENDPOINT_CHALLENGED,    /* RFC 5961: RST in window or SYN: answered with a challenge ACK */
    SS_ENDPOINT_IGNORED,       /* dropped silently */
    SS_ENDPOINT_ENDED,         /* a valid RST: the connection is over */
    SS_ENDPOINT_NO_CONNECTION, /* CLOSED: answered with RST unless it was one */
};

/* The part of an incoming payload that is new: payload[skip, skip+length) goes to stream[offset…).
 */
struct ss_endpoint_delivery {
    uint64_t offset;
    uint32_t skip;
    uint32_t length; /* 0: nothing to keep */
};

enum { SS_ENDPOINT_HOLES_MAX = 32, SS_ENDPOINT_ANSWERS_MAX = 4 };

/* A run of octets received ahead of rcv_nxt: [start, end) in sequence space. */
struct ss_endpoint_run {
    struct ss_seq start;
    struct ss_seq end;
};

/* One end. Fields are for reading by tests and by whoever shows it; only ss_endpoint_* write. */
struct ss_endpoint {
    struct ss_endpoint_options options;
    enum ss_tcp_state state;
    enum ss_endpoint_failure failure;
    bool active_open;

    /* Send sequence variables (RFC 9293 section 3.3.1). */
    struct ss_seq iss;
    struct ss_seq snd_una;
    struct ss_seq snd_nxt; /* the next number to be sent; goes back for a retransmission */
    struct ss_seq snd_max; /* the highest number ever sent, plus one */
    uint32_t snd_wnd;      /* octets, scaled */
    struct ss_seq snd_wl1;
    struct ss_seq snd_wl2;
    uint32_t max_snd_wnd;   /* RFC 5961 section 5.2 */
    uint8_t snd_wind_shift; /* Snd.Wind.Shift, RFC 7323 section 2.2 */
    uint16_t snd_mss;       /* the most octets in one segment to the peer */
    uint64_t written;       /* octets the user has handed over to be sent */
    uint64_t acknowledged;  /* of them, acknowledged: the stream offset of snd_una */
    bool fin_wanted;        /* the user closed: a FIN follows the last octet */
    bool fin_sent;

    /* Receive sequence variables. */
    struct ss_seq irs;
    struct ss_seq rcv_nxt;
    uint32_t rcv_wnd; /* octets, scaled */
    uint8_t rcv_wind_shift;
    struct ss_seq rcv_adv; /* the right edge last told to the peer: it never moves left */
    uint64_t received;     /* octets received in order, in all */
    uint64_t consumed;     /* of them, read by the user */
    bool fin_received;     /* the peer's FIN, in order */
    bool fin_seen_ahead;   /* the peer's FIN has come, but octets before it have not */
    struct ss_seq fin_ahead;
    struct ss_endpoint_run runs[SS_ENDPOINT_HOLES_MAX];
    size_t run_count;

    /* Timers; every instant is in the caller's microseconds. */
    bool rtt_known;
    uint64_t srtt_us;
    uint64_t rttvar_us;
    uint64_t rto_us;
    bool timing; /* one segment at a time is timed; never a retransmitted one (Karn) */
    struct ss_seq timed;
    uint64_t timed_at;
    uint64_t retransmit_at; /* SS_ENDPOINT_NO_DEADLINE when the timer is off */
    uint64_t persist_at;    /* zero-window probes, RFC 9293 section 3.8.6.1 */
    uint64_t time_wait_at;
    unsigned retransmitted; /* times in a row without an answer, probes included */
    unsigned probes;        /* of one closed window, answered or not: they space out */

    /* Congestion control (RFC 5681). */
    uint32_t cwnd;
    uint32_t ssthresh;
    unsigned duplicate_acks;
    bool recovering;
    struct ss_seq recover;

    /* What is to be sent next that is not data: ss_endpoint_send empties it. */
    bool ack_wanted;
    bool ack_alone; /* and it must be a segment of its own */
    bool retransmit_wanted;
    bool probe_wanted;
    struct ss_segment answers[SS_ENDPOINT_ANSWERS_MAX]; /* RSTs, in order */
    size_t answer_count;
    uint64_t challenge_epoch; /* RFC 5961 section 7: at most so many challenge ACKs a second */
    unsigned challenges;
};

/* A new endpoint in CLOSED. */
void ss_endpoint_init(struct ss_endpoint *endpoint, const struct ss_endpoint_options *options);

/* OPEN, active: to SYN-SENT. OPEN, passive: to LISTEN. Only from CLOSED (assert). */
void ss_endpoint_connect(struct ss_endpoint *endpoint);
void ss_endpoint_listen(struct ss_endpoint *endpoint);

/* SEND: `count` more octets stand ready behind those written before. Not after close (assert). */
void ss_endpoint_write(struct ss_endpoint *endpoint, uint64_t count);

/* RECEIVE: the user took `count` octets of those received in order; the window may open. */
void ss_endpoint_read(struct ss_endpoint *endpoint, uint64_t count);

/* CLOSE: a FIN follows what is written. Calling it twice does nothing. */
void ss_endpoint_close(struct ss_endpoint *endpoint);

/* ABORT: to CLOSED; a RST goes out when the state calls for one (section 3.10.5). */
void ss_endpoint_abort(struct ss_endpoint *endpoint);

/* SEGMENT ARRIVES (section 3.10.7), the steps in their order. `delivery` says what to keep. */
enum ss_endpoint_verdict ss_endpoint_receive(struct ss_endpoint *endpoint,
                                             const struct ss_segment *segment, uint64_t now_us,
                                             struct ss_endpoint_delivery *delivery);

/*
 * The next segment to go out at `now_us`, timers that are due included; false when there is none.
 * Called until false after every event and at every deadline.
 */
bool ss_endpoint_send(struct ss_endpoint *endpoint, uint64_t now_us, struct ss_segment *segment);

/* When ss_endpoint_send must be called again though nothing arrives; SS_ENDPOINT_NO_DEADLINE:
 * never. */
uint64_t ss_endpoint_deadline(const struct ss_endpoint *endpoint);

/* Octets received in order and not yet read. */
uint64_t ss_endpoint_readable(const struct ss_endpoint *endpoint);

/* Octets written that the peer has acknowledged. */
uint64_t ss_endpoint_acknowledged(const struct ss_endpoint *endpoint);

#endif
