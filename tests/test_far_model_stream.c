/*
 * test_far_model_stream: what the far end behind the simulated wire sends, reads and is set to; its
 * echo, and its chance.
 */
#include "far_model_bench.h"

/* --- sending and reading ----------------------------------------------------------------------*/

START_TEST(test_far_model_read_takes_all_or_nothing)
{
    begin(4, 9);
    accept_from(50, 9);
    must(tell(SS_FAR_READ, 0) == SS_FAR_DONE && answer.length == 0);
    must(tell(SS_FAR_READ, SS_FAR_READ_MAX) == SS_FAR_NOT_YET);
    must(tell(SS_FAR_READ, SS_FAR_READ_MAX + 1) == SS_FAR_CANNOT);
    must(tell(SS_FAR_READ, -1) == SS_FAR_CANNOT);
    hand_send_data(&near, A, 51, 10, "12345", 5);
    hand_expect(&near, A, 10, 56);
    must(tell(SS_FAR_READ, 6) == SS_FAR_NOT_YET && answer.length == 0);
    expect_read("12");
    hand_send(&near, F | A, 56, 10);
    hand_expect(&near, A, 10, 57);
    must(tell(SS_FAR_READ, 4) == SS_FAR_END);
    must(answer.length == 3 && memcmp(answer.octets, "345", 3) == 0); /* shown, not taken */
    expect_read("345");
    must(tell(SS_FAR_READ, 1) == SS_FAR_END && answer.length == 0);
    end();
}
END_TEST

/* What is not read closes the window; what is read opens it. */
START_TEST(test_far_model_window_closes_until_it_reads)
{
    static uint8_t much[5000];
    begin(4, 9);
    accept_from(50, 9);
    memset(much, 'm', sizeof much);
    for (uint32_t sent = 0; sent < sizeof much; sent += MSS) {
        hand_send_data(&near, A, 51 + sent, 10, much, MSS);
        hand_expect(&near, A, 10, 51 + sent + MSS);
    }
    must(near.packet.tcp.window == 0);
    must(tell(SS_FAR_READ, sizeof much) == SS_FAR_DONE);
    must(memcmp(answer.octets, much, sizeof much) == 0);
    hand_expect(&near, A, 10, 51 + sizeof much);
    must(near.packet.tcp.window == sizeof much);
    end();
}
END_TEST

static uint8_t octet_at(uint64_t offset)
{
    return (uint8_t)(offset * 7 + offset / 253);
}

/* Acknowledges what comes until `length` octets from `offset` on are there. */
static void drain(uint32_t k, uint32_t j, uint64_t offset, uint64_t length)
{
    for (uint64_t end_at = offset + length; offset < end_at;) {
        must(hand_hear(&near, HAND_PATIENCE_US), "octets are missing");
        must(near.packet.tcp.seq.value == (uint32_t)(k + 1 + offset), "a gap");
        for (size_t i = 0; i < near.packet.payload_length; i++)
            must(ss_packet_payload(&near.packet)[i] == octet_at(offset + i), "a wrong octet");
        offset += near.packet.payload_length;
        hand_send(&near, A, j + 1, (uint32_t)(k + 1 + offset));
    }
}

/* More than its buffer holds, three times over: nothing of it is lost or taken twice. */
START_TEST(test_far_model_send_of_much_wraps_its_buffer)
{
    static uint8_t much[SS_FAR_SEND_MAX + 1];
    struct ss_far_command what = {.verb = SS_FAR_SEND, .octets = much, .length = 700000};
    uint64_t sent = 0;
    begin(4, 0xfffffff0);
    accept_from(0xfffffff0, 0xfffffff0);
    for (int i = 0; i < (check_is_slow() ? 2 : 5); i++) {
        for (size_t at = 0; at < what.length; at++)
            much[at] = octet_at(sent + at);
        must(command(&what) == SS_FAR_DONE);
        must(command(&what) == SS_FAR_NOT_YET, "the second half finds no room");
        expect_numbers(0xfffffff1, (uint32_t)(0xfffffff1 + sent + what.length));
        drain(0xfffffff0, 0xfffffff0, sent, what.length);
        sent += what.length;
        settle();
    }
    what.length = SS_FAR_SEND_MAX + 1;
    must(command(&what) == SS_FAR_CANNOT);
    what.length = SS_FAR_SEND_MAX;
    must(command(&what) == SS_FAR_DONE);
    end();
}
END_TEST

/* --- options, and what it has not -------------------------------------------------------------*/

START_TEST(test_far_model_set_before_a_connection_is_seen_in_the_handshake)
{
    begin(4, 0xffffffff);
    if (_i == 1)
        must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    must(set("maxseg", 700) == SS_FAR_DONE && set("rcvbuf", 100000) == SS_FAR_DONE);
    must(set("nodelay", 1) == SS_FAR_DONE);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    hand_send(&near, S, 7, 0);
    hand_expect(&near, S | A, 0xffffffff, 8); /* the ISN given is still the first */
    must(near.packet.options.has_mss && near.packet.options.mss == 700);
    must(near.packet.tcp.window == 65535);
    hand_send(&near, A, 8, 0);
    settle();
    must(set("maxseg", 800) == SS_FAR_CANNOT && set("rcvbuf", 9) == SS_FAR_CANNOT);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    must(set("maxseg", 800) == SS_FAR_CANNOT && strstr(answer.error, "before a connection"));
    end();
}
END_TEST

START_TEST(test_far_model_set_isn_is_that_of_its_syn)
{
    uint32_t k = bases[_i % BASES];
    begin(4, 9);
    must(_i < BASES || tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    must(set("isn", k == 0xffffffff ? INT64_C(-1) : (int64_t)k) == SS_FAR_DONE);
    if (_i < BASES) {
        must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
        hand_expect(&near, S, k, 0);
    } else {
        must(hand_shake(&near, 5) == k);
    }
    settle();
    must(set("isn", 5) == SS_FAR_CANNOT);
    end();
}
END_TEST

START_TEST(test_far_model_set_of_what_cannot_be_is_refused)
{
    begin(4, 9);
    expect_failed(set("maxseg", 87), "EINVAL");
    expect_failed(set("maxseg", 32768), "EINVAL");
    expect_failed(set("isn", INT64_C(1) << 32), "EINVAL");
    expect_failed(set("rcvbuf", 0), "EINVAL");
    expect_failed(set("rcvbuf", -1), "EINVAL");
    expect_failed(set("rcvbuf", (1 << 24) + 1), "EINVAL");
    must(set("keepalive", 1) == SS_FAR_CANNOT && set("nothing", 1) == SS_FAR_CANNOT);
    must(set("nodelay", 0) == SS_FAR_CANNOT);
    end();
}
END_TEST

START_TEST(test_far_model_has_no_crowd_no_kernel_and_nothing_urgent)
{
    struct ss_far_command urgent = {
        .verb = SS_FAR_SEND, .octets = (const uint8_t *)"x", .length = 1, .urgent = true};
    struct ss_far_command sysctl = {
        .verb = SS_FAR_SYSCTL, .name = "net.ipv4.tcp_sack", .text = "0"};
    begin(4, 9);
    must(tell(SS_FAR_CROWD, 1) == SS_FAR_CANNOT && answer.error[0]);
    must(command(&sysctl) == SS_FAR_CANNOT && answer.error[0]);
    accept_from(1, 9);
    must(command(&urgent) == SS_FAR_CANNOT && answer.error[0]);
    settle();
    end();
}
END_TEST

START_TEST(test_far_model_without_a_connection_says_what_a_kernel_would)
{
    begin(4, 9);
    expect_failed(tell(SS_FAR_ACCEPT, 0), "EINVAL");
    expect_failed(say("x"), "ENOTCONN");
    expect_failed(tell(SS_FAR_READ, 1), "ENOTCONN");
    expect_failed(tell(SS_FAR_SHUTDOWN_WRITE, 0), "ENOTCONN");
    expect_failed(tell(SS_FAR_CLOSE, 0), "ENOTCONN");
    expect_failed(tell(SS_FAR_RESET, 0), "ENOTCONN");
    must(tell(SS_FAR_LISTEN, 1) == SS_FAR_DONE && tell(SS_FAR_LISTEN, 2) == SS_FAR_DONE);
    expect_failed(tell(SS_FAR_CONNECT, 0), "EADDRINUSE");
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    expect_state(SS_TCP_CLOSED);
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_SHUTDOWN_WRITE, 0) == SS_FAR_DONE);
    expect_failed(tell(SS_FAR_READ, 1), "ENOTCONN");
    end();
}
END_TEST

/* --- the echo, and chance ---------------------------------------------------------------------*/

START_TEST(test_far_model_echo_listens_at_once_and_takes_no_orders)
{
    begin_with((struct ss_far_model_options){.isn_given = true, .isn = {9}, .echo = true}, 4);
    must(tell(SS_FAR_LISTEN, 1) == SS_FAR_CANNOT && tell(SS_FAR_CLOSE, 0) == SS_FAR_CANNOT);
    expect_state(SS_TCP_LISTEN);
    end();
    begin_with(
        (struct ss_far_model_options){
            .isn_given = true, .isn = {9}, .receive_buffer = 5000, .echo = true},
        4);
    must(hand_shake(&near, 5) == 9);
    hand_send_data(&near, A, 6, 10, "echo", 4);
    hand_expect_data(&near, A, 10, 10, "echo", 4);
    expect_numbers(10, 14);
    expect_state(SS_TCP_ESTABLISHED);
    hand_send(&near, F | A, 10, 14);
    hand_expect(&near, A, 14, 11);
    hand_expect(&near, F | A, 14, 11);
    expect_state(SS_TCP_LAST_ACK);
    hand_send(&near, A, 11, 15);
    settle();
    expect_state(SS_TCP_CLOSED);
    expect_numbers(11, 15);
    end();
}
END_TEST

/* Three connections of one seed: all their ISNs. */
static void isns_of(uint64_t seed, uint32_t isns[3])
{
    begin_with(
        (struct ss_far_model_options){.random = ss_random_seeded(seed), .receive_buffer = 5000}, 4);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    for (int i = 0; i < 3; i++) {
        isns[i] = hand_shake(&near, 5);
        settle();
        must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE && tell(SS_FAR_RESET, 0) == SS_FAR_DONE);
        hand_expect(&near, R | A, isns[i] + 1, 6);
    }
    end();
}

START_TEST(test_far_model_same_seed_same_numbers)
{
    uint32_t first[3];
    uint32_t second[3];
    uint32_t other[3];
    isns_of(1, first);
    isns_of(1, second);
    isns_of(2, other);
    must(memcmp(first, second, sizeof first) == 0);
    must(first[0] != other[0] && first[0] != first[1] && first[1] != first[2]);
}
END_TEST

static Suite *far_model_stream_suite(void)
{
    Suite *suite = suite_create("far_model_stream");
    TCase *stream = tcase_create("stream");
    tcase_set_timeout(stream, 60);
    tcase_add_test(stream, test_far_model_read_takes_all_or_nothing);
    tcase_add_test(stream, test_far_model_window_closes_until_it_reads);
    tcase_add_test(stream, test_far_model_send_of_much_wraps_its_buffer);
    suite_add_tcase(suite, stream);
    TCase *options = tcase_create("options");
    tcase_set_timeout(options, 60);
    tcase_add_loop_test(options, test_far_model_set_before_a_connection_is_seen_in_the_handshake, 0,
                        2);
    tcase_add_loop_test(options, test_far_model_set_isn_is_that_of_its_syn, 0, 2 * BASES);
    tcase_add_test(options, test_far_model_set_of_what_cannot_be_is_refused);
    tcase_add_test(options, test_far_model_has_no_crowd_no_kernel_and_nothing_urgent);
    tcase_add_test(options, test_far_model_without_a_connection_says_what_a_kernel_would);
    suite_add_tcase(suite, options);
    TCase *chance = tcase_create("chance");
    tcase_set_timeout(chance, 60);
    tcase_add_test(chance, test_far_model_echo_listens_at_once_and_takes_no_orders);
    tcase_add_test(chance, test_far_model_same_seed_same_numbers);
    suite_add_tcase(suite, chance);
    return suite;
}

int main(void)
{
    return check_main(far_model_stream_suite());
}
