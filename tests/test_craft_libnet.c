/*
 * test_craft_libnet: crafted octets equal those of libnet's builders, which share no code with
 * ours.
 *
 * LIBNET_NONE opens no socket, so that no privilege is needed; libnet refuses its advanced
 * interface then, but puts the parts together all the same.
 */
#include <libnet.h>
#include <string.h>

#include "check_main.h"
#include "synstep/craft.h"
#include "synstep/tcp_option.h"

/* One segment to be built by both; `ack` and the rest as in the header. */
struct segment {
    const char *name;
    uint8_t flags;
    uint32_t seq;
    uint32_t ack;
    const char *payload;
    struct ss_tcp_options options;
};

#define EVERY_OPTION                                                                               \
    {                                                                                              \
        .has_mss = true, .mss = 1460, .sack_permitted = true, .has_timestamps = true,              \
        .timestamp_value = 0x01020304, .has_window_shift = true, .window_shift = 7                 \
    }

static const struct segment segments[] = {
    {.name = "SYN", .flags = SS_TCP_SYN, .seq = 0},
    {.name = "SYN at 2^31-1", .flags = SS_TCP_SYN, .seq = 0x7fffffff},
    {.name = "SYN at 2^31", .flags = SS_TCP_SYN, .seq = 0x80000000},
    {.name = "SYN at 2^32-1", .flags = SS_TCP_SYN, .seq = 0xffffffff},
    {.name = "SYN with every option",
     .flags = SS_TCP_SYN,
     .seq = 0xdeadbeef,
     .options = EVERY_OPTION},
    {.name = "SYN with MSS and window scale",
     .flags = SS_TCP_SYN,
     .options = {.has_mss = true, .mss = 536, .has_window_shift = true, .window_shift = 14}},
    {.name = "SYN,ACK",
     .flags = SS_TCP_SYN | SS_TCP_ACK,
     .seq = 0xffffffff,
     .ack = 1,
     .options = {.has_mss = true, .mss = 1460}},
    {.name = "data", .flags = SS_TCP_PSH | SS_TCP_ACK, .seq = 1, .ack = 2, .payload = "hello"},
    {.name = "even data", .flags = SS_TCP_PSH | SS_TCP_ACK, .seq = 1, .ack = 2, .payload = "hell"},
    {.name = "data with SACK",
     .flags = SS_TCP_ACK,
     .seq = 1,
     .ack = 2,
     .payload = "x",
     .options = {.has_timestamps = true,
                 .timestamp_value = 5,
                 .timestamp_echo = 6,
                 .sack_count = 1,
                 .sack = {{{0xffffffff}, {9}}}}},
    {.name = "FIN", .flags = SS_TCP_FIN | SS_TCP_ACK, .seq = 0xffffffff, .ack = 0xffffffff},
    {.name = "RST", .flags = SS_TCP_RST},
};

/* The flow label's two lower octets are alike: libnet 1.1.6 writes the lowest in both places. (Any
 * flow label is proved by test_craft and test_ipv6, with Linux's packets.) */
enum { SEGMENTS = sizeof segments / sizeof segments[0], WINDOW = 64240, FLOW_LABEL = 0x14545 };

static const uint8_t v4_near[4] = {192, 0, 2, 1};
static const uint8_t v4_far[4] = {198, 51, 100, 2};
static const uint8_t v6_near[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t v6_far[16] = {0x20, 0x01, 0x0d, 0xb8, [8] = 0xff, [15] = 2};

static size_t build_ours(const struct segment *segment, uint8_t version, uint8_t *octets,
                         size_t size)
{
    struct ss_socket_address source = {.port = 40000};
    struct ss_socket_address destination = {.port = 80};
    source.address = version == 4 ? ss_address_v4(v4_near) : ss_address_v6(v6_near);
    destination.address = version == 4 ? ss_address_v4(v4_far) : ss_address_v6(v6_far);
    struct ss_craft craft = ss_craft_between(&source, &destination);
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    craft.ipv4.id = 4711;
    craft.ipv6.flow_label = FLOW_LABEL;
    craft.tcp.seq = ss_seq_from(segment->seq);
    craft.tcp.ack = ss_seq_from(segment->ack);
    craft.tcp.flags = segment->flags;
    craft.tcp.window = WINDOW;
    craft.options = options;
    craft.options_length = ss_tcp_options_encode(&segment->options, options);
    craft.payload = (const uint8_t *)segment->payload;
    craft.payload_length = segment->payload ? strlen(segment->payload) : 0;
    size_t length = 0;
    ck_assert_int_eq(ss_craft_build(&craft, octets, size, &length), SS_OK);
    return length;
}

/* libnet wants the innermost first. */
static size_t give_libnet_tcp(libnet_t *libnet, const struct segment *segment)
{
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    size_t option_bytes = ss_tcp_options_encode(&segment->options, options);
    size_t payload_bytes = segment->payload ? strlen(segment->payload) : 0;
    if (option_bytes > 0)
        ck_assert_int_ne(libnet_build_tcp_options(options, (uint32_t)option_bytes, libnet, 0), -1);
    size_t length = LIBNET_TCP_H + option_bytes + payload_bytes;
    ck_assert_int_ne(libnet_build_tcp(40000, 80, segment->seq, segment->ack, segment->flags, WINDOW,
                                      0, 0, (uint16_t)length, (const uint8_t *)segment->payload,
                                      (uint32_t)payload_bytes, libnet, 0),
                     -1);
    return length;
}

static void give_libnet_ipv4(libnet_t *libnet, size_t tcp_bytes)
{
    uint32_t source; /* libnet takes IPv4 addresses as they lie in memory */
    uint32_t destination;
    memcpy(&source, v4_near, 4);
    memcpy(&destination, v4_far, 4);
    ck_assert_int_ne(libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + tcp_bytes), 0, 4711, IP_DF, 64,
                                       IPPROTO_TCP, 0, source, destination, NULL, 0, libnet, 0),
                     -1);
}

static void give_libnet_ipv6(libnet_t *libnet, size_t tcp_bytes)
{
    struct libnet_in6_addr source;
    struct libnet_in6_addr destination;
    memcpy(&source, v6_near, 16);
    memcpy(&destination, v6_far, 16);
    ck_assert_int_ne(libnet_build_ipv6(0, FLOW_LABEL, (uint16_t)tcp_bytes, IPPROTO_TCP, 64, source,
                                       destination, NULL, 0, libnet, 0),
                     -1);
}

static void check_equal(const struct segment *segment, uint8_t version)
{
    char problem[LIBNET_ERRBUF_SIZE];
    libnet_t *libnet = libnet_init(LIBNET_NONE, NULL, problem);
    ck_assert_msg(libnet != NULL, "libnet_init: %s", problem);
    size_t tcp_bytes = give_libnet_tcp(libnet, segment);
    if (version == 4)
        give_libnet_ipv4(libnet, tcp_bytes);
    else
        give_libnet_ipv6(libnet, tcp_bytes);
    uint8_t *theirs = NULL;
    uint32_t their_length = 0;
    ck_assert_msg(libnet_pblock_coalesce(libnet, &theirs, &their_length) == 1, "%s",
                  libnet_geterror(libnet));
    uint8_t ours[200];
    size_t length = build_ours(segment, version, ours, sizeof ours);
    ck_assert_uint_eq(length, their_length);
    ck_assert_msg(memcmp(ours, theirs, length) == 0, "%s over IPv%d", segment->name, version);
    free(theirs);
    libnet_destroy(libnet);
}

START_TEST(test_craft_libnet_builds_the_same_over_ipv4)
{
    check_equal(&segments[_i], 4);
}
END_TEST

START_TEST(test_craft_libnet_builds_the_same_over_ipv6)
{
    check_equal(&segments[_i], 6);
}
END_TEST

static Suite *craft_libnet_suite(void)
{
    Suite *suite = suite_create("craft_libnet");
    TCase *equal = tcase_create("equal");
    tcase_add_loop_test(equal, test_craft_libnet_builds_the_same_over_ipv4, 0, SEGMENTS);
    tcase_add_loop_test(equal, test_craft_libnet_builds_the_same_over_ipv6, 0, SEGMENTS);
    suite_add_tcase(suite, equal);
    return suite;
}

int main(void)
{
    return check_main(craft_libnet_suite());
}
