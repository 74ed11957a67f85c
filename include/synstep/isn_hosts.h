/*
 * isn_hosts: the hosts of a capture by their addresses, each held against synstep/isn.h with every
 * SYN it sends, with or without ACK.
 *
 * Memory: 1 MB, however many hosts there are. Of more than that, those that opened or answered
 * least give way: a flood of addresses that speak once drives out none that spoke more often.
 */
#ifndef SYNSTEP_ISN_HOSTS_H
#define SYNSTEP_ISN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/isn.h"
#include "synstep/packet.h"
#include "synstep/verify.h"

struct ss_isn_hosts;

/* NULL when out of memory. Free with ss_isn_hosts_free (NULL is fine). */
struct ss_isn_hosts *ss_isn_hosts_new(void);
void ss_isn_hosts_free(struct ss_isn_hosts *hosts);

/* A host that was told of. */
struct ss_isn_told {
    struct ss_address address;
    uint64_t frame;
    struct ss_isn_found found;
};

/*
 * Takes in a TCP packet (not asserted of any other) of that frame; it has a say only when it is a
 * SYN that can be believed. Where its sender's ISNs turn out to be foreseeable, isn_predictable is
 * added to the packet's verdicts: once for each host.
 */
void ss_isn_hosts_take_syn(struct ss_isn_hosts *hosts, const struct ss_packet *packet,
                           uint64_t frame, uint64_t time_us, struct ss_verdicts *verdicts);

static inline void ss_isn_hosts_take(struct ss_isn_hosts *hosts, const struct ss_packet *packet,
                                     uint64_t frame, uint64_t time_us, struct ss_verdicts *verdicts)
{
    if (packet->tcp.flags & SS_TCP_SYN)
        ss_isn_hosts_take_syn(hosts, packet, frame, time_us, verdicts);
}

enum { SS_ISN_TOLD_MAX = 64 };

/* The first hosts that were told of, in order, no more than that many; how many there were of all.
 */
const struct ss_isn_told *ss_isn_hosts_told(const struct ss_isn_hosts *hosts, size_t *count,
                                            uint64_t *all);

#endif
