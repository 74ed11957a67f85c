/* test_endpoint_garbage: whatever arrives, in whatever state: the invariants of endpoint_driver. */
#include <stdio.h>

#include "endpoint_driver.h"
#include "synstep/random.h"

enum { INPUTS = 2000, INPUT_BYTES = 1500, BATCHES = 8 };

START_TEST(test_endpoint_garbage_never_breaks_an_invariant)
{
    static struct driver driver;
    static uint8_t input[INPUT_BYTES];
    struct ss_random random = ss_random_seeded(4000 + (uint64_t)_i);
    bool visited[SS_TCP_STATES] = {false};
    unsigned long segments = 0;
    int inputs = check_is_slow() ? 20 : INPUTS;
    for (int n = 0; n < inputs; n++) {
        for (size_t i = 0; i < INPUT_BYTES; i++)
            input[i] = (uint8_t)ss_random_next32(&random);
        drive_endpoint(&driver, input, 1 + ss_random_below(&random, INPUT_BYTES));
        for (int state = 0; state < SS_TCP_STATES; state++)
            visited[state] = visited[state] || driver.visited[state];
        segments += driver.segments;
    }
    printf("# %d inputs, %lu segments sent\n", inputs, segments);
    ck_assert_uint_gt(segments, (unsigned long)inputs);
    if (check_is_slow())
        return;
    for (int state = 0; state < SS_TCP_STATES; state++)
        ck_assert_msg(visited[state], "%s never visited",
                      ss_tcp_state_text((enum ss_tcp_state)state));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_garbage");
    TCase *tcase = tcase_create("garbage");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, test_endpoint_garbage_never_breaks_an_invariant, 0, BATCHES);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
