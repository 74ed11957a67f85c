/*
 * echo_host: a crafted echo server for the far end of a simulated wire: one connection at a time.
 *
 * What it sends is what it has received, so that both streams have the same offsets and one ring
 * holds both: an octet counts as read by the application once the peer has acknowledged its echo.
 */
#include <stdlib.h>
#include <string.h>

#include "synstep/craft.h"
#include "synstep/endpoint.h"
#include "synstep/packet.h"
#include "synstep/simulated.h"

struct ss_echo_host {
    struct ss_endpoint_options options;
    struct ss_socket_address address;
    struct ss_socket_address peer; /* of the connection; version 0 while there is none */
    struct ss_endpoint endpoint;
    uint8_t datagram[SS_DATAGRAM_BYTES_MAX];
    uint8_t payload[SS_DATAGRAM_BYTES_MAX];
    size_t ring_size;
    uint8_t ring[]; /* the octet of stream offset n stands at n modulo ring_size */
};

static void listen_anew(struct ss_echo_host *echo)
{
    ss_endpoint_init(&echo->endpoint, &echo->options);
    ss_endpoint_listen(&echo->endpoint);
    echo->peer = (struct ss_socket_address){0};
}

struct ss_echo_host *ss_echo_host_new(const struct ss_echo_host_options *options)
{
    size_t ring_size = options->window > 0 ? options->window : 1;
    struct ss_echo_host *echo = calloc(1, sizeof(*echo) + ring_size);
    if (!echo)
        return NULL;
    echo->options = ss_endpoint_defaults(options->isn);
    echo->options.mss = options->mss;
    if (options->address.address.version == 6)
        echo->options.default_mss = SS_ENDPOINT_DEFAULT_MSS_IPV6;
    echo->options.receive_buffer = (uint32_t)ring_size;
    echo->address = options->address;
    echo->ring_size = ring_size;
    listen_anew(echo);
    return echo;
}

void ss_echo_host_free(struct ss_echo_host *echo)
{
    free(echo);
}

static void keep(struct ss_echo_host *echo, const uint8_t *octets,
                 const struct ss_endpoint_delivery *delivery)
{
    for (uint32_t i = 0; i < delivery->length; i++)
        echo->ring[(delivery->offset + i) % echo->ring_size] = octets[delivery->skip + i];
}

static const uint8_t *gather(struct ss_echo_host *echo, const struct ss_segment *segment)
{
    for (uint32_t i = 0; i < segment->payload_length; i++)
        echo->payload[i] = echo->ring[(segment->stream_offset + i) % echo->ring_size];
    return echo->payload;
}

static void put_out(struct ss_echo_host *echo, struct ss_simulated *wire,
                    const struct ss_packet *cause, const struct ss_segment *segment)
{
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    struct ss_socket_address source = echo->address;
    struct ss_socket_address destination = echo->peer;
    if (cause) {
        source = (struct ss_socket_address){cause->destination, cause->tcp.destination_port};
        destination = (struct ss_socket_address){cause->source, cause->tcp.source_port};
    }
    struct ss_craft craft = ss_craft_between(&source, &destination);
    craft.tcp.seq = segment->seq;
    craft.tcp.ack = segment->ack;
    craft.tcp.flags = segment->flags;
    craft.tcp.window = segment->window;
    craft.options = options;
    craft.options_length = ss_tcp_options_encode(&segment->options, options);
    craft.payload = gather(echo, segment);
    craft.payload_length = segment->payload_length;
    size_t length = 0;
    if (ss_craft_build(&craft, echo->datagram, sizeof(echo->datagram), &length) == SS_OK)
        ss_simulated_reply(wire, echo->datagram, length);
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

/* RFC 9293 section 3.10.7.1: where nothing listens, a RST answers. */
static void refuse(struct ss_echo_host *echo, struct ss_simulated *wire,
                   const struct ss_packet *packet, uint64_t now_us)
{
    struct ss_endpoint closed;
    struct ss_endpoint_delivery delivery;
    struct ss_segment segment = segment_of(packet);
    ss_endpoint_init(&closed, &echo->options);
    (void)ss_endpoint_receive(&closed, &segment, now_us, &delivery);
    while (ss_endpoint_send(&closed, now_us, &segment))
        put_out(echo, wire, packet, &segment);
}

/* The application: echoes everything, frees what is acknowledged, closes after the client. */
static void run_application(struct ss_echo_host *echo)
{
    struct ss_endpoint *endpoint = &echo->endpoint;
    if (!endpoint->fin_wanted && endpoint->state != SS_TCP_CLOSED)
        ss_endpoint_write(endpoint, endpoint->received - endpoint->written);
    ss_endpoint_read(endpoint, ss_endpoint_acknowledged(endpoint) - endpoint->consumed);
    if (endpoint->fin_received)
        ss_endpoint_close(endpoint);
}

static bool is_for_host(const struct ss_echo_host *echo, const struct ss_packet *packet)
{
    return packet->faults == 0 && packet->transport == SS_TRANSPORT_TCP &&
           packet->transport_checksum == SS_CHECKSUM_GOOD &&
           ss_address_equal(&packet->destination, &echo->address.address);
}

/* Whether the packet belongs to the connection, which a first SYN makes. */
static bool is_for_connection(struct ss_echo_host *echo, const struct ss_packet *packet)
{
    struct ss_socket_address from = {packet->source, packet->tcp.source_port};
    if (packet->tcp.destination_port != echo->address.port)
        return false;
    if (echo->endpoint.state == SS_TCP_CLOSED)
        listen_anew(echo);
    if (echo->endpoint.state == SS_TCP_LISTEN)
        echo->peer = from;
    return ss_socket_address_equal(&from, &echo->peer);
}

static void take(struct ss_echo_host *echo, struct ss_simulated *wire,
                 const struct ss_packet *packet, uint64_t now_us)
{
    if (!is_for_host(echo, packet))
        return;
    if (!is_for_connection(echo, packet)) {
        refuse(echo, wire, packet, now_us);
        return;
    }
    struct ss_endpoint_delivery delivery;
    struct ss_segment segment = segment_of(packet);
    (void)ss_endpoint_receive(&echo->endpoint, &segment, now_us, &delivery);
    keep(echo, ss_packet_payload(packet), &delivery);
}

static void wake(void *context, struct ss_simulated *wire, const uint8_t *octets, size_t length,
                 uint64_t now_us)
{
    struct ss_echo_host *echo = context;
    if (octets) {
        struct ss_packet packet;
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        take(echo, wire, &packet, now_us);
    }
    run_application(echo);
    struct ss_segment segment;
    while (ss_endpoint_send(&echo->endpoint, now_us, &segment))
        put_out(echo, wire, NULL, &segment);
}

static uint64_t deadline(void *context)
{
    const struct ss_echo_host *echo = context;
    return ss_endpoint_deadline(&echo->endpoint);
}

struct ss_simulated_host ss_echo_host_as_host(struct ss_echo_host *echo)
{
    return (struct ss_simulated_host){.context = echo, .wake = wake, .deadline = deadline};
}
