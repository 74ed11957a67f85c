/* test_player_send: what a scenario says is what leaves, octet by octet.
 *
 * Whole datagrams were written down by a few lines of Python from the RFCs' header pictures. */
#include "player_support.h"

/* 10.0.0.1:49152 > 10.0.0.2:8888, id 100, DF, TTL 64: SYN seq 0x12345678, window 64240, options
 * mss 1460, sackok, ts 1 0, nop, wscale 10. */
static const uint8_t syn_v4[] = {
    0x45, 0x00, 0x00, 0x3c, 0x00, 0x64, 0x40, 0x00, 0x40, 0x06, 0x26, 0x56, 0x0a, 0x00, 0x00,
    0x01, 0x0a, 0x00, 0x00, 0x02, 0xc0, 0x00, 0x22, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
    0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0xed, 0xa3, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04,
    0x02, 0x08, 0x0a, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
};

/* The same over IPv6, fd00::1 > fd00::2, hop limit 64. */
static const uint8_t syn_v6[] = {
    0x60, 0x00, 0x00, 0x00, 0x00, 0x28, 0x06, 0x40, 0xfd, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xfd, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xc0, 0x00, 0x22, 0xb8, 0x12, 0x34, 0x56, 0x78,
    0x00, 0x00, 0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0x07, 0xa2, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4,
    0x04, 0x02, 0x08, 0x0a, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x0a,
};

/* PSH and ACK, seq 0x12345678, ack 0x9abcdef0, "hello". */
static const uint8_t data_v4[] = {
    0x45, 0x00, 0x00, 0x2d, 0x00, 0x64, 0x40, 0x00, 0x40, 0x06, 0x26, 0x65, 0x0a, 0x00, 0x00,
    0x01, 0x0a, 0x00, 0x00, 0x02, 0xc0, 0x00, 0x22, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
    0xde, 0xf0, 0x50, 0x18, 0xfa, 0xf0, 0x97, 0xef, 0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c, 0x6f,
};

static const uint8_t data_v6[] = {
    0x60, 0x00, 0x00, 0x00, 0x00, 0x19, 0x06, 0x40, 0xfd, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xfd, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x02, 0xc0, 0x00, 0x22, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
    0x50, 0x18, 0xfa, 0xf0, 0xb1, 0xed, 0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c, 0x6f,
};

static const struct {
    const char *text;
    unsigned version;
    const uint8_t *octets;
    size_t length;
} wholes[] = {
    {"> SYN seq=0x12345678 mss=1460 sackok ts=1,0 nop wscale=10\n", 4, syn_v4, sizeof syn_v4},
    {"> SYN seq=0x12345678 mss=1460 sackok ts=1,0 nop wscale=10\n", 6, syn_v6, sizeof syn_v6},
    {"> PSH,ACK seq=0x12345678 ack=0x9abcdef0 \"hello\"\n", 4, data_v4, sizeof data_v4},
    {"> PSH,ACK seq=0x12345678 ack=0x9abcdef0 \"hello\"\n", 6, data_v6, sizeof data_v6},
    {"> PSH,ACK seq=0x12345678 ack=0x9abcdef0 hex:68656c \"lo\"\n", 4, data_v4, sizeof data_v4},
};

enum { WHOLES = sizeof(wholes) / sizeof(wholes[0]) };

START_TEST(test_player_send_whole_datagram_is_as_written_by_hand)
{
    struct stage *stage = sent(wholes[_i].version, wholes[_i].text);
    ck_assert_uint_eq(stage->heard_count, 1);
    ck_assert_mem_eq(heard(stage, 1, wholes[_i].length), wholes[_i].octets, wholes[_i].length);
    strike(stage);
}
END_TEST

/* --- each field ---------------------------------------------------------------------------------
 */

/* Where each field lies: `bits` of them, from bit `bit` (counted from the left) of `octet` on. */
static const struct place {
    const char *text;
    unsigned version;
    unsigned octet;
    unsigned bit;
    unsigned bits;
    uint32_t value;
} places[] = {
    {"source=10.9.8.7", 4, 12, 0, 32, 0x0a090807},
    {"destination=10.9.8.7", 4, 16, 0, 32, 0x0a090807},
    {"ttl=7", 4, 8, 0, 8, 7},
    {"tos=0xb9", 4, 1, 0, 8, 0xb9},
    {"ip.version=5", 4, 0, 0, 4, 5},
    {"ip.ihl=15", 4, 0, 4, 4, 15},
    {"ip.length=0xfffe", 4, 2, 0, 16, 0xfffe},
    {"ip.id=0xabcd", 4, 4, 0, 16, 0xabcd},
    {"ip.rf=1", 4, 6, 0, 1, 1},
    {"ip.df=0", 4, 6, 1, 1, 0},
    {"ip.mf=1", 4, 6, 2, 1, 1},
    {"ip.offset=0x1ffe", 4, 6, 3, 13, 0x1ffe},
    {"ip.protocol=17", 4, 9, 0, 8, 17},
    {"ip.checksum=0xbeef", 4, 10, 0, 16, 0xbeef},
    {"sport=1", 4, 20, 0, 16, 1},
    {"dport=65535", 4, 22, 0, 16, 65535},
    {"ack=0x89abcdef", 4, 28, 0, 32, 0x89abcdef},
    {"offset=15", 4, 32, 0, 4, 15},
    {"reserved=9", 4, 32, 4, 4, 9},
    {"window=0x8001", 4, 34, 0, 16, 0x8001},
    {"checksum=0xdead", 4, 36, 0, 16, 0xdead},
    {"urgent=0x1234", 4, 38, 0, 16, 0x1234},
    {"source=fd00::9", 6, 20, 0, 32, 9},
    {"destination=fd00::7", 6, 36, 0, 32, 7},
    {"hop=7", 6, 7, 0, 8, 7},
    {"class=0xb9", 6, 0, 4, 8, 0xb9},
    {"ip6.version=5", 6, 0, 0, 4, 5},
    {"ip6.flow=0xfedcb", 6, 0, 12, 20, 0xfedcb},
    {"ip6.length=0xfffe", 6, 4, 0, 16, 0xfffe},
    {"ip6.next=17", 6, 6, 0, 8, 17},
    {"sport=1", 6, 40, 0, 16, 1},
    {"dport=65535", 6, 42, 0, 16, 65535},
    {"ack=0x89abcdef", 6, 48, 0, 32, 0x89abcdef},
    {"offset=15", 6, 52, 0, 4, 15},
    {"reserved=9", 6, 52, 4, 4, 9},
    {"window=0x8001", 6, 54, 0, 16, 0x8001},
    {"checksum=0xdead", 6, 56, 0, 16, 0xdead},
    {"urgent=0x1234", 6, 58, 0, 16, 0x1234},
};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

static bool bit_of(const uint8_t *octets, unsigned bit)
{
    return octets[bit / 8] >> (7 - bit % 8) & 1;
}

static uint32_t bits_of(const uint8_t *octets, const struct place *place)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < place->bits; i++)
        value = value << 1 | (bit_of(octets, place->octet * 8 + place->bit + i) ? 1 : 0);
    return value;
}

/* RFC 1071: 0xffff where the checksum lies in what is added up. */
static uint16_t added_up(const uint8_t *octets, size_t length, uint32_t sum)
{
    for (size_t i = 0; i < length; i++)
        sum += (uint32_t)octets[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static bool ip_sum_is_right(const uint8_t *octets)
{
    return added_up(octets, 20, 0) == 0xffff;
}

/* Protocol and length as they truly are. */
static bool tcp_sum_is_right(unsigned version, const uint8_t *octets, size_t length)
{
    size_t header = version == 4 ? 20 : 40, addresses = version == 4 ? 8 : 32;
    uint32_t pseudo = added_up(octets + header - addresses, addresses, 0);
    pseudo += 6 + (uint32_t)(length - header);
    return added_up(octets + header, length - header, pseudo) == 0xffff;
}

/* Nothing but the field, and the two checksums, is another than in `usual`. */
static void expect_only_changed(const struct place *place, const uint8_t *octets,
                                const uint8_t *usual, size_t length)
{
    unsigned first = place->octet * 8 + place->bit;
    unsigned tcp = place->version == 4 ? 20 : 40;
    for (unsigned bit = 0; bit < length * 8; bit++) {
        bool ip_sum = place->version == 4 && bit >= 80 && bit < 96;
        bool tcp_sum = bit >= (tcp + 16) * 8 && bit < (tcp + 18) * 8;
        if (!ip_sum && !tcp_sum && (bit < first || bit >= first + place->bits))
            ck_assert_msg(bit_of(octets, bit) == bit_of(usual, bit), "%s: bit %u of octet %u",
                          place->text, bit % 8, bit / 8);
    }
}

START_TEST(test_player_send_field_leaves_as_given_and_nothing_else_changes)
{
    char text[128];
    const struct place *place = &places[_i];
    size_t length = place->version == 4 ? 45 : 65;
    snprintf(text, sizeof(text), "> PSH,ACK seq=0x12345678 \"hello\" %s\n", place->text);
    struct stage *stage = sent(place->version, text);
    struct stage *usual = sent(place->version, "> PSH,ACK seq=0x12345678 \"hello\"\n");
    const uint8_t *octets = heard(stage, 1, length);
    ck_assert_uint_eq(bits_of(octets, place), place->value);
    expect_only_changed(place, octets, heard(usual, 1, length), length);
    if (place->version == 4 && !strstr(place->text, "ip.checksum"))
        ck_assert(ip_sum_is_right(octets));
    if (strncmp(place->text, "checksum", 8) != 0)
        ck_assert(tcp_sum_is_right(place->version, octets, length));
    strike(usual);
    strike(stage);
}
END_TEST

/* Several of those that are worked out unless they are given, in one order and in the other. */
START_TEST(test_player_send_fields_that_lie_leave_together)
{
    static const char *const lies_v4[] = {"ip.version=5",  "ip.ihl=6",      "ip.length=7",
                                          "ip.protocol=8", "ip.checksum=9", "offset=10",
                                          "checksum=11"};
    static const char *const lies_v6[] = {"ip6.version=5", "ip6.length=7", "ip6.next=8",
                                          "offset=10", "checksum=11"};
    static const uint8_t v4[] = {0x56, 0, 0, 7, 0, 100, 0x40, 0, 64, 8, 0, 9};
    static const uint8_t v6[] = {0x50, 0, 0, 0, 0, 7, 8, 64};
    bool is_v4 = _i < 2;
    const char *const *lies = is_v4 ? lies_v4 : lies_v6;
    size_t count = is_v4 ? 7 : 5, tcp = is_v4 ? 20 : 40;
    char text[256] = "> ACK seq=1";
    for (size_t i = 0; i < count; i++)
        strcat(strcat(text, " "), lies[_i % 2 ? i : count - 1 - i]);
    struct stage *stage = sent(is_v4 ? 4 : 6, strcat(text, "\n"));
    const uint8_t *octets = heard(stage, 1, tcp + 20);
    ck_assert_mem_eq(octets, is_v4 ? v4 : v6, is_v4 ? sizeof v4 : sizeof v6);
    ck_assert_uint_eq(octets[tcp + 12], 0xa0);
    ck_assert_uint_eq(ss_bytes_get16(octets + tcp + 16), 11);
    strike(stage);
}
END_TEST

START_TEST(test_player_send_flags_leave_as_given)
{
    static const struct {
        const char *text;
        uint8_t flags;
    } flags[] = {
        {"none", 0},
        {"FIN", 0x01},
        {"SYN", 0x02},
        {"RST", 0x04},
        {"PSH", 0x08},
        {"ACK", 0x10},
        {"URG", 0x20},
        {"ECE", 0x40},
        {"CWR", 0x80},
        {"SYN,FIN", 0x03},
        {"SYN,ACK", 0x12},
        {"RST,ACK", 0x14},
        {"FIN,SYN,RST,PSH,ACK,URG,ECE,CWR", 0xff},
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "> %s seq=0x12345678\n", flags[i].text);
        struct stage *stage = sent(4, text);
        ck_assert_uint_eq(heard(stage, 1, 40)[33], flags[i].flags);
        strike(stage);
    }
}
END_TEST

/* --- harm to checksums --------------------------------------------------------------------------
 */

START_TEST(test_player_send_corrupt_turns_one_bit_of_the_checksum)
{
    unsigned version = _i ? 6 : 4;
    size_t length = version == 4 ? 45 : 65, at = version == 4 ? 36 : 56;
    uint8_t octets[65];
    memcpy(octets, version == 4 ? data_v4 : data_v6, length);
    octets[at] ^= 0x01;
    struct stage *stage = sent(version, "> PSH,ACK seq=0x12345678 ack=0x9abcdef0 \"hello\" "
                                        "corrupt=tcp.checksum\n");
    ck_assert_mem_eq(heard(stage, 1, length), octets, length);
    ck_assert(!tcp_sum_is_right(version, octets, length));
    strike(stage);
}
END_TEST

START_TEST(test_player_send_corrupt_ip_checksum_leaves_tcp_as_it_is)
{
    uint8_t octets[45];
    memcpy(octets, data_v4, 45);
    octets[10] ^= 0x01;
    struct stage *stage = sent(4, "> PSH,ACK seq=0x12345678 ack=0x9abcdef0 \"hello\" "
                                  "corrupt=ip.checksum\n");
    ck_assert_mem_eq(heard(stage, 1, 45), octets, 45);
    strike(stage);
    octets[36] ^= 0x01;
    stage = sent(4, "> PSH,ACK seq=0x12345678 ack=0x9abcdef0 \"hello\" "
                    "corrupt=ip.checksum corrupt=tcp.checksum\n");
    ck_assert_mem_eq(heard(stage, 1, 45), octets, 45);
    strike(stage);
}
END_TEST

START_TEST(test_player_send_given_checksum_is_corrupted_too)
{
    struct stage *stage = sent(4, "> SYN seq=1 checksum=0xbeef corrupt=tcp.checksum\n");
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 1, 40) + 36), 0xbfef);
    strike(stage);
}
END_TEST

/* --- payload ------------------------------------------------------------------------------------
 */

START_TEST(test_player_send_size_is_letters_in_order)
{
    struct stage *stage = sent(4, "> PSH seq=1 size 30\n> ACK seq=1 size 0\n> ACK size 1\n");
    ck_assert_mem_eq(heard(stage, 1, 70) + 40, "abcdefghijklmnopqrstuvwxyzabcd", 30);
    ck_assert_uint_eq(stage->heard[1].length, 40);
    ck_assert_uint_eq(heard(stage, 3, 41)[40], 'a');
    strike(stage);
}
END_TEST

START_TEST(test_player_send_largest_datagram_goes_and_a_larger_one_does_not)
{
    struct stage *stage = sent(4, "> ACK seq=1 size 65495\n");
    ck_assert_uint_eq(stage->heard[0].length, 65535);
    strike(stage);
    stage = set_stage(4, 0, "let J\n> ACK seq=J size 65495 nop\n");
    expect_played(stage, SS_USAGE, "");
    ck_assert_str_eq(stage->problem.text,
                     "test.step:2: this segment does not fit a datagram: at most 65,535 octets in "
                     "all, 40 of them TCP options");
    ck_assert_uint_eq(stage->heard_count, 0);
    strike(stage);
}
END_TEST

/* --- the IP id ----------------------------------------------------------------------------------
 */

static void expect_id(const struct stage *stage, size_t n, uint16_t id)
{
    ck_assert_uint_eq(ss_bytes_get16(stage->heard[n - 1].octets + 4), id);
}

START_TEST(test_player_send_ip_id_counts_and_passes_over_0)
{
    struct stage *stage = set_stage(4, 0,
                                    "> SYN seq=1\n> SYN seq=1 ip.id=9\n> SYN seq=1\n> SYN seq=1\n"
                                    "> SYN seq=1 ip.protocol=17\n> SYN seq=1\nwait 1ms\n");
    stage->options.first_ip_id = 65533;
    ck_assert_int_eq(play(stage), SS_OK);
    expect_id(stage, 1, 65533);
    expect_id(stage, 2, 9);
    expect_id(stage, 3, 65535);
    expect_id(stage, 4, 1);
    expect_id(stage, 5, 2);
    expect_id(stage, 6, 3);
    strike(stage);
}
END_TEST

START_TEST(test_player_send_first_ip_id_of_0_is_1)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\nwait 1ms\n");
    stage->options.first_ip_id = 0;
    ck_assert_int_eq(play(stage), SS_OK);
    expect_id(stage, 1, 1);
    strike(stage);
}
END_TEST

static Suite *player_send_suite(void)
{
    Suite *suite = suite_create("player_send");
    TCase *octets = tcase_create("octets");
    tcase_add_loop_test(octets, test_player_send_whole_datagram_is_as_written_by_hand, 0, WHOLES);
    tcase_add_loop_test(octets, test_player_send_field_leaves_as_given_and_nothing_else_changes, 0,
                        PLACES);
    tcase_add_loop_test(octets, test_player_send_fields_that_lie_leave_together, 0, 4);
    tcase_add_test(octets, test_player_send_flags_leave_as_given);
    tcase_add_loop_test(octets, test_player_send_corrupt_turns_one_bit_of_the_checksum, 0, 2);
    tcase_add_test(octets, test_player_send_corrupt_ip_checksum_leaves_tcp_as_it_is);
    tcase_add_test(octets, test_player_send_given_checksum_is_corrupted_too);
    tcase_add_test(octets, test_player_send_size_is_letters_in_order);
    tcase_add_test(octets, test_player_send_largest_datagram_goes_and_a_larger_one_does_not);
    tcase_add_test(octets, test_player_send_ip_id_counts_and_passes_over_0);
    tcase_add_test(octets, test_player_send_first_ip_id_of_0_is_1);
    suite_add_tcase(suite, octets);
    return suite;
}

int main(void)
{
    return check_main(player_send_suite());
}
