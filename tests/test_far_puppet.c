/*
 * test_far_puppet: ordinary sockets that do as they are told, in a private host, with a near end
 * that is driven by hand over the raw wire.
 */
#include <poll.h>

#include "far.h"
#include "hand.h"
#include "synstep/far.h"
#include "synstep/mute.h"
#include "synstep/raw.h"

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
enum { BASES = 4, NEAR_PORT = 40000, FAR_PORT = 8888, TRIES = 5000 };

static struct ss_hosts hosts;
static struct hand near;
static struct ss_far *far;
static struct ss_far_answer answer;

/* --- the bench --------------------------------------------------------------------------------*/

static void open_far(void)
{
    struct ss_problem problem;
    struct ss_far_puppet_options options = {
        .local = near.there,
        .peer = near.here,
        .network_namespace = hosts.far_namespace,
    };
    private_use_built("SYNSTEP_PUPPET", "synstep-puppet");
    must(ss_far_puppet_open(&options, &far, &problem) == SS_OK, "%s", problem.text);
}

static void open_near(void)
{
    struct ss_problem problem;
    struct ss_mute mute;
    struct ss_raw_options options = {.local_port = NEAR_PORT, .peer_port = FAR_PORT};
    must(ss_route_to(&near.there.address, &near.here.address, NULL, &options.route, &problem) ==
             SS_OK,
         "%s", problem.text);
    must(ss_mute_open(&mute, &near.here.address, NEAR_PORT, options.route.interface_index,
                      &problem) == SS_OK,
         "%s", problem.text);
    must(ss_raw_open(&options, &near.wire, &problem) == SS_OK, "%s", problem.text);
}

/* Two private hosts; here the near end, there a puppet. */
static void begin(uint8_t version)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    near.here = (struct ss_socket_address){ss_hosts_address(0, version), NEAR_PORT};
    near.there = (struct ss_socket_address){ss_hosts_address(1, version), FAR_PORT};
    near.window = HAND_WINDOW;
    open_near();
    open_far();
}

static void end(void)
{
    ss_far_close(far);
    ss_wire_close(near.wire);
    ss_hosts_close(&hosts);
}

static enum ss_far_outcome command(const struct ss_far_command *what)
{
    struct ss_problem problem;
    must(ss_far_command(far, what, &answer, &problem) == SS_OK, "%s", problem.text);
    return answer.outcome;
}

static enum ss_far_outcome tell(enum ss_far_verb verb, int64_t number)
{
    return command(&(struct ss_far_command){.verb = verb, .number = number});
}

static enum ss_far_outcome say(const char *text)
{
    return command(&(struct ss_far_command){
        .verb = SS_FAR_SEND, .octets = (const uint8_t *)text, .length = strlen(text)});
}

static enum ss_far_outcome set(const char *name, int64_t value)
{
    return command(&(struct ss_far_command){.verb = SS_FAR_SET, .name = name, .number = value});
}

/* Repeats it as long as it is not yet to be done: the far host has its own time. */
static enum ss_far_outcome await(enum ss_far_verb verb, int64_t number)
{
    for (int i = 0; i < TRIES && tell(verb, number) == SS_FAR_NOT_YET; i++)
        (void)poll(NULL, 0, 1);
    return answer.outcome;
}

static void expect_read(const char *text)
{
    must(await(SS_FAR_READ, (int64_t)strlen(text)) == SS_FAR_DONE, "%s", answer.error);
    must(answer.length == strlen(text) && memcmp(answer.octets, text, answer.length) == 0);
}

static void expect_state(enum ss_tcp_state state)
{
    for (int i = 0; i < TRIES; i++) {
        must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE);
        if (answer.state_known && answer.state == state)
            return;
        (void)poll(NULL, 0, 1);
    }
    must(false, "it is in %s", ss_tcp_state_text(answer.state));
}

static void expect_numbers(uint32_t rcv_nxt, uint32_t write_seq)
{
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE);
    must(answer.numbers_known && answer.rcv_nxt.value == rcv_nxt &&
             answer.write_seq.value == write_seq,
         "rcv_nxt=%u write_seq=%u", answer.rcv_nxt.value, answer.write_seq.value);
}

static void expect_failed(enum ss_far_outcome outcome, const char *error)
{
    must(outcome == SS_FAR_FAILED && strcmp(answer.error, error) == 0, "%d %s", (int)outcome,
         answer.error);
}

/* It listens, and has accepted a connection from J: returns K. */
static uint32_t accepted(uint32_t j)
{
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE, "%s", answer.error);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    uint32_t k = hand_shake(&near, j);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE, "%s", answer.error);
    return k;
}

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
    must(say("hi") == SS_FAR_DONE);
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
    expect_failed(tell(SS_FAR_READ, 1), "ECONNREFUSED");
    must(tell(SS_FAR_CONNECT, 0) == SS_FAR_CANNOT);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE);
    (void)syn_sent(); /* and once more */
    expect_state(SS_TCP_SYN_SENT);
    must(answer.error[0] == '\0');
    end();
}

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
    for (const char *const *name = ss_far_option_names(); *name; name++)
        must(set(*name, strcmp(*name, "maxseg") == 0 ? 1000 : 1) == SS_FAR_DONE, "%s: %s", *name,
             answer.error);
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
    tcase_add_test(client, test_far_puppet_simultaneous_open_is_established);
    tcase_add_loop_test(client, test_far_puppet_refused_says_so, 0, 2);
    suite_add_tcase(suite, client);
    TCase *stream = tcase_create("stream");
    tcase_set_timeout(stream, 60);
    tcase_add_test(stream, test_far_puppet_read_takes_all_or_nothing);
    tcase_add_test(stream, test_far_puppet_send_of_much_is_taken_whole);
    tcase_add_test(stream, test_far_puppet_send_that_does_not_fit_takes_nothing);
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
    return private_main(far_puppet_suite);
}
