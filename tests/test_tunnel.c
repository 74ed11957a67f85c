/*
 * test_tunnel: Linux's segments behind outer headers put together from the RFCs: found, and nothing
 * read past the end wherever they are cut.
 */
#include <string.h>

#include "changed.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"
#include "synstep/tunnel.h"

enum { IP = 14 };

/* A datagram: a frame of frames.h without its Ethernet header. */
static struct changed datagram_of(bool v6)
{
    struct changed made = {.length = (v6 ? sizeof frame_v6_data : sizeof frame_v4_data) - IP};
    memcpy(made.octets, (v6 ? frame_v6_data : frame_v4_data) + IP, made.length);
    return made;
}

/* RFC 791 section 3.1, RFC 8200 section 3: a header before all that is there. */
static void wrap(struct changed *made, uint8_t version, uint8_t protocol)
{
    uint8_t v4[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    uint8_t v6[40] = {0x60, 0, 0, 0, 0, 0, protocol, 64, 0x20, 1, 0xd, 0xb8};
    ss_bytes_put16(v4 + 2, (uint16_t)(made->length + sizeof v4));
    ss_bytes_put16(v6 + 4, (uint16_t)made->length);
    insert(made, 0, version == 4 ? v4 : v6, version == 4 ? sizeof v4 : sizeof v6);
}

static struct ss_packet view_of(const uint8_t *octets, size_t length, unsigned *entered)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    *entered = ss_tunnel_follow(&packet);
    ck_assert(packet_within_bounds(&packet));
    ck_assert(packet.frame >= octets && packet.frame + packet.frame_length <= octets + length);
    (void)packet_touch_payload(&packet);
    return packet;
}

struct tunnel {
    uint8_t outer;
    uint8_t protocol;
    bool inner_v6;
    bool ethernet; /* the frame is inside as a whole */
    size_t length;
    uint8_t between[20]; /* the two IP headers */
};

static const struct tunnel tunnels[] = {
    {4, 4, false, false, 0, {0}},                                          /* RFC 2003 */
    {4, 41, true, false, 0, {0}},                                          /* RFC 4213 */
    {6, 4, false, false, 0, {0}},                                          /* RFC 2473 */
    {6, 41, true, false, 0, {0}},                                          /* the same */
    {4, 47, false, false, 4, {0, 0, 8, 0}},                                /* RFC 2784 */
    {4, 47, true, false, 4, {0, 0, 0x86, 0xdd}},                           /* */
    {6, 47, false, false, 4, {0, 0, 8, 0}},                                /* RFC 7676 */
    {4, 47, false, false, 8, {0x80, 0, 8, 0, 1, 2, 0, 0}},                 /* a checksum */
    {4, 47, false, false, 8, {0x20, 0, 8, 0, 1, 2, 3, 4}},                 /* RFC 2890: a key */
    {4, 47, false, false, 8, {0x10, 0, 8, 0, 0, 0, 0, 9}},                 /* a sequence number */
    {4, 47, true, false, 16, {0xb0, 0, 0x86, 0xdd, 1, 2, 0, 0, [15] = 9}}, /* all three */
    {4, 47, false, true, 4, {0, 0, 0x65, 0x58}},                           /* RFC 1701 */
    {6, 47, true, true, 8, {0x20, 0, 0x65, 0x58, 0, 0, 1, 0}},             /* RFC 7637 */
};

enum { TUNNELS = sizeof tunnels / sizeof tunnels[0] };

static struct changed through(const struct tunnel *tunnel)
{
    struct changed made = datagram_of(tunnel->inner_v6);
    if (tunnel->ethernet)
        insert(&made, 0, tunnel->inner_v6 ? frame_v6_data : frame_v4_data, IP);
    insert(&made, 0, tunnel->between, tunnel->length);
    wrap(&made, tunnel->outer, tunnel->protocol);
    return made;
}

START_TEST(test_tunnel_is_followed_to_the_segment)
{
    struct changed made = through(&tunnels[_i]);
    unsigned entered;
    struct ss_packet packet = view_of(made.octets, made.length, &entered);
    ck_assert_uint_eq(entered, 1);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.version, tunnels[_i].inner_v6 ? 6 : 4);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_mem_eq(ss_packet_payload(&packet), "hello", 5);
}
END_TEST

/* Cut, the inner datagram says so itself; of what is not all there, no more is believed. */
START_TEST(test_tunnel_cut_at_every_length_stays_within_bounds)
{
    struct changed made = through(&tunnels[_i]);
    for (size_t length = 0; length < made.length; length++) {
        struct exact copy = exact_copy(made.octets, length);
        unsigned entered;
        struct ss_packet packet = view_of(copy.octets, length, &entered);
        ck_assert_uint_ne(packet.faults, 0);
        ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_NONE);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_tunnel_any_bit_flipped_stays_within_bounds)
{
    struct changed made = through(&tunnels[_i]);
    for (size_t bit = 0; bit < 8 * made.length; bit++) {
        struct exact copy = exact_copy(made.octets, made.length);
        unsigned entered;
        copy.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
        (void)view_of(copy.octets, made.length, &entered);
        ck_assert_uint_le(entered, 1);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_tunnel_in_a_tunnel_is_followed_four_deep)
{
    struct changed made = datagram_of(false);
    unsigned entered;
    for (unsigned depth = 1; depth <= SS_TUNNELS_MAX + 1; depth++) {
        wrap(&made, 4, 4);
        struct ss_packet packet = view_of(made.octets, made.length, &entered);
        ck_assert_uint_eq(entered, depth < SS_TUNNELS_MAX ? depth : SS_TUNNELS_MAX);
        ck_assert_int_eq(packet.transport,
                         depth > SS_TUNNELS_MAX ? SS_TRANSPORT_NONE : SS_TRANSPORT_TCP);
    }
}
END_TEST

static const struct tunnel no_tunnels[] = {
    {4, 4, true, false, 0, {0}},                  /* IPv6 where IPv4 should be */
    {4, 41, false, false, 0, {0}},                /* and the other way round */
    {4, 5, false, false, 0, {0}},                 /* another protocol */
    {4, 47, false, false, 4, {0, 1, 8, 0}},       /* RFC 2637: PPTP's version */
    {4, 47, false, false, 8, {0x40, 0, 8, 0}},    /* routing, RFC 1701 */
    {4, 47, false, false, 4, {0, 0, 0x86, 0xdd}}, /* says IPv6 */
    {4, 47, false, false, 4, {0, 0, 0x88, 0x0b}}, /* PPP */
    {6, 41, false, false, 0, {0}},
};

START_TEST(test_tunnel_that_holds_no_datagram_is_not_entered)
{
    struct changed made = through(&no_tunnels[_i]);
    struct ss_packet before, packet;
    ss_packet_decode(SS_LINK_IP, made.octets, made.length, &before);
    packet = before;
    ck_assert(!ss_tunnel_enter(&packet));
    ck_assert_ptr_eq(packet.frame, before.frame);
    ck_assert_uint_eq(packet.protocol, before.protocol);
}
END_TEST

/* A fragment's data is not a datagram: it is to be put together first. */
START_TEST(test_tunnel_in_fragments_is_not_entered)
{
    struct changed made = through(&tunnels[0]);
    struct ss_packet packet;
    made.octets[6] = 0x20;
    ss_packet_decode(SS_LINK_IP, made.octets, made.length, &packet);
    ck_assert(packet.fragment);
    ck_assert(!ss_tunnel_enter(&packet));
}
END_TEST

/* RFC 2890 section 2: a checksum, a key and a number are announced, and 4 octets are there. */
START_TEST(test_tunnel_header_that_is_cut_is_not_entered)
{
    static const uint8_t octets[] = {0x45, 0, 0,   28, 0, 0, 0,    0, 64, 47, 0,    0, 192, 0,
                                     2,    1, 192, 0,  2, 2, 0xb0, 0, 8,  0,  0x45, 0, 0,   4};
    struct exact copy = exact_copy(octets, sizeof octets);
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, copy.octets, sizeof octets, &packet);
    ck_assert_uint_eq(packet.payload_length, 8);
    ck_assert(!ss_tunnel_enter(&packet));
    exact_free(copy);
}
END_TEST

static Suite *tunnel_suite(void)
{
    Suite *suite = suite_create("tunnel");
    TCase *tests = tcase_create("tunnel");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_tunnel_is_followed_to_the_segment, 0, TUNNELS);
    tcase_add_loop_test(tests, test_tunnel_cut_at_every_length_stays_within_bounds, 0, TUNNELS);
    tcase_add_loop_test(tests, test_tunnel_any_bit_flipped_stays_within_bounds, 0, TUNNELS);
    tcase_add_test(tests, test_tunnel_in_a_tunnel_is_followed_four_deep);
    tcase_add_loop_test(tests, test_tunnel_that_holds_no_datagram_is_not_entered, 0,
                        sizeof no_tunnels / sizeof no_tunnels[0]);
    tcase_add_test(tests, test_tunnel_in_fragments_is_not_entered);
    tcase_add_test(tests, test_tunnel_header_that_is_cut_is_not_entered);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(tunnel_suite());
}
