/*
 * capture_pcap: the classic format (draft-ietf-opsawg-pcap): one header, then records.
 */
#include <inttypes.h>

#include "capture_file_parts.h"

enum {
    HEADER_BYTES = 24,
    RECORD_BYTES = 16,
    PATCHED_RECORD_BYTES = 24, /* Kuznetzov's libpcap: interface, protocol and direction follow */
    MINOR_LENGTHS_MIXED = 3,   /* up to it some wrote the two lengths the other way round */
    MAJOR = 2,
    MAJOR_DIGITAL_UNIX = 543, /* which wrote them so too */
};

static const uint32_t magics[][2] = {
    /* the number, and how many nanoseconds its fractions of a second count */
    {0xa1b2c3d4, 1000},
    {0xa1b23c4d, 1},
    {0xa1b2cd34, 1000},
};

/* The lengths in their order: of what is kept, and of what there was. */
static void read_lengths(const struct ss_capture_file *file, const uint8_t *record, uint32_t *kept,
                         uint32_t *original)
{
    *kept = capture_get32(file, record + 8);
    *original = capture_get32(file, record + 12);
    bool swap = file->minor_version < MINOR_LENGTHS_MIXED ||
                (file->minor_version == MINOR_LENGTHS_MIXED && *kept > *original);
    if (swap) {
        uint32_t first = *kept;
        *kept = *original;
        *original = first;
    }
}

static bool next_record(struct ss_capture_file *file, struct ss_capture_frame *frame)
{
    struct capture_source *source = &file->source;
    const struct capture_interface *interface = file->interfaces;
    uint64_t offset = capture_source_offset(source);
    uint32_t kept, original;
    if (!capture_source_need(source, file->record_bytes))
        return capture_file_ran_out(file, "record", offset);
    read_lengths(file, source->at, &kept, &original);
    if (kept > SS_CAPTURE_FRAME_BYTES_MAX)
        return capture_file_break(file, "the record at octet %" PRIu64 " claims %" PRIu32 " octets",
                                  offset, kept);
    if (!capture_source_need(source, file->record_bytes + kept))
        return capture_file_ran_out(file, "record", offset);
    const uint8_t *record = source->at;
    frame->time_ns = capture_get32(file, record) * UINT64_C(1000000000) +
                     capture_get32(file, record + 4) * interface->tick_ns;
    frame->missing_bytes = original > kept ? original - kept : 0;
    source->at += file->record_bytes + kept;
    return capture_file_deliver(file, interface, frame, record + file->record_bytes, kept);
}

/* Which of the magic numbers, in the order that the file has; false: none. */
static bool read_magic(struct ss_capture_file *file, size_t *which)
{
    for (int little = 0; little < 2; little++) {
        file->little_endian = little;
        for (*which = 0; *which < sizeof(magics) / sizeof(magics[0]); ++*which)
            if (capture_get32(file, file->source.at) == magics[*which][0])
                return true;
    }
    return false;
}

bool capture_pcap_begin(struct ss_capture_file *file)
{
    enum { LINKTYPE_MASK = 0x03ffffff }; /* above it stand the octets of Ethernet's own checksum */
    struct capture_source *source = &file->source;
    size_t which;
    if (!capture_source_need(source, 4) || !read_magic(file, &which))
        return false;
    if (!capture_source_need(source, HEADER_BYTES))
        return capture_file_break(file, "its header breaks off");
    uint16_t major = capture_get16(file, source->at + 4);
    uint16_t minor = capture_get16(file, source->at + 6);
    if (major != MAJOR && major != MAJOR_DIGITAL_UNIX)
        return capture_file_break(file, "its version is %u.%u", major, minor);
    file->minor_version = (uint8_t)(minor > UINT8_MAX ? UINT8_MAX : minor);
    if (major == MAJOR_DIGITAL_UNIX)
        file->minor_version = 0;
    file->record_bytes = which == 2 ? PATCHED_RECORD_BYTES : RECORD_BYTES;
    file->is_pcap = true;
    file->next = next_record;
    struct capture_interface *interface =
        capture_file_add_interface(file, capture_get32(file, source->at + 20) & LINKTYPE_MASK);
    if (!interface)
        return false;
    interface->tick_ns = magics[which][1];
    source->at += HEADER_BYTES;
    return true;
}
