/*
 * flows: the TCP connections of a capture of any length, each judged packet by packet in bounded
 * memory, and told when it is over.
 *
 * Two ends with their ports are one connection until one of them begins anew. Connections are
 * numbered from 1 in the order in which they are first seen.
 *
 * Memory: less than 512 octets for each connection, its place in the table included, and 176 more
 * where it is to be counted what each end did. What verify
 * remembers of a busy one (synstep/verify_extra.h) lies in one of SS_FLOWS_ROOMS_MAX rooms, 82 MB
 * in all, which belong to those that spoke last; of those that have more segments under way than a
 * room is for, in SS_FLOWS_GROWN_BYTES_MAX more, 1,024 of an end at most. A connection that ended
 * is closed out when it was quiet for a minute (2 MSL as Linux counts it) and another one needs its
 * place. With SS_FLOWS_MAX open at once, one that was quiet for longer than others gives way to a
 * new one.
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
    SS_FLOWS_GROWN_BYTES_MAX = 64 * 1024 * 1024,
    SS_FLOWS_QUIET_US = 60 * 1000 * 1000,
    SS_FLOWS_TELL_US = 1000 * 1000,
};

enum {
    SS_FLOW_REPEATED = 4, /* letters of a history that come again: c, t, w, g */
    SS_FLOW_HISTORY_SIZE = 32,
};

/* What one end did, beyond what struct ss_verify_side counts. The short ones stop at their most. */
struct ss_flow_side {
    uint64_t overlap_bytes; /* octets that were seen before, or are no part of the stream */
    uint64_t window_sum;    /* octets, of `windows` segments */
    uint32_t windows;       /* SYN and RST left out */
    uint32_t window_min;
    uint32_t window_max;
    uint32_t data_segments;
    uint32_t retransmitted; /* packets */
    uint32_t retransmitted_bytes;
    uint32_t duplicate_acks;
    uint32_t rtt_count; /* of its data, until they were acknowledged; none that Karn forbids */
    uint32_t rtt_max_us;
    float rtt_mean_us;
    float rtt_spread; /* the sum of squares from the mean, microseconds squared */
    uint32_t repeated[SS_FLOW_REPEATED];
    uint16_t letters; /* of its history, a bit each */
    uint16_t out_of_order;
    uint16_t triple_duplicates;
    uint16_t probes; /* zero-window probes */
    uint16_t segment_min;
    uint16_t segment_max; /* octets of data; 0: none was sent */
};

/* One connection. */
struct ss_flow {
    struct ss_socket_address ends[2]; /* by enum ss_side: A sent the first SYN, or was seen first */
    uint64_t last_us;                 /* its newest packet */
    uint64_t first_us;                /* its first */
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

    /*
     * In the letters of flow analysers, those of A upper, of B lower case, in the order in which
     * each was first seen; empty unless it was asked for what each end did:
     *
     *   s  a SYN, again where its number is another     r  a RST
     *   h  a SYN/ACK, likewise                          i  FIN with RST
     *   a  an ACK that carries nothing                  q  SYN with FIN or RST
     *   d  data                                         f  a FIN
     *   ^  it begins with a SYN/ACK: the sides are as that says
     *
     * and, again at the 10th, 100th, 1000th and so on:
     *
     *   c  a wrong checksum             t  data sent again
     *   w  a closed window              g  octets that were acknowledged but not seen
     *
     * No more than 31: what comes after is left out.
     */
    char history[SS_FLOW_HISTORY_SIZE];
};

/* The table has one head of 4 octets for each at most, or for two of them. */
_Static_assert(sizeof(struct ss_flow) + 4 < 512, "a million connections in less than 512 MB");
_Static_assert(sizeof(struct ss_flow_side[2]) <= 176, "beside that, where it is counted");
_Static_assert(SS_FLOWS_ROOMS_MAX < UINT16_MAX, "a room's number has 16 bits");

/* How it stands with a connection after its last packet. */
enum ss_connection_end {
    SS_CONNECTION_OPEN,
    SS_CONNECTION_CLOSED,      /* both sent a FIN */
    SS_CONNECTION_HALF_OPEN,   /* B answered the SYN, A never answered that */
    SS_CONNECTION_HALF_CLOSED, /* one sent a FIN */
    SS_CONNECTION_RESET_A,     /* by whom */
    SS_CONNECTION_RESET_B,
    SS_CONNECTION_REFUSED,    /* B answered the SYN with a RST */
    SS_CONNECTION_UNANSWERED, /* B sent nothing */
};

enum ss_connection_end ss_flow_end(const struct ss_flow *flow);

/* "closed", "reset by the client"; static storage. */
const char *ss_connection_end_text(enum ss_connection_end end);

/* The length of its stream, from the first number that was seen to the last. */
uint64_t ss_flow_stream_bytes(const struct ss_flow *flow, enum ss_side side);

/* Octets of it that were seen, each counted once, of a counted flow: what is less was captured by
 * nobody. */
uint64_t ss_flow_unique_bytes(const struct ss_flow *flow, enum ss_side side);

/* From the first packet to the last, microseconds. */
uint64_t ss_flow_lasted_us(const struct ss_flow *flow);

/* The mean data in a segment that has some, and window, of a counted flow: 0 when there is none. */
uint32_t ss_flow_segment_mean(const struct ss_flow *flow, enum ss_side side);
uint32_t ss_flow_window_mean(const struct ss_flow *flow, enum ss_side side);

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
