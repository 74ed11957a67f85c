/* player_arp: ARP, which travels in frames of its own: a step to a frame, and whom one is for. */
#include <string.h>

#include "player_parts.h"

enum { ETHER_LAYER, ARP_LAYER };

static const uint8_t everybody[SS_ETHERNET_ADDRESS_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void put_octets(struct ss_layer *layer, const char *name, const uint8_t *octets)
{
    size_t field;
    if (ss_layer_field_from_name(layer->kind, name, &field))
        ss_layer_put_octets(layer, field, octets);
}

static void get_octets(const struct ss_layer *layer, const char *name, uint8_t *octets)
{
    size_t field;
    if (ss_layer_field_from_name(layer->kind, name, &field))
        ss_layer_get_octets(layer, field, octets);
}

/* RFC 826: a request asks everybody about the peer's address. */
static void ask(const struct ss_player *player, struct ss_stack *stack)
{
    put_octets(&stack->layers[ETHER_LAYER], "dst", everybody);
    message_put_address(&stack->layers[ARP_LAYER], "tpa", &player->options.peer.address);
}

/* A reply goes to whoever spoke last, its addresses taken from there. */
static void answer(const struct ss_player *player, struct ss_stack *stack)
{
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES], address[4];
    get_octets(&player->asker, "sha", card);
    get_octets(&player->asker, "spa", address);
    put_octets(&stack->layers[ETHER_LAYER], "dst", card);
    put_octets(&stack->layers[ARP_LAYER], "tha", card);
    put_octets(&stack->layers[ARP_LAYER], "tpa", address);
}

static void set_usual(const struct ss_player *player, const struct ss_segment_step *segment,
                      struct ss_stack *stack)
{
    const struct ss_player_options *options = &player->options;
    struct ss_layer *ether = &stack->layers[ETHER_LAYER], *arp = &stack->layers[ARP_LAYER];
    *ether = ss_layer_new(SS_LAYER_ETHER);
    *arp = ss_layer_new(SS_LAYER_ARP);
    stack->count = ARP_LAYER + 1;
    put_octets(ether, "src", options->card);
    put_octets(arp, "sha", options->card);
    message_put_address(arp, "spa", &options->local.address);
    ask(player, stack);
    if (!segment->type)
        return;
    message_put_number(arp, "op", segment->type->v4.type);
    if (strcmp(segment->type->name, "reply") == 0 && player->asked)
        answer(player, stack);
}

enum ss_status arp_draft(const struct ss_player *player, const struct ss_step *step,
                         struct ss_draft *draft, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    enum ss_status status = SS_OK;
    set_usual(player, segment, &draft->stack);
    for (size_t i = 0; status == SS_OK && i < segment->header_count; i++) {
        const struct ss_header_value *header = &segment->headers[i];
        enum ss_layer_kind kind;
        size_t field;
        if (!ss_message_field(SS_PROTOCOL_ARP, 4, header->name, &kind, &field))
            continue;
        struct ss_layer *layer =
            &draft->stack.layers[kind == SS_LAYER_ETHER ? ETHER_LAYER : ARP_LAYER];
        status = message_put(player, step, layer, ss_layer_table(kind)->fields[field].name,
                             &header->value, problem);
    }
    return status;
}

bool arp_is_for_us(const struct ss_player *player, const struct ss_message *message)
{
    uint8_t octets[4] = {0};
    get_octets(&message->header, "spa", octets);
    struct ss_address sender = ss_address_v4(octets);
    get_octets(&message->header, "tpa", octets);
    struct ss_address target = ss_address_v4(octets);
    return ss_address_equal(&sender, &player->options.peer.address) ||
           ss_address_equal(&target, &player->options.local.address);
}
