/*
 * test_scenario_errors: what is said of a text that is wrong. The ordinary cases stand in
 * tests/golden/scenario_errors.txt; here are those whose octets no editor likes.
 */
#include "scenario_bounds.h"
#include "scenario_support.h"

enum { LINE_SIZE = 512, CASE_SIZE = 4096 };

/* --- the golden file ---------------------------------------------------------------------------*/

/* One case: the scenario, and all that is said of it. */
struct wrong {
    unsigned line; /* where it stands in the file */
    char text[CASE_SIZE];
    char said[CASE_SIZE];
};

static void join(char *to, const char *line)
{
    ck_assert_uint_lt(strlen(to) + strlen(line), CASE_SIZE);
    strcat(to, line);
}

/* Reads the next case; false at the end. Comments and empty lines stand between cases. */
static bool read_case(FILE *file, unsigned *number, struct wrong *wrong)
{
    char line[LINE_SIZE];
    *wrong = (struct wrong){0};
    while (fgets(line, sizeof(line), file)) {
        ++*number;
        bool empty = line[0] == '\n' || line[0] == '#';
        if (empty && wrong->line)
            return true;
        if (empty)
            continue;
        if (!wrong->line)
            wrong->line = *number;
        if (line[0] == '|')
            join(wrong->text, line[1] == ' ' ? line + 2 : line + 1);
        else
            join(wrong->said, line);
    }
    return wrong->line > 0;
}

static FILE *open_golden(void)
{
    char path[LINE_SIZE];
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/tests/golden/scenario_errors.txt", source ? source : ".");
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is not there", path);
    return file;
}

/* No file is there to be included. */
static void expect_said(const struct wrong *wrong)
{
    static struct written written;
    struct files none = {NULL, 0, 0};
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    struct ss_scenario_source source = source_of(wrong->text, &none);
    ck_assert_msg(ss_scenario_parse(&source, &scenario, &diagnostics) != SS_OK,
                  "line %u: that is not wrong:\n%s", wrong->line, wrong->text);
    write_diagnostics(&written, &diagnostics);
    ck_assert_msg(strcmp(written.text, wrong->said) == 0, "line %u: of\n%sthis is said:\n%s",
                  wrong->line, wrong->text, written.text);
    ck_assert(diagnostics_within_bounds(&diagnostics));
}

START_TEST(test_scenario_errors_are_told_as_in_the_golden_file)
{
    struct wrong wrong;
    unsigned number = 0, cases = 0;
    FILE *file = open_golden();
    while (read_case(file, &number, &wrong)) {
        expect_said(&wrong);
        cases++;
    }
    fclose(file);
    ck_assert_uint_gt(cases, 200);
}
END_TEST

/* --- octets that are no text -------------------------------------------------------------------*/

START_TEST(test_scenario_errors_unprintable_octets_are_shown_as_hexadecimal)
{
    expect_wrong("\xff\n", "test.step:1:1: no statement begins with '\\xff'; a segment begins "
                           "with > or <\n"
                           "    \\xff\n"
                           "    ^~~~\n");
    expect_wrong("> ACK \"a\x07\x1b[2J\" \x01",
                 "test.step:1:9: an octet that shows as no character "
                 "is written \\x07\n"
                 "    > ACK \"a\\x07\\x1b[2J\" \\x01\n"
                 "            ^~~~\n");
    expect_wrong("> ACK \x01\x02 seq", "test.step:1:7: no field or option '\\x01\\x02'; a field is "
                                       "seq=J, an option mss=1460, a payload \"text\"\n"
                                       "    > ACK \\x01\\x02 seq\n"
                                       "          ^~~~~~~~\n");
}
END_TEST

/* RFC 3629: overlong, surrogate, past U+10FFFF, cut; and what would turn or hide the line. */
START_TEST(test_scenario_errors_what_is_no_visible_character_is_refused)
{
    static const char *const characters[] = {
        "\xc0\x80",
        "\xe0\x80\x80",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf8\x80\x80\x80",
        "\xc3",
        "\xe2\x82",
        "\x80",
        "\xc2\x80",
        "\xc2\x9f",
        "\xf0\x80\x80\x80",
        "\xef\xbb\xbf",
        "\x7f",
        "\xe2\x80\x8b",
        "\xe2\x80\x8f",
        "\xe2\x80\xa8",
        "\xe2\x80\xae",
        "\xe2\x81\xa0",
        "\xe2\x81\xaf",
    };
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        char text[40], said[80];
        struct ss_diagnostics diagnostics;
        struct ss_scenario *scenario = NULL;
        snprintf(text, sizeof(text), "> ACK \"%s\"", characters[i]);
        struct ss_scenario_source source = source_of(text, NULL);
        ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
        snprintf(said, sizeof(said), "an octet that shows as no character is written \\x%02x",
                 (unsigned char)characters[i][0]);
        ck_assert_str_eq(diagnostics.list[0].text, said);
        ck_assert_uint_eq(diagnostics.list[0].column, 8);
    }
}
END_TEST

START_TEST(test_scenario_errors_the_ends_of_utf8_are_characters)
{
    expect_steps("> ACK \"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\"\n"
                 "> ACK \"\xf4\x8f\xbf\xbf\xe2\x80\x8a\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf\"\n"
                 "> ACK \"\xe2\x81\x9f\xe2\x81\xb0\xef\xbb\xbe\xef\xbc\x80 ~\"\n",
                 "send ACK octets:c2a0dfbfe0a080ed9fbfee8080f0908080\n"
                 "send ACK octets:f48fbfbfe2808ae28090e280a7e280af\n"
                 "send ACK octets:e2819fe281b0efbbbeefbc80207e\n");
}
END_TEST

START_TEST(test_scenario_errors_title_and_file_are_visible)
{
    expect_wrong("title \"\\x1b\"", "test.step:1:7: a title is one line of characters that can be "
                                    "seen\n"
                                    "    title \"\\x1b\"\n"
                                    "          ^~~~~~\n");
    expect_wrong("include \"a\\0b\"",
                 "test.step:1:9: the name of a file holds only characters that "
                 "can be seen\n"
                 "    include \"a\\0b\"\n"
                 "            ^~~~~~\n");
    expect_wrong("peer sysctl net.ipv4.x = a\x02",
                 "test.step:1:27: a setting holds only characters "
                 "that can be seen\n"
                 "    peer sysctl net.ipv4.x = a\\x02\n"
                 "                              ^~~~\n");
}
END_TEST

/* --- the caret ---------------------------------------------------------------------------------*/

/* Columns count octets; the caret stands under the character. */
START_TEST(test_scenario_errors_caret_stands_under_utf8)
{
    expect_wrong(
        "> ACK \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\" \xc3\xa9\xc3\xa9",
        "test.step:1:19: no field or option '\xc3\xa9\xc3\xa9'; a field is seq=J, an option "
        "mss=1460, a payload \"text\"\n"
        "    > ACK \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\" \xc3\xa9\xc3\xa9\n"
        "                ^~\n");
}
END_TEST

START_TEST(test_scenario_errors_tab_is_one_column)
{
    expect_wrong("\t>\tSYN\tack\r\n", "test.step:1:8: ack needs a value: ack=VALUE\n"
                                      "     > SYN ack\n"
                                      "           ^~~\n");
}
END_TEST

START_TEST(test_scenario_errors_continued_line_is_the_one_shown)
{
    expect_wrong("> SYN seq=1 \\\n    ack = 3\n", "test.step:2:9: no space stands around = in a "
                                                  "segment: ack=VALUE\n"
                                                  "        ack = 3\n"
                                                  "            ^\n");
}
END_TEST

/* Whatever a long line is made of, the caret stands inside what is shown. */
START_TEST(test_scenario_errors_long_line_is_cut_around_the_place)
{
    static const char *const pieces[] = {"x", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80", "\t"};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        for (int many = 0; many < 150; many++) {
            char text[1300] = "";
            struct ss_diagnostics diagnostics;
            struct ss_scenario *scenario = NULL;
            for (int piece = 0; piece < many; piece++)
                strcat(text, pieces[i]);
            strcat(text, " @");
            for (int piece = 0; piece < many; piece++)
                strcat(text, pieces[i]);
            struct ss_scenario_source source = source_of(text, NULL);
            ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
            ck_assert(diagnostics_within_bounds(&diagnostics));
        }
    char text[400] = "> ACK \"";
    memset(text + 7, '.', 300);
    strcpy(text + 307, "\" seq=J+1 mss=3");
    expect_wrong(text,
                 "test.step:1:314: J is not known here yet; it becomes known by let, or where "
                 "it stands alone, as in seq=J\n"
                 "    .................................................................."
                 "...............................\" seq=J+1 mss=3\n"
                 "                                                                      "
                 "                                     ^\n");
}
END_TEST

/* --- the text for the user ---------------------------------------------------------------------*/

START_TEST(test_scenario_errors_format_stays_within_its_size)
{
    struct ss_diagnostic diagnostic = {
        .file = "a.step", .line = 3, .column = 9, .width = 4, .text = "no flag", .caret_at = 2};
    static const char whole[] = "a.step:3:9: no flag\n    > SYNN\n      ^~~~\n";
    char text[sizeof(whole) + 10];
    strcpy(diagnostic.source, "> SYNN");
    for (size_t size = 0; size <= sizeof(whole) + 5; size++) {
        memset(text, 'x', sizeof(text));
        size_t length = ss_diagnostic_format(&diagnostic, text, size);
        size_t expected = size > sizeof(whole) - 1 ? sizeof(whole) - 1 : size > 0 ? size - 1 : 0;
        ck_assert_uint_eq(length, expected);
        ck_assert_int_eq(memcmp(text, whole, length), 0);
        ck_assert_int_eq(text[length], size > 0 ? '\0' : 'x');
        ck_assert_int_eq(text[size > 0 ? size : 1], 'x');
    }
}
END_TEST

/* However wide the place is said to be. */
START_TEST(test_scenario_errors_format_draws_no_more_than_a_line)
{
    struct ss_diagnostic diagnostic = {.file = "a", .line = 1, .column = 1, .text = "b"};
    char text[1000], drawn[202];
    memset(drawn, '~', sizeof(drawn));
    drawn[200] = '\n';
    drawn[201] = '\0';
    diagnostic.width = 201;
    ss_diagnostic_format(&diagnostic, text, sizeof(text));
    ck_assert_str_eq(strchr(text, '^') + 1, drawn + 1);
    diagnostic.width = 1;
    ss_diagnostic_format(&diagnostic, text, sizeof(text));
    ck_assert_str_eq(strchr(text, '^'), "^\n");
}
END_TEST

static Suite *errors_suite(void)
{
    Suite *suite = suite_create("scenario_errors");
    TCase *golden = tcase_create("golden");
    tcase_add_test(golden, test_scenario_errors_are_told_as_in_the_golden_file);
    suite_add_tcase(suite, golden);
    TCase *octets = tcase_create("octets");
    tcase_add_test(octets, test_scenario_errors_unprintable_octets_are_shown_as_hexadecimal);
    tcase_add_test(octets, test_scenario_errors_what_is_no_visible_character_is_refused);
    tcase_add_test(octets, test_scenario_errors_the_ends_of_utf8_are_characters);
    tcase_add_test(octets, test_scenario_errors_title_and_file_are_visible);
    suite_add_tcase(suite, octets);
    TCase *caret = tcase_create("caret");
    tcase_add_test(caret, test_scenario_errors_caret_stands_under_utf8);
    tcase_add_test(caret, test_scenario_errors_tab_is_one_column);
    tcase_add_test(caret, test_scenario_errors_continued_line_is_the_one_shown);
    tcase_add_test(caret, test_scenario_errors_long_line_is_cut_around_the_place);
    tcase_add_test(caret, test_scenario_errors_format_stays_within_its_size);
    tcase_add_test(caret, test_scenario_errors_format_draws_no_more_than_a_line);
    suite_add_tcase(suite, caret);
    return suite;
}

int main(void)
{
    return check_main(errors_suite());
}
