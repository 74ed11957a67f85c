/* player_message: UDP, ICMP and IGMP: a step to a stack of layers, an arrival held against a step.
 */
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"
#include "synstep/way.h"

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

void message_put_number(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    if (ss_layer_field_from_name(layer->kind, name, &field))
        ss_layer_put(layer, field, value);
}

void message_put_address(struct ss_layer *layer, const char *name, const struct ss_address *address)
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

enum ss_status message_put(const struct ss_player *player, const struct ss_step *step,
                           struct ss_layer *layer, const char *name, const struct ss_value *value,
                           struct ss_problem *problem)
{
    size_t field;
    bool given;
    uint32_t number = 0;
    if (value->kind == SS_VALUE_ADDRESS) {
        message_put_address(layer, name, &value->address);
        return SS_OK;
    }
    if (!ss_layer_field_from_name(layer->kind, name, &field))
        return SS_OK; /* ss_player_check has refused it */
    if (value->kind == SS_VALUE_CARD) {
        ss_layer_put_octets(layer, field, value->card);
        return SS_OK;
    }
    enum ss_status status =
        worth(player, step, name, ss_layer_table(layer->kind)->fields[field].bits, value, &given,
              &number, problem);
    if (status == SS_OK && given)
        ss_layer_put(layer, field, number);
    return status;
}

/* --- what no item says ---------------------------------------------------------------------------
 */

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
    message_put_address(ip, "src", &options->local.address);
    message_put_address(ip, "dst", &options->peer.address);
    if (version == 4)
        message_put_number(ip, "id", player->next_ip_id);
    if (segment->protocol == SS_PROTOCOL_UDP) {
        message_put_number(message, "sport", options->local.port);
        message_put_number(message, "dport", options->peer.port);
    }
    if (!segment->type)
        return;
    const struct ss_type_number *number = ss_message_type_number(segment->type, version);
    message_put_number(message, "type", number->type);
    message_put_number(message, "code", number->code);
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

/* Behind the IPv6 header: a router alert among hop-by-hop options (RFC 2711). */
static void insert_alert(struct ss_stack *stack)
{
    struct ss_layer *at = &stack->layers[MESSAGE_LAYER];
    memmove(at + 1, at, (stack->count - MESSAGE_LAYER) * sizeof(*at));
    *at = ss_layer_new(SS_LAYER_HOP);
    at->rest = ss_way_alert_ipv6;
    at->rest_length = SS_WAY_ALERT_BYTES;
    stack->count++;
}

/* Of a message about groups or neighbours; what the items say of it is put over it. */
static bool aim(struct ss_stack *stack)
{
    struct ss_layer *ip = &stack->layers[IP_LAYER];
    const struct ss_layer *payload = &stack->layers[PAYLOAD_LAYER];
    bool v6 = ip->kind == SS_LAYER_IP6;
    struct ss_way way;
    if (!ss_way_of(&stack->layers[MESSAGE_LAYER], payload->rest, payload->rest_length, &way))
        return false;
    message_put_number(ip, v6 ? "hop" : "ttl", way.hops);
    if (way.to.version != 0)
        message_put_address(ip, "dst", &way.to);
    if (way.alert && !v6) {
        ip->rest = ss_way_alert_ipv4;
        ip->rest_length = SS_WAY_ALERT_BYTES;
    }
    return way.alert && v6;
}

enum ss_status message_draft(const struct ss_player *player, const struct ss_step *step,
                             struct ss_draft *draft, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    uint8_t version = player->options.local.address.version;
    struct ss_layer *ip = &draft->stack.layers[IP_LAYER];
    struct ss_layer *message = &draft->stack.layers[MESSAGE_LAYER];
    draft->protocol = segment->protocol;
    if (segment->protocol == SS_PROTOCOL_ARP)
        return arp_draft(player, step, draft, problem);
    draft->corrupt = segment->corrupt;
    set_usual(player, segment, &draft->stack);
    enum ss_status status = set_payload(player, step, draft, problem);
    for (size_t i = 0; status == SS_OK && i < segment->header_count; i++)
        status = message_put(player, step, message, segment->headers[i].name,
                             &segment->headers[i].value, problem);
    bool alert = status == SS_OK && aim(&draft->stack);
    for (size_t i = 0; status == SS_OK && i < segment->field_count; i++)
        status = message_put(player, step, ip, ip_name(segment->fields[i].field, version),
                             &segment->fields[i].value, problem);
    if (alert)
        insert_alert(&draft->stack);
    return status;
}
