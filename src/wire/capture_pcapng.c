/*
 * capture_pcapng: blocks (draft-ietf-opsawg-pcapng): sections, each in its own byte order with
 * interfaces of its own, and packets in three forms; what else there is, is passed by its length.
 */
#include <inttypes.h>

#include "capture_file_parts.h"

enum block_type {
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    OBSOLETE_PACKET = 2,
    SIMPLE_PACKET = 3,
    ENHANCED_PACKET = 6,
};

enum {
    BLOCK_BYTES_MIN = 12,
    BLOCK_HEAD_BYTES = 8,
    SECTION_BYTES_MIN = 28,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};

/* A block at hand: its type, and its length as a whole, which stands at its end as well. */
struct block {
    uint32_t type;
    uint32_t length;
    uint64_t offset; /* in the file */
};

static bool break_block(struct ss_capture_file *file, const struct block *block, const char *what)
{
    return capture_file_break(file, "the block at octet %" PRIu64 " %s", block->offset, what);
}

/* --- time ---------------------------------------------------------------------------------------
 */

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 signed_wide;

/* Of at most 19, which is what 64 bits hold. */
static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* if_tsresol: 10 or, with the highest bit set, 2 to the power of minus the rest. */
static void set_resolution(struct capture_interface *interface, uint8_t resolution)
{
    interface->resolution = resolution;
    interface->tick_ns = resolution <= 9 ? power_of_ten(9U - resolution) : 0;
}

static wide nanoseconds(const struct capture_interface *interface, uint64_t ticks)
{
    enum { POWER_OF_TWO = 0x80 };
    unsigned exponent = interface->resolution & 0x7f;
    if (interface->tick_ns)
        return (wide)ticks * interface->tick_ns;
    if (interface->resolution & POWER_OF_TWO)
        return (wide)ticks * 1000000000 >> exponent;
    return exponent - 9 > 19 ? 0 : ticks / power_of_ten(exponent - 9);
}

/* Times before 1970 or after 2554 are held to these bounds. */
static uint64_t time_of(const struct capture_interface *interface, uint32_t high, uint32_t low)
{
    wide unsigned_ns = nanoseconds(interface, (uint64_t)high << 32 | low);
    signed_wide ns = (signed_wide)unsigned_ns + (signed_wide)interface->offset_seconds * 1000000000;
    if (ns < 0)
        return 0;
    return ns > (signed_wide)UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* --- blocks -------------------------------------------------------------------------------------
 */

/* The whole block is in the window, and ends as it begins. */
static bool hold_block(struct ss_capture_file *file, const struct block *block, uint32_t least)
{
    struct capture_source *source = &file->source;
    if (block->length < least || block->length > CAPTURE_WINDOW_BYTES)
        return capture_file_break(file, "the block at octet %" PRIu64 " claims %" PRIu32 " octets",
                                  block->offset, block->length);
    if (!capture_source_need(source, block->length))
        return capture_file_ran_out(file, "block", block->offset);
    if (capture_get32(file, source->at + block->length - 4) != block->length)
        return break_block(file, block, "ends with another length than it begins with");
    return true;
}

/* The block in the window, which is then behind. */
static bool hear_block(struct ss_capture_file *file, const struct block *block)
{
    const struct ss_capture_block heard = {file->source.at, block->length, file->little_endian};
    if (file->hearer.take)
        file->hearer.take(file->hearer.context, &heard);
    file->source.at += block->length;
    return true;
}

/* Blocks of other kinds may have any length. */
static bool pass_block(struct ss_capture_file *file, const struct block *block)
{
    struct capture_source *source = &file->source;
    if (file->hearer.take && block->length <= CAPTURE_WINDOW_BYTES)
        return hold_block(file, block, BLOCK_BYTES_MIN) && hear_block(file, block);
    if (!capture_source_pass(source, block->length - 4) || !capture_source_need(source, 4))
        return capture_file_ran_out(file, "block", block->offset);
    if (capture_get32(file, source->at) != block->length)
        return break_block(file, block, "ends with another length than it begins with");
    source->at += 4;
    return true;
}

/* The byte order is only known from within. */
static bool read_section(struct ss_capture_file *file, struct block *block)
{
    struct capture_source *source = &file->source;
    if (!capture_source_need(source, SECTION_BYTES_MIN))
        return capture_file_ran_out(file, "block", block->offset);
    file->little_endian = ss_bytes_get32(source->at + 8) != BYTE_ORDER_MAGIC;
    if (capture_get32(file, source->at + 8) != BYTE_ORDER_MAGIC)
        return break_block(file, block, "begins a section without its magic number");
    block->length = capture_get32(file, source->at + 4);
    if (block->length < SECTION_BYTES_MIN || block->length % 4 != 0)
        return break_block(file, block, "begins a section of an impossible length");
    if (capture_get16(file, source->at + 12) != 1)
        return break_block(file, block, "begins a section of another version than 1");
    file->interface_count = 0;
    return pass_block(file, block);
}

static void read_option(const struct ss_capture_file *file, struct capture_interface *interface,
                        uint16_t code, const uint8_t *value, uint16_t length)
{
    enum { IF_TSRESOL = 9, IF_TSOFFSET = 14 };
    if (code == IF_TSRESOL && length == 1)
        set_resolution(interface, value[0]);
    if (code != IF_TSOFFSET || length != 8)
        return;
    uint32_t first = capture_get32(file, value), second = capture_get32(file, value + 4);
    uint64_t offset =
        file->little_endian ? (uint64_t)second << 32 | first : (uint64_t)first << 32 | second;
    interface->offset_seconds = (int64_t)offset;
}

/* Section 3.5; what is wrong among them ends them. */
static void read_options(const struct ss_capture_file *file, struct capture_interface *interface,
                         const uint8_t *octets, size_t length)
{
    struct ss_cursor cursor = ss_cursor_over(octets, length);
    while (ss_cursor_left(&cursor) >= 4) {
        const uint8_t *head = ss_cursor_take(&cursor, 4);
        uint16_t code = capture_get16(file, head), bytes = capture_get16(file, head + 2);
        const uint8_t *value = ss_cursor_take(&cursor, (bytes + 3U) & ~3U);
        if (code == 0 || !value)
            return;
        read_option(file, interface, code, value, bytes);
    }
}

/* Section 4.2 */
static bool read_interface(struct ss_capture_file *file, const struct block *block)
{
    enum { FIXED_BYTES = 16, LEAST_BYTES = 20 };
    if (!hold_block(file, block, LEAST_BYTES))
        return false;
    const uint8_t *octets = file->source.at;
    struct capture_interface *interface =
        capture_file_add_interface(file, capture_get16(file, octets + 8));
    if (!interface)
        return break_block(file, block, "is one interface too many");
    interface->snapshot_bytes = capture_get32(file, octets + 12);
    read_options(file, interface, octets + FIXED_BYTES, block->length - LEAST_BYTES);
    return hear_block(file, block);
}

/* --- packets ------------------------------------------------------------------------------------
 */

/* What the three forms say, each in its place. */
struct packet_block {
    uint32_t interface;
    uint32_t time_high;
    uint32_t time_low;
    uint32_t kept;
    uint32_t original;
    uint32_t head_bytes; /* before the frame */
};

static bool deliver(struct ss_capture_file *file, const struct block *block,
                    const struct packet_block *packet, struct ss_capture_frame *frame)
{
    struct capture_source *source = &file->source;
    if (packet->interface >= file->interface_count)
        return break_block(file, block, "is of an interface that there is none of");
    if (packet->kept > SS_CAPTURE_FRAME_BYTES_MAX ||
        packet->kept > block->length - packet->head_bytes - 4)
        return capture_file_break(
            file, "the block at octet %" PRIu64 " of %" PRIu32 " octets claims a frame of %" PRIu32,
            block->offset, block->length, packet->kept);
    const struct capture_interface *interface = &file->interfaces[packet->interface];
    const uint8_t *octets = source->at + packet->head_bytes;
    frame->missing_bytes = packet->original > packet->kept ? packet->original - packet->kept : 0;
    frame->time_ns = time_of(interface, packet->time_high, packet->time_low);
    source->at += block->length;
    return capture_file_deliver(file, interface, frame, octets, packet->kept);
}

/* Sections 4.3 and, in an older form, 4.8: the interface has 16 bits there, drops follow. */
static bool read_packet(struct ss_capture_file *file, const struct block *block,
                        struct ss_capture_frame *frame)
{
    enum { HEAD_BYTES = 28 };
    if (!hold_block(file, block, HEAD_BYTES + 4))
        return false;
    const uint8_t *octets = file->source.at;
    const struct packet_block packet = {
        .interface = block->type == OBSOLETE_PACKET ? capture_get16(file, octets + 8)
                                                    : capture_get32(file, octets + 8),
        .time_high = capture_get32(file, octets + 12),
        .time_low = capture_get32(file, octets + 16),
        .kept = capture_get32(file, octets + 20),
        .original = capture_get32(file, octets + 24),
        .head_bytes = HEAD_BYTES,
    };
    return deliver(file, block, &packet, frame);
}

/* Section 4.4: of the first interface, without a time; what is kept follows from its snapshot. */
static bool read_simple_packet(struct ss_capture_file *file, const struct block *block,
                               struct ss_capture_frame *frame)
{
    enum { HEAD_BYTES = 12 };
    if (!hold_block(file, block, HEAD_BYTES + 4))
        return false;
    uint32_t snapshot = file->interface_count ? file->interfaces[0].snapshot_bytes : 0;
    struct packet_block packet = {
        .original = capture_get32(file, file->source.at + 8),
        .head_bytes = HEAD_BYTES,
    };
    packet.kept = packet.original;
    if (snapshot > 0 && packet.kept > snapshot)
        packet.kept = snapshot;
    if (!deliver(file, block, &packet, frame))
        return false;
    frame->time_ns = 0;
    frame->time_us = 0;
    return true;
}

static bool is_packet(const struct block *block)
{
    return block->type == ENHANCED_PACKET || block->type == SIMPLE_PACKET ||
           block->type == OBSOLETE_PACKET;
}

/* The next block's head; false when there is none, or it cannot be. */
static bool look_at_block(struct ss_capture_file *file, struct block *block)
{
    struct capture_source *source = &file->source;
    block->offset = capture_source_offset(source);
    if (!capture_source_need(source, BLOCK_HEAD_BYTES))
        return capture_file_ran_out(file, "block", block->offset);
    block->type = capture_get32(file, source->at);
    block->length = capture_get32(file, source->at + 4);
    if (block->type == SECTION)
        return true;
    if (block->length < BLOCK_BYTES_MIN || block->length % 4 != 0)
        return capture_file_break(file, "the block at octet %" PRIu64 " claims %" PRIu32 " octets",
                                  block->offset, block->length);
    return true;
}

/* Takes in all blocks before the next packet; false when there is none. */
static bool come_to_packet(struct ss_capture_file *file, struct block *block)
{
    while (look_at_block(file, block)) {
        bool held;
        if (is_packet(block))
            return true;
        if (block->type == SECTION)
            held = read_section(file, block);
        else if (block->type == INTERFACE)
            held = read_interface(file, block);
        else
            held = pass_block(file, block);
        if (!held)
            return false;
    }
    return false;
}

static bool next_packet(struct ss_capture_file *file, struct ss_capture_frame *frame)
{
    struct block block;
    if (!come_to_packet(file, &block))
        return false;
    if (block.type == SIMPLE_PACKET)
        return read_simple_packet(file, &block, frame);
    return read_packet(file, &block, frame);
}

bool capture_pcapng_begin(struct ss_capture_file *file)
{
    struct block block = {.type = SECTION};
    if (!capture_source_need(&file->source, 4) || ss_bytes_get32(file->source.at) != SECTION)
        return false;
    if (!read_section(file, &block))
        return false;
    file->next = next_packet;
    (void)come_to_packet(file, &block); /* so that the interfaces are known; it is met again */
    return true;
}
