/* test_impair: what becomes of the frames of a plan, on a wire with a virtual clock. */
#include <stdio.h>

#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/impair.h"

/* Static, because it is large; every test begins with `begin`. */
static struct dummy_wire dummy;
static struct ss_wire *wire;

static void begin(const char *text)
{
    struct ss_impair_plan plan;
    dummy_open(&dummy);
    ck_assert_int_eq(ss_impair_parse(text, &plan, NULL), SS_OK);
    ck_assert_int_eq(ss_impair_open(&dummy.wire, &plan, &wire, NULL), SS_OK);
}

static void end(void)
{
    ss_wire_close(wire);
    ck_assert(dummy.closed);
}

static enum ss_fate send_octet(uint8_t octet)
{
    enum ss_fate fate = SS_FATE_DROPPED;
    ck_assert_int_eq(ss_wire_send(wire, &octet, 1, &fate, NULL), SS_OK);
    return fate;
}

/* What left the wire, as letters. */
static void assert_sent(const char *letters)
{
    char sent[DUMMY_FRAMES_MAX + 1] = "";
    for (size_t each = 0; each < dummy.sent_count; each++)
        sent[each] = (char)dummy.sent[each].octets[0];
    ck_assert_str_eq(sent, letters);
}

static void assert_comes(char letter, enum ss_fate fate, uint64_t time_us)
{
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(wire, 1000000, &arrival, NULL), SS_OK);
    ck_assert_uint_eq(arrival.length, 1);
    ck_assert_int_eq(arrival.octets[0], letter);
    ck_assert_int_eq(arrival.fate, fate);
    ck_assert_uint_eq(arrival.time_us, time_us);
}

static void assert_nothing_comes_until(uint64_t deadline_us)
{
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(wire, deadline_us, &arrival, NULL), SS_TIMED_OUT);
    ck_assert_uint_ge(ss_wire_now_us(wire), deadline_us);
}

START_TEST(test_impair_send_dropped_does_not_leave)
{
    begin("drop:2");
    ck_assert_int_eq(send_octet('a'), SS_FATE_DELIVERED);
    ck_assert_int_eq(send_octet('b'), SS_FATE_DROPPED);
    ck_assert_int_eq(send_octet('c'), SS_FATE_DELIVERED);
    assert_sent("ac");
    end();
}
END_TEST

START_TEST(test_impair_send_duplicated_leaves_twice)
{
    begin("dup:1");
    ck_assert_int_eq(send_octet('a'), SS_FATE_DUPLICATED);
    ck_assert_int_eq(send_octet('b'), SS_FATE_DELIVERED);
    assert_sent("aab");
    end();
}
END_TEST

START_TEST(test_impair_send_delayed_leaves_behind_the_next)
{
    begin("delay:1");
    ck_assert_int_eq(send_octet('a'), SS_FATE_DELAYED);
    assert_sent("");
    ck_assert_int_eq(send_octet('b'), SS_FATE_DELIVERED);
    assert_sent("ba");
    end();
}
END_TEST

START_TEST(test_impair_send_delayed_twice_keeps_their_order)
{
    begin("delay:1,delay:2,drop:3");
    send_octet('a');
    send_octet('b');
    send_octet('c');
    assert_sent("");
    send_octet('d');
    assert_sent("dab");
    end();
}
END_TEST

START_TEST(test_impair_send_delayed_with_no_next_leaves_in_the_end)
{
    begin("delay:1");
    send_octet('a');
    assert_nothing_comes_until(SS_IMPAIR_DELAY_US_MAX - 1);
    assert_sent("");
    assert_nothing_comes_until(SS_IMPAIR_DELAY_US_MAX + 5);
    assert_sent("a");
    ck_assert_uint_eq(dummy.sent[0].time_us, SS_IMPAIR_DELAY_US_MAX);
    end();
}
END_TEST

START_TEST(test_impair_send_corrupted_differs_in_one_bit_of_its_last_octet)
{
    static const uint8_t octets[3] = {0x11, 0x22, 0x33};
    static const uint8_t expected[3] = {0x11, 0x22, 0x32};
    enum ss_fate fate = SS_FATE_DELIVERED;
    begin("corrupt:1");
    ck_assert_int_eq(ss_wire_send(wire, octets, sizeof octets, &fate, NULL), SS_OK);
    ck_assert_int_eq(fate, SS_FATE_CORRUPTED);
    ck_assert_uint_eq(dummy.sent[0].length, sizeof expected);
    ck_assert_mem_eq(dummy.sent[0].octets, expected, sizeof expected);
    end();
}
END_TEST

START_TEST(test_impair_arrival_corrupted_is_turned_before_its_padding)
{
    /* A datagram of 40 octets, as its total length says, in a frame padded to 46. */
    struct ss_arrival arrival;
    begin("corrupt:1");
    dummy.coming[0] = (struct dummy_frame){.length = 46, .octets = {0x45, 0, 0, 40}};
    dummy.coming_count = 1;
    ck_assert_int_eq(ss_wire_receive(wire, 0, &arrival, NULL), SS_OK);
    ck_assert_int_eq(arrival.fate, SS_FATE_CORRUPTED);
    ck_assert_uint_eq(arrival.length, 46);
    ck_assert_int_eq(arrival.octets[39], 0x01);
    ck_assert_int_eq(arrival.octets[45], 0);
    ck_assert_int_eq(dummy.coming[0].octets[39], 0); /* the inner wire's frame is not written to */
    end();
}
END_TEST

START_TEST(test_impair_arrival_dropped_is_shown_as_dropped)
{
    begin("drop:1");
    dummy_will_come(&dummy, 10, 'a');
    dummy_will_come(&dummy, 20, 'b');
    assert_comes('a', SS_FATE_DROPPED, 10);
    assert_comes('b', SS_FATE_DELIVERED, 20);
    end();
}
END_TEST

START_TEST(test_impair_arrival_duplicated_comes_with_its_copy_next)
{
    begin("dup:1");
    dummy_will_come(&dummy, 10, 'a');
    dummy_will_come(&dummy, 20, 'b');
    assert_comes('a', SS_FATE_DELIVERED, 10);
    assert_comes('a', SS_FATE_DUPLICATED, 10);
    assert_comes('b', SS_FATE_DELIVERED, 20);
    assert_nothing_comes_until(1000000);
    end();
}
END_TEST

START_TEST(test_impair_arrival_delayed_comes_behind_the_next)
{
    begin("delay:1");
    dummy_will_come(&dummy, 10, 'a');
    dummy_will_come(&dummy, 20, 'b');
    dummy_will_come(&dummy, 30, 'c');
    assert_comes('b', SS_FATE_DELIVERED, 20);
    assert_comes('a', SS_FATE_DELAYED, 20);
    assert_comes('c', SS_FATE_DELIVERED, 30);
    end();
}
END_TEST

START_TEST(test_impair_arrival_delayed_with_no_next_comes_in_the_end)
{
    begin("delay:1");
    dummy_will_come(&dummy, 10, 'a');
    assert_nothing_comes_until(100);
    assert_comes('a', SS_FATE_DELAYED, 10 + SS_IMPAIR_DELAY_US_MAX);
    end();
}
END_TEST

START_TEST(test_impair_times_of_arrival_never_go_back)
{
    begin("delay:1");
    dummy_will_come(&dummy, 10, 'a');
    assert_comes('a', SS_FATE_DELAYED, 10 + SS_IMPAIR_DELAY_US_MAX);
    dummy_will_come(&dummy, 50, 'b'); /* seen by the kernel before, read only now */
    assert_comes('b', SS_FATE_DELIVERED, 10 + SS_IMPAIR_DELAY_US_MAX);
    end();
}
END_TEST

START_TEST(test_impair_arrival_delayed_is_not_freed_by_one_dropped)
{
    begin("delay:1,drop:2");
    dummy_will_come(&dummy, 10, 'a');
    dummy_will_come(&dummy, 20, 'b');
    dummy_will_come(&dummy, 30, 'c');
    assert_comes('b', SS_FATE_DROPPED, 20);
    assert_comes('c', SS_FATE_DELIVERED, 30);
    assert_comes('a', SS_FATE_DELAYED, 30);
    end();
}
END_TEST

START_TEST(test_impair_frames_of_both_ways_are_counted_together)
{
    begin("drop:3");
    dummy_will_come(&dummy, 10, 'k');
    send_octet('j');
    assert_comes('k', SS_FATE_DELIVERED, 10);
    ck_assert_int_eq(send_octet('a'), SS_FATE_DROPPED);
    assert_sent("j");
    end();
}
END_TEST

START_TEST(test_impair_copies_are_not_counted)
{
    begin("dup:1,drop:3");
    dummy_will_come(&dummy, 10, 'k');
    assert_comes('k', SS_FATE_DELIVERED, 10);
    assert_comes('k', SS_FATE_DUPLICATED, 10);
    ck_assert_int_eq(send_octet('a'), SS_FATE_DELIVERED);
    ck_assert_int_eq(send_octet('b'), SS_FATE_DROPPED);
    end();
}
END_TEST

START_TEST(test_impair_interrupted_below_is_interrupted)
{
    struct ss_arrival arrival;
    begin("delay:1");
    send_octet('a');
    dummy.interrupted = true;
    ck_assert_int_eq(ss_wire_receive(wire, 1000000, &arrival, NULL), SS_INTERRUPTED);
    end();
}
END_TEST

START_TEST(test_impair_parse_reads_every_word)
{
    struct ss_impair_plan plan;
    ck_assert_int_eq(ss_impair_parse("drop:2,dup:5,delay:7,corrupt:999999999", &plan, NULL), SS_OK);
    ck_assert_uint_eq(plan.count, 4);
    ck_assert_int_eq(plan.acts[0].fate, SS_FATE_DROPPED);
    ck_assert_uint_eq(plan.acts[0].frame, 2);
    ck_assert_int_eq(plan.acts[1].fate, SS_FATE_DUPLICATED);
    ck_assert_uint_eq(plan.acts[1].frame, 5);
    ck_assert_int_eq(plan.acts[2].fate, SS_FATE_DELAYED);
    ck_assert_uint_eq(plan.acts[2].frame, 7);
    ck_assert_int_eq(plan.acts[3].fate, SS_FATE_CORRUPTED);
    ck_assert_uint_eq(plan.acts[3].frame, 999999999);
}
END_TEST

/* What cannot be read, and a piece of the sentence it gets. */
static const struct {
    const char *text;
    const char *says;
} unreadable[] = {
    {"", "column 1"},
    {"drop", "colon"},
    {"drop:", "colon"},
    {"drop:0", "from 1"},
    {"drop:-1", "from 1"},
    {"drop:1x", "from 1"},
    {"drop:1000000000", "from 1"},
    {"drop:1,", "column 8"},
    {"drop:1,dup:1", "'dup:1' at column 8: that frame has an act already"},
    {"drp:1", "nearest is drop"},
    {"drop:1,duplicate:2", "nearest is dup"},
    {"dely:1", "nearest is delay"},
    {"corrput:3", "nearest is corrupt"},
};

START_TEST(test_impair_parse_unreadable_says_where_and_what)
{
    struct ss_impair_plan plan = {.count = 77};
    struct ss_problem problem;
    ck_assert_int_eq(ss_impair_parse(unreadable[_i].text, &plan, &problem), SS_USAGE);
    ck_assert_msg(strstr(problem.text, unreadable[_i].says) != NULL, "'%s': %s",
                  unreadable[_i].text, problem.text);
    ck_assert_uint_eq(plan.count, 77);
}
END_TEST

START_TEST(test_impair_parse_takes_64_acts_and_no_more)
{
    char text[1024] = "drop:1";
    struct ss_impair_plan plan;
    for (size_t frame = 2, used = 6; frame <= SS_IMPAIR_ACTS_MAX; frame++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",drop:%zu", frame);
    ck_assert_int_eq(ss_impair_parse(text, &plan, NULL), SS_OK);
    ck_assert_uint_eq(plan.count, SS_IMPAIR_ACTS_MAX);
    strcat(text, ",drop:65");
    ck_assert_int_eq(ss_impair_parse(text, &plan, NULL), SS_USAGE);
}
END_TEST

static void add_sends(TCase *sends)
{
    tcase_add_test(sends, test_impair_send_dropped_does_not_leave);
    tcase_add_test(sends, test_impair_send_duplicated_leaves_twice);
    tcase_add_test(sends, test_impair_send_delayed_leaves_behind_the_next);
    tcase_add_test(sends, test_impair_send_delayed_twice_keeps_their_order);
    tcase_add_test(sends, test_impair_send_delayed_with_no_next_leaves_in_the_end);
    tcase_add_test(sends, test_impair_send_corrupted_differs_in_one_bit_of_its_last_octet);
    tcase_add_test(sends, test_impair_frames_of_both_ways_are_counted_together);
    tcase_add_test(sends, test_impair_copies_are_not_counted);
}

static void add_arrivals(TCase *arrivals)
{
    tcase_add_test(arrivals, test_impair_arrival_corrupted_is_turned_before_its_padding);
    tcase_add_test(arrivals, test_impair_arrival_dropped_is_shown_as_dropped);
    tcase_add_test(arrivals, test_impair_arrival_duplicated_comes_with_its_copy_next);
    tcase_add_test(arrivals, test_impair_arrival_delayed_comes_behind_the_next);
    tcase_add_test(arrivals, test_impair_arrival_delayed_with_no_next_comes_in_the_end);
    tcase_add_test(arrivals, test_impair_arrival_delayed_is_not_freed_by_one_dropped);
    tcase_add_test(arrivals, test_impair_times_of_arrival_never_go_back);
    tcase_add_test(arrivals, test_impair_interrupted_below_is_interrupted);
}

int main(void)
{
    Suite *suite = suite_create("impair");
    TCase *sends = tcase_create("sends");
    TCase *arrivals = tcase_create("arrivals");
    TCase *parse = tcase_create("parse");
    add_sends(sends);
    add_arrivals(arrivals);
    tcase_add_test(parse, test_impair_parse_reads_every_word);
    tcase_add_loop_test(parse, test_impair_parse_unreadable_says_where_and_what, 0,
                        sizeof unreadable / sizeof *unreadable);
    tcase_add_test(parse, test_impair_parse_takes_64_acts_and_no_more);
    suite_add_tcase(suite, sends);
    suite_add_tcase(suite, arrivals);
    suite_add_tcase(suite, parse);
    return check_main(suite);
}
