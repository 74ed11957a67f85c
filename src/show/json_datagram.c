/*
 * json_datagram: what is no segment as a JSON object: all fields of its header by their names.
 */
#include <stdio.h>

#include "headers_parts.h"
#include "json_parts.h"
#include "synstep/bytes.h"
#include "synstep/ethernet.h"
#include "synstep/message.h"
#include "text.h"

static json_t *address_text(const struct ss_address *address)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, address);
    return json_string(text);
}

static json_t *card_text(const uint8_t card[SS_ETHERNET_ADDRESS_BYTES])
{
    char text[SS_ETHERNET_TEXT_SIZE];
    ss_ethernet_format(text, card);
    return json_string(text);
}

/* A number, or the text of an address of either kind. */
static json_t *field_value(const struct ss_layer *layer, size_t field)
{
    uint8_t octets[16];
    enum ss_field_form form = ss_layer_table(layer->kind)->fields[field].form;
    if (form != SS_FORM_IPV4 && form != SS_FORM_MAC)
        return json_integer(ss_layer_get(layer, field));
    ss_layer_get_octets(layer, field, octets);
    if (form == SS_FORM_MAC)
        return card_text(octets);
    struct ss_address address = ss_address_v4(octets);
    return address_text(&address);
}

/* Where an IGMPv3 report counts its records, the table has the group of older ones. */
static bool is_said(const struct ss_layer *layer, size_t field)
{
    enum { IGMP_V3 = 0x22 };
    bool v3 = layer->kind == SS_LAYER_IGMP && layer->fixed[0] == IGMP_V3;
    return ss_visit_is_shown(layer, field) &&
           !(v3 && ss_layer_table(layer->kind)->fields[field].form == SS_FORM_IPV4);
}

static json_t *field_object(const struct ss_layer *layer)
{
    const struct ss_layer_table *table = ss_layer_table(layer->kind);
    json_t *object = json_object();
    for (size_t i = 0; i < table->field_count; i++)
        if (is_said(layer, i))
            ss_json_add(&object, table->fields[i].name, field_value(layer, i));
    return object;
}

static json_t *group_list(const struct ss_message *message)
{
    struct ss_address group;
    json_t *list = json_array();
    for (size_t i = 0; ss_message_group(message, i, &group); i++)
        ss_json_append(&list, address_text(&group));
    return list;
}

/* The datagram that an ICMP error quotes: from whom to whom; ports where they can be read. */
static json_t *quote_object(const struct ss_packet *packet)
{
    enum { PORTS = 4, TCP = 6, UDP = 17 };
    struct ss_packet quoted;
    if (!ss_message_quoted(packet, &quoted))
        return json_null();
    const uint8_t *octets = quoted.frame + quoted.transport_offset;
    bool ports = (quoted.protocol == TCP || quoted.protocol == UDP) &&
                 quoted.frame_length >= quoted.transport_offset + PORTS;
    json_t *object = json_object();
    ss_json_add(&object, "protocol", json_integer(quoted.protocol));
    ss_json_add(&object, "source", address_text(&quoted.source));
    ss_json_add(&object, "destination", address_text(&quoted.destination));
    ss_json_add(&object, "sport", ss_json_integer_if(ports, ports ? ss_bytes_get16(octets) : 0));
    ss_json_add(&object, "dport",
                ss_json_integer_if(ports, ports ? ss_bytes_get16(octets + 2) : 0));
    return object;
}

/* From whom to whom: of ARP, whose frame has no IP header, its own protocol addresses. */
static void add_ends(json_t **object, const struct ss_packet *packet,
                     const struct ss_message *message)
{
    enum { SENDER = 14, TARGET = 24 };
    struct ss_address source = packet->source, destination = packet->destination;
    if (message && message->protocol == SS_PROTOCOL_ARP) {
        source = ss_address_v4(message->header.fixed + SENDER);
        destination = ss_address_v4(message->header.fixed + TARGET);
    }
    ss_json_add(object, "source", address_text(&source));
    ss_json_add(object, "destination", address_text(&destination));
}

/* What cannot be read has no fields. */
static void add_message(json_t **object, const struct ss_packet *packet,
                        const struct ss_message *found)
{
    static const struct ss_message none;
    const struct ss_message message = found ? *found : none;
    bool read = found;
    bool framed = read && message.protocol == SS_PROTOCOL_ARP;
    const char *protocol = read ? ss_layer_table(message.header.kind)->name : NULL;
    const char *type = read && message.type ? message.type->name : NULL;
    ss_json_add(object, "protocol", json_pack("s?", protocol));
    ss_json_add(object, "type", json_pack("s?", type));
    ss_json_add(object, "fields", read ? field_object(&message.header) : json_object());
    ss_json_add(object, "length", ss_json_integer_if(read, read ? message.payload_length : 0));
    ss_json_add(object, "groups", read ? group_list(&message) : json_array());
    ss_json_add(object, "quoted", read ? quote_object(packet) : json_null());
    ss_json_add(object, "checksum_ok", json_boolean(read && !message.checksum_wrong));
    ss_json_add(object, "ether", framed ? field_object(&message.ether) : json_null());
}

json_t *ss_json_datagram(const struct ss_event *event, const char *from)
{
    const struct ss_event_segment *segment = &event->segment;
    const struct ss_packet *packet = &segment->packet;
    json_t *object = json_pack("{s:s, s:I, s:I, s:s, s:s}", "event", "datagram", "time_us",
                               (json_int_t)event->time_us, "n", (json_int_t)segment->n, "from",
                               from, "fate", ss_text_fate(segment->fate));
    struct ss_message message;
    const struct ss_message *found = ss_message_read(packet, &message) ? &message : NULL;
    const char *fault = found ? NULL : ss_packet_fault_text(packet->faults);
    add_ends(&object, packet, found);
    add_message(&object, packet, found);
    ss_json_add(&object, "fault", json_pack("s?", fault));
    return object;
}
