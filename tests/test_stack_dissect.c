/*
 * test_stack_dissect: frames are read layer by layer; whatever is cut off or claims too much is
 * named, and nothing outside is read.
 */
#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "random_stack.h"
#include "stack_frames.h"
#include "stack_support.h"

static struct ss_stack stack;
static struct ss_stack_faults faults;

static void dissect(enum ss_link link, const uint8_t *frame, size_t length)
{
    ss_stack_dissect(link, frame, length, &stack, &faults);
}

/* The layers' names, and " | " before those that are quoted. */
static void expect_layers(const char *expected)
{
    char names[200] = "";
    for (size_t i = 0; i < stack.count; i++) {
        const char *gap = i == 0 ? "" : i == stack.quoted ? " | " : " ";
        strcat(strcat(names, gap), ss_layer_table(stack.layers[i].kind)->name);
    }
    ck_assert_str_eq(names, expected);
}

static void expect_fault(const char *layer, const char *text)
{
    ck_assert_uint_ge(faults.count, 1);
    ck_assert_str_eq(ss_layer_table(faults.list[0].kind)->name, layer);
    ck_assert_str_eq(faults.list[0].text, text);
}

START_TEST(test_stack_dissect_reads_linux_frames)
{
    for (size_t i = 0; i < FRAMES; i++) {
        bool v6 = frames[i].name[1] == '6', error = strstr(frames[i].name, "unreachable");
        bool data = strstr(frames[i].name, "data") || strstr(frames[i].name, "offloaded");
        dissect(SS_LINK_ETHERNET, frames[i].octets, frames[i].length);
        ck_assert_uint_eq(faults.count, 0);
        if (error)
            expect_layers(v6 ? "ether ip6 icmp6 | ip6 tcp" : "ether ip icmp | ip tcp");
        else if (data)
            expect_layers(v6 ? "ether ip6 tcp raw" : "ether ip tcp raw");
        else
            expect_layers(v6 ? "ether ip6 tcp" : "ether ip tcp");
    }
}
END_TEST

START_TEST(test_stack_dissect_reads_several_headers)
{
    dissect(SS_LINK_IP, datagram_chain, sizeof datagram_chain);
    expect_layers("ip6 hop frag dest udp raw");
    ck_assert_uint_eq(got(&stack.layers[2], "id"), 0xdeadbeef);
    ck_assert_uint_eq(stack.offset[4], 64);
    dissect(SS_LINK_IP, datagram_segments, sizeof datagram_segments);
    expect_layers("ip6 route udp raw");
    ck_assert_uint_eq(stack.layers[1].rest_length, 36);
    dissect(SS_LINK_IP, datagram_tunnel, sizeof datagram_tunnel);
    expect_layers("ip ip tcp");
    dissect(SS_LINK_IP, datagram_six_in_four, sizeof datagram_six_in_four);
    expect_layers("ip ip6 tcp");
    dissect(SS_LINK_IP, datagram_port, sizeof datagram_port);
    expect_layers("ip icmp | ip udp raw");
    ck_assert_uint_eq(faults.count, 0);
}
END_TEST

START_TEST(test_stack_dissect_padding_is_a_layer_of_its_own)
{
    uint8_t frame[sizeof frame_v4_data + 3] = {0};
    memcpy(frame, frame_v4_data, sizeof frame_v4_data);
    dissect(SS_LINK_ETHERNET, frame, sizeof frame);
    expect_layers("ether ip tcp raw raw");
    ck_assert_uint_eq(stack.end, sizeof frame_v4_data);
    ck_assert_uint_eq(stack.layers[3].rest_length, 5);
    ck_assert_uint_eq(stack.layers[4].rest_length, 3);
    ck_assert_uint_eq(faults.count, 0);
}
END_TEST

/* RFC 791, RFC 8200 section 4.5: only the first fragment has the transport's header. */
START_TEST(test_stack_dissect_later_fragments_are_octets)
{
    uint8_t four[sizeof datagram_zero], six[sizeof datagram_chain];
    memcpy(four, datagram_zero, sizeof four);
    memcpy(six, datagram_chain, sizeof six);
    four[6] = 0x20;
    dissect(SS_LINK_IP, four, sizeof four);
    expect_layers("ip udp raw");
    four[7] = 1;
    dissect(SS_LINK_IP, four, sizeof four);
    expect_layers("ip raw");
    six[51] = 8;
    dissect(SS_LINK_IP, six, sizeof six);
    expect_layers("ip6 hop frag raw");
}
END_TEST

/* What it begins may be longer: the rest comes in other fragments. */
START_TEST(test_stack_dissect_first_fragment_may_begin_something_longer)
{
    uint8_t four[sizeof datagram_zero], six[sizeof datagram_chain];
    memcpy(four, datagram_zero, sizeof four);
    memcpy(six, datagram_chain, sizeof six);
    four[6] = 0x20;
    four[24] = 9;
    dissect(SS_LINK_IP, four, sizeof four);
    expect_layers("ip udp raw");
    ck_assert_uint_eq(faults.count, 0);
    six[51] = 1;
    six[68] = 9;
    dissect(SS_LINK_IP, six, sizeof six);
    expect_layers("ip6 hop frag dest udp raw");
    ck_assert_uint_eq(faults.count, 0);
}
END_TEST

/* --- what is wrong ------------------------------------------------------------------------------
 */

/* `frame` with one octet changed. */
static void expect_wrong(const uint8_t *frame, size_t length, size_t at, uint8_t octet,
                         const char *layer, const char *text)
{
    struct exact copy = exact_copy(frame, length);
    copy.octets[at] = octet;
    dissect(SS_LINK_IP, copy.octets, length);
    expect_fault(layer, text);
    exact_free(copy);
}

START_TEST(test_stack_dissect_names_each_wrong_length)
{
    static const char *const too_short = "its header length is shorter than a header can be";
    static const char *const past = "its header length points past the end";
    static const char *const more = "its length says more than is here";
    static const char *const less = "its length is shorter than its own header";
    const uint8_t *udp = datagram_zero, *chain = datagram_chain, *tcp = datagram_tunnel + 20;
    expect_wrong(udp, sizeof datagram_zero, 0, 0x55, "ip", "its version is not 4");
    expect_wrong(udp, sizeof datagram_zero, 0, 0x44, "ip", too_short);
    expect_wrong(udp, sizeof datagram_zero, 0, 0x4f, "ip", past);
    expect_wrong(udp, sizeof datagram_zero, 3, 31, "ip", more);
    expect_wrong(udp, sizeof datagram_zero, 3, 19, "ip", less);
    expect_wrong(udp, sizeof datagram_zero, 25, 11, "udp", more);
    expect_wrong(udp, sizeof datagram_zero, 25, 7, "udp", less);
    expect_wrong(tcp, 40, 32, 0x40, "tcp", too_short);
    expect_wrong(tcp, 40, 32, 0x60, "tcp", past);
    expect_wrong(chain, sizeof datagram_chain, 5, 35, "ip6", more);
    expect_wrong(chain, sizeof datagram_chain, 41, 9, "hop", past);
    expect_wrong(chain, sizeof datagram_chain, 57, 9, "dest", past);
}
END_TEST

START_TEST(test_stack_dissect_names_foreign_arp)
{
    uint8_t frame[42] = {[12] = 8, 6, 0, 1, 8, 0, 8, 4, 0, 1};
    dissect(SS_LINK_ETHERNET, frame, sizeof frame);
    expect_layers("ether arp");
    expect_fault("arp", "its addresses are not 6 and 4 octets long: they lie elsewhere");
}
END_TEST

/* Tunnels in tunnels: the rest is kept as octets, and that is told. */
START_TEST(test_stack_dissect_stops_at_its_last_layer)
{
    uint8_t frame[20 * 30] = {0};
    for (size_t i = 0; i < 30; i++) {
        frame[20 * i] = 0x45;
        frame[20 * i + 2] = (uint8_t)((sizeof frame - 20 * i) >> 8);
        frame[20 * i + 3] = (uint8_t)(sizeof frame - 20 * i);
        frame[20 * i + 9] = 4;
    }
    dissect(SS_LINK_IP, frame, sizeof frame);
    ck_assert_uint_le(stack.count, SS_STACK_LAYERS_MAX);
    expect_fault("ip", "more layers than are read here");
}
END_TEST

/* A quotation may be cut off (RFC 792: 64 bits of the original are enough), but not lie. */
START_TEST(test_stack_dissect_quotation_may_be_short)
{
    for (size_t length = 28 + 20; length < sizeof datagram_port; length++) {
        struct exact copy = exact_copy(datagram_port, length);
        copy.octets[3] = (uint8_t)length;
        dissect(SS_LINK_IP, copy.octets, length);
        ck_assert_msg(faults.count == 0, "%zu: %s", length, faults.list[0].text);
        exact_free(copy);
    }
    expect_wrong(datagram_port, sizeof datagram_port, 28, 0x44, "ip",
                 "its header length is shorter than a header can be");
}
END_TEST

START_TEST(test_stack_dissect_nothing_is_no_layer)
{
    dissect(SS_LINK_IP, NULL, 0);
    ck_assert_uint_eq(stack.count, 0);
    ck_assert_uint_eq(faults.count, 0);
    dissect(SS_LINK_ETHERNET, NULL, 0);
    ck_assert_uint_eq(stack.count, 0);
    expect_fault("ether", "it is cut off within its header");
    dissect(SS_LINK_IP, (const uint8_t *)"\x15garbage", 8);
    expect_layers("raw");
}
END_TEST

/* --- every truncated length ---------------------------------------------------------------------
 */

/* Whether a frame cut off before `length` still is whole: what follows it is only padding. */
static void expect_told(const char *name, enum ss_link link, const uint8_t *frame, size_t whole)
{
    for (size_t length = 0; length < whole; length++) {
        struct exact copy = exact_copy(frame, length);
        dissect(link, copy.octets, length);
        bool empty = length == 0 && link == SS_LINK_IP;
        ck_assert_msg(faults.count > 0 || empty, "%s at %zu octets", name, length);
        for (size_t i = 0; i < faults.count; i++)
            ck_assert_uint_le(faults.list[i].layer, stack.count);
        exact_free(copy);
    }
}

START_TEST(test_stack_dissect_every_truncated_length_is_told)
{
    for (size_t i = 0; i < FRAMES; i++) {
        expect_told(frames[i].name, SS_LINK_ETHERNET, frames[i].octets, frames[i].length);
        expect_told(frames[i].name, SS_LINK_IP, frames[i].octets + 14, frames[i].length - 14);
    }
}
END_TEST

/* Frames with each kind of layer in turn, cut off everywhere. */
START_TEST(test_stack_dissect_every_layer_is_told_at_every_truncated_length)
{
    static struct random_stack made;
    static uint8_t frame[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded((uint64_t)_i);
    for (int round = 0; round < (check_is_slow() ? 3 : 50); round++) {
        random_make(&made, (enum ss_layer_kind)_i);
        size_t length = build(&made.stack, frame, sizeof frame);
        expect_told(ss_layer_table((enum ss_layer_kind)_i)->name, SS_LINK_ETHERNET, frame, length);
    }
}
END_TEST

static Suite *stack_dissect_suite(void)
{
    Suite *suite = suite_create("stack_dissect");
    TCase *read = tcase_create("read");
    tcase_add_test(read, test_stack_dissect_reads_linux_frames);
    tcase_add_test(read, test_stack_dissect_reads_several_headers);
    tcase_add_test(read, test_stack_dissect_padding_is_a_layer_of_its_own);
    tcase_add_test(read, test_stack_dissect_later_fragments_are_octets);
    tcase_add_test(read, test_stack_dissect_first_fragment_may_begin_something_longer);
    suite_add_tcase(suite, read);
    TCase *wrong = tcase_create("wrong");
    tcase_add_test(wrong, test_stack_dissect_names_each_wrong_length);
    tcase_add_test(wrong, test_stack_dissect_names_foreign_arp);
    tcase_add_test(wrong, test_stack_dissect_stops_at_its_last_layer);
    tcase_add_test(wrong, test_stack_dissect_quotation_may_be_short);
    tcase_add_test(wrong, test_stack_dissect_nothing_is_no_layer);
    suite_add_tcase(suite, wrong);
    TCase *cut = tcase_create("cut off");
    tcase_add_test(cut, test_stack_dissect_every_truncated_length_is_told);
    tcase_add_loop_test(cut, test_stack_dissect_every_layer_is_told_at_every_truncated_length, 0,
                        SS_LAYER_KINDS);
    suite_add_tcase(suite, cut);
    return suite;
}

int main(void)
{
    return check_main(stack_dissect_suite());
}
