/*
 * test_report: a suite's results in each form, against golden files in tests/golden (run with
 * UPDATE_GOLDEN=1 it rewrites them: read the difference before it is committed).
 */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/report.h"

static const struct ss_event_step wrong_ack = {
    .kind = SS_EVENT_STEP_EXPECT,
    .file = "close.step",
    .line = 14,
    .text = "< FIN,ACK  seq=N ack=M+2 \"a\\\\b\"",
    .answer = "FIN,ACK seq N = 8 ack M+1 = 1001, 0 octets",
    .n = 8,
    .checks = 3,
    .mismatch_count = 2,
    .mismatches = {{"ack", "M+2 = 1002", "M+1 = 1001"}, {"payload", "\"<&>'\"", "none"}},
};

static const struct ss_event_step silence = {
    .kind = SS_EVENT_STEP_EXPECT,
    .file = "parts/silent.step",
    .line = 3,
    .text = "< SYN,ACK within 200ms",
    .answer = "nothing came in 200 ms",
};

static const struct ss_result results[] = {
    {"handshake.step", "Three-way handshake", SS_OUTCOME_PASSED, "", NULL, 12345, 1},
    {"close.step", "Close #1: \\ \"both\" <ends> & more", SS_OUTCOME_FAILED,
     "close.step:14: < FIN,ACK: ack: expected M+2", &wrong_ack, 1234567, 4294967295},
    {"silent.step", "", SS_OUTCOME_FAILED, "parts/silent.step:3: nothing came in 200 ms", &silence,
     200456, 9223372036854775807},
    {"timers.step", "Doubled\ntimers \xff", SS_OUTCOME_SKIPPED,
     "only simulated; give --simulate # or not", NULL, 0, 3},
    {"a/folder/with/a/long/name/in/which/there/is.step",
     "A title that is longer than what the line has left for it", SS_OUTCOME_PASSED, "", NULL, 999,
     4},
    {"a/folder/with/a/long/name/in/which/there/is/something/to/crash.step", "Crash",
     SS_OUTCOME_FAILED, "crashed: Segmentation fault", NULL, 5, 5},
};

enum { RESULTS = sizeof(results) / sizeof(results[0]) };

/* What is printed of them all; the caller frees it. */
static char *told(struct ss_report report, const char *broken_off)
{
    char *text = NULL;
    size_t length;
    report.out = open_memstream(&text, &length);
    ss_report_begin(&report, RESULTS);
    for (size_t i = 0; i < RESULTS; i++)
        ss_report_tell(&report, &results[i]);
    ss_report_end(&report, broken_off);
    ck_assert(!report.lacking);
    ck_assert_uint_eq(report.passed, 2);
    ck_assert_uint_eq(report.failed, 3);
    ck_assert_uint_eq(report.skipped, 1);
    fclose(report.out);
    return text;
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is not there", path);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    return text;
}

/* Takes `text` over. */
static void expect_golden(const char *name, char *text)
{
    char path[512];
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/tests/golden/%s", source ? source : ".", name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "wb");
        ck_assert_ptr_nonnull(file);
        fputs(text, file);
        ck_assert_int_eq(fclose(file), 0);
    }
    char *golden = read_whole(path);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; this was printed:\n%s", path, text);
    free(golden);
    free(text);
}

START_TEST(test_report_lines_are_as_drawn)
{
    expect_golden("report_lines.txt", told((struct ss_report){.columns = 80}, NULL));
    expect_golden("report_lines_color.txt",
                  told((struct ss_report){.columns = 100, .color = true}, "interrupted"));
}
END_TEST

START_TEST(test_report_quiet_prints_only_the_last_line)
{
    char *text = told((struct ss_report){.columns = 80, .quiet = true}, NULL);
    ck_assert_str_eq(text, "2 passed, 3 failed, 1 skipped\n");
    free(text);
}
END_TEST

START_TEST(test_report_tap_is_as_written)
{
    expect_golden("report_tap.txt", told((struct ss_report){.format = SS_REPORT_TAP}, NULL));
}
END_TEST

START_TEST(test_report_tap_that_is_broken_off_bails_out)
{
    char *text = told((struct ss_report){.format = SS_REPORT_TAP}, "interrupted");
    ck_assert_ptr_nonnull(strstr(text, "\nBail out! interrupted\n"));
    free(text);
}
END_TEST

START_TEST(test_report_json_is_as_written)
{
    expect_golden("report_json.txt", told((struct ss_report){.format = SS_REPORT_JSON}, NULL));
}
END_TEST

START_TEST(test_report_junit_is_as_written)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    ss_report_junit(out, results, RESULTS);
    fclose(out);
    expect_golden("report_junit.xml", text);
}
END_TEST

/* Whatever octets a file's name and title are made of, one line stays one line. */
START_TEST(test_report_of_any_octets_is_printable_ascii)
{
    char octets[256];
    for (int i = 0; i < 255; i++)
        octets[i] = (char)(i + 1);
    octets[255] = '\0';
    const struct ss_result result = {octets, octets, SS_OUTCOME_SKIPPED, octets, NULL, 0, 0};
    for (int format = SS_REPORT_LINES; format <= SS_REPORT_JSON; format++) {
        char *text = NULL;
        size_t length, lines = 0;
        struct ss_report report = {.out = open_memstream(&text, &length),
                                   .format = (enum ss_report_format)format,
                                   .columns = 80};
        ss_report_tell(&report, &result);
        fclose(report.out);
        for (size_t i = 0; i < length; i++) {
            lines += text[i] == '\n';
            ck_assert_msg(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'), "octet %d",
                          text[i]);
        }
        ck_assert_uint_eq(lines, 1);
        free(text);
    }
}
END_TEST

static Suite *report_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *forms = tcase_create("forms");
    tcase_add_test(forms, test_report_lines_are_as_drawn);
    tcase_add_test(forms, test_report_quiet_prints_only_the_last_line);
    tcase_add_test(forms, test_report_tap_is_as_written);
    tcase_add_test(forms, test_report_tap_that_is_broken_off_bails_out);
    tcase_add_test(forms, test_report_json_is_as_written);
    tcase_add_test(forms, test_report_junit_is_as_written);
    tcase_add_test(forms, test_report_of_any_octets_is_printable_ascii);
    suite_add_tcase(suite, forms);
    return suite;
}

int main(void)
{
    return check_main(report_suite());
}
