/* test_scenario_peer: what the peer does, and what it must find. */
#include "scenario_bounds.h"
#include "scenario_support.h"

START_TEST(test_scenario_peer_listens_and_connects)
{
    expect_steps("peer listen\npeer listen backlog 0\npeer listen backlog 2*5\npeer crowd 3\n"
                 "peer accept\npeer connect\npeer close\npeer reset\n",
                 "peer listen -1 within:2000000\npeer listen within:2000000\n"
                 "peer listen 10 within:2000000\npeer crowd 3 within:2000000\n"
                 "peer accept within:2000000\npeer connect within:2000000\n"
                 "peer close within:2000000\npeer reset within:2000000\n");
}
END_TEST

START_TEST(test_scenario_peer_shuts_down_its_writing)
{
    expect_steps("peer shutdown\npeer shutdown write within 1s",
                 "peer shutdown write within:2000000\npeer shutdown write within:1000000\n");
}
END_TEST

START_TEST(test_scenario_peer_sends_and_reads)
{
    expect_steps(
        "param n = 3\n"
        "peer send \"ab\" hex:00\npeer send \"!\" urgent\npeer send size n*1000 within 5s\n"
        "peer read 5\npeer read 65536 within 1ms\n",
        "let n=3\n"
        "peer send octets:616200 within:2000000\n"
        "peer send urgent octets:21 within:2000000\n"
        "peer send size:3000 within:5000000\n"
        "peer read 5 within:2000000\npeer read 65536 within:1000\n");
}
END_TEST

/* A send may be larger than a segment, a read no larger than what one answer holds. */
START_TEST(test_scenario_peer_largest_send_and_read_fit)
{
    static char data[(1 << 20) + 1];
    struct file file = {"data", data, 1 << 20};
    struct files files = {&file, 1, 0};
    memset(data, 'x', sizeof(data));
    struct ss_scenario_source source = source_of("peer send file:data", &files);
    struct ss_scenario *scenario = parse_source(&source);
    ck_assert_uint_eq(scenario->steps[0].peer.payload.length, 1 << 20);
    ss_scenario_free(scenario);
    expect_steps("peer send size 1048576\npeer expect read size 65536",
                 "peer send size:1048576 within:2000000\n"
                 "peer expect read size:65536 within:2000000\n");
    source = source_of("peer expect read file:data", &files);
    expect_source_wrong(&source, SS_USAGE,
                        "test.step:1:23: that is more than the 65536 octets that fit\n"
                        "    peer expect read file:data\n"
                        "                          ^~~~\n");
}
END_TEST

START_TEST(test_scenario_peer_sets_options)
{
    expect_steps("param n = 2\n"
                 "peer set nodelay\npeer set rcvbuf = 4096 * n\npeer set linger2=-1\n"
                 "peer set keepalive within 1s\npeer set cork = 0 within 1s",
                 "let n=2\n"
                 "peer set nodelay 1 within:2000000\npeer set rcvbuf 8192 within:2000000\n"
                 "peer set linger2 -1 within:2000000\npeer set keepalive 1 within:1000000\n"
                 "peer set cork within:1000000\n");
}
END_TEST

START_TEST(test_scenario_peer_knows_every_socket_option)
{
    const char *const *names = ss_far_option_names();
    char text[80];
    for (size_t i = 0; names[i]; i++) {
        snprintf(text, sizeof(text), "peer set %s = 7", names[i]);
        struct ss_scenario *scenario = parse(text);
        ck_assert_str_eq(scenario->steps[0].peer.command.name, names[i]);
        ck_assert_int_eq(scenario->steps[0].peer.command.number, 7);
        ss_scenario_free(scenario);
    }
}
END_TEST

START_TEST(test_scenario_peer_sets_its_system)
{
    expect_steps("peer sysctl net.ipv4.tcp_syncookies = 2   # always\n"
                 "peer sysctl net.ipv4.tcp_rmem=4096  87380\t600000\n"
                 "peer sysctl net.ipv4.tcp_congestion_control = \\\n reno\n",
                 "peer sysctl net.ipv4.tcp_syncookies '2' within:2000000\n"
                 "peer sysctl net.ipv4.tcp_rmem '4096  87380\t600000' within:2000000\n"
                 "peer sysctl net.ipv4.tcp_congestion_control 'reno' within:2000000\n");
}
END_TEST

START_TEST(test_scenario_peer_is_found_in_any_state)
{
    char text[80], said[80];
    for (int i = 0; i < SS_TCP_STATES; i++) {
        const char *state = ss_tcp_state_text((enum ss_tcp_state)i);
        snprintf(text, sizeof(text), "peer expect state %s within 500ms", state);
        snprintf(said, sizeof(said), "peer expect state %s within:500000\n", state);
        expect_steps(text, said);
    }
}
END_TEST

START_TEST(test_scenario_peer_finds_octets_end_and_error)
{
    expect_steps("peer expect read \"a\" \"b\" within 1s\npeer expect read size 10\n"
                 "peer expect end\npeer expect error ECONNRESET within 3s",
                 "peer expect read octets:6162 within:1000000\n"
                 "peer expect read size:10 within:2000000\n"
                 "peer expect end within:2000000\npeer expect error ECONNRESET within:3000000\n");
}
END_TEST

START_TEST(test_scenario_peer_finds_its_kernels_numbers)
{
    static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
    char text[200], said[200];
    for (size_t i = 0; i < 4; i++) {
        snprintf(text, sizeof(text),
                 "let J = %" PRIu32 "\npeer expect rcv_nxt = J + 6 within 1s\n"
                 "peer expect write_seq=J-1\n",
                 bases[i]);
        snprintf(said, sizeof(said),
                 "let J=%" PRIu32 "\npeer expect rcv_nxt=J+6 within:1000000\n"
                 "peer expect write_seq=J-1 within:2000000\n",
                 bases[i]);
        expect_steps(text, said);
    }
}
END_TEST

static Suite *peer_suite(void)
{
    Suite *suite = suite_create("scenario_peer");
    TCase *commands = tcase_create("commands");
    tcase_add_test(commands, test_scenario_peer_listens_and_connects);
    tcase_add_test(commands, test_scenario_peer_shuts_down_its_writing);
    tcase_add_test(commands, test_scenario_peer_sends_and_reads);
    tcase_add_test(commands, test_scenario_peer_largest_send_and_read_fit);
    tcase_add_test(commands, test_scenario_peer_sets_options);
    tcase_add_test(commands, test_scenario_peer_knows_every_socket_option);
    tcase_add_test(commands, test_scenario_peer_sets_its_system);
    suite_add_tcase(suite, commands);
    TCase *findings = tcase_create("findings");
    tcase_add_test(findings, test_scenario_peer_is_found_in_any_state);
    tcase_add_test(findings, test_scenario_peer_finds_octets_end_and_error);
    tcase_add_test(findings, test_scenario_peer_finds_its_kernels_numbers);
    suite_add_tcase(suite, findings);
    return suite;
}

int main(void)
{
    return check_main(peer_suite());
}
