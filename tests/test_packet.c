/*
 * test_packet: views of frames that Linux sent, whole and damaged: checksums, faults, fragments,
 * VLAN tags, extension headers and quoted segments.
 */
#include <string.h>

#include "changed.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"

enum { IP = 14, V4_TCP = 34, V6_TCP = 54 };

START_TEST(test_packet_decode_reads_a_kernels_ipv4_data_segment)
{
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    struct ss_packet packet = view(&frame);
    char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.version, 4);
    ck_assert_uint_eq(packet.ip_offset, 14);
    ck_assert_uint_eq(packet.transport_offset, 34);
    ck_assert_uint_eq(packet.payload_offset, 66);
    ck_assert_uint_eq(packet.payload_length, 5);
    ck_assert_mem_eq(ss_packet_payload(&packet), "hello", 5);
    ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
    ck_assert_uint_eq(packet.tcp.seq.value, 862299154);
    ck_assert_uint_eq(packet.tcp.ack.value, 710482871);
    ck_assert_uint_eq(packet.options.timestamp_echo, 4278960858);
    ck_assert_uint_eq(ss_packet_segment_length(&packet), 5);
    ck_assert_int_eq(packet.ip_checksum, SS_CHECKSUM_GOOD);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_uint_eq(packet.transport_checksum_expected, 0xa6dd);
    ss_address_format(text, &packet.source);
    ck_assert_str_eq(text, "10.0.0.1");
}
END_TEST

START_TEST(test_packet_decode_reads_a_kernels_ipv6_fin)
{
    struct changed frame = copy_of(frame_v6_fin, sizeof frame_v6_fin);
    struct ss_packet packet = view(&frame);
    char text[SS_ADDRESS_TEXT_SIZE];
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.version, 6);
    ck_assert_uint_eq(packet.protocol, SS_IP_TCP);
    ck_assert_uint_eq(packet.transport_offset, 54);
    ck_assert_uint_eq(packet.payload_length, 0);
    ck_assert_uint_eq(packet.tcp.seq.value, 1100612394);
    ck_assert_uint_eq(ss_packet_segment_length(&packet), 1);
    ck_assert_int_eq(packet.ip_checksum, SS_CHECKSUM_NONE);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ss_address_format(text, &packet.destination);
    ck_assert_str_eq(text, "fd00::2");
}
END_TEST

START_TEST(test_packet_every_kernel_frame_is_faultless_with_its_checksum_right)
{
    const struct frame *frame = &frames[_i];
    bool offloaded = strstr(frame->name, "offloaded") != NULL;
    struct changed copy = copy_of(frame->octets, frame->length);
    struct ss_packet packet = view(&copy);
    ck_assert_msg(packet.faults == 0, "%s", frame->name);
    ck_assert_msg(packet.transport_checksum ==
                      (offloaded ? SS_CHECKSUM_OFFLOADED : SS_CHECKSUM_GOOD),
                  "%s", frame->name);
}
END_TEST

/* tcpdump: "cksum 0xfe29 (incorrect -> 0xffb4)", "cksum 0x0029 (incorrect -> 0x0e40)". */
START_TEST(test_packet_offloaded_checksum_tells_what_the_card_would_have_sent)
{
    struct changed frame = copy_of(frame_v4_offloaded, sizeof frame_v4_offloaded);
    ck_assert_uint_eq(view(&frame).transport_checksum_expected, 0xffb4);
    frame = copy_of(frame_v6_offloaded, sizeof frame_v6_offloaded);
    ck_assert_uint_eq(view(&frame).transport_checksum_expected, 0x0e40);
    ss_bytes_put16(frame.octets + V6_TCP + 16, 0x0e40);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    ss_bytes_put16(frame.octets + V6_TCP + 16, 0x0e41);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_BAD);
}
END_TEST

/*
 * The folded pseudo-header sum in the field, and the urgent pointer (nobody reads it without URG)
 * chosen so that the whole segment adds up as well: it is right, not left to the card.
 */
START_TEST(test_packet_checksum_both_right_and_left_to_the_card_is_right)
{
    struct changed frame = copy_of(frame_v4_offloaded, sizeof frame_v4_offloaded);
    uint16_t expected = view(&frame).transport_checksum_expected;
    /* The urgent pointer is 0: raising it by (expected - actual) lowers the expected by as much. */
    ss_bytes_put16(frame.octets + V4_TCP + 18, (uint16_t)(expected - 0xfe29));
    struct ss_packet packet = view(&frame);
    ck_assert_uint_eq(packet.tcp.checksum, 0xfe29);
    ck_assert_uint_eq(packet.transport_checksum_expected, 0xfe29);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
}
END_TEST

/* The expected checksum is 0000: ffff is the same number in one's complement (RFC 1071). */
START_TEST(test_packet_both_zeros_of_a_checksum_pass)
{
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    ss_bytes_put16(frame.octets + V4_TCP + 18, 0xa6dd);
    ck_assert_uint_eq(view(&frame).transport_checksum_expected, 0);
    ss_bytes_put16(frame.octets + V4_TCP + 16, 0);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    ss_bytes_put16(frame.octets + V4_TCP + 16, 0xffff);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
}
END_TEST

START_TEST(test_packet_any_flipped_bit_of_a_segment_makes_its_checksum_bad)
{
    for (size_t bit = 0; bit < 8 * (sizeof frame_v4_data - V4_TCP); bit++) {
        struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
        frame.octets[V4_TCP + bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_BAD);
    }
}
END_TEST

START_TEST(test_packet_any_flipped_bit_of_an_ipv4_header_makes_its_checksum_bad)
{
    for (size_t bit = 8; bit < 160; bit++) {
        struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
        frame.octets[IP + bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert_int_eq(view(&frame).ip_checksum, SS_CHECKSUM_BAD);
    }
}
END_TEST

START_TEST(test_packet_cut_at_every_length_stays_within_bounds)
{
    const struct frame *frame = &frames[_i];
    for (size_t skip = 0; skip <= IP; skip += IP)
        for (size_t length = 0; length < frame->length - skip; length++) {
            struct exact copy = exact_copy(frame->octets + skip, length);
            struct ss_packet packet;
            ss_packet_decode(skip ? SS_LINK_IP : SS_LINK_ETHERNET, copy.octets, length, &packet);
            ck_assert_msg(packet_within_bounds(&packet), "%s, %zu octets", frame->name, length);
            ck_assert_msg(packet.faults != 0, "%s, %zu octets", frame->name, length);
            ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_NONE);
            packet_touch_payload(&packet);
            exact_free(copy);
        }
}
END_TEST

START_TEST(test_packet_every_octet_changed_stays_within_bounds)
{
    const struct frame *frame = &frames[_i];
    struct exact copy = exact_copy(frame->octets, frame->length);
    for (size_t at = 0; at < frame->length; at++)
        for (unsigned value = 0; value < 256; value += check_is_slow() ? 5 : 1) {
            struct ss_packet packet;
            struct ss_socket_address ends[2];
            struct ss_seq seq;
            copy.octets[at] = (uint8_t)value;
            ss_packet_decode(SS_LINK_ETHERNET, copy.octets, frame->length, &packet);
            ck_assert_msg(packet_within_bounds(&packet), "%s, octet %zu = %u", frame->name, at,
                          value);
            packet_touch_payload(&packet);
            (void)ss_packet_quoted(&packet, &ends[0], &ends[1], &seq);
            copy.octets[at] = frame->octets[at];
        }
    exact_free(copy);
}
END_TEST

START_TEST(test_packet_null_frame_is_a_view_with_a_fault)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, NULL, 0, &packet);
    ck_assert_uint_eq(packet.faults, SS_FAULT_IP_CUT);
    ck_assert_ptr_null(ss_packet_payload(&packet));
    ss_packet_decode(SS_LINK_ETHERNET, NULL, 0, &packet);
    ck_assert_uint_eq(packet.faults, SS_FAULT_LINK_CUT);
}
END_TEST

/* Ethernet pads to 60 octets (RFC 894): what the IP length does not count is no payload. */
START_TEST(test_packet_ethernet_padding_is_no_payload)
{
    struct changed frame = copy_of(frame_v4_ack, sizeof frame_v4_ack);
    frame.length += 20;
    struct ss_packet packet = view(&frame);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.payload_length, 0);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    frame = copy_of(frame_v6_data, sizeof frame_v6_data);
    frame.length += 20;
    packet = view(&frame);
    ck_assert_uint_eq(packet.payload_length, 5);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
}
END_TEST

/* IEEE 802.1Q: type 8100 and a tag of two octets before the type; 802.1ad: 88a8 the outer one. */
START_TEST(test_packet_one_or_two_vlan_tags_are_passed_and_three_are_not)
{
    static const uint8_t inner[] = {0x81, 0x00, 0x00, 0x05};
    static const uint8_t outer[] = {0x88, 0xa8, 0x20, 0x64};
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    insert(&frame, 12, inner, 4);
    ck_assert_uint_eq(view(&frame).ip_offset, 18);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    insert(&frame, 12, outer, 4);
    ck_assert_uint_eq(view(&frame).ip_offset, 22);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    for (frame.length = 21; frame.length >= 14; frame.length--)
        ck_assert_uint_eq(view(&frame).faults, SS_FAULT_LINK_CUT);
    frame.length = 22;
    ck_assert_uint_eq(view(&frame).faults, SS_FAULT_IP_CUT);
    frame.length = sizeof frame_v4_data + 8;
    insert(&frame, 12, outer, 4);
    ck_assert_uint_eq(view(&frame).faults, SS_FAULT_NOT_IP);
}
END_TEST

/* 9100: the outer tag of before 802.1ad. 8864: a PPPoE session (RFC 2516 section 4), in which PPP's
 * protocol field may have one octet only (RFC 1661 section 6.5). */
START_TEST(test_packet_pppoe_session_is_passed_behind_tags_too)
{
    static const uint8_t outer[] = {0x91, 0x00, 0x20, 0x64};
    static const uint8_t session[] = {0x88, 0x64, 0x11, 0, 0, 7, 0, 59};
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    insert(&frame, 12, session, sizeof session);
    frame.octets[20] = 0x00;
    frame.octets[21] = 0x21; /* the EtherType's place is the protocol's */
    ck_assert_uint_eq(view(&frame).ip_offset, 22);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    insert(&frame, 12, outer, sizeof outer);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    for (frame.length = 25; frame.length >= 14; frame.length--)
        ck_assert_uint_eq(view(&frame).faults, SS_FAULT_LINK_CUT);
    frame.length = sizeof frame_v4_data + 12;
    memmove(frame.octets + 24, frame.octets + 25, frame.length-- - 25);
    ck_assert_uint_eq(view(&frame).ip_offset, 25);
    ck_assert_int_eq(view(&frame).transport_checksum, SS_CHECKSUM_GOOD);
    frame.octets[24] = 0x57; /* IPv6, it says */
    ck_assert_uint_eq(view(&frame).faults, SS_FAULT_NOT_IP);
    frame.octets[24] = 0x23; /* another protocol */
    ck_assert_uint_eq(view(&frame).faults, SS_FAULT_NOT_IP);
}
END_TEST

/* Three no-operations and an end (RFC 791 section 3.1), the sum of 0101 0100 taken off the field.
 */
START_TEST(test_packet_ipv4_options_are_passed)
{
    static const uint8_t options[] = {1, 1, 1, 0};
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    insert(&frame, V4_TCP, options, 4);
    frame.octets[IP] = 0x46;
    frame.octets[IP + 3] += 4;
    uint32_t checksum = ss_bytes_get16(frame.octets + IP + 10);
    ss_bytes_put16(frame.octets + IP + 10, (uint16_t)(checksum - 0x0100 - 4 - 0x0101 - 0x0100));
    struct ss_packet packet = view(&frame);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_uint_eq(packet.transport_offset, 38);
    ck_assert_int_eq(packet.ip_checksum, SS_CHECKSUM_GOOD);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_mem_eq(ss_packet_payload(&packet), "hello", 5);
}
END_TEST

/* As a snapshot length cuts it: once the TCP header is there, so is the length of the data. */
START_TEST(test_packet_cut_tells_how_much_payload_is_missing)
{
    static const uint8_t *const whole[] = {frame_v4_data, frame_v6_data};
    size_t header = _i == 1 ? V6_TCP : V4_TCP, end = header + 32 + 5;
    for (size_t length = header + 20; length <= end; length++) {
        struct changed frame = copy_of(whole[_i], length);
        struct ss_packet packet = view(&frame);
        ck_assert_int_eq(packet.transport, SS_TRANSPORT_TCP);
        ck_assert_uint_eq(packet.payload_length, length > header + 32 ? length - header - 32 : 0);
        ck_assert_uint_eq(packet.payload_length + packet.payload_missing, 5);
    }
}
END_TEST

/* One octet of the data segment changed, and the fault that names it. */
struct damage {
    size_t at;
    uint8_t value;
    uint32_t faults;
    enum ss_transport transport;
    size_t payload_length;
};

static const struct damage damages[] = {
    {12, 0x86, SS_FAULT_NOT_IP, SS_TRANSPORT_NONE, 0}, /* Ethernet type 8600 */
    {13, 0x06, SS_FAULT_NOT_IP, SS_TRANSPORT_NONE, 0}, /* ARP */
    {IP, 0x55, SS_FAULT_NOT_IP, SS_TRANSPORT_NONE, 0},
    {IP, 0x65, SS_FAULT_NOT_IP, SS_TRANSPORT_NONE, 0}, /* version 6 under IPv4's type */
    {IP, 0x44, SS_FAULT_IP_HEADER_LENGTH, SS_TRANSPORT_NONE, 0},
    {IP, 0x40, SS_FAULT_IP_HEADER_LENGTH, SS_TRANSPORT_NONE, 0},
    {IP, 0x4f, SS_FAULT_IP_HEADER_LENGTH, SS_TRANSPORT_NONE, 0}, /* 60 octets of header in 57 */
    {IP, 0x4e, SS_FAULT_TRANSPORT_CUT, SS_TRANSPORT_NONE, 1},    /* 56 octets */
    {IP + 3, 19, SS_FAULT_IP_LENGTH, SS_TRANSPORT_NONE, 0},
    {IP + 3, 0, SS_FAULT_IP_LENGTH, SS_TRANSPORT_NONE, 0},
    {IP + 3, 20, SS_FAULT_TRANSPORT_CUT, SS_TRANSPORT_NONE, 0},
    {IP + 3, 39, SS_FAULT_TRANSPORT_CUT, SS_TRANSPORT_NONE, 19},
    {IP + 3, 40, SS_FAULT_TCP_OFFSET, SS_TRANSPORT_TCP, 0},
    {IP + 3, 55, 0, SS_TRANSPORT_TCP, 3},
    {IP + 3, 58, SS_FAULT_IP_LENGTH, SS_TRANSPORT_TCP, 5},
    {IP + 9, 17, 0, SS_TRANSPORT_NONE, 37},
    {IP + 9, 58, 0, SS_TRANSPORT_NONE, 37}, /* ICMPv6 over IPv4 */
    {V4_TCP + 12, 0x40, SS_FAULT_TCP_OFFSET, SS_TRANSPORT_TCP, 0},
    {V4_TCP + 12, 0x50, 0, SS_TRANSPORT_TCP, 17},
    {V4_TCP + 12, 0x90, SS_FAULT_TCP_OPTIONS, SS_TRANSPORT_TCP, 1}, /* "hell" as an option */
    {V4_TCP + 12, 0xa0, SS_FAULT_TCP_OFFSET, SS_TRANSPORT_TCP, 0},
    {V4_TCP + 23, 11, SS_FAULT_TCP_OPTIONS, SS_TRANSPORT_TCP, 5},
    {V4_TCP + 23, 9, SS_FAULT_TCP_OPTIONS, SS_TRANSPORT_TCP, 5},
};

START_TEST(test_packet_damage_is_named)
{
    const struct damage *damage = &damages[_i];
    struct changed frame = copy_of(frame_v4_data, sizeof frame_v4_data);
    frame.octets[damage->at] = damage->value;
    struct ss_packet packet = view(&frame);
    ck_assert_uint_eq(packet.faults, damage->faults);
    ck_assert_int_eq(packet.transport, damage->transport);
    ck_assert_uint_eq(packet.payload_length, damage->payload_length);
}
END_TEST

START_TEST(test_packet_fault_text_names_the_outermost_first)
{
    ck_assert_ptr_null(ss_packet_fault_text(0));
    for (unsigned bit = 0; bit <= 8; bit++) {
        const char *text = ss_packet_fault_text(1U << bit);
        ck_assert_ptr_nonnull(text);
        ck_assert_ptr_eq(ss_packet_fault_text(0x1ffU << bit & 0x1ff), text);
    }
    ck_assert_str_eq(ss_packet_fault_text(SS_FAULT_TCP_OFFSET),
                     "TCP data offset below 5 words or past the end");
}
END_TEST

static Suite *packet_suite(void)
{
    Suite *suite = suite_create("packet");
    TCase *kernel = tcase_create("kernel");
    tcase_add_test(kernel, test_packet_decode_reads_a_kernels_ipv4_data_segment);
    tcase_add_test(kernel, test_packet_decode_reads_a_kernels_ipv6_fin);
    tcase_add_loop_test(kernel, test_packet_every_kernel_frame_is_faultless_with_its_checksum_right,
                        0, FRAMES);
    tcase_add_test(kernel, test_packet_ethernet_padding_is_no_payload);
    tcase_add_test(kernel, test_packet_one_or_two_vlan_tags_are_passed_and_three_are_not);
    tcase_add_test(kernel, test_packet_pppoe_session_is_passed_behind_tags_too);
    tcase_add_test(kernel, test_packet_ipv4_options_are_passed);
    suite_add_tcase(suite, kernel);
    TCase *checksum = tcase_create("checksum");
    tcase_add_test(checksum, test_packet_offloaded_checksum_tells_what_the_card_would_have_sent);
    tcase_add_test(checksum, test_packet_checksum_both_right_and_left_to_the_card_is_right);
    tcase_add_test(checksum, test_packet_both_zeros_of_a_checksum_pass);
    tcase_add_test(checksum, test_packet_any_flipped_bit_of_a_segment_makes_its_checksum_bad);
    tcase_add_test(checksum, test_packet_any_flipped_bit_of_an_ipv4_header_makes_its_checksum_bad);
    suite_add_tcase(suite, checksum);
    TCase *damage = tcase_create("damage");
    tcase_set_timeout(damage, 60);
    tcase_add_loop_test(damage, test_packet_cut_tells_how_much_payload_is_missing, 0, 2);
    tcase_add_loop_test(damage, test_packet_cut_at_every_length_stays_within_bounds, 0, FRAMES);
    tcase_add_loop_test(damage, test_packet_every_octet_changed_stays_within_bounds, 0, FRAMES);
    tcase_add_test(damage, test_packet_null_frame_is_a_view_with_a_fault);
    tcase_add_loop_test(damage, test_packet_damage_is_named, 0, sizeof damages / sizeof damages[0]);
    tcase_add_test(damage, test_packet_fault_text_names_the_outermost_first);
    suite_add_tcase(suite, damage);
    return suite;
}

int main(void)
{
    return check_main(packet_suite());
}
