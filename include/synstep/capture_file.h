/*
 * capture_file: the frames of a capture file, one after the other: pcap (microseconds, nanoseconds,
 * or with the longer records of a patched libpcap) and pcapng, in either byte order, packed by gzip
 * or not (draft-ietf-opsawg-pcap and -pcapng).
 *
 * The file may be anybody's, of any size, a pipe, or still growing: it is read through a window of
 * fixed size, no length in it is believed before it is checked, nothing is allocated by one, and a
 * file that breaks off or is damaged gives all that came before.
 */
#ifndef SYNSTEP_CAPTURE_FILE_H
#define SYNSTEP_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/linktype.h"
#include "synstep/status.h"

/* A frame that claims to keep more octets than libpcap's largest snapshot is damage. */
enum { SS_CAPTURE_FRAME_BYTES_MAX = 256 * 1024 };

/* Its octets are borrowed until the next call. */
struct ss_capture_frame {
    uint64_t number;   /* counted from 1, whatever it carries, as other tools count */
    uint64_t time_ns;  /* since 1970, UTC, as the file says: it may go back; 0 where it says none */
    uint64_t time_us;  /* the same */
    enum ss_link link; /* how ss_packet_decode is to read `octets` */
    const uint8_t *octets; /* without a cooked, loopback or PPP header */
    size_t length;         /* 0: what the link carries here is not IP */
    size_t missing_bytes;  /* at the frame's end, which the capture did not keep */
    bool card_sums;        /* live: its checksum is a card's affair, not what its octets tell */

    uint32_t linktype;    /* as the file numbers it */
    const uint8_t *whole; /* the frame as it was kept, its link header included */
    size_t whole_length;
};

struct ss_capture_file;

/*
 * Opens a file, "-" being standard input. For the link types see linktype.h. SS_UNREADABLE says
 * that the file cannot be read, is no capture file, or holds nothing but another link type.
 */
enum ss_status ss_capture_file_open(const char *path, struct ss_capture_file **file,
                                    struct ss_problem *problem);

/* The same for octets in memory, borrowed until it is closed; `name` is for the words. */
enum ss_status ss_capture_file_over(const char *name, const uint8_t *octets, size_t length,
                                    struct ss_capture_file **file, struct ss_problem *problem);

/* The next frame; false at the end of what can be read, and from then on. */
bool ss_capture_file_next(struct ss_capture_file *file, struct ss_capture_frame *frame);

/*
 * After the last frame: SS_OK when that was the end of the file; SS_INTERRUPTED when a signal ended
 * the wait for more; else SS_UNREADABLE, with the number of the frame at which it breaks off, where
 * in the file that is (of what is unpacked), and how many were good. SS_UNREADABLE too when all was
 * read, but some frames have a link type that is not read here: their `length` was 0.
 */
enum ss_status ss_capture_file_ended(const struct ss_capture_file *file,
                                     struct ss_problem *problem);

/* How far the reading is, in octets of the file as it lies on the disk or came; for progress. */
uint64_t ss_capture_file_position(const struct ss_capture_file *file);

/* NULL is fine. */
void ss_capture_file_close(struct ss_capture_file *file);

#endif
