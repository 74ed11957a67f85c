/*
 * tcp_option: the walk over options as they lie in the header, and their reading into values.
 */
#include "synstep/tcp_option.h"

#include "synstep/bytes.h"

struct ss_tcp_option_walk ss_tcp_option_walk_over(const uint8_t *octets, size_t length)
{
    return (struct ss_tcp_option_walk){.octets = octets, .length = length};
}

/* End and no-operation have no length octet (RFC 9293 section 3.2). */
static bool is_single(uint8_t kind)
{
    return kind == SS_TCP_OPTION_END || kind == SS_TCP_OPTION_NOP;
}

/* Stops the walk for good. */
static bool stop_malformed(struct ss_tcp_option_walk *walk)
{
    walk->malformed = true;
    walk->at = walk->length;
    return false;
}

bool ss_tcp_option_next(struct ss_tcp_option_walk *walk, struct ss_tcp_option *option)
{
    size_t left = walk->length - walk->at;
    if (left == 0)
        return false;
    const uint8_t *octets = walk->octets + walk->at;
    if (is_single(octets[0])) {
        *option = (struct ss_tcp_option){.kind = octets[0], .length = 1, .offset = walk->at};
        walk->at = octets[0] == SS_TCP_OPTION_END ? walk->length : walk->at + 1;
        return true;
    }
    if (left < 2 || octets[1] < 2 || octets[1] > left)
        return stop_malformed(walk);
    *option = (struct ss_tcp_option){
        .kind = octets[0],
        .length = octets[1],
        .data = octets[1] > 2 ? octets + 2 : NULL,
        .offset = walk->at,
    };
    walk->at += octets[1];
    return true;
}

static bool read_mss(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    if (option->length != 4)
        return false;
    options->has_mss = true;
    options->mss = ss_bytes_get16(option->data);
    return true;
}

static bool read_window_shift(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    if (option->length != 3)
        return false;
    options->has_window_shift = true;
    options->window_shift = option->data[0];
    return true;
}

static bool read_sack_permitted(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    if (option->length != 2)
        return false;
    options->sack_permitted = true;
    return true;
}

/* One to four blocks of 8 octets (RFC 2018 section 3). */
static bool read_sack(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    size_t octets = option->length - 2U;
    if (octets == 0 || octets % 8 != 0 || octets / 8 > SS_TCP_SACK_BLOCKS_MAX)
        return false;
    options->sack_count = (uint8_t)(octets / 8);
    for (size_t i = 0; i < options->sack_count; i++) {
        options->sack[i].left = ss_seq_from(ss_bytes_get32(option->data + 8 * i));
        options->sack[i].right = ss_seq_from(ss_bytes_get32(option->data + 8 * i + 4));
    }
    return true;
}

static bool read_timestamps(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    if (option->length != 10)
        return false;
    options->has_timestamps = true;
    options->timestamp_value = ss_bytes_get32(option->data);
    options->timestamp_echo = ss_bytes_get32(option->data + 4);
    return true;
}

/* A request without a cookie, or a cookie of 4 to 16 octets (RFC 7413 section 4.1.1). */
static bool read_fast_open(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    bool cookie = option->length >= 6 && option->length <= 18 && option->length % 2 == 0;
    if (option->length != 2 && !cookie)
        return false;
    options->has_fast_open = true;
    return true;
}

/* False when a known option has a length that it cannot have. */
static bool read_option(const struct ss_tcp_option *option, struct ss_tcp_options *options)
{
    switch ((enum ss_tcp_option_kind)option->kind) {
    case SS_TCP_OPTION_END:
    case SS_TCP_OPTION_NOP:
        return true;
    case SS_TCP_OPTION_MSS:
        return read_mss(option, options);
    case SS_TCP_OPTION_WINDOW_SCALE:
        return read_window_shift(option, options);
    case SS_TCP_OPTION_SACK_PERMITTED:
        return read_sack_permitted(option, options);
    case SS_TCP_OPTION_SACK:
        return read_sack(option, options);
    case SS_TCP_OPTION_TIMESTAMPS:
        return read_timestamps(option, options);
    case SS_TCP_OPTION_FAST_OPEN:
        return read_fast_open(option, options);
    }
    return true; /* MUST-6: an option that is not implemented is passed over */
}

void ss_tcp_options_decode(const uint8_t *octets, size_t length, struct ss_tcp_options *options)
{
    *options = (struct ss_tcp_options){0};
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, length);
    struct ss_tcp_option option;
    bool right = true;
    while (ss_tcp_option_next(&walk, &option))
        right = read_option(&option, options) && right;
    options->malformed = walk.malformed || !right;
}
