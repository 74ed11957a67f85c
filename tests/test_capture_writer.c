/*
 * test_capture_writer: the octets of both formats against their specifications, other tools'
 * opinion of the files, and no failure to write forgotten.
 */
#define _GNU_SOURCE
#include "check_main.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "scenes.h"
#include "synstep/bytes.h"
#include "synstep/capture_writer.h"

static struct scene scene;
static char folder[512];

static void make_folder(void)
{
    const char *build = getenv("SYNSTEP_BUILDDIR");
    snprintf(folder, sizeof(folder), "%s/test_capture_writer.XXXXXX", build ? build : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static void path_of(char path[600], const char *name)
{
    snprintf(path, 600, "%s/%s", folder, name);
}

static void write_scene_of(const char *path, enum ss_link link)
{
    struct ss_problem problem = {0};
    struct ss_capture_writer *writer;
    ck_assert_int_eq(ss_capture_writer_open_link(path, link, &writer, &problem), SS_OK);
    scene_play(&scene, ss_capture_writer_sink(writer));
    ck_assert_int_eq(ss_capture_writer_close(writer, &problem), SS_OK);
}

static void write_scene(const char *path)
{
    write_scene_of(path, SS_LINK_IP);
}

static size_t read_file(const char *path, uint8_t *octets, size_t size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t length = fread(octets, 1, size, file);
    fclose(file);
    return length;
}

static void expect_octets(const uint8_t *actual, const uint8_t *expected, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ck_assert_msg(actual[i] == expected[i], "octet %zu is 0x%02x, not 0x%02x", i, actual[i],
                      expected[i]);
}

/* A run of one segment: our RST with seq 1 and one verdict. */
static void make_small_scene(void)
{
    scene_begin(&scene, 4);
    scene_start(&scene, 0);
    scene.time_us = 7;
    scene_segment(&scene, &(struct scene_segment){.flags = SS_TCP_RST,
                                                  .seq = 1,
                                                  .seq_symbol = "J+1",
                                                  .before = {SS_TCP_SYN_SENT, SS_TCP_LISTEN},
                                                  .after = {SS_TCP_CLOSED, SS_TCP_LISTEN}});
    scene_verdict(&scene, SS_VERDICT_VIOLATION, "fin_moved", "RFC 9293 3.6", SS_NUMBERS_SEQ_A, 2,
                  1);
}

/* --- pcapng, by hand from draft-ietf-opsawg-pcapng sections 4.1 to 4.3 --------------------------
 */

START_TEST(test_capture_writer_pcapng_starts_with_section_and_interface)
{
    static const char application[] = "synstep " PACKAGE_VERSION;
    const size_t padded = (sizeof(application) - 1 + 3) / 4 * 4;
    char path[600];
    uint8_t octets[4096];
    path_of(path, "head.pcapng");
    scene_begin(&scene, 4);
    write_scene(path);
    size_t length = read_file(path, octets, sizeof(octets));
    const uint8_t section[] = {0x0a, 0x0d, 0x0d, 0x0a,
                               0,    0,    0,    (uint8_t)(36 + padded),
                               0x1a, 0x2b, 0x3c, 0x4d,
                               0,    1,    0,    0,
                               0xff, 0xff, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff,
                               0,    4,    0,    sizeof(application) - 1};
    expect_octets(octets, section, sizeof(section));
    expect_octets(octets + 28, (const uint8_t *)application, sizeof(application) - 1);
    const uint8_t rest[] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)(36 + padded)};
    expect_octets(octets + 28 + padded, rest, sizeof(rest));
    const uint8_t interface[] = {0, 0, 0, 1, 0, 0,   0,   44,  0,   101, 0,   0,   0, 0, 0,
                                 0, 0, 2, 0, 7, 's', 'y', 'n', 's', 't', 'e', 'p', 0, 0, 9,
                                 0, 1, 6, 0, 0, 0,   0,   0,   0,   0,   0,   0,   0, 44};
    expect_octets(octets + 36 + padded, interface, sizeof(interface));
    ck_assert_uint_eq(length, 36 + padded + sizeof(interface));
}
END_TEST

START_TEST(test_capture_writer_pcapng_packet_block_is_as_specified)
{
    static const char comment[] = "synstep segment 1: seq J+1\n"
                                  "local: SYN-SENT -> CLOSED\n"
                                  "violation: fin_moved: expected 2 = J+2, actual 1 = J+1 "
                                  "(RFC 9293 3.6)";
    const size_t comment_length = sizeof(comment) - 1, padded = (comment_length + 3) / 4 * 4;
    const uint8_t total = (uint8_t)(28 + 40 + 4 + padded + 8 + 4 + 4);
    char path[600];
    uint8_t octets[4096];
    path_of(path, "packet.pcapng");
    make_small_scene();
    write_scene(path);
    size_t length = read_file(path, octets, sizeof(octets));
    const uint8_t *block = octets + length - total;
    const uint8_t head[28] = {0, 0, 0, 6, 0, 0, 0, total, 0, 0, 0, 0,
                              /* 1700000000123463 us */
                              0x00, 0x06, 0x0a, 0x24, 0x18, 0x20, 0x22, 0x47, 0, 0, 0, 40, 0, 0, 0,
                              40};
    expect_octets(block, head, sizeof(head));
    expect_octets(block + 28, scene.events[1].segment.octets, 40);
    const uint8_t option[] = {0, 1, 0, (uint8_t)comment_length};
    expect_octets(block + 68, option, sizeof(option));
    expect_octets(block + 72, (const uint8_t *)comment, comment_length);
    for (size_t i = comment_length; i < padded; i++)
        ck_assert_uint_eq(block[72 + i], 0);
    const uint8_t tail[] = {0, 2, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, total};
    expect_octets(block + 72 + padded, tail, sizeof(tail));
}
END_TEST

START_TEST(test_capture_writer_pcapng_blocks_chain_to_the_end)
{
    char path[600];
    static uint8_t octets[65536];
    path_of(path, "chain.pcapng");
    scene_impaired(&scene);
    write_scene(path);
    size_t length = read_file(path, octets, sizeof(octets)), at = 0, packets = 0;
    while (at < length) {
        uint32_t total = ss_bytes_get32(octets + at + 4);
        ck_assert_uint_eq(total % 4, 0);
        ck_assert_uint_le(at + total, length);
        ck_assert_uint_eq(ss_bytes_get32(octets + at + total - 4), total);
        packets += ss_bytes_get32(octets + at) == 6;
        at += total;
    }
    ck_assert_uint_eq(packets, 12);
}
END_TEST

/* --- classic pcap (draft-ietf-opsawg-pcap section 4), in this machine's byte order --------------
 */

START_TEST(test_capture_writer_pcap_is_as_specified)
{
    char path[600];
    uint8_t octets[4096];
    path_of(path, _i == 0 ? "small.pcap" : "small.cap");
    make_small_scene();
    write_scene(path);
    ck_assert_uint_eq(read_file(path, octets, sizeof(octets)), 24 + 16 + 40);
    uint32_t words[10];
    memcpy(words, octets, sizeof(words));
    ck_assert_uint_eq(words[0], 0xa1b2c3d4);
    ck_assert_uint_eq(words[4], 65575);
    ck_assert_uint_eq(words[5], 101);
    ck_assert_uint_eq(words[6], 1700000000);
    ck_assert_uint_eq(words[7], 123463);
    ck_assert_uint_eq(words[8], 40);
    ck_assert_uint_eq(words[9], 40);
    expect_octets(octets + 40, scene.events[1].segment.octets, 40);
}
END_TEST

/* --- other tools --------------------------------------------------------------------------------
 */

/* Runs a shell command; its output, and that it succeeded. */
static bool run(const char *command, char *output, size_t size)
{
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    return pclose(pipe) == 0;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static const char *const formats[] = {"tool.pcap", "tool.pcapng"};
static bool present(const char *tool)
{
    char command[100], output[200];
    snprintf(command, sizeof(command), "command -v %s 2>/dev/null", tool);
    return run(command, output, sizeof(output));
}

/* Every tool's words on standard error, but for those which say only what it opened. */
static void expect_silence(const char *path, const char *tool)
{
    char command[2000], output[4000];
    snprintf(command, sizeof(command),
             "%s '%s' 2>&1 >/dev/null | grep -v -e '^reading from file' -e 'Running as user'", tool,
             path);
    run(command, output, sizeof(output));
    ck_assert_str_eq(output, "");
}

START_TEST(test_capture_writer_tcpdump_reads_every_packet)
{
    char path[600], command[1500], output[8000];
    if (!present("tcpdump"))
        return;
    path_of(path, formats[_i]);
    scene_whole(&scene, 6);
    write_scene(path);
    expect_silence(path, "tcpdump -nr");
    snprintf(command, sizeof(command), "tcpdump -nr '%s' 2>/dev/null", path);
    ck_assert(run(command, output, sizeof(output)));
    ck_assert_uint_eq(count_lines(output), 11);
    ck_assert_ptr_nonnull(strstr(output, "IP6 fd00::1.40001 > fd00::2.8888: Flags [S], "
                                         "seq 3735928559, win 64240, "
                                         "options [mss 1460,nop,wscale 7], length 0"));
}
END_TEST

START_TEST(test_capture_writer_tshark_and_capinfos_have_no_complaint)
{
    char path[600], command[1500], output[8000];
    if (!present("tshark"))
        return;
    path_of(path, formats[_i]);
    scene_whole(&scene, 4);
    write_scene(path);
    expect_silence(path, "tshark -r");
    expect_silence(path, "capinfos");
    snprintf(command, sizeof(command),
             "tshark -r '%s' -o tcp.check_checksum:TRUE -T fields -e tcp.checksum.status "
             "2>/dev/null",
             path);
    ck_assert(run(command, output, sizeof(output)));
    ck_assert_str_eq(output, "1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n");
}
END_TEST

START_TEST(test_capture_writer_tshark_finds_the_comments)
{
    char path[600], command[1500], output[8000];
    if (!present("tshark"))
        return;
    path_of(path, "comments.pcapng");
    scene_wrong_ack(&scene);
    write_scene(path);
    snprintf(command, sizeof(command),
             "tshark -r '%s' -T fields -e frame.comment -e frame.packet_flags_direction "
             "2>/dev/null",
             path);
    ck_assert(run(command, output, sizeof(output)));
    ck_assert_ptr_nonnull(strstr(output, "violation: synack_ack_not_isn_plus_1: expected "
                                         "3735928560 = J+1, actual 3735928561 = J+2 "
                                         "(RFC 9293 3.10.7.2)"));
    ck_assert_ptr_nonnull(strstr(output, "\t0x00000001"));
    ck_assert_ptr_nonnull(strstr(output, "\t0x00000002"));
}
END_TEST

static size_t count_packets(const char *path)
{
    char command[700], output[8000];
    snprintf(command, sizeof(command), "tcpdump -nr '%s' 2>/dev/null", path);
    ck_assert(run(command, output, sizeof(output)));
    return count_lines(output);
}

START_TEST(test_capture_writer_file_is_readable_after_every_event)
{
    char path[600];
    size_t segments = 0;
    struct ss_capture_writer *writer;
    if (!present("tcpdump"))
        return;
    path_of(path, formats[_i]);
    scene_whole(&scene, 4);
    ck_assert_int_eq(ss_capture_writer_open(path, &writer, NULL), SS_OK);
    struct ss_sink sink = ss_capture_writer_sink(writer);
    expect_silence(path, "tcpdump -nr");
    for (size_t i = 0; i < scene.count; i++) {
        sink.take(sink.context, &scene.events[i]);
        segments += scene.events[i].kind == SS_EVENT_SEGMENT;
        ck_assert_uint_eq(count_packets(path), segments);
    }
    ck_assert_int_eq(ss_capture_writer_close(writer, NULL), SS_OK);
}
END_TEST

/* One kind of link a file: no reader of libpcap's takes two. */
START_TEST(test_capture_writer_leaves_out_what_is_of_another_link)
{
    static const struct {
        void (*make)(struct scene *scene);
        enum ss_link link;
        size_t packets;
    } cases[] = {
        {scene_arp, SS_LINK_ETHERNET, 2},
        {scene_arp, SS_LINK_IP, 0},
        {scene_datagrams, SS_LINK_ETHERNET, 0},
        {scene_datagrams, SS_LINK_IP, 2},
    };
    char path[600];
    if (!present("tcpdump"))
        return;
    path_of(path, formats[_i]);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cases[i].make(&scene);
        scene.count = 1 + 2; /* the start, and two packets */
        write_scene_of(path, cases[i].link);
        ck_assert_uint_eq(count_packets(path), cases[i].packets);
    }
}
END_TEST

/* --- what cannot be written ---------------------------------------------------------------------
 */

START_TEST(test_capture_writer_full_device_is_no_space)
{
    char path[600];
    struct ss_problem problem = {0};
    struct ss_capture_writer *writer;
    path_of(path, formats[_i]);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    ck_assert_int_eq(ss_capture_writer_open(path, &writer, &problem), SS_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(problem.text, path));
}
END_TEST

static bool write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fputs(text, file);
    return fclose(file) == 0;
}

/* Maps root there to one identity here. */
static bool write_map(const char *path, unsigned identity)
{
    char text[32];
    snprintf(text, sizeof(text), "0 %u 1", identity);
    return write_text(path, text);
}

/* A user and mount namespace in which this process is root: files need an owner that exists. */
static bool enter_namespace(void)
{
    unsigned user = getuid(), group = getgid();
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           write_text("/proc/self/setgroups", "deny") && write_map("/proc/self/uid_map", user) &&
           write_map("/proc/self/gid_map", group);
}

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* In a mount namespace of its own: 0 when SS_NO_SPACE was told, and stayed told. */
static int fill_small_disk(const char *mount_point, const char *name)
{
    char path[600];
    struct ss_capture_writer *writer;
    struct ss_problem problem = {0};
    if (!enter_namespace() || mount("none", mount_point, "tmpfs", 0, "size=16k") != 0)
        return 77;
    snprintf(path, sizeof(path), "%s/%s", mount_point, name);
    if (ss_capture_writer_open(path, &writer, &problem) != SS_OK)
        return 1;
    struct ss_sink sink = ss_capture_writer_sink(writer);
    scene_whole(&scene, 4);
    for (int i = 0; i < 100; i++)
        scene_play(&scene, sink);
    /* Room again: what was lost is lost all the same, and nothing is put behind the gap. */
    off_t before = size_of(path);
    if (mount("none", mount_point, "tmpfs", MS_REMOUNT, "size=1m") != 0)
        return 2;
    scene_play(&scene, sink);
    if (size_of(path) != before)
        return 4;
    return ss_capture_writer_close(writer, &problem) == SS_NO_SPACE && problem.status == SS_NO_SPACE
               ? 0
               : 3;
}

START_TEST(test_capture_writer_full_disk_is_remembered)
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(fill_small_disk(folder, formats[_i]));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(test_capture_writer_missing_folder_is_usage)
{
    struct ss_problem problem = {0};
    struct ss_capture_writer *writer;
    ck_assert_int_eq(ss_capture_writer_open("/nonexistent/x.pcapng", &writer, &problem), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "/nonexistent/x.pcapng"));
}
END_TEST

/* Whether this machine lets an ordinary user make a mount namespace. */
static bool namespaces_allowed(void)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(enter_namespace() ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static Suite *capture_writer_suite(void)
{
    Suite *suite = suite_create("capture_writer");
    TCase *format = tcase_create("formats");
    tcase_add_unchecked_fixture(format, make_folder, remove_folder);
    tcase_add_test(format, test_capture_writer_pcapng_starts_with_section_and_interface);
    tcase_add_test(format, test_capture_writer_pcapng_packet_block_is_as_specified);
    tcase_add_test(format, test_capture_writer_pcapng_blocks_chain_to_the_end);
    tcase_add_loop_test(format, test_capture_writer_pcap_is_as_specified, 0, 2);
    suite_add_tcase(suite, format);
    TCase *tools = tcase_create("tools");
    tcase_set_timeout(tools, 60);
    tcase_add_checked_fixture(tools, make_folder, remove_folder);
    tcase_add_loop_test(tools, test_capture_writer_tcpdump_reads_every_packet, 0, 2);
    tcase_add_loop_test(tools, test_capture_writer_tshark_and_capinfos_have_no_complaint, 0, 2);
    tcase_add_test(tools, test_capture_writer_tshark_finds_the_comments);
    tcase_add_loop_test(tools, test_capture_writer_file_is_readable_after_every_event, 0, 2);
    tcase_add_loop_test(tools, test_capture_writer_leaves_out_what_is_of_another_link, 0, 2);
    suite_add_tcase(suite, tools);
    TCase *trouble = tcase_create("trouble");
    tcase_add_checked_fixture(trouble, make_folder, remove_folder);
    tcase_add_loop_test(trouble, test_capture_writer_full_device_is_no_space, 0, 2);
    if (namespaces_allowed())
        tcase_add_loop_test(trouble, test_capture_writer_full_disk_is_remembered, 0, 2);
    else
        puts("# SKIPPED: the full disk; namespaces are not allowed on this machine");
    tcase_add_test(trouble, test_capture_writer_missing_folder_is_usage);
    suite_add_tcase(suite, trouble);
    return suite;
}

int main(void)
{
    return check_main(capture_writer_suite());
}
