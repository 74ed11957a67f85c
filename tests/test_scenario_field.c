/* test_scenario_field: what a field of the language says in a packet. */
#include "check_main.h"

#include "synstep/packet.h"
#include "synstep/scenario.h"

/* RFC 791 and RFC 9293 section 3.1, each field with a value of its own. */
static const uint8_t ipv4_segment[] = {
    0x45, 0x12, 0x00, 0x28, 0x34, 0x56, 0xf2, 0x34, 0x40, 0x06, 0x9a, 0xbc, 10,   0,
    0,    1,    10,   0,    0,    2,    0x11, 0x22, 0x33, 0x44, 0xde, 0xad, 0xbe, 0xef,
    0xff, 0xff, 0xff, 0xfe, 0x5a, 0x12, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
};

/* RFC 8200 section 3. */
static const uint8_t ipv6_segment[] = {
    0x6a, 0xb1, 0x23, 0x45, 0x00, 0x14, 0x06, 0x07, 0xfd, 0,    0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    1,    0xfd, 0,    0,    0,    0,    0,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    2,    0x11, 0x22, 0x33, 0x44, 0,
    0,    0,    1,    0,    0,    0,    2,    0x50, 0x02, 0x00, 0x03, 0,    4,    0,    5,
};

struct expected {
    enum ss_field field;
    uint32_t value;
};

/* `count` fields say what is expected, all the others nothing. */
static void expect_fields(const struct ss_packet *packet, const struct expected *expected,
                          size_t count)
{
    for (int field = 0; field < SS_FIELDS; field++) {
        uint32_t value = 0xabcdabcd;
        size_t at = 0;
        while (at < count && (int)expected[at].field != field)
            at++;
        bool read = ss_field_read(packet, (enum ss_field)field, &value);
        ck_assert_msg(read == (at < count), "%s", ss_field_text((enum ss_field)field));
        ck_assert_msg(value == (read ? expected[at].value : 0xabcdabcd), "%s: %#x",
                      ss_field_text((enum ss_field)field), value);
    }
}

/* A fragment's transport header is not read, so its flags and offset are put right for TCP. */
START_TEST(test_scenario_field_reads_ipv4)
{
    static const struct expected expected[] = {
        {SS_FIELD_TTL, 0x40},         {SS_FIELD_TOS, 0x12},      {SS_FIELD_IP_VERSION, 4},
        {SS_FIELD_IP_IHL, 5},         {SS_FIELD_IP_LENGTH, 40},  {SS_FIELD_IP_ID, 0x3456},
        {SS_FIELD_IP_RF, 1},          {SS_FIELD_IP_DF, 1},       {SS_FIELD_IP_MF, 1},
        {SS_FIELD_IP_OFFSET, 0x1234}, {SS_FIELD_IP_PROTOCOL, 6}, {SS_FIELD_IP_CHECKSUM, 0x9abc},
    };
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, ipv4_segment, sizeof(ipv4_segment), &packet);
    expect_fields(&packet, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(test_scenario_field_reads_tcp)
{
    static const struct expected expected[] = {
        {SS_FIELD_TTL, 0x40},       {SS_FIELD_TOS, 0x12},        {SS_FIELD_IP_VERSION, 4},
        {SS_FIELD_IP_IHL, 5},       {SS_FIELD_IP_LENGTH, 40},    {SS_FIELD_IP_ID, 0x3456},
        {SS_FIELD_IP_RF, 0},        {SS_FIELD_IP_DF, 1},         {SS_FIELD_IP_MF, 0},
        {SS_FIELD_IP_OFFSET, 0},    {SS_FIELD_IP_PROTOCOL, 6},   {SS_FIELD_IP_CHECKSUM, 0x9abc},
        {SS_FIELD_SPORT, 0x1122},   {SS_FIELD_DPORT, 0x3344},    {SS_FIELD_SEQ, 0xdeadbeef},
        {SS_FIELD_ACK, 0xfffffffe}, {SS_FIELD_OFFSET, 5},        {SS_FIELD_RESERVED, 10},
        {SS_FIELD_WINDOW, 0x5566},  {SS_FIELD_CHECKSUM, 0x7788}, {SS_FIELD_URGENT, 0x99aa},
    };
    struct ss_packet packet;
    uint8_t whole[sizeof(ipv4_segment)];
    memcpy(whole, ipv4_segment, sizeof(whole));
    whole[6] = 0x40;
    whole[7] = 0;
    ss_packet_decode(SS_LINK_IP, whole, sizeof(whole), &packet);
    expect_fields(&packet, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(test_scenario_field_reads_ipv6)
{
    static const struct expected expected[] = {
        {SS_FIELD_TTL, 7},        {SS_FIELD_TOS, 0xab},         {SS_FIELD_IP6_VERSION, 6},
        {SS_FIELD_IP6_NEXT, 6},   {SS_FIELD_IP6_FLOW, 0x12345}, {SS_FIELD_IP6_LENGTH, 20},
        {SS_FIELD_SPORT, 0x1122}, {SS_FIELD_DPORT, 0x3344},     {SS_FIELD_SEQ, 1},
        {SS_FIELD_ACK, 2},        {SS_FIELD_OFFSET, 5},         {SS_FIELD_RESERVED, 0},
        {SS_FIELD_WINDOW, 3},     {SS_FIELD_CHECKSUM, 4},       {SS_FIELD_URGENT, 5},
    };
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, ipv6_segment, sizeof(ipv6_segment), &packet);
    expect_fields(&packet, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(test_scenario_field_of_what_is_no_packet_says_nothing)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, NULL, 0, &packet);
    expect_fields(&packet, NULL, 0);
}
END_TEST

static Suite *field_suite(void)
{
    Suite *suite = suite_create("scenario_field");
    TCase *reads = tcase_create("reads");
    tcase_add_test(reads, test_scenario_field_reads_ipv4);
    tcase_add_test(reads, test_scenario_field_reads_tcp);
    tcase_add_test(reads, test_scenario_field_reads_ipv6);
    tcase_add_test(reads, test_scenario_field_of_what_is_no_packet_says_nothing);
    suite_add_tcase(suite, reads);
    return suite;
}

int main(void)
{
    return check_main(field_suite());
}
