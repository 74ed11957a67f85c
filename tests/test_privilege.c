/* test_privilege: capabilities come and go as they are told to, and once dropped are gone. */
#include <netinet/in.h>
#include <stdint.h>
#include <sys/capability.h>

#include "private.h"
#include "synstep/privilege.h"

/* 0, or the errno of the attempt. */
static int try_raw_socket(void)
{
    int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (raw < 0)
        return errno;
    close(raw);
    return 0;
}

/* A line of /proc/self/status, such as "CapEff", as a number: what the kernel says, by another way.
 */
static uint64_t status_line(const char *name)
{
    char line[256];
    unsigned long long value = UINT64_MAX;
    FILE *status = fopen("/proc/self/status", "r");
    must(status != NULL);
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
            must(sscanf(line + strlen(name) + 1, "%llx", &value) == 1);
    }
    fclose(status);
    must(value != UINT64_MAX, "%s", name);
    return value;
}

PRIVATE_TEST(test_privilege_lowered_opens_no_raw_socket_until_raised)
{
    must(private_enter());
    must(try_raw_socket() == 0);
    ss_privilege_lower();
    must(try_raw_socket() == EPERM);
    must(status_line("CapEff") == 0);
    must(ss_privilege_has_net_raw());
    ss_privilege_raise();
    must(try_raw_socket() == 0);
    must(status_line("CapEff") == status_line("CapPrm"));
}

static void assert_all_gone(void)
{
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapAmb"};
    for (size_t each = 0; each < sizeof sets / sizeof *sets; each++)
        must(status_line(sets[each]) == 0, "%s", sets[each]);
    must(status_line("NoNewPrivs") == 1);
    must(!ss_privilege_has_net_raw());
    must(try_raw_socket() == EPERM);
    ss_privilege_raise();
    must(try_raw_socket() == EPERM);
}

PRIVATE_TEST(test_privilege_dropped_is_gone_for_good)
{
    struct ss_problem problem;
    must(private_enter());
    ss_privilege_lower();
    must(ss_privilege_drop(&problem) == SS_OK, "%s", problem.text);
    assert_all_gone();
    must(status_line("CapBnd") == 0); /* had CAP_SETPCAP: exec gives nothing back either */
}

PRIVATE_TEST(test_privilege_dropped_in_a_user_namespace_is_gone_too)
{
    struct ss_problem problem;
    must(private_enter_user() && private_enter());
    must(ss_privilege_drop(&problem) == SS_OK, "%s", problem.text);
    assert_all_gone();
}

PRIVATE_TEST(test_privilege_dropped_with_ambient_capabilities_is_gone_too)
{
    static const cap_value_t net_raw = CAP_NET_RAW;
    struct ss_problem problem;
    must(private_enter());
    cap_t now = cap_get_proc();
    must(cap_set_flag(now, CAP_INHERITABLE, 1, &net_raw, CAP_SET) == 0 && cap_set_proc(now) == 0);
    cap_free(now);
    must(cap_set_ambient(CAP_NET_RAW, CAP_SET) == 0);
    must(status_line("CapAmb") == UINT64_C(1) << CAP_NET_RAW);
    must(ss_privilege_drop(&problem) == SS_OK, "%s", problem.text);
    assert_all_gone();
}

/* Root again by exec: uid 0 gets its capabilities back from the bounding set, if it is let. */
PRIVATE_TEST(test_privilege_dropped_does_not_come_back_by_exec)
{
    struct ss_problem problem;
    must(private_enter_user() && private_enter());
    must(getuid() == 0);
    must(ss_privilege_drop(&problem) == SS_OK, "%s", problem.text);
    execl("/bin/sh", "sh", "-c",
          "grep -q '^CapPrm:[[:space:]]*0000000000000000$' /proc/self/status", (char *)NULL);
    must(false, "no /bin/sh");
}

PRIVATE_TEST(test_privilege_of_an_ordinary_user_is_dropped_without_ado)
{
    struct ss_problem problem;
    private_become_ordinary();
    ss_privilege_lower();
    ss_privilege_raise();
    must(!ss_privilege_has_net_raw());
    must(ss_privilege_drop(&problem) == SS_OK, "%s", problem.text);
    assert_all_gone();
}

static Suite *privilege_suite(void)
{
    Suite *suite = suite_create("privilege");
    TCase *cases = tcase_create("privilege");
    tcase_add_test(cases, test_privilege_lowered_opens_no_raw_socket_until_raised);
    tcase_add_test(cases, test_privilege_dropped_is_gone_for_good);
    tcase_add_test(cases, test_privilege_dropped_in_a_user_namespace_is_gone_too);
    tcase_add_test(cases, test_privilege_dropped_with_ambient_capabilities_is_gone_too);
    tcase_add_test(cases, test_privilege_dropped_does_not_come_back_by_exec);
    tcase_add_test(cases, test_privilege_of_an_ordinary_user_is_dropped_without_ado);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(privilege_suite);
}
