/*
 * test_far_model: the far end behind the simulated wire opens and closes connections as it is told,
 * with a near end that is driven by hand. What is stated here is what test_far_puppet states of a
 * kernel's sockets.
 */
#include "far_model_bench.h"

/* --- as a server ------------------------------------------------------------------------------*/

START_TEST(test_far_model_server_every_base_follows_the_numbers)
{
    uint32_t j = bases[_i % BASES];
    uint32_t k = bases[_i / BASES % BASES];
    begin(_i < BASES * BASES ? 4 : 6, k);
    accept_from(j, k);
    expect_state(SS_TCP_ESTABLISHED);
    expect_numbers(j + 1, k + 1);
    hand_send_data(&near, P | A, j + 1, k + 1, "hello", 5);
    hand_expect(&near, A, k + 1, j + 6);
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && answer.waiting == 5);
    expect_read("hello");
    expect_numbers(j + 6, k + 1);
    must(say("hi") == SS_FAR_DONE);
    expect_numbers(j + 6, k + 3);
    hand_expect_data(&near, A, k + 1, j + 6, "hi", 2);
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
    settle();
    expect_state(SS_TCP_CLOSED);
    expect_error("");
    end();
}
END_TEST

START_TEST(test_far_model_look_before_accept_tells_how_far_it_is)
{
    begin(4, 9);
    expect_state(SS_TCP_CLOSED);
    must(tell(SS_FAR_LISTEN, 0) == SS_FAR_DONE);
    expect_state(SS_TCP_LISTEN);
    must(!answer.numbers_known);
    hand_send(&near, S, 7, 0);
    hand_expect(&near, S | A, 9, 8);
    expect_state(SS_TCP_SYN_RECEIVED);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET && !answer.numbers_known);
    hand_send(&near, A, 8, 10);
    settle();
    expect_state(SS_TCP_ESTABLISHED);
    must(!answer.numbers_known);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(8, 10);
    end();
}
END_TEST

START_TEST(test_far_model_reset_before_it_is_established_listens_on)
{
    begin(4, 9);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    hand_send(&near, S, 7, 0);
    hand_expect(&near, S | A, 9, 8);
    hand_send(&near, R, 8, 0);
    settle();
    expect_state(SS_TCP_LISTEN);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    (void)hand_shake(&near, 70);
    settle();
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    end();
}
END_TEST

START_TEST(test_far_model_accepts_one_connection_after_the_other)
{
    begin(4, 200);
    accept_from(100, 200);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_CANNOT && strstr(answer.error, "one at a time"));
    hand_send(&near, R, 101, 0);
    settle();
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNRESET") == 0 && answer.numbers_known);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_send(&near, F, 9, 0); /* stray: it only makes it listen for the next */
    settle();
    expect_state(SS_TCP_CLOSED);
    uint32_t k = hand_shake(&near, 5000);
    must(k != 200, "the number given was that of the first");
    settle();
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(5001, k + 1);
    expect_error("");
    end();
}
END_TEST

START_TEST(test_far_model_close_with_unread_octets_resets)
{
    begin(4, 0xfffffffe);
    accept_from(1, 0xfffffffe);
    hand_send_data(&near, A, 2, 0xffffffff, "unread", 6);
    hand_expect(&near, A, 0xffffffff, 8);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, R | A, 0xffffffff, 8);
    expect_state(SS_TCP_CLOSED);
    end();
}
END_TEST

START_TEST(test_far_model_octets_after_close_are_answered_with_a_reset)
{
    begin(4, 50);
    accept_from(1, 50);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, 51, 2);
    expect_state(SS_TCP_FIN_WAIT_1);
    hand_send(&near, A, 2, 52);
    settle();
    expect_state(SS_TCP_FIN_WAIT_2);
    hand_send_data(&near, A, 2, 52, "x", 1);
    hand_expect(&near, R, 52, 0);
    expect_state(SS_TCP_CLOSED);
    end();
}
END_TEST

START_TEST(test_far_model_reset_sends_a_reset_and_is_closed)
{
    begin(4, 77);
    accept_from(0xfffffffe, 77);
    must(tell(SS_FAR_RESET, 0) == SS_FAR_DONE);
    hand_expect(&near, R | A, 78, 0xffffffff);
    expect_state(SS_TCP_CLOSED);
    expect_failed(tell(SS_FAR_RESET, 0), "ENOTCONN");
    expect_error("ENOTCONN");
    end();
}
END_TEST

START_TEST(test_far_model_reset_by_peer_is_remembered)
{
    begin(4, 3);
    accept_from(9, 3);
    hand_send_data(&near, A, 10, 4, "abc", 3);
    hand_expect(&near, A, 4, 13);
    hand_send(&near, R, 13, 0);
    settle();
    if (_i == 1)
        expect_failed(say("x"), "ECONNRESET"); /* the first to hear of it */
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNRESET") == 0 && answer.waiting == 3);
    expect_numbers(13, 4);
    expect_read("abc");
    expect_failed(tell(SS_FAR_READ, 1), "ECONNRESET");
    expect_failed(say("x"), "EPIPE");
    expect_error("EPIPE");
    expect_failed(tell(SS_FAR_READ, 1), "ECONNRESET");
    end();
}
END_TEST

START_TEST(test_far_model_reset_after_the_peers_fin_is_a_broken_pipe)
{
    begin(4, 3);
    accept_from(9, 3);
    hand_send(&near, F | A, 10, 4);
    hand_expect(&near, A, 4, 11);
    hand_send(&near, R, 11, 0);
    settle();
    expect_error("EPIPE");
    end();
}
END_TEST

START_TEST(test_far_model_half_close_reads_on_and_ends_in_time_wait)
{
    uint32_t k = 0x7ffffffd;
    begin(6, k);
    accept_from(0x7ffffffe, k);
    must(tell(SS_FAR_SHUTDOWN_WRITE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, k + 1, 0x7fffffff);
    expect_state(SS_TCP_FIN_WAIT_1);
    expect_numbers(0x7fffffff, k + 2);
    hand_send(&near, A, 0x7fffffff, k + 2);
    settle();
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
    hand_expect_silence(&near, UINT64_C(241000000));
    expect_state(SS_TCP_CLOSED);
    end();
}
END_TEST

/* --- who is let in ----------------------------------------------------------------------------*/

/* Where it does not listen; and at another port, where it does. RFC 9293 section 3.10.7.1. */
START_TEST(test_far_model_closed_port_answers_with_a_reset)
{
    static const uint8_t odd[] = {0, F, F | P | SS_TCP_URG};
    begin(_i % 2 ? 4 : 6, 9);
    if (_i >= 2) {
        must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
        near.there.port = FAR_PORT + 1;
    }
    hand_send(&near, S, 0xffffffff, 0);
    hand_expect(&near, R | A, 0, 0);
    hand_send(&near, A, 5, 77);
    hand_expect(&near, R, 77, 0);
    for (size_t i = 0; i < sizeof odd; i++) {
        hand_send_data(&near, odd[i], 100, 0, "ab", 2);
        hand_expect(&near, R | A, 0, odd[i] & F ? 103 : 102);
    }
    hand_send(&near, R, 5, 0);
    settle();
    end();
}
END_TEST

START_TEST(test_far_model_listening_port_answers_only_what_it_must)
{
    begin(4, 9);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    hand_send(&near, A, 5, 77);
    hand_expect(&near, R, 77, 0);
    hand_send(&near, F, 5, 0);
    hand_send(&near, 0, 5, 0);
    hand_send(&near, R, 5, 0);
    settle();
    expect_state(SS_TCP_LISTEN);
    end();
}
END_TEST

START_TEST(test_far_model_second_client_finds_the_backlog_full)
{
    begin(4, 9);
    accept_from(5, 9);
    near.here.port = NEAR_PORT + 1;
    hand_send(&near, S, 1, 0);
    settle();
    hand_send(&near, A, 1, 33);
    hand_expect(&near, R, 33, 0);
    near.here.port = NEAR_PORT;
    hand_send_data(&near, A, 6, 10, "x", 1);
    hand_expect(&near, A, 10, 7);
    end();
}
END_TEST

START_TEST(test_far_model_syn_in_time_wait_begins_a_new_connection)
{
    begin(4, 9);
    accept_from(5, 9);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, F | A, 10, 6);
    hand_send(&near, F | A, 6, 11);
    hand_expect(&near, A, 11, 7);
    expect_state(SS_TCP_TIME_WAIT);
    hand_send(&near, S, 6, 0); /* not beyond what was received */
    hand_expect(&near, A, 11, 7);
    hand_send(&near, S, 8, 0);
    must(hand_hear(&near, HAND_PATIENCE_US) && near.packet.tcp.flags == (S | A));
    must(near.packet.tcp.ack.value == 9);
    must(ss_seq_after(near.packet.tcp.seq, ss_seq_from(11)), "its ISN is not beyond the last");
    uint32_t k = near.packet.tcp.seq.value;
    hand_send(&near, A, 9, k + 1);
    settle();
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(9, k + 1);
    end();
}
END_TEST

START_TEST(test_far_model_closing_the_listener_resets_who_waits)
{
    begin(4, 9);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    (void)hand_shake(&near, 5);
    settle();
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, R | A, 10, 6);
    expect_state(SS_TCP_CLOSED);
    hand_send(&near, S, 5, 0);
    hand_expect(&near, R | A, 0, 6);
    expect_failed(tell(SS_FAR_CLOSE, 0), "ENOTCONN");
    must(set("maxseg", 700) == SS_FAR_DONE, "there is no connection any more");
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE && tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    end();
}
END_TEST

/* What is no TCP segment for it, or damaged, is as if it had never come. */
START_TEST(test_far_model_damaged_segments_get_no_answer)
{
    uint8_t datagram[100];
    size_t length = 0;
    struct ss_craft craft;
    struct ss_problem problem;
    begin(4, 9);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    craft = ss_craft_between(&near.here, &near.there);
    craft.tcp.flags = S;
    must(ss_craft_build(&craft, datagram, sizeof datagram, &length) == SS_OK);
    for (size_t cut = 1; cut < length; cut++)
        must(ss_wire_send(near.wire, datagram, cut, NULL, &problem) == SS_OK);
    for (size_t i = 12; i < length; i++) {
        datagram[i] ^= 0x10;
        must(ss_wire_send(near.wire, datagram, length, NULL, &problem) == SS_OK);
        datagram[i] ^= 0x10;
    }
    settle();
    expect_state(SS_TCP_LISTEN);
    end();
}
END_TEST

/* --- as a client ------------------------------------------------------------------------------*/

START_TEST(test_far_model_client_every_base_follows_the_numbers)
{
    uint32_t j = bases[_i % BASES];
    uint32_t k = bases[_i / BASES % BASES]; /* ours: we answer */
    begin(_i < BASES * BASES ? 4 : 6, j);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    hand_expect(&near, S, j, 0);
    must(near.packet.tcp.source_port == FAR_PORT && near.packet.tcp.destination_port == NEAR_PORT);
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
    hand_send(&near, F | A, k + 5, j + 7);
    hand_expect(&near, A, j + 7, k + 6);
    expect_state(SS_TCP_TIME_WAIT);
    expect_failed(tell(SS_FAR_CONNECT, 0), "EADDRNOTAVAIL");
    end();
}
END_TEST

START_TEST(test_far_model_simultaneous_open_is_established_or_reset)
{
    begin(4, 0x7fffffff);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    hand_expect(&near, S, 0x7fffffff, 0);
    hand_send(&near, S, 0xffffffff, 0);
    hand_expect(&near, S | A, 0x7fffffff, 0);
    expect_state(SS_TCP_SYN_RECEIVED);
    must(say("x") == SS_FAR_NOT_YET);
    hand_send(&near, _i == 0 ? S | A : R, _i == 0 ? 0xffffffff : 0, 0x80000000);
    settle();
    expect_state(_i == 0 ? SS_TCP_ESTABLISHED : SS_TCP_CLOSED);
    expect_numbers(0, 0x80000000);
    expect_error(_i == 0 ? "" : "ECONNRESET");
    end();
}
END_TEST

START_TEST(test_far_model_refused_says_so)
{
    begin(4, 40);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    hand_expect(&near, S, 40, 0);
    hand_send(&near, R | A, 0, 41);
    settle();
    expect_state(SS_TCP_CLOSED);
    must(strcmp(answer.error, "ECONNREFUSED") == 0 && !answer.numbers_known);
    expect_failed(tell(SS_FAR_READ, 1), "ECONNREFUSED");
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_CANNOT);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE); /* and once more */
    must(hand_hear(&near, HAND_PATIENCE_US) && near.packet.tcp.flags == S);
    expect_error("");
    end();
}
END_TEST

/* RFC 6298 section 5.5: doubled each time; then it is given up. */
START_TEST(test_far_model_nobody_answers_it_times_out)
{
    uint64_t before_us = 0;
    uint64_t gap_us = 1000000;
    begin(4, 40);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    hand_expect(&near, S, 40, 0);
    before_us = ss_wire_now_us(near.wire);
    for (int i = 0; i < 5; i++, gap_us *= 2) {
        must(hand_hear(&near, UINT64_C(100000000)) && near.packet.tcp.flags == S);
        must(ss_wire_now_us(near.wire) - before_us == gap_us);
        before_us = ss_wire_now_us(near.wire);
    }
    while (hand_hear(&near, UINT64_C(1000000000)))
        continue;
    expect_state(SS_TCP_CLOSED);
    expect_error("ETIMEDOUT");
    expect_failed(tell(SS_FAR_READ, 1), "ETIMEDOUT");
    end();
}
END_TEST

START_TEST(test_far_model_stranger_does_not_disturb_a_connect)
{
    begin(4, 40);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    hand_expect(&near, S, 40, 0);
    near.here.port = NEAR_PORT + 1;
    hand_send(&near, S | A, 7, 41);
    hand_expect(&near, R, 41, 0);
    expect_state(SS_TCP_SYN_SENT);
    end();
}
END_TEST

static Suite *far_model_suite(void)
{
    Suite *suite = suite_create("far_model");
    TCase *server = tcase_create("server");
    tcase_set_timeout(server, 60);
    tcase_add_loop_test(server, test_far_model_server_every_base_follows_the_numbers, 0,
                        2 * BASES * BASES);
    tcase_add_test(server, test_far_model_look_before_accept_tells_how_far_it_is);
    suite_add_tcase(suite, server);
    TCase *options = tcase_create("options");
    tcase_set_timeout(options, 60);
    tcase_add_test(options, test_far_model_reset_before_it_is_established_listens_on);
    tcase_add_test(options, test_far_model_accepts_one_connection_after_the_other);
    tcase_add_test(options, test_far_model_close_with_unread_octets_resets);
    tcase_add_test(options, test_far_model_octets_after_close_are_answered_with_a_reset);
    tcase_add_test(options, test_far_model_reset_sends_a_reset_and_is_closed);
    tcase_add_loop_test(options, test_far_model_reset_by_peer_is_remembered, 0, 2);
    tcase_add_test(options, test_far_model_reset_after_the_peers_fin_is_a_broken_pipe);
    tcase_add_test(options, test_far_model_half_close_reads_on_and_ends_in_time_wait);
    suite_add_tcase(suite, options);
    TCase *gate = tcase_create("gate");
    tcase_set_timeout(gate, 60);
    tcase_add_loop_test(gate, test_far_model_closed_port_answers_with_a_reset, 0, 4);
    tcase_add_test(gate, test_far_model_listening_port_answers_only_what_it_must);
    tcase_add_test(gate, test_far_model_second_client_finds_the_backlog_full);
    tcase_add_test(gate, test_far_model_syn_in_time_wait_begins_a_new_connection);
    tcase_add_test(gate, test_far_model_closing_the_listener_resets_who_waits);
    tcase_add_test(gate, test_far_model_damaged_segments_get_no_answer);
    suite_add_tcase(suite, gate);
    TCase *client = tcase_create("client");
    tcase_set_timeout(client, 60);
    tcase_add_loop_test(client, test_far_model_client_every_base_follows_the_numbers, 0,
                        2 * BASES * BASES);
    tcase_add_loop_test(client, test_far_model_simultaneous_open_is_established_or_reset, 0, 2);
    tcase_add_test(client, test_far_model_refused_says_so);
    tcase_add_test(client, test_far_model_nobody_answers_it_times_out);
    tcase_add_test(client, test_far_model_stranger_does_not_disturb_a_connect);
    suite_add_tcase(suite, client);
    return suite;
}

int main(void)
{
    return check_main(far_model_suite());
}
