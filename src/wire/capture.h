/*
 * capture: what comes in: IP datagrams of one connection, each once, by a packet socket whose
 * filter libpcap compiles.
 *
 * libpcap's own live capture was tried first. Its ring costs five waits for all processors to pass
 * a quiet state (RCU), 50 ms a run; this socket has one, at its close. Replies take the same time.
 */
#ifndef SS_WIRE_CAPTURE_H
#define SS_WIRE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/raw.h"
#include "synstep/status.h"

struct ss_capture {
    int socket; /* to wait on; -1 */
    uint8_t version;
    bool everything;     /* not only TCP and ICMP errors */
    uint16_t local_port; /* 0: any */
    uint16_t peer_port;  /* 0: any */
    uint64_t last_us;    /* the time of the last arrival, which the next may not go before */
    uint8_t octets[SS_DATAGRAM_BYTES_MAX];
};

/* Armed when it returns: whatever matches from then on is kept until it is asked for. */
enum ss_status ss_capture_open(struct ss_capture *capture, const struct ss_raw_options *options,
                               struct ss_problem *problem);
void ss_capture_close(struct ss_capture *capture);

/* The next datagram that is there already; SS_TIMED_OUT when there is none. Never waits. */
enum ss_status ss_capture_next(struct ss_capture *capture, struct ss_arrival *arrival,
                               struct ss_problem *problem);

#endif
