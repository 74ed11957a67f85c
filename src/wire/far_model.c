/*
 * far_model: an endpoint at the far end of the simulated wire, with the two streams' octets.
 */
#include "far_model.h"

#include <stdlib.h>
#include <string.h>

#include "synstep/craft.h"
#include "synstep/packet.h"

/* --- the streams ------------------------------------------------------------------------------*/

static size_t ring_size(const struct ss_far_model *model)
{
    return model->options.receive_buffer > 0 ? model->options.receive_buffer : 1;
}

size_t ss_far_model_room(const struct ss_far_model *model)
{
    return SS_FAR_SEND_MAX -
           (size_t)(model->endpoint.written - ss_endpoint_acknowledged(&model->endpoint));
}

void ss_far_model_copy(struct ss_far_model *model, uint8_t *octets, size_t length, bool take)
{
    for (size_t i = 0; i < length; i++)
        octets[i] = model->received[(model->endpoint.consumed + i) % ring_size(model)];
    if (take)
        ss_endpoint_read(&model->endpoint, length);
}

void ss_far_model_write(struct ss_far_model *model, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        model->sent[(model->endpoint.written + i) % SS_FAR_SEND_MAX] = octets[i];
    ss_endpoint_write(&model->endpoint, length);
}

static void keep(struct ss_far_model *model, const uint8_t *octets,
                 const struct ss_endpoint_delivery *delivery)
{
    for (uint32_t i = 0; i < delivery->length; i++)
        model->received[(delivery->offset + i) % ring_size(model)] = octets[delivery->skip + i];
}

static const uint8_t *gather(struct ss_far_model *model, const struct ss_segment *segment)
{
    for (uint32_t i = 0; i < segment->payload_length; i++)
        model->payload[i] = model->sent[(segment->stream_offset + i) % SS_FAR_SEND_MAX];
    return model->payload;
}

/* --- segments out -----------------------------------------------------------------------------*/

static void put_out(struct ss_far_model *model, const struct ss_socket_address *source,
                    const struct ss_socket_address *destination, const struct ss_segment *segment)
{
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    struct ss_craft craft = ss_craft_between(source, destination);
    craft.tcp.seq = segment->seq;
    craft.tcp.ack = segment->ack;
    craft.tcp.flags = segment->flags;
    craft.tcp.window = segment->window;
    craft.options = options;
    craft.options_length = ss_tcp_options_encode(&segment->options, options);
    craft.payload = gather(model, segment);
    craft.payload_length = segment->payload_length;
    size_t length = 0;
    if (ss_craft_build(&craft, model->datagram, sizeof(model->datagram), &length) == SS_OK)
        ss_simulated_reply(model->wire, model->datagram, length);
}

static const char *failure_name(const struct ss_far_model *model)
{
    switch (model->endpoint.failure) {
    case SS_ENDPOINT_REFUSED:
        return model->synchronized ? "ECONNRESET" : "ECONNREFUSED";
    case SS_ENDPOINT_RESET:
        /* What a kernel says when the peer had closed before. */
        return model->endpoint.fin_received && !model->endpoint.fin_wanted ? "EPIPE" : "ECONNRESET";
    case SS_ENDPOINT_GAVE_UP:
        return "ETIMEDOUT";
    case SS_ENDPOINT_NO_FAILURE:
    case SS_ENDPOINT_ABORTED:
        break;
    }
    return NULL;
}

static void note_failure(struct ss_far_model *model)
{
    if (model->told_failure || model->endpoint.failure == SS_ENDPOINT_NO_FAILURE)
        return;
    model->told_failure = true;
    model->pending = failure_name(model);
}

void ss_far_model_emit(struct ss_far_model *model, uint64_t now_us)
{
    struct ss_segment segment;
    while (ss_endpoint_send(&model->endpoint, now_us, &segment))
        put_out(model, &model->options.local, &model->remote, &segment);
    note_failure(model); /* the last retransmission was in vain */
}

/*
 * RFC 9293 section 3.10.5 has <SEQ=SND.NXT><CTL=RST>; kernels acknowledge with it what they have,
 * which section 3.5.2 allows, and what is stated of one far end is to hold for the other.
 */
void ss_far_model_abort(struct ss_far_model *model)
{
    struct ss_endpoint *endpoint = &model->endpoint;
    size_t before = endpoint->answer_count;
    ss_endpoint_abort(endpoint);
    if (endpoint->answer_count == before || !model->synchronized)
        return;
    struct ss_segment *reset = &endpoint->answers[endpoint->answer_count - 1];
    reset->flags |= SS_TCP_ACK;
    reset->ack = endpoint->rcv_nxt;
}

/* --- connections ------------------------------------------------------------------------------*/

struct ss_seq ss_far_model_next_isn(struct ss_far_model *model)
{
    bool given = model->options.isn_given;
    model->options.isn_given = false;
    return given ? model->options.isn : ss_seq_from(ss_random_next32(&model->options.random));
}

void ss_far_model_renew(struct ss_far_model *model, struct ss_seq isn)
{
    struct ss_endpoint_options options = ss_endpoint_defaults(isn);
    options.mss = model->options.mss;
    if (model->options.local.address.version == 6)
        options.default_mss = SS_ENDPOINT_DEFAULT_MSS_IPV6;
    options.receive_buffer = (uint32_t)ring_size(model);
    ss_endpoint_init(&model->endpoint, &options);
    model->tenant = SS_FAR_NOBODY;
    model->synchronized = false;
    model->told_failure = false;
    model->pending = NULL;
}

static void listen_anew(struct ss_far_model *model, struct ss_seq isn)
{
    ss_far_model_renew(model, isn);
    ss_endpoint_listen(&model->endpoint);
}

void ss_far_model_accept(struct ss_far_model *model)
{
    model->tenant = SS_FAR_OPEN;
    model->had_connection = true;
    model->broken = NULL;
    model->last_error = NULL;
}

bool ss_far_model_is_held(const struct ss_far_model *model)
{
    return model->tenant == SS_FAR_QUEUED || model->tenant == SS_FAR_OPEN;
}

/*
 * RFC 9293 section 3.10.7.4, TIME-WAIT (MAY-2): a SYN beyond all that was received begins a new
 * connection, whose ISN is beyond all that was sent.
 */
static bool may_follow_time_wait(const struct ss_far_model *model, const struct ss_packet *packet)
{
    return model->endpoint.state == SS_TCP_TIME_WAIT && packet->tcp.flags == SS_TCP_SYN &&
           ss_seq_after(packet->tcp.seq, model->endpoint.rcv_nxt);
}

/* Where it listens and the last connection is over, it listens for the next one. */
static void make_ready(struct ss_far_model *model, const struct ss_packet *packet)
{
    if (!model->listening || ss_far_model_is_held(model))
        return;
    if (model->endpoint.state == SS_TCP_CLOSED)
        listen_anew(model, ss_far_model_next_isn(model));
    else if (may_follow_time_wait(model, packet))
        listen_anew(model, ss_seq_add(model->endpoint.snd_max,
                                      1 + ss_random_below(&model->options.random, 65536)));
}

/* --- segments in ------------------------------------------------------------------------------*/

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

/*
 * What belongs to no connection: by RFC 9293 section 3.10.7.1 a RST answers it. There is room for
 * one connection: where it listens, a SYN finds the backlog full, and kernels drop it silently.
 */
static void turn_away(struct ss_far_model *model, const struct ss_packet *packet, uint64_t now_us)
{
    struct ss_socket_address here = {packet->destination, packet->tcp.destination_port};
    struct ss_socket_address there = {packet->source, packet->tcp.source_port};
    struct ss_endpoint stand_in;
    struct ss_endpoint_delivery delivery;
    struct ss_segment segment = segment_of(packet);
    ss_endpoint_init(&stand_in, &model->endpoint.options);
    if (model->listening && here.port == model->options.local.port)
        ss_endpoint_listen(&stand_in);
    (void)ss_endpoint_receive(&stand_in, &segment, now_us, &delivery);
    while (stand_in.state != SS_TCP_SYN_RECEIVED && ss_endpoint_send(&stand_in, now_us, &segment))
        put_out(model, &here, &there, &segment);
}

static bool is_for_host(const struct ss_far_model *model, const struct ss_packet *packet)
{
    return packet->faults == 0 && packet->transport == SS_TRANSPORT_TCP &&
           packet->transport_checksum == SS_CHECKSUM_GOOD &&
           ss_address_equal(&packet->destination, &model->options.local.address);
}

/* Whether the packet belongs to the connection, which a first SYN makes. */
static bool is_for_connection(struct ss_far_model *model, const struct ss_packet *packet)
{
    struct ss_socket_address from = {packet->source, packet->tcp.source_port};
    if (packet->tcp.destination_port != model->options.local.port)
        return false;
    make_ready(model, packet);
    if (model->endpoint.state == SS_TCP_LISTEN)
        model->remote = from;
    return model->endpoint.state != SS_TCP_CLOSED && ss_socket_address_equal(&from, &model->remote);
}

/* How far the handshake is, and who has the connection then. */
static void note_state(struct ss_far_model *model)
{
    enum ss_tcp_state state = model->endpoint.state;
    note_failure(model);
    if (state == SS_TCP_CLOSED || state == SS_TCP_LISTEN || state == SS_TCP_SYN_SENT)
        return;
    model->synchronized = true;
    if (state != SS_TCP_SYN_RECEIVED && model->tenant == SS_FAR_NOBODY)
        model->tenant = SS_FAR_QUEUED;
}

static void take(struct ss_far_model *model, const struct ss_packet *packet, uint64_t now_us)
{
    if (!is_for_host(model, packet))
        return;
    if (!is_for_connection(model, packet)) {
        turn_away(model, packet, now_us);
        return;
    }
    struct ss_endpoint_delivery delivery;
    struct ss_segment segment = segment_of(packet);
    (void)ss_endpoint_receive(&model->endpoint, &segment, now_us, &delivery);
    keep(model, ss_packet_payload(packet), &delivery);
    note_state(model);
    /*
     * RFC 9293 section 3.6.1 (SHLD-3): octets that nobody will read show the sender a RST, here as
     * in a kernel the one that a closed port would send.
     */
    if (model->tenant == SS_FAR_ORPHANED && ss_endpoint_readable(&model->endpoint) > 0)
        ss_endpoint_abort(&model->endpoint);
}

/* --- the echo ---------------------------------------------------------------------------------*/

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static void echo_octets(struct ss_far_model *model)
{
    uint8_t octets[4096];
    for (;;) {
        size_t count = smallest(sizeof(octets), (size_t)ss_endpoint_readable(&model->endpoint),
                                ss_far_model_room(model));
        if (count == 0)
            return;
        ss_far_model_copy(model, octets, count, true);
        ss_far_model_write(model, octets, count);
    }
}

/* Accepts, echoes everything, closes after the client. */
static void run_echo(struct ss_far_model *model)
{
    struct ss_endpoint *endpoint = &model->endpoint;
    if (model->tenant == SS_FAR_QUEUED)
        ss_far_model_accept(model);
    if (model->tenant != SS_FAR_OPEN)
        return;
    if (endpoint->state == SS_TCP_CLOSED) {
        model->tenant = SS_FAR_ORPHANED;
        return;
    }
    echo_octets(model);
    if (endpoint->fin_received && ss_endpoint_readable(endpoint) == 0) {
        ss_endpoint_close(endpoint);
        model->tenant = SS_FAR_ORPHANED;
    }
}

/* --- the host ---------------------------------------------------------------------------------*/

static void wake(void *context, struct ss_simulated *wire, const uint8_t *octets, size_t length,
                 uint64_t now_us)
{
    struct ss_far_model *model = context;
    model->wire = wire;
    if (octets) {
        struct ss_packet packet;
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        take(model, &packet, now_us);
    }
    if (model->options.echo)
        run_echo(model);
    ss_far_model_emit(model, now_us);
}

static uint64_t deadline(void *context)
{
    const struct ss_far_model *model = context;
    return ss_endpoint_deadline(&model->endpoint);
}

struct ss_simulated_host ss_far_model_as_host(struct ss_far *far)
{
    return (struct ss_simulated_host){.context = far, .wake = wake, .deadline = deadline};
}

void ss_far_model_attach(struct ss_far *far, struct ss_wire *simulated)
{
    ((struct ss_far_model *)far)->wire = ss_simulated_of(simulated);
}

static void far_model_close(struct ss_far *far)
{
    struct ss_far_model *model = (struct ss_far_model *)far;
    free(model->received);
    free(model->sent);
    free(model);
}

static const struct ss_far_operations far_model_operations = {
    .command = ss_far_model_command,
    .close = far_model_close,
};

enum ss_status ss_far_model_open(const struct ss_far_model_options *options, struct ss_far **far,
                                 struct ss_problem *problem)
{
    struct ss_far_model *model = calloc(1, sizeof(*model));
    if (!model)
        return ss_problem_set(problem, SS_IO, "out of memory for the far end");
    model->far.operations = &far_model_operations;
    model->options = *options;
    model->received = calloc(1, ring_size(model));
    model->sent = calloc(1, SS_FAR_SEND_MAX);
    if (!model->received || !model->sent) {
        far_model_close(&model->far);
        return ss_problem_set(problem, SS_IO, "out of memory for the far end's buffers");
    }
    model->listening = options->echo;
    ss_far_model_renew(model, ss_seq_from(0));
    *far = &model->far;
    return SS_OK;
}
