/*
 * test_ethernet: the header of a frame that Linux sent, cut at every length, and written back.
 */
#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/ethernet.h"

static const uint8_t host_1[] = {0x02, 0, 0, 0, 0, 0x01};
static const uint8_t host_2[] = {0x02, 0, 0, 0, 0, 0x02};

START_TEST(test_ethernet_decode_reads_what_linux_sent)
{
    struct ss_ethernet_header header;
    ck_assert(ss_ethernet_decode(frame_v4_syn, sizeof frame_v4_syn, &header));
    ck_assert_mem_eq(header.destination, host_2, 6);
    ck_assert_mem_eq(header.source, host_1, 6);
    ck_assert_uint_eq(header.type, SS_ETHERTYPE_IPV4);
    ck_assert(ss_ethernet_decode(frame_v6_syn, sizeof frame_v6_syn, &header));
    ck_assert_uint_eq(header.type, SS_ETHERTYPE_IPV6);
}
END_TEST

START_TEST(test_ethernet_decode_cut_leaves_the_header_untouched)
{
    for (size_t length = 0; length <= SS_ETHERNET_HEADER_BYTES; length++) {
        struct exact copy = exact_copy(frame_v4_syn, length);
        struct ss_ethernet_header header = {.type = 0x1234};
        bool whole = ss_ethernet_decode(copy.octets, length, &header);
        ck_assert(whole == (length == SS_ETHERNET_HEADER_BYTES));
        ck_assert_uint_eq(header.type, whole ? SS_ETHERTYPE_IPV4 : 0x1234);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_ethernet_encode_writes_as_linux_does)
{
    struct ss_ethernet_header header = {
        .destination = {0x02, 0, 0, 0, 0, 0x02},
        .source = {0x02, 0, 0, 0, 0, 0x01},
        .type = SS_ETHERTYPE_IPV4,
    };
    uint8_t octets[SS_ETHERNET_HEADER_BYTES];
    ss_ethernet_encode(&header, octets);
    ck_assert_mem_eq(octets, frame_v4_syn, sizeof octets);
}
END_TEST

static Suite *ethernet_suite(void)
{
    Suite *suite = suite_create("ethernet");
    TCase *header = tcase_create("header");
    tcase_add_test(header, test_ethernet_decode_reads_what_linux_sent);
    tcase_add_test(header, test_ethernet_decode_cut_leaves_the_header_untouched);
    tcase_add_test(header, test_ethernet_encode_writes_as_linux_does);
    suite_add_tcase(suite, header);
    return suite;
}

int main(void)
{
    return check_main(ethernet_suite());
}
