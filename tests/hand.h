/*
 * hand: a near end that is driven by hand: this test says every number that leaves, and states
 * every one that must arrive. Over any wire.
 */
#ifndef SS_TESTS_HAND_H
#define SS_TESTS_HAND_H

#include <string.h>

#include "check_main.h"
#include "synstep/craft.h"
#include "synstep/packet.h"
#include "synstep/wire.h"

#ifndef must
#define must(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(#condition " does not hold " __VA_ARGS__);                                \
    } while (0)
#endif

enum { HAND_PATIENCE_US = 5 * 1000 * 1000, HAND_WINDOW = 20000 };

/* SYN, SYN and ACK, …, as a test writes them. */
enum { S = SS_TCP_SYN, F = SS_TCP_FIN, R = SS_TCP_RST, A = SS_TCP_ACK, P = SS_TCP_PSH };

struct hand {
    struct ss_wire *wire;
    struct ss_socket_address here;
    struct ss_socket_address there;
    uint16_t window;
    uint16_t urgent; /* of the next segment only; with URG */
    bool is_patient; /* what a real kernel sends again, because this test is slow, is passed over */
    uint8_t heard_flags; /* of the last segment that occupied numbers */
    struct ss_seq heard_end;
    struct ss_packet packet;
    uint8_t octets[SS_DATAGRAM_BYTES_MAX]; /* what `packet` lies in */
};

static inline void hand_send_data(struct hand *hand, uint8_t flags, uint32_t seq, uint32_t ack,
                                  const void *payload, size_t length)
{
    static uint8_t datagram[SS_DATAGRAM_BYTES_MAX];
    struct ss_problem problem;
    size_t size = 0;
    struct ss_craft craft = ss_craft_between(&hand->here, &hand->there);
    craft.tcp.flags = (uint8_t)(flags | (hand->urgent ? SS_TCP_URG : 0));
    craft.tcp.urgent = hand->urgent;
    craft.tcp.seq = ss_seq_from(seq);
    craft.tcp.ack = ss_seq_from(ack);
    craft.tcp.window = hand->window;
    craft.payload = payload;
    craft.payload_length = length;
    craft.ipv4.id = 1; /* the raw wire refuses an id of 0 */
    must(ss_craft_build(&craft, datagram, sizeof datagram, &size) == SS_OK);
    must(ss_wire_send(hand->wire, datagram, size, NULL, &problem) == SS_OK, "%s", problem.text);
    must(ss_wire_flush(hand->wire, &problem) == SS_OK, "%s", problem.text);
    hand->urgent = 0;
}

static inline void hand_send(struct hand *hand, uint8_t flags, uint32_t seq, uint32_t ack)
{
    hand_send_data(hand, flags, seq, ack, NULL, 0);
}

/* Whether the segment occupies no number that was not heard before. A SYN begins anew. */
static inline bool hand_is_again(struct hand *hand)
{
    const struct ss_tcp_header *tcp = &hand->packet.tcp;
    uint32_t length = ss_seq_segment_length((uint32_t)hand->packet.payload_length,
                                            (tcp->flags & S) != 0, (tcp->flags & F) != 0);
    struct ss_seq end = ss_seq_add(tcp->seq, length);
    if (length == 0)
        return false;
    bool again = tcp->flags & S
                     ? tcp->flags == hand->heard_flags && ss_seq_equal(end, hand->heard_end)
                     : ss_seq_at_or_before(end, hand->heard_end);
    hand->heard_end = again ? hand->heard_end : end;
    hand->heard_flags = tcp->flags;
    return again;
}

/* Waits for the next segment until `within_us` from now; false when none comes. */
static inline bool hand_hear(struct hand *hand, uint64_t within_us)
{
    struct ss_arrival arrival;
    struct ss_problem problem;
    uint64_t until_us = ss_wire_now_us(hand->wire) + within_us;
    do {
        if (ss_wire_receive(hand->wire, until_us, &arrival, &problem) != SS_OK)
            return false;
        memcpy(hand->octets, arrival.octets, arrival.length);
        ss_packet_decode(SS_LINK_IP, hand->octets, arrival.length, &hand->packet);
    } while (hand->is_patient && hand_is_again(hand));
    return true;
}

/* The next segment is this one: its flags, but for PSH, and its numbers. */
static inline void hand_expect(struct hand *hand, uint8_t flags, uint32_t seq, uint32_t ack)
{
    char heard[SS_TCP_FLAGS_TEXT_SIZE];
    must(hand_hear(hand, HAND_PATIENCE_US), "nothing came");
    const struct ss_tcp_header *tcp = &hand->packet.tcp;
    ss_tcp_flags_format(heard, tcp->flags);
    must((tcp->flags & ~P) == flags && tcp->seq.value == seq &&
             (!(flags & A) || tcp->ack.value == ack),
         "came: %s seq=%u ack=%u length=%zu; awaited: seq=%u ack=%u", heard, tcp->seq.value,
         tcp->ack.value, hand->packet.payload_length, seq, ack);
    must(hand->packet.faults == 0 && hand->packet.transport_checksum == SS_CHECKSUM_GOOD);
}

static inline void hand_expect_data(struct hand *hand, uint8_t flags, uint32_t seq, uint32_t ack,
                                    const void *payload, size_t length)
{
    hand_expect(hand, flags, seq, ack);
    must(hand->packet.payload_length == length, "it carries %zu octets",
         hand->packet.payload_length);
    must(memcmp(ss_packet_payload(&hand->packet), payload, length) == 0);
}

static inline void hand_expect_silence(struct hand *hand, uint64_t for_us)
{
    must(!hand_hear(hand, for_us), "a segment came, and none was to");
}

/* Answers the SYN of `hand` (seq=J): returns K, having seen SYN,ACK ack=J+1. */
static inline uint32_t hand_shake(struct hand *hand, uint32_t j)
{
    hand_send(hand, S, j, 0);
    must(hand_hear(hand, HAND_PATIENCE_US), "no SYN,ACK");
    uint32_t k = hand->packet.tcp.seq.value;
    must(hand->packet.tcp.flags == (S | A) && hand->packet.tcp.ack.value == j + 1);
    hand_send(hand, A, j + 1, k + 1);
    return k;
}

#endif
