/* player_match: a packet held against the segment that is expected, field by field. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "player_parts.h"

void match_note(struct match *match, bool ok, const char *name, const char *expected,
                const char *actual)
{
    match->checks++;
    if (ok)
        return;
    if (match->mismatch_count < SS_MISMATCHES_MAX) {
        struct ss_mismatch *mismatch = &match->list[match->mismatch_count];
        snprintf(mismatch->name, sizeof(mismatch->name), "%s", name);
        snprintf(mismatch->expected, sizeof(mismatch->expected), "%s", expected);
        snprintf(mismatch->actual, sizeof(mismatch->actual), "%s", actual);
    }
    match->mismatch_count++;
}

/* Whether `actual` is what `value` says; a range goes forward from its low end. */
static bool holds(const struct ss_player *player, const struct ss_value *value, uint32_t actual)
{
    uint32_t low = 0, high = 0;
    switch (value->kind) {
    case SS_VALUE_EQUAL:
        return ss_player_evaluate(player, &value->low, &low) && actual == low;
    case SS_VALUE_RANGE:
        return ss_player_evaluate(player, &value->low, &low) &&
               ss_player_evaluate(player, &value->high, &high) &&
               ss_seq_between(ss_seq_from(low), ss_seq_from(actual), ss_seq_from(high));
    case SS_VALUE_BIND: /* bound by now, if an earlier part of the same segment did it */
        return !ss_player_name(player, value->low.terms[0].name, &low) || actual == low;
    case SS_VALUE_ANY:
        return true;
    case SS_VALUE_ADDRESS:
    case SS_VALUE_CARD:
        return false;
    }
    return false;
}

void match_value(const struct ss_player *player, struct match *match, const char *name,
                 unsigned bits, const struct ss_value *value, uint32_t actual)
{
    char wanted[NUMBER_TEXT_SIZE], found[NUMBER_TEXT_SIZE];
    bool ok = holds(player, value, actual);
    if (!ok) {
        value_format(player, value, wanted);
        if (bits == 32)
            number_format(player, actual, found);
        else
            snprintf(found, sizeof(found), "%" PRIu32, actual);
        match_note(match, false, name, wanted, found);
    } else if (value->kind != SS_VALUE_ANY) {
        match_note(match, true, name, "", "");
    }
}

static void match_address(struct match *match, const char *name, const struct ss_address *expected,
                          const struct ss_address *actual)
{
    char wanted[SS_ADDRESS_TEXT_SIZE], found[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(wanted, expected);
    ss_address_format(found, actual);
    match_note(match, ss_address_equal(expected, actual), name, wanted, found);
}

static void match_field(const struct ss_player *player, struct match *match,
                        const struct ss_field_value *field, const struct ss_packet *packet)
{
    const char *name = ss_field_text(field->field);
    uint32_t actual = 0;
    if (field->value.kind == SS_VALUE_ANY)
        return;
    if (field->value.kind == SS_VALUE_ADDRESS)
        match_address(match, name, &field->value.address,
                      field->field == SS_FIELD_SOURCE ? &packet->source : &packet->destination);
    else if (ss_field_read(packet, field->field, &actual))
        match_value(player, match, name, ss_field_bits(field->field), &field->value, actual);
    else
        match_note(match, false, name, "there", "not in this IP version");
}

static void match_flags(struct match *match, uint8_t expected, uint8_t actual)
{
    char wanted[SS_TCP_FLAGS_TEXT_SIZE], found[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(wanted, expected);
    ss_tcp_flags_format(found, actual);
    match_note(match, expected == actual, "flags", wanted, found);
}

/* "5 octets "hello"", cut, what is not printable shown as dots. */
static void payload_format(const uint8_t *octets, size_t length, char text[NUMBER_TEXT_SIZE])
{
    int used = snprintf(text, NUMBER_TEXT_SIZE, "%zu octet%s", length, length == 1 ? "" : "s");
    if (length == 0 || used < 0)
        return;
    size_t at = (size_t)used, shown = 0;
    at += (size_t)snprintf(text + at, NUMBER_TEXT_SIZE - at, " \"");
    for (; shown < length && at < NUMBER_TEXT_SIZE - 5; shown++)
        text[at++] = (char)(octets[shown] >= 0x20 && octets[shown] < 0x7f ? octets[shown] : '.');
    snprintf(text + at, NUMBER_TEXT_SIZE - at, "%s", shown < length ? "\"..." : "\"");
}

void payload_word(const struct ss_payload *expected, char text[NUMBER_TEXT_SIZE])
{
    switch (expected->kind) {
    case SS_PAYLOAD_NONE:
        snprintf(text, NUMBER_TEXT_SIZE, "none");
        return;
    case SS_PAYLOAD_OCTETS:
        payload_format(expected->octets, expected->length, text);
        return;
    case SS_PAYLOAD_SIZE:
        snprintf(text, NUMBER_TEXT_SIZE, "%zu octet%s", expected->length,
                 expected->length == 1 ? "" : "s");
        return;
    case SS_PAYLOAD_ANY:
        snprintf(text, NUMBER_TEXT_SIZE, "anything");
        return;
    }
}

static bool payload_holds(const struct ss_payload *expected, const uint8_t *octets, size_t length)
{
    switch (expected->kind) {
    case SS_PAYLOAD_NONE:
        return length == 0;
    case SS_PAYLOAD_OCTETS:
        return length == expected->length && memcmp(octets, expected->octets, length) == 0;
    case SS_PAYLOAD_SIZE:
        return length == expected->length;
    case SS_PAYLOAD_ANY:
        return true;
    }
    return false;
}

void match_payload(struct match *match, const char *name, const struct ss_payload *expected,
                   const uint8_t *octets, size_t length)
{
    char wanted[NUMBER_TEXT_SIZE], found[NUMBER_TEXT_SIZE];
    if (expected->kind == SS_PAYLOAD_ANY)
        return;
    payload_word(expected, wanted);
    payload_format(octets, length, found);
    match_note(match, payload_holds(expected, octets, length), name, wanted, found);
}

void match_fields(const struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_packet *packet, struct match *match)
{
    for (size_t i = 0; i < expected->field_count; i++)
        match_field(player, match, &expected->fields[i], packet);
}

static enum ss_protocol protocol_of(const struct frame *frame)
{
    return frame->is_message ? frame->message.protocol : SS_PROTOCOL_TCP;
}

void match_segment(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct frame *frame, struct match *match)
{
    const struct ss_packet *packet = &frame->packet;
    enum ss_protocol protocol = protocol_of(frame);
    *match = (struct match){0};
    if (protocol != expected->protocol) {
        match_note(match, false, "protocol", ss_protocol_text(expected->protocol),
                   ss_protocol_text(protocol));
        return;
    }
    if (frame->is_message) {
        match_message(player, expected, packet, &frame->message, match);
        return;
    }
    match_flags(match, expected->flags, packet->tcp.flags);
    match_fields(player, expected, packet, match);
    match_options(player, expected, packet, match);
    match_payload(match, "payload", &expected->payload, ss_packet_payload(packet),
                  packet->payload_length);
}

static void bind_timestamps(struct ss_player *player, const struct ss_option_value *option,
                            const struct ss_packet *packet)
{
    name_becomes(player, &option->value[0], packet->options.timestamp_value);
    name_becomes(player, &option->value[1], packet->options.timestamp_echo);
}

static void bind_option(struct ss_player *player, const struct ss_option_value *option,
                        const struct ss_packet *packet)
{
    if (option->form != SS_OPTION_VALUE)
        return;
    if (option->kind == SS_TCP_OPTION_MSS)
        name_becomes(player, &option->value[0], packet->options.mss);
    else if (option->kind == SS_TCP_OPTION_WINDOW_SCALE)
        name_becomes(player, &option->value[0], packet->options.window_shift);
    else if (option->kind == SS_TCP_OPTION_TIMESTAMPS)
        bind_timestamps(player, option, packet);
}

void bind_segment(struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_packet *packet)
{
    for (size_t i = 0; i < expected->field_count; i++) {
        uint32_t actual;
        if (ss_field_read(packet, expected->fields[i].field, &actual))
            name_becomes(player, &expected->fields[i].value, actual);
    }
    for (size_t i = 0; i < expected->option_count; i++)
        bind_option(player, &expected->options[i], packet);
}
