/*
 * fuzz_capture: feeds any octets to the reader of capture files, and what comes of them to the
 * links, tunnels and fragments; aborts when something leaves its bounds.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER it is a libFuzzer target, to which the plain build writes seeds:
 *
 *     mkdir CORPUS && tests/fuzz_capture CORPUS
 *     clang -g -O1 -std=gnu17 -D_GNU_SOURCE= -DFUZZ_WITH_LIBFUZZER -Iinclude \
 *         -fsanitize=fuzzer,address,undefined tests/fuzz_capture.c src/wire/capture_file.c \
 *         src/wire/capture_gzip.c src/wire/capture_pcap.c src/wire/capture_pcapng.c \
 *         src/wire/capture_source.c src/wire/fragments.c src/wire/unwrap.c src/proto/linktype.c \
 *         src/proto/tunnel.c src/proto/packet.c src/proto/ip*.c src/proto/icmp.c src/proto/tcp.c \
 *         src/proto/tcp_option.c src/proto/address.c src/proto/checksum.c src/proto/ethernet.c \
 *         src/base/seq.c src/base/status.c -lpcap -lz -o fuzz_capture
 *     ./fuzz_capture -max_len=4096 CORPUS
 *
 * Built plainly, by `make check`, its own main damages those seeds at random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "packet_bounds.h"
#include "synstep/unwrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static unsigned touch(const uint8_t *octets, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += octets[i];
    return sum;
}

static void require_frame(const struct ss_capture_frame *frame, uint64_t number)
{
    require(frame->number == number);
    require(frame->time_us == frame->time_ns / 1000);
    require(frame->whole_length <= SS_CAPTURE_FRAME_BYTES_MAX);
    require(frame->length <= frame->whole_length);
    require(frame->length == 0 ||
            frame->octets + frame->length == frame->whole + frame->whole_length);
    (void)touch(frame->whole, frame->whole_length);
}

static void require_fragment(const struct ss_fragment *fragment)
{
    if (fragment->fate != SS_FRAGMENT_WHOLE)
        return;
    require(fragment->frame_count > 0 && fragment->length <= 65535 + 40);
    (void)touch(fragment->octets, fragment->length);
}

static void require_count(const struct ss_fragments *fragments)
{
    struct ss_fragments_count count = ss_fragments_count(fragments);
    uint64_t ended = count.whole + count.expired + count.crowded_out + count.dropped;
    require(ended <= count.begun && count.begun - ended <= SS_FRAGMENTS_DATAGRAMS_MAX);
}

static void read_all(struct ss_capture_file *file, struct ss_fragments *fragments)
{
    struct ss_capture_frame frame;
    struct ss_unwrapped unwrapped;
    uint64_t number = 0;
    while (ss_capture_file_next(file, &frame)) {
        require_frame(&frame, ++number);
        ss_unwrap(fragments, &frame, &unwrapped);
        require(packet_within_bounds(&unwrapped.packet));
        require(unwrapped.tunnels <= 4);
        (void)packet_touch_payload(&unwrapped.packet);
        require_fragment(&unwrapped.fragment);
        require_count(fragments);
    }
    require(!ss_capture_file_next(file, &frame));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_problem problem = {.status = SS_OK};
    struct ss_capture_file *file = NULL;
    struct ss_fragments *fragments = ss_fragments_new();
    require(fragments != NULL);
    enum ss_status status = ss_capture_file_over("input", data, size, &file, &problem);
    require(status == SS_OK || (status == SS_UNREADABLE && problem.text[0]));
    if (status == SS_OK) {
        read_all(file, fragments);
        status = ss_capture_file_ended(file, &problem);
        require(status == SS_OK || (status == SS_UNREADABLE && problem.text[0]));
        ss_capture_file_close(file);
    }
    ss_fragments_free(fragments);
    return 0;
}

#ifndef FUZZ_WITH_LIBFUZZER
#include <zlib.h>

#include "exact.h"
#include "made_capture.h"
#include "synstep/random.h"

enum { ROUNDS = 20000, SEEDS = 8, MOST_CHANGES = 6 };

/* Linux's segment in IP in IP or in GRE, which an Ethernet header is before. */
static size_t tunnelled(uint8_t *octets, bool gre)
{
    const uint8_t header[24] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, gre ? 47 : 4, [22] = 8};
    size_t length = gre ? 24 : 20, inner = sizeof(frame_v4_data) - ETHERNET_BYTES;
    memcpy(octets, frame_v4_data, ETHERNET_BYTES);
    memcpy(octets + ETHERNET_BYTES, header, length);
    ss_bytes_put16(octets + ETHERNET_BYTES + 2, (uint16_t)(length + inner));
    memcpy(octets + ETHERNET_BYTES + length, frame_v4_data + ETHERNET_BYTES, inner);
    return ETHERNET_BYTES + length + inner;
}

/* Octets `from` to `to` of what the segment's datagram carries. */
static size_t fragment_of(uint8_t *octets, bool v6, size_t from, size_t to, bool more)
{
    const uint8_t *frame = v6 ? frame_v6_data : frame_v4_data;
    size_t head = ETHERNET_BYTES + (v6 ? 40U : 20U), between = v6 ? 8 : 0;
    memcpy(octets, frame, head);
    if (v6) {
        octets[20] = 44;
        memcpy(octets + head, (uint8_t[]){6, 0, 0, (uint8_t)(from | more), 0, 0, 0, 7}, 8);
        ss_bytes_put16(octets + 18, (uint16_t)(between + to - from));
    } else {
        ss_bytes_put16(octets + 20, (uint16_t)(from / 8 | (more ? 0x2000 : 0)));
        ss_bytes_put16(octets + 16, (uint16_t)(20 + to - from));
    }
    memcpy(octets + head + between, frame + head + from, to - from);
    return head + between + to - from;
}

static void add_frame(struct made *made, bool pcapng, const uint8_t *octets, size_t length)
{
    if (pcapng)
        pcapng_frame(made, octets, length);
    else
        pcap_frame(made, octets, length);
}

/* A file of whole segments, tunnels and fragments, in either format and order. */
static struct made ethernet_seed(bool pcapng, bool swapped)
{
    struct made made =
        pcapng ? pcapng_of(swapped, ETHERNET) : pcap_of(swapped, 0xa1b23c4d, ETHERNET);
    uint8_t octets[200];
    add_frame(&made, pcapng, frame_v4_syn, sizeof(frame_v4_syn));
    for (int gre = 0; gre < 2; gre++)
        add_frame(&made, pcapng, octets, tunnelled(octets, gre));
    for (int v6 = 0; v6 < 2; v6++) {
        add_frame(&made, pcapng, octets, fragment_of(octets, v6, 24, 37, false));
        add_frame(&made, pcapng, octets, fragment_of(octets, v6, 8, 24, true));
        add_frame(&made, pcapng, octets, fragment_of(octets, v6, 0, 16, true));
    }
    return made;
}

/* Interfaces of other links, a block of another kind, a packet without a time. */
static struct made links_seed(void)
{
    static const uint8_t links[] = {0, 9, 12, 50, 51, 101, 104, 108, 113, 166, 204, 229};
    struct made made = {.swapped = true};
    uint8_t octets[100] = {0};
    pcapng_section(&made);
    for (size_t i = 0; i < sizeof(links); i++)
        pcapng_interface(&made, links[i], 96, "\11\0\1\0\11\0\0", 8);
    memcpy(octets + 4, frame_v4_data + ETHERNET_BYTES, sizeof(frame_v4_data) - ETHERNET_BYTES);
    for (uint32_t i = 0; i < sizeof(links); i++)
        pcapng_frame_of(&made, i, i, octets, sizeof(frame_v4_data) - ETHERNET_BYTES + 4);
    pcapng_block(&made, 4, "names", 4);
    pcapng_block(&made, 3, octets, 100);
    return made;
}

static struct made packed_seed(void)
{
    enum { GZIP = 16 };
    struct made made = ethernet_seed(false, true), packed = {0};
    z_stream stream = {.next_in = made.octets, .avail_in = (uInt)made.length};
    if (deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + GZIP, 8, 0) != Z_OK)
        abort();
    stream.next_out = packed.octets;
    stream.avail_out = MADE_MAX;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    packed.length = MADE_MAX - stream.avail_out;
    deflateEnd(&stream);
    return packed;
}

static struct made seed(uint32_t which)
{
    if (which < 4)
        return ethernet_seed(which & 1, which & 2);
    return which == 4   ? links_seed()
           : which == 5 ? packed_seed()
                        : pcap_of(which & 1, 0xa1b2cd34, 1);
}

static const char *seed_folder;

START_TEST(test_fuzz_capture_seeds_are_written)
{
    char name[600];
    for (uint32_t i = 0; i < SEEDS; i++) {
        struct made made = seed(i);
        snprintf(name, sizeof(name), "%s/seed%u", seed_folder, (unsigned)i);
        FILE *file = fopen(name, "wb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(made.octets, 1, made.length, file), made.length);
        ck_assert_int_eq(fclose(file), 0);
    }
}
END_TEST

/* Changed here and there, sometimes cut. */
static size_t damage(struct ss_random *random, struct made *made)
{
    static const uint8_t values[] = {0, 1, 2, 4, 0x7f, 0x80, 0xff};
    for (uint32_t changes = ss_random_below(random, MOST_CHANGES); changes > 0; changes--) {
        uint32_t value = ss_random_below(random, 2) ? ss_random_next32(random)
                                                    : values[ss_random_below(random, 7)];
        made->octets[ss_random_below(random, (uint32_t)made->length)] = (uint8_t)value;
    }
    return ss_random_below(random, 3) ? made->length
                                      : ss_random_below(random, (uint32_t)made->length + 1);
}

START_TEST(test_fuzz_capture_damaged_files_are_read_within_bounds)
{
    struct ss_random random = ss_random_seeded(2026);
    struct made seeds[SEEDS];
    int rounds = check_is_slow() ? ROUNDS / 50 : ROUNDS;
    for (uint32_t i = 0; i < SEEDS; i++)
        seeds[i] = seed(i);
    for (int i = 0; i < rounds; i++) {
        struct made made = seeds[ss_random_below(&random, SEEDS)];
        size_t length = damage(&random, &made);
        struct exact copy = exact_copy(made.octets, length);
        LLVMFuzzerTestOneInput(copy.octets, length);
        exact_free(copy);
    }
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("fuzz_capture");
    TCase *tests = tcase_create("fuzz_capture");
    tcase_set_timeout(tests, 60);
    seed_folder = argc > 1 ? argv[1] : NULL;
    if (seed_folder)
        tcase_add_test(tests, test_fuzz_capture_seeds_are_written);
    else
        tcase_add_test(tests, test_fuzz_capture_damaged_files_are_read_within_bounds);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
#endif
