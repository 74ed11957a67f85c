/*
 * test_capture_file_pcapng: sections, interfaces, clocks, the three forms of a packet and what is
 * passed over (draft-ietf-opsawg-pcapng); a damaged block is named by its place.
 */
#include "made_capture.h"

static struct ss_capture_frame next_of(struct ss_capture_file *file)
{
    struct ss_capture_frame frame;
    ck_assert(ss_capture_file_next(file, &frame));
    return frame;
}

static void put_syn(struct made *made, uint32_t interface, uint64_t ticks)
{
    pcapng_frame_of(made, interface, ticks, frame_v4_syn, sizeof(frame_v4_syn));
}

START_TEST(test_capture_file_pcapng_sections_may_change_their_byte_order)
{
    struct made made = pcapng_of(_i == 1, ETHERNET);
    pcapng_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    made.swapped = !made.swapped;
    pcapng_section(&made);
    pcapng_interface(&made, 101, 0, "", 0); /* number 0 again */
    pcapng_frame(&made, frame_v6_syn + ETHERNET_BYTES, sizeof(frame_v6_syn) - ETHERNET_BYTES);
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 2, frame_v6_syn + ETHERNET_BYTES, sizeof(frame_v6_syn) - ETHERNET_BYTES);
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_pcapng_interfaces_have_link_types_of_their_own)
{
    uint8_t looped[sizeof(frame_v4_syn)] = {2};
    memcpy(looped + 4, frame_v4_syn + ETHERNET_BYTES, sizeof(frame_v4_syn) - ETHERNET_BYTES);
    size_t length = sizeof(frame_v4_syn) - ETHERNET_BYTES;
    struct made made = pcapng_of(true, ETHERNET);
    pcapng_interface(&made, 0, 0, "", 0);
    pcapng_frame_of(&made, 1, UINT64_C(1700000000123456), looped, length + 4);
    pcapng_frame(&made, frame_v6_syn, sizeof(frame_v6_syn));
    struct ss_capture_file *file = opened(&made);
    struct ss_capture_frame frame = next_of(file);
    ck_assert_uint_eq(frame.linktype, 0);
    ck_assert_uint_eq(frame.whole_length, length + 4);
    ck_assert_mem_eq(frame.whole, looped, length + 4);
    ck_assert_int_eq(frame.link, SS_LINK_IP);
    ck_assert_uint_eq(frame.length, length);
    ck_assert_mem_eq(frame.octets, looped + 4, length);
    expect_frame(file, 2, frame_v6_syn, sizeof(frame_v6_syn));
    expect_end(file);
}
END_TEST

/* All that can be read is read, and the rest is told at the end. */
START_TEST(test_capture_file_pcapng_other_link_type_among_known_ones_is_told)
{
    struct made made = pcapng_of(true, 105);
    struct ss_problem problem;
    pcapng_interface(&made, ETHERNET, 0, "", 0);
    put_syn(&made, 0, 0);
    pcapng_frame_of(&made, 1, UINT64_C(1700000000123456), frame_v4_syn, sizeof(frame_v4_syn));
    struct ss_capture_file *file = opened(&made);
    ck_assert_uint_eq(next_of(file).length, 0);
    expect_frame(file, 2, frame_v4_syn, sizeof(frame_v4_syn));
    ck_assert(!ss_capture_file_next(file, &(struct ss_capture_frame){0}));
    ck_assert_int_eq(ss_capture_file_ended(file, &problem), SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, "1 frames of link type IEEE802_11 (105)"), "%s",
                  problem.text);
    ss_capture_file_close(file);
}
END_TEST

/* if_tsresol (option 9) and if_tsoffset (option 14), section 4.2. */
START_TEST(test_capture_file_pcapng_clocks_come_to_nanoseconds)
{
    static const struct {
        uint8_t resolution;
        int64_t offset;
        uint64_t ticks;
        uint64_t time_ns;
    } rows[] = {
        {6, 0, 1700000000123456, 1700000000123456000},
        {9, 0, 1700000000123456789, 1700000000123456789},
        {3, 0, 1700000000123, 1700000000123000000},
        {0, 0, 1700000000, 1700000000000000000},
        {12, 0, 1700000000123456789, 1700000000123456}, /* picoseconds */
        {0x80, 0, 1700000000, 1700000000000000000},
        {0x8a, 0, 1024 * UINT64_C(1700000000) + 512, 1700000000500000000},
        {0xa0, 0, (UINT64_C(1700000000) << 32) + (UINT64_C(1) << 31), 1700000000500000000},
        {6, 1700000000, 123456, 1700000000123456000},
        {6, -1, 2000000, 1000000000},
        {6, -3, 2000000, 0}, /* before 1970 */
        {127, 0, UINT64_MAX, 0},
        {0xff, 0, UINT64_MAX, 0},
        {0, 0, UINT64_MAX, UINT64_MAX}, /* after 2554 */
        {9, INT64_MAX, UINT64_MAX, UINT64_MAX},
        {9, INT64_MIN, UINT64_MAX, 0},
        {29, 0, UINT64_MAX, 0}, /* 10 to the 20th is more than 64 bits hold */
    };
    enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
    for (int i = 0; i < ROWS; i++) {
        struct made options = {.swapped = _i == 1};
        struct made made = {.swapped = _i == 1};
        put16(&options, 2); /* if_name, to be passed */
        put16(&options, 5);
        put(&options, "lo100\0\0\0", 8);
        put16(&options, 9);
        put16(&options, 1);
        put(&options, (uint8_t[]){rows[i].resolution, 0, 0, 0}, 4);
        put16(&options, 14);
        put16(&options, 8);
        put32(&options, (uint32_t)((uint64_t)rows[i].offset >> (_i == 1 ? 0 : 32)));
        put32(&options, (uint32_t)((uint64_t)rows[i].offset >> (_i == 1 ? 32 : 0)));
        put32(&options, 0);
        pcapng_section(&made);
        pcapng_interface(&made, ETHERNET, 0, options.octets, options.length);
        put_syn(&made, 0, rows[i].ticks);
        struct ss_capture_file *file = opened(&made);
        struct ss_capture_frame frame = next_of(file);
        ck_assert_msg(frame.time_ns == rows[i].time_ns, "row %d: %llu", i,
                      (unsigned long long)frame.time_ns);
        ck_assert_uint_eq(frame.time_us, frame.time_ns / 1000);
        expect_end(file);
    }
}
END_TEST

/* Sections 4.4 and 4.8. */
START_TEST(test_capture_file_pcapng_simple_and_obsolete_packets_are_read)
{
    struct made made = {.swapped = _i == 1}, body = {.swapped = _i == 1};
    struct ss_capture_frame frame;
    pcapng_section(&made);
    pcapng_interface(&made, ETHERNET, 60, "", 0);
    put32(&body, sizeof(frame_v4_syn)); /* of which the snapshot keeps 60 */
    put(&body, frame_v4_syn, 60);
    pcapng_block(&made, 3, body.octets, body.length);
    body.length = 0;
    put16(&body, 0);
    put16(&body, 7); /* drops */
    put32(&body, 0x00060a24);
    put32(&body, 0x18202240);
    put32(&body, sizeof(frame_v4_syn));
    put32(&body, sizeof(frame_v4_syn));
    put(&body, frame_v4_syn, sizeof(frame_v4_syn));
    put(&body, "\0\0\0", (4 - sizeof(frame_v4_syn) % 4) % 4);
    pcapng_block(&made, 2, body.octets, body.length);
    struct ss_capture_file *file = opened(&made);
    frame = next_of(file);
    ck_assert_uint_eq(frame.length, 60);
    ck_assert_uint_eq(frame.missing_bytes, sizeof(frame_v4_syn) - 60);
    ck_assert_uint_eq(frame.time_ns, 0);
    ck_assert_mem_eq(frame.octets, frame_v4_syn, 60);
    expect_frame(file, 2, frame_v4_syn, sizeof(frame_v4_syn));
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_pcapng_other_blocks_are_passed)
{
    static const uint32_t others[] = {4, 5, 10, 0x0bad, 0x80000bad, 0x7fffffff};
    struct made made = pcapng_of(_i == 1, ETHERNET);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        pcapng_block(&made, others[i], "twelve octet", 4 * (i % 4));
    put_syn(&made, 0, UINT64_C(1700000000123456));
    pcapng_block(&made, 5, "", 0);
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_end(file);
}
END_TEST

/* Larger than any window that it might be read through. */
START_TEST(test_capture_file_pcapng_large_blocks_are_passed)
{
    enum { LARGE = 3000000 };
    struct made head = pcapng_of(true, ETHERNET), tail = {.swapped = true};
    struct ss_capture_file *file;
    uint8_t *octets = calloc(1, LARGE + 2000);
    size_t at = head.length;
    ck_assert_ptr_nonnull(octets);
    put32(&head, 5);
    put32(&head, LARGE);
    put32(&tail, LARGE);
    put_syn(&tail, 0, UINT64_C(1700000000123456));
    memcpy(octets, head.octets, head.length);
    memcpy(octets + at + LARGE - 4, tail.octets, tail.length);
    ck_assert_int_eq(ss_capture_file_over("it", octets, at + LARGE - 4 + tail.length, &file, NULL),
                     SS_OK);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_end(file);
    free(octets);
}
END_TEST

/* One word of a file of one good frame and one more is changed: what is said, and where. */
START_TEST(test_capture_file_pcapng_damaged_block_is_named_by_its_offset)
{
    enum { SECOND = 48 + 32 + sizeof(frame_v4_data) + 1 }; /* one of padding */
    static const struct {
        size_t at;
        uint32_t value;
        const char *text;
    } rows[] = {
        {4, 8, "the block at octet 152 claims 8 octets"},
        {4, 34, "the block at octet 152 claims 34 octets"},
        {4, 0xfffffffc, "the block at octet 152 claims 4294967292 octets"},
        {4, 108, "the file ends within the block at octet 152"},
        {4, 100, "the block at octet 152 ends with another length than it begins with"},
        {8, 1, "the block at octet 152 is of an interface that there is none of"},
        {20, 73, "the block at octet 152 of 104 octets claims a frame of 73"},
        {20, 0xffffffff, "claims a frame of 4294967295"},
        {100, 0, "the block at octet 152 ends with another length than it begins with"},
        {0, 1, "the block at octet 152 ends"}, /* read as an interface, whose length holds */
        {0, 0x0a0d0d0a, "the block at octet 152 begins a section without its magic number"},
        {0, 7, NULL}, /* of another kind */
    };
    struct made made = pcapng_of(true, ETHERNET);
    struct ss_problem problem = {0};
    ck_assert_uint_eq(SECOND, 152);
    for (int i = 0; i < 2; i++)
        pcapng_frame(&made, frame_v4_data, sizeof(frame_v4_data));
    size_t whole = made.length;
    made.length = SECOND + rows[_i].at;
    put32(&made, rows[_i].value);
    made.length = whole;
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_data, sizeof(frame_v4_data));
    ck_assert(!ss_capture_file_next(file, &(struct ss_capture_frame){0}));
    if (rows[_i].text && rows[_i].value != 1) {
        ck_assert_int_eq(ss_capture_file_ended(file, &problem), SS_UNREADABLE);
        ck_assert_msg(strstr(problem.text, rows[_i].text), "%s", problem.text);
        ck_assert_msg(strstr(problem.text, "frame 2"), "%s", problem.text);
    }
    ss_capture_file_close(file);
}
END_TEST

START_TEST(test_capture_file_pcapng_section_that_cannot_be_is_no_capture)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{8, 0}, {4, 24}, {4, 30}, {12, 2}};
    struct made made = {.swapped = true};
    struct ss_problem problem = {0};
    struct ss_capture_file *file = NULL;
    pcapng_section(&made);
    made.octets[rows[_i].at] = rows[_i].value;
    ck_assert_int_eq(ss_capture_file_over("it", made.octets, made.length, &file, &problem),
                     SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, "it is no capture file: the block at octet 0"), "%s",
                  problem.text);
}
END_TEST

static Suite *capture_file_pcapng_suite(void)
{
    Suite *suite = suite_create("capture_file_pcapng");
    TCase *tests = tcase_create("capture_file_pcapng");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, remove_file);
    tcase_add_loop_test(tests, test_capture_file_pcapng_sections_may_change_their_byte_order, 0, 2);
    tcase_add_test(tests, test_capture_file_pcapng_interfaces_have_link_types_of_their_own);
    tcase_add_test(tests, test_capture_file_pcapng_other_link_type_among_known_ones_is_told);
    tcase_add_loop_test(tests, test_capture_file_pcapng_clocks_come_to_nanoseconds, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_pcapng_simple_and_obsolete_packets_are_read, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_pcapng_other_blocks_are_passed, 0, 2);
    tcase_add_test(tests, test_capture_file_pcapng_large_blocks_are_passed);
    tcase_add_loop_test(tests, test_capture_file_pcapng_damaged_block_is_named_by_its_offset, 0,
                        12);
    tcase_add_loop_test(tests, test_capture_file_pcapng_section_that_cannot_be_is_no_capture, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(capture_file_pcapng_suite());
}
