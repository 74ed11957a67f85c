/* transcript_options: TCP options as the scenario's language writes them. */
#include <inttypes.h>

#include "synstep/bytes.h"
#include "transcript_parts.h"

/* The options' octets, up to the payload. */
static size_t options_of(const struct segment *segment, const uint8_t **octets)
{
    const struct ss_packet *packet = &segment->packet;
    size_t at = packet->transport_offset + SS_TCP_HEADER_BYTES;
    *octets = packet->frame + at;
    return packet->payload_offset > at ? packet->payload_offset - at : 0;
}

/* Any option by its number: whatever its length, the same octets leave. */
static void write_raw(FILE *out, const struct ss_tcp_option *option)
{
    fprintf(out, " opt=%u:", option->kind);
    for (int i = 0; i + 2 < option->length; i++)
        fprintf(out, "%02x", option->data[i]);
}

/*
 * Our clock as an offset from its first value. What the peer's clock said first is echoed all the
 * way: in a replay it says something else, which the scenario knows as T.
 */
static void write_clocks(const struct writing *writing, uint32_t value, uint32_t echo)
{
    fputs(" ts=S", writing->out);
    if (value != writing->clock)
        fprintf(writing->out, "+%" PRIu32, value - writing->clock);
    if (echo != 0 && writing->has_their_clock)
        fputs(",T", writing->out);
    else
        fprintf(writing->out, ",%" PRIu32, echo);
}

static void write_blocks(const struct writing *writing, const struct ss_tcp_option *option)
{
    char left[SS_SEQ_TEXT_SIZE], right[SS_SEQ_TEXT_SIZE];
    for (int at = 0; at + 10 <= option->length; at += 8) {
        struct ss_seq first = ss_seq_from(ss_bytes_get32(option->data + at));
        struct ss_seq end = ss_seq_from(ss_bytes_get32(option->data + at + 4));
        fprintf(writing->out, "%s%s..%s", at == 0 ? " sack=" : ",",
                number_text(&writing->theirs, first, left),
                number_text(&writing->theirs, end, right));
    }
}

static bool has_blocks(const struct ss_tcp_option *option)
{
    return option->length > 2 && (option->length - 2) % 8 == 0;
}

/* By name when its length is the one that its kind has. */
static void write_option(const struct writing *writing, const struct ss_tcp_option *option)
{
    FILE *out = writing->out;
    if (option->kind == SS_TCP_OPTION_NOP)
        fputs(" nop", out);
    else if (option->kind == SS_TCP_OPTION_MSS && option->length == 4)
        fprintf(out, " mss=%u", ss_bytes_get16(option->data));
    else if (option->kind == SS_TCP_OPTION_WINDOW_SCALE && option->length == 3)
        fprintf(out, " wscale=%u", option->data[0]);
    else if (option->kind == SS_TCP_OPTION_SACK_PERMITTED && option->length == 2)
        fputs(" sackok", out);
    else if (option->kind == SS_TCP_OPTION_TIMESTAMPS && option->length == 10)
        write_clocks(writing, ss_bytes_get32(option->data), ss_bytes_get32(option->data + 4));
    else if (option->kind == SS_TCP_OPTION_SACK && has_blocks(option))
        write_blocks(writing, option);
    else if (option->kind == SS_TCP_OPTION_FAST_OPEN && option->length == 2)
        fputs(" tfo", out);
    else
        write_raw(out, option);
}

/*
 * What follows the last option: zeros up to a multiple of 4 come by themselves; where there are
 * more, so many end-of-options that those which come by themselves are the rest.
 */
static void write_end(FILE *out, size_t used, size_t length)
{
    for (; used + 3 < length; used++)
        fputs(" eol", out);
}

void write_options_sent(struct writing *writing, const struct segment *segment)
{
    const uint8_t *octets;
    size_t length = options_of(segment, &octets), used = 0;
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, length);
    struct ss_tcp_option option;
    while (ss_tcp_option_next(&walk, &option) && option.kind != SS_TCP_OPTION_END) {
        write_option(writing, &option);
        used = option.offset + option.length;
    }
    write_end(writing->out, used, length);
}

void write_options_made(struct writing *writing)
{
    const struct ss_tcp_options *last = &writing->last_of_ours->packet.options;
    if (!last->has_timestamps)
        return;
    fputs(" nop nop", writing->out);
    write_clocks(writing, last->timestamp_value, last->timestamp_echo);
}

/* The echo of our clock, when it is our SYN's. */
static void write_clocks_expected(struct writing *writing, const struct ss_tcp_options *options)
{
    bool echoes = writing->has_clock && options->timestamp_echo == writing->clock;
    fprintf(writing->out, " ts=T,%s", echoes ? "S" : "*");
    writing->has_their_clock = true;
}

/*
 * Of theirs only the options of a SYN are looked at, and only whether they are there: what they say
 * is up to the host on which the scenario is played.
 */
void write_options_expected(struct writing *writing, const struct segment *segment)
{
    const struct ss_tcp_options *options = &segment->packet.options;
    if (!has_flag(segment, SS_TCP_SYN))
        return;
    if (options->has_mss)
        fputs(" mss", writing->out);
    if (options->sack_permitted)
        fputs(" sackok", writing->out);
    if (options->has_timestamps && !writing->has_their_clock)
        write_clocks_expected(writing, options);
    else if (options->has_timestamps)
        fputs(" ts", writing->out);
    if (options->has_window_shift)
        fputs(" wscale", writing->out);
}
