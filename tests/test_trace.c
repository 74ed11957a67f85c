/* test_trace: the log copies what it is given, keeps the order, and tells its sinks. */
#include "check_main.h"

#include <string.h>

#include "synstep/trace.h"

/* A sink that notes what it heard. */
struct ear {
    size_t count;
    uint64_t last_us;
    const struct ss_event *last;
};

static void hear(void *context, const struct ss_event *event)
{
    struct ear *ear = context;
    ear->count++;
    ear->last_us = event->time_us;
    ear->last = event;
}

static struct ss_event note(uint64_t time_us, const char *text)
{
    struct ss_event event = {.kind = SS_EVENT_NOTE, .time_us = time_us};
    strncpy(event.note.text, text, sizeof(event.note.text) - 1);
    return event;
}

START_TEST(test_trace_new_is_empty)
{
    struct ss_trace *trace = ss_trace_new();
    ck_assert_ptr_nonnull(trace);
    ck_assert_uint_eq(ss_trace_count(trace), 0);
    ss_trace_free(trace);
    ss_trace_free(NULL);
}
END_TEST

START_TEST(test_trace_append_keeps_order_over_growth)
{
    struct ss_trace *trace = ss_trace_new();
    for (uint64_t i = 0; i < 1000; i++) {
        struct ss_event event = note(i, "n");
        ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    }
    ck_assert_uint_eq(ss_trace_count(trace), 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(ss_trace_at(trace, i)->time_us, i);
    ss_trace_free(trace);
}
END_TEST

START_TEST(test_trace_append_segment_owns_its_octets)
{
    /* The caller's buffer is overwritten afterwards: the trace must not see it. */
    uint8_t octets[60];
    struct ss_trace *trace = ss_trace_new();
    struct ss_event event = {.kind = SS_EVENT_SEGMENT};
    memset(octets, 0xa5, sizeof(octets));
    event.segment.octets = octets;
    event.segment.length = sizeof(octets);
    event.segment.packet.frame = octets;
    event.segment.packet.payload_offset = 40;
    ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    memset(octets, 0, sizeof(octets));

    const struct ss_event_segment *kept = &ss_trace_at(trace, 0)->segment;
    ck_assert_ptr_ne(kept->octets, octets);
    ck_assert_ptr_eq(kept->packet.frame, kept->octets);
    ck_assert_uint_eq(kept->length, sizeof(octets));
    for (size_t i = 0; i < kept->length; i++)
        ck_assert_uint_eq(kept->octets[i], 0xa5);
    ck_assert_ptr_eq(ss_packet_payload(&kept->packet), kept->octets + 40);
    ss_trace_free(trace);
}
END_TEST

START_TEST(test_trace_events_stay_where_they_are)
{
    /* A sink may keep the pointer that it was given: growth must not move events. */
    struct ss_trace *trace = ss_trace_new();
    struct ss_event event = note(7, "first");
    ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    const struct ss_event *first = ss_trace_at(trace, 0);
    for (int i = 0; i < 500; i++)
        ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    ck_assert_ptr_eq(ss_trace_at(trace, 0), first);
    ck_assert_str_eq(first->note.text, "first");
    ss_trace_free(trace);
}
END_TEST

START_TEST(test_trace_sinks_hear_from_when_they_are_attached)
{
    struct ear early = {0}, late = {0};
    struct ss_trace *trace = ss_trace_new();
    struct ss_event event = note(1, "one");
    ss_trace_attach(trace, (struct ss_sink){&early, hear});
    ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    ss_trace_attach(trace, (struct ss_sink){&late, hear});
    event = note(2, "two");
    ck_assert_int_eq(ss_trace_append(trace, &event), SS_OK);
    ck_assert_uint_eq(early.count, 2);
    ck_assert_uint_eq(late.count, 1);
    ck_assert_uint_eq(late.last_us, 2);
    ck_assert_ptr_eq(early.last, ss_trace_at(trace, 1));
    ss_trace_free(trace);
}
END_TEST

static Suite *trace_suite(void)
{
    Suite *suite = suite_create("trace");
    TCase *log = tcase_create("log");
    tcase_add_test(log, test_trace_new_is_empty);
    tcase_add_test(log, test_trace_append_keeps_order_over_growth);
    tcase_add_test(log, test_trace_append_segment_owns_its_octets);
    tcase_add_test(log, test_trace_events_stay_where_they_are);
    tcase_add_test(log, test_trace_sinks_hear_from_when_they_are_attached);
    suite_add_tcase(suite, log);
    return suite;
}

int main(void)
{
    return check_main(trace_suite());
}
