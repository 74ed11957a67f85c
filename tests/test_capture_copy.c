/*
 * test_capture_copy: what is copied is octet for octet what it was, but for the comments; made by
 * hand from draft-ietf-opsawg-pcapng, in both byte orders.
 */
#include "made_capture.h"

#include "synstep/capture_copy.h"

static struct made result;
static char copy_path[700];

/* The comment on a frame; NULL: none. */
typedef const char *comment_of(uint64_t number);

static const char *nothing(uint64_t number)
{
    (void)number;
    return NULL;
}

static const char *abcde(uint64_t number)
{
    (void)number;
    return "abcde";
}

static void read_result(void)
{
    FILE *file = fopen(copy_path, "rb");
    ck_assert_ptr_nonnull(file);
    result.length = fread(result.octets, 1, sizeof(result.octets), file);
    fclose(file);
    unlink(copy_path);
}

static struct ss_capture_copy *open_copy(void)
{
    const char *build = getenv("SYNSTEP_BUILDDIR");
    struct ss_capture_copy *copy = NULL;
    snprintf(copy_path, sizeof(copy_path), "%s/test_capture_copy.%d.pcapng", build ? build : "/tmp",
             (int)getpid());
    ck_assert_int_eq(ss_capture_copy_open(copy_path, &copy, NULL), SS_OK);
    return copy;
}

/* One file of it. */
static void copy_one(struct ss_capture_copy *copy, const struct made *made, comment_of *comment)
{
    struct ss_capture_frame frame;
    struct ss_capture_file *file;
    const struct ss_capture_hearer hearer = ss_capture_copy_begin(copy);
    save(made, made->length);
    ck_assert_int_eq(ss_capture_file_open_heard(path, &hearer, &file, NULL), SS_OK);
    while (ss_capture_file_next(file, &frame)) {
        if (comment(frame.number))
            ss_capture_copy_comment(copy, comment(frame.number));
        ss_capture_copy_frame(copy, file, &frame);
    }
    ss_capture_file_close(file);
    remove_file();
}

static void copy_of(const struct made *made, comment_of *comment)
{
    struct ss_capture_copy *copy = open_copy();
    copy_one(copy, made, comment);
    ck_assert_int_eq(ss_capture_copy_close(copy, NULL), SS_OK);
    read_result();
}

static void expect_result(const struct made *expected)
{
    for (size_t i = 0; i < expected->length && i < result.length; i++)
        ck_assert_msg(result.octets[i] == expected->octets[i], "octet %zu is 0x%02x, not 0x%02x", i,
                      result.octets[i], expected->octets[i]);
    ck_assert_uint_eq(result.length, expected->length);
}

/* --- files of each kind of block ----------------------------------------------------------------
 */

/* An enhanced (6) or obsolete (2) packet of five octets, then these options. */
static void put_packet(struct made *made, uint32_t type, const struct made *options)
{
    struct made body = {.swapped = made->swapped};
    if (type == 6)
        put32(&body, 0);
    else
        put_number(&body, 0, 2), put_number(&body, 77, 2); /* drops */
    put32(&body, 0x00060a24);
    put32(&body, 0x18202247);
    put32(&body, 5);
    put32(&body, 1500);
    put(&body, "\x45\0\0\x01\x02\0\0", 8);
    put(&body, options->octets, options->length);
    pcapng_block(made, type, body.octets, body.length);
}

static struct made options_of(bool swapped)
{
    return (struct made){.swapped = swapped};
}

static void put_option(struct made *options, uint32_t code, const char *value, uint32_t length)
{
    put16(options, code);
    put16(options, length);
    put(options, value, length);
    put(options, "\0\0\0", (4 - length % 4) % 4);
}

/* Two sections in two byte orders, interfaces, names, statistics. */
static struct made all_kinds(bool swapped)
{
    struct made made = pcapng_of(swapped, 101);
    struct made options = options_of(swapped);
    pcapng_interface(&made, ETHERNET, 96, "", 0);
    put_packet(&made, 6, &options);
    pcapng_block(&made, 4, "names123", 8);
    put_option(&options, 1, "said before", 11);
    put_option(&options, 2, "\0\0\0\1", 4);
    put_option(&options, 0, "", 0);
    put_packet(&made, 6, &options);
    put_packet(&made, 2, &options);
    pcapng_block(&made, 3, "\0\0\0\0", 4); /* simple, of no octets */
    pcapng_block(&made, 5, "stat", 4);
    made.swapped = !swapped;
    pcapng_section(&made);
    pcapng_interface(&made, 101, 0, "", 0);
    pcapng_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    return made;
}

START_TEST(test_capture_copy_without_comments_is_the_same)
{
    struct made made = all_kinds(_i == 1);
    copy_of(&made, nothing);
    expect_result(&made);
}
END_TEST

/* Section 4.9: a custom block of this type must not be copied by who does not know it. */
START_TEST(test_capture_copy_leaves_out_what_forbids_it)
{
    struct made made = pcapng_of(_i == 1, 101), expected = made;
    pcapng_block(&made, 0x40000bad, "\0\0\0\1own", 8);
    pcapng_block(&made, 0x00000bad, "\0\0\0\1own", 8);
    pcapng_block(&expected, 0x00000bad, "\0\0\0\1own", 8);
    copy_of(&made, nothing);
    expect_result(&expected);
}
END_TEST

/* Section 4.1: a section that is longer than it says would hide its last blocks. */
START_TEST(test_capture_copy_forgets_how_long_a_section_was)
{
    struct made made = pcapng_of(_i == 1, 101), expected = made;
    memset(made.octets + 16, 0, 8);
    copy_of(&made, nothing);
    expect_result(&expected);
}
END_TEST

/* --- comments -----------------------------------------------------------------------------------
 */

START_TEST(test_capture_copy_puts_comments_after_those_that_are_there)
{
    for (uint32_t type = 2; type <= 6; type += 4) {
        struct made made = pcapng_of(_i == 1, 101), expected = made;
        struct made options = options_of(made.swapped), more = options;
        put_packet(&made, type, &options);
        put_option(&more, 1, "abcde", 5);
        put_option(&more, 0, "", 0);
        put_packet(&expected, type, &more);
        put_option(&options, 1, "said before", 11);
        put_option(&options, 2, "\0\0\0\1", 4);
        more = options;
        put_packet(&made, type, &options); /* ended by the block's end alone */
        put_option(&options, 0, "", 0);
        put_packet(&made, type, &options);
        put_option(&more, 1, "abcde", 5);
        put_option(&more, 0, "", 0);
        put_packet(&expected, type, &more);
        put_packet(&expected, type, &more);
        copy_of(&made, abcde);
        expect_result(&expected);
    }
}
END_TEST

/* What is broken stays so; the comment can be read before it. */
START_TEST(test_capture_copy_puts_comments_before_broken_options)
{
    struct made made = pcapng_of(_i == 1, 101), expected = made;
    struct made options = options_of(made.swapped), more = options;
    put16(&options, 1);
    put16(&options, 200);
    put_option(&more, 1, "abcde", 5);
    put16(&more, 1);
    put16(&more, 200);
    put_packet(&made, 6, &options);
    put_packet(&expected, 6, &more);
    copy_of(&made, abcde);
    expect_result(&expected);
}
END_TEST

static const char *twice_full(uint64_t number)
{
    static char text[10000];
    memset(text, 'x', sizeof(text) - 1);
    return number == 1 ? text : NULL;
}

START_TEST(test_capture_copy_leaves_out_comments_without_end)
{
    struct made made = pcapng_of(false, 101);
    struct ss_capture_frame frame = {.whole = made.octets, .whole_length = 5, .linktype = 101};
    struct ss_capture_copy *copy = open_copy();
    (void)ss_capture_copy_begin(copy);
    for (int i = 0; i < 5; i++)
        ss_capture_copy_comment(copy, twice_full(1));
    ss_capture_copy_frame(copy, NULL, &frame);
    ss_capture_copy_frame(copy, NULL, &frame); /* has none */
    ck_assert_int_eq(ss_capture_copy_close(copy, NULL), SS_OK);
    FILE *file = fopen(copy_path, "rb");
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    ck_assert_int_gt(ftell(file), 10000);
    ck_assert_int_lt(ftell(file), 10400);
    fclose(file);
    unlink(copy_path);
}
END_TEST

/* Section 4.4 knows no options: then it is an enhanced packet, of no time, as it had none. */
START_TEST(test_capture_copy_simple_packet_with_a_comment_becomes_enhanced)
{
    struct made made = pcapng_of(_i == 1, 101), expected = made, body = options_of(made.swapped);
    put32(&body, 6);
    put(&body, "sixsix\0\0", 8);
    pcapng_block(&made, 3, body.octets, body.length);
    body.length = 0;
    for (int i = 0; i < 3; i++)
        put32(&body, 0);
    put32(&body, 6);
    put32(&body, 6);
    put(&body, "sixsix\0\0", 8);
    put_option(&body, 1, "abcde", 5);
    put_option(&body, 0, "", 0);
    pcapng_block(&expected, 6, body.octets, body.length);
    copy_of(&made, abcde);
    expect_result(&expected);
}
END_TEST

/* --- files of other kinds -----------------------------------------------------------------------
 */

static void expect_kept(struct ss_capture_file *file, uint64_t number, uint64_t time_ns,
                        size_t missing)
{
    struct ss_capture_frame frame;
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.number, number);
    ck_assert_uint_eq(frame.time_ns, time_ns);
    ck_assert_uint_eq(frame.missing_bytes, missing);
    ck_assert_uint_eq(frame.linktype, 101);
    ck_assert_uint_eq(frame.whole_length, 5);
    ck_assert_mem_eq(frame.whole, "\x45\1\2\3\4", 5);
}

START_TEST(test_capture_copy_of_pcap_keeps_times_and_lengths)
{
    bool nanoseconds = _i & 2;
    struct made made = pcap_of(_i & 1, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 101);
    uint64_t time_ns = UINT64_C(1700000000000000000) + UINT64_C(123456) * (nanoseconds ? 1 : 1000);
    pcap_head(&made, 5, 5);
    put(&made, "\x45\1\2\3\4", 5);
    pcap_head(&made, 5, 1500);
    put(&made, "\x45\1\2\3\4", 5);
    copy_of(&made, abcde);
    struct ss_capture_file *file = opened(&result);
    expect_kept(file, 1, time_ns, 0);
    expect_kept(file, 2, time_ns, 1495);
    expect_end(file);
    remove_file();
}
END_TEST

/* One file after the other: the second one's section has interfaces of its own. */
START_TEST(test_capture_copy_of_several_files_has_their_sections)
{
    struct made made = pcapng_of(true, 101), classic = pcap_of(false, 0xa1b2c3d4, ETHERNET);
    struct ss_capture_copy *copy = open_copy();
    pcapng_frame(&made, frame_v4_syn + ETHERNET_BYTES, sizeof(frame_v4_syn) - ETHERNET_BYTES);
    pcap_frame(&classic, frame_v4_syn, sizeof(frame_v4_syn));
    copy_one(copy, &made, nothing);
    copy_one(copy, &classic, abcde);
    copy_one(copy, &made, abcde);
    ck_assert_int_eq(ss_capture_copy_close(copy, NULL), SS_OK);
    read_result();
    struct ss_capture_file *file = opened(&result);
    expect_frame(file, 1, frame_v4_syn + ETHERNET_BYTES, sizeof(frame_v4_syn) - ETHERNET_BYTES);
    expect_frame(file, 2, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 3, frame_v4_syn + ETHERNET_BYTES, sizeof(frame_v4_syn) - ETHERNET_BYTES);
    expect_end(file);
    remove_file();
}
END_TEST

/* --- what is no capture, and what cannot be written ---------------------------------------------
 */

START_TEST(test_capture_copy_of_nothing_can_be_read)
{
    struct ss_capture_copy *copy = open_copy();
    (void)ss_capture_copy_begin(copy);
    ck_assert_int_eq(ss_capture_copy_close(copy, NULL), SS_OK);
    read_result();
    struct ss_capture_file *file = opened(&result);
    expect_end(file);
    remove_file();
}
END_TEST

START_TEST(test_capture_copy_tells_of_a_full_disk)
{
    struct made made = all_kinds(false);
    struct ss_problem problem = {.status = SS_OK};
    struct ss_capture_copy *copy = NULL;
    ck_assert_int_eq(ss_capture_copy_open("/dev/full", &copy, &problem), SS_OK);
    for (int i = 0; i < 20; i++)
        copy_one(copy, &made, nothing);
    ck_assert_int_eq(ss_capture_copy_close(copy, &problem), SS_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(problem.text, "/dev/full"));
    ck_assert_ptr_nonnull(strstr(problem.text, "not complete"));
    ck_assert_int_eq(ss_capture_copy_open("/nowhere/it.pcapng", &copy, &problem), SS_USAGE);
}
END_TEST

static Suite *capture_copy_suite(void)
{
    Suite *suite = suite_create("capture_copy");
    TCase *blocks = tcase_create("blocks"), *others = tcase_create("others");
    tcase_add_loop_test(blocks, test_capture_copy_without_comments_is_the_same, 0, 2);
    tcase_add_loop_test(blocks, test_capture_copy_leaves_out_what_forbids_it, 0, 2);
    tcase_add_loop_test(blocks, test_capture_copy_forgets_how_long_a_section_was, 0, 2);
    tcase_add_loop_test(blocks, test_capture_copy_puts_comments_after_those_that_are_there, 0, 2);
    tcase_add_loop_test(blocks, test_capture_copy_puts_comments_before_broken_options, 0, 2);
    tcase_add_loop_test(blocks, test_capture_copy_simple_packet_with_a_comment_becomes_enhanced, 0,
                        2);
    tcase_add_test(blocks, test_capture_copy_leaves_out_comments_without_end);
    suite_add_tcase(suite, blocks);
    tcase_add_loop_test(others, test_capture_copy_of_pcap_keeps_times_and_lengths, 0, 4);
    tcase_add_test(others, test_capture_copy_of_several_files_has_their_sections);
    tcase_add_test(others, test_capture_copy_of_nothing_can_be_read);
    tcase_add_test(others, test_capture_copy_tells_of_a_full_disk);
    suite_add_tcase(suite, others);
    return suite;
}

int main(void)
{
    return check_main(capture_copy_suite());
}
