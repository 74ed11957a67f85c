/*
 * made_capture: capture files put together octet by octet, from draft-ietf-opsawg-pcap and -pcapng,
 * around frames that a kernel sent.
 */
#ifndef SS_TESTS_MADE_CAPTURE_H
#define SS_TESTS_MADE_CAPTURE_H

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "synstep/capture_file.h"
#include "synstep/packet.h"

enum { MADE_MAX = 4096, ETHERNET = 1, ETHERNET_BYTES = 14 };

/* A file being made; `swapped`: the least significant octet comes first. */
struct made {
    bool swapped;
    size_t length;
    uint8_t octets[MADE_MAX];
};

static char path[600];

static inline void put(struct made *made, const void *octets, size_t length)
{
    ck_assert_uint_le(made->length + length, MADE_MAX);
    memcpy(made->octets + made->length, octets, length);
    made->length += length;
}

static inline void put_number(struct made *made, uint32_t value, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++) {
        unsigned shift = 8 * (made->swapped ? i : octets - 1 - i);
        put(made, &(uint8_t){(uint8_t)(value >> shift)}, 1);
    }
}

static inline void put32(struct made *made, uint32_t value)
{
    put_number(made, value, 4);
}

static inline void put16(struct made *made, uint32_t value)
{
    put_number(made, value, 2);
}

/* draft-ietf-opsawg-pcap section 4 */
static inline struct made pcap_of(bool swapped, uint32_t magic, uint32_t link)
{
    struct made made = {.swapped = swapped};
    put32(&made, magic);
    put16(&made, 2);
    put16(&made, 4);
    put32(&made, 0);
    put32(&made, 0);
    put32(&made, 65535);
    put32(&made, link);
    return made;
}

static inline void pcap_head(struct made *made, uint32_t kept, uint32_t length)
{
    put32(made, 1700000000);
    put32(made, 123456);
    put32(made, kept);
    put32(made, length);
}

static inline void pcap_frame(struct made *made, const void *octets, size_t length)
{
    pcap_head(made, (uint32_t)length, (uint32_t)length);
    put(made, octets, length);
}

/* draft-ietf-opsawg-pcapng section 4.1, without options */
static inline void pcapng_section(struct made *made)
{
    put32(made, 0x0a0d0d0a);
    put32(made, 28);
    put32(made, 0x1a2b3c4d);
    put16(made, 1);
    put16(made, 0);
    put32(made, UINT32_MAX);
    put32(made, UINT32_MAX);
    put32(made, 28);
}

/* A block of any kind: its body is padded by whoever gives it. */
static inline void pcapng_block(struct made *made, uint32_t type, const void *body, size_t length)
{
    put32(made, type);
    put32(made, (uint32_t)length + 12);
    put(made, body, length);
    put32(made, (uint32_t)length + 12);
}

/* Section 4.2 */
static inline void pcapng_interface(struct made *made, uint32_t link, uint32_t snapshot,
                                    const void *options, size_t length)
{
    put32(made, 1);
    put32(made, (uint32_t)length + 20);
    put16(made, link);
    put16(made, 0);
    put32(made, snapshot);
    put(made, options, length);
    put32(made, (uint32_t)length + 20);
}

static inline struct made pcapng_of(bool swapped, uint32_t link)
{
    struct made made = {.swapped = swapped};
    pcapng_section(&made);
    pcapng_interface(&made, link, 0, "", 0);
    return made;
}

/* Section 4.3; the ticks in two halves. */
static inline void pcapng_frame_of(struct made *made, uint32_t interface, uint64_t ticks,
                                   const void *octets, size_t length)
{
    size_t padding = (4 - length % 4) % 4;
    uint32_t total = (uint32_t)(32 + length + padding);
    put32(made, 6);
    put32(made, total);
    put32(made, interface);
    put32(made, (uint32_t)(ticks >> 32));
    put32(made, (uint32_t)ticks);
    put32(made, (uint32_t)length);
    put32(made, (uint32_t)length);
    put(made, octets, length);
    put(made, "\0\0\0", padding);
    put32(made, total);
}

/* The time in microseconds. */
static inline void pcapng_frame(struct made *made, const void *octets, size_t length)
{
    pcapng_frame_of(made, 0, UINT64_C(1700000000123456), octets, length);
}

static inline void save(const struct made *made, size_t length)
{
    const char *build = getenv("SYNSTEP_BUILDDIR");
    snprintf(path, sizeof(path), "%s/test_capture_file.%d", build ? build : "/tmp", (int)getpid());
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(made->octets, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void remove_file(void)
{
    (void)unlink(path);
}

static inline struct ss_capture_file *opened(const struct made *made)
{
    struct ss_problem problem = {0};
    struct ss_capture_file *file = NULL;
    save(made, made->length);
    ck_assert_msg(ss_capture_file_open(path, &file, &problem) == SS_OK, "%s", problem.text);
    return file;
}

static inline void expect_end(struct ss_capture_file *file)
{
    struct ss_capture_frame frame;
    ck_assert(!ss_capture_file_next(file, &frame));
    ck_assert_int_eq(ss_capture_file_ended(file, NULL), SS_OK);
    ss_capture_file_close(file);
}

/* The next frame is this one, of which ss_packet_decode makes a TCP segment. */
static inline void expect_frame(struct ss_capture_file *file, uint64_t number,
                                const uint8_t *octets, size_t length)
{
    struct ss_capture_frame frame;
    struct ss_packet packet;
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.number, number);
    ck_assert_uint_eq(frame.time_us, UINT64_C(1700000000123456));
    ck_assert_uint_eq(frame.time_ns, UINT64_C(1700000000123456000));
    ck_assert_uint_eq(frame.length, length);
    ck_assert_uint_eq(frame.missing_bytes, 0);
    ck_assert_mem_eq(frame.octets, octets, length);
    ss_packet_decode(frame.link, frame.octets, frame.length, &packet);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
    ck_assert_uint_eq(packet.faults, 0);
}

#endif
