/*
 * tcp_option_write: option values as octets for a header and as text for a user.
 *
 * Padding stands before an option, so that its value falls where 32-bit loads want it; the layouts
 * are those that RFC 7323 appendix A recommends and that kernels send.
 */
#include "synstep/tcp_option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "synstep/bytes.h"

/* Octets under construction, which have room for whatever encode lets pass. */
struct option_writer {
    uint8_t *octets;
    size_t length;
};

static void put_nops(struct option_writer *writer, size_t count)
{
    memset(writer->octets + writer->length, SS_TCP_OPTION_NOP, count);
    writer->length += count;
}

static void put_start(struct option_writer *writer, enum ss_tcp_option_kind kind, size_t length)
{
    writer->octets[writer->length++] = (uint8_t)kind;
    writer->octets[writer->length++] = (uint8_t)length;
}

static void put_value32(struct option_writer *writer, uint32_t value)
{
    ss_bytes_put32(writer->octets + writer->length, value);
    writer->length += 4;
}

static void put_mss(struct option_writer *writer, uint16_t mss)
{
    put_start(writer, SS_TCP_OPTION_MSS, 4);
    ss_bytes_put16(writer->octets + writer->length, mss);
    writer->length += 2;
}

/* SACK permitted takes the place of the two no-operations that timestamps need before them. */
static void put_sack_permitted_and_timestamps(struct option_writer *writer,
                                              const struct ss_tcp_options *options)
{
    if (!options->sack_permitted || !options->has_timestamps)
        put_nops(writer, 2);
    if (options->sack_permitted)
        put_start(writer, SS_TCP_OPTION_SACK_PERMITTED, 2);
    if (!options->has_timestamps)
        return;
    put_start(writer, SS_TCP_OPTION_TIMESTAMPS, 10);
    put_value32(writer, options->timestamp_value);
    put_value32(writer, options->timestamp_echo);
}

static void put_window_shift(struct option_writer *writer, uint8_t shift)
{
    put_nops(writer, 1);
    put_start(writer, SS_TCP_OPTION_WINDOW_SCALE, 3);
    writer->octets[writer->length++] = shift;
}

static void put_sack(struct option_writer *writer, const struct ss_tcp_options *options)
{
    put_nops(writer, 2);
    put_start(writer, SS_TCP_OPTION_SACK, 2 + 8 * (size_t)options->sack_count);
    for (size_t i = 0; i < options->sack_count; i++) {
        put_value32(writer, options->sack[i].left.value);
        put_value32(writer, options->sack[i].right.value);
    }
}

/* Octets of all options with their padding. */
static size_t encoded_length(const struct ss_tcp_options *options)
{
    size_t length = options->has_mss ? 4 : 0;
    if (options->has_timestamps)
        length += 12;
    else if (options->sack_permitted)
        length += 4;
    if (options->has_window_shift)
        length += 4;
    if (options->sack_count > 0)
        length += 4 + 8 * (size_t)options->sack_count;
    return length;
}

size_t ss_tcp_options_encode(const struct ss_tcp_options *options,
                             uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX])
{
    if (encoded_length(options) > SS_TCP_OPTIONS_BYTES_MAX)
        return 0;
    struct option_writer writer = {.octets = octets};
    if (options->has_mss)
        put_mss(&writer, options->mss);
    if (options->sack_permitted || options->has_timestamps)
        put_sack_permitted_and_timestamps(&writer, options);
    if (options->has_window_shift)
        put_window_shift(&writer, options->window_shift);
    if (options->sack_count > 0)
        put_sack(&writer, options);
    return writer.length;
}

static size_t append_sack(char *text, size_t at, const struct ss_tcp_options *options)
{
    size_t count = options->sack_count;
    if (count > SS_TCP_SACK_BLOCKS_MAX)
        count = SS_TCP_SACK_BLOCKS_MAX;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, SS_TCP_OPTIONS_TEXT_SIZE - at, "%s%" PRIu32 "..%" PRIu32,
                               i == 0 ? " sack=" : ",", options->sack[i].left.value,
                               options->sack[i].right.value);
    return at;
}

/* Each word brings the space before it; at their longest all words together fit the size. */
void ss_tcp_options_format(char text[SS_TCP_OPTIONS_TEXT_SIZE],
                           const struct ss_tcp_options *options)
{
    const size_t size = SS_TCP_OPTIONS_TEXT_SIZE;
    size_t at = 0;
    text[0] = '\0';
    if (options->has_mss)
        at += (size_t)snprintf(text + at, size - at, " mss=%u", (unsigned)options->mss);
    if (options->sack_permitted)
        at += (size_t)snprintf(text + at, size - at, " sackok");
    if (options->has_timestamps)
        at += (size_t)snprintf(text + at, size - at, " ts=%" PRIu32 ",%" PRIu32,
                               options->timestamp_value, options->timestamp_echo);
    if (options->has_window_shift)
        at += (size_t)snprintf(text + at, size - at, " wscale=%u", (unsigned)options->window_shift);
    at = append_sack(text, at, options);
    if (options->has_fast_open)
        at += (size_t)snprintf(text + at, size - at, " fastopen");
    if (at > 0)
        memmove(text, text + 1, at);
}
