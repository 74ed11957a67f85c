/*
 * companion_child: enters the far host, keeps two capabilities and four descriptors, and becomes
 * the other program.
 */
#include "companion_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "synstep/privilege.h"

enum {
    CONTROL_DESCRIPTOR = 3,
    OUT_OF_THE_WAY = 16, /* above the descriptors that are about to be replaced */
    ARGUMENTS_MAX = 32,
    EXIT_NOT_STARTED = 127,
};

static bool beside_this_program(const char *name, char path[SS_COMPANION_PATH_SIZE])
{
    char own[SS_COMPANION_PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length <= 0 || (size_t)length == sizeof own - 1)
        return false;
    own[length] = '\0';
    char *slash = strrchr(own, '/');
    if (!slash)
        return false;
    slash[1] = '\0';
    return snprintf(path, SS_COMPANION_PATH_SIZE, "%s%s", own, name) < SS_COMPANION_PATH_SIZE;
}

bool ss_companion_path(const struct ss_companion_program *program,
                       char path[SS_COMPANION_PATH_SIZE])
{
    const char *told = secure_getenv(program->variable);
    if (!told || told[0] == '\0')
        return beside_this_program(program->name, path);
    return snprintf(path, SS_COMPANION_PATH_SIZE, "%s", told) < SS_COMPANION_PATH_SIZE;
}

/* Standard error is the file of words by then. */
static _Noreturn void give_up(const char *what)
{
    dprintf(STDERR_FILENO, "%s: %s\n", what, strerror(errno));
    _exit(EXIT_NOT_STARTED);
}

static void place(int descriptor, int at)
{
    if (dup2(descriptor, at) < 0)
        give_up("cannot set up descriptors");
}

/* 0 and 1 to nowhere, 2 to the words, 3 the control socket; everything else closed. */
static void arrange_descriptors(const struct ss_companion_birth *birth)
{
    int control = fcntl(birth->control, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    int words = fcntl(birth->words, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    place(words, STDERR_FILENO);
    place(nowhere, STDIN_FILENO);
    place(nowhere, STDOUT_FILENO);
    place(control, CONTROL_DESCRIPTOR);
    (void)close_range(CONTROL_DESCRIPTOR + 1, ~0U, 0);
}

/*
 * Its own process group: the ^C that ends the run is for the run, which closes its connection to
 * the peer first. It dies with its parent even when that is killed.
 */
static void cut_loose(pid_t parent)
{
    sigset_t none;
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &usual, NULL); /* what exec would pass on: the ignored ones */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(EXIT_NOT_STARTED); /* it died before it could be told */
}

/*
 * The witness needs CAP_NET_ADMIN (tcp(7), TCP_REPAIR), a low port CAP_NET_BIND_SERVICE; these are
 * passed on, and being root is to give no others. Where they are not had, the witness says so.
 */
static void keep_two_capabilities(void)
{
    static const cap_value_t kept[] = {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE};
    cap_t now = cap_get_proc();
    if (!now)
        return;
    for (size_t each = 0; each < sizeof kept / sizeof *kept; each++) {
        cap_flag_value_t had = CAP_CLEAR;
        (void)cap_get_flag(now, kept[each], CAP_PERMITTED, &had);
        (void)cap_set_flag(now, CAP_INHERITABLE, 1, &kept[each], had);
    }
    (void)cap_set_proc(now);
    cap_free(now);
    (void)cap_set_secbits(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
    for (size_t each = 0; each < sizeof kept / sizeof *kept; each++)
        (void)cap_set_ambient(kept[each], CAP_SET);
}

static _Noreturn void run(const struct ss_companion_birth *birth)
{
    char control[32];
    const char *arguments[ARGUMENTS_MAX + 1] = {birth->path, control};
    size_t count = 2;
    (void)snprintf(control, sizeof control, "--control-fd=%d", CONTROL_DESCRIPTOR);
    const char *const *more = birth->program->arguments;
    while (*more && count < ARGUMENTS_MAX)
        arguments[count++] = *more++;
    arguments[count] = NULL;
    /* execv takes pointers to char for history's sake: it writes to none of them. */
    execv(birth->path, (char *const *)(void *)arguments);
    give_up(birth->path);
}

_Noreturn void ss_companion_become(const struct ss_companion_birth *birth)
{
    int network_namespace = birth->program->network_namespace;
    cut_loose(birth->parent);
    ss_privilege_raise();
    if (network_namespace >= 0 && setns(network_namespace, CLONE_NEWNET) != 0) {
        dprintf(birth->words, "cannot enter the far host: %s\n", strerror(errno));
        _exit(EXIT_NOT_STARTED);
    }
    arrange_descriptors(birth);
    keep_two_capabilities();
    run(birth);
}
