/*
 * pcapng: a run as our own small writer of the format has it (draft-ietf-opsawg-pcapng), since
 * libpcap has none: one section header, one interface, then enhanced packet blocks with comments.
 *
 * A section may be in either byte order, told by its magic; this writer's is big-endian, so that
 * its files are the same on every machine and `bytes` does the converting.
 */
#include <string.h>

#include "capture_parts.h"
#include "pcapng_block.h"
#include "synstep/bytes.h"

enum {
    FLAGS_INBOUND = 1,
    FLAGS_OUTBOUND = 2,
    MICROSECONDS = 6, /* negative power of ten */
    COMMENT_BYTES_MAX = 8192,
    BLOCK_BYTES_MAX = 65575 + COMMENT_BYTES_MAX + 64,
};

bool ss_pcapng_is_name(const char *path)
{
    static const char suffix[] = ".pcapng";
    size_t length = strlen(path), least = sizeof(suffix) - 1;
    bool is_named = length >= least && strcmp(path + length - least, suffix) == 0;
    return is_named || strcmp(path, "-") == 0;
}

static bool write_now(const struct pcapng_block *block, FILE *out)
{
    return pcapng_write(block, out) && fflush(out) == 0;
}

bool ss_pcapng_write_start(FILE *out, enum ss_link link)
{
    uint8_t octets[PCAPNG_SECTION_BYTES];
    struct pcapng_block block = {.octets = octets};
    pcapng_section(&block);
    if (!write_now(&block, out))
        return false;
    pcapng_interface(&block,
                     link == SS_LINK_ETHERNET ? SS_CAPTURE_LINK_ETHERNET : SS_CAPTURE_LINK_RAW,
                     "synstep", MICROSECONDS);
    return write_now(&block, out);
}

bool ss_pcapng_write_packet(FILE *out, const struct ss_capture_packet *packet)
{
    uint8_t octets[BLOCK_BYTES_MAX], flags[4];
    struct pcapng_block block = {.octets = octets};
    size_t comment_length = strnlen(packet->comment, COMMENT_BYTES_MAX);
    ss_bytes_put32(flags, packet->from == SS_SIDE_A ? FLAGS_OUTBOUND : FLAGS_INBOUND);
    pcapng_begin(&block, PCAPNG_ENHANCED_PACKET);
    pcapng_put32(&block, 0); /* the first interface of the section */
    pcapng_put32(&block, (uint32_t)(packet->time_us >> 32));
    pcapng_put32(&block, (uint32_t)packet->time_us);
    pcapng_put32(&block, (uint32_t)packet->length);
    pcapng_put32(&block, (uint32_t)packet->length);
    pcapng_put_padded(&block, packet->octets, packet->length);
    if (comment_length)
        pcapng_put_option(&block, PCAPNG_OPTION_COMMENT, packet->comment, comment_length);
    pcapng_put_option(&block, PCAPNG_OPTION_PACKET_FLAGS, flags, sizeof(flags));
    pcapng_end_options(&block);
    pcapng_finish(&block);
    return write_now(&block, out);
}
