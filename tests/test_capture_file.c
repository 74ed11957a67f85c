/*
 * test_capture_file: capture files are read frame by frame; those that are none, break off or lie
 * are told: cut at every octet, and with every length in them a lie.
 */
#include "exact.h"
#include "made_capture.h"

/* --- formats ------------------------------------------------------------------------------------
 */

START_TEST(test_capture_file_pcap_is_read_in_both_byte_orders)
{
    struct made made = pcap_of(_i == 1, 0xa1b2c3d4, ETHERNET);
    pcap_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    pcap_frame(&made, frame_v6_syn, sizeof(frame_v6_syn));
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 2, frame_v6_syn, sizeof(frame_v6_syn));
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_pcap_in_nanoseconds_gives_both)
{
    struct made made = pcap_of(_i == 1, 0xa1b23c4d, ETHERNET);
    struct ss_capture_frame frame;
    pcap_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    struct ss_capture_file *file = opened(&made);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.time_us, UINT64_C(1700000000000123));
    ck_assert_uint_eq(frame.time_ns, UINT64_C(1700000000000123456));
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_pcapng_is_read_in_both_byte_orders)
{
    struct made made = pcapng_of(_i == 1, ETHERNET);
    pcapng_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    pcapng_frame(&made, frame_v6_synack, sizeof(frame_v6_synack));
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 2, frame_v6_synack, sizeof(frame_v6_synack));
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_without_a_frame_ends_at_once)
{
    struct made made = _i == 0 ? pcap_of(false, 0xa1b2c3d4, ETHERNET) : pcapng_of(false, ETHERNET);
    expect_end(opened(&made));
}
END_TEST

START_TEST(test_capture_file_time_may_go_back)
{
    struct made made = pcap_of(false, 0xa1b2c3d4, ETHERNET);
    struct ss_capture_frame frame;
    pcap_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    pcap_frame(&made, frame_v4_synack, sizeof(frame_v4_synack));
    memset(made.octets + 24 + 16 + sizeof(frame_v4_syn), 0, 8);
    struct ss_capture_file *file = opened(&made);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.time_us, 0);
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_frame_kept_in_part_says_what_is_missing)
{
    struct made made = pcap_of(false, 0xa1b2c3d4, ETHERNET);
    struct ss_capture_frame frame;
    pcap_head(&made, 60, 1514);
    put(&made, frame_v4_syn, 60);
    struct ss_capture_file *file = opened(&made);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.length, 60);
    ck_assert_uint_eq(frame.missing_bytes, 1454);
    expect_end(file);
}
END_TEST

/* --- what is no file to read --------------------------------------------------------------------
 */

static void expect_unreadable(const char *name, const char *text)
{
    struct ss_problem problem = {0};
    struct ss_capture_file *file = NULL;
    ck_assert_int_eq(ss_capture_file_open(name, &file, &problem), SS_UNREADABLE);
    ck_assert_ptr_null(file);
    ck_assert_msg(strstr(problem.text, text), "'%s' is not in: %s", text, problem.text);
    ck_assert_msg(strstr(problem.text, name), "'%s' is not in: %s", name, problem.text);
    ck_assert_ptr_null(strchr(problem.text, '\n'));
}

START_TEST(test_capture_file_other_link_type_is_named)
{
    static const struct {
        uint32_t link;
        const char *text;
    } rows[] = {{105, "link type IEEE802_11 (105)"},
                {1 << 26 | 127, "link type IEEE802_11_RADIOTAP (127)"},
                {147, "(147)"},
                {0xffff, "link type unknown (65535)"}};
    struct made made = pcap_of(false, 0xa1b2c3d4, rows[_i].link);
    save(&made, made.length);
    expect_unreadable(path, rows[_i].text);
}
END_TEST

START_TEST(test_capture_file_other_octets_are_no_capture)
{
    static const char *const texts[] = {"", "a", "This is a text.\n", "\x7f\x45LF\x02\x01\x01",
                                        "\x0a\x0d\x0d\x0a"};
    struct made made = {0};
    put(&made, texts[_i], strlen(texts[_i]));
    save(&made, made.length);
    expect_unreadable(path, "is no capture file");
}
END_TEST

START_TEST(test_capture_file_that_cannot_be_opened_says_why)
{
    expect_unreadable("/nonexistent/x.pcap", "No such file or directory");
    expect_unreadable("/", "directory");
}
END_TEST

/* --- what breaks off ----------------------------------------------------------------------------
 */

/* Three frames; `ends` gets where each of them ends. */
static struct made three_frames(bool pcapng, size_t ends[3])
{
    struct made made = pcapng ? pcapng_of(true, ETHERNET) : pcap_of(true, 0xa1b2c3d4, ETHERNET);
    for (int i = 0; i < 3; i++) {
        if (pcapng)
            pcapng_frame(&made, frame_v4_data, sizeof(frame_v4_data));
        else
            pcap_frame(&made, frame_v4_data, sizeof(frame_v4_data));
        ends[i] = made.length;
    }
    return made;
}

/* Reads all that there is; `good` frames, and trouble unless the file ends with one of them. */
static void read_cut(const struct made *made, size_t length, size_t good, bool is_whole)
{
    struct exact copy = exact_copy(made->octets, length);
    struct ss_problem problem = {0};
    struct ss_capture_file *file = NULL;
    struct ss_capture_frame frame;
    char number[40];
    if (ss_capture_file_over("it", copy.octets, length, &file, &problem) != SS_OK) {
        ck_assert_msg(good == 0, "cut at %zu: %s", length, problem.text);
        exact_free(copy);
        return;
    }
    for (size_t i = 0; i < good; i++) {
        ck_assert(ss_capture_file_next(file, &frame));
        ck_assert_mem_eq(frame.octets, frame_v4_data, sizeof(frame_v4_data));
    }
    ck_assert(!ss_capture_file_next(file, &frame));
    ck_assert(!ss_capture_file_next(file, &frame));
    snprintf(number, sizeof(number), "breaks off at frame %zu: ", good + 1);
    ck_assert_int_eq(ss_capture_file_ended(file, &problem), is_whole ? SS_OK : SS_UNREADABLE);
    ck_assert_msg(is_whole || strstr(problem.text, number), "cut at %zu: %s", length, problem.text);
    ss_capture_file_close(file);
    exact_free(copy);
}

START_TEST(test_capture_file_cut_at_every_octet_gives_what_came_before)
{
    size_t ends[3];
    struct made made = three_frames(_i == 1, ends);
    size_t head = _i == 1 ? 48 : 24;
    for (size_t length = 0; length <= made.length; length++) {
        size_t good = (length >= ends[0]) + (size_t)(length >= ends[1]) + (length >= ends[2]);
        bool whole = length == head || (_i == 1 && length == 28) || length == ends[0] ||
                     length == ends[1] || length == ends[2];
        read_cut(&made, length, good, whole);
    }
}
END_TEST

START_TEST(test_capture_file_that_breaks_off_counts_what_was_good)
{
    static const char *const texts[] = {"nothing came before it", "the 1 before it were read",
                                        "the 2 before it were read"};
    size_t ends[3];
    struct made made = three_frames(false, ends);
    struct ss_problem problem;
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    save(&made, ends[_i] - 1);
    ck_assert_int_eq(ss_capture_file_open(path, &file, NULL), SS_OK);
    while (ss_capture_file_next(file, &frame))
        continue;
    ck_assert_int_eq(ss_capture_file_ended(file, &problem), SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, texts[_i]), "%s", problem.text);
    ss_capture_file_close(file);
}
END_TEST

/* Every 32-bit word of the file in turn is a lie: no matter what comes of it, it comes to an end.
 */
START_TEST(test_capture_file_with_a_lie_anywhere_comes_to_an_end)
{
    static const uint32_t lies[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x40000};
    size_t ends[3], step = check_is_slow() ? 12 : 4;
    struct made made = three_frames(_i == 1, ends);
    for (size_t at = 0; at + 4 <= made.length; at += step)
        for (size_t lie = 0; lie < sizeof(lies) / sizeof(lies[0]); lie++) {
            struct made told = made;
            struct ss_capture_file *file;
            struct ss_capture_frame frame;
            struct ss_packet packet;
            unsigned count = 0;
            told.length = at;
            put32(&told, lies[lie]);
            struct exact copy = exact_copy(told.octets, made.length);
            bool opens = ss_capture_file_over("it", copy.octets, made.length, &file, NULL) == SS_OK;
            for (; opens && ss_capture_file_next(file, &frame); count++)
                ss_packet_decode(frame.link, frame.octets, frame.length, &packet);
            ck_assert_uint_le(count, 100);
            if (opens)
                ss_capture_file_close(file);
            exact_free(copy);
        }
}
END_TEST

START_TEST(test_capture_file_close_takes_null)
{
    ss_capture_file_close(NULL);
}
END_TEST

static Suite *capture_file_suite(void)
{
    Suite *suite = suite_create("capture_file");
    TCase *tests = tcase_create("capture_file");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, remove_file);
    tcase_add_loop_test(tests, test_capture_file_pcap_is_read_in_both_byte_orders, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_pcap_in_nanoseconds_gives_both, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_pcapng_is_read_in_both_byte_orders, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_without_a_frame_ends_at_once, 0, 2);
    tcase_add_test(tests, test_capture_file_time_may_go_back);
    tcase_add_test(tests, test_capture_file_frame_kept_in_part_says_what_is_missing);
    tcase_add_loop_test(tests, test_capture_file_other_link_type_is_named, 0, 4);
    tcase_add_loop_test(tests, test_capture_file_other_octets_are_no_capture, 0, 5);
    tcase_add_test(tests, test_capture_file_that_cannot_be_opened_says_why);
    tcase_add_loop_test(tests, test_capture_file_cut_at_every_octet_gives_what_came_before, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_that_breaks_off_counts_what_was_good, 0, 3);
    tcase_add_loop_test(tests, test_capture_file_with_a_lie_anywhere_comes_to_an_end, 0, 2);
    tcase_add_test(tests, test_capture_file_close_takes_null);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(capture_file_suite());
}
