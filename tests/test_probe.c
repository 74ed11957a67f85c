/* test_probe: words in, frames out; each corruption harms what it names and nothing else. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/packet.h"
#include "synstep/probe.h"

static uint8_t octets[SS_FRAME_BYTES_MAX];
static struct ss_problem problem;

static struct ss_probe_ends ends(uint8_t version)
{
    static const uint8_t near4[4] = {10, 0, 0, 1}, far4[4] = {10, 0, 0, 2};
    static const uint8_t near6[16] = {0xfd, [15] = 1}, far6[16] = {0xfd, [15] = 2};
    return (struct ss_probe_ends){
        .source = version == 6 ? ss_address_v6(near6) : ss_address_v4(near4),
        .target = version == 6 ? ss_address_v6(far6) : ss_address_v4(far4),
        .source_port = 1000,
        .target_port = 80,
    };
}

static enum ss_status give(struct ss_probe *probe, const char *words)
{
    char copy[400], *rest = copy;
    enum ss_status status = SS_OK;
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word && status == SS_OK;
         word = strtok_r(NULL, " ", &rest))
        status = ss_probe_word(probe, word, &problem);
    return status;
}

static struct ss_probe *made(const char *words, uint8_t version)
{
    struct ss_probe *probe = ss_probe_new(9293, NULL);
    const struct ss_probe_ends both = ends(version);
    ck_assert_msg(give(probe, words) == SS_OK, "%s: %s", words, problem.text);
    ck_assert_msg(ss_probe_finish(probe, &both, &problem) == SS_OK, "%s: %s", words, problem.text);
    return probe;
}

/* The n-th frame, in `octets`. */
static size_t frame(const char *words, uint8_t version, uint64_t n)
{
    struct ss_probe *probe = made(words, version);
    size_t length = 0;
    ck_assert_int_eq(ss_probe_build(probe, n, octets, sizeof(octets), &length, &problem), SS_OK);
    ss_probe_free(probe);
    return length;
}

static struct ss_packet packet(const char *words, uint8_t version, uint64_t n)
{
    struct ss_packet view;
    size_t length = frame(words, version, n);
    ss_packet_decode(SS_LINK_IP, octets, length, &view);
    return view;
}

static void refused(const char *words, uint8_t version, const char *says)
{
    struct ss_probe *probe = ss_probe_new(1, NULL);
    struct ss_probe_ends both = ends(version);
    both.target_port = 0;
    enum ss_status status = give(probe, words);
    if (status == SS_OK)
        status = ss_probe_finish(probe, &both, &problem);
    ck_assert_msg(status == SS_USAGE, "'%s' is taken", words);
    ck_assert_msg(strstr(problem.text, says), "'%s' is not in: %s", says, problem.text);
    ss_probe_free(probe);
}

START_TEST(test_probe_missing_layers_and_values_are_completed)
{
    struct ss_packet view = packet("tcp", 4, 0);
    ck_assert_uint_eq(view.faults, 0);
    ck_assert_uint_eq(view.frame_length, 40);
    ck_assert_uint_eq(view.tcp.flags, SS_TCP_SYN);
    ck_assert_uint_eq(view.tcp.source_port, 1000);
    ck_assert_uint_eq(view.tcp.destination_port, 80);
    ck_assert_uint_ne(view.ipv4.id, 0);
    ck_assert_int_eq(view.ip_checksum, SS_CHECKSUM_GOOD);
    ck_assert_int_eq(view.transport_checksum, SS_CHECKSUM_GOOD);
    view = packet("tcp", 6, 0);
    ck_assert_uint_eq(view.version, 6);
    ck_assert_int_eq(view.transport_checksum, SS_CHECKSUM_GOOD);
    view = packet("icmp6", 6, 2);
    ck_assert_uint_eq(view.icmp.type, 128);
    ck_assert_uint_eq(view.icmp.rest & 0xffff, 3);
}
END_TEST

/* RFC 9293 section 3.1's header, octet for octet. */
START_TEST(test_probe_set_fields_go_out_verbatim)
{
    static const uint8_t expected[] = {0x00, 0x01, 0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
                                       0x07, 0x08, 0xf5, 0x12, 0x12, 0x34, 0xab, 0xcd, 0x00, 0x07};
    size_t length = frame("ip ttl=1 tcp sport=1 dport=2 seq=0x01020304 ack=0x05060708 offset=15 "
                          "reserved=5 syn=1 ackflag=1 window=0x1234 checksum=0xabcd urgent=7",
                          4, 0);
    ck_assert_uint_eq(length, 40);
    ck_assert_uint_eq(octets[8], 1);
    ck_assert_mem_eq(octets + 20, expected, sizeof(expected));
}
END_TEST

START_TEST(test_probe_options_are_written_as_the_rfcs_have_them)
{
    static const uint8_t expected[] = {2, 4, 5, 0xb4, 3, 3, 7,   1, 4,    2,    8, 10,
                                       0, 0, 0, 9,    0, 0, 0,   0, 5,    10,   0, 0,
                                       0, 5, 0, 0,    0, 9, 254, 4, 0x0a, 0x0b, 0, 0};
    size_t length = frame("tcp mss=1460 wscale=7 nop sackok ts=9,0 sack=5..9 opt=254:0a0b", 4, 0);
    ck_assert_uint_eq(length, 40 + sizeof(expected));
    ck_assert_mem_eq(octets + 40, expected, sizeof(expected));
    ck_assert_uint_eq(octets[32] >> 4, (20 + sizeof(expected)) / 4);
}
END_TEST

/* Kinds and lengths by RFC 9293 section 3.2 and RFC 7323; the last list varies fastest. */
START_TEST(test_probe_numbers_of_options_make_a_series)
{
    static const struct {
        uint64_t n;
        uint8_t expected[20];
    } rows[] = {
        {0, {2, 4, 0x02, 0x18, 3, 3, 0, 1, 8, 10, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff}},
        {1, {2, 4, 0x02, 0x18, 3, 3, 1, 1, 8, 10, 0, 0, 0, 6, 0, 0, 0, 0}},
        {15, {2, 4, 0x04, 0xc4, 3, 3, 0, 1, 8, 10, 0, 0, 0, 20, 0, 0, 0, 14}},
        {44, {2, 4, 0x05, 0xb4, 3, 3, 14, 1, 8, 10, 0, 0, 0, 49, 0, 0, 0, 43}},
        {45, {2, 4, 0x02, 0x18, 3, 3, 0, 1, 8, 10, 0, 0, 0, 50, 0, 0, 0, 44}},
    };
    struct ss_probe *probe = made("tcp mss=536,1220,1460 wscale=0-14 nop ts=5+i,i-1", 4);
    ck_assert_uint_eq(ss_probe_count(probe), 45);
    ck_assert_uint_eq(ss_probe_source_port(probe), 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length = 0;
        struct ss_packet view;
        ck_assert_int_eq(
            ss_probe_build(probe, rows[i].n, octets, sizeof(octets), &length, &problem), SS_OK);
        ck_assert_uint_eq(length, 60);
        ck_assert_mem_eq(octets + 40, rows[i].expected, 20);
        ss_packet_decode(SS_LINK_IP, octets, length, &view);
        ck_assert_int_eq(view.transport_checksum, SS_CHECKSUM_GOOD);
    }
    ss_probe_free(probe);
}
END_TEST

START_TEST(test_probe_options_refuse_what_they_cannot_hold)
{
    static const struct {
        const char *words, *says;
    } rows[] = {
        {"tcp mss=70000", "mss has 16 bits: 0 to 65535, not 70000"},
        {"tcp mss=1,2,65536", "not 65536"},
        {"tcp wscale=0-256", "8 bits"},
        {"tcp mss", "written mss=1460"},
        {"tcp mss=", "written mss=1460"},
        {"tcp mss=x", "not known"},
        {"tcp ts=1", "written ts=1,0"},
        {"tcp ts=1,2,3", "written ts=1,0"},
        {"tcp ts=1,,2", "written ts=1,0"},
        {"tcp ts=4294967296,0", "too large"},
        {"tcp sack=1..2,3", "written sack=J+1..J+9"},
        {"tcp sackok=1", "written sackok"},
        {"tcp nop=0-9", "written nop"},
        {"tcp dport=1 sack=1..2,3..4,5..6,7..8 ts=1,0 mss=1-9", "exceed the 40"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        refused(rows[i].words, 4, rows[i].says);
}
END_TEST

START_TEST(test_probe_data_follows_its_layer)
{
    ck_assert_uint_eq(frame("udp dport=7 data=hello sport=9", 4, 0), 33);
    ck_assert_mem_eq(octets + 28, "hello", 5);
    ck_assert_uint_eq(ss_bytes_get16(octets + 20), 9);
    ck_assert_uint_eq(ss_bytes_get16(octets + 24), 13);
    ck_assert_uint_eq(frame("udp raw octets=hex:0a0b data=text:c", 4, 0), 31);
    ck_assert_mem_eq(octets + 28,
                     "\x0a\x0b"
                     "c",
                     3);
    ck_assert_uint_eq(frame("udp data=size:1000", 6, 0), 1048);
    ck_assert_uint_eq(octets[48 + 27], 'b');
}
END_TEST

START_TEST(test_probe_lists_make_all_combinations_the_last_the_fastest)
{
    static const uint16_t ports[] = {1, 2, 3, 1, 2, 3, 1};
    static const uint8_t ttls[] = {5, 5, 5, 9, 9, 9, 5};
    struct ss_probe *probe = made("ip ttl=5,9 tcp dport=1-3", 4);
    ck_assert_uint_eq(ss_probe_count(probe), 6);
    ck_assert_uint_eq(ss_probe_source_port(probe), 1000);
    for (uint64_t n = 0; n < 7; n++) {
        size_t length;
        ck_assert_int_eq(ss_probe_build(probe, n, octets, sizeof(octets), &length, &problem),
                         SS_OK);
        ck_assert_uint_eq(octets[8], ttls[n]);
        ck_assert_uint_eq(ss_bytes_get16(octets + 22), ports[n]);
    }
    ss_probe_free(probe);
    probe = made("tcp sport=1000+i", 4);
    ck_assert_uint_eq(ss_probe_source_port(probe), 0);
    ss_probe_free(probe);
}
END_TEST

/* The bits in which a harmed frame differs from the same one unharmed; its first octet. */
static size_t bits_changed(const char *words, const char *harm, size_t *first)
{
    static uint8_t whole[256];
    char both[300];
    size_t count = 0, length = frame(words, 4, 0);
    memcpy(whole, octets, length);
    snprintf(both, sizeof(both), "%s %s", words, harm);
    ck_assert_uint_eq(frame(both, 4, 0), length);
    for (size_t i = length; i-- > 0;) {
        if (octets[i] != whole[i])
            *first = i;
        count += (size_t)__builtin_popcount(octets[i] ^ whole[i]);
    }
    return count;
}

START_TEST(test_probe_corruption_harms_what_it_names_alone)
{
    static const struct {
        const char *harm;
        size_t least, most; /* octets in which something may differ */
        size_t bits;        /* 0: any */
    } rows[] = {
        {"corrupt=tcp.checksum", 36, 37, 1}, {"corrupt=ip.checksum", 10, 11, 1},
        {"corrupt=ip.length+4", 2, 3, 0},    {"corrupt=ip.length-4", 2, 3, 0},
        {"corrupt=tcp.offset=3", 32, 32, 2}, {"flip=bit:77", 9, 9, 1},
        {"flip=bit:319", 39, 39, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t first = 0, bits = bits_changed("tcp seq=5", rows[i].harm, &first);
        ck_assert_msg(first >= rows[i].least && first <= rows[i].most && bits > 0, "%s: octet %zu",
                      rows[i].harm, first);
        ck_assert(rows[i].bits == 0 || rows[i].bits == bits);
    }
    ck_assert_uint_eq(frame("tcp truncate=17", 4, 0), 17);
    ck_assert_uint_eq(frame("tcp truncate=17 corrupt=tcp.offset=3", 4, 0), 17);
}
END_TEST

/* A complement's two zeros say the same; UDP's zero says that there is no checksum. */
START_TEST(test_probe_wrong_checksum_is_wrong_whatever_the_right_one)
{
    for (unsigned seq = 0; seq < 65536; seq += check_is_slow() ? 997 : 7) {
        char words[80];
        snprintf(words, sizeof(words), "udp sport=%u corrupt=udp.checksum", seq);
        size_t length = frame(words, 4, 0);
        ck_assert_uint_ne(ss_bytes_get16(octets + 26), 0);
        uint32_t sum = 0;
        for (size_t i = 12; i < length; i += 2)
            sum += ss_bytes_get16(octets + i);
        sum += 17 + 8;
        while (sum >> 16)
            sum = (sum & 0xffff) + (sum >> 16);
        ck_assert_uint_ne(sum, 0xffff);
    }
}
END_TEST

START_TEST(test_probe_extension_headers_and_tunnels_are_layers)
{
    struct ss_packet view = packet("ip6 hop dest tcp", 6, 0);
    ck_assert_uint_eq(view.faults, 0);
    ck_assert_int_eq(view.transport, SS_TRANSPORT_TCP);
    ck_assert_uint_eq(view.transport_offset, 56);
    ck_assert_uint_eq(frame("ip ip src=1.2.3.4 udp", 4, 0), 48);
    ck_assert_uint_eq(octets[9], 4);
    ck_assert_uint_eq(octets[32], 1);
    ck_assert_uint_eq(frame("icmp type=unreachable code=3 ip udp", 4, 0), 56);
    ck_assert_uint_eq(frame("ether dst=02:00:00:00:00:01 vlan vid=5 tcp", 4, 0), 58);
    ck_assert_uint_eq(ss_bytes_get16(octets + 16), 0x0800);
}
END_TEST

START_TEST(test_probe_refuses_what_there_is_not)
{
    refused("tpc", 4, "no layer 'tpc'; did you mean tcp?");
    refused("dport=80", 4, "comes after the layer");
    refused("tcp dprot=80", 4, "did you mean dport?");
    refused("tcp zzzzzzz=80", 4, "--fields tcp");
    refused("tcp ts=1", 4, "ts=1,0");
    refused("tcp opt=256", 4, "opt=254:0a0b");
    refused("tcp dport=70000", 4, "0 to 65535");
    refused("tcp", 4, "to which port?");
    refused("raw data=hex:0", 4, "pairs of hexadecimal digits");
    refused("", 4, "nothing to send");
}
END_TEST

START_TEST(test_probe_refuses_an_order_that_cannot_be)
{
    refused("tcp ip", 4, "ip cannot follow tcp; the order is ether vlan");
    refused("ip ether", 4, "ether cannot follow ip");
    refused("ip hop udp", 4, "hop cannot follow ip");
    refused("raw tcp", 4, "tcp cannot follow raw");
    refused("ip6 tcp dport=1", 4, "the target is IPv4");
    refused("ip tcp dport=1", 6, "the target is IPv6");
}
END_TEST

START_TEST(test_probe_refuses_lengths_beyond_the_largest_datagram)
{
    refused("udp dport=7 data=size:65535", 4, "16 bits");
    refused("udp dport=7 data=size:65536", 4, "from 0 to 65535");
    refused("ip mf=1 offset=8191 raw data=size:16", 4, "beyond the 65,535");
    refused("ip mf=1 offset=0,5,8191 raw data=size:16", 4, "beyond the 65,535");
    refused("ip6 frag offset=8191 raw data=size:16", 6, "beyond the 65,535");
    refused("tcp dport=1-65535 sport=1-65535 seq=1-3", 4, "combinations");
    char options[400] = "tcp dport=1";
    for (int i = 0; i < 41; i++)
        strcat(options, " nop");
    refused(options, 4, "options");
}
END_TEST

START_TEST(test_probe_refuses_harm_that_cannot_be_done)
{
    refused("tcp dport=1 corrupt=tpc.checksum", 4, "did you mean tcp?");
    refused("tcp dport=1 corrupt=tcp.chksum", 4, "no field 'chksum'");
    refused("tcp dport=1 corrupt=tcp", 4, "LAYER.checksum");
    refused("tcp dport=1 corrupt=tcp.seq", 4, "LAYER.checksum");
    refused("tcp dport=1 corrupt=tcp.offset=16", 4, "4 bits");
    refused("tcp dport=1 corrupt=udp.checksum", 4, "no layer udp");
    refused("tcp dport=1 flip=77", 4, "bit:77");
    refused("tcp dport=1 flip=bit:320", 4, "only 40 octets");
    refused("tcp dport=1 truncate=41", 4, "only 40 octets");
    refused("tcp dport=1 truncate=x", 4, "such as 17");
}
END_TEST

/* --- frames -------------------------------------------------------------------------------------
 */

static const struct ss_ethernet_ends cards = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

/* The first frame as a wire of frames gets it. */
static size_t framed(const char *words, uint8_t version)
{
    struct ss_probe *probe = made(words, version);
    size_t length = 0;
    ck_assert_int_eq(ss_probe_frame(probe, &problem), SS_OK);
    ck_assert_int_eq(ss_probe_link(probe), SS_LINK_ETHERNET);
    ss_probe_put_ends(probe, &cards);
    ck_assert_int_eq(ss_probe_build(probe, 0, octets, sizeof(octets), &length, &problem), SS_OK);
    ss_probe_free(probe);
    return length;
}

/* Behind the header all is as it was without one: numbers, random ones too, and harm. */
START_TEST(test_probe_frame_is_the_datagram_behind_a_header)
{
    static const char *const words[] = {"tcp seq=random",           "udp data=x flip=bit:77",
                                        "tcp truncate=17",          "udp flip=bit:0 truncate=3",
                                        "tcp corrupt=tcp.offset=3", "udp truncate=0"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (uint8_t version = 4; version <= 6; version += 2) {
            static uint8_t datagram[SS_FRAME_BYTES_MAX];
            size_t length = frame(words[i], version, 0);
            memcpy(datagram, octets, length);
            ck_assert_uint_eq(framed(words[i], version), 14 + length);
            ck_assert_mem_eq(octets, cards.next_hop, 6);
            ck_assert_mem_eq(octets + 6, cards.own, 6);
            ck_assert_uint_eq(ss_bytes_get16(octets + 12), version == 6 ? 0x86dd : 0x0800);
            ck_assert_mem_eq(octets + 14, datagram, length);
        }
}
END_TEST

START_TEST(test_probe_frame_keeps_the_header_that_is_there)
{
    ck_assert_uint_eq(framed("ether dst=02:00:00:00:00:09 type=0x1234 tcp", 4), 54);
    ck_assert_mem_eq(octets, "\2\0\0\0\0\x9\2\0\0\0\0\1\x12\x34", 14);
    ck_assert_uint_eq(framed("vlan vid=5 udp truncate=16", 4), 16);
    ck_assert_mem_eq(octets, "\2\0\0\0\0\2\2\0\0\0\0\1\x81\0\0\5", 16);
}
END_TEST

/* RFC 826: to everybody, from us, for the target. */
START_TEST(test_probe_arp_asks_for_the_target)
{
    static const uint8_t request[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,  1, 8, 6,
                                      0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0,  0, 0, 1,
                                      10,   0,    0,    1,    0,    0,    0, 0, 0, 0, 10, 0, 0, 2};
    ck_assert_uint_eq(framed("arp", 4), sizeof(request));
    ck_assert_mem_eq(octets, request, sizeof(request));
    framed("arp op=reply sha=02:00:00:00:00:07 spa=10.0.0.9", 4);
    ck_assert_mem_eq(octets, cards.next_hop, 6);
    ck_assert_mem_eq(octets + 22, "\2\0\0\0\0\7\x0a\0\0\x9", 10);
    refused("arp", 6, "arp asks for IPv4 addresses");
    framed("arp tpa=10.0.0.7", 6);
    ck_assert_mem_eq(octets + 38, "\x0a\0\0\7", 4);
}
END_TEST

/* RFC 1112 section 6.4, whose example has the high bit of the second octet lost; RFC 2464. */
START_TEST(test_probe_frames_to_groups_go_to_the_cards_of_groups)
{
    static const struct {
        const char *words;
        uint8_t version;
        const char *card;
    } rows[] = {
        {"ip dst=224.0.0.22 igmp", 4, "\x01\0\x5e\0\0\x16"},
        {"vlan ip dst=239.255.1.2 udp", 4, "\x01\0\x5e\x7f\1\2"},
        {"ip dst=255.255.255.255 udp", 4, "\xff\xff\xff\xff\xff\xff"},
        {"ip dst=223.255.255.255 udp", 4, "\2\0\0\0\0\2"},
        {"ip dst=240.0.0.1 udp", 4, "\2\0\0\0\0\2"},
        {"ip6 dst=ff02::1:ff00:2 icmp6 type=135", 6, "\x33\x33\xff\0\0\2"},
        {"ip6 dst=fe80::1 udp", 6, "\2\0\0\0\0\2"},
        {"ether dst=02:00:00:00:00:09 ip dst=224.0.0.22 igmp", 4, "\2\0\0\0\0\x9"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        framed(rows[i].words, rows[i].version);
        ck_assert_msg(memcmp(octets, rows[i].card, 6) == 0, "%s", rows[i].words);
    }
}
END_TEST

START_TEST(test_probe_needs_the_next_hop_only_where_its_card_is_to_stand)
{
    static const struct {
        const char *words;
        bool needs;
    } rows[] = {
        {"ether tcp", true},     {"ether src=02:00:00:00:00:09 tcp", true},
        {"vlan arp op=2", true}, {"ether dst=02:00:00:00:00:09 tcp", false},
        {"arp", false},          {"arp op=request", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ss_probe *probe = made(rows[i].words, 4);
        ck_assert_msg(ss_probe_needs_next_hop(probe) == rows[i].needs, "%s", rows[i].words);
        ss_probe_free(probe);
    }
}
END_TEST

static Suite *probe_suite(void)
{
    Suite *suite = suite_create("probe");
    TCase *tcase = tcase_create("probe");
    tcase_add_test(tcase, test_probe_missing_layers_and_values_are_completed);
    tcase_add_test(tcase, test_probe_set_fields_go_out_verbatim);
    tcase_add_test(tcase, test_probe_options_are_written_as_the_rfcs_have_them);
    tcase_add_test(tcase, test_probe_numbers_of_options_make_a_series);
    tcase_add_test(tcase, test_probe_options_refuse_what_they_cannot_hold);
    tcase_add_test(tcase, test_probe_data_follows_its_layer);
    tcase_add_test(tcase, test_probe_lists_make_all_combinations_the_last_the_fastest);
    tcase_add_test(tcase, test_probe_corruption_harms_what_it_names_alone);
    tcase_add_test(tcase, test_probe_wrong_checksum_is_wrong_whatever_the_right_one);
    tcase_add_test(tcase, test_probe_extension_headers_and_tunnels_are_layers);
    tcase_add_test(tcase, test_probe_refuses_what_there_is_not);
    tcase_add_test(tcase, test_probe_refuses_an_order_that_cannot_be);
    tcase_add_test(tcase, test_probe_refuses_lengths_beyond_the_largest_datagram);
    tcase_add_test(tcase, test_probe_refuses_harm_that_cannot_be_done);
    tcase_add_test(tcase, test_probe_frame_is_the_datagram_behind_a_header);
    tcase_add_test(tcase, test_probe_frame_keeps_the_header_that_is_there);
    tcase_add_test(tcase, test_probe_arp_asks_for_the_target);
    tcase_add_test(tcase, test_probe_frames_to_groups_go_to_the_cards_of_groups);
    tcase_add_test(tcase, test_probe_needs_the_next_hop_only_where_its_card_is_to_stand);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(probe_suite());
}
