/* check_main: how every Check binary of tests/ runs its suite.
 *
 *     int main(void)
 *     {
 *         return check_main(seq_suite());
 *     }
 *
 * TAP goes to standard output, one line per test, read by automake's TAP driver. The environment
 * is Check's own: CK_FORK=no runs everything in this process (a debugger, valgrind),
 * CK_TIMEOUT_MULTIPLIER stretches time limits, CK_RUN_CASE picks one test case. */
#ifndef SS_TESTS_CHECK_MAIN_H
#define SS_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

/* Takes the suite over; returns the exit status: failure when any test failed. */
static inline int check_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* True under valgrind and the like (scripts/check sets SYNSTEP_SLOW): an exhaustive loop may then
 * sample. The plain builds always run it whole. */
static inline bool check_is_slow(void)
{
    return getenv("SYNSTEP_SLOW") != NULL;
}

#endif
