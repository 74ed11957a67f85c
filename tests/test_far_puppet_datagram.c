/*
 * test_far_puppet_datagram: the puppet's UDP socket: whole datagrams, errors, groups.
 */
#include <net/if.h>

#include "far_puppet_bench.h"

/* A puppet in the far host, and an ordinary UDP socket of the near one to talk to it. */
static int begin_datagrams(uint8_t version)
{
    struct ss_problem problem;
    struct timeval patience = {.tv_sec = FAR_PATIENCE_S};
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    near.here = (struct ss_socket_address){ss_hosts_address(0, version), NEAR_PORT};
    near.there = (struct ss_socket_address){ss_hosts_address(1, version), FAR_PORT};
    open_far();
    struct sockaddr_storage here = far_sockaddr(version, 0, NEAR_PORT);
    struct sockaddr_storage there = far_sockaddr(version, 1, FAR_PORT);
    int udp = socket(far_family(version), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    must(udp >= 0 && bind(udp, (struct sockaddr *)&here, sizeof here) == 0);
    must(connect(udp, (struct sockaddr *)&there, sizeof there) == 0);
    must(setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    return udp;
}

static void end_datagrams(int udp)
{
    close(udp);
    ss_far_close(far);
    ss_hosts_close(&hosts);
}

static enum ss_far_outcome say_datagram(const uint8_t *octets, size_t length)
{
    return command(
        &(struct ss_far_command){.verb = SS_FAR_SENDTO, .octets = octets, .length = length});
}

static enum ss_far_outcome tell_group(enum ss_far_verb verb, const char *group)
{
    return command(&(struct ss_far_command){.verb = verb, .text = group});
}

static void expect_datagram(const char *text)
{
    must(await(SS_FAR_RECVFROM, 0) == SS_FAR_DONE, "%s", answer.error);
    must(answer.length == strlen(text) && memcmp(answer.octets, text, answer.length) == 0);
}

static void keep_boundaries(uint8_t version)
{
    uint8_t heard[65536];
    static uint8_t much[SS_FAR_DATAGRAM_MAX + 1];
    int udp = begin_datagrams(version);
    must(tell(SS_FAR_RECVFROM, 0) == SS_FAR_FAILED && strcmp(answer.error, "ENOTCONN") == 0);
    must(say_datagram(much, 1) == SS_FAR_FAILED);
    must(tell(SS_FAR_BIND, 0) == SS_FAR_DONE, "%s", answer.error);
    must(tell(SS_FAR_BIND, 0) == SS_FAR_CANNOT);
    must(tell(SS_FAR_RECVFROM, 0) == SS_FAR_NOT_YET);
    must(send(udp, "one", 3, 0) == 3 && send(udp, "", 0, 0) == 0 && send(udp, "three", 5, 0) == 5);
    expect_datagram("one");
    expect_datagram("");
    expect_datagram("three");
    must(tell(SS_FAR_RECVFROM, 0) == SS_FAR_NOT_YET);
    must(say_datagram((const uint8_t *)"yes", 3) == SS_FAR_DONE, "%s", answer.error);
    must(say_datagram(much, 0) == SS_FAR_DONE);
    must(say_datagram(much, SS_FAR_DATAGRAM_MAX) == SS_FAR_DONE, "%s", answer.error);
    must(say_datagram(much, SS_FAR_DATAGRAM_MAX + 1) == SS_FAR_CANNOT);
    must(recv(udp, heard, sizeof heard, 0) == 3 && memcmp(heard, "yes", 3) == 0);
    must(recv(udp, heard, sizeof heard, 0) == 0);
    must(recv(udp, heard, sizeof heard, 0) == SS_FAR_DATAGRAM_MAX);
    end_datagrams(udp);
}

PRIVATE_TEST(test_far_puppet_datagram_keeps_boundaries_over_ipv4)
{
    keep_boundaries(4);
}

PRIVATE_TEST(test_far_puppet_datagram_keeps_boundaries_over_ipv6)
{
    keep_boundaries(6);
}

/* The near kernel, whose port is closed then, answers with port unreachable (RFC 1122 4.1.3.3). */
static void hear_of_errors(uint8_t version)
{
    int udp = begin_datagrams(version);
    close(udp);
    must(tell(SS_FAR_BIND, 0) == SS_FAR_DONE, "%s", answer.error);
    must(say_datagram((const uint8_t *)"hello", 5) == SS_FAR_DONE, "%s", answer.error);
    for (int i = 0; i < TRIES && tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && !answer.error[0]; i++)
        (void)poll(NULL, 0, 1);
    must(strcmp(answer.error, "ECONNREFUSED") == 0, "%s", answer.error);
    expect_error("ECONNREFUSED");
    end_datagrams(-1);
}

PRIVATE_TEST(test_far_puppet_datagram_hears_of_errors_over_ipv4)
{
    hear_of_errors(4);
}

PRIVATE_TEST(test_far_puppet_datagram_hears_of_errors_over_ipv6)
{
    hear_of_errors(6);
}

/* --- groups -----------------------------------------------------------------------------------*/

/* A datagram to the group arrives while it is a member, and no longer. */
static void be_a_member(uint8_t version, const char *group, const char *other)
{
    struct sockaddr_storage to = far_sockaddr(version, 1, FAR_PORT);
    int udp = begin_datagrams(version);
    int index = (int)if_nametoindex("near0");
    void *octets = version == 4 ? (void *)&((struct sockaddr_in *)&to)->sin_addr
                                : (void *)&((struct sockaddr_in6 *)&to)->sin6_addr;
    must(inet_pton(far_family(version), group, octets) == 1);
    close(udp);
    udp = socket(far_family(version), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (version == 6)
        must(setsockopt(udp, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index) == 0);
    else
        must(setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF, &(struct ip_mreqn){.imr_ifindex = index},
                        sizeof(struct ip_mreqn)) == 0);
    must(tell_group(SS_FAR_LEAVE, group) == SS_FAR_FAILED);
    must(tell_group(SS_FAR_JOIN, other) == SS_FAR_CANNOT);
    must(tell_group(SS_FAR_JOIN, "nonsense") == SS_FAR_CANNOT);
    must(tell_group(SS_FAR_JOIN, "10.0.0.1 x") == SS_FAR_CANNOT);
    must(tell_group(SS_FAR_JOIN, group) == SS_FAR_DONE, "%s", answer.error);
    must(sendto(udp, "in", 2, 0, (struct sockaddr *)&to, sizeof to) == 2);
    expect_datagram("in");
    must(tell_group(SS_FAR_LEAVE, group) == SS_FAR_DONE, "%s", answer.error);
    must(tell_group(SS_FAR_LEAVE, group) == SS_FAR_FAILED);
    must(sendto(udp, "out", 3, 0, (struct sockaddr *)&to, sizeof to) == 3);
    must(tell_group(SS_FAR_JOIN, group) == SS_FAR_DONE, "%s", answer.error);
    must(sendto(udp, "again", 5, 0, (struct sockaddr *)&to, sizeof to) == 5);
    expect_datagram("again");
    end_datagrams(udp);
}

PRIVATE_TEST(test_far_puppet_datagram_joins_and_leaves_ipv4_groups)
{
    be_a_member(4, "239.1.2.3", "ff15::1234");
}

PRIVATE_TEST(test_far_puppet_datagram_joins_and_leaves_ipv6_groups)
{
    be_a_member(6, "ff15::1234", "239.1.2.3");
}

/* close takes the sockets of TCP first, then this one. */
PRIVATE_TEST(test_far_puppet_datagram_close_frees_the_port)
{
    int udp = begin_datagrams(4);
    must(tell(SS_FAR_BIND, 0) == SS_FAR_DONE && tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE && tell(SS_FAR_BIND, 0) == SS_FAR_CANNOT);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE && tell(SS_FAR_BIND, 0) == SS_FAR_DONE);
    must(tell(SS_FAR_CLOSE, 0) == SS_FAR_DONE && tell(SS_FAR_CLOSE, 0) == SS_FAR_FAILED);
    end_datagrams(udp);
}

static Suite *far_puppet_datagram_suite(void)
{
    Suite *suite = suite_create("far_puppet_datagram");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, test_far_puppet_datagram_keeps_boundaries_over_ipv4);
    tcase_add_test(all, test_far_puppet_datagram_keeps_boundaries_over_ipv6);
    tcase_add_test(all, test_far_puppet_datagram_hears_of_errors_over_ipv4);
    tcase_add_test(all, test_far_puppet_datagram_hears_of_errors_over_ipv6);
    tcase_add_test(all, test_far_puppet_datagram_joins_and_leaves_ipv4_groups);
    tcase_add_test(all, test_far_puppet_datagram_joins_and_leaves_ipv6_groups);
    tcase_add_test(all, test_far_puppet_datagram_close_frees_the_port);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return private_main(far_puppet_datagram_suite);
}
