/*
 * test_connections: packets of a capture find their connection, whichever way they go, and it is
 * known what became of it.
 */
#include "transcript_bench.h"

/* Changes who talks: the same two hosts, with these ports. */
static void ports(uint16_t a, uint16_t b)
{
    bench.ends[A].port = a;
    bench.ends[B].port = b;
}

static enum ss_connection_end end_of_first(void)
{
    return ss_connection_end(ss_connections_at(bench.connections, 0));
}

START_TEST(test_connections_both_ways_are_one)
{
    struct ss_connection_packet first = say(&bench, A, SYN, 0, 0, BENCH_MSS);
    struct ss_connection_packet answer = say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    ck_assert_ptr_eq(first.connection, answer.connection);
    ck_assert_int_eq(first.from, A);
    ck_assert_int_eq(answer.from, B);
    ck_assert_uint_eq(first.connection->number, 1);
    ck_assert_uint_eq(first.connection->segments, 2);
    ck_assert(!first.connection->late);
    ck_assert(ss_socket_address_equal(&first.connection->ends[A], &bench.ends[A]));
    ck_assert_uint_eq(answer.verdicts.list[answer.verdicts.count - 1].level, SS_VERDICT_HELD);
    ck_assert_uint_eq(ss_connections_count(bench.connections), 1);
}
END_TEST

START_TEST(test_connections_are_numbered_as_they_are_first_seen)
{
    for (uint16_t i = 0; i < 3; i++) {
        ports((uint16_t)(40001 + i), 8888);
        say(&bench, A, SYN, 0, 0, BENCH_MSS);
    }
    ports(40002, 8888);
    ck_assert_uint_eq(say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS).connection->number, 2);
    ck_assert_uint_eq(ss_connections_count(bench.connections), 3);
    ck_assert_uint_eq(ss_connections_at(bench.connections, 2)->ends[A].port, 40003);
}
END_TEST

START_TEST(test_connections_one_port_to_many_is_many)
{
    ports(40001, 1);
    say(&bench, A, SYN, 0, 0, );
    ports(40001, 2);
    say(&bench, A, SYN, 0, 0, );
    ports(2, 40001);
    say(&bench, A, SYN, 0, 0, );
    ck_assert_uint_eq(ss_connections_count(bench.connections), 3);
}
END_TEST

START_TEST(test_connections_the_same_ends_over_ipv6_are_others)
{
    struct bench other = bench_of(1, 2, 6, A);
    say(&bench, A, SYN, 0, 0, );
    bench.ends[A].address = other.ends[A].address;
    bench.ends[B].address = other.ends[B].address;
    bench.version = 6;
    say(&bench, A, SYN, 0, 0, );
    ck_assert_uint_eq(ss_connections_count(bench.connections), 2);
    bench_close(&other);
}
END_TEST

START_TEST(test_connections_thousands_are_all_found_again)
{
    const uint16_t count = 3000;
    for (uint16_t i = 0; i < count; i++) {
        ports((uint16_t)(1000 + i), 8888);
        ck_assert_uint_eq(say(&bench, A, SYN, 0, 0, ).connection->number, i + 1U);
    }
    for (uint16_t i = 0; i < count; i++) {
        ports((uint16_t)(1000 + i), 8888);
        struct ss_connection_packet taken = say(&bench, B, SYN | ACK, 0, 1, );
        ck_assert_uint_eq(taken.connection->number, i + 1U);
        ck_assert_int_eq(taken.from, B);
    }
}
END_TEST

START_TEST(test_connections_that_begin_late_are_told)
{
    ck_assert(say(&bench, B, PSH | ACK, 7, 9, .text = "late").connection->late);
    ck_assert_int_eq(say(&bench, B, ACK, 11, 9, ).from, A); /* seen first */
    ports(40002, 8888);
    struct ss_connection_packet answer = say(&bench, B, SYN | ACK, 0, 1, );
    ck_assert(answer.connection->late);
    ck_assert_int_eq(answer.from, B); /* whoever answers a SYN is not the one that sent it */
}
END_TEST

START_TEST(test_connections_ports_used_again_begin_anew)
{
    bench_open(&bench);
    say(&bench, A, RST | ACK, 1, 1, );
    ck_assert_uint_eq(say(&bench, A, SYN, 77777, 0, ).connection->number, 2);
    ck_assert_uint_eq(say(&bench, B, SYN | ACK, 9, 77778, ).connection->number, 2);
}
END_TEST

START_TEST(test_connections_syn_into_one_that_stands_is_part_of_it)
{
    bench_open(&bench);
    ck_assert_uint_eq(say(&bench, A, SYN, 77777, 0, ).connection->number, 1);
    ck_assert_uint_eq(say(&bench, A, SYN, 0, 0, ).connection->number, 1);
}
END_TEST

START_TEST(test_connections_damaged_syn_begins_nothing_anew)
{
    bench_open(&bench);
    say(&bench, A, RST | ACK, 1, 1, );
    ck_assert_uint_eq(say(&bench, A, SYN, 77777, 0, .damaged = true).connection->number, 1);
}
END_TEST

START_TEST(test_connections_octets_and_segments_are_counted)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    const struct ss_connection *connection = ss_connections_at(bench.connections, 0);
    ck_assert_uint_eq(connection->segments, 5);
    ck_assert_uint_eq(connection->payload_bytes, 10);
}
END_TEST

START_TEST(test_connections_closed_is_told)
{
    bench_open(&bench);
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_OPEN);
    say(&bench, A, FIN | ACK, 1, 1, );
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_HALF_CLOSED);
    say(&bench, B, FIN | ACK, 1, 2, );
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_CLOSED);
}
END_TEST

START_TEST(test_connections_reset_is_told)
{
    bench_open(&bench);
    say(&bench, _i == 0 ? A : B, RST | ACK, 1, 1, );
    ck_assert_int_eq(end_of_first(), _i == 0 ? SS_CONNECTION_RESET_A : SS_CONNECTION_RESET_B);
}
END_TEST

START_TEST(test_connections_refused_and_unanswered_are_told)
{
    say(&bench, A, SYN, 0, 0, );
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_UNANSWERED);
    say(&bench, B, RST | ACK, 0, bench.isn[A] + 1LL, .absolute = true);
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_REFUSED);
}
END_TEST

/* The handshake's last ACK is missing: a flood of SYNs leaves these. */
START_TEST(test_connections_half_open_is_told)
{
    say(&bench, A, SYN, 0, 0, );
    say(&bench, B, SYN | ACK, 0, 1, );
    say(&bench, B, SYN | ACK, 0, 1, .after_us = 1000000);
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_HALF_OPEN);
    say(&bench, A, ACK, 1, 1, );
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_OPEN);
}
END_TEST

/* Nothing but SYN/ACKs; of one whose SYN was missed B speaks on, so that A must have answered. */
START_TEST(test_connections_half_open_needs_no_syn)
{
    say(&bench, B, SYN | ACK, 0, 1, );
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_HALF_OPEN);
    say(&bench, B, PSH | ACK, 1, 1, .text = "hello");
    ck_assert_int_eq(end_of_first(), SS_CONNECTION_OPEN);
}
END_TEST

START_TEST(test_connections_every_end_has_its_words)
{
    static const char *const texts[] = {
        "still open",          "closed",  "half-open", "half-closed", "reset by the client",
        "reset by the server", "refused", "no answer"};
    for (int i = SS_CONNECTION_OPEN; i <= SS_CONNECTION_UNANSWERED; i++)
        ck_assert_str_eq(ss_connection_end_text((enum ss_connection_end)i), texts[i]);
}
END_TEST

START_TEST(test_connections_free_takes_null)
{
    ss_connections_free(NULL);
}
END_TEST

static Suite *connections_suite(void)
{
    Suite *suite = suite_create("connections");
    TCase *tests = tcase_create("connections");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_connections_both_ways_are_one);
    tcase_add_test(tests, test_connections_are_numbered_as_they_are_first_seen);
    tcase_add_test(tests, test_connections_one_port_to_many_is_many);
    tcase_add_test(tests, test_connections_the_same_ends_over_ipv6_are_others);
    tcase_add_test(tests, test_connections_thousands_are_all_found_again);
    tcase_add_test(tests, test_connections_that_begin_late_are_told);
    tcase_add_test(tests, test_connections_ports_used_again_begin_anew);
    tcase_add_test(tests, test_connections_syn_into_one_that_stands_is_part_of_it);
    tcase_add_test(tests, test_connections_damaged_syn_begins_nothing_anew);
    tcase_add_test(tests, test_connections_octets_and_segments_are_counted);
    tcase_add_test(tests, test_connections_closed_is_told);
    tcase_add_loop_test(tests, test_connections_reset_is_told, 0, 2);
    tcase_add_test(tests, test_connections_refused_and_unanswered_are_told);
    tcase_add_test(tests, test_connections_half_open_is_told);
    tcase_add_test(tests, test_connections_half_open_needs_no_syn);
    tcase_add_test(tests, test_connections_every_end_has_its_words);
    tcase_add_test(tests, test_connections_free_takes_null);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(connections_suite());
}
