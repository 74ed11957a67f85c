/* test_route: the kernel's routes between two private hosts, where every address is known. */
#include "far.h"
#include "synstep/route.h"

static const uint8_t versions[] = {4, 6};

static struct ss_hosts hosts = {.far_namespace = -1};
static struct ss_address near;
static struct ss_address far;
static struct ss_route route;
static struct ss_problem problem;

static void begin(uint8_t version)
{
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    near = ss_hosts_address(0, version);
    far = ss_hosts_address(1, version);
}

PRIVATE_TEST(test_route_to_a_neighbour_has_its_interface_source_and_mtu)
{
    begin(versions[index]);
    must(ss_route_to(&far, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    must(ss_address_equal(&route.local, &near) && ss_address_equal(&route.peer, &far));
    must(strcmp(route.interface, "near0") == 0);
    must(route.interface_index == if_nametoindex("near0"));
    must(route.mtu == 1500, "%u", route.mtu);
    must(!route.loopback);
}

/* Its own address on a cable is reached by the loopback interface, where the capture must be. */
PRIVATE_TEST(test_route_to_an_own_address_is_loopback)
{
    begin(versions[index]);
    must(ss_route_to(&near, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    must(route.loopback && strcmp(route.interface, "lo") == 0, "%s", route.interface);
    must(ss_address_equal(&route.local, &near));
}

PRIVATE_TEST(test_route_with_the_interface_and_source_it_has_anyway_is_the_same)
{
    begin(versions[index]);
    must(ss_route_to(&far, &near, "near0", &route, &problem) == SS_OK, "%s", problem.text);
    must(ss_address_equal(&route.local, &near) && strcmp(route.interface, "near0") == 0);
}

PRIVATE_TEST(test_route_from_a_source_of_another_host_is_refused)
{
    begin(versions[index]);
    must(ss_route_to(&far, &far, NULL, &route, &problem) == SS_USAGE);
    must(strstr(problem.text, "is not an address of this host"), "%s", problem.text);
}

/* A kernel told to let anybody bind to any address changes nothing about that bound. */
PRIVATE_TEST(test_route_from_a_foreign_source_is_refused_even_with_nonlocal_bind)
{
    begin(4);
    must(private_write("/proc/sys/net/ipv4/ip_nonlocal_bind", "1"));
    must(ss_route_to(&far, &far, NULL, &route, &problem) == SS_USAGE);
}

PRIVATE_TEST(test_route_by_an_interface_that_is_not_there_lists_those_that_are)
{
    begin(versions[index]);
    must(ss_route_to(&far, NULL, "eth9", &route, &problem) == SS_USAGE);
    must(strstr(problem.text, "no interface is called 'eth9'; this host has: lo, near0"), "%s",
         problem.text);
}

PRIVATE_TEST(test_route_to_nowhere_is_an_error)
{
    static const uint8_t v4[] = {198, 51, 100, 1};
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    struct ss_address nowhere = versions[index] == 4 ? ss_address_v4(v4) : ss_address_v6(v6);
    begin(versions[index]);
    must(ss_route_to(&nowhere, NULL, NULL, &route, &problem) == SS_IO);
    must(strstr(problem.text, "no route to "), "%s", problem.text);
}

PRIVATE_TEST(test_route_mtu_is_the_interfaces)
{
    struct ifreq request = {.ifr_name = "near0", .ifr_mtu = 1400};
    begin(versions[index]);
    must(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFMTU, &request) == 0);
    must(ss_route_to(&far, NULL, NULL, &route, &problem) == SS_OK, "%s", problem.text);
    must(route.mtu == 1400, "%u", route.mtu);
}

PRIVATE_TEST(test_route_found_by_text)
{
    static const char *const targets[] = {"10.0.0.2:8888", "[fd00::2]:8888"};
    struct ss_route_request request = {.target = targets[index], .interface = "near0"};
    uint16_t port = 0;
    begin(versions[index]);
    must(ss_route_find(&request, &route, &port, &problem) == SS_OK, "%s", problem.text);
    must(port == 8888 && ss_address_equal(&route.peer, &far));
}

PRIVATE_TEST(test_route_scope_and_interface_that_differ_are_refused)
{
    struct ss_route_request request = {.target = "[fe80::1%near0]:80", .interface = "lo"};
    uint16_t port = 0;
    begin(6);
    must(ss_route_find(&request, &route, &port, &problem) == SS_USAGE);
    must(strstr(problem.text, "names interface near0, but lo is asked for"), "%s", problem.text);
}

static Suite *route_suite(void)
{
    Suite *suite = suite_create("route");
    TCase *cases = tcase_create("route");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_route_to_a_neighbour_has_its_interface_source_and_mtu, 0, 2);
    tcase_add_loop_test(cases, test_route_to_an_own_address_is_loopback, 0, 2);
    tcase_add_loop_test(cases, test_route_with_the_interface_and_source_it_has_anyway_is_the_same,
                        0, 2);
    tcase_add_loop_test(cases, test_route_from_a_source_of_another_host_is_refused, 0, 2);
    tcase_add_test(cases, test_route_from_a_foreign_source_is_refused_even_with_nonlocal_bind);
    tcase_add_loop_test(cases, test_route_by_an_interface_that_is_not_there_lists_those_that_are, 0,
                        2);
    tcase_add_loop_test(cases, test_route_to_nowhere_is_an_error, 0, 2);
    tcase_add_loop_test(cases, test_route_mtu_is_the_interfaces, 0, 2);
    tcase_add_loop_test(cases, test_route_found_by_text, 0, 2);
    tcase_add_test(cases, test_route_scope_and_interface_that_differ_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(route_suite);
}
