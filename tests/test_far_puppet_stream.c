/*
 * test_far_puppet_stream: what the puppet sends, reads and is set to, and whom it keeps waiting.
 */
#include "far_puppet_bench.h"

/* --- sending and reading ----------------------------------------------------------------------*/

PRIVATE_TEST(test_far_puppet_read_takes_all_or_nothing)
{
    begin(4);
    uint32_t k = accepted(50);
    must(tell(SS_FAR_READ, 0) == SS_FAR_DONE && answer.length == 0);
    must(tell(SS_FAR_READ, SS_FAR_READ_MAX) == SS_FAR_NOT_YET);
    must(tell(SS_FAR_READ, SS_FAR_READ_MAX + 1) == SS_FAR_CANNOT);
    must(tell(SS_FAR_READ, -1) == SS_FAR_CANNOT);
    hand_send_data(&near, A, 51, k + 1, "12345", 5);
    hand_expect(&near, A, k + 1, 56);
    must(tell(SS_FAR_READ, 6) == SS_FAR_NOT_YET && answer.length == 0);
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && answer.waiting == 5);
    expect_read("12");
    hand_send(&near, F | A, 56, k + 1);
    hand_expect(&near, A, k + 1, 57);
    must(await(SS_FAR_READ, 4) == SS_FAR_END);
    must(answer.length == 3 && memcmp(answer.octets, "345", 3) == 0); /* shown, not taken */
    expect_read("345");
    must(tell(SS_FAR_READ, 1) == SS_FAR_END && answer.length == 0);
    end();
}

/* Sends whatever `length` is, and then acknowledges all that comes until all is there. */
static void expect_transfer(uint32_t seq, uint32_t ack, uint32_t length)
{
    while (length > 0) {
        must(hand_hear(&near, HAND_PATIENCE_US), "%u octets are missing", length);
        uint32_t there = (uint32_t)near.packet.payload_length;
        must(near.packet.tcp.seq.value == seq && there <= length, "a gap");
        for (uint32_t i = 0; i < there; i++)
            must(ss_packet_payload(&near.packet)[i] == 'z');
        seq += there;
        length -= there;
        hand_send(&near, A, ack, seq);
    }
}

PRIVATE_TEST(test_far_puppet_send_of_much_is_taken_whole)
{
    enum { MUCH = 150000 };
    static uint8_t much[SS_FAR_SEND_MAX + 1];
    struct ss_far_command what = {.verb = SS_FAR_SEND, .octets = much, .length = MUCH};
    memset(much, 'z', sizeof much);
    begin(4);
    uint32_t k = accepted(0xfffffff0);
    must(command(&what) == SS_FAR_DONE, "%s", answer.error);
    expect_numbers(0xfffffff1, k + 1 + MUCH);
    expect_transfer(k + 1, 0xfffffff1, MUCH);
    expect_numbers(0xfffffff1, k + 1 + MUCH);
    what.length = SS_FAR_SEND_MAX + 1;
    must(command(&what) == SS_FAR_CANNOT);
    what.length = 0;
    must(command(&what) == SS_FAR_DONE);
    end();
}

/* A small buffer, a closed window: at last nothing more fits, and nothing of that is taken. */
PRIVATE_TEST(test_far_puppet_send_that_does_not_fit_takes_nothing)
{
    static uint8_t many[20000];
    struct ss_far_command what = {.verb = SS_FAR_SEND, .octets = many, .length = sizeof many};
    unsigned sent = 0;
    begin(4);
    memset(many, 'z', sizeof many);
    near.window = 0;
    uint32_t k = accepted(1);
    must(set("sndbuf", 60000) == SS_FAR_DONE);
    while (command(&what) == SS_FAR_DONE)
        must(++sent < 100, "it takes no end of octets");
    must(answer.outcome == SS_FAR_NOT_YET && sent > 0, "%d after %u", (int)answer.outcome, sent);
    expect_numbers(2, k + 1 + sent * (uint32_t)sizeof many);
    near.window = HAND_WINDOW;
    hand_send(&near, A, 2, k + 1);
    expect_transfer(k + 1, 2, sent * (uint32_t)sizeof many);
    must(command(&what) == SS_FAR_DONE);
    end();
}

/* Into a closed window: the kernel's number counts what it was given and could not send. */
PRIVATE_TEST(test_far_puppet_write_seq_counts_what_is_unsent)
{
    uint32_t j = bases[index];
    begin(4);
    near.window = 0;
    uint32_t k = accepted(j);
    must(say("abc") == SS_FAR_DONE);
    expect_numbers(j + 1, k + 4);
    must(tell(SS_FAR_SHUTDOWN_WRITE, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_SHUTDOWN_WRITE, 0) == SS_FAR_DONE);
    expect_numbers(j + 1, k + 5);
    near.window = HAND_WINDOW;
    hand_send(&near, A, j + 1, k + 1);
    do /* it may have probed the window */
        must(hand_hear(&near, HAND_PATIENCE_US));
    while (near.packet.payload_length == 0);
    must((near.packet.tcp.flags & F) && near.packet.payload_length == 3);
    expect_numbers(j + 1, k + 5);
    end();
}

PRIVATE_TEST(test_far_puppet_send_urgent_points_behind_it)
{
    begin(4);
    uint32_t k = accepted(1);
    struct ss_far_command what = {
        .verb = SS_FAR_SEND, .octets = (const uint8_t *)"abc", .length = 3, .urgent = true};
    must(command(&what) == SS_FAR_DONE);
    must(hand_hear(&near, HAND_PATIENCE_US));
    must((near.packet.tcp.flags & SS_TCP_URG) && near.packet.tcp.urgent == 3, "%u",
         near.packet.tcp.urgent);
    hand_send(&near, A, 2, k + 4);
    end();
}

/* The urgent octet, "3", is not in the stream unless it is asked to be. */
PRIVATE_TEST(test_far_puppet_read_passes_over_the_urgent_octet)
{
    begin(4);
    uint32_t k = accepted(1);
    must(set("oobinline", index) == SS_FAR_DONE);
    near.urgent = 3;
    hand_send_data(&near, A, 2, k + 1, "123456", 6);
    hand_expect(&near, A, k + 1, 8);
    must(tell(SS_FAR_READ, index == 0 ? 6 : 7) == SS_FAR_NOT_YET);
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE);
    must(answer.waiting == (index == 0 ? 5 : 6), "%zu", answer.waiting);
    expect_read("12");
    expect_read(index == 0 ? "456" : "3456");
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && answer.waiting == 0);
    end();
}

/* --- the crowd --------------------------------------------------------------------------------*/

PRIVATE_TEST(test_far_puppet_crowd_fills_the_backlog)
{
    begin(index == 0 ? 4 : 6);
    expect_failed(tell(SS_FAR_CROWD, 1), "ECONNREFUSED");
    must(tell(SS_FAR_LISTEN, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_CROWD, 1) == SS_FAR_DONE);
    hand_send(&near, S, 70, 0);
    hand_expect_silence(&near, 100000);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET, "one of the crowd was accepted");
    must(tell(SS_FAR_CROWD, 3) == SS_FAR_DONE);
    hand_send(&near, S, 70, 0);
    hand_expect_silence(&near, 100000);
    must(tell(SS_FAR_CROWD, 0) == SS_FAR_DONE);
    uint32_t k = hand_shake(&near, 70);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(71, k + 1);
    end();
}

/* A stranger stands in the middle of the queue: it alone is accepted, and once. */
PRIVATE_TEST(test_far_puppet_accept_takes_nobody_of_the_crowd)
{
    begin(4);
    must(tell(SS_FAR_LISTEN, 10) == SS_FAR_DONE);
    must(tell(SS_FAR_CROWD, 3) == SS_FAR_DONE);
    uint32_t k = hand_shake(&near, 9);
    expect_state(SS_TCP_ESTABLISHED);
    must(tell(SS_FAR_CROWD, 3) == SS_FAR_DONE);
    if (index == 1)
        must(tell(SS_FAR_CROWD, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_numbers(10, k + 1);
    must(tell(SS_FAR_RESET, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    must(tell(SS_FAR_CROWD, 4096) == SS_FAR_CANNOT && tell(SS_FAR_CROWD, -1) == SS_FAR_CANNOT);
    end();
}

/* --- options and sysctls ----------------------------------------------------------------------*/

PRIVATE_TEST(test_far_puppet_set_knows_every_option)
{
    begin(4);
    (void)accepted(1);
    for (const char *const *name = ss_far_option_names(); *name; name++) {
        bool too_late = strcmp(*name, "isn") == 0;
        must(set(*name, strcmp(*name, "maxseg") == 0 ? 1000 : 1) ==
                 (too_late ? SS_FAR_CANNOT : SS_FAR_DONE),
             "%s: %s", *name, answer.error);
    }
    must(set("nagle", 1) == SS_FAR_CANNOT && set("a b", 1) == SS_FAR_CANNOT);
    must(set("a\nclose", 1) == SS_FAR_CANNOT && set("", 1) == SS_FAR_CANNOT);
    expect_failed(set("maxseg", 1), "EINVAL");
    expect_failed(set("nodelay", INT64_C(1) << 32), "EINVAL");
    expect_state(SS_TCP_ESTABLISHED);
    end();
}

PRIVATE_TEST(test_far_puppet_set_before_it_listens_is_seen_in_the_handshake)
{
    begin(4);
    must(set("maxseg", 700) == SS_FAR_DONE);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    hand_send(&near, S, 1, 0);
    must(hand_hear(&near, HAND_PATIENCE_US) && near.packet.tcp.flags == (S | A));
    must(near.packet.options.has_mss && near.packet.options.mss == 700);
    end();
}

PRIVATE_TEST(test_far_puppet_set_linger_zero_makes_close_a_reset)
{
    begin(4);
    uint32_t k = accepted(1);
    must(set("linger", 0) == SS_FAR_DONE);
    if (index == 1)
        must(set("linger", UINT32_MAX) == SS_FAR_DONE); /* -1: none */
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    hand_expect(&near, index == 0 ? R | A : F | A, k + 1, 2);
    end();
}

static enum ss_far_outcome set_sysctl(const char *name, const char *text)
{
    return command(&(struct ss_far_command){.verb = SS_FAR_SYSCTL, .name = name, .text = text});
}

static char own_sysctl(const char *path)
{
    char text = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    must(file >= 0 && read(file, &text, 1) == 1);
    close(file);
    return text;
}

PRIVATE_TEST(test_far_puppet_sysctl_is_of_the_far_host_only)
{
    static const char *const others[] = {"kernel.hostname",
                                         "net",
                                         "net.",
                                         "net..ipv4.tcp_sack",
                                         "net.ipv4.",
                                         "net.ipv4./../../kernel/hostname",
                                         "net/ipv4/tcp_sack",
                                         "vm.net.x",
                                         "net.ipv4.tcp sack",
                                         "net.ipv4.tcp_sack\nclose",
                                         "net.ipv4.tcp_sack\x01",
                                         ""};
    static const char path[] = "/proc/sys/net/ipv4/tcp_timestamps";
    begin(4);
    char before = own_sysctl(path);
    must(set_sysctl("net.ipv4.tcp_timestamps", before == '0' ? "1" : "0") == SS_FAR_DONE, "%s",
         answer.error);
    must(own_sysctl(path) == before, "the near host's was changed");
    must(set_sysctl("net.ipv4.tcp_rmem", "4096 20000 30000") == SS_FAR_DONE, "%s", answer.error);
    expect_failed(set_sysctl("net.ipv4.nothing", "1"), "ENOENT");
    expect_failed(set_sysctl("net.ipv4.tcp_timestamps", "maybe"), "EINVAL");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        must(set_sysctl(others[i], "1") == SS_FAR_CANNOT, "%s", others[i]);
    end();
}

/* --- no connection ----------------------------------------------------------------------------*/

PRIVATE_TEST(test_far_puppet_without_a_connection_says_what_the_kernel_would)
{
    begin(4);
    expect_failed(tell(SS_FAR_ACCEPT, 0), "EINVAL");
    expect_failed(say("x"), "ENOTCONN");
    expect_failed(tell(SS_FAR_READ, 1), "ENOTCONN");
    expect_failed(tell(SS_FAR_SHUTDOWN_WRITE, 0), "ENOTCONN");
    expect_failed(tell(SS_FAR_CLOSE, 0), "ENOTCONN");
    expect_failed(tell(SS_FAR_RESET, 0), "ENOTCONN");
    must(tell(SS_FAR_LISTEN, 65536) == SS_FAR_CANNOT);
    must(tell(SS_FAR_LISTEN, 1) == SS_FAR_DONE && tell(SS_FAR_LISTEN, 2) == SS_FAR_DONE);
    expect_failed(tell(SS_FAR_CONNECT, 0), "EADDRINUSE");
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    expect_state(SS_TCP_CLOSED);
    hand_send(&near, S, 1, 0);
    hand_expect(&near, R | A, 0, 2);
    end();
}

static Suite *far_puppet_stream_suite(void)
{
    Suite *suite = suite_create("far_puppet_stream");
    TCase *stream = tcase_create("stream");
    tcase_set_timeout(stream, 60);
    tcase_add_test(stream, test_far_puppet_read_takes_all_or_nothing);
    tcase_add_test(stream, test_far_puppet_send_of_much_is_taken_whole);
    tcase_add_test(stream, test_far_puppet_send_that_does_not_fit_takes_nothing);
    tcase_add_loop_test(stream, test_far_puppet_write_seq_counts_what_is_unsent, 0, BASES);
    tcase_add_test(stream, test_far_puppet_send_urgent_points_behind_it);
    tcase_add_loop_test(stream, test_far_puppet_read_passes_over_the_urgent_octet, 0, 2);
    suite_add_tcase(suite, stream);
    TCase *crowd = tcase_create("crowd");
    tcase_set_timeout(crowd, 60);
    tcase_add_loop_test(crowd, test_far_puppet_crowd_fills_the_backlog, 0, 2);
    tcase_add_loop_test(crowd, test_far_puppet_accept_takes_nobody_of_the_crowd, 0, 2);
    suite_add_tcase(suite, crowd);
    TCase *options = tcase_create("options");
    tcase_set_timeout(options, 60);
    tcase_add_test(options, test_far_puppet_set_knows_every_option);
    tcase_add_test(options, test_far_puppet_set_before_it_listens_is_seen_in_the_handshake);
    tcase_add_loop_test(options, test_far_puppet_set_linger_zero_makes_close_a_reset, 0, 2);
    tcase_add_test(options, test_far_puppet_sysctl_is_of_the_far_host_only);
    tcase_add_test(options, test_far_puppet_without_a_connection_says_what_the_kernel_would);
    suite_add_tcase(suite, options);
    return suite;
}

int main(void)
{
    return private_main(far_puppet_stream_suite);
}
