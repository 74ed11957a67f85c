/* player_send: a draft -> octets -> the wire, with the harm that was ordered, and its traces. */
#include <stdlib.h>

#include "player_parts.h"
#include "synstep/bytes.h"

enum {
    IPV4_CHECKSUM_OFFSET = 10,
    TCP_CHECKSUM_OFFSET = 16,
    UDP_CHECKSUM_OFFSET = 6,
    ICMP_CHECKSUM_OFFSET = 2,
};

/* One bit turned is always wrong: two values of a checksum are never both right, save 0 and ~0. */
static void corrupt_checksum(uint8_t *field)
{
    ss_bytes_put16(field, ss_bytes_get16(field) ^ 0x0100);
}

/* Where the checksum stands in the header that IP carries. */
static size_t checksum_offset(enum ss_protocol protocol)
{
    switch (protocol) {
    case SS_PROTOCOL_TCP:
        return TCP_CHECKSUM_OFFSET;
    case SS_PROTOCOL_UDP:
        return UDP_CHECKSUM_OFFSET;
    case SS_PROTOCOL_ICMP:
    case SS_PROTOCOL_IGMP:
        return ICMP_CHECKSUM_OFFSET;
    case SS_PROTOCOL_ARP: /* it has none, and the parser says so */
        break;
    }
    return TCP_CHECKSUM_OFFSET;
}

/* Where the header that IP carries begins: of a message, behind options and further headers. */
static size_t carried_offset(const struct ss_draft *draft, const struct ss_stack *built)
{
    size_t i = 0;
    if (draft->protocol == SS_PROTOCOL_TCP)
        return draft->craft.version == 4 ? SS_IPV4_HEADER_BYTES : SS_IPV6_HEADER_BYTES;
    while (i + 1 < built->count && built->layers[i].kind < SS_LAYER_TCP)
        i++;
    return built->offset[i];
}

static void corrupt(const struct ss_draft *draft, const struct ss_stack *built, uint8_t *datagram,
                    size_t length)
{
    size_t at = carried_offset(draft, built) + checksum_offset(draft->protocol);
    if ((draft->corrupt & SS_CORRUPT_IP_CHECKSUM) && draft->craft.version == 4)
        corrupt_checksum(datagram + IPV4_CHECKSUM_OFFSET);
    if ((draft->corrupt & SS_CORRUPT_TCP_CHECKSUM) && length >= at + 2)
        corrupt_checksum(datagram + at);
}

enum ss_status ss_draft_build(const struct ss_draft *draft, uint8_t *octets, size_t size,
                              size_t *length)
{
    struct ss_stack stack = draft->stack;
    enum ss_status status = draft->protocol == SS_PROTOCOL_TCP
                                ? ss_craft_build(&draft->craft, octets, size, length)
                                : ss_stack_build(&stack, octets, size, length, NULL);
    if (status == SS_OK)
        corrupt(draft, &stack, octets, *length);
    return status;
}

enum ss_status put_on_wire(struct ss_player *player, enum ss_link link, const uint8_t *octets,
                           size_t length, enum ss_fate *fate, struct ss_problem *problem)
{
    struct ss_wire *frames = player->options.frames;
    if (link == SS_LINK_IP)
        return ss_wire_send(player->wire, octets, length, fate, problem);
    enum ss_status status = ss_wire_flush(player->wire, problem);
    if (status == SS_OK)
        status = ss_wire_send(frames, octets, length, fate, problem);
    return status == SS_OK ? ss_wire_flush(frames, problem) : status;
}

/* Until its time, or, when it has none, until it is released. */
static enum ss_status hold_back(struct ss_player *player, enum ss_link link, size_t length,
                                uint64_t delay_us, struct ss_problem *problem)
{
    struct frame *frame = frame_new(player->datagram, length, link, 0);
    if (!frame)
        return ss_problem_set(problem, SS_IO, "out of memory for a delayed segment");
    frame->n = player->recorder.segments + 1;
    if (delay_us == UINT64_MAX) {
        frames_push(&player->held, frame);
    } else {
        frame->time_us = ss_wire_now_us(player->wire) + delay_us;
        frames_insert(&player->leaving, frame);
    }
    return SS_OK;
}

/* Lets the datagram go as `fate` says; a wire that does harm of its own has the last word. */
static enum ss_status let_go(struct ss_player *player, enum ss_link link, size_t length,
                             uint64_t delay_us, enum ss_fate *fate, struct ss_problem *problem)
{
    enum ss_fate on_wire = SS_FATE_DELIVERED;
    if (*fate == SS_FATE_DROPPED)
        return SS_OK;
    if (*fate == SS_FATE_DELAYED)
        return hold_back(player, link, length, delay_us, problem);
    enum ss_status status = put_on_wire(player, link, player->datagram, length, &on_wire, problem);
    if (status == SS_OK && *fate == SS_FATE_DUPLICATED)
        status = put_on_wire(player, link, player->datagram, length, &on_wire, problem);
    if (*fate == SS_FATE_DELIVERED)
        *fate = on_wire;
    return status;
}

/* Whether the segment stands where the IP header says; else others read something else, or none. */
static bool is_seen(const struct ss_draft *draft, const struct ss_packet *packet)
{
    size_t at = draft->craft.version == 4 ? SS_IPV4_HEADER_BYTES : SS_IPV6_HEADER_BYTES;
    return packet->transport == SS_TRANSPORT_TCP && packet->transport_offset == at;
}

/* Names become known by what was worked out, were it behind an IP header that lies. */
static void bind_hidden(struct ss_player *player, const struct ss_step *step,
                        const struct ss_draft *draft)
{
    size_t length = 0;
    struct ss_packet packet;
    struct ss_craft craft = draft->craft;
    craft.verbatim = 0;
    craft.ipv4.fragment_offset_words = 0;
    if (ss_craft_build(&craft, player->datagram, sizeof(player->datagram), &length) != SS_OK)
        return;
    ss_packet_decode(SS_LINK_IP, player->datagram, length, &packet);
    bind_segment(player, &step->segment, &packet);
}

/* What the draft says of its way, or else what is ordered for the next frame. */
static enum ss_fate fate_of(struct ss_player *player, const struct ss_draft *draft,
                            uint64_t *delay_us)
{
    if (draft->fate == SS_FATE_DELIVERED)
        return harm_take(&player->harm_leaving, delay_us);
    *delay_us = UINT64_MAX;
    return draft->fate;
}

/* Our end has sent it, whatever becomes of it on the way. The datagram is not needed any more. */
static void remember(struct ss_player *player, const struct ss_step *step,
                     const struct ss_draft *draft, const struct ss_packet *packet)
{
    bool syn = packet->tcp.flags & SS_TCP_SYN, ip = ss_draft_link(draft) == SS_LINK_IP;
    if (ip && ++player->next_ip_id == 0)
        player->next_ip_id = 1; /* the kernel fills in an id of zero by itself (raw(7)) */
    if (ip)
        remember_sent(player, packet);
    if (draft->protocol != SS_PROTOCOL_TCP) {
        struct ss_message message;
        if (ss_message_read(packet, &message))
            bind_message(player, &step->segment, &message);
        bind_segment(player, &step->segment, packet);
        return;
    }
    if (!is_seen(draft, packet)) {
        bind_hidden(player, step, draft);
        return;
    }
    bind_segment(player, &step->segment, packet);
    own_end_sent(&player->own, syn, packet->tcp.seq, ss_packet_segment_length(packet));
}

enum ss_status send_draft(struct ss_player *player, const struct ss_step *step,
                          const struct ss_draft *draft, struct ss_problem *problem)
{
    size_t length = 0;
    uint64_t delay_us = 0, now_us = ss_wire_now_us(player->wire);
    bool tcp = draft->protocol == SS_PROTOCOL_TCP;
    bool drew = tcp && !player->own.snd_known; /* the draft drew its ISN from a copy of `random` */
    enum ss_status status =
        ss_draft_build(draft, player->datagram, sizeof(player->datagram), &length);
    if (status != SS_OK)
        return fail_at(step, problem, SS_USAGE,
                       "this segment does not fit a datagram: at most 65,535 octets in all, 40 of "
                       "them TCP options");
    enum ss_fate fate = fate_of(player, draft, &delay_us);
    struct ss_problem refused = {.text = ""};
    status = let_go(player, ss_draft_link(draft), length, delay_us, &fate, &refused);
    if (status != SS_OK)
        return fail_at(step, problem, status, "%s", refused.text);
    struct ss_packet packet;
    ss_packet_decode(ss_draft_link(draft), player->datagram, length, &packet);
    if (drew)
        (void)ss_random_next32(&player->random);
    player->last_step_us = now_us;
    status = tcp ? record_segment(&player->recorder, SS_SIDE_A, &packet, fate,
                                  fate != SS_FATE_DROPPED, now_us)
                 : record_datagram(&player->recorder, SS_SIDE_A, &packet, fate, now_us);
    remember(player, step, draft, &packet);
    return status;
}

enum ss_status send_due(struct ss_player *player, struct ss_problem *problem)
{
    uint64_t now_us = ss_wire_now_us(player->wire);
    enum ss_status status = SS_OK;
    struct frame *frame;
    while (status == SS_OK && (frame = frames_pop_due(&player->leaving, now_us))) {
        enum ss_fate fate;
        status =
            put_on_wire(player, frame_link(frame), frame->octets, frame->length, &fate, problem);
        free(frame);
    }
    return status;
}
