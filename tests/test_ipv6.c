/*
 * test_ipv6: headers that Linux sent, every field on its own, and the walk over extension headers.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/ipv4.h"
#include "synstep/ipv6.h"

static const uint8_t *const syn = frame_v6_syn + 14;
static const uint8_t host_1[16] = {0xfd, [15] = 1};
static const uint8_t host_2[16] = {0xfd, [15] = 2};

START_TEST(test_ipv6_decode_reads_what_tcpdump_reads)
{
    struct ss_ipv6_header header;
    ck_assert(ss_ipv6_decode(syn, 40, &header));
    ck_assert_uint_eq(header.version, 6);
    ck_assert_uint_eq(header.traffic_class, 0);
    ck_assert_uint_eq(header.flow_label, 0x62d47);
    ck_assert_uint_eq(header.payload_length, 40);
    ck_assert_uint_eq(header.next_header, SS_IP_TCP);
    ck_assert_uint_eq(header.hop_limit, 64);
    ck_assert_uint_eq(header.source.version, 6);
    ck_assert_mem_eq(header.source.octets, host_1, 16);
    ck_assert_mem_eq(header.destination.octets, host_2, 16);
}
END_TEST

START_TEST(test_ipv6_decode_cut_leaves_the_header_untouched)
{
    for (size_t length = 0; length <= SS_IPV6_HEADER_BYTES; length++) {
        struct exact copy = exact_copy(syn, length);
        struct ss_ipv6_header header = {.payload_length = 4711};
        bool whole = ss_ipv6_decode(copy.octets, length, &header);
        ck_assert(whole == (length == SS_IPV6_HEADER_BYTES));
        ck_assert_uint_eq(header.payload_length, whole ? 40 : 4711);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_ipv6_encode_writes_what_linux_sent)
{
    for (size_t i = 0; i < FRAMES; i++) {
        const uint8_t *ip = frames[i].octets + 14;
        struct ss_ipv6_header header;
        uint8_t octets[SS_IPV6_HEADER_BYTES];
        if (ip[0] >> 4 != 6)
            continue;
        ck_assert(ss_ipv6_decode(ip, 40, &header));
        ss_ipv6_encode(&header, octets);
        ck_assert_mem_eq(octets, ip, 40);
    }
}
END_TEST

/* Each field alone at its largest, drawn from RFC 8200's section 3. */
struct lone_field {
    struct ss_ipv6_header header;
    uint8_t octets[8];
};

static const struct lone_field lone_fields[] = {
    {{.version = 15}, {0xf0}},
    {{.traffic_class = 255}, {0x0f, 0xf0}},
    {{.flow_label = 0xfffff}, {0, 0x0f, 0xff, 0xff}},
    {{.payload_length = 65535}, {[4] = 0xff, [5] = 0xff}},
    {{.next_header = 255}, {[6] = 0xff}},
    {{.hop_limit = 255}, {[7] = 0xff}},
};

START_TEST(test_ipv6_each_field_lies_where_rfc_8200_draws_it)
{
    const struct lone_field *lone = &lone_fields[_i];
    uint8_t octets[SS_IPV6_HEADER_BYTES];
    memset(octets, 0xaa, sizeof octets);
    ss_ipv6_encode(&lone->header, octets);
    ck_assert_mem_eq(octets, lone->octets, 8);
    struct ss_ipv6_header back;
    ck_assert(ss_ipv6_decode(octets, sizeof octets, &back));
    ck_assert_uint_eq(back.version, lone->header.version);
    ck_assert_uint_eq(back.traffic_class, lone->header.traffic_class);
    ck_assert_uint_eq(back.flow_label, lone->header.flow_label);
    ck_assert_uint_eq(back.payload_length, lone->header.payload_length);
    ck_assert_uint_eq(back.next_header, lone->header.next_header);
    ck_assert_uint_eq(back.hop_limit, lone->header.hop_limit);
}
END_TEST

START_TEST(test_ipv6_encode_too_wide_flow_label_does_not_spill)
{
    struct ss_ipv6_header header = {.flow_label = 0xfff00001};
    uint8_t octets[SS_IPV6_HEADER_BYTES];
    ss_ipv6_encode(&header, octets);
    ck_assert_mem_eq(octets, ((const uint8_t[]){0, 0, 0, 1}), 4);
}
END_TEST

/* Extension headers as RFC 8200 section 4 draws them, and where they lead. */
struct chain {
    const char *name;
    uint8_t next_header;
    uint8_t octets[56];
    size_t length;
    struct ss_ipv6_upper upper;
};

static const struct chain chains[] = {
    {"TCP at once", 6, {0}, 0, {.protocol = 6}},
    {"no next header", 59, {0}, 0, {.protocol = 59}},
    {"hop-by-hop with PadN", 0, {6, 0, 1, 4}, 8, {.protocol = 6, .offset = 8}},
    {"destination options of 16 octets", 60, {6, 1, 1, 12}, 16, {.protocol = 6, .offset = 16}},
    {"routing, nothing left", 43, {6, 2, 0, 0}, 24, {.protocol = 6, .offset = 24}},
    {"routing, one segment left",
     43,
     {6, 2, 0, 1},
     24,
     {.protocol = 6, .offset = 24, .rerouted = true}},
    {"home address after Pad1 and PadN",
     60,
     {6, 2, 0, 1, 0, 0, 0xc9, 16},
     24,
     {.protocol = 6, .offset = 24, .rerouted = true}},
    {"first fragment",
     44,
     {6, 0, 0, 1, 0, 0, 0, 9},
     8,
     {.protocol = 6, .offset = 8, .fragment = true}},
    {"later fragment",
     44,
     {6, 0, 0x05, 0xa9, 0, 0, 0, 9},
     8,
     {.protocol = 6, .offset = 8, .fragment = true, .fragment_offset = 1448}},
    {"last fragment at the largest offset",
     44,
     {6, 0, 0xff, 0xf8},
     8,
     {.protocol = 6, .offset = 8, .fragment = true, .fragment_offset = 65528}},
    {"atomic fragment", 44, {6, 0, 0, 0, 0, 0, 0, 9}, 8, {.protocol = 6, .offset = 8}},
    {"reserved bits of a fragment header", 44, {6, 0xff, 0, 6}, 8, {.protocol = 6, .offset = 8}},
    {"a later fragment's octets are no extension header",
     44,
     {60, 0, 0x05, 0xa8},
     8,
     {.protocol = 60, .offset = 8, .fragment = true, .fragment_offset = 1448}},
    {"a first fragment goes on",
     44,
     {60, 0, 0, 1, 0, 0, 0, 0, 6, 0, 1, 4},
     16,
     {.protocol = 6, .offset = 16, .fragment = true}},
    {"all four",
     0,
     {43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 58, 0, 1, 4},
     32,
     {.protocol = 58, .offset = 32}},
};

static void check_upper(const struct chain *chain, const struct ss_ipv6_upper *upper)
{
    ck_assert_msg(upper->protocol == chain->upper.protocol, "%s", chain->name);
    ck_assert_msg(upper->offset == chain->upper.offset, "%s", chain->name);
    ck_assert_msg(upper->fragment == chain->upper.fragment, "%s", chain->name);
    ck_assert_msg(upper->fragment_offset == chain->upper.fragment_offset, "%s", chain->name);
    ck_assert_msg(upper->rerouted == chain->upper.rerouted, "%s", chain->name);
}

START_TEST(test_ipv6_walk_leads_to_the_upper_layer)
{
    const struct chain *chain = &chains[_i];
    struct exact copy = exact_copy(chain->octets, chain->length);
    struct ss_ipv6_upper upper;
    ck_assert_msg(ss_ipv6_walk(copy.octets, chain->length, chain->next_header, &upper), "%s",
                  chain->name);
    check_upper(chain, &upper);
    exact_free(copy);
}
END_TEST

START_TEST(test_ipv6_walk_with_more_octets_behind_ends_the_same)
{
    const struct chain *chain = &chains[_i];
    struct ss_ipv6_upper upper;
    ck_assert(ss_ipv6_walk(chain->octets, sizeof chain->octets, chain->next_header, &upper));
    check_upper(chain, &upper);
}
END_TEST

START_TEST(test_ipv6_walk_cut_at_every_length_leaves_the_result_untouched)
{
    const struct chain *chain = &chains[_i];
    for (size_t length = 0; length < chain->length; length++) {
        struct exact copy = exact_copy(chain->octets, length);
        struct ss_ipv6_upper upper = {.offset = 4711};
        ck_assert_msg(!ss_ipv6_walk(copy.octets, length, chain->next_header, &upper), "%s",
                      chain->name);
        ck_assert_uint_eq(upper.offset, 4711);
        exact_free(copy);
    }
}
END_TEST

/* 8,000 headers of 8 octets each, all naming themselves as the next, end where the octets do. */
START_TEST(test_ipv6_walk_of_an_endless_chain_ends)
{
    static uint8_t octets[64000];
    for (size_t i = 0; i < sizeof octets; i += 8)
        octets[i] = 60;
    struct ss_ipv6_upper upper;
    ck_assert(!ss_ipv6_walk(octets, sizeof octets, 60, &upper));
}
END_TEST

START_TEST(test_ipv6_walk_over_nothing)
{
    struct ss_ipv6_upper upper;
    ck_assert(ss_ipv6_walk(NULL, 0, 6, &upper));
    ck_assert_uint_eq(upper.offset, 0);
    ck_assert(!ss_ipv6_walk(NULL, 0, 0, &upper));
}
END_TEST

static Suite *ipv6_suite(void)
{
    const int count = sizeof chains / sizeof chains[0];
    Suite *suite = suite_create("ipv6");
    TCase *header = tcase_create("header");
    tcase_add_test(header, test_ipv6_decode_reads_what_tcpdump_reads);
    tcase_add_test(header, test_ipv6_decode_cut_leaves_the_header_untouched);
    tcase_add_test(header, test_ipv6_encode_writes_what_linux_sent);
    tcase_add_loop_test(header, test_ipv6_each_field_lies_where_rfc_8200_draws_it, 0,
                        sizeof lone_fields / sizeof lone_fields[0]);
    tcase_add_test(header, test_ipv6_encode_too_wide_flow_label_does_not_spill);
    suite_add_tcase(suite, header);
    TCase *walk = tcase_create("walk");
    tcase_add_loop_test(walk, test_ipv6_walk_leads_to_the_upper_layer, 0, count);
    tcase_add_loop_test(walk, test_ipv6_walk_with_more_octets_behind_ends_the_same, 0, count);
    tcase_add_loop_test(walk, test_ipv6_walk_cut_at_every_length_leaves_the_result_untouched, 0,
                        count);
    tcase_add_test(walk, test_ipv6_walk_of_an_endless_chain_ends);
    tcase_add_test(walk, test_ipv6_walk_over_nothing);
    suite_add_tcase(suite, walk);
    return suite;
}

int main(void)
{
    return check_main(ipv6_suite());
}
