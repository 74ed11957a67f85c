/*
 * fuzz_packet: feeds any octets to the decoders and aborts when an offset leaves its bounds.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target. Built plainly, by
 * `make check`, its own main replays real frames with octets changed, cut off and added at random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"
#include "packet_bounds.h"
#include "synstep/message.h"
#include "synstep/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_quoted(const struct ss_packet *packet)
{
    struct ss_socket_address source = {.port = 1};
    struct ss_socket_address destination = {.port = 1};
    struct ss_seq seq;
    if (ss_packet_quoted(packet, &source, &destination, &seq)) {
        require(packet->transport == SS_TRANSPORT_ICMP);
        require(source.address.version == packet->version);
        require(destination.address.version == packet->version);
    }
}

static void try_message(const struct ss_packet *packet)
{
    struct ss_message message;
    struct ss_address group;
    struct ss_packet quoted;
    unsigned sum = 0;
    if (!ss_message_read(packet, &message))
        return;
    require(message.payload >= packet->frame + packet->transport_offset);
    require(message.payload + message.payload_length <= packet->frame + packet->frame_length);
    for (size_t i = 0; i < message.payload_length; i++)
        sum += message.payload[i];
    require(sum <= 255 * message.payload_length);
    for (size_t i = 0; ss_message_group(&message, i, &group); i++)
        require(i < message.payload_length + 1 && ss_message_names_group(&message, &group));
    if (ss_message_quoted(packet, &quoted))
        require(packet_within_bounds(&quoted) && quoted.version == packet->version);
}

static void try_frame(enum ss_link link, const uint8_t *frame, size_t length)
{
    struct ss_packet packet;
    ss_packet_decode(link, frame, length, &packet);
    require(packet_within_bounds(&packet));
    require((ss_packet_fault_text(packet.faults) != NULL) == (packet.faults != 0));
    (void)packet_touch_payload(&packet);
    if (packet.transport == SS_TRANSPORT_TCP) {
        size_t header = packet.payload_offset - packet.transport_offset - SS_TCP_HEADER_BYTES;
        require(options_within_bounds(frame + packet.payload_offset - header, header));
        require(ss_packet_segment_length(&packet) <= packet.payload_length + 2);
    }
    try_quoted(&packet);
    try_message(&packet);
}

/* The first octet's lowest bit says how the frame begins; its next lets the options see it all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] & 2) {
        struct ss_tcp_options options;
        char text[SS_TCP_OPTIONS_TEXT_SIZE];
        require(options_within_bounds(data + 1, size - 1));
        ss_tcp_options_decode(data + 1, size - 1, &options);
        ss_tcp_options_format(text, &options);
        return 0;
    }
    try_frame(data[0] & 1 ? SS_LINK_ETHERNET : SS_LINK_IP, data + 1, size - 1);
    return 0;
}

#ifndef FUZZ_WITH_LIBFUZZER
#include "exact.h"

enum { ROUNDS = 200000, MOST = 512 };

/* A real frame, or its datagram alone, behind the octet that says which; damaged. */
static size_t make_input(struct ss_random *random, uint8_t input[MOST])
{
    const struct frame *frame = &frames[ss_random_below(random, FRAMES)];
    size_t skip = ss_random_below(random, 2) ? 14 : 0;
    size_t length = frame->length - skip;
    input[0] = skip ? 0 : 1;
    memcpy(input + 1, frame->octets + skip, length);
    for (uint32_t changes = ss_random_below(random, 6); changes > 0; changes--)
        input[ss_random_below(random, (uint32_t)length + 1)] = (uint8_t)ss_random_next32(random);
    uint32_t size_change = ss_random_below(random, 4);
    if (size_change == 0)
        return 1 + ss_random_below(random, (uint32_t)length + 1);
    if (size_change > 1)
        return length + 1;
    for (size_t i = length + 1; i < length + 41; i++)
        input[i] = (uint8_t)ss_random_next32(random);
    return length + 41;
}

int main(void)
{
    struct ss_random random = ss_random_seeded(2026);
    uint8_t input[MOST];
    for (int i = 0; i < ROUNDS; i++) {
        struct exact copy;
        size_t length = make_input(&random, input);
        copy = exact_copy(input, length);
        LLVMFuzzerTestOneInput(copy.octets, length);
        exact_free(copy);
    }
    printf("ok 1 - %d damaged frames stay within bounds\n1..1\n", ROUNDS);
    return EXIT_SUCCESS;
}
#endif
