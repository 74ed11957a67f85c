/* player_options: TCP options from a step to octets, and found in a packet. */
#include <stdio.h>
#include <string.h>

#include "player_parts.h"
#include "synstep/bytes.h"

/* --- to octets ---------------------------------------------------------------------------------
 */

/* The octets of one option under way. */
struct option_octets {
    size_t length;
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX];
};

/* One of an option's numbers. */
static enum ss_status number_of(const struct ss_player *player, const struct ss_step *step,
                                const struct ss_option_value *option, size_t which, uint32_t most,
                                uint32_t *number, struct ss_problem *problem)
{
    if (!ss_player_evaluate(player, &option->value[which].low, number))
        return fail_at(step, problem, SS_CHECK_FAILED, "a TCP option needs a number not known yet");
    if (*number > most)
        return fail_at(step, problem, SS_CHECK_FAILED,
                       "%u is too large for a TCP option that holds %u at most", *number, most);
    return SS_OK;
}

static enum ss_status build_mss(const struct ss_player *player, const struct ss_step *step,
                                const struct ss_option_value *option, struct option_octets *out,
                                struct ss_problem *problem)
{
    uint32_t mss;
    enum ss_status status = number_of(player, step, option, 0, UINT16_MAX, &mss, problem);
    if (status != SS_OK)
        return status;
    out->octets[1] = 4;
    ss_bytes_put16(out->octets + 2, (uint16_t)mss);
    out->length = 4;
    return SS_OK;
}

static enum ss_status build_shift(const struct ss_player *player, const struct ss_step *step,
                                  const struct ss_option_value *option, struct option_octets *out,
                                  struct ss_problem *problem)
{
    uint32_t shift;
    enum ss_status status = number_of(player, step, option, 0, UINT8_MAX, &shift, problem);
    if (status != SS_OK)
        return status;
    out->octets[1] = 3;
    out->octets[2] = (uint8_t)shift;
    out->length = 3;
    return SS_OK;
}

static enum ss_status build_timestamps(const struct ss_player *player, const struct ss_step *step,
                                       const struct ss_option_value *option,
                                       struct option_octets *out, struct ss_problem *problem)
{
    for (size_t which = 0; which < 2; which++) {
        uint32_t number;
        enum ss_status status =
            number_of(player, step, option, which, UINT32_MAX, &number, problem);
        if (status != SS_OK)
            return status;
        ss_bytes_put32(out->octets + 2 + 4 * which, number);
    }
    out->octets[1] = 10;
    out->length = 10;
    return SS_OK;
}

static enum ss_status build_sack(const struct ss_player *player, const struct ss_step *step,
                                 const struct ss_option_value *option, struct option_octets *out,
                                 struct ss_problem *problem)
{
    for (size_t i = 0; i < option->block_count; i++) {
        uint32_t left, right;
        if (!ss_player_evaluate(player, &option->blocks[i].low, &left) ||
            !ss_player_evaluate(player, &option->blocks[i].high, &right))
            return fail_at(step, problem, SS_CHECK_FAILED,
                           "a SACK block needs a number not known yet");
        ss_bytes_put32(out->octets + 2 + 8 * i, left);
        ss_bytes_put32(out->octets + 6 + 8 * i, right);
    }
    out->length = 2 + 8 * option->block_count;
    out->octets[1] = (uint8_t)out->length;
    return SS_OK;
}

/* Kind and length octet alone, or with the data that was written in hex. */
static void build_raw(const struct ss_option_value *option, struct option_octets *out)
{
    bool single = option->kind == SS_TCP_OPTION_END || option->kind == SS_TCP_OPTION_NOP;
    size_t head = single ? 1 : 2;
    size_t data = option->form == SS_OPTION_RAW ? option->raw_length : 0;
    if (data > sizeof(out->octets) - head)
        data = sizeof(out->octets) - head;
    memcpy(out->octets + head, option->raw, data);
    out->length = head + data;
    if (!single)
        out->octets[1] = (uint8_t)out->length;
}

static enum ss_status build_option(const struct ss_player *player, const struct ss_step *step,
                                   const struct ss_option_value *option, struct option_octets *out,
                                   struct ss_problem *problem)
{
    *out = (struct option_octets){.octets = {option->kind}};
    bool valued = option->form != SS_OPTION_RAW;
    if (valued && option->kind == SS_TCP_OPTION_MSS)
        return build_mss(player, step, option, out, problem);
    if (valued && option->kind == SS_TCP_OPTION_WINDOW_SCALE)
        return build_shift(player, step, option, out, problem);
    if (valued && option->kind == SS_TCP_OPTION_TIMESTAMPS)
        return build_timestamps(player, step, option, out, problem);
    if (valued && option->kind == SS_TCP_OPTION_SACK)
        return build_sack(player, step, option, out, problem);
    build_raw(option, out);
    return SS_OK;
}

enum ss_status options_build(const struct ss_player *player, const struct ss_step *step,
                             struct ss_draft *draft, struct ss_problem *problem)
{
    size_t used = 0;
    for (size_t i = 0; i < step->segment.option_count; i++) {
        struct option_octets out;
        enum ss_status status =
            build_option(player, step, &step->segment.options[i], &out, problem);
        if (status != SS_OK)
            return status;
        if (out.length > sizeof(draft->options) - used)
            return fail_at(step, problem, SS_USAGE,
                           "these TCP options exceed the 40 octets that a header has for them");
        memcpy(draft->options + used, out.octets, out.length);
        used += out.length;
    }
    draft->craft.options_length = used;
    return SS_OK;
}

/* --- found in a packet -------------------------------------------------------------------------
 */

static const char *option_text(uint8_t kind, char text[8])
{
    switch (kind) {
    case SS_TCP_OPTION_MSS:
        return "mss";
    case SS_TCP_OPTION_WINDOW_SCALE:
        return "wscale";
    case SS_TCP_OPTION_SACK_PERMITTED:
        return "sackok";
    case SS_TCP_OPTION_SACK:
        return "sack";
    case SS_TCP_OPTION_TIMESTAMPS:
        return "ts";
    case SS_TCP_OPTION_FAST_OPEN:
        return "tfo";
    case SS_TCP_OPTION_NOP:
        return "nop";
    case SS_TCP_OPTION_END:
        return "eol";
    }
    snprintf(text, 8, "opt=%u", kind);
    return text;
}

/* The first option of a kind, in the packet's own octets. */
static bool find_option(const struct ss_packet *packet, uint8_t kind, struct ss_tcp_option *found)
{
    size_t at = packet->transport_offset + SS_TCP_HEADER_BYTES;
    size_t length = packet->payload_offset > at ? packet->payload_offset - at : 0;
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(packet->frame + at, length);
    while (ss_tcp_option_next(&walk, found))
        if (found->kind == kind)
            return true;
    return false;
}

static void match_blocks(const struct ss_player *player, const struct ss_option_value *option,
                         const struct ss_packet *packet, struct match *match)
{
    static const char *const names[] = {"sack 1", "sack 2", "sack 3", "sack 4"};
    char wanted[8], found[8];
    snprintf(wanted, sizeof(wanted), "%zu", option->block_count);
    snprintf(found, sizeof(found), "%u", packet->options.sack_count);
    match_note(match, option->block_count == packet->options.sack_count, "sack blocks", wanted,
               found);
    for (size_t i = 0; i < option->block_count && i < packet->options.sack_count; i++) {
        struct ss_value left = {.kind = SS_VALUE_EQUAL, .low = option->blocks[i].low};
        struct ss_value right = {.kind = SS_VALUE_EQUAL, .low = option->blocks[i].high};
        match_value(player, match, names[i], 32, &left, packet->options.sack[i].left.value);
        match_value(player, match, names[i], 32, &right, packet->options.sack[i].right.value);
    }
}

/* The numbers of an option that is there. */
static void match_numbers(const struct ss_player *player, const struct ss_option_value *option,
                          const struct ss_packet *packet, struct match *match)
{
    const struct ss_tcp_options *there = &packet->options;
    if (option->kind == SS_TCP_OPTION_MSS) {
        match_value(player, match, "mss", 16, &option->value[0], there->mss);
    } else if (option->kind == SS_TCP_OPTION_WINDOW_SCALE) {
        match_value(player, match, "wscale", 8, &option->value[0], there->window_shift);
    } else if (option->kind == SS_TCP_OPTION_TIMESTAMPS) {
        match_value(player, match, "ts value", 32, &option->value[0], there->timestamp_value);
        match_value(player, match, "ts echo", 32, &option->value[1], there->timestamp_echo);
    } else if (option->kind == SS_TCP_OPTION_SACK) {
        match_blocks(player, option, packet, match);
    }
}

static void hex_format(const uint8_t *octets, size_t length, char text[NUMBER_TEXT_SIZE])
{
    snprintf(text, NUMBER_TEXT_SIZE, "no data");
    for (size_t i = 0; i < length && 2 * i + 3 < NUMBER_TEXT_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
}

static void match_raw(const struct ss_option_value *option, const struct ss_tcp_option *there,
                      const char *name, struct match *match)
{
    char wanted[NUMBER_TEXT_SIZE], found[NUMBER_TEXT_SIZE];
    size_t length = there->length >= 2 ? there->length - 2U : 0;
    hex_format(option->raw, option->raw_length, wanted);
    hex_format(there->data, length, found);
    bool same = length == option->raw_length &&
                (length == 0 || memcmp(there->data, option->raw, length) == 0);
    match_note(match, same, name, wanted, found);
}

static void match_option(const struct ss_player *player, const struct ss_option_value *option,
                         const struct ss_packet *packet, struct match *match)
{
    char text[8];
    struct ss_tcp_option there;
    const char *name = option_text(option->kind, text);
    bool found = find_option(packet, option->kind, &there);
    bool wanted = option->form != SS_OPTION_ABSENT;
    match_note(match, found == wanted, name, wanted ? "there" : "absent",
               found ? "there" : "absent");
    if (!found || !wanted)
        return;
    if (option->form == SS_OPTION_RAW)
        match_raw(option, &there, name, match);
    else if (option->form == SS_OPTION_VALUE)
        match_numbers(player, option, packet, match);
}

void match_options(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct ss_packet *packet, struct match *match)
{
    char found[SS_TCP_OPTIONS_TEXT_SIZE];
    if (expected->no_options) {
        ss_tcp_options_format(found, &packet->options);
        match_note(match, packet->tcp.offset_words <= SS_TCP_HEADER_BYTES / 4, "options", "none",
                   found[0] ? found : "some");
    }
    for (size_t i = 0; i < expected->option_count; i++)
        match_option(player, &expected->options[i], packet, match);
}
