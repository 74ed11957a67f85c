/*
 * message: what is no TCP segment but can be sent and expected: a UDP datagram, an ICMP, an IGMP or
 * an ARP message, under one name for both versions of IP where both have it.
 *
 * Pure: nothing is allocated, a message read from a packet borrows its frame.
 */
#ifndef SYNSTEP_MESSAGE_H
#define SYNSTEP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/layer.h"
#include "synstep/packet.h"

enum ss_protocol {
    SS_PROTOCOL_TCP,
    SS_PROTOCOL_UDP,
    SS_PROTOCOL_ICMP, /* ICMPv6 over IPv6 */
    SS_PROTOCOL_IGMP, /* IPv4 only: IPv6 has MLD, which is ICMPv6 */
    SS_PROTOCOL_ARP,  /* in a frame of its own, for IPv4: IPv6 finds neighbours by ICMPv6 */
};

enum { SS_PROTOCOLS = SS_PROTOCOL_ARP + 1 };

/* "UDP", static storage. */
const char *ss_protocol_text(enum ss_protocol protocol);

/* The table of its header over that version of IP; false when that version does not have it. */
bool ss_protocol_layer(enum ss_protocol protocol, uint8_t version, enum ss_layer_kind *kind);

/*
 * Which field of which header it is that has such a name: "sport", of ARP "ether.dst", too. False
 * when there is none over that version.
 */
bool ss_message_field(enum ss_protocol protocol, uint8_t version, const char *name,
                      enum ss_layer_kind *kind, size_t *field);

/* What one version of IP calls a type. */
struct ss_type_number {
    bool there; /* else that version does not have it */
    uint8_t type;
    uint8_t code; /* 0 for IGMP and ARP, which have none */
};

/*
 * A type of ICMP or IGMP message by its name, the same over IPv4 (RFC 792) and IPv6 (RFC 4443); an
 * operation of ARP (RFC 826).
 */
struct ss_message_type {
    const char *name; /* "port-unreachable" */
    struct ss_type_number v4;
    struct ss_type_number v6;
};

/* All of a protocol's, static storage; none for TCP and UDP. */
const struct ss_message_type *ss_message_types(enum ss_protocol protocol, size_t *count);

static inline const struct ss_type_number *
ss_message_type_number(const struct ss_message_type *type, uint8_t version)
{
    return version == 6 ? &type->v6 : &type->v4;
}

/* Whether it is an error, which quotes the datagram that it is about. */
bool ss_message_type_is_error(const struct ss_message_type *type);

/* A message as it was read. */
struct ss_message {
    enum ss_protocol protocol;
    struct ss_layer header;             /* all fields as they are there */
    const struct ss_message_type *type; /* NULL: none that has a name here */
    struct ss_layer ether;              /* of ARP: the frame's own header, all fields likewise */
    const uint8_t *payload;             /* borrowed from the frame; of ARP none: that is padding */
    size_t payload_length;
    bool checksum_wrong;
};

/*
 * False for TCP, a fragment, and what is too short for its header or of another protocol. ARP is
 * read in frames that were decoded with their Ethernet header, without tags.
 */
bool ss_message_read(const struct ss_packet *packet, struct ss_message *message);

/* The packet that an ICMP error quotes, as far as it does; false when it is none. */
bool ss_message_quoted(const struct ss_packet *packet, struct ss_packet *quoted);

/*
 * The group that a query or report of membership speaks of: in its header (IGMPv1, v2), after it
 * (MLDv1), or the one of the record of that index (RFC 3376 section 4.2.4, RFC 3810 section 5.2.5).
 * False beyond the last.
 */
bool ss_message_group(const struct ss_message *message, size_t index, struct ss_address *group);

/* Whether it is one of them. */
bool ss_message_names_group(const struct ss_message *message, const struct ss_address *group);

#endif
