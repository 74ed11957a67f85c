/*
 * capture_file: the frames of a capture file, pcap or pcapng, one after the other. libpcap reads
 * it.
 *
 * The file may be anybody's: no length in it is believed before it is checked, and one that breaks
 * off gives all that came before.
 */
#ifndef SYNSTEP_CAPTURE_FILE_H
#define SYNSTEP_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"
#include "synstep/status.h"

struct ss_capture_frame {
    uint64_t number;   /* counted from 1, whatever it carries, as other tools count */
    uint64_t time_us;  /* since 1970, UTC, as the file says: it may go back */
    enum ss_link link; /* how ss_packet_decode is to read `octets` */
    const uint8_t
        *octets;   /* borrowed until the next call; a cooked or loopback header is left out */
    size_t length; /* 0: what the link carries here is not IP */
    size_t missing_bytes; /* at the frame's end, which the capture did not keep */
};

struct ss_capture_file;

/*
 * Opens a file, "-" being standard input. Link types are Ethernet, raw IP, Linux cooked (1 and 2)
 * and BSD loopback. SS_UNREADABLE says that the file cannot be read, is no capture file, or has
 * another link type.
 */
enum ss_status ss_capture_file_open(const char *path, struct ss_capture_file **file,
                                    struct ss_problem *problem);

/* The next frame; false at the end of what can be read. */
bool ss_capture_file_next(struct ss_capture_file *file, struct ss_capture_frame *frame);

/*
 * After the last frame: SS_OK when that was the end of the file; else SS_UNREADABLE, with the
 * number of the frame at which it breaks off, and how many were good.
 */
enum ss_status ss_capture_file_ended(const struct ss_capture_file *file,
                                     struct ss_problem *problem);

/* NULL is fine. */
void ss_capture_file_close(struct ss_capture_file *file);

#endif
