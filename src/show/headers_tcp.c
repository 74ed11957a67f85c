/*
 * headers_tcp: the fields of a TCP header (RFC 9293 section 3.1) and each of its options.
 */
#include <inttypes.h>
#include <stdio.h>

#include "headers_parts.h"
#include "synstep/bytes.h"

static void visit_numbers(const struct ss_visit *visit, size_t at)
{
    const struct ss_tcp_header *tcp = &visit->packet->tcp;
    ss_visit_field(visit, at, 2, "Source Port", "", "%u", (unsigned)tcp->source_port);
    ss_visit_field(visit, at + 2, 2, "Destination Port", "", "%u", (unsigned)tcp->destination_port);
    ss_visit_field(visit, at + 4, 4, "Sequence Number", "", "%" PRIu32, tcp->seq.value);
    ss_visit_field(visit, at + 8, 4, "Acknowledgment Number",
                   tcp->flags & SS_TCP_ACK ? "" : "unused (no ACK)", "%" PRIu32, tcp->ack.value);
}

static void visit_control(const struct ss_visit *visit, size_t at)
{
    const struct ss_tcp_header *tcp = &visit->packet->tcp;
    char octets[32], flags[SS_TCP_FLAGS_TEXT_SIZE];
    snprintf(octets, sizeof(octets), "%u octets", tcp->offset_words * 4U);
    ss_tcp_flags_format(flags, tcp->flags);
    ss_visit_field(visit, at + 12, 1, "Data Offset", octets, "%u", (unsigned)tcp->offset_words);
    ss_visit_field(visit, at + 12, 1, "Reserved", tcp->reserved ? "must be 0" : "", "%u",
                   (unsigned)tcp->reserved);
    ss_visit_field(visit, at + 13, 1, "Control Bits", flags, "0x%02x", (unsigned)tcp->flags);
}

static void visit_rest(const struct ss_visit *visit, size_t at)
{
    const struct ss_packet *packet = visit->packet;
    const struct ss_tcp_header *tcp = &packet->tcp;
    char checksum[64];
    snprintf(checksum, sizeof(checksum), "%s", ss_visit_checksum_text(packet->transport_checksum));
    if (packet->transport_checksum == SS_CHECKSUM_BAD)
        snprintf(checksum, sizeof(checksum), "WRONG: should be 0x%04x",
                 (unsigned)packet->transport_checksum_expected);
    ss_visit_field(visit, at + 14, 2, "Window", "", "%u", (unsigned)tcp->window);
    ss_visit_field(visit, at + 16, 2, "Checksum", checksum, "0x%04x", (unsigned)tcp->checksum);
    ss_visit_field(visit, at + 18, 2, "Urgent Pointer",
                   tcp->urgent && !(tcp->flags & SS_TCP_URG) ? "unused (no URG)" : "", "%u",
                   (unsigned)tcp->urgent);
}

/* What the kind of an option takes: its name (IANA), and its whole length, 0 where it varies. */
struct option_form {
    uint8_t kind;
    uint8_t length;
    const char *name;
};

static const struct option_form *form_of(uint8_t kind)
{
    static const struct option_form forms[] = {
        {SS_TCP_OPTION_END, 1, "End of Option List"},
        {SS_TCP_OPTION_NOP, 1, "No-Operation"},
        {SS_TCP_OPTION_MSS, 4, "Maximum Segment Size"},
        {SS_TCP_OPTION_WINDOW_SCALE, 3, "Window Scale"},
        {SS_TCP_OPTION_SACK_PERMITTED, 2, "SACK Permitted"},
        {SS_TCP_OPTION_SACK, 0, "SACK"},
        {SS_TCP_OPTION_TIMESTAMPS, 10, "Timestamps"},
        {SS_TCP_OPTION_FAST_OPEN, 0, "Fast Open Cookie"},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (forms[i].kind == kind)
            return &forms[i];
    return NULL;
}

static void visit_sack(const struct ss_visit *visit, const struct ss_tcp_option *option, size_t at)
{
    size_t blocks = (option->length - 2U) / 8;
    ss_visit_field(visit, at, 2, "SACK", "", "%zu block%s", blocks, blocks == 1 ? "" : "s");
    for (size_t i = 0; i < blocks; i++)
        ss_visit_field(visit, at + 2 + 8 * i, 8, "SACK Block", "the second is not in it",
                       "%" PRIu32 " to %" PRIu32, ss_bytes_get32(option->data + 8 * i),
                       ss_bytes_get32(option->data + 8 * i + 4));
}

static void visit_shift(const struct ss_visit *visit, const struct ss_tcp_option *option, size_t at)
{
    char meaning[64];
    uint8_t shift = option->data[0];
    snprintf(meaning, sizeof(meaning), "%s",
             shift > SS_TCP_WINDOW_SHIFT_MAX ? "over 14: taken as 14" : "");
    if (shift <= SS_TCP_WINDOW_SHIFT_MAX)
        snprintf(meaning, sizeof(meaning), "window times %u", 1U << shift);
    ss_visit_field(visit, at, 3, "Window Scale", meaning, "%u", (unsigned)shift);
}

/* An option whose length is what its kind takes. */
static void visit_known(const struct ss_visit *visit, const struct ss_tcp_option *option,
                        const struct option_form *form, size_t at)
{
    switch ((enum ss_tcp_option_kind)option->kind) {
    case SS_TCP_OPTION_END:
    case SS_TCP_OPTION_NOP:
    case SS_TCP_OPTION_SACK_PERMITTED:
        ss_visit_field(visit, at, option->length, form->name, "", "%s", "");
        break;
    case SS_TCP_OPTION_MSS:
        ss_visit_field(visit, at, 4, form->name, "", "%u", (unsigned)ss_bytes_get16(option->data));
        break;
    case SS_TCP_OPTION_WINDOW_SCALE:
        visit_shift(visit, option, at);
        break;
    case SS_TCP_OPTION_SACK:
        visit_sack(visit, option, at);
        break;
    case SS_TCP_OPTION_TIMESTAMPS:
        ss_visit_field(visit, at, 6, "Timestamp Value", "", "%" PRIu32,
                       ss_bytes_get32(option->data));
        ss_visit_field(visit, at + 6, 4, "Timestamp Echo Reply", "", "%" PRIu32,
                       ss_bytes_get32(option->data + 4));
        break;
    case SS_TCP_OPTION_FAST_OPEN:
        ss_visit_octets(visit, at, option->length, form->name, "");
        break;
    }
}

static bool is_well_formed(const struct ss_tcp_option *option, const struct option_form *form)
{
    if (option->kind == SS_TCP_OPTION_SACK)
        return option->length >= 10 && (option->length - 2) % 8 == 0;
    return form->length == 0 || form->length == option->length;
}

static void visit_option(const struct ss_visit *visit, const struct ss_tcp_option *option,
                         size_t at)
{
    const struct option_form *form = form_of(option->kind);
    char unknown[32];
    snprintf(unknown, sizeof(unknown), "Kind %u", (unsigned)option->kind);
    if (form && is_well_formed(option, form))
        visit_known(visit, option, form, at);
    else
        ss_visit_octets(visit, at, option->length, form ? form->name : unknown,
                        form ? "length WRONG" : "unknown");
}

/* Each option, and what the walk could not read or was not to read: octets after the end. */
static void visit_options(const struct ss_visit *whole, size_t begin, size_t end)
{
    struct ss_visit visit = *whole;
    const uint8_t *octets = visit.packet->frame + begin;
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, end - begin);
    struct ss_tcp_option option;
    size_t at = begin;
    visit.layer = "TCP option";
    while (ss_tcp_option_next(&walk, &option)) {
        at = begin + option.offset;
        visit_option(&visit, &option, at);
        at += option.length;
    }
    if (at < end)
        ss_visit_octets(&visit, at, end - at, walk.malformed ? "Unreadable" : "Padding",
                        walk.malformed ? "length WRONG" : "");
}

void ss_visit_tcp(const struct ss_visit *visit)
{
    const struct ss_packet *packet = visit->packet;
    size_t at = packet->transport_offset;
    visit_numbers(visit, at);
    visit_control(visit, at);
    visit_rest(visit, at);
    if (packet->payload_offset > at + SS_TCP_HEADER_BYTES)
        visit_options(visit, at + SS_TCP_HEADER_BYTES, packet->payload_offset);
}
