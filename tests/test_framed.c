/* test_framed: datagrams leave by one wire, all that comes comes by the other, without its header
 * where that is IP's. */
#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/framed.h"

static struct dummy_wire datagrams, frames;
static struct ss_wire *wire;

static void begin(void)
{
    dummy_open(&datagrams);
    dummy_open(&frames);
    ck_assert_int_eq(ss_framed_open(&datagrams.wire, &frames.wire, &wire, NULL), SS_OK);
}

static void end(void)
{
    ss_wire_close(wire);
    ck_assert(datagrams.closed && frames.closed);
}

/* A frame of that EtherType with `length` octets in all. */
static void frame_comes(uint16_t type, size_t length)
{
    struct dummy_frame *frame = &frames.coming[frames.coming_count++];
    *frame = (struct dummy_frame){.length = length};
    frame->octets[12] = (uint8_t)(type >> 8);
    frame->octets[13] = (uint8_t)type;
}

START_TEST(test_framed_datagrams_leave_by_the_first)
{
    static const uint8_t octet = 'a';
    begin();
    ck_assert_int_eq(ss_wire_send(wire, &octet, 1, NULL, NULL), SS_OK);
    ck_assert_uint_eq(datagrams.sent_count, 1);
    ck_assert_uint_eq(frames.sent_count, 0);
    dummy_will_come(&datagrams, 0, 'x');
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(wire, 7, &arrival, NULL), SS_TIMED_OUT);
    ck_assert_uint_eq(ss_wire_now_us(wire), 7);
    end();
}
END_TEST

START_TEST(test_framed_what_comes_is_a_datagram_or_a_frame)
{
    static const struct {
        uint16_t type;
        size_t length;
        enum ss_link link;
        size_t left;
    } cases[] = {
        {0x0800, 34, SS_LINK_IP, 20},       {0x86dd, 54, SS_LINK_IP, 40},
        {0x0806, 42, SS_LINK_ETHERNET, 42}, {0x8100, 38, SS_LINK_ETHERNET, 38},
        {0x0800, 14, SS_LINK_IP, 0},        {0x0800, 13, SS_LINK_ETHERNET, 13},
        {0x0800, 0, SS_LINK_ETHERNET, 0},
    };
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    begin();
    for (size_t i = 0; i < CASES; i++)
        frame_comes(cases[i].type, cases[i].length);
    for (size_t i = 0; i < CASES; i++) {
        struct ss_arrival arrival = {.length = 99};
        struct dummy_frame *frame = &frames.coming[i];
        ck_assert_int_eq(ss_wire_receive(wire, 0, &arrival, NULL), SS_OK);
        ck_assert_int_eq(arrival.link, cases[i].link);
        ck_assert_uint_eq(arrival.length, cases[i].left);
        ck_assert_ptr_eq(arrival.octets + arrival.length, frame->octets + cases[i].length);
    }
    end();
}
END_TEST

static Suite *framed_suite(void)
{
    Suite *suite = suite_create("framed");
    TCase *all = tcase_create("all");
    tcase_add_test(all, test_framed_datagrams_leave_by_the_first);
    tcase_add_test(all, test_framed_what_comes_is_a_datagram_or_a_frame);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return check_main(framed_suite());
}
