/*
 * fragments: datagrams put together from their fragments, IPv4's (RFC 791 section 3.2, RFC 815) and
 * IPv6's (RFC 8200 section 4.5), as they are captured.
 *
 * Bounded: never more than SS_FRAGMENTS_DATAGRAMS_MAX datagrams nor SS_FRAGMENTS_BYTES_MAX octets
 * wait for their rest; the oldest give way. One of IPv4 waits for 30 s, as in Linux, one of IPv6
 * for 60 s, by the capture's time.
 *
 * Overlaps: what is repeated exactly is passed over. Of IPv4 the octets that came first stay; of
 * IPv6 the whole datagram is dropped, with what else comes of it (RFC 5722 section 4).
 */
#ifndef SYNSTEP_FRAGMENTS_H
#define SYNSTEP_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"

enum {
    SS_FRAGMENTS_DATAGRAMS_MAX = 1024,
    SS_FRAGMENTS_BYTES_MAX = 16 * 1024 * 1024,
    SS_FRAGMENTS_FRAMES_MAX = 16,
};

enum ss_fragment_fate {
    SS_FRAGMENT_NONE,      /* the packet is no fragment */
    SS_FRAGMENT_KEPT,      /* others are missing still */
    SS_FRAGMENT_WHOLE,     /* with it the datagram is whole */
    SS_FRAGMENT_REPEATED,  /* it holds nothing new */
    SS_FRAGMENT_DROPPED,   /* with its datagram, for an overlap of IPv6, or out of memory */
    SS_FRAGMENT_MALFORMED, /* cut, empty, no multiple of 8, past 65,535, or contradicts the end */
};

/* What came of a fragment. */
struct ss_fragment {
    enum ss_fragment_fate fate;
    bool overlaps;  /* holds octets that are there already, and others */
    bool conflicts; /* and they are not the same */

    /* When the datagram is whole: from its IP header on, as if it had never been fragmented. */
    const uint8_t
        *octets; /* borrowed until the next fragment was taken in, which may lie in them */
    size_t length;
    bool ip_checksum_bad;                     /* of one of them; that of `octets` is right */
    uint64_t frames[SS_FRAGMENTS_FRAMES_MAX]; /* that it was made of, as they came */
    uint32_t frame_count;                     /* even when there were more */
};

/* How it went; what waits still is `begun` less all the others. */
struct ss_fragments_count {
    uint64_t begun;
    uint64_t whole;
    uint64_t expired;
    uint64_t crowded_out; /* by the bounds */
    uint64_t dropped;     /* for their overlaps */
};

struct ss_fragments;

/* NULL when out of memory. Free with ss_fragments_free (NULL is fine). */
struct ss_fragments *ss_fragments_new(void);
void ss_fragments_free(struct ss_fragments *fragments);

/* Takes in a packet of frame `number` at `time_ns`; nothing of it is borrowed. */
void ss_fragments_take(struct ss_fragments *fragments, const struct ss_packet *packet,
                       uint64_t number, uint64_t time_ns, struct ss_fragment *fragment);

struct ss_fragments_count ss_fragments_count(const struct ss_fragments *fragments);

#endif
