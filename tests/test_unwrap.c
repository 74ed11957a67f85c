/*
 * test_unwrap: a segment of Linux's in tunnels and in fragments, whichever is inside of which,
 * comes out at the frame that completes it.
 */
#include <string.h>

#include "changed.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"
#include "synstep/unwrap.h"

enum { IP = 14, V4 = 20 };

/* RFC 791 section 3.1: a datagram behind a header of its own (RFC 2003). */
static void wrap(struct changed *made, uint16_t id)
{
    uint8_t header[V4] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 4, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    ss_bytes_put16(header + 2, (uint16_t)(made->length + V4));
    ss_bytes_put16(header + 4, id);
    ss_bytes_put16(header + 10, ss_checksum_finish(ss_checksum_add(0, header, V4)));
    insert(made, 0, header, V4);
}

/* The first 24 octets of its data, or the rest. */
static struct changed half(const struct changed *datagram, bool rest)
{
    enum { FIRST = 24 };
    struct changed made = *datagram;
    made.length = V4 + FIRST;
    if (rest) {
        made.length = datagram->length - FIRST;
        memmove(made.octets + V4, datagram->octets + V4 + FIRST, made.length - V4);
    }
    ss_bytes_put16(made.octets + 2, (uint16_t)made.length);
    ss_bytes_put16(made.octets + 6, rest ? FIRST / 8 : 0x2000);
    ss_bytes_put16(made.octets + 10, 0);
    ss_bytes_put16(made.octets + 10, ss_checksum_finish(ss_checksum_add(0, made.octets, V4)));
    return made;
}

static struct changed segment(void)
{
    struct changed made = {.length = sizeof frame_v4_data - IP};
    memcpy(made.octets, frame_v4_data + IP, made.length);
    return made;
}

static struct ss_unwrapped unwrapped(struct ss_fragments *fragments, const struct changed *datagram,
                                     uint64_t number)
{
    struct exact copy = exact_copy(datagram->octets, datagram->length);
    struct ss_capture_frame frame = {
        .number = number, .octets = copy.octets, .length = datagram->length};
    struct ss_unwrapped made;
    ss_unwrap(fragments, &frame, &made);
    ck_assert(packet_within_bounds(&made.packet));
    (void)packet_touch_payload(&made.packet);
    exact_free(copy);
    return made;
}

static void expect_no_segment(struct ss_fragments *fragments, const struct changed *datagram,
                              uint64_t number)
{
    struct ss_unwrapped made = unwrapped(fragments, datagram, number);
    ck_assert_int_eq(made.fragment.fate, SS_FRAGMENT_KEPT);
    ck_assert(made.packet.fragment);
}

static void expect_segment(struct ss_fragments *fragments, const struct changed *datagram,
                           uint64_t number, unsigned tunnels)
{
    struct exact copy = exact_copy(datagram->octets, datagram->length);
    struct ss_capture_frame frame = {
        .number = number, .octets = copy.octets, .length = datagram->length};
    struct ss_unwrapped made;
    ss_unwrap(fragments, &frame, &made);
    ck_assert_int_eq(made.packet.transport, SS_TRANSPORT_TCP);
    ck_assert(!made.packet.fragment);
    ck_assert_int_eq(made.packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_mem_eq(ss_packet_payload(&made.packet), "hello", 5);
    ck_assert_uint_eq(made.tunnels, tunnels);
    exact_free(copy);
}

START_TEST(test_unwrap_plain_segment_is_just_decoded)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed made = segment();
    expect_segment(fragments, &made, 1, 0);
    ck_assert_int_eq(unwrapped(fragments, &made, 1).fragment.fate, SS_FRAGMENT_NONE);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_unwrap_fragments_in_tunnels_are_put_together)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed whole = segment(), first = half(&whole, false), rest = half(&whole, true);
    wrap(&first, 1);
    wrap(&rest, 2);
    wrap(&rest, 3);
    expect_no_segment(fragments, &rest, 1);
    expect_segment(fragments, &first, 2, 1);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_unwrap_tunnel_in_fragments_is_followed)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed whole = segment();
    wrap(&whole, 1);
    struct changed first = half(&whole, false), rest = half(&whole, true);
    expect_no_segment(fragments, &first, 1);
    expect_segment(fragments, &rest, 2, 1);
    ss_fragments_free(fragments);
}
END_TEST

/* Each half of the segment in a tunnel that is in two halves itself, three times over. */
START_TEST(test_unwrap_fragments_in_tunnels_in_fragments_are_put_together)
{
    struct ss_fragments *fragments = ss_fragments_new();
    for (uint64_t round = 0; round < 3; round++) {
        struct changed whole = segment();
        struct changed halves[2] = {half(&whole, false), half(&whole, true)};
        for (int i = 0; i < 2; i++) {
            wrap(&halves[i], (uint16_t)(10 + i));
            struct changed first = half(&halves[i], false), rest = half(&halves[i], true);
            expect_no_segment(fragments, &first, round);
            if (i == 0)
                expect_no_segment(fragments, &rest, round);
            else
                expect_segment(fragments, &rest, round, 1);
        }
    }
    ck_assert_uint_eq(ss_fragments_count(fragments).begun, 9);
    ck_assert_uint_eq(ss_fragments_count(fragments).whole, 9);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_unwrap_bad_header_checksum_of_a_fragment_stays_bad)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed whole = segment(), first = half(&whole, false), rest = half(&whole, true);
    rest.octets[11] ^= 1;
    expect_no_segment(fragments, &first, 1);
    struct exact copy = exact_copy(rest.octets, rest.length);
    struct ss_capture_frame frame = {.number = 2, .octets = copy.octets, .length = rest.length};
    struct ss_unwrapped made;
    ss_unwrap(fragments, &frame, &made);
    ck_assert_int_eq(made.fragment.fate, SS_FRAGMENT_WHOLE);
    ck_assert_int_eq(made.packet.ip_checksum, SS_CHECKSUM_BAD);
    exact_free(copy);
    ss_fragments_free(fragments);
}
END_TEST

/* At every length that a capture could keep: as long as it was, or nothing where TCP is cut. */
START_TEST(test_unwrap_mend_gives_a_cut_segment_its_length)
{
    enum { TCP = 20 };
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed whole = segment();
    size_t headers = whole.length - 5;
    for (size_t kept = V4 + TCP; kept <= whole.length; kept++) {
        struct exact copy = exact_copy(whole.octets, kept);
        struct ss_capture_frame frame = {
            .octets = copy.octets, .length = kept, .missing_bytes = whole.length - kept};
        struct ss_unwrapped made;
        bool cut;
        ss_unwrap(fragments, &frame, &made);
        ck_assert_int_eq(ss_unwrap_mend(&frame, &made.packet, &cut), kept >= headers);
        ck_assert_int_eq(cut, kept < whole.length);
        ck_assert(kept < headers || made.packet.payload_length == 5);
        ck_assert(kept < headers || made.packet.faults == 0);
        exact_free(copy);
    }
    ss_fragments_free(fragments);
}
END_TEST

/* The capture kept all of it: then the length is a lie, and stays one. */
START_TEST(test_unwrap_mend_leaves_a_lie_alone)
{
    struct changed lie = segment();
    struct ss_capture_frame frame = {.octets = lie.octets, .length = lie.length - 3};
    struct ss_packet packet;
    bool cut;
    ss_packet_decode(SS_LINK_IP, frame.octets, frame.length, &packet);
    ck_assert(ss_unwrap_mend(&frame, &packet, &cut));
    ck_assert(!cut);
    ck_assert(packet.faults & SS_FAULT_IP_LENGTH);
    ck_assert_uint_eq(packet.payload_length, 2);
}
END_TEST

/* Linux's own segment with what a card would have written left out. */
static struct changed unsized(void)
{
    struct changed made = segment();
    ss_bytes_put16(made.octets + 2, 0);
    ss_bytes_put16(made.octets + 10, 0);
    ss_bytes_put16(made.octets + V4 + 16, 0x1234);
    return made;
}

START_TEST(test_unwrap_total_length_left_to_the_card_is_the_frames)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed made = unsized();
    for (size_t missing = 0; missing <= 3; missing += 3) {
        struct exact copy = exact_copy(made.octets, made.length - missing);
        struct ss_capture_frame frame = {
            .octets = copy.octets, .length = made.length - missing, .missing_bytes = missing};
        struct ss_unwrapped found;
        bool cut;
        ss_unwrap(fragments, &frame, &found);
        ck_assert_int_eq(found.packet.transport, SS_TRANSPORT_TCP);
        ck_assert_int_eq(found.packet.ip_checksum, SS_CHECKSUM_OFFLOADED);
        ck_assert_int_eq(found.packet.transport_checksum,
                         missing ? SS_CHECKSUM_NONE : SS_CHECKSUM_OFFLOADED);
        ck_assert(ss_unwrap_mend(&frame, &found.packet, &cut));
        ck_assert_uint_eq(found.packet.faults, 0);
        ck_assert_uint_eq(found.packet.payload_length, 5);
        exact_free(copy);
    }
    ss_fragments_free(fragments);
}
END_TEST

/* Only where a card could have: not in a fragment, nor with another length that is too short. */
START_TEST(test_unwrap_total_length_that_lies_stays_a_lie)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed made = unsized();
    if (_i == 0)
        ss_bytes_put16(made.octets + 6, 0x2000);
    else
        ss_bytes_put16(made.octets + 2, 19);
    struct ss_unwrapped found = unwrapped(fragments, &made, 1);
    ck_assert_uint_eq(found.packet.faults, SS_FAULT_IP_LENGTH);
    ck_assert_int_eq(found.packet.transport, SS_TRANSPORT_NONE);
    ck_assert_int_eq(found.packet.ip_checksum, SS_CHECKSUM_BAD);
    ss_fragments_free(fragments);
}
END_TEST

/* A datagram that is put together may be a fragment again (RFC 8200 forbids it): that ends. */
START_TEST(test_unwrap_fragment_headers_without_end_come_to_an_end)
{
    enum { V6 = 40, HEADERS = 20 };
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed made = copy_of(frame_v6_data + IP, V6);
    made.octets[6] = 44;
    made.octets[5] = 8 * HEADERS;
    /* Each its whole datagram: the last fragment, at offset 0, says more; then the rest does not.
     */
    for (unsigned i = 0; i < HEADERS; i++)
        insert(&made, made.length, (const uint8_t[]){44, 0, 0, 1, 0, 0, 0, (uint8_t)i}, 8);
    for (unsigned i = 0; i < 4; i++) {
        struct ss_unwrapped first = unwrapped(fragments, &made, 1);
        ck_assert(first.packet.fragment || first.packet.faults);
        made.octets[V6 + 3] = (uint8_t)(8 * (i + 1));
    }
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_unwrap_cut_at_every_length_stays_within_bounds)
{
    struct ss_fragments *fragments = ss_fragments_new();
    struct changed whole = segment();
    wrap(&whole, 1);
    wrap(&whole, 2);
    size_t length = whole.length;
    for (whole.length = 0; whole.length < length; whole.length++)
        ck_assert_uint_ne(unwrapped(fragments, &whole, 1).packet.faults, 0);
    expect_segment(fragments, &whole, 1, 2);
    ss_fragments_free(fragments);
}
END_TEST

static Suite *unwrap_suite(void)
{
    Suite *suite = suite_create("unwrap");
    TCase *tests = tcase_create("unwrap");
    tcase_add_test(tests, test_unwrap_plain_segment_is_just_decoded);
    tcase_add_test(tests, test_unwrap_fragments_in_tunnels_are_put_together);
    tcase_add_test(tests, test_unwrap_tunnel_in_fragments_is_followed);
    tcase_add_test(tests, test_unwrap_fragments_in_tunnels_in_fragments_are_put_together);
    tcase_add_test(tests, test_unwrap_bad_header_checksum_of_a_fragment_stays_bad);
    tcase_add_test(tests, test_unwrap_mend_gives_a_cut_segment_its_length);
    tcase_add_test(tests, test_unwrap_mend_leaves_a_lie_alone);
    tcase_add_test(tests, test_unwrap_total_length_left_to_the_card_is_the_frames);
    tcase_add_loop_test(tests, test_unwrap_total_length_that_lies_stays_a_lie, 0, 2);
    tcase_add_test(tests, test_unwrap_fragment_headers_without_end_come_to_an_end);
    tcase_add_test(tests, test_unwrap_cut_at_every_length_stays_within_bounds);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(unwrap_suite());
}
