/*
 * fuzz_stack: feeds any octets to the reader of layers and to the judge of what it reads. Aborts
 * when a layer or what a checksum is over leaves its bounds, when an octet belongs to no layer, or
 * when building what was read gives other octets.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target. Built plainly, by
 * `make check`, its own main replays frames of every layer, damaged at random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "random_stack.h"
#include "synstep/stack_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Each layer begins where the one before it ends; the last ends with the frame. */
static void require_cover(const struct ss_stack *stack, const uint8_t *frame, size_t length)
{
    size_t at = 0;
    require(stack->count <= SS_STACK_LAYERS_MAX && stack->quoted <= stack->count);
    require(stack->end <= length);
    for (size_t i = 0; i < stack->count; i++) {
        const struct ss_layer *layer = &stack->layers[i];
        size_t fixed = ss_layer_bytes(layer);
        require(stack->offset[i] == at);
        require(layer->rest_length == 0 || layer->rest == frame + at + fixed);
        at += fixed + layer->rest_length;
    }
    require(at == length);
}

static void require_faults(const struct ss_stack *stack, const struct ss_stack_faults *faults)
{
    require(faults->count <= SS_STACK_FAULTS_MAX);
    for (size_t i = 0; i < faults->count; i++)
        require(faults->list[i].text && faults->list[i].layer <= stack->count);
}

/* What is summed lies in the frame, and the checksum in what is summed. */
static void require_checksums(const struct ss_stack *stack, const uint8_t *frame, size_t length)
{
    struct ss_stack_checksum checksum;
    for (size_t i = 0; i < stack->count; i++) {
        if (!ss_stack_checksum(stack, frame, length, i, &checksum))
            continue;
        require((checksum.state == SS_CHECKSUM_NONE) == (checksum.unjudged != NULL));
        if (checksum.unjudged)
            continue;
        require(checksum.offset <= checksum.field_offset && checksum.pseudo_length <= 40);
        require(checksum.length <= length - checksum.offset);
        require(checksum.field_offset + 2 <= checksum.offset + checksum.length);
    }
}

static void try_frame(enum ss_link link, const uint8_t *frame, size_t length)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    uint8_t again[RANDOM_FRAME_MAX * 2];
    size_t built = 0;
    ss_stack_dissect(link, frame, length, &stack, &faults);
    require_cover(&stack, frame, length);
    require_checksums(&stack, frame, length);
    ss_stack_judge(&stack, frame, length, &faults);
    require_faults(&stack, &faults);
    if (length > sizeof again)
        return;
    require(ss_stack_build(&stack, again, sizeof again, &built, NULL) == SS_OK);
    require(built == length && (length == 0 || memcmp(again, frame, length) == 0));
}

/* The first octet's lowest bit says how the frame begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        try_frame(data[0] & 1 ? SS_LINK_ETHERNET : SS_LINK_IP, data + 1, size - 1);
    return 0;
}

#ifndef FUZZ_WITH_LIBFUZZER
#include "check_main.h"
#include "exact.h"

enum { ROUNDS = 20000, MOST_CHANGES = 6 };

/* A frame with a layer of that kind, or its datagram alone, behind the octet that says which. */
static size_t make_input(struct random_stack *made, enum ss_layer_kind kind, uint8_t *input)
{
    size_t length = 0;
    random_make(made, kind);
    size_t skip = random_below(made, 2);
    if (ss_stack_build(&made->stack, input + 1, RANDOM_FRAME_MAX, &length, NULL) != SS_OK)
        abort();
    if (skip)
        memmove(input + 1, input + 15, length -= 14);
    input[0] = !skip;
    for (uint32_t changes = random_below(made, MOST_CHANGES); changes > 0; changes--)
        input[random_below(made, (uint32_t)length + 1)] = (uint8_t)random_below(made, 256);
    return random_below(made, 3) ? length + 1 : random_below(made, (uint32_t)length + 2);
}

static void put32(uint32_t value)
{
    (void)fwrite(&value, sizeof value, 1, stdout);
}

/* So many legal frames as a capture file (pcap) on standard output: tests/legal.py asks for them.
 */
static void write_capture(struct random_stack *made, int count)
{
    enum { MAGIC = 0xa1b2c3d4, VERSION = 2 | 4 << 16, SNAPSHOT = 65535, ETHERNET = 1 };
    static uint8_t frame[RANDOM_FRAME_MAX];
    const uint32_t header[] = {MAGIC, VERSION, 0, 0, SNAPSHOT, ETHERNET};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
        put32(header[i]);
    for (int i = 0; i < count; i++) {
        size_t length = 0;
        random_make(made, (enum ss_layer_kind)(i % SS_LAYER_KINDS));
        if (ss_stack_build(&made->stack, frame, sizeof frame, &length, NULL) != SS_OK)
            abort();
        put32((uint32_t)i);
        put32(0);
        put32((uint32_t)length);
        put32((uint32_t)length);
        (void)fwrite(frame, 1, length, stdout);
    }
}

int main(int argc, char **argv)
{
    static struct random_stack made;
    static uint8_t input[RANDOM_FRAME_MAX + 1];
    int rounds = check_is_slow() ? ROUNDS / 100 : ROUNDS;
    made.random = ss_random_seeded(2026);
    if (argc > 1) {
        write_capture(&made, atoi(argv[1]));
        return EXIT_SUCCESS;
    }
    for (int i = 0; i < rounds * SS_LAYER_KINDS; i++) {
        size_t length = make_input(&made, (enum ss_layer_kind)(i % SS_LAYER_KINDS), input);
        struct exact copy = exact_copy(input, length);
        LLVMFuzzerTestOneInput(copy.octets, length);
        exact_free(copy);
    }
    printf("ok 1 - %d damaged frames are read within bounds and built again\n1..1\n",
           rounds * SS_LAYER_KINDS);
    return EXIT_SUCCESS;
}
#endif
