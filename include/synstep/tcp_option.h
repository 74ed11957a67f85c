/*
 * tcp_option: the options of a TCP header (RFC 9293 section 3.2; RFC 7323, 2018, 7413).
 */
#ifndef SYNSTEP_TCP_OPTION_H
#define SYNSTEP_TCP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/seq.h"

enum ss_tcp_option_kind {
    SS_TCP_OPTION_END = 0,
    SS_TCP_OPTION_NOP = 1,
    SS_TCP_OPTION_MSS = 2,
    SS_TCP_OPTION_WINDOW_SCALE = 3,
    SS_TCP_OPTION_SACK_PERMITTED = 4,
    SS_TCP_OPTION_SACK = 5,
    SS_TCP_OPTION_TIMESTAMPS = 8,
    SS_TCP_OPTION_FAST_OPEN = 34,
};

enum {
    SS_TCP_OPTIONS_BYTES_MAX = 40,
    SS_TCP_SACK_BLOCKS_MAX = 4,
    SS_TCP_WINDOW_SHIFT_MAX = 14, /* RFC 7323 section 2.3 */
};

/* One option as it lies in the header. Borrows the octets it was read from. */
struct ss_tcp_option {
    uint8_t kind;
    uint8_t length;      /* the length octet: 2 or more; 1 for end and no-operation */
    const uint8_t *data; /* length - 2 octets; NULL when there are none */
    size_t offset;       /* of the kind octet, from the start of the options */
};

struct ss_tcp_option_walk {
    const uint8_t *octets;
    size_t length;
    size_t at;
    bool malformed; /* a length octet below 2, or past the end: the walk stopped there */
};

struct ss_tcp_option_walk ss_tcp_option_walk_over(const uint8_t *octets, size_t length);

/* The next option, end-of-options included (after which there is none). False at the end. */
bool ss_tcp_option_next(struct ss_tcp_option_walk *walk, struct ss_tcp_option *option);

/* What a kind of option is called (IANA), and how long it is as a whole; 0 where that varies. */
struct ss_tcp_option_form {
    uint8_t kind;
    uint8_t length;
    bool syn_only; /* allowed on a SYN alone */
    const char *name;
};

/* Static storage; NULL for a kind that is not known here. */
const struct ss_tcp_option_form *ss_tcp_option_form(uint8_t kind);

/* Whether its length is one that its kind can have. */
bool ss_tcp_option_is_well_formed(const struct ss_tcp_option *option);

struct ss_tcp_sack_block {
    struct ss_seq left;
    struct ss_seq right; /* the first number after the block */
};

/* The options that TCP's arithmetic knows, as values. All zero: none. */
struct ss_tcp_options {
    bool has_mss;
    bool has_window_shift;
    bool sack_permitted;
    bool has_timestamps;
    bool has_fast_open;
    bool malformed; /* some option's length is wrong; what could be read was read */
    uint16_t mss;
    uint8_t window_shift; /* as sent, even over 14 */
    uint8_t sack_count;
    struct ss_tcp_sack_block sack[SS_TCP_SACK_BLOCKS_MAX];
    uint32_t timestamp_value;
    uint32_t timestamp_echo;
};

/* Reads all options in `octets`; never fails: what is wrong sets `malformed`. */
void ss_tcp_options_decode(const uint8_t *octets, size_t length, struct ss_tcp_options *options);

/*
 * Writes the options in the order MSS, SACK permitted, timestamps, window scale, SACK, padded with
 * no-operations so that each value is aligned and the whole is a multiple of 4. Returns the octets
 * written, or 0 with nothing written when they exceed 40 or there are none.
 */
size_t ss_tcp_options_encode(const struct ss_tcp_options *options,
                             uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX]);

enum { SS_TCP_OPTIONS_TEXT_SIZE = 160 };

/* "mss=1460 sackok ts=1,0 wscale=7 sack=1..9", as synstep-scenario writes them; "" for none. */
void ss_tcp_options_format(char text[SS_TCP_OPTIONS_TEXT_SIZE],
                           const struct ss_tcp_options *options);

#endif
