/* answers_trait: by what a probe is known, in itself, in its answer and in an ICMP error. */
#include "answers_parts.h"
#include "synstep/bytes.h"
#include "synstep/icmp.h"
#include "synstep/packet.h"

/* Questions with an identifier and a number, each one's answer behind it: RFC 792, 950, 4443. */
static const uint8_t questions[][2] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}, {128, 129}};

/* False: `type` is neither. */
static bool is_question(uint8_t type, bool *reply)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (type == questions[i][0] || type == questions[i][1]) {
            *reply = type == questions[i][1];
            return true;
        }
    return false;
}

/* Ports and TCP's sequence number, or an echo's numbers: 8 octets are all that an error promises.
 */
static void read_first(const uint8_t *octets, struct answer_trait *trait)
{
    bool echo = trait->protocol == ANSWER_ICMP || trait->protocol == ANSWER_ICMP6;
    trait->local = ss_bytes_get16(octets + (echo ? 4 : 0));
    trait->peer = ss_bytes_get16(octets + (echo ? 6 : 2));
    trait->seq = trait->protocol == ANSWER_TCP ? ss_bytes_get32(octets + 4) : 0;
    trait->reply = false;
    if (echo && !is_question(octets[0], &trait->reply))
        trait->protocol = 0;
}

/* SYN and FIN count (RFC 9293 section 3.4), and what follows the header that the frame has. */
static void read_tcp(const struct ss_stack *stack, size_t layer, struct answer_trait *trait)
{
    enum { SYN = 0x02, FIN = 0x01 };
    const struct ss_layer *tcp = &stack->layers[layer];
    trait->flags = tcp->fixed[13];
    trait->ack = ss_bytes_get32(tcp->fixed + 8);
    bool data = layer + 1 < stack->count && stack->layers[layer + 1].kind == SS_LAYER_RAW;
    trait->segment_length = data ? (uint32_t)stack->layers[layer + 1].rest_length : 0;
    trait->segment_length += (trait->flags & SYN) != 0;
    trait->segment_length += (trait->flags & FIN) != 0;
}

/*
 * RFC 4861 sections 4.3 and 4.4: both name the target, behind 8 octets; its last four tell it from
 * others well enough.
 */
static void read_neighbour(const struct ss_stack *stack, size_t layer, struct answer_trait *trait)
{
    enum { SOLICITATION = 135, ADVERTISEMENT = 136, FIXED_BYTES = 8, TARGET_BYTES = 16 };
    uint8_t type = stack->layers[layer].fixed[0];
    const uint8_t *target = stack->layers[layer].fixed + FIXED_BYTES;
    if ((type != SOLICITATION && type != ADVERTISEMENT) || stack->layers[layer].more < TARGET_BYTES)
        return;
    trait->protocol = ANSWER_NEIGHBOUR;
    trait->reply = type == ADVERTISEMENT;
    trait->local = ss_bytes_get16(target + TARGET_BYTES - 4);
    trait->peer = ss_bytes_get16(target + TARGET_BYTES - 2);
}

static uint8_t protocol_of(enum ss_layer_kind kind)
{
    if (kind == SS_LAYER_TCP)
        return ANSWER_TCP;
    if (kind == SS_LAYER_UDP)
        return ANSWER_UDP;
    if (kind == SS_LAYER_ICMP)
        return ANSWER_ICMP;
    return kind == SS_LAYER_ICMP6 ? ANSWER_ICMP6 : 0;
}

/* The first layer at or after `from` that has ports or an echo's numbers; else `count`. */
static size_t transport_of(const struct ss_stack *stack, size_t from)
{
    while (from < stack->count && protocol_of(stack->layers[from].kind) == 0)
        from++;
    return from;
}

/* RFC 826: a reply is the sender's own word for the address that was asked for. */
static void read_arp(const uint8_t *arp, struct answer_trait *trait)
{
    enum { OPERATION = 6, SENDER = 14, TARGET = 24, REQUEST = 1, REPLY = 2 };
    uint16_t operation = ss_bytes_get16(arp + OPERATION);
    const uint8_t *address = arp + (operation == REPLY ? SENDER : TARGET);
    if (operation != REQUEST && operation != REPLY)
        return;
    trait->protocol = ANSWER_ARP;
    trait->reply = operation == REPLY;
    trait->local = ss_bytes_get16(address);
    trait->peer = ss_bytes_get16(address + 2);
}

/* The ARP message that a frame carries, its fixed part; NULL when it carries another thing. */
static const uint8_t *arp_of(const struct ss_stack *stack)
{
    size_t at = 0;
    while (at < stack->count &&
           (stack->layers[at].kind == SS_LAYER_ETHER || stack->layers[at].kind == SS_LAYER_VLAN))
        at++;
    return at < stack->count && stack->layers[at].kind == SS_LAYER_ARP ? stack->layers[at].fixed
                                                                       : NULL;
}

void answer_trait_of(enum ss_link link, const uint8_t *octets, size_t length,
                     struct answer_trait *trait)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    *trait = (struct answer_trait){.protocol = 0};
    ss_stack_dissect(link, octets, length, &stack, &faults);
    size_t at = transport_of(&stack, 0);
    if (arp_of(&stack))
        read_arp(arp_of(&stack), trait);
    if (trait->protocol == ANSWER_ARP || at == stack.count)
        return;
    trait->protocol = protocol_of(stack.layers[at].kind);
    read_first(stack.layers[at].fixed, trait);
    if (trait->protocol == ANSWER_TCP)
        read_tcp(&stack, at, trait);
    if (stack.layers[at].kind == SS_LAYER_ICMP6)
        read_neighbour(&stack, at, trait);
}

/* What the last IP or extension header before layer `at` says of it. */
static uint8_t next_protocol(const struct ss_stack *stack, size_t at)
{
    const struct ss_layer *before = &stack->layers[at - 1];
    if (before->kind == SS_LAYER_IP)
        return before->fixed[9];
    return before->kind == SS_LAYER_IP6 ? before->fixed[6] : before->fixed[0];
}

/* A quotation that ends within its TCP header is octets to whoever reads layers. */
static bool read_quoted(const struct ss_stack *stack, size_t quoted, struct answer_trait *trait)
{
    enum { PROMISED = 8 };
    size_t at = transport_of(stack, quoted);
    const uint8_t *octets = NULL;
    if (at < stack->count) {
        trait->protocol = protocol_of(stack->layers[at].kind);
        octets = stack->layers[at].fixed;
    } else if (stack->layers[at - 1].kind == SS_LAYER_RAW && at - 1 > quoted &&
               stack->layers[at - 1].rest_length >= PROMISED) {
        trait->protocol = next_protocol(stack, at - 1);
        octets = stack->layers[at - 1].rest;
    }
    trait->quoted = true;
    if (!octets || (trait->protocol != ANSWER_TCP && trait->protocol != ANSWER_UDP &&
                    trait->protocol != ANSWER_ICMP && trait->protocol != ANSWER_ICMP6))
        return false;
    read_first(octets, trait);
    return trait->protocol != 0;
}

/* The ports the other way round; an echo's numbers and an address that was asked for come back
 * as they were. */
static void turn_round(struct answer_trait *trait)
{
    uint16_t local = trait->local;
    if (trait->protocol == ANSWER_ICMP || trait->protocol == ANSWER_ICMP6 ||
        trait->protocol == ANSWER_ARP || trait->protocol == ANSWER_NEIGHBOUR)
        return;
    trait->local = trait->peer;
    trait->peer = local;
    trait->reply = true;
}

bool answer_trait_reversed(enum ss_link link, const uint8_t *octets, size_t length,
                           struct answer_trait *trait)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    *trait = (struct answer_trait){.protocol = 0};
    ss_stack_dissect(link, octets, length, &stack, &faults);
    size_t at = transport_of(&stack, 0);
    if (at == stack.count && !arp_of(&stack))
        return false;
    enum ss_layer_kind kind = at < stack.count ? stack.layers[at].kind : SS_LAYER_ARP;
    bool icmp = kind == SS_LAYER_ICMP || kind == SS_LAYER_ICMP6;
    if (icmp && ss_icmp_is_error(kind == SS_LAYER_ICMP6 ? 6 : 4, stack.layers[at].fixed[0]))
        return at + 1 < stack.count && read_quoted(&stack, at + 1, trait);
    answer_trait_of(link, octets, length, trait);
    turn_round(trait);
    return trait->protocol != 0;
}
