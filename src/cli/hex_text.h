/*
 * hex_text: frames as people and tools write them in hex.
 */
#ifndef SYNSTEP_CLI_HEX_TEXT_H
#define SYNSTEP_CLI_HEX_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/stack.h"
#include "synstep/status.h"

enum { HEX_FRAMES_MAX = 1000 };

/* Frames one after the other; `ends[i]` is where the i-th ends. */
struct hex_frames {
    uint8_t *octets; /* owned */
    size_t length;
    size_t count;
    size_t ends[HEX_FRAMES_MAX];
};

/*
 * Reads digits, two an octet, with spaces, colons, dashes, commas, 0x and \x between; or the dump
 * of tcpdump -x or -xx, xxd, hexdump -C or od -tx1, of which each offset 0 begins a frame. What is
 * not a dump's own (its texts on the right, tcpdump's lines above) is left out; # begins a remark.
 *
 * SS_USAGE names the line and column of what cannot be read, with `what` before them.
 */
enum ss_status hex_text_read(const char *what, const char *text, size_t length,
                             struct hex_frames *frames, struct ss_problem *problem);

void hex_frames_free(struct hex_frames *frames);

/* Whether there is nothing but hex digits and what may stand between them. */
bool hex_text_is_plain(const char *text);

#endif
