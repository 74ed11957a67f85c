/*
 * test_capture_file_source: the same frames whatever they come out of: gzip, a pipe that brings
 * them in pieces, a file of many windows, one that is shortened meanwhile, memory.
 */
#include "made_capture.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <zlib.h>

#include "exact.h"
#include "synstep/random.h"

static struct made two_frames(void)
{
    struct made made = pcap_of(true, 0xa1b2c3d4, ETHERNET);
    pcap_frame(&made, frame_v4_syn, sizeof(frame_v4_syn));
    pcap_frame(&made, frame_v6_syn, sizeof(frame_v6_syn));
    return made;
}

static void expect_two_frames(struct ss_capture_file *file)
{
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 2, frame_v6_syn, sizeof(frame_v6_syn));
    expect_end(file);
}

static void expect_broken(struct ss_capture_file *file, const char *text)
{
    struct ss_problem problem = {0};
    struct ss_capture_frame frame;
    while (ss_capture_file_next(file, &frame))
        continue;
    ck_assert_int_eq(ss_capture_file_ended(file, &problem), SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, text), "%s", problem.text);
    ss_capture_file_close(file);
}

/* --- pcap's variants ----------------------------------------------------------------------------
 */

/* 24 octets before each frame: libpcap's "modified" format. */
START_TEST(test_capture_file_patched_pcap_is_read)
{
    struct made made = pcap_of(_i == 1, 0xa1b2cd34, ETHERNET);
    pcap_head(&made, sizeof(frame_v4_syn), sizeof(frame_v4_syn));
    put32(&made, 3);
    put32(&made, 0x08000001);
    put(&made, frame_v4_syn, sizeof(frame_v4_syn));
    struct ss_capture_file *file = opened(&made);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_end(file);
}
END_TEST

/* Before version 2.4 the two lengths may stand the other way round. */
START_TEST(test_capture_file_old_pcap_lengths_are_put_right)
{
    static const struct {
        uint8_t major, minor;
        bool swapped;
    } rows[] = {{2, 2, true}, {2, 3, true}, {2, 3, false}, {31, 4, true}};
    struct made made = pcap_of(true, 0xa1b2c3d4, ETHERNET);
    struct ss_capture_frame frame;
    made.octets[4] = rows[_i].major;
    made.octets[5] = rows[_i].major == 31 ? 2 : 0; /* 543 */
    made.octets[6] = rows[_i].minor;
    pcap_head(&made, rows[_i].swapped ? 1514 : 60, rows[_i].swapped ? 60 : 1514);
    put(&made, frame_v4_syn, 60);
    struct ss_capture_file *file = opened(&made);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_uint_eq(frame.length, 60);
    ck_assert_uint_eq(frame.missing_bytes, 1454);
    expect_end(file);
}
END_TEST

START_TEST(test_capture_file_longest_frame_is_read_and_a_longer_one_is_damage)
{
    uint8_t *octets = calloc(1, SS_CAPTURE_FRAME_BYTES_MAX + 100);
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    ck_assert_ptr_nonnull(octets);
    for (uint32_t more = 0; more < 2; more++) {
        struct made made = pcap_of(true, 0xa1b2c3d4, ETHERNET);
        uint32_t length = SS_CAPTURE_FRAME_BYTES_MAX + more;
        pcap_head(&made, length, length);
        memcpy(octets, made.octets, made.length);
        ck_assert_int_eq(ss_capture_file_over("it", octets, made.length + length, &file, NULL),
                         SS_OK);
        if (more) {
            expect_broken(file, "frame 1: the record at octet 24 claims 262145 octets");
            continue;
        }
        ck_assert(ss_capture_file_next(file, &frame));
        ck_assert_uint_eq(frame.length, length);
        expect_end(file);
    }
    free(octets);
}
END_TEST

START_TEST(test_capture_file_in_memory_is_not_read_past_its_end)
{
    struct made made = two_frames();
    for (size_t length = 0; length <= made.length; length++) {
        struct exact copy = exact_copy(made.octets, length);
        struct ss_capture_file *file;
        struct ss_capture_frame frame;
        if (ss_capture_file_over("it", copy.octets, length, &file, NULL) == SS_OK) {
            while (ss_capture_file_next(file, &frame))
                ck_assert_ptr_eq(frame.octets, frame.whole);
            ss_capture_file_close(file);
        } else {
            ck_assert_uint_lt(length, 24);
        }
        exact_free(copy);
    }
}
END_TEST

/* --- gzip ---------------------------------------------------------------------------------------
 */

/* A member of its own (RFC 1952). */
static void pack(struct made *packed, const uint8_t *octets, size_t length)
{
    enum { GZIP = 16 };
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + GZIP, 8, 0), Z_OK);
    stream.next_in = (z_const Bytef *)octets;
    stream.avail_in = (uInt)length;
    stream.next_out = packed->octets + packed->length;
    stream.avail_out = (uInt)(MADE_MAX - packed->length);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->length = MADE_MAX - stream.avail_out;
    deflateEnd(&stream);
}

START_TEST(test_capture_file_gzip_is_unpacked)
{
    struct made made = two_frames(), packed = {0};
    struct ss_capture_file *file;
    pack(&packed, made.octets, made.length);
    ck_assert_int_eq(ss_capture_file_over("it", packed.octets, packed.length, &file, NULL), SS_OK);
    expect_two_frames(file);
    expect_two_frames(opened(&packed));
}
END_TEST

/* As `cat a.gz b.gz` makes them, cut anywhere; zeros behind them are padding. */
START_TEST(test_capture_file_gzip_members_follow_each_other)
{
    struct made made = two_frames();
    for (size_t cut = 0; cut <= made.length; cut += 7) {
        struct made packed = {0};
        pack(&packed, made.octets, cut);
        pack(&packed, made.octets + cut, 0);
        pack(&packed, made.octets + cut, made.length - cut);
        if (cut % 2)
            put(&packed, "\0\0\0", 3);
        expect_two_frames(opened(&packed));
    }
}
END_TEST

START_TEST(test_capture_file_gzip_cut_anywhere_says_so)
{
    struct made made = two_frames(), packed = {0};
    pack(&packed, made.octets, made.length);
    for (size_t length = 2; length < packed.length; length++) {
        struct ss_problem problem = {0};
        struct ss_capture_file *file;
        save(&packed, length);
        if (ss_capture_file_open(path, &file, &problem) == SS_OK)
            expect_broken(file, "its gzip data breaks off");
        else
            ck_assert_msg(strstr(problem.text, "its gzip data breaks off"), "%s", problem.text);
    }
}
END_TEST

START_TEST(test_capture_file_gzip_damaged_anywhere_comes_to_an_end)
{
    struct made made = two_frames(), packed = {0};
    pack(&packed, made.octets, made.length);
    bool told = false;
    for (size_t at = 2; at < packed.length; at++) {
        struct ss_problem problem = {0};
        struct ss_capture_file *file;
        struct ss_capture_frame frame;
        packed.octets[at] ^= 0x55;
        if (ss_capture_file_over("it", packed.octets, packed.length, &file, &problem) == SS_OK) {
            while (ss_capture_file_next(file, &frame))
                continue;
            (void)ss_capture_file_ended(file, &problem);
            ss_capture_file_close(file);
        }
        told = told || strstr(problem.text, "its gzip data is damaged");
        packed.octets[at] ^= 0x55;
    }
    ck_assert(told);
}
END_TEST

START_TEST(test_capture_file_packed_otherwise_is_named)
{
    static const char *const begins[][2] = {{"\x28\xb5\x2f\xfd....", "zstd"},
                                            {"\xfd"
                                             "7zXZ...",
                                             "xz"},
                                            {"BZh91AY&", "bzip2"}};
    struct ss_problem problem = {0};
    struct ss_capture_file *file;
    ck_assert_int_eq(ss_capture_file_over("it", (const uint8_t *)begins[_i][0], 8, &file, &problem),
                     SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, begins[_i][1]), "%s", problem.text);
    ck_assert_msg(strstr(problem.text, "unpack it first"), "%s", problem.text);
}
END_TEST

/* --- pipes, and files that change ---------------------------------------------------------------
 */

/* A child writes the octets into a pipe, `step` at a time; the path to read them from. */
static pid_t write_in_pieces(const struct made *made, size_t step, int *end)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (size_t at = 0; at < made->length; at += step)
            if (write(ends[1], made->octets + at,
                      made->length - at < step ? made->length - at : step) < 0)
                _exit(1);
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    close(ends[1]);
    *end = ends[0];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    return child;
}

START_TEST(test_capture_file_pipe_may_bring_it_in_pieces)
{
    static const size_t steps[] = {1, 3, 100, MADE_MAX};
    struct made made = two_frames(), packed = {0};
    struct ss_capture_file *file;
    int end, status;
    pack(&packed, made.octets, made.length);
    for (int is_packed = 0; is_packed < 2; is_packed++) {
        pid_t child = write_in_pieces(is_packed ? &packed : &made, steps[_i], &end);
        ck_assert_int_eq(ss_capture_file_open(path, &file, NULL), SS_OK);
        expect_two_frames(file);
        close(end);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    path[0] = '\0';
}
END_TEST

static void ignore_signal(int number)
{
    (void)number;
}

/* Whoever has a handler that does not resume calls wants to be asked. */
START_TEST(test_capture_file_wait_for_a_pipe_can_be_interrupted)
{
    struct made made = two_frames();
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    struct ss_problem problem = {0};
    struct itimerval every = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], made.octets, made.length), (ssize_t)made.length);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    ck_assert_int_eq(ss_capture_file_open(path, &file, NULL), SS_OK);
    expect_frame(file, 1, frame_v4_syn, sizeof(frame_v4_syn));
    expect_frame(file, 2, frame_v6_syn, sizeof(frame_v6_syn));
    ck_assert_int_eq(sigaction(SIGALRM, &(struct sigaction){.sa_handler = ignore_signal}, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
    ck_assert(!ss_capture_file_next(file, &frame));
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_int_eq(ss_capture_file_ended(file, &problem), SS_INTERRUPTED);
    ss_capture_file_close(file);
    close(ends[0]);
    close(ends[1]);
    path[0] = '\0';
}
END_TEST

enum { MANY = 1500 };

/* Frames of all lengths up to 3,000 octets, each octet of which tells its frame's number. */
static uint64_t save_many(void)
{
    static uint8_t frame[3000];
    struct ss_random random = ss_random_seeded(7);
    struct made head = pcap_of(true, 0xa1b2c3d4, ETHERNET);
    save(&head, head.length);
    FILE *stream = fopen(path, "ab");
    uint64_t total = head.length;
    ck_assert_ptr_nonnull(stream);
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t length = ss_random_below(&random, sizeof(frame) + 1);
        head.length = 0;
        pcap_head(&head, length, length);
        memset(frame, (int)(i % 251), sizeof(frame));
        ck_assert_uint_eq(fwrite(head.octets, 1, 16, stream), 16);
        ck_assert_uint_eq(fwrite(frame, 1, length, stream), length);
        total += 16 + length;
    }
    ck_assert_int_eq(fclose(stream), 0);
    return total;
}

START_TEST(test_capture_file_of_many_windows_is_read_whole)
{
    struct ss_random random = ss_random_seeded(7);
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    uint64_t total = save_many();
    ck_assert_int_eq(ss_capture_file_open(path, &file, NULL), SS_OK);
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t length = ss_random_below(&random, 3001);
        ck_assert(ss_capture_file_next(file, &frame));
        ck_assert_uint_eq(frame.number, i + 1);
        ck_assert_uint_eq(frame.length, length);
        for (size_t at = 0; at < length; at += 1 + (length > 1 ? length - 2 : 0))
            ck_assert_uint_eq(frame.octets[at], i % 251);
    }
    ck_assert_uint_eq(ss_capture_file_position(file), total);
    expect_end(file);
}
END_TEST

/* A mapping would end the process here. */
START_TEST(test_capture_file_shortened_meanwhile_breaks_off)
{
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    uint64_t total = save_many();
    ck_assert_int_eq(ss_capture_file_open(path, &file, NULL), SS_OK);
    ck_assert(ss_capture_file_next(file, &frame));
    ck_assert_int_eq(truncate(path, (off_t)(total - total / 4)), 0);
    expect_broken(file, "the file ends within the record at octet");
}
END_TEST

static Suite *capture_file_source_suite(void)
{
    Suite *suite = suite_create("capture_file_source");
    TCase *tests = tcase_create("capture_file_source");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, remove_file);
    tcase_add_loop_test(tests, test_capture_file_patched_pcap_is_read, 0, 2);
    tcase_add_loop_test(tests, test_capture_file_old_pcap_lengths_are_put_right, 0, 4);
    tcase_add_test(tests, test_capture_file_longest_frame_is_read_and_a_longer_one_is_damage);
    tcase_add_test(tests, test_capture_file_in_memory_is_not_read_past_its_end);
    tcase_add_test(tests, test_capture_file_gzip_is_unpacked);
    tcase_add_test(tests, test_capture_file_gzip_members_follow_each_other);
    tcase_add_test(tests, test_capture_file_gzip_cut_anywhere_says_so);
    tcase_add_test(tests, test_capture_file_gzip_damaged_anywhere_comes_to_an_end);
    tcase_add_loop_test(tests, test_capture_file_packed_otherwise_is_named, 0, 3);
    tcase_add_loop_test(tests, test_capture_file_pipe_may_bring_it_in_pieces, 0, 4);
    tcase_add_test(tests, test_capture_file_wait_for_a_pipe_can_be_interrupted);
    tcase_add_test(tests, test_capture_file_of_many_windows_is_read_whole);
    tcase_add_test(tests, test_capture_file_shortened_meanwhile_breaks_off);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(capture_file_source_suite());
}
