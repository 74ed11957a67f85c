/*
 * template: a datagram built once, of which only some words change from packet to packet. Both
 * checksums follow by the difference alone (RFC 1624), however long the datagram is.
 *
 * Give it a whole datagram and what of it goes out verbatim; then, for each packet, put what
 * changes and finish. The octets are the same as those of a full build of the same values.
 */
#ifndef SYNSTEP_TEMPLATE_H
#define SYNSTEP_TEMPLATE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/bytes.h"
#include "synstep/ipv4.h"
#include "synstep/seq.h"
#include "synstep/status.h"

/* What the user set, however wrong, and stays as it is; bits. */
enum ss_template_verbatim {
    SS_TEMPLATE_IP_CHECKSUM = 1 << 0,
    SS_TEMPLATE_TRANSPORT_CHECKSUM = 1 << 1, /* UDP's 0, which means none, is one of these */
};

/*
 * A checksum that is kept right. Its sum is the exact one of all the words that it covers, itself
 * as zero: at most 2^15 words and the pseudo-header, so 32 bits hold it. Being exact, it knows a
 * sum of nothing but zeros from one of 65,535, which one's complement does not (RFC 1624 section
 * 3).
 */
struct ss_template_sum {
    uint32_t sum;
    size_t at;         /* of its field, from the datagram's start; 0: there is none to keep */
    uint16_t for_zero; /* what is sent when it comes out as 0: UDP's 0 would mean none */
};

enum { SS_TEMPLATE_BYTES_MAX = 65575 }; /* an IPv6 header and 65,535 octets after it */

struct ss_template {
    uint8_t *octets; /* the caller's, as long as the template lives */
    size_t length;
    uint8_t version;
    uint8_t protocol;
    size_t transport_offset;
    size_t addresses_at, addresses_end; /* of both addresses, in the IP header */
    struct ss_template_sum ip;
    struct ss_template_sum transport;
    bool pseudo; /* the transport's covers the addresses, too */
};

/*
 * Reads where things are in `octets`, an IPv4 or IPv6 datagram with TCP, UDP, ICMP, ICMPv6 or IGMP
 * in it, and puts in the checksums that are not `verbatim`. SS_USAGE, all untouched, when it is
 * something else, a fragment, or on its way by a routing header: that is to be built anew each
 * time. Lengths in headers are not believed: what is here is what is sent.
 */
enum ss_status ss_template_of(uint8_t *octets, size_t length, uint32_t verbatim,
                              struct ss_template *template);

/* --- what changes; seen in the checksums after ss_template_finish ------------------------------
 */

/* Both return what the change adds to the sum, modulo 2^32. */
static inline uint32_t ss_template_change16(uint8_t *at, uint16_t value)
{
    uint32_t before = ss_bytes_get16(at);
    ss_bytes_put16(at, value);
    return value - before;
}

static inline uint32_t ss_template_change32(uint8_t *at, uint32_t value)
{
    uint32_t before = ss_bytes_get32(at);
    ss_bytes_put32(at, value);
    return (value >> 16) + (value & UINT16_MAX) - (before >> 16) - (before & UINT16_MAX);
}

/* Ports for TCP and UDP, numbers for TCP, the id for IPv4: others have something else there. */
static inline void ss_template_put_source_port(struct ss_template *template, uint16_t port)
{
    uint8_t *at = template->octets + template->transport_offset;
    template->transport.sum += ss_template_change16(at, port);
}

static inline void ss_template_put_destination_port(struct ss_template *template, uint16_t port)
{
    uint8_t *at = template->octets + template->transport_offset + 2;
    template->transport.sum += ss_template_change16(at, port);
}

static inline void ss_template_put_seq(struct ss_template *template, struct ss_seq seq)
{
    assert(template->protocol == SS_IP_TCP);
    uint8_t *at = template->octets + template->transport_offset + 4;
    template->transport.sum += ss_template_change32(at, seq.value);
}

static inline void ss_template_put_ack(struct ss_template *template, struct ss_seq ack)
{
    assert(template->protocol == SS_IP_TCP);
    uint8_t *at = template->octets + template->transport_offset + 8;
    template->transport.sum += ss_template_change32(at, ack.value);
}

static inline void ss_template_put_id(struct ss_template *template, uint16_t id)
{
    assert(template->version == 4);
    template->ip.sum += ss_template_change16(template->octets + 4, id);
}

/* Of the datagram's own version. */
void ss_template_put_source(struct ss_template *template, const struct ss_address *source);
void ss_template_put_destination(struct ss_template *template,
                                 const struct ss_address *destination);

/*
 * Any other two or four octets at an even offset from the datagram's start: a TTL with its
 * neighbour, flags, a counter in the payload. Not lengths, versions, protocols and routing, which
 * say what the rest is, nor a checksum that is kept. A datagram within the datagram is payload.
 */
void ss_template_put16(struct ss_template *template, size_t at, uint16_t value);
void ss_template_put32(struct ss_template *template, size_t at, uint32_t value);

/* One checksum. Here and not by ss_checksum_fold: a call would take longer than all of it. */
static inline void ss_template_finish_sum(uint8_t *octets, const struct ss_template_sum *sum)
{
    if (sum->at == 0)
        return;
    uint32_t folded = (sum->sum >> 16) + (sum->sum & UINT16_MAX);
    folded = (folded >> 16) + (folded & UINT16_MAX);
    uint16_t checksum = (uint16_t)~folded;
    ss_bytes_put16(octets + sum->at, checksum == 0 ? sum->for_zero : checksum);
}

/* Both checksums are right again: the octets may go. */
static inline void ss_template_finish(struct ss_template *template)
{
    ss_template_finish_sum(template->octets, &template->ip);
    ss_template_finish_sum(template->octets, &template->transport);
}

#endif
