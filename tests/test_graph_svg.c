/*
 * test_graph_svg: the picture is XML that other tools read, says what it shows, and has a bound.
 */
#define _GNU_SOURCE
#include "graph_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "synstep/graph_svg.h"

static char path[600];

static void set_path(void)
{
    const char *build = getenv("SYNSTEP_BUILDDIR");
    snprintf(path, sizeof(path), "%s/test_graph_svg.%d.svg", build ? build : "/tmp", (int)getpid());
}

static void remove_picture(void)
{
    (void)unlink(path);
}

/* All of it, to be freed. */
static char *drawn(const char *file)
{
    char *text = NULL;
    size_t size = 0;
    struct ss_problem problem;
    ck_assert_int_eq(ss_graph_svg_write(path, &it.graph, file, &problem), SS_OK);
    FILE *picture = fopen(path, "rb");
    ck_assert_int_ge(getdelim(&text, &size, '\0', picture), 0);
    fclose(picture);
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        found++;
    return found;
}

/* As other tools have it. */
static void expect_xml(void)
{
    char command[900];
    snprintf(command, sizeof(command),
             "python3 -c 'import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]); "
             "sys.exit(r.getroot().tag != \"{http://www.w3.org/2000/svg}svg\")' '%s'",
             path);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(test_graph_svg_says_what_it_shows)
{
    begin_graph(UINT32_C(0xfffffff0), UINT32_C(0xffffff00));
    whole_story();
    char *text = drawn("story.pcap");
    ck_assert_ptr_nonnull(strstr(text, ">Connection 1 of story.pcap: 10.0.0.1:4001 &gt; "));
    ck_assert_ptr_nonnull(strstr(text, "<title>frame 5, 0.042000 s: K+1 to K+1461, 1460 octets"));
    ck_assert_ptr_nonnull(strstr(text, "<title>retransmitted, frame 15, "));
    ck_assert_ptr_nonnull(strstr(text, "<title>SACK, frame 12, 0.068000 s: K+4381 to K+7301"));
    ck_assert_ptr_nonnull(strstr(text, "M<title>FIN, frame 23, "));
    ck_assert_ptr_nonnull(strstr(text, "<title>frame 23, 0.214000 s: violation: ack_of_unsent"));
    ck_assert_ptr_nonnull(strstr(text, "prefers-color-scheme:dark"));
    ck_assert_ptr_nonnull(strstr(text, ">20 k</text>"));
    ck_assert_ptr_nonnull(strstr(text, ">200 ms</text>"));
    ck_assert_uint_eq(count(text, "<clipPath"), 2);
    ck_assert_ptr_null(strstr(text, "<script"));
    ck_assert_ptr_null(strstr(text, "href"));
    ck_assert_ptr_null(strstr(text, "nan"));
    expect_xml();
    free(text);
    end_graph();
}
END_TEST

/* A file may be called anything. */
START_TEST(test_graph_svg_names_are_no_markup)
{
    begin_graph(1, 2);
    shake_hands();
    find(SS_VERDICT_WARNING, SS_NUMBERS_NONE, 0, "a < b & \"c\"");
    char *text = drawn("</text><script>'&\x01\xff\n\"");
    ck_assert_ptr_null(strstr(text, "<script"));
    ck_assert_ptr_nonnull(strstr(text, "a &lt; b &amp; "));
    expect_xml();
    free(text);
    end_graph();
}
END_TEST

START_TEST(test_graph_svg_of_a_lone_segment_is_a_picture)
{
    begin_graph(1, 2);
    one(A, SYN, 0, 0);
    char *text = drawn("it");
    ck_assert_uint_eq(count(text, "<clipPath"), 1);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    free(text);
    end_graph();
}
END_TEST

/* Full lists of zigzags: nothing joins. */
static void fill_lists(void)
{
    enum { FULL = SS_GRAPH_PIECES_MAX };
    it.packet.tcp.flags = ACK;
    it.taken.verdicts.count = 0;
    it.taken.analysis.flags = 0;
    for (uint32_t i = 0; i < FULL; i++) {
        uint32_t at = 1 + (i & 1) * 1000000 + i * 7;
        it.taken.from = i % 4 < 2 ? SS_SIDE_A : SS_SIDE_B;
        it.packet.tcp.seq = ss_seq_from(it.isn[it.taken.from] + at);
        it.packet.tcp.ack = ss_seq_from(it.isn[1 - it.taken.from] + at);
        it.packet.payload_length = 5;
        ck_assert(ss_graph_take(&it.graph, &it.taken, &it.packet, i, it.time_us += 100) == SS_OK);
    }
}

START_TEST(test_graph_svg_has_a_bound)
{
    begin_graph(1, 2);
    shake_hands();
    fill_lists();
    char *text = drawn("it");
    ck_assert_uint_lt(strlen(text), 2000000);
    ck_assert_uint_lt(count(text, "<title>"), 200);
    ck_assert_ptr_nonnull(strstr(text, "class=\"data\" d=\"M"));
    free(text);
    end_graph();
}
END_TEST

/* What falls on the same place is written once. */
START_TEST(test_graph_svg_of_many_at_one_place_is_small)
{
    begin_graph(1, 2);
    shake_hands();
    one(B, ACK, 1, 1, .payload = 60000);
    for (int i = 0; i < 3000; i++)
        one(B, ACK, 60001 + i % 10, 1, .payload = 1, .after_us = 1);
    one(A, ACK, 1, 60011, .after_us = 1000000);
    char *text = drawn("it");
    ck_assert_uint_lt(strlen(text), 60000);
    free(text);
    end_graph();
}
END_TEST

START_TEST(test_graph_svg_tells_what_cannot_be_written)
{
    struct ss_problem problem = {.status = SS_OK};
    begin_graph(1, 2);
    whole_story();
    ck_assert_int_eq(ss_graph_svg_write("/dev/full", &it.graph, "it", &problem), SS_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(problem.text, "the picture /dev/full could not be written"));
    ck_assert_int_eq(ss_graph_svg_write("/nowhere/it.svg", &it.graph, "it", &problem), SS_USAGE);
    end_graph();
}
END_TEST

static Suite *graph_svg_suite(void)
{
    Suite *suite = suite_create("graph_svg");
    TCase *tcase = tcase_create("graph_svg");
    tcase_add_checked_fixture(tcase, set_path, remove_picture);
    tcase_add_test(tcase, test_graph_svg_says_what_it_shows);
    tcase_add_test(tcase, test_graph_svg_names_are_no_markup);
    tcase_add_test(tcase, test_graph_svg_of_a_lone_segment_is_a_picture);
    tcase_add_test(tcase, test_graph_svg_has_a_bound);
    tcase_add_test(tcase, test_graph_svg_of_many_at_one_place_is_small);
    tcase_add_test(tcase, test_graph_svg_tells_what_cannot_be_written);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(graph_svg_suite());
}
