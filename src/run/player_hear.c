/* player_hear: which messages are for a scenario's steps, and what ICMP errors are about. */
#include <string.h>

#include "player_parts.h"
#include "synstep/bytes.h"

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

/* Over loopback what we send comes by our own capture, too. */
static bool is_own(const struct ss_player *player, const struct ss_packet *packet)
{
    return ss_address_equal(&player->options.local.address, &player->options.peer.address) &&
           quotes_ours(player, packet);
}

/*
 * What every host says by itself, to find its neighbours and to tell of its groups, is heard only
 * where a step speaks of that very type, or gives its number.
 */
bool message_is_housekeeping(const struct ss_message *message)
{
    enum { MLD_QUERY = 130, MLD2_REPORT = 143 };
    uint8_t type = message->header.fixed[0];
    return message->protocol == SS_PROTOCOL_IGMP || message->protocol == SS_PROTOCOL_ARP ||
           (message->header.kind == SS_LAYER_ICMP6 && type >= MLD_QUERY && type <= MLD2_REPORT);
}

static bool is_awaited(const struct ss_player *player, const struct ss_message *message)
{
    size_t count;
    const struct ss_message_type *types = ss_message_types(message->protocol, &count);
    uint32_t awaited = player->types[message->protocol];
    return message->type ? awaited >> (message->type - types) & 1 : awaited == UINT32_MAX;
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
           (ports && ss_bytes_get16(octets) != local->port);
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
    if (message->protocol == SS_PROTOCOL_ARP)
        return is_awaited(player, message) && arp_is_for_us(player, message);
    if (message_is_housekeeping(message))
        return is_awaited(player, message);
    if (message->protocol == SS_PROTOCOL_UDP)
        return to_us && from_peer && ss_bytes_get16(octets + DPORT) == options->local.port;
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
    if (frame->is_message && frame->message.protocol == SS_PROTOCOL_ARP) {
        player->asked = true;
        player->asker = frame->message.header;
        return;
    }
    size_t length =
        frame->length < sizeof(player->last_came) ? frame->length : sizeof(player->last_came);
    memcpy(player->last_came, frame->octets, length);
    player->last_came_length = length;
}
