/* capture_file_parts: what the readers of pcap and of pcapng share. */
#ifndef SRC_WIRE_CAPTURE_FILE_PARTS_H
#define SRC_WIRE_CAPTURE_FILE_PARTS_H

#include "capture_source.h"
#include "synstep/capture_file.h"

enum { CAPTURE_INTERFACES_MAX = 65536, CAPTURE_TROUBLE_SIZE = 160 };

/* What a file says of where its frames were captured. */
struct capture_interface {
    uint32_t linktype;
    bool known;
    uint32_t snapshot_bytes; /* 0: unlimited */
    uint64_t tick_ns;        /* a tick of its clock, when that is no less than a nanosecond */
    uint8_t resolution;      /* if_tsresol: what else it is */
    int64_t offset_seconds;  /* to be added */
};

struct ss_capture_file {
    struct capture_source source;
    bool (*next)(struct ss_capture_file *, struct ss_capture_frame *);
    struct ss_capture_hearer hearer; /* `take` NULL: nobody */
    bool little_endian;
    bool is_pcap;
    uint64_t frames;

    /* pcap */
    size_t record_bytes; /* of what stands before each frame */
    uint8_t minor_version;

    /* pcapng, of which pcap uses one */
    struct capture_interface *interfaces;
    uint32_t interface_count;
    uint32_t interface_room;

    uint64_t unread_frames;   /* of link types that are not read here, */
    uint32_t unread_linktype; /* the first of which */
    enum ss_status status;    /* SS_OK until it breaks off */
    char trouble[CAPTURE_TROUBLE_SIZE];
    char name[128];
    int to_close; /* -1: nothing */
};

static inline uint16_t capture_get16(const struct ss_capture_file *file, const uint8_t *at)
{
    return file->little_endian ? (uint16_t)(at[1] << 8 | at[0]) : ss_bytes_get16(at);
}

static inline uint32_t capture_get32(const struct ss_capture_file *file, const uint8_t *at)
{
    if (file->little_endian)
        return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
    return ss_bytes_get32(at);
}

/* Reads the header. False: it is none of this format, or `status` says what is wrong with it. */
bool capture_pcap_begin(struct ss_capture_file *file);
bool capture_pcapng_begin(struct ss_capture_file *file);

/* Another interface, all zero but for its link type and a clock of microseconds; NULL: none more.
 */
struct capture_interface *capture_file_add_interface(struct ss_capture_file *file,
                                                     uint32_t linktype);

/* Notes why nothing more can be read; false. */
bool capture_file_break(struct ss_capture_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * What was needed is not all there: the file's end when nothing is, else it breaks off in `what`,
 * which begins at `offset`. False.
 */
bool capture_file_ran_out(struct ss_capture_file *file, const char *what, uint64_t offset);

/* Makes a frame of what was found; true. */
bool capture_file_deliver(struct ss_capture_file *file, const struct capture_interface *interface,
                          struct ss_capture_frame *frame, const uint8_t *octets, size_t kept);

#endif
