/*
 * test_graph_terminal: the graph in characters: golden pictures, widths, and what cannot be drawn.
 */
#define _GNU_SOURCE
#include "golden.h"
#include "graph_bench.h"
#include "synstep/graph_terminal.h"

static char *picture;

static char *drawn(struct ss_graph_terminal terminal)
{
    size_t length;
    free(picture);
    terminal.out = open_memstream(&picture, &length);
    terminal.file = "story.pcap";
    ck_assert(ss_graph_terminal_draw(&terminal, &it.graph));
    ck_assert_int_eq(fclose(terminal.out), 0);
    return picture;
}

static void end(void)
{
    free(picture);
    picture = NULL;
    end_graph();
}

/* Columns of a line of UTF-8, SGR left out. */
static size_t width_of(const char *line, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\033')
            i += strcspn(line + i, "m");
        else
            width += ((uint8_t)line[i] & 0xc0) != 0x80;
    }
    return width;
}

static size_t widest(const char *text)
{
    size_t most = 0;
    for (; *text; text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n')) {
        size_t width = width_of(text, strcspn(text, "\n"));
        most = width > most ? width : most;
    }
    return most;
}

/* --- golden pictures ----------------------------------------------------------------------------
 */

START_TEST(test_graph_terminal_is_as_it_was)
{
    static const struct {
        const char *name;
        struct ss_graph_terminal terminal;
    } cases[] = {
        {"graph_unicode", {.columns = 80}},
        {"graph_ascii", {.columns = 80, .ascii = true}},
        {"graph_color", {.columns = 100, .rows = 50, .color = true}},
    };
    begin_graph(UINT32_C(0xfffffff0), UINT32_C(0xffffff00));
    whole_story();
    expect_golden_text(cases[_i].name, drawn(cases[_i].terminal));
    end();
}
END_TEST

/* The same picture at every base, but for the numbers that are told as they stand. */
START_TEST(test_graph_terminal_does_not_depend_on_the_initial_numbers)
{
    static const uint32_t bases[] = {0, UINT32_C(0x7fffffff), UINT32_C(0x80000000),
                                     UINT32_C(0xffffffff)};
    char *first = NULL;
    for (int i = 0; i < 4; i++) {
        begin_graph(bases[i], bases[3 - i]);
        whole_story();
        char *text = strdup(drawn((struct ss_graph_terminal){.columns = 80}));
        end();
        if (first)
            ck_assert_str_eq(first, text);
        else
            first = strdup(text);
        free(text);
    }
    free(first);
}
END_TEST

/* --- widths -------------------------------------------------------------------------------------
 */

START_TEST(test_graph_terminal_fits_its_width)
{
    begin_graph(1, 2);
    whole_story();
    for (unsigned columns = 60; columns <= 240; columns += 20) {
        ck_assert_uint_eq(widest(drawn((struct ss_graph_terminal){.columns = columns})), columns);
        ck_assert_uint_eq(widest(drawn((struct ss_graph_terminal){
                              .columns = columns, .color = true, .ascii = true, .rows = 10})),
                          columns);
    }
    ck_assert_uint_eq(widest(drawn((struct ss_graph_terminal){.columns = 1})), 60);
    ck_assert_uint_eq(widest(drawn((struct ss_graph_terminal){.columns = 60000})), 240);
    end();
}
END_TEST

START_TEST(test_graph_terminal_ascii_is_ascii)
{
    begin_graph(1, 2);
    whole_story();
    const char *text = drawn((struct ss_graph_terminal){.columns = 80, .ascii = true});
    for (; *text; text++)
        ck_assert_msg(*text == '\n' || (*text >= ' ' && *text <= '~'), "0x%02x", (uint8_t)*text);
    end();
}
END_TEST

/* --- what there is little of --------------------------------------------------------------------
 */

START_TEST(test_graph_terminal_draws_a_lone_segment)
{
    begin_graph(1, 2);
    one(A, SYN, 0, 0);
    const char *text = drawn((struct ss_graph_terminal){.columns = 80});
    ck_assert_ptr_nonnull(strstr(text, "┤J"));
    ck_assert_ptr_nonnull(strstr(text, "1 segment in 0.000 s"));
    ck_assert_ptr_null(strstr(text, "B, "));
    ck_assert_ptr_null(strstr(text, "acknowledged"));
    end();
}
END_TEST

/* A connection of days that sends one octet now and then. */
START_TEST(test_graph_terminal_draws_days)
{
    begin_graph(1, 2);
    shake_hands();
    for (int i = 0; i < 10; i++)
        one(A, ACK, 1 + i, 1, .payload = 1, .after_us = UINT64_C(86400000000));
    const char *text = drawn((struct ss_graph_terminal){.columns = 80});
    ck_assert_ptr_nonnull(strstr(text, " h"));
    ck_assert_uint_eq(widest(text), 80);
    end();
}
END_TEST

START_TEST(test_graph_terminal_tells_a_rule_once)
{
    begin_graph(1, 2);
    shake_hands();
    for (int i = 0; i < 30; i++)
        find(SS_VERDICT_NOTE, SS_NUMBERS_NONE, 0, "note: the same again and again");
    find(SS_VERDICT_WARNING, SS_NUMBERS_NONE, 0, "warning: another");
    const char *text = drawn((struct ss_graph_terminal){.columns = 80});
    ck_assert_ptr_nonnull(strstr(text, "again and again; and 29 more\n"));
    ck_assert_ptr_nonnull(strstr(text, "! frame 3, 0.021000 s: warning: another\n"));
    end();
}
END_TEST

static Suite *graph_terminal_suite(void)
{
    Suite *suite = suite_create("graph_terminal");
    TCase *tcase = tcase_create("graph_terminal");
    tcase_add_loop_test(tcase, test_graph_terminal_is_as_it_was, 0, 3);
    tcase_add_test(tcase, test_graph_terminal_does_not_depend_on_the_initial_numbers);
    tcase_add_test(tcase, test_graph_terminal_fits_its_width);
    tcase_add_test(tcase, test_graph_terminal_ascii_is_ascii);
    tcase_add_test(tcase, test_graph_terminal_draws_a_lone_segment);
    tcase_add_test(tcase, test_graph_terminal_draws_days);
    tcase_add_test(tcase, test_graph_terminal_tells_a_rule_once);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(graph_terminal_suite());
}
