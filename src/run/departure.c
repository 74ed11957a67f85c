/* departure: endpoint -> craft -> wire. */
#include "connection.h"
#include "synstep/craft.h"

/* The kernel fills in an IPv4 id of zero by itself (raw(7)), so ours never is. */
static uint16_t take_ip_id(struct connection *connection)
{
    if (connection->next_ip_id == 0)
        connection->next_ip_id = 1;
    return connection->next_ip_id++;
}

static enum ss_status build(struct connection *connection, const struct ss_segment *segment,
                            size_t *length)
{
    const struct ss_runner_options *options = connection->options;
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX];
    struct ss_craft craft = ss_craft_between(&options->local, &options->peer);
    craft.ipv4.id = take_ip_id(connection);
    craft.tcp.seq = segment->seq;
    craft.tcp.ack = segment->ack;
    craft.tcp.flags = segment->flags;
    craft.tcp.window = segment->window;
    craft.options = octets;
    craft.options_length = ss_tcp_options_encode(&segment->options, octets);
    if (segment->payload_length > 0)
        craft.payload = options->data + segment->stream_offset;
    craft.payload_length = segment->payload_length;
    enum ss_status status =
        ss_craft_build(&craft, connection->datagram, connection->datagram_room, length);
    if (status != SS_OK)
        return ss_problem_set(
            connection->recorder.problem, status,
            "a segment of %u octets does not fit one datagram; give a smaller --mss",
            segment->payload_length);
    return SS_OK;
}

static enum ss_status depart(struct connection *connection, const struct ss_segment *segment)
{
    size_t length = 0;
    enum ss_fate fate = SS_FATE_DELIVERED;
    enum ss_status status = build(connection, segment, &length);
    if (status != SS_OK)
        return status;
    uint64_t now_us = ss_wire_now_us(connection->wire);
    status = ss_wire_send(connection->wire, connection->datagram, length, &fate,
                          connection->recorder.problem);
    if (status != SS_OK)
        return status;
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, connection->datagram, length, &packet);
    return record_segment(&connection->recorder, SS_SIDE_A, &packet, fate, true, now_us);
}

enum ss_status send_pending(struct connection *connection)
{
    struct ss_segment segment;
    while (ss_endpoint_send(&connection->endpoint, ss_wire_now_us(connection->wire), &segment)) {
        enum ss_status status = depart(connection, &segment);
        if (status != SS_OK)
            return status;
    }
    return SS_OK;
}
