/*
 * capture_copy: a capture written anew as pcapng, with comments on its frames and nothing else
 * changed: every frame keeps its octets, time, link type and original length.
 *
 * Of a pcapng file all else is kept, too: its interfaces, what other blocks say, comments that are
 * there already, its byte order. What is left out: blocks that forbid to be copied (custom blocks
 * of type 0x40000bad), and any over 512 KB that is no packet. A section's length is not said. A
 * simple packet block has no place for comments: one that gets some becomes an enhanced packet
 * block, of time 0. Another kind of file becomes a section with one interface for each link type,
 * in nanoseconds. Several files become sections, one after the other.
 */
#ifndef SYNSTEP_CAPTURE_COPY_H
#define SYNSTEP_CAPTURE_COPY_H

#include <stdbool.h>

#include "synstep/capture_file.h"
#include "synstep/status.h"

struct ss_capture_copy;

/* Whether a name asks for pcapng, which alone holds comments: ".pcapng" at its end, or "-". */
bool ss_capture_copy_can_be(const char *path);

/* Creates (or empties) the file; "-" is standard output. Close with ss_capture_copy_close. */
enum ss_status ss_capture_copy_open(const char *path, struct ss_capture_copy **copy,
                                    struct ss_problem *problem);

/* Another file begins; the hearer is for opening it. */
struct ss_capture_hearer ss_capture_copy_begin(struct ss_capture_copy *copy);

/* A comment on the next frame, copied; those beyond 16 KB are left out. */
void ss_capture_copy_comment(struct ss_capture_copy *copy, const char *text);

/* The frame, as `file` just gave it; NULL: it comes from no file. */
void ss_capture_copy_frame(struct ss_capture_copy *copy, const struct ss_capture_file *file,
                           const struct ss_capture_frame *frame);

/* So that what was written until now can be read. */
void ss_capture_copy_flush(struct ss_capture_copy *copy);

/* SS_NO_SPACE or SS_IO when anything could not be written: never a silent short file. Frees it. */
enum ss_status ss_capture_copy_close(struct ss_capture_copy *copy, struct ss_problem *problem);

#endif
