/*
 * test_message: UDP, ICMP, IGMP and ARP as Linux 6 sent them over a veth pair, read.
 */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "synstep/message.h"

enum { MOST = 256 };

/* A datagram in hex. */
struct sample {
    const char *hex;
    enum ss_protocol protocol;
    const char *type; /* NULL: none */
    size_t payload;
    const char *groups; /* with a blank behind each */
};

static const char igmp_v3[] = "46c00028000040000102f9f70a000002e0000016940400002200e8f9000000010400"
                              "0000ef010203";
static const char echo[] =
    "4500002aa5904000400181400a0000010a000002080003bb0007000161726520796f7520"
    "74686572653f";
static const char udp_v4[] =
    "45000024134d40004011137a0a0000010a000002ca9d000900105db0616e79626f6479"
    "3f";
static const char unreachable_v4[] =
    "45c000402749000040013eb20a0000020a000001030311210000000045000024134d40004011137a0a0000010a0000"
    "02ca9d000900105db0616e79626f64793f";
static const char mld2[] =
    "600000000038000100000000000000000000000000000000ff0200000000000000000000000000163a000502000001"
    "008f005a290000000204000000ff15000000000000000000000000123404000000ff0200000000000000000001ff00"
    "0002";
static const char udp_v6[] =
    "6000000000101140fd000000000000000000000000000001fd000000000000000000000000000002cc7e0009001075"
    "cd616e79626f64793f";
static const char unreachable_v6[] =
    "6000ed9f00403a40fd000000000000000000000000000002fd0000000000000000000000000000010104934d000000"
    "006000000000101140fd000000000000000000000000000001fd000000000000000000000000000002cc7e00090010"
    "75cd616e79626f64793f";

static const struct sample samples[] = {
    {igmp_v3, SS_PROTOCOL_IGMP, "report-v3", 8, "239.1.2.3 "},
    {echo, SS_PROTOCOL_ICMP, "echo-request", 14, ""},
    {udp_v4, SS_PROTOCOL_UDP, NULL, 8, ""},
    {unreachable_v4, SS_PROTOCOL_ICMP, "port-unreachable", 36, ""},
    {mld2, SS_PROTOCOL_ICMP, "mld2-report", 40, "ff15::1234 ff02::1:ff00:2 "},
    {udp_v6, SS_PROTOCOL_UDP, NULL, 8, ""},
    {unreachable_v6, SS_PROTOCOL_ICMP, "port-unreachable", 56, ""},
};

enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static size_t octets_of(const char *hex, uint8_t octets[MOST])
{
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        unsigned octet;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &octet), 1);
        octets[i] = (uint8_t)octet;
    }
    return length;
}

static void write_groups(const struct ss_message *message, char *text)
{
    struct ss_address group;
    text[0] = '\0';
    for (size_t i = 0; ss_message_group(message, i, &group); i++) {
        char address[SS_ADDRESS_TEXT_SIZE];
        ss_address_format(address, &group);
        sprintf(text + strlen(text), "%s ", address);
        ck_assert(ss_message_names_group(message, &group));
    }
}

START_TEST(test_message_read_linuxs_own)
{
    const struct sample *sample = &samples[_i];
    uint8_t octets[MOST];
    char groups[200];
    size_t length = octets_of(sample->hex, octets);
    struct ss_packet packet;
    struct ss_message message;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(ss_message_read(&packet, &message));
    ck_assert_int_eq(message.protocol, sample->protocol);
    ck_assert_pstr_eq(message.type ? message.type->name : NULL, sample->type);
    ck_assert_uint_eq(message.payload_length, sample->payload);
    ck_assert_ptr_eq(message.payload, octets + length - sample->payload);
    ck_assert(!message.checksum_wrong);
    write_groups(&message, groups);
    ck_assert_str_eq(groups, sample->groups);
}
END_TEST

/* Any octet of the message changed is a wrong checksum; none of a fragment or a cut one is read. */
START_TEST(test_message_read_sees_each_octet_changed)
{
    uint8_t octets[MOST];
    size_t length = octets_of(samples[_i].hex, octets);
    struct ss_packet packet;
    struct ss_message message;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    size_t begin = packet.transport_offset;
    for (size_t at = begin; at < length; at++) {
        octets[at] ^= 0x55;
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        ck_assert_msg(ss_message_read(&packet, &message) && message.checksum_wrong, "octet %zu",
                      at);
        octets[at] ^= 0x55;
    }
}
END_TEST

START_TEST(test_message_read_takes_any_length)
{
    uint8_t octets[MOST];
    size_t whole = octets_of(samples[_i].hex, octets);
    for (size_t length = 0; length <= whole; length++) {
        struct exact copy = exact_copy(octets, length);
        struct ss_packet packet;
        struct ss_message message;
        ss_packet_decode(SS_LINK_IP, copy.octets, length, &packet);
        ck_assert(ss_message_read(&packet, &message) == (length == whole));
        exact_free(copy);
    }
}
END_TEST

/* RFC 768: over IPv4 a checksum of 0 is none; RFC 8200 section 8.1: over IPv6 there is none. */
START_TEST(test_message_read_zero_checksum_by_version)
{
    uint8_t octets[MOST];
    struct ss_packet packet;
    struct ss_message message;
    size_t length = octets_of(udp_v4, octets);
    octets[26] = octets[27] = 0;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(ss_message_read(&packet, &message) && !message.checksum_wrong);
    length = octets_of(udp_v6, octets);
    octets[46] = octets[47] = 0;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(ss_message_read(&packet, &message) && message.checksum_wrong);
}
END_TEST

/* What UDP's length leaves out is padding; a length that is none leaves the payload as IP has it.
 */
START_TEST(test_message_read_udp_length_counts)
{
    uint8_t octets[MOST];
    struct ss_packet packet;
    struct ss_message message;
    size_t length = octets_of(udp_v4, octets);
    octets[25] = 12;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(ss_message_read(&packet, &message));
    ck_assert_uint_eq(message.payload_length, 4);
    for (unsigned wrong = 0; wrong < 256; wrong++) {
        if (wrong >= 8 && wrong <= 16)
            continue;
        octets[25] = (uint8_t)wrong;
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        ck_assert(ss_message_read(&packet, &message));
        ck_assert_uint_eq(message.payload_length, 8);
        ck_assert(message.checksum_wrong);
    }
}
END_TEST

START_TEST(test_message_read_no_segment_and_no_fragment)
{
    static const char syn[] =
        "4500003c5f5f40004006c75a0a0000010a0000029c4122b83365a41100000000a002fa"
        "f0c9420000020405b40402080a836c55ea00000000010303"
        "0a";
    uint8_t octets[MOST];
    struct ss_packet packet;
    struct ss_message message;
    size_t length = octets_of(syn, octets);
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(!ss_message_read(&packet, &message));
    length = octets_of(udp_v4, octets);
    octets[6] = 0x20; /* more fragments */
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(!ss_message_read(&packet, &message));
}
END_TEST

START_TEST(test_message_quoted_is_the_datagram_sent)
{
    static const char *const errors[] = {unreachable_v4, unreachable_v6};
    static const char *const about[] = {udp_v4, udp_v6};
    uint8_t octets[MOST], sent[MOST];
    struct ss_packet packet, quoted;
    for (size_t i = 0; i < 2; i++) {
        size_t length = octets_of(errors[i], octets), expected = octets_of(about[i], sent);
        ss_packet_decode(SS_LINK_IP, octets, length, &packet);
        ck_assert(ss_message_quoted(&packet, &quoted));
        ck_assert_uint_eq(quoted.frame_length, expected);
        ck_assert_mem_eq(quoted.frame, sent, expected);
    }
    size_t length = octets_of(echo, octets);
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    ck_assert(!ss_message_quoted(&packet, &quoted));
}
END_TEST

/* Both versions' numbers: RFC 792 and RFC 4443, as the IANA registries list them. */
START_TEST(test_message_types_have_the_numbers_of_both_versions)
{
    static const struct {
        const char *name;
        int v4, code4, v6, code6; /* -1: not there */
        bool error;
    } cases[] = {
        {"echo-request", 8, 0, 128, 0, false},
        {"echo-reply", 0, 0, 129, 0, false},
        {"port-unreachable", 3, 3, 1, 4, true},
        {"fragmentation-needed", 3, 4, 2, 0, true},
        {"time-exceeded", 11, 0, 3, 0, true},
        {"timestamp-request", 13, 0, -1, -1, false},
        {"neighbor-solicitation", -1, -1, 135, 0, false},
        {"mld2-report", -1, -1, 143, 0, false},
    };
    size_t count, found = 0;
    const struct ss_message_type *types = ss_message_types(SS_PROTOCOL_ICMP, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
            if (strcmp(types[i].name, cases[c].name) != 0)
                continue;
            found++;
            ck_assert_int_eq(types[i].v4.there ? types[i].v4.type : -1, cases[c].v4);
            ck_assert_int_eq(types[i].v4.there ? types[i].v4.code : -1, cases[c].code4);
            ck_assert_int_eq(types[i].v6.there ? types[i].v6.type : -1, cases[c].v6);
            ck_assert_int_eq(types[i].v6.there ? types[i].v6.code : -1, cases[c].code6);
            ck_assert(ss_message_type_is_error(&types[i]) == cases[c].error);
        }
    ck_assert_uint_eq(found, sizeof(cases) / sizeof(cases[0]));
}
END_TEST

/* Records with sources and auxiliary data are passed; a count that leads beyond the end ends it. */
START_TEST(test_message_groups_of_records)
{
    uint8_t records[] = {1, 1, 0, 2, 239, 0, 0, 1, 10,  0, 0, 1, 10, 0, 0, 2,
                         9, 9, 9, 9, 4,   0, 0, 0, 239, 0, 0, 2, 3,  0, 0, 0};
    struct ss_message message = {.protocol = SS_PROTOCOL_IGMP,
                                 .header = {.kind = SS_LAYER_IGMP, .fixed = {0x22}},
                                 .payload = records,
                                 .payload_length = sizeof(records)};
    char groups[200];
    write_groups(&message, groups);
    ck_assert_str_eq(groups, "239.0.0.1 239.0.0.2 ");
    for (size_t length = 0; length < sizeof(records); length++) {
        struct exact copy = exact_copy(records, length);
        message.payload = copy.octets;
        message.payload_length = length;
        write_groups(&message, groups);
        ck_assert_uint_eq(strlen(groups), length < 8 ? 0 : length < 28 ? 10 : 20);
        exact_free(copy);
    }
}
END_TEST

/* A reply, padded to what a cable carries at least. */
static const char arp_reply[] =
    "020000000001020000000002080600010800060400020200000000020a0000020200000000010a000001"
    "000000000000000000000000000000000000";

/* A whole datagram, by IP's own length, in which the message's header is not. */
START_TEST(test_message_read_nothing_where_the_header_does_not_fit)
{
    static const char *const hexes[] = {igmp_v3, echo, udp_v4};
    static const size_t heads[] = {24, 20, 20}; /* of IP */
    for (size_t i = 0; i < 3; i++)
        for (size_t within = 0; within <= 8; within++) {
            uint8_t octets[MOST];
            (void)octets_of(hexes[i], octets);
            octets[2] = 0;
            octets[3] = (uint8_t)(heads[i] + within);
            struct exact copy = exact_copy(octets, heads[i] + within);
            struct ss_packet packet;
            struct ss_message message;
            ss_packet_decode(SS_LINK_IP, copy.octets, heads[i] + within, &packet);
            ck_assert(ss_message_read(&packet, &message) == (within == 8));
            exact_free(copy);
        }
}
END_TEST

START_TEST(test_message_read_arp_at_every_length)
{
    enum { WHOLE = 42 };
    uint8_t octets[MOST];
    size_t length = octets_of(arp_reply, octets);
    for (size_t cut = 0; cut <= length; cut++) {
        struct exact copy = exact_copy(octets, cut);
        struct ss_packet packet;
        struct ss_message message;
        ss_packet_decode(SS_LINK_ETHERNET, copy.octets, cut, &packet);
        ck_assert(ss_message_read(&packet, &message) == (cut >= WHOLE));
        if (cut >= WHOLE) {
            ck_assert_int_eq(message.protocol, SS_PROTOCOL_ARP);
            ck_assert_str_eq(message.type->name, "reply");
            ck_assert_uint_eq(message.payload_length, 0);
            ck_assert_mem_eq(message.ether.fixed, octets, 14);
            ck_assert_mem_eq(message.header.fixed, octets + 14, 28);
        }
        ss_packet_decode(SS_LINK_IP, copy.octets, cut, &packet);
        ck_assert(!ss_message_read(&packet, &message));
        exact_free(copy);
    }
}
END_TEST

/* The operation has 16 bits; behind a tag, or another EtherType, there is none that is for us. */
START_TEST(test_message_read_arp_of_other_kinds)
{
    static const struct {
        size_t at;
        uint8_t octet;
        bool read;
        const char *type;
    } cases[] = {
        {21, 1, true, "request"}, {21, 3, true, NULL},     {20, 1, true, NULL},
        {13, 0x00, false, NULL},  {12, 0x81, false, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t octets[MOST];
        size_t length = octets_of(arp_reply, octets);
        struct ss_packet packet;
        struct ss_message message;
        octets[cases[i].at] = cases[i].octet;
        ss_packet_decode(SS_LINK_ETHERNET, octets, length, &packet);
        ck_assert(ss_message_read(&packet, &message) == cases[i].read);
        if (cases[i].read)
            ck_assert_pstr_eq(message.type ? message.type->name : NULL, cases[i].type);
    }
}
END_TEST

START_TEST(test_message_field_is_found_in_its_header)
{
    static const struct {
        enum ss_protocol protocol;
        uint8_t version;
        const char *name;
        int kind; /* -1: there is none */
    } cases[] = {
        {SS_PROTOCOL_ARP, 4, "sha", SS_LAYER_ARP},
        {SS_PROTOCOL_ARP, 4, "ether.src", SS_LAYER_ETHER},
        {SS_PROTOCOL_ARP, 4, "src", -1},
        {SS_PROTOCOL_ARP, 4, "ether.sha", -1},
        {SS_PROTOCOL_ARP, 6, "sha", -1},
        {SS_PROTOCOL_UDP, 6, "sport", SS_LAYER_UDP},
        {SS_PROTOCOL_UDP, 4, "ether.dst", -1},
        {SS_PROTOCOL_ICMP, 6, "gateway", -1},
        {SS_PROTOCOL_ICMP, 4, "gateway", SS_LAYER_ICMP},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum ss_layer_kind kind;
        size_t field;
        bool found =
            ss_message_field(cases[i].protocol, cases[i].version, cases[i].name, &kind, &field);
        ck_assert_int_eq(found ? (int)kind : -1, cases[i].kind);
    }
}
END_TEST

static Suite *message_suite(void)
{
    Suite *suite = suite_create("message");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_message_read_linuxs_own, 0, SAMPLES);
    tcase_add_loop_test(all, test_message_read_sees_each_octet_changed, 0, SAMPLES);
    tcase_add_loop_test(all, test_message_read_takes_any_length, 0, SAMPLES);
    tcase_add_test(all, test_message_read_zero_checksum_by_version);
    tcase_add_test(all, test_message_read_udp_length_counts);
    tcase_add_test(all, test_message_read_no_segment_and_no_fragment);
    tcase_add_test(all, test_message_quoted_is_the_datagram_sent);
    tcase_add_test(all, test_message_types_have_the_numbers_of_both_versions);
    tcase_add_test(all, test_message_groups_of_records);
    tcase_add_test(all, test_message_read_nothing_where_the_header_does_not_fit);
    tcase_add_test(all, test_message_read_arp_at_every_length);
    tcase_add_test(all, test_message_read_arp_of_other_kinds);
    tcase_add_test(all, test_message_field_is_found_in_its_header);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return check_main(message_suite());
}
