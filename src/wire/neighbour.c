/*
 * neighbour: builds the question as a stack of layers, and believes no answer unread.
 */
#include "neighbour.h"

#include <assert.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/stack.h"

enum {
    ARP_BYTES = 28,
    ARP_REPLY = 2,
    IPV6_BYTES = 40,
    PROTOCOL_ICMPV6 = 58,
    SOLICITATION = 135,
    ADVERTISEMENT = 136,
    MESSAGE_BYTES = 24,    /* of both, without options */
    SOURCE_LINK_LAYER = 1, /* options (RFC 4861 section 4.6) */
    TARGET_LINK_LAYER = 2,
    OPTION_UNIT = 8, /* an option's length counts these */
    HOP_LIMIT = 255, /* no router was on the way (RFC 4861 section 7.1) */
};

/* --- the question -------------------------------------------------------------------------------
 */

static struct ss_layer *add(struct ss_stack *stack, enum ss_layer_kind kind)
{
    stack->layers[stack->count] = ss_layer_new(kind);
    return &stack->layers[stack->count++];
}

static void put(struct ss_layer *layer, const char *name, const uint8_t *octets)
{
    size_t field;
    bool known = ss_layer_field_from_name(layer->kind, name, &field);
    assert(known);
    if (known)
        ss_layer_put_octets(layer, field, octets);
}

static void put_number(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    bool known = ss_layer_field_from_name(layer->kind, name, &field);
    assert(known);
    if (known)
        ss_layer_put(layer, field, value);
}

/* To everybody on the link (RFC 826). */
static void make_request(const struct ss_neighbour_question *question, struct ss_stack *stack)
{
    static const uint8_t everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ss_layer *ether = add(stack, SS_LAYER_ETHER);
    put(ether, "dst", everybody);
    put(ether, "src", question->own);
    struct ss_layer *arp = add(stack, SS_LAYER_ARP);
    put(arp, "sha", question->own);
    put(arp, "spa", question->local.octets);
    put(arp, "tpa", question->asked.octets);
}

/*
 * To the group of those whose address ends in the same 24 bits (RFC 4291 section 2.7.1), at the
 * Ethernet address that belongs to it (RFC 2464 section 7).
 */
static void make_solicitation(const struct ss_neighbour_question *question, struct ss_stack *stack,
                              uint8_t body[MESSAGE_BYTES])
{
    uint8_t group[16] = {0xff, 0x02, [11] = 0x01, [12] = 0xff};
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES] = {0x33, 0x33};
    memcpy(group + 13, question->asked.octets + 13, 3);
    memcpy(card + 2, group + 12, 4);
    struct ss_layer *ether = add(stack, SS_LAYER_ETHER);
    put(ether, "dst", card);
    put(ether, "src", question->own);
    struct ss_layer *ip = add(stack, SS_LAYER_IP6);
    put_number(ip, "hop", HOP_LIMIT);
    put(ip, "src", question->local.octets);
    put(ip, "dst", group);
    put_number(add(stack, SS_LAYER_ICMP6), "type", SOLICITATION);
    memcpy(body, question->asked.octets, 16);
    body[16] = SOURCE_LINK_LAYER;
    body[17] = 1;
    memcpy(body + 18, question->own, SS_ETHERNET_ADDRESS_BYTES);
    struct ss_layer *rest = add(stack, SS_LAYER_RAW);
    rest->rest = body;
    rest->rest_length = MESSAGE_BYTES;
}

enum ss_status ss_neighbour_ask(const struct ss_neighbour_question *question,
                                uint8_t frame[SS_NEIGHBOUR_BYTES_MAX], size_t *length,
                                struct ss_problem *problem)
{
    struct ss_stack stack = {.count = 0};
    uint8_t body[MESSAGE_BYTES];
    if (question->asked.version == 6)
        make_solicitation(question, &stack, body);
    else
        make_request(question, &stack);
    return ss_stack_build(&stack, frame, SS_NEIGHBOUR_BYTES_MAX, length, problem);
}

/* --- the answer ---------------------------------------------------------------------------------
 */

/* A card's address is never a group's. */
static bool take_card(const uint8_t *octets, uint8_t ethernet[SS_ETHERNET_ADDRESS_BYTES])
{
    static const uint8_t zeros[SS_ETHERNET_ADDRESS_BYTES] = {0};
    if ((octets[0] & 1) != 0 || memcmp(octets, zeros, sizeof zeros) == 0)
        return false;
    memcpy(ethernet, octets, SS_ETHERNET_ADDRESS_BYTES);
    return true;
}

static bool read_reply(const struct ss_neighbour_question *question, const uint8_t *arp,
                       size_t length, uint8_t *ethernet)
{
    static const uint8_t form[] = {0, 1, 8, 0, SS_ETHERNET_ADDRESS_BYTES, 4, 0, ARP_REPLY};
    return length >= ARP_BYTES && memcmp(arp, form, sizeof form) == 0 &&
           memcmp(arp + 14, question->asked.octets, 4) == 0 && take_card(arp + 8, ethernet);
}

/* RFC 4861 section 7.1.2, but for the addresses and the length, which are looked at already. */
static bool is_sound(const uint8_t *ip, const uint8_t *message, size_t length)
{
    struct ss_address source = ss_address_v6(ip + 8), destination = ss_address_v6(ip + 24);
    ss_checksum_sum sum =
        ss_checksum_pseudo(&source, &destination, PROTOCOL_ICMPV6, (uint32_t)length);
    return ip[6] == PROTOCOL_ICMPV6 && ip[7] == HOP_LIMIT && message[0] == ADVERTISEMENT &&
           message[1] == 0 && ss_checksum_finish(ss_checksum_add(sum, message, length)) == 0;
}

static bool read_options(const uint8_t *options, size_t length, uint8_t *ethernet)
{
    for (size_t at = 0; at + OPTION_UNIT <= length;) {
        size_t octets = (size_t)options[at + 1] * OPTION_UNIT;
        if (octets == 0 || octets > length - at)
            return false; /* an advertisement like that is ignored as a whole (section 4.6) */
        if (options[at] == TARGET_LINK_LAYER)
            return take_card(options + at + 2, ethernet);
        at += octets;
    }
    return false;
}

static bool read_advertisement(const struct ss_neighbour_question *question, const uint8_t *ip,
                               size_t length, uint8_t *ethernet)
{
    enum { TARGET = 8 };
    if (length < IPV6_BYTES + MESSAGE_BYTES)
        return false;
    const uint8_t *message = ip + IPV6_BYTES;
    size_t message_length = ss_bytes_get16(ip + 4);
    if (message_length < MESSAGE_BYTES || message_length > length - IPV6_BYTES)
        return false;
    return is_sound(ip, message, message_length) &&
           memcmp(message + TARGET, question->asked.octets, 16) == 0 &&
           read_options(message + MESSAGE_BYTES, message_length - MESSAGE_BYTES, ethernet);
}

bool ss_neighbour_answer(const struct ss_neighbour_question *question, const uint8_t *frame,
                         size_t length, uint8_t ethernet[SS_ETHERNET_ADDRESS_BYTES])
{
    struct ss_ethernet_header header;
    if (!ss_ethernet_decode(frame, length, &header))
        return false;
    const uint8_t *rest = frame + SS_ETHERNET_HEADER_BYTES;
    length -= SS_ETHERNET_HEADER_BYTES;
    if (question->asked.version == 6)
        return header.type == SS_ETHERTYPE_IPV6 &&
               read_advertisement(question, rest, length, ethernet);
    return header.type == SS_ETHERTYPE_ARP && read_reply(question, rest, length, ethernet);
}
