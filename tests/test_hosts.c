/* test_hosts: the two private hosts are whole when they are handed over, and vanish with us. */
#include <dirent.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "far.h"
#include "synstep/companion.h"
#include "synstep/mute.h"
#include "synstep/privilege.h"

enum { SERVER_PORT = 8888 };

static const uint8_t versions[] = {4, 6};

static struct ss_hosts hosts;

static void begin(void)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
}

/* An ordinary connection, at once. Were anything not ready yet, its first SYN would be lost. */
static void assert_connects(uint8_t version)
{
    struct sockaddr_storage to = far_sockaddr(version, 1, SERVER_PORT);
    struct tcp_info info;
    socklen_t length = sizeof info;
    int client = socket(far_family(version), SOCK_STREAM, 0);
    far_listen(&hosts, version, SERVER_PORT);
    must(connect(client, (struct sockaddr *)&to, sizeof to) == 0);
    must(getsockopt(client, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    must(info.tcpi_total_retrans == 0, "%u sent again", info.tcpi_total_retrans);
}

PRIVATE_TEST(test_hosts_first_segment_gets_through)
{
    begin();
    assert_connects(versions[index]);
    must(ss_hosts_address(0, versions[index]).version == versions[index]);
}

PRIVATE_TEST(test_hosts_are_made_for_an_ordinary_user)
{
    private_become_ordinary();
    must(getuid() != 0);
    begin();
    assert_connects(versions[index]);
}

PRIVATE_TEST(test_hosts_are_made_within_a_user_namespace)
{
    must(private_enter_user());
    ss_privilege_lower();
    begin();
    assert_connects(versions[index]);
}

PRIVATE_TEST(test_hosts_are_made_anew_within_hosts)
{
    begin();
    ss_hosts_close(&hosts);
    must(hosts.far_namespace == -1);
    ss_hosts_close(&hosts);
    begin();
    assert_connects(versions[index]);
}

static uint32_t ethtool_value(int any, const char *interface, uint32_t command)
{
    struct ethtool_value value = {.cmd = command, .data = 77};
    struct ifreq request = {.ifr_data = (void *)&value};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    must(ioctl(any, SIOCETHTOOL, &request) == 0, "%s", interface);
    return value.data;
}

static void assert_offloads_off(int any, const char *interface)
{
    static const uint32_t commands[] = {ETHTOOL_GTXCSUM, ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO};
    for (size_t each = 0; each < sizeof commands / sizeof *commands; each++)
        must(ethtool_value(any, interface, commands[each]) == 0, "%s: %u", interface,
             commands[each]);
}

PRIVATE_TEST(test_hosts_have_their_offloads_off_at_both_ends)
{
    begin();
    assert_offloads_off(socket(AF_INET, SOCK_DGRAM, 0), "near0");
    assert_offloads_off(far_socket(&hosts, AF_INET, SOCK_DGRAM, 0), "far0");
}

/* How many segments the kernel of this network namespace puts together for an interface. */
static uint32_t segments_together(const char *interface)
{
    struct nl_sock *netlink = nl_socket_alloc();
    struct rtnl_link *link = NULL;
    uint32_t segments = 0;
    must(netlink && nl_connect(netlink, NETLINK_ROUTE) == 0);
    must(rtnl_link_get_kernel(netlink, 0, interface, &link) == 0, "%s", interface);
    must(rtnl_link_get_gso_max_segs(link, &segments) == 0);
    rtnl_link_put(link);
    nl_socket_free(netlink);
    return segments;
}

PRIVATE_TEST(test_hosts_send_each_segment_by_itself)
{
    begin();
    must(segments_together("near0") == 1);
    must(setns(hosts.far_namespace, CLONE_NEWNET) == 0);
    must(segments_together("far0") == 1);
}

static void assert_up(int any, const char *interface)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    must(ioctl(any, SIOCGIFFLAGS, &request) == 0, "%s", interface);
    must((request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING), "%s", interface);
}

PRIVATE_TEST(test_hosts_have_their_loopback_and_cable_up)
{
    begin();
    int near = socket(AF_INET, SOCK_DGRAM, 0);
    int far = far_socket(&hosts, AF_INET, SOCK_DGRAM, 0);
    assert_up(near, "lo");
    assert_up(near, "near0");
    assert_up(far, "lo");
    assert_up(far, "far0");
}

PRIVATE_TEST(test_hosts_have_the_cards_that_scenarios_name)
{
    static const uint8_t cards[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
    begin();
    int sockets[2] = {socket(AF_INET, SOCK_DGRAM, 0), far_socket(&hosts, AF_INET, SOCK_DGRAM, 0)};
    for (int host = 0; host < 2; host++) {
        struct ifreq request = {0};
        uint8_t card[6];
        snprintf(request.ifr_name, sizeof request.ifr_name, host ? "far0" : "near0");
        must(ioctl(sockets[host], SIOCGIFHWADDR, &request) == 0);
        must(memcmp(request.ifr_hwaddr.sa_data, cards[host], 6) == 0);
        ss_hosts_card(host, card);
        must(memcmp(card, cards[host], 6) == 0);
    }
}

/* What a far kernel sends, its checksums made by software, is right without a card's help. */
PRIVATE_TEST(test_hosts_checksums_that_cross_are_real)
{
    uint8_t octets[2048];
    begin();
    int near = socket(AF_PACKET, SOCK_DGRAM, htons(versions[index] == 4 ? ETH_P_IP : ETH_P_IPV6));
    far_connect(&hosts, versions[index], SERVER_PORT);
    struct ss_packet packet = far_next(near, octets);
    must(packet.tcp.flags & SS_TCP_SYN);
    must(packet.transport_checksum == SS_CHECKSUM_GOOD, "%d", (int)packet.transport_checksum);
}

/* The kernel refuses user namespaces when the namespace we are in may have none. */
PRIVATE_TEST(test_hosts_forbidden_names_the_three_ways)
{
    struct ss_problem problem;
    must(private_enter_user());
    must(private_write("/proc/sys/user/max_user_namespaces", "0"));
    must(ss_privilege_drop(&problem) == SS_OK);
    must(ss_hosts_open(&hosts, &problem) == SS_FORBIDDEN);
    must(strstr(problem.text, "limit of namespaces") && strstr(problem.text, "sudo;") &&
             strstr(problem.text, "cap_net_raw,cap_net_admin+ep") &&
             strstr(problem.text, "sysctl user.max_user_namespaces="),
         "%s", problem.text);
    must(!strchr(problem.text, '\n'));
}

/* Inodes of the two network namespaces, and the companion's process. */
struct traces {
    ino_t near;
    ino_t far;
    pid_t companion;
};

static struct ss_companion start_companion(void)
{
    struct ss_companion companion;
    struct ss_socket_address listening;
    struct ss_problem problem;
    struct ss_companion_options options = {
        .listen = {ss_hosts_address(1, 4), SERVER_PORT},
        .network_namespace = hosts.far_namespace,
    };
    must(ss_companion_start(&companion, &options, &listening, &problem) == SS_OK, "%s",
         problem.text);
    return companion;
}

/* All that a run makes; then it waits to be killed. */
static void make_everything(int report)
{
    struct stat near;
    struct stat far;
    struct ss_mute mute;
    struct ss_address address = ss_hosts_address(0, 4);
    private_use_built_peer();
    begin();
    struct ss_companion companion = start_companion();
    must(ss_mute_open(&mute, &address, 0, 0, NULL) == SS_OK);
    must(stat("/proc/self/ns/net", &near) == 0 && fstat(hosts.far_namespace, &far) == 0);
    struct traces traces;
    memset(&traces, 0, sizeof traces); /* the gaps between its members, too */
    traces.near = near.st_ino;
    traces.far = far.st_ino;
    traces.companion = companion.process;
    must(write(report, &traces, sizeof traces) == sizeof traces);
    for (;;)
        pause();
}

/* Whether any process that we may look at is in that network namespace. */
static bool is_inhabited(ino_t inode)
{
    DIR *proc = opendir("/proc");
    bool found = false;
    must(proc != NULL);
    for (struct dirent *each = readdir(proc); each && !found; each = readdir(proc)) {
        char path[300];
        struct stat network;
        snprintf(path, sizeof path, "/proc/%s/ns/net", each->d_name);
        found = stat(path, &network) == 0 && network.st_ino == inode;
    }
    closedir(proc);
    return found;
}

/* A zombie does not: whoever inherited it need only take note. */
static bool is_alive(pid_t process)
{
    char path[32];
    char state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    FILE *stat_file = fopen(path, "r");
    if (!stat_file)
        return false;
    must(fscanf(stat_file, "%*d (%*[^)]) %c", &state) == 1);
    fclose(stat_file);
    return state != 'Z' && state != 'X';
}

static bool is_anything_left(const struct traces *traces)
{
    return is_inhabited(traces->near) || is_inhabited(traces->far) || is_alive(traces->companion);
}

/* The listeners live in these namespaces: with their last process they are gone. */
PRIVATE_TEST(test_hosts_killed_process_leaves_nothing_behind)
{
    struct traces traces;
    int report[2];
    must(pipe(report) == 0);
    pid_t maker = fork();
    if (maker == 0)
        make_everything(report[1]);
    close(report[1]);
    must(read(report[0], &traces, sizeof traces) == sizeof traces);
    must(is_inhabited(traces.near) && is_inhabited(traces.far));
    /* Stopped, it cannot see that its control socket ends. */
    must(is_alive(traces.companion) && kill(traces.companion, SIGSTOP) == 0);
    must(kill(maker, SIGKILL) == 0 && waitpid(maker, NULL, 0) == maker);
    for (int tries = 0; is_anything_left(&traces); tries++) {
        must(tries < 1000, "something outlived the process that made it");
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
}

static Suite *hosts_suite(void)
{
    Suite *suite = suite_create("hosts");
    TCase *cases = tcase_create("hosts");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_hosts_first_segment_gets_through, 0, 2);
    tcase_add_loop_test(cases, test_hosts_are_made_for_an_ordinary_user, 0, 2);
    tcase_add_loop_test(cases, test_hosts_are_made_within_a_user_namespace, 0, 2);
    tcase_add_loop_test(cases, test_hosts_are_made_anew_within_hosts, 0, 2);
    tcase_add_test(cases, test_hosts_have_their_offloads_off_at_both_ends);
    tcase_add_test(cases, test_hosts_send_each_segment_by_itself);
    tcase_add_test(cases, test_hosts_have_their_loopback_and_cable_up);
    tcase_add_test(cases, test_hosts_have_the_cards_that_scenarios_name);
    tcase_add_loop_test(cases, test_hosts_checksums_that_cross_are_real, 0, 2);
    tcase_add_test(cases, test_hosts_forbidden_names_the_three_ways);
    tcase_add_test(cases, test_hosts_killed_process_leaves_nothing_behind);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(hosts_suite);
}
