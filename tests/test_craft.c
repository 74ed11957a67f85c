/*
 * test_craft: datagrams from field values: computed, verbatim, refused, and read back.
 *
 * That the octets are right is proved in test_craft_libnet, against a builder that is not ours.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"
#include "synstep/craft.h"
#include "synstep/packet.h"
#include "synstep/random.h"

enum { ROOM = 65600 };

static struct ss_craft between(uint8_t version)
{
    static const uint8_t near[16] = {10, 0, 0, 1, [15] = 1};
    static const uint8_t far[16] = {10, 0, 0, 2, [15] = 2};
    struct ss_socket_address source = {.port = 40001};
    struct ss_socket_address destination = {.port = 8888};
    source.address = version == 4 ? ss_address_v4(near) : ss_address_v6(near);
    destination.address = version == 4 ? ss_address_v4(far) : ss_address_v6(far);
    return ss_craft_between(&source, &destination);
}

/* Builds into a block that ends where the datagram must. */
static struct exact build(const struct ss_craft *craft, size_t expected_length)
{
    static const uint8_t filler[ROOM] = {0};
    struct exact built = exact_copy(filler, expected_length);
    size_t length = 0;
    memset(built.octets, 0xaa, expected_length);
    ck_assert_int_eq(ss_craft_build(craft, built.octets, expected_length, &length), SS_OK);
    ck_assert_uint_eq(length, expected_length);
    return built;
}

static void check_octets(const struct ss_craft *craft, const uint8_t *expected, size_t length)
{
    struct exact built = build(craft, length);
    ck_assert_mem_eq(built.octets, expected, length);
    exact_free(built);
}

/* The values that tcpdump read in Linux's segment give Linux's octets, both checksums included. */
START_TEST(test_craft_build_gives_a_kernels_ipv4_data_segment)
{
    struct ss_craft craft = between(4);
    craft.ipv4.id = 24417;
    craft.tcp.seq = ss_seq_from(862299154);
    craft.tcp.ack = ss_seq_from(710482871);
    craft.tcp.flags = SS_TCP_PSH | SS_TCP_ACK;
    craft.tcp.window = 63;
    craft.options = frame_v4_data + 54;
    craft.options_length = 12;
    craft.payload = (const uint8_t *)"hello";
    craft.payload_length = 5;
    check_octets(&craft, frame_v4_data + 14, sizeof frame_v4_data - 14);
}
END_TEST

START_TEST(test_craft_build_gives_a_kernels_ipv6_syn)
{
    static const uint8_t near[16] = {0xfd, [15] = 1};
    static const uint8_t far[16] = {0xfd, [15] = 2};
    struct ss_socket_address source = {.address = ss_address_v6(near), .port = 40002};
    struct ss_socket_address destination = {.address = ss_address_v6(far), .port = 8888};
    struct ss_craft craft = ss_craft_between(&source, &destination);
    craft.ipv6.flow_label = 0x62d47;
    craft.tcp.seq = ss_seq_from(1100612388);
    craft.tcp.flags = SS_TCP_SYN;
    craft.tcp.window = 64800;
    craft.options = frame_v6_syn + 74;
    craft.options_length = 20;
    check_octets(&craft, frame_v6_syn + 14, sizeof frame_v6_syn - 14);
}
END_TEST

START_TEST(test_craft_between_sets_defaults)
{
    struct ss_craft craft = between(4);
    ck_assert_uint_eq(craft.version, 4);
    ck_assert_uint_eq(craft.verbatim, 0);
    ck_assert_uint_eq(craft.ipv4.ttl, 64);
    ck_assert(craft.ipv4.dont_fragment);
    ck_assert_uint_eq(craft.tcp.source_port, 40001);
    ck_assert_uint_eq(craft.tcp.destination_port, 8888);
    ck_assert_uint_eq(craft.payload_length + craft.options_length + craft.tcp.flags, 0);
    ck_assert_uint_eq(between(6).ipv6.hop_limit, 64);
}
END_TEST

/* A field of the header with what is given for it and where it must appear. */
struct verbatim {
    enum ss_craft_field field;
    uint8_t version;
    struct ss_ipv4_header ipv4;
    struct ss_ipv6_header ipv6;
    struct ss_tcp_header tcp;
    size_t at;
    uint16_t mask;
    uint16_t sent;
};

static const struct verbatim verbatims[] = {
    {SS_CRAFT_IPV4_VERSION, 4, .ipv4 = {.version = 0}, .at = 0, .mask = 0xf000, .sent = 0},
    {SS_CRAFT_IPV4_VERSION, 4, .ipv4 = {.version = 15}, .at = 0, .mask = 0xf000, .sent = 0xf000},
    {SS_CRAFT_IPV4_IHL, 4, .ipv4 = {.ihl_words = 0}, .at = 0, .mask = 0x0f00, .sent = 0},
    {SS_CRAFT_IPV4_IHL, 4, .ipv4 = {.ihl_words = 15}, .at = 0, .mask = 0x0f00, .sent = 0x0f00},
    {SS_CRAFT_IPV4_TOTAL_LENGTH, 4, .at = 2, .mask = 0xffff, .sent = 0},
    {SS_CRAFT_IPV4_TOTAL_LENGTH, 4, .ipv4 = {.total_length = 65535}, .at = 2, 0xffff, 65535},
    {SS_CRAFT_IPV4_PROTOCOL, 4, .ipv4 = {.protocol = 17}, .at = 8, .mask = 0x00ff, .sent = 17},
    {SS_CRAFT_IPV4_CHECKSUM, 4, .ipv4 = {.checksum = 0}, .at = 10, .mask = 0xffff, .sent = 0},
    {SS_CRAFT_IPV4_CHECKSUM, 4, .ipv4 = {.checksum = 0xbeef}, .at = 10, 0xffff, 0xbeef},
    {SS_CRAFT_IPV6_VERSION, 6, .ipv6 = {.version = 0}, .at = 0, .mask = 0xf000, .sent = 0},
    {SS_CRAFT_IPV6_VERSION, 6, .ipv6 = {.version = 4}, .at = 0, .mask = 0xf000, .sent = 0x4000},
    {SS_CRAFT_IPV6_PAYLOAD_LENGTH, 6, .at = 4, .mask = 0xffff, .sent = 0},
    {SS_CRAFT_IPV6_PAYLOAD_LENGTH, 6, .ipv6 = {.payload_length = 65535}, .at = 4, 0xffff, 65535},
    {SS_CRAFT_IPV6_NEXT_HEADER, 6, .ipv6 = {.next_header = 59}, .at = 6, 0xff00, 59 << 8},
    {SS_CRAFT_TCP_OFFSET, 4, .tcp = {.offset_words = 0}, .at = 32, .mask = 0xf000, .sent = 0},
    {SS_CRAFT_TCP_OFFSET, 4, .tcp = {.offset_words = 4}, .at = 32, .mask = 0xf000, .sent = 0x4000},
    {SS_CRAFT_TCP_OFFSET, 6, .tcp = {.offset_words = 15}, .at = 52, .mask = 0xf000, .sent = 0xf000},
    {SS_CRAFT_TCP_CHECKSUM, 4, .tcp = {.checksum = 0}, .at = 36, .mask = 0xffff, .sent = 0},
    {SS_CRAFT_TCP_CHECKSUM, 6, .tcp = {.checksum = 0xdead}, .at = 56, 0xffff, 0xdead},
};

static struct ss_craft with_values(const struct verbatim *row)
{
    struct ss_craft craft = between(row->version);
    struct ss_craft plain = craft;
    craft.ipv4 = row->ipv4;
    craft.ipv6 = row->ipv6;
    craft.tcp = row->tcp;
    craft.ipv4.source = plain.ipv4.source;
    craft.ipv4.destination = plain.ipv4.destination;
    craft.ipv6.source = plain.ipv6.source;
    craft.ipv6.destination = plain.ipv6.destination;
    return craft;
}

START_TEST(test_craft_verbatim_field_is_sent_as_given_and_computed_otherwise)
{
    const struct verbatim *row = &verbatims[_i];
    size_t length = row->version == 4 ? 40 : 60;
    struct ss_craft craft = with_values(row);
    struct exact computed = build(&craft, length);
    ck_assert_uint_ne(ss_bytes_get16(computed.octets + row->at) & row->mask, row->sent);
    craft.verbatim = (uint32_t)row->field;
    struct exact verbatim = build(&craft, length);
    ck_assert_uint_eq(ss_bytes_get16(verbatim.octets + row->at) & row->mask, row->sent);
    exact_free(computed);
    exact_free(verbatim);
}
END_TEST

/* The IP checksum is right over whatever else was given, the TCP checksum over what is sent. */
START_TEST(test_craft_computed_checksums_are_right_around_verbatim_fields)
{
    struct ss_craft craft = between(4);
    craft.verbatim = SS_CRAFT_IPV4_VERSION | SS_CRAFT_IPV4_TOTAL_LENGTH | SS_CRAFT_TCP_OFFSET;
    craft.ipv4.total_length = 9999;
    craft.tcp.offset_words = 2;
    craft.payload = (const uint8_t *)"abc";
    craft.payload_length = 3;
    struct exact built = build(&craft, 43);
    ck_assert_uint_eq(ss_checksum_finish(ss_checksum_add(0, built.octets, 20)), 0);
    ss_checksum_sum pseudo = ss_checksum_pseudo(&craft.ipv4.source, &craft.ipv4.destination, 6, 23);
    ck_assert_uint_eq(ss_checksum_finish(ss_checksum_add(pseudo, built.octets + 20, 23)), 0);
    exact_free(built);
}
END_TEST

START_TEST(test_craft_options_are_padded_with_zeros)
{
    static const uint8_t options[] = {3, 3, 7, 1, 1};
    for (size_t length = 0; length <= sizeof options; length++) {
        struct ss_craft craft = between(4);
        size_t padded = (length + 3) / 4 * 4;
        craft.options = length ? options : NULL;
        craft.options_length = length;
        struct exact built = build(&craft, 40 + padded);
        ck_assert_uint_eq(built.octets[32] >> 4, 5 + padded / 4);
        for (size_t i = 0; i < padded; i++)
            ck_assert_uint_eq(built.octets[40 + i], i < length ? options[i] : 0);
        exact_free(built);
    }
}
END_TEST

static const uint8_t many[ROOM] = {1};

/* A build that must be refused, with nothing touched. */
static void check_refused(const struct ss_craft *craft, size_t size, enum ss_status status)
{
    static uint8_t octets[ROOM + 100];
    size_t length = 4711;
    memset(octets, 0xaa, sizeof octets);
    ck_assert_int_eq(ss_craft_build(craft, octets, size, &length), status);
    ck_assert_uint_eq(length, 4711);
    size_t untouched = 0;
    while (untouched < sizeof octets && octets[untouched] == 0xaa)
        untouched++;
    ck_assert_uint_eq(untouched, sizeof octets);
}

START_TEST(test_craft_refuses_more_than_forty_octets_of_options)
{
    struct ss_craft craft = between(4);
    craft.options = many;
    craft.options_length = 40;
    exact_free(build(&craft, 80));
    craft.options_length = 41;
    check_refused(&craft, ROOM, SS_USAGE);
    craft.options_length = SIZE_MAX;
    check_refused(&craft, ROOM, SS_USAGE);
}
END_TEST

/* IPv4's length counts its header, IPv6's does not (RFC 791 section 3.1, RFC 8200 section 3). */
START_TEST(test_craft_refuses_a_datagram_longer_than_its_length_field_can_say)
{
    static const uint8_t versions[] = {4, 6};
    static const size_t most[] = {65535 - 40, 65535 - 20};
    struct ss_craft craft = between(versions[_i]);
    craft.payload = many;
    craft.payload_length = most[_i];
    exact_free(build(&craft, _i == 0 ? 65535 : 65575));
    craft.payload_length++;
    check_refused(&craft, ROOM + 100, SS_USAGE);
    craft.payload_length = SIZE_MAX;
    check_refused(&craft, ROOM + 100, SS_USAGE);
}
END_TEST

START_TEST(test_craft_refuses_a_buffer_too_small)
{
    struct ss_craft craft = between(6);
    for (size_t size = 0; size < 60; size++)
        check_refused(&craft, size, SS_NO_SPACE);
    exact_free(build(&craft, 60));
}
END_TEST

START_TEST(test_craft_refuses_another_ip_version)
{
    for (unsigned version = 0; version < 256; version++) {
        struct ss_craft craft = between(4);
        craft.version = (uint8_t)version;
        if (version != 4 && version != 6)
            check_refused(&craft, 60, SS_USAGE);
    }
}
END_TEST

static struct ss_address random_address(struct ss_random *random, uint8_t version)
{
    uint8_t octets[16];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)ss_random_next32(random);
    return version == 4 ? ss_address_v4(octets) : ss_address_v6(octets);
}

/* A legal packet of random values; payload and options are filled by no-operations. */
static struct ss_craft random_craft(struct ss_random *random)
{
    uint8_t version = ss_random_below(random, 2) ? 6 : 4;
    struct ss_socket_address ends[2];
    for (int i = 0; i < 2; i++) {
        ends[i].address = random_address(random, version);
        ends[i].port = (uint16_t)ss_random_next32(random);
    }
    struct ss_craft craft = ss_craft_between(&ends[0], &ends[1]);
    craft.ipv4.tos = (uint8_t)ss_random_next32(random);
    craft.ipv4.id = (uint16_t)ss_random_next32(random);
    craft.ipv4.ttl = (uint8_t)ss_random_next32(random);
    craft.ipv4.reserved_flag = ss_random_below(random, 2);
    craft.ipv4.dont_fragment = ss_random_below(random, 2);
    craft.ipv6.traffic_class = (uint8_t)ss_random_next32(random);
    craft.ipv6.flow_label = ss_random_below(random, 1 << 20);
    craft.ipv6.hop_limit = (uint8_t)ss_random_next32(random);
    craft.tcp.seq = ss_seq_from(ss_random_next32(random));
    craft.tcp.ack = ss_seq_from(ss_random_next32(random));
    craft.tcp.reserved = (uint8_t)ss_random_below(random, 16);
    craft.tcp.flags = (uint8_t)ss_random_next32(random);
    craft.tcp.window = (uint16_t)ss_random_next32(random);
    craft.tcp.urgent = (uint16_t)ss_random_next32(random);
    craft.options_length = ss_random_below(random, 41);
    craft.payload_length = ss_random_below(random, 1500);
    return craft;
}

static void check_ip_read_back(const struct ss_craft *craft, const struct ss_packet *packet)
{
    if (craft->version == 4) {
        ck_assert(ss_address_equal(&packet->source, &craft->ipv4.source));
        ck_assert(ss_address_equal(&packet->destination, &craft->ipv4.destination));
        ck_assert_uint_eq(packet->ipv4.tos, craft->ipv4.tos);
        ck_assert_uint_eq(packet->ipv4.id, craft->ipv4.id);
        ck_assert_uint_eq(packet->ipv4.ttl, craft->ipv4.ttl);
        ck_assert_int_eq(packet->ipv4.reserved_flag, craft->ipv4.reserved_flag);
        ck_assert_int_eq(packet->ipv4.dont_fragment, craft->ipv4.dont_fragment);
        ck_assert_int_eq(packet->ip_checksum, SS_CHECKSUM_GOOD);
        return;
    }
    ck_assert(ss_address_equal(&packet->source, &craft->ipv6.source));
    ck_assert(ss_address_equal(&packet->destination, &craft->ipv6.destination));
    ck_assert_uint_eq(packet->ipv6.traffic_class, craft->ipv6.traffic_class);
    ck_assert_uint_eq(packet->ipv6.flow_label, craft->ipv6.flow_label);
    ck_assert_uint_eq(packet->ipv6.hop_limit, craft->ipv6.hop_limit);
}

static void check_tcp_read_back(const struct ss_craft *craft, const struct ss_packet *packet)
{
    ck_assert_int_eq(packet->transport, SS_TRANSPORT_TCP);
    ck_assert_uint_eq(packet->tcp.source_port, craft->tcp.source_port);
    ck_assert_uint_eq(packet->tcp.destination_port, craft->tcp.destination_port);
    ck_assert(ss_seq_equal(packet->tcp.seq, craft->tcp.seq));
    ck_assert(ss_seq_equal(packet->tcp.ack, craft->tcp.ack));
    ck_assert_uint_eq(packet->tcp.offset_words, 5 + (craft->options_length + 3) / 4);
    ck_assert_uint_eq(packet->tcp.reserved, craft->tcp.reserved);
    ck_assert_uint_eq(packet->tcp.flags, craft->tcp.flags);
    ck_assert_uint_eq(packet->tcp.window, craft->tcp.window);
    ck_assert_uint_eq(packet->tcp.urgent, craft->tcp.urgent);
    ck_assert_int_eq(packet->transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_uint_eq(packet->payload_length, craft->payload_length);
    if (craft->payload_length > 0)
        ck_assert_mem_eq(ss_packet_payload(packet), craft->payload, craft->payload_length);
}

START_TEST(test_craft_decode_gives_back_ten_thousand_random_packets)
{
    struct ss_random random = ss_random_seeded(10000);
    uint8_t nops[SS_TCP_OPTIONS_BYTES_MAX];
    uint8_t payload[1500];
    memset(nops, SS_TCP_OPTION_NOP, sizeof nops);
    for (int i = 0; i < (check_is_slow() ? 1000 : 10000); i++) {
        struct ss_craft craft = random_craft(&random);
        for (size_t j = 0; j < craft.payload_length; j++)
            payload[j] = (uint8_t)ss_random_next32(&random);
        craft.options = nops;
        craft.payload = payload;
        size_t header = (craft.version == 4 ? 40U : 60U) + (craft.options_length + 3) / 4 * 4;
        struct exact built = build(&craft, header + craft.payload_length);
        struct ss_packet packet;
        ss_packet_decode(SS_LINK_IP, built.octets, header + craft.payload_length, &packet);
        ck_assert_uint_eq(packet.faults, 0);
        ck_assert_uint_eq(packet.version, craft.version);
        check_ip_read_back(&craft, &packet);
        check_tcp_read_back(&craft, &packet);
        exact_free(built);
    }
}
END_TEST

static Suite *craft_suite(void)
{
    Suite *suite = suite_create("craft");
    TCase *computed = tcase_create("computed");
    tcase_add_test(computed, test_craft_build_gives_a_kernels_ipv4_data_segment);
    tcase_add_test(computed, test_craft_build_gives_a_kernels_ipv6_syn);
    tcase_add_test(computed, test_craft_between_sets_defaults);
    tcase_add_test(computed, test_craft_options_are_padded_with_zeros);
    tcase_add_test(computed, test_craft_decode_gives_back_ten_thousand_random_packets);
    tcase_set_timeout(computed, 60);
    suite_add_tcase(suite, computed);
    TCase *verbatim = tcase_create("verbatim");
    tcase_add_loop_test(verbatim, test_craft_verbatim_field_is_sent_as_given_and_computed_otherwise,
                        0, sizeof verbatims / sizeof verbatims[0]);
    tcase_add_test(verbatim, test_craft_computed_checksums_are_right_around_verbatim_fields);
    suite_add_tcase(suite, verbatim);
    TCase *refused = tcase_create("refused");
    tcase_set_timeout(refused, 60);
    tcase_add_test(refused, test_craft_refuses_more_than_forty_octets_of_options);
    tcase_add_loop_test(refused, test_craft_refuses_a_datagram_longer_than_its_length_field_can_say,
                        0, 2);
    tcase_add_test(refused, test_craft_refuses_a_buffer_too_small);
    tcase_add_test(refused, test_craft_refuses_another_ip_version);
    suite_add_tcase(suite, refused);
    return suite;
}

int main(void)
{
    return check_main(craft_suite());
}
