/* player_message_match: a message held against the one that is expected, field by field. */
#include <stdio.h>
#include <string.h>

#include "player_parts.h"
#include "synstep/bytes.h"

void message_format(const struct ss_packet *packet, const struct ss_message *message, char *text,
                    size_t size)
{
    const char *protocol = ss_protocol_text(message->protocol);
    enum { OPERATION = 6 };
    const uint8_t *octets = message->header.fixed;
    if (message->protocol == SS_PROTOCOL_UDP)
        snprintf(text, size, "UDP sport %u dport %u, %zu octet%s", ss_bytes_get16(octets),
                 ss_bytes_get16(octets + 2), message->payload_length,
                 message->payload_length == 1 ? "" : "s");
    else if (message->protocol == SS_PROTOCOL_ARP && !message->type)
        snprintf(text, size, "ARP operation %u", ss_bytes_get16(octets + OPERATION));
    else if (message->type)
        snprintf(text, size, "%s %s", protocol, message->type->name);
    else if (message->protocol == SS_PROTOCOL_ICMP)
        snprintf(text, size, "ICMP type %u code %u: %s", octets[0], octets[1],
                 ss_icmp_text(packet->version, octets[0], octets[1]));
    else
        snprintf(text, size, "%s type %u", protocol, octets[0]);
}

static void match_type(const struct ss_segment_step *expected, const struct ss_packet *packet,
                       const struct ss_message *message, struct match *match)
{
    char found[NUMBER_TEXT_SIZE];
    if (!expected->type)
        return;
    message_format(packet, message, found, sizeof(found));
    match_note(match, message->type == expected->type, "type", expected->type->name, found);
}

static void match_group(struct match *match, const struct ss_address *group,
                        const struct ss_message *message)
{
    char wanted[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(wanted, group);
    match_note(match, ss_message_names_group(message, group), "group", wanted, "others");
}

static void match_card(struct match *match, const struct ss_header_value *header,
                       const struct ss_layer *layer, size_t field)
{
    char wanted[SS_ETHERNET_TEXT_SIZE], found[SS_ETHERNET_TEXT_SIZE];
    uint8_t octets[16];
    ss_layer_get_octets(layer, field, octets);
    ss_ethernet_format(wanted, header->value.card);
    ss_ethernet_format(found, octets);
    match_note(match, strcmp(wanted, found) == 0, header->name, wanted, found);
}

/* The layer that has the field; NULL: there is none over this version of IP. */
static const struct ss_layer *layer_of(const struct ss_message *message, const char *name,
                                       size_t *field)
{
    uint8_t version = message->header.kind == SS_LAYER_ICMP6 ? 6 : 4;
    enum ss_layer_kind kind;
    if (!ss_message_field(message->protocol, version, name, &kind, field))
        return NULL;
    return kind == SS_LAYER_ETHER ? &message->ether : &message->header;
}

static void match_header(const struct ss_player *player, const struct ss_header_value *header,
                         const struct ss_message *message, struct match *match)
{
    size_t field;
    const struct ss_layer *layer = layer_of(message, header->name, &field);
    if (header->value.kind == SS_VALUE_ANY)
        return;
    if (header->value.kind == SS_VALUE_ADDRESS && strcmp(header->name, "group") == 0) {
        match_group(match, &header->value.address, message);
    } else if (!layer) {
        match_note(match, false, header->name, "there", "not in this IP version");
    } else if (header->value.kind == SS_VALUE_CARD) {
        match_card(match, header, layer, field);
    } else if (header->value.kind == SS_VALUE_ADDRESS) {
        char wanted[SS_ADDRESS_TEXT_SIZE], found[SS_ADDRESS_TEXT_SIZE];
        uint8_t octets[16];
        ss_layer_get_octets(layer, field, octets);
        struct ss_address actual = ss_address_v4(octets);
        ss_address_format(wanted, &header->value.address);
        ss_address_format(found, &actual);
        match_note(match, ss_address_equal(&header->value.address, &actual), header->name, wanted,
                   found);
    } else {
        match_value(player, match, header->name, ss_layer_table(layer->kind)->fields[field].bits,
                    &header->value, ss_layer_get(layer, field));
    }
}

static void match_quote(const struct ss_player *player, const struct ss_packet *packet,
                        struct match *match)
{
    match_note(match, is_error_about_us(player, packet), "quote", "a datagram that was sent",
               "another one, or none");
}

/* A report about a group carries its records: they are looked at for the group. */
static bool has_group(const struct ss_segment_step *expected)
{
    for (size_t i = 0; i < expected->header_count; i++)
        if (strcmp(expected->headers[i].name, "group") == 0)
            return true;
    return false;
}

static void match_carried(const struct ss_player *player, const struct ss_segment_step *expected,
                          const struct ss_packet *packet, const struct ss_message *message,
                          struct match *match)
{
    bool none = expected->payload.kind == SS_PAYLOAD_NONE;
    if (none && message->protocol == SS_PROTOCOL_ICMP &&
        ss_icmp_is_error(packet->version, packet->icmp.type))
        match_quote(player, packet, match);
    else if (!none || !has_group(expected))
        match_payload(match, "payload", &expected->payload, message->payload,
                      message->payload_length);
}

void match_message(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct ss_packet *packet, const struct ss_message *message,
                   struct match *match)
{
    match_type(expected, packet, message, match);
    for (size_t i = 0; i < expected->header_count; i++)
        match_header(player, &expected->headers[i], message, match);
    if (message->protocol == SS_PROTOCOL_ARP)
        return;
    match_fields(player, expected, packet, match);
    match_carried(player, expected, packet, message, match);
    match_note(match, !message->checksum_wrong, "checksum", "right", "wrong");
}

void bind_message(struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_message *message)
{
    for (size_t i = 0; i < expected->header_count; i++) {
        const struct ss_header_value *header = &expected->headers[i];
        size_t field;
        const struct ss_layer *layer = layer_of(message, header->name, &field);
        if (header->value.kind == SS_VALUE_BIND && layer)
            name_becomes(player, &header->value, ss_layer_get(layer, field));
    }
}
