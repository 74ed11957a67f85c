/* arrival: wire -> packet -> endpoint and verify. What is not of this connection is left aside. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connection.h"

/* What a datagram is to this connection. */
enum kind {
    KIND_SEGMENT, /* the peer's, whole, its checksum right or left to the card */
    KIND_BROKEN,  /* the peer's by its ports, but its checksum is wrong: shown, judged, not taken */
    KIND_ICMP,    /* an ICMP error about a segment of ours */
    KIND_OTHER,   /* garbage, or somebody else's */
};

static bool is_ours(const struct connection *connection, const struct ss_packet *packet)
{
    const struct ss_runner_options *options = connection->options;
    return ss_address_equal(&packet->source, &options->peer.address) &&
           ss_address_equal(&packet->destination, &options->local.address) &&
           packet->tcp.source_port == options->peer.port &&
           packet->tcp.destination_port == options->local.port;
}

/* An ICMP error counts only when it quotes a segment that is in flight (RFC 5927 section 4). */
static bool quotes_ours(const struct connection *connection, const struct ss_packet *packet)
{
    const struct ss_runner_options *options = connection->options;
    const struct ss_endpoint *endpoint = &connection->endpoint;
    struct ss_socket_address source, destination;
    struct ss_seq seq;
    return ss_packet_quoted(packet, &source, &destination, &seq) &&
           ss_socket_address_equal(&source, &options->local) &&
           ss_socket_address_equal(&destination, &options->peer) &&
           ss_seq_between(endpoint->snd_una, seq, endpoint->snd_max);
}

static enum kind kind_of(const struct connection *connection, const struct ss_packet *packet)
{
    switch (packet->transport) {
    case SS_TRANSPORT_TCP:
        if (packet->faults || packet->fragment || !is_ours(connection, packet))
            return KIND_OTHER;
        if (packet->transport_checksum == SS_CHECKSUM_BAD || packet->ip_checksum == SS_CHECKSUM_BAD)
            return KIND_BROKEN;
        return KIND_SEGMENT;
    case SS_TRANSPORT_ICMP:
        return quotes_ours(connection, packet) ? KIND_ICMP : KIND_OTHER;
    case SS_TRANSPORT_NONE:
        return KIND_OTHER;
    }
    return KIND_OTHER;
}

/*
 * Octets beyond the data's length are counted but not kept: they cannot be part of an echo.
 */
static void keep_answer(struct connection *connection, const struct ss_packet *packet,
                        const struct ss_endpoint_delivery *delivery)
{
    size_t room = connection->options->data_length;
    if (delivery->length == 0 || delivery->offset >= room)
        return;
    size_t length = delivery->length;
    if (length > room - delivery->offset)
        length = (size_t)(room - delivery->offset);
    memcpy(connection->answer + delivery->offset, ss_packet_payload(packet) + delivery->skip,
           length);
}

static struct ss_segment segment_of(const struct ss_packet *packet)
{
    return (struct ss_segment){
        .seq = packet->tcp.seq,
        .ack = packet->tcp.ack,
        .flags = packet->tcp.flags,
        .window = packet->tcp.window,
        .payload_length = (uint32_t)packet->payload_length,
        .options = packet->options,
    };
}

/* RFC 9293 section 3.10.7.3: the endpoint has its RST ready; nothing better will come of this. */
static enum ss_status refuse_handshake(struct connection *connection,
                                       const struct ss_packet *packet)
{
    enum ss_status status = send_pending(connection);
    if (status != SS_OK)
        return status;
    return ss_problem_set(connection->recorder.problem, SS_CHECK_FAILED,
                          "the peer's SYN,ACK acknowledges %" PRIu32 ", not J+1 = %" PRIu32
                          "; it was answered with RST (RFC 9293 3.10.7.3)",
                          packet->tcp.ack.value, ss_seq_add(connection->endpoint.iss, 1).value);
}

static enum ss_status take_segment(struct connection *connection, const struct ss_packet *packet,
                                   const struct ss_arrival *arrival)
{
    struct ss_segment segment = segment_of(packet);
    struct ss_endpoint_delivery delivery = {0};
    bool opening = connection->endpoint.state == SS_TCP_SYN_SENT;
    enum ss_endpoint_verdict verdict = ss_endpoint_receive(
        &connection->endpoint, &segment, ss_wire_now_us(connection->wire), &delivery);
    keep_answer(connection, packet, &delivery);
    ss_endpoint_read(&connection->endpoint, ss_endpoint_readable(&connection->endpoint));
    connection->last_arrival_us = arrival->time_us;
    enum ss_status status = record_segment(&connection->recorder, SS_SIDE_B, packet, arrival->fate,
                                           true, arrival->time_us);
    bool syn = segment.flags & SS_TCP_SYN;
    /* A mere ACK is the answer of an older connection's half (section 3.5.1): our RST ends that. */
    if (status == SS_OK && opening && verdict == SS_ENDPOINT_BAD_ACK && syn)
        return refuse_handshake(connection, packet);
    return status;
}

/*
 * Whether the message says that no connection can be: protocol or port unreachable, or forbidden by
 * a filter. Everything else is soft and told when the time is up (RFC 9293 section 3.9.2.2, RFC
 * 5461).
 */
static bool is_hard(const struct ss_packet *packet)
{
    enum { V4_UNREACHABLE = 3, V6_UNREACHABLE = 1 };
    uint8_t type = packet->icmp.type, code = packet->icmp.code;
    if (packet->version == 4)
        return type == V4_UNREACHABLE &&
               (code == 2 || code == 3 || code == 9 || code == 10 || code == 13);
    return type == V6_UNREACHABLE && (code == 1 || code == 4);
}

static enum ss_status take_icmp(struct connection *connection, const struct ss_packet *packet,
                                const struct ss_arrival *arrival)
{
    char from[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(from, &packet->source);
    snprintf(connection->last_icmp, sizeof(connection->last_icmp), "%s said: %s", from,
             ss_icmp_text(packet->version, packet->icmp.type, packet->icmp.code));
    enum ss_status status = record_segment(&connection->recorder, SS_SIDE_B, packet, arrival->fate,
                                           false, arrival->time_us);
    if (status != SS_OK || connection->endpoint.state != SS_TCP_SYN_SENT || !is_hard(packet))
        return status;
    return ss_problem_set(
        connection->recorder.problem, SS_REFUSED,
        "our SYN was answered with an ICMP error: %s; a filter may stand before it",
        connection->last_icmp);
}

enum ss_status take_arrival(struct connection *connection, const struct ss_arrival *arrival)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, arrival->octets, arrival->length, &packet);
    bool lost = arrival->fate == SS_FATE_DROPPED || arrival->fate == SS_FATE_CORRUPTED;
    if (lost && packet.transport == SS_TRANSPORT_TCP && is_ours(connection, &packet))
        return record_segment(&connection->recorder, SS_SIDE_B, &packet, arrival->fate, false,
                              arrival->time_us);
    switch (kind_of(connection, &packet)) {
    case KIND_SEGMENT:
        return take_segment(connection, &packet, arrival);
    case KIND_BROKEN:
        return record_segment(&connection->recorder, SS_SIDE_B, &packet, arrival->fate, true,
                              arrival->time_us);
    case KIND_ICMP:
        return take_icmp(connection, &packet, arrival);
    case KIND_OTHER:
        connection->ignored++;
        return SS_OK;
    }
    return SS_OK;
}
