/* test_endpoint_open: RFC 9293 section 3.10.7.1 to 3.10.7.3 and the ways to ESTABLISHED. */
#include "endpoint_support.h"

START_TEST(test_endpoint_active_open_is_the_textbook_handshake)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
    ss_endpoint_connect(&bench.endpoint);
    expect_state(&bench, SS_TCP_SYN_SENT);
    expect_unacknowledging(&bench, SYN, 0);
    ck_assert_uint_eq(bench.out.window, BUFFER);
    ck_assert(bench.out.options.has_mss && bench.out.options.mss == MSS);
    ck_assert(!bench.out.options.has_window_shift);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, SYN | ACK, 0, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_window(&bench, ACK, 1, 1, 0, BUFFER);
    ck_assert(!bench.out.options.has_mss);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_passive_open_answers_syn_ack)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    ss_endpoint_listen(&bench.endpoint);
    expect_state(&bench, SS_TCP_LISTEN);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, SYN, 0, 0, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
    expect_window(&bench, SYN | ACK, 0, 1, 0, BUFFER);
    ck_assert(bench.out.options.has_mss && bench.out.options.mss == MSS);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_data_written_early_follows_the_third_segment)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ss_endpoint_write(&bench.endpoint, 5);
    expect_nothing(&bench);
    arrive(&bench, SYN | ACK, 0, 1, 0);
    expect(&bench, ACK, 1, 1, 0);
    expect(&bench, PSH | ACK, 1, 1, 5);
    ck_assert_uint_eq(bench.out.stream_offset, 0);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_syn_sent_bad_ack_is_answered_with_rst_of_that_number)
{
    struct bench bench = bench_at(_i);
    const int64_t bad[] = {0, 2, -1, 1000000, 0x7fffffff, 0x80000000};
    connect_out(&bench);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(arrive(&bench, SYN | ACK, 0, bad[i], 0), SS_ENDPOINT_BAD_ACK);
        expect_unacknowledging(&bench, RST, bad[i]);
        expect_nothing(&bench);
        ck_assert_int_eq(arrive(&bench, ACK, 0, bad[i], 0), SS_ENDPOINT_BAD_ACK);
        expect_unacknowledging(&bench, RST, bad[i]);
        ck_assert_int_eq(arrive(&bench, RST | ACK, 0, bad[i], 0), SS_ENDPOINT_IGNORED);
        expect_nothing(&bench);
        expect_state(&bench, SS_TCP_SYN_SENT);
    }
}
END_TEST

START_TEST(test_endpoint_syn_sent_rst_counts_only_with_an_ack_of_the_syn)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ck_assert_int_eq(arrive(&bench, RST, 0, 1, 0), SS_ENDPOINT_IGNORED);
    expect_state(&bench, SS_TCP_SYN_SENT);
    ck_assert_int_eq(arrive(&bench, RST | ACK, 0, 1, 0), SS_ENDPOINT_ENDED);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_REFUSED);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_syn_sent_segment_without_syn_is_ignored)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 0, 1, 0), SS_ENDPOINT_IGNORED);
    ck_assert_int_eq(arrive(&bench, FIN, 0, 1, 10), SS_ENDPOINT_IGNORED);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_SYN_SENT);
}
END_TEST

START_TEST(test_endpoint_syn_ack_with_text_and_fin_is_taken_whole)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ck_assert_int_eq(arrive(&bench, SYN | ACK | FIN, 0, 1, 7), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.offset, 0);
    ck_assert_uint_eq(bench.delivery.skip, 0);
    ck_assert_uint_eq(bench.delivery.length, 7);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 9, 0);
}
END_TEST

START_TEST(test_endpoint_syn_with_text_acknowledges_the_syn_alone)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    ss_endpoint_listen(&bench.endpoint);
    ck_assert_int_eq(arrive(&bench, SYN | FIN, 0, 0, 7), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, 0);
    expect(&bench, SYN | ACK, 0, 1, 0);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
}
END_TEST

START_TEST(test_endpoint_listen_takes_nothing_but_syn)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    ss_endpoint_listen(&bench.endpoint);
    ck_assert_int_eq(arrive(&bench, RST, 5, 9, 0), SS_ENDPOINT_IGNORED);
    ck_assert_int_eq(arrive(&bench, RST | ACK, 5, 9, 0), SS_ENDPOINT_IGNORED);
    ck_assert_int_eq(arrive(&bench, FIN, 5, 9, 3), SS_ENDPOINT_IGNORED);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 5, 9, 0), SS_ENDPOINT_BAD_ACK);
    expect_unacknowledging(&bench, RST, 9);
    ck_assert_int_eq(arrive(&bench, SYN | ACK, 5, -9, 0), SS_ENDPOINT_BAD_ACK);
    expect_unacknowledging(&bench, RST, -9);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_LISTEN);
}
END_TEST

START_TEST(test_endpoint_closed_answers_rst)
{
    struct bench bench = bench_at(_i);
    start(&bench);
    ck_assert_int_eq(arrive(&bench, RST, 5, 9, 0), SS_ENDPOINT_NO_CONNECTION);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, ACK, 5, 9, 4), SS_ENDPOINT_NO_CONNECTION);
    expect_unacknowledging(&bench, RST, 9);
    /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>; SEG.LEN counts SYN and FIN. */
    ck_assert_int_eq(arrive(&bench, SYN | FIN, 5, 9, 10), SS_ENDPOINT_NO_CONNECTION);
    expect_fields(&bench, RST | ACK, 0, from_k(&bench, 17).value, 0, __LINE__);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_CLOSED);
}
END_TEST

START_TEST(test_endpoint_passive_syn_received_reset_returns_to_listen)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ck_assert_int_eq(arrive(&bench, RST, 1, 0, 0), SS_ENDPOINT_ENDED);
    expect_state(&bench, SS_TCP_LISTEN);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    expect_no_deadline(&bench);
    expect_nothing(&bench);
    bench.k += 77777;
    ck_assert_int_eq(arrive(&bench, SYN, 0, 0, 0), SS_ENDPOINT_ACCEPTED);
    expect(&bench, SYN | ACK, 0, 1, 0);
    arrive(&bench, ACK, 1, 1, 0);
    expect_state(&bench, SS_TCP_ESTABLISHED);
}
END_TEST

START_TEST(test_endpoint_passive_syn_received_new_syn_returns_to_listen)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ck_assert_int_eq(arrive(&bench, SYN, 100, 0, 0), SS_ENDPOINT_ENDED);
    expect_state(&bench, SS_TCP_LISTEN);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_syn_received_inexact_rst_is_challenged)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ck_assert_int_eq(arrive(&bench, RST, 2, 0, 0), SS_ENDPOINT_CHALLENGED);
    expect(&bench, ACK, 1, 1, 0);
    ck_assert_int_eq(arrive(&bench, RST, 1 + BUFFER, 0, 0), SS_ENDPOINT_IGNORED);
    ck_assert_int_eq(arrive(&bench, RST, 0, 0, 0), SS_ENDPOINT_IGNORED);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
}
END_TEST

START_TEST(test_endpoint_syn_received_bad_ack_is_answered_with_rst)
{
    struct bench bench = bench_at(_i);
    const int64_t bad[] = {0, 2, -1, 0x70000000};
    half_open(&bench);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(arrive(&bench, ACK, 1, bad[i], 0), SS_ENDPOINT_BAD_ACK);
        expect_unacknowledging(&bench, RST, bad[i]);
        expect_nothing(&bench);
        expect_state(&bench, SS_TCP_SYN_RECEIVED);
    }
    ck_assert_int_eq(arrive(&bench, FIN, 1, 1, 0), SS_ENDPOINT_IGNORED);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_syn_received_old_syn_again_is_answered_with_ack)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ck_assert_int_eq(arrive(&bench, SYN, 0, 0, 0), SS_ENDPOINT_UNACCEPTABLE);
    expect(&bench, ACK, 1, 1, 0);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
}
END_TEST

START_TEST(test_endpoint_syn_received_ack_with_text_and_fin_is_taken_whole)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ck_assert_int_eq(arrive(&bench, ACK | FIN, 1, 1, 9), SS_ENDPOINT_ACCEPTED);
    ck_assert_uint_eq(bench.delivery.length, 9);
    expect_state(&bench, SS_TCP_CLOSE_WAIT);
    expect(&bench, ACK, 1, 11, 0);
}
END_TEST

/* RFC 9293 section 3.5, figure 8. */
START_TEST(test_endpoint_simultaneous_open_takes_the_repeated_syn)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ck_assert_int_eq(arrive(&bench, SYN, 0, 0, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
    expect(&bench, SYN | ACK, 0, 1, 0);
    ck_assert(bench.out.options.has_mss);
    expect_nothing(&bench);
    ck_assert_int_eq(arrive(&bench, SYN | ACK, 0, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
}
END_TEST

START_TEST(test_endpoint_simultaneous_open_takes_a_plain_ack)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    arrive(&bench, SYN, 0, 0, 0);
    expect(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_int_eq(arrive(&bench, ACK, 1, 1, 0), SS_ENDPOINT_ACCEPTED);
    expect_state(&bench, SS_TCP_ESTABLISHED);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_simultaneous_open_reset_is_a_refusal)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    arrive(&bench, SYN, 0, 0, 0);
    expect(&bench, SYN | ACK, 0, 1, 0);
    ck_assert_int_eq(arrive(&bench, SYN, 1, 0, 0), SS_ENDPOINT_CHALLENGED);
    expect(&bench, ACK, 1, 1, 0);
    ck_assert_int_eq(arrive(&bench, RST, 1, 0, 0), SS_ENDPOINT_ENDED);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_REFUSED);
}
END_TEST

START_TEST(test_endpoint_close_before_a_connection_sends_nothing)
{
    struct bench bench = bench_at(_i);
    connect_out(&bench);
    ss_endpoint_close(&bench.endpoint);
    expect_state(&bench, SS_TCP_CLOSED);
    expect_nothing(&bench);
    expect_no_deadline(&bench);
    start(&bench);
    ss_endpoint_listen(&bench.endpoint);
    ss_endpoint_close(&bench.endpoint);
    expect_state(&bench, SS_TCP_CLOSED);
    ck_assert_int_eq(bench.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_close_in_syn_received_waits_for_established)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ss_endpoint_write(&bench.endpoint, 3);
    ss_endpoint_close(&bench.endpoint);
    expect_nothing(&bench);
    expect_state(&bench, SS_TCP_SYN_RECEIVED);
    arrive(&bench, ACK, 1, 1, 0);
    expect(&bench, PSH | ACK, 1, 1, 3);
    expect(&bench, FIN | ACK, 4, 1, 0);
    expect_state(&bench, SS_TCP_FIN_WAIT_1);
    expect_nothing(&bench);
}
END_TEST

START_TEST(test_endpoint_return_to_listen_keeps_what_the_user_said)
{
    struct bench bench = bench_at(_i);
    half_open(&bench);
    ss_endpoint_write(&bench.endpoint, 3);
    ss_endpoint_close(&bench.endpoint);
    arrive(&bench, RST, 1, 0, 0);
    arrive(&bench, SYN, 0, 0, 0);
    expect(&bench, SYN | ACK, 0, 1, 0);
    arrive(&bench, ACK, 1, 1, 0);
    expect(&bench, PSH | ACK, 1, 1, 3);
    expect(&bench, FIN | ACK, 4, 1, 0);
}
END_TEST

/* The MSS option bounds what is sent; without one 536 does (RFC 9293 section 3.7.1). */
START_TEST(test_endpoint_peer_mss_bounds_segments)
{
    const struct {
        bool announced;
        uint16_t mss;
        uint32_t expected;
    } cases[] = {
        {true, 400, 400}, {true, 1000, 1000}, {true, 9000, 1000}, {true, 0, 1}, {false, 0, 536}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench = bench_at(_i);
        bench.peer_options.has_mss = cases[i].announced;
        bench.peer_options.mss = cases[i].mss;
        establish(&bench);
        ss_endpoint_write(&bench.endpoint, 2000);
        expect(&bench, ACK, 1, 1, cases[i].expected);
    }
}
END_TEST

/* The caller knows the IP version; our own MSS still bounds what it allows. */
START_TEST(test_endpoint_without_mss_option_the_default_of_the_ip_version_holds)
{
    static const struct {
        uint16_t own;
        uint16_t assumed;
        uint32_t expected;
    } cases[] = {{1460, SS_ENDPOINT_DEFAULT_MSS_IPV4, 536},
                 {1440, SS_ENDPOINT_DEFAULT_MSS_IPV6, 1220},
                 {1000, SS_ENDPOINT_DEFAULT_MSS_IPV6, 1000},
                 {1000, 0, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench = bench_at(_i);
        bench.options.mss = cases[i].own;
        bench.options.default_mss = cases[i].assumed;
        bench.peer_options.has_mss = false;
        establish(&bench);
        ss_endpoint_write(&bench.endpoint, 2000);
        expect(&bench, ACK, 1, 1, cases[i].expected);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_open");
    TCase *tcase = tcase_create("open");
    add_at_wraps(tcase, test_endpoint_active_open_is_the_textbook_handshake);
    add_at_wraps(tcase, test_endpoint_passive_open_answers_syn_ack);
    add_at_wraps(tcase, test_endpoint_data_written_early_follows_the_third_segment);
    add_at_wraps(tcase, test_endpoint_syn_sent_bad_ack_is_answered_with_rst_of_that_number);
    add_at_wraps(tcase, test_endpoint_syn_sent_rst_counts_only_with_an_ack_of_the_syn);
    add_at_wraps(tcase, test_endpoint_syn_sent_segment_without_syn_is_ignored);
    add_at_wraps(tcase, test_endpoint_syn_ack_with_text_and_fin_is_taken_whole);
    add_at_wraps(tcase, test_endpoint_syn_with_text_acknowledges_the_syn_alone);
    add_at_wraps(tcase, test_endpoint_listen_takes_nothing_but_syn);
    add_at_wraps(tcase, test_endpoint_closed_answers_rst);
    add_at_wraps(tcase, test_endpoint_passive_syn_received_reset_returns_to_listen);
    add_at_wraps(tcase, test_endpoint_passive_syn_received_new_syn_returns_to_listen);
    add_at_wraps(tcase, test_endpoint_syn_received_inexact_rst_is_challenged);
    add_at_wraps(tcase, test_endpoint_syn_received_bad_ack_is_answered_with_rst);
    add_at_wraps(tcase, test_endpoint_syn_received_old_syn_again_is_answered_with_ack);
    add_at_wraps(tcase, test_endpoint_syn_received_ack_with_text_and_fin_is_taken_whole);
    add_at_wraps(tcase, test_endpoint_simultaneous_open_takes_the_repeated_syn);
    add_at_wraps(tcase, test_endpoint_simultaneous_open_takes_a_plain_ack);
    add_at_wraps(tcase, test_endpoint_simultaneous_open_reset_is_a_refusal);
    add_at_wraps(tcase, test_endpoint_close_before_a_connection_sends_nothing);
    add_at_wraps(tcase, test_endpoint_close_in_syn_received_waits_for_established);
    add_at_wraps(tcase, test_endpoint_return_to_listen_keeps_what_the_user_said);
    add_at_wraps(tcase, test_endpoint_peer_mss_bounds_segments);
    add_at_wraps(tcase, test_endpoint_without_mss_option_the_default_of_the_ip_version_holds);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
