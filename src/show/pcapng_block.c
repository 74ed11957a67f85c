/* pcapng_block: octets into a block, and blocks that need nothing but themselves. */
#include "pcapng_block.h"

#include <string.h>

#include "config.h"
#include "synstep/bytes.h"

void pcapng_put16(struct pcapng_block *block, uint16_t value)
{
    uint16_t turned = (uint16_t)(value >> 8 | value << 8);
    ss_bytes_put16(block->octets + block->length, block->little_endian ? turned : value);
    block->length += 2;
}

void pcapng_put32(struct pcapng_block *block, uint32_t value)
{
    uint16_t high = (uint16_t)(value >> 16), low = (uint16_t)value;
    pcapng_put16(block, block->little_endian ? low : high);
    pcapng_put16(block, block->little_endian ? high : low);
}

void pcapng_put(struct pcapng_block *block, const void *octets, size_t length)
{
    if (length > 0)
        memcpy(block->octets + block->length, octets, length);
    block->length += length;
}

void pcapng_put_padded(struct pcapng_block *block, const void *octets, size_t length)
{
    static const uint8_t zeros[4];
    pcapng_put(block, octets, length);
    pcapng_put(block, zeros, -length & 3);
}

void pcapng_put_option(struct pcapng_block *block, enum pcapng_option code, const void *value,
                       size_t length)
{
    pcapng_put16(block, (uint16_t)code);
    pcapng_put16(block, (uint16_t)length);
    pcapng_put_padded(block, value, length);
}

void pcapng_begin(struct pcapng_block *block, enum pcapng_type type)
{
    block->length = 0;
    pcapng_put32(block, type);
    pcapng_put32(block, 0);
}

void pcapng_end_options(struct pcapng_block *block)
{
    pcapng_put_option(block, PCAPNG_OPTION_END, NULL, 0);
}

void pcapng_finish(struct pcapng_block *block)
{
    struct pcapng_block head = *block;
    uint32_t total = (uint32_t)block->length + 4;
    pcapng_put32(block, total);
    head.length = 4;
    pcapng_put32(&head, total);
}

void pcapng_section(struct pcapng_block *block)
{
    static const char application[] = "synstep " PACKAGE_VERSION;
    enum { MAGIC = 0x1a2b3c4d };
    _Static_assert(sizeof(application) < PCAPNG_SECTION_BYTES - 40, "the caller's memory");
    pcapng_begin(block, PCAPNG_SECTION);
    pcapng_put32(block, MAGIC);
    pcapng_put16(block, 1); /* version 1.0 */
    pcapng_put16(block, 0);
    pcapng_put32(block, UINT32_MAX); /* the section's length is not said: it grows */
    pcapng_put32(block, UINT32_MAX);
    pcapng_put_option(block, PCAPNG_OPTION_SECTION_APPLICATION, application,
                      sizeof(application) - 1);
    pcapng_end_options(block);
    pcapng_finish(block);
}

void pcapng_interface(struct pcapng_block *block, uint32_t linktype, const char *name,
                      uint8_t resolution)
{
    pcapng_begin(block, PCAPNG_INTERFACE);
    pcapng_put16(block, (uint16_t)linktype);
    pcapng_put16(block, 0);
    pcapng_put32(block, 0); /* no limit to a packet's captured length */
    if (name[0])
        pcapng_put_option(block, PCAPNG_OPTION_INTERFACE_NAME, name, strlen(name));
    pcapng_put_option(block, PCAPNG_OPTION_INTERFACE_RESOLUTION, &resolution, 1);
    pcapng_end_options(block);
    pcapng_finish(block);
}

bool pcapng_write(const struct pcapng_block *block, FILE *out)
{
    return fwrite(block->octets, 1, block->length, out) == block->length;
}
