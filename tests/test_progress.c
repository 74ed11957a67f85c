/*
 * test_progress: what is written over itself, when, and that it is gone in the end. Time is given.
 */
#define _GNU_SOURCE
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../src/cli/progress.h"

static char *text;
static size_t length;
static struct progress progress;

static void begin(void)
{
    progress = (struct progress){
        .out = open_memstream(&text, &length), .began_us = 5000000, .after_us = 1000000};
    ck_assert_ptr_nonnull(progress.out);
}

static void end(void)
{
    fclose(progress.out);
    free(text);
    text = NULL;
}

/* All that was written since. */
static void expect(const char *expected)
{
    (void)fflush(progress.out);
    ck_assert_msg(length == strlen(expected) && memcmp(text, expected, length) == 0, "%.*s",
                  (int)length, text);
    rewind(progress.out);
}

START_TEST(test_progress_is_due_after_its_time_and_ten_times_a_second)
{
    ck_assert(!progress_is_due(&progress, 5000000));
    ck_assert(!progress_is_due(&progress, 5999999));
    ck_assert(progress_is_due(&progress, 6000000));
    progress_show(&progress, 6000000, 1, 2, "half");
    ck_assert(!progress_is_due(&progress, 6099999));
    ck_assert(progress_is_due(&progress, 6100000));
    ck_assert(!progress_is_due(&(struct progress){.out = NULL}, 100000000));
}
END_TEST

START_TEST(test_progress_bar_fills)
{
    progress_show(&progress, 6000000, 0, 90, "none");
    expect("\r[                              ] none \033[K");
    progress_show(&progress, 6000000, 45, 90, "%d of %d", 45, 90);
    expect("\r[###############               ] 45 of 90 \033[K");
    progress_show(&progress, 6000000, UINT64_MAX, 90, "grown");
    expect("\r[##############################] grown \033[K");
}
END_TEST

START_TEST(test_progress_tells_octets_and_their_rate)
{
    progress_show_octets(&progress, 7000000, 172500000, 690000000);
    expect("\r[#######                       ] 25 %  172.5 of 690.0 MB, "
           "86.2 MB/s \033[K");
    progress_show_octets(&progress, 7000000, 3000000, 0); /* a pipe */
    expect("\r3.0 MB, 1.5 MB/s \033[K");
}
END_TEST

START_TEST(test_progress_is_taken_away_once)
{
    progress_clear(&progress);
    expect("");
    progress_show(&progress, 6000000, 0, 0, "x");
    expect("\rx \033[K");
    progress_clear(&progress);
    expect("\r\033[K");
    progress_clear(&progress);
    expect("");
}
END_TEST

START_TEST(test_progress_needs_a_terminal)
{
    int kept = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    ck_assert_ptr_null(progress_terminal(true));
    ck_assert_ptr_null(progress_terminal(false));
    ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
    close(kept);
}
END_TEST

static Suite *progress_suite(void)
{
    Suite *suite = suite_create("progress");
    TCase *tcase = tcase_create("progress");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, test_progress_is_due_after_its_time_and_ten_times_a_second);
    tcase_add_test(tcase, test_progress_bar_fills);
    tcase_add_test(tcase, test_progress_tells_octets_and_their_rate);
    tcase_add_test(tcase, test_progress_is_taken_away_once);
    tcase_add_test(tcase, test_progress_needs_a_terminal);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(progress_suite());
}
