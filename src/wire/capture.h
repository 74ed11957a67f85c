/*
 * capture: what comes in: IP datagrams of one connection, or whole frames of one peer, each once,
 * by a packet socket whose filter libpcap compiles.
 *
 * libpcap's own live capture was tried first. Its ring costs five waits for all processors to pass
 * a quiet state (RCU), 50 ms a run; this socket has one, at its close. Replies take the same time.
 */
#ifndef SS_WIRE_CAPTURE_H
#define SS_WIRE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/route.h"
#include "synstep/status.h"
#include "synstep/wire.h"
#include "told.h"

enum ss_capture_hear {
    SS_CAPTURE_TCP,             /* TCP of the route's two ends, and ICMP errors */
    SS_CAPTURE_PEER,            /* everything from the peer's address, and ICMP errors */
    SS_CAPTURE_PEER_AND_GROUPS, /* and what anybody on the link sends to a multicast group */
    SS_CAPTURE_PEER_AND_ARP,    /* and ARP of which the peer is the sender; frames only */
    SS_CAPTURE_GROUPS_AND_ARP,  /* the groups, and anybody's ARP; frames only */
    /* The peer's answer, by ARP or neighbour advertisement, to who has its address; frames only. */
    SS_CAPTURE_NEIGHBOUR,
};

struct ss_capture_options {
    struct ss_route route; /* the interface and the two addresses */
    enum ss_capture_hear hear;
    uint16_t local_port; /* 0: any */
    uint16_t peer_port;  /* 0: any */
    bool frames;         /* from the Ethernet header on; otherwise from the IP header on */
};

enum { SS_CAPTURE_LINK_BYTES = 14 + SS_TOLD_TAG_BYTES };

struct ss_capture {
    int socket; /* to wait on; -1 */
    uint8_t version;
    bool frames;
    bool everything;     /* not only TCP and ICMP errors */
    uint16_t local_port; /* 0: any */
    uint16_t peer_port;  /* 0: any */
    uint64_t last_us;    /* the time of the last arrival, which the next may not go before */
    /* What was read begins behind the room for a tag that the kernel took out of it. */
    uint8_t octets[SS_CAPTURE_LINK_BYTES + SS_DATAGRAM_BYTES_MAX];
};

/* Armed when it returns: whatever matches from then on is kept until it is asked for. */
enum ss_status ss_capture_open(struct ss_capture *capture, const struct ss_capture_options *options,
                               struct ss_problem *problem);
void ss_capture_close(struct ss_capture *capture);

/* The next one that is there already; SS_TIMED_OUT when there is none. Never waits. */
enum ss_status ss_capture_next(struct ss_capture *capture, struct ss_arrival *arrival,
                               struct ss_problem *problem);

#endif
