/* test_raw: the live wire between two private hosts, and on the loopback: each reply once. */
#include <signal.h>
#include <time.h>

#include "far.h"
#include "synstep/craft.h"
#include "synstep/mute.h"
#include "synstep/privilege.h"
#include "synstep/raw.h"

enum { LOCAL_PORT = 40000, PEER_PORT = 8888, PATIENCE_US = FAR_PATIENCE_S * 1000000 };

static const uint8_t versions[] = {4, 6};
static const uint32_t isns[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};

/* Two ends and the wire between them; the near one is muted. */
static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_socket_address local;
static struct ss_socket_address peer;
static struct ss_mute mute;
static struct ss_wire *wire;

static void open_wire(const volatile sig_atomic_t *stop)
{
    struct ss_problem problem;
    struct ss_raw_options options = {
        .local_port = local.port, .peer_port = peer.port, .stop = stop};
    must(ss_route_to(&peer.address, NULL, NULL, &options.route, &problem) == SS_OK, "%s",
         problem.text);
    must(ss_mute_open(&mute, &local.address, local.port, 0, &problem) == SS_OK, "%s", problem.text);
    must(ss_raw_open(&options, &wire, &problem) == SS_OK, "%s", problem.text);
}

static void begin_hosts(uint8_t version)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    local = (struct ss_socket_address){ss_hosts_address(0, version), LOCAL_PORT};
    peer = (struct ss_socket_address){ss_hosts_address(1, version), PEER_PORT};
    far_listen(&hosts, version, PEER_PORT);
    open_wire(NULL);
}

/* Both ends at one address of one interface, on which every frame leaves and arrives. */
static void begin_loopback(uint8_t version)
{
    struct sockaddr_in v4 = {
        .sin_family = AF_INET, .sin_port = htons(PEER_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(PEER_PORT), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    must(private_enter());
    int listener = socket(far_family(version), SOCK_STREAM, 0);
    if (version == 4)
        must(bind(listener, (struct sockaddr *)&v4, sizeof v4) == 0);
    else
        must(bind(listener, (struct sockaddr *)&v6, sizeof v6) == 0);
    must(listen(listener, 8) == 0);
    local.address = version == 4 ? ss_address_v4((const uint8_t *)&v4.sin_addr)
                                 : ss_address_v6(v6.sin6_addr.s6_addr);
    local.port = LOCAL_PORT;
    peer = (struct ss_socket_address){local.address, PEER_PORT};
    open_wire(NULL);
}

static void send_segment(uint8_t flags, uint32_t seq, uint32_t ack, const char *payload)
{
    struct ss_problem problem;
    struct ss_craft craft = ss_craft_between(&local, &peer);
    uint8_t octets[256];
    size_t length;
    craft.tcp.flags = flags;
    craft.tcp.seq = ss_seq_from(seq);
    craft.tcp.ack = ss_seq_from(ack);
    craft.tcp.window = 64240;
    craft.payload = (const uint8_t *)payload;
    craft.payload_length = strlen(payload);
    must(ss_craft_build(&craft, octets, sizeof octets, &length) == SS_OK);
    must(ss_wire_send(wire, octets, length, NULL, &problem) == SS_OK, "%s", problem.text);
}

static struct ss_packet receive(void)
{
    struct ss_arrival arrival;
    struct ss_packet packet;
    struct ss_problem problem = {0};
    uint64_t deadline_us = ss_wire_now_us(wire) + PATIENCE_US;
    must(ss_wire_receive(wire, deadline_us, &arrival, &problem) == SS_OK, "%s", problem.text);
    must(arrival.fate == SS_FATE_DELIVERED && arrival.time_us <= ss_wire_now_us(wire));
    ss_packet_decode(SS_LINK_IP, arrival.octets, arrival.length, &packet);
    return packet;
}

static struct ss_packet receive_segment(uint8_t flags, uint32_t ack)
{
    struct ss_packet packet = receive();
    must(packet.transport == SS_TRANSPORT_TCP && packet.faults == 0);
    must(ss_address_equal(&packet.source, &peer.address));
    must(ss_address_equal(&packet.destination, &local.address));
    must(packet.tcp.source_port == peer.port && packet.tcp.destination_port == local.port);
    must(packet.tcp.flags == flags, "%x", packet.tcp.flags);
    must(packet.tcp.ack.value == ack, "%u", packet.tcp.ack.value);
    return packet;
}

/*
 * J, J+1 and J+3. Nothing lies between the replies: not the SYN,ACK a second time, and not what we
 * sent ourselves.
 */
static void shake_hands_and_send(uint32_t isn)
{
    struct ss_arrival none;
    send_segment(SS_TCP_SYN, isn, 0, "");
    struct ss_packet syn_ack = receive_segment(SS_TCP_SYN | SS_TCP_ACK, isn + 1);
    uint32_t ack = ss_seq_add(syn_ack.tcp.seq, 1).value;
    send_segment(SS_TCP_ACK, isn + 1, ack, "");
    send_segment(SS_TCP_ACK | SS_TCP_PSH, isn + 1, ack, "ab");
    receive_segment(SS_TCP_ACK, isn + 3);
    send_segment(SS_TCP_RST, isn + 3, 0, "");
    send_segment(SS_TCP_ACK, isn + 3, ack, "");
    struct ss_packet reset = receive();
    must(reset.tcp.flags == SS_TCP_RST && reset.tcp.seq.value == ack);
    must(ss_wire_receive(wire, 0, &none, NULL) == SS_TIMED_OUT);
}

PRIVATE_TEST(test_raw_private_hosts_deliver_each_reply_once)
{
    begin_hosts(versions[index / 4]);
    shake_hands_and_send(isns[index % 4]);
    ss_wire_close(wire);
    ss_mute_close(&mute);
}

PRIVATE_TEST(test_raw_loopback_delivers_each_reply_once)
{
    begin_loopback(versions[index / 4]);
    shake_hands_and_send(isns[index % 4]);
    ss_wire_close(wire);
}

/* The same within what an ordinary user gets, and with every privilege gone after the opening. */
PRIVATE_TEST(test_raw_needs_no_privilege_after_the_opening)
{
    begin_hosts(versions[index]);
    must(ss_privilege_drop(NULL) == SS_OK);
    shake_hands_and_send(isns[0]);
}

PRIVATE_TEST(test_raw_without_privilege_is_forbidden)
{
    struct ss_problem problem;
    struct ss_raw_options options = {.local_port = 1, .peer_port = 2};
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    must(private_enter());
    must(ss_route_to(&loopback, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_privilege_drop(NULL) == SS_OK);
    must(ss_raw_open(&options, &wire, &problem) == SS_FORBIDDEN);
    must(strstr(problem.text, "sudo") && strstr(problem.text, "setcap"), "%s", problem.text);
    must(wire == NULL);
}

PRIVATE_TEST(test_raw_same_address_and_port_is_refused)
{
    struct ss_problem problem;
    struct ss_raw_options options = {.local_port = 80, .peer_port = 80};
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    must(private_enter());
    must(ss_route_to(&loopback, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_raw_open(&options, &wire, &problem) == SS_USAGE);
    must(strstr(problem.text, "source port"), "%s", problem.text);
}

/* Where nothing is heard, nothing can be mistaken. */
PRIVATE_TEST(test_raw_send_only_same_address_and_port_is_permitted)
{
    struct ss_problem problem;
    struct ss_raw_options options = {
        .local_port = 80, .peer_port = 80, .hear = SS_RAW_HEAR_NOTHING};
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    must(private_enter());
    must(ss_route_to(&loopback, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_raw_open(&options, &wire, &problem) == SS_OK, "%s", problem.text);
    ss_wire_close(wire);
}

PRIVATE_TEST(test_raw_datagram_above_the_mtu_is_refused)
{
    static uint8_t octets[1501] = {0x45, [9] = 6, [12] = 10, [15] = 1, [16] = 10, [19] = 2};
    struct ss_problem problem;
    begin_hosts(4);
    must(ss_wire_send(wire, octets, 1500, NULL, &problem) == SS_OK, "%s", problem.text);
    must(ss_wire_send(wire, octets, 1501, NULL, &problem) == SS_USAGE);
    must(strstr(problem.text, "1501") && strstr(problem.text, "near0") &&
             strstr(problem.text, "1500"),
         "%s", problem.text);
}

/* The fence behind which nothing of the others may be is the one reply that is ours. */
PRIVATE_TEST(test_raw_other_ports_are_not_delivered)
{
    begin_hosts(versions[index]);
    far_connect(&hosts, versions[index], 9);                 /* a SYN to another port */
    close(far_connect(&hosts, versions[index], LOCAL_PORT)); /* a SYN from another port */
    local.port = LOCAL_PORT + 1;
    send_segment(SS_TCP_SYN, 5, 0, ""); /* a SYN,ACK from the peer's port to another */
    local.port = LOCAL_PORT;
    send_segment(SS_TCP_SYN, 7, 0, "");
    receive_segment(SS_TCP_SYN | SS_TCP_ACK, 8);
    must(ss_wire_receive(wire, 0, &(struct ss_arrival){0}, NULL) == SS_TIMED_OUT);
}

PRIVATE_TEST(test_raw_times_of_arrival_never_go_back)
{
    struct ss_arrival arrival;
    uint64_t last_us = 0;
    begin_hosts(4);
    uint64_t start_us = ss_wire_now_us(wire);
    for (uint32_t each = 0; each < 20; each++) {
        send_segment(SS_TCP_ACK, each, 1, ""); /* no such connection: a reset each */
        must(ss_wire_receive(wire, start_us + PATIENCE_US, &arrival, NULL) == SS_OK);
        must(arrival.time_us >= last_us && arrival.time_us >= start_us);
        must(arrival.time_us <= ss_wire_now_us(wire));
        last_us = arrival.time_us;
    }
}

/* Of the next segment; neighbours' discovery comes in between. */
static uint32_t next_seq(int capture)
{
    struct ss_packet packet;
    uint8_t octets[256];
    do {
        ssize_t length = recv(capture, octets, sizeof octets, 0);
        must(length > 0);
        ss_packet_decode(SS_LINK_IP, octets, (size_t)length, &packet);
    } while (packet.transport != SS_TRANSPORT_TCP);
    return packet.tcp.seq.value;
}

/* All leave, none is heard: the peer's resets neither, nor is there a capture that could. */
PRIVATE_TEST(test_raw_send_only_sends_and_hears_nothing)
{
    enum { SENT = 100 };
    struct ss_problem problem;
    struct ss_arrival none;
    begin_hosts(versions[index]);
    ss_wire_close(wire);
    ss_mute_close(&mute);
    struct ss_raw_options options = {.hear = SS_RAW_HEAR_NOTHING};
    must(ss_route_to(&peer.address, NULL, NULL, &options.route, &problem) == SS_OK);
    must(ss_raw_open(&options, &wire, &problem) == SS_OK, "%s", problem.text);
    int capture = far_capture(&hosts, versions[index]);
    for (uint32_t i = 0; i < SENT; i++)
        send_segment(SS_TCP_ACK, i, 1, "");
    must(ss_wire_receive(wire, 0, &none, &problem) == SS_TIMED_OUT);
    for (uint32_t i = 0; i < SENT; i++)
        must(next_seq(capture) == i);
    ss_wire_close(wire);
}

/* The far host says something to a group, then to the near end. */
static void far_say_both(uint8_t version)
{
    static const char *const groups[] = {"239.1.2.3", "ff15::1234"};
    struct sockaddr_storage to = far_sockaddr(version, 0, LOCAL_PORT), group = to;
    int udp = far_socket(&hosts, far_family(version), SOCK_DGRAM, 0);
    void *octets = version == 4 ? (void *)&((struct sockaddr_in *)&group)->sin_addr
                                : (void *)&((struct sockaddr_in6 *)&group)->sin6_addr;
    must(inet_pton(far_family(version), groups[version == 6], octets) == 1);
    must(setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "far0", sizeof "far0") == 0);
    must(sendto(udp, "all", 3, 0, (struct sockaddr *)&group, sizeof group) == 3);
    must(sendto(udp, "one", 3, 0, (struct sockaddr *)&to, sizeof to) == 3);
    close(udp);
}

/* The next of UDP: neighbours' discovery and reports of groups come in between. */
static struct ss_packet receive_udp(void)
{
    enum { UDP = 17 };
    struct ss_packet packet;
    do
        packet = receive();
    while (packet.protocol != UDP);
    return packet;
}

/* Who listens to groups hears them as well; who listens to the peer, what is for this host. */
PRIVATE_TEST(test_raw_groups_are_heard_by_who_listens_to_them)
{
    static const enum ss_raw_hear hears[] = {SS_RAW_HEAR_ALL, SS_RAW_HEAR_GROUPS};
    uint8_t version = versions[index % 2];
    struct ss_problem problem;
    begin_hosts(version);
    ss_wire_close(wire);
    struct ss_raw_options options = {.hear = hears[index / 2]};
    must(ss_route_to(&peer.address, NULL, NULL, &options.route, &problem) == SS_OK);
    must(ss_raw_open(&options, &wire, &problem) == SS_OK, "%s", problem.text);
    far_say_both(version);
    struct ss_packet heard = receive_udp();
    if (options.hear == SS_RAW_HEAR_GROUPS) {
        must(!ss_address_equal(&heard.destination, &local.address));
        heard = receive_udp();
    }
    must(ss_address_equal(&heard.destination, &local.address));
    ss_wire_close(wire);
}

static uint64_t processor_time_us(void)
{
    struct timespec used;
    must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
    return (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
}

/* The looking before the wait is short. */
PRIVATE_TEST(test_raw_wait_in_vain_lasts_to_its_deadline_and_sleeps)
{
    enum { WAIT_US = 200000 };
    begin_loopback(4);
    uint64_t used_us = processor_time_us();
    uint64_t deadline_us = ss_wire_now_us(wire) + WAIT_US;
    must(ss_wire_receive(wire, deadline_us, &(struct ss_arrival){0}, NULL) == SS_TIMED_OUT);
    must(ss_wire_now_us(wire) >= deadline_us);
    must(processor_time_us() - used_us < WAIT_US / 2);
}

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* It came before the wait, and must still end it: with the signal blocked, as the runner has it. */
PRIVATE_TEST(test_raw_signal_before_the_wait_is_not_lost)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;
    must(private_enter());
    local = (struct ss_socket_address){ss_address_v4((const uint8_t[]){127, 0, 0, 1}), LOCAL_PORT};
    peer = (struct ss_socket_address){local.address, PEER_PORT};
    open_wire(&stop);
    sigemptyset(&blocked);
    sigaddset(&blocked, index == 0 ? SIGINT : SIGTERM);
    must(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    must(sigaction(index == 0 ? SIGINT : SIGTERM, &action, NULL) == 0);
    must(raise(index == 0 ? SIGINT : SIGTERM) == 0 && !stop);
    must(ss_wire_receive(wire, UINT64_MAX, &(struct ss_arrival){0}, NULL) == SS_INTERRUPTED);
    must(stop);
}

/* A wait that has begun already is ended, too. */
PRIVATE_TEST(test_raw_signal_during_the_wait_ends_it)
{
    struct sigaction action = {.sa_handler = on_signal};
    must(private_enter());
    local = (struct ss_socket_address){ss_address_v4((const uint8_t[]){127, 0, 0, 1}), LOCAL_PORT};
    peer = (struct ss_socket_address){local.address, PEER_PORT};
    open_wire(&stop);
    must(sigaction(SIGINT, &action, NULL) == 0);
    pid_t waiting = getpid();
    pid_t other = fork();
    if (other == 0) {
        usleep(20000);
        kill(waiting, SIGINT);
        _exit(0);
    }
    must(ss_wire_receive(wire, UINT64_MAX, &(struct ss_arrival){0}, NULL) == SS_INTERRUPTED);
    must(waitpid(other, NULL, 0) == other);
}

static void add_replies(TCase *replies)
{
    tcase_add_loop_test(replies, test_raw_private_hosts_deliver_each_reply_once, 0, 8);
    tcase_add_loop_test(replies, test_raw_loopback_delivers_each_reply_once, 0, 8);
    tcase_add_loop_test(replies, test_raw_needs_no_privilege_after_the_opening, 0, 2);
    tcase_add_loop_test(replies, test_raw_other_ports_are_not_delivered, 0, 2);
    tcase_add_loop_test(replies, test_raw_send_only_sends_and_hears_nothing, 0, 2);
    tcase_add_loop_test(replies, test_raw_groups_are_heard_by_who_listens_to_them, 0, 4);
    tcase_add_test(replies, test_raw_times_of_arrival_never_go_back);
    tcase_add_test(replies, test_raw_wait_in_vain_lasts_to_its_deadline_and_sleeps);
}

static void add_refusals(TCase *refusals)
{
    tcase_add_test(refusals, test_raw_without_privilege_is_forbidden);
    tcase_add_test(refusals, test_raw_same_address_and_port_is_refused);
    tcase_add_test(refusals, test_raw_send_only_same_address_and_port_is_permitted);
    tcase_add_test(refusals, test_raw_datagram_above_the_mtu_is_refused);
    tcase_add_loop_test(refusals, test_raw_signal_before_the_wait_is_not_lost, 0, 2);
    tcase_add_test(refusals, test_raw_signal_during_the_wait_ends_it);
}

static Suite *raw_suite(void)
{
    Suite *suite = suite_create("raw");
    TCase *replies = tcase_create("replies");
    TCase *refusals = tcase_create("refusals");
    tcase_set_timeout(replies, 60);
    tcase_set_timeout(refusals, 60);
    add_replies(replies);
    add_refusals(refusals);
    suite_add_tcase(suite, replies);
    suite_add_tcase(suite, refusals);
    return suite;
}

int main(void)
{
    return private_main(raw_suite);
}
