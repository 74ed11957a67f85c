/* private: tests that need privileges get them in a user and network namespace of their own.
 *
 * Each such test is a function that `private_run` calls in a child process of its own, root in
 * namespaces that end with it. It states what must hold by `must`, and not by Check's assertions,
 * whose reports would not find their way out of that child. */
#ifndef SS_TESTS_PRIVATE_H
#define SS_TESTS_PRIVATE_H

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"

/* Ends the child, with the place and the words, unless the condition holds. */
#define must(condition, ...)                                                                       \
    ((condition) ? (void)0 : private_fail(__FILE__, __LINE__, #condition, " " __VA_ARGS__))

__attribute__((format(printf, 4, 5))) static inline _Noreturn void
private_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list words;
    int error = errno;
    fprintf(stderr, "# %s:%d: %s does not hold (errno: %s) ", file, line, condition,
            strerror(error));
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fprintf(stderr, "\n");
    _exit(1);
}

static inline bool private_write(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool written = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    if (file >= 0)
        close(file);
    return written;
}

/* Root in a user namespace of one's own; false where that is forbidden. */
static inline bool private_enter_user(void)
{
    char map[32];
    uid_t user = getuid();
    gid_t group = getgid();
    if (unshare(CLONE_NEWUSER) != 0)
        return false;
    (void)private_write("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", user);
    if (!private_write("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof map, "0 %u 1", group);
    return private_write("/proc/self/gid_map", map);
}

/* A network of one's own, whose loopback is up. Root needs no user namespace for it. */
static inline bool private_enter(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) != 0 && (!private_enter_user() || unshare(CLONE_NEWNET) != 0))
        return false;
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = any >= 0 && ioctl(any, SIOCSIFFLAGS, &request) == 0;
    close(any);
    return up;
}

/* Calls `body` in a child; true when it came to its end. */
static inline bool private_child(void (*body)(int), int index)
{
    int how = -1;
    pid_t child = fork();
    if (child == 0) {
        body(index);
        _exit(0);
    }
    while (waitpid(child, &how, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

/* The same as the ordinary user that root becomes for it: Debian's "nobody". */
static inline void private_become_ordinary(void)
{
    enum { NOBODY = 65534 };
    if (getuid() == 0)
        must(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

/* Has a program found in the build folder: `make check` says where that is. */
static inline void private_use_built(const char *variable, const char *name)
{
    char path[4096];
    const char *folder = getenv("SYNSTEP_BUILDDIR");
    snprintf(path, sizeof path, "%s/src/%s", folder ? folder : ".", name);
    must(getenv(variable) || setenv(variable, path, 1) == 0);
    must(access(getenv(variable), X_OK) == 0, "build %s first", name);
}

static inline void private_use_built_peer(void)
{
    private_use_built("SYNSTEP_PEER", "synstep-peer");
}

/* Whether private namespaces are to be had here: tried in a child, which alone is changed by it. */
static inline bool private_permitted(void)
{
    int how = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(private_enter() ? 0 : 1);
    return child > 0 && waitpid(child, &how, 0) == child && how == 0;
}

/*
 * check_main, or one loud SKIP for the whole suite where nobody gets private namespaces. The suite
 * is made only afterwards: a child that ends without it would look like a leak to valgrind.
 */
static inline int private_main(Suite *(*make_suite)(void))
{
    if (private_permitted())
        return check_main(make_suite());
    printf("1..0 # SKIP private namespaces are not permitted here: run as root, or allow them\n");
    return 0;
}

/* A test case of Check's that runs `body` in a private child. */
#define PRIVATE_TEST(name)                                                                         \
    static void name##_body(int index);                                                            \
    START_TEST(name)                                                                               \
    {                                                                                              \
        ck_assert(private_child(name##_body, _i));                                                 \
    }                                                                                              \
    END_TEST                                                                                       \
    static void name##_body(__attribute__((unused)) int index)

#endif
