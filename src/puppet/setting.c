/* setting: socket options by name, the first number, and the sysctls of a private network
 * namespace. */
#include "setting.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 256 };

struct option {
    const char *name;
    int level;
    int option;
};

static const struct option options[] = {
    {"cork", IPPROTO_TCP, TCP_CORK},
    {"defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE},
    {"keepcnt", IPPROTO_TCP, TCP_KEEPCNT},
    {"keepidle", IPPROTO_TCP, TCP_KEEPIDLE},
    {"keepintvl", IPPROTO_TCP, TCP_KEEPINTVL},
    {"linger", SOL_SOCKET, SO_LINGER},
    {"linger2", IPPROTO_TCP, TCP_LINGER2},
    {"maxseg", IPPROTO_TCP, TCP_MAXSEG},
    {"nodelay", IPPROTO_TCP, TCP_NODELAY},
    {"oobinline", SOL_SOCKET, SO_OOBINLINE},
    {"quickack", IPPROTO_TCP, TCP_QUICKACK},
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF},
    {"syncnt", IPPROTO_TCP, TCP_SYNCNT},
    {"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT},
    {"window_clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP},
};

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static int set_option(int fd, const struct option *option, int value)
{
    const struct linger linger = {.l_onoff = value >= 0, .l_linger = value >= 0 ? value : 0};
    if (option->level == SOL_SOCKET && option->option == SO_LINGER)
        return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return setsockopt(fd, option->level, option->option, &value, sizeof value);
}

/*
 * The first number of the connection that `connect` makes. A socket in repair mode takes one for
 * its send queue; out of that mode again, connect(2) keeps it, unless it is 0, which stands for
 * none.
 */
static struct puppet_answer set_isn(struct puppet *puppet, int fd, uint32_t isn)
{
    enum { REPAIR_ON = 1, REPAIR_OFF = -1, QUEUE_SEND = 2 };
    const int on = REPAIR_ON, off = REPAIR_OFF, queue = QUEUE_SEND, reuse = 1;
    if (isn == 0)
        return puppet_cannot("this kernel takes a first number of 0 for none");
    if (puppet->connection >= 0 || puppet->listener >= 0)
        return puppet_cannot("the first number is set before connect");
    const bool is_set = setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) == 0 &&
                        setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof queue) == 0 &&
                        setsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &isn, sizeof isn) == 0;
    const int trouble = errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof off);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse); /* repair clears it */
    return is_set ? puppet_done() : puppet_failed(puppet, trouble);
}

struct puppet_answer puppet_set(struct puppet *puppet, const char *name, int64_t value)
{
    const struct option *option = find(name);
    const bool is_isn = strcmp(name, "isn") == 0;
    if (option == NULL && !is_isn)
        return puppet_cannot("there is no socket option of that name");
    /* A number modulo 2^32 may stand for a negative one. */
    if (value < INT32_MIN || value > (int64_t)UINT32_MAX)
        return puppet_failed(puppet, EINVAL);
    const int fd = puppet_socket(puppet);
    if (fd >= 0 && is_isn)
        return set_isn(puppet, fd, (uint32_t)value);
    if (fd < 0 || set_option(fd, option, (int)(uint32_t)value) != 0)
        return puppet_failed(puppet, errno);
    if (option->option == SO_SNDBUF && option->level == SOL_SOCKET)
        puppet->is_sndbuf_chosen = true;
    return puppet_done();
}

/* "net.ipv4.tcp_sack" to "/proc/sys/net/ipv4/tcp_sack"; false for anything that leads elsewhere. */
static bool sysctl_path(const char *name, char path[PATH_BYTES])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-.";
    const size_t length = strlen(name);
    if (strncmp(name, "net.", 4) != 0 || strstr(name, "..") != NULL || name[length - 1] == '.' ||
        name[strspn(name, allowed)] != '\0')
        return false;
    const int made = snprintf(path, PATH_BYTES, "/proc/sys/%s", name);
    if (made < 0 || made >= PATH_BYTES)
        return false;
    for (char *c = path; *c != '\0'; c++)
        if (*c == '.')
            *c = '/';
    return true;
}

struct puppet_answer puppet_sysctl(struct puppet *puppet, const char *name, const uint8_t *value,
                                   size_t length)
{
    char path[PATH_BYTES];
    if (!puppet->is_private)
        return puppet_cannot("sysctls are set in a private network namespace only");
    if (!sysctl_path(name, path))
        return puppet_cannot("the name of a sysctl is net. and what follows, without '..' and '/'");
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return puppet_failed(puppet, errno);
    const ssize_t written = write(file, value, length);
    const int trouble = errno;
    close(file);
    if (written != (ssize_t)length)
        return puppet_failed(puppet, written < 0 ? trouble : EINVAL);
    return puppet_done();
}
