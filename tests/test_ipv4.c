/*
 * test_ipv4: headers that Linux sent, every field on its own, and every truncated length.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/ipv4.h"

static const uint8_t *const syn = frame_v4_syn + 14;

START_TEST(test_ipv4_decode_reads_what_tcpdump_reads)
{
    struct ss_ipv4_header header;
    ck_assert(ss_ipv4_decode(syn, 20, &header));
    ck_assert_uint_eq(header.version, 4);
    ck_assert_uint_eq(header.ihl_words, 5);
    ck_assert_uint_eq(header.tos, 0);
    ck_assert_uint_eq(header.total_length, 60);
    ck_assert_uint_eq(header.id, 24415);
    ck_assert(!header.reserved_flag && header.dont_fragment && !header.more_fragments);
    ck_assert_uint_eq(header.fragment_offset_words, 0);
    ck_assert_uint_eq(header.ttl, 64);
    ck_assert_uint_eq(header.protocol, SS_IP_TCP);
    ck_assert_uint_eq(header.checksum, 0xc75a);
    ck_assert_uint_eq(header.source.version, 4);
    ck_assert_mem_eq(header.source.octets, ((const uint8_t[]){10, 0, 0, 1}), 4);
    ck_assert_mem_eq(header.destination.octets, ((const uint8_t[]){10, 0, 0, 2}), 4);
}
END_TEST

START_TEST(test_ipv4_decode_reads_the_type_of_service_of_an_icmp_error)
{
    struct ss_ipv4_header header;
    ck_assert(ss_ipv4_decode(frame_v4_unreachable + 14, 20, &header));
    ck_assert_uint_eq(header.tos, 0xc0);
    ck_assert(!header.dont_fragment);
    ck_assert_uint_eq(header.protocol, SS_IP_ICMP);
}
END_TEST

START_TEST(test_ipv4_decode_cut_leaves_the_header_untouched)
{
    for (size_t length = 0; length <= SS_IPV4_HEADER_BYTES; length++) {
        struct exact copy = exact_copy(syn, length);
        struct ss_ipv4_header header = {.id = 4711};
        bool whole = ss_ipv4_decode(copy.octets, length, &header);
        ck_assert(whole == (length == SS_IPV4_HEADER_BYTES));
        ck_assert_uint_eq(header.id, whole ? 24415 : 4711);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_ipv4_encode_writes_what_linux_sent)
{
    for (size_t i = 0; i < FRAMES; i++) {
        const uint8_t *ip = frames[i].octets + 14;
        struct ss_ipv4_header header;
        uint8_t octets[SS_IPV4_HEADER_BYTES];
        if (ip[0] != 0x45)
            continue;
        ck_assert(ss_ipv4_decode(ip, 20, &header));
        ss_ipv4_encode(&header, octets);
        ck_assert_mem_eq(octets, ip, 20);
    }
}
END_TEST

/* Each field alone at its largest, everything else zero, drawn from RFC 791's figure 4. */
struct lone_field {
    struct ss_ipv4_header header;
    uint8_t octets[SS_IPV4_HEADER_BYTES];
};

static const struct lone_field lone_fields[] = {
    {{.version = 15}, {[0] = 0xf0}},
    {{.ihl_words = 15}, {[0] = 0x0f}},
    {{.tos = 255}, {[1] = 0xff}},
    {{.total_length = 65535}, {[2] = 0xff, [3] = 0xff}},
    {{.id = 65535}, {[4] = 0xff, [5] = 0xff}},
    {{.reserved_flag = true}, {[6] = 0x80}},
    {{.dont_fragment = true}, {[6] = 0x40}},
    {{.more_fragments = true}, {[6] = 0x20}},
    {{.fragment_offset_words = 8191}, {[6] = 0x1f, [7] = 0xff}},
    {{.ttl = 255}, {[8] = 0xff}},
    {{.protocol = 255}, {[9] = 0xff}},
    {{.checksum = 65535}, {[10] = 0xff, [11] = 0xff}},
    {{.source = {.octets = {255, 255, 255, 255}}}, {[12] = 0xff, 0xff, 0xff, 0xff}},
    {{.destination = {.octets = {255, 255, 255, 255}}}, {[16] = 0xff, 0xff, 0xff, 0xff}},
};

START_TEST(test_ipv4_each_field_lies_where_rfc_791_draws_it)
{
    const struct lone_field *lone = &lone_fields[_i];
    uint8_t octets[SS_IPV4_HEADER_BYTES];
    memset(octets, 0xaa, sizeof octets);
    ss_ipv4_encode(&lone->header, octets);
    ck_assert_mem_eq(octets, lone->octets, sizeof octets);
    struct ss_ipv4_header back;
    ck_assert(ss_ipv4_decode(lone->octets, sizeof lone->octets, &back));
    ck_assert_uint_eq(back.version, lone->header.version);
    ck_assert_uint_eq(back.ihl_words, lone->header.ihl_words);
    ck_assert_uint_eq(back.tos, lone->header.tos);
    ck_assert_uint_eq(back.total_length, lone->header.total_length);
    ck_assert_uint_eq(back.id, lone->header.id);
    ck_assert_int_eq(back.reserved_flag, lone->header.reserved_flag);
    ck_assert_int_eq(back.dont_fragment, lone->header.dont_fragment);
    ck_assert_int_eq(back.more_fragments, lone->header.more_fragments);
    ck_assert_uint_eq(back.fragment_offset_words, lone->header.fragment_offset_words);
    ck_assert_uint_eq(back.ttl, lone->header.ttl);
    ck_assert_uint_eq(back.protocol, lone->header.protocol);
    ck_assert_uint_eq(back.checksum, lone->header.checksum);
    ck_assert_mem_eq(back.source.octets, lone->header.source.octets, 4);
    ck_assert_mem_eq(back.destination.octets, lone->header.destination.octets, 4);
}
END_TEST

/* What does not fit its bits must not spill into the neighbours'. */
START_TEST(test_ipv4_encode_too_wide_values_do_not_spill)
{
    struct ss_ipv4_header header = {.ihl_words = 0xf5, .fragment_offset_words = 0xe001};
    uint8_t octets[SS_IPV4_HEADER_BYTES];
    ss_ipv4_encode(&header, octets);
    ck_assert_uint_eq(octets[0], 0x05);
    ck_assert_uint_eq(octets[6], 0x00);
    ck_assert_uint_eq(octets[7], 0x01);
}
END_TEST

static Suite *ipv4_suite(void)
{
    Suite *suite = suite_create("ipv4");
    TCase *header = tcase_create("header");
    tcase_add_test(header, test_ipv4_decode_reads_what_tcpdump_reads);
    tcase_add_test(header, test_ipv4_decode_reads_the_type_of_service_of_an_icmp_error);
    tcase_add_test(header, test_ipv4_decode_cut_leaves_the_header_untouched);
    tcase_add_test(header, test_ipv4_encode_writes_what_linux_sent);
    tcase_add_loop_test(header, test_ipv4_each_field_lies_where_rfc_791_draws_it, 0,
                        sizeof lone_fields / sizeof lone_fields[0]);
    tcase_add_test(header, test_ipv4_encode_too_wide_values_do_not_spill);
    suite_add_tcase(suite, header);
    return suite;
}

int main(void)
{
    return check_main(ipv4_suite());
}
