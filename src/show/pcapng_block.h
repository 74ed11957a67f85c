/*
 * pcapng_block: a block of a pcapng file being put together (draft-ietf-opsawg-pcapng section 3):
 * type, total length, body, total length again. In either byte order; floors below know big-endian
 * only, so the other one is made here.
 *
 * The caller's memory must hold what is put in.
 */
#ifndef SYNSTEP_SHOW_PCAPNG_BLOCK_H
#define SYNSTEP_SHOW_PCAPNG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pcapng_type {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_INTERFACE = 1,
    PCAPNG_OBSOLETE_PACKET = 2,
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_ENHANCED_PACKET = 6,
    PCAPNG_CUSTOM_NOT_COPIED = 0x40000bad,
};

enum pcapng_option {
    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
    PCAPNG_OPTION_PACKET_FLAGS = 2,
    PCAPNG_OPTION_INTERFACE_NAME = 2,
    PCAPNG_OPTION_SECTION_APPLICATION = 4,
    PCAPNG_OPTION_INTERFACE_RESOLUTION = 9,
};

enum {
    PCAPNG_HEAD_BYTES = 8,
    PCAPNG_PACKET_BYTES = 28,   /* before an enhanced or obsolete packet's frame */
    PCAPNG_SIMPLE_BYTES = 12,   /* before a simple packet's */
    PCAPNG_SECTION_BYTES = 256, /* at most, of the one that is written here */
    PCAPNG_INTERFACE_BYTES = 64,
};

struct pcapng_block {
    uint8_t *octets;
    size_t length;
    bool little_endian;
};

void pcapng_begin(struct pcapng_block *block, enum pcapng_type type);
void pcapng_put16(struct pcapng_block *block, uint16_t value);
void pcapng_put32(struct pcapng_block *block, uint32_t value);
void pcapng_put(struct pcapng_block *block, const void *octets, size_t length);

/* Octets, then zeros up to a multiple of 4. */
void pcapng_put_padded(struct pcapng_block *block, const void *octets, size_t length);
void pcapng_put_option(struct pcapng_block *block, enum pcapng_option code, const void *value,
                       size_t length);

/* Puts the end of options, where there are some, and both total lengths. */
void pcapng_end_options(struct pcapng_block *block);
void pcapng_finish(struct pcapng_block *block);

/* Whole blocks: who wrote the file; an interface of a clock of 10^-`resolution` seconds. */
void pcapng_section(struct pcapng_block *block);
void pcapng_interface(struct pcapng_block *block, uint32_t linktype, const char *name,
                      uint8_t resolution);

/* Only pcapng holds comments: ".pcapng" asks for it, and so does "-", which has no name. */
bool ss_pcapng_is_name(const char *path);

/* False: errno says why. */
bool pcapng_write(const struct pcapng_block *block, FILE *out);

#endif
