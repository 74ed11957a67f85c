/* player_message: UDP, ICMP and IGMP: a step to a stack of layers, an arrival held against a step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

enum { IP_LAYER, MESSAGE_LAYER, PAYLOAD_LAYER };

/* --- fields --------------------------------------------------------------------------------------
 */

/* What the language calls a field of either IP header, as that version's table has it. */
static const char *ip_name(enum ss_field field, uint8_t version)
{
    switch ((unsigned)field) {
    case SS_FIELD_SOURCE:
        return "src";
    case SS_FIELD_DESTINATION:
        return "dst";
    case SS_FIELD_TTL:
        return version == 6 ? "hop" : "ttl";
    case SS_FIELD_TOS:
        return version == 6 ? "class" : "tos";
    }
    return strchr(ss_field_text(field), '.') + 1;
}

bool message_field(enum ss_protocol protocol, uint8_t version, const char *name, size_t *field)
{
    enum ss_layer_kind kind;
    if (!ss_protocol_layer(protocol, version, &kind))
        return false;
    const struct ss_layer_table *table = ss_layer_table(kind);
    for (size_t i = 0; i < table->field_count; i++) {
        if (strcmp(table->fields[i].name, name) != 0)
            continue;
        *field = i;
        return true;
    }
    return false;
}

static void put_number(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    if (ss_layer_field_from_name(layer->kind, name, &field))
        ss_layer_put(layer, field, value);
}

static void put_address(struct ss_layer *layer, const char *name, const struct ss_address *address)
{
    size_t field;
    if (ss_layer_field_from_name(layer->kind, name, &field))
        ss_layer_put_octets(layer, field, address->octets);
}

/* The number that the value is worth now, for a field of so many bits; a name still to be bound
 * leaves the field as it is. */
static enum ss_status worth(const struct ss_player *player, const struct ss_step *step,
                            const char *name, unsigned bits, const struct ss_value *value,
                            bool *given, uint32_t *number, struct ss_problem *problem)
{
    uint32_t most = bits >= 32 ? UINT32_MAX : (UINT32_C(1) << bits) - 1;
    *given =
        value->kind != SS_VALUE_BIND || ss_player_name(player, value->low.terms[0].name, number);
    if (!*given)
        return SS_OK;
    if (!ss_player_evaluate(player, &value->low, number))
        return fail_at(step, problem, SS_CHECK_FAILED, "%s needs a number not known yet", name);
    if (*number > most)
        return fail_at(step, problem, SS_CHECK_FAILED, "%s=%u does not fit its %u bit%s: 0 to %u",
                       name, *number, bits, bits == 1 ? "" : "s", most);
    return SS_OK;
}

static enum ss_status put_value(const struct ss_player *player, const struct ss_step *step,
                                struct ss_layer *layer, const char *name,
                                const struct ss_value *value, struct ss_problem *problem)
{
    size_t field;
    bool given;
    uint32_t number = 0;
    if (value->kind == SS_VALUE_ADDRESS) {
        put_address(layer, name, &value->address);
        return SS_OK;
    }
    if (!ss_layer_field_from_name(layer->kind, name, &field))
        return SS_OK; /* ss_player_check has refused it */
    enum ss_status status =
        worth(player, step, name, ss_layer_table(layer->kind)->fields[field].bits, value, &given,
              &number, problem);
    if (status == SS_OK && given)
        ss_layer_put(layer, field, number);
    return status;
}

/* --- what no item says ---------------------------------------------------------------------------
 */

/* Where such a message goes (RFC 2236 section 3, RFC 3376 section 4): no further than this link. */
static void aim_igmp(struct ss_layer *ip, const struct ss_layer *igmp)
{
    static const uint8_t systems[] = {224, 0, 0, 1}, routers[] = {224, 0, 0, 2},
                         reports[] = {224, 0, 0, 22}, none[4] = {0};
    enum { QUERY = 0x11, LEAVE = 0x17, REPORT_V3 = 0x22, GROUP = 4 };
    const uint8_t *group = igmp->fixed + GROUP;
    const uint8_t *to = memcmp(group, none, sizeof(none)) == 0 ? systems : group;
    if (igmp->fixed[0] == LEAVE)
        to = routers;
    else if (igmp->fixed[0] == REPORT_V3)
        to = reports;
    struct ss_address address = ss_address_v4(to);
    put_address(ip, "dst", &address);
    put_number(ip, "ttl", 1);
}

static void set_usual(const struct ss_player *player, const struct ss_segment_step *segment,
                      struct ss_stack *stack)
{
    const struct ss_player_options *options = &player->options;
    uint8_t version = options->local.address.version;
    struct ss_layer *ip = &stack->layers[IP_LAYER], *message = &stack->layers[MESSAGE_LAYER];
    enum ss_layer_kind kind = SS_LAYER_UDP;
    (void)ss_protocol_layer(segment->protocol, version, &kind);
    *ip = ss_layer_new(version == 6 ? SS_LAYER_IP6 : SS_LAYER_IP);
    *message = ss_layer_new(kind);
    put_address(ip, "src", &options->local.address);
    put_address(ip, "dst", &options->peer.address);
    if (version == 4)
        put_number(ip, "id", player->next_ip_id);
    if (segment->protocol == SS_PROTOCOL_UDP) {
        put_number(message, "sport", options->local.port);
        put_number(message, "dport", options->peer.port);
    }
    if (!segment->type)
        return;
    const struct ss_type_number *number = ss_message_type_number(segment->type, version);
    put_number(message, "type", number->type);
    put_number(message, "code", number->code);
}

/*
 * What an error quotes: the datagram that came last, as much as leaves the error within 576 octets
 * (RFC 1812 section 4.3.2.3), over IPv6 within 1280 (RFC 4443 section 3).
 */
static enum ss_status quote(const struct ss_player *player, const struct ss_step *step,
                            struct ss_draft *draft, struct ss_layer *payload,
                            struct ss_problem *problem)
{
    enum { MOST_V4 = 576 - 20 - 8, MOST_V6 = 1280 - 40 - 8 };
    bool v6 = player->options.local.address.version == 6;
    size_t length = player->last_came_length, most = v6 ? MOST_V6 : MOST_V4;
    if (length == 0)
        return fail_at(step, problem, SS_CHECK_FAILED,
                       "nothing has come yet that it could quote; give it octets: hex:");
    draft->payload = malloc(length);
    if (!draft->payload)
        return fail_at(step, problem, SS_IO, "out of memory for %zu octets", length);
    memcpy(draft->payload, player->last_came, length);
    payload->rest = draft->payload;
    payload->rest_length = length < most ? length : most;
    return SS_OK;
}

static enum ss_status set_payload(const struct ss_player *player, const struct ss_step *step,
                                  struct ss_draft *draft, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    struct ss_layer *payload = &draft->stack.layers[PAYLOAD_LAYER];
    *payload = ss_layer_new(SS_LAYER_RAW);
    draft->stack.count = PAYLOAD_LAYER + 1;
    if (segment->payload.kind == SS_PAYLOAD_NONE && segment->type &&
        ss_message_type_is_error(segment->type))
        return quote(player, step, draft, payload, problem);
    enum ss_status status = draft_payload(step, draft, problem);
    payload->rest = draft->craft.payload;
    payload->rest_length = draft->craft.payload_length;
    return status;
}

enum ss_status message_draft(const struct ss_player *player, const struct ss_step *step,
                             struct ss_draft *draft, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    uint8_t version = player->options.local.address.version;
    struct ss_layer *ip = &draft->stack.layers[IP_LAYER];
    struct ss_layer *message = &draft->stack.layers[MESSAGE_LAYER];
    draft->protocol = segment->protocol;
    draft->corrupt = segment->corrupt;
    set_usual(player, segment, &draft->stack);
    enum ss_status status = set_payload(player, step, draft, problem);
    for (size_t i = 0; status == SS_OK && i < segment->header_count; i++)
        status = put_value(player, step, message, segment->headers[i].name,
                           &segment->headers[i].value, problem);
    if (segment->protocol == SS_PROTOCOL_IGMP)
        aim_igmp(ip, message);
    for (size_t i = 0; status == SS_OK && i < segment->field_count; i++)
        status = put_value(player, step, ip, ip_name(segment->fields[i].field, version),
                           &segment->fields[i].value, problem);
    return status;
}

/* --- held against what is expected ---------------------------------------------------------------
 */

void message_format(const struct ss_packet *packet, const struct ss_message *message, char *text,
                    size_t size)
{
    const char *protocol = ss_protocol_text(message->protocol);
    const uint8_t *octets = message->header.fixed;
    if (message->protocol == SS_PROTOCOL_UDP)
        snprintf(text, size, "UDP sport %u dport %u, %zu octet%s", octets[0] << 8 | octets[1],
                 octets[2] << 8 | octets[3], message->payload_length,
                 message->payload_length == 1 ? "" : "s");
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

static void match_header(const struct ss_player *player, const struct ss_header_value *header,
                         const struct ss_message *message, struct match *match)
{
    size_t field;
    const struct ss_layer *layer = &message->header;
    if (header->value.kind == SS_VALUE_ANY)
        return;
    if (header->value.kind == SS_VALUE_ADDRESS && strcmp(header->name, "group") == 0) {
        match_group(match, &header->value.address, message);
    } else if (!ss_layer_field_from_name(layer->kind, header->name, &field)) {
        match_note(match, false, header->name, "there", "not in this IP version");
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

/* Whether one of the last datagrams that we sent is what the error quotes, as far as it does. */
static bool quotes_ours(const struct ss_player *player, const struct ss_packet *quoted)
{
    enum { LEAST = 8 }; /* RFC 792 */
    size_t there = quoted->frame_length - quoted->transport_offset;
    const uint8_t *octets = quoted->frame + quoted->transport_offset;
    for (size_t i = 0; i < SENT_MAX; i++) {
        const struct sent *sent = &player->sent[i];
        size_t length = there < sent->length ? there : sent->length;
        if (sent->protocol == quoted->protocol && length >= LEAST &&
            memcmp(sent->octets, octets, length) == 0 &&
            ss_address_equal(&sent->source, &quoted->source) &&
            ss_address_equal(&sent->destination, &quoted->destination))
            return true;
    }
    return false;
}

bool is_error_about_us(const struct ss_player *player, const struct ss_packet *packet)
{
    struct ss_packet quoted;
    return ss_message_quoted(packet, &quoted) && quotes_ours(player, &quoted);
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
        if (header->value.kind == SS_VALUE_BIND &&
            ss_layer_field_from_name(message->header.kind, header->name, &field))
            name_becomes(player, &header->value, ss_layer_get(&message->header, field));
    }
}

/* --- what was sent, and what came ----------------------------------------------------------------
 */

void remember_sent(struct ss_player *player, const struct ss_packet *packet)
{
    struct sent *sent = &player->sent[player->sent_next++ % SENT_MAX];
    size_t length = packet->frame_length - packet->transport_offset;
    sent->protocol = packet->protocol;
    sent->source = packet->source;
    sent->destination = packet->destination;
    sent->length = length < sizeof(sent->octets) ? length : sizeof(sent->octets);
    memcpy(sent->octets, packet->frame + packet->transport_offset, sent->length);
}

/* Over loopback what we send comes by our own capture, too. */
static bool is_own(const struct ss_player *player, const struct ss_packet *packet)
{
    return ss_address_equal(&player->options.local.address, &player->options.peer.address) &&
           quotes_ours(player, packet);
}

/*
 * What every host says by itself, to find its neighbours and to tell of its groups, is heard only
 * where a step speaks of that very type.
 */
static bool is_housekeeping(const struct ss_message *message)
{
    enum { MLD_QUERY = 130, MLD2_REPORT = 143 };
    uint8_t type = message->header.fixed[0];
    return message->protocol == SS_PROTOCOL_IGMP ||
           (message->header.kind == SS_LAYER_ICMP6 && type >= MLD_QUERY && type <= MLD2_REPORT);
}

static bool is_awaited(const struct ss_player *player, const struct ss_message *message)
{
    size_t count;
    const struct ss_message_type *types = ss_message_types(message->protocol, &count);
    return message->type && player->types[message->protocol] >> (message->type - types) & 1;
}

/*
 * This host may send for others, too: what an error quotes of theirs, as far as that can be read,
 * is not for us.
 */
static bool quotes_others(const struct ss_player *player, const struct ss_packet *packet)
{
    enum { TCP = 6, UDP = 17, PORT = 2 };
    struct ss_packet quoted;
    const struct ss_socket_address *local = &player->options.local;
    if (!ss_message_quoted(packet, &quoted) || quotes_ours(player, &quoted))
        return false;
    const uint8_t *octets = quoted.frame + quoted.transport_offset;
    bool ports = (quoted.protocol == TCP || quoted.protocol == UDP) &&
                 quoted.frame_length >= quoted.transport_offset + PORT;
    return !ss_address_equal(&quoted.source, &local->address) ||
           (ports && (octets[0] << 8 | octets[1]) != local->port);
}

bool message_is_for_us(const struct ss_player *player, const struct ss_packet *packet,
                       const struct ss_message *message)
{
    enum { DPORT = 2 };
    const struct ss_player_options *options = &player->options;
    const uint8_t *octets = message->header.fixed;
    bool to_us = ss_address_equal(&packet->destination, &options->local.address);
    bool from_peer = ss_address_equal(&packet->source, &options->peer.address);
    if (!player->hears[message->protocol] || is_own(player, packet) ||
        quotes_others(player, packet))
        return false;
    if (is_housekeeping(message))
        return is_awaited(player, message);
    if (message->protocol == SS_PROTOCOL_UDP)
        return to_us && from_peer &&
               (octets[DPORT] << 8 | octets[DPORT + 1]) == options->local.port;
    return to_us && (from_peer || ss_icmp_is_error(packet->version, packet->icmp.type));
}

/* From now on what the step speaks of is heard. */
void hear_step(struct ss_player *player, const struct ss_step *step)
{
    const struct ss_segment_step *segment = &step->segment;
    size_t count;
    if (step->kind > SS_STEP_EXPECT_NOT)
        return;
    const struct ss_message_type *types = ss_message_types(segment->protocol, &count);
    player->hears[segment->protocol] = true;
    if (step->kind == SS_STEP_SEND)
        return;
    player->types[segment->protocol] |=
        segment->type ? UINT32_C(1) << (segment->type - types) : UINT32_MAX;
}

void remember_came(struct ss_player *player, const struct frame *frame)
{
    size_t length =
        frame->length < sizeof(player->last_came) ? frame->length : sizeof(player->last_came);
    memcpy(player->last_came, frame->octets, length);
    player->last_came_length = length;
}
