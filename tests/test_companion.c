/* test_companion: synstep-peer started, asked and ended, as an ordinary program sees it. */
#include <dirent.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/capability.h>

#include "far.h"
#include "synstep/companion.h"
#include "synstep/far.h"

static const uint8_t versions[] = {4, 6};

static struct ss_companion companion;
static struct ss_socket_address listening;

static void start(const struct ss_companion_options *options)
{
    struct ss_problem problem;
    private_use_built_peer();
    must(ss_companion_start(&companion, options, &listening, &problem) == SS_OK, "%s",
         problem.text);
}

/* On this namespace's loopback, at a port that the kernel chooses. */
static void start_here(void)
{
    struct ss_companion_options options = {
        .listen = {.address = ss_address_v4((const uint8_t[]){127, 0, 0, 1})},
        .network_namespace = -1,
    };
    must(private_enter());
    start(&options);
}

static int connect_to(const struct sockaddr *address, socklen_t size)
{
    int client = socket(address->sa_family, SOCK_STREAM, 0);
    must(connect(client, address, size) == 0);
    return client;
}

static int connect_here(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(listening.port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return connect_to((struct sockaddr *)&to, sizeof to);
}

static struct ss_socket_address own_address(int client)
{
    struct sockaddr_in6 own;
    socklen_t length = sizeof own;
    must(getsockname(client, (struct sockaddr *)&own, &length) == 0);
    struct sockaddr_in *v4 = (struct sockaddr_in *)&own;
    if (own.sin6_family == AF_INET6)
        return (struct ss_socket_address){ss_address_v6(own.sin6_addr.s6_addr),
                                          ntohs(own.sin6_port)};
    return (struct ss_socket_address){ss_address_v4((const uint8_t *)&v4->sin_addr),
                                      ntohs(v4->sin_port)};
}

static struct ss_witness ask(const struct ss_socket_address *client)
{
    struct ss_witness witness;
    struct ss_problem problem;
    must(ss_companion_ask(&companion, client, &witness, &problem) == SS_OK, "%s", problem.text);
    return witness;
}

PRIVATE_TEST(test_companion_ready_says_where_it_listens)
{
    start_here();
    must(companion.process > 0 && listening.port != 0);
    must(ss_address_is_loopback(&listening.address));
    close(connect_here());
    ss_companion_stop(&companion);
    must(companion.process == 0 && companion.control == -1);
    ss_companion_stop(&companion);
}

/* Sends `count` octets and waits until all have come back. */
static void echo(int client, size_t count)
{
    uint8_t octets[100] = "some words";
    must(send(client, octets, count, 0) == (ssize_t)count);
    must(recv(client, octets, count, MSG_WAITALL) == (ssize_t)count);
}

/* The kernel's numbers move by what passed: 5 octets in, 5 out; 100 more; 1 for the FIN. */
PRIVATE_TEST(test_companion_witness_follows_the_connection)
{
    start_here();
    int client = connect_here();
    struct ss_socket_address own = own_address(client);
    struct ss_witness first = ask(&own);
    must(first.answer == SS_WITNESS_ANSWERED && first.state == SS_TCP_ESTABLISHED);
    echo(client, 5);
    struct ss_witness second = ask(&own);
    must(ss_seq_distance(first.rcv_nxt, second.rcv_nxt) == 5);
    must(ss_seq_distance(first.write_seq, second.write_seq) == 5);
    echo(client, 100);
    struct ss_witness third = ask(&own);
    must(ss_seq_distance(second.rcv_nxt, third.rcv_nxt) == 100);
    must(ss_seq_distance(second.write_seq, third.write_seq) == 100);
    must(shutdown(client, SHUT_WR) == 0);
    must(recv(client, &(uint8_t){0}, 1, 0) == 0); /* its FIN, too, is here */
    struct ss_witness last = ask(&own);
    must(last.answer == SS_WITNESS_ANSWERED);
    must(ss_seq_distance(third.rcv_nxt, last.rcv_nxt) == 1);
    must(ss_seq_distance(third.write_seq, last.write_seq) == 1);
}

PRIVATE_TEST(test_companion_witness_of_a_stranger_is_none)
{
    struct ss_socket_address stranger = {ss_address_v4((const uint8_t[]){127, 0, 0, 9}), 9};
    start_here();
    close(connect_here());
    must(ask(&stranger).answer == SS_WITNESS_NONE);
}

PRIVATE_TEST(test_companion_in_the_far_host_is_reached_from_here)
{
    struct ss_hosts hosts;
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    struct ss_companion_options options = {
        .listen = {ss_hosts_address(1, versions[index]), 8888},
        .network_namespace = hosts.far_namespace,
    };
    start(&options);
    must(listening.port == 8888);
    must(ss_address_equal(&listening.address, &options.listen.address));
    struct sockaddr_storage to = far_sockaddr(versions[index], 1, 8888);
    int client = connect_to((struct sockaddr *)&to, sizeof to);
    struct ss_socket_address own = own_address(client);
    must(ask(&own).answer == SS_WITNESS_ANSWERED);
}

/* Without a namespace of its own, its user has no CAP_NET_ADMIN: it must say so, and serve. */
PRIVATE_TEST(test_companion_of_an_ordinary_user_denies_the_witness)
{
    struct ss_companion_options options = {
        .listen = {.address = ss_address_v4((const uint8_t[]){127, 0, 0, 1})},
        .network_namespace = -1,
    };
    must(private_enter());
    cap_t none = cap_init();
    must(cap_set_secbits(SECBIT_NOROOT) == 0); /* being root in here is to give nothing back */
    must(none && cap_set_proc(none) == 0);
    cap_free(none);
    start(&options);
    int client = connect_here();
    struct ss_socket_address own = own_address(client);
    must(ask(&own).answer == SS_WITNESS_DENIED);
}

/* What the process is and has, as /proc tells. */
static unsigned long long status_line(const char *name)
{
    char path[64];
    char line[256];
    unsigned long long value = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/status", companion.process);
    FILE *status = fopen(path, "r");
    must(status != NULL);
    while (fgets(line, sizeof line, status)) {
        if (strncmp(line, name, strlen(name)) == 0)
            found = sscanf(line + strlen(name), ":%llx", &value) == 1;
    }
    fclose(status);
    must(found, "%s", name);
    return value;
}

PRIVATE_TEST(test_companion_has_two_capabilities_and_no_more)
{
    start_here();
    must(status_line("CapPrm") == (1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_BIND_SERVICE));
    must(status_line("CapEff") == status_line("CapPrm"));
}

static bool has_open(const char *what)
{
    char path[64];
    char link[300];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/fd", companion.process);
    DIR *descriptors = opendir(path);
    must(descriptors != NULL);
    for (struct dirent *each = readdir(descriptors); each; each = readdir(descriptors)) {
        ssize_t length = readlinkat(dirfd(descriptors), each->d_name, link, sizeof link - 1);
        link[length > 0 ? length : 0] = '\0';
        found = found || strstr(link, what);
    }
    closedir(descriptors);
    return found;
}

PRIVATE_TEST(test_companion_inherits_no_descriptor_and_no_signal)
{
    sigset_t blocked;
    must(open("/proc/self/mounts", O_RDONLY) >= 0); /* not close-on-exec */
    sigfillset(&blocked);
    must(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    must(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    start_here();
    must(!has_open("mounts"));
    must(has_open("/dev/null"));
    must(!(status_line("SigIgn") & 1ULL << (SIGUSR1 - 1)));
    must(!(status_line("SigBlk") & 1ULL << (SIGUSR2 - 1)));
    must(getpgid(companion.process) == companion.process);
}

PRIVATE_TEST(test_companion_port_in_use_is_told_in_its_own_words)
{
    struct ss_companion second;
    struct ss_socket_address untouched = {.port = 77};
    struct ss_problem problem;
    start_here();
    struct ss_companion_options options = {.listen = listening, .network_namespace = -1};
    must(ss_companion_start(&second, &options, &untouched, &problem) == SS_IO);
    must(strstr(problem.text, "cannot serve") && strstr(problem.text, "synstep-peer: ") &&
             strstr(problem.text, "in use"),
         "%s", problem.text);
    must(untouched.port == 77 && second.process == 0 && second.control == -1);
}

PRIVATE_TEST(test_companion_that_is_not_there_is_named)
{
    struct ss_companion_options options = {.network_namespace = -1};
    struct ss_problem problem;
    must(setenv("SYNSTEP_PEER", "/nowhere/synstep-peer", 1) == 0);
    must(ss_companion_start(&companion, &options, &listening, &problem) == SS_IO);
    must(strstr(problem.text, "/nowhere/synstep-peer: No such file"), "%s", problem.text);
}

PRIVATE_TEST(test_companion_killed_meanwhile_is_an_error_and_no_hang)
{
    struct ss_witness witness;
    struct ss_problem problem;
    struct ss_socket_address anyone = {ss_address_v4((const uint8_t[]){127, 0, 0, 1}), 1};
    start_here();
    must(kill(companion.process, SIGKILL) == 0);
    must(ss_companion_ask(&companion, &anyone, &witness, &problem) == SS_IO);
    must(strstr(problem.text, "gone"), "%s", problem.text);
    ss_companion_stop(&companion);
}

/* As a far end it can be looked at, and does nothing that it is told. */
PRIVATE_TEST(test_companion_as_far_end_is_looked_at_and_takes_no_orders)
{
    static struct ss_far_answer answer;
    struct ss_far *far = NULL;
    struct ss_problem problem;
    struct ss_socket_address stranger = {ss_address_v4((const uint8_t[]){127, 0, 0, 9}), 9};
    start_here();
    int client = connect_here();
    struct ss_socket_address own = own_address(client);
    struct ss_witness witness = ask(&own);
    must(ss_far_companion_open(&companion, &own, &far, &problem) == SS_OK);
    for (int verb = SS_FAR_LISTEN; verb < SS_FAR_LOOK; verb++) {
        struct ss_far_command order = {.verb = (enum ss_far_verb)verb};
        must(ss_far_command(far, &order, &answer, &problem) == SS_OK);
        must(answer.outcome == SS_FAR_CANNOT && strstr(answer.error, "no orders"));
    }
    struct ss_far_command look = {.verb = SS_FAR_LOOK};
    must(ss_far_command(far, &look, &answer, &problem) == SS_OK && answer.outcome == SS_FAR_DONE);
    must(answer.state_known && answer.state == SS_TCP_ESTABLISHED && answer.numbers_known);
    must(ss_seq_equal(answer.rcv_nxt, witness.rcv_nxt));
    must(ss_seq_equal(answer.write_seq, witness.write_seq) && answer.error[0] == '\0');
    ss_far_close(far);
    must(ss_far_companion_open(&companion, &stranger, &far, &problem) == SS_OK);
    must(ss_far_command(far, &look, &answer, &problem) == SS_OK && answer.outcome == SS_FAR_DONE);
    must(!answer.state_known && !answer.numbers_known);
    ss_companion_stop(&companion);
    must(ss_far_command(far, &look, &answer, &problem) == SS_IO);
    ss_far_close(far);
}

static Suite *companion_suite(void)
{
    Suite *suite = suite_create("companion");
    TCase *cases = tcase_create("companion");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_companion_ready_says_where_it_listens);
    tcase_add_test(cases, test_companion_witness_follows_the_connection);
    tcase_add_test(cases, test_companion_witness_of_a_stranger_is_none);
    tcase_add_loop_test(cases, test_companion_in_the_far_host_is_reached_from_here, 0, 2);
    tcase_add_test(cases, test_companion_of_an_ordinary_user_denies_the_witness);
    tcase_add_test(cases, test_companion_has_two_capabilities_and_no_more);
    tcase_add_test(cases, test_companion_inherits_no_descriptor_and_no_signal);
    tcase_add_test(cases, test_companion_port_in_use_is_told_in_its_own_words);
    tcase_add_test(cases, test_companion_that_is_not_there_is_named);
    tcase_add_test(cases, test_companion_killed_meanwhile_is_an_error_and_no_hang);
    tcase_add_test(cases, test_companion_as_far_end_is_looked_at_and_takes_no_orders);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(companion_suite);
}
