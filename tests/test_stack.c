/*
 * test_stack: what is not set is computed, what is set goes out verbatim.
 *
 * Expected octets are Linux's own frames and datagrams that tcpdump and tshark find right.
 */
#include "check_main.h"
#include "frames.h"
#include "stack_frames.h"
#include "stack_support.h"

static const uint8_t v6_1[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t v6_2[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};
static const uint8_t v6_3[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 3};
static const uint8_t v6_4[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 4};

static struct ss_layer *lay_ip(struct ss_stack *stack, const uint8_t *source,
                               const uint8_t *destination)
{
    struct ss_layer *ip = lay(stack, SS_LAYER_IP);
    put_octets(ip, "src", source);
    put_octets(ip, "dst", destination);
    return ip;
}

static struct ss_layer *lay_ip6(struct ss_stack *stack, const uint8_t *source,
                                const uint8_t *destination)
{
    struct ss_layer *ip = lay(stack, SS_LAYER_IP6);
    put_octets(ip, "src", source);
    put_octets(ip, "dst", destination);
    return ip;
}

static struct ss_layer *lay_udp(struct ss_stack *stack, const char *text)
{
    struct ss_layer *udp = lay(stack, SS_LAYER_UDP);
    put(udp, "sport", 1000);
    put(udp, "dport", 2000);
    lay_text(stack, text);
    return udp;
}

static struct ss_layer *lay_tcp(struct ss_stack *stack)
{
    struct ss_layer *tcp = lay(stack, SS_LAYER_TCP);
    put(tcp, "sport", 1000);
    put(tcp, "dport", 2000);
    put(tcp, "seq", 1);
    put(tcp, "syn", 1);
    return tcp;
}

static void expect_built(struct ss_stack *stack, const uint8_t *expected, size_t size)
{
    uint8_t octets[200];
    size_t length = build(stack, octets, sizeof octets);
    ck_assert_uint_eq(length, size);
    ck_assert_mem_eq(octets, expected, size);
}

/* --- computed -----------------------------------------------------------------------------------
 */

static const uint8_t card_1[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t card_2[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t ten_1[4] = {10, 0, 0, 1};
static const uint8_t ten_2[4] = {10, 0, 0, 2};

START_TEST(test_stack_linux_syn_is_built_from_its_values)
{
    struct ss_stack stack = {.count = 0};
    struct ss_layer *ether = lay(&stack, SS_LAYER_ETHER);
    put_octets(ether, "dst", card_2);
    put_octets(ether, "src", card_1);
    put(lay_ip(&stack, ten_1, ten_2), "id", 24415);
    struct ss_layer *tcp = lay(&stack, SS_LAYER_TCP);
    put(tcp, "sport", 40001);
    put(tcp, "dport", 8888);
    put(tcp, "seq", 862299153);
    put(tcp, "syn", 1);
    carry(tcp, frame_v4_syn + 54, 20);
    expect_built(&stack, frame_v4_syn, sizeof frame_v4_syn);
}
END_TEST

START_TEST(test_stack_linux_segment_over_ipv6_is_built_from_its_values)
{
    struct ss_stack stack = {.count = 0};
    struct ss_layer *ether = lay(&stack, SS_LAYER_ETHER);
    put_octets(ether, "dst", frame_v6_data);
    put_octets(ether, "src", frame_v6_data + 6);
    put(lay_ip6(&stack, frame_v6_data + 22, frame_v6_data + 38), "flow", 0x62d47);
    struct ss_layer *tcp = lay(&stack, SS_LAYER_TCP);
    put(tcp, "sport", 40002);
    put(tcp, "dport", 8888);
    put(tcp, "seq", 1100612389);
    put(tcp, "ack", 1241304625);
    put(tcp, "psh", 1);
    put(tcp, "ackflag", 1);
    put(tcp, "window", 64);
    carry(tcp, frame_v6_data + 74, 12);
    carry(lay(&stack, SS_LAYER_RAW), frame_v6_data + 86, 5);
    expect_built(&stack, frame_v6_data, sizeof frame_v6_data);
}
END_TEST

START_TEST(test_stack_extension_headers_are_chained_and_padded)
{
    static const uint8_t alert[] = {5, 2, 0, 0};
    struct ss_stack stack = {.count = 0};
    lay_ip6(&stack, v6_1, v6_2);
    carry(lay(&stack, SS_LAYER_HOP), alert, sizeof alert);
    put(lay(&stack, SS_LAYER_FRAG), "id", 0xdeadbeef);
    lay(&stack, SS_LAYER_DEST);
    lay_udp(&stack, "hi");
    expect_built(&stack, datagram_chain, sizeof datagram_chain);
}
END_TEST

/* RFC 8200 section 8.1: the sum is over the destination that the routing header leads to. */
START_TEST(test_stack_routing_header_decides_the_pseudo_header)
{
    uint8_t one[20] = {0}, two[36] = {1};
    memcpy(one + 4, v6_3, 16);
    memcpy(two + 4, v6_4, 16);
    memcpy(two + 20, v6_3, 16);
    const struct {
        const uint8_t *destination, *rest, *expected;
        size_t length, size;
        uint32_t type, left;
    } rows[] = {
        {v6_2, one, datagram_mobile, sizeof one, sizeof datagram_mobile, 2, 1},
        {v6_3, two, datagram_segments, sizeof two, sizeof datagram_segments, 4, 1},
        {v6_4, two, datagram_arrived, sizeof two, sizeof datagram_arrived, 4, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ss_stack stack = {.count = 0};
        lay_ip6(&stack, v6_1, rows[i].destination);
        struct ss_layer *route = lay(&stack, SS_LAYER_ROUTE);
        put(route, "type", rows[i].type);
        put(route, "left", rows[i].left);
        carry(route, rows[i].rest, rows[i].length);
        lay_udp(&stack, "hi");
        expect_built(&stack, rows[i].expected, rows[i].size);
    }
}
END_TEST

/* A type whose addresses are compressed (RFC 6554) says nothing that can be read here. */
START_TEST(test_stack_unknown_routing_type_leaves_the_destination)
{
    uint8_t rest[20] = {0}, octets[100];
    memcpy(rest + 4, v6_3, 16);
    struct ss_stack stack = {.count = 0};
    lay_ip6(&stack, v6_1, v6_2);
    struct ss_layer *route = lay(&stack, SS_LAYER_ROUTE);
    put(route, "type", 3);
    put(route, "left", 1);
    carry(route, rest, sizeof rest);
    lay_udp(&stack, "hi");
    build(&stack, octets, sizeof octets);
    /* As in `chain`, whose destination is the same. */
    ck_assert_mem_eq(octets + 64, datagram_chain + sizeof datagram_chain - 10, 10);
}
END_TEST

START_TEST(test_stack_tunnels_are_built_from_the_inside)
{
    static const uint8_t outer_1[4] = {192, 0, 2, 1}, outer_2[4] = {198, 51, 100, 2};
    static const uint8_t inner_1[4] = {10, 1, 0, 1}, inner_2[4] = {10, 1, 0, 2};
    struct ss_stack four = {.count = 0}, six = {.count = 0};
    lay_ip(&four, outer_1, outer_2);
    lay_ip(&four, inner_1, inner_2);
    lay_tcp(&four);
    expect_built(&four, datagram_tunnel, sizeof datagram_tunnel);
    lay_ip(&six, outer_1, outer_2);
    lay_ip6(&six, v6_1, v6_2);
    lay_tcp(&six);
    expect_built(&six, datagram_six_in_four, sizeof datagram_six_in_four);
}
END_TEST

START_TEST(test_stack_icmp_error_quotes_a_whole_datagram)
{
    struct ss_stack stack = {.count = 0};
    lay_ip(&stack, ten_2, ten_1);
    struct ss_layer *icmp = lay(&stack, SS_LAYER_ICMP);
    put(icmp, "type", 3);
    put(icmp, "code", 3);
    lay_ip(&stack, ten_1, ten_2);
    lay_udp(&stack, "hi");
    expect_built(&stack, datagram_port, sizeof datagram_port);
}
END_TEST

START_TEST(test_stack_udp_sum_of_zero_goes_as_all_ones)
{
    struct ss_stack stack = {.count = 0};
    lay_ip(&stack, ten_1, ten_2);
    lay_udp(&stack, "");
    carry(&stack.layers[2], datagram_zero + 28, 2);
    expect_built(&stack, datagram_zero, sizeof datagram_zero);
    ck_assert_uint_eq(got(&stack.layers[1], "checksum"), 0xffff);
}
END_TEST

/* What nothing carries has no pseudo-header: its sum is over itself. RFC 1071 section 3 has the
 * octets 00 01 f2 03 f4 f5 f6 f7 add up to ddf2. */
START_TEST(test_stack_rfc_1071_example_is_summed)
{
    static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    uint8_t octets[20];
    struct ss_stack stack = {.count = 0};
    put(lay(&stack, SS_LAYER_ICMP), "type", 0);
    carry(lay(&stack, SS_LAYER_RAW), example, sizeof example);
    build(&stack, octets, sizeof octets);
    ck_assert_uint_eq(got(&stack.layers[0], "checksum"), 0xffff & ~0xddf2);
}
END_TEST

/* --- verbatim -----------------------------------------------------------------------------------
 */

/* Every field of a frame of every layer set at random: all go out as they are. */
START_TEST(test_stack_set_fields_go_out_verbatim)
{
    for (int kind = 0; kind < SS_LAYER_KINDS; kind++) {
        size_t fields = ss_layer_table((enum ss_layer_kind)kind)->field_count;
        for (size_t i = 0; i < fields; i++) {
            struct ss_stack stack = {.count = 0};
            uint8_t octets[100], value[16], expected[16] = {0};
            for (size_t j = 0; j < sizeof value; j++)
                value[j] = (uint8_t)(0xa5 + 37 * j);
            lay_ip(&stack, ten_1, ten_2);
            struct ss_layer *layer = lay(&stack, (enum ss_layer_kind)kind);
            const struct ss_layer_field *field = &ss_layer_table(layer->kind)->fields[i];
            bool whole = field->bit % 8 == 0 && field->bits % 8 == 0;
            if (whole)
                ss_layer_put_octets(layer, i, value);
            else
                ss_layer_put(layer, i, 0x5a5a5a5a);
            uint32_t number = whole ? 0 : ss_layer_get(layer, i);
            lay_text(&stack, "after");
            build(&stack, octets, sizeof octets);
            memcpy(layer->fixed, octets + 20, ss_layer_table(layer->kind)->fixed_bytes);
            if (whole)
                ss_layer_get_octets(layer, i, expected);
            ck_assert(!whole || memcmp(expected, value, field->bits / 8) == 0);
            ck_assert(whole || ss_layer_get(layer, i) == number);
        }
    }
}
END_TEST

/* A header whose length was set is not padded: it may be as wrong as is wanted. */
START_TEST(test_stack_set_header_length_is_not_made_true)
{
    static const uint8_t nop[] = {1};
    uint8_t octets[60];
    struct ss_stack stack = {.count = 0};
    lay_ip(&stack, ten_1, ten_2);
    struct ss_layer *tcp = lay_tcp(&stack);
    carry(tcp, nop, 1);
    put(tcp, "offset", 3);
    ck_assert_uint_eq(build(&stack, octets, sizeof octets), 41);
    ck_assert_uint_eq(octets[32] >> 4, 3);
    stack.layers[1] = ss_layer_new(SS_LAYER_TCP);
    carry(tcp, nop, 1);
    ck_assert_uint_eq(build(&stack, octets, sizeof octets), 44);
    ck_assert_uint_eq(octets[32] >> 4, 6);
    ck_assert_uint_eq(octets[40] << 8 | octets[41], 0x0100);
}
END_TEST

/* --- what cannot be -----------------------------------------------------------------------------
 */

static void expect_refused(struct ss_stack *stack, size_t size, enum ss_status status,
                           const char *words)
{
    static uint8_t octets[SS_FRAME_BYTES_MAX];
    struct ss_problem problem = {.text = ""};
    size_t length = 4711;
    ck_assert_int_eq(ss_stack_build(stack, octets, size, &length, &problem), status);
    ck_assert_uint_eq(length, 4711);
    ck_assert_msg(strstr(problem.text, words) != NULL, "%s", problem.text);
}

START_TEST(test_stack_what_cannot_be_is_refused_by_its_layer)
{
    static uint8_t much[SS_FRAME_BYTES_MAX], frame[SS_FRAME_BYTES_MAX];
    struct ss_stack stack = {.count = 0};
    struct ss_layer *ip = lay_ip(&stack, ten_1, ten_2);
    carry(lay(&stack, SS_LAYER_RAW), much, 65516);
    expect_refused(&stack, sizeof much, SS_USAGE, "ip: a length of 65536 does not fit its 16 bits");
    expect_refused(&stack, 20, SS_NO_SPACE, "the frame exceeds 20 octets at its layer raw");
    put(ip, "length", 7);
    ck_assert_uint_eq(build(&stack, frame, sizeof frame), 65536);
    carry(ip, much, 41);
    expect_refused(&stack, sizeof much, SS_USAGE, "ip: options of 41 octets exceed the 40");
    stack.layers[0] = ss_layer_new(SS_LAYER_DEST);
    carry(&stack.layers[0], much, 2047);
    expect_refused(&stack, sizeof much, SS_USAGE, "dest: options of 2047 octets exceed the 2046");
}
END_TEST

static Suite *stack_suite(void)
{
    Suite *suite = suite_create("stack");
    TCase *computed = tcase_create("computed");
    tcase_add_test(computed, test_stack_linux_syn_is_built_from_its_values);
    tcase_add_test(computed, test_stack_linux_segment_over_ipv6_is_built_from_its_values);
    tcase_add_test(computed, test_stack_extension_headers_are_chained_and_padded);
    tcase_add_test(computed, test_stack_routing_header_decides_the_pseudo_header);
    tcase_add_test(computed, test_stack_unknown_routing_type_leaves_the_destination);
    tcase_add_test(computed, test_stack_tunnels_are_built_from_the_inside);
    tcase_add_test(computed, test_stack_icmp_error_quotes_a_whole_datagram);
    tcase_add_test(computed, test_stack_udp_sum_of_zero_goes_as_all_ones);
    tcase_add_test(computed, test_stack_rfc_1071_example_is_summed);
    suite_add_tcase(suite, computed);
    TCase *verbatim = tcase_create("verbatim");
    tcase_add_test(verbatim, test_stack_set_fields_go_out_verbatim);
    tcase_add_test(verbatim, test_stack_set_header_length_is_not_made_true);
    tcase_add_test(verbatim, test_stack_what_cannot_be_is_refused_by_its_layer);
    suite_add_tcase(suite, verbatim);
    return suite;
}

int main(void)
{
    return check_main(stack_suite());
}
