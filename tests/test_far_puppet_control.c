/*
 * test_far_puppet_control: the puppet's process: hostile lines, hostile answers, and its end.
 */
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "far_puppet_bench.h"

enum { GARBAGE_ROUNDS = 300, LOUD = 3 * 1024 * 1024 };

/* --- the program by itself --------------------------------------------------------------------*/

static int control = -1;
static pid_t process;

static _Noreturn void become(int end, const char *const arguments[])
{
    must(dup2(end, 3) == 3 && close_range(4, ~0U, 0) == 0);
    execv(getenv("SYNSTEP_PUPPET"), (char *const *)(void *)arguments);
    must(false, "cannot start it");
    _exit(1);
}

static void start(const char *const arguments[])
{
    int pair[2];
    private_use_built("SYNSTEP_PUPPET", "synstep-puppet");
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    process = fork();
    if (process == 0)
        become(pair[1], arguments);
    close(pair[1]);
    control = pair[0];
}

static void hear(char *line, size_t size)
{
    size_t length = 0;
    char octet = 0;
    while (octet != '\n') {
        must(recv(control, &octet, 1, 0) == 1, "it is gone");
        if (length < size - 1)
            line[length++] = octet;
    }
    line[length - 1] = '\0';
}

static void start_alone(void)
{
    static const char *const arguments[] = {"synstep-puppet", "--control-fd=3",
                                            "--local=127.0.0.1:8888", "--peer=127.0.0.1:40000",
                                            NULL};
    char line[64];
    must(private_enter());
    start(arguments);
    hear(line, sizeof line);
    must(strcmp(line, "ready") == 0, "%s", line);
}

static void tell_octets(const char *octets, size_t length)
{
    must(send(control, octets, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static void expect_answer(const char *line, const char *beginning)
{
    char heard[256];
    tell_octets(line, strlen(line));
    tell_octets("\n", 1);
    hear(heard, sizeof heard);
    must(strncmp(heard, beginning, strlen(beginning)) == 0, "'%s': %s", line, heard);
}

static int exit_status(void)
{
    int how = -1;
    must(waitpid(process, &how, 0) == process);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

PRIVATE_TEST(test_far_puppet_control_lines_that_make_no_sense_are_told)
{
    static const char *const lines[][2] = {
        {"", "error "},
        {"   ", "error "},
        {"LISTEN", "error "},
        {"listening", "error "},
        {"list", "error "},
        {"listen 1 2", "error "},
        {"listen x", "error "},
        {"listen -1", "error "},
        {"listen 65536", "error "},
        {"listen 1x", "error "},
        {"a b c d e", "error "},
        {"crowd", "error "},
        {"crowd -1", "error "},
        {"crowd 99999999999999999999", "error "},
        {"crowd 4097", "cannot "},
        {"accept now", "error "},
        {"bind 1", "error "},
        {"sendto", "error "},
        {"sendto 0", "error "},
        {"sendto 00 urgent", "error "},
        {"sendto 00", "failed ENOTCONN"},
        {"recvfrom 1", "error "},
        {"recvfrom", "failed ENOTCONN"},
        {"join", "error "},
        {"join x", "error "},
        {"join 10.0.0.1", "failed EINVAL"},
        {"join ff15::1", "cannot "},
        {"leave 239.1.2.3", "failed EADDRNOTAVAIL"},
        {"send", "error "},
        {"send 0", "error "},
        {"send 0g", "error "},
        {"send 0G", "error "},
        {"send 00 urgently", "error "},
        {"send - ", "failed ENOTCONN"},
        {"send 00 urgent", "failed ENOTCONN"},
        {"read", "error "},
        {"read -1", "error "},
        {"read 1 2", "error "},
        {"read 1", "failed ENOTCONN"},
        {"set", "error "},
        {"set nodelay", "error "},
        {"set nodelay x", "error "},
        {"set nodelay 99999999999999999999", "error "},
        {"set nagle 1", "cannot "},
        {"set nodelay 1", "done"},
        {"sysctl net.ipv4.tcp_sack 31", "cannot "},
        {"sysctl net.ipv4.tcp_sack", "error "},
        {"shutdown write", "error "},
        {"look now", "error "},
        {"look\t", "error "},
        {"\xff\xfe\x01", "error "},
        {"  look   ", "look CLOSED - - 0 ENOTCONN"},
    };
    start_alone();
    expect_answer("look", "look CLOSED - - 0 -");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_answer(lines[i][0], lines[i][1]);
    tell_octets("look\0x\n", 7);
    expect_answer("", "error an octet of 0");
    char line[64];
    hear(line, sizeof line); /* that of the empty line */
    close(control);
    must(exit_status() == 0);
}

PRIVATE_TEST(test_far_puppet_control_line_without_end_is_refused_and_the_next_is_heard)
{
    static char much[65536];
    start_alone();
    memset(much, 'a', sizeof much);
    for (size_t said = 0; said < LOUD; said += sizeof much)
        tell_octets(much, sizeof much);
    expect_answer("", "error this line is too long");
    expect_answer("look", "look CLOSED");
}

/* Each cut short anywhere, and in pieces: one line, one answer. */
PRIVATE_TEST(test_far_puppet_control_lines_cut_anywhere_have_one_answer_each)
{
    static const char *const lines[] = {
        "listen 5",        "crowd 2",  "accept", "send 0a0b urgent",
        "read 5",          "shutdown", "close",  "set cork 1",
        "sysctl net.a 31", "look",     "reset",  "connect",
    };
    char heard[256];
    start_alone();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        for (size_t cut = 0; cut <= strlen(lines[i]); cut++) {
            for (size_t at = 0; at < cut; at++)
                tell_octets(lines[i] + at, 1);
            tell_octets("\n", 1);
            hear(heard, sizeof heard);
        }
    }
    expect_answer("look", "look ");
}

/* Words of the language and anything else, in any order. */
static size_t babble(struct ss_random *random, char *octets, size_t size, unsigned *lines)
{
    static const char *const words[] = {"listen ", "send ", "read ", "set ", "look", "urgent",
                                        "0a0b",    "-1",    " ",     "\n",   "\n",   "crowd 1"};
    size_t length = 0;
    while (length < size - 16) {
        char any[2] = {(char)ss_random_below(random, 256), '\0'};
        uint32_t which = ss_random_below(random, 16);
        const char *word = which < 12 ? words[which] : any;
        memcpy(octets + length, word, strlen(word));
        length += strlen(word);
    }
    octets[length++] = '\n';
    for (size_t i = 0; i < length; i++)
        *lines += octets[i] == '\n';
    return length;
}

PRIVATE_TEST(test_far_puppet_control_garbage_has_an_answer_for_each_line)
{
    struct ss_random random = ss_random_seeded(20);
    char octets[1024];
    char heard[256];
    start_alone();
    for (int round = 0; round < GARBAGE_ROUNDS; round++) {
        unsigned lines = 0;
        tell_octets(octets, babble(&random, octets, sizeof octets, &lines));
        while (lines-- > 0)
            hear(heard, sizeof heard);
    }
    expect_answer("look", "look ");
}

PRIVATE_TEST(test_far_puppet_control_wrong_usage_is_told)
{
    static const char *const wrong[][5] = {
        {"synstep-puppet"},
        {"synstep-puppet", "--control-fd=3", "--local=127.0.0.1:8888"},
        {"synstep-puppet", "--control-fd=3", "--local=127.0.0.1:8888", "--peer=[::1]:40000"},
        {"synstep-puppet", "--control-fd=3", "--local=127.0.0.1:0", "--peer=127.0.0.1:40000"},
        {"synstep-puppet", "--control-fd=3", "--local=127.0.0.1", "--peer=127.0.0.1:40000"},
        {"synstep-puppet", "--control-fd=3", "--local=here:1", "--peer=127.0.0.1:40000"},
        {"synstep-puppet", "--control-fd=3", "--local=[:1", "--peer=127.0.0.1:40000"},
        {"synstep-puppet", "--control-fd=0", "--local=127.0.0.1:1", "--peer=127.0.0.1:40000"},
        {"synstep-puppet", "--control-fd=99", "--local=127.0.0.1:1", "--peer=127.0.0.1:40000"},
    };
    must(private_enter());
    must(dup2(open("/dev/null", O_RDWR), 0) == 0 && dup2(0, 2) == 2);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        start(wrong[i]);
        must(exit_status() == 2, "%zu", i);
        close(control);
    }
}

/* --- its end ----------------------------------------------------------------------------------*/

/* The only child of this process. */
static pid_t only_child(void)
{
    char path[64];
    int child = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "r");
    must(children && fscanf(children, "%d", &child) == 1);
    fclose(children);
    return child;
}

/*
 * Whoever opened it is killed outright, and so it ends, though it is in another network namespace;
 * even where it stands still and does not see the control socket's end.
 */
PRIVATE_TEST(test_far_puppet_control_killed_parent_leaves_nothing)
{
    int how = 0;
    must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        begin(4);
        (void)accepted(5);
        (void)tell(SS_FAR_CROWD, 5);
        must(index == 0 || kill(only_child(), SIGSTOP) == 0);
        (void)raise(SIGKILL);
    }
    must(waitpid(parent, &how, 0) == parent && WIFSIGNALED(how));
    must(waitpid(-1, &how, 0) > 0);
    must(index == 0 || (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL));
    while (waitpid(-1, &how, 0) > 0) /* a sanitizer has children of its own; they end, too */
        continue;
    must(errno == ECHILD);
}

PRIVATE_TEST(test_far_puppet_control_killed_meanwhile_is_an_error_and_no_hang)
{
    struct ss_far_command look = {.verb = SS_FAR_LOOK};
    struct ss_problem problem;
    begin(4);
    must(kill(only_child(), SIGKILL) == 0);
    must(ss_far_command(far, &look, &answer, &problem) == SS_IO);
    must(strstr(problem.text, "gone"), "%s", problem.text);
    end();
}

PRIVATE_TEST(test_far_puppet_control_closed_ends_it)
{
    begin(4);
    (void)only_child();
    end();
    must(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
}

static enum ss_status open_status(const struct ss_socket_address *local, struct ss_problem *problem)
{
    struct ss_far_puppet_options options = {
        .local = *local, .peer = near.here, .network_namespace = hosts.far_namespace};
    return ss_far_puppet_open(&options, &far, problem);
}

PRIVATE_TEST(test_far_puppet_control_address_that_cannot_be_used_is_told)
{
    struct ss_problem problem;
    begin(4);
    int taken = far_listen(&hosts, 4, FAR_PORT + 1);
    must(taken >= 0);
    struct ss_socket_address local = {ss_hosts_address(1, 4), FAR_PORT + 1};
    must(open_status(&local, &problem) == SS_IO && strstr(problem.text, "in use") &&
             strstr(problem.text, "10.0.0.2:8889"),
         "%s", problem.text);
    local.address = ss_hosts_address(0, 4);
    must(open_status(&local, &problem) == SS_IO && strstr(problem.text, "assign"), "%s",
         problem.text);
    end();
}

PRIVATE_TEST(test_far_puppet_control_program_that_is_not_there_is_named)
{
    struct ss_problem problem;
    begin(4);
    must(setenv("SYNSTEP_PUPPET", "/nowhere/synstep-puppet", 1) == 0);
    must(open_status(&near.there, &problem) == SS_IO);
    must(strstr(problem.text, "/nowhere/synstep-puppet: No such file"), "%s", problem.text);
    end();
}

/* --- where it has no right to look, or to change ----------------------------------------------*/

PRIVATE_TEST(test_far_puppet_control_ordinary_user_sees_the_state_and_no_numbers)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    struct ss_problem problem;
    struct ss_far_puppet_options options = {.local = {ss_address_v4(loopback), FAR_PORT},
                                            .peer = {ss_address_v4(loopback), NEAR_PORT},
                                            .network_namespace = -1};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(FAR_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    must(private_enter());
    cap_t none = cap_init();
    must(cap_set_secbits(1) == 0 && none && cap_set_proc(none) == 0); /* SECBIT_NOROOT */
    cap_free(none);
    private_use_built("SYNSTEP_PUPPET", "synstep-puppet");
    must(ss_far_puppet_open(&options, &far, &problem) == SS_OK, "%s", problem.text);
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(client, (struct sockaddr *)&to, sizeof to) == 0);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE);
    expect_state(SS_TCP_ESTABLISHED);
    must(!answer.numbers_known && answer.error[0] == '\0');
    must(command(&(struct ss_far_command){
             .verb = SS_FAR_SYSCTL, .name = "net.ipv4.tcp_sack", .text = "0"}) == SS_FAR_CANNOT);
    must(strstr(answer.error, "private"), "%s", answer.error);
    ss_far_close(far);
}

/* --- something else in its place --------------------------------------------------------------*/

/* A script that says the same whatever it is told. */
static void use_impostor(void)
{
    static const char script[] =
        "#!/bin/sh\n"
        "printf 'ready\\n' >&3\n"
        "while read -r line <&3; do printf '%s\\n' \"$RUBBISH\" >&3; done\n";
    char path[4096];
    const char *folder = getenv("SYNSTEP_BUILDDIR");
    snprintf(path, sizeof path, "%s/tests/test_far_puppet_control.impostor", folder ? folder : ".");
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    must(file >= 0 && write(file, script, strlen(script)) == (ssize_t)strlen(script));
    close(file);
    must(setenv("SYNSTEP_PUPPET", path, 1) == 0);
}

PRIVATE_TEST(test_far_puppet_control_answers_that_cannot_be_read_are_told)
{
    static const char *const rubbish[] = {
        "",
        "ready",
        "done zz",
        "done 0",
        "done 00 00",
        "donee",
        "end 5",
        "end",
        "look",
        "look A B C D E",
        "look NOWHERE - - 0 -",
        "look CLOSED 1 - 0 -",
        "look CLOSED x 2 0 -",
        "look CLOSED 4294967296 2 0 -",
        "look CLOSED - - x -",
        "failure",
        "not-yet-",
        "\xff",
    };
    struct ss_far_command look = {.verb = SS_FAR_LOOK};
    struct ss_problem problem;
    struct ss_far_puppet_options options = {.network_namespace = -1};
    must(private_enter());
    use_impostor();
    for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
        must(setenv("RUBBISH", rubbish[i], 1) == 0);
        must(ss_far_puppet_open(&options, &far, &problem) == SS_OK, "%s", problem.text);
        must(ss_far_command(far, &look, &answer, &problem) == SS_IO, "'%s' was taken", rubbish[i]);
        must(strstr(problem.text, "cannot be read"), "%s", problem.text);
        ss_far_close(far);
    }
    must(unlink(getenv("SYNSTEP_PUPPET")) == 0);
}

static Suite *far_puppet_control_suite(void)
{
    Suite *suite = suite_create("far_puppet_control");
    TCase *cases = tcase_create("control");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_far_puppet_control_lines_that_make_no_sense_are_told);
    tcase_add_test(cases,
                   test_far_puppet_control_line_without_end_is_refused_and_the_next_is_heard);
    tcase_add_test(cases, test_far_puppet_control_lines_cut_anywhere_have_one_answer_each);
    tcase_add_test(cases, test_far_puppet_control_garbage_has_an_answer_for_each_line);
    tcase_add_test(cases, test_far_puppet_control_wrong_usage_is_told);
    tcase_add_loop_test(cases, test_far_puppet_control_killed_parent_leaves_nothing, 0, 2);
    tcase_add_test(cases, test_far_puppet_control_killed_meanwhile_is_an_error_and_no_hang);
    tcase_add_test(cases, test_far_puppet_control_closed_ends_it);
    tcase_add_test(cases, test_far_puppet_control_address_that_cannot_be_used_is_told);
    tcase_add_test(cases, test_far_puppet_control_program_that_is_not_there_is_named);
    tcase_add_test(cases, test_far_puppet_control_ordinary_user_sees_the_state_and_no_numbers);
    tcase_add_test(cases, test_far_puppet_control_answers_that_cannot_be_read_are_told);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    return private_main(far_puppet_control_suite);
}
