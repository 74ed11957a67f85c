/* test_mute: a muted port says nothing to anybody; seen from the other side of the wire. */
#include <linux/filter.h>

#include "far.h"
#include "synstep/craft.h"
#include "synstep/mute.h"
#include "synstep/raw.h"

enum { MUTED_PORT = 40000, CLOSED_PORT = 9, SERVER_PORT = 8888 };

static const uint8_t versions[] = {4, 6};

static struct ss_hosts hosts;

static void begin(void)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
}

static struct ss_mute mute_near(uint8_t version, uint16_t port)
{
    struct ss_mute mute;
    struct ss_problem problem;
    struct ss_address near = ss_hosts_address(0, version);
    must(ss_mute_open(&mute, &near, port, 0, &problem) == SS_OK, "%s", problem.text);
    return mute;
}

/*
 * How many resets the near host's MUTED_PORT has sent so far. A port that is closed serves as
 * fence: the wire keeps its order, so once that port's reset is here, all before it were, too.
 */
static int count_resets(int capture, uint8_t version)
{
    uint8_t octets[2048];
    int resets = 0;
    int fence = far_connect(&hosts, version, CLOSED_PORT);
    for (;;) {
        struct ss_packet packet = far_next(capture, octets);
        if (!(packet.tcp.flags & SS_TCP_RST))
            continue;
        if (packet.tcp.source_port == CLOSED_PORT)
            break;
        resets += packet.tcp.source_port == MUTED_PORT;
    }
    close(fence);
    return resets;
}

/* A SYN built by hand leaves the near host's MUTED_PORT; the far kernel answers it. */
static void provoke_syn_ack(uint8_t version)
{
    struct ss_socket_address local = {ss_hosts_address(0, version), MUTED_PORT};
    struct ss_socket_address peer = {ss_hosts_address(1, version), SERVER_PORT};
    struct ss_raw_options options = {.local_port = local.port, .peer_port = peer.port};
    struct ss_craft syn = ss_craft_between(&local, &peer);
    struct ss_arrival arrival;
    struct ss_wire *wire;
    uint8_t octets[128];
    size_t length;
    syn.tcp.flags = SS_TCP_SYN;
    must(ss_craft_build(&syn, octets, sizeof octets, &length) == SS_OK);
    must(ss_route_to(&peer.address, NULL, NULL, &options.route, NULL) == SS_OK);
    must(ss_raw_open(&options, &wire, NULL) == SS_OK);
    must(ss_wire_send(wire, octets, length, NULL, NULL) == SS_OK);
    must(ss_wire_receive(wire, ss_wire_now_us(wire) + FAR_PATIENCE_S * 1000000, &arrival, NULL) ==
         SS_OK);
    ss_wire_close(wire);
}

PRIVATE_TEST(test_mute_muted_port_answers_a_syn_ack_with_silence)
{
    begin();
    struct ss_mute mute = mute_near(versions[index], MUTED_PORT);
    far_listen(&hosts, versions[index], SERVER_PORT);
    int capture = far_capture(&hosts, versions[index]);
    provoke_syn_ack(versions[index]);
    must(count_resets(capture, versions[index]) == 0);
    ss_mute_close(&mute);
}

/* The same without it: so this test can fail. */
PRIVATE_TEST(test_mute_port_without_it_answers_a_syn_ack_with_a_reset)
{
    begin();
    far_listen(&hosts, versions[index], SERVER_PORT);
    int capture = far_capture(&hosts, versions[index]);
    provoke_syn_ack(versions[index]);
    must(count_resets(capture, versions[index]) == 1);
}

PRIVATE_TEST(test_mute_listener_without_filter_answers_a_syn_ack_with_a_reset)
{
    begin();
    struct sockaddr_storage at = far_sockaddr(versions[index], 0, MUTED_PORT);
    int listener = socket(far_family(versions[index]), SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 1) == 0);
    far_listen(&hosts, versions[index], SERVER_PORT);
    int capture = far_capture(&hosts, versions[index]);
    provoke_syn_ack(versions[index]);
    must(count_resets(capture, versions[index]) == 1);
}

PRIVATE_TEST(test_mute_muted_port_answers_a_syn_with_silence)
{
    uint8_t octets[2048];
    begin();
    mute_near(versions[index], MUTED_PORT);
    int capture = far_capture(&hosts, versions[index]);
    far_connect(&hosts, versions[index], MUTED_PORT);
    far_connect(&hosts, versions[index], CLOSED_PORT);
    must(far_next(capture, octets).tcp.source_port == CLOSED_PORT);
}

PRIVATE_TEST(test_mute_port_without_it_answers_a_syn_with_a_reset)
{
    uint8_t octets[2048];
    begin();
    int capture = far_capture(&hosts, versions[index]);
    far_connect(&hosts, versions[index], MUTED_PORT);
    struct ss_packet packet = far_next(capture, octets);
    must(packet.tcp.source_port == MUTED_PORT && packet.tcp.flags == (SS_TCP_RST | SS_TCP_ACK));
}

PRIVATE_TEST(test_mute_port_0_is_chosen_and_nobody_elses)
{
    begin();
    struct ss_mute first = mute_near(versions[index], 0);
    struct ss_mute second = mute_near(versions[index], 0);
    must(first.port != 0 && second.port != 0 && first.port != second.port);
    struct sockaddr_storage at = far_sockaddr(versions[index], 0, first.port);
    int other = socket(far_family(versions[index]), SOCK_STREAM, 0);
    must(bind(other, (struct sockaddr *)&at, sizeof at) == -1 && errno == EADDRINUSE);
}

PRIVATE_TEST(test_mute_port_in_use_is_refused)
{
    struct ss_mute mute = {.socket = 77};
    struct ss_problem problem;
    struct ss_address near = ss_hosts_address(0, versions[index]);
    struct sockaddr_storage at = far_sockaddr(versions[index], 0, MUTED_PORT);
    int on = 1;
    begin();
    int listener = socket(far_family(versions[index]), SOCK_STREAM, 0);
    must(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 1) == 0);
    must(ss_mute_open(&mute, &near, MUTED_PORT, 0, &problem) == SS_USAGE);
    must(strstr(problem.text, "in use") && strstr(problem.text, ":40000"), "%s", problem.text);
    must(mute.socket == 77);
}

PRIVATE_TEST(test_mute_address_of_another_host_is_refused)
{
    struct ss_mute mute;
    struct ss_problem problem;
    struct ss_address far = ss_hosts_address(1, versions[index]);
    begin();
    must(ss_mute_open(&mute, &far, MUTED_PORT, 0, &problem) == SS_USAGE);
    must(strstr(problem.text, "not an address of this host"), "%s", problem.text);
}

/*
 * Connects a port to a listener on the loopback, closes it first, and returns that port. It must
 * have SO_REUSEADDR itself, as every server has: the kernel shares a port only among such.
 */
static uint16_t leave_time_wait(void)
{
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in client;
    socklen_t length = sizeof server;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int active = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    char octet;
    must(setsockopt(active, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    must(bind(listener, (struct sockaddr *)&server, sizeof server) == 0 &&
         listen(listener, 1) == 0);
    must(getsockname(listener, (struct sockaddr *)&server, &length) == 0);
    must(connect(active, (struct sockaddr *)&server, sizeof server) == 0);
    must(getsockname(active, (struct sockaddr *)&client, &length) == 0);
    int passive = accept(listener, NULL, NULL);
    close(active);
    must(recv(passive, &octet, 1, 0) == 0);
    close(passive);
    close(listener);
    return ntohs(client.sin_port);
}

PRIVATE_TEST(test_mute_port_in_time_wait_is_taken)
{
    struct ss_mute mute;
    struct ss_problem problem;
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    must(private_enter());
    uint16_t port = leave_time_wait();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int plain = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(plain, (struct sockaddr *)&at, sizeof at) == -1 && errno == EADDRINUSE,
         "there is no TIME-WAIT to test with");
    must(ss_mute_open(&mute, &loopback, port, 0, &problem) == SS_OK, "%s", problem.text);
    must(mute.port == port);
}

PRIVATE_TEST(test_mute_filter_cannot_be_taken_off)
{
    int any = 0;
    begin();
    struct ss_mute mute = mute_near(versions[index], 0);
    must(setsockopt(mute.socket, SOL_SOCKET, SO_DETACH_FILTER, &any, sizeof any) == -1 &&
         errno == EPERM);
    ss_mute_close(&mute);
    must(mute.socket == -1);
    ss_mute_close(&mute);
}

static Suite *mute_suite(void)
{
    Suite *suite = suite_create("mute");
    TCase *cases = tcase_create("mute");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_mute_muted_port_answers_a_syn_ack_with_silence, 0, 2);
    tcase_add_loop_test(cases, test_mute_port_without_it_answers_a_syn_ack_with_a_reset, 0, 2);
    tcase_add_loop_test(cases, test_mute_listener_without_filter_answers_a_syn_ack_with_a_reset, 0,
                        2);
    tcase_add_loop_test(cases, test_mute_muted_port_answers_a_syn_with_silence, 0, 2);
    tcase_add_loop_test(cases, test_mute_port_without_it_answers_a_syn_with_a_reset, 0, 2);
    tcase_add_loop_test(cases, test_mute_port_0_is_chosen_and_nobody_elses, 0, 2);
    tcase_add_loop_test(cases, test_mute_port_in_use_is_refused, 0, 2);
    tcase_add_loop_test(cases, test_mute_address_of_another_host_is_refused, 0, 2);
    tcase_add_test(cases, test_mute_port_in_time_wait_is_taken);
    tcase_add_loop_test(cases, test_mute_filter_cannot_be_taken_off, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(mute_suite);
}
