/*
 * test_fragments: Linux's segments cut in pieces by the RFCs and put together again, in any order;
 * pieces that lie, overlap, come too late or are too many.
 */
#include <stdlib.h>
#include <string.h>

#include "changed.h"
#include "exact.h"
#include "frames.h"
#include "synstep/bytes.h"
#include "synstep/fragments.h"

enum { IP = 14, V4 = 20, V6 = 40, FRAGMENT = 44, TCP = 6, DATA = 37 /* the segments' octets */ };

static const uint64_t second = 1000000000;

/* Octets `from` to `to` of a segment's datagram as a fragment (RFC 791 section 3.2, RFC 8200
 * section 4.5). */
static struct changed piece_of(bool v6, uint32_t id, size_t from, size_t to, bool more)
{
    const uint8_t *frame = v6 ? frame_v6_data : frame_v4_data;
    size_t head = IP + (v6 ? V6 : V4);
    struct changed made = copy_of(frame, head);
    made.length = head;
    if (v6) {
        uint8_t header[8] = {TCP};
        ss_bytes_put16(header + 2, (uint16_t)(from | more));
        ss_bytes_put32(header + 4, id);
        made.octets[IP + 6] = FRAGMENT;
        insert(&made, head, header, 8);
    } else {
        ss_bytes_put16(made.octets + IP + 4, (uint16_t)id);
        ss_bytes_put16(made.octets + IP + 6, (uint16_t)(from / 8 | (more ? 0x2000 : 0)));
    }
    insert(&made, made.length, frame + head + from, to - from);
    ss_bytes_put16(made.octets + IP + (v6 ? 4 : 2), (uint16_t)(made.length - IP - (v6 ? V6 : 0)));
    return made;
}

/* In a block of its own, which is gone when this returns: nothing may be borrowed. */
static struct ss_fragment taken(struct ss_fragments *fragments, const struct changed *piece,
                                uint64_t number, uint64_t time_ns)
{
    struct exact copy = exact_copy(piece->octets, piece->length);
    struct ss_packet packet;
    struct ss_fragment fragment;
    ss_packet_decode(SS_LINK_ETHERNET, copy.octets, piece->length, &packet);
    ss_fragments_take(fragments, &packet, number, time_ns, &fragment);
    exact_free(copy);
    return fragment;
}

static enum ss_fragment_fate fate_of(struct ss_fragments *fragments, const struct changed *piece)
{
    return taken(fragments, piece, 1, 0).fate;
}

static struct ss_fragments *new_fragments(void)
{
    struct ss_fragments *fragments = ss_fragments_new();
    ck_assert_ptr_nonnull(fragments);
    return fragments;
}

/* The datagram is again what Linux sent. */
static void expect_segment(const struct ss_fragment *fragment, bool v6)
{
    struct ss_packet packet;
    ck_assert_int_eq(fragment->fate, SS_FRAGMENT_WHOLE);
    ss_packet_decode(SS_LINK_IP, fragment->octets, fragment->length, &packet);
    ck_assert(!packet.fragment);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_int_eq(packet.ip_checksum, v6 ? SS_CHECKSUM_NONE : SS_CHECKSUM_GOOD);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert_uint_eq(fragment->length, (v6 ? V6 : V4) + DATA);
    ck_assert_mem_eq(ss_packet_payload(&packet), "hello", 5);
}

/* Five pieces of eight octets, the last of five, in each of their 120 orders. */
START_TEST(test_fragments_in_any_order_make_the_datagram)
{
    struct ss_fragments *fragments = new_fragments();
    for (unsigned order = 0; order < 120; order++) {
        size_t pieces[5] = {0, 8, 16, 24, 32};
        struct ss_fragment fragment = {.fate = SS_FRAGMENT_NONE};
        for (size_t i = 0, rest = order; i < 5; rest /= 5 - i, i++) {
            size_t which = i + rest % (5 - i), at = pieces[which];
            pieces[which] = pieces[i];
            struct changed piece = piece_of(_i == 1, order, at, at < 32 ? at + 8 : DATA, at < 32);
            fragment = taken(fragments, &piece, 10 * order + i, 0);
            ck_assert_int_eq(fragment.fate, i < 4 ? SS_FRAGMENT_KEPT : SS_FRAGMENT_WHOLE);
        }
        expect_segment(&fragment, _i == 1);
        ck_assert_uint_eq(fragment.frame_count, 5);
        for (size_t i = 0; i < 5; i++)
            ck_assert_uint_eq(fragment.frames[i], 10 * order + i);
    }
    ck_assert_uint_eq(ss_fragments_count(fragments).whole, 120);
    ck_assert_uint_eq(ss_fragments_count(fragments).begun, 120);
    ss_fragments_free(fragments);
}
END_TEST

/* The header chain before the fragment header is in each of them, and stays (RFC 8200 4.5). */
START_TEST(test_fragments_of_ipv6_keep_the_headers_before)
{
    static const uint8_t padding[] = {FRAGMENT, 0, 1, 4, 0, 0, 0, 0};
    struct ss_fragments *fragments = new_fragments();
    struct ss_packet packet;
    struct ss_fragment fragment = {.fate = SS_FRAGMENT_NONE};
    for (size_t at = 0; at < 40; at += 24) {
        struct changed piece = piece_of(true, 7, at, at ? DATA : 24, !at);
        insert(&piece, IP + V6, padding, sizeof padding);
        piece.octets[IP + 6] = 0; /* hop by hop */
        piece.octets[IP + 5] += 8;
        fragment = taken(fragments, &piece, 1, 0);
    }
    ck_assert_int_eq(fragment.fate, SS_FRAGMENT_WHOLE);
    ss_packet_decode(SS_LINK_IP, fragment.octets, fragment.length, &packet);
    ck_assert_uint_eq(fragment.length, V6 + 8 + DATA);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_fragments_of_other_datagrams_are_kept_apart)
{
    static const size_t octets[] = {IP + 5, IP + 9, IP + 15, IP + 19}; /* id, protocol, ends */
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(false, 0x4711, 0, 24, true);
    struct changed last = piece_of(false, 0x4711, 24, DATA, false);
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    for (size_t i = 0; i < 4; i++) {
        struct changed other = last;
        other.octets[octets[i]] ^= 1;
        ck_assert_int_eq(fate_of(fragments, &other), SS_FRAGMENT_KEPT);
    }
    ck_assert_int_eq(fate_of(fragments, &last), SS_FRAGMENT_WHOLE);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_fragments_that_are_none_are_left_alone)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed whole = copy_of(frame_v4_data, sizeof frame_v4_data);
    ck_assert_int_eq(fate_of(fragments, &whole), SS_FRAGMENT_NONE);
    whole = copy_of(frame_v6_data, sizeof frame_v6_data);
    ck_assert_int_eq(fate_of(fragments, &whole), SS_FRAGMENT_NONE);
    ck_assert_uint_eq(ss_fragments_count(fragments).begun, 0);
    ss_fragments_free(fragments);
}
END_TEST

/* --- overlaps -----------------------------------------------------------------------------------
 */

START_TEST(test_fragments_repeated_are_passed_over)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(_i == 1, 7, 0, 24, true);
    struct changed within = piece_of(_i == 1, 7, 8, 16, true);
    struct changed last = piece_of(_i == 1, 7, 24, DATA, false);
    struct ss_fragment fragment;
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_REPEATED);
    fragment = taken(fragments, &within, 1, 0);
    ck_assert_int_eq(fragment.fate, SS_FRAGMENT_REPEATED);
    ck_assert(!fragment.overlaps);
    fragment = taken(fragments, &last, 1, 0);
    expect_segment(&fragment, _i == 1);
    ck_assert_uint_eq(fragment.frame_count, 2);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_fragments_of_ipv4_that_overlap_leave_what_came_first)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed middle = piece_of(false, 7, 8, 24, true);
    struct changed first = piece_of(false, 7, 0, 16, true);
    struct changed last = piece_of(false, 7, 16, DATA, false);
    first.octets[IP + V4 + 8] ^= 1; /* differs from what is there */
    ck_assert(!taken(fragments, &middle, 1, 0).overlaps);
    struct ss_fragment fragment = taken(fragments, &first, 2, 0);
    ck_assert_int_eq(fragment.fate, SS_FRAGMENT_KEPT);
    ck_assert(fragment.overlaps && fragment.conflicts);
    fragment = taken(fragments, &last, 3, 0);
    ck_assert(fragment.overlaps && !fragment.conflicts);
    expect_segment(&fragment, false);
    ss_fragments_free(fragments);
}
END_TEST

/* RFC 5722 section 4: with all that came and will come. */
START_TEST(test_fragments_of_ipv6_that_overlap_are_dropped)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(true, 7, 0, 16, true);
    struct changed overlapping = piece_of(true, 7, 8, 24, true);
    struct changed last = piece_of(true, 7, 16, DATA, false);
    struct ss_fragment fragment;
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    fragment = taken(fragments, &overlapping, 2, 0);
    ck_assert_int_eq(fragment.fate, SS_FRAGMENT_DROPPED);
    ck_assert(fragment.overlaps && !fragment.conflicts);
    ck_assert_int_eq(fate_of(fragments, &last), SS_FRAGMENT_DROPPED);
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_DROPPED);
    ck_assert_int_eq(taken(fragments, &first, 9, 61 * second).fate, SS_FRAGMENT_KEPT);
    ck_assert_uint_eq(ss_fragments_count(fragments).dropped, 1);
    ss_fragments_free(fragments);
}
END_TEST

/* A repetition with another octet is no repetition. */
START_TEST(test_fragments_repeated_otherwise_conflict)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(_i == 1, 7, 0, 24, true);
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    first.octets[first.length - 1] ^= 1;
    struct ss_fragment fragment = taken(fragments, &first, 1, 0);
    ck_assert(fragment.conflicts);
    ck_assert_int_eq(fragment.fate, _i == 1 ? SS_FRAGMENT_DROPPED : SS_FRAGMENT_KEPT);
    ss_fragments_free(fragments);
}
END_TEST

/* --- lies ---------------------------------------------------------------------------------------
 */

START_TEST(test_fragments_that_cannot_be_are_malformed)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed odd = piece_of(_i == 1, 1, 0, 23, true);
    struct changed empty = piece_of(_i == 1, 2, 8, 8, true);
    struct changed late = piece_of(_i == 1, 3, 0, 8, false);
    struct changed first = piece_of(_i == 1, 4, 0, 24, true);
    struct changed last = piece_of(_i == 1, 4, 24, 32, false);
    struct changed behind = piece_of(_i == 1, 4, 32, DATA, false);
    struct changed behind_with_more = piece_of(_i == 1, 4, 24, 36, true);
    struct changed before = piece_of(_i == 1, 4, 8, 16, false);
    struct changed middle = piece_of(_i == 1, 5, 16, 24, true);
    struct changed last_before = piece_of(_i == 1, 5, 8, 16, false);
    size_t offset_at = _i == 1 ? IP + V6 + 2 : IP + 6;
    ss_bytes_put16(late.octets + offset_at, (uint16_t)(_i == 1 ? 0xfff8 : 0x1fff));
    ck_assert_int_eq(fate_of(fragments, &odd), SS_FRAGMENT_MALFORMED);
    ck_assert_int_eq(fate_of(fragments, &empty), SS_FRAGMENT_MALFORMED);
    ck_assert_int_eq(fate_of(fragments, &late), SS_FRAGMENT_MALFORMED); /* RFC 791: 65,535 */
    ck_assert_int_eq(fate_of(fragments, &last), SS_FRAGMENT_KEPT);
    ck_assert_int_eq(fate_of(fragments, &behind), SS_FRAGMENT_MALFORMED);
    ck_assert_int_eq(fate_of(fragments, &behind_with_more), SS_FRAGMENT_MALFORMED);
    ck_assert_int_eq(fate_of(fragments, &before), SS_FRAGMENT_MALFORMED);
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_WHOLE);
    ck_assert_int_eq(fate_of(fragments, &middle), SS_FRAGMENT_KEPT);
    ck_assert_int_eq(fate_of(fragments, &last_before), SS_FRAGMENT_MALFORMED);
    ss_fragments_free(fragments);
}
END_TEST

/* The first has a header of 60 octets, the last ends where one of 20 would still do. */
START_TEST(test_fragments_too_long_together_are_malformed)
{
    struct changed first = piece_of(false, 7, 0, 24, true);
    struct changed last = piece_of(false, 7, 24, 24 + 8, false);
    uint8_t options[40];
    memset(options, 1, sizeof options);
    insert(&first, IP + V4, options, sizeof options);
    first.octets[IP] = 0x4f;
    first.octets[IP + 3] += 40;
    ss_bytes_put16(last.octets + IP + 6, (65535 - V4 - 8) / 8);
    for (int swapped = 0; swapped < 2; swapped++) {
        struct ss_fragments *fragments = new_fragments();
        ck_assert_int_eq(fate_of(fragments, swapped ? &last : &first), SS_FRAGMENT_KEPT);
        ck_assert_int_eq(fate_of(fragments, swapped ? &first : &last), SS_FRAGMENT_MALFORMED);
        ss_fragments_free(fragments);
    }
}
END_TEST

/* What the capture did not keep cannot be put together. */
START_TEST(test_fragments_cut_anywhere_are_not_kept)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed piece = piece_of(_i == 1, 7, 0, 24, true);
    size_t whole = piece.length;
    for (piece.length = 0; piece.length < whole; piece.length++) {
        enum ss_fragment_fate fate = fate_of(fragments, &piece);
        ck_assert(fate == SS_FRAGMENT_NONE || fate == SS_FRAGMENT_MALFORMED);
    }
    ck_assert_uint_eq(ss_fragments_count(fragments).begun, 0);
    ck_assert_int_eq(fate_of(fragments, &piece), SS_FRAGMENT_KEPT);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_fragments_with_a_bad_header_checksum_are_told)
{
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(false, 7, 0, 24, true);
    struct changed last = piece_of(false, 7, 24, DATA, false);
    struct changed *pieces[] = {&first, &last};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *ip = pieces[i]->octets + IP;
        ss_bytes_put16(ip + 10, 0);
        ss_bytes_put16(ip + 10, ss_checksum_finish(ss_checksum_add(0, ip, V4)));
    }
    last.octets[IP + 11] ^= (uint8_t)_i;
    ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    struct ss_fragment fragment = taken(fragments, &last, 2, 0);
    expect_segment(&fragment, false);
    ck_assert(fragment.ip_checksum_bad == (_i == 1));
    ss_fragments_free(fragments);
}
END_TEST

/* --- time and bounds ----------------------------------------------------------------------------
 */

START_TEST(test_fragments_wait_for_their_rest_so_long)
{
    uint64_t wait = (_i == 1 ? 60 : 30) * second, begin = 1000 * second;
    struct ss_fragments *fragments = new_fragments();
    struct changed first = piece_of(_i == 1, 7, 0, 24, true);
    struct changed last = piece_of(_i == 1, 7, 24, DATA, false);
    ck_assert_int_eq(taken(fragments, &first, 1, begin).fate, SS_FRAGMENT_KEPT);
    ck_assert_int_eq(taken(fragments, &last, 2, begin + wait).fate, SS_FRAGMENT_WHOLE);
    ck_assert_int_eq(taken(fragments, &first, 3, begin).fate, SS_FRAGMENT_KEPT);
    ck_assert_int_eq(taken(fragments, &last, 4, begin + wait + 1).fate, SS_FRAGMENT_KEPT);
    ck_assert_uint_eq(ss_fragments_count(fragments).expired, 1);
    ck_assert_int_eq(taken(fragments, &first, 5, 0).fate, SS_FRAGMENT_WHOLE); /* time went back */
    ss_fragments_free(fragments);
}
END_TEST

/* The oldest give way to the thousand and twenty-fifth. */
START_TEST(test_fragments_of_too_many_datagrams_crowd_out_the_oldest)
{
    enum { MOST = SS_FRAGMENTS_DATAGRAMS_MAX };
    struct ss_fragments *fragments = new_fragments();
    for (uint32_t id = 0; id <= MOST; id++) {
        struct changed first = piece_of(true, id, 0, 24, true);
        ck_assert_int_eq(fate_of(fragments, &first), SS_FRAGMENT_KEPT);
    }
    ck_assert_uint_eq(ss_fragments_count(fragments).crowded_out, 1);
    struct changed second_oldest = piece_of(true, 1, 24, DATA, false);
    ck_assert_int_eq(fate_of(fragments, &second_oldest), SS_FRAGMENT_WHOLE);
    struct changed oldest = piece_of(true, 0, 24, DATA, false);
    ck_assert_int_eq(fate_of(fragments, &oldest), SS_FRAGMENT_KEPT);
    ss_fragments_free(fragments);
}
END_TEST

/* Each has room for 64 KB when its end is known: 16 MB are full before there are 1,024. */
START_TEST(test_fragments_of_too_many_octets_crowd_out_the_oldest)
{
    struct ss_fragments *fragments = new_fragments();
    for (uint32_t id = 0; id < SS_FRAGMENTS_DATAGRAMS_MAX; id++) {
        struct changed last = piece_of(true, id, 24, DATA, false);
        ss_bytes_put16(last.octets + IP + V6 + 2, 65000 / 8 * 8);
        ck_assert_int_eq(fate_of(fragments, &last), SS_FRAGMENT_KEPT);
    }
    struct ss_fragments_count count = ss_fragments_count(fragments);
    ck_assert_uint_lt((count.begun - count.crowded_out) * 65000, SS_FRAGMENTS_BYTES_MAX);
    ck_assert_uint_gt((count.begun - count.crowded_out) * 80000, SS_FRAGMENTS_BYTES_MAX);
    ss_fragments_free(fragments);
}
END_TEST

START_TEST(test_fragments_free_takes_null)
{
    ss_fragments_free(NULL);
}
END_TEST

static Suite *fragments_suite(void)
{
    Suite *suite = suite_create("fragments");
    TCase *tests = tcase_create("fragments");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_fragments_in_any_order_make_the_datagram, 0, 2);
    tcase_add_test(tests, test_fragments_of_ipv6_keep_the_headers_before);
    tcase_add_test(tests, test_fragments_of_other_datagrams_are_kept_apart);
    tcase_add_test(tests, test_fragments_that_are_none_are_left_alone);
    tcase_add_loop_test(tests, test_fragments_repeated_are_passed_over, 0, 2);
    tcase_add_test(tests, test_fragments_of_ipv4_that_overlap_leave_what_came_first);
    tcase_add_test(tests, test_fragments_of_ipv6_that_overlap_are_dropped);
    tcase_add_loop_test(tests, test_fragments_repeated_otherwise_conflict, 0, 2);
    tcase_add_loop_test(tests, test_fragments_that_cannot_be_are_malformed, 0, 2);
    tcase_add_test(tests, test_fragments_too_long_together_are_malformed);
    tcase_add_loop_test(tests, test_fragments_cut_anywhere_are_not_kept, 0, 2);
    tcase_add_loop_test(tests, test_fragments_with_a_bad_header_checksum_are_told, 0, 2);
    tcase_add_loop_test(tests, test_fragments_wait_for_their_rest_so_long, 0, 2);
    tcase_add_test(tests, test_fragments_of_too_many_datagrams_crowd_out_the_oldest);
    tcase_add_test(tests, test_fragments_of_too_many_octets_crowd_out_the_oldest);
    tcase_add_test(tests, test_fragments_free_takes_null);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(fragments_suite());
}
