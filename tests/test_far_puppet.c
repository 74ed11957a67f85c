/*
 * test_far_puppet: ordinary sockets open and close connections as they are told, in a private host,
 * with a near end that is driven by hand over the raw wire.
 */
#include "far_puppet_bench.h"

/* --- as a server ------------------------------------------------------------------------------*/

PRIVATE_TEST(test_far_puppet_server_every_base_follows_the_numbers)
{
    uint32_t j = bases[index % BASES];
    begin(index < BASES ? 4 : 6);
    uint32_t k = accepted(j);
    expect_state(SS_TCP_ESTABLISHED);
    expect_numbers(j + 1, k + 1);
    hand_send_data(&near, P | A, j + 1, k + 1, "hello", 5);
    hand_expect(&near, A, k + 1, j + 6);
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && answer.waiting == 5);
    expect_read("hello");
    expect_numbers(j + 6, k + 1);
    must(say("h") == SS_FAR_DONE && say("i") == SS_FAR_DONE); /* each leaves at once */
    hand_expect_data(&near, A, k + 1, j + 6, "h", 1);
    hand_expect_data(&near, A, k + 2, j + 6, "i", 1);
    hand_send(&near, A, j + 6, k + 3);
    hand_send(&near, F | A, j + 6, k + 3);
    hand_expect(&near, A, k + 3, j + 7);
    expect_state(SS_TCP_CLOSE_WAIT);
    must(tell(SS_FAR_READ, 1) == SS_FAR_END && answer.length == 0);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, k + 3, j + 7);
    expect_state(SS_TCP_LAST_ACK);
    must(!answer.numbers_known);
    hand_send(&near, A, j + 7, k + 4);
    expect_state(SS_TCP_CLOSED);
    must(answer.error[0] == '\0');
    end();
}

PRIVATE_TEST(test_far_puppet_look_before_accept_tells_how_far_it_is)
{
    begin(4);
    expect_state(SS_TCP_CLOSED);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    expect_state(SS_TCP_LISTEN);
    must(!answer.numbers_known);
    hand_send(&near, S, 7, 0);
    must(hand_hear(&near, HAND_PATIENCE_US));
    uint32_t k = near.packet.tcp.seq.value;
    expect_state(SS_TCP_SYN_RECEIVED);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    hand_send(&near, A, 8, k + 1);
    expect_state(SS_TCP_ESTABLISHED);
    must(!answer.numbers_known);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(8, k + 1);
    end();
}

PRIVATE_TEST(test_far_puppet_accepts_one_connection_after_the_other)
{
    begin(4);
    uint32_t k = accepted(100);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_CANNOT);
    must(strstr(answer.error, "one at a time"));
    hand_send(&near, R, 101, 0);
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNRESET") == 0);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    k = hand_shake(&near, 5000);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(5001, k + 1);
    must(tell(SS_FAR_READ, 1) == SS_FAR_NOT_YET);
    must(answer.error[0] == '\0', "the error of the first is no more: %s", answer.error);
    end();
}

PRIVATE_TEST(test_far_puppet_close_with_unread_octets_resets)
{
    begin(4);
    uint32_t k = accepted(1);
    hand_send_data(&near, A, 2, k + 1, "unread", 6);
    hand_expect(&near, A, k + 1, 8);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, R | A, k + 1, 8);
    expect_state(SS_TCP_CLOSED);
    end();
}

PRIVATE_TEST(test_far_puppet_reset_sends_a_reset_and_is_closed)
{
    begin(4);
    uint32_t k = accepted(0xfffffffe);
    must(tell(SS_FAR_RESET, 0) == SS_FAR_DONE);
    hand_expect(&near, R | A, k + 1, 0xffffffff);
    expect_state(SS_TCP_CLOSED);
    expect_failed(tell(SS_FAR_RESET, 0), "ENOTCONN");
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ENOTCONN") == 0);
    end();
}

PRIVATE_TEST(test_far_puppet_reset_by_peer_is_remembered)
{
    begin(4);
    uint32_t k = accepted(9);
    hand_send_data(&near, A, 10, k + 1, "abc", 3);
    hand_expect(&near, A, k + 1, 13);
    hand_send(&near, R, 13, 0);
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNRESET") == 0, "%s", answer.error);
    must(answer.numbers_known && answer.rcv_nxt.value == 13 && answer.write_seq.value == k + 1);
    expect_read("abc");
    for (int i = 0; i < 2; i++) /* the kernel tells it once, and then says "end of stream" */
        expect_failed(tell(SS_FAR_READ, 1), "ECONNRESET");
    expect_failed(say("x"), "EPIPE");
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && strcmp(answer.error, "EPIPE") == 0);
    expect_failed(tell(SS_FAR_READ, 1), "ECONNRESET");
    end();
}

/* Our FIN first, the socket still open: the kernel keeps TIME-WAIT apart from the socket. */
PRIVATE_TEST(test_far_puppet_half_close_reads_on_and_ends_in_time_wait)
{
    begin(index == 0 ? 4 : 6);
    uint32_t k = accepted(0x7ffffffe);
    must(tell(SS_FAR_SHUTDOWN_WRITE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, k + 1, 0x7fffffff);
    expect_state(SS_TCP_FIN_WAIT_1);
    expect_numbers(0x7fffffff, k + 2);
    hand_send(&near, A, 0x7fffffff, k + 2);
    expect_state(SS_TCP_FIN_WAIT_2);
    hand_send_data(&near, A, 0x7fffffff, k + 2, "late", 4);
    hand_expect(&near, A, k + 2, 0x80000003);
    expect_read("late");
    expect_failed(say("x"), "EPIPE");
    hand_send(&near, F | A, 0x80000003, k + 2);
    hand_expect(&near, A, k + 2, 0x80000004);
    expect_state(SS_TCP_TIME_WAIT);
    expect_numbers(0x80000004, k + 2);
    must(tell(SS_FAR_READ, 1) == SS_FAR_END);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    expect_state(SS_TCP_TIME_WAIT);
    must(!answer.numbers_known);
    end();
}

/* --- as a client ------------------------------------------------------------------------------*/

/* Its SYN is heard: returns its number. */
static uint32_t syn_sent(void)
{
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE, "%s", answer.error);
    must(hand_hear(&near, HAND_PATIENCE_US) && near.packet.tcp.flags == S);
    must(near.packet.tcp.source_port == FAR_PORT && near.packet.tcp.destination_port == NEAR_PORT);
    return near.packet.tcp.seq.value;
}

PRIVATE_TEST(test_far_puppet_client_every_base_follows_the_numbers)
{
    uint32_t k = bases[index % BASES]; /* ours: we answer */
    begin(index < BASES ? 4 : 6);
    uint32_t j = syn_sent();
    expect_state(SS_TCP_SYN_SENT);
    must(!answer.numbers_known);
    must(say("early") == SS_FAR_NOT_YET && tell(SS_FAR_READ, 1) == SS_FAR_NOT_YET);
    hand_send(&near, S | A, k, j + 1);
    hand_expect(&near, A, j + 1, k + 1);
    expect_state(SS_TCP_ESTABLISHED);
    expect_numbers(k + 1, j + 1);
    must(say("early") == SS_FAR_DONE);
    hand_expect_data(&near, A, j + 1, k + 1, "early", 5);
    hand_send_data(&near, A, k + 1, j + 6, "late", 4);
    hand_expect(&near, A, j + 6, k + 5);
    expect_read("late");
    expect_numbers(k + 5, j + 6);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, j + 6, k + 5);
    expect_state(SS_TCP_FIN_WAIT_1);
    hand_send(&near, F | A, k + 5, j + 7);
    hand_expect(&near, A, j + 7, k + 6);
    expect_state(SS_TCP_TIME_WAIT);
    end();
}

/* Any but 0, which its kernel takes for none. */
PRIVATE_TEST(test_far_puppet_client_begins_at_the_number_it_is_told)
{
    uint32_t j = bases[index];
    begin(4);
    must(set("isn", j) == (j == 0 ? SS_FAR_CANNOT : SS_FAR_DONE), "%s", answer.error);
    uint32_t told = syn_sent();
    must(j == 0 || told == j, "it is %u", told);
    hand_send(&near, S | A, 0, told + 1);
    hand_expect(&near, A, told + 1, 1);
    expect_numbers(1, told + 1);
    must(say("x") == SS_FAR_DONE);
    hand_expect_data(&near, A, told + 1, 1, "x", 1);
    must(set("isn", 5) == SS_FAR_CANNOT);
    end();
}

PRIVATE_TEST(test_far_puppet_simultaneous_open_is_established)
{
    begin(4);
    uint32_t j = syn_sent();
    hand_send(&near, S, 0xffffffff, 0);
    hand_expect(&near, S | A, j, 0);
    expect_state(SS_TCP_SYN_RECEIVED);
    hand_send(&near, S | A, 0xffffffff, j + 1);
    expect_state(SS_TCP_ESTABLISHED);
    expect_numbers(0, j + 1);
    end();
}

PRIVATE_TEST(test_far_puppet_refused_says_so)
{
    begin(index == 0 ? 4 : 6);
    uint32_t j = syn_sent();
    hand_send(&near, R | A, 0, j + 1);
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNREFUSED") == 0, "%s", answer.error);
    must(!answer.numbers_known, "it has heard no number");
    expect_failed(tell(SS_FAR_READ, 1), "ECONNREFUSED");
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_CANNOT);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    (void)syn_sent(); /* and once more */
    expect_state(SS_TCP_SYN_SENT);
    must(answer.error[0] == '\0');
    end();
}

static Suite *far_puppet_suite(void)
{
    Suite *suite = suite_create("far_puppet");
    TCase *server = tcase_create("server");
    tcase_set_timeout(server, 60);
    tcase_add_loop_test(server, test_far_puppet_server_every_base_follows_the_numbers, 0,
                        2 * BASES);
    tcase_add_test(server, test_far_puppet_look_before_accept_tells_how_far_it_is);
    tcase_add_test(server, test_far_puppet_accepts_one_connection_after_the_other);
    tcase_add_test(server, test_far_puppet_close_with_unread_octets_resets);
    tcase_add_test(server, test_far_puppet_reset_sends_a_reset_and_is_closed);
    tcase_add_test(server, test_far_puppet_reset_by_peer_is_remembered);
    tcase_add_loop_test(server, test_far_puppet_half_close_reads_on_and_ends_in_time_wait, 0, 2);
    suite_add_tcase(suite, server);
    TCase *client = tcase_create("client");
    tcase_set_timeout(client, 60);
    tcase_add_loop_test(client, test_far_puppet_client_every_base_follows_the_numbers, 0,
                        2 * BASES);
    tcase_add_loop_test(client, test_far_puppet_client_begins_at_the_number_it_is_told, 0, BASES);
    tcase_add_test(client, test_far_puppet_simultaneous_open_is_established);
    tcase_add_loop_test(client, test_far_puppet_refused_says_so, 0, 2);
    suite_add_tcase(suite, client);
    return suite;
}

int main(void)
{
    return private_main(far_puppet_suite);
}
