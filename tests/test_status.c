/*
 * test_status: exit statuses as the manual promises them, words for each, and lines that are cut.
 */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "synstep/status.h"

struct promise {
    enum ss_status status;
    int exit_status;
};

/* 0 all held; 1 a check failed, refused, or no answer; 2 usage or file; 3 not permitted. */
static const struct promise promises[] = {
    {SS_OK, 0}, {SS_USAGE, 2},     {SS_UNREADABLE, 2}, {SS_FORBIDDEN, 3},   {SS_NO_SPACE, 1},
    {SS_IO, 1}, {SS_TIMED_OUT, 1}, {SS_REFUSED, 1},    {SS_INTERRUPTED, 1}, {SS_CHECK_FAILED, 1},
};

enum { PROMISES = sizeof promises / sizeof promises[0] };

START_TEST(test_status_exit_is_as_promised)
{
    for (size_t i = 0; i < PROMISES; i++)
        ck_assert_int_eq(ss_status_exit(promises[i].status), promises[i].exit_status);
}
END_TEST

START_TEST(test_status_text_is_different_for_each)
{
    ck_assert_str_eq(ss_status_text(SS_FORBIDDEN), "not permitted");
    for (size_t i = 0; i < PROMISES; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(ss_status_text(promises[i].status),
                             ss_status_text(promises[j].status));
}
END_TEST

START_TEST(test_status_problem_set_formats_and_returns_the_status)
{
    struct ss_problem problem = {.status = SS_OK};
    ck_assert_int_eq(ss_problem_set(&problem, SS_IO, "%s: errno %d", "veth0", 19), SS_IO);
    ck_assert_int_eq(problem.status, SS_IO);
    ck_assert_str_eq(problem.text, "veth0: errno 19");
}
END_TEST

START_TEST(test_status_problem_set_to_nowhere_returns_the_status)
{
    ck_assert_int_eq(ss_problem_set(NULL, SS_USAGE, "unheard"), SS_USAGE);
}
END_TEST

/* The text after `spaces` spaces and then `end` have been set. */
static size_t length_after(struct ss_problem *problem, int spaces, const char *end)
{
    ss_problem_set(problem, SS_IO, "%*s%s", spaces, "", end);
    return strlen(problem->text);
}

START_TEST(test_status_problem_set_cuts_a_long_line)
{
    struct ss_problem problem;
    const int most = SS_PROBLEM_TEXT_SIZE - 1;
    ck_assert_uint_eq(length_after(&problem, most - 1, "x"), (size_t)most);
    ck_assert_int_eq(problem.text[most - 1], 'x');
    ck_assert_uint_eq(length_after(&problem, most, "x"), (size_t)most);
    ck_assert_int_eq(problem.text[most - 1], ' ');
    ck_assert_uint_eq(length_after(&problem, 5000, "x"), (size_t)most);
}
END_TEST

/* U+20AC takes the octets e2 82 ac, U+00B5 c2 b5, U+1F600 f0 9f 98 80 (RFC 3629). */
START_TEST(test_status_problem_set_cuts_no_character_in_two)
{
    static const char *const characters[] = {"\u20ac", "\u00b5", "\U0001f600"};
    struct ss_problem problem;
    const int most = SS_PROBLEM_TEXT_SIZE - 1;
    for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++) {
        int octets = (int)strlen(characters[i]);
        for (int kept = 1; kept < octets; kept++)
            ck_assert_uint_eq(length_after(&problem, most - kept, characters[i]),
                              (size_t)(most - kept));
        /* One that fits whole stays, though the x after it is cut. */
        char text[8];
        snprintf(text, sizeof text, "%sx", characters[i]);
        ck_assert_uint_eq(length_after(&problem, most - octets, text), (size_t)most);
    }
}
END_TEST

static Suite *status_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *words = tcase_create("words");
    tcase_add_test(words, test_status_exit_is_as_promised);
    tcase_add_test(words, test_status_text_is_different_for_each);
    suite_add_tcase(suite, words);
    TCase *problem = tcase_create("problem");
    tcase_add_test(problem, test_status_problem_set_formats_and_returns_the_status);
    tcase_add_test(problem, test_status_problem_set_to_nowhere_returns_the_status);
    tcase_add_test(problem, test_status_problem_set_cuts_a_long_line);
    tcase_add_test(problem, test_status_problem_set_cuts_no_character_in_two);
    suite_add_tcase(suite, problem);
    return suite;
}

int main(void)
{
    return check_main(status_suite());
}
