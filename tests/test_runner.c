/*
 * test_runner: whole runs over the simulated wire, where K can be chosen, time is exact, and the
 * other end can misbehave.
 */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/craft.h"
#include "synstep/far.h"
#include "synstep/impair.h"
#include "synstep/runner.h"
#include "synstep/simulated.h"

enum { LATENCY_US = 100, TIMEOUT_US = 100000000 };

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffa};

static const struct ss_socket_address near_end = {{4, {10, 0, 0, 1}}, 49152};
static const struct ss_socket_address far_end = {{4, {10, 0, 0, 2}}, 8888};
static const struct ss_socket_address near_v6 = {{6, {0xfd, [15] = 1}}, 49152};
static const struct ss_socket_address far_v6 = {{6, {0xfd, [15] = 2}}, 8888};

/* One run and what came of it. */
struct run {
    enum ss_status status;
    struct ss_problem problem;
    struct ss_trace *trace;
};

static struct ss_runner_options options_for(uint32_t isn, const uint8_t *data, size_t length)
{
    struct ss_runner_options options = {
        .local = near_end,
        .peer = far_end,
        .endpoint = ss_endpoint_defaults(ss_seq_from(isn)),
        .data = data,
        .data_length = length,
        .echo_expected = true,
        .timeout_us = TIMEOUT_US,
        .first_ip_id = 1,
        .where = "simulated",
    };
    options.endpoint.time_wait_us = 10000000;
    return options;
}

static struct run run_over(const struct ss_runner_options *options, struct ss_wire *wire)
{
    struct run run = {.trace = ss_trace_new()};
    ck_assert_ptr_nonnull(run.trace);
    run.status = ss_runner_run(options, wire, NULL, run.trace, &run.problem);
    return run;
}

static struct run run_against(const struct ss_runner_options *options,
                              const struct ss_simulated_host *host)
{
    struct ss_wire *wire = NULL;
    ck_assert_int_eq(ss_simulated_open(host, LATENCY_US, &wire, NULL), SS_OK);
    struct run run = run_over(options, wire);
    ss_wire_close(wire);
    return run;
}

/* Against the crafted echo server with ISN K; `impair` may be NULL. */
static struct run run_echo(const struct ss_runner_options *options, uint32_t k, const char *impair)
{
    struct ss_far_model_options far_options = {
        .local = options->peer,
        .peer = options->local,
        .isn_given = true,
        .isn = ss_seq_from(k),
        .mss = 1460,
        .receive_buffer = 64240,
        .echo = true,
    };
    struct ss_far *far = NULL;
    ck_assert_int_eq(ss_far_model_open(&far_options, &far, NULL), SS_OK);
    struct ss_simulated_host host = ss_far_model_as_host(far);
    struct ss_wire *wire = NULL;
    ck_assert_int_eq(ss_simulated_open(&host, LATENCY_US, &wire, NULL), SS_OK);
    if (impair) {
        struct ss_impair_plan plan;
        struct ss_wire *outer = NULL;
        ck_assert_int_eq(ss_impair_parse(impair, &plan, NULL), SS_OK);
        ck_assert_int_eq(ss_impair_open(wire, &plan, &outer, NULL), SS_OK);
        wire = outer;
    }
    struct run run = run_over(options, wire);
    ss_wire_close(wire);
    ss_far_close(far);
    return run;
}

static const struct ss_event_end *end_of(const struct run *run)
{
    size_t count = ss_trace_count(run->trace);
    ck_assert_uint_gt(count, 0);
    const struct ss_event *last = ss_trace_at(run->trace, count - 1);
    ck_assert_int_eq(last->kind, SS_EVENT_END);
    return &last->end;
}

/* The n-th segment of the trace, counted from 1; NULL when there are fewer. */
static const struct ss_event *segment(const struct run *run, uint32_t n)
{
    for (size_t i = 0; i < ss_trace_count(run->trace); i++) {
        const struct ss_event *event = ss_trace_at(run->trace, i);
        if (event->kind == SS_EVENT_SEGMENT && event->segment.n == n)
            return event;
    }
    return NULL;
}

static void assert_held(const struct run *run)
{
    const struct ss_event_end *end = end_of(run);
    ck_assert_msg(run->status == SS_OK, "%s", run->problem.text);
    ck_assert(end->ok);
    ck_assert_uint_eq(end->failed, 0);
    ck_assert_uint_gt(end->checks, 20);
}

/* J, K, M and N as the textbook has them after `length` octets each way. */
static void assert_numbers(const struct run *run, uint32_t j, uint32_t k, uint32_t length)
{
    const struct ss_event_end *end = end_of(run);
    const uint32_t expected[4] = {j, k, j + 1 + length, k + 1 + length};
    for (int i = 0; i < 4; i++) {
        ck_assert(end->number_known[i]);
        ck_assert_uint_eq(end->number[i].value, expected[i]);
    }
}

START_TEST(test_runner_echo_holds_at_every_wrap_base)
{
    const uint8_t data[] = "hello";
    uint32_t j = bases[_i / 5], k = bases[_i % 5];
    struct ss_runner_options options = options_for(j, data, 5);
    struct run run = run_echo(&options, k, NULL);
    assert_held(&run);
    assert_numbers(&run, j, k, 5);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_textbook_order_of_segments)
{
    /* Expected flags and symbols are the textbook's ladder, written down by hand. */
    static const struct {
        enum ss_side from;
        uint8_t flags;
        const char *seq;
        const char *ack;
    } ladder[] = {
        {SS_SIDE_A, SS_TCP_SYN, "J", ""},
        {SS_SIDE_B, SS_TCP_SYN | SS_TCP_ACK, "K", "J+1"},
        {SS_SIDE_A, SS_TCP_ACK, "J+1", "K+1"},
        {SS_SIDE_A, SS_TCP_PSH | SS_TCP_ACK, "J+1", "K+1"},
    };
    const uint8_t data[] = "hello";
    struct ss_runner_options options = options_for(1000, data, 5);
    struct run run = run_echo(&options, 5000, NULL);
    assert_held(&run);
    for (uint32_t i = 0; i < 4; i++) {
        const struct ss_event_segment *seen = &segment(&run, i + 1)->segment;
        ck_assert_int_eq(seen->from, ladder[i].from);
        ck_assert_uint_eq(seen->packet.tcp.flags, ladder[i].flags);
        ck_assert_str_eq(seen->seq_symbol, ladder[i].seq);
        ck_assert_str_eq(seen->ack_symbol, ladder[i].ack);
    }
    const struct ss_event_segment *last = &segment(&run, end_of(&run)->segments)->segment;
    ck_assert_int_eq(last->from, SS_SIDE_A);
    ck_assert_str_eq(last->seq_symbol, "M+1");
    ck_assert_str_eq(last->ack_symbol, "N+1");
    ck_assert_int_eq(last->state_after[SS_SIDE_A], SS_TCP_TIME_WAIT);
    ck_assert_int_eq(last->state_after[SS_SIDE_B], SS_TCP_CLOSED);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_data_of_any_size_comes_back)
{
    static const size_t sizes[] = {0, 1, 1459, 1460, 1461, 64240, 1024 * 1024};
    static uint8_t data[1024 * 1024];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 131 + (i >> 8));
    struct ss_runner_options options = options_for(0xfffff000, data, sizes[_i]);
    struct run run = run_echo(&options, 0xffffff00, NULL);
    ck_assert_msg(run.status == SS_OK, "%s", run.problem.text);
    assert_numbers(&run, 0xfffff000, 0xffffff00, (uint32_t)sizes[_i]);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_echo_larger_than_window_and_small_mss)
{
    uint8_t data[5000];
    memset(data, 'x', sizeof(data));
    struct ss_runner_options options = options_for(7, data, sizeof(data));
    options.endpoint.mss = 100;
    options.endpoint.receive_buffer = 300;
    struct run run = run_echo(&options, 9, NULL);
    assert_held(&run);
    assert_numbers(&run, 7, 9, sizeof(data));
    for (uint32_t n = 1; n <= end_of(&run)->segments; n++)
        ck_assert_uint_le(segment(&run, n)->segment.packet.payload_length, 100);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_time_wait_of_no_length_still_sends_the_last_ack)
{
    const uint8_t data[] = "hello";
    struct ss_runner_options options = options_for(1, data, 5);
    options.endpoint.time_wait_us = 0;
    struct run run = run_echo(&options, 2, NULL);
    assert_held(&run);
    const struct ss_event_segment *last = &segment(&run, end_of(&run)->segments)->segment;
    ck_assert_str_eq(last->seq_symbol, "M+1");
    ck_assert_str_eq(last->ack_symbol, "N+1");
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_ipv6_holds)
{
    const uint8_t data[] = "hello";
    struct ss_runner_options options = options_for(0xffffffff, data, 5);
    options.local = near_v6;
    options.peer = far_v6;
    struct run run = run_echo(&options, 0xffffffff, NULL);
    assert_held(&run);
    assert_numbers(&run, 0xffffffff, 0xffffffff, 5);
    ck_assert_uint_eq(segment(&run, 1)->segment.packet.version, 6);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_mends_each_harm_to_each_frame)
{
    static const char *const acts[] = {"drop", "dup", "delay", "corrupt"};
    const uint8_t data[] = "hello";
    char impair[32];
    snprintf(impair, sizeof(impair), "%s:%d", acts[_i / 12], _i % 12 + 1);
    struct ss_runner_options options = options_for(0xfffffffe, data, 5);
    options.impaired = true;
    struct run run = run_echo(&options, 0xfffffffc, impair);
    ck_assert_msg(run.status == SS_OK, "%s: %s", impair, run.problem.text);
    assert_numbers(&run, 0xfffffffe, 0xfffffffc, 5);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_same_input_same_octets)
{
    const uint8_t data[] = "hello";
    struct ss_runner_options options = options_for(42, data, 5);
    struct run one = run_echo(&options, 4242, "drop:4");
    struct run two = run_echo(&options, 4242, "drop:4");
    ck_assert_uint_eq(end_of(&one)->segments, end_of(&two)->segments);
    for (uint32_t n = 1; n <= end_of(&one)->segments; n++) {
        const struct ss_event *a = segment(&one, n), *b = segment(&two, n);
        ck_assert_uint_eq(a->time_us, b->time_us);
        ck_assert_uint_eq(a->segment.length, b->segment.length);
        ck_assert_mem_eq(a->segment.octets, b->segment.octets, a->segment.length);
    }
    ss_trace_free(one.trace);
    ss_trace_free(two.trace);
}
END_TEST

/* --- other ends that misbehave ------------------------------------------------------------------
 */

/* What a host of these tests answers to the first SYN, and what it heard after. */
struct villain {
    uint8_t flags;      /* 0: nothing */
    uint32_t ack_off;   /* added to the right acknowledgement */
    bool icmp;          /* answers port unreachable instead */
    bool reset_on_data; /* plays along until data comes, then resets */
    struct ss_packet heard;
    uint8_t copy[2048];
    unsigned segments;
};

static void send_tcp(struct ss_simulated *wire, uint8_t flags, uint32_t seq, uint32_t ack)
{
    uint8_t octets[128];
    size_t length = 0;
    struct ss_craft craft = ss_craft_between(&far_end, &near_end);
    craft.tcp.flags = flags;
    craft.tcp.seq = ss_seq_from(seq);
    craft.tcp.ack = ss_seq_from(ack);
    craft.tcp.window = 64240;
    ck_assert_int_eq(ss_craft_build(&craft, octets, sizeof(octets), &length), SS_OK);
    ss_simulated_reply(wire, octets, length);
}

/* ICMP type 3 code 3, quoting the IP header and 8 octets more (RFC 792), written out by hand. */
static void send_port_unreachable(struct ss_simulated *wire, const uint8_t *octets)
{
    uint8_t message[56] = {0x45, 0, 0, 56, 0, 9, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 3, 3};
    memcpy(message + 28, octets, 28);
    ss_bytes_put16(message + 10, ss_checksum_finish(ss_checksum_add(0, message, 20)));
    ss_bytes_put16(message + 22, ss_checksum_finish(ss_checksum_add(0, message + 20, 36)));
    ss_simulated_reply(wire, message, sizeof(message));
}

static void villain_wake(void *context, struct ss_simulated *wire, const uint8_t *octets,
                         size_t length, uint64_t now_us)
{
    struct villain *villain = context;
    (void)now_us;
    if (!octets)
        return;
    ck_assert_uint_le(length, sizeof(villain->copy));
    memcpy(villain->copy, octets, length);
    ss_packet_decode(SS_LINK_IP, villain->copy, length, &villain->heard);
    const struct ss_tcp_header *tcp = &villain->heard.tcp;
    villain->segments++;
    if (villain->icmp)
        send_port_unreachable(wire, octets);
    else if (villain->segments == 1 && villain->flags)
        send_tcp(wire, villain->flags, villain->flags & SS_TCP_SYN ? 5000 : 0,
                 tcp->seq.value + 1 + villain->ack_off);
    else if (villain->reset_on_data && villain->heard.payload_length > 0)
        send_tcp(wire, SS_TCP_RST, 5001, 0);
}

static uint64_t villain_deadline(void *context)
{
    (void)context;
    return UINT64_MAX;
}

static struct run run_villain(struct villain *villain, struct ss_runner_options *options)
{
    struct ss_simulated_host host = {villain, villain_wake, villain_deadline};
    return run_against(options, &host);
}

START_TEST(test_runner_silence_is_met_with_doubled_timers)
{
    /* RFC 6298: one second, then doubled: SYNs at 0, 1, 3, 7 s; given up at 10 s. */
    struct villain villain = {0};
    struct ss_runner_options options = options_for(77, NULL, 0);
    options.timeout_us = 10000000;
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_TIMED_OUT);
    ck_assert_int_eq(ss_status_exit(run.status), 1);
    ck_assert_uint_eq(end_of(&run)->segments, 4);
    ck_assert_uint_eq(villain.segments, 4);
    for (uint32_t n = 1; n <= 4; n++) {
        ck_assert_uint_eq(segment(&run, n)->time_us, ((1U << (n - 1)) - 1) * 1000000U);
        ck_assert_uint_eq(segment(&run, n)->segment.packet.tcp.seq.value, 77);
    }
    ck_assert_ptr_nonnull(strstr(run.problem.text, "10.0.0.2:8888 does not answer"));
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_wrong_synack_gets_a_reset_with_its_ack)
{
    /* J, J+2 and J-500 instead of J+1. */
    static const uint32_t offs[] = {(uint32_t)-1, 1, (uint32_t)-501};
    struct villain villain = {.flags = SS_TCP_SYN | SS_TCP_ACK, .ack_off = offs[_i % 3]};
    uint32_t j = bases[_i / 3];
    struct ss_runner_options options = options_for(j, NULL, 0);
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_CHECK_FAILED);
    ck_assert_int_eq(ss_status_exit(run.status), 1);
    /* RFC 9293 3.10.7.3: <SEQ=SEG.ACK><CTL=RST> */
    ck_assert_uint_eq(end_of(&run)->segments, 3);
    const struct ss_event_segment *last = &segment(&run, 3)->segment;
    ck_assert_int_eq(last->from, SS_SIDE_A);
    ck_assert_uint_eq(last->packet.tcp.flags, SS_TCP_RST);
    ck_assert_uint_eq(last->packet.tcp.seq.value, j + 1 + offs[_i % 3]);
    ck_assert(!end_of(&run)->ok);
    ck_assert_uint_ge(end_of(&run)->failed, 1);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_closed_port_is_refused)
{
    struct villain villain = {.flags = SS_TCP_RST | SS_TCP_ACK};
    struct ss_runner_options options = options_for(0xffffffff, NULL, 0);
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_REFUSED);
    ck_assert_uint_eq(end_of(&run)->failed, 0);
    ck_assert_uint_eq(villain.segments, 1);
    ck_assert_ptr_nonnull(strstr(run.problem.text, "refused"));
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_reset_in_mid_stream_is_said)
{
    const uint8_t data[] = "hello";
    struct villain villain = {.flags = SS_TCP_SYN | SS_TCP_ACK, .reset_on_data = true};
    struct ss_runner_options options = options_for(1, data, 5);
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_REFUSED);
    ck_assert_ptr_nonnull(strstr(run.problem.text, "reset"));
    ck_assert(!end_of(&run)->ok);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_port_unreachable_ends_the_opening)
{
    struct villain villain = {.icmp = true};
    struct ss_runner_options options = options_for(1, NULL, 0);
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_REFUSED);
    ck_assert_ptr_nonnull(strstr(run.problem.text, "10.0.0.2"));
    ck_assert_ptr_nonnull(strstr(run.problem.text, "unreachable"));
    ck_assert_uint_eq(villain.segments, 1);
    ss_trace_free(run.trace);
}
END_TEST

START_TEST(test_runner_silence_after_the_handshake_is_broken_off_by_reset)
{
    const uint8_t data[] = "hello";
    struct villain villain = {.flags = SS_TCP_SYN | SS_TCP_ACK};
    struct ss_runner_options options = options_for(1, data, 5);
    options.timeout_us = 5000000;
    struct run run = run_villain(&villain, &options);
    ck_assert_int_eq(run.status, SS_TIMED_OUT);
    ck_assert_ptr_nonnull(strstr(run.problem.text, "not done in 5.0 s, with our end in ESTAB"));
    ck_assert_ptr_nonnull(strstr(run.problem.text, "from 10.0.0.2:8888 5.0 s ago"));
    /* RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST>, seen by the peer and in the trace. */
    const struct ss_event_segment *last = &segment(&run, end_of(&run)->segments)->segment;
    ck_assert_uint_eq(last->packet.tcp.flags & SS_TCP_RST, SS_TCP_RST);
    ck_assert_uint_eq(last->packet.tcp.seq.value, 1 + 1 + 5);
    ss_trace_free(run.trace);
}
END_TEST

static Suite *runner_suite(void)
{
    Suite *suite = suite_create("runner");
    TCase *whole = tcase_create("whole connections");
    TCase *harm = tcase_create("harm");
    TCase *villains = tcase_create("villains");
    tcase_set_timeout(whole, 30);
    tcase_add_loop_test(whole, test_runner_echo_holds_at_every_wrap_base, 0, 25);
    tcase_add_test(whole, test_runner_textbook_order_of_segments);
    tcase_add_loop_test(whole, test_runner_data_of_any_size_comes_back, 0, 7);
    tcase_add_test(whole, test_runner_echo_larger_than_window_and_small_mss);
    tcase_add_test(whole, test_runner_time_wait_of_no_length_still_sends_the_last_ack);
    tcase_add_test(whole, test_runner_ipv6_holds);
    tcase_add_loop_test(harm, test_runner_mends_each_harm_to_each_frame, 0, 48);
    tcase_add_test(harm, test_runner_same_input_same_octets);
    tcase_add_test(villains, test_runner_silence_is_met_with_doubled_timers);
    tcase_add_loop_test(villains, test_runner_wrong_synack_gets_a_reset_with_its_ack, 0, 15);
    tcase_add_test(villains, test_runner_closed_port_is_refused);
    tcase_add_test(villains, test_runner_reset_in_mid_stream_is_said);
    tcase_add_test(villains, test_runner_port_unreachable_ends_the_opening);
    tcase_add_test(villains, test_runner_silence_after_the_handshake_is_broken_off_by_reset);
    suite_add_tcase(suite, whole);
    suite_add_tcase(suite, harm);
    suite_add_tcase(suite, villains);
    return suite;
}

int main(void)
{
    return check_main(runner_suite());
}
