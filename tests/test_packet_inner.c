/*
 * test_packet_inner: fragments, extension headers and ICMP errors with the segments they quote.
 */
#include <stdio.h>

#include "changed.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"

enum { IP = 14, V6_UPPER = 54 };

/* Linux's IPv6 data segment with an extension header of `length` octets put before TCP. */
static struct changed with_extension(uint8_t kind, const uint8_t *header, size_t length)
{
    struct changed frame = copy_of(frame_v6_data, sizeof frame_v6_data);
    insert(&frame, V6_UPPER, header, length);
    frame.octets[IP + 6] = kind;
    frame.octets[IP + 5] += (uint8_t)length;
    return frame;
}

START_TEST(test_packet_first_ipv4_fragment_is_read_without_judging_its_checksum)
{
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    frame.octets[IP + 6] = 0x20; /* more fragments */
    struct ss_packet packet = view(&frame);
    ck_assert(packet.fragment);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
    ck_assert_uint_eq(packet.tcp.seq.value, 862299154);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_NONE);
    ck_assert_uint_eq(packet.faults, 0);
}
END_TEST

/* RFC 1858: a fragment too small for the header that it begins. */
START_TEST(test_packet_tiny_first_fragment_is_cut)
{
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    frame.octets[IP + 6] = 0x20;
    frame.octets[IP + 3] = 28;
    struct ss_packet packet = view(&frame);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_NONE);
    ck_assert_uint_eq(packet.faults, SS_FAULT_TRANSPORT_CUT);
}
END_TEST

START_TEST(test_packet_later_ipv4_fragment_has_no_transport)
{
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    ss_bytes_put16(frame.octets + IP + 6, 1); /* offset of one unit, the last */
    struct ss_packet packet = view(&frame);
    ck_assert(packet.fragment);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_NONE);
    ck_assert_uint_eq(packet.payload_length, 37);
    ck_assert_uint_eq(packet.faults, 0);
}
END_TEST

START_TEST(test_packet_ipv6_fragments_are_told_apart)
{
    static const uint8_t first[] = {6, 0, 0, 1, 0, 0, 0, 7};
    static const uint8_t later[] = {6, 0, 0, 8, 0, 0, 0, 7};
    static const uint8_t atomic[] = {6, 0, 0, 0, 0, 0, 0, 7};
    struct changed frame = with_extension(44, first, 8);
    ck_assert(view(&frame).fragment);
    ck_assert_int_eq(view(&frame).transport, SS_TRANSPORT_TCP);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_NONE);
    frame = with_extension(44, later, 8);
    ck_assert(view(&frame).fragment);
    ck_assert_int_eq(view(&frame).transport, SS_TRANSPORT_NONE);
    ck_assert_uint_eq(view(&frame).payload_length, 37);
    frame = with_extension(44, atomic, 8);
    ck_assert(!view(&frame).fragment);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
}
END_TEST

START_TEST(test_packet_ipv6_extension_headers_are_passed)
{
    static const uint8_t padding[] = {6, 0, 1, 4, 0, 0, 0, 0};
    struct changed frame = with_extension(0, padding, 8);
    struct ss_packet packet = view(&frame);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.protocol, SS_IP_TCP);
    ck_assert_uint_eq(packet.transport_offset, 62);
    ck_assert_mem_eq(ss_packet_payload(&packet), "hello", 5);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    frame.octets[V6_UPPER + 1] = 200; /* 1,608 octets */
    ck_assert_uint_eq(view(&frame).faults, SS_FAULT_IP_EXTENSIONS);
    ck_assert_int_eq(view(&frame).transport, SS_TRANSPORT_NONE);
}
END_TEST

/* RFC 8200 section 8.1: the pseudo-header holds the final destination, not the next stop. */
START_TEST(test_packet_routing_header_with_segments_left_leaves_the_checksum_unjudged)
{
    uint8_t routing[24] = {6, 2, 0, 0};
    struct changed frame = with_extension(43, routing, sizeof routing);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    routing[3] = 1;
    frame = with_extension(43, routing, sizeof routing);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_NONE);
    ck_assert_int_eq(view(&frame).transport, SS_TRANSPORT_TCP);
}
END_TEST

/* What an ICMP error's quote says: ends and sequence number, as one text. */
static bool quoted(const struct changed *frame, char text[160])
{
    struct ss_packet packet = view(frame);
    struct ss_socket_address source;
    struct ss_socket_address destination;
    struct ss_seq seq;
    if (!ss_packet_quoted(&packet, &source, &destination, &seq))
        return false;
    char from[SS_SOCKET_ADDRESS_TEXT_SIZE];
    char to[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(from, &source);
    ss_socket_address_format(to, &destination);
    snprintf(text, 160, "%s > %s seq %u", from, to, (unsigned)seq.value);
    return true;
}

START_TEST(test_packet_quoted_finds_the_segment_in_linuxs_errors)
{
    char text[160];
    struct changed frame = copy_of(frame_v4_unreachable, sizeof frame_v4_unreachable);
    ck_assert_int_eq(view(&frame).transport, SS_TRANSPORT_ICMP);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert(quoted(&frame, text));
    ck_assert_str_eq(text, "10.0.0.1:40003 > 10.9.0.1:80 seq 2340342540");
    frame = copy_of(frame_v6_unreachable, sizeof frame_v6_unreachable);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert(quoted(&frame, text));
    ck_assert_str_eq(text, "[fd00::1]:40004 > [fd99::1]:80 seq 3736244009");
}
END_TEST

START_TEST(test_packet_icmp_checksum_is_judged)
{
    struct changed frame = copy_of(frame_v4_unreachable, sizeof frame_v4_unreachable);
    frame.octets[40] ^= 1;
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_BAD);
    frame = copy_of(frame_v6_unreachable, sizeof frame_v6_unreachable);
    frame.octets[60] ^= 1;
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_BAD);
}
END_TEST

/* 8 octets of the TCP header are enough, 7 are not; the datagram is cut, and says so. */
START_TEST(test_packet_quoted_needs_eight_octets_of_tcp)
{
    char text[160];
    struct changed frame = copy_of(frame_v4_unreachable, IP + 20 + 8 + 20 + 8);
    ck_assert(quoted(&frame, text));
    frame.length--;
    ck_assert(!quoted(&frame, text));
    frame = copy_of(frame_v6_unreachable, IP + 40 + 8 + 40 + 8);
    ck_assert(quoted(&frame, text));
    frame.length--;
    ck_assert(!quoted(&frame, text));
}
END_TEST

/* An octet of an error changed so that it no longer quotes a segment of ours. */
struct refusal {
    const uint8_t *frame;
    size_t length;
    size_t at;
    uint8_t value;
};

enum { V4_ICMP = 34, V4_QUOTE = 42, V6_ICMP = 54, V6_QUOTE = 62 };

static const struct refusal refusals[] = {
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_ICMP, 8},       /* an echo request */
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_QUOTE, 0x65},   /* version 6 */
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_QUOTE, 0x44},   /* IHL of 4 */
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_QUOTE, 0x4f},   /* too little behind */
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_QUOTE + 7, 1},  /* a later fragment */
    {frame_v4_unreachable, sizeof frame_v4_unreachable, V4_QUOTE + 9, 17}, /* UDP */
    {frame_v6_unreachable, sizeof frame_v6_unreachable, V6_ICMP, 129},     /* an echo reply */
    {frame_v6_unreachable, sizeof frame_v6_unreachable, V6_QUOTE, 0x40},   /* version 4 */
    {frame_v6_unreachable, sizeof frame_v6_unreachable, V6_QUOTE + 6, 17}, /* UDP */
    {frame_v6_unreachable, sizeof frame_v6_unreachable, V6_QUOTE + 6, 0},  /* a long extension */
    {frame_v4_data, sizeof frame_v4_data, 0, 2},                           /* no ICMP at all */
};

START_TEST(test_packet_quoted_refuses_what_is_no_segment)
{
    const struct refusal *refusal = &refusals[_i];
    struct changed frame = copy_of(refusal->frame, refusal->length);
    struct ss_packet packet;
    struct ss_socket_address source = {.port = 4711};
    struct ss_socket_address destination = {.port = 4712};
    struct ss_seq seq = {4713};
    frame.octets[refusal->at] = refusal->value;
    packet = view(&frame);
    ck_assert(!ss_packet_quoted(&packet, &source, &destination, &seq));
    ck_assert_uint_eq(source.port, 4711);
    ck_assert_uint_eq(destination.port, 4712);
    ck_assert_uint_eq(seq.value, 4713);
}
END_TEST

START_TEST(test_packet_quoted_cut_at_every_length_stays_within_bounds)
{
    static const uint8_t *const errors[] = {frame_v4_unreachable, frame_v6_unreachable};
    static const size_t lengths[] = {sizeof frame_v4_unreachable, sizeof frame_v6_unreachable};
    static const size_t enough[] = {V4_QUOTE + 28, V6_QUOTE + 48};
    for (size_t length = 0; length <= lengths[_i]; length++) {
        struct exact copy = exact_copy(errors[_i], length);
        struct ss_packet packet;
        struct ss_socket_address ends[2];
        struct ss_seq seq;
        ss_packet_decode(SS_LINK_ETHERNET, copy.octets, length, &packet);
        ck_assert(ss_packet_quoted(&packet, &ends[0], &ends[1], &seq) == (length >= enough[_i]));
        exact_free(copy);
    }
}
END_TEST

static Suite *packet_inner_suite(void)
{
    Suite *suite = suite_create("packet_inner");
    TCase *fragments = tcase_create("fragments");
    tcase_add_test(fragments, test_packet_first_ipv4_fragment_is_read_without_judging_its_checksum);
    tcase_add_test(fragments, test_packet_tiny_first_fragment_is_cut);
    tcase_add_test(fragments, test_packet_later_ipv4_fragment_has_no_transport);
    tcase_add_test(fragments, test_packet_ipv6_fragments_are_told_apart);
    tcase_add_test(fragments, test_packet_ipv6_extension_headers_are_passed);
    tcase_add_test(fragments,
                   test_packet_routing_header_with_segments_left_leaves_the_checksum_unjudged);
    suite_add_tcase(suite, fragments);
    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, test_packet_quoted_finds_the_segment_in_linuxs_errors);
    tcase_add_test(errors, test_packet_icmp_checksum_is_judged);
    tcase_add_test(errors, test_packet_quoted_needs_eight_octets_of_tcp);
    tcase_add_loop_test(errors, test_packet_quoted_refuses_what_is_no_segment, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_loop_test(errors, test_packet_quoted_cut_at_every_length_stays_within_bounds, 0, 2);
    suite_add_tcase(suite, errors);
    return suite;
}

int main(void)
{
    return check_main(packet_inner_suite());
}
