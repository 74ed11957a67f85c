/*
 * ladder_datagram: what is no segment: its name on the arrow, and under it what it is about.
 */
#include <stdio.h>
#include <string.h>

#include "headers_parts.h"
#include "ladder_parts.h"
#include "synstep/bytes.h"
#include "synstep/ethernet.h"
#include "synstep/message.h"

enum { GAP = 2, NAME_SIZE = 64 };

const char *ss_ladder_name_datagram(const struct ss_packet *packet)
{
    struct ss_message message;
    if (!ss_message_read(packet, &message))
        return packet->fragment ? "fragment" : "malformed";
    return message.header.kind == SS_LAYER_ICMP6 ? "ICMPv6" : ss_protocol_text(message.protocol);
}

/* "report-v3" -> "report v3"; a type without a name by its number. */
static void word_type(const struct ss_packet *packet, const struct ss_message *message,
                      char name[NAME_SIZE])
{
    enum { OPERATION = 6 };
    uint8_t type = message->header.fixed[0], code = message->header.fixed[1];
    if (message->protocol == SS_PROTOCOL_UDP)
        name[0] = '\0';
    else if (message->protocol == SS_PROTOCOL_ICMP)
        snprintf(name, NAME_SIZE, " %s", ss_icmp_text(packet->version, type, code));
    else if (message->protocol == SS_PROTOCOL_ARP && !message->type)
        snprintf(name, NAME_SIZE, " operation %u",
                 ss_bytes_get16(message->header.fixed + OPERATION));
    else if (message->type)
        snprintf(name, NAME_SIZE, " %s", message->type->name);
    else
        snprintf(name, NAME_SIZE, " type %u", type);
    for (char *at = name; *at; at++)
        if (*at == '-')
            *at = ' ';
}

/* Whether what is carried is the sender's own octets: no quote, no groups, no neighbours. */
static bool carries_data(const struct ss_packet *packet, const struct ss_message *message)
{
    enum { MLD_QUERY = 130, MLD2_REPORT = 143 };
    uint8_t type = message->header.fixed[0];
    if (message->protocol != SS_PROTOCOL_ICMP)
        return message->protocol == SS_PROTOCOL_UDP;
    bool link = packet->version == 6 && type >= MLD_QUERY && type <= MLD2_REPORT;
    return !link && !ss_icmp_is_error(packet->version, type);
}

void ss_ladder_label_datagram(struct ss_text *label, const struct ss_packet *packet)
{
    struct ss_message message;
    char type[NAME_SIZE] = "";
    bool read = ss_message_read(packet, &message);
    if (read)
        word_type(packet, &message, type);
    if (!read && !packet->fragment && !packet->faults)
        ss_text_add(label, "protocol %u", (unsigned)packet->protocol);
    else
        ss_text_add(label, "%s%s", ss_ladder_name_datagram(packet), type);
    if (read && carries_data(packet, &message))
        ss_text_add(label, ", %zu octet%s", message.payload_length,
                    message.payload_length == 1 ? "" : "s");
}

void ss_ladder_word_datagram(struct ss_text *text, const struct ss_packet *packet)
{
    struct ss_message message;
    ss_text_clear(text);
    if (ss_message_read(packet, &message) && carries_data(packet, &message))
        ss_ladder_word_octets(text, message.payload, message.payload_length);
}

/* --- what it is about ----------------------------------------------------------------------------
 */

/* The label says its type, and the arithmetic of lengths and checksums is for -v. */
static bool is_told(const struct ss_layer *layer, size_t field)
{
    const struct ss_layer_field *described = &ss_layer_table(layer->kind)->fields[field];
    static const char *const others[] = {"type",  "code",    "rest", "maxresp",
                                         "group", "records", NULL};
    if (described->computed != SS_COMPUTED_NOT || !ss_visit_is_shown(layer, field))
        return false;
    for (const char *const *each = others; *each; each++)
        if (strcmp(described->name, *each) == 0)
            return false;
    return described->form == SS_FORM_NUMBER;
}

static void write_fields(struct ss_ladder *ladder, const struct ss_layer *layer)
{
    const struct ss_layer_table *table = ss_layer_table(layer->kind);
    struct ss_text text;
    for (size_t i = 0; i < table->field_count; i++) {
        if (!is_told(layer, i))
            continue;
        ss_text_clear(&text);
        ss_text_add(&text, SS_DIM "%s " SS_PLAIN "%u", table->fields[i].name,
                    (unsigned)ss_layer_get(layer, i));
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    }
}

/* What goes to a group is drawn to the peer, as all of it is. */
static void write_destination(struct ss_ladder *ladder, const struct ss_packet *packet)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    struct ss_text text;
    uint8_t first = packet->destination.octets[0];
    if (packet->version == 4 ? first >> 4 != 14 : first != 0xff)
        return;
    ss_address_format(address, &packet->destination);
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "to " SS_PLAIN "%s", address);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

static void word_card(char text[NAME_SIZE], const uint8_t *card)
{
    static const uint8_t everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    if (memcmp(card, everybody, sizeof(everybody)) == 0)
        snprintf(text, NAME_SIZE, "everybody");
    else
        ss_ethernet_format(text, card);
}

/* "who has 10.0.0.2  tell 10.0.0.1 at 02:00:00:00:00:01  to everybody"; what is no question:
 * "10.0.0.2 is at 02:00:00:00:00:02  to 02:00:00:00:00:01". */
static void write_arp(struct ss_ladder *ladder, const struct ss_message *message)
{
    enum { SHA = 8, SPA = 14, TPA = 24 };
    const uint8_t *arp = message->header.fixed;
    struct ss_address sender = ss_address_v4(arp + SPA), target = ss_address_v4(arp + TPA);
    bool asks = message->type && strcmp(message->type->name, "request") == 0;
    char own[SS_ADDRESS_TEXT_SIZE], asked[SS_ADDRESS_TEXT_SIZE], card[NAME_SIZE];
    struct ss_text text;
    ss_address_format(own, &sender);
    ss_address_format(asked, &target);
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "who has " SS_PLAIN "%s", asked);
    if (asks)
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    word_card(card, arp + SHA);
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "%s" SS_PLAIN "%s" SS_DIM " %s " SS_PLAIN "%s", asks ? "tell " : "",
                own, asks ? "at" : "is at", card);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
    word_card(card, message->ether.fixed);
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "to " SS_PLAIN "%s", card);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

static void write_groups(struct ss_ladder *ladder, const struct ss_message *message)
{
    enum { GROUPS_MAX = 4 };
    char address[SS_ADDRESS_TEXT_SIZE];
    struct ss_address group;
    struct ss_text text;
    for (size_t i = 0; i < GROUPS_MAX && ss_message_group(message, i, &group); i++) {
        ss_address_format(address, &group);
        ss_text_clear(&text);
        ss_text_add(&text, SS_DIM "group " SS_PLAIN "%s", address);
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    }
    if (ss_message_group(message, GROUPS_MAX, &group))
        ss_lines_piece(&ladder->lines, GAP, SS_DIM "and more");
}

static void write_quoted_seq(struct ss_ladder *ladder, const struct ss_packet *packet)
{
    struct ss_socket_address source, destination;
    struct ss_seq seq;
    struct ss_text text;
    if (!ss_packet_quoted(packet, &source, &destination, &seq))
        return;
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "seq " SS_PLAIN "%u", (unsigned)seq.value);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

/* "about UDP from 49152 to 9", "about TCP from 8888 to 49152  seq 5001" */
static void write_quote(struct ss_ladder *ladder, const struct ss_packet *packet)
{
    enum { PORTS = 4, TCP = 6, UDP = 17 };
    struct ss_packet quoted;
    struct ss_text text;
    if (!ss_message_quoted(packet, &quoted))
        return;
    const uint8_t *octets = quoted.frame + quoted.transport_offset;
    bool ports = (quoted.protocol == TCP || quoted.protocol == UDP) &&
                 quoted.frame_length >= quoted.transport_offset + PORTS;
    ss_text_clear(&text);
    if (ports)
        ss_text_add(&text,
                    SS_DIM "about " SS_PLAIN "%s" SS_DIM " from " SS_PLAIN "%u" SS_DIM
                           " to " SS_PLAIN "%u",
                    quoted.protocol == TCP ? "TCP" : "UDP", ss_bytes_get16(octets),
                    ss_bytes_get16(octets + 2));
    else
        ss_text_add(&text, SS_DIM "about protocol " SS_PLAIN "%u", quoted.protocol);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
    write_quoted_seq(ladder, packet);
}

void ss_ladder_write_datagram(struct ss_ladder *ladder, const struct ss_packet *packet)
{
    struct ss_message message;
    const char *fault = ss_packet_fault_text(packet->faults);
    if (!ss_message_read(packet, &message)) {
        if (fault)
            ss_lines_sentence(&ladder->lines, SS_WARN, fault);
        return;
    }
    if (message.protocol == SS_PROTOCOL_ARP) {
        write_arp(ladder, &message);
        return;
    }
    write_fields(ladder, &message.header);
    write_groups(ladder, &message);
    write_destination(ladder, packet);
    write_quote(ladder, packet);
    if (!message.checksum_wrong)
        return;
    ss_lines_break(&ladder->lines, 0);
    ss_lines_sentence(&ladder->lines, SS_WARN, "its checksum is wrong");
}
