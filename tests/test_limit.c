/* test_limit: waiting ends when the time is over, on a wire with a virtual clock. */
#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/limit.h"

enum { SECOND_US = 1000000 };

static struct dummy_wire dummy;
static struct ss_wire *wire;
static struct ss_problem problem;

/* A limit of two seconds, begun when the clock shows one. */
static void begin(void)
{
    dummy_open(&dummy);
    dummy.now_us = SECOND_US;
    ck_assert_int_eq(ss_limit_open(&dummy.wire, 2 * SECOND_US, &wire, NULL), SS_OK);
}

static void end(void)
{
    ss_wire_close(wire);
    ck_assert(dummy.closed);
}

static enum ss_status receive_until(uint64_t deadline_us)
{
    struct ss_arrival arrival;
    return ss_wire_receive(wire, deadline_us, &arrival, &problem);
}

START_TEST(test_limit_within_it_the_wire_is_as_before)
{
    static const uint8_t octet = 'a';
    begin();
    dummy_will_come(&dummy, 2 * SECOND_US, 'x');
    ck_assert_int_eq(receive_until(SECOND_US + 5), SS_TIMED_OUT);
    ck_assert_uint_eq(ss_wire_now_us(wire), SECOND_US + 5);
    ck_assert_int_eq(receive_until(10 * SECOND_US), SS_OK);
    ck_assert_uint_eq(ss_wire_now_us(wire), 2 * SECOND_US);
    ck_assert_int_eq(ss_wire_send(wire, &octet, 1, NULL, NULL), SS_OK);
    ck_assert_uint_eq(dummy.sent_count, 1);
    end();
}
END_TEST

START_TEST(test_limit_a_longer_wait_is_interrupted_at_its_end)
{
    begin();
    ck_assert_int_eq(receive_until(10 * SECOND_US), SS_INTERRUPTED);
    ck_assert_uint_eq(ss_wire_now_us(wire), 3 * SECOND_US);
    ck_assert_int_eq(problem.status, SS_INTERRUPTED);
    ck_assert_str_eq(problem.text, "not done in 2 s (--timeout)");
    end();
}
END_TEST

START_TEST(test_limit_a_microsecond_before_its_end_is_no_interruption)
{
    begin();
    ck_assert_int_eq(receive_until(3 * SECOND_US - 1), SS_TIMED_OUT);
    ck_assert_int_eq(receive_until(3 * SECOND_US), SS_INTERRUPTED);
    end();
}
END_TEST

START_TEST(test_limit_what_keeps_coming_does_not_outlast_it)
{
    static const uint8_t octet = 'a';
    begin();
    for (uint64_t i = 0; i < 100; i++)
        dummy_will_come(&dummy, 3 * SECOND_US - 50 + i, 'x');
    for (int i = 0; i <= 50; i++)
        ck_assert_int_eq(receive_until(10 * SECOND_US), SS_OK);
    ck_assert_int_eq(receive_until(10 * SECOND_US), SS_INTERRUPTED);
    ck_assert_int_eq(receive_until(0), SS_INTERRUPTED);
    ck_assert_int_eq(ss_wire_send(wire, &octet, 1, NULL, NULL), SS_OK);
    end();
}
END_TEST

START_TEST(test_limit_other_trouble_passes_through)
{
    begin();
    dummy.interrupted = true;
    problem.text[0] = '\0';
    ck_assert_int_eq(receive_until(10 * SECOND_US), SS_INTERRUPTED);
    ck_assert_str_eq(problem.text, "");
    end();
}
END_TEST

static Suite *limit_suite(void)
{
    Suite *suite = suite_create("limit");
    TCase *tcase = tcase_create("limit");
    tcase_add_test(tcase, test_limit_within_it_the_wire_is_as_before);
    tcase_add_test(tcase, test_limit_a_longer_wait_is_interrupted_at_its_end);
    tcase_add_test(tcase, test_limit_a_microsecond_before_its_end_is_no_interruption);
    tcase_add_test(tcase, test_limit_what_keeps_coming_does_not_outlast_it);
    tcase_add_test(tcase, test_limit_other_trouble_passes_through);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(limit_suite());
}
