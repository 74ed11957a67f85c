/* test_target: what a user may type as target and source, and what is said of the rest. Needs no
 * privileges and no name server: only numbers and what every machine has. */
#include "check_main.h"
#include "synstep/route.h"

static struct ss_route route;
static uint16_t port;
static struct ss_problem problem;

static enum ss_status find(const char *target, uint8_t version, const char *source)
{
    struct ss_route_request request = {.target = target, .version = version, .source = source};
    problem = (struct ss_problem){0};
    return ss_route_find(&request, &route, &port, &problem);
}

/* What cannot be, and a piece of what is said of it. */
static const struct {
    const char *target;
    const char *says;
} unusable[] = {
    {"", "no port"},
    {"127.0.0.1", "target '127.0.0.1': no port"},
    {"127.0.0.1:", "no port"},
    {":80", "no host"},
    {"127.0.0.1:0", "port '0' is not between 1 and 65535"},
    {"127.0.0.1:65536", "port '65536' is not between 1 and 65535"},
    {"127.0.0.1:99999999999999999999999", "is not between 1 and 65535"},
    {"127.0.0.1:-1", "port '-1' is neither a number"},
    {"127.0.0.1:8o", "port '8o' is neither a number"},
    {"127.0.0.1: 80", "port ' 80' is neither a number"},
    {"127.0.0.1:no-such-service", "port 'no-such-service' is neither a number"},
    {"::1:80", "target '::1:80': an IPv6 address needs brackets"},
    {"[::1]", "no port after the bracket"},
    {"[::1]80", "no port after the bracket"},
    {"[::1", "the bracket is not closed"},
    {"[]:80", "no host"},
    {"[::1%]:80", "an interface's name"},
    {"[fe80::1%aninterfacenamethatistoolong]:80", "an interface's name"},
    {"[fe80::1%nosuch0]:80", "no interface is called 'nosuch0'; this host has: "},
    {"[fe80::1]:80", "fe80::1 is link-local: say by which interface"},
    {"256.1.1.1.invalid:80", "host '256.1.1.1.invalid' cannot be resolved"},
};

START_TEST(test_target_unusable_is_named_with_what_is_wrong)
{
    route = (struct ss_route){.mtu = 77};
    ck_assert_int_eq(find(unusable[_i].target, 0, NULL), SS_USAGE);
    ck_assert_int_eq(problem.status, SS_USAGE);
    ck_assert_msg(strstr(problem.text, unusable[_i].says) != NULL, "'%s': %s", unusable[_i].target,
                  problem.text);
    ck_assert_ptr_null(strchr(problem.text, '\n'));
    ck_assert_uint_eq(route.mtu, 77);
}
END_TEST

START_TEST(test_target_too_long_is_refused)
{
    char text[1000];
    memset(text, 'a', sizeof text);
    strcpy(text + sizeof text - 4, ":80");
    ck_assert_int_eq(find(text, 0, NULL), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "too long"));
}
END_TEST

START_TEST(test_target_numeric_is_found)
{
    struct ss_address loopback = ss_address_v4((const uint8_t[]){127, 0, 0, 1});
    ck_assert_msg(find("127.0.0.1:65535", 0, NULL) == SS_OK, "%s", problem.text);
    ck_assert(ss_address_equal(&route.peer, &loopback));
    ck_assert(ss_address_equal(&route.local, &loopback));
    ck_assert(route.loopback);
    ck_assert_str_eq(route.interface, "lo");
    ck_assert_uint_eq(route.interface_index, if_nametoindex("lo"));
    ck_assert_uint_ge(route.mtu, 1500);
    ck_assert_uint_eq(port, 65535);
}
END_TEST

START_TEST(test_target_service_resolves_to_its_port)
{
    ck_assert_msg(find("127.0.0.1:http", 0, NULL) == SS_OK, "%s", problem.text);
    ck_assert_uint_eq(port, 80);
}
END_TEST

START_TEST(test_target_name_resolves_by_version)
{
    ck_assert_msg(find("localhost:80", 4, NULL) == SS_OK, "%s", problem.text);
    ck_assert_uint_eq(route.peer.version, 4);
    ck_assert(ss_address_is_loopback(&route.peer));
}
END_TEST

START_TEST(test_target_of_the_other_version_is_refused)
{
    ck_assert_int_eq(find("[::1]:80", 4, NULL), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "host '::1' has no IPv4 address"));
    ck_assert_int_eq(find("127.0.0.1:80", 6, NULL), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "host '127.0.0.1' has no IPv6 address"));
}
END_TEST

START_TEST(test_target_source_must_be_an_address_of_this_host)
{
    ck_assert_int_eq(find("127.0.0.1:80", 0, "elsewhere"), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "source 'elsewhere' is not an IPv4 or IPv6"));
    ck_assert_int_eq(find("127.0.0.1:80", 0, "192.0.2.7"), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "192.0.2.7 is not an address of this host"));
    ck_assert_int_eq(find("127.0.0.1:80", 4, "::1"), SS_USAGE);
    ck_assert_ptr_nonnull(strstr(problem.text, "source ::1 is IPv6, but the target is IPv4"));
    ck_assert_msg(find("127.0.0.1:80", 0, "127.0.0.9") == SS_OK, "%s", problem.text);
    ck_assert_int_eq(route.local.octets[3], 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");
    TCase *cases = tcase_create("target");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_target_unusable_is_named_with_what_is_wrong, 0,
                        sizeof unusable / sizeof *unusable);
    tcase_add_test(cases, test_target_too_long_is_refused);
    tcase_add_test(cases, test_target_numeric_is_found);
    tcase_add_test(cases, test_target_service_resolves_to_its_port);
    tcase_add_test(cases, test_target_name_resolves_by_version);
    tcase_add_test(cases, test_target_of_the_other_version_is_refused);
    tcase_add_test(cases, test_target_source_must_be_an_address_of_this_host);
    suite_add_tcase(suite, cases);
    return check_main(suite);
}
