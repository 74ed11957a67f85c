/*
 * forbidden: finds the sysctl that stands in the way, and names the ways around it.
 */
#include "forbidden.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* A sysctl that forbids unprivileged namespaces, its forbidding value, and the mend. */
struct gate {
    const char *path;
    const char *forbids;
    const char *mend;
};

static const struct gate gates[] = {
    {"/proc/sys/kernel/unprivileged_userns_clone", "0",
     "sudo sysctl kernel.unprivileged_userns_clone=1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
     "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {"/proc/sys/user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000"},
    {"/proc/sys/user/max_net_namespaces", "0", "sudo sysctl user.max_net_namespaces=10000"},
};

static bool reads(const char *path, const char *value)
{
    char text[16] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, value) == 0;
}

/* The one that applies here; without any, a container's seccomp filter or a limit is the likely
 * one.
 */
static const char *mend(void)
{
    for (size_t each = 0; each < sizeof gates / sizeof *gates; each++) {
        if (reads(gates[each].path, gates[each].forbids))
            return gates[each].mend;
    }
    return "user.max_user_namespaces raised, or a container run with --privileged";
}

/* user_namespaces(7): both mean that user.max_*_namespaces leaves no room, which may be 0. */
static const char *reason(int error)
{
    return error == ENOSPC || error == EUSERS ? "the limit of namespaces is reached"
                                              : strerror(error);
}

enum ss_status ss_forbidden_namespaces(int error, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_FORBIDDEN,
                          "private hosts are not permitted (%s): run it with sudo; or 'sudo setcap "
                          "cap_net_raw,cap_net_admin+ep' on synstep and use --loopback; or %s",
                          reason(error), mend());
}

enum ss_status ss_forbidden_raw(const char *detail, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_FORBIDDEN,
                          "raw sockets are not permitted (%s): run it with sudo; or 'sudo setcap "
                          "cap_net_raw,cap_net_admin+ep' on synstep; or without a target, in "
                          "private hosts",
                          detail);
}
