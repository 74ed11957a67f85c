/* test_pace: never more than so many sends in any second, on a wire with a virtual clock. */
#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/pace.h"

enum { SECOND_US = 1000000 };

static struct dummy_wire dummy;
static struct ss_wire *wire;

static void begin(uint32_t per_second)
{
    dummy_open(&dummy);
    ck_assert_int_eq(ss_pace_open(&dummy.wire, per_second, &wire, NULL), SS_OK);
}

static void end(void)
{
    ss_wire_close(wire);
    ck_assert(dummy.closed);
}

static void send_some(size_t count)
{
    static const uint8_t octet = 'a';
    for (size_t each = 0; each < count; each++) {
        enum ss_fate fate = SS_FATE_DROPPED;
        ck_assert_int_eq(ss_wire_send(wire, &octet, 1, &fate, NULL), SS_OK);
        ck_assert_int_eq(fate, SS_FATE_DELIVERED);
    }
}

/* Any `per_second` + 1 sends in a row span a second at least: no span of a second holds them. */
static void assert_bound_holds(size_t per_second)
{
    for (size_t each = per_second; each < dummy.sent_count; each++)
        ck_assert_uint_ge(dummy.sent[each].time_us - dummy.sent[each - per_second].time_us,
                          SECOND_US);
}

START_TEST(test_pace_sends_within_the_bound_do_not_wait)
{
    begin(5);
    send_some(5);
    ck_assert_uint_eq(dummy.sent_count, 5);
    ck_assert_uint_eq(dummy.now_us, 0);
    end();
}
END_TEST

START_TEST(test_pace_one_send_too_many_waits_for_the_second_to_end)
{
    begin(5);
    send_some(6);
    ck_assert_uint_eq(dummy.sent[5].time_us, SECOND_US);
    end();
}
END_TEST

START_TEST(test_pace_any_second_holds_no_more_than_the_bound)
{
    static const uint32_t rates[] = {1, 2, 7, SS_PACE_PER_SECOND_MAX};
    begin(rates[_i]);
    /* Unevenly: sends at 0, at 0.4 s, at 0.9 s, and then as fast as they may. */
    send_some(rates[_i] / 2);
    dummy.now_us = 400000;
    send_some(1);
    dummy.now_us = 900000;
    send_some(3 * rates[_i]);
    ck_assert_uint_eq(dummy.sent_count, rates[_i] / 2 + 1 + 3 * rates[_i]);
    assert_bound_holds(rates[_i]);
    end();
}
END_TEST

START_TEST(test_pace_waiting_keeps_what_arrives)
{
    struct ss_arrival arrival;
    begin(1);
    dummy_will_come(&dummy, 300000, 'x');
    dummy_will_come(&dummy, 600000, 'y');
    dummy_will_come(&dummy, 1500000, 'z');
    send_some(2);
    ck_assert_uint_eq(dummy.sent[1].time_us, SECOND_US);
    for (size_t each = 0; each < 3; each++) {
        ck_assert_int_eq(ss_wire_receive(wire, 2 * SECOND_US, &arrival, NULL), SS_OK);
        ck_assert_int_eq(arrival.octets[0], "xyz"[each]);
        ck_assert_uint_eq(arrival.time_us, dummy.coming[each].time_us);
    }
    ck_assert_int_eq(ss_wire_receive(wire, 2 * SECOND_US, &arrival, NULL), SS_TIMED_OUT);
    end();
}
END_TEST

/* The clock of this wire stands still meanwhile: so the bound cannot be kept, and nothing leaves.
 */
START_TEST(test_pace_interrupted_never_breaks_the_bound)
{
    static const uint8_t octet = 'a';
    begin(1);
    send_some(1);
    dummy.now_us = SECOND_US - 1000;
    dummy.interrupted = true;
    ck_assert_int_eq(ss_wire_send(wire, &octet, 1, NULL, NULL), SS_INTERRUPTED);
    ck_assert_uint_eq(dummy.sent_count, 1);
    dummy.now_us = SECOND_US;
    send_some(1);
    end();
}
END_TEST

START_TEST(test_pace_rates_out_of_bounds_are_refused)
{
    static const uint32_t rates[] = {0, SS_PACE_PER_SECOND_MAX + 1, UINT32_MAX};
    struct ss_problem problem;
    struct ss_wire *untouched = NULL;
    dummy_open(&dummy);
    ck_assert_int_eq(ss_pace_open(&dummy.wire, rates[_i], &untouched, &problem), SS_USAGE);
    ck_assert_ptr_null(untouched);
    ck_assert_ptr_nonnull(strstr(problem.text, "1000"));
    ck_assert(!dummy.closed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace");
    TCase *cases = tcase_create("pace");
    tcase_add_test(cases, test_pace_sends_within_the_bound_do_not_wait);
    tcase_add_test(cases, test_pace_one_send_too_many_waits_for_the_second_to_end);
    tcase_add_loop_test(cases, test_pace_any_second_holds_no_more_than_the_bound, 0, 4);
    tcase_add_test(cases, test_pace_waiting_keeps_what_arrives);
    tcase_add_test(cases, test_pace_interrupted_never_breaks_the_bound);
    tcase_add_loop_test(cases, test_pace_rates_out_of_bounds_are_refused, 0, 3);
    suite_add_tcase(suite, cases);
    return check_main(suite);
}
