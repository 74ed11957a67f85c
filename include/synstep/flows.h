/*
 * flows: the TCP connections of a capture of any length, each judged packet by packet in bounded
 * memory, and told when it is over.
 *
 * Two ends with their ports are one connection until one of them begins anew. Connections are
 * numbered from 1 in the order in which they are first seen.
 *
 * Memory: less than 512 octets for each connection, its place in the table included, and 80 more
 * where it is to be counted what each end did. What verify
 * remembers of a busy one (synstep/verify_extra.h) lies in one of SS_FLOWS_ROOMS_MAX rooms, 82 MB
 * in all, which belong to those that spoke last. A connection that ended is closed out when it was
 * quiet for a minute (2 MSL as Linux counts it) and another one needs its place. With
 * SS_FLOWS_MAX open at once, one that was quiet for longer than others gives way to a new one.
 */
#ifndef SYNSTEP_FLOWS_H
#define SYNSTEP_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/verify.h"
#include "synstep/verify_analysis.h"

enum {
    SS_FLOWS_MAX = 1 << 20,
    SS_FLOWS_ROOMS_MAX = 32 * 1024,
    SS_FLOWS_QUIET_US = 60 * 1000 * 1000,
    SS_FLOWS_TELL_US = 1000 * 1000,
};

/* What one end did, beyond what struct ss_verify_side counts. The short ones stop at their most. */
struct ss_flow_side {
    uint32_t retransmitted; /* packets */
    uint32_t retransmitted_bytes;
    uint32_t duplicate_acks;
    uint32_t rtt_count; /* of its data, until they were acknowledged; none that Karn forbids */
    uint32_t rtt_max_us;
    float rtt_mean_us;
    float rtt_spread; /* the sum of squares from the mean, microseconds squared */
    uint16_t out_of_order;
    uint16_t triple_duplicates;
    uint16_t probes; /* zero-window probes */
    uint16_t segment_min;
    uint16_t segment_max; /* octets of data; 0: none was sent */
    uint16_t window_min;  /* as the header has it, SYN and RST left out; 65535: none less */
};

/* One connection. */
struct ss_flow {
    struct ss_socket_address ends[2]; /* by enum ss_side: A sent the first SYN, or was seen first */
    uint64_t last_us;                 /* its newest packet */
    uint32_t number;
    uint32_t idle_max_ms; /* the longest time without a packet */
    uint32_t next;        /* in the same bucket, or free */
    uint16_t room;        /* index + 1; 0: none */
    bool late;            /* it begins with something else than a SYN */
    bool live;            /* this place is taken */
    bool told;            /* it has been told that it is over */

    /* All before this, by which it is found, is on one line of the cache or two. */
    struct ss_verify verify;
    struct ss_flow_side *sides; /* [2]; NULL unless they were asked for */
};

/* The table has one head of 4 octets for each at most, or for two of them. */
_Static_assert(sizeof(struct ss_flow) + 4 < 512, "a million connections in less than 512 MB");
_Static_assert(sizeof(struct ss_flow_side[2]) <= 80, "beside that, where it is counted");
_Static_assert(SS_FLOWS_ROOMS_MAX < UINT16_MAX, "a room's number has 16 bits");

/* How it stands with a connection after its last packet. */
enum ss_connection_end {
    SS_CONNECTION_OPEN,
    SS_CONNECTION_CLOSED,  /* both sent a FIN */
    SS_CONNECTION_RESET_A, /* by whom */
    SS_CONNECTION_RESET_B,
    SS_CONNECTION_REFUSED,    /* B answered the SYN with a RST */
    SS_CONNECTION_UNANSWERED, /* B sent nothing */
};

enum ss_connection_end ss_flow_end(const struct ss_flow *flow);

/* "closed", "reset by the client"; static storage. */
const char *ss_connection_end_text(enum ss_connection_end end);

/* Octets of its stream that were seen sent, each counted once. */
uint64_t ss_flow_unique_bytes(const struct ss_flow *flow, enum ss_side side);

struct ss_flows_options {
    bool counted; /* what each end did */

    /* Bounds of its own: at most SS_FLOWS_MAX connections at once, SS_FLOWS_ROOMS_MAX rooms. */
    uint32_t most;  /* 0: SS_FLOWS_MAX */
    uint32_t rooms; /* 0: SS_FLOWS_ROOMS_MAX */

    /* Hears of a connection when it is closed out; it is borrowed for the call. */
    void (*over)(void *context, const struct ss_flow *flow); /* NULL: nobody */
    void *context;
};

struct ss_flows;

/* NULL when out of memory. Free with ss_flows_free (NULL is fine). */
struct ss_flows *ss_flows_new(const struct ss_flows_options *options);
void ss_flows_free(struct ss_flows *flows);

struct ss_flow_packet {
    const struct ss_flow *flow; /* valid until the next packet */
    enum ss_side from;
    struct ss_verdicts verdicts;
    struct ss_verify_analysis analysis;
};

/*
 * Takes in a TCP packet (not asserted of any other) of that frame. `wishes` as in synstep/verify.h.
 * SS_IO when out of memory.
 */
enum ss_status ss_flows_take(struct ss_flows *flows, const struct ss_packet *packet, uint64_t frame,
                             uint64_t time_us, uint32_t wishes, struct ss_flow_packet *taken);

/*
 * For whoever watches: tells of those that ended and were quiet for SS_FLOWS_TELL_US at `time_us`,
 * once. They keep their places, so that what comes late is still theirs. Looks at all of them.
 */
void ss_flows_tell_ended(struct ss_flows *flows, uint64_t time_us);

/* Closes out all that are left, in the order of their numbers. */
void ss_flows_finish(struct ss_flows *flows);

struct ss_flows_count {
    uint64_t begun;
    uint64_t crowded_out; /* closed out before they ended, for want of places */
    uint64_t robbed;      /* rooms that were taken from a connection for another */
    uint32_t places;      /* that were ever taken at once */
};

struct ss_flows_count ss_flows_count(const struct ss_flows *flows);

#endif
