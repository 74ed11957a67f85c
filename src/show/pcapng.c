/*
 * pcapng: our own small writer of the format (draft-ietf-opsawg-pcapng), since libpcap has none:
 * one section header, one interface, then enhanced packet blocks with comments.
 *
 * A section may be in either byte order, told by its magic; this writer's is big-endian, so that
 * its files are the same on every machine and `bytes` does the converting.
 */
#include <string.h>

#include "capture_parts.h"
#include "config.h"
#include "synstep/bytes.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_SECTION_APPLICATION = 4,
    OPTION_INTERFACE_NAME = 2,
    OPTION_INTERFACE_RESOLUTION = 9,
    OPTION_PACKET_FLAGS = 2,
    FLAGS_INBOUND = 1,
    FLAGS_OUTBOUND = 2,
    MICROSECONDS = 6, /* negative power of ten */
    COMMENT_BYTES_MAX = 8192,
    BLOCK_BYTES_MAX = 65575 + COMMENT_BYTES_MAX + 64,
};

/* A block being put together: type, total length, body, total length again. */
struct block {
    size_t length;
    uint8_t octets[BLOCK_BYTES_MAX];
};

static void put16(struct block *block, uint16_t value)
{
    ss_bytes_put16(block->octets + block->length, value);
    block->length += 2;
}

static void put32(struct block *block, uint32_t value)
{
    ss_bytes_put32(block->octets + block->length, value);
    block->length += 4;
}

/* Octets, then zeros up to a multiple of 4. */
static void put_padded(struct block *block, const void *octets, size_t length)
{
    size_t padded = (length + 3) & ~(size_t)3;
    memcpy(block->octets + block->length, octets, length);
    memset(block->octets + block->length + length, 0, padded - length);
    block->length += padded;
}

static void put_option(struct block *block, uint16_t code, const void *value, size_t length)
{
    put16(block, code);
    put16(block, (uint16_t)length);
    put_padded(block, value, length);
}

static void begin(struct block *block, uint32_t type)
{
    block->length = 0;
    put32(block, type);
    put32(block, 0);
}

static bool finish(struct block *block, FILE *out)
{
    put16(block, OPTION_END);
    put16(block, 0);
    uint32_t total = (uint32_t)block->length + 4;
    put32(block, total);
    ss_bytes_put32(block->octets + 4, total);
    return fwrite(block->octets, 1, block->length, out) == block->length && fflush(out) == 0;
}

static void put_section(struct block *block)
{
    static const char application[] = "synstep " PACKAGE_VERSION;
    begin(block, BLOCK_SECTION);
    put32(block, BYTE_ORDER_MAGIC);
    put16(block, 1); /* version 1.0 */
    put16(block, 0);
    put32(block, UINT32_MAX); /* the section's length is not said: it grows */
    put32(block, UINT32_MAX);
    put_option(block, OPTION_SECTION_APPLICATION, application, sizeof(application) - 1);
}

static void put_interface(struct block *block, enum ss_link link)
{
    static const char name[] = "synstep";
    const uint8_t resolution = MICROSECONDS;
    begin(block, BLOCK_INTERFACE);
    put16(block, link == SS_LINK_ETHERNET ? SS_CAPTURE_LINK_ETHERNET : SS_CAPTURE_LINK_RAW);
    put16(block, 0);
    put32(block, 0); /* no limit to a packet's captured length */
    put_option(block, OPTION_INTERFACE_NAME, name, sizeof(name) - 1);
    put_option(block, OPTION_INTERFACE_RESOLUTION, &resolution, 1);
}

bool ss_pcapng_write_start(FILE *out, enum ss_link link)
{
    struct block block;
    put_section(&block);
    if (!finish(&block, out))
        return false;
    put_interface(&block, link);
    return finish(&block, out);
}

bool ss_pcapng_write_packet(FILE *out, const struct ss_capture_packet *packet)
{
    struct block block;
    uint8_t flags[4];
    size_t comment_length = strnlen(packet->comment, COMMENT_BYTES_MAX);
    ss_bytes_put32(flags, packet->from == SS_SIDE_A ? FLAGS_OUTBOUND : FLAGS_INBOUND);
    begin(&block, BLOCK_ENHANCED_PACKET);
    put32(&block, 0); /* the first interface of the section */
    put32(&block, (uint32_t)(packet->time_us >> 32));
    put32(&block, (uint32_t)packet->time_us);
    put32(&block, (uint32_t)packet->length);
    put32(&block, (uint32_t)packet->length);
    put_padded(&block, packet->octets, packet->length);
    if (comment_length)
        put_option(&block, OPTION_COMMENT, packet->comment, comment_length);
    put_option(&block, OPTION_PACKET_FLAGS, flags, sizeof(flags));
    return finish(&block, out);
}
