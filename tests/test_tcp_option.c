/*
 * test_tcp_option: options as Linux lays them out, read and written, and every way to be wrong.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/tcp_option.h"

/* "mss 1460,sackOK,TS val 2204915178 ecr 0,nop,wscale 10" */
static const uint8_t *const syn_options = frame_v4_syn + 54;

START_TEST(test_tcp_option_decode_reads_a_kernels_syn)
{
    struct ss_tcp_options options;
    ss_tcp_options_decode(syn_options, 20, &options);
    ck_assert(options.has_mss && options.sack_permitted && options.has_timestamps);
    ck_assert(options.has_window_shift && !options.malformed && !options.has_fast_open);
    ck_assert_uint_eq(options.mss, 1460);
    ck_assert_uint_eq(options.timestamp_value, 2204915178);
    ck_assert_uint_eq(options.timestamp_echo, 0);
    ck_assert_uint_eq(options.window_shift, 10);
    ck_assert_uint_eq(options.sack_count, 0);
}
END_TEST

START_TEST(test_tcp_option_walk_goes_through_a_kernels_syn)
{
    static const struct ss_tcp_option expected[] = {
        {SS_TCP_OPTION_MSS, 4, frame_v4_syn + 56, 0},
        {SS_TCP_OPTION_SACK_PERMITTED, 2, NULL, 4},
        {SS_TCP_OPTION_TIMESTAMPS, 10, frame_v4_syn + 62, 6},
        {SS_TCP_OPTION_NOP, 1, NULL, 16},
        {SS_TCP_OPTION_WINDOW_SCALE, 3, frame_v4_syn + 73, 17},
    };
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(syn_options, 20);
    struct ss_tcp_option option;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        ck_assert(ss_tcp_option_next(&walk, &option));
        ck_assert_uint_eq(option.kind, expected[i].kind);
        ck_assert_uint_eq(option.length, expected[i].length);
        ck_assert_ptr_eq(option.data, expected[i].data);
        ck_assert_uint_eq(option.offset, expected[i].offset);
    }
    ck_assert(!ss_tcp_option_next(&walk, &option));
    ck_assert(!walk.malformed);
}
END_TEST

/* A cut is malformed unless it falls between two options. */
START_TEST(test_tcp_option_decode_cut_at_every_length)
{
    for (size_t length = 0; length <= 20; length++) {
        struct exact copy = exact_copy(syn_options, length);
        struct ss_tcp_options options;
        ss_tcp_options_decode(copy.octets, length, &options);
        bool between = length == 0 || length == 4 || length == 6 || length == 16 || length == 17 ||
                       length == 20;
        ck_assert_msg(options.malformed != between, "%zu octets", length);
        ck_assert(options.has_mss == (length >= 4));
        ck_assert(options.sack_permitted == (length >= 6));
        ck_assert(options.has_timestamps == (length >= 16));
        ck_assert(options.has_window_shift == (length == 20));
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_tcp_option_walk_ends_after_end_of_options)
{
    static const uint8_t octets[] = {1, 0, 2, 4, 5, 180};
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, sizeof octets);
    struct ss_tcp_option option;
    ck_assert(ss_tcp_option_next(&walk, &option));
    ck_assert_uint_eq(option.kind, SS_TCP_OPTION_NOP);
    ck_assert(ss_tcp_option_next(&walk, &option));
    ck_assert_uint_eq(option.kind, SS_TCP_OPTION_END);
    ck_assert_uint_eq(option.offset, 1);
    ck_assert(!ss_tcp_option_next(&walk, &option));
    ck_assert(!walk.malformed);
}
END_TEST

/* Options of which one is wrong; MSS 1460 stands before it and SACK permitted behind. */
struct wrong {
    const char *name;
    uint8_t octets[32];
    size_t length;
    bool behind_is_read;
};

static const struct wrong wrongs[] = {
    {"length 0", {2, 4, 5, 180, 8, 0, 4, 2}, 8, false},
    {"length 1", {2, 4, 5, 180, 8, 1, 4, 2}, 8, false},
    {"no length octet", {2, 4, 5, 180, 8}, 5, false},
    {"length past the end", {2, 4, 5, 180, 8, 10, 4, 2}, 8, false},
    {"unknown, past the end", {2, 4, 5, 180, 254, 5, 4, 2}, 8, false},
    {"MSS of 3", {2, 4, 5, 180, 2, 3, 9, 4, 2}, 9, true},
    {"MSS of 5", {2, 4, 5, 180, 2, 5, 9, 9, 9, 4, 2}, 11, true},
    {"window scale of 2", {2, 4, 5, 180, 3, 2, 4, 2}, 8, true},
    {"window scale of 4", {2, 4, 5, 180, 3, 4, 7, 7, 4, 2}, 10, true},
    {"SACK permitted of 3", {2, 4, 5, 180, 4, 3, 0, 4, 2}, 9, true},
    {"SACK of no block", {2, 4, 5, 180, 5, 2, 4, 2}, 8, true},
    {"SACK of half a block", {2, 4, 5, 180, 5, 6, 0, 0, 0, 1, 4, 2}, 12, true},
    {"timestamps of 9", {2, 4, 5, 180, 8, 9, [13] = 4, 2}, 15, true},
    {"timestamps of 11", {2, 4, 5, 180, 8, 11, [15] = 4, 2}, 17, true},
    {"fast open cookie of 2", {2, 4, 5, 180, 34, 4, 0, 0, 4, 2}, 10, true},
    {"fast open cookie of 5", {2, 4, 5, 180, 34, 7, [11] = 4, 2}, 13, true},
    {"fast open cookie of 18", {2, 4, 5, 180, 34, 20, [24] = 4, 2}, 26, true},
};

START_TEST(test_tcp_option_decode_wrong_length_is_malformed_and_the_rest_is_read)
{
    const struct wrong *wrong = &wrongs[_i];
    struct exact copy = exact_copy(wrong->octets, wrong->length);
    struct ss_tcp_options options;
    ss_tcp_options_decode(copy.octets, wrong->length, &options);
    ck_assert_msg(options.malformed, "%s", wrong->name);
    ck_assert_uint_eq(options.mss, 1460);
    ck_assert_msg(options.sack_permitted == wrong->behind_is_read, "%s", wrong->name);
    ck_assert(!options.has_window_shift && !options.has_timestamps && !options.has_fast_open);
    ck_assert_uint_eq(options.sack_count, 0);
    exact_free(copy);
}
END_TEST

/* Five blocks do not fit a header, but the decoder may be handed more than 40 octets. */
START_TEST(test_tcp_option_decode_five_sack_blocks_are_malformed)
{
    uint8_t octets[42] = {5, 42};
    struct ss_tcp_options options;
    ss_tcp_options_decode(octets, sizeof octets, &options);
    ck_assert(options.malformed);
    ck_assert_uint_eq(options.sack_count, 0);
}
END_TEST

START_TEST(test_tcp_option_decode_unknown_kinds_are_passed_over)
{
    static const uint8_t octets[] = {19, 18, 0, 0, 0, 0,   0, 0, 0, 0,  0,  0, 0,
                                     0,  0,  0, 0, 0, 254, 2, 3, 3, 15, 34, 2};
    struct ss_tcp_options options;
    ss_tcp_options_decode(octets, sizeof octets, &options);
    ck_assert(!options.malformed);
    ck_assert(options.has_window_shift && options.has_fast_open);
    ck_assert_uint_eq(options.window_shift, 15);
}
END_TEST

/* Sequence numbers in blocks, at each base and across it. */
START_TEST(test_tcp_option_decode_sack_blocks_hold_any_number)
{
    static const uint8_t octets[] = {1, 1, 5,    18,   0xff, 0xff, 0xff, 0xff, 0, 0,
                                     0, 0, 0x7f, 0xff, 0xff, 0xff, 0x80, 0,    0, 0};
    struct ss_tcp_options options;
    ss_tcp_options_decode(octets, sizeof octets, &options);
    ck_assert(!options.malformed);
    ck_assert_uint_eq(options.sack_count, 2);
    ck_assert_uint_eq(options.sack[0].left.value, 0xffffffff);
    ck_assert_uint_eq(options.sack[0].right.value, 0);
    ck_assert_uint_eq(options.sack[1].left.value, 0x7fffffff);
    ck_assert_uint_eq(options.sack[1].right.value, 0x80000000);
}
END_TEST

/* Values, and the octets that kernels send for them (RFC 7323 appendix A; Linux's SYN above). */
struct layout {
    struct ss_tcp_options options;
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX];
    size_t length;
};

static const struct layout layouts[] = {
    {{.malformed = false}, {0}, 0},
    {{.has_mss = true, .mss = 1460}, {2, 4, 5, 180}, 4},
    {{.has_mss = true, .mss = 536, .has_window_shift = true, .window_shift = 7},
     {2, 4, 2, 24, 1, 3, 3, 7},
     8},
    {{.sack_permitted = true}, {1, 1, 4, 2}, 4},
    {{.has_mss = true, .mss = 1460, .sack_permitted = true, .has_window_shift = true},
     {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 0},
     12},
    {{.has_timestamps = true, .timestamp_value = 1, .timestamp_echo = 0xfffffffe},
     {1, 1, 8, 10, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe},
     12},
    {{.sack_count = 1, .sack = {{{1}, {9}}}}, {1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9}, 12},
    {{.has_timestamps = true, .sack_count = 1, .sack = {{{0xffffffff}, {0}}}},
     {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 5, 10, 0xff, 0xff, 0xff, 0xff},
     24},
};

START_TEST(test_tcp_option_encode_lays_out_as_kernels_do)
{
    const struct layout *layout = &layouts[_i];
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX] = {0};
    ck_assert_uint_eq(ss_tcp_options_encode(&layout->options, octets), layout->length);
    ck_assert_mem_eq(octets, layout->octets, sizeof octets);
}
END_TEST

START_TEST(test_tcp_option_encode_gives_a_kernels_syn_octet_for_octet)
{
    struct ss_tcp_options options = {
        .has_mss = true,
        .mss = 1460,
        .sack_permitted = true,
        .has_timestamps = true,
        .timestamp_value = 2204915178,
        .has_window_shift = true,
        .window_shift = 10,
    };
    uint8_t octets[SS_TCP_OPTIONS_BYTES_MAX];
    ck_assert_uint_eq(ss_tcp_options_encode(&options, octets), 20);
    ck_assert_mem_eq(octets, syn_options, 20);
}
END_TEST

START_TEST(test_tcp_option_encode_fills_forty_octets_and_refuses_more)
{
    struct ss_tcp_options options = {.has_timestamps = true, .sack_count = 3};
    struct exact room = exact_copy(frame_v4_syn, SS_TCP_OPTIONS_BYTES_MAX);
    ck_assert_uint_eq(ss_tcp_options_encode(&options, room.octets), 40);
    memset(room.octets, 0xaa, SS_TCP_OPTIONS_BYTES_MAX);
    options.has_mss = true; /* 44 octets */
    ck_assert_uint_eq(ss_tcp_options_encode(&options, room.octets), 0);
    options.has_mss = false;
    options.has_window_shift = true;
    ck_assert_uint_eq(ss_tcp_options_encode(&options, room.octets), 0);
    options.has_timestamps = false;
    options.sack_permitted = true;
    options.sack_count = 4;
    ck_assert_uint_eq(ss_tcp_options_encode(&options, room.octets), 0);
    options.sack_count = 255;
    ck_assert_uint_eq(ss_tcp_options_encode(&options, room.octets), 0);
    for (size_t i = 0; i < SS_TCP_OPTIONS_BYTES_MAX; i++)
        ck_assert_uint_eq(room.octets[i], 0xaa);
    exact_free(room);
}
END_TEST

static void check_format(const struct ss_tcp_options *options, const char *expected)
{
    char text[SS_TCP_OPTIONS_TEXT_SIZE];
    ss_tcp_options_format(text, options);
    ck_assert_str_eq(text, expected);
}

START_TEST(test_tcp_option_format_writes_as_scenarios_do)
{
    struct ss_tcp_options none = {.malformed = true};
    check_format(&none, "");
    struct ss_tcp_options window = {.has_window_shift = true, .window_shift = 7};
    check_format(&window, "wscale=7");
    struct ss_tcp_options some = {.has_mss = true,
                                  .mss = 1460,
                                  .sack_permitted = true,
                                  .has_timestamps = true,
                                  .timestamp_value = 1,
                                  .has_window_shift = true,
                                  .window_shift = 7,
                                  .sack_count = 1,
                                  .sack = {{{1}, {9}}}};
    check_format(&some, "mss=1460 sackok ts=1,0 wscale=7 sack=1..9");
}
END_TEST

START_TEST(test_tcp_option_format_longest_text_fits)
{
    struct ss_tcp_options most = {.has_mss = true,
                                  .mss = 65535,
                                  .sack_permitted = true,
                                  .has_timestamps = true,
                                  .timestamp_value = UINT32_MAX,
                                  .timestamp_echo = UINT32_MAX,
                                  .has_window_shift = true,
                                  .window_shift = 255,
                                  .has_fast_open = true,
                                  .sack_count = 255};
    for (size_t i = 0; i < SS_TCP_SACK_BLOCKS_MAX; i++)
        most.sack[i] = (struct ss_tcp_sack_block){{UINT32_MAX}, {UINT32_MAX}};
    check_format(&most, "mss=65535 sackok ts=4294967295,4294967295 wscale=255 "
                        "sack=4294967295..4294967295,4294967295..4294967295,"
                        "4294967295..4294967295,4294967295..4294967295 fastopen");
}
END_TEST

static Suite *tcp_option_suite(void)
{
    Suite *suite = suite_create("tcp_option");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, test_tcp_option_decode_reads_a_kernels_syn);
    tcase_add_test(reading, test_tcp_option_walk_goes_through_a_kernels_syn);
    tcase_add_test(reading, test_tcp_option_decode_cut_at_every_length);
    tcase_add_test(reading, test_tcp_option_walk_ends_after_end_of_options);
    tcase_add_loop_test(reading,
                        test_tcp_option_decode_wrong_length_is_malformed_and_the_rest_is_read, 0,
                        sizeof wrongs / sizeof wrongs[0]);
    tcase_add_test(reading, test_tcp_option_decode_five_sack_blocks_are_malformed);
    tcase_add_test(reading, test_tcp_option_decode_unknown_kinds_are_passed_over);
    tcase_add_test(reading, test_tcp_option_decode_sack_blocks_hold_any_number);
    suite_add_tcase(suite, reading);
    TCase *writing = tcase_create("writing");
    tcase_add_loop_test(writing, test_tcp_option_encode_lays_out_as_kernels_do, 0,
                        sizeof layouts / sizeof layouts[0]);
    tcase_add_test(writing, test_tcp_option_encode_gives_a_kernels_syn_octet_for_octet);
    tcase_add_test(writing, test_tcp_option_encode_fills_forty_octets_and_refuses_more);
    tcase_add_test(writing, test_tcp_option_format_writes_as_scenarios_do);
    tcase_add_test(writing, test_tcp_option_format_longest_text_fits);
    suite_add_tcase(suite, writing);
    return suite;
}

int main(void)
{
    return check_main(tcp_option_suite());
}
