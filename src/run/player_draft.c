/* player_draft: a segment as it will go: what the step says, the rest from our own end. */
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

void ss_draft_clear(struct ss_draft *draft)
{
    free(draft->payload);
    draft->payload = NULL;
}

static uint32_t largest(unsigned bits)
{
    return bits >= 32 ? UINT32_MAX : (UINT32_C(1) << bits) - 1;
}

/* Fields of the IPv4 header alone. */
static void set_ipv4(struct ss_craft *craft, enum ss_field field, uint32_t value)
{
    struct ss_ipv4_header *ipv4 = &craft->ipv4;
    if (field == SS_FIELD_IP_VERSION) {
        ipv4->version = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_IPV4_VERSION;
    } else if (field == SS_FIELD_IP_IHL) {
        ipv4->ihl_words = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_IPV4_IHL;
    } else if (field == SS_FIELD_IP_LENGTH) {
        ipv4->total_length = (uint16_t)value;
        craft->verbatim |= SS_CRAFT_IPV4_TOTAL_LENGTH;
    } else if (field == SS_FIELD_IP_PROTOCOL) {
        ipv4->protocol = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_IPV4_PROTOCOL;
    } else if (field == SS_FIELD_IP_CHECKSUM) {
        ipv4->checksum = (uint16_t)value;
        craft->verbatim |= SS_CRAFT_IPV4_CHECKSUM;
    } else if (field == SS_FIELD_IP_ID) {
        ipv4->id = (uint16_t)value;
    } else if (field == SS_FIELD_IP_OFFSET) {
        ipv4->fragment_offset_words = (uint16_t)value;
    } else if (field == SS_FIELD_IP_RF) {
        ipv4->reserved_flag = value != 0;
    } else if (field == SS_FIELD_IP_DF) {
        ipv4->dont_fragment = value != 0;
    } else if (field == SS_FIELD_IP_MF) {
        ipv4->more_fragments = value != 0;
    }
}

/* Fields of the IPv6 header alone. */
static void set_ipv6(struct ss_craft *craft, enum ss_field field, uint32_t value)
{
    struct ss_ipv6_header *ipv6 = &craft->ipv6;
    if (field == SS_FIELD_IP6_VERSION) {
        ipv6->version = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_IPV6_VERSION;
    } else if (field == SS_FIELD_IP6_LENGTH) {
        ipv6->payload_length = (uint16_t)value;
        craft->verbatim |= SS_CRAFT_IPV6_PAYLOAD_LENGTH;
    } else if (field == SS_FIELD_IP6_NEXT) {
        ipv6->next_header = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_IPV6_NEXT_HEADER;
    } else if (field == SS_FIELD_IP6_FLOW) {
        ipv6->flow_label = value;
    }
}

/* Fields that both IP versions have. */
static void set_either(struct ss_craft *craft, enum ss_field field, uint32_t value)
{
    if (field == SS_FIELD_TTL) {
        craft->ipv4.ttl = (uint8_t)value;
        craft->ipv6.hop_limit = (uint8_t)value;
    } else if (field == SS_FIELD_TOS) {
        craft->ipv4.tos = (uint8_t)value;
        craft->ipv6.traffic_class = (uint8_t)value;
    }
}

static void set_tcp(struct ss_craft *craft, enum ss_field field, uint32_t value)
{
    struct ss_tcp_header *tcp = &craft->tcp;
    if (field == SS_FIELD_SPORT) {
        tcp->source_port = (uint16_t)value;
    } else if (field == SS_FIELD_DPORT) {
        tcp->destination_port = (uint16_t)value;
    } else if (field == SS_FIELD_SEQ) {
        tcp->seq = ss_seq_from(value);
    } else if (field == SS_FIELD_ACK) {
        tcp->ack = ss_seq_from(value);
    } else if (field == SS_FIELD_OFFSET) {
        tcp->offset_words = (uint8_t)value;
        craft->verbatim |= SS_CRAFT_TCP_OFFSET;
    } else if (field == SS_FIELD_RESERVED) {
        tcp->reserved = (uint8_t)value;
    } else if (field == SS_FIELD_WINDOW) {
        tcp->window = (uint16_t)value;
    } else if (field == SS_FIELD_CHECKSUM) {
        tcp->checksum = (uint16_t)value;
        craft->verbatim |= SS_CRAFT_TCP_CHECKSUM;
    } else if (field == SS_FIELD_URGENT) {
        tcp->urgent = (uint16_t)value;
    }
}

/* Each setter knows its own fields and passes over the others'. */
static void set_field(struct ss_craft *craft, enum ss_field field, uint32_t value)
{
    set_either(craft, field, value);
    set_ipv4(craft, field, value);
    set_ipv6(craft, field, value);
    set_tcp(craft, field, value);
}

static void set_address(struct ss_craft *craft, enum ss_field field,
                        const struct ss_address *address)
{
    if (field == SS_FIELD_SOURCE)
        craft->ipv4.source = craft->ipv6.source = *address;
    else
        craft->ipv4.destination = craft->ipv6.destination = *address;
}

static enum ss_status take_field(const struct ss_player *player, const struct ss_step *step,
                                 const struct ss_field_value *field, struct ss_craft *craft,
                                 struct ss_problem *problem)
{
    unsigned bits = ss_field_bits(field->field);
    uint32_t value, most = largest(bits);
    const char *name = ss_field_text(field->field);
    if (field->value.kind == SS_VALUE_ADDRESS) {
        set_address(craft, field->field, &field->value.address);
        return SS_OK;
    }
    if (field->value.kind == SS_VALUE_BIND &&
        !ss_player_name(player, field->value.low.terms[0].name, &value))
        return SS_OK; /* what the field has anyway becomes the name's value */
    if (!ss_player_evaluate(player, &field->value.low, &value))
        return fail_at(step, problem, SS_CHECK_FAILED, "%s needs a number not known yet", name);
    if (value > most)
        return fail_at(step, problem, SS_CHECK_FAILED, "%s=%u does not fit its %u bit%s: 0 to %u",
                       name, value, bits, bits == 1 ? "" : "s", most);
    set_field(craft, field->field, value);
    return SS_OK;
}

/* What a segment has when its step says nothing. A SYN without a number gets a random one. */
static void set_usual(struct ss_player *player, uint8_t flags, struct ss_craft *craft)
{
    const struct own_end *own = &player->own;
    struct ss_random random = player->random; /* a copy: a draft changes nothing */
    craft->ipv4.id = player->next_ip_id;
    craft->tcp.flags = flags;
    craft->tcp.window = own->window;
    if (own->snd_known)
        craft->tcp.seq = (flags & SS_TCP_SYN) ? own->iss : own->snd_nxt;
    else
        craft->tcp.seq = ss_seq_from(ss_random_next32(&random));
    if ((flags & SS_TCP_ACK) && own->rcv_known)
        craft->tcp.ack = own->rcv_nxt;
}

enum ss_status draft_payload(const struct ss_step *step, struct ss_draft *draft,
                             struct ss_problem *problem)
{
    const struct ss_payload *payload = &step->segment.payload;
    draft->craft.payload_length = payload->length;
    draft->craft.payload = payload->octets;
    if (payload->kind != SS_PAYLOAD_SIZE || payload->length == 0)
        return SS_OK;
    draft->payload = malloc(payload->length);
    if (!draft->payload)
        return fail_at(step, problem, SS_IO, "out of memory for %zu octets", payload->length);
    for (size_t i = 0; i < payload->length; i++)
        draft->payload[i] = ss_payload_octet(i);
    draft->craft.payload = draft->payload;
    return SS_OK;
}

enum ss_status ss_player_draft_of(struct ss_player *player, const struct ss_step *step,
                                  struct ss_draft *draft, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    enum ss_status status = SS_OK;
    memset(draft, 0, sizeof(*draft));
    draft->craft = ss_craft_between(&player->options.local, &player->options.peer);
    draft->craft.options = draft->options;
    if (segment->protocol != SS_PROTOCOL_TCP)
        return message_draft(player, step, draft, problem);
    draft->corrupt = segment->corrupt;
    set_usual(player, segment->flags, &draft->craft);
    for (size_t i = 0; status == SS_OK && i < segment->field_count; i++)
        status = take_field(player, step, &segment->fields[i], &draft->craft, problem);
    if (status == SS_OK)
        status = options_build(player, step, draft, problem);
    if (status == SS_OK)
        status = draft_payload(step, draft, problem);
    return status;
}

enum ss_status ss_player_draft(struct ss_player *player, struct ss_draft *draft,
                               struct ss_problem *problem)
{
    return ss_player_draft_of(player, ss_player_next(player), draft, problem);
}
