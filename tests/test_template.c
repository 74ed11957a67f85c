/*
 * test_template: after any changes, the octets of a template are those of a full build.
 *
 * That full builds are right is proved elsewhere: craft against libnet, checksums against a model.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/craft.h"
#include "synstep/random.h"
#include "synstep/stack.h"
#include "synstep/template.h"

enum { ROOM = 2048, ETHERNET = 14, ROUNDS = 3000 };

/* Through all values of a word; in between under valgrind, where a fault of memory would show. */
static uint32_t step(void)
{
    return check_is_slow() ? 257 : 1;
}

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
static const uint8_t noise[40] = "\xff\xfe\x01 some octets \xff\xff\xff\x80 of payload";

struct built {
    uint8_t octets[ROOM];
    size_t length;
};

static struct ss_address address_of(uint8_t version, uint32_t number)
{
    uint8_t octets[16] = {version == 6 ? 0xfd : 10, [12] = 0};
    ss_bytes_put32(octets + (version == 6 ? 12 : 0), number);
    return version == 6 ? ss_address_v6(octets) : ss_address_v4(octets);
}

static struct ss_craft craft_of(uint8_t version)
{
    struct ss_socket_address near = {address_of(version, 0x0a000001), 40000};
    struct ss_socket_address far = {address_of(version, 0x0a000002), 80};
    struct ss_craft craft = ss_craft_between(&near, &far);
    craft.tcp.flags = SS_TCP_SYN;
    craft.tcp.window = 64240;
    return craft;
}

static struct built build(const struct ss_craft *craft)
{
    struct built built;
    ck_assert_int_eq(ss_craft_build(craft, built.octets, ROOM, &built.length), SS_OK);
    return built;
}

static struct ss_template template_of(struct built *built)
{
    struct ss_template template;
    ck_assert_int_eq(ss_template_of(built->octets, built->length, 0, &template), SS_OK);
    return template;
}

static void check_same(struct ss_template *template, const struct built *expected)
{
    ss_template_finish(template);
    ck_assert_uint_eq(template->length, expected->length);
    ck_assert_mem_eq(template->octets, expected->octets, expected->length);
}

/* --- TCP, by craft -----------------------------------------------------------------------------
 */

static void check_kernels(const uint8_t *frame, size_t length)
{
    struct built built = {.length = length - ETHERNET};
    memcpy(built.octets, frame + ETHERNET, built.length);
    struct built before = built;
    struct ss_template template = template_of(&built);
    check_same(&template, &before);
}

START_TEST(test_template_of_a_kernels_segments_leaves_them_as_they_are)
{
    check_kernels(frame_v4_syn, sizeof frame_v4_syn);
    check_kernels(frame_v4_data, sizeof frame_v4_data);
    check_kernels(frame_v6_data, sizeof frame_v6_data);
}
END_TEST

/* As they come: what tcpdump found right in Linux's SYN is there again. */
START_TEST(test_template_puts_in_what_the_datagram_lacked)
{
    struct built built = {.length = sizeof frame_v4_syn - ETHERNET};
    memcpy(built.octets, frame_v4_syn + ETHERNET, built.length);
    memset(built.octets + 10, 0xab, 2);
    memset(built.octets + 36, 0xcd, 2);
    (void)template_of(&built);
    ck_assert_mem_eq(built.octets, frame_v4_syn + ETHERNET, built.length);
}
END_TEST

/* One field, by its number, in both. */
static void change(struct ss_craft *craft, struct ss_template *template, uint32_t field,
                   uint32_t value)
{
    struct ss_address address = address_of(craft->version, value);
    switch (field) {
    case 0:
        ss_template_put_source_port(template, craft->tcp.source_port = (uint16_t)value);
        break;
    case 1:
        ss_template_put_destination_port(template, craft->tcp.destination_port = (uint16_t)value);
        break;
    case 2:
        ss_template_put_seq(template, craft->tcp.seq = ss_seq_from(value));
        break;
    case 3:
        ss_template_put_ack(template, craft->tcp.ack = ss_seq_from(value));
        break;
    case 4:
        craft->ipv4.source = craft->ipv6.source = address;
        ss_template_put_source(template, &address);
        break;
    case 5:
        craft->ipv4.destination = craft->ipv6.destination = address;
        ss_template_put_destination(template, &address);
        break;
    default:
        craft->ipv4.id = (uint16_t)value;
        if (craft->version == 4)
            ss_template_put_id(template, (uint16_t)value);
    }
}

/* Up to seven changes at a time, values near the base half of the time. */
static void check_random_changes(struct ss_craft *craft, uint32_t base, struct ss_random *random)
{
    struct built built = build(craft);
    struct ss_template template = template_of(&built);
    for (int rounds = check_is_slow() ? ROUNDS / 20 : ROUNDS; rounds > 0; rounds--) {
        for (uint32_t left = ss_random_below(random, 8); left > 0; left--) {
            uint32_t value = ss_random_below(random, 2) == 0 ? base + ss_random_below(random, 9)
                                                             : ss_random_next32(random);
            change(craft, &template, ss_random_below(random, 7), value);
        }
        struct built expected = build(craft);
        check_same(&template, &expected);
    }
}

START_TEST(test_template_random_changes_equal_a_full_build)
{
    struct ss_random random = ss_random_seeded(4242);
    struct ss_craft craft = craft_of(_i % 2 == 0 ? 4 : 6);
    check_random_changes(&craft, bases[_i / 2], &random);
    craft.options = noise;
    craft.options_length = 7;
    craft.payload = noise;
    craft.payload_length = 33;
    check_random_changes(&craft, bases[_i / 2], &random);
}
END_TEST

static uint16_t word_at(const struct ss_template *template, size_t at)
{
    return ss_bytes_get16(template->octets + at);
}

/* Over all values of one word every sum comes by: 0 among the checksums, and all ones not. */
START_TEST(test_template_every_source_port_equals_a_full_build)
{
    size_t zeros = 0;
    struct ss_craft craft = craft_of(_i == 0 ? 4 : 6);
    struct built built = build(&craft);
    struct ss_template template = template_of(&built);
    for (uint32_t port = 0; port <= 0xffff; port += step()) {
        change(&craft, &template, 0, port);
        struct built expected = build(&craft);
        check_same(&template, &expected);
        zeros += word_at(&template, template.transport.at) == 0;
        ck_assert_uint_ne(word_at(&template, template.transport.at), 0xffff);
    }
    ck_assert(zeros > 0 || check_is_slow());
}
END_TEST

START_TEST(test_template_every_id_equals_a_full_build)
{
    size_t zeros = 0;
    struct ss_craft craft = craft_of(4);
    struct built built = build(&craft);
    struct ss_template template = template_of(&built);
    for (uint32_t id = 0; id <= 0xffff; id += step()) {
        change(&craft, &template, 6, id);
        struct built expected = build(&craft);
        check_same(&template, &expected);
        zeros += word_at(&template, 10) == 0;
    }
    ck_assert(zeros > 0 || check_is_slow());
}
END_TEST

START_TEST(test_template_largest_datagram_of_ones_loses_no_carry)
{
    static uint8_t octets[SS_TEMPLATE_BYTES_MAX], ones[65515];
    struct ss_template template;
    size_t length;
    memset(ones, 0xff, sizeof ones);
    struct ss_craft craft = craft_of(6);
    craft.payload = ones;
    craft.payload_length = sizeof ones;
    ck_assert_int_eq(ss_craft_build(&craft, octets, sizeof octets, &length), SS_OK);
    ck_assert_uint_eq(length, SS_TEMPLATE_BYTES_MAX);
    uint16_t expected = ss_bytes_get16(octets + 56);
    ck_assert_int_eq(ss_template_of(octets, length, 0, &template), SS_OK);
    ck_assert_uint_eq(ss_bytes_get16(octets + 56), expected);
}
END_TEST

/* --- other protocols, by stack -----------------------------------------------------------------
 */

static void put(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    ck_assert(ss_layer_field_from_name(layer->kind, name, &field));
    ss_layer_put(layer, field, value);
}

static struct built build_stack(struct ss_stack *stack)
{
    struct built built;
    struct ss_problem problem;
    ck_assert_msg(ss_stack_build(stack, built.octets, ROOM, &built.length, &problem) == SS_OK, "%s",
                  problem.text);
    return built;
}

static struct ss_stack stack_of(enum ss_layer_kind ip, enum ss_layer_kind transport)
{
    struct ss_stack stack = {.count = 2};
    stack.layers[0] = ss_layer_new(ip);
    stack.layers[1] = ss_layer_new(transport);
    return stack;
}

/* RFC 768 and RFC 8200 section 8.1: what comes out as 0 is sent as all ones. */
START_TEST(test_template_udp_every_source_port_is_never_without_checksum)
{
    size_t ones = 0;
    struct ss_stack stack = stack_of(_i == 0 ? SS_LAYER_IP : SS_LAYER_IP6, SS_LAYER_UDP);
    struct built built = build_stack(&stack);
    struct ss_template template = template_of(&built);
    for (uint32_t port = 0; port <= 0xffff; port += step()) {
        put(&stack.layers[1], "sport", port);
        ss_template_put_source_port(&template, (uint16_t)port);
        struct built expected = build_stack(&stack);
        check_same(&template, &expected);
        ones += word_at(&template, template.transport.at) == 0xffff;
    }
    ck_assert(ones > 0 || check_is_slow());
}
END_TEST

/* An echo reply of nothing but zeros has the checksum FFFF, one that adds up to FFFF has 0. */
START_TEST(test_template_icmp_of_zeros_is_not_one_of_ones)
{
    struct built built = {.octets = {0x45, [9] = 1}, .length = 28};
    struct ss_template template = template_of(&built);
    ck_assert_uint_eq(word_at(&template, 22), 0xffff);
    ss_template_put16(&template, 24, 0xffff);
    ss_template_finish(&template);
    ck_assert_uint_eq(word_at(&template, 22), 0);
    ss_template_put16(&template, 24, 0);
    ss_template_finish(&template);
    ck_assert_uint_eq(word_at(&template, 22), 0xffff);
}
END_TEST

static const enum ss_layer_kind carried[][2] = {
    {SS_LAYER_IP, SS_LAYER_TCP},    {SS_LAYER_IP, SS_LAYER_UDP},  {SS_LAYER_IP, SS_LAYER_ICMP},
    {SS_LAYER_IP, SS_LAYER_IGMP},   {SS_LAYER_IP6, SS_LAYER_TCP}, {SS_LAYER_IP6, SS_LAYER_UDP},
    {SS_LAYER_IP6, SS_LAYER_ICMP6},
};

/* Words that a template's user may not put: what says where things are, and kept checksums. */
static bool is_free(const struct ss_template *template, size_t at)
{
    bool structural = template->version == 4 ? at == 0 || at == 2 || at == 6 || at == 8 || at == 10
                                             : at == 0 || at == 4 || at == 6;
    bool udp_length = template->protocol == SS_IP_UDP && at == template->transport_offset + 4;
    return !structural && !udp_length && at != template->transport.at;
}

/* The same octets, read by a fresh template that puts its own sums in. */
static void check_anew(struct ss_template *template)
{
    struct built anew = {.length = template->length};
    ss_template_finish(template);
    memcpy(anew.octets, template->octets, anew.length);
    memset(anew.octets + template->transport.at, 0xee, 2);
    if (template->version == 4)
        memset(anew.octets + template->ip.at, 0xee, 2);
    (void)template_of(&anew);
    ck_assert_mem_eq(template->octets, anew.octets, anew.length);
}

START_TEST(test_template_every_free_word_may_be_put)
{
    struct ss_random random = ss_random_seeded(7);
    struct ss_stack stack = stack_of(carried[_i][0], carried[_i][1]);
    stack.layers[2] = ss_layer_new(SS_LAYER_RAW);
    stack.layers[2].rest = noise;
    stack.layers[2].rest_length = 18;
    stack.count = 3;
    if (carried[_i][0] == SS_LAYER_IP) {
        stack.layers[0].rest = (const uint8_t *)"\1\1\1"; /* options: no operation, end */
        stack.layers[0].rest_length = 4;
    }
    struct built built = build_stack(&stack), before = built;
    struct ss_template template = template_of(&built);
    check_same(&template, &before);
    for (size_t at = 0; at + 2 <= template.length; at += 2) {
        if (!is_free(&template, at))
            continue;
        ss_template_put16(&template, at, (uint16_t)ss_random_next32(&random));
        check_anew(&template);
        if (at + 4 > template.length || !is_free(&template, at + 2))
            continue;
        ss_template_put32(&template, at, ss_random_next32(&random));
        check_anew(&template);
    }
}
END_TEST

START_TEST(test_template_behind_extension_headers_equals_a_full_build)
{
    struct ss_stack stack = stack_of(SS_LAYER_IP6, SS_LAYER_HOP);
    stack.layers[2] = ss_layer_new(SS_LAYER_DEST);
    stack.layers[3] = ss_layer_new(SS_LAYER_TCP);
    stack.count = 4;
    struct built built = build_stack(&stack);
    struct ss_template template = template_of(&built);
    put(&stack.layers[3], "sport", 0xfffe);
    put(&stack.layers[3], "seq", 0xffffffff);
    ss_template_put_source_port(&template, 0xfffe);
    ss_template_put_seq(&template, ss_seq_from(0xffffffff));
    struct built expected = build_stack(&stack);
    check_same(&template, &expected);
}
END_TEST

/* --- verbatim, and what is refused -------------------------------------------------------------
 */

START_TEST(test_template_verbatim_checksums_stay)
{
    struct ss_template template;
    struct ss_craft craft = craft_of(4);
    struct built built = build(&craft);
    ss_bytes_put16(built.octets + 10, 0x1111);
    ss_bytes_put16(built.octets + 36, 0);
    uint32_t both = SS_TEMPLATE_IP_CHECKSUM | SS_TEMPLATE_TRANSPORT_CHECKSUM;
    ck_assert_int_eq(ss_template_of(built.octets, built.length, both, &template), SS_OK);
    ss_template_put_id(&template, 77);
    ss_template_put_source_port(&template, 77);
    ss_template_finish(&template);
    ck_assert_uint_eq(word_at(&template, 10), 0x1111);
    ck_assert_uint_eq(word_at(&template, 36), 0);
    ck_assert_uint_eq(word_at(&template, 20), 77);
}
END_TEST

static void check_refused(const struct built *built)
{
    struct exact copy = exact_copy(built->octets, built->length);
    struct ss_template template = {.length = 12345};
    ck_assert_int_eq(ss_template_of(copy.octets, built->length, 0, &template), SS_USAGE);
    ck_assert_uint_eq(template.length, 12345);
    ck_assert(memcmp(copy.octets, built->octets, built->length) == 0);
    exact_free(copy);
}

START_TEST(test_template_cut_anywhere_in_its_headers_is_refused)
{
    struct ss_stack stack = stack_of(carried[_i][0], carried[_i][1]);
    struct built built = build_stack(&stack);
    for (size_t whole = built.length; built.length-- > 0;) {
        ck_assert_uint_lt(built.length, whole);
        check_refused(&built);
    }
}
END_TEST

static void check_refused_with(uint8_t version, size_t at, uint8_t octet)
{
    struct ss_craft craft = craft_of(version);
    struct built built = build(&craft);
    built.octets[at] = octet;
    check_refused(&built);
}

START_TEST(test_template_of_what_it_does_not_know_is_refused)
{
    check_refused_with(4, 0, 0x55); /* version 5 */
    check_refused_with(4, 0, 0x44); /* a header of 16 octets */
    check_refused_with(4, 0, 0x4f); /* one that is longer than the datagram */
    check_refused_with(4, 6, 0x20); /* more fragments */
    check_refused_with(4, 7, 0x01); /* a later fragment */
    check_refused_with(4, 9, 47);   /* GRE */
    check_refused_with(6, 0, 0x40); /* version 4, header of nothing */
    check_refused_with(6, 6, 59);   /* no next header */
    check_refused_with(6, 6, 44);   /* a fragment header that leads nowhere */
    check_refused_with(6, 6, 43);   /* likewise a routing header */
}
END_TEST

/* The first fragment has the whole TCP header; an atomic one (RFC 6946) is no fragment. */
START_TEST(test_template_of_a_first_fragment_is_refused)
{
    struct ss_stack stack = stack_of(SS_LAYER_IP6, SS_LAYER_FRAG);
    stack.layers[2] = ss_layer_new(SS_LAYER_TCP);
    stack.count = 3;
    struct built built = build_stack(&stack);
    (void)template_of(&built);
    put(&stack.layers[1], "more", 1);
    built = build_stack(&stack);
    check_refused(&built);
}
END_TEST

/* The checksum is over where it is to go in the end (RFC 8200 section 8.1). */
START_TEST(test_template_of_a_routed_datagram_is_refused)
{
    struct ss_stack stack = stack_of(SS_LAYER_IP6, SS_LAYER_ROUTE);
    stack.layers[1].rest = noise;
    stack.layers[1].rest_length = 20;
    put(&stack.layers[1], "left", 1);
    stack.layers[2] = ss_layer_new(SS_LAYER_TCP);
    stack.count = 3;
    struct built built = build_stack(&stack);
    check_refused(&built);
    put(&stack.layers[1], "left", 0);
    built = build_stack(&stack);
    (void)template_of(&built);
}
END_TEST

static Suite *template_suite(void)
{
    enum { CARRIED = sizeof carried / sizeof *carried };
    Suite *suite = suite_create("template");
    TCase *changes = tcase_create("changes");
    tcase_set_timeout(changes, 60);
    tcase_add_test(changes, test_template_of_a_kernels_segments_leaves_them_as_they_are);
    tcase_add_test(changes, test_template_puts_in_what_the_datagram_lacked);
    tcase_add_loop_test(changes, test_template_random_changes_equal_a_full_build, 0, 8);
    tcase_add_loop_test(changes, test_template_every_source_port_equals_a_full_build, 0, 2);
    tcase_add_test(changes, test_template_every_id_equals_a_full_build);
    tcase_add_test(changes, test_template_largest_datagram_of_ones_loses_no_carry);
    tcase_add_loop_test(changes, test_template_udp_every_source_port_is_never_without_checksum, 0,
                        2);
    tcase_add_test(changes, test_template_icmp_of_zeros_is_not_one_of_ones);
    tcase_add_loop_test(changes, test_template_every_free_word_may_be_put, 0, CARRIED);
    tcase_add_test(changes, test_template_behind_extension_headers_equals_a_full_build);
    suite_add_tcase(suite, changes);
    TCase *limits = tcase_create("limits");
    tcase_add_test(limits, test_template_verbatim_checksums_stay);
    tcase_add_loop_test(limits, test_template_cut_anywhere_in_its_headers_is_refused, 0, CARRIED);
    tcase_add_test(limits, test_template_of_what_it_does_not_know_is_refused);
    tcase_add_test(limits, test_template_of_a_first_fragment_is_refused);
    tcase_add_test(limits, test_template_of_a_routed_datagram_is_refused);
    suite_add_tcase(suite, limits);
    return suite;
}

int main(void)
{
    return check_main(template_suite());
}
